/* SPDX-License-Identifier: MIT */
/** Vector integer arithmetic and logic, multiplication excepted (PoP ch. 22). */
#include "cpu/vector.h"

#define V1 (&cpu->vr[insn->r1])
#define V2 (&cpu->vr[insn->r2])
#define V3 (&cpu->vr[insn->r3])
#define V4 (&cpu->vr[R4])

/* ---- Addition and subtraction, their carries, and with them ---------------- */

#define ADD(U, S, x, y) ((x) + (y))
#define ADD_CARRY(U, S, x, y) ((U)((x) + (y)) < (x))
#define SUBTRACT(U, S, x, y) ((x) - (y))
/** No borrow is one. */
#define SUBTRACT_CARRY(U, S, x, y) ((x) >= (y))

#define WITH_QUADWORDS(NAME, OPERATION) \
    DEFINE_OP(NAME) \
    { \
        if (M_BITS_32 == QUADWORDS) \
            *V1 = vector_of((unsigned __int128) \
                                OPERATION(unsigned __int128, __int128, quadword(V2), quadword(V3))); \
        else \
            ELEMENTWISE(M_BITS_32, OPERATION); \
    }
WITH_QUADWORDS(VA, ADD)
WITH_QUADWORDS(VACC, ADD_CARRY)
WITH_QUADWORDS(VS, SUBTRACT)
WITH_QUADWORDS(VSCBI, SUBTRACT_CARRY)

/** x + y + carry of quadwords, the carry being the rightmost bit of V4. */
struct wide_sum {
    unsigned __int128 value;
    bool carry;
};
static struct wide_sum add_with_carry(struct cpu *cpu, const struct insn *insn, unsigned __int128 x,
                                      unsigned __int128 y)
{
    struct wide_sum sum;
    bool first, second;

    specification_unless(cpu, M_BITS_20 == QUADWORDS);
    first = __builtin_add_overflow(x, y, &sum.value);
    second = __builtin_add_overflow(sum.value, (unsigned __int128)(V4->d[1] & 1), &sum.value);
    sum.carry = first || second;
    return sum;
}
DEFINE_OP(VAC) { *V1 = vector_of(add_with_carry(cpu, insn, quadword(V2), quadword(V3)).value); }
DEFINE_OP(VACCC) { *V1 = vector_of(add_with_carry(cpu, insn, quadword(V2), quadword(V3)).carry); }
DEFINE_OP(VSBI) { *V1 = vector_of(add_with_carry(cpu, insn, quadword(V2), ~quadword(V3)).value); }
DEFINE_OP(VSBCBI) { *V1 = vector_of(add_with_carry(cpu, insn, quadword(V2), ~quadword(V3)).carry); }

/* ---- Element by element ---------------------------------------------------- */

/* Rounded up, without a carry out of the element: x + y = 2(x | y) - (x ^ y). */
#define AVERAGE(U, S, x, y) ((S)((x) | (y)) - ((S)((x) ^ (y)) >> 1))
#define AVERAGE_LOGICAL(U, S, x, y) (((x) | (y)) - (U)((U)((x) ^ (y)) >> 1))
#define COMPLEMENT(U, S, x, y) (0 - (x))
#define POSITIVE(U, S, x, y) ((S)(x) < 0 ? 0 - (x) : (x))
#define MAXIMUM(U, S, x, y) ((S)(x) > (S)(y) ? (x) : (y))
#define MAXIMUM_LOGICAL(U, S, x, y) ((x) > (y) ? (x) : (y))
#define MINIMUM(U, S, x, y) ((S)(x) < (S)(y) ? (x) : (y))
#define MINIMUM_LOGICAL(U, S, x, y) ((x) < (y) ? (x) : (y))
#define LEADING_ZEROS(U, S, x, y) ((x) ? (unsigned)__builtin_clzll(x) - (64 - 8 * sizeof(U)) : 8 * sizeof(U))
#define TRAILING_ZEROS(U, S, x, y) ((x) ? (unsigned)__builtin_ctzll(x) : 8 * sizeof(U))
#define POPULATION(U, S, x, y) __builtin_popcountll(x)

