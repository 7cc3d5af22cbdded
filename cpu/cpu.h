/* SPDX-License-Identifier: MIT */
/**
 * A processor: registers, modes, and the interface instruction semantics is written with.
 *
 * Instruction operations (DEFINE_OP) see: registers through the accessors below, storage
 * through cpu/access.h, exceptions through program_interruption() and friends (which do
 * not return), branching through cpu_branch(). At an exception nothing of the instruction
 * may have changed unless its definition says so: probe operands first.
 */
#ifndef SIENNA_CPU_CPU_H
#define SIENNA_CPU_CPU_H

#include "cpu/facility.h"
#include "cpu/insn.h"
#include "cpu/psw.h"
#include "cpu/tlb.h"
#include "cpu/unwind.h"
#include "machine/machine.h"
#include "storage/storage.h"

/** A vector register; floating-point register n is doubleword 0 of vector register n. */
union vector_register {
    uint64_t d[2]; /**< [0] = bits 0–63, host byte order inside each doubleword */
    uint32_t w[4];
    uint16_t h[8];
    uint8_t b[16];
};
/* Elements by PoP index. Host-endian inside doublewords, hence the exclusive or. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define VW(v, i) ((v)->w[(i) ^ 1])
#define VH(v, i) ((v)->h[(i) ^ 3])
#define VB(v, i) ((v)->b[(i) ^ 7])
#else
#define VW(v, i) ((v)->w[i])
#define VH(v, i) ((v)->h[i])
#define VB(v, i) ((v)->b[i])
#endif
#define VD(v, i) ((v)->d[i])

union general_register {
    uint64_t d;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    struct { uint32_t low, high; } w;
#else
    struct { uint32_t high, low; } w;
#endif
};

/**
 * What a block was decoded for, interned: equal contexts are one pointer. Any CPU whose
 * mode differs uses other blocks, so changing the mode flushes nothing.
 */
struct decode_context {
    const struct facility_list *facilities;
    uint8_t amode;       /**< 24, 31 or 64 */
    bool problem;
    bool access_registers; /**< access-register mode with DAT on */
    bool afp, vector;    /**< CR0.45, CR0.46 */
    bool slow;           /**< PER, tracing, single steps: every instruction through run_slow */
    bool single;         /**< blocks of length one */
    uint8_t seen;        /**< what a trace sees of it: SEE_INSTRUCTIONS, SEE_ACCESSES (cpu/seen.h) */
    const struct interception_profile *profile; /**< under SIE: interned interception controls; NULL at level 1 */
};

/** A budget (at block entry) from which on the rest of any block fits: twice its greatest cost. */
enum { CHARGE_LIMIT = 1024 };

/** Reasons to leave the block after the present instruction (cpu->leave, ORed). */
enum leave {
    LEAVE_BRANCH = 1,  /**< cpu->next_ia is the next instruction address */
    LEAVE_MODE = 2,    /**< PSW or control registers changed: re-derive contexts, look at interruptions */
    LEAVE_CODE = 4,    /**< decoded code was changed */
    LEAVE_SLICE = MACHINE_LEAVE_SLICE, /**< return to the scheduler */
    LEAVE_STOP = 16,   /**< for a debugger: cpus->stopping is set */
};

/** Access exception, as translation functions report it without needing a CPU. */
struct fault {
    uint16_t code;       /**< program-interruption code; 0 = none */
    bool host;           /**< under SIE: the fault belongs to the host level */
    bool operand_id;     /**< MVPG: cpu->operand_access_id is stored at real 162 */
    uint8_t access_id;   /**< exception access identification (real 160) */
    uint64_t teid;       /**< translation-exception identification (real 168) */
};

enum pending_local {
    PENDING_MALFUNCTION = 1, PENDING_EMERGENCY = 2, PENDING_EXTERNAL_CALL = 4,
    PENDING_CLOCK_COMPARATOR = 8, PENDING_CPU_TIMER = 16,
    PENDING_RESTART = 32, PENDING_STOP = 64, PENDING_STORE_STATUS = 128, PENDING_INTERRUPT_KEY = 256,
};

