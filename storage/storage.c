/* SPDX-License-Identifier: MIT */
#include "storage/storage.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { INCREMENT = 1 << 20 };

static uint8_t *map(uint64_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

struct storage *storage_create(struct machine *machine, uint64_t bytes)
{
    struct storage *s = machine_allocate(sizeof *s);

    s->machine = machine;
    s->size = (bytes + INCREMENT - 1) & ~(uint64_t)(INCREMENT - 1);
    s->bytes = map(s->size);
    s->keys = map(s->size >> PAGE_SHIFT);
    s->frames = map(s->size >> PAGE_SHIFT);
    s->usage = map(s->size >> PAGE_SHIFT);
    s->stamp = (uint64_t *)map((s->size >> PAGE_SHIFT) * sizeof *s->stamp);
    s->chunk_stamp = (uint64_t *)map((s->size >> PAGE_SHIFT) / STORAGE_CHUNK_BLOCKS * sizeof *s->chunk_stamp);
    if (!s->size || !s->bytes || !s->keys || !s->frames || !s->usage || !s->stamp || !s->chunk_stamp) {
        storage_release(s);
        return NULL;
    }
    return s;
}

static void unmap(void *p, uint64_t bytes)
{
    if (p)
        munmap(p, bytes);
}

void storage_release(struct storage *s)
{
    if (!s)
        return;
    unmap(s->bytes, s->size);
    unmap(s->keys, s->size >> PAGE_SHIFT);
    unmap(s->frames, s->size >> PAGE_SHIFT);
    unmap(s->usage, s->size >> PAGE_SHIFT);
    unmap(s->stamp, (s->size >> PAGE_SHIFT) * sizeof *s->stamp);
    unmap(s->chunk_stamp, (s->size >> PAGE_SHIFT) / STORAGE_CHUNK_BLOCKS * sizeof *s->chunk_stamp);
    free(s);
}

bool storage_range_valid(const struct storage *s, struct absolute at, uint64_t bytes)
{
    if (at.v >= s->size || bytes > s->size - at.v)
        return false;
    if (bytes == 0)
        return true;
    for (uint64_t f = at.v >> PAGE_SHIFT; f <= (at.v + bytes - 1) >> PAGE_SHIFT; f++)
        if (s->frames[f] & FRAME_OFFLINE)
            return false;
    return true;
}

/* The part of [at, at+bytes) in block `f`. */
static void tell_watched(const struct storage *s, uint64_t f, uint64_t at, uint64_t bytes, bool store)
{
    uint64_t from = f << PAGE_SHIFT > at ? f << PAGE_SHIFT : at;
    uint64_t to = (f + 1) << PAGE_SHIFT < at + bytes ? (f + 1) << PAGE_SHIFT : at + bytes;

    s->watched(s->machine, absolute(from), to - from, store);
}

void storage_stored(struct storage *s, struct absolute at, uint64_t bytes, bool keys)
{
    if (bytes == 0)
        return;
    for (uint64_t f = at.v >> PAGE_SHIFT; f <= (at.v + bytes - 1) >> PAGE_SHIFT; f++) {
        if ((s->frames[f] & FRAME_CODE) && s->code_changed) {
            uint64_t from = f << PAGE_SHIFT > at.v ? f << PAGE_SHIFT : at.v;
            uint64_t to = (f + 1) << PAGE_SHIFT < at.v + bytes ? (f + 1) << PAGE_SHIFT : at.v + bytes;

            s->code_changed(s->machine, absolute(from), to - from);
        }
        if (unlikely(s->frames[f] & FRAME_WATCHED) && s->watched)
            tell_watched(s, f, at.v, bytes, true);
        s->frames[f] |= FRAME_DIRTY;
        if (keys)
            s->keys[f] |= KEY_REFERENCE | KEY_CHANGE;
    }
}

void storage_discard(struct storage *s, struct absolute at, uint64_t bytes)
{
    bytes &= PAGE_MASK;
    if (at.v & ~PAGE_MASK || !bytes || !storage_valid(s, at, bytes))
        return;
    storage_stored(s, at, bytes, true);
    if (madvise(storage_at(s, at), bytes, MADV_DONTNEED) < 0)
        memset(storage_at(s, at), 0, bytes);
}

/* Zero when every block of the range may be accessed with the key. */
static enum storage_exception check(const struct storage *s, struct absolute at, uint64_t bytes, uint8_t key,
                                    bool store)
{
    if (!storage_valid(s, at, bytes))
        return STORAGE_ADDRESSING;
    if (key == 0 || bytes == 0)
        return STORAGE_OK;
    for (uint64_t f = at.v >> PAGE_SHIFT; f <= (at.v + bytes - 1) >> PAGE_SHIFT; f++)
        if (!key_permits(s->keys[f], key, store))
            return STORAGE_PROTECTION;
    return STORAGE_OK;
}

enum storage_exception storage_fetch(struct storage *s, struct absolute at, void *to, uint64_t bytes, uint8_t key)
{
    enum storage_exception e = check(s, at, bytes, key, false);

    if (e || bytes == 0)
        return e;
    for (uint64_t f = at.v >> PAGE_SHIFT; f <= (at.v + bytes - 1) >> PAGE_SHIFT; f++)
        s->keys[f] |= KEY_REFERENCE;
    for (uint64_t f = at.v >> PAGE_SHIFT; f <= (at.v + bytes - 1) >> PAGE_SHIFT; f++)
        if (unlikely(s->frames[f] & FRAME_WATCHED) && s->watched)
            tell_watched(s, f, at.v, bytes, false);
    memcpy(to, storage_at(s, at), bytes);
    return STORAGE_OK;
}

enum storage_exception storage_store(struct storage *s, struct absolute at, const void *from, uint64_t bytes,
                                     uint8_t key)
{
    enum storage_exception e = check(s, at, bytes, key, true);

    if (e || bytes == 0)
        return e;
    storage_stored(s, at, bytes, true);
    memcpy(storage_at(s, at), from, bytes);
    return STORAGE_OK;
}

static void take_offline(struct storage *s, struct absolute from, uint64_t bytes)
{
    uint64_t first = from.v >> PAGE_SHIFT, count = bytes >> PAGE_SHIFT;

    storage_stored(s, from, bytes, false);
    for (uint64_t f = first; f < first + count; f++) {
        if ((s->frames[f] & FRAME_MAPPED) && s->key_changed)
            s->key_changed(s->machine, absolute(f << PAGE_SHIFT));
        s->frames[f] |= FRAME_OFFLINE;
    }
    /* A fresh mapping is zero and costs the host nothing. */
    madvise(storage_at(s, from), bytes, MADV_DONTNEED);
    memset(s->keys + first, 0, count);
    memset(s->usage + first, 0, count);
}

void storage_set_online(struct storage *s, struct absolute from, uint64_t bytes, bool online)
{
    if (!online) {
        take_offline(s, from, bytes);
        return;
    }
    for (uint64_t f = from.v >> PAGE_SHIFT; f < (from.v + bytes) >> PAGE_SHIFT; f++)
        s->frames[f] &= (uint8_t)~FRAME_OFFLINE;
}

uint64_t storage_gather_dirty(struct storage *s)
{
    const uint64_t dirty = 0x0101010101010101 * FRAME_DIRTY;
    uint64_t generation = ++s->generation;
    bool any = false;

    for (uint64_t f = 0; f < s->size >> PAGE_SHIFT; f += 8) {
        uint64_t flags;

        memcpy(&flags, s->frames + f, sizeof flags);
        if (!(flags & dirty))
            continue;
        any = true;
        for (unsigned i = 0; i < 8; i++)
            if (s->frames[f + i] & FRAME_DIRTY)
                s->stamp[f + i] = generation;
        s->chunk_stamp[f / STORAGE_CHUNK_BLOCKS] = generation;
        flags &= ~dirty;
        memcpy(s->frames + f, &flags, sizeof flags);
    }
    if (any && s->dirty_cleared)
        s->dirty_cleared(s->machine);
    return generation;
}

bool storage_spy(const struct storage *s, struct absolute at, void *to, uint64_t bytes)
{
    if (!storage_valid(s, at, bytes))
        return false;
    memcpy(to, storage_at(s, at), bytes);
    return true;
}
