/* SPDX-License-Identifier: MIT */
/**
 * The devices of a checkpoint. Between two checkpoints of a run devices may have come and gone: what is not there
 * any more is made again as it was made before. A file opens nothing on the host: its devices must be there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "channel/block_image.h"
#include "channel/block_overlay.h"
#include "channel/channel.h"
#include "channel/virtio.h"
#include "channel/virtio_blk.h"
#include "libsienna/checkpoint.h"
#include "libsienna/plugged.h"

const char *checkpoint_device_type(const struct channel_device *device)
{
    return device->operations == &virtio_ccw_operations ? ((const struct virtio_device *)device)->class->name
                                                        : device->operations->name;
}

static struct channel_device *device_on(const struct sienna *s, unsigned subchannel)
{
    return channel_device_at(&s->machine, 0x10000 | subchannel);
}

static void note(struct sienna *s, struct checkpoint_device *d, struct channel_device *device)
{
    const struct plugged *as = plugged_of(s, device);
    struct block_image *image = virtio_blk_image(device);

    d->number = device->number;
    snprintf(d->type, sizeof d->type, "%s", checkpoint_device_type(device));
    if (image) {
        d->disk_bytes = block_image_size(image);
        d->disk = block_image_version(image);
        d->host_written = block_image_writes_host(image);
    }
    if (as) {
        d->as = machine_allocate(sizeof *as + as->bytes);
        memcpy(d->as, as, sizeof *as + as->bytes);
    }
}

void checkpoint_note_devices(struct sienna *s, struct sienna_checkpoint *c)
{
    c->subchannels = channel_subchannels(&s->machine);
    c->device = machine_allocate(c->subchannels * sizeof *c->device);
    for (unsigned i = 0; i < c->subchannels; i++) {
        struct channel_device *device = device_on(s, i);

        if (!device)
            continue;
        c->device[c->devices].subchannel = i;
        note(s, &c->device[c->devices++], device);
    }
}

/* Is the device the one of the checkpoint, as far as can be told from outside? */
static bool is(const struct sienna *s, const struct channel_device *device, const struct checkpoint_device *d)
{
    const struct plugged *as = plugged_of(s, device);

    if (device->number != d->number || strcmp(checkpoint_device_type(device), d->type))
        return false;
    return !d->as || (as && as->port == d->as->port && as->bytes == d->as->bytes &&
                      !memcmp(as->text, d->as->text, as->bytes));
}

bool checkpoint_same_devices(const struct sienna *s, const struct sienna_checkpoint *c)
{
    unsigned next = 0;

    if (channel_subchannels(&s->machine) != c->subchannels)
        return false;
    for (unsigned i = 0; i < c->subchannels; i++) {
        const struct channel_device *device = device_on(s, i);
        const struct checkpoint_device *d = next < c->devices && c->device[next].subchannel == i ? &c->device[next++]
                                                                                                 : NULL;

        if (!device != !d || (d && !is(s, device, d)))
            return false;
    }
    return true;
}

/* ---- Other devices than there are ---- */

/* All devices off their subchannels: those that the checkpoint has by its order, the others behind them. */
struct pool {
    unsigned count;
    struct channel_device **wanted, **rest;
};

static void put(const struct sienna *s, const struct sienna_checkpoint *c, struct pool *p, struct channel_device *device)
{
    for (unsigned i = 0; i < c->devices; i++)
        if (!p->wanted[i] && is(s, device, &c->device[i])) {
            p->wanted[i] = device;
            return;
        }
    p->rest[p->count++] = device;
}

static void fill(struct sienna *s, const struct sienna_checkpoint *c, struct pool *p)
{
    unsigned subchannels = channel_subchannels(&s->machine);

    *p = (struct pool){0, machine_allocate(c->devices * sizeof *p->wanted),
                       machine_allocate(subchannels * sizeof *p->rest)};
    for (unsigned i = 0; i < subchannels; i++)
        if (device_on(s, i))
            put(s, c, p, device_on(s, i));
}

/* A file's devices must all be there, and no others. */
static bool complete(const struct sienna_checkpoint *c, const struct pool *p, char *problem)
{
    for (unsigned i = 0; i < c->devices; i++)
        if (!p->wanted[i] && !c->device[i].as)
            return problem_set(problem, "the state has a device %s fe.0.%04x that this machine does not have",
                               c->device[i].type, c->device[i].number);
    if (c->foreign && p->count)
        return problem_set(problem, "this machine has a device %s fe.0.%04x that the state does not have",
                           checkpoint_device_type(p->rest[0]), p->rest[0]->number);
    return true;
}

static void drop(struct sienna *s, struct channel_device *device)
{
    plugged_forget(s, device);
    device->operations->release(device);
}

static struct channel_device *make(struct sienna *s, const struct plugged *as, char *problem)
{
    struct channel_device *device = device_make(s, as, problem);
    struct sienna_setting settings[PLUGGED_SETTINGS];

    if (device)
        plugged_note(s, device, as->port, as->text, settings,
                     (unsigned)plugged_settings(as->text, as->bytes, settings));
    return device;
}

static bool exchange(struct sienna *s, const struct sienna_checkpoint *c, struct pool *p, char *problem)
{
    bool done = true;

    for (unsigned i = 0; i < channel_subchannels(&s->machine); i++)
        if (device_on(s, i))
            channel_unseat(&s->machine, device_on(s, i));
    for (unsigned i = 0; i < p->count; i++)
        drop(s, p->rest[i]);
    channel_resize(&s->machine, c->subchannels);
    for (unsigned i = 0; i < c->devices; i++) {
        const struct checkpoint_device *d = &c->device[i];

        if (!p->wanted[i])
            p->wanted[i] = make(s, d->as, problem);
        if (!p->wanted[i])
            done = false; /* the others have their places all the same */
        else if (!channel_seat(&s->machine, p->wanted[i], d->subchannel, d->number)) {
            drop(s, p->wanted[i]);
            done = problem_set(problem, "there is no channel path for device fe.0.%04x", d->number);
        }
    }
    return done;
}

bool checkpoint_set_devices(struct sienna *s, const struct sienna_checkpoint *c, char *problem)
{
    struct pool pool;
    bool done;

    if (checkpoint_same_devices(s, c))
        return true;
    fill(s, c, &pool);
    done = complete(c, &pool, problem) && exchange(s, c, &pool, problem);
    free(pool.wanted);
    free(pool.rest);
    return done;
}

void checkpoint_restore_disks(struct sienna *s, const struct sienna_checkpoint *c)
{
    for (unsigned i = 0; i < c->devices; i++)
        if (c->device[i].disk)
            block_image_restore(virtio_blk_image(device_on(s, c->device[i].subchannel)), c->device[i].disk);
}

bool sienna_disk_commit(struct sienna *s, int devno, char problem[SIENNA_PROBLEM_BYTES])
{
    unsigned committed = 0;

    for (unsigned i = 0; i < channel_subchannels(&s->machine); i++) {
        struct channel_device *device = device_on(s, i);
        struct block_image *image = device ? virtio_blk_image(device) : NULL;

        if (!image || (devno >= 0 ? device->number != devno : block_image_read_only(image) ||
                                                                  block_image_writes_host(image)))
            continue;
        if (!block_image_commit(image, problem))
            return false;
        committed++;
    }
    if (committed)
        return true;
    return devno < 0 ? problem_set(problem, "no disk has an overlay: none was opened with -snapshot")
                     : problem_set(problem, "there is no disk fe.0.%04x", (unsigned)devno);
}
