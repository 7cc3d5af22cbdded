/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "channel/block_overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channel/block_file.h"
#include "machine/machine.h"

enum { CLUSTER = OVERLAY_CLUSTER, CHUNK = 512 };
/* What a map says of a cluster; from SLOT_DATA on it is in slot number (value - SLOT_DATA) of the file. */
enum { SLOT_BASE, SLOT_ZEROS, SLOT_DATA };

/* 512 clusters of a map. */
struct chunk {
    unsigned references;
    uint32_t slot[CHUNK];
};

struct block_overlay {
    pthread_mutex_t lock;
    unsigned references, versions;
    int base, file;
    uint64_t size, end, clusters, chunks;
    struct chunk **map;         /* NULL: all of the base */
    uint32_t *slot_references;  /* chunks that name the slot */
    uint32_t slots, slot_room;
    uint32_t *unused;           /* slots without references */
    uint32_t unused_count, unused_room;
};

struct overlay_version {
    struct block_overlay *overlay;
    struct chunk *chunk[];
};

/* ---- Slots and maps ---- */

static uint32_t take_slot(struct block_overlay *o)
{
    uint32_t slot;

    if (o->unused_count) {
        slot = o->unused[--o->unused_count];
    } else {
        if (o->slots == o->slot_room) {
            o->slot_room = o->slot_room ? 2 * o->slot_room : 1024;
            o->slot_references = machine_reallocate(o->slot_references, o->slot_room * sizeof *o->slot_references);
        }
        slot = o->slots++;
    }
    o->slot_references[slot] = 1;
    return slot + SLOT_DATA;
}

static void release_slot(struct block_overlay *o, uint32_t value)
{
    uint32_t slot = value - SLOT_DATA;

    if (value < SLOT_DATA || --o->slot_references[slot])
        return;
    if (o->unused_count == o->unused_room) {
        o->unused_room = o->unused_room ? 2 * o->unused_room : 1024;
        o->unused = machine_reallocate(o->unused, o->unused_room * sizeof *o->unused);
    }
    o->unused[o->unused_count++] = slot;
}

static void release_chunk(struct block_overlay *o, struct chunk *c)
{
    if (!c || --c->references)
        return;
    for (unsigned i = 0; i < CHUNK; i++)
        release_slot(o, c->slot[i]);
    free(c);
}

static uint32_t slot_of(struct chunk *const *map, uint64_t cluster)
{
    const struct chunk *c = map[cluster / CHUNK];

    return c ? c->slot[cluster % CHUNK] : SLOT_BASE;
}

/* The chunk of a map, for being changed: nobody else's. */
static struct chunk *own_chunk(struct block_overlay *o, struct chunk **at)
{
    struct chunk *c = *at, *copy;

    if (c && c->references == 1)
        return c;
    copy = machine_allocate(sizeof *copy);
    copy->references = 1;
    if (c) {
        memcpy(copy->slot, c->slot, sizeof copy->slot);
        for (unsigned i = 0; i < CHUNK; i++)
            if (copy->slot[i] >= SLOT_DATA)
                o->slot_references[copy->slot[i] - SLOT_DATA]++;
        c->references--;
    }
    *at = copy;
    return copy;
}

static void set_slot(struct block_overlay *o, struct chunk **map, uint64_t cluster, uint32_t value)
{
    struct chunk *c = own_chunk(o, &map[cluster / CHUNK]);

    release_slot(o, c->slot[cluster % CHUNK]);
    c->slot[cluster % CHUNK] = value;
}

static uint64_t slot_offset(uint32_t value)
{
    return (uint64_t)(value - SLOT_DATA) * CLUSTER;
}

/* ---- Creation ---- */

static int create_file(const char *folder)
{
    const char *places[] = {folder, getenv("TMPDIR"), "/var/tmp"};
    int file = -1;

    for (unsigned i = 0; i < 3 && file < 0; i++)
        if (places[i] && *places[i])
            file = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0)
        file = memfd_create("sienna-overlay", MFD_CLOEXEC);
    return file;
}

struct block_overlay *block_overlay_create(int base, uint64_t size, uint64_t end, const char *folder)
{
    int file = create_file(folder), own = file < 0 || base < 0 ? -1 : fcntl(base, F_DUPFD_CLOEXEC, 0);
    struct block_overlay *o;

    if (file < 0 || (base >= 0 && own < 0)) {
        if (file >= 0)
            close(file);
        return NULL;
    }
    o = machine_allocate(sizeof *o);
    *o = (struct block_overlay){.references = 1, .base = own, .file = file, .size = size, .end = end};
    pthread_mutex_init(&o->lock, NULL);
    o->clusters = (size + CLUSTER - 1) / CLUSTER;
    o->chunks = (o->clusters + CHUNK - 1) / CHUNK;
    o->map = machine_allocate(o->chunks * sizeof *o->map);
    return o;
}

