/* SPDX-License-Identifier: MIT */
/**
 * Timing facilities: TOD clock, clock comparator, CPU timer (PoP ch. 4).
 *
 * Everything is counted in TOD units (2^-12 us) of virtual time. The TOD clock is
 * machine->tod_base plus virtual time, epoch index included. Clock readings are
 * causally ordered over all CPUs and devices: each is the larger of the reader's own
 * virtual time and the largest reading yet returned to anybody, plus one unit; hence
 * readings are also unique machine-wide.
 *
 * A CPU timer runs while its CPU is in the operating or load state. Then
 * cpu->cpu_timer_end is the virtual time at which it is zero; in the stopped and
 * check-stop states cpu->cpu_timer_end is the halted timer's value itself.
 */
#ifndef SIENNA_CPU_TIMER_H
#define SIENNA_CPU_TIMER_H

#include "cpu/cpu.h"

/** A TOD-clock value: epoch index and bits 0–63. */
struct tod {
    uint8_t epoch;
    uint64_t clock;
};

/** The TOD clock at virtual time `time` (no reading: nothing is ordered by it). */
struct tod timer_tod_at(const struct machine *machine, uint64_t time);
/** A clock reading by the CPU now executing an instruction, causally ordered and unique. */
struct tod timer_read_tod(struct cpu *cpu);
/** SET CLOCK: the TOD clock shows `value` (epoch index zero) at virtual time `time`. */
void timer_set_tod(struct machine *machine, uint64_t time, uint64_t value);
/** PTFF: the TOD epoch difference becomes `offset`; the clock moves by what that adds, epoch index included. */
void timer_set_tod_offset(struct machine *machine, uint64_t offset);

/** Value of the CPU timer (two's complement) at virtual time `time`. */
int64_t cpu_timer_at(const struct cpu *cpu, uint64_t time);
/** SET CPU TIMER at virtual time `time`. */
void timer_set_cpu_timer(struct cpu *cpu, uint64_t time, uint64_t value);

/**
 * Enter a CPU state at virtual time `time`; halts or resumes the CPU timer. Every change of
 * cpu->state goes through here.
 */
void cpu_enter_state(struct cpu *cpu, enum cpu_state state, uint64_t time);

/** PENDING_CLOCK_COMPARATOR and PENDING_CPU_TIMER of the machine's timers (level 1) as they are at virtual time
 *  `time`, whatever the masks. */
uint32_t timer_pending(const struct cpu *cpu, uint64_t time);
/** The same conditions for the present level: under SIE those of the guest's timers. */
uint32_t timer_level_pending(const struct cpu *cpu, uint64_t time);
/**
 * The first virtual time after `time` at which a timer condition that CR0 enables becomes
 * pending which is not at `time`; EVENT_NEVER if none will. The PSW's external mask is the caller's.
 */
uint64_t timer_deadline(const struct cpu *cpu, uint64_t time);

/** The executing CPU's comparator, timer or CR0 changed: its slice ends in time for their conditions. */
void timer_changed(struct cpu *cpu);

#endif
