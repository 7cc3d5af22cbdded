/* SPDX-License-Identifier: MIT */
/**
 * libsienna: stopping a machine where a debugger wants it, at every level of interpretation.
 *
 * A *guest* is what runs at one level: guest 0 is level 1, the machine's own program; each virtual machine that
 * was entered with SIE is one more. A *thread* is a CPU of a guest: of guest 0 a CPU of the machine, also while
 * that CPU interprets another guest (its registers are the host's then); of others a virtual CPU, also while no
 * CPU interprets it. Functions here are called between runs, unless said otherwise. Stopping, looking and going
 * on changes nothing in what the machine does; altering does.
 */
#ifndef SIENNA_DEBUG_H
#define SIENNA_DEBUG_H

#include "sienna_inspect.h"

/* ---- Guests and threads ---- */

enum { SIENNA_ANY_GUEST = 0xffff, SIENNA_ANY_CPU = 0xffff };

struct sienna_guest {
    unsigned number;         /**< 0 = level 1; others in order of their first entry, never used twice */
    unsigned level;          /**< 1, 2, or 3 for a guest that vSIE of level 1 runs for a level-2 guest */
    unsigned parent;         /**< the guest whose program it is: 0 for level 2, a level-2 guest for level 3 */
    unsigned cpus;           /**< of guest 0 those that exist, of others those that were entered */
    uint64_t control_area;   /**< absolute address of the system control area; 0 = none */
    uint64_t origin, limit;  /**< its absolute 0 in host logical storage; its last absolute address */
    uint64_t entered;        /**< virtual time of the last entry */
    char name[64];           /**< for people: "level 1", "level 2, SCA 0000000001a3c000" … */
};
/** The `index`-th guest that is known, guest 0 first. False past the last. */
bool sienna_guest(const struct sienna *sienna, unsigned index, struct sienna_guest *guest);

struct sienna_thread {
    unsigned guest; /**< number of the guest */
    unsigned cpu;   /**< of guest 0 a CPU address; of others the virtual CPU's number in order of first entry */
};
struct sienna_thread_info {
    int machine_cpu;         /**< CPU that executes for it now; -1: none */
    uint64_t description;    /**< absolute address of its state description; 0 for guest 0 */
    bool registers;          /**< its GRs, ARs, FPRs/VRs are known (else zeros: nobody told the machine) */
    bool alterable;          /**< they can be altered: only while a CPU interprets it */
    struct sienna_cpu cpu;   /**< PSW, state, prefix of the thread */
};
/** False when there is no such thread. */
bool sienna_thread(const struct sienna *sienna, struct sienna_thread thread, struct sienna_thread_info *info);

/** As sienna_register_read() and _write(), of a thread. A virtual CPU that no CPU interprets has PSW, CRs, GRs
 *  14 and 15, prefix, timers and so on in its state description, the others as its last exit left them. */
bool sienna_thread_register_read(const struct sienna *sienna, struct sienna_thread thread,
                                 enum sienna_register_class class, unsigned number,
                                 uint8_t bytes[SIENNA_REGISTER_BYTES]);
bool sienna_thread_register_write(struct sienna *sienna, struct sienna_thread thread,
                                  enum sienna_register_class class, unsigned number, const uint8_t *bytes,
                                  char problem[SIENNA_PROBLEM_BYTES]);
/** As sienna_storage_read() and _write(), of a thread: SIENNA_ABSOLUTE is the *guest's* absolute storage here. */
size_t sienna_thread_storage_read(const struct sienna *sienna, struct sienna_thread thread,
                                  enum sienna_space space, uint64_t address, void *to, size_t bytes);
bool sienna_thread_storage_write(struct sienna *sienna, struct sienna_thread thread, enum sienna_space space,
                                 uint64_t address, const void *from, size_t bytes);
/** As sienna_translate(), of a thread, SIENNA_ABSOLUTE likewise. */
bool sienna_thread_translate(const struct sienna *sienna, struct sienna_thread thread, enum sienna_space space,
                             uint64_t address, struct sienna_translation *translation);
/** The `index`-th field of a virtual CPU's state description; false past the last, and for guest 0. */
bool sienna_thread_description_field(const struct sienna *sienna, struct sienna_thread thread, unsigned index,
                                     struct sienna_description_field *field);
bool sienna_thread_description_write(struct sienna *sienna, struct sienna_thread thread, unsigned index,
                                     uint64_t value, char problem[SIENNA_PROBLEM_BYTES]);

/* ---- Where to stop ---- */

