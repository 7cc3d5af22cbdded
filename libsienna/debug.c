/* SPDX-License-Identifier: MIT */
/** Stopping the machine where a debugger wants it, and going on. */
#include <stdlib.h>

#include "cpu/guests.h"
#include "cpu/stepping.h"
#include "cpu/stops.h"
#include "libsienna/history.h"
#include "libsienna/inspect.h"
#include "sienna_debug.h"

_Static_assert((int)STOP_INSTRUCTION == SIENNA_STOP_INSTRUCTION && (int)STOP_SIGP == SIENNA_STOP_SIGP, "kinds");
_Static_assert((int)STOP_ANY == SIENNA_ANY_GUEST && (int)STOP_ANY == SIENNA_ANY_CPU, "any");

/* ---- Why ---- */

static void tell(const struct stop_reason *r, struct sienna_stop *out)
{
    *out = (struct sienna_stop){.cause = (enum sienna_stop_cause)r->cause, .id = r->id,
                                .kind = (enum sienna_stop_kind)r->kind, .thread = {r->guest, r->cpu},
                                .address = r->address, .store = r->store, .number = r->number};
}

void sienna_stop_reason(const struct sienna *s, struct sienna_stop *out)
{
    tell(&s->machine.cpus->stops->reason, out);
}

/* ---- Conditions ---- */

/* Of one stop. */
struct stop_condition {
    struct stop_condition *next;
    unsigned id;
    bool (*wanted)(void *context, const struct sienna_stop *stop);
    void *context;
};

static bool ask(void *context, const struct stop_reason *reason)
{
    struct sienna *s = context;
    struct sienna_stop stop;

    tell(reason, &stop);
    if (s->stop_wanted && !s->stop_wanted(s->stop_wanted_context, &stop))
        return false;
    for (const struct stop_condition *c = s->stop_conditions; c; c = c->next)
        if (c->id == stop.id)
            return c->wanted(c->context, &stop);
    return true;
}

static void ask_if_needed(struct sienna *s)
{
    struct stops *stops = s->machine.cpus->stops;

    stops->wanted = s->stop_wanted || s->stop_conditions ? ask : NULL;
    stops->wanted_context = s;
}

static void forget_condition(struct sienna *s, unsigned id)
{
    for (struct stop_condition **at = &s->stop_conditions, *c; (c = *at) != NULL; at = &c->next)
        if (c->id == id) {
            *at = c->next;
            free(c);
            return;
        }
}

void sienna_stop_condition(struct sienna *s, bool (*wanted)(void *context, const struct sienna_stop *stop),
                           void *context)
{
    s->stop_wanted = wanted;
    s->stop_wanted_context = context;
    ask_if_needed(s);
}

bool sienna_stop_condition_of(struct sienna *s, unsigned id,
                              bool (*wanted)(void *context, const struct sienna_stop *stop), void *context)
{
    const struct stop *stop = s->machine.cpus->stops->first;
    struct stop_condition *c;

    while (stop && stop->id != id)
        stop = stop->next;
    if (!stop)
        return false;
    forget_condition(s, id);
    if (wanted) {
        c = machine_allocate(sizeof *c);
        *c = (struct stop_condition){s->stop_conditions, id, wanted, context};
        s->stop_conditions = c;
    }
    ask_if_needed(s);
    return true;
}

void stop_conditions_release(struct sienna *s)
{
    while (s->stop_conditions)
        forget_condition(s, s->stop_conditions->id);
}

/* ---- Where ---- */

static bool is_access(enum sienna_stop_kind kind)
{
    return kind == SIENNA_STOP_FETCH || kind == SIENNA_STOP_STORE || kind == SIENNA_STOP_ACCESS;
}

static bool stop_makes_sense(const struct sienna *s, const struct sienna_stop_at *w, char *problem)
{
    if (w->kind < SIENNA_STOP_INSTRUCTION || w->kind > SIENNA_STOP_SIGP)
        return problem_set(problem, "there is no such kind of stop");
    if (w->guest > SIENNA_ANY_GUEST || w->cpu > SIENNA_ANY_CPU)
        return problem_set(problem, "there is no such thread");
    if (w->kind == SIENNA_STOP_INSTRUCTION && (w->address & 1))
        return problem_set(problem, "instructions begin at even addresses");
    if (!is_access(w->kind))
        return true;
    if (w->space != SIENNA_LOGICAL && w->space != SIENNA_ABSOLUTE)
        return problem_set(problem, "storage is watched by logical or absolute addresses");
    if (!w->bytes || w->address + w->bytes - 1 < w->address)
        return problem_set(problem, "there are no such bytes to watch");
    if (w->space == SIENNA_ABSOLUTE && w->address + w->bytes > s->machine.storage->size)
        return problem_set(problem, "absolute storage ends before %llx",
                           (unsigned long long)(w->address + w->bytes));
    return true;
}

