/* SPDX-License-Identifier: MIT */
#include "channel/virtio_blk.h"

#include <stdlib.h>

#include "channel/virtio.h"
#include "machine/state.h"

enum {
    QUEUE_SIZE = 256,
    SEGMENT_LARGEST = 1 << 20, /* bytes; with SEGMENTS_LARGEST it bounds what a request costs the host */
    SEGMENTS_LARGEST = QUEUE_SIZE - 2,
    HELD_LARGEST = 128 << 20, /* further requests stay in the queue */
    HEADER_BYTES = 16,
    SERIAL_BYTES = 20,
    RANGE_BYTES = 16,
    ZERO_SECTORS_LARGEST = 1 << 21,
};

enum feature {
    F_SIZE_MAX = 1 << 1,
    F_SEG_MAX = 1 << 2,
    F_GEOMETRY = 1 << 4,
    F_RO = 1 << 5,
    F_BLK_SIZE = 1 << 6,
    F_FLUSH = 1 << 9,
    F_TOPOLOGY = 1 << 10,
    F_CONFIG_WCE = 1 << 11,
    F_DISCARD = 1 << 13,
    F_WRITE_ZEROES = 1 << 14,
};

enum request_type {
    T_IN = 0,
    T_OUT = 1,
    T_FLUSH = 4,
    T_GET_ID = 8,
    T_DISCARD = 11,
    T_WRITE_ZEROES = 13,
};

enum request_status { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };

/* The modelled disk, in TOD units. */
#define LATENCY (20 * TOD_MICROSECOND)
#define FLUSH_LATENCY (100 * TOD_MICROSECOND)
#define BYTES_PER_UNIT 1 /* 4.096 GB a second */

/* A request in progress. `used` from taking the chain to giving it back. */
struct slot {
    struct block_request request;
    struct virtqueue_chain chain;
    bool used;
};

struct virtio_blk {
    struct virtio_device virtio;
    struct block_image *image;
    char serial[SERIAL_BYTES];
    uint32_t logical, physical;
    bool write_through;       /* as configured at start */
    bool writeback;           /* the guest's present choice, when it may choose */
    uint64_t transfer_free;   /* virtual time when the modelled link to the disk is free again */
    uint64_t last_completion; /* requests complete in order */
    struct slot slots[QUEUE_SIZE];
    unsigned free_slots;
    uint64_t held; /* bytes of host memory that requests in progress hold */
};

static const struct virtio_class virtio_blk_class;
static void complete(struct machine *machine, uint32_t sid, uint64_t number);
const struct event_class virtio_blk_completion = {"virtio-blk.completion", complete};

static struct virtio_blk *blk(struct virtio_device *device)
{
    return (struct virtio_blk *)device;
}

/* Sectors, without a last incomplete logical block. */
static uint64_t capacity(const struct virtio_blk *d)
{
    return block_image_size(d->image) / d->logical * (d->logical / BLOCK_SECTOR);
}

/* --- Ending a request. --- */

static void forget(struct virtio_blk *d, struct slot *s)
{
    if (s->request.data)
        d->held -= s->request.bytes;
    free(s->request.data);
    s->request.data = NULL;
    s->used = false;
    d->free_slots++;
}

static void give(struct virtio_blk *d, struct slot *s, enum request_status status, uint64_t data_bytes)
{
    struct virtqueue *q = &d->virtio.queues[0];
    uint8_t byte = (uint8_t)status;

    virtqueue_write(q, &s->chain, s->chain.writable_bytes - 1, &byte, 1);
    virtqueue_give(q, s->chain.head, (uint32_t)(data_bytes + 1));
    forget(d, s);
}

/* What the host began cannot be recalled: it is waited for and forgotten, in the order of completion. */
static void abandon_all(struct virtio_blk *d)
{
    const struct event_queue *q = &d->virtio.channel.machine->events;

    for (unsigned i = q->count; i-- > 0;) {
        const struct event *e = &q->pending[i];

        if (e->class == &virtio_blk_completion && e->subject == d->virtio.channel.sid && e->argument < QUEUE_SIZE &&
            d->slots[e->argument].used) {
            block_image_finish(d->image, &d->slots[e->argument].request);
            forget(d, &d->slots[e->argument]);
        }
    }
}

static void complete(struct machine *machine, uint32_t sid, uint64_t number)
{
    struct virtio_device *device = virtio_at(machine, sid, &virtio_blk_class);
    struct virtio_blk *d = blk(device);
    struct slot *s;
    uint64_t stored = 0;
    int failed;

    if (!device || number >= QUEUE_SIZE || !d->slots[number].used)
        return;
    s = &d->slots[number];
    failed = block_image_finish(d->image, &s->request);
    if (failed) {
        char problem[BLOCK_PROBLEM_BYTES];

        if (block_image_explain(d->image, &s->request, problem))
            machine_log(machine, LOG_ERROR, "%s", problem);
    } else if (s->request.operation == BLOCK_READ) {
        stored = virtqueue_write(&device->queues[0], &s->chain, 0, s->request.data, s->request.bytes);
    }
    give(d, s, failed ? S_IOERR : S_OK, stored);
    virtio_interrupt(device, 0);
    /* The queue may hold requests that found no slot. */
    device->class->notify(device, 0);
}

