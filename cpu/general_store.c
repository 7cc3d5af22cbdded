/* SPDX-License-Identifier: MIT */
/** Stores from general registers and of immediates, multiple loads and stores (PoP ch. 7). */
#include "cpu/operands.h"

#define STORE(NAME, bits, value) \
    DEFINE_OP(NAME) { store##bits(cpu, X2_ADDRESS, insn->b2, (uint##bits##_t)(value)); }
STORE(ST, 32, R1_32)
STORE(STY, 32, R1_32)
STORE(STG, 64, R1_64)
STORE(STH, 16, R1_32)
STORE(STHY, 16, R1_32)
STORE(STC, 8, R1_32)
STORE(STCY, 8, R1_32)
STORE(STFH, 32, R1_HIGH)
STORE(STHH, 16, R1_HIGH)
STORE(STCH, 8, R1_HIGH)
STORE(STRV, 32, __builtin_bswap32(R1_32))
STORE(STRVG, 64, __builtin_bswap64(R1_64))
STORE(STRVH, 16, __builtin_bswap16((uint16_t)R1_32))

DEFINE_OP(STRL) { store_relative(cpu, insn, 4, R1_32); }
DEFINE_OP(STGRL) { store_relative(cpu, insn, 8, R1_64); }
DEFINE_OP(STHRL) { store_relative(cpu, insn, 2, R1_32); }

#define STORE_IMMEDIATE(NAME, bits, value) \
    DEFINE_OP(NAME) { store##bits(cpu, B2_ADDRESS, insn->b2, (uint##bits##_t)(value)); }
STORE_IMMEDIATE(MVI, 8, SI_U8)
STORE_IMMEDIATE(MVIY, 8, SI_U8)
STORE_IMMEDIATE(MVHHI, 16, SIL_S16)
STORE_IMMEDIATE(MVHI, 32, SIL_S16)
STORE_IMMEDIATE(MVGHI, 64, SIL_S16)

static void store_under_mask(struct cpu *cpu, const struct insn *insn, uint32_t word)
{
    unsigned mask = insn->r3, count = 0;
    uint8_t bytes[4];

    for (unsigned i = 0; i < 4; i++)
        if (mask & 8 >> i)
            bytes[count++] = (uint8_t)(word >> (24 - 8 * i));
    if (count)
        store_bytes(cpu, B2_ADDRESS, insn->b2, bytes, count);
    else
        span_fetch(cpu, B2_ADDRESS, insn->b2, 1); /* the byte designated is accessed and stays as it is */
}
DEFINE_OP(STCM) { store_under_mask(cpu, insn, R1_32); }
DEFINE_OP(STCMY) { store_under_mask(cpu, insn, R1_32); }
DEFINE_OP(STCMH) { store_under_mask(cpu, insn, R1_HIGH); }

/* ---- Multiple -------------------------------------------------------- */

/** Registers r1 … r3, wrapping at 15. */
static unsigned register_count(const struct insn *insn)
{
    return ((insn->r3 - insn->r1) & 15u) + 1;
}

static void load_multiple32(struct cpu *cpu, const struct insn *insn, bool high)
{
    unsigned count = register_count(insn);
    uint8_t bytes[64];

    fetch_bytes(cpu, B2_ADDRESS, insn->b2, bytes, 4 * count);
    for (unsigned i = 0; i < count; i++) {
        unsigned r = (insn->r1 + i) & 15;

        if (high)
            set_gr_high(cpu, r, get_be32(bytes + 4 * i));
        else
            set_gr32(cpu, r, get_be32(bytes + 4 * i));
    }
}
DEFINE_OP(LM) { load_multiple32(cpu, insn, false); }
DEFINE_OP(LMY) { load_multiple32(cpu, insn, false); }
DEFINE_OP(LMH) { load_multiple32(cpu, insn, true); }

DEFINE_OP(LMG)
{
    unsigned count = register_count(insn);
    struct span span = span_fetch(cpu, B2_ADDRESS, insn->b2, 8 * count);
    uint8_t bytes[128];
    const uint8_t *from = span.host[0];

    if (unlikely(span.bytes[1])) {
        span_read(&span, bytes);
        from = bytes;
    }
    for (unsigned i = 0; i < count; i++)
        set_gr64(cpu, (insn->r1 + i) & 15, get_be64(from + 8 * i));
}

DEFINE_OP(LMD)
{
    unsigned count = register_count(insn);
    uint8_t high[64], low[64];

    fetch_bytes(cpu, B2_ADDRESS, BASE1, high, 4 * count);
    fetch_bytes(cpu, effective_b4(cpu, insn), BASE2, low, 4 * count);
    for (unsigned i = 0; i < count; i++)
        set_gr64(cpu, (insn->r1 + i) & 15, (uint64_t)get_be32(high + 4 * i) << 32 | get_be32(low + 4 * i));
}

static void store_multiple32(struct cpu *cpu, const struct insn *insn, bool high)
{
    unsigned count = register_count(insn);
    uint8_t bytes[64];

    for (unsigned i = 0; i < count; i++) {
        unsigned r = (insn->r1 + i) & 15;

        put_be32(bytes + 4 * i, high ? gr_high(cpu, r) : gr32(cpu, r));
    }
    store_bytes(cpu, B2_ADDRESS, insn->b2, bytes, 4 * count);
}
DEFINE_OP(STM) { store_multiple32(cpu, insn, false); }
DEFINE_OP(STMY) { store_multiple32(cpu, insn, false); }
DEFINE_OP(STMH) { store_multiple32(cpu, insn, true); }

DEFINE_OP(STMG)
{
    unsigned count = register_count(insn);
    struct span span = span_store(cpu, B2_ADDRESS, insn->b2, 8 * count);
    uint8_t bytes[128];
    uint8_t *to = span.bytes[1] ? bytes : span.host[0];

    for (unsigned i = 0; i < count; i++)
        put_be64(to + 8 * i, gr64(cpu, (insn->r1 + i) & 15));
    if (unlikely(to == bytes))
        span_write(&span, bytes);
}

/* ---- Access registers ------------------------------------------------ */

DEFINE_OP(EAR) { set_gr32(cpu, insn->r1, cpu->ar[insn->r2]); }
DEFINE_OP(SAR) { cpu->ar[insn->r1] = R2_32; }
DEFINE_OP(CPYA) { cpu->ar[insn->r1] = cpu->ar[insn->r2]; }

static void load_access_multiple(struct cpu *cpu, const struct insn *insn)
{
    uint64_t address = B2_ADDRESS;
    unsigned count = register_count(insn);
    uint8_t bytes[64];

    specification_unless_aligned(cpu, address, 4);
    fetch_bytes(cpu, address, insn->b2, bytes, 4 * count);
    for (unsigned i = 0; i < count; i++)
        cpu->ar[(insn->r1 + i) & 15] = get_be32(bytes + 4 * i);
}
DEFINE_OP(LAM) { load_access_multiple(cpu, insn); }
DEFINE_OP(LAMY) { load_access_multiple(cpu, insn); }

static void store_access_multiple(struct cpu *cpu, const struct insn *insn)
{
    uint64_t address = B2_ADDRESS;
    unsigned count = register_count(insn);
    uint8_t bytes[64];

    specification_unless_aligned(cpu, address, 4);
    for (unsigned i = 0; i < count; i++)
        put_be32(bytes + 4 * i, cpu->ar[(insn->r1 + i) & 15]);
    store_bytes(cpu, address, insn->b2, bytes, 4 * count);
}
DEFINE_OP(STAM) { store_access_multiple(cpu, insn); }
DEFINE_OP(STAMY) { store_access_multiple(cpu, insn); }
