/* SPDX-License-Identifier: MIT */
#include "cpu/timer.h"

static bool comparator_reached(const struct cpu *cpu, uint64_t tod)
{
    if (cpu->cr[0] & CR0_CLOCK_SIGN)
        return (int64_t)tod > (int64_t)cpu->clock_comparator;
    return tod > cpu->clock_comparator;
}

uint32_t timer_pending(const struct cpu *cpu, uint64_t now)
{
    uint32_t pending = 0;

    if (comparator_reached(cpu, cpu->machine->tod_base + now))
        pending |= PENDING_CLOCK_COMPARATOR;
    if (cpu_timer_at(cpu, now) < 0)
        pending |= PENDING_CPU_TIMER;
    return pending;
}

uint64_t timer_deadline(const struct cpu *cpu, uint64_t now)
{
    uint64_t deadline = EVENT_NEVER, tod = cpu->machine->tod_base + now, until;

    if (!comparator_reached(cpu, tod)) {
        /* Also right for signed comparison: the difference is modulo 2^64. */
        until = cpu->clock_comparator - tod;
        if (until < UINT64_MAX - now - 1)
            deadline = now + until + 1;
    }
    if (cpu_timer_at(cpu, now) >= 0 && cpu->cpu_timer_end + 1 < deadline)
        deadline = cpu->cpu_timer_end + 1;
    return deadline;
}
