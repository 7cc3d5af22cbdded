/* SPDX-License-Identifier: MIT */
/**
 * Guests that have been entered with SIE, and their virtual CPUs: for debuggers and observers, who name them by
 * numbers. Nothing of it is part of the machine's state; sie/guests.c fills it.
 */
#ifndef SIENNA_CPU_GUESTS_H
#define SIENNA_CPU_GUESTS_H

#include "cpu/level.h"

/** A host may describe ever new guests: those unused for the longest time are forgotten. */
enum { GUESTS_MOST = 64, VIRTUAL_CPUS_MOST = 256, NO_MACHINE_CPU = 0xffff };

struct guest {
    unsigned number;     /**< from 1, in order of first entry, never used twice; 0: this place is free */
    unsigned level;      /**< 2 or 3 */
    unsigned parent;     /**< number of the guest whose program it is; 0: the machine's own program */
    unsigned cpus;       /**< virtual CPUs that were entered: the next one's number */
    uint64_t sca;        /**< absolute address of its system control area; 0 = none: */
    uint64_t host_asce;  /**< then the host's primary ASCE and the origin tell guests apart */
    uint64_t origin, limit;
    bool extended_sca;
    uint64_t entered;    /**< virtual time of the last entry … */
    uint64_t order;      /**< … and its place among all entries */
};

/** What the CPU has of a guest and its state description has not. */
struct guest_registers {
    uint64_t gr[14];
    uint32_t ar[16], fpc;
    union vector_register vr[32];
};

/** A state description that was entered. */
struct virtual_cpu {
    struct guest *guest;         /**< NULL: this place is free */
    unsigned guest_number, number;
    uint64_t description;        /**< absolute address */
    unsigned machine_cpu;        /**< CPU that interprets it, or NO_MACHINE_CPU */
    uint64_t order;              /**< place of its last entry among all entries */
    struct storage_view host_view, guest_view; /**< as at the last entry */
    bool has_registers;          /**< they were kept at the last exit */
    struct guest_registers registers;
};

struct guests {
    struct guest guest[GUESTS_MOST];
    struct virtual_cpu cpu[VIRTUAL_CPUS_MOST];
    uint16_t slot[1024];         /**< by state description: 1 + a place in `cpu` where it may be; 0: none */
    unsigned last_number;
    uint64_t entries;
    unsigned issuer[MAX_CPUS];   /**< by CPU of the machine: the guest that it left last for a SIE instruction */
};

struct cpus;
/** The guest's virtual CPU, or NULL. */
struct virtual_cpu *guests_find(const struct cpus *cpus, unsigned guest, unsigned number);
/** The virtual CPU that the CPU interprets; NULL at level 1. */
static inline struct virtual_cpu *guests_interpreted(const struct cpu *cpu)
{
    return cpu->interpreting ? cpu->interpreting->virtual_cpu : NULL;
}
/** Does the CPU execute for virtual CPU `number` of `guest` (for guest 0: as CPU `number` of the machine)? */
bool guests_executes(const struct cpu *cpu, unsigned guest, unsigned number);
/** Forget them all (resets); whoever is interpreted now is entered anew. */
void guests_forget(struct cpus *cpus);

#endif
