/* SPDX-License-Identifier: MIT */
/**
 * The scheduler: CPUs run round-robin on one host thread, each a slice of virtual time,
 * so a run is a pure function of its inputs and SMP races reproduce.
 */
#include "cpu/cpus.h"
#include "cpu/timer.h"
#include "machine/input.h"

/* A lone CPU gets long slices: nobody else can notice. */
enum { LONE_SLICE = 1 << 20 };

bool cpu_runnable(struct cpu *cpu)
{
    if (!cpu->configured)
        return false;
    if (cpu->pending & PENDING_RESTART)
        cpu_enter_state(cpu, CPU_OPERATING, cpu->machine->now);
    if (cpu->state != CPU_OPERATING)
        return false;
    if (!(cpu->psw_mask & PSW_WAIT) || cpu->early_specification)
        return true;
    cpu->pending = (cpu->pending & ~(uint32_t)(PENDING_CLOCK_COMPARATOR | PENDING_CPU_TIMER)) |
                   timer_pending(cpu, cpu->machine->now);
    return cpu_interruption_pending(cpu);
}

/* Earliest timer condition of any configured CPU. */
static uint64_t timers_deadline(const struct machine *machine)
{
    uint64_t deadline = EVENT_NEVER;

    for (unsigned i = 0; i < machine->cpus->count; i++) {
        const struct cpu *cpu = machine->cpus->cpu[i];
        uint64_t d;

        if (!cpu->configured || cpu->state != CPU_OPERATING)
            continue;
        d = timer_deadline(cpu, machine->now);
        if (d < deadline)
            deadline = d;
    }
    return deadline;
}

uint64_t cpus_next_event(const struct machine *machine)
{
    uint64_t timers = timers_deadline(machine), events = event_next_time(machine);

    events = timers < events ? timers : events;
    return input_next_time(machine) < events ? input_next_time(machine) : events;
}

/* One round: every runnable CPU runs from now to at most `until`. False if none could. */
static bool round_of_slices(struct machine *machine, uint64_t until, unsigned runnable)
{
    struct cpus *cpus = machine->cpus;
    uint64_t start = machine->now, latest = start;
    unsigned first = cpus->next < cpus->count ? cpus->next : 0;
    bool ran = false;

    cpus->next = cpus->count;
    if (runnable > 1 && until - start > SLICE_CYCLES)
        until = start + SLICE_CYCLES;
    else if (until - start > LONE_SLICE)
        until = start + LONE_SLICE;
    for (unsigned i = 0; i < cpus->count; i++) {
        struct cpu *cpu = cpus->cpu[(first + i) % cpus->count];

        machine->now = start;
        if (!cpu_runnable(cpu))
            continue;
        cpu_run_slice(cpu, start, until);
        ran = true;
        if (machine->now > latest)
            latest = machine->now;
        if (machine->slice_end < until)
            until = machine->slice_end > start ? machine->slice_end : start + 1;
    }
    machine->now = latest;
    return ran;
}

static unsigned count_runnable(struct machine *machine)
{
    unsigned n = 0;

    for (unsigned i = 0; i < machine->cpus->count; i++)
        n += cpu_runnable(machine->cpus->cpu[i]);
    return n;
}

/* No CPU can ever run: say why. A disabled wait, a stop of all, or a check stop. */
static void find_end(struct machine *machine)
{
    bool waiting = false, enabled = false, check_stop = false;

    for (unsigned i = 0; i < machine->cpus->count; i++) {
        const struct cpu *cpu = machine->cpus->cpu[i];

        check_stop |= cpu->state == CPU_CHECK_STOP;
        if (!cpu->configured || cpu->state != CPU_OPERATING)
            continue;
        waiting = true;
        enabled |= (cpu->psw_mask & (PSW_IO | PSW_EXTERNAL | PSW_MACHINE_CHECK)) != 0;
    }
    if (check_stop)
        machine->end = MACHINE_CHECK_STOP;
    else if (!waiting)
        machine->end = MACHINE_POWER_OFF;
    else if (!enabled)
        machine->end = MACHINE_DISABLED_WAIT;
}

static enum cpus_outcome run(struct machine *machine, uint64_t limit, bool exactly)
{
    while (!machine->end && !machine->configuration.load_request && machine->now < limit) {
        uint64_t next;
        unsigned runnable;

        input_deliver(machine);
        event_run_due(machine);
        runnable = count_runnable(machine);
        next = cpus_next_event(machine);
        if (next <= machine->now)
            next = machine->now + 1;
        if (runnable) {
            round_of_slices(machine, exactly && limit < next ? limit : next, runnable);
            continue;
        }
        find_end(machine);
        if (!machine->end)
            return CPUS_IDLE;
    }
    return machine->end ? CPUS_ENDED : CPUS_RAN;
}

enum cpus_outcome cpus_run(struct machine *machine, uint64_t limit)
{
    return run(machine, limit, true);
}

enum cpus_outcome cpus_run_rounds(struct machine *machine, uint64_t limit)
{
    return run(machine, limit, false);
}

void cpus_skip_to(struct machine *machine, uint64_t time)
{
    if (time > machine->now)
        machine->now = time;
}