void block_overlay_release(struct block_overlay *o)
{
    unsigned left;

    if (!o)
        return;
    pthread_mutex_lock(&o->lock);
    left = --o->references;
    pthread_mutex_unlock(&o->lock);
    if (left)
        return;
    for (uint64_t i = 0; i < o->chunks; i++)
        release_chunk(o, o->map[i]);
    if (o->base >= 0)
        close(o->base);
    close(o->file);
    pthread_mutex_destroy(&o->lock);
    free(o->map);
    free(o->slot_references);
    free(o->unused);
    free(o);
}

/* ---- Reading and writing ---- */

/* Bytes from `offset` on, at most `bytes`, that are in one piece and of one kind. */
static uint64_t run_length(const struct block_overlay *o, uint64_t bytes, uint64_t offset)
{
    uint64_t cluster = offset / CLUSTER, n = CLUSTER - offset % CLUSTER;
    uint32_t expected = slot_of(o->map, cluster);

    for (; n < bytes; n += CLUSTER) {
        expected += expected >= SLOT_DATA;
        if (slot_of(o->map, ++cluster) != expected)
            break;
    }
    return n < bytes ? n : bytes;
}

static int read_run(const struct block_overlay *o, uint32_t slot, uint8_t *data, uint64_t bytes, uint64_t offset)
{
    if (slot == SLOT_BASE && o->base >= 0)
        return block_file_read(o->base, data, bytes, offset, o->end);
    if (slot >= SLOT_DATA)
        return block_file_read(o->file, data, bytes, slot_offset(slot) + offset % CLUSTER, 0);
    memset(data, 0, bytes);
    return 0;
}

static int read_locked(const struct block_overlay *o, uint8_t *data, uint64_t bytes, uint64_t offset)
{
    int failed = 0;

    while (bytes && !failed) {
        uint64_t n = run_length(o, bytes, offset);

        failed = read_run(o, slot_of(o->map, offset / CLUSTER), data, n, offset);
        data += n;
        bytes -= n;
        offset += n;
    }
    return failed;
}

int block_overlay_read(struct block_overlay *o, uint8_t *data, uint64_t bytes, uint64_t offset)
{
    int failed;

    pthread_mutex_lock(&o->lock);
    failed = read_locked(o, data, bytes, offset);
    pthread_mutex_unlock(&o->lock);
    return failed;
}

/* Give the cluster a slot that may be written; what `keep` says of its contents is there already. */
static int prepare(struct block_overlay *o, uint64_t cluster, bool keep)
{
    struct chunk *c = o->map[cluster / CHUNK];
    uint32_t old = slot_of(o->map, cluster), new;
    uint64_t at = cluster * CLUSTER, n = o->size - at < CLUSTER ? o->size - at : CLUSTER;
    uint8_t data[CLUSTER] = {0};
    int failed = 0;

    if (c && c->references == 1 && old >= SLOT_DATA && o->slot_references[old - SLOT_DATA] == 1)
        return 0;
    if (keep)
        failed = read_locked(o, data, n, at);
    if (failed)
        return failed;
    new = take_slot(o);
    if (keep)
        failed = block_file_write(o->file, data, CLUSTER, slot_offset(new));
    if (failed)
        release_slot(o, new);
    else
        set_slot(o, o->map, cluster, new);
    return failed;
}

/* Does [offset, offset + bytes) cover all of the cluster that is on the disk? */
static bool covers(const struct block_overlay *o, uint64_t cluster, uint64_t bytes, uint64_t offset)
{
    uint64_t from = cluster * CLUSTER, to = from + CLUSTER < o->size ? from + CLUSTER : o->size;

    return offset <= from && offset + bytes >= to;
}

static int write_locked(struct block_overlay *o, const uint8_t *data, uint64_t bytes, uint64_t offset)
{
    int failed = 0;

    for (uint64_t c = offset / CLUSTER; bytes && !failed && c <= (offset + bytes - 1) / CLUSTER; c++)
        failed = prepare(o, c, !covers(o, c, bytes, offset));
    while (bytes && !failed) {
        uint64_t n = run_length(o, bytes, offset);

        failed = block_file_write(o->file, data, n, slot_offset(slot_of(o->map, offset / CLUSTER)) + offset % CLUSTER);
        data += n;
        bytes -= n;
        offset += n;
    }
    return failed;
}

int block_overlay_write(struct block_overlay *o, const uint8_t *data, uint64_t bytes, uint64_t offset)
{
    int failed;

    pthread_mutex_lock(&o->lock);
    failed = write_locked(o, data, bytes, offset);
    pthread_mutex_unlock(&o->lock);
    return failed;
}

static int zero_locked(struct block_overlay *o, uint64_t bytes, uint64_t offset)
{
    static const uint8_t zeros[CLUSTER];
    int failed = 0;

    while (bytes && !failed) {
        uint64_t cluster = offset / CLUSTER, n = CLUSTER - offset % CLUSTER;

        n = n < bytes ? n : bytes;
        if (covers(o, cluster, bytes, offset))
            set_slot(o, o->map, cluster, SLOT_ZEROS);
        else
            failed = write_locked(o, zeros, n, offset);
        bytes -= n;
        offset += n;
    }
    return failed;
}