DEFINE_OP(VAVG) { ELEMENTWISE(M_BITS_32, AVERAGE); }
DEFINE_OP(VAVGL) { ELEMENTWISE(M_BITS_32, AVERAGE_LOGICAL); }
DEFINE_OP(VLC) { ELEMENTWISE(M_BITS_32, COMPLEMENT); }
DEFINE_OP(VLP) { ELEMENTWISE(M_BITS_32, POSITIVE); }
DEFINE_OP(VMX) { ELEMENTWISE(M_BITS_32, MAXIMUM); }
DEFINE_OP(VMXL) { ELEMENTWISE(M_BITS_32, MAXIMUM_LOGICAL); }
DEFINE_OP(VMN) { ELEMENTWISE(M_BITS_32, MINIMUM); }
DEFINE_OP(VMNL) { ELEMENTWISE(M_BITS_32, MINIMUM_LOGICAL); }
DEFINE_OP(VCLZ) { ELEMENTWISE(M_BITS_32, LEADING_ZEROS); }
DEFINE_OP(VCTZ) { ELEMENTWISE(M_BITS_32, TRAILING_ZEROS); }

/** Other sizes than bytes came with the vector-enhancements facility 1. */
DEFINE_OP(VPOPCT)
{
    specification_unless(cpu, M_BITS_32 == BYTES || has_facility(cpu, FACILITY_VECTOR_ENHANCEMENT_1));
    ELEMENTWISE(M_BITS_32, POPULATION);
}

/* ---- Sums across ----------------------------------------------------------- */

/** All elements of V2 in each wider element, and the rightmost one of V3 there. */
static inline void sum_across(struct cpu *cpu, const struct insn *insn, unsigned size, unsigned to)
{
    unsigned each = 1u << (to - size);
    union vector_register out = {{0}};

    for (unsigned i = 0; i < element_count(to); i++) {
        uint64_t sum = vector_element(V3, size, each * i + each - 1);

        for (unsigned n = 0; n < each; n++)
            sum += vector_element(V2, size, each * i + n);
        set_vector_element(&out, to, i, sum);
    }
    *V1 = out;
}
DEFINE_OP(VSUM) { WITH_SIZE(M_BITS_32, BYTES, HALFWORDS, sum_across(cpu, insn, SIZE, WORDS)) }
DEFINE_OP(VSUMG) { WITH_SIZE(M_BITS_32, HALFWORDS, WORDS, sum_across(cpu, insn, SIZE, DOUBLEWORDS)) }

DEFINE_OP(VSUMQ)
{
    unsigned size = M_BITS_32;
    unsigned __int128 sum;

    specification_unless(cpu, size == WORDS || size == DOUBLEWORDS);
    sum = vector_element(V3, size, element_count(size) - 1);
    for (unsigned i = 0; i < element_count(size); i++)
        sum += vector_element(V2, size, i);
    *V1 = vector_of(sum);
}

/** The words of V2 and word 1 of V3, each carry out of a word added again. */
DEFINE_OP(VCKSM)
{
    uint64_t sum = VW(V3, 1);

    for (unsigned k = 0; k < 4; k++)
        sum += V2->w[k];
    sum = (uint32_t)sum + (sum >> 32);
    sum = (uint32_t)sum + (sum >> 32);
    *V1 = (union vector_register){.d = {sum, 0}};
}

/* ---- Logic ----------------------------------------------------------------- */

#define LOGIC(NAME, result) \
    DEFINE_OP(NAME) \
    { \
        for (unsigned k = 0; k < 2; k++) { \
            uint64_t x = V2->d[k], y = V3->d[k]; \
            V1->d[k] = result; \
        } \
    }
LOGIC(VN, x & y)
LOGIC(VNC, x & ~y)
LOGIC(VNN, ~(x & y))
LOGIC(VO, x | y)
LOGIC(VNO, ~(x | y))
LOGIC(VOC, x | ~y)
LOGIC(VX, x ^ y)
LOGIC(VNX, ~(x ^ y))

/** Bits of the first operand that the mask V2 selects: 0 all zeros or none selected, 3 all ones, 1 mixed. */
DEFINE_OP(VTM)
{
    unsigned __int128 mask = quadword(V2), selected = quadword(V1) & mask;

    cpu->cc = selected == 0 ? 0 : selected == mask ? 3 : 1;
}
