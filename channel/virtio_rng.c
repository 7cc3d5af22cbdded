/* SPDX-License-Identifier: MIT */
#include "channel/virtio_rng.h"

#include "channel/virtio.h"

enum { LARGEST = 4096 }; /* bytes given for one buffer; a device may give fewer than asked for */

struct virtio_rng {
    struct virtio_device virtio;
    struct random_source source;
    struct virtqueue_chain chain;
};

static struct virtio_rng *rng(struct virtio_device *device)
{
    return (struct virtio_rng *)device;
}

static void notify(struct virtio_device *device, unsigned queue)
{
    struct virtio_rng *d = rng(device);
    uint8_t bytes[LARGEST];

    while (virtio_take(device, queue, &d->chain)) {
        size_t n = d->chain.writable_bytes < LARGEST ? (size_t)d->chain.writable_bytes : LARGEST;

        random_source_read(&d->source, bytes, n);
        virtqueue_write(&device->queues[queue], &d->chain, 0, bytes, n);
        virtqueue_give(&device->queues[queue], d->chain.head, (uint32_t)n);
    }
    virtio_interrupt(device, queue);
}

static void state(struct virtio_device *device, struct state_walk *walk)
{
    random_source_state(&rng(device)->source, walk);
}

static void release(struct virtio_device *device)
{
    virtqueue_chain_release(&rng(device)->chain);
}

static const struct virtio_class virtio_rng_class = {
    .name = "virtio-rng-ccw",
    .type = VIRTIO_TYPE_RNG,
    .queues = 1,
    .queue_size = {8},
    .notify = notify,
    .state = state,
    .release = release,
};

struct channel_device *virtio_rng_create(struct machine *machine, const struct virtio_rng_parameters *p)
{
    struct virtio_rng *d = machine_allocate(sizeof *d);

    random_source_init(&d->source, p->seed);
    virtio_init(&d->virtio, machine, &virtio_rng_class, 0);
    return &d->virtio.channel;
}
