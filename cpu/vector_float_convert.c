/* SPDX-License-Identifier: MIT */
/** Vector floating-point conversions (PoP ch. 24): M3 format, M4 controls, M5 rounding method. */
#include "cpu/vector_float.h"

/** Begin with a rounding method and XxC. */
static struct vector_float begin_rounding(struct cpu *cpu, const struct insn *insn)
{
    struct vector_float v = vector_float_begin(cpu, M_BITS_32, M_BITS_28, INEXACT_CONTROL);

    v.env = bfp_begin_rounding(cpu, M_BITS_24, M_BITS_28);
    return v;
}

DEFINE_OP(VFI)
{
    struct vector_float v = begin_rounding(cpu, insn);

    FLOAT_ELEMENTS(v, bfp32_to_integer(&v.env, SHORT_OF(insn->r2)),
                   bfp64_to_integer(&v.env, LONG_OF(insn->r2)),
                   bfp128_to_integer(&v.env, EXTENDED_OF(insn->r2)))
    vector_float_end(&v, insn->r1);
}

/** LOAD LENGTHENED: elements 0 and 2 (short) or 0 (long), which index a vector-processing exception. */
DEFINE_OP(VFLL)
{
    const union vector_register *a = &cpu->vr[insn->r2];
    struct vector_float v = vector_float_begin(cpu, FLOAT_LONG, M_BITS_28, 0); /* the result, or the source */

    /* From short came with the vector facility itself, from long with its enhancements. */
    specification_unless(cpu, M_BITS_32 == FLOAT_SHORT
                                  || (M_BITS_32 == FLOAT_LONG
                                      && has_facility(cpu, FACILITY_VECTOR_ENHANCEMENT_1)));
    if (M_BITS_32 == FLOAT_LONG) {
        set_extended_element(&v.result, bfp64_to_bfp128(&v.env, VD(a, 0)));
        vector_float_element(&v, 0);
    } else {
        for (unsigned i = 0; i < vector_float_count(&v); i++) {
            VD(&v.result, i) = bfp32_to_bfp64(&v.env, VW(a, 2 * i));
            vector_float_element(&v, 2 * i);
        }
    }
    vector_float_end(&v, insn->r1);
}

/** LOAD ROUNDED: results in elements 0 and 2 (short) or 0 (long); exceptions index the source. */
DEFINE_OP(VFLR)
{
    const union vector_register *a = &cpu->vr[insn->r2];
    struct vector_float v = begin_rounding(cpu, insn);
    struct bfp128 unused_extended;
    uint64_t unused;

    specification_unless(cpu, v.format != FLOAT_SHORT);
    for (unsigned i = 0; i < vector_float_count(&v); i++) {
        if (v.format == FLOAT_LONG)
            VW(&v.result, 2 * i) = bfp64_to_bfp32(&v.env, VD(a, i), &unused);
        else
            VD(&v.result, 0) = bfp128_to_bfp64(&v.env, extended_element(a), &unused_extended);
        vector_float_element(&v, i);
    }
    vector_float_end(&v, insn->r1);
}

/** Begin a conversion from or to integers: long, or short with vector-enhancements facility 2. */
static struct vector_float begin_integers(struct cpu *cpu, const struct insn *insn)
{
    specification_unless(cpu, M_BITS_32 == FLOAT_LONG
                                  || (M_BITS_32 == FLOAT_SHORT
                                      && has_facility(cpu, FACILITY_VECTOR_ENHANCEMENT_2)));
    return begin_rounding(cpu, insn);
}

DEFINE_OP(VCDG)
{
    struct vector_float v = begin_integers(cpu, insn);

    FLOAT_ELEMENTS(v, bfp32_from_signed(&v.env, (int32_t)SHORT_OF(insn->r2)),
                   bfp64_from_signed(&v.env, (int64_t)LONG_OF(insn->r2)), (struct bfp128){0})
    vector_float_end(&v, insn->r1);
}

DEFINE_OP(VCDLG)
{
    struct vector_float v = begin_integers(cpu, insn);

    FLOAT_ELEMENTS(v, bfp32_from_unsigned(&v.env, SHORT_OF(insn->r2)),
                   bfp64_from_unsigned(&v.env, LONG_OF(insn->r2)), (struct bfp128){0})
    vector_float_end(&v, insn->r1);
}

static uint32_t short_to_fixed(struct bfp_env *env, uint32_t a, enum bfp_fixed target)
{
    uint64_t result;

    bfp32_to_fixed(env, a, target, &result);
    return (uint32_t)result;
}
static uint64_t long_to_fixed(struct bfp_env *env, uint64_t a, enum bfp_fixed target)
{
    uint64_t result;

    bfp64_to_fixed(env, a, target, &result);
    return result;
}

DEFINE_OP(VCGD)
{
    struct vector_float v = begin_integers(cpu, insn);

    FLOAT_ELEMENTS(v, short_to_fixed(&v.env, SHORT_OF(insn->r2), BFP_INT32),
                   long_to_fixed(&v.env, LONG_OF(insn->r2), BFP_INT64), (struct bfp128){0})
    vector_float_end(&v, insn->r1);
}

DEFINE_OP(VCLGD)
{
    struct vector_float v = begin_integers(cpu, insn);

    FLOAT_ELEMENTS(v, short_to_fixed(&v.env, SHORT_OF(insn->r2), BFP_UINT32),
                   long_to_fixed(&v.env, LONG_OF(insn->r2), BFP_UINT64), (struct bfp128){0})
    vector_float_end(&v, insn->r1);
}
