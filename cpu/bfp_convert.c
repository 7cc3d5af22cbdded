/* SPDX-License-Identifier: MIT */
/**
 * BFP conversions (PoP ch. 19): between formats, to integers in the format, from and to
 * binary integers.
 *
 * M3 is the rounding method and M4 has XxC. Instructions that had an M3 before the
 * floating-point extension facility obey it without that facility; the others ignore it.
 */
#include "cpu/float.h"

#define M3 (insn->r3)
#define M4 ((unsigned)insn->imm)

static struct bfp_env begin_old_m3(struct cpu *cpu, const struct insn *insn)
{
    return bfp_begin_rounding(cpu, M3, M4);
}
static struct bfp_env begin_new_m3(struct cpu *cpu, const struct insn *insn)
{
    return has_facility(cpu, FACILITY_FP_EXTENSION) ? bfp_begin_rounding(cpu, M3, M4) : bfp_begin(cpu);
}

/* ---- LOAD LENGTHENED -------------------------------------------------- */

BFP_LONG(LDEBR, bfp32_to_bfp64(&env, R2_SHORT))
BFP_LONG(LDEB, bfp32_to_bfp64(&env, X2_32))
BFP_EXTENDED(LXDBR, bfp64_to_bfp128(&env, R2_LONG))
BFP_EXTENDED(LXDB, bfp64_to_bfp128(&env, X2_64))
BFP_EXTENDED(LXEBR, bfp32_to_bfp128(&env, R2_SHORT))
BFP_EXTENDED(LXEB, bfp32_to_bfp128(&env, X2_32))

/* ---- LOAD ROUNDED: trapped overflow and underflow deliver in the longer format --- */

#define LOAD_ROUNDED(NAME, from, to, convert, operand, set_from, set_to) \
    DEFINE_OP(NAME) \
    { \
        struct bfp_env env = begin_new_m3(cpu, insn); \
        from scaled; \
        to result = convert(&env, operand, &scaled); \
        bfp_deliver(cpu, &env); \
        if (unlikely(bfp_scaled(&env))) \
            set_from(cpu, insn->r1, scaled); \
        else \
            set_to(cpu, insn->r1, result); \
        bfp_complete(cpu, &env); \
    }
LOAD_ROUNDED(LEDBR, uint64_t, uint32_t, bfp64_to_bfp32, R2_LONG, set_fpr, set_fpr_short)
LOAD_ROUNDED(LDXBR, struct bfp128, uint64_t, bfp128_to_bfp64, R2_EXTENDED, set_fpr_extended, set_fpr)
LOAD_ROUNDED(LEXBR, struct bfp128, uint32_t, bfp128_to_bfp32, R2_EXTENDED, set_fpr_extended, set_fpr_short)

/* ---- LOAD FP INTEGER -------------------------------------------------- */

BFP_OPERATION(FIEBR, uint32_t, begin_old_m3(cpu, insn), bfp32_to_integer(&env, R2_SHORT),
              set_fpr_short(cpu, insn->r1, result))
BFP_OPERATION(FIDBR, uint64_t, begin_old_m3(cpu, insn), bfp64_to_integer(&env, R2_LONG),
              set_fpr(cpu, insn->r1, result))
BFP_OPERATION(FIXBR, struct bfp128, begin_old_m3(cpu, insn), bfp128_to_integer(&env, R2_EXTENDED),
              set_fpr_extended(cpu, insn->r1, result))

/* ---- CONVERT FROM FIXED, FROM LOGICAL --------------------------------- */

#define FROM_INTEGER(NAME, type, value, set) \
    BFP_OPERATION(NAME, type, begin_new_m3(cpu, insn), value, set(cpu, insn->r1, result))
#define TO_SHORT(NAME, value) FROM_INTEGER(NAME, uint32_t, value, set_fpr_short)
#define TO_LONG(NAME, value) FROM_INTEGER(NAME, uint64_t, value, set_fpr)
#define TO_EXTENDED(NAME, value) FROM_INTEGER(NAME, struct bfp128, value, set_fpr_extended)

TO_SHORT(CEFBR, bfp32_from_signed(&env, R2_S32))
TO_SHORT(CEGBR, bfp32_from_signed(&env, (int64_t)R2_64))
TO_SHORT(CELFBR, bfp32_from_unsigned(&env, R2_32))
TO_SHORT(CELGBR, bfp32_from_unsigned(&env, R2_64))
TO_LONG(CDFBR, bfp64_from_signed(&env, R2_S32))
TO_LONG(CDGBR, bfp64_from_signed(&env, (int64_t)R2_64))
TO_LONG(CDLFBR, bfp64_from_unsigned(&env, R2_32))
TO_LONG(CDLGBR, bfp64_from_unsigned(&env, R2_64))
TO_EXTENDED(CXFBR, bfp128_from_signed(R2_S32))
TO_EXTENDED(CXGBR, bfp128_from_signed((int64_t)R2_64))
TO_EXTENDED(CXLFBR, bfp128_from_unsigned(R2_32))
TO_EXTENDED(CXLGBR, bfp128_from_unsigned(R2_64))

/* ---- CONVERT TO FIXED, TO LOGICAL -------------------------------------- */

#define TO_FIXED(NAME, convert, operand, target, set) \
    DEFINE_OP(NAME) \
    { \
        struct bfp_env env = begin_old_m3(cpu, insn); \
        uint64_t result; \
        unsigned cc = convert(&env, operand, target, &result); \
        bfp_deliver(cpu, &env); \
        set(cpu, insn->r1, result); \
        cpu->cc = cc; \
        bfp_complete(cpu, &env); \
    }
#define TO_32(NAME, convert, operand, target) TO_FIXED(NAME, convert, operand, target, set_gr32)
#define TO_64(NAME, convert, operand, target) TO_FIXED(NAME, convert, operand, target, set_gr64)

TO_32(CFEBR, bfp32_to_fixed, R2_SHORT, BFP_INT32)
TO_32(CFDBR, bfp64_to_fixed, R2_LONG, BFP_INT32)
TO_32(CFXBR, bfp128_to_fixed, R2_EXTENDED, BFP_INT32)
TO_64(CGEBR, bfp32_to_fixed, R2_SHORT, BFP_INT64)
TO_64(CGDBR, bfp64_to_fixed, R2_LONG, BFP_INT64)
TO_64(CGXBR, bfp128_to_fixed, R2_EXTENDED, BFP_INT64)
TO_32(CLFEBR, bfp32_to_fixed, R2_SHORT, BFP_UINT32)
TO_32(CLFDBR, bfp64_to_fixed, R2_LONG, BFP_UINT32)
TO_32(CLFXBR, bfp128_to_fixed, R2_EXTENDED, BFP_UINT32)
TO_64(CLGEBR, bfp32_to_fixed, R2_SHORT, BFP_UINT64)
TO_64(CLGDBR, bfp64_to_fixed, R2_LONG, BFP_UINT64)
TO_64(CLGXBR, bfp128_to_fixed, R2_EXTENDED, BFP_UINT64)