enum sienna_stop_kind {
    SIENNA_STOP_INSTRUCTION = 1, /**< before the instruction at logical `address` is executed */
    SIENNA_STOP_FETCH,      /**< after `bytes` at `address` were (partly) fetched as an operand … */
    SIENNA_STOP_STORE,      /**< … stored into, by a CPU or, with SIENNA_ABSOLUTE, the channel subsystem or SIE … */
    SIENNA_STOP_ACCESS,     /**< … either */
    SIENNA_STOP_KEY,        /**< after the storage key of the block at absolute `address` changed (not R and C) */
    SIENNA_STOP_CONTROL,    /**< after control register `number` was loaded with another value (-1: any) */
    SIENNA_STOP_ENTRY,      /**< after SIE was entered, before the guest's first instruction */
    SIENNA_STOP_EXIT,       /**< after SIE was left with interception code `number`; -1: any; -2: for a host
                             *   interruption, before it is taken; -3: for a fault of the host */
    SIENNA_STOP_PROGRAM,    /**< after a program interruption `number` (-1: any), before its handler */
    SIENNA_STOP_SVC,        /**< after a supervisor call `number` (-1: any) */
    SIENNA_STOP_EXTERNAL,   /**< after an external interruption `number` (-1: any) */
    SIENNA_STOP_IO,         /**< after an I/O interruption of subchannel `number` (-1: any) */
    SIENNA_STOP_MACHINE_CHECK,
    SIENNA_STOP_RESTART,
    SIENNA_STOP_SIGP,       /**< after a SIGP with order `number` (-1: any) */
};
struct sienna_stop_at {
    enum sienna_stop_kind kind;
    unsigned guest, cpu;      /**< whose; SIENNA_ANY_GUEST, SIENNA_ANY_CPU */
    enum sienna_space space;  /**< FETCH, STORE, ACCESS: SIENNA_LOGICAL (by the guest's own operand addresses) or
                               *   SIENNA_ABSOLUTE (the machine's storage, by whomever) */
    uint64_t address, bytes;
    int64_t number;
};
/**
 * Stop there from now on. Any number of them. The id (from 1), or 0 with a sentence. They cost nothing where
 * they do not apply: an instruction is bound to another handler in its block, storage is watched by denied TLB
 * tags, events are on slow paths.
 */
unsigned sienna_stop_add(struct sienna *sienna, const struct sienna_stop_at *where,
                         char problem[SIENNA_PROBLEM_BYTES]);
bool sienna_stop_remove(struct sienna *sienna, unsigned id);
/** The `index`-th stop, in the order in which they were added: its id; 0 past the last. */
unsigned sienna_stop_known(const struct sienna *sienna, unsigned index, struct sienna_stop_at *where);

/** Why the machine stands where it stands. */
enum sienna_stop_cause {
    SIENNA_CAUSE_NONE,      /**< it was not stopped by anything here */
    SIENNA_CAUSE_STOP,      /**< the stop `id` */
    SIENNA_CAUSE_STEP,      /**< sienna_thread_step() has done its steps */
    SIENNA_CAUSE_POSITION,  /**< sienna_run_to() has reached the position */
};
struct sienna_stop {
    enum sienna_stop_cause cause;
    unsigned id;                  /**< several at once: the first that was added */
    enum sienna_stop_kind kind;
    struct sienna_thread thread;  /**< who did it; guest 0, CPU SIENNA_ANY_CPU: the channel subsystem */
    uint64_t address;             /**< INSTRUCTION: its address; FETCH, STORE, ACCESS: the first of the operand's bytes
                                   *   that are watched; KEY: the block; ENTRY, EXIT: the state description */
    bool store;                   /**< ACCESS: it was a store */
    int64_t number;               /**< the code, order, register or subchannel that it was; KEY: the new key */
};
void sienna_stop_reason(const struct sienna *sienna, struct sienna_stop *stop);
/**
 * Asked, while the machine runs, whether a stop that was met is wanted; it may look (sienna_thread_…_read()), and
 * alters nothing. False: the machine goes on. For conditional breakpoints. NULL: each is wanted.
 */
void sienna_stop_condition(struct sienna *sienna, bool (*wanted)(void *context, const struct sienna_stop *stop),
                           void *context);
/** The same of one stop; asked when the condition of all has not refused it. False when there is no stop `id`. */
bool sienna_stop_condition_of(struct sienna *sienna, unsigned id,
                              bool (*wanted)(void *context, const struct sienna_stop *stop), void *context);

/* ---- Going on ---- */

/**
 * A place in the machine's history: cycles executed by all CPUs together. It names the moment before one
 * instruction (or interruption); the same run has the same positions, however it is stopped and looked at.
 */
uint64_t sienna_position(const struct sienna *sienna);
/** As sienna_run(), and stop at `position` at the latest (the first instruction that begins there or later). */
enum sienna_outcome sienna_run_to(struct sienna *sienna, uint64_t position, uint64_t limit);
/**
 * Execute *steps instructions of a thread (an interruption counts as one). Other CPUs have their slices in
 * between. SIE is one instruction of its host unless `into`: then the step ends in the guest. A virtual CPU's
 * step ends with its next instruction, wherever and whenever its host lets it execute. An instruction at which
 * the thread stands stopped is executed. *steps becomes what is left.
 */
enum sienna_outcome sienna_thread_step(struct sienna *sienna, struct sienna_thread thread, bool into,
                                       uint64_t *steps, uint64_t limit);

#endif
