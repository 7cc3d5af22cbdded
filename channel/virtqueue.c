/* SPDX-License-Identifier: MIT */
#include "channel/virtqueue.h"

#include <stdlib.h>

enum {
    DESCRIPTOR_BYTES = 16,
    DESCRIPTOR_NEXT = 1,
    DESCRIPTOR_WRITE = 2,
    DESCRIPTOR_INDIRECT = 4,
    AVAILABLE_NO_INTERRUPT = 1,
    USED_NO_NOTIFY = 1,
};

struct descriptor {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags, next;
};

static bool fail(struct virtqueue *q, const char *fault)
{
    if (!q->broken) {
        q->broken = true;
        q->fault = fault;
    }
    return false;
}

static bool fetch(struct virtqueue *q, uint64_t at, void *to, uint64_t bytes)
{
    if (storage_fetch(q->storage, absolute(at), to, bytes, 0) == STORAGE_OK)
        return true;
    return fail(q, "a ring lies outside storage");
}

static bool store(struct virtqueue *q, uint64_t at, const void *from, uint64_t bytes)
{
    if (storage_store(q->storage, absolute(at), from, bytes, 0) == STORAGE_OK)
        return true;
    return fail(q, "a ring lies outside storage");
}

static uint16_t fetch16(struct virtqueue *q, uint64_t at)
{
    uint16_t v = 0;

    fetch(q, at, &v, sizeof v);
    return virtqueue_get16(q, v);
}

static void store16(struct virtqueue *q, uint64_t at, uint16_t v)
{
    v = virtqueue_get16(q, v);
    store(q, at, &v, sizeof v);
}

/* Where the fields of the rings are. The event fields lie behind the ring of the other side. */
static uint64_t available_ring(const struct virtqueue *q, uint16_t index)
{
    return q->available + 4 + 2 * (uint64_t)(index & (q->size - 1));
}

static uint64_t used_event(const struct virtqueue *q)
{
    return q->available + 4 + 2 * (uint64_t)q->size;
}

static uint64_t used_ring(const struct virtqueue *q, uint16_t index)
{
    return q->used + 4 + 8 * (uint64_t)(index & (q->size - 1));
}

static uint64_t available_event(const struct virtqueue *q)
{
    return q->used + 4 + 8 * (uint64_t)q->size;
}

void virtqueue_reset(struct virtqueue *q)
{
    *q = (struct virtqueue){.storage = q->storage, .largest = q->largest};
}

static bool place_rings(struct virtqueue *q, uint16_t size, uint64_t descriptors, uint64_t available,
                        uint64_t used)
{
    if (!storage_valid(q->storage, absolute(descriptors), DESCRIPTOR_BYTES * (uint64_t)size) ||
        !storage_valid(q->storage, absolute(available), 6 + 2 * (uint64_t)size) ||
        !storage_valid(q->storage, absolute(used), 6 + 8 * (uint64_t)size))
        return false;
    q->descriptors = descriptors;
    q->available = available;
    q->used = used;
    q->size = size;
    q->next_available = q->next_used = q->told_used = 0;
    q->broken = false;
    q->fault = NULL;
    return true;
}

static bool size_permitted(const struct virtqueue *q, uint16_t size)
{
    return size <= q->largest && size <= VIRTQUEUE_LARGEST && (size & (size - 1)) == 0;
}

bool virtqueue_set(struct virtqueue *q, uint16_t size, uint64_t descriptors, uint64_t available,
                   uint64_t used)
{
    if (size == 0) {
        q->size = 0;
        return true;
    }
    if (!size_permitted(q, size) || descriptors % 16 || available % 2 || used % 4)
        return false;
    return place_rings(q, size, descriptors, available, used);
}

bool virtqueue_set_legacy(struct virtqueue *q, uint16_t size, uint64_t base, uint32_t alignment)
{
    uint64_t available = base + DESCRIPTOR_BYTES * (uint64_t)size;
    uint64_t used;

    if (size == 0 || base == 0) {
        q->size = 0;
        return true;
    }
    if (!size_permitted(q, size) || alignment == 0 || (alignment & (alignment - 1)) || base % alignment ||
        alignment < 16)
        return false;
    used = (available + 6 + 2 * (uint64_t)size + alignment - 1) & ~(uint64_t)(alignment - 1);
    return place_rings(q, size, base, available, used);
}

static bool fetch_descriptor(struct virtqueue *q, uint64_t table, uint16_t index, struct descriptor *d)
{
    if (!fetch(q, table + DESCRIPTOR_BYTES * (uint64_t)index, d, DESCRIPTOR_BYTES))
        return false;
    d->address = virtqueue_get64(q, d->address);
    d->bytes = virtqueue_get32(q, d->bytes);
    d->flags = virtqueue_get16(q, d->flags);
    d->next = virtqueue_get16(q, d->next);
    return true;
}

void virtqueue_chain_release(struct virtqueue_chain *chain)
{
    free(chain->segments);
    *chain = (struct virtqueue_chain){0};
}

static bool add_segment(struct virtqueue *q, struct virtqueue_chain *chain, const struct descriptor *d)
{
    unsigned n = chain->readable + chain->writable;

    if (n == VIRTQUEUE_SEGMENTS)
        return fail(q, "a descriptor chain is too long");
    if (d->bytes && !storage_valid(q->storage, absolute(d->address), d->bytes))
        return fail(q, "a buffer lies outside storage");
    if (n == chain->room) {
        chain->room = n ? 2 * n : 8;
        chain->segments = machine_reallocate(chain->segments, chain->room * sizeof *chain->segments);
    }
    chain->segments[n] = (struct virtqueue_segment){d->address, d->bytes};
    if (d->flags & DESCRIPTOR_WRITE) {
        chain->writable++;
        chain->writable_bytes += d->bytes;
    } else if (chain->writable) {
        return fail(q, "a readable buffer follows a writable one");
    } else {
        chain->readable++;
        chain->readable_bytes += d->bytes;
    }
    return true;
}

