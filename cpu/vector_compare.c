/* SPDX-License-Identifier: MIT */
/** Vector integer comparisons (PoP ch. 22). */
#include "cpu/vector.h"

#define V1 (&cpu->vr[insn->r1])
#define V2 (&cpu->vr[insn->r2])

/** The element compared is the rightmost one of the left doubleword: 0 equal, 1 low, 2 high. */
DEFINE_OP(VEC)
{
    unsigned size = M_BITS_32, unused = 64 - element_bits(size & 3);
    int64_t a = (int64_t)(V1->d[0] << unused), b = (int64_t)(V2->d[0] << unused);

    specification_unless(cpu, size <= DOUBLEWORDS);
    cpu->cc = (a > b) * 2u + (a < b);
}
DEFINE_OP(VECL)
{
    unsigned size = M_BITS_32, unused = 64 - element_bits(size & 3);
    uint64_t a = V1->d[0] << unused, b = V2->d[0] << unused;

    specification_unless(cpu, size <= DOUBLEWORDS);
    cpu->cc = (a > b) * 2u + (a < b);
}

#define EQUAL(U, S, x, y) (0 - ((x) == (y)))
#define HIGH(U, S, x, y) (0 - ((S)(x) > (S)(y)))
#define HIGH_LOGICAL(U, S, x, y) (0 - ((x) > (y)))

/* Ones where the comparison holds. With the rightmost bit of M5: 0 everywhere, 1 somewhere, 3 nowhere. */
#define COMPARISON(NAME, OPERATION) \
    DEFINE_OP(NAME) \
    { \
        ELEMENTWISE(M_BITS_32, OPERATION); \
        if (M_BITS_24 & 1) \
            cpu->cc = (V1->d[0] & V1->d[1]) == ~0ULL ? 0 : (V1->d[0] | V1->d[1]) ? 1 : 3; \
    }
COMPARISON(VCEQ, EQUAL)
COMPARISON(VCH, HIGH)
COMPARISON(VCHL, HIGH_LOGICAL)