/* --- Beginning a request. --- */

static bool writeback(const struct virtio_blk *d)
{
    if (virtio_has(&d->virtio, F_CONFIG_WCE))
        return d->writeback;
    return virtio_has(&d->virtio, F_FLUSH) && !d->write_through;
}

static void submit(struct virtio_blk *d, struct slot *s)
{
    struct machine *machine = d->virtio.channel.machine;
    struct block_request *r = &s->request;
    uint64_t moved = r->operation == BLOCK_READ || r->operation == BLOCK_WRITE ? r->bytes : 0;
    uint64_t start = d->transfer_free > machine->now ? d->transfer_free : machine->now;
    bool sync = r->operation == BLOCK_FLUSH || r->durable;
    uint64_t when;

    d->transfer_free = start + moved / BYTES_PER_UNIT;
    when = d->transfer_free + (sync ? FLUSH_LATENCY : LATENCY);
    if (when < d->last_completion)
        when = d->last_completion;
    d->last_completion = when;
    block_image_submit(d->image, r);
    event_schedule(machine, &virtio_blk_completion, d->virtio.channel.sid, (uint64_t)(s - d->slots), when);
}

/* Does [sector, sector + bytes) lie within the disk, on its block boundaries? Sets the request's range. */
static bool set_range(struct virtio_blk *d, struct block_request *r, uint64_t sector, uint64_t bytes)
{
    uint64_t sectors = capacity(d);

    if (bytes % BLOCK_SECTOR || sector > sectors || bytes / BLOCK_SECTOR > sectors - sector)
        return false;
    r->offset = sector * BLOCK_SECTOR;
    r->bytes = bytes;
    return true;
}

static enum request_status begin_transfer(struct virtio_blk *d, struct slot *s, bool write, uint64_t sector)
{
    struct block_request *r = &s->request;
    uint64_t bytes = write ? s->chain.readable_bytes - HEADER_BYTES : s->chain.writable_bytes - 1;

    if (bytes > (uint64_t)SEGMENT_LARGEST * SEGMENTS_LARGEST || !set_range(d, r, sector, bytes))
        return S_IOERR;
    if (write && block_image_read_only(d->image))
        return S_IOERR;
    r->operation = write ? BLOCK_WRITE : BLOCK_READ;
    r->durable = write && !writeback(d);
    r->data = machine_reallocate(NULL, bytes);
    d->held += bytes;
    if (write)
        virtqueue_read(&d->virtio.queues[0], &s->chain, HEADER_BYTES, r->data, bytes);
    submit(d, s);
    return S_OK;
}

/* Discard and write-zeroes carry one range, always little-endian. */
static enum request_status begin_zeroing(struct virtio_blk *d, struct slot *s, bool discard)
{
    struct block_request *r = &s->request;
    uint8_t range[RANGE_BYTES];
    uint64_t sector;
    uint32_t sectors, flags;

    if (!virtio_has(&d->virtio, discard ? F_DISCARD : F_WRITE_ZEROES))
        return S_UNSUPP;
    if (s->chain.readable_bytes != HEADER_BYTES + RANGE_BYTES)
        return S_IOERR;
    virtqueue_read(&d->virtio.queues[0], &s->chain, HEADER_BYTES, range, sizeof range);
    sector = __builtin_bswap64(get_be64(range));
    sectors = __builtin_bswap32(get_be32(range + 8));
    flags = __builtin_bswap32(get_be32(range + 12));
    /* Only "unmap", and only with write-zeroes. */
    if (flags & ~1U || (discard && flags))
        return S_UNSUPP;
    if (sectors > ZERO_SECTORS_LARGEST || block_image_read_only(d->image) ||
        !set_range(d, r, sector, (uint64_t)sectors * BLOCK_SECTOR))
        return S_IOERR;
    r->operation = discard || flags ? BLOCK_DISCARD : BLOCK_ZERO;
    r->durable = !writeback(d);
    submit(d, s);
    return S_OK;
}

static enum request_status begin_flush(struct virtio_blk *d, struct slot *s)
{
    s->request.operation = BLOCK_FLUSH;
    submit(d, s);
    return S_OK;
}

