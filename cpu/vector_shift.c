/* SPDX-License-Identifier: MIT */
/** Vector shifts and rotations (PoP ch. 22). Amounts count modulo the element size. */
#include "cpu/vector.h"

#define V1 (&cpu->vr[insn->r1])
#define V2 (&cpu->vr[insn->r2])
#define V3 (&cpu->vr[insn->r3])

/* ---- Elements -------------------------------------------------------------- */

#define AMOUNT(U, n) ((unsigned)(n) & (8 * sizeof(U) - 1))
#define ROTATE(U, S, x, n) \
    ((U)(x) << AMOUNT(U, n) | (U)((U)(x) >> AMOUNT(U, 8 * sizeof(U) - AMOUNT(U, n))))
#define LEFT(U, S, x, n) ((U)(x) << AMOUNT(U, n))
#define RIGHT(U, S, x, n) ((U)(x) >> AMOUNT(U, n))
#define RIGHT_ARITHMETIC(U, S, x, n) ((S)(x) >> AMOUNT(U, n))

DEFINE_OP(VERLLV) { ELEMENTWISE(M_BITS_32, ROTATE); }
DEFINE_OP(VESLV) { ELEMENTWISE(M_BITS_32, LEFT); }
DEFINE_OP(VESRLV) { ELEMENTWISE(M_BITS_32, RIGHT); }
DEFINE_OP(VESRAV) { ELEMENTWISE(M_BITS_32, RIGHT_ARITHMETIC); }

/* By one amount, the second-operand address: the operand is V3. */
#define BY_ADDRESS(NAME, OPERATION) \
    DEFINE_OP(NAME) \
    { \
        unsigned amount = (unsigned)effective_b2(cpu, insn), size = M_BITS_32; \
        union vector_register out; \
        switch (size) { \
        case BYTES: SHIFT_ALL(b, uint8_t, int8_t, OPERATION); break; \
        case HALFWORDS: SHIFT_ALL(h, uint16_t, int16_t, OPERATION); break; \
        case WORDS: SHIFT_ALL(w, uint32_t, int32_t, OPERATION); break; \
        case DOUBLEWORDS: SHIFT_ALL(d, uint64_t, int64_t, OPERATION); break; \
        default: program_interruption(cpu, PIC_SPECIFICATION); \
        } \
        *V1 = out; \
    }
#define SHIFT_ALL(array, U, S, OPERATION) \
    for (unsigned k = 0; k < 16 / sizeof(U); k++) \
        out.array[k] = (U)OPERATION(U, S, V3->array[k], amount)
BY_ADDRESS(VERLL, ROTATE)
BY_ADDRESS(VESL, LEFT)
BY_ADDRESS(VESRL, RIGHT)
BY_ADDRESS(VESRA, RIGHT_ARITHMETIC)

/** Rotate V2 by I4 and insert under the mask V3. */
DEFINE_OP(VERIM)
{
    unsigned size = M_BITS_32, amount = (unsigned)insn->imm;

    specification_unless(cpu, size <= DOUBLEWORDS);
    for (unsigned i = 0; i < element_count(size); i++) {
        uint64_t x = vector_element(V2, size, i), mask = vector_element(V3, size, i);
        unsigned n = amount & (element_bits(size) - 1);
        uint64_t rotated = n ? x << n | x >> (element_bits(size) - n) : x;

        set_vector_element(V1, size, i, (vector_element(V1, size, i) & ~mask) | (rotated & mask));
    }
}

/* ---- The whole vector ------------------------------------------------------ */

/**
 * By 0-7 bits: each byte of V3 has the amount for its byte of the result, in its right three bits. (Without
 * vector-enhancements facility 2 results are unpredictable unless all are equal.)
 */
DEFINE_OP(VSL)
{
    union vector_register a = *V2, amounts = *V3;

    for (unsigned i = 0; i < 16; i++) {
        unsigned next = i < 15 ? VB(&a, i + 1) : 0;

        VB(V1, i) = (uint8_t)((VB(&a, i) << 8 | next) << (VB(&amounts, i) & 7) >> 8);
    }
}

static void shift_bits_right(struct cpu *cpu, const struct insn *insn, unsigned before)
{
    union vector_register a = *V2, amounts = *V3;

    for (unsigned i = 0; i < 16; i++) {
        unsigned this = VB(&a, i);

        VB(V1, i) = (uint8_t)((before << 8 | this) >> (VB(&amounts, i) & 7));
        before = this;
    }
}
DEFINE_OP(VSRL) { shift_bits_right(cpu, insn, 0); }
DEFINE_OP(VSRA) { shift_bits_right(cpu, insn, V2->d[0] >> 63 ? 0xff : 0); }

/** By bytes: the amount is in bits 1-4 of byte 7 of V3. Here in bits. */
static unsigned byte_shift(const union vector_register *v) { return v->d[0] & 0x78; }

DEFINE_OP(VSLB) { *V1 = vector_of(quadword(V2) << byte_shift(V3)); }
DEFINE_OP(VSRLB) { *V1 = vector_of(quadword(V2) >> byte_shift(V3)); }
DEFINE_OP(VSRAB) { *V1 = vector_of((unsigned __int128)((__int128)quadword(V2) >> byte_shift(V3))); }

/** Sixteen bytes of V2 and V3 together, `bits` (0-127) from the left. */
static union vector_register window(const union vector_register *a, const union vector_register *b,
                                    unsigned bits)
{
    return bits ? vector_of(quadword(a) << bits | quadword(b) >> (128 - bits)) : *a;
}
DEFINE_OP(VSLDB) { *V1 = window(V2, V3, 8 * ((unsigned)insn->imm & 15)); }
DEFINE_OP(VSLD)
{
    specification_unless(cpu, insn->imm <= 7);
    *V1 = window(V2, V3, (unsigned)insn->imm);
}
DEFINE_OP(VSRD)
{
    specification_unless(cpu, insn->imm <= 7);
    *V1 = insn->imm ? window(V2, V3, 128 - (unsigned)insn->imm) : *V3;
}
