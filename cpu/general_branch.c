/* SPDX-License-Identifier: MIT */
/** Branches other than BRANCH ON CONDITION (PoP ch. 7). */
#include "cpu/operands.h"
#include "cpu/trace_table.h"

/** Mask and addressing-mode bits of a register-form branch address are the caller's business. */
static uint64_t branch_address(const struct cpu *cpu, unsigned r)
{
    return gr64(cpu, r) & cpu->address_mask;
}

/* ---- Linkage ----------------------------------------------------------- */

/** BRANCH AND SAVE's link: the updated instruction address, with bit 32 one in 31-bit mode. */
static void set_link(struct cpu *cpu, const struct insn *insn)
{
    uint64_t next = insn_next_ia(cpu, insn);

    if (amode64(cpu))
        set_gr64(cpu, insn->r1, next);
    else
        set_gr32(cpu, insn->r1, (uint32_t)next | (cpu->psw_mask & PSW_BA ? 0x80000000U : 0));
}

/** BRANCH AND LINK's: in 24-bit mode the right half of an ESA/370 PSW. */
static void set_link_information(struct cpu *cpu, const struct insn *insn)
{
    uint32_t program_mask = cpu->psw_mask >> PSW_PROGRAM_MASK_SHIFT & 0xf;

    if (addressing_mode(cpu) != 24)
        set_link(cpu, insn);
    else
        set_gr32(cpu, insn->r1, (uint32_t)insn->length << 29 | cpu->cc << 28 | program_mask << 24
                                | (uint32_t)insn_next_ia(cpu, insn));
}

DEFINE_OP(BAL)
{
    uint64_t target = X2_ADDRESS;

    set_link_information(cpu, insn);
    cpu_branch(cpu, insn, target);
}
/* Implicit tracing of a register-form branch; with tracing on no fast handler is bound. */
static void trace_branch_if_on(struct cpu *cpu, const struct insn *insn, uint64_t target)
{
    struct trace t = trace_begin(cpu);

    if (likely(!(cpu->cr[12] & CR12_BRANCH_TRACE)) || !insn->r2)
        return;
    trace_branch(cpu, &t, cpu->psw_mask & (PSW_EA | PSW_BA), target);
    trace_end(cpu, &t);
}
DEFINE_OP(BALR)
{
    uint64_t target = branch_address(cpu, insn->r2);

    trace_branch_if_on(cpu, insn, target);
    set_link_information(cpu, insn);
    if (insn->r2)
        cpu_branch(cpu, insn, target);
}
DEFINE_OP(BAS)
{
    uint64_t target = X2_ADDRESS;

    set_link(cpu, insn);
    cpu_branch(cpu, insn, target);
}
DEFINE_OP(BASR)
{
    uint64_t target = branch_address(cpu, insn->r2);

    trace_branch_if_on(cpu, insn, target);
    set_link(cpu, insn);
    if (insn->r2)
        cpu_branch(cpu, insn, target);
}
DEFINE_OP(BRAS)
{
    uint64_t target = effective_relative(cpu, insn);

    set_link(cpu, insn);
    cpu_branch(cpu, insn, target);
}
DEFINE_OP(BRASL)
{
    uint64_t target = effective_relative(cpu, insn);

    set_link(cpu, insn);
    cpu_branch(cpu, insn, target);
}

/** Bit 63 of a branch register selects 64-bit mode, else bit 32 31- or 24-bit mode. */
static uint64_t selected_mode(uint64_t v)
{
    return v & 1 ? PSW_EA | PSW_BA : v & 0x80000000U ? PSW_BA : 0;
}
static uint64_t selected_address(uint64_t v)
{
    return v & 1 ? v & ~1ULL : v & (v & 0x80000000U ? 0x7fffffff : 0xffffff);
}
DEFINE_OP(BASSM)
{
    uint64_t target = R2_64;
    struct trace t = trace_begin(cpu);

    if (insn->r2)
        trace_mode_branch(cpu, &t, insn, selected_mode(target), selected_address(target));
    trace_end(cpu, &t);
    set_link(cpu, insn);
    if (amode64(cpu))
        set_gr64(cpu, insn->r1, R1_64 | 1);
    if (insn->r2)
        cpu_branch_in_mode(cpu, insn, selected_mode(target), selected_address(target));
}
DEFINE_OP(BSM)
{
    uint64_t target = R2_64;
    struct trace t = trace_begin(cpu);

    if (insn->r2)
        trace_mode_switch(cpu, &t, insn, selected_mode(target));
    trace_end(cpu, &t);
    if (insn->r1) {
        if (amode64(cpu))
            set_gr64(cpu, insn->r1, R1_64 | 1);
        else
            set_gr32(cpu, insn->r1, (R1_32 & 0x7fffffffU) | (cpu->psw_mask & PSW_BA ? 0x80000000U : 0));
    }
    if (insn->r2)
        cpu_branch_in_mode(cpu, insn, selected_mode(target), selected_address(target));
}

