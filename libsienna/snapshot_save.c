/* SPDX-License-Identifier: MIT */
/** Writing a checkpoint to a file. */
#include <stdlib.h>
#include <time.h>

#include "channel/block_image.h"
#include "channel/block_overlay.h"
#include "channel/channel.h"
#include "channel/sclp.h"
#include "channel/virtio_blk.h"
#include "libsienna/snapshot_file.h"

/* Reproducible files take their date from outside, as https://reproducible-builds.org wants it. */
static uint64_t today(void)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");

    return epoch ? strtoull(epoch, NULL, 10) : (uint64_t)time(NULL);
}

static uint64_t overlay_bytes(const struct overlay_version *v)
{
    uint8_t data[OVERLAY_CLUSTER];
    uint64_t bytes = 0;

    for (uint64_t c = 0; v && c < overlay_version_clusters(v); c++)
        bytes += overlay_version_get(v, c, data) != CLUSTER_OF_BASE ? OVERLAY_CLUSTER : 0;
    return bytes;
}

static void describe_cpus(struct sienna *s, const struct sienna_checkpoint *c, struct sienna_snapshot_info *info)
{
    info->cpus = c->cpus;
    memcpy(info->cpu, c->cpu, sizeof info->cpu);
    info->storage_bytes = s->machine.storage->size;
    info->standby_bytes = sclp_features(&s->machine)->standby_bytes;
    for (uint64_t f = 0; f < s->machine.storage->size >> PAGE_SHIFT; f++) {
        struct storage_block_state block;

        info->blocks += storage_version_get(c->storage, f, &block) && block.bytes;
    }
}

/* Digests of images tell whether an overlay lies on the same disk again. */
static bool describe_devices(struct sienna *s, const struct sienna_checkpoint *c, struct snapshot_head *head,
                             char *problem)
{
    if (c->devices > SIENNA_SNAPSHOT_DEVICES)
        return problem_set(problem, "a file has room for %d devices", SIENNA_SNAPSHOT_DEVICES);
    head->info.devices = c->devices;
    head->subchannels = c->subchannels;
    for (unsigned i = 0; i < c->devices; i++) {
        const struct checkpoint_device *d = &c->device[i];
        struct sienna_snapshot_device *to = &head->info.device[i];
        struct channel_device *device = channel_device_numbered(&s->machine, d->number);
        struct block_image *image = device ? virtio_blk_image(device) : NULL;

        snprintf(to->type, sizeof to->type, "%s", d->type);
        to->number = d->number;
        to->disk_bytes = d->disk_bytes;
        to->overlay_bytes = overlay_bytes(d->disk);
        head->place[i].subchannel = d->subchannel;
        head->place[i].overlay = d->disk;
        if (!d->disk_bytes)
            continue;
        if (!image)
            return problem_set(problem, "disk fe.0.%04x is no longer there, and its image is wanted", d->number);
        if (!block_image_digest(image, &head->place[i].disk_digest, problem))
            return false;
    }
    return true;
}

static void write_head(struct snapshot_writer *w, struct snapshot_head *head)
{
    struct state_saver saver;

    state_saver_begin(&saver);
    snapshot_head(head, &saver.walk);
    snapshot_section(w, SECTION_HEAD);
    memcpy(snapshot_room(w, saver.count, NULL, 0), saver.bytes, saver.count);
    free(saver.bytes);
}

static void write_state(struct snapshot_writer *w, const struct sienna_checkpoint *c)
{
    snapshot_section(w, SECTION_STATE);
    for (size_t at = 0; at < c->state_bytes; at += SECTION_MOST) {
        size_t n = c->state_bytes - at < SECTION_MOST ? c->state_bytes - at : SECTION_MOST;

        memcpy(snapshot_room(w, n, NULL, 0), c->state + at, n);
    }
}

