/* SPDX-License-Identifier: MIT */
/**
 * All processors of a machine, their shared code cache, and the scheduler.
 */
#ifndef SIENNA_CPU_CPUS_H
#define SIENNA_CPU_CPUS_H

#include "cpu/block.h"
#include "cpu/cpu.h"
#include "cpu/level.h"
#include "cpu/seeded.h"

/** Slice that each runnable CPU gets in turn, in cycles, when more than one can run; and at most, when one can. */
enum { SLICE_CYCLES = 4096, LONGEST_SLICE = 1 << 20 };

/** A round of slices, which a debugger may suspend between two instructions. */
struct round {
    bool open;                   /**< begun, not all CPUs have had their slice */
    bool in_slice;               /**< CPU number `done` is in the middle of its slice, which ends at machine->slice_end */
    uint64_t start, until;       /**< virtual time at which all slices begin, and at most end */
    uint64_t latest;             /**< the latest end of a slice so far */
    unsigned first, done;        /**< CPU that began the round; slices that are over */
};

/** Who wants to be told of what happens on slow paths (cpu/observe.h). */
enum observers { OBSERVER_DEBUGGER, OBSERVER_TRACE, OBSERVERS };
struct sight;
struct observer {
    uint32_t kinds;
    void (*tell)(void *context, struct cpu *cpu, const struct sight *sight);
    void *context;
};

enum stopping {
    STOPPING = 1,      /**< for cpus_stop(), or at the position: the run ends there */
    STOPPING_PART = 2, /**< for stepping: the scheduler looks again */
    STOPPING_ACCESS = 4, /**< watched storage was accessed: told when the instruction has ended */
};

struct stepping;
struct stops;
struct guests;
struct seeing;

struct cpus {
    struct machine *machine;
    unsigned count;              /**< CPUs that exist, configured or standby */
    struct cpu *cpu[MAX_CPUS];
    struct cpu *running;         /**< whose slice is being executed, or NULL */
    struct round round;
    unsigned next;               /**< DIAG 0x9c: CPU that runs next; else `count` */
    struct seeded seeded;        /**< another schedule than the usual one */
    uint64_t executed;           /**< cycles of all slices that are over: see cpus_position() */
    uint64_t stop_position;      /**< cpus_run() and friends stop there; UINT64_MAX: nowhere */
    struct seeing *seeing;       /**< who wants instructions and accesses, too (cpu/seen.h), or NULL */
    uint32_t observed;           /**< kinds (enum observed) that anybody wants to know of */
    struct observer observers[OBSERVERS];
    uint8_t stopping;            /**< enum stopping: the running CPU stops before its next instruction */
    struct stepping *stepping;   /**< while the run is one of steps (cpu/stepping.h), else NULL */
    struct stops *stops;         /**< where debuggers want to stop (cpu/stops.h) */
    struct guests *guests;       /**< who ran under SIE (cpu/guests.h); NULL before the first entry */
    bool keep_guest_registers;   /**< at exits, since somebody has asked for them */
    bool delivering;             /**< it stops for an input of a replay, and goes on */
    struct code_cache code;
    struct facility_list facilities;
    /** What guests have under an instruction-blocking control: [IBC >> 4], within the machine's own. */
    struct facility_list blocked[16];
    uint16_t lowest_ibc, own_ibc;     /**< 0: there is no such control */
    const struct sie_service *sie;    /**< NULL: SIE is not installed */
    bool storage_key_facility;        /**< SIE finds guests' keys in PGSTEs too */
    struct exit_counts exits[2];      /**< of levels 2 and 3 */
    /** Called after each entry and exit, when the state description is complete; looks only. */
    void (*sie_observer)(void *context, const struct cpu *cpu, bool exit);
    void *sie_observer_context;
    struct interception_profile **profiles; /**< interned */
    unsigned profile_count;
    struct decode_context **contexts; /**< interned decode contexts */
    unsigned context_count;
    uint64_t last_clock;         /**< the largest clock value yet returned to anybody */
    bool debug_slow;             /**< decode every instruction through handle_slow (tracing, tests) */
    /** Called before each instruction while debug_slow is on; must not change guest state. */
    void (*trace)(void *context, const struct cpu *cpu, const struct insn *insn);
    void *trace_context;
    bool forgetful;              /**< drop TLBs and decoded code at pseudo-random slices (tests: moves nothing) */
    uint32_t forget_seed;
    bool single_blocks;          /**< blocks of length one (tests: moves nothing) */
};

