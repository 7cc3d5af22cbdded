/* SPDX-License-Identifier: MIT */
/** Boolean connectives, bit tests and bit counts (PoP ch. 7). */
#include "cpu/operands.h"

/* `expression` computes from a and b; the condition code says whether the result is zero. */
#define CONNECT(NAME, bits, first, second, expression) \
    DEFINE_OP(NAME) \
    { \
        uint##bits##_t b = (second), a = (first), v = (expression); \
        set_gr##bits(cpu, insn->r1, v); \
        cpu->cc = v != 0; \
    }
CONNECT(NR, 32, R1_32, R2_32, a & b)
CONNECT(NRK, 32, R2_32, R3_32, a & b)
CONNECT(N, 32, R1_32, X2_32, a & b)
CONNECT(NY, 32, R1_32, X2_32, a & b)
CONNECT(NGR, 64, R1_64, R2_64, a & b)
CONNECT(NGRK, 64, R2_64, R3_64, a & b)
CONNECT(NG, 64, R1_64, X2_64, a & b)
CONNECT(OR, 32, R1_32, R2_32, a | b)
CONNECT(ORK, 32, R2_32, R3_32, a | b)
CONNECT(O, 32, R1_32, X2_32, a | b)
CONNECT(OY, 32, R1_32, X2_32, a | b)
CONNECT(OGR, 64, R1_64, R2_64, a | b)
CONNECT(OGRK, 64, R2_64, R3_64, a | b)
CONNECT(OG, 64, R1_64, X2_64, a | b)
CONNECT(XR, 32, R1_32, R2_32, a ^ b)
CONNECT(XRK, 32, R2_32, R3_32, a ^ b)
CONNECT(X, 32, R1_32, X2_32, a ^ b)
CONNECT(XY, 32, R1_32, X2_32, a ^ b)
CONNECT(XGR, 64, R1_64, R2_64, a ^ b)
CONNECT(XGRK, 64, R2_64, R3_64, a ^ b)
CONNECT(XG, 64, R1_64, X2_64, a ^ b)
CONNECT(NCRK, 32, R2_32, R3_32, a & ~b)
CONNECT(NCGRK, 64, R2_64, R3_64, a & ~b)
CONNECT(OCRK, 32, R2_32, R3_32, a | ~b)
CONNECT(OCGRK, 64, R2_64, R3_64, a | ~b)
CONNECT(NNRK, 32, R2_32, R3_32, ~(a & b))
CONNECT(NNGRK, 64, R2_64, R3_64, ~(a & b))
CONNECT(NORK, 32, R2_32, R3_32, ~(a | b))
CONNECT(NOGRK, 64, R2_64, R3_64, ~(a | b))
CONNECT(NXRK, 32, R2_32, R3_32, ~(a ^ b))
CONNECT(NXGRK, 64, R2_64, R3_64, ~(a ^ b))

/* Immediates act on one field of the register; the condition code is that field's. */
#define AND_FIELD(NAME, immediate, shift, field) \
    DEFINE_OP(NAME) \
    { \
        uint64_t mask = (uint64_t)(field) << (shift); \
        uint64_t v = R1_64 & ((uint64_t)(immediate) << (shift) | ~mask); \
        set_gr64(cpu, insn->r1, v); \
        cpu->cc = (v & mask) != 0; \
    }
#define OR_FIELD(NAME, immediate, shift, field) \
    DEFINE_OP(NAME) \
    { \
        uint64_t v = R1_64 | (uint64_t)(immediate) << (shift); \
        set_gr64(cpu, insn->r1, v); \
        cpu->cc = (v & (uint64_t)(field) << (shift)) != 0; \
    }
#define XOR_FIELD(NAME, immediate, shift, field) \
    DEFINE_OP(NAME) \
    { \
        uint64_t v = R1_64 ^ (uint64_t)(immediate) << (shift); \
        set_gr64(cpu, insn->r1, v); \
        cpu->cc = (v & (uint64_t)(field) << (shift)) != 0; \
    }
AND_FIELD(NIHH, I2_U16, 48, 0xffff)
AND_FIELD(NIHL, I2_U16, 32, 0xffff)
AND_FIELD(NILH, I2_U16, 16, 0xffff)
AND_FIELD(NILL, I2_U16, 0, 0xffff)
AND_FIELD(NIHF, I2_U32, 32, 0xffffffff)
AND_FIELD(NILF, I2_U32, 0, 0xffffffff)
OR_FIELD(OIHH, I2_U16, 48, 0xffff)
OR_FIELD(OIHL, I2_U16, 32, 0xffff)
OR_FIELD(OILH, I2_U16, 16, 0xffff)
OR_FIELD(OILL, I2_U16, 0, 0xffff)
OR_FIELD(OIHF, I2_U32, 32, 0xffffffff)
OR_FIELD(OILF, I2_U32, 0, 0xffffffff)
XOR_FIELD(XIHF, I2_U32, 32, 0xffffffff)
XOR_FIELD(XILF, I2_U32, 0, 0xffffffff)

#define STORAGE_BYTE(NAME, operator) \
    DEFINE_OP(NAME) \
    { \
        struct span span = span_update(cpu, B2_ADDRESS, insn->b2, 1); \
        uint8_t v = (uint8_t)(*span.host[0] operator SI_U8); \
        *span.host[0] = v; \
        cpu->cc = v != 0; \
    }