struct cpus;

/** Old-PSW locations of the classes of interruption; the new PSW is 0x80 further (PoP fig. 3-17). */
enum old_psw {
    OLD_RESTART = 0x120, OLD_EXTERNAL = 0x130, OLD_SVC = 0x140, OLD_PROGRAM = 0x150, OLD_MACHINE_CHECK = 0x160,
    OLD_IO = 0x170
};

struct cpu {
    /* Hot: what fast handlers touch. */
    union general_register gr[17];  /**< [16] is always zero */
    struct tlb_context *data;       /**< translation of ordinary operands in the present mode */
    uint64_t page_ia;               /**< logical address of the page that the running block is in */
    uint64_t address_mask;          /**< 24-, 31- or 64-bit addressing */
    uint32_t cc;                    /**< condition code 0–3 */
    uint32_t leave;                 /**< enum leave bits; nonzero ends the block after this instruction */
    struct tlb_context *code;       /**< translation of instruction addresses */
    const struct decode_context *context;
    int64_t budget;                 /**< at generic handlers: cycles left at block entry */
    const struct insn *insn;        /**< at generic handlers: the instruction being executed */
    const struct insn *execute_return; /**< where an executed instruction continues */
    uint64_t execute_target;        /**< logical address of the present EXECUTE target */
    uint64_t next_ia;               /**< with LEAVE_BRANCH: the next instruction address */

    /* Architected state. */
    uint64_t psw_mask;              /**< bits 0–63 of the PSW, condition code excepted (see cc) */
    uint64_t ia;                    /**< instruction address, valid between blocks */
    uint64_t cr[16];
    uint32_t ar[16];
    union vector_register vr[32];
    uint32_t fpc;
    uint32_t todpr;                 /**< TOD programmable register */
    uint32_t prefix;
    uint64_t breaking_event;        /**< breaking-event address (real 272) */
    uint64_t clock_comparator;
    uint64_t cpu_timer_end;         /**< virtual time at which the CPU timer turns negative (see timer.h) */
    uint64_t program_parameter;     /**< LPP */
    bool page_reference_token;      /**< DIAG 0x258: the pfault handshake is on */
    uint16_t address;               /**< CPU address */
    enum cpu_state state;
    bool configured;
    uint32_t pending;               /**< enum pending_local */
    uint64_t emergency_signals;     /**< bit 1<<n: emergency signal from CPU n */
    uint64_t malfunction_alerts;
    uint16_t external_call_source;

    struct interpretation *interpreting; /**< under SIE: the level (cpu/level.h); NULL at level 1 */
    struct interpretation *interpretation; /**< its storage, allocated at the first entry */

    /* The scheduler's. */
    uint64_t time_limit;            /**< virtual time at which budget is 0 */
    uint64_t cycle;                 /**< TOD units in a cycle */
    uint64_t executed;              /**< cycles of its slices that are over: see cpu_executed() */
    struct machine *machine;
    struct cpus *all;
    struct storage *storage;
    const struct facility_list *facilities;
    struct unwind_buffer unwind;    /**< of the run loop, where program interruptions go */
    struct insn crossing[3];        /**< an instruction across a page boundary, decoded each time: [1], [2] its end */
    struct tlb_context *contexts;   /**< TLB_CONTEXTS of them */
    uint64_t context_clock;
    uint8_t interruption_code_dxc;  /**< DXC or VXC of the data / vector exception being raised */
    struct fault fault;             /**< of the access exception being raised */
    uint8_t operand_access_id;      /**< operand access identification (real 162) */
    bool forced_exit;               /**< leave the guest at the next opportunity, as a host interruption would (seeded.h) */
    bool early_specification;       /**< the PSW just loaded is invalid: interruption before the next instruction */
    uint8_t early_ilc;              /**< ILC in bytes: of SSM or STOSM; 0 = introduced by an interruption or a PSW load */
    uint16_t psw_by_interruption;   /**< enum old_psw: the last PSW came by this class; 0 = an instruction loaded it. Only told */
    uint8_t per_pending_ilc;        /**< a PER event is to be taken after an SVC interruption */
    unsigned program_loop;          /**< consecutive program interruptions of the handler's first instruction */
    uint16_t monitor_class;
    uint64_t monitor_code;
    uint8_t per_code;               /**< PER events recognised so far in this instruction (real 150) */
    uint8_t per_atmid;              /**< modes at the beginning of this instruction (real 151) */
    uint64_t per_address;
    uint8_t per_access_id;
    uint64_t instructions;          /**< begun by the slow handler (statistics) */
};

