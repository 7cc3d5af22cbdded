/* SPDX-License-Identifier: MIT */
/**
 * Where debuggers want the machine to stop. Not part of its state: stops move nothing.
 *
 * An instruction at whose offset in its page a stop is wanted is bound to handle_break(), which asks here.
 */
#ifndef SIENNA_CPU_STOPS_H
#define SIENNA_CPU_STOPS_H

#include "cpu/cpu.h"

/** Values as in include/sienna_debug.h. */
enum stop_kind {
    STOP_INSTRUCTION = 1, STOP_FETCH, STOP_STORE, STOP_ACCESS, STOP_KEY, STOP_CONTROL, STOP_ENTRY, STOP_EXIT,
    STOP_PROGRAM, STOP_SVC, STOP_EXTERNAL, STOP_IO, STOP_MACHINE_CHECK, STOP_RESTART, STOP_SIGP, STOP_KINDS
};
enum stop_cause { STOP_CAUSE_NONE, STOP_CAUSE_STOP, STOP_CAUSE_STEP, STOP_CAUSE_POSITION };
enum { STOP_ANY = 0xffff, STOP_NUMBER_ANY = -1, STOP_HOST_INTERRUPTION = -2, STOP_HOST_FAULT = -3 };

struct stop {
    struct stop *next;           /**< in the order in which they were added */
    struct stop *same_offset;    /**< STOP_INSTRUCTION: the next one at this offset of a page */
    unsigned id;
    enum stop_kind kind;
    unsigned guest, cpu;         /**< cpu/guests.h, or STOP_ANY */
    bool absolute;               /**< of accesses: the machine's absolute storage, not logical */
    uint64_t address, bytes;
    int64_t number;
};

/** Why the machine stands where it stands. */
struct stop_reason {
    enum stop_cause cause;
    unsigned id;
    enum stop_kind kind;
    unsigned guest, cpu;
    uint64_t address;
    bool store;
    int64_t number;
};

/** Accesses to watched storage that one instruction can make; more are not told. */
enum { STOP_ACCESSES = 16 };

struct stops {
    struct stop *first, **last;
    unsigned last_id;
    unsigned count[STOP_KINDS];
    struct stop *at_offset[PAGE_BYTES / 2];
    struct stop_reason reason;
    bool running;                /**< the machine runs: accesses are its own */
    uint64_t watched_pages;      /**< bits of the pages' numbers, modulo 64, that are watched by logical address */
    unsigned accesses;           /**< noted, of an instruction that has not ended */
    struct stop_reason access[STOP_ACCESSES];
    bool (*wanted)(void *context, const struct stop_reason *reason);
    void *wanted_context;
    /** The instruction that somebody has seen a CPU stand before: it does not stop there again. */
    struct {
        const struct cpu *cpu;
        uint64_t executed, ia;
    } standing;
};

struct stops *stops_create(void);
void stops_release(struct stops *stops);
/** Stop there from now on; the id. */
unsigned stops_add(struct cpus *cpus, const struct stop *where);
bool stops_remove(struct cpus *cpus, unsigned id);

/** Does any stop concern instructions at `offset` of their page? */
static inline bool stops_at_offset(const struct stops *stops, unsigned offset)
{
    return unlikely(stops->at_offset[offset / 2] != NULL);
}
/** Is the CPU to stop before `insn`, with `budget` left before it? Then cpus_stop() has been called. */
bool stops_before(struct cpu *cpu, const struct insn *insn, int64_t budget);
/** Does the stop concern the thread that the reason names? */
bool stops_concern(const struct stop *stop, const struct stop_reason *reason);
/** It is met: true when it is wanted (cpus_stop() has been called), and nothing met before in this moment was. */
bool stops_meet(struct cpus *cpus, const struct stop *stop, struct stop_reason *reason);
/** Is storage watched in the logical page? */
bool stops_watch_page(const struct stops *stops, uint64_t page);
/** Watch storage for the stops there are, of which one has been added or removed (its pointer; else NULL). */
void stops_watch(struct cpus *cpus, const struct stop *added, const struct stop *removed);
/** Does anybody watch storage? */
static inline bool stops_watching(const struct stops *stops)
{
    return unlikely((stops->count[STOP_FETCH] | stops->count[STOP_STORE] | stops->count[STOP_ACCESS]) != 0);
}
/** The CPU's instruction accesses an operand at `logical`, which is at absolute `at`. */
void stops_access(struct cpu *cpu, uint64_t logical, struct absolute at, uint64_t bytes, bool store);
/** Watched absolute storage is accessed in other ways (storage->watched). */
void stops_storage_watched(struct machine *machine, struct absolute at, uint64_t bytes, bool store);
/** The instruction is nullified or suppressed: it has accessed nothing. */
void stops_forget_accesses(struct cpu *cpu);
/** The instruction, or the channel subsystem's work between rounds, has ended: its accesses are met now. */
void stops_complete(struct cpus *cpus);
/** Be told of the events for which there are stops. */
void stops_observe(struct cpus *cpus);
/** The CPU stands, for all to see. */
void stops_note_standing(const struct cpu *cpu);
/** It stands at cpus->stop_position. */
void stops_reach_position(const struct cpu *cpu);
/** The present thread of a CPU, as stops name it. */
void stops_thread(const struct cpu *cpu, unsigned *guest, unsigned *number);

#endif