/* Descriptors of one table from `index` on; at most `entries` of them, so a loop ends. */
static bool walk(struct virtqueue *q, struct virtqueue_chain *chain, uint64_t table, uint32_t entries,
                 uint16_t index, bool inner)
{
    struct descriptor d;

    for (uint32_t seen = 0;; seen++) {
        if (index >= entries)
            return fail(q, "a descriptor number is too large");
        if (seen == entries)
            return fail(q, "a descriptor chain loops");
        if (!fetch_descriptor(q, table, index, &d))
            return false;
        if (d.flags & DESCRIPTOR_INDIRECT) {
            if (inner || !q->indirect)
                return fail(q, "an indirect descriptor stands where none may");
            if (d.bytes == 0 || d.bytes % DESCRIPTOR_BYTES || (d.flags & DESCRIPTOR_NEXT))
                return fail(q, "an indirect descriptor is malformed");
            if (!storage_valid(q->storage, absolute(d.address), d.bytes))
                return fail(q, "an indirect table lies outside storage");
            return walk(q, chain, d.address, d.bytes / DESCRIPTOR_BYTES, 0, true);
        }
        if (!add_segment(q, chain, &d))
            return false;
        if (!(d.flags & DESCRIPTOR_NEXT))
            return true;
        index = d.next;
    }
}

uint16_t virtqueue_waiting(struct virtqueue *q)
{
    uint16_t waiting;

    if (q->size == 0 || q->broken)
        return 0;
    waiting = (uint16_t)(fetch16(q, q->available + 2) - q->next_available);
    if (waiting > q->size)
        fail(q, "the available index jumped");
    return q->broken ? 0 : waiting;
}

bool virtqueue_take(struct virtqueue *q, struct virtqueue_chain *chain)
{
    uint16_t head;

    if (virtqueue_waiting(q) == 0) {
        virtqueue_want_notification(q, true);
        return false;
    }
    head = fetch16(q, available_ring(q, q->next_available));
    chain->head = head;
    chain->readable = chain->writable = 0;
    chain->readable_bytes = chain->writable_bytes = 0;
    if (q->broken || !walk(q, chain, q->descriptors, q->size, head, false))
        return false;
    q->next_available++;
    return true;
}

void virtqueue_untake(struct virtqueue *q)
{
    q->next_available--;
}

/* Move between `data` and `count` segments, skipping `offset` bytes of them. */
static uint64_t transfer(struct virtqueue *q, const struct virtqueue_segment *s, unsigned count,
                         uint64_t offset, uint8_t *data, uint64_t bytes, bool store_them)
{
    uint64_t done = 0;

    for (; count && done < bytes; count--, s++) {
        uint64_t n = s->bytes;
        enum storage_exception e;

        if (offset >= n) {
            offset -= n;
            continue;
        }
        n -= offset;
        if (n > bytes - done)
            n = bytes - done;
        e = store_them ? storage_store(q->storage, absolute(s->address + offset), data + done, n, 0)
                       : storage_fetch(q->storage, absolute(s->address + offset), data + done, n, 0);
        if (e != STORAGE_OK) {
            fail(q, "a buffer went out of storage");
            break;
        }
        done += n;
        offset = 0;
    }
    return done;
}

uint64_t virtqueue_read(struct virtqueue *q, const struct virtqueue_chain *chain, uint64_t offset, void *to,
                        uint64_t bytes)
{
    return transfer(q, chain->segments, chain->readable, offset, to, bytes, false);
}

uint64_t virtqueue_write(struct virtqueue *q, const struct virtqueue_chain *chain, uint64_t offset,
                         const void *from, uint64_t bytes)
{
    return transfer(q, chain->segments + chain->readable, chain->writable, offset, (uint8_t *)from, bytes,
                    true);
}

void virtqueue_place(struct virtqueue *q, unsigned position, uint16_t head, uint32_t written)
{
    uint32_t element[2] = {virtqueue_get32(q, head), virtqueue_get32(q, written)};

    if (q->size && !q->broken)
        store(q, used_ring(q, (uint16_t)(q->next_used + position)), element, sizeof element);
}

void virtqueue_publish(struct virtqueue *q, unsigned count)
{
    if (q->size == 0 || q->broken || count == 0)
        return;
    q->next_used = (uint16_t)(q->next_used + count);
    store16(q, q->used + 2, q->next_used);
}

void virtqueue_give(struct virtqueue *q, uint16_t head, uint32_t written)
{
    virtqueue_place(q, 0, head, written);
    virtqueue_publish(q, 1);
}

bool virtqueue_interrupts(struct virtqueue *q)
{
    uint16_t old = q->told_used, now = q->next_used, event;

    if (q->size == 0 || q->broken || old == now)
        return false;
    q->told_used = now;
    if (!q->event_index)
        return !(fetch16(q, q->available) & AVAILABLE_NO_INTERRUPT) && !q->broken;
    event = fetch16(q, used_event(q));
    return !q->broken && (uint16_t)(now - event - 1) < (uint16_t)(now - old);
}

void virtqueue_want_notification(struct virtqueue *q, bool wanted)
{
    if (q->size == 0 || q->broken)
        return;
    if (!q->event_index)
        store16(q, q->used, wanted ? 0 : USED_NO_NOTIFY);
    else if (wanted)
        store16(q, available_event(q), q->next_available);
}