/* ---- Registers ------------------------------------------------------- */

static inline uint64_t gr64(const struct cpu *cpu, unsigned r) { return cpu->gr[r].d; }
static inline void set_gr64(struct cpu *cpu, unsigned r, uint64_t v) { cpu->gr[r].d = v; }
/** Bits 32–63. */
static inline uint32_t gr32(const struct cpu *cpu, unsigned r) { return cpu->gr[r].w.low; }
static inline void set_gr32(struct cpu *cpu, unsigned r, uint32_t v) { cpu->gr[r].w.low = v; }
/** Bits 0–31 (high word). */
static inline uint32_t gr_high(const struct cpu *cpu, unsigned r) { return cpu->gr[r].w.high; }
static inline void set_gr_high(struct cpu *cpu, unsigned r, uint32_t v) { cpu->gr[r].w.high = v; }
static inline uint64_t fpr(const struct cpu *cpu, unsigned r) { return cpu->vr[r].d[0]; }
/** Set a floating-point register; the rest of the vector register is left as it is (PoP: unpredictable). */
static inline void set_fpr(struct cpu *cpu, unsigned r, uint64_t v) { cpu->vr[r].d[0] = v; }
static inline bool amode64(const struct cpu *cpu) { return cpu->psw_mask & PSW_EA; }
/** 24, 31 or 64. */
static inline unsigned addressing_mode(const struct cpu *cpu)
{
    return cpu->psw_mask & PSW_EA ? 64 : cpu->psw_mask & PSW_BA ? 31 : 24;
}
/** Interpretation level: 1 = the machine, 2 = a guest under SIE. */
static inline unsigned cpu_level(const struct cpu *cpu) { return cpu->interpreting ? 2 : 1; }
static inline bool problem_state(const struct cpu *cpu) { return cpu->psw_mask & PSW_PROBLEM; }
static inline bool has_facility(const struct cpu *cpu, enum facility f)
{
    return facility_present(cpu->facilities, f);
}
/** Write an address-sized result the way LA and friends do: bits above the addressing mode are
 *  zero in 24/31-bit mode within bits 32–63 (bits 0–31 unchanged); all 64 bits in 64-bit mode. */
static inline void set_gr_address(struct cpu *cpu, unsigned r, uint64_t v)
{
    if (amode64(cpu))
        cpu->gr[r].d = v;
    else
        cpu->gr[r].w.low = (uint32_t)(v & cpu->address_mask);
}
/** A length or count register (CLCL, MVCLE, …): 64 bits in 64-bit mode, else bits 32–63. */
static inline uint64_t gr_amode(const struct cpu *cpu, unsigned r)
{
    return amode64(cpu) ? cpu->gr[r].d : cpu->gr[r].w.low;
}
static inline void set_gr_amode(struct cpu *cpu, unsigned r, uint64_t v)
{
    if (amode64(cpu))
        cpu->gr[r].d = v;
    else
        cpu->gr[r].w.low = (uint32_t)v;
}

/* ---- Addresses ------------------------------------------------------- */

