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

bool gdb_do_reverse_continue(struct gdb *g, struct cursor *c, struct text *reply)
{
    char problem[SIENNA_PROBLEM_BYTES] = "";
    struct gdb_thread thread;

    if (!at_end(c) || !begin(g, &thread))
        return gdb_error(reply, ERROR_PACKET);
    return tell(g, sienna_reverse_continue(g->sienna, problem), thread, problem, reply);
}
