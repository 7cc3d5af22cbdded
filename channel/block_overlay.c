/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "channel/block_overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channel/block_file.h"
#include "machine/machine.h"

enum { CLUSTER = 4096 };

struct block_overlay {
    int base, file;
    uint64_t size, end;
    uint8_t *present; /* one bit per cluster: the overlay holds it whole */
};

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
    struct block_overlay *o;
    int file = create_file(folder);

    if (file < 0)
        return NULL;
    o = machine_allocate(sizeof *o);
    *o = (struct block_overlay){.base = base, .file = file, .size = size, .end = end};
    o->present = machine_allocate((size + 8 * CLUSTER - 1) / (8 * CLUSTER));
    return o;
}

void block_overlay_release(struct block_overlay *o)
{
    if (!o)
        return;
    close(o->file);
    free(o->present);
    free(o);
}

static bool present(const struct block_overlay *o, uint64_t cluster)
{
    return o->present[cluster / 8] >> (cluster % 8) & 1;
}

/* Bytes from `offset` on, at most `bytes`, whose clusters are alike (all present or all absent). */
static uint64_t run_length(const struct block_overlay *o, uint64_t bytes, uint64_t offset)
{
    uint64_t cluster = offset / CLUSTER, n = CLUSTER - offset % CLUSTER;

    while (n < bytes && present(o, offset / CLUSTER) == present(o, cluster + 1)) {
        n += CLUSTER;
        cluster++;
    }
    return n < bytes ? n : bytes;
}

int block_overlay_read(struct block_overlay *o, uint8_t *data, uint64_t bytes, uint64_t offset)
{
    while (bytes) {
        uint64_t n = run_length(o, bytes, offset);
        int failed = present(o, offset / CLUSTER) ? block_file_read(o->file, data, n, offset, 0)
                                                  : block_file_read(o->base, data, n, offset, o->end);

        if (failed)
            return failed;
        data += n;
        bytes -= n;
        offset += n;
    }
    return 0;
}

/* Bring the cluster that holds `offset` into the overlay. */
static int bring(struct block_overlay *o, uint64_t offset)
{
    uint64_t start = offset - offset % CLUSTER;
    uint64_t n = o->size - start < CLUSTER ? o->size - start : CLUSTER;
    uint8_t data[CLUSTER];
    int failed;

    if (present(o, start / CLUSTER))
        return 0;
    failed = block_file_read(o->base, data, n, start, o->end);
    if (!failed)
        failed = block_file_write(o->file, data, n, start);
    if (!failed)
        o->present[start / CLUSTER / 8] |= (uint8_t)(1 << (start / CLUSTER % 8));
    return failed;
}

/* Clusters that the range covers only in part must be there before it is changed. */
static int bring_edges(struct block_overlay *o, uint64_t bytes, uint64_t offset)
{
    uint64_t last = offset + bytes;
    int failed = 0;

    if (offset % CLUSTER)
        failed = bring(o, offset);
    if (!failed && last % CLUSTER && last < o->size)
        failed = bring(o, last);
    return failed;
}

static void mark(struct block_overlay *o, uint64_t bytes, uint64_t offset)
{
    for (uint64_t c = offset / CLUSTER; c <= (offset + bytes - 1) / CLUSTER; c++)
        o->present[c / 8] |= (uint8_t)(1 << (c % 8));
}

int block_overlay_write(struct block_overlay *o, const uint8_t *data, uint64_t bytes, uint64_t offset)
{
    int failed = bytes ? bring_edges(o, bytes, offset) : 0;

    if (!failed)
        failed = block_file_write(o->file, data, bytes, offset);
    if (!failed && bytes)
        mark(o, bytes, offset);
    return failed;
}

int block_overlay_zero(struct block_overlay *o, uint64_t bytes, uint64_t offset)
{
    int failed = bytes ? bring_edges(o, bytes, offset) : 0;

    if (!failed)
        failed = block_file_zero(o->file, bytes, offset, true);
    if (!failed && bytes)
        mark(o, bytes, offset);
    return failed;
}
