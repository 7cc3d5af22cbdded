/* SPDX-License-Identifier: MIT */
/** Access-register translation (PoP ch. 5). */
#ifndef SIENNA_CPU_ART_H
#define SIENNA_CPU_ART_H

#include "cpu/cpu.h"

/**
 * Translate the access-list-entry token `alet` to the ASCE of its space. False with *fault
 * filled (code only; the caller adds the access identification). `store`: also check the
 * entry's fetch-only bit.
 */
bool art_translate(struct cpu *cpu, uint32_t alet, bool store, uint64_t *asce, struct fault *fault);

#endif
