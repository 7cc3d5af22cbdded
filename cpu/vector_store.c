/* SPDX-License-Identifier: MIT */
/** Vector stores, with and without byte reversal (PoP ch. 21). Alignment hints are ignored. */
#include "cpu/vector.h"

#define V1 (&cpu->vr[insn->r1])
#define X2_ADDRESS effective_x2(cpu, insn)
#define B2_ADDRESS effective_b2(cpu, insn)

DEFINE_OP(VST) { store_vector(cpu, X2_ADDRESS, insn->b2, V1); }

/* M3 is the index of the element stored, which must be there. */
#define STORE_ELEMENT(NAME, ELEMENT, bits, value) \
    DEFINE_OP(NAME) \
    { \
        specification_unless(cpu, insn->r3 < 128 / bits); \
        store##bits(cpu, X2_ADDRESS, insn->b2, value(ELEMENT(V1, insn->r3))); \
    }
STORE_ELEMENT(VSTEB, VB, 8, )
STORE_ELEMENT(VSTEH, VH, 16, )
STORE_ELEMENT(VSTEF, VW, 32, )
STORE_ELEMENT(VSTEG, VD, 64, )
STORE_ELEMENT(VSTEBRH, VH, 16, __builtin_bswap16)
STORE_ELEMENT(VSTEBRF, VW, 32, __builtin_bswap32)
STORE_ELEMENT(VSTEBRG, VD, 64, __builtin_bswap64)

DEFINE_OP(VSTBR)
{
    union vector_register v = bytes_reversed(V1, insn->r3);

    specification_unless(cpu, insn->r3 >= HALFWORDS && insn->r3 <= QUADWORDS);
    store_vector(cpu, X2_ADDRESS, insn->b2, &v);
}
DEFINE_OP(VSTER)
{
    union vector_register v = elements_reversed(V1, insn->r3);

    specification_unless(cpu, insn->r3 >= HALFWORDS && insn->r3 <= DOUBLEWORDS);
    store_vector(cpu, X2_ADDRESS, insn->b2, &v);
}

DEFINE_OP(VSTL) { store_leftmost(cpu, B2_ADDRESS, insn->b2, V1, bytes_of_index(gr32(cpu, insn->r3))); }

DEFINE_OP(VSTM)
{
    unsigned count = insn->r3 - insn->r1 + 1u;
    struct span s;
    uint8_t image[16 * 16];

    specification_unless(cpu, insn->r1 <= insn->r3 && count <= 16);
    s = span_store(cpu, B2_ADDRESS, insn->b2, 16 * count);
    for (unsigned i = 0; i < count; i++)
        vector_to(image + 16 * i, V1 + i);
    span_write(&s, image);
}

/* The rightmost bytes (vector packed decimal, ch. 25): I3 or bits 32-63 of R3 are the highest index. */
DEFINE_OP(VSTRL)
{
    specification_unless(cpu, insn->r2 <= 15);
    store_rightmost(cpu, B2_ADDRESS, insn->b2, V1, insn->r2 + 1u);
}
DEFINE_OP(VSTRLR) { store_rightmost(cpu, B2_ADDRESS, insn->b2, V1, bytes_of_index(gr32(cpu, insn->r3))); }

/* Scatter: element M3 of V2 is the index. */
#define SCATTER(NAME, ELEMENT, bits) \
    DEFINE_OP(NAME) \
    { \
        uint64_t address; \
        specification_unless(cpu, insn->r3 < 128 / bits); \
        address = (ELEMENT(&cpu->vr[insn->r2], insn->r3) + B2_ADDRESS) & cpu->address_mask; \
        store##bits(cpu, address, insn->b2, ELEMENT(V1, insn->r3)); \
    }
SCATTER(VSCEF, VW, 32)
SCATTER(VSCEG, VD, 64)
