/* SPDX-License-Identifier: MIT */
#include "channel/virtio_balloon.h"

#include "channel/virtio.h"
#include "machine/state.h"

enum { QUEUE_INFLATE, QUEUE_DEFLATE, QUEUE_STATISTICS, QUEUE_REPORTING, QUEUES };

enum feature {
    F_STATS_VQ = 1 << 1,
    F_DEFLATE_ON_OOM = 1 << 2,
    F_REPORTING = 1 << 5,
};

enum {
    STATISTIC_BYTES = 10,
    STATISTICS_LARGEST = 64, /* entries looked at */
    FRAMES_AT_ONCE = 256,
};

struct virtio_balloon {
    struct virtio_device virtio;
    struct virtio_balloon_state state;
    struct virtqueue_chain chain;
    bool statistics_held; /* the guest's statistics buffer is here: giving it back asks for new ones */
    uint16_t statistics_head;
};

static struct virtio_balloon *balloon(struct virtio_device *device)
{
    return (struct virtio_balloon *)device;
}

/* The page-frame numbers of a chain, in 4K units; runs of them are given back to the host together. */
static void inflate(struct virtio_balloon *d, struct virtqueue *q)
{
    struct storage *storage = q->storage;
    uint8_t frames[4 * FRAMES_AT_ONCE];
    uint64_t run = 0, run_bytes = 0, bytes, done = 0;

    while ((bytes = virtqueue_read(q, &d->chain, done, frames, sizeof frames)) >= 4) {
        for (uint64_t i = 0; i + 4 <= bytes; i += 4) {
            uint64_t at = (uint64_t)virtio_get32(&d->virtio, frames + i) << PAGE_SHIFT;

            if (at == run + run_bytes && run_bytes) {
                run_bytes += PAGE_BYTES;
                continue;
            }
            storage_discard(storage, absolute(run), run_bytes);
            run = at;
            run_bytes = PAGE_BYTES;
        }
        done += bytes;
        /* No driver names more frames than there are. */
        if (done / 4 > storage->size >> PAGE_SHIFT)
            break;
    }
    storage_discard(storage, absolute(run), run_bytes);
}

/* Free-page reporting: the buffers themselves are the free pages. */
static void report(struct virtio_balloon *d, struct virtqueue *q)
{
    for (unsigned i = 0; i < d->chain.writable; i++) {
        const struct virtqueue_segment *s = &d->chain.segments[d->chain.readable + i];
        uint64_t from = (s->address + PAGE_BYTES - 1) & PAGE_MASK, to = (s->address + s->bytes) & PAGE_MASK;

        if (from < to)
            storage_discard(q->storage, absolute(from), to - from);
    }
}

static void take_statistics(struct virtio_balloon *d, struct virtqueue *q)
{
    uint8_t entries[STATISTIC_BYTES * STATISTICS_LARGEST];
    uint64_t bytes = virtqueue_read(q, &d->chain, 0, entries, sizeof entries);

    for (uint64_t i = 0; i + STATISTIC_BYTES <= bytes; i += STATISTIC_BYTES) {
        uint16_t tag = virtio_get16(&d->virtio, entries + i);

        if (tag < BALLOON_STATISTICS) {
            d->state.known |= 1U << tag;
            d->state.statistic[tag] = virtio_get64(&d->virtio, entries + i + 2);
        }
    }
    if (d->statistics_held)
        virtqueue_give(q, d->statistics_head, 0);
    d->statistics_held = true;
    d->statistics_head = d->chain.head;
}

static void notify(struct virtio_device *device, unsigned queue)
{
    struct virtio_balloon *d = balloon(device);
    struct virtqueue *q = &device->queues[queue];

    while (virtio_take(device, queue, &d->chain)) {
        if (queue == QUEUE_STATISTICS) {
            take_statistics(d, q);
            continue;
        }
        if (queue == QUEUE_INFLATE)
            inflate(d, q);
        else if (queue == QUEUE_REPORTING)
            report(d, q);
        /* Deflating needs nothing: the host's memory returns when the page is touched. */
        virtqueue_give(q, d->chain.head, 0);
    }
    virtio_interrupt(device, queue);
}

