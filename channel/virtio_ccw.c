/* SPDX-License-Identifier: MIT */
/*
 * The channel commands of virtio-ccw (virtio 1.x, "Virtio over channel I/O").
 */
#include <stdlib.h>

#include "channel/virtio.h"

enum ccw_command {
    SET_VQ = 0x13,
    VDEV_RESET = 0x33,
    SET_IND = 0x43,
    SET_CONF_IND = 0x53,
    SET_IND_ADAPTER = 0x73,
    READ_FEAT = 0x12,
    WRITE_FEAT = 0x11,
    READ_CONF = 0x22,
    WRITE_CONF = 0x21,
    WRITE_STATUS = 0x31,
    READ_VQ_CONF = 0x32,
    READ_STATUS = 0x72,
    SET_VIRTIO_REV = 0x83,
};

enum { REVISION_LARGEST = 2 };

static struct virtio_device *virtio(struct channel_device *channel)
{
    return (struct virtio_device *)channel;
}

static int reject(struct virtio_device *d)
{
    return device_reject(&d->channel, SENSE_COMMAND_REJECT);
}

/* Take exactly `bytes`; a shorter area makes the command invalid. */
static bool fetch(struct virtio_device *d, void *to, uint32_t bytes)
{
    return device_fetch_available(&d->channel, to, bytes) == bytes;
}

/* After a failed fetch: the channel's own checks end the command without unit check. */
static int ended_short(struct virtio_device *d)
{
    return device_transfer_failed(&d->channel) ? STATUS_ENDED : reject(d);
}

static uint64_t features_offered(const struct virtio_device *d)
{
    return d->revision >= 1 ? d->offered | VIRTIO_F_VERSION_1 : (uint32_t)d->offered;
}

/* --- Revision, features, status, configuration space. --- */

static int set_revision(struct virtio_device *d)
{
    uint8_t block[4];
    uint16_t revision;

    if (!fetch(d, block, sizeof block))
        return ended_short(d);
    revision = get_be16(block);
    /* Revisions have no payload so far, and one is set once only. */
    if (d->revision >= 0 || revision > REVISION_LARGEST || get_be16(block + 2) != 0)
        return reject(d);
    d->revision = (int8_t)revision;
    return STATUS_ENDED;
}

static int read_features(struct virtio_device *d)
{
    uint64_t offered = features_offered(d);
    uint8_t index, block[5];
    uint32_t half;

    if (device_peek(&d->channel, 4, &index, 1) != 1)
        return ended_short(d);
    half = index == 0 ? (uint32_t)offered : index == 1 ? (uint32_t)(offered >> 32) : 0;
    put_be32(block, __builtin_bswap32(half)); /* always little-endian */
    block[4] = index;
    device_store(&d->channel, block, sizeof block);
    return STATUS_ENDED;
}

static int write_features(struct virtio_device *d)
{
    uint8_t block[5];
    uint64_t half;

    if (!fetch(d, block, sizeof block))
        return ended_short(d);
    half = __builtin_bswap32(get_be32(block));
    if (d->status & VIRTIO_FEATURES_OK)
        return reject(d);
    if (block[4] == 0)
        d->accepted = (d->accepted & ~0xffffffffULL) | half;
    else if (block[4] == 1 && d->revision >= 1)
        d->accepted = (d->accepted & 0xffffffffULL) | half << 32;
    else if (half != 0)
        return reject(d);
    return STATUS_ENDED;
}

static int read_config(struct virtio_device *d)
{
    uint8_t config[VIRTIO_CONFIG_LARGEST] = {0};
    uint32_t bytes = device_count(&d->channel);

    if (bytes > d->class->config_bytes)
        bytes = d->class->config_bytes;
    if (d->class->read_config)
        d->class->read_config(d, config);
    device_store(&d->channel, config, bytes);
    return STATUS_ENDED;
}

