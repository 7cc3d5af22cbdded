/* SPDX-License-Identifier: MIT */
/** Vector and floating-point registers: loads, stores, moves and logic, which C libraries are full of. */
#include "cpu/fast.h"
#include "cpu/vector.h"

#define V(r) cpu->vr[r]
#define LONG(r) cpu->vr[r].d[0]
#define SHORT(r) VW(&cpu->vr[r], 0)

#define LOAD(NAME, bytes, action) \
    HANDLER(NAME) \
    { \
        uint64_t la = ADDRESS_X2; \
        PROBE(NAME, p, la, bytes, fetch); \
        action; \
        NEXT; \
    }
#define STORE(NAME, bytes, action) STORING_HANDLER(NAME, ADDRESS_X2, bytes, action)

/* ---- Floating-point registers ----------------------------------------------- */

LOAD(LE, 4, SHORT(insn->r1) = get_be32(p))
LOAD(LEY, 4, SHORT(insn->r1) = get_be32(p))
LOAD(LD, 8, LONG(insn->r1) = get_be64(p))
LOAD(LDY, 8, LONG(insn->r1) = get_be64(p))
STORE(STE, 4, put_be32(p, SHORT(insn->r1)))
STORE(STEY, 4, put_be32(p, SHORT(insn->r1)))
STORE(STD, 8, put_be64(p, LONG(insn->r1)))
STORE(STDY, 8, put_be64(p, LONG(insn->r1)))

#define MOVE(NAME, action) \
    HANDLER(NAME) \
    { \
        action; \
        NEXT; \
    }
MOVE(LER, SHORT(insn->r1) = SHORT(insn->r2))
MOVE(LDR, LONG(insn->r1) = LONG(insn->r2))
MOVE(LGDR, G(insn->r1) = LONG(insn->r2))
MOVE(LDGR, LONG(insn->r1) = G(insn->r2))

/* ---- Whole vectors ------------------------------------------------------------ */

LOAD(VL, 16, V(insn->r1) = vector_from(p))
STORE(VST, 16, vector_to(p, &V(insn->r1)))
MOVE(VLR, V(insn->r1) = V(insn->r2))
MOVE(VLVGP, V(insn->r1) = ((union vector_register){.d = {G(insn->r2), G(insn->r3)}}))

HANDLER(VLM)
{
    uint64_t la = ADDRESS_B2;
    unsigned last = insn->r3 - insn->r1;
    if (unlikely(last > 15))
        GENERIC(VLM);
    PROBE(VLM, p, la, 16 * last + 16, fetch);

    for (unsigned i = 0; i <= last; i++)
        V(insn->r1 + i) = vector_from(p + 16 * i);
    NEXT;
}

HANDLER(VSTM)
{
    uint64_t la = ADDRESS_B2;
    unsigned last = insn->r3 - insn->r1;
    if (unlikely(last > 15))
        GENERIC(VSTM);
    PROBE(VSTM, p, la, 16 * last + 16, store);

    for (unsigned i = 0; i <= last; i++)
        vector_to(p + 16 * i, &V(insn->r1 + i));
    NEXT;
}

/** The leftmost 1-16 bytes at `p` and zeros, reading beyond them but within the host's block. */
static inline union vector_register leftmost(const uint8_t *p, uint64_t la, unsigned bytes)
{
    unsigned offset = la & (PAGE_BYTES - 1), back = offset > PAGE_BYTES - 16 ? offset - (PAGE_BYTES - 16) : 0;
    unsigned dropped = 8 * (16 - bytes);
    union vector_register v = vector_from(p - back);

    return vector_of(quadword(&v) << 8 * back >> dropped << dropped);
}

HANDLER(VLL)
{
    uint64_t la = ADDRESS_B2;
    unsigned bytes = bytes_of_index(GL(insn->r3));
    PROBE(VLL, p, la, bytes, fetch);

    V(insn->r1) = leftmost(p, la, bytes);
    NEXT;
}

HANDLER(VLBB)
{
    uint64_t la = ADDRESS_X2;
    unsigned bytes = bytes_to_boundary(la, insn->r3);
    if (unlikely(insn->r3 > 6))
        GENERIC(VLBB);
    PROBE(VLBB, p, la, bytes, fetch);

    V(insn->r1) = leftmost(p, la, bytes);
    NEXT;
}

/* ---- Elements ------------------------------------------------------------------- */

#define M4 ((unsigned)(insn->text >> 28) & 15)

HANDLER(VLGV)
{
    const union vector_register *v = &V(insn->r3);
    unsigned i = (unsigned)ADDRESS_B2;
    uint64_t value;

    switch (M4) {
    case BYTES: value = VB(v, i & 15); break;
    case HALFWORDS: value = VH(v, i & 7); break;
    case WORDS: value = VW(v, i & 3); break;
    case DOUBLEWORDS: value = VD(v, i & 1); break;
    default: GENERIC(VLGV);
    }
    G(insn->r1) = value;
    NEXT;
}

HANDLER(VLVG)
{
    union vector_register *v = &V(insn->r1);
    unsigned i = (unsigned)ADDRESS_B2;
    uint64_t value = G(insn->r3);

    switch (M4) {
    case BYTES: VB(v, i & 15) = (uint8_t)value; break;
    case HALFWORDS: VH(v, i & 7) = (uint16_t)value; break;
    case WORDS: VW(v, i & 3) = (uint32_t)value; break;
    case DOUBLEWORDS: VD(v, i & 1) = value; break;
    default: GENERIC(VLVG);
    }
    NEXT;
}

/* ---- Logic ---------------------------------------------------------------------- */

#define LOGIC(NAME, operator) \
    HANDLER(NAME) \
    { \
        uint64_t left = V(insn->r2).d[0] operator V(insn->r3).d[0]; \
        V(insn->r1).d[1] = V(insn->r2).d[1] operator V(insn->r3).d[1]; \
        V(insn->r1).d[0] = left; \
        NEXT; \
    }
LOGIC(VN, &)
LOGIC(VO, |)
LOGIC(VX, ^)