int block_overlay_zero(struct block_overlay *o, uint64_t bytes, uint64_t offset)
{
    int failed;

    pthread_mutex_lock(&o->lock);
    failed = zero_locked(o, bytes, offset);
    pthread_mutex_unlock(&o->lock);
    return failed;
}

/* ---- Versions ---- */

struct overlay_version *overlay_version_new(struct block_overlay *o)
{
    struct overlay_version *v = machine_allocate(sizeof *v + o->chunks * sizeof v->chunk[0]);

    v->overlay = o;
    pthread_mutex_lock(&o->lock);
    o->references++;
    o->versions++;
    pthread_mutex_unlock(&o->lock);
    return v;
}

struct overlay_version *overlay_version_take(struct block_overlay *o)
{
    struct overlay_version *v = overlay_version_new(o);

    pthread_mutex_lock(&o->lock);
    for (uint64_t i = 0; i < o->chunks; i++) {
        v->chunk[i] = o->map[i];
        if (v->chunk[i])
            v->chunk[i]->references++;
    }
    pthread_mutex_unlock(&o->lock);
    return v;
}

void overlay_version_release(struct overlay_version *v)
{
    struct block_overlay *o;

    if (!v)
        return;
    o = v->overlay;
    pthread_mutex_lock(&o->lock);
    for (uint64_t i = 0; i < o->chunks; i++)
        release_chunk(o, v->chunk[i]);
    o->versions--;
    pthread_mutex_unlock(&o->lock);
    block_overlay_release(o);
    free(v);
}

struct block_overlay *overlay_version_restore(struct overlay_version *v)
{
    struct block_overlay *o = v->overlay;

    pthread_mutex_lock(&o->lock);
    o->references++;
    for (uint64_t i = 0; i < o->chunks; i++) {
        if (v->chunk[i])
            v->chunk[i]->references++;
        release_chunk(o, o->map[i]);
        o->map[i] = v->chunk[i];
    }
    pthread_mutex_unlock(&o->lock);
    return o;
}

uint64_t overlay_version_clusters(const struct overlay_version *v)
{
    return v->overlay->clusters;
}

enum overlay_cluster overlay_version_get(const struct overlay_version *v, uint64_t cluster,
                                         uint8_t data[OVERLAY_CLUSTER])
{
    uint64_t rest = v->overlay->size - cluster * CLUSTER;
    uint32_t slot = slot_of(v->chunk, cluster);

    if (slot < SLOT_DATA)
        return slot == SLOT_ZEROS ? CLUSTER_OF_ZEROS : CLUSTER_OF_BASE;
    if (read_run(v->overlay, slot, data, CLUSTER, 0))
        return CLUSTER_UNREADABLE;
    if (rest < CLUSTER)
        memset(data + rest, 0, CLUSTER - rest);
    return CLUSTER_OF_DATA;
}

int overlay_version_put(struct overlay_version *v, uint64_t cluster, const uint8_t *data)
{
    struct block_overlay *o = v->overlay;
    uint32_t slot = SLOT_ZEROS;
    int failed = 0;

    pthread_mutex_lock(&o->lock);
    if (data) {
        slot = take_slot(o);
        failed = block_file_write(o->file, data, CLUSTER, slot_offset(slot));
    }
    if (failed)
        release_slot(o, slot);
    else
        set_slot(o, v->chunk, cluster, slot);
    pthread_mutex_unlock(&o->lock);
    return failed;
}

unsigned block_overlay_versions(struct block_overlay *o)
{
    unsigned n;

    pthread_mutex_lock(&o->lock);
    n = o->versions;
    pthread_mutex_unlock(&o->lock);
    return n;
}

static int commit_cluster(struct block_overlay *o, int file, uint64_t cluster)
{
    uint64_t at = cluster * CLUSTER, n = o->end - at < CLUSTER ? o->end - at : CLUSTER;
    uint8_t data[CLUSTER];
    int failed;

    if (at >= o->end || slot_of(o->map, cluster) == SLOT_BASE)
        return 0;
    failed = read_locked(o, data, n, at);
    return failed ? failed : block_file_write(file, data, n, at);
}

int block_overlay_commit(struct block_overlay *o, int file)
{
    int failed = 0;

    pthread_mutex_lock(&o->lock);
    for (uint64_t c = 0; c < o->clusters && !failed; c++)
        failed = commit_cluster(o, file, c);
    if (!failed)
        failed = block_file_sync(file);
    for (uint64_t i = 0; i < o->chunks && !failed; i++) {
        release_chunk(o, o->map[i]);
        o->map[i] = NULL;
    }
    pthread_mutex_unlock(&o->lock);
    return failed;
}
