/* SPDX-License-Identifier: MIT */
#include "channel/virtio_net.h"

#include <stdlib.h>

#include "channel/virtio.h"
#include "machine/input.h"
#include "machine/state.h"

enum { QUEUE_RECEIVE, QUEUE_TRANSMIT, QUEUES };

enum feature {
    F_CSUM = 1 << 0,
    F_GUEST_CSUM = 1 << 1,
    F_MTU = 1 << 3,
    F_MAC = 1 << 5,
    F_MRG_RXBUF = 1 << 15,
    F_STATUS = 1 << 16,
};

enum {
    HEADER_NEEDS_CHECKSUM = 1,
    HEADER_DATA_VALID = 2,
    HEADER_LEGACY_BYTES = 10,
    HEADER_BYTES = 12,
    LINK_UP = 1,
    BACKLOG = 256,    /* frames kept while the guest has no buffers; more are lost, as on any wire */
    MERGED_LARGEST = 64,
};

struct frame {
    uint8_t *data;
    size_t bytes;
};

struct virtio_net {
    struct virtio_device virtio;
    struct virtio_net_parameters parameters;
    bool link;
    struct virtqueue_chain chain, first;
    struct frame backlog[BACKLOG];
    unsigned backlog_first, backlog_count;
    uint8_t outgoing[HEADER_BYTES + VIRTIO_NET_FRAME_LARGEST];
};

static struct virtio_net *adapter(struct virtio_device *device)
{
    return (struct virtio_net *)device;
}

static size_t header_bytes(const struct virtio_net *d)
{
    return d->virtio.revision >= 1 || virtio_has(&d->virtio, F_MRG_RXBUF) ? HEADER_BYTES
                                                                          : HEADER_LEGACY_BYTES;
}

/* --- Towards the guest. --- */

enum delivery { DELIVERED, NO_BUFFERS, UNDELIVERABLE };

/* Write header and frame over one chain, or over several if the driver merges buffers. */
static enum delivery deliver(struct virtio_net *d, const uint8_t *frame, size_t bytes)
{
    struct virtqueue *q = &d->virtio.queues[QUEUE_RECEIVE];
    uint8_t header[HEADER_BYTES] = {0};
    size_t head = header_bytes(d), done = 0;
    unsigned chains = 0;

    if (d->parameters.checksums_valid && virtio_has(&d->virtio, F_GUEST_CSUM))
        header[0] = HEADER_DATA_VALID;
    while (done < bytes || chains == 0) {
        struct virtqueue_chain *c = chains ? &d->chain : &d->first;
        uint64_t offset = chains ? 0 : head, n;
        bool merges = virtio_has(&d->virtio, F_MRG_RXBUF);

        if (chains == MERGED_LARGEST || !virtio_take(&d->virtio, QUEUE_RECEIVE, c)) {
            enum delivery failure = chains == MERGED_LARGEST ? UNDELIVERABLE : NO_BUFFERS;

            while (chains--)
                virtqueue_untake(q);
            return failure;
        }
        if (c->writable_bytes < offset || (!merges && c->writable_bytes < offset + bytes)) {
            virtio_broken(&d->virtio, "a receive buffer is too small");
            return UNDELIVERABLE;
        }
        n = virtqueue_write(q, c, offset, frame + done, bytes - done);
        virtqueue_place(q, chains, c->head, (uint32_t)(n + offset));
        done += n;
        chains++;
    }
    virtio_put16(&d->virtio, header + 10, (uint16_t)chains);
    virtqueue_write(q, &d->first, 0, header, head);
    virtqueue_publish(q, chains);
    return DELIVERED;
}

static void drop_backlog(struct virtio_net *d)
{
    for (; d->backlog_count; d->backlog_count--) {
        free(d->backlog[d->backlog_first].data);
        d->backlog_first = (d->backlog_first + 1) % BACKLOG;
    }
}

static void deliver_backlog(struct virtio_net *d)
{
    while (d->backlog_count) {
        struct frame *f = &d->backlog[d->backlog_first];

        if (deliver(d, f->data, f->bytes) == NO_BUFFERS)
            break;
        free(f->data);
        d->backlog_first = (d->backlog_first + 1) % BACKLOG;
        d->backlog_count--;
    }
    virtio_interrupt(&d->virtio, QUEUE_RECEIVE);
}

static void received(struct machine *machine, void *context, const uint8_t *data, size_t bytes)
{
    struct virtio_net *d = context;
    struct frame *f;

    if (!virtio_running(&d->virtio) || !d->link || bytes > VIRTIO_NET_FRAME_LARGEST ||
        d->backlog_count == BACKLOG)
        return;
    f = &d->backlog[(d->backlog_first + d->backlog_count) % BACKLOG];
    f->data = machine_allocate(bytes);
    f->bytes = bytes;
    memcpy(f->data, data, bytes);
    d->backlog_count++;
    deliver_backlog(d);
}

/* --- From the guest. --- */

