/* SPDX-License-Identifier: MIT */
/** BFP arithmetic (PoP ch. 19): registers and storage operands of the three formats. */
#include "cpu/float.h"

uint8_t bfp_rounding_method(struct cpu *cpu, unsigned modifier)
{
    bool extension = has_facility(cpu, FACILITY_FP_EXTENSION);

    if (modifier == 0)
        return bfp_fpc_rounding(cpu->fpc);
    specification_unless(cpu, modifier != 2 && modifier <= 7 && (extension || modifier != BFP_SHORTER));
    return (uint8_t)modifier;
}

struct bfp_env bfp_begin_rounding(struct cpu *cpu, unsigned modifier, unsigned controls)
{
    struct bfp_env env = bfp_begin(cpu);

    env.rounding = bfp_rounding_method(cpu, modifier);
    env.suppress_inexact = (controls & 4) && has_facility(cpu, FACILITY_FP_EXTENSION);
    return env;
}

BFP_SHORT_CC(AEBR, bfp32_add(&env, R1_SHORT, R2_SHORT))
BFP_SHORT_CC(AEB, bfp32_add(&env, R1_SHORT, X2_32))
BFP_LONG_CC(ADBR, bfp64_add(&env, R1_LONG, R2_LONG))
BFP_LONG_CC(ADB, bfp64_add(&env, R1_LONG, X2_64))
BFP_EXTENDED_CC(AXBR, bfp128_add(&env, R1_EXTENDED, R2_EXTENDED))

BFP_SHORT_CC(SEBR, bfp32_subtract(&env, R1_SHORT, R2_SHORT))
BFP_SHORT_CC(SEB, bfp32_subtract(&env, R1_SHORT, X2_32))
BFP_LONG_CC(SDBR, bfp64_subtract(&env, R1_LONG, R2_LONG))
BFP_LONG_CC(SDB, bfp64_subtract(&env, R1_LONG, X2_64))
BFP_EXTENDED_CC(SXBR, bfp128_subtract(&env, R1_EXTENDED, R2_EXTENDED))

BFP_SHORT(MEEBR, bfp32_multiply(&env, R1_SHORT, R2_SHORT))
BFP_SHORT(MEEB, bfp32_multiply(&env, R1_SHORT, X2_32))
BFP_LONG(MDBR, bfp64_multiply(&env, R1_LONG, R2_LONG))
BFP_LONG(MDB, bfp64_multiply(&env, R1_LONG, X2_64))
BFP_EXTENDED(MXBR, bfp128_multiply(&env, R1_EXTENDED, R2_EXTENDED))
BFP_LONG(MDEBR, bfp32_multiply_long(&env, R1_SHORT, R2_SHORT))
BFP_LONG(MDEB, bfp32_multiply_long(&env, R1_SHORT, X2_32))
BFP_EXTENDED(MXDBR, bfp64_multiply_extended(&env, R1_LONG, R2_LONG))
BFP_EXTENDED(MXDB, bfp64_multiply_extended(&env, R1_LONG, X2_64))

/* The third operand comes first where NaNs compete, then the second, then the one added to. */
BFP_SHORT(MAEBR, bfp32_multiply_add(&env, R3_SHORT, R2_SHORT, R1_SHORT, false))
BFP_SHORT(MAEB, bfp32_multiply_add(&env, R3_SHORT, X2_32, R1_SHORT, false))
BFP_LONG(MADBR, bfp64_multiply_add(&env, R3_LONG, R2_LONG, R1_LONG, false))
BFP_LONG(MADB, bfp64_multiply_add(&env, R3_LONG, X2_64, R1_LONG, false))
BFP_SHORT(MSEBR, bfp32_multiply_add(&env, R3_SHORT, R2_SHORT, R1_SHORT, true))
BFP_SHORT(MSEB, bfp32_multiply_add(&env, R3_SHORT, X2_32, R1_SHORT, true))
BFP_LONG(MSDBR, bfp64_multiply_add(&env, R3_LONG, R2_LONG, R1_LONG, true))
BFP_LONG(MSDB, bfp64_multiply_add(&env, R3_LONG, X2_64, R1_LONG, true))

BFP_SHORT(DEBR, bfp32_divide(&env, R1_SHORT, R2_SHORT))
BFP_SHORT(DEB, bfp32_divide(&env, R1_SHORT, X2_32))
BFP_LONG(DDBR, bfp64_divide(&env, R1_LONG, R2_LONG))
BFP_LONG(DDB, bfp64_divide(&env, R1_LONG, X2_64))
BFP_EXTENDED(DXBR, bfp128_divide(&env, R1_EXTENDED, R2_EXTENDED))

BFP_SHORT(SQEBR, bfp32_square_root(&env, R2_SHORT))
BFP_SHORT(SQEB, bfp32_square_root(&env, X2_32))
BFP_LONG(SQDBR, bfp64_square_root(&env, R2_LONG))
BFP_LONG(SQDB, bfp64_square_root(&env, X2_64))
BFP_EXTENDED(SQXBR, bfp128_square_root(&env, R2_EXTENDED))

/** DIVIDE TO INTEGER: quotient to r3, remainder to r1; three different registers. */
#define DIVIDE_TO_INTEGER(NAME, type, divide, R1, R2, set) \
    DEFINE_OP(NAME) \
    { \
        struct bfp_env env = bfp_begin(cpu); \
        uint8_t method = bfp_rounding_method(cpu, (unsigned)insn->imm); \
        type quotient, remainder; \
        unsigned cc; \
        specification_unless(cpu, insn->r1 != insn->r3 && insn->r2 != insn->r3); \
        cc = divide(&env, R1, R2, method, &quotient, &remainder); \
        bfp_deliver(cpu, &env); \
        set(cpu, insn->r1, remainder); \
        set(cpu, insn->r3, quotient); \
        cpu->cc = cc; \
        bfp_complete(cpu, &env); \
    }
DIVIDE_TO_INTEGER(DIEBR, uint32_t, bfp32_divide_to_integer, R1_SHORT, R2_SHORT, set_fpr_short)
DIVIDE_TO_INTEGER(DIDBR, uint64_t, bfp64_divide_to_integer, R1_LONG, R2_LONG, set_fpr)