static int write_config(struct virtio_device *d)
{
    uint8_t config[VIRTIO_CONFIG_LARGEST];
    uint32_t bytes = device_fetch_available(&d->channel, config, d->class->config_bytes);

    if (device_transfer_failed(&d->channel))
        return STATUS_ENDED;
    if (d->class->write_config)
        d->class->write_config(d, config, bytes);
    return STATUS_ENDED;
}

/* Fix the negotiated features; false when the driver took what was not offered. */
static bool accept_features(struct virtio_device *d)
{
    uint64_t offered = features_offered(d);

    if (d->revision >= 1 && ((d->accepted & ~offered) || !virtio_has(d, VIRTIO_F_VERSION_1)))
        return false;
    d->accepted &= offered;
    for (unsigned i = 0; i < d->class->queues; i++) {
        d->queues[i].event_index = virtio_has(d, VIRTIO_F_EVENT_IDX);
        d->queues[i].indirect = virtio_has(d, VIRTIO_F_INDIRECT_DESC);
    }
    if (d->class->accepted)
        d->class->accepted(d);
    return true;
}

static int write_status(struct virtio_device *d)
{
    uint8_t old = d->status, status;

    if (!fetch(d, &status, 1))
        return ended_short(d);
    if (status == 0) {
        virtio_reset(d);
        return STATUS_ENDED;
    }
    status = (uint8_t)((status & ~VIRTIO_NEEDS_RESET) | (old & VIRTIO_NEEDS_RESET));
    if (status & ~old & VIRTIO_FEATURES_OK && !accept_features(d))
        return reject(d);
    if (status & ~old & VIRTIO_DRIVER_OK && !(status & VIRTIO_FEATURES_OK) && !accept_features(d))
        return reject(d);
    d->status = status;
    if (status & ~old & VIRTIO_DRIVER_OK)
        for (unsigned i = 0; i < d->class->queues; i++)
            if (d->queues[i].size)
                d->class->notify(d, i);
    return STATUS_ENDED;
}

static int read_status(struct virtio_device *d)
{
    if (d->revision < 2)
        return reject(d);
    device_store(&d->channel, &d->status, 1);
    return STATUS_ENDED;
}

/* --- Queues. --- */

static int read_queue_size(struct virtio_device *d)
{
    uint8_t block[4];
    uint16_t index;

    if (device_peek(&d->channel, 0, block, 2) != 2)
        return ended_short(d);
    index = get_be16(block);
    put_be16(block + 2, index < d->class->queues ? d->queues[index].largest : 0);
    device_store(&d->channel, block, sizeof block);
    return STATUS_ENDED;
}

static int set_queue_legacy(struct virtio_device *d)
{
    uint8_t block[16];
    struct virtqueue *q;

    if (!fetch(d, block, sizeof block))
        return ended_short(d);
    if (get_be16(block + 12) >= d->class->queues)
        return reject(d);
    q = &d->queues[get_be16(block + 12)];
    q->big_endian = true;
    return virtqueue_set_legacy(q, get_be16(block + 14), get_be64(block), get_be32(block + 8)) ? STATUS_ENDED
                                                                                              : reject(d);
}

static int set_queue(struct virtio_device *d)
{
    uint8_t block[32];
    struct virtqueue *q;

    if (d->revision == 0)
        return set_queue_legacy(d);
    if (!fetch(d, block, sizeof block))
        return ended_short(d);
    if (get_be16(block + 12) >= d->class->queues)
        return reject(d);
    q = &d->queues[get_be16(block + 12)];
    q->big_endian = false;
    return virtqueue_set(q, get_be16(block + 14), get_be64(block), get_be64(block + 16), get_be64(block + 24))
               ? STATUS_ENDED : reject(d);
}

/* --- Indicators. --- */

static int set_indicators(struct virtio_device *d, uint64_t *indicators)
{
    uint8_t block[8];

    if (!fetch(d, block, sizeof block))
        return ended_short(d);
    if (get_be64(block) && !storage_valid(d->channel.machine->storage, absolute(get_be64(block)), 8))
        return reject(d);
    *indicators = get_be64(block);
    return STATUS_ENDED;
}

