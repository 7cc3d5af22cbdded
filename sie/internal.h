/* SPDX-License-Identifier: MIT */
/** What the files of this room share. */
#ifndef SIENNA_SIE_INTERNAL_H
#define SIENNA_SIE_INTERNAL_H

#include "cpu/access.h"
#include "cpu/cpus.h"
#include "sie/state_descriptor.h"

/** Host address of the state description of the level being interpreted. */
static inline uint8_t *sie_descriptor(const struct cpu *cpu)
{
    return storage_at(cpu->storage, cpu->interpretation->descriptor);
}
static inline uint32_t sie_cpustat(const struct cpu *cpu)
{
    return get_be32(sie_descriptor(cpu) + SD_CPUSTAT);
}

/** Load the guest from its state description; the host's state has been put aside. */
void sie_push(struct cpu *cpu);
/**
 * Put the guest back into its state description with instruction address `guest_ia` and load the host, with its
 * instruction address at SIE. machine->now is the time of it.
 */
void sie_pop(struct cpu *cpu, uint64_t guest_ia);
/** Pop with an interception: the host goes on after SIE. */
void sie_intercept(struct cpu *cpu, uint64_t guest_ia, enum interception_code code);
/** Pop with a validity interception: the guest's PSW is left as it is. */
void sie_validity(struct cpu *cpu, enum validity why);
/** Store IPA, IPB and the status for the instruction `insn` of the guest just left. */
void sie_store_instruction(struct cpu *cpu, const struct insn *insn, bool fetch_event);

/** The level has been entered, or left with all that the state description gets: count and tell. */
void sie_note_entry(struct cpu *cpu);
void sie_note_exit(struct cpu *cpu, enum level_exit kind);

/* sie/guests.c */
/** Note which guest's virtual CPU the CPU interprets … */
void sie_remember(struct cpu *cpu);
/** … and that it has left it: its registers are still the CPU's. */
void sie_forget_interpreted(struct cpu *cpu);
/* sie/entry.c */
void sie_enter(struct cpu *cpu, const struct insn *insn, struct real address);
bool sie_possible(const struct cpu *cpu);
/* sie/interception.c */
void sie_instruction(struct cpu *cpu, const struct insn *insn);
bool sie_program(struct cpu *cpu, unsigned code, const struct insn *insn);
void sie_host_fault(struct cpu *cpu, const struct fault *fault, const struct insn *insn);
void sie_prefix_fault(struct cpu *cpu, uint64_t ia);
void sie_leave(struct cpu *cpu);
/* sie/between.c */
void sie_between(struct cpu *cpu);
bool sie_attention(const struct cpu *cpu);
/* sie/system_control_area.c */
bool sie_interlocked(const struct cpu *cpu);
void sie_sigp(struct cpu *cpu, const struct insn *insn);
void sie_ptf(struct cpu *cpu, const struct insn *insn);
/** Source of the guest CPU's pending external call; clears it. */
uint16_t sie_take_external_call(struct cpu *cpu);
/* sie/storage_key.c */
bool sie_find_key(struct cpu *cpu, uint64_t address, struct key_place *place);
uint8_t sie_read_key(struct cpu *cpu, const struct key_place *place);
void sie_write_key(struct cpu *cpu, const struct key_place *place, uint8_t key);
void sie_reset_reference(struct cpu *cpu, const struct key_place *place);
void sie_essa(struct cpu *cpu, const struct insn *insn, uint64_t address);
/* sie/move_page.c */
void sie_partial_move(struct cpu *cpu, const struct insn *insn, uint64_t target, uint64_t source);
/* sie/gisa.c */
/** Is an adapter interruption pending for the guest, whatever its masks? */
bool sie_gisa_pending(const struct cpu *cpu);
/** Take the pending adapter interruption of highest priority among `iscs`: its identification word. */
bool sie_gisa_take(struct cpu *cpu, uint8_t iscs, uint32_t *word);

#endif
