/* SPDX-License-Identifier: MIT */
#include "channel/virtio_console.h"

#include "channel/virtio.h"

enum { QUEUE_RECEIVE, QUEUE_TRANSMIT, QUEUES };

enum feature { F_SIZE = 1 << 0 };

/* Bytes of one chain that are written; no driver of a console sends more. */
enum { OUTPUT_LARGEST = 1 << 20 };

struct virtio_console {
    struct virtio_device virtio;
    struct console *console;
    uint16_t columns, rows;
    struct virtqueue_chain chain;
};

static struct virtio_console *port(struct virtio_device *device)
{
    return (struct virtio_console *)device;
}

/* Hand typed bytes to the guest, as many as it has buffers for. */
static void receive(struct virtio_console *d)
{
    struct virtqueue *q = &d->virtio.queues[QUEUE_RECEIVE];
    uint8_t bytes[1024];

    while (console_readable(d->console) && virtio_take(&d->virtio, QUEUE_RECEIVE, &d->chain)) {
        uint64_t room = d->chain.writable_bytes, done = 0;

        while (done < room) {
            uint64_t want = room - done < sizeof bytes ? room - done : sizeof bytes;
            size_t n = console_read(d->console, bytes, (size_t)want);

            if (n == 0)
                break;
            done += virtqueue_write(q, &d->chain, done, bytes, n);
        }
        virtqueue_give(q, d->chain.head, (uint32_t)done);
    }
    virtio_interrupt(&d->virtio, QUEUE_RECEIVE);
}

static void transmit(struct virtio_console *d)
{
    struct virtqueue *q = &d->virtio.queues[QUEUE_TRANSMIT];
    uint8_t bytes[1024];

    while (virtio_take(&d->virtio, QUEUE_TRANSMIT, &d->chain)) {
        uint64_t done = 0, n;

        while (done < OUTPUT_LARGEST && (n = virtqueue_read(q, &d->chain, done, bytes, sizeof bytes)) > 0) {
            console_write(d->console, bytes, (size_t)n);
            done += n;
        }
        virtqueue_give(q, d->chain.head, 0);
    }
    virtio_interrupt(&d->virtio, QUEUE_TRANSMIT);
}

static void received(struct console *console, void *device)
{
    receive(device);
}

static void notify(struct virtio_device *device, unsigned queue)
{
    if (queue == QUEUE_RECEIVE)
        receive(port(device));
    else
        transmit(port(device));
}

static void read_config(struct virtio_device *device, uint8_t *config)
{
    virtio_put16(device, config, port(device)->columns);
    virtio_put16(device, config + 2, port(device)->rows);
    virtio_put32(device, config + 4, 1); /* ports */
}

static void release(struct virtio_device *device)
{
    console_connect(port(device)->console, NULL, NULL);
    virtqueue_chain_release(&port(device)->chain);
}

static const struct virtio_class virtio_console_class = {
    .name = "virtio-serial-ccw",
    .type = VIRTIO_TYPE_CONSOLE,
    .queues = QUEUES,
    .queue_size = {64, 64},
    .config_bytes = 12,
    .read_config = read_config,
    .notify = notify,
    .release = release,
};

struct channel_device *virtio_console_create(struct machine *machine,
                                             const struct virtio_console_parameters *p)
{
    struct virtio_console *d = machine_allocate(sizeof *d);

    d->console = p->console;
    d->columns = p->columns;
    d->rows = p->rows;
    virtio_init(&d->virtio, machine, &virtio_console_class, p->columns && p->rows ? F_SIZE : 0);
    console_connect(d->console, received, d);
    return &d->virtio.channel;
}