/** Effective address of base slot b2 + imm (b2 16 = none). */
static inline uint64_t effective_b2(const struct cpu *cpu, const struct insn *insn)
{
    return (cpu->gr[insn->b2].d + (uint64_t)insn->imm) & cpu->address_mask;
}
/** Effective address of RX-like formats: index slot r2 + base slot b2 + displacement. */
static inline uint64_t effective_x2(const struct cpu *cpu, const struct insn *insn)
{
    return (cpu->gr[insn->r2].d + cpu->gr[insn->b2].d + (uint64_t)insn->imm) & cpu->address_mask;
}
/** Second base-displacement operand of SS-like formats: base at bits 32–35, displacement at 36–47. */
static inline uint64_t effective_b4(const struct cpu *cpu, const struct insn *insn)
{
    return (cpu->gr[insn_base(insn, 32)].d + insn_field(insn, 36, 12)) & cpu->address_mask;
}
/** Address in a register, as operand address in the present addressing mode. */
static inline uint64_t address_in(const struct cpu *cpu, unsigned r)
{
    return cpu->gr[r].d & cpu->address_mask;
}
/** Logical address of the instruction being executed (of the EXECUTE, for its target). */
static inline uint64_t insn_ia(const struct cpu *cpu, const struct insn *insn)
{
    return (cpu->page_ia + insn->offset) & cpu->address_mask;
}
/** Logical address of the next sequential instruction. */
static inline uint64_t insn_next_ia(const struct cpu *cpu, const struct insn *insn)
{
    return (cpu->page_ia + insn->offset + insn->length) & cpu->address_mask;
}
/** Base of halfword-relative addresses: the instruction itself, or the EXECUTE target's own address. */
static inline uint64_t insn_relative_base(const struct cpu *cpu, const struct insn *insn)
{
    return insn->flags & INSN_EXECUTED ? cpu->execute_target : cpu->page_ia + insn->offset;
}
/** Branch (or second-operand) address of REL formats whose displacement is in imm. Not for linked branches. */
static inline uint64_t effective_relative(const struct cpu *cpu, const struct insn *insn)
{
    return (insn_relative_base(cpu, insn) + (uint64_t)insn->imm) & cpu->address_mask;
}

/* ---- Leaving an instruction ------------------------------------------ */

/** Host address of the instruction byte at logical `ia` as instruction fetching translates it, valid to the
 *  end of the page; NULL with *fault filled. */
const uint8_t *cpu_fetch_address(struct cpu *cpu, uint64_t ia, struct fault *fault);
/** Branch: the next instruction is at `target` (already in the addressing mode), and set the breaking event. */
void cpu_branch(struct cpu *cpu, const struct insn *insn, uint64_t target);
/** Branch to `target`, an address of the addressing mode that `mode` (PSW_EA, PSW_BA) selects, and set that mode. */
void cpu_branch_in_mode(struct cpu *cpu, const struct insn *insn, uint64_t mode, uint64_t target);
/** Re-derive modes after changing psw_mask, CRs, prefix or facilities, and look at interruptions
 *  after this instruction. */
static inline void cpu_mode_changed(struct cpu *cpu) { cpu->leave |= LEAVE_MODE; }
/** Charge additional cycles of variable work to the present instruction. */
static inline void cpu_charge(struct cpu *cpu, uint64_t cycles)
{
    cpu->budget -= (int64_t)cycles;
    /* The rest of the block was entered on a budget that is no longer there. */
    if (cpu->budget < CHARGE_LIMIT)
        cpu->leave |= LEAVE_SLICE;
}
/** An interruptible instruction has committed some units of operation and wants to be executed again
 *  (registers updated): the instruction address stays at it and pending interruptions are taken. */
void cpu_redo(struct cpu *cpu, const struct insn *insn);

