/* SPDX-License-Identifier: MIT */
/** Going on, stopping, and telling of it. CPUs stand and go together: a halted one would be another machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gdbstub/internal.h"
#include "sienna_history.h"

/* ---- Stop replies ---- */

static void put_expedited(struct gdb *g, struct text *t, struct gdb_thread thread, unsigned number)
{
    struct sienna_thread of = gdb_to_thread(thread);
    struct gdb_register r;
    uint8_t bytes[16];

    if (!gdb_register(g, of, number, &r) || !gdb_register_read(g, of, &r, bytes))
        return;
    text_say(t, "%02x:", number);
    text_hex(t, bytes, r.bytes);
    text_say(t, ";");
}

void gdb_put_stop(struct gdb *g, struct text *t, unsigned signal, struct gdb_thread thread, const char *extra)
{
    struct sienna_thread_info info;

    text_say(t, "T%02x", signal);
    put_expedited(g, t, thread, GDB_REGISTER_PSWM);
    put_expedited(g, t, thread, GDB_REGISTER_PSWA);
    put_expedited(g, t, thread, GDB_REGISTER_R15);
    text_say(t, "thread:");
    gdb_put_thread(g, t, thread);
    text_say(t, ";");
    if (sienna_thread(g->sienna, gdb_to_thread(thread), &info) && info.machine_cpu >= 0)
        text_say(t, "core:%x;", (unsigned)info.machine_cpu);
    text_say(t, "%s", extra);
}

/* What was to be said meanwhile goes to the console before the stop reply ends that. */
static void say_problems(struct gdb *g)
{
    if (!g->non_stop)
        gdb_console(g, g->problem.bytes, g->problem.count);
    text_clear(&g->problem);
}

void gdb_tell_stop(struct gdb *g, unsigned signal, struct gdb_thread thread, const char *extra)
{
    g->step = (struct gdb_step){0};
    g->step_done = false;
    g->reported = g->looked_at = thread;
    text_clear(&g->stop);
    gdb_put_stop(g, &g->stop, signal, thread, extra);
    if (!g->connected || !g->resumed)
        return;
    say_problems(g);
    g->resumed = false;
    g->general = thread;
    if (g->non_stop)
        gdb_notify_stop(g, thread, &g->stop);
    else
        gdb_send(g, g->stop.bytes, g->stop.count);
}

bool gdb_do_question(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct gdb_thread thread;

    if (!g->attached_count) {
        text_say(reply, "W00");
        return true;
    }
    gdb_hold(g);
    g->resumed = false;
    if (!g->stop.count || !gdb_thread_exists(g, g->reported)) {
        thread = gdb_some_thread(g);
        g->reported = g->looked_at = thread;
        gdb_put_stop(g, &g->stop, 5, thread, "");
    }
    g->general = g->reported;
    text_put(reply, g->stop.bytes, g->stop.count);
    if (g->non_stop)
        gdb_notice_first(g, g->reported, &g->stop);
    return true;
}

/* ---- Stopping ---- */

void gdb_hold(struct gdb *g)
{
    if (!g->met)
        g->was_running = g->host.running(g->host.context);
    g->met = true;
    if (g->host.running(g->host.context))
        g->host.set_running(g->host.context, false);
}

/* A CPU of the process in question that does something, if there is one. */
static struct gdb_thread busy_thread(struct gdb *g)
{
    struct gdb_thread some = gdb_some_thread(g), thread = {some.process, 1};
    struct sienna_thread_info info;

    if (sienna_thread(g->sienna, gdb_to_thread(some), &info) && !info.cpu.waiting &&
        info.cpu.state == SIENNA_CPU_OPERATING)
        return some;
    for (; gdb_thread_exists(g, thread); thread.thread++)
        if (sienna_thread(g->sienna, gdb_to_thread(thread), &info) && !info.cpu.waiting &&
            info.cpu.state == SIENNA_CPU_OPERATING && info.machine_cpu >= 0)
            return thread;
    return some;
}

static void interrupt(struct gdb *g, unsigned signal)
{
    if (!g->resumed)
        return;
    gdb_hold(g);
    gdb_tell_stop(g, signal, g->step.active ? g->step.thread : busy_thread(g), "");
}

