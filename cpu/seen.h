/* SPDX-License-Identifier: MIT */
/**
 * The stream of what is seen, for traces: records of 32 bytes in the order in which things happen.
 *
 * Where instructions are to be seen (by level, state, CPU …: part of the decode context) each decoded instruction
 * has a companion before it, whose handler puts one record and goes on with the instruction; everywhere else
 * there is none, and nothing is slower. Accesses are seen because TLB contexts of such places grant no tags as
 * they are: see TLB_OBSERVED. What an instruction did (registers, accesses) is put before the next record,
 * when it has ended: seen_settle().
 */
#ifndef SIENNA_CPU_SEEN_H
#define SIENNA_CPU_SEEN_H

#include "cpu/cpus.h"

/** As struct sienna_seen and enum sienna_seen_kind in include/sienna_observe.h. */
struct seen {
    uint64_t position, address, value, word;
};
enum seen_kind {
    SEEN_INSTRUCTION, SEEN_TARGET, SEEN_SLICE, SEEN_THREAD, SEEN_REGISTER, SEEN_FETCH, SEEN_STORE,
    SEEN_INTERRUPTION, SEEN_ENTRY, SEEN_EXIT, SEEN_IO, SEEN_KEY, SEEN_CONTROL, SEEN_SIGP,
};
enum seen_register { SEEN_GR, SEEN_AR, SEEN_VR, SEEN_FPC, SEEN_NOT_OF_INSTRUCTION = 0x80 };

/** decode_context.seen */
enum { SEE_INSTRUCTIONS = 1, SEE_ACCESSES = 2 };
enum { SEEN_ANY_GUEST = 0xffff };

/** Which of what happens is wanted; fields as struct sienna_filter. */
struct seen_filter {
    uint32_t kinds;                      /**< enum observed */
    uint64_t cpus;                       /**< bit n: CPU n */
    unsigned levels, states, spaces;
    bool one_asce;
    uint64_t asce;
    unsigned guest;
    uint64_t first, last;                /**< logical addresses of instructions */
    uint64_t first_data, last_data;      /**< logical addresses of accesses */
    uint64_t from_position, from_time, to_position, to_time;
};

/** `previous` of struct seeing: a GR that the last instruction may have changed, or none … */
enum { SEEN_NO_REGISTER = 16 };
/** … or what makes the fast handler call the slow one, ORed. */
enum { SEEN_MANY = 0x20, SEEN_VECTORS = 0x40, SEEN_ACCESSES = 0x80, SEEN_OPEN = 0x100, SEEN_SYNC = 0x200 };

struct seen_access {
    uint64_t address;
    const uint8_t *host;
    uint32_t bytes;
    uint32_t data;                       /**< of a fetch: where its bytes are kept in the arena */
    bool store;
};

/** Registers as the stream has told them. */
struct seen_shadow {
    uint64_t gr[17];
    uint32_t ar[16], fpc;
    union vector_register vr[32];
    bool told;                           /**< a thread has been told */
    bool stale;                          /**< instructions were executed unseen since */
    uint64_t psw_mask, asce, thread;
};

struct seeing {
    struct seen *next, *end;             /**< of the buffer */
    uint64_t base;                       /**< position = base − budget */
    uint32_t previous;
    struct seen_shadow *shadow;          /**< of the CPU in its slice */
    struct seen_shadow *shadows;         /**< of each CPU */
    struct cpu *cpu;                     /**< in its slice */
    const struct cpu *told_cpu;          /**< of the last slice that was told */
    uint64_t slice_position, slice_time; /**< of the present one … */
    uint64_t told_position, told_time;   /**< … and of the one told */
    bool skipping;                       /**< the present instruction is outside of the filter's range */
    bool over;                           /**< nobody wants more */
    struct seen_access *accesses;
    unsigned access_count, access_room;
    uint8_t *arena;
    uint32_t arena_bytes, arena_room;
    struct seen *buffer;
    size_t room;
    struct seen scratch[160];            /**< the buffer when nobody wants more */
    struct seen_filter filter;
    /** Takes a full buffer, gives the next of the same size; NULL: no more. */
    struct seen *(*full)(void *context, struct seen *buffer, size_t count);
    void *context;
};

/** Begin (NULL: end) seeing; between runs. `buffer` has room for `room` records. */
void seen_set(struct cpus *cpus, const struct seen_filter *filter, struct seen *buffer, size_t room,
              struct seen *(*full)(void *context, struct seen *buffer, size_t count), void *context);
/** Hand over what was put so far; between runs. */
void seen_flush(struct cpus *cpus);

/* Hooks; each is called only while cpus->seeing is set. */

/** A part of a slice begins: at virtual time `from`, with `cycles` of budget. */
void seen_begin(struct cpu *cpu, uint64_t from, uint64_t cycles);
/** It ends. */
void seen_end(struct cpu *cpu);
/** Put what the last instruction did: registers, accesses. */
void seen_settle(struct cpu *cpu);
/** The instruction being executed did not happen: forget its accesses. */
void seen_nothing(struct cpu *cpu);
/** decode_context.seen of the CPU as it is now; its thread may have changed. */
uint8_t seen_mode(struct cpu *cpu);
/** EXECUTE `execute` goes on with `target`. */
void seen_target(struct cpu *cpu, const struct insn *execute, const struct insn *target);
/** `bytes` at `address` are accessed through `host`. */
void seen_access(struct cpu *cpu, uint64_t address, const uint8_t *host, unsigned bytes, bool store);
/** What was just noted as stored into (in `pieces`) is fetched, too. */
void seen_update(struct cpu *cpu, unsigned pieces);

/** What a companion is bound to. */
insn_handler *seen_handler(const struct cpus *cpus);
/** Make `companion` that of the instruction `insn`, which costs `cycles`. */
void seen_companion(const struct cpus *cpus, const struct insn *insn, unsigned cycles, struct insn *companion);

#endif
