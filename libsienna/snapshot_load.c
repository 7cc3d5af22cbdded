/* SPDX-License-Identifier: MIT */
/** Reading a file into a checkpoint, which is then restored. Nothing in the file is believed. */
#include <stdlib.h>

#include "channel/block_image.h"
#include "channel/block_overlay.h"
#include "channel/channel.h"
#include "channel/virtio_blk.h"
#include "libsienna/snapshot_file.h"

/* A file being read: what has come, and what may come next. */
struct load {
    struct sienna *sienna;             /**< NULL: the file is only checked */
    struct snapshot_reader reader;
    struct snapshot_head *head;
    struct sienna_checkpoint *checkpoint;
    uint64_t next_block, blocks;
    uint32_t disk;                     /**< the device whose clusters came last */
    uint64_t next_cluster;
};

/* ---- Sections ---- */

static bool take_state(struct load *l)
{
    struct sienna_checkpoint *c = l->checkpoint;

    if (l->reader.count > SNAPSHOT_STATE_MOST - c->state_bytes)
        return snapshot_damaged(&l->reader, "its state is too long");
    c->state = machine_reallocate(c->state, c->state_bytes + l->reader.count);
    memcpy(c->state + c->state_bytes, l->reader.bytes, l->reader.count);
    c->state_bytes += l->reader.count;
    return true;
}

static bool take_block(struct load *l, const uint8_t *from, size_t left, size_t *used)
{
    struct storage_block_state block = {0};
    uint64_t number;

    if (left < BLOCK_HEAD)
        return snapshot_damaged(&l->reader, "a block is incomplete");
    number = get_be32(from);
    block.key = from[4];
    block.usage = from[5];
    block.offline = from[6] & BLOCK_OFFLINE;
    *used = BLOCK_HEAD + (from[6] & BLOCK_DATA ? PAGE_BYTES : 0);
    if (left < *used)
        return snapshot_damaged(&l->reader, "a block is incomplete");
    if (number < l->next_block || number >= l->head->info.storage_bytes >> PAGE_SHIFT ||
        (from[6] & ~(BLOCK_OFFLINE | BLOCK_DATA)) || (block.key & 1) || block.usage > STORAGE_USAGE_MOST)
        return snapshot_damaged(&l->reader, "a block of storage cannot be");
    l->next_block = number + 1;
    l->blocks += (from[6] & BLOCK_DATA) != 0;
    block.bytes = from[6] & BLOCK_DATA ? from + BLOCK_HEAD : NULL;
    if (l->sienna)
        storage_version_put(&l->sienna->track, l->checkpoint->storage, number, &block);
    return true;
}

static bool take_storage(struct load *l)
{
    size_t used = 0;

    for (size_t at = 0; at < l->reader.count; at += used)
        if (!take_block(l, l->reader.bytes + at, l->reader.count - at, &used))
            return false;
    return true;
}

static bool take_cluster(struct load *l, const uint8_t *from, size_t left, size_t *used)
{
    uint64_t clusters = (l->head->info.device[l->disk].disk_bytes + OVERLAY_CLUSTER - 1) / OVERLAY_CLUSTER, number;
    int failed;

    *used = CLUSTER_HEAD + (left >= CLUSTER_HEAD && from[8] ? OVERLAY_CLUSTER : 0);
    if (left < *used || from[8] > 1)
        return snapshot_damaged(&l->reader, "a part of a disk is incomplete");
    number = get_be64(from);
    if (number < l->next_cluster || number >= clusters)
        return snapshot_damaged(&l->reader, "a part of a disk is not where it should be");
    l->next_cluster = number + 1;
    if (!l->sienna)
        return true;
    failed = overlay_version_put(l->checkpoint->device[l->disk].disk, number, from[8] ? from + CLUSTER_HEAD : NULL);
    return !failed || problem_set(l->reader.problem, "the overlay of a disk cannot be written: %s", strerror(failed));
}

static bool take_disk(struct load *l)
{
    const uint8_t *bytes = l->reader.bytes;
    uint32_t disk;
    size_t used = 0;

    if (l->reader.count < 4)
        return snapshot_damaged(&l->reader, "a disk is incomplete");
    disk = get_be32(bytes);
    if (disk >= l->head->info.devices || disk < l->disk || !l->head->place[disk].overlay)
        return snapshot_damaged(&l->reader, "it has a disk that is none");
    if (disk != l->disk)
        l->next_cluster = 0;
    l->disk = disk;
    for (size_t at = 4; at < l->reader.count; at += used)
        if (!take_cluster(l, bytes + at, l->reader.count - at, &used))
            return false;
    return true;
}

/* Sections come in the order of their tags' places here. */
static bool take_sections(struct load *l)
{
    static const struct {
        uint32_t tag;
        bool (*take)(struct load *l);
    } kinds[] = {{SECTION_STATE, take_state}, {SECTION_STORAGE, take_storage}, {SECTION_DISK, take_disk}};
    unsigned kind = 0;

    for (;;) {
        if (!snapshot_next(&l->reader))
            return false;
        if (l->reader.tag == SECTION_END)
            break;
        while (kind < 3 && kinds[kind].tag != l->reader.tag)
            kind++;
        if (kind == 3)
            return snapshot_damaged(&l->reader, "a section is unknown or out of order");
        if (!kinds[kind].take(l))
            return false;
    }
    return l->blocks == l->head->info.blocks || snapshot_damaged(&l->reader, "blocks of storage are missing");
}

