/* SPDX-License-Identifier: MIT */
/** Program-event recording (PoP ch. 4). */
#ifndef SIENNA_CPU_PER_H
#define SIENNA_CPU_PER_H

#include "cpu/cpu.h"

/** PER events, as in CR9 bits 32–39 and the PER code at real 150. */
enum { PER_BRANCH = 0x80, PER_FETCH = 0x40, PER_STORE = 0x20, PER_STURA = 0x08, PER_ZERO_ADDRESS = 0x04,
       PER_NULLIFICATION = 0x01 };

/** Is PER active: PSW.R one and some event enabled? Blocks are then decoded slow. */
bool per_active(const struct cpu *cpu);
/** The operand [address, address+bytes) of the present space is being stored into. */
void per_note_store(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes);
void per_note_store_in_space(struct cpu *cpu, unsigned space, unsigned base, uint64_t address, unsigned bytes);
/** A branch to `target` is taken. */
void per_note_branch(struct cpu *cpu, uint64_t target);
/** STURA or STURG. */
void per_note_stura(struct cpu *cpu);
/** An instruction at `ia` (the EXECUTE first, then its target) is fetched; true: nullification event,
 *  leave now. */
void per_note_fetch(struct cpu *cpu, uint64_t ia);
/** Take the PER interruption of the completed instruction (cpu->per_code set). */
_Noreturn void per_event(struct cpu *cpu, const struct insn *insn);
/** Addressing-and-translation-mode identification (real 151) of the present PSW. */
uint8_t per_atmid(const struct cpu *cpu);

#endif
