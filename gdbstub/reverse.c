/* SPDX-License-Identifier: MIT */
/** Going back: history (sienna_history.h) restores and replays, the client sees a machine that runs backwards. */
#include <string.h>

#include "gdbstub/internal.h"
#include "sienna_history.h"

/* The machine stands somewhere else now: tell it as after a run. */
static bool tell(struct gdb *g, enum sienna_reverse outcome, struct gdb_thread thread, const char *problem,
                 struct text *reply)
{
    switch (outcome) {
    case SIENNA_REVERSE_STOPPED:
        gdb_met_stop(g);
        return false;
    case SIENNA_REVERSE_BEGIN:
        gdb_tell_stop(g, 5, thread, "replaylog:begin;");
        return false;
    default:
        /* GDB shows an error of these packets by its number only. */
        if (!g->non_stop) {
            gdb_console(g, problem, strlen(problem));
            gdb_console(g, "\n", 1);
        }
        g->resumed = false;
        return gdb_error(reply, ERROR_REFUSED);
    }
}

static bool begin(struct gdb *g, struct gdb_thread *thread)
{
    *thread = gdb_stepping_thread(g);
    if (!g->attached_count || g->resumed || !gdb_thread_exists(g, *thread))
        return false;
    gdb_hold(g);
    g->resumed = g->resumed_once = true;
    g->direction = -1;
    if (g->non_stop)
        gdb_send(g, "OK", 2);
    return true;
}

bool gdb_do_reverse_step(struct gdb *g, struct cursor *c, struct text *reply)
{
    char problem[SIENNA_PROBLEM_BYTES] = "";
    struct gdb_thread thread;
    enum sienna_reverse outcome;

    if (!at_end(c) || !begin(g, &thread))
        return gdb_error(reply, ERROR_PACKET);
    outcome = sienna_reverse_step(g->sienna, gdb_to_thread(thread), g->into, 1, problem);
    /* A step is no stop of the client's. */
    if (outcome == SIENNA_REVERSE_STOPPED) {
        gdb_tell_stop(g, 5, thread, "");
        return false;
    }
    return tell(g, outcome, thread, problem, reply);
}

/* A CPU of the machine that executes instructions; CPU 0 when none does. */
static struct sienna_thread busy_cpu(const struct sienna *s)
{
    struct sienna_cpu cpu;

    for (unsigned i = 0; sienna_cpu(s, i, &cpu); i++)
        if (cpu.configured && cpu.state == SIENNA_CPU_OPERATING && !cpu.waiting)
            return (struct sienna_thread){0, i};
    return (struct sienna_thread){0, 0};
}

/*
 * A machine that runs backwards comes to a watched access from behind and stands before it then, where GDB compares.
 * What the channel subsystem has stored belongs to no instruction: whichever a CPU began last is before it.
 */
static enum sienna_reverse before_access(struct gdb *g, const struct sienna_stop *stop, char *problem)
{
    struct sienna_thread thread = stop->thread.cpu == SIENNA_ANY_CPU ? busy_cpu(g->sienna) : stop->thread;

    return sienna_reverse_step(g->sienna, thread, true, 1, problem);
}

bool gdb_do_reverse_continue(struct gdb *g, struct cursor *c, struct text *reply)
{
    char problem[SIENNA_PROBLEM_BYTES] = "";
    enum sienna_reverse outcome;
    struct gdb_thread thread;
    struct sienna_stop stop;
    struct gdb_point *p;

    if (!at_end(c) || !begin(g, &thread))
        return gdb_error(reply, ERROR_PACKET);
    outcome = sienna_reverse_continue(g->sienna, problem);
    sienna_stop_reason(g->sienna, &stop);
    p = outcome == SIENNA_REVERSE_STOPPED && stop.cause == SIENNA_CAUSE_STOP ? gdb_find_point(g, stop.id) : NULL;
    if (p && p->type >= 2) {
        outcome = before_access(g, &stop, problem);
        if (outcome == SIENNA_REVERSE_STOPPED) {
            gdb_tell_point(g, p, &stop);
            return false;
        }
    }
    return tell(g, outcome, thread, problem, reply);
}
