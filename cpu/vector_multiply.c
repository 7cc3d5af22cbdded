/* SPDX-License-Identifier: MIT */
/** Vector integer multiplication (PoP ch. 22): bytes, halfwords and words. */
#include "cpu/vector.h"

#define V1 (&cpu->vr[insn->r1])
#define V2 (&cpu->vr[insn->r2])
#define V3 (&cpu->vr[insn->r3])
#define V4 (&cpu->vr[R4])

enum part { LOW, HIGH, EVEN, ODD };

/** Element i as a factor. */
static inline uint64_t factor(const union vector_register *v, unsigned size, unsigned i, bool logical)
{
    return logical ? vector_element(v, size, i) : (uint64_t)signed_element(v, size, i);
}

/** The left halves of products (with addition: of the sums) of words at most, in an element each. */
static inline uint64_t left_half(uint64_t product, unsigned size, bool logical)
{
    return logical ? product >> element_bits(size) : (uint64_t)((int64_t)product >> element_bits(size));
}

/** V2 × V3 (+ `addend`), the low or high halves into elements of the same size. */
static inline void multiply_half(struct cpu *cpu, const struct insn *insn, unsigned size, enum part part,
                                 bool logical, const union vector_register *addend)
{
    union vector_register out = {{0}};

    for (unsigned i = 0; i < element_count(size); i++) {
        uint64_t result = factor(V2, size, i, logical) * factor(V3, size, i, logical);

        if (addend)
            result += factor(addend, size, i, logical);
        set_vector_element(&out, size, i, part == HIGH ? left_half(result, size, logical) : result);
    }
    *V1 = out;
}

/** Even or odd elements of V2 × V3 (+ `addend`, of twice the size), into elements of twice the size. */
static inline void multiply_wide(struct cpu *cpu, const struct insn *insn, unsigned size, enum part part,
                                 bool logical, const union vector_register *addend)
{
    union vector_register out = {{0}};

    for (unsigned i = 0; i < element_count(size) / 2; i++) {
        unsigned from = 2 * i + (part == ODD);
        uint64_t result = factor(V2, size, from, logical) * factor(V3, size, from, logical);

        if (addend)
            result += vector_element(addend, size + 1, i);
        set_vector_element(&out, size + 1, i, result);
    }
    *V1 = out;
}

#define MULTIPLY(NAME, multiply, part, logical) \
    DEFINE_OP(NAME) { WITH_SIZE(M_BITS_32, BYTES, WORDS, multiply(cpu, insn, SIZE, part, logical, NULL)) }
#define MULTIPLY_ADD(NAME, multiply, part, logical) \
    DEFINE_OP(NAME) { WITH_SIZE(M_BITS_20, BYTES, WORDS, multiply(cpu, insn, SIZE, part, logical, V4)) }

MULTIPLY(VML, multiply_half, LOW, true)
MULTIPLY(VMH, multiply_half, HIGH, false)
MULTIPLY(VMLH, multiply_half, HIGH, true)
MULTIPLY(VME, multiply_wide, EVEN, false)
MULTIPLY(VMLE, multiply_wide, EVEN, true)
MULTIPLY(VMO, multiply_wide, ODD, false)
MULTIPLY(VMLO, multiply_wide, ODD, true)
MULTIPLY_ADD(VMAL, multiply_half, LOW, true)
MULTIPLY_ADD(VMAH, multiply_half, HIGH, false)
MULTIPLY_ADD(VMALH, multiply_half, HIGH, true)
MULTIPLY_ADD(VMAE, multiply_wide, EVEN, false)
MULTIPLY_ADD(VMALE, multiply_wide, EVEN, true)
MULTIPLY_ADD(VMAO, multiply_wide, ODD, false)
MULTIPLY_ADD(VMALO, multiply_wide, ODD, true)

/** Sum of both products of doublewords and V4, modulo 2**128; M6 doubles the even (8) or odd (4) product. */
DEFINE_OP(VMSL)
{
    unsigned controls = M_BITS_24;
    unsigned __int128 even, odd;

    specification_unless(cpu, M_BITS_20 == DOUBLEWORDS);
    even = (unsigned __int128)V2->d[0] * V3->d[0] << (controls >> 3 & 1);
    odd = (unsigned __int128)V2->d[1] * V3->d[1] << (controls >> 2 & 1);
    *V1 = vector_of(even + odd + quadword(V4));
}

/* ---- Galois fields: multiplication without carries ------------------------- */

static unsigned __int128 carryless_product(uint64_t a, uint64_t b)
{
    unsigned __int128 product = 0;

    for (; b; b &= b - 1)
        product ^= (unsigned __int128)a << __builtin_ctzll(b);
    return product;
}

/** The products of even-odd pairs of elements, exclusive-ored, and with `addend`, in elements twice as long. */
static void galois(struct cpu *cpu, const struct insn *insn, unsigned size,
                   const union vector_register *addend)
{
    union vector_register out = addend ? *addend : (union vector_register){{0}};
    unsigned __int128 sum = 0;

    specification_unless(cpu, size <= DOUBLEWORDS);
    for (unsigned i = 0; i < element_count(size); i++) {
        sum ^= carryless_product(vector_element(V2, size, i), vector_element(V3, size, i));
        if (i & 1) {
            if (size == DOUBLEWORDS)
                out = vector_of(quadword(&out) ^ sum);
            else
                set_vector_element(&out, size + 1, i / 2,
                                   vector_element(&out, size + 1, i / 2) ^ (uint64_t)sum);
            sum = 0;
        }
    }
    *V1 = out;
}
DEFINE_OP(VGFM) { galois(cpu, insn, M_BITS_32, NULL); }
DEFINE_OP(VGFMA) { galois(cpu, insn, M_BITS_20, V4); }