/* This configuration space is little-endian even in the legacy interface. */
static void read_config(struct virtio_device *device, uint8_t *config)
{
    const struct virtio_balloon *d = balloon(device);

    put_be32(config, __builtin_bswap32((uint32_t)(d->state.target >> PAGE_SHIFT)));
    put_be32(config + 4, __builtin_bswap32((uint32_t)(d->state.actual >> PAGE_SHIFT)));
}

static void write_config(struct virtio_device *device, const uint8_t *config, unsigned bytes)
{
    if (bytes >= 8)
        balloon(device)->state.actual = (uint64_t)__builtin_bswap32(get_be32(config + 4)) << PAGE_SHIFT;
}

static void reset(struct virtio_device *device)
{
    struct virtio_balloon *d = balloon(device);

    d->statistics_held = false;
    d->state.actual = 0;
    d->state.known = 0;
}

static void state(struct virtio_device *device, struct state_walk *walk)
{
    struct virtio_balloon *d = balloon(device);

    STATE(walk, &d->state, target);
    STATE(walk, &d->state, actual);
    STATE(walk, &d->state, known);
    for (unsigned i = 0; i < BALLOON_STATISTICS; i++)
        state_u64(walk, "statistic", &d->state.statistic[i]);
    STATE(walk, d, statistics_held);
    STATE(walk, d, statistics_head);
}

static void release(struct virtio_device *device)
{
    virtqueue_chain_release(&balloon(device)->chain);
}

static const struct virtio_class virtio_balloon_class = {
    .name = "virtio-balloon-ccw",
    .type = VIRTIO_TYPE_BALLOON,
    .queues = QUEUES,
    .queue_size = {128, 128, 128, 128},
    .config_bytes = 8,
    .read_config = read_config,
    .write_config = write_config,
    .notify = notify,
    .reset = reset,
    .state = state,
    .release = release,
};

struct channel_device *virtio_balloon_create(struct machine *machine,
                                             const struct virtio_balloon_parameters *p)
{
    struct virtio_balloon *d = machine_allocate(sizeof *d);
    uint64_t features = F_STATS_VQ;

    if (p->deflate_on_oom)
        features |= F_DEFLATE_ON_OOM;
    if (p->free_page_reporting)
        features |= F_REPORTING;
    virtio_init(&d->virtio, machine, &virtio_balloon_class, features);
    return &d->virtio.channel;
}

static struct virtio_balloon *balloon_of(const struct channel_device *channel)
{
    struct virtio_balloon *d = (struct virtio_balloon *)channel;

    return channel->operations == &virtio_ccw_operations && d->virtio.class == &virtio_balloon_class ? d
                                                                                                     : NULL;
}

bool virtio_balloon_set_target(struct channel_device *channel, uint64_t bytes)
{
    struct virtio_balloon *d = balloon_of(channel);

    if (!d)
        return false;
    d->state.target = bytes & PAGE_MASK;
    virtio_config_changed(&d->virtio);
    return true;
}

bool virtio_balloon_ask_statistics(struct channel_device *channel)
{
    struct virtio_balloon *d = balloon_of(channel);

    if (!d)
        return false;
    if (d->statistics_held && virtio_running(&d->virtio)) {
        d->statistics_held = false;
        virtqueue_give(&d->virtio.queues[QUEUE_STATISTICS], d->statistics_head, 0);
        virtio_interrupt(&d->virtio, QUEUE_STATISTICS);
    }
    return true;
}

bool virtio_balloon_state(const struct channel_device *channel, struct virtio_balloon_state *state)
{
    const struct virtio_balloon *d = balloon_of(channel);

    if (d)
        *state = d->state;
    return d != NULL;
}