DEFINE_OP(BIC)
{
    uint64_t target = X2_64 & cpu->address_mask;

    if (cc_selected(cpu, insn->r1))
        cpu_branch(cpu, insn, target);
}

/* ---- Counting ---------------------------------------------------------- */

/* The target is formed before the count goes down: both may be the same register. */
#define COUNT(NAME, set, value, address, condition) \
    DEFINE_OP(NAME) \
    { \
        uint64_t target = (address); \
        set(cpu, insn->r1, (value) - 1); \
        if ((value) != 0 && (condition)) \
            cpu_branch(cpu, insn, target); \
    }
COUNT(BCT, set_gr32, R1_32, X2_ADDRESS, true)
COUNT(BCTR, set_gr32, R1_32, branch_address(cpu, insn->r2), insn->r2 != 0)
COUNT(BCTG, set_gr64, R1_64, X2_ADDRESS, true)
COUNT(BCTGR, set_gr64, R1_64, branch_address(cpu, insn->r2), insn->r2 != 0)
COUNT(BRCT, set_gr32, R1_32, effective_relative(cpu, insn), true)
COUNT(BRCTG, set_gr64, R1_64, effective_relative(cpu, insn), true)
COUNT(BRCTH, set_gr_high, R1_HIGH, effective_relative(cpu, insn), true)

/* Index: r3 is the increment, the odd register of its pair (or itself) the limit. */
#define INDEX(NAME, bits, relation, address) \
    DEFINE_OP(NAME) \
    { \
        uint64_t target = (address); \
        int##bits##_t limit = (int##bits##_t)gr##bits(cpu, insn->r3 | 1); \
        int##bits##_t sum = (int##bits##_t)(gr##bits(cpu, insn->r1) + gr##bits(cpu, insn->r3)); \
        set_gr##bits(cpu, insn->r1, (uint##bits##_t)sum); \
        if (sum relation limit) \
            cpu_branch(cpu, insn, target); \
    }
INDEX(BXH, 32, >, B2_ADDRESS)
INDEX(BXLE, 32, <=, B2_ADDRESS)
INDEX(BXHG, 64, >, B2_ADDRESS)
INDEX(BXLEG, 64, <=, B2_ADDRESS)
INDEX(BRXH, 32, >, effective_relative(cpu, insn))
INDEX(BRXLE, 32, <=, effective_relative(cpu, insn))
INDEX(BRXHG, 64, >, effective_relative(cpu, insn))
INDEX(BRXLG, 64, <=, effective_relative(cpu, insn))

/* ---- Compare and branch: mask bits 8 equal, 4 low, 2 high --------------- */

#define COMPARE_BRANCH(NAME, compare, a, b, address) \
    DEFINE_OP(NAME) \
    { \
        if (insn->r3 << compare((a), (b)) & 8) \
            cpu_branch(cpu, insn, address); \
    }
#define RELATIVE effective_relative(cpu, insn)
COMPARE_BRANCH(CRJ, cc_compare, R1_S32, R2_S32, RELATIVE)
COMPARE_BRANCH(CGRJ, cc_compare, (int64_t)R1_64, (int64_t)R2_64, RELATIVE)
COMPARE_BRANCH(CLRJ, cc_compare_logical, R1_32, R2_32, RELATIVE)
COMPARE_BRANCH(CLGRJ, cc_compare_logical, R1_64, R2_64, RELATIVE)
COMPARE_BRANCH(CRB, cc_compare, R1_S32, R2_S32, B2_ADDRESS)
COMPARE_BRANCH(CGRB, cc_compare, (int64_t)R1_64, (int64_t)R2_64, B2_ADDRESS)
COMPARE_BRANCH(CLRB, cc_compare_logical, R1_32, R2_32, B2_ADDRESS)
COMPARE_BRANCH(CLGRB, cc_compare_logical, R1_64, R2_64, B2_ADDRESS)
/* RIE-c and RIS keep the 8-bit immediate in the r2 slot. */
COMPARE_BRANCH(CIJ, cc_compare, R1_S32, (int8_t)insn->r2, RELATIVE)
COMPARE_BRANCH(CGIJ, cc_compare, (int64_t)R1_64, (int8_t)insn->r2, RELATIVE)
COMPARE_BRANCH(CLIJ, cc_compare_logical, R1_32, insn->r2, RELATIVE)
COMPARE_BRANCH(CLGIJ, cc_compare_logical, R1_64, insn->r2, RELATIVE)
COMPARE_BRANCH(CIB, cc_compare, R1_S32, (int8_t)insn->r2, B2_ADDRESS)
COMPARE_BRANCH(CGIB, cc_compare, (int64_t)R1_64, (int8_t)insn->r2, B2_ADDRESS)
COMPARE_BRANCH(CLIB, cc_compare_logical, R1_32, insn->r2, B2_ADDRESS)
COMPARE_BRANCH(CLGIB, cc_compare_logical, R1_64, insn->r2, B2_ADDRESS)