/** Create `count` CPUs (1–64), of which the first `configured` are configured; all stopped and reset. */
struct cpus *cpus_create(struct machine *machine, unsigned count, unsigned configured,
                         const struct facility_list *facilities);
void cpus_release(struct cpus *cpus);

enum cpus_outcome {
    CPUS_RAN,    /**< virtual time reached the limit, or a load was requested (machine->configuration) */
    CPUS_IDLE,   /**< every CPU waits; the next event is at cpus_next_event() */
    CPUS_ENDED,  /**< machine->end says why */
    CPUS_STOPPED, /**< between two instructions, for cpus_stop() or at cpus->stop_position */
};
/** Run all CPUs and events until virtual time `limit`. On CPUS_IDLE time stands at the moment
 *  the last CPU began to wait: the caller paces or skips with cpus_skip_to(). */
enum cpus_outcome cpus_run(struct machine *machine, uint64_t limit);
/**
 * The same, but the last round of slices is finished even when it passes the limit: where the
 * host looks in between then changes nothing in how CPUs interleave.
 */
enum cpus_outcome cpus_run_rounds(struct machine *machine, uint64_t limit);
/**
 * Execute at most *steps instructions of `only`, or of all CPUs with NULL, and leave the round of slices
 * suspended there: what any CPU executes afterwards is the same as without the stop. An interruption that
 * is taken counts as one. Other CPUs than `only` have their slices in between. *steps becomes what is left
 * when the CPUs wait (CPUS_IDLE), the machine ends, or virtual time passes `limit`.
 */
enum cpus_outcome cpus_step(struct machine *machine, const struct cpu *only, uint64_t *steps, uint64_t limit);
/**
 * A place in the machine's history: cycles that all CPUs together have executed. Every instruction and every
 * interruption takes at least one, so it names the moment before one of them; the moment is the last one
 * before it, with events and inputs that come first already done. Idle time moves no position.
 */
uint64_t cpus_position(const struct cpus *cpus);
/**
 * Stop between two instructions: what runs returns CPUS_STOPPED, with the round of slices suspended, before
 * the running CPU executes anything else (when it is called by a handler that has changed nothing, the
 * handler leaves with to_scheduler() and the instruction is executed when the machine runs again).
 * What follows is the same as without the stop. Between runs it does nothing.
 */
void cpus_stop(struct cpus *cpus);
/** The same for whoever steps: only the present part of the slice ends there. */
void cpus_pause(struct cpus *cpus);
/** Cycles that this CPU alone has executed so far: names a moment as cpus_position() does, among its own. */
uint64_t cpu_executed(const struct cpu *cpu);
/** As cpus_step(), steps of a thread of any level. */
enum cpus_outcome cpus_step_thread(struct machine *machine, struct stepping *steps, uint64_t limit);
/** Go on to where an input can be delivered without executing anything: into the next slice, or between rounds. */
void cpus_settle(struct machine *machine);
/** Give up a suspended round, whose CPUs have been changed so much that it means nothing any more (resets). */
void cpus_abandon_round(struct machine *machine);
/** Make a cycle last `units` TOD units (1 at creation): models a slower clock. Before the machine runs. */
void cpus_set_cycle(struct cpus *cpus, unsigned units);
/** Virtual time of the next event, CPU timer condition or input of a replay, or EVENT_NEVER. */
uint64_t cpus_next_event(const struct machine *machine);
/** Advance virtual time of an idle machine to `time`. */
void cpus_skip_to(struct machine *machine, uint64_t time);

/**
 * Execute instructions of the slice from `from` until `until` that begin within `cycles`; with 1, one of them
 * (or an interruption). True when the CPU can go on in this slice, which then ends at machine->slice_end.
 */
