/* SPDX-License-Identifier: MIT */
/**
 * Going back by steps, to stops, to stores: the way forward from a mark is gone once to see where it leads, and
 * once more to there.
 */
#include <stdlib.h>

#include "cpu/guests.h"
#include "cpu/stops.h"
#include "libsienna/history.h"
#include "libsienna/inspect.h"
#include "sienna_debug.h"

/* How far before the present position steps are looked for at first, in cycles; sixteen times as far each time. */
enum { WINDOW = 4096, WINDOW_GROWS = 16 };
/* A temporary mark is left so far before that, for the next steps back. */
enum { MARGIN = 1 << 20 };

/* The places at which the last steps of a thread have ended. */
struct trail {
    uint64_t *places;
    uint64_t room, count;
};

/* Let an idle machine go on; false when nothing happens any more. */
static bool wake(struct sienna *s, enum sienna_outcome outcome)
{
    uint64_t next = sienna_next_event(s);

    if (outcome == SIENNA_IDLE && next != UINT64_MAX)
        sienna_skip_to(s, next);
    return outcome == SIENNA_RAN || (outcome == SIENNA_IDLE && next != UINT64_MAX);
}

static bool never(void *context, const struct stop_reason *reason)
{
    return false;
}

/* Follow a thread from here until `end`, and note where each of its steps ends. */
static void follow(struct sienna *s, struct sienna_thread thread, bool into, uint64_t end, struct trail *trail)
{
    struct cpus *cpus = s->machine.cpus;
    bool (*wanted)(void *, const struct stop_reason *) = cpus->stops->wanted;

    cpus->stops->wanted = never;
    cpus->stop_position = end;
    while (cpus_position(cpus) < end) {
        uint64_t steps = 1;
        enum sienna_outcome outcome = sienna_thread_step(s, thread, into, &steps, UINT64_MAX);

        if (!steps && cpus_position(cpus) <= end)
            trail->places[trail->count++ % trail->room] = cpus_position(cpus);
        else if (steps && (outcome == SIENNA_RAN || !wake(s, outcome)))
            break; /* the thread does not exist yet, or the place was reached */
    }
    cpus->stop_position = UINT64_MAX;
    cpus->stops->wanted = wanted;
}

/* A thread that did not exist at `from` comes to be somewhere before `end`: go there. */
static bool await_thread(struct sienna *s, struct sienna_thread thread, uint64_t end, char *problem)
{
    struct sienna_thread_info info;

    while (!sienna_thread(s, thread, &info)) {
        uint64_t here = cpus_position(s->machine.cpus);

        if (here >= end || !history_run_to(s, here + WINDOW < end ? here + WINDOW : end, problem))
            return false;
    }
    return true;
}

/* Look for the step within `window` cycles before `here`. True: found, *to is where it began. */
static bool look(struct sienna *s, struct sienna_thread thread, bool into, uint64_t here, uint64_t window,
                 struct trail *trail, uint64_t *to, char *problem)
{
    uint64_t first, last, from;

    sienna_history_range(s, &first, &last);
    from = here - first > window ? here - window : first;
    trail->count = 0;
    if (!history_restore_before(s, from, problem))
        return false;
    if (from - cpus_position(s->machine.cpus) > 2 * MARGIN) {
        if (!history_run_to(s, from - MARGIN, problem))
            return false;
        history_mark_here(s);
    }
    if (!history_run_to(s, from, problem))
        return false;
    if (from == first)
        trail->places[trail->count++ % trail->room] = first;
    if (!await_thread(s, thread, here, problem))
        return false;
    follow(s, thread, into, here, trail);
    if (trail->count < trail->room)
        return false;
    *to = trail->places[trail->count % trail->room];
    return true;
}

