/* SPDX-License-Identifier: MIT */
/**
 * Clock comparator and CPU timer as conditions of virtual time (PoP ch. 4, timing).
 *
 * TOD clock (bits 0–63) = machine->tod_base + virtual time. The CPU timer is kept as the
 * virtual time at which it reaches zero (cpu->cpu_timer_end).
 */
#ifndef SIENNA_CPU_TIMER_H
#define SIENNA_CPU_TIMER_H

#include "cpu/cpu.h"

/** Which of PENDING_CLOCK_COMPARATOR and PENDING_CPU_TIMER hold at virtual time `now`. */
uint32_t timer_pending(const struct cpu *cpu, uint64_t now);
/** First virtual time after `now` at which one of them turns on, or EVENT_NEVER. */
uint64_t timer_deadline(const struct cpu *cpu, uint64_t now);
/** The CPU timer's value (two's complement, TOD units) at virtual time `now`. */
static inline int64_t cpu_timer_at(const struct cpu *cpu, uint64_t now)
{
    return (int64_t)(cpu->cpu_timer_end - now);
}

#endif