static void identify(struct virtio_blk *d, struct slot *s)
{
    uint64_t room = s->chain.writable_bytes - 1;
    uint64_t bytes = room < SERIAL_BYTES ? room : SERIAL_BYTES;

    virtqueue_write(&d->virtio.queues[0], &s->chain, 0, d->serial, bytes);
    give(d, s, S_OK, bytes);
    virtio_interrupt(&d->virtio, 0);
}

static void begin(struct virtio_blk *d, struct slot *s)
{
    enum request_status status;
    uint8_t header[HEADER_BYTES];
    uint64_t sector;

    if (virtqueue_read(&d->virtio.queues[0], &s->chain, 0, header, sizeof header) != sizeof header ||
        s->chain.writable_bytes == 0) {
        virtio_broken(&d->virtio, "a block request has no header or no status byte");
        return;
    }
    s->used = true;
    s->request = (struct block_request){0};
    d->free_slots--;
    sector = virtio_get64(&d->virtio, header + 8);
    switch (virtio_get32(&d->virtio, header)) {
    case T_IN:
        status = begin_transfer(d, s, false, sector);
        break;
    case T_OUT:
        status = begin_transfer(d, s, true, sector);
        break;
    case T_FLUSH:
        status = begin_flush(d, s);
        break;
    case T_DISCARD:
    case T_WRITE_ZEROES:
        status = begin_zeroing(d, s, virtio_get32(&d->virtio, header) == T_DISCARD);
        break;
    case T_GET_ID:
        identify(d, s);
        return;
    default:
        status = S_UNSUPP;
    }
    if (status != S_OK) {
        give(d, s, status, 0);
        virtio_interrupt(&d->virtio, 0);
    }
}

/* --- The kind of device. --- */

static void notify(struct virtio_device *device, unsigned queue)
{
    struct virtio_blk *d = blk(device);

    while (d->free_slots && d->held < HELD_LARGEST) {
        struct slot *s = d->slots;

        while (s->used)
            s++;
        if (!virtio_take(device, queue, &s->chain))
            break;
        begin(d, s);
    }
}

static void geometry(const struct virtio_blk *d, uint8_t *to)
{
    /* The classic translation that fits any size: 16 heads, 63 sectors, cylinders up to the field's end. */
    uint64_t cylinders = capacity(d) / (16 * 63);

    virtio_put16(&d->virtio, to, (uint16_t)(cylinders > 65535 ? 65535 : cylinders));
    to[2] = 16;
    to[3] = 63;
}

static void read_config(struct virtio_device *device, uint8_t *config)
{
    struct virtio_blk *d = blk(device);

    virtio_put64(device, config, capacity(d));
    virtio_put32(device, config + 8, SEGMENT_LARGEST);
    virtio_put32(device, config + 12, SEGMENTS_LARGEST);
    geometry(d, config + 16);
    virtio_put32(device, config + 20, d->logical);
    config[24] = (uint8_t)__builtin_ctz(d->physical / d->logical); /* exponent; alignment offset 0 */
    virtio_put16(device, config + 26, 1);                          /* least sensible transfer, in blocks */
    config[32] = d->writeback;
    virtio_put16(device, config + 34, 1); /* queues */
    virtio_put32(device, config + 36, ZERO_SECTORS_LARGEST);
    virtio_put32(device, config + 40, 1);                       /* ranges in a discard */
    virtio_put32(device, config + 44, d->physical / BLOCK_SECTOR); /* its alignment */
    virtio_put32(device, config + 48, ZERO_SECTORS_LARGEST);
    virtio_put32(device, config + 52, 1);
    config[56] = 1; /* write-zeroes may unmap */
}

static void write_config(struct virtio_device *device, const uint8_t *config, unsigned bytes)
{
    if (bytes > 32)
        blk(device)->writeback = config[32] & 1;
}

static void accepted(struct virtio_device *device)
{
    struct virtio_blk *d = blk(device);

    if (virtio_has(device, F_CONFIG_WCE))
        d->writeback = virtio_has(device, F_FLUSH) && d->writeback;
}

static void reset(struct virtio_device *device)
{
    struct virtio_blk *d = blk(device);

    abandon_all(d);
    event_cancel(device->channel.machine, &virtio_blk_completion, device->channel.sid);
    d->writeback = !d->write_through;
    d->transfer_free = d->last_completion = 0;
}

/* --- State: what the host has done of requests in progress is not done again where it is restored. --- */

/* Room for the data of a restored request; without it the data are not there either. */
static void restore_data(struct virtio_blk *d, struct block_request *r, struct state_walk *walk)
{
    state_check(walk, r->bytes <= (uint64_t)SEGMENT_LARGEST * SEGMENTS_LARGEST && r->bytes <= walk->room,
                "a request is too long");
    if (walk->refusal)
        r->bytes = 0;
    r->data = machine_allocate(r->bytes);
    d->held += r->bytes;
}

