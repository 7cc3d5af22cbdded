/* SPDX-License-Identifier: MIT */
/** Loads of general registers and insertions into them (PoP ch. 7). */
#include "cpu/operands.h"

/* An exception while `value` is evaluated leaves the register as it was. */
#define LOAD_32(NAME, value) DEFINE_OP(NAME) { set_gr32(cpu, insn->r1, (uint32_t)(value)); }
#define LOAD_64(NAME, value) DEFINE_OP(NAME) { set_gr64(cpu, insn->r1, (uint64_t)(value)); }
#define LOAD_HIGH(NAME, value) DEFINE_OP(NAME) { set_gr_high(cpu, insn->r1, (uint32_t)(value)); }

LOAD_32(LR, R2_32)
LOAD_32(L, X2_32)
LOAD_32(LY, X2_32)
LOAD_32(LRL, REL_32)
LOAD_32(LHI, I2_S32)
LOAD_32(LH, X2_S16)
LOAD_32(LHY, X2_S16)
LOAD_32(LHRL, REL_S16)
LOAD_32(LHR, R2_S16)
LOAD_32(LB, X2_S8)
LOAD_32(LBR, R2_S8)
LOAD_32(LLC, X2_U8)
LOAD_32(LLCR, R2_U8)
LOAD_32(LLH, X2_U16)
LOAD_32(LLHR, R2_U16)
LOAD_32(LLHRL, REL_U16)
LOAD_32(IILF, I2_U32)
LOAD_32(LZRF, X2_32 & ~0xffU)

LOAD_64(LGR, R2_64)
LOAD_64(LG, X2_64)
LOAD_64(LGRL, REL_64)
LOAD_64(LGHI, I2_S64)
LOAD_64(LGFI, I2_S64)
LOAD_64(LGF, X2_S32)
LOAD_64(LGFR, R2_S32)
LOAD_64(LGFRL, REL_S32)
LOAD_64(LGH, X2_S16)
LOAD_64(LGHR, R2_S16)
LOAD_64(LGHRL, REL_S16)
LOAD_64(LGB, X2_S8)
LOAD_64(LGBR, R2_S8)
LOAD_64(LLGF, X2_32)
LOAD_64(LLGFR, R2_32)
LOAD_64(LLGFRL, REL_32)
LOAD_64(LLGH, X2_U16)
LOAD_64(LLGHR, R2_U16)
LOAD_64(LLGHRL, REL_U16)
LOAD_64(LLGC, X2_U8)
LOAD_64(LLGCR, R2_U8)
LOAD_64(LLGT, X2_32 & 0x7fffffffU)
LOAD_64(LLGTR, R2_32 & 0x7fffffffU)
LOAD_64(LLIHH, (uint64_t)I2_U16 << 48)
LOAD_64(LLIHL, (uint64_t)I2_U16 << 32)
LOAD_64(LLILH, (uint64_t)I2_U16 << 16)
LOAD_64(LLILL, I2_U16)
LOAD_64(LLIHF, (uint64_t)I2_U32 << 32)
LOAD_64(LLILF, I2_U32)
LOAD_64(LZRG, X2_64 & ~0xffULL)
LOAD_64(LLZRGF, X2_32 & ~0xffU)

LOAD_HIGH(LFH, X2_32)
LOAD_HIGH(LBH, X2_S8)
LOAD_HIGH(LHH, X2_S16)
LOAD_HIGH(LLCH, X2_U8)
LOAD_HIGH(LLHH, X2_U16)
LOAD_HIGH(IIHF, I2_U32)

LOAD_32(LRVR, __builtin_bswap32(R2_32))
LOAD_32(LRV, __builtin_bswap32(X2_32))
LOAD_64(LRVGR, __builtin_bswap64(R2_64))
LOAD_64(LRVG, __builtin_bswap64(X2_64))
DEFINE_OP(LRVH)
{
    uint16_t half = X2_U16;

    set_gr32(cpu, insn->r1, (R1_32 & 0xffff0000U) | __builtin_bswap16(half));
}

/* Insert: bits of the register outside the field stay. */
#define INSERT(NAME, value, shift, field) \
    DEFINE_OP(NAME) \
    { \
        uint64_t inserted = (uint64_t)(value) << (shift); \
        set_gr64(cpu, insn->r1, (R1_64 & ~((uint64_t)(field) << (shift))) | inserted); \
    }
