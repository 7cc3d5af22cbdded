/* SPDX-License-Identifier: MIT */
/** Loads and stores. */
#include "cpu/access.h"
#include "cpu/fast.h"

#define LOAD(NAME, address, bytes, assign) \
    HANDLER(NAME) \
    { \
        uint64_t la = address; \
        PROBE(NAME, p, la, bytes, fetch); \
        assign; \
        NEXT; \
    }
LOAD(L, ADDRESS_X2, 4, GL(insn->r1) = get_be32(p))
LOAD(LY, ADDRESS_X2, 4, GL(insn->r1) = get_be32(p))
LOAD(LG, ADDRESS_X2, 8, G(insn->r1) = get_be64(p))
LOAD(LGF, ADDRESS_X2, 4, G(insn->r1) = (uint64_t)(int32_t)get_be32(p))
LOAD(LLGF, ADDRESS_X2, 4, G(insn->r1) = get_be32(p))
LOAD(LH, ADDRESS_X2, 2, GL(insn->r1) = (uint32_t)(int16_t)get_be16(p))
LOAD(LHY, ADDRESS_X2, 2, GL(insn->r1) = (uint32_t)(int16_t)get_be16(p))
LOAD(LGH, ADDRESS_X2, 2, G(insn->r1) = (uint64_t)(int16_t)get_be16(p))
LOAD(LLH, ADDRESS_X2, 2, GL(insn->r1) = get_be16(p))
LOAD(LLGH, ADDRESS_X2, 2, G(insn->r1) = get_be16(p))
LOAD(LB, ADDRESS_X2, 1, GL(insn->r1) = (uint32_t)(int8_t)*p)
LOAD(LGB, ADDRESS_X2, 1, G(insn->r1) = (uint64_t)(int8_t)*p)
LOAD(LLC, ADDRESS_X2, 1, GL(insn->r1) = *p)
LOAD(LLGC, ADDRESS_X2, 1, G(insn->r1) = *p)
LOAD(IC, ADDRESS_X2, 1, GL(insn->r1) = (GL(insn->r1) & ~0xffu) | *p)
LOAD(ICY, ADDRESS_X2, 1, GL(insn->r1) = (GL(insn->r1) & ~0xffu) | *p)
LOAD(LRV, ADDRESS_X2, 4, GL(insn->r1) = __builtin_bswap32(get_be32(p)))
LOAD(LRVG, ADDRESS_X2, 8, G(insn->r1) = __builtin_bswap64(get_be64(p)))
LOAD(LT, ADDRESS_X2, 4, GL(insn->r1) = get_be32(p); cpu->cc = CC_SIGN((int32_t)GL(insn->r1)))
LOAD(LTG, ADDRESS_X2, 8, G(insn->r1) = get_be64(p); cpu->cc = CC_SIGN((int64_t)G(insn->r1)))
LOAD(LTGF, ADDRESS_X2, 4, G(insn->r1) = (uint64_t)(int32_t)get_be32(p); cpu->cc = CC_SIGN((int64_t)G(insn->r1)))

/* Relative forms need natural alignment: odd ones go to the generic handler. */
#define LOAD_RELATIVE(NAME, bytes, assign) \
    HANDLER(NAME) \
    { \
        uint64_t la = insn_relative_base(cpu, insn) + (uint64_t)insn->imm; \
        if (unlikely(la & ((bytes) - 1))) \
            GENERIC(NAME); \
        PROBE(NAME, p, la, bytes, fetch); \
        assign; \
        NEXT; \
    }
LOAD_RELATIVE(LRL, 4, GL(insn->r1) = get_be32(p))
LOAD_RELATIVE(LGRL, 8, G(insn->r1) = get_be64(p))
LOAD_RELATIVE(LGFRL, 4, G(insn->r1) = (uint64_t)(int32_t)get_be32(p))
LOAD_RELATIVE(LLGFRL, 4, G(insn->r1) = get_be32(p))

HANDLER(LARL)
{
    G(insn->r1) = insn_relative_base(cpu, insn) + (uint64_t)insn->imm;
    NEXT;
}
HANDLER(LA)
{
    G(insn->r1) = ADDRESS_X2;
    NEXT;
}
HANDLER(LAY)
{
    G(insn->r1) = ADDRESS_X2;
    NEXT;
}