void gdb_interrupt(struct gdb *g)
{
    interrupt(g, 2);
}

bool gdb_do_ctrl_c(struct gdb *g, struct cursor *c, struct text *reply)
{
    gdb_send(g, "OK", 2);
    interrupt(g, 2);
    return false;
}

/* Of a machine that has ended by itself: a CPU that stands for good. */
static struct gdb_thread dead_thread(struct gdb *g)
{
    const uint64_t enabled = 0x0304000000000000; /* for I/O, external and machine-check interruptions */
    struct sienna_cpu cpu;

    for (unsigned i = 0; gdb_is_attached(g, 0) && sienna_cpu(g->sienna, i, &cpu); i++)
        if (cpu.configured &&
            (cpu.state == SIENNA_CPU_CHECK_STOP || (cpu.waiting && !(cpu.psw_mask & enabled))))
            return (struct gdb_thread){1, i + 1};
    return busy_thread(g);
}

void gdb_stopped(struct gdb *g, const char *text)
{
    bool ended = strcmp(sienna_end_reason(g->sienna), "running") != 0;
    struct sienna_replay replay;

    if (!g->connected)
        return;
    if (g->resumed)
        text_say(&g->problem, "sienna: %s\n", text);
    gdb_tell_stop(g, 5, ended ? dead_thread(g) : busy_thread(g),
                  sienna_replay(g->sienna, &replay) && (replay.ended || replay.cut) ? "replaylog:end;" : "");
}

void gdb_went_on(struct gdb *g)
{
    text_clear(&g->stop);
}

void gdb_ended(struct gdb *g, int exit_code)
{
    struct text t = {0};

    if (!g->connected || !g->resumed)
        return;
    g->resumed = false;
    say_problems(g);
    text_say(&t, "%sW%02x%s", g->non_stop ? "Stop:" : "", (unsigned)exit_code & 255, g->multiprocess ? ";process:1" : "");
    if (g->non_stop)
        gdb_notify(g, t.bytes, t.count);
    else
        gdb_send(g, t.bytes, t.count);
    text_free(&t);
}

/* ---- Running ---- */

void gdb_start_cpus(struct gdb *g)
{
    char problem[SIENNA_PROBLEM_BYTES];
    struct sienna_cpu cpu;

    for (unsigned i = 0; i < SIENNA_MAX_CPUS; i++)
        if ((g->start_cpus >> i & 1) && sienna_cpu(g->sienna, i, &cpu) && cpu.configured &&
            cpu.state == SIENNA_CPU_STOPPED)
            sienna_operate(g->sienna, SIENNA_START, i, problem);
    g->start_cpus = g->mask_written = 0;
}

void gdb_resume(struct gdb *g)
{
    gdb_start_cpus(g);
    gdb_hold(g);
    text_clear(&g->stop);
    g->resumed = g->resumed_once = true;
    g->direction = 1;
    g->host.set_running(g->host.context, true);
}

static bool in_range(struct gdb *g)
{
    struct sienna_thread_info info;

    return g->step.start < g->step.end && sienna_thread(g->sienna, gdb_to_thread(g->step.thread), &info) &&
           info.cpu.psw_address >= g->step.start && info.cpu.psw_address < g->step.end;
}

/* Steps through a range are many: after so many the host is served. */
enum { STEPS_AT_ONCE = 10000 };

enum sienna_outcome gdb_run(struct gdb *g, uint64_t limit)
{
    struct sienna_thread thread = gdb_to_thread(g->step.thread);

    if (!g->step.active)
        return sienna_run(g->sienna, limit);
    for (unsigned i = 0; i < STEPS_AT_ONCE; i++) {
        bool into = g->into && g->step.start == g->step.end;
        uint64_t steps = 1;
        enum sienna_outcome outcome = sienna_thread_step(g->sienna, thread, into, &steps, limit);
        struct sienna_stop stop;

        sienna_stop_reason(g->sienna, &stop);
        if (outcome == SIENNA_STOPPED && stop.cause == SIENNA_CAUSE_STOP)
            return outcome;
        if (steps)
            return outcome;
        if (!in_range(g)) {
            g->step_done = true;
            return SIENNA_STOPPED;
        }
        if (sienna_now(g->sienna) >= limit)
            return SIENNA_RAN;
    }
    return SIENNA_RAN;
}

