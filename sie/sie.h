/* SPDX-License-Identifier: MIT */
/** START INTERPRETIVE EXECUTION for format-2 state descriptions. */
#ifndef SIENNA_SIE_SIE_H
#define SIENNA_SIE_SIE_H

#include "cpu/cpus.h"

/** The service that makes START INTERPRETIVE EXECUTION work: cpus->sie = &sie_interpretation. */
extern const struct sie_service sie_interpretation;

/**
 * An adapter makes an interruption pending for guest interruption subclass `isc` in the guest interruption state
 * area at absolute `gisa`; the host is alerted as the area asks for. False when there is no such area.
 */
bool gisa_adapter_interruption(struct machine *machine, struct absolute gisa, unsigned isc);

#endif