bool cpu_run_part(struct cpu *cpu, uint64_t from, uint64_t until, uint64_t cycles);
/** Can the CPU execute instructions now (operating, and not waiting without an open interruption)? */
bool cpu_runnable(struct cpu *cpu);

struct state_walk;
/** Walk over the canonical state of all CPUs: architected registers, pending conditions, the suspended round of
 *  slices. Storage, machine->now and the TOD clock have been restored before. */
void cpus_state(struct cpus *cpus, struct state_walk *walk);
/** After a restoring walk: what is derived from the state is dropped or derived again. */
void cpus_restored(struct cpus *cpus);

enum cpu_reset { RESET_CPU, RESET_INITIAL_CPU, RESET_CLEAR, RESET_POWER_ON };
/** Resets as PoP ch. 4 tables them (the CPU's part). */
void cpu_reset(struct cpu *cpu, enum cpu_reset kind);
/** Load a PSW; an invalid one is recognised as an early specification exception before the next instruction. */
void cpu_load_psw(struct cpu *cpu, uint64_t mask, uint64_t address);
/** The present PSW as stored: mask with condition code. */
static inline uint64_t cpu_psw_mask(const struct cpu *cpu)
{
    return (cpu->psw_mask & ~PSW_CC) | (uint64_t)cpu->cc << PSW_CC_SHIFT;
}
/** Derive address mask, TLB contexts and decode context from PSW, CRs, prefix. */
void cpu_update_mode(struct cpu *cpu);

/** May such a PSW be loaded, or is it an early specification exception? */
bool cpu_psw_valid(uint64_t mask, uint64_t address);
/** What the PSW just loaded brings: its early specification exception, or the PER event of an SVC. */
bool cpu_take_psw_exception(struct cpu *cpu);
/** Is the machine about to stop, and the slice not over (then what is to be done in it is done first)? */
static inline bool cpu_stopping(const struct cpu *cpu)
{
    return unlikely(cpu->all->stopping & STOPPING) && cpu->budget > 0;
}
/** Deliver the highest-priority enabled interruption, if any; true when one was taken. */
bool cpu_take_interruption(struct cpu *cpu);
/** Is an enabled interruption of the machine pending (ends a wait, leaves SIE)? */
bool cpu_interruption_pending(struct cpu *cpu);
/** SVC: leaves through the supervisor-call interruption. */
_Noreturn void supervisor_call(struct cpu *cpu, uint8_t number);
/** Deliver a program interruption whose registers and insn are set; `insn` NULL: fetch exception at cpu->ia. */
void deliver_program_interruption(struct cpu *cpu, unsigned code, const struct insn *insn);
/** An exception in fetching the instruction at cpu->ia. */
void fetch_exception(struct cpu *cpu, const struct fault *fault);
/** Store the parameters of program interruption `code` as in real storage from `page` + 0x80 on. */
void cpu_program_parameters(struct cpu *cpu, unsigned code, unsigned ilc, uint8_t *page);
/** Old-PSW address and, in bytes, instruction length of program interruption `code`. */
uint64_t cpu_program_old_address(struct cpu *cpu, unsigned code, const struct insn *insn, unsigned *ilc);
/** External interruption `code` from CPU `address` of the guest being interpreted. */
void cpu_guest_external(struct cpu *cpu, uint16_t code, uint16_t address);
/** Adapter interruption of that guest with I/O-interruption identification word `word`. */
void cpu_guest_io(struct cpu *cpu, uint32_t word);
/** A doubleword of the new PSWs of that guest, at real `offset`. */
uint64_t cpu_guest_new_psw(struct cpu *cpu, unsigned offset);
/** Absolute address of the store-status area; the machine-check save area is there from the prefix on. */
enum { STORE_STATUS_AREA = 0x1200 };
/** Store the registers in the 512 bytes at `area`, which exist (store status, ch. 4; machine checks, ch. 11). */
void cpu_store_status(struct cpu *cpu, struct absolute area);

#endif