STORAGE_BYTE(NI, &)
STORAGE_BYTE(NIY, &)
STORAGE_BYTE(OI, |)
STORAGE_BYTE(OIY, |)
STORAGE_BYTE(XI, ^)
STORAGE_BYTE(XIY, ^)

/* ---- Tests under mask -------------------------------------------------- */

static void test_byte(struct cpu *cpu, const struct insn *insn)
{
    uint8_t selected = B2_U8 & SI_U8;

    cpu->cc = selected == 0 ? 0 : selected == SI_U8 ? 3 : 1;
}
DEFINE_OP(TM) { test_byte(cpu, insn); }
DEFINE_OP(TMY) { test_byte(cpu, insn); }

static void test_halfword(struct cpu *cpu, uint16_t value, uint16_t mask)
{
    uint16_t selected = value & mask;

    if (selected == 0)
        cpu->cc = 0;
    else if (selected == mask)
        cpu->cc = 3;
    else /* by the leftmost bit the mask selects */
        cpu->cc = selected > (mask ^ selected) ? 2 : 1;
}
DEFINE_OP(TMHH) { test_halfword(cpu, (uint16_t)(R1_64 >> 48), I2_U16); }
DEFINE_OP(TMHL) { test_halfword(cpu, (uint16_t)(R1_64 >> 32), I2_U16); }
DEFINE_OP(TMLH) { test_halfword(cpu, (uint16_t)(R1_64 >> 16), I2_U16); }
DEFINE_OP(TMLL) { test_halfword(cpu, (uint16_t)R1_64, I2_U16); }

/* ---- Counts ------------------------------------------------------------ */

DEFINE_OP(FLOGR)
{
    uint64_t v = R2_64;
    unsigned zeros = v ? (unsigned)__builtin_clzll(v) : 64;

    set_gr64(cpu, insn->r1, zeros);
    set_gr64(cpu, insn->r1 + 1, v ? v & ~(BIT64(0) >> zeros) : 0);
    cpu->cc = v ? 2 : 0;
}

DEFINE_OP(POPCNT)
{
    uint64_t v = R2_64;

    if (insn->r3 & 8 && has_facility(cpu, FACILITY_MISC_3)) {
        v = (uint64_t)__builtin_popcountll(v);
    } else { /* one count per byte */
        v -= v >> 1 & 0x5555555555555555ULL;
        v = (v & 0x3333333333333333ULL) + (v >> 2 & 0x3333333333333333ULL);
        v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
    }
    set_gr64(cpu, insn->r1, v);
    cpu->cc = v != 0;
}

/* ---- Rotate then … selected bits --------------------------------------- */

/** Ones at bits `start` … `end` (PoP numbering in a doubleword), around the end when start > end. */
static uint64_t selected_bits(unsigned start, unsigned end)
{
    uint64_t from = ~0ULL >> start, to = ~0ULL << (63 - end);

    return start <= end ? from & to : from | to;
}
static uint64_t rotate_left64(uint64_t v, unsigned by)
{
    return v << (by & 63) | v >> (-by & 63);
}
#define I3_U8 ((unsigned)insn_field(insn, 16, 8))
#define I4_U8 ((unsigned)insn_field(insn, 24, 8))
#define I5_U8 ((unsigned)insn_field(insn, 32, 8))

static uint64_t rotate_insert(struct cpu *cpu, const struct insn *insn, uint64_t mask, uint64_t word)
{
    uint64_t old = I4_U8 & 0x80 ? R1_64 & ~word : R1_64;

    return (old & ~mask) | (rotate_left64(R2_64, I5_U8) & mask);
}
DEFINE_OP(RISBGN)
{
    set_gr64(cpu, insn->r1, rotate_insert(cpu, insn, selected_bits(I3_U8 & 63, I4_U8 & 63), ~0ULL));
}
DEFINE_OP(RISBG)
{
    op_RISBGN(cpu, insn);
    cpu->cc = cc_signed((int64_t)R1_64);
}
/* The word forms select among 32 bits, those of the rotated operand's same half. */
DEFINE_OP(RISBHG)
{
    unsigned start = I3_U8 & 31, end = I4_U8 & 31;
    uint64_t mask = start <= end ? selected_bits(start, end)
                                 : selected_bits(start, 31) | selected_bits(0, end);

    set_gr64(cpu, insn->r1, rotate_insert(cpu, insn, mask, 0xffffffffULL << 32));
}
DEFINE_OP(RISBLG)
{
    unsigned start = 32 + (I3_U8 & 31), end = 32 + (I4_U8 & 31);
    uint64_t mask = start <= end ? selected_bits(start, end)
                                 : selected_bits(start, 63) | selected_bits(32, end);

    set_gr64(cpu, insn->r1, rotate_insert(cpu, insn, mask, 0xffffffffULL));
}

#define ROTATE_CONNECT(NAME, expression) \
    DEFINE_OP(NAME) \
    { \
        uint64_t mask = selected_bits(I3_U8 & 63, I4_U8 & 63); \
        uint64_t a = R1_64, b = rotate_left64(R2_64, I5_U8), v = (expression) & mask; \
        if (!(I3_U8 & 0x80)) /* test-results control */ \
            set_gr64(cpu, insn->r1, (a & ~mask) | v); \
        cpu->cc = v != 0; \
    }
ROTATE_CONNECT(RNSBG, a & b)
ROTATE_CONNECT(ROSBG, a | b)
ROTATE_CONNECT(RXSBG, a ^ b)
