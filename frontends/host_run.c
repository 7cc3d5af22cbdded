/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "host_run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "gdbstub/gdb.h"
#include "host_terminal.h"

/* ---- The machine and the host as the pace sees them ---- */

/* A breakpoint or the like; or a debugger's step is done. A debugger that is there tells its user itself. */
static void met_stop(struct host_run *r)
{
    char text[256];

    pace_set_stopped(&r->pace, true);
    gdb_describe_stop(r->sienna, text, sizeof text);
    if (r->gdb && host_gdb_met_stop(r->gdb))
        monitor_note_stop(r->monitor, "gdb", text);
    else
        monitor_stopped(r->monitor, "stop", text);
}

static enum paced_outcome run_machine(void *context, uint64_t limit)
{
    struct host_run *r = context;
    enum sienna_outcome outcome;

    if (r->limit && limit > r->limit)
        limit = r->limit;
    if (r->snapshots.every && limit > r->snapshots.due)
        limit = r->snapshots.due;
    outcome = r->gdb ? host_gdb_run(r->gdb, limit) : sienna_run(r->sienna, limit);
    host_snapshots_tick(&r->snapshots);
    switch (outcome) {
    case SIENNA_RAN: return PACED_RAN;
    case SIENNA_IDLE: return PACED_IDLE;
    case SIENNA_STOPPED:
        met_stop(r);
        return PACED_RAN;
    default: return PACED_ENDED;
    }
}

static uint64_t machine_now(void *context)
{
    return sienna_now(((struct host_run *)context)->sienna);
}

static uint64_t machine_next_event(void *context)
{
    return sienna_next_event(((struct host_run *)context)->sienna);
}

static void machine_skip_to(void *context, uint64_t time)
{
    struct host_run *r = context;

    sienna_skip_to(r->sienna, r->limit && time > r->limit ? r->limit : time);
}

static bool machine_input_waiting(void *context)
{
    return sienna_input_waiting(((struct host_run *)context)->sienna);
}

static uint64_t machine_service_calls(void *context)
{
    return sienna_service_calls(((struct host_run *)context)->sienna);
}

static uint64_t clock_of_host(void *context)
{
    return host_clock();
}

static bool poll_host(void *context, int64_t nanoseconds)
{
    return host_loop_poll(((struct host_run *)context)->loop, nanoseconds);
}

static bool congested(void *context)
{
    const struct host_run *r = context;

    for (unsigned i = 0; i < r->console_count; i++)
        if (host_console_congested(r->consoles[i]))
            return true;
    return false;
}

/* ---- What ends it ---- */

void host_run_quit(struct host_run *r)
{
    r->quit = true;
    /* A machine that had ended keeps its reason. */
    if (!strcmp(sienna_end_reason(r->sienna), "running"))
        sienna_quit(r->sienna);
}

static void quit(void *context)
{
    host_run_quit(context);
}

static void take_signal(void *context, int number)
{
    struct host_run *r = context;

    if (number == SIGTSTP) {
        host_terminal_suspend();
    } else if (number == SIGCONT) {
        host_terminal_continued();
    } else {
        r->signal = number;
        quit(r);
    }
}

/* ---- What the monitor asks for ---- */

static void set_stopped(void *context, bool stopped)
{
    struct host_run *r = context;

    if (stopped == r->pace.stopped)
        return;
    pace_set_stopped(&r->pace, stopped);
    if (r->gdb && stopped)
        host_gdb_stopped(r->gdb, "stopped by the monitor");
    else if (r->gdb)
        host_gdb_went_on(r->gdb);
}

static bool is_stopped(const void *context)
{
    return ((const struct host_run *)context)->pace.stopped;
}

static uint64_t lag(const void *context)
{
    return pace_lag(&((const struct host_run *)context)->pace);
}

static uint64_t limit(const void *context)
{
    const struct host_run *r = context;

    return r->limit ? r->limit : UINT64_MAX;
}

static void devices_changed(void *context)
{
    struct host_run *r = context;

    if (r->devices_changed)
        r->devices_changed(r->answerer_context);
}

static void went_back(void *context)
{
    pace_went_back(&((struct host_run *)context)->pace);
}

