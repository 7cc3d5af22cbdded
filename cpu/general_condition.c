/* SPDX-License-Identifier: MIT */
/** Load, store and select on condition; traps; program mask and mode bits (PoP ch. 7). */
#include "cpu/operands.h"
#include "cpu/trace_table.h"

/* When the condition is not met the storage operand is not accessed. */
#define ON_CONDITION(NAME, mask, action) \
    DEFINE_OP(NAME) \
    { \
        if (cc_selected(cpu, (unsigned)(mask))) \
            action; \
    }
ON_CONDITION(LOCR, insn->r3, set_gr32(cpu, insn->r1, R2_32))
ON_CONDITION(LOCGR, insn->r3, set_gr64(cpu, insn->r1, R2_64))
ON_CONDITION(LOCFHR, insn->r3, set_gr_high(cpu, insn->r1, R2_HIGH))
ON_CONDITION(LOC, insn->r3, set_gr32(cpu, insn->r1, B2_32))
ON_CONDITION(LOCG, insn->r3, set_gr64(cpu, insn->r1, B2_64))
ON_CONDITION(LOCFH, insn->r3, set_gr_high(cpu, insn->r1, B2_32))
ON_CONDITION(LOCHI, insn->r3, set_gr32(cpu, insn->r1, I2_U32))
ON_CONDITION(LOCGHI, insn->r3, set_gr64(cpu, insn->r1, I2_U64))
ON_CONDITION(LOCHHI, insn->r3, set_gr_high(cpu, insn->r1, I2_U32))
ON_CONDITION(STOC, insn->r3, store32(cpu, B2_ADDRESS, insn->b2, R1_32))
ON_CONDITION(STOCG, insn->r3, store64(cpu, B2_ADDRESS, insn->b2, R1_64))
ON_CONDITION(STOCFH, insn->r3, store32(cpu, B2_ADDRESS, insn->b2, R1_HIGH))

DEFINE_OP(SELR) { set_gr32(cpu, insn->r1, cc_selected(cpu, I2_U16) ? R2_32 : R3_32); }
DEFINE_OP(SELGR) { set_gr64(cpu, insn->r1, cc_selected(cpu, I2_U16) ? R2_64 : R3_64); }
DEFINE_OP(SELFHR) { set_gr_high(cpu, insn->r1, cc_selected(cpu, I2_U16) ? R2_HIGH : R3_HIGH); }

/* Compare and trap: the relations selected by the mask are a data exception, DXC FF. */
#define TRAP(NAME, compare, a, b) \
    DEFINE_OP(NAME) \
    { \
        if (insn->r3 << compare((a), (b)) & 8) \
            data_exception(cpu, 0xff); \
    }
TRAP(CRT, cc_compare, R1_S32, R2_S32)
TRAP(CGRT, cc_compare, (int64_t)R1_64, (int64_t)R2_64)
TRAP(CLRT, cc_compare_logical, R1_32, R2_32)
TRAP(CLGRT, cc_compare_logical, R1_64, R2_64)
TRAP(CIT, cc_compare, R1_S32, I2_S32)
TRAP(CGIT, cc_compare, (int64_t)R1_64, I2_S64)
TRAP(CLFIT, cc_compare_logical, R1_32, I2_U16)
TRAP(CLGIT, cc_compare_logical, R1_64, I2_U16)
TRAP(CLT, cc_compare_logical, R1_32, B2_32)
TRAP(CLGT, cc_compare_logical, R1_64, B2_64)

/* ---- Program mask ------------------------------------------------------ */

DEFINE_OP(IPM)
{
    uint32_t mask = cpu->psw_mask >> PSW_PROGRAM_MASK_SHIFT & 0xf;

    set_gr32(cpu, insn->r1, (R1_32 & 0x00ffffffU) | cpu->cc << 28 | mask << 24);
}

DEFINE_OP(SPM)
{
    uint32_t v = R1_32;

    cpu->cc = v >> 28 & 3;
    cpu->psw_mask = (cpu->psw_mask & ~PSW_PROGRAM_MASK)
                    | (uint64_t)(v >> 24 & 0xf) << PSW_PROGRAM_MASK_SHIFT;
}

/* ---- Addressing mode --------------------------------------------------- */

DEFINE_OP(TAM)
{
    cpu->cc = amode64(cpu) ? 3 : cpu->psw_mask & PSW_BA ? 1 : 0;
}

/** The instruction itself must be where the new mode can address. */
static void set_addressing_mode(struct cpu *cpu, const struct insn *insn, uint64_t bits, uint64_t mask)
{
    struct trace t = trace_begin(cpu);

    specification_unless(cpu, (insn_ia(cpu, insn) & ~mask) == 0);
    trace_mode_switch(cpu, &t, insn, bits);
    trace_end(cpu, &t);
    cpu->psw_mask = (cpu->psw_mask & ~(PSW_EA | PSW_BA)) | bits;
    cpu_mode_changed(cpu);
}
DEFINE_OP(SAM24) { set_addressing_mode(cpu, insn, 0, 0xffffffULL); }
DEFINE_OP(SAM31) { set_addressing_mode(cpu, insn, PSW_BA, 0x7fffffffULL); }
DEFINE_OP(SAM64) { set_addressing_mode(cpu, insn, PSW_EA | PSW_BA, ~0ULL); }

/* ---- Hints: no architected effect on this machine ---------------------- */

DEFINE_OP(BPP) { (void)cpu; (void)insn; }
DEFINE_OP(BPRP) { (void)cpu; (void)insn; }
DEFINE_OP(NIAI) { (void)cpu; (void)insn; }
DEFINE_OP(PFD) { (void)cpu; (void)insn; }
DEFINE_OP(PFDRL) { (void)cpu; (void)insn; }
DEFINE_OP(PPA) { (void)cpu; (void)insn; }
