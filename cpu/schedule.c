/* SPDX-License-Identifier: MIT */
/**
 * The scheduler: CPUs run round-robin on one host thread, each a slice of virtual time,
 * so a run is a pure function of its inputs and SMP races reproduce.
 */
#include "cpu/cpus.h"
#include "cpu/stepping.h"
#include "cpu/stops.h"
#include "cpu/timer.h"
#include "machine/input.h"

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
    uint64_t start = machine->now, longest = runnable > 1 ? SLICE_CYCLES : LONGEST_SLICE; /* a lone CPU: nobody else can notice */
    unsigned first = 0;

    if (cpus->seeded.on) {
        longest = seeded_slice(&cpus->seeded, runnable == 1);
        first = seeded_first(&cpus->seeded, cpus->count);
    }
    longest *= cpus->cpu[0]->cycle;
    if (until - start > longest)
        until = start + longest;
    cpus->round = (struct round){.open = true, .start = start, .until = until, .latest = start,
                                 .first = cpus->next < cpus->count ? cpus->next : first};
    cpus->next = cpus->count;
}

/* Does the CPU whose turn it is get its slice? One that a seed delays lets the time pass. */
static bool has_turn(struct machine *machine, struct cpu *cpu)
{
    struct round *round = &machine->cpus->round;

    if (!cpu_runnable(cpu))
        return false;
    if (!machine->cpus->seeded.on || seeded_turn(&machine->cpus->seeded, cpu, round->start))
        return true;
    if (round->latest < round->until)
        round->latest = round->until;
    return false;
}

static void end_slice(struct machine *machine, struct round *round)
{
    if (machine->now > round->latest)
        round->latest = machine->now;
    if (machine->slice_end < round->until)
        round->until = machine->slice_end > round->start ? machine->slice_end : round->start + 1;
}

/* Cycles that the CPU in its slice has executed of it. */
static uint64_t slice_cycles(const struct cpus *cpus)
{
    return (cpus->machine->now - cpus->round.start) / cpus->cpu[0]->cycle;
}

uint64_t cpus_position(const struct cpus *cpus)
{
    return cpus->executed + (cpus->round.in_slice ? slice_cycles(cpus) : 0);
}

uint64_t cpu_executed(const struct cpu *cpu)
{
    const struct round *round = &cpu->all->round;
    bool own = round->in_slice && cpu == cpu->all->cpu[(round->first + round->done) % cpu->all->count];

    return cpu->executed + (own ? slice_cycles(cpu->all) : 0);
}

static void end_part(struct cpus *cpus, enum stopping why)
{
    if (!cpus->running)
        return;
    cpus->stopping |= (uint8_t)why;
    cpus->running->leave |= LEAVE_STOP;
}

void cpus_stop(struct cpus *cpus) { end_part(cpus, STOPPING); }
void cpus_pause(struct cpus *cpus) { end_part(cpus, STOPPING_PART); }

/* Where the slice is interrupted next. */
enum part { PART_SLICE, PART_STEP };

/* Cycles until a replay's next input within a slice; 0: it is to be delivered now. */
static uint64_t cycles_to_input(const struct machine *machine, uint64_t position)
{
    unsigned slice;
    uint64_t at;

    if (!input_next_in_slice(machine, &at, &slice) || at < position)
        return UINT64_MAX;
    return at > position || slice == machine->cpus->round.done ? at - position : UINT64_MAX;
}

/* Execute a part of the slice that the round is in; false when the machine stops within it. */
static bool run_part(struct machine *machine, struct cpu *cpu, enum part part)
{
    struct cpus *cpus = machine->cpus;
    uint64_t until = machine->slice_end, position = cpus_position(cpus);
    uint64_t cycles = (until - machine->now + cpu->cycle - 1) / cpu->cycle;
    uint64_t input = cycles_to_input(machine, position);

    if (input == 0) {
        cpus->delivering = true;
        return false;
    }
    if (cycles > input)
        cycles = input;
    if (position >= cpus->stop_position) {
        cpus->stopping |= STOPPING;
        stops_reach_position(cpu);
        return false;
    }
    if (cycles > cpus->stop_position - position)
        cycles = cpus->stop_position - position;
    /* None are left of a slice that an alteration ended. */
    if (part == PART_STEP && cycles > 1)
        cycles = 1;
    cpus->round.in_slice = cpu_run_part(cpu, machine->now, until, cycles);
    cpus->stopping &= (uint8_t)~STOPPING_PART;
    return !cpus->stopping;
}

/* Begin the slice of the CPU whose turn it is; false when it cannot run. */
static bool begin_slice(struct machine *machine)
{
    struct round *round = &machine->cpus->round;

    machine->now = round->start;
    if (!has_turn(machine, machine->cpus->cpu[(round->first + round->done) % machine->cpus->count]))
        return false;
    round->in_slice = true;
    machine->slice_end = round->until;
    return true;
}