/* The guest left the Internet checksum to us: its field holds the sum of the pseudo-header. */
static void fill_checksum(uint8_t *frame, size_t bytes, size_t start, size_t field)
{
    uint64_t sum = 0;

    if (start + field + 2 > bytes || start > bytes)
        return;
    for (size_t i = start; i + 1 < bytes; i += 2)
        sum += get_be16(frame + i);
    if ((bytes - start) & 1)
        sum += (uint64_t)frame[bytes - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    /* UDP: a sum of zero would mean that there is none. */
    put_be16(frame + start + field, sum == 0xffff ? 0xffff : (uint16_t)~sum);
}

static void transmit_one(struct virtio_net *d)
{
    const struct virtio_net_parameters *p = &d->parameters;
    size_t head = header_bytes(d);
    uint64_t n = virtqueue_read(&d->virtio.queues[QUEUE_TRANSMIT], &d->chain, 0, d->outgoing,
                                sizeof d->outgoing);
    uint8_t *frame = d->outgoing + head;

    /* Longer than any frame, or not even a header: nothing that could be sent. */
    if (n <= head || d->chain.readable_bytes > sizeof d->outgoing || !d->link || !p->transmit ||
        d->virtio.channel.machine->silent)
        return;
    n -= head;
    if (virtio_has(&d->virtio, F_CSUM) && (d->outgoing[0] & HEADER_NEEDS_CHECKSUM))
        fill_checksum(frame, (size_t)n, virtio_get16(&d->virtio, d->outgoing + 6),
                      virtio_get16(&d->virtio, d->outgoing + 8));
    p->transmit(p->network, frame, (size_t)n);
}

static void notify(struct virtio_device *device, unsigned queue)
{
    struct virtio_net *d = adapter(device);

    if (queue == QUEUE_RECEIVE) {
        deliver_backlog(d);
        return;
    }
    while (virtio_take(device, queue, &d->chain)) {
        transmit_one(d);
        virtqueue_give(&device->queues[queue], d->chain.head, 0);
    }
    virtio_interrupt(device, queue);
}

/* --- The kind of device. --- */

static void read_config(struct virtio_device *device, uint8_t *config)
{
    const struct virtio_net *d = adapter(device);

    memcpy(config, d->parameters.mac, 6);
    virtio_put16(device, config + 6, d->link ? LINK_UP : 0);
    virtio_put16(device, config + 8, 1); /* queue pairs */
    virtio_put16(device, config + 10, d->parameters.mtu);
}

static void reset(struct virtio_device *device)
{
    drop_backlog(adapter(device));
}

/* Frames that wait; in a restored machine they take the place of those that waited here. */
static void state(struct virtio_device *device, struct state_walk *walk)
{
    struct virtio_net *d = adapter(device);
    uint32_t count = d->backlog_count;

    STATE(walk, d, link);
    if (walk->complete) {
        uint16_t mtu = d->parameters.mtu;

        state_bytes(walk, "mac", d->parameters.mac, sizeof d->parameters.mac);
        state_u16(walk, "mtu", &mtu);
        state_check(walk, mtu == d->parameters.mtu, "the adapters have different MTUs");
    }
    state_count(walk, "frames", &count, BACKLOG, 1);
    if (walk->restoring)
        drop_backlog(d);
    for (unsigned i = 0; i < count; i++) {
        struct frame *f = &d->backlog[(d->backlog_first + i) % BACKLOG];
        uint32_t bytes = walk->restoring ? 0 : (uint32_t)f->bytes;

        state_count(walk, "frame_bytes", &bytes, VIRTIO_NET_FRAME_LARGEST, 1);
        if (walk->restoring) {
            *f = (struct frame){machine_allocate(bytes), bytes};
            d->backlog_count++;
        }
        state_bytes(walk, "frame", f->data, bytes);
    }
}

static void release(struct virtio_device *device)
{
    struct virtio_net *d = adapter(device);

    input_unregister(device->channel.machine, INPUT_NETWORK, d->parameters.number);
    virtqueue_chain_release(&d->chain);
    virtqueue_chain_release(&d->first);
}

static const struct virtio_class virtio_net_class = {
    .name = "virtio-net-ccw",
    .type = VIRTIO_TYPE_NET,
    .queues = QUEUES,
    .queue_size = {256, 256},
    .config_bytes = 12,
    .read_config = read_config,
    .notify = notify,
    .reset = reset,
    .state = state,
    .release = release,
};

struct channel_device *virtio_net_create(struct machine *machine, const struct virtio_net_parameters *p)
{
    static const uint8_t usual[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56}, none[6];
    struct virtio_net *d = machine_allocate(sizeof *d);
    struct input_sink sink = {INPUT_NETWORK, (uint16_t)p->number, received, d};
    uint64_t features = F_CSUM | F_GUEST_CSUM | F_MAC | F_MRG_RXBUF | F_STATUS;

    d->parameters = *p;
    if (!memcmp(p->mac, none, 6)) {
        memcpy(d->parameters.mac, usual, 6);
        d->parameters.mac[5] = (uint8_t)(usual[5] + p->number);
    }
    d->link = true;
    if (p->mtu)
        features |= F_MTU;
    virtio_init(&d->virtio, machine, &virtio_net_class, features);
    input_register(machine, &sink);
    return &d->virtio.channel;
}

bool virtio_net_set_link(struct channel_device *channel, bool up)
{
    struct virtio_net *d = (struct virtio_net *)channel;

    if (channel->operations != &virtio_ccw_operations || d->virtio.class != &virtio_net_class)
        return false;
    d->link = up;
    virtio_config_changed(&d->virtio);
    return true;
}