/* ---- The machine that the state is for ---- */

/* The disk is the same, and has an overlay where the state has one. */
static bool prepare_disk(struct load *l, struct checkpoint_device *d, uint64_t digest)
{
    const struct channel_device *device = channel_device_numbered(&l->sienna->machine, d->number);
    struct block_image *image = device && !strcmp(checkpoint_device_type(device), d->type) ? virtio_blk_image(device)
                                                                                            : NULL;
    uint64_t present;

    if (!image)
        return true; /* that it is missing is told later */
    if (!block_image_digest(image, &present, l->reader.problem))
        return false;
    if (present != digest || block_image_size(image) != d->disk_bytes)
        return problem_set(l->reader.problem, "disk image '%.300s' is not what it was when the state was taken",
                           block_image_path(image));
    d->disk = block_image_version_new(image);
    return true;
}

static bool prepare_device(struct load *l, unsigned i)
{
    struct checkpoint_device *d = &l->checkpoint->device[i];
    const struct sienna_snapshot_device *from = &l->head->info.device[i];

    d->subchannel = l->head->place[i].subchannel;
    d->number = (uint16_t)from->number;
    strcpy(d->type, from->type);
    d->disk_bytes = from->disk_bytes;
    if (d->disk_bytes && !prepare_disk(l, d, l->head->place[i].disk_digest))
        return false;
    if (!d->disk && from->overlay_bytes)
        return problem_set(l->reader.problem, "the state holds what was written to disk fe.0.%04x, which this machine "
                           "has not, or not with -snapshot", d->number);
    if (!d->disk && l->head->place[i].overlay)
        l->head->place[i].overlay = false;
    return true;
}

static bool prepare(struct load *l)
{
    struct sienna *s = l->sienna;
    struct sienna_checkpoint *c = l->checkpoint;

    if (l->head->info.storage_bytes != s->machine.storage->size)
        return problem_set(l->reader.problem, "the state is of a machine with %llu MiB of storage, this one has %llu",
                           (unsigned long long)(l->head->info.storage_bytes >> 20),
                           (unsigned long long)(s->machine.storage->size >> 20));
    if (l->head->info.cpus != s->machine.cpus->count)
        return problem_set(l->reader.problem, "the state is of a machine with %u CPUs, this one has %u",
                           l->head->info.cpus, s->machine.cpus->count);
    checkpoint_begin_tracking(s);
    c->foreign = true;
    c->storage = storage_version_new(&s->track);
    c->subchannels = l->head->subchannels;
    c->devices = l->head->info.devices;
    c->device = machine_allocate(c->devices * sizeof *c->device);
    for (unsigned i = 0; i < c->devices; i++)
        if (!prepare_device(l, i))
            return false;
    return true;
}

/* The sizes in the head bound what follows. */
static bool head_possible(struct load *l)
{
    const struct sienna_snapshot_info *info = &l->head->info;

    if (!info->storage_bytes || info->storage_bytes % (1 << 20) || info->storage_bytes >> PAGE_SHIFT > UINT32_MAX)
        return snapshot_damaged(&l->reader, "its size of storage cannot be");
    return true;
}

bool sienna_load_state(struct sienna *s, const char *file, char problem[SIENNA_PROBLEM_BYTES])
{
    struct load l = {.sienna = s};
    bool done;

    if (!sienna_may_go_back(s, problem) || !snapshot_open(&l.reader, file, problem))
        return false;
    l.head = machine_allocate(sizeof *l.head);
    l.checkpoint = machine_allocate(sizeof *l.checkpoint);
    done = snapshot_read_head(&l.reader, l.head) && head_possible(&l) && prepare(&l) && take_sections(&l);
    snapshot_close(&l.reader);
    s->checkpoint_bytes += sizeof *l.checkpoint + l.checkpoint->state_bytes;
    done = done && sienna_checkpoint_restore(s, l.checkpoint, problem);
    sienna_checkpoint_release(s, l.checkpoint);
    free(l.head);
    return done;
}

bool sienna_snapshot_info(const char *file, struct sienna_snapshot_info *info, char problem[SIENNA_PROBLEM_BYTES])
{
    struct load l = {.sienna = NULL};
    bool done;

    if (!snapshot_open(&l.reader, file, problem))
        return false;
    l.head = machine_allocate(sizeof *l.head);
    l.checkpoint = machine_allocate(sizeof *l.checkpoint);
    done = snapshot_read_head(&l.reader, l.head) && head_possible(&l) && take_sections(&l);
    snapshot_close(&l.reader);
    *info = l.head->info;
    free(l.checkpoint->state);
    free(l.checkpoint);
    free(l.head);
    return done;
}
