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
    /* A restored size that was never possible must not be believed. */
    if (q->size > VIRTQUEUE_LARGEST || (q->size & (q->size - 1)))
        q->size = 0;
    if (q->broken && !q->fault)
        q->fault = "its state was saved like that";
}

void virtqueue_chain_state(struct virtqueue_chain *chain, struct state_walk *walk)
{
    unsigned count;

    STATE(walk, chain, head);
    STATE(walk, chain, readable);
    STATE(walk, chain, writable);
    STATE(walk, chain, readable_bytes);
    STATE(walk, chain, writable_bytes);
    count = chain->readable + chain->writable;
    if (count > VIRTQUEUE_SEGMENTS)
        count = chain->readable = chain->writable = 0;
    if (count > chain->room) {
        chain->segments = machine_reallocate(chain->segments, count * sizeof *chain->segments);
        chain->room = count;
    }
    for (unsigned i = 0; i < count; i++) {
        STATE(walk, &chain->segments[i], address);
        STATE(walk, &chain->segments[i], bytes);
    }
}

void virtio_state(struct channel_device *channel, struct state_walk *walk)
{
    struct virtio_device *d = (struct virtio_device *)channel;
    uint8_t revision = (uint8_t)d->revision;

    state_group(walk, d->class->name, channel->number);
    state_u8(walk, "revision", &revision);
    d->revision = (int8_t)revision;
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