static void write_storage(struct snapshot_writer *w, const struct sienna_checkpoint *c, uint64_t blocks)
{
    snapshot_section(w, SECTION_STORAGE);
    for (uint64_t f = 0; f < blocks && !w->failed; f++) {
        struct storage_block_state block;
        uint8_t *to;

        if (!storage_version_get(c->storage, f, &block))
            continue;
        to = snapshot_room(w, BLOCK_HEAD + (block.bytes ? PAGE_BYTES : 0), NULL, 0);
        put_be32(to, (uint32_t)f);
        to[4] = block.key;
        to[5] = block.usage;
        to[6] = (uint8_t)((block.offline ? BLOCK_OFFLINE : 0) | (block.bytes ? BLOCK_DATA : 0));
        if (block.bytes)
            memcpy(to + BLOCK_HEAD, block.bytes, PAGE_BYTES);
    }
}

static bool write_disk(struct snapshot_writer *w, unsigned index, const struct overlay_version *v)
{
    uint8_t data[OVERLAY_CLUSTER], place[4];

    put_be32(place, index);
    snapshot_section(w, SECTION_DISK);
    for (uint64_t c = 0; c < overlay_version_clusters(v) && !w->failed; c++) {
        enum overlay_cluster kind = overlay_version_get(v, c, data);
        uint8_t *to;

        if (kind == CLUSTER_UNREADABLE)
            return problem_set(w->problem, "the overlay of a disk cannot be read back");
        if (kind == CLUSTER_OF_BASE)
            continue;
        to = snapshot_room(w, CLUSTER_HEAD + (kind == CLUSTER_OF_DATA ? OVERLAY_CLUSTER : 0), place, sizeof place);
        put_be64(to, c);
        to[8] = kind == CLUSTER_OF_DATA;
        if (kind == CLUSTER_OF_DATA)
            memcpy(to + CLUSTER_HEAD, data, OVERLAY_CLUSTER);
    }
    return true;
}

static bool write_all(struct sienna *s, const struct sienna_checkpoint *c, struct snapshot_head *head,
                      const char *file, char *problem)
{
    struct snapshot_writer w;
    bool done = true;

    if (!snapshot_create(&w, file, problem))
        return false;
    write_head(&w, head);
    write_state(&w, c);
    write_storage(&w, c, s->machine.storage->size >> PAGE_SHIFT);
    for (unsigned i = 0; i < c->devices && done; i++)
        if (c->device[i].disk)
            done = write_disk(&w, i, c->device[i].disk);
    w.failed |= !done;
    return snapshot_finish(&w);
}

static bool save(struct sienna *s, const struct sienna_checkpoint *c, const char *file, const char *name,
                 char *problem)
{
    struct snapshot_head *head = machine_allocate(sizeof *head);
    bool done;

    snprintf(head->info.version, sizeof head->info.version, "%s", SIENNA_VERSION);
    snprintf(head->info.name, sizeof head->info.name, "%s", name ? name : "");
    head->info.date = today();
    head->info.time = c->time;
    head->info.position = c->position;
    describe_cpus(s, c, &head->info);
    done = describe_devices(s, c, head, problem) && write_all(s, c, head, file, problem);
    free(head);
    return done;
}

bool sienna_checkpoint_save(struct sienna *s, const struct sienna_checkpoint *c, const char *file, const char *name,
                            char problem[SIENNA_PROBLEM_BYTES])
{
    /* Of images that are written to nothing but the present contents is there. */
    for (unsigned i = 0; i < c->devices; i++)
        if (c->device[i].host_written && (c->position != cpus_position(s->machine.cpus) || c->time != s->machine.now))
            return problem_set(problem, "the disk images that this state belongs to have been written to since");
    return save(s, c, file, name, problem);
}

bool sienna_save(struct sienna *s, const char *file, const char *name, char problem[SIENNA_PROBLEM_BYTES])
{
    struct sienna_checkpoint *c = sienna_checkpoint(s, problem);
    bool done = c && save(s, c, file, name, problem);

    sienna_checkpoint_release(s, c);
    return done;
}