bool host_run_init(struct host_run *r, struct sienna *sienna, char problem[HOST_PROBLEM_BYTES])
{
    struct paced_machine machine = {r, run_machine, machine_now, machine_next_event, machine_skip_to,
                                    machine_input_waiting, machine_service_calls};
    struct paced_host host = {r, clock_of_host, poll_host, congested};
    struct monitor_host monitor = {r, set_stopped, is_stopped, quit, lag, limit, devices_changed, went_back,
                                   &r->snapshots};

    *r = (struct host_run){.sienna = sienna, .snapshots = {.sienna = sienna}};
    r->loop = host_loop_create();
    if (!r->loop || !host_loop_signals(r->loop, take_signal, r)) {
        host_loop_release(r->loop);
        snprintf(problem, HOST_PROBLEM_BYTES, "the host has no file descriptors left");
        return false;
    }
    pace_init(&r->pace, &machine, &host);
    r->monitor = monitor_create(sienna, &monitor);
    return true;
}

/* ---- The monitor on a console: C-a c ---- */

static void write_console(void *context, const char *bytes, size_t count)
{
    struct host_run_switch *sw = context;

    if (sw->console)
        host_console_show(sw->console, bytes, count);
}

static void select_monitor(void *context, bool selected)
{
    static const char back[] = "\nThe console (C-a c: the monitor).\n";
    struct host_run_switch *sw = context;
    enum monitor_kind kind = host_console_is_terminal(sw->console) ? MONITOR_TERMINAL : MONITOR_LINES;

    if (!sw->session)
        sw->session = monitor_session_open(sw->run->monitor, kind, write_console, sw);
    sw->selected = selected;
    monitor_session_listen(sw->session, selected);
    if (!selected)
        write_console(sw, back, sizeof back - 1);
}

static void typed_to_monitor(void *context, const uint8_t *bytes, size_t count)
{
    monitor_session_type(((struct host_run_switch *)context)->session, bytes, count);
}

static void quit_from_console(void *context)
{
    quit(((struct host_run_switch *)context)->run);
}

bool host_run_console(struct host_run *r, const char *text, unsigned kinds, char problem[HOST_PROBLEM_BYTES])
{
    struct host_run_switch *sw = &r->switches[r->console_count];
    const struct host_console_actions actions = {sw, quit_from_console, select_monitor, typed_to_monitor};

    if (r->console_count == HOST_RUN_CONSOLES) {
        snprintf(problem, HOST_PROBLEM_BYTES, "there are at most %d consoles", HOST_RUN_CONSOLES);
        return false;
    }
    sw->run = r;
    sw->console = host_console_open(r->sienna, r->loop, text, kinds, &actions, problem);
    if (!sw->console)
        return false;
    r->consoles[r->console_count++] = sw->console;
    return true;
}

bool host_run_monitor(struct host_run *r, const char *text, char problem[HOST_PROBLEM_BYTES])
{
    struct monitor_stream *m;

    if (r->monitor_count == HOST_RUN_MONITORS) {
        snprintf(problem, HOST_PROBLEM_BYTES, "there are at most %d monitors", HOST_RUN_MONITORS);
        return false;
    }
    m = monitor_stream_open(r->monitor, r->loop, text, problem);
    if (!m)
        return false;
    r->monitors[r->monitor_count++] = m;
    return true;
}

bool host_run_gdb(struct host_run *r, const char *text, const char *program, char problem[HOST_PROBLEM_BYTES])
{
    r->gdb = host_gdb_open(r, text, program, problem);
    return r->gdb != NULL;
}

/* May a monitor or gdb look at a machine that has stopped? A monitor on a console may while it is selected. */
static bool monitored(struct host_run *r)
{
    if (r->gdb && host_gdb_is_looking(r->gdb))
        return true;
    for (unsigned i = 0; i < r->monitor_count; i++)
        if (monitor_stream_can_answer(r->monitors[i]))
            return true;
    for (unsigned i = 0; i < r->console_count; i++)
        if (r->switches[i].selected && host_console_can_answer(r->consoles[i]))
            return true;
    return false;
}

