/* SPDX-License-Identifier: MIT */
/** Binary integer addition, subtraction and comparison (PoP ch. 7). */
#include "cpu/operands.h"

/* ---- Signed: results are stored, then overflow is an interruption if the mask allows ---- */

#define SIGNED(NAME, bits, operation, a, b) \
    DEFINE_OP(NAME) \
    { \
        struct sum##bits sum = signed_##operation##bits(cpu, (int##bits##_t)(a), (int##bits##_t)(b)); \
        set_gr##bits(cpu, insn->r1, sum.value); \
        if (unlikely(sum.overflow)) \
            fixed_point_overflow(cpu); \
    }
SIGNED(AR, 32, add, R1_32, R2_32)
SIGNED(ARK, 32, add, R2_32, R3_32)
SIGNED(A, 32, add, R1_32, X2_32)
SIGNED(AY, 32, add, R1_32, X2_32)
SIGNED(AH, 32, add, R1_32, X2_S16)
SIGNED(AHY, 32, add, R1_32, X2_S16)
SIGNED(AHI, 32, add, R1_32, I2_S32)
SIGNED(AFI, 32, add, R1_32, I2_S32)
SIGNED(AHIK, 32, add, R3_32, I2_S32)
SIGNED(AGR, 64, add, R1_64, R2_64)
SIGNED(AGRK, 64, add, R2_64, R3_64)
SIGNED(AG, 64, add, R1_64, X2_64)
SIGNED(AGFR, 64, add, R1_64, R2_S32)
SIGNED(AGF, 64, add, R1_64, X2_S32)
SIGNED(AGH, 64, add, R1_64, X2_S16)
SIGNED(AGHI, 64, add, R1_64, I2_S64)
SIGNED(AGFI, 64, add, R1_64, I2_S64)
SIGNED(AGHIK, 64, add, R3_64, I2_S64)

SIGNED(SR, 32, subtract, R1_32, R2_32)
SIGNED(SRK, 32, subtract, R2_32, R3_32)
SIGNED(S, 32, subtract, R1_32, X2_32)
SIGNED(SY, 32, subtract, R1_32, X2_32)
SIGNED(SH, 32, subtract, R1_32, X2_S16)
SIGNED(SHY, 32, subtract, R1_32, X2_S16)
SIGNED(SGR, 64, subtract, R1_64, R2_64)
SIGNED(SGRK, 64, subtract, R2_64, R3_64)
SIGNED(SG, 64, subtract, R1_64, X2_64)
SIGNED(SGFR, 64, subtract, R1_64, R2_S32)
SIGNED(SGF, 64, subtract, R1_64, X2_S32)
SIGNED(SGH, 64, subtract, R1_64, X2_S16)

#define SIGNED_HIGH(NAME, operation, a, b) \
    DEFINE_OP(NAME) \
    { \
        struct sum32 sum = signed_##operation##32(cpu, (int32_t)(a), (int32_t)(b)); \
        set_gr_high(cpu, insn->r1, sum.value); \
        if (unlikely(sum.overflow)) \
            fixed_point_overflow(cpu); \
    }
SIGNED_HIGH(AHHHR, add, R2_HIGH, R3_HIGH)
SIGNED_HIGH(AHHLR, add, R2_HIGH, R3_32)
SIGNED_HIGH(AIH, add, R1_HIGH, I2_S32)
SIGNED_HIGH(SHHHR, subtract, R2_HIGH, R3_HIGH)
SIGNED_HIGH(SHHLR, subtract, R2_HIGH, R3_32)

/* ---- Logical ----------------------------------------------------------- */

#define LOGICAL(NAME, bits, operation, a, b) \
    DEFINE_OP(NAME) \
    { \
        set_gr##bits(cpu, insn->r1, logical_##operation##bits(cpu, (a), (uint##bits##_t)(b))); \
    }
LOGICAL(ALR, 32, add, R1_32, R2_32)
LOGICAL(ALRK, 32, add, R2_32, R3_32)
LOGICAL(AL, 32, add, R1_32, X2_32)
LOGICAL(ALY, 32, add, R1_32, X2_32)
LOGICAL(ALFI, 32, add, R1_32, I2_U32)
LOGICAL(ALGR, 64, add, R1_64, R2_64)
LOGICAL(ALGRK, 64, add, R2_64, R3_64)
LOGICAL(ALG, 64, add, R1_64, X2_64)
LOGICAL(ALGFR, 64, add, R1_64, R2_32)
LOGICAL(ALGF, 64, add, R1_64, X2_32)
LOGICAL(ALGFI, 64, add, R1_64, I2_U32)
LOGICAL(SLR, 32, subtract, R1_32, R2_32)
LOGICAL(SLRK, 32, subtract, R2_32, R3_32)
LOGICAL(SL, 32, subtract, R1_32, X2_32)
LOGICAL(SLY, 32, subtract, R1_32, X2_32)
LOGICAL(SLFI, 32, subtract, R1_32, I2_U32)
LOGICAL(SLGR, 64, subtract, R1_64, R2_64)
LOGICAL(SLGRK, 64, subtract, R2_64, R3_64)
LOGICAL(SLG, 64, subtract, R1_64, X2_64)
LOGICAL(SLGFR, 64, subtract, R1_64, R2_32)
LOGICAL(SLGF, 64, subtract, R1_64, X2_32)
LOGICAL(SLGFI, 64, subtract, R1_64, I2_U32)

