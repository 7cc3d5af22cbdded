/* SPDX-License-Identifier: MIT */
#include "channel/virtio_9p.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "channel/host_worker.h"
#include "channel/p9_server.h"
#include "channel/virtio.h"
#include "machine/input.h"
#include "machine/state.h"

enum {
    QUEUE_SIZE = 128,
    SLOTS = 32, /* requests carried out at a time; further ones stay in the queue */
    F_MOUNT_TAG = 1 << 0,
    HEADER_BYTES = 7,
    ERROR_REPLY_BYTES = HEADER_BYTES + 4,
};

/* The modelled server, in TOD units: 50 µs, and 4.096 GB a second. */
#define LATENCY (50 * TOD_MICROSECOND)

/* A request in progress. */
struct slot {
    struct host_job job;
    struct virtio_9p *device;
    struct virtqueue_chain chain;
    bool used;
    uint64_t order; /* number of the request since the device was made */
    bool submitted; /* the server has it, or has answered it; not so in a replay */
    uint8_t *request, *reply;
    size_t request_bytes, reply_room, reply_bytes;
};

struct virtio_9p {
    struct virtio_device virtio;
    struct p9_server *server;
    struct host_worker *worker;
    char tag[VIRTIO_9P_TAG_LARGEST + 1];
    char *path;
    bool read_only;
    unsigned number;
    uint64_t last_completion; /* requests complete in order */
    uint64_t requests;        /* begun since the device was made */
    struct slot slots[SLOTS];
    unsigned free_slots;
};

static const struct virtio_class virtio_9p_class;
static void complete(struct machine *machine, uint32_t sid, uint64_t number);
const struct event_class virtio_9p_completion = {"virtio-9p.completion", complete};

static struct virtio_9p *share(struct virtio_device *device)
{
    return (struct virtio_9p *)device;
}

/* On the worker's thread. */
static void run(struct host_job *job)
{
    struct slot *s = (struct slot *)job; /* its first member */

    s->reply_bytes = p9_server_request(s->device->server, s->request, s->request_bytes, s->reply,
                                       s->reply_room);
}

static void forget(struct slot *s)
{
    free(s->request);
    free(s->reply);
    s->request = s->reply = NULL;
    s->used = false;
    s->device->free_slots++;
}

static void hand_over(struct slot *s)
{
    s->job.run = run;
    s->submitted = true;
    host_worker_submit(s->device->worker, &s->job);
}

/* Asked by the input log when it is not replaying (any more); the reply stands in the slot's buffer already. */
static size_t answer(void *context, uint8_t *buffer, size_t size)
{
    struct slot *s = context;

    if (!s->submitted)
        hand_over(s);
    host_worker_wait(s->device->worker, &s->job);
    return s->reply_bytes;
}

static void complete(struct machine *machine, uint32_t sid, uint64_t number)
{
    struct virtio_device *device = virtio_at(machine, sid, &virtio_9p_class);
    struct virtio_9p *d = share(device);
    struct slot *s;
    size_t bytes;

    if (!device || number >= SLOTS || !d->slots[number].used)
        return;
    s = &d->slots[number];
    bytes = input_ask(machine, INPUT_FILE_SHARING, d->number, answer, s, s->reply, s->reply_room);
    virtqueue_write(&device->queues[0], &s->chain, 0, s->reply, bytes);
    virtqueue_give(&device->queues[0], s->chain.head, (uint32_t)bytes);
    forget(s);
    virtio_interrupt(device, 0);
    device->class->notify(device, 0);
}

/* What the server began cannot be recalled: it is waited for and forgotten. */
static void abandon(struct slot *s)
{
    if (s->submitted)
        host_worker_wait(s->device->worker, &s->job);
    forget(s);
}

