/* SPDX-License-Identifier: MIT */
/**
 * Interlocked updates (PoP ch. 7). CPUs take turns on one host thread, so each instruction
 * is interlocked by itself.
 */
#include "cpu/operands.h"

/* ---- COMPARE AND SWAP -------------------------------------------------- */

static void compare_and_swap32(struct cpu *cpu, const struct insn *insn)
{
    uint64_t address = B2_ADDRESS;
    uint8_t *host;
    uint32_t old;

    specification_unless_aligned(cpu, address, 4);
    host = span_update(cpu, address, insn->b2, 4).host[0];
    old = get_be32(host);
    cpu->cc = old != R1_32;
    if (cpu->cc)
        set_gr32(cpu, insn->r1, old);
    else
        put_be32(host, R3_32);
}
DEFINE_OP(CS) { compare_and_swap32(cpu, insn); }
DEFINE_OP(CSY) { compare_and_swap32(cpu, insn); }

DEFINE_OP(CSG)
{
    uint64_t address = B2_ADDRESS, old;
    uint8_t *host;

    specification_unless_aligned(cpu, address, 8);
    host = span_update(cpu, address, insn->b2, 8).host[0];
    old = get_be64(host);
    cpu->cc = old != R1_64;
    if (cpu->cc)
        set_gr64(cpu, insn->r1, old);
    else
        put_be64(host, R3_64);
}

static void compare_double_and_swap32(struct cpu *cpu, const struct insn *insn)
{
    uint64_t address = B2_ADDRESS;
    unsigned r1 = insn->r1, r3 = insn->r3;
    uint8_t *host;
    uint32_t high, low;

    specification_unless_aligned(cpu, address, 8);
    host = span_update(cpu, address, insn->b2, 8).host[0];
    high = get_be32(host);
    low = get_be32(host + 4);
    cpu->cc = high != gr32(cpu, r1) || low != gr32(cpu, r1 + 1);
    if (cpu->cc) {
        set_gr32(cpu, r1, high);
        set_gr32(cpu, r1 + 1, low);
    } else {
        put_be32(host, gr32(cpu, r3));
        put_be32(host + 4, gr32(cpu, r3 + 1));
    }
}
DEFINE_OP(CDS) { compare_double_and_swap32(cpu, insn); }
DEFINE_OP(CDSY) { compare_double_and_swap32(cpu, insn); }

DEFINE_OP(CDSG)
{
    uint64_t address = B2_ADDRESS, high, low;
    unsigned r1 = insn->r1, r3 = insn->r3;
    uint8_t *host;

    specification_unless_aligned(cpu, address, 16);
    host = span_update(cpu, address, insn->b2, 16).host[0];
    high = get_be64(host);
    low = get_be64(host + 8);
    cpu->cc = high != gr64(cpu, r1) || low != gr64(cpu, r1 + 1);
    if (cpu->cc) {
        set_gr64(cpu, r1, high);
        set_gr64(cpu, r1 + 1, low);
    } else {
        put_be64(host, gr64(cpu, r3));
        put_be64(host + 8, gr64(cpu, r3 + 1));
    }
}

DEFINE_OP(TS)
{
    uint8_t *host = span_update(cpu, B2_ADDRESS, insn->b2, 1).host[0];

    cpu->cc = *host >> 7;
    *host = 0xff;
}

/* ---- Load and … -------------------------------------------------------- */

/* The old second operand goes to r1, its combination with r3 to storage. */
#define LOAD_AND(NAME, bits, expression, cc_statement) \
    DEFINE_OP(NAME) \
    { \
        uint64_t address = B2_ADDRESS; \
        uint##bits##_t old, operand = gr##bits(cpu, insn->r3), v; \
        uint8_t *host; \
        specification_unless_aligned(cpu, address, bits / 8); \
        host = span_update(cpu, address, insn->b2, bits / 8).host[0]; \
        old = get_be##bits(host); \
        v = (expression); \
        put_be##bits(host, v); \
        set_gr##bits(cpu, insn->r1, old); \
        cc_statement; \
    }
