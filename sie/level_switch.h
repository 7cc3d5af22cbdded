/* SPDX-License-Identifier: MIT */
/** Entering and leaving interpretation. */
#ifndef SIENNA_SIE_LEVEL_SWITCH_H
#define SIENNA_SIE_LEVEL_SWITCH_H

#include "cpu/cpus.h"

/** The service that makes START INTERPRETIVE EXECUTION work: cpus->sie = &sie_interpretation. */
extern const struct sie_service sie_interpretation;

/** Host address of the state description of the level being interpreted. */
uint8_t *sie_descriptor(const struct cpu *cpu);
/** Load the guest from its state description; the host's state has been put aside. */
void sie_push(struct cpu *cpu);
/** Put the guest back into its state description with instruction address `guest_ia` and load the host. */
void sie_pop(struct cpu *cpu, uint64_t guest_ia);

#endif
