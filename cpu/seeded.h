/* SPDX-License-Identifier: MIT */
/**
 * A seeded scheduler: other interleavings of the CPUs than the usual one, each of them reproducible. What it
 * decides follows from its seed and from rounds and slices alone, which are the same however code is executed.
 */
#ifndef SIENNA_CPU_SEEDED_H
#define SIENNA_CPU_SEEDED_H

#include "cpu/cpu.h"

struct cpus;
struct state_walk;

struct seeded {
    bool on;
    bool exits, delays;            /**< guests under SIE are left without need; CPUs miss slices */
    uint64_t random;               /**< state of the generator */
    uint64_t delayed[MAX_CPUS];    /**< virtual time before which a CPU gets no slice */
};

/** Vary the schedule from now on. Before the machine runs. */
void cpus_seed(struct cpus *cpus, uint64_t seed, bool exits, bool delays);

/* Asked by the scheduler when a seed is on. */

/** Cycles that the slices of the next round last at most; `lone`: one CPU is runnable. */
uint64_t seeded_slice(struct seeded *seeded, bool lone);
/** The CPU that has the first slice of the next round. */
unsigned seeded_first(struct seeded *seeded, unsigned count);
/** A slice of the CPU is to begin at virtual time `now`: false when it misses it. May make it leave its guest. */
bool seeded_turn(struct seeded *seeded, struct cpu *cpu, uint64_t now);

/** Part of the machine's canonical state. */
void seeded_state(struct seeded *seeded, unsigned cpus, struct state_walk *walk);

#endif