#define LOGICAL_HIGH(NAME, operation, a, b) \
    DEFINE_OP(NAME) \
    { \
        set_gr_high(cpu, insn->r1, logical_##operation##32(cpu, (a), (b))); \
    }
LOGICAL_HIGH(ALHHHR, add, R2_HIGH, R3_HIGH)
LOGICAL_HIGH(ALHHLR, add, R2_HIGH, R3_32)
LOGICAL_HIGH(SLHHHR, subtract, R2_HIGH, R3_HIGH)
LOGICAL_HIGH(SLHHLR, subtract, R2_HIGH, R3_32)
DEFINE_OP(ALSIHN) { set_gr_high(cpu, insn->r1, R1_HIGH + I2_U32); }

/* Logical with a signed immediate: a negative one subtracts its magnitude and sets the
 * condition code of that subtraction. */
static uint32_t logical_signed32(struct cpu *cpu, uint32_t a, int32_t b)
{
    return b < 0 ? logical_subtract32(cpu, a, 0 - (uint32_t)b) : logical_add32(cpu, a, (uint32_t)b);
}
static uint64_t logical_signed64(struct cpu *cpu, uint64_t a, int64_t b)
{
    return b < 0 ? logical_subtract64(cpu, a, 0 - (uint64_t)b) : logical_add64(cpu, a, (uint64_t)b);
}
DEFINE_OP(ALHSIK) { set_gr32(cpu, insn->r1, logical_signed32(cpu, R3_32, I2_S32)); }
DEFINE_OP(ALGHSIK) { set_gr64(cpu, insn->r1, logical_signed64(cpu, R3_64, I2_S64)); }
DEFINE_OP(ALSIH) { set_gr_high(cpu, insn->r1, logical_signed32(cpu, R1_HIGH, I2_S32)); }

/* ---- With carry and borrow: cc bit 2 is the carry (no borrow) of the previous operation ---- */

static uint32_t add_carry32(struct cpu *cpu, uint32_t a, uint32_t b)
{
    uint64_t v = (uint64_t)a + b + (cpu->cc >> 1);

    cpu->cc = cc_logical((uint32_t)v, v >> 32);
    return (uint32_t)v;
}
static uint64_t add_carry64(struct cpu *cpu, uint64_t a, uint64_t b)
{
    uint64_t partial = a + b, v = partial + (cpu->cc >> 1);

    cpu->cc = cc_logical(v, partial < a || v < partial);
    return v;
}
#define WITH_CARRY(NAME, bits, b) \
    DEFINE_OP(NAME) \
    { \
        uint##bits##_t second = (b); \
        set_gr##bits(cpu, insn->r1, add_carry##bits(cpu, gr##bits(cpu, insn->r1), second)); \
    }
WITH_CARRY(ALCR, 32, R2_32)
WITH_CARRY(ALC, 32, X2_32)
WITH_CARRY(ALCGR, 64, R2_64)
WITH_CARRY(ALCG, 64, X2_64)
/* a - b - borrow is a + ~b + carry. */
WITH_CARRY(SLBR, 32, ~R2_32)
WITH_CARRY(SLB, 32, ~X2_32)
WITH_CARRY(SLBGR, 64, ~R2_64)
WITH_CARRY(SLBG, 64, ~X2_64)

/* ---- Immediate added to storage ---------------------------------------- */

#define STORAGE_IMMEDIATE(NAME, bits, compute) \
    DEFINE_OP(NAME) \
    { \
        struct span span = span_update(cpu, B2_ADDRESS, insn->b2, bits / 8); \
        uint8_t image[bits / 8]; \
        bool overflow; \
        uint##bits##_t old, result; \
        span_read(&span, image); \
        old = get_be##bits(image); \
        compute; \
        put_be##bits(image, result); \
        span_write(&span, image); \
        if (unlikely(overflow)) \
            fixed_point_overflow(cpu); \
    }
#define ADD_STORAGE(bits) \
    struct sum##bits sum = signed_add##bits(cpu, (int##bits##_t)old, SI_S8); \
    result = sum.value; \
    overflow = sum.overflow
#define ADD_LOGICAL_STORAGE(bits) \
    result = logical_signed##bits(cpu, old, SI_S8); \
    overflow = false
STORAGE_IMMEDIATE(ASI, 32, ADD_STORAGE(32))
STORAGE_IMMEDIATE(AGSI, 64, ADD_STORAGE(64))
STORAGE_IMMEDIATE(ALSI, 32, ADD_LOGICAL_STORAGE(32))
STORAGE_IMMEDIATE(ALGSI, 64, ADD_LOGICAL_STORAGE(64))

/* ---- Comparison -------------------------------------------------------- */

#define COMPARE(NAME, a, b) DEFINE_OP(NAME) { cpu->cc = cc_compare((a), (b)); }
COMPARE(CR, R1_S32, R2_S32)
COMPARE(C, R1_S32, X2_S32)
COMPARE(CY, R1_S32, X2_S32)
COMPARE(CRL, R1_S32, REL_S32)
COMPARE(CH, R1_S32, X2_S16)
COMPARE(CHY, R1_S32, X2_S16)
COMPARE(CHRL, R1_S32, REL_S16)
COMPARE(CHI, R1_S32, I2_S32)
COMPARE(CFI, R1_S32, I2_S32)
COMPARE(CGR, (int64_t)R1_64, (int64_t)R2_64)
COMPARE(CG, (int64_t)R1_64, (int64_t)X2_64)
COMPARE(CGRL, (int64_t)R1_64, (int64_t)REL_64)
COMPARE(CGFR, (int64_t)R1_64, R2_S32)
COMPARE(CGF, (int64_t)R1_64, X2_S32)
COMPARE(CGFRL, (int64_t)R1_64, REL_S32)
COMPARE(CGH, (int64_t)R1_64, X2_S16)
COMPARE(CGHRL, (int64_t)R1_64, REL_S16)
COMPARE(CGHI, (int64_t)R1_64, I2_S64)
COMPARE(CGFI, (int64_t)R1_64, I2_S64)
COMPARE(CHHSI, B2_S16, SIL_S16)
COMPARE(CHSI, (int32_t)B2_32, SIL_S16)
COMPARE(CGHSI, (int64_t)B2_64, SIL_S16)
COMPARE(CHHR, (int32_t)R1_HIGH, (int32_t)R2_HIGH)
COMPARE(CHLR, (int32_t)R1_HIGH, R2_S32)
COMPARE(CHF, (int32_t)R1_HIGH, X2_S32)
COMPARE(CIH, (int32_t)R1_HIGH, I2_S32)

#define COMPARE_LOGICAL(NAME, a, b) DEFINE_OP(NAME) { cpu->cc = cc_compare_logical((a), (b)); }
COMPARE_LOGICAL(CLR, R1_32, R2_32)
COMPARE_LOGICAL(CL, R1_32, X2_32)
COMPARE_LOGICAL(CLY, R1_32, X2_32)
COMPARE_LOGICAL(CLRL, R1_32, REL_32)
COMPARE_LOGICAL(CLHRL, R1_32, REL_U16)
COMPARE_LOGICAL(CLFI, R1_32, I2_U32)
COMPARE_LOGICAL(CLGR, R1_64, R2_64)
COMPARE_LOGICAL(CLG, R1_64, X2_64)
COMPARE_LOGICAL(CLGRL, R1_64, REL_64)
COMPARE_LOGICAL(CLGFR, R1_64, R2_32)
COMPARE_LOGICAL(CLGF, R1_64, X2_32)
COMPARE_LOGICAL(CLGFRL, R1_64, REL_32)
COMPARE_LOGICAL(CLGHRL, R1_64, REL_U16)
COMPARE_LOGICAL(CLGFI, R1_64, I2_U32)
COMPARE_LOGICAL(CLI, B2_U8, SI_U8)
COMPARE_LOGICAL(CLIY, B2_U8, SI_U8)
COMPARE_LOGICAL(CLHHSI, B2_U16, SIL_U16)
COMPARE_LOGICAL(CLFHSI, B2_32, SIL_U16)
COMPARE_LOGICAL(CLGHSI, B2_64, SIL_U16)
COMPARE_LOGICAL(CLHHR, R1_HIGH, R2_HIGH)
COMPARE_LOGICAL(CLHLR, R1_HIGH, R2_32)
COMPARE_LOGICAL(CLHF, R1_HIGH, X2_32)
COMPARE_LOGICAL(CLIH, R1_HIGH, I2_U32)

/** COMPARE LOGICAL CHARACTERS UNDER MASK: the selected bytes of `word` with as many in storage. */
static void compare_under_mask(struct cpu *cpu, const struct insn *insn, uint32_t word)
{
    unsigned mask = insn->r3, count = (unsigned)__builtin_popcount(mask), at = 0;
    uint8_t bytes[4];

    fetch_bytes(cpu, B2_ADDRESS, insn->b2, bytes, count ? count : 1);
    cpu->cc = 0;
    for (unsigned i = 0; i < 4 && cpu->cc == 0; i++)
        if (mask & 8 >> i)
            cpu->cc = cc_compare_logical(word >> (24 - 8 * i) & 0xff, bytes[at++]);
}
DEFINE_OP(CLM) { compare_under_mask(cpu, insn, R1_32); }
DEFINE_OP(CLMY) { compare_under_mask(cpu, insn, R1_32); }
DEFINE_OP(CLMH) { compare_under_mask(cpu, insn, R1_HIGH); }
