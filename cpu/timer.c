/* SPDX-License-Identifier: MIT */
#include "cpu/timer.h"

#include "cpu/level.h"

#include "cpu/cpus.h"

/* The timing registers of one level. */
struct timers {
    uint64_t comparator, timer_end, cr0;
    uint64_t epoch; /* the level's clock minus the machine's, modulo 2^64 */
};

static struct timers present_timers(const struct cpu *cpu)
{
    return (struct timers){cpu->clock_comparator, cpu->cpu_timer_end, cpu->cr[0],
                           cpu->interpreting ? cpu->interpreting->controls.epoch : 0};
}

/* Of level 1, whatever guest is being interpreted. */
static struct timers machine_timers(const struct cpu *cpu)
{
    const struct host_state *h;

    if (!cpu->interpreting)
        return present_timers(cpu);
    h = &cpu->interpreting->host;
    return (struct timers){h->clock_comparator, h->cpu_timer_end, h->cr[0], 0};
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

/* The clock that the present level sees: under SIE with the epoch difference of the state description. */
static struct tod guest_tod(const struct cpu *cpu, struct tod tod)
{
    const struct guest_controls *c;

    if (!cpu->interpreting)
        return tod;
    c = &cpu->interpreting->controls;
    tod.clock += c->epoch;
    if (c->ecd & ECD_MULTIPLE_EPOCH)
        tod.epoch += (uint8_t)(c->epoch_index + (tod.clock < c->epoch));
    return tod;
}

struct tod timer_read_tod(struct cpu *cpu)
{
    uint64_t *last = &cpu->all->last_clock, time = cpu_time(cpu);

    *last = (time > *last ? time : *last) + 1;
    return guest_tod(cpu, timer_tod_at(cpu->machine, *last));
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

/* Clock and comparator as unsigned quantities that compare as the architecture compares them: signed with
 * CR0.10 (multiple-epoch facility). */
static uint64_t ordered(const struct cpu *cpu, const struct timers *t, uint64_t value)
{
    bool is_signed = (t->cr0 & CR0_CLOCK_SIGN) && has_facility(cpu, FACILITY_MULTIPLE_EPOCH);

    return is_signed ? value ^ 1ULL << 63 : value;
}

static uint64_t clock_at(const struct cpu *cpu, const struct timers *t, uint64_t time)
{
    return timer_tod_at(cpu->machine, time).clock + t->epoch;
}

static int64_t value_at(const struct cpu *cpu, const struct timers *t, uint64_t time)
{
    return (int64_t)(t->timer_end - (runs_timer(cpu->state) ? time : 0));
}

static uint32_t pending(const struct cpu *cpu, const struct timers *t, uint64_t time)
{
    uint32_t set = 0;

    if (ordered(cpu, t, clock_at(cpu, t, time)) > ordered(cpu, t, t->comparator))
        set |= PENDING_CLOCK_COMPARATOR;
    if (value_at(cpu, t, time) < 0)
        set |= PENDING_CPU_TIMER;
    return set;
}

uint32_t timer_pending(const struct cpu *cpu, uint64_t time)
{
    struct timers t = machine_timers(cpu);

    return pending(cpu, &t, time);
}

uint32_t timer_level_pending(const struct cpu *cpu, uint64_t time)
{
    struct timers t = present_timers(cpu);

    return pending(cpu, &t, time);
}

/* `time` plus `wait`, or never when that leaves the range of virtual time. */
static uint64_t after(uint64_t time, uint64_t wait)
{
    uint64_t sum;

    return __builtin_add_overflow(time, wait, &sum) ? EVENT_NEVER : sum;
}

/* When the comparator condition begins; the clock is not yet past the comparator. */
static uint64_t comparator_deadline(const struct cpu *cpu, const struct timers *t, uint64_t time)
{
    uint64_t clock = ordered(cpu, t, clock_at(cpu, t, time));
    uint64_t comparator = ordered(cpu, t, t->comparator);

    /* Nothing is larger than the largest comparator value. */
    return comparator == UINT64_MAX ? EVENT_NEVER : after(time, comparator - clock + 1);
}

static uint64_t deadline_of(const struct cpu *cpu, const struct timers *t, uint64_t time)
{
    uint32_t now = pending(cpu, t, time);
    uint64_t deadline = EVENT_NEVER, candidate;

    if ((t->cr0 & CR0_CLOCK_COMPARATOR) && !(now & PENDING_CLOCK_COMPARATOR))
        deadline = comparator_deadline(cpu, t, time);
    if ((t->cr0 & CR0_CPU_TIMER) && !(now & PENDING_CPU_TIMER) && runs_timer(cpu->state)) {
        candidate = after(time, (uint64_t)value_at(cpu, t, time) + 1);
        if (candidate < deadline)
            deadline = candidate;
    }
    return deadline;
}

uint64_t timer_deadline(const struct cpu *cpu, uint64_t time)
{
    struct timers t = machine_timers(cpu);
    uint64_t machine = deadline_of(cpu, &t, time), guest;

    if (!cpu->interpreting)
        return machine;
    t = present_timers(cpu);
    guest = deadline_of(cpu, &t, time);
    return guest < machine ? guest : machine;
}

void timer_changed(struct cpu *cpu)
{
    machine_end_slice_at(cpu->machine, timer_deadline(cpu, cpu_time(cpu)));
    cpu_mode_changed(cpu);
}
