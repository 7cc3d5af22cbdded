/* SPDX-License-Identifier: MIT */
/**
 * Access-register translation (PoP ch. 5).
 *
 * There is no ART-lookaside buffer: every use walks the access list, so purging is trivially right.
 */
#ifndef SIENNA_CPU_ART_H
#define SIENNA_CPU_ART_H

#include "cpu/asn.h"
#include "cpu/cpu.h"

/** ALET bit 7: the entry is in the primary-space access list, not the dispatchable unit's. */
#define ALET_PRIMARY_LIST 0x01000000u

/**
 * Find the ASN-second-table entry that `alet` (not 0 or 1) designates. SPECIAL art (BRANCH IN SUBSPACE
 * GROUP) compares no ALE sequence number and needs no authority. Returns 0 or a program-interruption code.
 */
enum art_kind { ART_ORDINARY, ART_SPECIAL };
uint16_t art_find(struct cpu *cpu, uint32_t alet, uint16_t extended_index, enum art_kind kind,
                  struct aste *aste, bool *fetch_only);

/**
 * Translate the access-list-entry token `alet` to the ASCE of its space. False with *fault
 * filled (the caller adds the access identification). `store`: also check the entry's
 * fetch-only bit.
 */
bool art_translate(struct cpu *cpu, uint32_t alet, bool store, uint64_t *asce, struct fault *fault);

#endif