static void begin(struct virtio_9p *d, struct slot *s)
{
    struct machine *machine = d->virtio.channel.machine;
    uint64_t when;

    if (s->chain.readable_bytes < HEADER_BYTES || s->chain.writable_bytes < ERROR_REPLY_BYTES) {
        virtio_broken(&d->virtio, "a file-sharing request has no header or no room for a reply");
        return;
    }
    s->used = true;
    d->free_slots--;
    s->request_bytes = (size_t)(s->chain.readable_bytes < P9_MESSAGE_LARGEST ? s->chain.readable_bytes
                                                                             : P9_MESSAGE_LARGEST);
    s->reply_room = (size_t)(s->chain.writable_bytes < P9_MESSAGE_LARGEST ? s->chain.writable_bytes
                                                                          : P9_MESSAGE_LARGEST);
    s->request = machine_reallocate(NULL, s->request_bytes);
    s->reply = machine_reallocate(NULL, s->reply_room);
    virtqueue_read(&d->virtio.queues[0], &s->chain, 0, s->request, s->request_bytes);
    when = machine->now + LATENCY + s->request_bytes + s->reply_room;
    if (when < d->last_completion)
        when = d->last_completion;
    d->last_completion = when;
    s->order = ++d->requests;
    s->submitted = false;
    /* In a replay the reply will come from the recording. */
    if (!input_replaying(machine))
        hand_over(s);
    event_schedule(machine, &virtio_9p_completion, d->virtio.channel.sid, (uint64_t)(s - d->slots), when);
}

static void notify(struct virtio_device *device, unsigned queue)
{
    struct virtio_9p *d = share(device);

    while (d->free_slots) {
        struct slot *s = d->slots;

        while (s->used)
            s++;
        if (!virtio_take(device, queue, &s->chain))
            break;
        begin(d, s);
    }
}

static void read_config(struct virtio_device *device, uint8_t *config)
{
    const struct virtio_9p *d = share(device);

    virtio_put16(device, config, (uint16_t)strlen(d->tag));
    memcpy(config + 2, d->tag, strlen(d->tag));
}

static void reset(struct virtio_device *device)
{
    struct virtio_9p *d = share(device);

    event_cancel(device->channel.machine, &virtio_9p_completion, device->channel.sid);
    for (unsigned i = 0; i < SLOTS; i++)
        if (d->slots[i].used)
            abandon(&d->slots[i]);
    if (d->server)
        p9_server_reset(d->server);
    d->last_completion = 0;
}

/* --- State: the guest's side of requests in progress, and, where it is saved, the server's. --- */

/* Room for a restored request and its reply. */
static void restore_buffers(struct slot *s, uint32_t request, uint32_t room, struct state_walk *walk)
{
    state_check(walk, request >= HEADER_BYTES && request <= P9_MESSAGE_LARGEST && room <= P9_MESSAGE_LARGEST &&
                      room >= ERROR_REPLY_BYTES && request <= walk->room, "a request has no such length");
    if (walk->refusal)
        request = room = 0;
    s->request_bytes = request;
    s->reply_room = room;
    s->request = machine_allocate(request);
    s->reply = machine_allocate(room);
}

static void reply_state(struct slot *s, struct state_walk *walk)
{
    uint32_t bytes = (uint32_t)s->reply_bytes;

    STATE(walk, s, submitted);
    if (!s->submitted)
        return;
    state_count(walk, "reply_bytes", &bytes, (uint32_t)s->reply_room, 1);
    s->reply_bytes = bytes;
    state_bytes(walk, "reply", s->reply, bytes);
    if (walk->restoring)
        s->job.done = true;
}

static void request_state(struct slot *s, struct state_walk *walk)
{
    uint32_t request = (uint32_t)s->request_bytes, room = (uint32_t)s->reply_room;

    STATE(walk, s, order);
    state_u32(walk, "request_bytes", &request);
    state_u32(walk, "reply_room", &room);
    virtqueue_chain_state(&s->chain, &s->device->virtio.queues[0], walk);
    if (walk->restoring)
        restore_buffers(s, request, room, walk);
    state_bytes(walk, "request", s->request, s->request_bytes);
    if (walk->complete)
        reply_state(s, walk);
}

static void slot_state(struct slot *s, struct state_walk *walk)
{
    bool used;

    if (walk->restoring && s->used)
        abandon(s);
    used = s->used;
    state_bool(walk, "in_progress", &used);
    if (!used)
        return;
    if (walk->restoring) {
        s->used = true;
        s->submitted = false;
        s->device->free_slots--;
    } else if (walk->complete && s->submitted) {
        host_worker_wait(s->device->worker, &s->job);
    }
    request_state(s, walk);
}

