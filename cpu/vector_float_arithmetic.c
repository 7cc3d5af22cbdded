/* SPDX-License-Identifier: MIT */
/** Vector floating-point arithmetic, signs, maximum and minimum (PoP ch. 24). */
#include "cpu/vector_float.h"

struct vector_float vector_float_begin(struct cpu *cpu, unsigned format, unsigned controls, unsigned allowed)
{
    bool enhanced = has_facility(cpu, FACILITY_VECTOR_ENHANCEMENT_1);

    specification_unless(cpu, format == FLOAT_LONG
                                  || (enhanced && (format == FLOAT_SHORT || format == FLOAT_EXTENDED)));
    specification_unless(cpu, !(controls & ~(allowed | SINGLE_ELEMENT)));
    return (struct vector_float){.cpu = cpu, .env = bfp_begin(cpu), .format = (uint8_t)format,
                                 .single = controls & SINGLE_ELEMENT};
}

void vector_float_element(struct vector_float *v, unsigned index)
{
    uint8_t dxc;

    if (likely(!v->env.conditions))
        return;
    dxc = bfp_dxc(&v->env);
    if (unlikely(dxc)) {
        /* Interruption codes: 1 invalid, 2 division by zero, 3 overflow, 4 underflow, 5 inexact. */
        unsigned code = (unsigned)__builtin_clz(dxc) - 23;

        vector_exception(v->cpu, (uint8_t)(index << 4 | code));
    }
    v->conditions |= v->env.conditions;
    v->env.conditions = 0;
}

void vector_float_end(struct vector_float *v, unsigned r)
{
    v->cpu->vr[r] = v->result;
    v->cpu->fpc |= (uint32_t)(v->conditions & BFP_FLAGS) << FPC_FLAG_SHIFT;
}

#define TWO_OPERANDS(NAME, operation) \
    DEFINE_OP(NAME) \
    { \
        struct vector_float v = vector_float_begin(cpu, M_BITS_32, M_BITS_28, 0); \
        FLOAT_ELEMENTS(v, bfp32_##operation(&v.env, SHORT_OF(insn->r2), SHORT_OF(insn->r3)), \
                       bfp64_##operation(&v.env, LONG_OF(insn->r2), LONG_OF(insn->r3)), \
                       bfp128_##operation(&v.env, EXTENDED_OF(insn->r2), EXTENDED_OF(insn->r3))) \
        vector_float_end(&v, insn->r1); \
    }
TWO_OPERANDS(VFA, add)
TWO_OPERANDS(VFS, subtract)
TWO_OPERANDS(VFM, multiply)
TWO_OPERANDS(VFD, divide)

/**
 * Second operand × third ± fourth. As in the scalar instructions, NaNs of the third operand
 * come first. The negative forms invert the sign of the rounded result unless it is a NaN.
 */
#define MULTIPLY_ADD(NAME, subtract, after) \
    DEFINE_OP(NAME) \
    { \
        struct vector_float v = vector_float_begin(cpu, (unsigned)insn_field(insn, 20, 4), M_BITS_28, 0); \
        unsigned r4 = insn_vr(insn, 32); \
        FLOAT_ELEMENTS(v, \
                       after##_short(bfp32_multiply_add(&v.env, SHORT_OF(insn->r3), SHORT_OF(insn->r2), \
                                                        SHORT_OF(r4), subtract)), \
                       after##_long(bfp64_multiply_add(&v.env, LONG_OF(insn->r3), LONG_OF(insn->r2), \
                                                       LONG_OF(r4), subtract)), \
                       after##_extended(bfp128_multiply_add(&v.env, EXTENDED_OF(insn->r3), \
                                                            EXTENDED_OF(insn->r2), EXTENDED_OF(r4), \
                                                            subtract))) \
        vector_float_end(&v, insn->r1); \
    }
#define keep_short(value) value
#define keep_long(value) value
#define keep_extended(value) value

static uint32_t negate_short(uint32_t v) { return bfp32_cc(v) == 3 ? v : v ^ 0x80000000U; }
static uint64_t negate_long(uint64_t v) { return bfp64_cc(v) == 3 ? v : v ^ BIT64(0); }
static struct bfp128 negate_extended(struct bfp128 v)
{
    if (bfp128_cc(v) != 3)
        v.hi ^= BIT64(0);
    return v;
}

MULTIPLY_ADD(VFMA, false, keep)
MULTIPLY_ADD(VFMS, true, keep)
MULTIPLY_ADD(VFNMA, false, negate)
MULTIPLY_ADD(VFNMS, true, negate)

DEFINE_OP(VFSQ)
{
    struct vector_float v = vector_float_begin(cpu, M_BITS_32, M_BITS_28, 0);

    FLOAT_ELEMENTS(v, bfp32_square_root(&v.env, SHORT_OF(insn->r2)),
                   bfp64_square_root(&v.env, LONG_OF(insn->r2)),
                   bfp128_square_root(&v.env, EXTENDED_OF(insn->r2)))
    vector_float_end(&v, insn->r1);
}

static void minmax(struct cpu *cpu, const struct insn *insn, bool maximum)
{
    struct vector_float v = vector_float_begin(cpu, M_BITS_32, M_BITS_28, 0);
    unsigned function = M_BITS_24;

    specification_unless(cpu, (function & ~(unsigned)BFP_OF_MAGNITUDES) <= BFP_MINMAX_FMAX);
    FLOAT_ELEMENTS(v, bfp32_minmax(&v.env, SHORT_OF(insn->r2), SHORT_OF(insn->r3), function, maximum),
                   bfp64_minmax(&v.env, LONG_OF(insn->r2), LONG_OF(insn->r3), function, maximum),
                   bfp128_minmax(&v.env, EXTENDED_OF(insn->r2), EXTENDED_OF(insn->r3), function, maximum))
    vector_float_end(&v, insn->r1);
}

DEFINE_OP(VFMAX) { minmax(cpu, insn, true); }
DEFINE_OP(VFMIN) { minmax(cpu, insn, false); }

/** M5 0 inverts the sign, 1 makes it negative, 2 positive. */
static uint64_t with_sign(uint64_t v, uint64_t sign, unsigned function)
{
    return function == 0 ? v ^ sign : function == 1 ? v | sign : v & ~sign;
}

DEFINE_OP(VFPSO)
{
    struct vector_float v = vector_float_begin(cpu, M_BITS_32, M_BITS_28, 0);
    unsigned function = M_BITS_24;
    const union vector_register *a = &cpu->vr[insn->r2];

    specification_unless(cpu, function <= 2);
    FLOAT_ELEMENTS(v, (uint32_t)with_sign(VW(a, i), 0x80000000U, function),
                   with_sign(VD(a, i), BIT64(0), function),
                   ((struct bfp128){with_sign(a->d[0], BIT64(0), function), a->d[1]}))
    vector_float_end(&v, insn->r1);
}