static int set_adapter_indicators(struct virtio_device *d)
{
    struct storage *storage = d->channel.machine->storage;
    struct virtio_adapter_indicators a = {0};
    uint8_t block[25];

    if (!fetch(d, block, sizeof block))
        return ended_short(d);
    if (d->queue_indicators)
        return reject(d);
    a.summary = get_be64(block);
    a.indicator = get_be64(block + 8);
    a.bit = get_be64(block + 16);
    a.isc = block[24];
    a.active = a.summary && a.indicator;
    if (a.active && (a.isc > 7 || a.bit > 0xffffffff || !storage_valid(storage, absolute(a.summary), 1) ||
                     !storage_valid(storage, absolute(a.indicator), (a.bit + d->class->queues + 7) / 8)))
        return reject(d);
    d->adapter = a;
    return STATUS_ENDED;
}

/* --- Operations of the channel device. --- */

/* A driver that begins with anything but SET_VIRTIO_REV knows of no revisions: it is a legacy driver. */
static int transport_command(struct virtio_device *d, uint8_t command)
{
    if (d->revision < 0)
        d->revision = 0;
    switch (command) {
    case SET_VQ:
        return set_queue(d);
    case VDEV_RESET:
        virtio_reset(d);
        return STATUS_ENDED;
    case SET_IND:
        return d->adapter.active ? reject(d) : set_indicators(d, &d->queue_indicators);
    case SET_CONF_IND:
        return set_indicators(d, &d->config_indicators);
    case SET_IND_ADAPTER:
        return set_adapter_indicators(d);
    case READ_FEAT:
        return read_features(d);
    case WRITE_FEAT:
        return write_features(d);
    case READ_CONF:
        return read_config(d);
    case WRITE_CONF:
        return write_config(d);
    case WRITE_STATUS:
        return write_status(d);
    case READ_STATUS:
        return read_status(d);
    default:
        return read_queue_size(d);
    }
}

static int command(struct channel_device *channel, uint8_t command)
{
    struct virtio_device *d = virtio(channel);

    switch (command) {
    case SET_VIRTIO_REV:
        return set_revision(d);
    case SET_VQ:
    case VDEV_RESET:
    case SET_IND:
    case SET_CONF_IND:
    case SET_IND_ADAPTER:
    case READ_FEAT:
    case WRITE_FEAT:
    case READ_CONF:
    case WRITE_CONF:
    case WRITE_STATUS:
    case READ_STATUS:
    case READ_VQ_CONF:
        return transport_command(d, command);
    default:
        return device_common_command(channel, command);
    }
}

/* The clear function leaves virtio's state alone: the driver uses it to recover the subchannel. */
static void reset(struct channel_device *channel, bool system)
{
    if (!system)
        return;
    virtio_reset(virtio(channel));
    virtio(channel)->revision = -1;
}

static void disabled(struct channel_device *channel)
{
    virtio(channel)->revision = -1;
}

static void release(struct channel_device *channel)
{
    struct virtio_device *d = virtio(channel);

    if (d->class->reset)
        d->class->reset(d);
    if (d->class->release)
        d->class->release(d);
    free(d);
}

static int64_t notify(struct channel_device *channel, uint64_t queue, int64_t cookie)
{
    struct virtio_device *d = virtio(channel);

    (void)cookie; /* the queue is found fast enough without one */
    if (queue >= d->class->queues)
        return -22; /* EINVAL, as the interface has Linux's numbers */
    if (virtio_running(d) && d->queues[queue].size)
        d->class->notify(d, (unsigned)queue);
    return 0;
}

const struct device_operations virtio_ccw_operations = {
    .name = "virtio-ccw",
    .command = command,
    .reset = reset,
    .disabled = disabled,
    .release = release,
    .state = virtio_state,
    .notify = notify,
};
