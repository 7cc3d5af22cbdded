/* SPDX-License-Identifier: MIT */
/**
 * The trace table (PoP ch. 4, tracing): entries stored where CR12 points, in real storage.
 *
 * An instruction that traces begins a trace, appends its entries when its other exceptions of
 * higher priority are past, and ends it when nothing can go wrong any more: only then CR12 moves.
 */
#ifndef SIENNA_CPU_TRACE_TABLE_H
#define SIENNA_CPU_TRACE_TABLE_H

#include "cpu/cpu.h"

#define CR12_BRANCH_TRACE BIT64(0)
#define CR12_MODE_TRACE BIT64(1)
#define CR12_ASN_TRACE BIT64(62)
#define CR12_EXPLICIT_TRACE BIT64(63)

struct trace {
    uint64_t cr12; /**< what CR12 becomes */
};

static inline struct trace trace_begin(const struct cpu *cpu) { return (struct trace){cpu->cr[12]}; }
static inline void trace_end(struct cpu *cpu, const struct trace *t) { cpu->cr[12] = t->cr12; }

/** Store an entry of `bytes` bytes, of which `reserved` ≥ bytes must fit: addressing, low-address-protection
 *  and trace-table exceptions. */
void trace_append(struct cpu *cpu, struct trace *t, const uint8_t *entry, unsigned bytes, unsigned reserved);

/** Branch entry for a branch to `target` in the addressing mode `mode` (PSW_EA, PSW_BA), if CR12 wants it. */
void trace_branch(struct cpu *cpu, struct trace *t, uint64_t mode, uint64_t target);
/** Mode-switch entry when the instruction goes in or out of 64-bit mode and makes no branch entry. */
void trace_mode_switch(struct cpu *cpu, struct trace *t, const struct insn *insn, uint64_t new_mode);
/** Mode-switching-branch entry (mode and branch tracing), else branch or mode-switch entry (BASSM, RP). */
void trace_mode_branch(struct cpu *cpu, struct trace *t, const struct insn *insn, uint64_t new_mode,
                       uint64_t target);
void trace_bsg(struct cpu *cpu, struct trace *t, uint32_t alet, uint64_t target);
void trace_ssar(struct cpu *cpu, struct trace *t, bool instance, uint16_t asn);
void trace_program_call(struct cpu *cpu, struct trace *t, const struct insn *insn, uint32_t number);
void trace_program_transfer(struct cpu *cpu, struct trace *t, bool instance, uint16_t asn, uint64_t second);
/** PROGRAM RETURN to `mask` and `target`, PASN `asn`. */
void trace_program_return(struct cpu *cpu, struct trace *t, const struct insn *insn, uint16_t asn,
                          uint64_t mask, uint64_t target);

#endif
