/* SPDX-License-Identifier: MIT */
/** Checkpoints: the machine as it was at a moment, and how it becomes that again. */
#include "libsienna/checkpoint.h"

#include <stdlib.h>

#include "channel/block_image.h"
#include "channel/block_overlay.h"
#include "channel/channel.h"
#include "channel/virtio_9p.h"
#include "channel/virtio_blk.h"
#include "libsienna/machine_state.h"
#include "machine/input.h"

void checkpoint_begin_tracking(struct sienna *s)
{
    if (!s->tracking)
        storage_track_begin(&s->track, s->machine.storage);
    s->tracking = true;
}

uint64_t sienna_checkpoints_bytes(const struct sienna *s)
{
    return s->checkpoint_bytes + (s->tracking ? s->track.bytes : 0);
}

uint64_t sienna_checkpoint_bytes(const struct sienna_checkpoint *c) { return c->added_bytes; }
uint64_t sienna_checkpoint_time(const struct sienna_checkpoint *c) { return c->time; }
uint64_t sienna_checkpoint_position(const struct sienna_checkpoint *c) { return c->position; }

static void note_cpus(const struct sienna *s, struct sienna_checkpoint *c)
{
    c->cpus = s->machine.cpus->count;
    for (unsigned i = 0; i < c->cpus; i++) {
        const struct cpu *cpu = s->machine.cpus->cpu[i];

        c->cpu[i] = (struct sienna_snapshot_cpu){cpu->configured, cpu->state == CPU_OPERATING, cpu_level(cpu),
                                                 cpu_psw_mask(cpu), cpu->ia};
    }
}

struct sienna_checkpoint *sienna_checkpoint(struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    const char *gap = machine_state_gap(s);
    struct sienna_checkpoint *c;
    struct state_saver saver;
    uint64_t before;

    if (gap) {
        problem_set(problem, "the state cannot be taken while an event '%s' is pending", gap);
        return NULL;
    }
    c = machine_allocate(sizeof *c);
    checkpoint_begin_tracking(s);
    before = sienna_checkpoints_bytes(s);
    c->time = s->machine.now;
    c->position = cpus_position(s->machine.cpus);
    state_saver_begin(&saver);
    machine_state(s, &saver.walk);
    c->state = machine_reallocate(saver.bytes, saver.count);
    c->state_bytes = saver.count;
    note_cpus(s, c);
    checkpoint_note_devices(s, c);
    c->storage = storage_version_take(&s->track);
    s->checkpoint_bytes += sizeof *c + c->state_bytes;
    c->added_bytes = sienna_checkpoints_bytes(s) - before;
    return c;
}

void sienna_checkpoint_release(struct sienna *s, struct sienna_checkpoint *c)
{
    if (!c)
        return;
    for (unsigned i = 0; i < c->devices; i++) {
        overlay_version_release(c->device[i].disk);
        free(c->device[i].as);
    }
    if (c->storage)
        storage_version_release(&s->track, c->storage);
    s->checkpoint_bytes -= sizeof *c + c->state_bytes;
    free(c->device);
    free(c->state);
    free(c);
}

/* ---- Going back ---- */

bool sienna_may_go_back(const struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    const struct machine *m = &s->machine;

    for (uint32_t i = 0; i < channel_subchannels(m); i++) {
        const struct channel_device *device = channel_device_at(m, 0x10000 | i);
        const struct block_image *image = device ? virtio_blk_image(device) : NULL;
        const char *folder = device && !input_replaying(m) ? virtio_9p_writable(device) : NULL;

        if (image && block_image_writes_host(image))
            return problem_set(problem, "the guest writes to disk image '%.300s', which cannot go back: start with "
                               "-snapshot, or give the disk snapshot=on", block_image_path(image));
        if (folder)
            return problem_set(problem, "the guest can change the shared folder '%.300s', which cannot go back: "
                               "share it with readonly=on", folder);
    }
    return true;
}

bool sienna_may_jump(const struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    if (input_recording(&s->machine))
        return problem_set(problem, "the run is recorded, and a recording has no jumps: start without -record");
    if (input_replaying(&s->machine))
        return problem_set(problem, "a replay goes where its recording goes: start it with -history to go back in it");
    return sienna_may_go_back(s, problem);
}

/* False with a sentence; the machine is then neither what it was nor what it was to be. */
static bool become(struct sienna *s, struct sienna_checkpoint *c, char *problem)
{
    struct state_loader loader;

    if (!checkpoint_set_devices(s, c, problem))
        return false;
    storage_version_restore(&s->track, c->storage);
    state_loader_begin(&loader, c->state, c->state_bytes);
    machine_state(s, &loader.walk);
    if (!state_loader_end(&loader))
        return problem_set(problem, "%s", loader.problem);
    checkpoint_restore_disks(s, c);
    machine_restored(s);
    return true;
}

bool sienna_checkpoint_restore(struct sienna *s, struct sienna_checkpoint *c, char problem[SIENNA_PROBLEM_BYTES])
{
    struct sienna_checkpoint *before = NULL;
    char again[SIENNA_PROBLEM_BYTES];
    bool done;

    if (!sienna_may_go_back(s, problem))
        return false;
    checkpoint_begin_tracking(s);
    /* Only what is believed cannot fail half-way. */
    if (c->foreign || !checkpoint_same_devices(s, c))
        before = sienna_checkpoint(s, again);
    done = become(s, c, problem);
    if (!done && before && !become(s, before, again))
        machine_log(&s->machine, LOG_ERROR, "the machine could not be put back as it was: %s", again);
    sienna_checkpoint_release(s, before);
    return done;
}