bool host_run_startable(struct host_run *r)
{
    for (unsigned i = 0; i < r->console_count; i++)
        if (host_console_has_keys(r->consoles[i]) && host_console_can_answer(r->consoles[i]))
            return true;
    return monitored(r) || (r->gdb && host_gdb_can_answer(r->gdb));
}

void host_run_stopped(struct host_run *r)
{
    pace_set_stopped(&r->pace, true);
    if (!monitor_stopped(r->monitor, "start", "it has not been started yet"))
        fprintf(stderr, "sienna: the machine waits for %s to start it\n",
                r->gdb ? "gdb or a monitor" : "a monitor (C-a c on a console)");
}

/* The machine has ended. True when it was not the guest's own wish and a monitor is there to look at it. */
static bool stop_instead(struct host_run *r)
{
    const char *reason = sienna_end_reason(r->sienna);
    char text[256];

    if (r->quit || !monitored(r) || (sienna_exit_code(r->sienna) == 0 && strcmp(reason, "operator") && strcmp(reason, "recording-ended")))
        return false;
    sienna_end_text(r->sienna, text, sizeof text);
    pace_set_stopped(&r->pace, true);
    if (r->gdb)
        host_gdb_stopped(r->gdb, text);
    if (!monitor_stopped(r->monitor, reason, text) && !(r->gdb && host_gdb_is_looking(r->gdb)))
        fprintf(stderr, "sienna: %s; the machine is stopped for the monitor\n", text);
    return true;
}

static bool somebody_outside(struct host_run *r)
{
    bool outside = r->answerer && r->answerer(r->answerer_context);

    for (unsigned i = 0; i < r->console_count; i++) {
        host_console_resume(r->consoles[i]);
        outside |= host_console_can_answer(r->consoles[i]);
    }
    if (r->gdb) {
        host_gdb_resume(r->gdb);
        outside |= host_gdb_is_connected(r->gdb);
    }
    for (unsigned i = 0; i < r->monitor_count; i++) {
        monitor_stream_resume(r->monitors[i]);
        outside |= monitor_stream_can_answer(r->monitors[i]);
    }
    return outside;
}

static bool limit_reached(const struct host_run *r)
{
    return r->limit && !r->quit && sienna_now(r->sienna) >= r->limit;
}

void host_run(struct host_run *r)
{
    while (!r->quit && !limit_reached(r)) {
        enum pace_result result;

        pace_set_outside(&r->pace, somebody_outside(r) && !r->replay);
        if (r->pace.stopped && !host_run_startable(r))
            pace_set_stopped(&r->pace, false);
        result = pace_step(&r->pace);
        if (result == PACE_DEAD)
            sienna_give_up(r->sienna);
        if (result != PACE_GOES_ON && !stop_instead(r))
            break;
    }
    /* A step may have reached it within a round of slices. */
    if (limit_reached(r))
        sienna_run(r->sienna, r->limit);
    if (r->gdb)
        host_gdb_ended(r->gdb, host_run_exit_code(r));
}

void host_run_release(struct host_run *r)
{
    for (unsigned i = 0; i < r->console_count; i++) {
        monitor_session_close(r->switches[i].session);
        r->open_line |= host_console_open_line(r->consoles[i]);
        host_console_close(r->consoles[i]);
    }
    for (unsigned i = 0; i < r->monitor_count; i++)
        monitor_stream_close(r->monitors[i]);
    host_gdb_close(r->gdb);
    monitor_release(r->monitor);
    host_snapshots_release(&r->snapshots);
    host_loop_release(r->loop);
}

int host_run_exit_code(const struct host_run *r)
{
    enum { LIMIT_REACHED = 3 };

    if (r->signal)
        return 128 + r->signal;
    if (limit_reached(r))
        return LIMIT_REACHED;
    return sienna_exit_code(r->sienna);
}

void host_run_end_text(const struct host_run *r, char *text, size_t room)
{
    if (r->signal)
        snprintf(text, room, "ended by signal %d (%s)", r->signal, strsignal(r->signal));
    else if (limit_reached(r))
        snprintf(text, room, "ended by -limit");
    else
        sienna_end_text(r->sienna, text, room);
}