enum sienna_reverse sienna_reverse_step(struct sienna *s, struct sienna_thread thread, bool into, uint64_t steps,
                                        char problem[SIENNA_PROBLEM_BYTES])
{
    uint64_t here = cpus_position(s->machine.cpus), first, last, to = 0, window = WINDOW;
    struct trail trail = {.room = steps + 1};
    bool found = false;

    problem[0] = 0;
    if (!steps || steps > 1 << 24) {
        problem_set(problem, "say how many steps, at most %d", 1 << 24);
        return SIENNA_REVERSE_FAILED;
    }
    if (!history_leave(s, problem))
        return SIENNA_REVERSE_FAILED;
    sienna_history_range(s, &first, &last);
    trail.places = machine_allocate(trail.room * sizeof *trail.places);
    for (;; window *= WINDOW_GROWS) {
        found = look(s, thread, into, here, window, &trail, &to, problem);
        if (found || window >= here - first)
            break;
    }
    free(trail.places);
    problem[0] = 0;
    if (!history_restore_before(s, found ? to : first, problem) || !history_run_to(s, found ? to : first, problem))
        return SIENNA_REVERSE_FAILED;
    s->machine.cpus->stops->reason = (struct stop_reason){.cause = STOP_CAUSE_STEP, .guest = thread.guest,
                                                          .cpu = thread.cpu};
    return found ? SIENNA_REVERSE_STOPPED : SIENNA_REVERSE_BEGIN;
}

/* Go on to the next stop before `end`; false when there is none. */
static bool next_stop(struct sienna *s, uint64_t end)
{
    for (;;) {
        enum sienna_outcome outcome = sienna_run_to(s, end, UINT64_MAX);

        if (cpus_position(s->machine.cpus) >= end)
            return false;
        if (outcome == SIENNA_STOPPED)
            return s->machine.cpus->stops->reason.cause == STOP_CAUSE_STOP;
        if (!wake(s, outcome))
            return false;
    }
}

/* The last stop before `here`: from mark to mark, the latest first. */
static enum sienna_reverse to_last_stop(struct sienna *s, uint64_t here, char *problem)
{
    uint64_t first, last, end = here;

    sienna_history_range(s, &first, &last);
    for (;;) {
        uint64_t from, count = 0;

        if (!history_restore_before(s, end > first ? end - 1 : first, problem))
            return SIENNA_REVERSE_FAILED;
        from = cpus_position(s->machine.cpus);
        while (next_stop(s, end))
            count++;
        if (count || from <= first) {
            if (!history_restore_before(s, from, problem))
                return SIENNA_REVERSE_FAILED;
            for (uint64_t i = 0; i < count; i++)
                next_stop(s, end);
            return count ? SIENNA_REVERSE_STOPPED : SIENNA_REVERSE_BEGIN;
        }
        end = from;
    }
}

enum sienna_reverse sienna_reverse_continue(struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    uint64_t here = cpus_position(s->machine.cpus);

    if (!history_leave(s, problem))
        return SIENNA_REVERSE_FAILED;
    return to_last_stop(s, here, problem);
}

enum sienna_reverse sienna_reverse_to_store(struct sienna *s, uint64_t address, uint64_t bytes,
                                            char problem[SIENNA_PROBLEM_BYTES])
{
    const struct sienna_stop_at store = {.kind = SIENNA_STOP_STORE, .guest = SIENNA_ANY_GUEST, .cpu = SIENNA_ANY_CPU,
                                         .space = SIENNA_ABSOLUTE, .address = address, .bytes = bytes, .number = -1};
    struct sienna_stop stop;
    enum sienna_reverse result;
    unsigned id = sienna_stop_add(s, &store, problem);

    if (!id)
        return SIENNA_REVERSE_FAILED;
    do
        result = sienna_reverse_continue(s, problem);
    while (result == SIENNA_REVERSE_STOPPED && (sienna_stop_reason(s, &stop), stop.id != id));
    sienna_stop_remove(s, id);
    /* It stands after the store. What the channel subsystem stores belongs to no instruction. */
    if (result == SIENNA_REVERSE_STOPPED && stop.thread.cpu != SIENNA_ANY_CPU)
        result = sienna_reverse_step(s, stop.thread, true, 1, problem);
    return result;
}