INSERT(IC, X2_U8, 0, 0xff)
INSERT(ICY, X2_U8, 0, 0xff)
INSERT(IIHH, I2_U16, 48, 0xffff)
INSERT(IIHL, I2_U16, 32, 0xffff)
INSERT(IILH, I2_U16, 16, 0xffff)
INSERT(IILL, I2_U16, 0, 0xffff)

/** The bytes of `word` that the mask selects, replaced by those at the second operand; sets the cc. */
static uint32_t insert_under_mask(struct cpu *cpu, const struct insn *insn, uint32_t word)
{
    unsigned mask = insn->r3, count = (unsigned)__builtin_popcount(mask), at = 0;
    uint8_t bytes[4];
    uint32_t selected = 0;

    /* Access exceptions count for one byte even when the mask is zero. */
    fetch_bytes(cpu, B2_ADDRESS, insn->b2, bytes, count ? count : 1);
    for (unsigned i = 0; i < 4; i++) {
        unsigned shift = 24 - 8 * i;

        if (!(mask & 8 >> i))
            continue;
        word = (word & ~(0xffU << shift)) | (uint32_t)bytes[at] << shift;
        selected |= bytes[at++];
    }
    if (selected == 0)
        cpu->cc = 0;
    else
        cpu->cc = bytes[0] & 0x80 ? 1 : 2;
    return word;
}
DEFINE_OP(ICM) { set_gr32(cpu, insn->r1, insert_under_mask(cpu, insn, R1_32)); }
DEFINE_OP(ICMY) { set_gr32(cpu, insn->r1, insert_under_mask(cpu, insn, R1_32)); }
DEFINE_OP(ICMH) { set_gr_high(cpu, insn->r1, insert_under_mask(cpu, insn, R1_HIGH)); }

/* Load and trap: the register is loaded, then a zero value is a data exception, DXC FF. */
#define LOAD_TRAP(NAME, load, value) \
    DEFINE_OP(NAME) \
    { \
        uint64_t v = (value); \
        load; \
        if (v == 0) \
            data_exception(cpu, 0xff); \
    }
LOAD_TRAP(LAT, set_gr32(cpu, insn->r1, (uint32_t)v), X2_32)
LOAD_TRAP(LGAT, set_gr64(cpu, insn->r1, v), X2_64)
LOAD_TRAP(LFHAT, set_gr_high(cpu, insn->r1, (uint32_t)v), X2_32)
LOAD_TRAP(LLGFAT, set_gr64(cpu, insn->r1, v), X2_32)
LOAD_TRAP(LLGTAT, set_gr64(cpu, insn->r1, v), X2_32 & 0x7fffffffU)

/* Load and test. */
#define LOAD_TEST_32(NAME, value) \
    DEFINE_OP(NAME) \
    { \
        int32_t v = (int32_t)(value); \
        set_gr32(cpu, insn->r1, (uint32_t)v); \
        cpu->cc = cc_signed(v); \
    }
#define LOAD_TEST_64(NAME, value) \
    DEFINE_OP(NAME) \
    { \
        int64_t v = (int64_t)(value); \
        set_gr64(cpu, insn->r1, (uint64_t)v); \
        cpu->cc = cc_signed(v); \
    }
LOAD_TEST_32(LTR, R2_32)
LOAD_TEST_32(LT, X2_32)
LOAD_TEST_64(LTGR, R2_64)
LOAD_TEST_64(LTG, X2_64)
LOAD_TEST_64(LTGFR, R2_S32)
LOAD_TEST_64(LTGF, X2_S32)

