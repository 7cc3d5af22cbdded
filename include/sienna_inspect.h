/* SPDX-License-Identifier: MIT */
/**
 * libsienna: looking into a machine and steering it, for monitors, debuggers and trace tools.
 *
 * To be called between runs. Looking changes nothing: no reference bit, no TLB entry, no time. What is
 * altered here takes effect with the next instruction and enters the input log, so that a replay repeats it; in a
 * replay nothing can be altered. For the operator's actions a suspended round of slices (see sienna_step()) is
 * given up.
 */
#ifndef SIENNA_INSPECT_H
#define SIENNA_INSPECT_H

#include "sienna.h"

/* ---- CPUs ---- */

enum sienna_cpu_state { SIENNA_CPU_STOPPED, SIENNA_CPU_OPERATING, SIENNA_CPU_CHECK_STOP, SIENNA_CPU_LOAD };
struct sienna_cpu {
    enum sienna_cpu_state state;
    bool configured;
    bool waiting;                      /**< operating with the wait bit on */
    uint64_t psw_mask, psw_address;
    unsigned addressing_mode;          /**< 24, 31 or 64 */
    bool interpreting;                 /**< under SIE: PSW, registers and addresses are the guest's */
    uint32_t prefix;
};
/** CPUs that exist, configured or not. */
unsigned sienna_cpu_count(const struct sienna *sienna);
/** The state of CPU `number`; false when it does not exist. */
bool sienna_cpu(const struct sienna *sienna, unsigned number, struct sienna_cpu *cpu);

/** A condition that waits to interrupt (PoP ch. 6), or a state that waits to be entered. */
struct sienna_pending {
    const char *name;  /**< "clock comparator", "I/O subclass" … */
    uint32_t detail;   /**< subclass, CPU address, parameter; 0 when there is none */
    bool has_detail;
    bool open;         /**< the CPU's masks let it through */
};
/** The `index`-th condition that CPU `number` could take; false past the last. */
bool sienna_pending(const struct sienna *sienna, unsigned number, unsigned index,
                    struct sienna_pending *pending);

/* ---- Registers ---- */

enum sienna_register_class {
    SIENNA_GR, SIENNA_CR, SIENNA_AR, SIENNA_FPR, SIENNA_VR, SIENNA_FPC, SIENNA_PSW, SIENNA_PREFIX,
    SIENNA_CPU_TIMER, SIENNA_CLOCK_COMPARATOR, SIENNA_TOD_PROGRAMMABLE, SIENNA_TOD_CLOCK,
    SIENNA_BREAKING_EVENT, SIENNA_PROGRAM_PARAMETER,
    SIENNA_REGISTER_CLASSES
};
enum { SIENNA_REGISTER_BYTES = 16 };
struct sienna_register_type {
    const char *name;   /**< "gr": with a number where there are several */
    unsigned count;     /**< registers in the class */
    unsigned bytes;     /**< of each */
    bool alterable;
};
const struct sienna_register_type *sienna_register_type(enum sienna_register_class class);
/** A register's contents, big-endian, left-justified. False when CPU or register do not exist. */
bool sienna_register_read(const struct sienna *sienna, unsigned cpu, enum sienna_register_class class,
                          unsigned number, uint8_t bytes[SIENNA_REGISTER_BYTES]);
/** Alter a register. False with one sentence when it does not exist or cannot hold that. */
bool sienna_register_write(struct sienna *sienna, unsigned cpu, enum sienna_register_class class,
                           unsigned number,
                           const uint8_t *bytes, char problem[SIENNA_PROBLEM_BYTES]);

/* ---- Storage ---- */

