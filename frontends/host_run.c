/* SPDX-License-Identifier: MIT */
#include "host_run.h"

#include <signal.h>
#include <stdio.h>

#include "host_terminal.h"

/* ---- The machine and the host as the pace sees them ---- */

static enum paced_outcome run_machine(void *context, uint64_t limit)
{
    struct host_run *r = context;

    if (r->limit && limit > r->limit)
        limit = r->limit;
    switch (sienna_run(r->sienna, limit)) {
    case SIENNA_RAN: return PACED_RAN;
    case SIENNA_IDLE: return PACED_IDLE;
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

static void quit(void *context)
{
    struct host_run *r = context;

    r->quit = true;
    sienna_quit(r->sienna);
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

bool host_run_init(struct host_run *r, struct sienna *sienna, char problem[HOST_PROBLEM_BYTES])
{
    struct paced_machine machine = {r, run_machine, machine_now, machine_next_event, machine_skip_to,
                                    machine_input_waiting};
    struct paced_host host = {r, clock_of_host, poll_host, congested};

    *r = (struct host_run){.sienna = sienna};
    r->loop = host_loop_create();
    if (!r->loop || !host_loop_signals(r->loop, take_signal, r)) {
        host_loop_release(r->loop);
        snprintf(problem, HOST_PROBLEM_BYTES, "the host has no file descriptors left");
        return false;
    }
    pace_init(&r->pace, &machine, &host);
    return true;
}

bool host_run_console(struct host_run *r, const char *text, unsigned kinds, char problem[HOST_PROBLEM_BYTES])
{
    const struct host_console_actions actions = {.context = r, .quit = quit};
    struct host_console *c;

    if (r->console_count == HOST_RUN_CONSOLES) {
        snprintf(problem, HOST_PROBLEM_BYTES, "there are at most %d consoles", HOST_RUN_CONSOLES);
        return false;
    }
    c = host_console_open(r->sienna, r->loop, text, kinds, &actions, problem);
    if (!c)
        return false;
    r->consoles[r->console_count++] = c;
    return true;
}

static bool somebody_outside(struct host_run *r)
{
    bool outside = r->answerer && r->answerer(r->answerer_context);

    for (unsigned i = 0; i < r->console_count; i++) {
        host_console_resume(r->consoles[i]);
        outside |= host_console_can_answer(r->consoles[i]);
    }
    return outside;
}

void host_run(struct host_run *r)
{
    while (!r->quit && !(r->limit && sienna_now(r->sienna) >= r->limit)) {
        enum pace_result result;

        pace_set_outside(&r->pace, somebody_outside(r));
        result = pace_step(&r->pace);
        if (result == PACE_DEAD)
            sienna_give_up(r->sienna);
        if (result != PACE_GOES_ON)
            break;
    }
}

void host_run_release(struct host_run *r)
{
    for (unsigned i = 0; i < r->console_count; i++)
        host_console_close(r->consoles[i]);
    host_loop_release(r->loop);
}

int host_run_exit_code(const struct host_run *r)
{
    enum { LIMIT_REACHED = 3 };

    if (r->signal)
        return 128 + r->signal;
    if (r->limit && !r->quit && sienna_now(r->sienna) >= r->limit)
        return LIMIT_REACHED;
    return sienna_exit_code(r->sienna);
}
