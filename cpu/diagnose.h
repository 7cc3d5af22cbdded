/* SPDX-License-Identifier: MIT */
/**
 * DIAGNOSE functions: services of the machine (and of a hypervisor, where the machine
 * plays one) by function code. A code without a row is a specification exception, as on
 * an LPAR.
 */
#ifndef SIENNA_CPU_DIAGNOSE_H
#define SIENNA_CPU_DIAGNOSE_H

#include "cpu/access.h"
#include "cpu/cpu.h"

/** insn->r1 and insn->r3 are the R1 and R3 fields; the instruction is privileged and checked for it. */
typedef void diagnose_function(struct cpu *cpu, const struct insn *insn);

diagnose_function diagnose_command;           /* 0x008 */
diagnose_function diagnose_lpar_data;         /* 0x204 */
diagnose_function diagnose_device;            /* 0x210 */
diagnose_function diagnose_cpu_names;         /* 0x224 */
diagnose_function diagnose_page_reference;    /* 0x258 */
diagnose_function diagnose_storage_extents;   /* 0x260 */
diagnose_function diagnose_watchdog;          /* 0x288 */
diagnose_function diagnose_load;              /* 0x308 */

/** The watchdog's end; the subject is a CPU address. */
extern const struct event_class diagnose_watchdog_event;
/** Part of subsystem reset: the watchdog stops, handshakes end. */
void diagnose_reset(struct machine *machine);

/** Check, fetch or store `bytes` at a real address without key-controlled protection; addressing exceptions are taken. */
void diagnose_require(struct cpu *cpu, uint64_t address, unsigned bytes);
void diagnose_fetch(struct cpu *cpu, uint64_t address, void *to, unsigned bytes);
void diagnose_store(struct cpu *cpu, uint64_t address, const void *from, unsigned bytes);

#endif
