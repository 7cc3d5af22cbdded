/* SPDX-License-Identifier: MIT */
/** Vector loads from storage, with and without byte reversal (PoP ch. 21). Alignment hints are ignored. */
#include "cpu/vector.h"

#define V1 (&cpu->vr[insn->r1])
#define X2_ADDRESS effective_x2(cpu, insn)
#define B2_ADDRESS effective_b2(cpu, insn)

DEFINE_OP(VL) { *V1 = fetch_vector(cpu, X2_ADDRESS, insn->b2); }

/* M3 is the index of the element loaded, which must be there. */
#define LOAD_ELEMENT(NAME, ELEMENT, bits, value) \
    DEFINE_OP(NAME) \
    { \
        specification_unless(cpu, insn->r3 < 128 / bits); \
        ELEMENT(V1, insn->r3) = value(fetch##bits(cpu, X2_ADDRESS, insn->b2)); \
    }
LOAD_ELEMENT(VLEB, VB, 8, )
LOAD_ELEMENT(VLEH, VH, 16, )
LOAD_ELEMENT(VLEF, VW, 32, )
LOAD_ELEMENT(VLEG, VD, 64, )
LOAD_ELEMENT(VLEBRH, VH, 16, __builtin_bswap16)
LOAD_ELEMENT(VLEBRF, VW, 32, __builtin_bswap32)
LOAD_ELEMENT(VLEBRG, VD, 64, __builtin_bswap64)

#define LOAD_ELEMENT_IMMEDIATE(NAME, ELEMENT, bits) \
    DEFINE_OP(NAME) \
    { \
        specification_unless(cpu, insn->r3 < 128 / bits); \
        ELEMENT(V1, insn->r3) = (uint##bits##_t)(int16_t)insn->imm; \
    }
LOAD_ELEMENT_IMMEDIATE(VLEIB, VB, 8)
LOAD_ELEMENT_IMMEDIATE(VLEIH, VH, 16)
LOAD_ELEMENT_IMMEDIATE(VLEIF, VW, 32)
LOAD_ELEMENT_IMMEDIATE(VLEIG, VD, 64)

/** One element of storage, BYTES to DOUBLEWORDS. */
static uint64_t fetch_element(struct cpu *cpu, const struct insn *insn, unsigned size)
{
    uint64_t address = X2_ADDRESS;

    switch (size) {
    case BYTES: return fetch8(cpu, address, insn->b2);
    case HALFWORDS: return fetch16(cpu, address, insn->b2);
    case WORDS: return fetch32(cpu, address, insn->b2);
    default: return fetch64(cpu, address, insn->b2);
    }
}
static uint64_t fetch_element_reversed(struct cpu *cpu, const struct insn *insn, unsigned size)
{
    return __builtin_bswap64(fetch_element(cpu, insn, size)) >> (64 - element_bits(size));
}

DEFINE_OP(VLREP)
{
    specification_unless(cpu, insn->r3 <= DOUBLEWORDS);
    *V1 = replicated(insn->r3, fetch_element(cpu, insn, insn->r3));
}
DEFINE_OP(VLBRREP)
{
    specification_unless(cpu, insn->r3 >= HALFWORDS && insn->r3 <= DOUBLEWORDS);
    *V1 = replicated(insn->r3, fetch_element_reversed(cpu, insn, insn->r3));
}

/** Logical element and zero: right-aligned in the left doubleword, or (M3 6) a word left-aligned in it. */
enum { WORD_LEFT_ALIGNED = 6 };

DEFINE_OP(VLLEZ)
{
    bool left = insn->r3 == WORD_LEFT_ALIGNED && has_facility(cpu, FACILITY_VECTOR_ENHANCEMENT_1);

    specification_unless(cpu, insn->r3 <= DOUBLEWORDS || left);
    VD(V1, 0) = left ? fetch_element(cpu, insn, WORDS) << 32 : fetch_element(cpu, insn, insn->r3);
    VD(V1, 1) = 0;
}
DEFINE_OP(VLLEBRZ)
{
    bool left = insn->r3 == WORD_LEFT_ALIGNED;

    specification_unless(cpu, (insn->r3 >= HALFWORDS && insn->r3 <= DOUBLEWORDS) || left);
    VD(V1, 0) = left ? fetch_element_reversed(cpu, insn, WORDS) << 32
                     : fetch_element_reversed(cpu, insn, insn->r3);
    VD(V1, 1) = 0;
}

DEFINE_OP(VLBR)
{
    union vector_register v;

    specification_unless(cpu, insn->r3 >= HALFWORDS && insn->r3 <= QUADWORDS);
    v = fetch_vector(cpu, X2_ADDRESS, insn->b2);
    *V1 = bytes_reversed(&v, insn->r3);
}
DEFINE_OP(VLER)
{
    union vector_register v;

    specification_unless(cpu, insn->r3 >= HALFWORDS && insn->r3 <= DOUBLEWORDS);
    v = fetch_vector(cpu, X2_ADDRESS, insn->b2);
    *V1 = elements_reversed(&v, insn->r3);
}

/* ---- As many bytes as a boundary, a register or the instruction says ------- */

/** What is not loaded is unpredictable: zeros here. */
DEFINE_OP(VLBB)
{
    uint64_t address = X2_ADDRESS;

    specification_unless(cpu, insn->r3 <= 6);
    *V1 = fetch_leftmost(cpu, address, insn->b2, bytes_to_boundary(address, insn->r3));
}

DEFINE_OP(LCBB)
{
    unsigned bytes = bytes_to_boundary(X2_ADDRESS, insn->r3);

    specification_unless(cpu, insn->r3 <= 6);
    set_gr32(cpu, insn->r1, bytes);
    cpu->cc = bytes < 16 ? 3 : 0;
}

DEFINE_OP(VLL) { *V1 = fetch_leftmost(cpu, B2_ADDRESS, insn->b2, bytes_of_index(gr32(cpu, insn->r3))); }

DEFINE_OP(VLM)
{
    unsigned count = insn->r3 - insn->r1 + 1u;
    struct span s;
    uint8_t image[16 * 16];

    specification_unless(cpu, insn->r1 <= insn->r3 && count <= 16);
    s = span_fetch(cpu, B2_ADDRESS, insn->b2, 16 * count);
    span_read(&s, image);
    for (unsigned i = 0; i < count; i++)
        V1[i] = vector_from(image + 16 * i);
}

/* Right-aligned (vector packed decimal, ch. 25): I3 or bits 32-63 of R3 are the highest index. */
DEFINE_OP(VLRL)
{
    specification_unless(cpu, insn->r2 <= 15);
    *V1 = fetch_rightmost(cpu, B2_ADDRESS, insn->b2, insn->r2 + 1u);
}
DEFINE_OP(VLRLR) { *V1 = fetch_rightmost(cpu, B2_ADDRESS, insn->b2, bytes_of_index(gr32(cpu, insn->r3))); }

/* ---- Gather: element M3 of V2 is the index --------------------------------- */

#define GATHER(NAME, ELEMENT, bits) \
    DEFINE_OP(NAME) \
    { \
        uint64_t address; \
        specification_unless(cpu, insn->r3 < 128 / bits); \
        address = (ELEMENT(&cpu->vr[insn->r2], insn->r3) + B2_ADDRESS) & cpu->address_mask; \
        ELEMENT(V1, insn->r3) = fetch##bits(cpu, address, insn->b2); \
    }
GATHER(VGEF, VW, 32)
GATHER(VGEG, VD, 64)
