/* SPDX-License-Identifier: MIT */
/** What several control instructions share (PoP ch. 10). */
#ifndef SIENNA_CPU_CONTROL_H
#define SIENNA_CPU_CONTROL_H

#include "cpu/access.h"
#include "cpu/cpu.h"

static inline void special_operation_unless(struct cpu *cpu, bool condition)
{
    if (unlikely(!condition))
        program_interruption(cpu, PIC_SPECIAL_OPERATION);
}

static inline void privileged_unless(struct cpu *cpu, bool condition)
{
    if (unlikely(!condition))
        program_interruption(cpu, PIC_PRIVILEGED);
}

/** DAT must be on, else special-operation exception. */
static inline void dat_required(struct cpu *cpu)
{
    special_operation_unless(cpu, cpu->psw_mask & PSW_DAT);
}

/** In the problem state the extraction-authority control, CR0.36, must be one. */
static inline void extraction_authority_required(struct cpu *cpu)
{
    privileged_unless(cpu, !problem_state(cpu) || (cpu->cr[0] & CR0_EXTRACTION_AUTHORITY));
}

/** In the problem state the PSW-key mask (CR3.32–47) must permit access key `key`. */
static inline bool key_authorized(const struct cpu *cpu, unsigned key)
{
    return !problem_state(cpu) || (cpu->cr[3] & 0x80000000u >> key);
}

/* Fields of control registers 3, 4 and 8 (PoP fig. 4-4). */
static inline uint16_t secondary_asn(const struct cpu *cpu) { return (uint16_t)cpu->cr[3]; }
static inline uint32_t secondary_instance(const struct cpu *cpu) { return cpu->cr[3] >> 32; }
static inline uint16_t key_mask(const struct cpu *cpu) { return (uint16_t)(cpu->cr[3] >> 16); }
static inline uint16_t primary_asn(const struct cpu *cpu) { return (uint16_t)cpu->cr[4]; }
static inline uint32_t primary_instance(const struct cpu *cpu) { return cpu->cr[4] >> 32; }
static inline uint16_t authorization_index(const struct cpu *cpu) { return (uint16_t)(cpu->cr[4] >> 16); }
static inline uint16_t extended_index(const struct cpu *cpu) { return (uint16_t)(cpu->cr[8] >> 16); }

/** Number of registers from r1 to r3, wrapping after 15. */
static inline unsigned register_count(unsigned r1, unsigned r3) { return ((r3 - r1) & 15) + 1; }

/**
 * Completing space-switch event after SAC, SACF or RP changed the address-space control from `old` to
 * `new`, when home space was entered or left and either space (or a PER event) asks for it.
 */
void home_space_switch_event(struct cpu *cpu, unsigned old, unsigned new);
/** The same after the primary space changed from one with ASCE `old_asce` and ASN `old_asn` to CR1's. */
void primary_space_switch_event(struct cpu *cpu, uint64_t old_asce, uint16_t old_asn);

/** Raise program interruption `code` with translation-exception identification `teid` and access id. */
_Noreturn void identified_interruption(struct cpu *cpu, unsigned code, uint64_t teid, uint8_t access_id);

#endif