/** Kinds of addresses. The last five are a CPU's. */
enum sienna_space {
    SIENNA_ABSOLUTE,  /**< the machine's own, also while a guest is interpreted */
    SIENNA_REAL,
    SIENNA_LOGICAL,   /**< as an operand in the present mode; access-register mode: ALET 0 */
    SIENNA_PRIMARY,   /**< through DAT, whether it is on or not; so the next two */
    SIENNA_SECONDARY,
    SIENNA_HOME,
    SIENNA_SPACES
};
/** A table entry that a translation went through. */
struct sienna_table_entry {
    unsigned level;     /**< 3, 2, 1 region first … third table, 0 segment table, 4 page table */
    uint64_t origin;    /**< of the table, as the ASCE or the entry above gives it */
    unsigned index;
    uint64_t address;   /**< of the entry, absolute */
    uint64_t value;
};
enum { SIENNA_TABLES = 5 };
struct sienna_translation {
    uint16_t code;      /**< program-interruption code that an access would get; 0 = translated */
    bool dat;           /**< tables were (or would have been) used; else the address is real or absolute */
    uint64_t asce;
    unsigned entries;
    struct sienna_table_entry entry[SIENNA_TABLES];
    uint64_t frame_bytes; /**< 4K, 1M or 2G */
    bool protect;       /**< DAT protection */
    bool no_execute;    /**< instruction-execution protection */
    uint64_t real, absolute; /**< under SIE the guest's real, the machine's absolute address */
    bool host_fault;    /**< under SIE: the code is the host's, on its address of guest storage */
    bool guest;         /**< under SIE: the next two are there, sienna_translate_host() goes on from them */
    uint64_t guest_absolute, host_logical; /**< what was reached; after a host fault, what was missing */
};
/** Translate `address`, step by step. False when the CPU does not exist. */
bool sienna_translate(const struct sienna *sienna, unsigned cpu, enum sienna_space space, uint64_t address,
                      struct sienna_translation *translation);
/** Translate a host logical address by which the CPU's guest reaches storage. False when it is not under SIE. */
bool sienna_translate_host(const struct sienna *sienna, unsigned cpu, uint64_t address,
                           struct sienna_translation *translation);
/** What a program-interruption code is called. */
const char *sienna_program_interruption(unsigned code);
/** Read up to `bytes`; returns how many there were before the first that cannot be translated. Protection
 *  does not matter. */
size_t sienna_storage_read(const struct sienna *sienna, unsigned cpu, enum sienna_space space,
                           uint64_t address,
                           void *to, size_t bytes);
/** The same for altering; nothing is altered unless all of it is there. Change bits are set. */
bool sienna_storage_write(struct sienna *sienna, unsigned cpu, enum sienna_space space, uint64_t address,
                          const void *from, size_t bytes);
/** Bytes of absolute storage, standby storage included. */
uint64_t sienna_storage_bytes(const struct sienna *sienna);

/** The storage key of the 4K block at an absolute address: ACC, F, R, C as ISKE inserts it. */
bool sienna_key_read(const struct sienna *sienna, uint64_t absolute, uint8_t *key);
bool sienna_key_write(struct sienna *sienna, uint64_t absolute, uint8_t key);

struct sienna_tlb_entry {
    uint64_t page;      /**< logical (or real, without DAT) address */
    uint64_t absolute;
    bool dat;
    uint64_t asce;      /**< of the space, with DAT */
    uint8_t access_key;
    bool guest;         /**< of a guest under SIE */
    bool fetch, store, execute; /**< accesses that need no further look */
};
/** The next entry of a CPU's TLB; *cursor is 0 at first. False past the last. */
bool sienna_tlb_entry(const struct sienna *sienna, unsigned cpu, unsigned *cursor,
                      struct sienna_tlb_entry *entry);

/** Disassemble the instruction at `bytes` as if it were at `address`, the mnemonic, a blank and the operands.
 *  Its length in bytes; 0 when fewer are there. */
unsigned sienna_disassemble(const uint8_t *bytes, size_t count, uint64_t address, char *text, size_t room);

/* ---- Interpretation levels ---- */

/**
 * Tell `line` (one line, no newline) about each entry into a guest under SIE and each exit, while the machine
 * runs: virtual time, CPU, level, state description, cause, the guest's PSW. NULL ends it.
 */
void sienna_observe_sie(struct sienna *sienna, void (*line)(void *context, const char *text), void *context);
/** Why CPU `cpu` left its guest last. False when the CPU does not exist. */
bool sienna_why_exit(const struct sienna *sienna, unsigned cpu, char *text, size_t room);
struct sienna_exit_count {
    unsigned level;     /**< 2, or 3 for a guest that vSIE of level 1 runs for level 2 */
    char cause[64];     /**< "entries", "host fault", an interception, or "instruction NAME" */
    uint64_t count;
};
/** The next nonzero count; *cursor is 0 at first. False past the last. */
bool sienna_exit_count(const struct sienna *sienna, unsigned *cursor, struct sienna_exit_count *count);

