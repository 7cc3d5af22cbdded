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
    /* A guest that waits is left by its CPU, which is no less busy for it. */
    if (!(cpu->psw_mask & PSW_WAIT) || cpu->early_specification || cpu->interpreting)
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

/* One round: every runnable CPU runs from now to at most `until`. */
static void begin_round(struct machine *machine, uint64_t until, unsigned runnable)
{
    struct cpus *cpus = machine->cpus;
    uint64_t start = machine->now, longest = runnable > 1 ? SLICE_CYCLES : LONE_SLICE;

    longest *= cpus->cpu[0]->cycle;
    if (until - start > longest)
        until = start + longest;
    cpus->round = (struct round){.open = true, .start = start, .until = until, .latest = start,
                                 .first = cpus->next < cpus->count ? cpus->next : 0};
    cpus->next = cpus->count;
}

static void end_slice(struct machine *machine, struct round *round)
{
    if (machine->now > round->latest)
        round->latest = machine->now;
    if (machine->slice_end < round->until)
        round->until = machine->slice_end > round->start ? machine->slice_end : round->start + 1;
}

/* The slice of the CPU whose turn it is, or what is left of it; false when `steps` ran out in it. */
static bool take_slice(struct machine *machine, const struct cpu *only, uint64_t *steps)
{
    struct round *round = &machine->cpus->round;
    struct cpu *cpu = machine->cpus->cpu[(round->first + round->done) % machine->cpus->count];
    uint64_t until = round->in_slice ? machine->slice_end : round->until;

    if (!round->in_slice) {
        machine->now = round->start;
        if (!cpu_runnable(cpu))
            return true;
    }
    if (!steps || (only && cpu != only)) {
        cpu_run_slice(cpu, machine->now, until);
    } else {
        for (round->in_slice = true; round->in_slice && *steps; --*steps) {
            round->in_slice = cpu_step(cpu, machine->now, until);
            until = machine->slice_end;
        }
        if (round->in_slice)
            return false;
    }
    round->in_slice = false;
    end_slice(machine, round);
    return true;
}

/* The rest of the round; false when `steps` (NULL: no limit) ran out before its end. */
static bool finish_round(struct machine *machine, const struct cpu *only, uint64_t *steps)
{
    struct round *round = &machine->cpus->round;

    for (; round->done < machine->cpus->count; round->done++) {
        if (steps && !*steps)
            return false;
        if (!take_slice(machine, only, steps))
            return false;
    }
    machine->now = round->latest;
    round->open = false;
    return true;
}

void cpus_abandon_round(struct machine *machine)
{
    struct round *round = &machine->cpus->round;

    if (round->open && round->latest > machine->now)
        machine->now = round->latest;
    round->open = false;
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

static enum cpus_outcome run(struct machine *machine, uint64_t limit, bool exactly, const struct cpu *only,
                             uint64_t *steps)
{
    const struct round *round = &machine->cpus->round;

    while (!(steps && !*steps)) {
        uint64_t next;
        unsigned runnable;

        if (round->open) {
            finish_round(machine, only, steps);
            continue;
        }
        if (machine->end || machine->configuration.load_request || machine->now >= limit)
            break;
        input_deliver(machine);
        event_run_due(machine);
        runnable = count_runnable(machine);
        next = cpus_next_event(machine);
        if (next <= machine->now)
            next = machine->now + 1;
        if (runnable) {
            begin_round(machine, exactly && limit < next ? limit : next, runnable);
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
    return run(machine, limit, true, NULL, NULL);
}

enum cpus_outcome cpus_run_rounds(struct machine *machine, uint64_t limit)
{
    return run(machine, limit, false, NULL, NULL);
}

enum cpus_outcome cpus_step(struct machine *machine, const struct cpu *only, uint64_t *steps, uint64_t limit)
{
    return run(machine, limit, false, only, steps);
}

void cpus_set_cycle(struct cpus *cpus, unsigned units)
{
    for (unsigned i = 0; i < cpus->count; i++)
        cpus->cpu[i]->cycle = units;
}

void cpus_skip_to(struct machine *machine, uint64_t time)
{
    if (time > machine->now)
        machine->now = time;
}
