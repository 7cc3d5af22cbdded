/* SPDX-License-Identifier: MIT */
#include "machine/event.h"

#include <stdlib.h>

#include "machine/machine.h"

static bool later(const struct event *a, const struct event *b)
{
    return a->time != b->time ? a->time > b->time : a->sequence > b->sequence;
}

void event_schedule(struct machine *machine, const struct event_class *class, uint32_t subject,
                    uint64_t argument, uint64_t time)
{
    struct event_queue *q = &machine->events;
    struct event e = {time, q->sequence++, class, subject, argument};
    unsigned at;

    if (q->count == q->room) {
        q->room = q->room ? 2 * q->room : 32;
        q->pending = machine_reallocate(q->pending, q->room * sizeof *q->pending);
    }
    for (at = q->count; at > 0 && !later(&q->pending[at - 1], &e); at--)
        q->pending[at] = q->pending[at - 1];
    q->pending[at] = e;
    q->count++;
    if (time < machine->slice_end)
        machine_end_slice_at(machine, time);
}

unsigned event_cancel(struct machine *machine, const struct event_class *class, uint32_t subject)
{
    struct event_queue *q = &machine->events;
    unsigned kept = 0, removed;

    for (unsigned i = 0; i < q->count; i++)
        if (q->pending[i].class != class || q->pending[i].subject != subject)
            q->pending[kept++] = q->pending[i];
    removed = q->count - kept;
    q->count = kept;
    return removed;
}

bool event_pending(const struct machine *machine, const struct event_class *class, uint32_t subject)
{
    const struct event_queue *q = &machine->events;

    for (unsigned i = 0; i < q->count; i++)
        if (q->pending[i].class == class && q->pending[i].subject == subject)
            return true;
    return false;
}

uint64_t event_next_time(const struct machine *machine)
{
    const struct event_queue *q = &machine->events;

    return q->count ? q->pending[q->count - 1].time : EVENT_NEVER;
}

void event_run_due(struct machine *machine)
{
    struct event_queue *q = &machine->events;

    while (q->count && q->pending[q->count - 1].time <= machine->now) {
        struct event e = q->pending[--q->count];

        e.class->fire(machine, e.subject, e.argument);
    }
}

void event_queue_release(struct event_queue *queue)
{
    free(queue->pending);
    *queue = (struct event_queue){0};
}
