/* SPDX-License-Identifier: MIT */
#include "cpu/timer.h"

#include "cpu/level.h"

#include "cpu/cpus.h"

/* CR0 of level 1: the timers here are the machine's, whatever guest is being interpreted. */
static uint64_t machine_cr0(const struct cpu *cpu)
{
    return cpu->interpreting ? cpu->interpreting->host.cr[0] : cpu->cr[0];
}

static bool runs_timer(enum cpu_state state)
{
    return state == CPU_OPERATING || state == CPU_LOAD;
}

struct tod timer_tod_at(const struct machine *machine, uint64_t time)
{
    struct tod tod = {machine->tod_epoch, machine->tod_base + time};

    tod.epoch += tod.clock < time;
    return tod;
}

struct tod timer_read_tod(struct cpu *cpu)
{
    uint64_t *last = &cpu->all->last_clock, time = cpu_time(cpu);

    *last = (time > *last ? time : *last) + 1;
    return timer_tod_at(cpu->machine, *last);
}

void timer_set_tod(struct machine *machine, uint64_t time, uint64_t value)
{
    uint64_t base = value - time;

    machine->tod_offset += base - machine->tod_base;
    machine->tod_base = base;
    /* The epoch index becomes zero; a base "before" virtual time 0 lies in the epoch before. */
    machine->tod_epoch = value < time ? UINT8_MAX : 0;
}

void timer_set_tod_offset(struct machine *machine, uint64_t offset)
{
    int64_t step = (int64_t)(offset - machine->tod_offset);
    uint64_t base = machine->tod_base + (uint64_t)step;

    if (step >= 0)
        machine->tod_epoch += base < machine->tod_base;
    else
        machine->tod_epoch -= base > machine->tod_base;
    machine->tod_base = base;
    machine->tod_offset = offset;
}

int64_t cpu_timer_at(const struct cpu *cpu, uint64_t time)
{
    return (int64_t)(cpu->cpu_timer_end - (runs_timer(cpu->state) ? time : 0));
}

void timer_set_cpu_timer(struct cpu *cpu, uint64_t time, uint64_t value)
{
    cpu->cpu_timer_end = runs_timer(cpu->state) ? time + value : value;
}

void cpu_enter_state(struct cpu *cpu, enum cpu_state state, uint64_t time)
{
    uint64_t value = (uint64_t)cpu_timer_at(cpu, time);

    cpu->state = state;
    timer_set_cpu_timer(cpu, time, value);
}

/* Is the clock comparator signed (CR0.10, multiple-epoch facility)? */
static bool signed_comparator(const struct cpu *cpu)
{
    return (machine_cr0(cpu) & CR0_CLOCK_SIGN) && has_facility(cpu, FACILITY_MULTIPLE_EPOCH);
}

/* Clock and comparator as unsigned quantities that compare as the architecture compares them. */
static uint64_t ordered(const struct cpu *cpu, uint64_t value)
{
    return signed_comparator(cpu) ? value ^ 1ULL << 63 : value;
}

uint32_t timer_pending(const struct cpu *cpu, uint64_t time)
{
    uint64_t clock = timer_tod_at(cpu->machine, time).clock;
    uint32_t pending = 0;

    if (ordered(cpu, clock) > ordered(cpu, cpu->clock_comparator))
        pending |= PENDING_CLOCK_COMPARATOR;
    if (cpu_timer_at(cpu, time) < 0)
        pending |= PENDING_CPU_TIMER;
    return pending;
}

/* `time` plus `wait`, or never when that leaves the range of virtual time. */
static uint64_t after(uint64_t time, uint64_t wait)
{
    uint64_t sum;

    return __builtin_add_overflow(time, wait, &sum) ? EVENT_NEVER : sum;
}

/* When the comparator condition begins; the clock is not yet past the comparator. */
static uint64_t comparator_deadline(const struct cpu *cpu, uint64_t time)
{
    uint64_t clock = ordered(cpu, timer_tod_at(cpu->machine, time).clock);
    uint64_t comparator = ordered(cpu, cpu->clock_comparator);

    /* Nothing is larger than the largest comparator value. */
    return comparator == UINT64_MAX ? EVENT_NEVER : after(time, comparator - clock + 1);
}

uint64_t timer_deadline(const struct cpu *cpu, uint64_t time)
{
    uint32_t pending = timer_pending(cpu, time);
    uint64_t deadline = EVENT_NEVER, candidate;

    if ((machine_cr0(cpu) & CR0_CLOCK_COMPARATOR) && !(pending & PENDING_CLOCK_COMPARATOR))
        deadline = comparator_deadline(cpu, time);
    if ((machine_cr0(cpu) & CR0_CPU_TIMER) && !(pending & PENDING_CPU_TIMER) && runs_timer(cpu->state)) {
        candidate = after(time, (uint64_t)cpu_timer_at(cpu, time) + 1);
        if (candidate < deadline)
            deadline = candidate;
    }
    return deadline;
}

void timer_changed(struct cpu *cpu)
{
    machine_end_slice_at(cpu->machine, timer_deadline(cpu, cpu_time(cpu)));
    cpu_mode_changed(cpu);
}