/* What the server has not seen, since it was saved in a replay, it gets in the order of the guest's requests. */
static void submit_restored(struct virtio_9p *d)
{
    for (;;) {
        struct slot *next = NULL;

        for (struct slot *s = d->slots; s < d->slots + SLOTS; s++)
            if (s->used && !s->submitted && (!next || s->order < next->order))
                next = s;
        if (!next)
            break;
        hand_over(next);
    }
}

static void state(struct virtio_device *device, struct state_walk *walk)
{
    struct virtio_9p *d = share(device);

    if (walk->complete) {
        char tag[sizeof d->tag];

        strcpy(tag, d->tag);
        state_text(walk, "tag", tag, sizeof tag);
        state_check(walk, !strcmp(tag, d->tag), "the folders have different tags");
    }
    STATE(walk, d, last_completion);
    STATE(walk, d, requests);
    for (unsigned i = 0; i < SLOTS; i++)
        slot_state(&d->slots[i], walk);
    if (!walk->complete)
        return;
    if (d->server)
        p9_server_state(d->server, walk);
    if (walk->restoring && !walk->refusal && !input_replaying(device->channel.machine))
        submit_restored(d);
}

static void release(struct virtio_device *device)
{
    struct virtio_9p *d = share(device);

    for (unsigned i = 0; i < SLOTS; i++)
        virtqueue_chain_release(&d->slots[i].chain);
    host_worker_release(d->worker);
    p9_server_release(d->server);
    free(d->path);
}

const char *virtio_9p_writable(const struct channel_device *channel)
{
    const struct virtio_9p *d = (const struct virtio_9p *)channel;

    return channel->operations == &virtio_ccw_operations && d->virtio.class == &virtio_9p_class && !d->read_only
        ? d->path : NULL;
}

static const struct virtio_class virtio_9p_class = {
    .name = "virtio-9p-ccw",
    .type = VIRTIO_TYPE_9P,
    .queues = 1,
    .queue_size = {QUEUE_SIZE},
    .config_bytes = 2 + VIRTIO_9P_TAG_LARGEST,
    .read_config = read_config,
    .notify = notify,
    .reset = reset,
    .state = state,
    .release = release,
};

struct channel_device *virtio_9p_create(struct machine *machine, const struct virtio_9p_parameters *p,
                                        char problem[VIRTIO_9P_PROBLEM_BYTES])
{
    struct p9_server *server;
    struct virtio_9p *d;
    uint8_t opened;

    if (!*p->tag || strlen(p->tag) > VIRTIO_9P_TAG_LARGEST) {
        snprintf(problem, VIRTIO_9P_PROBLEM_BYTES, "mount_tag must have 1 to %u characters",
                 VIRTIO_9P_TAG_LARGEST);
        return NULL;
    }
    server = input_replaying(machine) ? NULL : p9_server_create(p->path, p->read_only);
    opened = server || input_replaying(machine);
    input_setting(machine, INPUT_DEVICE, p->number, &opened, sizeof opened);
    if (!opened) {
        snprintf(problem, VIRTIO_9P_PROBLEM_BYTES, "cannot share folder '%s': %s", p->path, strerror(errno));
        return NULL;
    }
    d = machine_allocate(sizeof *d);
    d->server = server;
    d->worker = host_worker_create();
    if (!d->worker) {
        snprintf(problem, VIRTIO_9P_PROBLEM_BYTES, "the host gives no thread for folder '%s'", p->path);
        p9_server_release(server);
        free(d);
        return NULL;
    }
    d->number = p->number;
    d->path = strdup(p->path);
    d->read_only = p->read_only;
    d->free_slots = SLOTS;
    strcpy(d->tag, p->tag);
    for (unsigned i = 0; i < SLOTS; i++)
        d->slots[i].device = d;
    virtio_init(&d->virtio, machine, &virtio_9p_class, F_MOUNT_TAG);
    return &d->virtio.channel;
}