#define STORE(NAME, address, bytes, put) STORING_HANDLER(NAME, address, bytes, put)
STORE(ST, ADDRESS_X2, 4, put_be32(p, GL(insn->r1)))
STORE(STY, ADDRESS_X2, 4, put_be32(p, GL(insn->r1)))
STORE(STG, ADDRESS_X2, 8, put_be64(p, G(insn->r1)))
STORE(STH, ADDRESS_X2, 2, put_be16(p, (uint16_t)GL(insn->r1)))
STORE(STHY, ADDRESS_X2, 2, put_be16(p, (uint16_t)GL(insn->r1)))
STORE(STC, ADDRESS_X2, 1, *p = (uint8_t)GL(insn->r1))
STORE(STCY, ADDRESS_X2, 1, *p = (uint8_t)GL(insn->r1))
STORE(MVI, ADDRESS_B2, 1, *p = insn->r1)
STORE(MVIY, ADDRESS_B2, 1, *p = insn->r1)
STORE(MVHHI, ADDRESS_B2, 2, put_be16(p, (uint16_t)insn_field(insn, 32, 16)))
STORE(MVHI, ADDRESS_B2, 4, put_be32(p, (uint32_t)(int16_t)insn_field(insn, 32, 16)))
STORE(MVGHI, ADDRESS_B2, 8, put_be64(p, (uint64_t)(int16_t)insn_field(insn, 32, 16)))

#define STORE_RELATIVE(NAME, bytes, put) \
    STORING_HANDLER(NAME, insn_relative_base(cpu, insn) + (uint64_t)insn->imm, bytes, \
                    if (unlikely(la & ((bytes) - 1))) GENERIC(NAME); put)
STORE_RELATIVE(STRL, 4, put_be32(p, GL(insn->r1)))
STORE_RELATIVE(STGRL, 8, put_be64(p, G(insn->r1)))

HANDLER(LMG)
{
    uint64_t la = ADDRESS_B2;
    unsigned last = (insn->r3 - insn->r1) & 15;
    PROBE(LMG, p, la, 8 * last + 8, fetch);

    for (unsigned i = 0; i <= last; i++)
        cpu->gr[(insn->r1 + i) & 15].d = get_be64(p + 8 * i);
    NEXT;
}

HANDLER(STMG)
{
    uint64_t la = ADDRESS_B2;
    unsigned last = (insn->r3 - insn->r1) & 15;
    PROBE(STMG, p, la, 8 * last + 8, store);

    for (unsigned i = 0; i <= last; i++)
        put_be64(p + 8 * i, cpu->gr[(insn->r1 + i) & 15].d);
    NEXT;
}

/* Move: operands that overlap destructively go byte by byte (PoP: left to right). */
HANDLER(MVC)
{
    uint64_t to = ADDRESS_B2, from = G(insn_base(insn, 32)) + insn_field(insn, 36, 12);
    unsigned bytes = insn->r1 + 1u;
    PROBE(MVC, d, to, bytes, store);
    PROBE(MVC, s, from, bytes, fetch);

    if (d == s + 1)
        memset(d, *s, bytes);
    else if (unlikely(d > s && d < s + bytes))
        GENERIC(MVC);
    else if (bytes == 8)
        memcpy(d, s, 8);
    else
        memmove(d, s, bytes);
    NEXT;
}

#define ON_CONDITION (insn->r3 << cpu->cc & 8)
HANDLER(LOCR)
{
    if (ON_CONDITION)
        GL(insn->r1) = GL(insn->r2);
    NEXT;
}
HANDLER(LOCGR)
{
    if (ON_CONDITION)
        G(insn->r1) = G(insn->r2);
    NEXT;
}
#ifndef SIENNA_FUSED
/* The operand is always probed, loaded on condition. */
LOAD(LOC, ADDRESS_B2, 4, if (ON_CONDITION) GL(insn->r1) = get_be32(p))
LOAD(LOCG, ADDRESS_B2, 8, if (ON_CONDITION) G(insn->r1) = get_be64(p))
#endif
