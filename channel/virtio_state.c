/* SPDX-License-Identifier: MIT */
/* The state of virtio devices: transport, queues and chains in progress. */
#include "channel/virtio.h"
#include "machine/state.h"

static void queue_state(struct virtqueue *q, struct state_walk *walk)
{
    STATE(walk, q, descriptors);
    STATE(walk, q, available);
    STATE(walk, q, used);
    STATE(walk, q, size);
    STATE(walk, q, big_endian);
    STATE(walk, q, event_index);
    STATE(walk, q, indirect);
    STATE(walk, q, broken);
    STATE(walk, q, next_available);
    STATE(walk, q, next_used);
    STATE(walk, q, told_used);
    /* Addresses are looked at with each access: only a size that was never possible must not be believed. */
    state_check(walk, q->size <= q->largest && !(q->size & (q->size - 1)), "its queue has no such size");
    if (walk->restoring)
        q->fault = q->broken ? "it was broken already when its state was saved" : NULL;
}

/* Segments were found to be in storage when the chain was taken. */
static void check_chain(struct state_walk *walk, const struct virtqueue *q, const struct virtqueue_chain *chain)
{
    uint64_t bytes[2] = {0};

    for (unsigned i = 0; i < chain->readable + chain->writable; i++) {
        const struct virtqueue_segment *s = &chain->segments[i];

        bytes[i >= chain->readable] += s->bytes;
        state_check(walk, storage_valid(q->storage, absolute(s->address), s->bytes), "a request lies outside storage");
    }
    state_check(walk, bytes[0] == chain->readable_bytes && bytes[1] == chain->writable_bytes,
                "a request has not the length of its parts");
}

void virtqueue_chain_state(struct virtqueue_chain *chain, const struct virtqueue *q, struct state_walk *walk)
{
    enum { LEAST_SEGMENT_BYTES = 30 };
    unsigned count;

    STATE(walk, chain, head);
    STATE(walk, chain, readable);
    STATE(walk, chain, writable);
    STATE(walk, chain, readable_bytes);
    STATE(walk, chain, writable_bytes);
    count = chain->readable + chain->writable;
    if (walk->restoring && (count > VIRTQUEUE_SEGMENTS || count > walk->room / LEAST_SEGMENT_BYTES)) {
        state_check(walk, false, "a request has too many parts");
        count = chain->readable = chain->writable = 0;
    }
    if (count > chain->room) {
        chain->segments = machine_reallocate(chain->segments, count * sizeof *chain->segments);
        memset(chain->segments, 0, count * sizeof *chain->segments);
        chain->room = count;
    }
    for (unsigned i = 0; i < count; i++) {
        STATE(walk, &chain->segments[i], address);
        STATE(walk, &chain->segments[i], bytes);
    }
    if (walk->restoring)
        check_chain(walk, q, chain);
}

/* A driver goes on with what it was offered. */
static void check_offer(const struct virtio_device *d, struct state_walk *walk)
{
    uint64_t offered = d->offered;

    state_u64(walk, "offered", &offered);
    state_check(walk, offered == d->offered, "the devices offer different features");
}

void virtio_state(struct channel_device *channel, struct state_walk *walk)
{
    struct virtio_device *d = (struct virtio_device *)channel;
    uint8_t revision = (uint8_t)d->revision;

    state_group(walk, d->class->name, channel->number);
    state_u8(walk, "revision", &revision);
    d->revision = (int8_t)revision;
    state_check(walk, d->revision >= -1 && d->revision <= 2, "there is no such transport revision");
    if (walk->complete)
        check_offer(d, walk);
    STATE(walk, d, accepted);
    STATE(walk, d, status);
    STATE(walk, d, queue_indicators);
    STATE(walk, d, config_indicators);
    state_bool(walk, "adapter_active", &d->adapter.active);
    state_u64(walk, "adapter_indicator", &d->adapter.indicator);
    state_u64(walk, "adapter_summary", &d->adapter.summary);
    state_u64(walk, "adapter_bit", &d->adapter.bit);
    state_u8(walk, "adapter_isc", &d->adapter.isc);
    d->adapter.isc &= 7;
    for (unsigned i = 0; i < d->class->queues; i++) {
        state_group(walk, "queue", i);
        queue_state(&d->queues[i], walk);
    }
    if (d->class->state)
        d->class->state(d, walk);
}
