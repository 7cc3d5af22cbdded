/* SPDX-License-Identifier: MIT */
#include "channel/virtio.h"

#include <assert.h>

enum { CONTROL_UNIT_VIRTIO = 0x3832 };

void virtio_init(struct virtio_device *device, struct machine *machine, const struct virtio_class *class,
                 uint64_t offered)
{
    assert(class->queues <= VIRTIO_QUEUES && class->config_bytes <= VIRTIO_CONFIG_LARGEST);
    device->channel.operations = &virtio_ccw_operations;
    device->channel.machine = machine;
    device->channel.identity.control_unit_type = CONTROL_UNIT_VIRTIO;
    device->channel.identity.control_unit_model = (uint8_t)class->type;
    device->class = class;
    device->offered = offered | VIRTIO_F_ANY_LAYOUT | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX;
    device->revision = -1;
    for (unsigned i = 0; i < class->queues; i++) {
        device->queues[i].storage = machine->storage;
        device->queues[i].largest = class->queue_size[i];
    }
}

struct virtio_device *virtio_at(const struct machine *machine, uint32_t sid, const struct virtio_class *class)
{
    struct channel_device *channel = channel_device_at(machine, sid);
    struct virtio_device *device;

    if (!channel || channel->operations != &virtio_ccw_operations)
        return NULL;
    device = (struct virtio_device *)channel;
    return device->class == class ? device : NULL;
}

/* Classic indicators: bit `bit` of the doubleword counts from the right. */
static void set_classic(struct virtio_device *device, uint64_t indicators, unsigned bit)
{
    struct storage *storage = device->channel.machine->storage;
    uint8_t word[8];

    if (!indicators || storage_fetch(storage, absolute(indicators), word, sizeof word, 0) != STORAGE_OK)
        return;
    put_be64(word, get_be64(word) | 1ULL << bit);
    if (storage_store(storage, absolute(indicators), word, sizeof word, 0) == STORAGE_OK)
        device_unsolicited(&device->channel, 0);
}

static void signal_queue(struct virtio_device *device, unsigned queue)
{
    const struct virtio_adapter_indicators *a = &device->adapter;

    if (a->active)
        channel_indicate(device->channel.machine, absolute(a->indicator), a->bit + queue,
                         absolute(a->summary), a->isc);
    else
        set_classic(device, device->queue_indicators, queue);
}

void virtio_interrupt(struct virtio_device *device, unsigned queue)
{
    struct virtqueue *q = &device->queues[queue];

    if (virtqueue_interrupts(q))
        signal_queue(device, queue);
    if (q->broken)
        virtio_broken(device, q->fault);
}

void virtio_config_changed(struct virtio_device *device)
{
    if (device->status & VIRTIO_DRIVER_OK)
        set_classic(device, device->config_indicators, 0);
}

void virtio_broken(struct virtio_device *device, const char *fault)
{
    if (device->status & VIRTIO_NEEDS_RESET)
        return;
    machine_log(device->channel.machine, LOG_WARNING, "%s device 0.0.%04x needs a reset: %s",
                device->class->name, device->channel.number, fault);
    device->status |= VIRTIO_NEEDS_RESET;
    virtio_config_changed(device);
}

bool virtio_take(struct virtio_device *device, unsigned queue, struct virtqueue_chain *chain)
{
    struct virtqueue *q = &device->queues[queue];

    if (!virtio_running(device))
        return false;
    if (virtqueue_take(q, chain))
        return true;
    if (q->broken)
        virtio_broken(device, q->fault);
    return false;
}

void virtio_reset(struct virtio_device *device)
{
    if (device->class->reset)
        device->class->reset(device);
    device->status = 0;
    device->accepted = 0;
    device->queue_indicators = device->config_indicators = 0;
    device->adapter = (struct virtio_adapter_indicators){0};
    for (unsigned i = 0; i < device->class->queues; i++)
        virtqueue_reset(&device->queues[i]);
}