/* ---- Packets ---- */

bool gdb_do_vcont_query(struct gdb *g, struct cursor *c, struct text *reply)
{
    text_say(reply, "vCont;c;C;s;S;t;r");
    return true;
}

static bool go(struct gdb *g, struct text *reply)
{
    gdb_resume(g);
    return g->non_stop ? gdb_ok(reply) : false;
}

static bool halt(struct gdb *g, struct text *reply)
{
    gdb_send(g, "OK", 2);
    if (!g->non_stop) {
        interrupt(g, 0);
        return false;
    }
    /* None of them has a reason of its own. */
    gdb_hold(g);
    text_clear(&g->stop);
    g->step = (struct gdb_step){0};
    g->resumed = g->step_done = false;
    gdb_notify_others(g);
    return false;
}

/* What a vCont wants in all. */
struct wish {
    bool go, halt;
    struct gdb_step step;
};

/* One action: "c", "Csig", "s", "Ssig", "t", "rSTART,END", and for whom. */
static bool take_action(struct gdb *g, struct cursor *c, struct wish *wish)
{
    struct gdb_thread thread = {ALL, ALL};
    uint64_t signal, start = 0, end = 0;
    char kind;

    if (at_end(c))
        return false;
    kind = *c->at++;
    if (!strchr("cCsStr", kind) || ((kind == 'C' || kind == 'S') && !take_hex(c, &signal)) ||
        (kind == 'r' && !take_range(c, ',', &start, &end)) || (take(c, ':') && !gdb_take_thread(g, c, &thread)))
        return false;
    wish->halt |= kind == 't';
    wish->go |= kind == 'c' || kind == 'C';
    if (kind != 't')
        gdb_note_running(g, thread);
    if ((kind == 's' || kind == 'S' || kind == 'r') && !wish->step.active) {
        if (thread.process == ALL || thread.thread == ALL || !thread.thread)
            thread = gdb_some_thread(g);
        wish->step = (struct gdb_step){true, thread, start, end};
        return gdb_thread_exists(g, thread);
    }
    return true;
}

bool gdb_do_vcont(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct wish wish = {0};

    if (at_end(c) || !g->attached_count)
        return gdb_error(reply, ERROR_PACKET);
    while (take(c, ';'))
        if (!take_action(g, c, &wish))
            return gdb_error(reply, ERROR_PACKET);
    if (!at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    if (!wish.step.active && !wish.go)
        return halt(g, reply);
    g->step = wish.step;
    return go(g, reply);
}

/* "c[ADDRESS]", "Csig[;ADDRESS]" and the same for steps. */
static bool resume_old(struct gdb *g, struct cursor *c, struct text *reply, bool step)
{
    bool with_signal = c->at[-1] == 'C' || c->at[-1] == 'S';
    struct gdb_thread thread = g->control;
    uint64_t number;

    if (!g->attached_count || (with_signal && !take_hex(c, &number)) ||
        (!at_end(c) && with_signal && !take(c, ';')))
        return gdb_error(reply, ERROR_PACKET);
    if (!gdb_thread_exists(g, thread))
        thread = gdb_some_thread(g);
    if (!at_end(c)) {
        if (!take_hex(c, &number) || !at_end(c))
            return gdb_error(reply, ERROR_PACKET);
        if (!gdb_set_address(g, gdb_to_thread(thread), number))
            return gdb_error(reply, ERROR_REFUSED);
    }
    g->step = (struct gdb_step){step, thread, 0, 0};
    gdb_note_running(g, (struct gdb_thread){ALL, ALL});
    return go(g, reply);
}

bool gdb_do_continue(struct gdb *g, struct cursor *c, struct text *reply)
{
    return resume_old(g, c, reply, false);
}

bool gdb_do_step(struct gdb *g, struct cursor *c, struct text *reply)
{
    return resume_old(g, c, reply, true);
}