static void request_state(struct virtio_blk *d, struct slot *s, struct state_walk *walk)
{
    struct block_request *r = &s->request;
    uint8_t operation = (uint8_t)r->operation;
    uint32_t result = 0;

    if (walk->complete && !walk->restoring)
        result = (uint32_t)block_image_wait(d->image, r);
    state_u8(walk, "operation", &operation);
    state_check(walk, operation <= BLOCK_DISCARD, "there is no such request");
    r->operation = operation <= BLOCK_DISCARD ? (enum block_operation)operation : BLOCK_FLUSH;
    STATE(walk, r, durable);
    STATE(walk, r, offset);
    STATE(walk, r, bytes);
    virtqueue_chain_state(&s->chain, &d->virtio.queues[0], walk);
    state_check(walk, s->chain.writable_bytes > 0, "a request has no status byte");
    if (walk->restoring && r->operation <= BLOCK_WRITE)
        restore_data(d, r, walk);
    if (r->operation == BLOCK_WRITE || (walk->complete && r->operation == BLOCK_READ))
        state_bytes(walk, "data", r->data, r->bytes);
    if (!walk->complete)
        return;
    state_u32(walk, "result", &result);
    if (walk->restoring)
        block_image_done_before(d->image, r, (int)(result & 0xffff));
}

static void slot_state(struct virtio_blk *d, struct slot *s, struct state_walk *walk)
{
    bool used;

    if (walk->restoring && s->used) {
        block_image_wait(d->image, &s->request);
        forget(d, s);
    }
    used = s->used;
    state_bool(walk, "in_progress", &used);
    if (!used)
        return;
    if (walk->restoring) {
        s->request = (struct block_request){0};
        block_image_done_before(d->image, &s->request, 0);
        s->used = true;
        d->free_slots--;
    }
    request_state(d, s, walk);
}

static void check_disk(const struct virtio_blk *d, struct state_walk *walk)
{
    uint64_t bytes = block_image_size(d->image);
    uint32_t logical = d->logical;
    uint8_t serial[SERIAL_BYTES];

    memcpy(serial, d->serial, sizeof serial);
    state_u64(walk, "disk_bytes", &bytes);
    state_check(walk, bytes == block_image_size(d->image), "the disks have different sizes");
    state_u32(walk, "logical", &logical);
    state_check(walk, logical == d->logical, "the disks have different blocks");
    state_bytes(walk, "serial", serial, sizeof serial);
    state_check(walk, !memcmp(serial, d->serial, sizeof serial), "the disks have different serial numbers");
}

static void state(struct virtio_device *device, struct state_walk *walk)
{
    struct virtio_blk *d = blk(device);

    if (walk->complete)
        check_disk(d, walk);
    STATE(walk, d, writeback);
    STATE(walk, d, transfer_free);
    STATE(walk, d, last_completion);
    for (unsigned i = 0; i < QUEUE_SIZE; i++)
        slot_state(d, &d->slots[i], walk);
}

struct block_image *virtio_blk_image(const struct channel_device *channel)
{
    const struct virtio_blk *d = (const struct virtio_blk *)channel;

    return channel->operations == &virtio_ccw_operations && d->virtio.class == &virtio_blk_class ? d->image : NULL;
}

static void release(struct virtio_device *device)
{
    struct virtio_blk *d = blk(device);

    for (unsigned i = 0; i < QUEUE_SIZE; i++)
        virtqueue_chain_release(&d->slots[i].chain);
    block_image_close(d->image);
}

static const struct virtio_class virtio_blk_class = {
    .name = "virtio-blk-ccw",
    .type = VIRTIO_TYPE_BLOCK,
    .queues = 1,
    .queue_size = {QUEUE_SIZE},
    .config_bytes = 60,
    .read_config = read_config,
    .write_config = write_config,
    .notify = notify,
    .accepted = accepted,
    .reset = reset,
    .state = state,
    .release = release,
};

struct channel_device *virtio_blk_create(struct machine *machine, const struct virtio_blk_parameters *p)
{
    struct virtio_blk *d = machine_allocate(sizeof *d);
    uint64_t features = F_SIZE_MAX | F_SEG_MAX | F_GEOMETRY | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY |
                        F_CONFIG_WCE;

    d->image = p->image;
    d->logical = p->logical_block_bytes ? p->logical_block_bytes : BLOCK_SECTOR;
    d->physical = p->physical_block_bytes ? p->physical_block_bytes : 4096;
    d->write_through = p->write_through;
    d->writeback = !p->write_through;
    d->free_slots = QUEUE_SIZE;
    if (p->serial)
        memcpy(d->serial, p->serial, strnlen(p->serial, SERIAL_BYTES));
    features |= block_image_read_only(d->image) ? F_RO : F_DISCARD | F_WRITE_ZEROES;
    virtio_init(&d->virtio, machine, &virtio_blk_class, features);
    return &d->virtio.channel;
}