/** One of the programs that a CPU is in the midst of. */
struct sienna_level {
    unsigned level;          /**< 1 the machine's own, 2 its guest, 3 a guest that vSIE of level 1 runs for level 2 */
    uint64_t psw_mask, psw_address; /**< a host's: at SIE, to which it returns */
    uint32_t prefix;
    uint64_t asce;           /**< primary */
    uint64_t description;    /**< of a guest: absolute address of the state description */
    uint64_t origin, limit;  /**< of a guest: its absolute 0 in host logical storage; its last absolute address */
};
/** The `index`-th level of a CPU: 0 is level 1, 1 the guest being interpreted. False past the last. */
bool sienna_level(const struct sienna *sienna, unsigned cpu, unsigned index, struct sienna_level *level);

/** A field of a state description as storage has it: a guest's registers are current only outside of SIE. */
struct sienna_description_field {
    char name[24];
    unsigned offset, bytes;
    uint64_t value;
    char words[256];         /**< its bits by name, or what it is; may be empty */
};
/** The `index`-th field of the description that the CPU interprets or did last; false past the last, and before SIE. */
bool sienna_description_field(const struct sienna *sienna, unsigned cpu, unsigned index,
                              struct sienna_description_field *field);

/* ---- Channel subsystem, events ---- */

enum { SIENNA_SCHIB_BYTES = 52 };
struct sienna_subchannel {
    uint32_t id;            /**< subsystem-identification word */
    bool valid;             /**< a device is there; else the rest is zero */
    uint16_t device_number;
    const char *type;       /**< the device's type name */
    uint8_t chpid;
    uint8_t schib[SIENNA_SCHIB_BYTES]; /**< as STORE SUBCHANNEL stores it */
    bool interrupts;        /**< an interruption is pending */
};
/** Subchannel `number`; false when it is not provided. */
bool sienna_subchannel(const struct sienna *sienna, unsigned number, struct sienna_subchannel *subchannel);

struct sienna_event {
    uint64_t time;          /**< virtual time */
    const char *name;
    uint32_t subject;       /**< CPU number, subsystem-identification word …: by name */
    uint64_t argument;
};
/** The `index`-th pending event, earliest first; false past the last. */
bool sienna_event(const struct sienna *sienna, unsigned index, struct sienna_event *event);

/* ---- Steering ---- */

/**
 * Execute at most *steps instructions of CPU `cpu` (-1: of any) and stop between two of them, at most until
 * virtual time `limit`; an interruption counts as one. The other CPUs have their slices in between, and what
 * follows is the same as without the stop. *steps becomes what is left.
 */
enum sienna_outcome sienna_step(struct sienna *sienna, int cpu, uint64_t *steps, uint64_t limit);

/** What an operator does at the console of the real machine (PoP ch. 12); more of it is in sienna.h. */
enum sienna_action {
    SIENNA_STOP = 1,      /**< stop key: the CPU enters the stopped state */
    SIENNA_START,         /**< start key */
    SIENNA_STORE_STATUS,  /**< of a stopped CPU, to absolute 0x1200 */
    SIENNA_RESET_NORMAL,  /**< the whole machine: CPUs keep their registers and are stopped */
    SIENNA_RESET_CLEAR,   /**< the whole machine: registers and storage too */
    SIENNA_LOAD,          /**< reset normal, and the program loaded again */
    SIENNA_LOAD_CLEAR,    /**< the same after a clear reset */
};
/** False with one sentence when that is not possible. A machine that has ended may run again afterwards. */
bool sienna_operate(struct sienna *sienna, enum sienna_action action, unsigned cpu,
                    char problem[SIENNA_PROBLEM_BYTES]);
/** A machine that has ended is to be looked at, and to run on (it will end again unless something was
 * altered). */
void sienna_revive(struct sienna *sienna);
/** Why the machine ended: "disabled-wait", "check-stop", "program-loop", "power-off", …; "running". */
const char *sienna_end_reason(const struct sienna *sienna);

#endif