/** Program-interruption codes (PoP fig. 6-2). */
enum program_interruption_code {
    PIC_OPERATION = 0x01, PIC_PRIVILEGED = 0x02, PIC_EXECUTE = 0x03, PIC_PROTECTION = 0x04,
    PIC_ADDRESSING = 0x05, PIC_SPECIFICATION = 0x06, PIC_DATA = 0x07, PIC_FIXED_OVERFLOW = 0x08,
    PIC_FIXED_DIVIDE = 0x09, PIC_DECIMAL_OVERFLOW = 0x0a, PIC_DECIMAL_DIVIDE = 0x0b,
    PIC_SEGMENT_TRANSLATION = 0x10, PIC_PAGE_TRANSLATION = 0x11, PIC_TRANSLATION_SPECIFICATION = 0x12,
    PIC_SPECIAL_OPERATION = 0x13, PIC_OPERAND = 0x15, PIC_TRACE_TABLE = 0x16, PIC_VECTOR_PROCESSING = 0x1b,
    PIC_SPACE_SWITCH = 0x1c, PIC_PC_TRANSLATION = 0x1f, PIC_AFX_TRANSLATION = 0x20,
    PIC_ASX_TRANSLATION = 0x21, PIC_LX_TRANSLATION = 0x22, PIC_EX_TRANSLATION = 0x23,
    PIC_PRIMARY_AUTHORITY = 0x24, PIC_SECONDARY_AUTHORITY = 0x25, PIC_LFX_TRANSLATION = 0x26,
    PIC_LSX_TRANSLATION = 0x27, PIC_ALET_SPECIFICATION = 0x28, PIC_ALEN_TRANSLATION = 0x29,
    PIC_ALE_SEQUENCE = 0x2a, PIC_ASTE_VALIDITY = 0x2b, PIC_ASTE_SEQUENCE = 0x2c,
    PIC_EXTENDED_AUTHORITY = 0x2d, PIC_LSTE_SEQUENCE = 0x2e, PIC_ASTE_INSTANCE = 0x2f,
    PIC_STACK_FULL = 0x30, PIC_STACK_EMPTY = 0x31, PIC_STACK_SPECIFICATION = 0x32,
    PIC_STACK_TYPE = 0x33, PIC_STACK_OPERATION = 0x34, PIC_ASCE_TYPE = 0x38,
    PIC_REGION_FIRST = 0x39, PIC_REGION_SECOND = 0x3a, PIC_REGION_THIRD = 0x3b,
    PIC_MONITOR_EVENT = 0x40, PIC_PER_EVENT = 0x80,
};

/** Leave the instruction with a program interruption. Nullifying, suppressing or completing as the
 *  code's row in cpu/program_interruption.def says. */
_Noreturn void program_interruption(struct cpu *cpu, unsigned code);
/** Data exception with DXC, stored in the FPC too when CR0.45 is one. */
_Noreturn void data_exception(struct cpu *cpu, uint8_t dxc);
/** Vector-processing exception with VXC. */
_Noreturn void vector_exception(struct cpu *cpu, uint8_t vxc);
/** Leave with the access exception that a translation reported. */
_Noreturn void access_exception(struct cpu *cpu, const struct fault *fault);
/** Completing exceptions (overflow): results are stored, then the interruption if the mask bit is one. */
static inline void specification_unless(struct cpu *cpu, bool condition)
{
    if (unlikely(!condition))
        program_interruption(cpu, PIC_SPECIFICATION);
}
/** The fixed-point-overflow interruption after cc 3, if the program mask enables it. */
static inline void fixed_point_overflow(struct cpu *cpu)
{
    if (cpu->psw_mask & PSW_FIXED_OVERFLOW)
        program_interruption(cpu, PIC_FIXED_OVERFLOW);
}

/** Virtual time of the present instruction (exact, by prefix sum) in TOD units. */
static inline uint64_t cpu_time(const struct cpu *cpu)
{
    return cpu->time_limit - (uint64_t)(cpu->budget - (int64_t)insn_cycles(cpu->insn)) * cpu->cycle;
}
/** Call before using a service (I/O, SCLP) so that machine->now is this instruction's time. */
static inline void cpu_sync_time(struct cpu *cpu)
{
    cpu->machine->now = cpu_time(cpu);
}
/** The same between instructions. */
static inline void cpu_sync_between(struct cpu *cpu)
{
    cpu->machine->now = cpu->time_limit - (uint64_t)cpu->budget * cpu->cycle;
}
/** The same before calling what may reach the world outside: channel subsystem, SCLP, virtio notifications. */
static inline void cpu_enter_service(struct cpu *cpu)
{
    cpu_sync_time(cpu);
    cpu->machine->service_calls++;
}

#endif
