/* SPDX-License-Identifier: MIT */
/** Host files into absolute storage. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "libsienna/load.h"
#include "machine/host_file.h"

/* An ELF file may carry debugging data far beyond what is loaded; an endless file must not take the host down. */
static const uint64_t FILE_SURPLUS = 1ULL << 30;

uint8_t *load_file(struct load *l, const char *path, uint64_t *bytes)
{
    struct machine *m = &l->sienna->machine;
    int error;
    uint8_t *data = host_file_read(m, path, m->storage->size + FILE_SURPLUS, bytes, &error);

    if (data)
        return data;
    if (error == EFBIG)
        problem_set(l->problem, "'%s' is too big for %llu MiB of storage", path,
                    (unsigned long long)(m->storage->size >> 20));
    else
        problem_set(l->problem, "cannot %s '%s': %s", error == EISDIR || error == EIO ? "read" : "open", path,
                    strerror(error));
    return NULL;
}

static bool note_extent(struct load *l, const char *path, uint64_t from, uint64_t bytes)
{
    struct load_extent *e;

    for (unsigned i = 0; i < l->extent_count; i++) {
        e = &l->extents[i];
        if (from < e->to && e->from < from + bytes)
            return problem_set(l->problem, "'%s' at 0x%llx-0x%llx overlaps '%s' at 0x%llx-0x%llx", path,
                               (unsigned long long)from, (unsigned long long)(from + bytes - 1), e->file,
                               (unsigned long long)e->from, (unsigned long long)(e->to - 1));
    }
    if (l->extent_count == LOAD_EXTENTS)
        return problem_set(l->problem, "'%s' is one piece too many: at most %d are loaded", path, LOAD_EXTENTS);
    e = &l->extents[l->extent_count++];
    e->from = from;
    e->to = from + bytes;
    snprintf(e->file, sizeof e->file, "%s", path);
    if (e->to > l->highest)
        l->highest = e->to;
    return true;
}

bool load_put(struct load *l, const char *path, uint64_t at, const uint8_t *data, uint64_t bytes, uint64_t room)
{
    struct storage *storage = l->sienna->machine.storage;

    if (room < bytes)
        room = bytes;
    if (!room)
        return true;
    if (at > storage->size || room > storage->size - at || !storage_valid(storage, absolute(at), room))
        return problem_set(l->problem, "'%s' (%llu bytes at 0x%llx) does not fit into %llu MiB of storage", path,
                           (unsigned long long)room, (unsigned long long)at,
                           (unsigned long long)(storage->size >> 20));
    if (!note_extent(l, path, at, room))
        return false;
    if (bytes)
        storage_store(storage, absolute(at), data, bytes, 0);
    if (room > bytes) {
        storage_stored(storage, absolute(at + bytes), room - bytes, true);
        memset(storage_at(storage, absolute(at + bytes)), 0, room - bytes);
    }
    return true;
}
