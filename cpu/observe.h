/* SPDX-License-Identifier: MIT */
/**
 * What happens on slow paths, told to those who want to know: debuggers (event stops) and traces.
 *
 * One word of the machine says whether anybody does, and it is looked at only where things are slow anyway.
 * Whoever is told looks only; a debugger may call cpus_stop().
 */
#ifndef SIENNA_CPU_OBSERVE_H
#define SIENNA_CPU_OBSERVE_H

#include "cpu/cpus.h"

/** What can be told; the same bits as enum sienna_sight in include/sienna_observe.h. */
enum observed {
    OBSERVED_INSTRUCTION = 1 << 0,
    OBSERVED_FETCH = 1 << 1,
    OBSERVED_STORE = 1 << 2,
    OBSERVED_BRANCH = 1 << 3,
    OBSERVED_INTERRUPTION = 1 << 4, /**< taken, the new PSW loaded: class, code; old address, 0, parameter */
    OBSERVED_ENTRY = 1 << 5,        /**< SIE entered: level; 0, state description, 0 */
    OBSERVED_EXIT = 1 << 6,         /**< left, the description complete: level; guest's address, description, why */
    OBSERVED_IO = 1 << 7,           /**< an I/O instruction done: row; condition code, 0, subsystem identification */
    OBSERVED_KEY = 1 << 8,          /**< a storage key set: old key; 0, block, new key */
    OBSERVED_CONTROL = 1 << 9,      /**< a control register loaded: its number; old value, 0, new value */
    OBSERVED_SIGP = 1 << 10,        /**< a SIGP done: order; condition code, parameter, CPU address */
    OBSERVED_MODE = 1 << 11,
};
/** Classes of interruptions, as enum sienna_interruption. */
enum observed_interruption {
    OBSERVED_PROGRAM, OBSERVED_SVC, OBSERVED_EXTERNAL, OBSERVED_IO_INTERRUPTION, OBSERVED_MACHINE_CHECK,
    OBSERVED_RESTART,
};
/** OBSERVED_EXIT: `value` is an interception code, or one of these. */
enum { OBSERVED_HOST_INTERRUPTION = 0x100, OBSERVED_HOST_FAULT = 0x200 };

struct sight {
    enum observed kind;
    uint32_t class;                     /**< of interruptions; of exits text or program-interruption code; else 0 */
    uint32_t code;
    uint64_t address, absolute, value;
};

/** Tell `tell` of these kinds from now on; 0 ends it. */
void observe_set(struct cpus *cpus, enum observers who, uint32_t kinds,
                 void (*tell)(void *context, struct cpu *cpu, const struct sight *sight), void *context);

/** The slow half of observe(). */
void observe_tell(struct cpu *cpu, const struct sight *sight);

static inline void observe(struct cpu *cpu, enum observed kind, uint32_t code, uint64_t address, uint64_t absolute,
                           uint64_t value)
{
    if (unlikely(cpu->all->observed & kind))
        observe_tell(cpu, &(struct sight){kind, 0, code, address, absolute, value});
}

static inline void observe_interruption(struct cpu *cpu, enum observed_interruption class, uint32_t code,
                                        uint64_t address, uint64_t parameter)
{
    if (unlikely(cpu->all->observed & OBSERVED_INTERRUPTION))
        observe_tell(cpu, &(struct sight){OBSERVED_INTERRUPTION, class, code, address, 0, parameter});
}

#endif