unsigned sienna_stop_add(struct sienna *s, const struct sienna_stop_at *w, char problem[SIENNA_PROBLEM_BYTES])
{
    struct stop stop = {.kind = (enum stop_kind)w->kind, .guest = w->guest, .cpu = w->cpu,
                        .absolute = w->space == SIENNA_ABSOLUTE, .address = w->address, .bytes = w->bytes,
                        .number = w->number};

    if (!stop_makes_sense(s, w, problem))
        return 0;
    s->machine.cpus->keep_guest_registers = true;
    return stops_add(s->machine.cpus, &stop);
}

bool sienna_stop_remove(struct sienna *s, unsigned id)
{
    if (!stops_remove(s->machine.cpus, id))
        return false;
    forget_condition(s, id);
    ask_if_needed(s);
    return true;
}

unsigned sienna_stop_known(const struct sienna *s, unsigned index, struct sienna_stop_at *out)
{
    const struct stop *stop = s->machine.cpus->stops->first;

    for (; stop && index; index--)
        stop = stop->next;
    if (!stop)
        return 0;
    *out = (struct sienna_stop_at){.kind = (enum sienna_stop_kind)stop->kind, .guest = stop->guest,
                                   .cpu = stop->cpu, .space = stop->absolute ? SIENNA_ABSOLUTE : SIENNA_LOGICAL,
                                   .address = stop->address, .bytes = stop->bytes, .number = stop->number};
    return stop->id;
}

/* ---- Going on ---- */

uint64_t sienna_position(const struct sienna *s)
{
    return cpus_position(s->machine.cpus);
}

/* A part of a run: to its end, or to where history wants a mark; false then. */
static bool run_part(struct sienna *s, struct stepping *steps, uint64_t limit, enum cpus_outcome *outcome)
{
    struct cpus *cpus = s->machine.cpus;
    uint64_t wanted = cpus->stop_position, mark = history_next_mark(s), here = cpus_position(cpus);

    if (mark <= here)
        mark = here + 1;
    cpus->stop_position = mark < wanted ? mark : wanted;
    *outcome = steps ? cpus_step_thread(&s->machine, steps, limit) : cpus_run_rounds(&s->machine, limit);
    cpus->stop_position = wanted;
    if (history_arrive(s))
        return false;
    history_mark_due(s);
    if (*outcome != CPUS_STOPPED || cpus->stops->reason.cause != STOP_CAUSE_POSITION || cpus_position(cpus) >= wanted)
        return true;
    cpus->stops->reason = (struct stop_reason){.cause = STOP_CAUSE_NONE};
    cpus->stops->standing.cpu = NULL;
    return false;
}

enum sienna_outcome machine_run(struct sienna *s, struct stepping *steps, uint64_t limit)
{
    enum cpus_outcome outcome;

    s->started = true;
    s->machine.cpus->stops->reason = (struct stop_reason){.cause = STOP_CAUSE_NONE};
    for (;;) {
        if (!run_part(s, steps, limit, &outcome))
            continue;
        /* A round that a stop has suspended is finished first: nothing may depend on the stop. */
        if (s->machine.cpus->round.open || !s->machine.configuration.load_request)
            break;
        machine_serve_request(s);
    }
    return machine_outcome(s, outcome);
}

enum sienna_outcome sienna_run(struct sienna *s, uint64_t limit)
{
    return machine_run(s, NULL, limit);
}

enum sienna_outcome sienna_run_to(struct sienna *s, uint64_t position, uint64_t limit)
{
    enum sienna_outcome outcome;

    s->machine.cpus->stop_position = position;
    outcome = machine_run(s, NULL, limit);
    s->machine.cpus->stop_position = UINT64_MAX;
    return outcome;
}

static bool thread_exists(const struct sienna *s, struct sienna_thread t)
{
    return t.guest ? guests_find(s->machine.cpus, t.guest, t.cpu) != NULL : cpu_numbered(s, t.cpu) != NULL;
}

enum sienna_outcome sienna_thread_step(struct sienna *s, struct sienna_thread thread, bool into, uint64_t *steps,
                                       uint64_t limit)
{
    struct stepping stepping = {.guest = thread.guest, .cpu = thread.cpu, .into = into, .left = *steps};
    struct stop_reason *reason = &s->machine.cpus->stops->reason;
    enum sienna_outcome outcome;

    if (!thread_exists(s, thread))
        return SIENNA_RAN;
    outcome = machine_run(s, &stepping, limit);
    *steps = stepping.left;
    if (outcome != SIENNA_RAN || stepping.left)
        return outcome;
    *reason = (struct stop_reason){.cause = STOP_CAUSE_STEP, .guest = thread.guest, .cpu = thread.cpu};
    return SIENNA_STOPPED;
}
