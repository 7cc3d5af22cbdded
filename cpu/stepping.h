/* SPDX-License-Identifier: MIT */
/** Steps of one thread: what is one instruction to whom, when CPUs change between host and guest. */
#ifndef SIENNA_CPU_STEPPING_H
#define SIENNA_CPU_STEPPING_H

#include "cpu/cpus.h"

struct stepping {
    bool any;            /**< instructions of all CPUs count; else those of … */
    unsigned guest, cpu; /**< … this thread: guest 0 and CPU address, or a guest's virtual CPU */
    bool into;           /**< SIE is not one instruction of the host: its guest's count too */
    uint64_t left;       /**< steps still to be made */
    /* Of a virtual CPU: an instruction was left to the host, which has not gone on with the next yet. */
    bool intercepted;
    bool entering;       /**< that instruction is SIE */
    uint64_t ia;         /**< where the present step began */
};

/** Is the next part of the CPU's slice to be a single instruction? Otherwise it is the slice, or up to a pause. */
bool stepping_single(struct stepping *s, const struct cpu *cpu);
/** Count what the part, which is over, was. */
void stepping_count(struct stepping *s, const struct cpu *cpu, bool single);
/** The CPU has entered a guest or left it (`exit`) while cpus->stepping is set. */
void stepping_level(struct cpu *cpu, bool exit);

#endif