/* Load positive, negative, complement. Only the most negative number overflows. */
#define LOAD_COMPLEMENT(NAME, bits, value) \
    DEFINE_OP(NAME) \
    { \
        int##bits##_t v = (int##bits##_t)(value); \
        set_gr##bits(cpu, insn->r1, 0 - (uint##bits##_t)v); \
        cpu->cc = v == INT##bits##_MIN ? 3 : cc_signed(-v); \
        if (v == INT##bits##_MIN) \
            fixed_point_overflow(cpu); \
    }
LOAD_COMPLEMENT(LCR, 32, R2_32)
LOAD_COMPLEMENT(LCGR, 64, R2_64)
LOAD_COMPLEMENT(LCGFR, 64, R2_S32)

#define LOAD_POSITIVE(NAME, bits, value) \
    DEFINE_OP(NAME) \
    { \
        int##bits##_t v = (int##bits##_t)(value); \
        uint##bits##_t magnitude = v < 0 ? 0 - (uint##bits##_t)v : (uint##bits##_t)v; \
        set_gr##bits(cpu, insn->r1, magnitude); \
        cpu->cc = v == INT##bits##_MIN ? 3 : (v != 0) * 2u; \
        if (v == INT##bits##_MIN) \
            fixed_point_overflow(cpu); \
    }
LOAD_POSITIVE(LPR, 32, R2_32)
LOAD_POSITIVE(LPGR, 64, R2_64)
LOAD_POSITIVE(LPGFR, 64, R2_S32)

#define LOAD_NEGATIVE(NAME, bits, value) \
    DEFINE_OP(NAME) \
    { \
        int##bits##_t v = (int##bits##_t)(value); \
        set_gr##bits(cpu, insn->r1, v > 0 ? 0 - (uint##bits##_t)v : (uint##bits##_t)v); \
        cpu->cc = v != 0; \
    }
LOAD_NEGATIVE(LNR, 32, R2_32)
LOAD_NEGATIVE(LNGR, 64, R2_64)
LOAD_NEGATIVE(LNGFR, 64, R2_S32)

/* ---- Addresses ------------------------------------------------------- */

DEFINE_OP(LA) { set_gr_address(cpu, insn->r1, X2_ADDRESS); }
DEFINE_OP(LAY) { set_gr_address(cpu, insn->r1, X2_ADDRESS); }
DEFINE_OP(LARL) { set_gr_address(cpu, insn->r1, effective_relative(cpu, insn)); }

/** LOAD ADDRESS EXTENDED: the access register names the space that the address belongs to. */
static void load_address_extended(struct cpu *cpu, const struct insn *insn)
{
    uint64_t address = X2_ADDRESS;
    uint32_t alet = 0;

    switch (cpu->psw_mask >> PSW_AS_SHIFT & 3) {
    case SPACE_ACCESS_REGISTER:
        alet = insn->b2 == 16 ? 0 : cpu->ar[insn->b2];
        break;
    case SPACE_SECONDARY:
        alet = 1;
        break;
    case SPACE_HOME:
        alet = 2;
        break;
    }
    set_gr_address(cpu, insn->r1, address);
    cpu->ar[insn->r1] = alet;
}
DEFINE_OP(LAE) { load_address_extended(cpu, insn); }
DEFINE_OP(LAEY) { load_address_extended(cpu, insn); }

/* ---- Relative-long operands ------------------------------------------ */

/** Instructions come from the primary space except in home-space mode; so do relative operands. */
static unsigned relative_space(const struct cpu *cpu)
{
    if (!(cpu->psw_mask & PSW_DAT))
        return SPACE_REAL;
    return operand_space(cpu) == SPACE_HOME ? SPACE_HOME : SPACE_PRIMARY;
}

uint64_t fetch_relative(struct cpu *cpu, const struct insn *insn, unsigned bytes)
{
    uint64_t address = effective_relative(cpu, insn);

    specification_unless_aligned(cpu, address, bytes);
    if (unlikely(relative_space(cpu) != operand_space(cpu))) {
        struct span span = span_in_space(cpu, relative_space(cpu), 0, access_key(cpu), address, bytes,
                                         ACCESS_FETCH);
        uint8_t value[8];

        span_read(&span, value);
        return bytes == 8 ? get_be64(value) : bytes == 4 ? get_be32(value) : get_be16(value);
    }
    return bytes == 8 ? fetch64(cpu, address, 16) : bytes == 4 ? fetch32(cpu, address, 16)
                                                               : fetch16(cpu, address, 16);
}

void store_relative(struct cpu *cpu, const struct insn *insn, unsigned bytes, uint64_t value)
{
    uint64_t address = effective_relative(cpu, insn);

    specification_unless_aligned(cpu, address, bytes);
    if (unlikely(relative_space(cpu) != operand_space(cpu))) {
        struct span span = span_in_space(cpu, relative_space(cpu), 0, access_key(cpu), address, bytes,
                                         ACCESS_STORE);
        uint8_t image[8];

        put_be64(image, value);
        span_write(&span, image + 8 - bytes);
    } else if (bytes == 8) {
        store64(cpu, address, 16, value);
    } else if (bytes == 4) {
        store32(cpu, address, 16, (uint32_t)value);
    } else {
        store16(cpu, address, 16, (uint16_t)value);
    }
}
