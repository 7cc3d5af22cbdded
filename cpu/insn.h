/* SPDX-License-Identifier: MIT */
/**
 * Instructions: the table row (`struct insn_row`), one per instruction, and the
 * decoded instruction (`struct insn`), 32 bytes, one per place in a block.
 *
 * A row is written once in cpu/insn.def (which includes insn_*.def per family):
 *
 *   INSN(NAME, "mnemonic", opcode, format, facility, authority, checks, interception, cost, flags)
 *
 * Its semantics is `void op_NAME(struct cpu *, const struct insn *)`, written with
 * DEFINE_OP(NAME) { … }. Hot instructions also have a handler of their own in cpu/fast_*.c,
 * listed in cpu/fast.def.
 */
#ifndef SIENNA_CPU_INSN_H
#define SIENNA_CPU_INSN_H

#include "cpu/facility.h"
#include "machine/types.h"

struct cpu;
struct insn;

/** Where control goes after a handler: the next decoded instruction, or NULL to the scheduler. */
struct flow {
    const struct insn *next;
    int64_t budget;
};
/** A handler executes one decoded instruction; `budget` is the cycles left in the slice at block entry. */
typedef struct flow insn_handler(struct cpu *, const struct insn *, int64_t budget);
/** Generic semantics of an instruction; leaves by returning or through program_interruption(). */
typedef void insn_operation(struct cpu *, const struct insn *);

/** One decoded instruction. Register slot 16 is always zero ("no base/no index"). */
struct insn {
    insn_handler *handler;
    union {
        int64_t imm;             /**< displacement or (sign-extended, halfword-doubled) immediate */
        const struct insn *link; /**< linked branch: first instruction of the target block */
    };
    uint8_t r1, r2, r3, b2;      /**< as cpu/format.def says */
    uint16_t offset;             /**< of the instruction in its page, 0–4094; block end: up to 4096 + 4 */
    uint8_t length;              /**< bytes to the next sequential instruction (an executed one: EXECUTE's) */
    uint8_t flags;               /**< enum insn_flag */
    uint64_t text;               /**< bits 0–47 the instruction, bits 48–63 cycles of the block up to and with it */
};

enum insn_flag {
    INSN_LINKED = 1,   /**< handler and link were patched for a direct branch */
    INSN_EXECUTED = 2, /**< target of EXECUTE: relative addresses count from cpu->execute_target */
    INSN_FUSED = 4,
    INSN_COMPANION = 8, /**< no instruction: puts the record of the one after it (cpu/seen.h) */
};

/** Bits `from` … `from + count - 1` (PoP numbering) of the instruction text. */
static inline uint64_t insn_field(const struct insn *insn, unsigned from, unsigned count)
{
    return insn->text << from >> (64 - count);
}
static inline unsigned insn_cycles(const struct insn *insn) { return (uint16_t)insn->text; }
/** Vector-register number in the 4-bit field at bit 8, 12, 16 or 32 with its RXB bit. */
static inline unsigned insn_vr(const struct insn *insn, unsigned from)
{
    unsigned rxb = from == 32 ? 39 : 36 + (from - 8) / 4;

    return insn_field(insn, from, 4) | insn_field(insn, rxb, 1) << 4;
}
/** Base register number (0 = none → slot 16) of the field at bit `from`. */
static inline unsigned insn_base(const struct insn *insn, unsigned from)
{
    unsigned b = insn_field(insn, from, 4);

    return b ? b : 16;
}

enum insn_format {
#define FORMAT(name, ...) FORMAT_##name,
#include "cpu/format.def"
#undef FORMAT
    FORMAT_COUNT
};

/** Who may issue it. SEMI: in problem state a condition of the instruction's own decides. */
enum authority { ANY, SUPERVISOR, SEMI };

/**
 * Operand rules checked when the instruction is decoded, ORed. Violation of the first group
 * is a specification exception; of the second a data exception, by CR0 when executed.
 */
enum insn_check {
    CHECK_NONE = 0,
    R1_EVEN = 1 << 0,
    R2_EVEN = 1 << 1,
    R3_EVEN = 1 << 2,
    R1_PAIR_FP = 1 << 3, /**< r1 designates a 128-bit FP register pair (bit value 2 clear) */
    R2_PAIR_FP = 1 << 4,
    R3_PAIR_FP = 1 << 5,
    R1_NOT_0 = 1 << 6,
    R2_NOT_0 = 1 << 7,
    AFP_R1 = 1 << 8,     /**< AFP register: data exception DXC 1 unless 0,2,4,6 or CR0.45 */
    AFP_R2 = 1 << 9,
    AFP_R3 = 1 << 10,
    BFP = 1 << 11,       /**< BFP instruction: DXC 2 unless CR0.45 */
    VECTOR_OP = 1 << 12, /**< vector instruction: DXC 0xFE unless CR0.45 and CR0.46 */
    R1_NE_R2 = 1 << 13,  /**< specification exception when R1 = R2 */
    DFP_OP = 1 << 14,    /**< DFP instruction: DXC 3 unless CR0.45 */
};

