/* SPDX-License-Identifier: MIT */
/** Vector floating-point comparison and data classes (PoP ch. 24). */
#include "cpu/vector_float.h"

/** Condition code by how many of the `count` elements matched: 0 all, 1 some, 3 none. */
static unsigned match_cc(unsigned matches, unsigned count)
{
    return matches == count ? 0 : matches ? 1 : 3;
}

static void set_mask(struct vector_float *v, unsigned i, bool match)
{
    if (v->format == FLOAT_SHORT)
        VW(&v->result, i) = match ? UINT32_MAX : 0;
    else if (v->format == FLOAT_LONG)
        VD(&v->result, i) = match ? UINT64_MAX : 0;
    else
        v->result.d[0] = v->result.d[1] = match ? UINT64_MAX : 0;
}

/** Compare element i of registers a and b: 0 equal, 1 low, 2 high, 3 unordered. */
static unsigned compare_element(struct cpu *cpu, struct vector_float *v, unsigned a, unsigned b, unsigned i,
                                bool signal)
{
    if (v->format == FLOAT_SHORT)
        return bfp32_compare(&v->env, SHORT_OF(a), SHORT_OF(b), signal);
    if (v->format == FLOAT_LONG)
        return bfp64_compare(&v->env, LONG_OF(a), LONG_OF(b), signal);
    return bfp128_compare(&v->env, EXTENDED_OF(a), EXTENDED_OF(b), signal);
}

/** Elements that compare as one of `wanted` (1 << comparison) become ones; M6 sets the condition code. */
static void compare(struct cpu *cpu, const struct insn *insn, unsigned wanted)
{
    unsigned allowed = has_facility(cpu, FACILITY_VECTOR_ENHANCEMENT_1) ? SIGNAL_ON_QUIET : 0;
    struct vector_float v = vector_float_begin(cpu, M_BITS_32, M_BITS_28, allowed);
    unsigned count = vector_float_count(&v), matches = 0;

    specification_unless(cpu, M_BITS_24 <= 1);
    for (unsigned i = 0; i < count; i++) {
        unsigned found = compare_element(cpu, &v, insn->r2, insn->r3, i, M_BITS_28 & SIGNAL_ON_QUIET);
        bool match = wanted >> found & 1;

        vector_float_element(&v, i);
        set_mask(&v, i, match);
        matches += match;
    }
    vector_float_end(&v, insn->r1);
    if (M_BITS_24 & 1)
        cpu->cc = match_cc(matches, count);
}

DEFINE_OP(VFCE) { compare(cpu, insn, 1 << 0); }
DEFINE_OP(VFCH) { compare(cpu, insn, 1 << 2); }
DEFINE_OP(VFCHE) { compare(cpu, insn, 1 << 0 | 1 << 2); }

/** Element 0 only, into the condition code. */
static void compare_scalar(struct cpu *cpu, const struct insn *insn, bool signal)
{
    struct vector_float v = vector_float_begin(cpu, M_BITS_32, M_BITS_28, 0);
    unsigned cc = compare_element(cpu, &v, insn->r1, insn->r2, 0, signal);

    specification_unless(cpu, M_BITS_28 == 0);
    vector_float_element(&v, 0);
    v.result = cpu->vr[insn->r1];
    vector_float_end(&v, insn->r1);
    cpu->cc = cc;
}

DEFINE_OP(WFC) { compare_scalar(cpu, insn, false); }
DEFINE_OP(WFK) { compare_scalar(cpu, insn, true); }

DEFINE_OP(VFTCI)
{
    struct vector_float v = vector_float_begin(cpu, M_BITS_32, M_BITS_28, 0);
    unsigned count = vector_float_count(&v), matches = 0;

    for (unsigned i = 0; i < count; i++) {
        unsigned class = v.format == FLOAT_SHORT  ? bfp32_class(SHORT_OF(insn->r2))
                         : v.format == FLOAT_LONG ? bfp64_class(LONG_OF(insn->r2))
                                                  : bfp128_class(EXTENDED_OF(insn->r2));
        bool match = class & (unsigned)insn->imm;

        set_mask(&v, i, match);
        matches += match;
    }
    vector_float_end(&v, insn->r1);
    cpu->cc = match_cc(matches, count);
}