/* The slice of the CPU whose turn it is, or what is left of it; false when the steps ran out in it, or it stops. */
static bool take_slice(struct machine *machine, struct stepping *steps)
{
    struct cpus *cpus = machine->cpus;
    struct round *round = &cpus->round;
    struct cpu *cpu = cpus->cpu[(round->first + round->done) % cpus->count];
    bool goes_on = true;

    if (!round->in_slice && !begin_slice(machine))
        return true;
    while (round->in_slice && goes_on && !(steps && !steps->left)) {
        bool single = steps && stepping_single(steps, cpu);
        uint64_t before = machine->now;

        goes_on = run_part(machine, cpu, single ? PART_STEP : PART_SLICE);
        if (steps && goes_on && machine->now > before)
            stepping_count(steps, cpu, single);
    }
    if (!round->in_slice) {
        cpu->executed += slice_cycles(cpus);
        cpus->executed += slice_cycles(cpus);
        end_slice(machine, round);
    }
    if ((!goes_on && !cpus->delivering) || (steps && !steps->left))
        stops_note_standing(cpu);
    return goes_on && !round->in_slice;
}

static void close_round(struct machine *machine)
{
    machine->now = machine->cpus->round.latest;
    machine->cpus->round.open = false;
}

void cpus_settle(struct machine *machine)
{
    struct round *round = &machine->cpus->round;

    while (round->open && !round->in_slice) {
        if (round->done == machine->cpus->count)
            close_round(machine);
        else if (!begin_slice(machine))
            round->done++;
    }
}

/* The rest of the round; false when the steps (NULL: no limit) ran out before its end. */
static bool finish_round(struct machine *machine, struct stepping *steps)
{
    struct round *round = &machine->cpus->round;

    while (round->done < machine->cpus->count) {
        bool goes_on;

        if (steps && !steps->left)
            return false;
        goes_on = take_slice(machine, steps);
        round->done += !round->in_slice;
        if (!goes_on)
            return false;
    }
    close_round(machine);
    return true;
}

void cpus_abandon_round(struct machine *machine)
{
    struct round *round = &machine->cpus->round;

    if (round->in_slice)
        machine->cpus->cpu[(round->first + round->done) % machine->cpus->count]->executed +=
            slice_cycles(machine->cpus);
    machine->cpus->executed = cpus_position(machine->cpus);
    round->in_slice = false;
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

/* Between rounds: has a replay come to the end of its recording, or left it? */
static bool replay_ended(struct machine *machine)
{
    if (input_missed(machine))
        input_diverge(machine, "it has passed the place of the next input");
    if (!input_exhausted(machine) && !input_diverged(machine))
        return false;
    machine->end = MACHINE_RECORDING_ENDED;
    return true;
}

static enum cpus_outcome run_until(struct machine *machine, uint64_t limit, bool exactly, struct stepping *steps)
{
    const struct round *round = &machine->cpus->round;

    machine->cpus->stopping = 0;
    while (!(steps && !steps->left)) {
        uint64_t next;
        unsigned runnable;

        if (round->open) {
            finish_round(machine, steps);
            if (machine->cpus->delivering) {
                machine->cpus->delivering = false;
                input_deliver_next(machine);
            }
            if (machine->cpus->stopping || machine->end == MACHINE_RECORDING_ENDED)
                break;
            continue;
        }
        if (machine->configuration.load_request || machine->now >= limit)
            break;
        if (machine->end) {
            /* Whoever gave it new life in the recorded run does so here. */
            if (input_deliver_next(machine))
                continue;
            break;
        }
        if (replay_ended(machine))
            break;
        input_pass(machine);
        if (machine->end)
            continue;
        if (unlikely(machine->cpus->stopping)) {
            stops_complete(machine->cpus);
            if (machine->cpus->stopping)
                break;
        }
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
    if (machine->end)
        return CPUS_ENDED;
    return machine->cpus->stopping ? CPUS_STOPPED : CPUS_RAN;
}

static enum cpus_outcome run(struct machine *machine, uint64_t limit, bool exactly, struct stepping *steps)
{
    enum cpus_outcome outcome;

    machine->cpus->stops->running = true;
    outcome = run_until(machine, limit, exactly, steps);
    machine->cpus->stops->running = false;
    return outcome;
}

enum cpus_outcome cpus_run(struct machine *machine, uint64_t limit)
{
    return run(machine, limit, true, NULL);
}

enum cpus_outcome cpus_run_rounds(struct machine *machine, uint64_t limit)
{
    return run(machine, limit, false, NULL);
}

enum cpus_outcome cpus_step_thread(struct machine *machine, struct stepping *steps, uint64_t limit)
{
    enum cpus_outcome outcome;

    machine->cpus->stepping = steps;
    outcome = run(machine, limit, false, steps);
    machine->cpus->stepping = NULL;
    return outcome;
}

enum cpus_outcome cpus_step(struct machine *machine, const struct cpu *only, uint64_t *steps, uint64_t limit)
{
    struct stepping stepping = {.any = !only, .cpu = only ? only->address : 0, .into = true, .left = *steps};
    enum cpus_outcome outcome = cpus_step_thread(machine, &stepping, limit);

    *steps = stepping.left;
    return outcome;
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
