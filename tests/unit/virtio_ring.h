/* SPDX-License-Identifier: MIT */
/** A driver's side of a virtqueue for tests: builds chains in storage by hand. */
#ifndef SIENNA_TESTS_VIRTIO_RING_H
#define SIENNA_TESTS_VIRTIO_RING_H

#include "storage/storage.h"

enum { RING_NEXT = 1, RING_WRITE = 2, RING_INDIRECT = 4 };

struct ring {
    struct storage *storage;
    uint64_t descriptors, available, used;
    uint16_t size, free_descriptor, made, seen;
    bool big_endian;
};

static inline void ring_put(const struct ring *r, uint64_t at, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        r->storage->bytes[at + i] = (uint8_t)(v >> 8 * (r->big_endian ? bytes - 1 - i : i));
}

static inline uint64_t ring_get(const struct ring *r, uint64_t at, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)r->storage->bytes[at + i] << 8 * (r->big_endian ? bytes - 1 - i : i);
    return v;
}

/** Rings at `base`: the legacy layout, which a modern driver may use as well. */
static inline struct ring ring_make(struct storage *storage, uint64_t base, uint16_t size, bool big_endian)
{
    struct ring r = {.storage = storage, .size = size, .big_endian = big_endian, .descriptors = base};

    r.available = base + 16 * (uint64_t)size;
    r.used = (r.available + 6 + 2 * (uint64_t)size + 4095) & ~4095ULL;
    memset(storage->bytes + base, 0, r.used + 6 + 8 * (uint64_t)size - base);
    return r;
}

static inline void ring_descriptor(const struct ring *r, uint64_t table, uint16_t index, uint64_t address,
                                   uint32_t bytes, uint16_t flags, uint16_t next)
{
    ring_put(r, table + 16 * index, address, 8);
    ring_put(r, table + 16 * index + 8, bytes, 4);
    ring_put(r, table + 16 * index + 12, flags, 2);
    ring_put(r, table + 16 * index + 14, next, 2);
}

static inline void ring_offer(struct ring *r, uint16_t head)
{
    ring_put(r, r->available + 4 + 2 * (r->made % r->size), head, 2);
    r->made++;
    ring_put(r, r->available + 2, r->made, 2);
}

struct ring_part {
    uint64_t address;
    uint32_t bytes;
    bool write;
};

/** Offer a chain of `count` parts, using up descriptors round the table. Returns its head. */
static inline uint16_t ring_add(struct ring *r, const struct ring_part *parts, unsigned count)
{
    uint16_t head = r->free_descriptor;

    for (unsigned i = 0; i < count; i++) {
        uint16_t at = (uint16_t)((head + i) % r->size), next = (uint16_t)((at + 1) % r->size);

        ring_descriptor(r, r->descriptors, at, parts[i].address, parts[i].bytes,
                        (uint16_t)((parts[i].write ? RING_WRITE : 0) | (i + 1 < count ? RING_NEXT : 0)),
                        next);
    }
    r->free_descriptor = (uint16_t)((head + count) % r->size);
    ring_offer(r, head);
    return head;
}

/** The next used element, or false. */
static inline bool ring_used(struct ring *r, uint32_t *head, uint32_t *bytes)
{
    uint64_t at = r->used + 4 + 8 * (uint64_t)(r->seen % r->size);

    if ((uint16_t)ring_get(r, r->used + 2, 2) == r->seen)
        return false;
    *head = (uint32_t)ring_get(r, at, 4);
    *bytes = (uint32_t)ring_get(r, at + 4, 4);
    r->seen++;
    return true;
}

#endif