/** What makes SIE intercept it (sheet sie.md §3, §6). The control bits are those of the state description. */
enum interception {
    INTERCEPT_NEVER,
    INTERCEPT_ALWAYS,
    INTERCEPT_FUNCTION, /**< a function of the operands or several controls, named after the row */
    INTERCEPT_IPTE_CSP, INTERCEPT_LPSW, INTERCEPT_PTLB, INTERCEPT_SSM, INTERCEPT_BSA, INTERCEPT_STCTL,
    INTERCEPT_STNSM, INTERCEPT_STOSM, INTERCEPT_STCK, INTERCEPT_ISKE, INTERCEPT_SSKE, INTERCEPT_RRBE,
    INTERCEPT_PC, INTERCEPT_PT, INTERCEPT_TPROT, INTERCEPT_LASP, INTERCEPT_SPT, INTERCEPT_SCKC,
    INTERCEPT_PR, INTERCEPT_BAKR, INTERCEPT_LCTL, INTERCEPT_SVC, INTERCEPT_STFLE,
    INTERCEPT_MVPG, INTERCEPT_ESSA, INTERCEPT_PFMF, INTERCEPT_PTF, INTERCEPT_SIGP, INTERCEPT_VX,
};

/** Cost classes in cycles; variable work (string operations) charges more with cpu_charge(). */
enum cost {
    COST_SIMPLE = 1,
    COST_BRANCH = 1,
    COST_LOAD = 1,
    COST_STORE = 1,
    COST_MULTIPLY = 4,
    COST_DIVIDE = 20,
    COST_FLOAT = 3,
    COST_FLOAT_DIVIDE = 20,
    COST_FLOAT_EXTENDED = 30,
    COST_VECTOR = 2,
    COST_STORAGE = 4,
    COST_DECIMAL = 10,
    COST_INTERLOCKED = 10,
    COST_CONTROL = 20,
    COST_PURGE = 60,
    COST_SYSTEM = 100,
};

enum row_flag {
    ENDS = 2,      /**< ends the block: may change masks, mode, translation or pending work */
    BRANCHES = 4,  /**< may branch; ends the block when it always does (decode knows the mask) */
    EXECUTES = 8,  /**< EX, EXRL: not allowed as an EXECUTE target */
};

struct insn_row {
    const char *name;
    uint16_t opcode;      /**< 1-byte: 0x5a; 2-byte: 0xb9f8; nibble: 0xa7a; byte 5: 0xe318 */
    uint8_t format;
    uint8_t facility[2];  /**< both must be present */
    uint8_t authority;
    uint32_t checks;
    uint8_t interception;
    uint8_t cost;
    uint8_t flags;
    insn_operation *operation;
    insn_handler *run;    /**< generic handler around `operation` */
};

/** The table's facility column: one facility (cpu/facility.def), or two that must both be present. */
#define FAC(a) {FACILITY_##a, FACILITY_Z}
#define BOTH(a, b) {FACILITY_##a, FACILITY_##b}

enum insn_id {
    INSN_NONE,
#define INSN(NAME, ...) INSN_##NAME,
#include "cpu/insn.def"
#undef INSN
    INSN_COUNT
};

/** All rows, indexed by enum insn_id; [INSN_NONE] is unassigned. */
extern const struct insn_row insn_rows[INSN_COUNT];

/** Fast handlers (cpu/fast.def) for 64-bit mode without access registers, or NULL. */
extern insn_handler *const insn_fast[INSN_COUNT];
/** The fast handler and, in one, the BRANCH RELATIVE ON CONDITION that follows it in the block; or NULL. */
extern insn_handler *const insn_fused[INSN_COUNT];
/** Of fast handlers for branches: the form that is patched in once the target in the same page is known. */
extern insn_handler *const insn_linked[INSN_COUNT];

/** Instruction length in bytes from its first byte (PoP ch. 5). */
static inline unsigned insn_length(uint8_t first)
{
    return first < 0x40 ? 2 : first < 0xc0 ? 4 : 6;
}

#define DEFINE_OP(NAME) \
    void op_##NAME(struct cpu *cpu, const struct insn *insn); \
    void op_##NAME(struct cpu *cpu, const struct insn *insn)
#define DEFINE_FAST(NAME) \
    struct flow fast_##NAME(struct cpu *cpu, const struct insn *insn, int64_t budget); \
    struct flow fast_##NAME(struct cpu *cpu, const struct insn *insn, int64_t budget)

/**
 * Disassemble `text` (left-justified) at `address` as objdump's s390 prints it: mnemonic, tab, operands.
 * What is not in the table becomes ".short", ".long" data of the instruction's length. Returns that length
 * in bytes; `out` is cut to `room`, which 80 never needs.
 */
unsigned insn_disassemble(uint64_t text, uint64_t address, char *out, size_t room);
/** The row that `text` (left-justified, bits 0–47) decodes to; INSN_NONE when unassigned. */
enum insn_id insn_decode(uint64_t text);
/** Mnemonic of a row. */
static inline const char *insn_name(enum insn_id id) { return insn_rows[id].name; }

#endif