LOAD_AND(LAN, 32, old & operand, cpu->cc = v != 0)
LOAD_AND(LANG, 64, old & operand, cpu->cc = v != 0)
LOAD_AND(LAO, 32, old | operand, cpu->cc = v != 0)
LOAD_AND(LAOG, 64, old | operand, cpu->cc = v != 0)
LOAD_AND(LAX, 32, old ^ operand, cpu->cc = v != 0)
LOAD_AND(LAXG, 64, old ^ operand, cpu->cc = v != 0)
LOAD_AND(LAAL, 32, logical_add32(cpu, old, operand), )
LOAD_AND(LAALG, 64, logical_add64(cpu, old, operand), )
LOAD_AND(LAA, 32, signed_add32(cpu, (int32_t)old, (int32_t)operand).value,
         if (cpu->cc == 3) fixed_point_overflow(cpu))
LOAD_AND(LAAG, 64, signed_add64(cpu, (int64_t)old, (int64_t)operand).value,
         if (cpu->cc == 3) fixed_point_overflow(cpu))

/* ---- Pairs ------------------------------------------------------------- */

DEFINE_OP(LPQ)
{
    uint64_t address = X2_ADDRESS;
    const uint8_t *host;

    specification_unless_aligned(cpu, address, 16);
    host = span_fetch(cpu, address, insn->b2, 16).host[0];
    set_gr64(cpu, insn->r1, get_be64(host));
    set_gr64(cpu, insn->r1 + 1, get_be64(host + 8));
}

DEFINE_OP(STPQ)
{
    uint64_t address = X2_ADDRESS;
    uint8_t *host;

    specification_unless_aligned(cpu, address, 16);
    host = span_store(cpu, address, insn->b2, 16).host[0];
    put_be64(host, gr64(cpu, insn->r1));
    put_be64(host + 8, gr64(cpu, insn->r1 + 1));
}

/* LOAD PAIR DISJOINT: no other CPU runs between the two fetches, so cc 0 always. */
DEFINE_OP(LPD)
{
    uint64_t first = B2_ADDRESS, second = effective_b4(cpu, insn);
    uint32_t a, b;

    specification_unless_aligned(cpu, first | second, 4);
    a = fetch32(cpu, first, BASE1);
    b = fetch32(cpu, second, BASE2);
    set_gr32(cpu, insn->r3, a);
    set_gr32(cpu, insn->r3 + 1, b);
    cpu->cc = 0;
}
DEFINE_OP(LPDG)
{
    uint64_t first = B2_ADDRESS, second = effective_b4(cpu, insn), a, b;

    specification_unless_aligned(cpu, first | second, 8);
    a = fetch64(cpu, first, BASE1);
    b = fetch64(cpu, second, BASE2);
    set_gr64(cpu, insn->r3, a);
    set_gr64(cpu, insn->r3 + 1, b);
    cpu->cc = 0;
}

/* ---- COMPARE AND SWAP AND STORE ---------------------------------------- */

/** Function code: bits 56-63 of general register 0; storage characteristic: bits 48-55. */
DEFINE_OP(CSST)
{
    unsigned function = gr32(cpu, 0) & 0xff, characteristic = gr32(cpu, 0) >> 8 & 0xff;
    bool extended = has_facility(cpu, FACILITY_CSST_2);
    uint64_t first = B2_ADDRESS, second = effective_b4(cpu, insn), list = address_in(cpu, 1) & ~15ULL;
    unsigned r3 = insn->r3, bytes, stored;
    uint8_t comparand[16], parameters[32], old[16];
    struct span target, store;

    specification_unless(cpu, function <= (extended ? 2 : 1) && characteristic <= (extended ? 4u : 3u));
    specification_unless(cpu, function != 2 || r3 % 2 == 0);
    bytes = 4u << function;
    stored = 1u << characteristic;
    specification_unless_aligned(cpu, first, bytes);
    specification_unless_aligned(cpu, second, stored);
    fetch_bytes(cpu, list, 1, parameters, 32);
    target = span_update(cpu, first, BASE1, bytes);
    store = span_store(cpu, second, BASE2, stored);
    if (bytes == 4) {
        put_be32(comparand, gr32(cpu, r3));
    } else {
        put_be64(comparand, gr64(cpu, r3));
        put_be64(comparand + 8, gr64(cpu, (r3 + 1) & 15));
    }
    span_read(&target, old);
    cpu->cc = memcmp(old, comparand, bytes) != 0;
    if (cpu->cc == 0) {
        span_write(&target, parameters);
        span_write(&store, parameters + 16);
    } else if (bytes == 4) {
        set_gr32(cpu, r3, get_be32(old));
    } else {
        set_gr64(cpu, r3, get_be64(old));
        if (bytes == 16)
            set_gr64(cpu, r3 + 1, get_be64(old + 8));
    }
}
