/* SPDX-License-Identifier: MIT */
/** START INTERPRETIVE EXECUTION for format-2 state descriptions. */
#ifndef SIENNA_SIE_SIE_H
#define SIENNA_SIE_SIE_H

#include "cpu/cpus.h"

/** The service that makes START INTERPRETIVE EXECUTION work: cpus->sie = &sie_interpretation. */
extern const struct sie_service sie_interpretation;

/** Level of the guest whose state description the CPU interprets or interpreted last: 2, or 3 under vSIE. */
unsigned sie_level(const struct cpu *cpu);
/** One line: why the CPU left its guest last, and what asked for it. */
void sie_explain(const struct cpu *cpu, char *text, size_t room);
/** Name of an interception code ("?" when it is none), and what causes it when that is always the same. */
const char *sie_interception_name(unsigned code, const char **cause);

/**
 * An adapter makes an interruption pending for guest interruption subclass `isc` in the guest interruption state
 * area at absolute `gisa`; the host is alerted as the area asks for. False when there is no such area.
 */
bool gisa_adapter_interruption(struct machine *machine, struct absolute gisa, unsigned isc);

#endif
