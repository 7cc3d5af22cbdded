/* SPDX-License-Identifier: MIT */
#include "channel/frame_queue.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "machine/machine.h"

bool frame_queue_init(struct frame_queue *q, unsigned limit)
{
    *q = (struct frame_queue){.limit = limit, .descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    q->last = &q->first;
    pthread_mutex_init(&q->lock, NULL);
    return q->descriptor >= 0;
}

void frame_queue_release(struct frame_queue *q)
{
    struct queued_frame *f;

    while ((f = frame_queue_take(q)))
        free(f);
    pthread_mutex_destroy(&q->lock);
    if (q->descriptor >= 0)
        close(q->descriptor);
}

void frame_queue_wake(struct frame_queue *q)
{
    uint64_t one = 1;

    if (write(q->descriptor, &one, sizeof one) < 0)
        return; /* the counter is at its end: readable already */
}

void frame_queue_put(struct frame_queue *q, const void *frame, size_t bytes)
{
    struct queued_frame *f = machine_allocate(sizeof *f + bytes);
    bool full;

    f->bytes = bytes;
    memcpy(f->data, frame, bytes);
    pthread_mutex_lock(&q->lock);
    full = q->count == q->limit;
    if (!full) {
        *q->last = f;
        q->last = &f->next;
        if (q->count++ == 0)
            frame_queue_wake(q);
    }
    pthread_mutex_unlock(&q->lock);
    if (full)
        free(f);
}

struct queued_frame *frame_queue_take(struct frame_queue *q)
{
    struct queued_frame *f;
    uint64_t ignored;

    pthread_mutex_lock(&q->lock);
    f = q->first;
    if (f) {
        q->first = f->next;
        q->count--;
    }
    if (!q->first) {
        q->last = &q->first;
        if (q->descriptor >= 0 && read(q->descriptor, &ignored, sizeof ignored) < 0)
            ignored = 0; /* it was not readable: nothing to take back */
    }
    pthread_mutex_unlock(&q->lock);
    return f;
}
