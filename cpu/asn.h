/* SPDX-License-Identifier: MIT */
/**
 * ASN translation, ASN authorization and subspace replacement (PoP ch. 3, 5).
 *
 * All tables are in real storage. Functions return program-interruption codes and leave
 * it to their callers whether those become interruptions or condition codes.
 */
#ifndef SIENNA_CPU_ASN_H
#define SIENNA_CPU_ASN_H

#include "cpu/cpu.h"

/** An ASN-second-table entry: its 16 words and its real address. */
struct aste {
    uint32_t word[16];
    uint32_t origin;
};

/** Origins of 64-byte blocks (ASTE, dispatchable-unit control table) in registers and table entries. */
#define ASTE_ORIGIN 0x7fffffc0u
#define ASTE_INVALID 0x80000000u

static inline uint16_t aste_authorization_index(const struct aste *a) { return a->word[1] >> 16; }
/** CA: the ASN is controlled (no PT, SSAR with instance checks only); RA: the ASN is reusable. */
static inline bool aste_controlled(const struct aste *a) { return a->word[1] & 2; }
static inline bool aste_reusable(const struct aste *a) { return a->word[1] & 1; }
static inline uint64_t aste_asce(const struct aste *a) { return (uint64_t)a->word[2] << 32 | a->word[3]; }
static inline uint32_t aste_sequence(const struct aste *a) { return a->word[5]; }
/** Linkage-table or linkage-first-table designation. */
static inline uint32_t aste_linkage(const struct aste *a) { return a->word[6]; }
static inline uint32_t aste_instance(const struct aste *a) { return a->word[11]; }

/** Fetch a word of real storage; false when it does not exist. */
bool real_word(struct cpu *cpu, uint32_t address, uint32_t *word);
/** Store a word of real storage; false when it does not exist. */
bool real_word_store(struct cpu *cpu, uint32_t address, uint32_t word);

/** Fetch the entry at real `origin`; PIC_ADDRESSING without it. Its invalid bit is the caller's business. */
uint16_t aste_fetch(struct cpu *cpu, uint32_t origin, struct aste *aste);
/** Translate an ASN through first and second table: 0, AFX or ASX translation, or addressing. */
uint16_t asn_translate(struct cpu *cpu, uint16_t asn, struct aste *aste);

enum authority_kind { AUTHORITY_PRIMARY = 0x80, AUTHORITY_SECONDARY = 0x40 };
/** Look up the authorization index in the entry's authority table; *code is PIC_ADDRESSING or left alone. */
bool asn_authorized(struct cpu *cpu, uint16_t index, const struct aste *aste, enum authority_kind kind,
                    uint16_t *code);

/** Is the ASN-and-LX-reuse facility installed and enabled by CR0.44? */
static inline bool asn_lx_reuse(const struct cpu *cpu)
{
    return has_facility(cpu, FACILITY_ASN_LX_REUSE) && (cpu->cr[0] & BIT64(44));
}
/** ASCE bit 54: the space is part of a subspace group. */
#define ASCE_SUBSPACE_GROUP 0x200ULL

/**
 * The ASCE to use for a space just entered whose ASTE gives `asce`: the subspace's when the dispatchable
 * unit has one of the ASTE's group active. Returns 0 or an ASTE-validity or ASTE-sequence code.
 */
uint16_t subspace_replace(struct cpu *cpu, const struct aste *aste, uint64_t *asce);

/* ---- For control instructions: leaving through the interruption ---- */

/** CR14.44 must be one, else special-operation exception. */
void asn_translation_required(struct cpu *cpu);
void asn_translate_or_interrupt(struct cpu *cpu, uint16_t asn, struct aste *aste);
void asn_authority_required(struct cpu *cpu, uint16_t index, uint16_t asn, const struct aste *aste,
                            enum authority_kind kind);
/** The entry's instance number must be `instance`; `primary` tells which translation is blamed. */
void aste_instance_required(struct cpu *cpu, const struct aste *aste, uint32_t instance, uint16_t asn,
                            bool primary);
/** ASCE of the space with that entry, subspace replacement included. */
uint64_t asce_of_entered_space(struct cpu *cpu, const struct aste *aste);
/** Linkage-table (or first-table) designation of the primary space; special operation without it. */
uint32_t linkage_designation(struct cpu *cpu);

#endif
