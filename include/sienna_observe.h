/* SPDX-License-Identifier: MIT */
/**
 * libsienna: watching what a machine does, for trace tools.
 *
 * What is seen goes, in order, into a buffer of records of one size, which the observer gets whenever it is full
 * and replaces by another one: it may be read by another thread while the machine runs on. Observing moves
 * nothing: digests are the same with and without. What the filter leaves out by kind, level, state, CPU or space
 * costs nothing, since it is executed as if nobody were looking.
 */
#ifndef SIENNA_OBSERVE_H
#define SIENNA_OBSERVE_H

#include "sienna_debug.h"

/** What can be seen. */
enum sienna_sight {
    SIENNA_SAW_INSTRUCTION = 1 << 0,
    SIENNA_SAW_FETCH = 1 << 1,
    SIENNA_SAW_STORE = 1 << 2,
    SIENNA_SAW_BRANCH = 1 << 3,       /**< as SIENNA_SAW_INSTRUCTION: who reads the stream finds the branches */
    SIENNA_SAW_INTERRUPTION = 1 << 4,
    SIENNA_SAW_ENTRY = 1 << 5,
    SIENNA_SAW_EXIT = 1 << 6,
    SIENNA_SAW_IO = 1 << 7,
    SIENNA_SAW_KEY = 1 << 8,
    SIENNA_SAW_CONTROL = 1 << 9,
    SIENNA_SAW_SIGP = 1 << 10,
};

/**
 * Kinds of records, bits 0–7 of `word`. Of those after SIENNA_SEEN_TARGET, `word` also has a class in bits 8–15,
 * a detail in bits 16–31 and a code in bits 32–63 (counted from the right). Records belong to the CPU of the last
 * SIENNA_SEEN_SLICE and its thread of the last SIENNA_SEEN_THREAD.
 */
enum sienna_seen_kind {
    /** Is about to be executed: logical address; bits 16–63 the text, left-justified; bits 13–14 the condition
     *  code; bits 8–12 a GR that the instruction before may have changed to `value`, or 16. */
    SIENNA_SEEN_INSTRUCTION,
    /** The instruction that the EXECUTE just seen carries out: its own address, the text as modified. */
    SIENNA_SEEN_TARGET,
    /** From here on: detail = CPU of the machine, value = virtual time, address = TOD units in a cycle. */
    SIENNA_SEEN_SLICE,
    /** From here on: class = level, detail = guest, code = CPU of the guest; address = modes of the PSW (DAT, key,
     *  state, space, addressing, PER), value = ASCE by which the program addresses its operands, 0 without DAT. */
    SIENNA_SEEN_THREAD,
    /** The last instruction changed a register: class (enum sienna_seen_register), detail = number, value;
     *  of vector registers address = bits 0–63, value = bits 64–127. */
    SIENNA_SEEN_REGISTER,
    /** It fetched an operand: address = logical, value = absolute in the machine, code = bytes, which follow in
     *  as many records as they need. */
    SIENNA_SEEN_FETCH,
    /** It stored one: likewise, the new contents. */
    SIENNA_SEEN_STORE,
    /** class = enum sienna_interruption, code = interruption code, SVC number or subsystem identification,
     *  address = old PSW's, value = TEID, CPU address and parameter, parameter, or machine-check code. */
    SIENNA_SEEN_INTERRUPTION,
    SIENNA_SEEN_ENTRY,   /**< SIE entered: class = level of the guest, value = absolute of its description */
    /** SIE left: likewise, address = the guest's, detail = interception code, or SIENNA_EXIT_…; code = the first four
     *  bytes of an intercepted instruction, or the code of an intercepted program interruption. */
    SIENNA_SEEN_EXIT,
    SIENNA_SEEN_IO,      /**< code = operation code, value = GR1 (a subchannel), detail = condition code */
    SIENNA_SEEN_KEY,     /**< value = absolute of the block, code = new key, detail = old key */
    SIENNA_SEEN_CONTROL, /**< code = control register, value = new, address = old contents */
    SIENNA_SEEN_SIGP,    /**< code = order, address = CPU it is for, value = parameter, detail = condition code */
    SIENNA_SEEN_BRANCH,  /**< never of the machine: what trace files have for SIENNA_SAW_BRANCH alone; address = of the
                          *   branch, value = where it goes */
    SIENNA_SEEN_KINDS
};
enum sienna_seen_register {
    SIENNA_SEEN_GR, SIENNA_SEEN_AR, SIENNA_SEEN_VR, SIENNA_SEEN_FPC,
    SIENNA_SEEN_ELSEWHERE = 0x80, /**< ORed: changed while nobody looked, not by the last instruction */
};
enum sienna_interruption {
    SIENNA_INTERRUPTION_PROGRAM, SIENNA_INTERRUPTION_SVC, SIENNA_INTERRUPTION_EXTERNAL, SIENNA_INTERRUPTION_IO,
    SIENNA_INTERRUPTION_MACHINE_CHECK, SIENNA_INTERRUPTION_RESTART,
};
enum { SIENNA_EXIT_HOST_INTERRUPTION = 0x100, SIENNA_EXIT_HOST_FAULT = 0x200 };

/** A record and its data are never in two buffers. */
enum { SIENNA_SEEN_LEAST_ROOM = 160 };
struct sienna_seen {
    uint64_t position; /**< in history, see sienna_position() */
    uint64_t address, value, word;
};

enum { SIENNA_PROBLEM_STATE = 1, SIENNA_SUPERVISOR_STATE = 2 };
/** Which of it is wanted. Sets of zero are sets of all. */
struct sienna_filter {
    unsigned kinds;             /**< enum sienna_sight, ORed */
    uint64_t cpus;              /**< bit n: CPU n of the machine */
    unsigned levels;            /**< bit n: level n, 1 to 3 */
    unsigned guest;             /**< number of a guest, or SIENNA_ANY_GUEST */
    unsigned states;            /**< SIENNA_PROBLEM_STATE, SIENNA_SUPERVISOR_STATE, ORed; so the next three: */
    unsigned spaces;            /**< of operands: 1 primary, 2 access registers, 4 secondary, 8 home, 16 real */
    uint64_t asce;              /**< only with this table origin of the space's ASCE, unless 0 */
    uint64_t first, last;       /**< logical addresses of instructions; last 0: to the end */
    uint64_t first_data, last_data; /**< logical addresses of accesses; likewise */
    uint64_t from_position, from_time, to_position, to_time; /**< roughly: to the slice; to… 0: for ever */
};
struct sienna_observer {
    struct sienna_filter filter;
    struct sienna_seen *buffer; /**< the first one, of `room` records: SIENNA_SEEN_LEAST_ROOM or more */
    size_t room;
    /** Gets `buffer` with `count` records, and returns the next, of the same room: NULL, nothing more is wanted. It
     *  must not call the machine. */
    struct sienna_seen *(*full)(void *context, struct sienna_seen *buffer, size_t count);
    void *context;
};
/** Observe from now on; one observer at a time. NULL: what is left is handed over, then it is over. Between runs. */
void sienna_observe(struct sienna *sienna, const struct sienna_observer *observer);
/** Hand over what was seen so far; between runs. */
void sienna_observe_flush(struct sienna *sienna);

#endif
