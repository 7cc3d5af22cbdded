/* SPDX-License-Identifier: MIT */
/** Packing and unpacking, MVO, conversion between binary and packed decimal (PoP ch. 7). */
#include "cpu/decimal.h"
#include "cpu/operands.h"

/* ---- PACK, UNPACK, MOVE WITH OFFSET: byte by byte from the right, so that operands may overlap ---- */

static uint8_t swap_digits(uint8_t byte)
{
    return (uint8_t)(byte << 4 | byte >> 4);
}

/** Bytes of a storage operand from right to left; zeros when it is used up. */
struct right_to_left {
    struct span span;
    unsigned left;
};
static uint8_t take(struct right_to_left *from)
{
    return from->left ? *span_byte(&from->span, --from->left) : 0;
}

DEFINE_OP(PACK)
{
    unsigned bytes = insn->r1 + 1u;
    struct right_to_left from = {.left = insn->r2 + 1u};
    struct span to;

    from.span = span_fetch(cpu, effective_b4(cpu, insn), BASE2, from.left);
    to = span_store(cpu, B2_ADDRESS, BASE1, bytes);
    *span_byte(&to, bytes - 1) = swap_digits(take(&from));
    for (unsigned i = bytes - 1; i-- > 0;) {
        uint8_t low = take(&from) & 0xf, high = (uint8_t)(take(&from) << 4);

        *span_byte(&to, i) = high | low;
    }
}

DEFINE_OP(UNPK)
{
    unsigned bytes = insn->r1 + 1u;
    struct right_to_left from = {.left = insn->r2 + 1u};
    struct span to;
    uint8_t pair = 0;

    from.span = span_fetch(cpu, effective_b4(cpu, insn), BASE2, from.left);
    to = span_store(cpu, B2_ADDRESS, BASE1, bytes);
    *span_byte(&to, bytes - 1) = swap_digits(take(&from));
    for (unsigned i = 1; i < bytes; i++) {
        pair = i & 1 ? take(&from) : pair >> 4;
        *span_byte(&to, bytes - 1 - i) = 0xf0 | (pair & 0xf);
    }
}

DEFINE_OP(MVO)
{
    unsigned bytes = insn->r1 + 1u;
    struct right_to_left from = {.left = insn->r2 + 1u};
    struct span to;
    uint8_t byte;

    from.span = span_fetch(cpu, effective_b4(cpu, insn), BASE2, from.left);
    to = span_update(cpu, B2_ADDRESS, BASE1, bytes);
    byte = take(&from);
    *span_byte(&to, bytes - 1) = (uint8_t)(byte << 4) | (*span_byte(&to, bytes - 1) & 0xf);
    for (unsigned i = bytes - 1; i-- > 0;) {
        uint8_t low = byte >> 4;

        byte = take(&from);
        *span_byte(&to, i) = (uint8_t)(byte << 4) | low;
    }
}

/* ---- ASCII and Unicode digits: 16 packed bytes on one side --------------- */

/** Characters of `width` bytes; the low four bits of each are the digit, unchecked. */
static void pack_characters(struct cpu *cpu, const struct insn *insn, unsigned width)
{
    unsigned bytes = insn->r1 + 1u, count = bytes / width;
    struct span from, to;
    uint8_t packed[PACKED_BYTES] = {0};

    specification_unless(cpu, bytes % width == 0 && count <= 32);
    from = span_fetch(cpu, effective_b4(cpu, insn), BASE2, bytes);
    to = span_store(cpu, B2_ADDRESS, BASE1, PACKED_BYTES);
    packed[PACKED_BYTES - 1] = 0xc;
    for (unsigned i = 1; i <= count && i <= PACKED_DIGITS; i++) { /* digit i from the right; the sign is 0 */
        uint8_t digit = *span_byte(&from, width * (count - i) + width - 1) & 0xf;

        packed[PACKED_BYTES - 1 - i / 2] |= (uint8_t)(i & 1 ? digit << 4 : digit);
    }
    span_write(&to, packed);
}
DEFINE_OP(PKA) { pack_characters(cpu, insn, 1); }
DEFINE_OP(PKU) { pack_characters(cpu, insn, 2); }

/** cc 0 plus, 1 minus, 3 sign invalid; digits are unchecked. */
static void unpack_characters(struct cpu *cpu, const struct insn *insn, unsigned width)
{
    unsigned bytes = insn->r1 + 1u, count = bytes / width;
    uint8_t packed[PACKED_BYTES], characters[64], sign;

    specification_unless(cpu, bytes % width == 0 && count <= 32);
    fetch_bytes(cpu, effective_b4(cpu, insn), BASE2, packed, PACKED_BYTES);
    for (unsigned i = 1; i <= count; i++) {
        uint8_t digit = 0, *to = characters + width * (count - i);

        if (i <= PACKED_DIGITS)
            digit = packed[PACKED_BYTES - 1 - i / 2] >> (i & 1 ? 4 : 0) & 0xf;
        if (width == 2)
            *to++ = 0;
        *to = 0x30 | digit;
    }
    store_bytes(cpu, B2_ADDRESS, BASE1, characters, bytes);
    sign = packed[PACKED_BYTES - 1] & 0xf;
    cpu->cc = !sign_valid(sign) ? 3 : sign_minus(sign);
}
DEFINE_OP(UNPKA) { unpack_characters(cpu, insn, 1); }
DEFINE_OP(UNPKU) { unpack_characters(cpu, insn, 2); }

/* ---- CONVERT TO BINARY --------------------------------------------------- */

static struct packed fetch_packed(struct cpu *cpu, const struct insn *insn, unsigned bytes)
{
    uint8_t image[PACKED_BYTES];
    struct packed value;

    fetch_bytes(cpu, X2_ADDRESS, insn->b2, image, bytes);
    if (!packed_decode(image, bytes, &value))
        data_exception(cpu, 0);
    return value;
}

/** Does the number fit a two's complement integer of `bits` bits? */
static bool fits_signed(struct packed value, unsigned bits)
{
    unsigned __int128 limit = (unsigned __int128)1 << (bits - 1);

    return value.magnitude < limit + value.negative;
}

/** A number too large leaves its low part in the register, then the divide exception. */
static void convert_to_binary32(struct cpu *cpu, const struct insn *insn)
{
    struct packed value = fetch_packed(cpu, insn, 8);
    uint32_t magnitude = (uint32_t)value.magnitude;

    set_gr32(cpu, insn->r1, value.negative ? 0 - magnitude : magnitude);
    if (!fits_signed(value, 32))
        program_interruption(cpu, PIC_FIXED_DIVIDE);
}
DEFINE_OP(CVB) { convert_to_binary32(cpu, insn); }
DEFINE_OP(CVBY) { convert_to_binary32(cpu, insn); }

/** Here the register stays as it is. */
DEFINE_OP(CVBG)
{
    struct packed value = fetch_packed(cpu, insn, 16);
    uint64_t magnitude = (uint64_t)value.magnitude;

    if (!fits_signed(value, 64))
        program_interruption(cpu, PIC_FIXED_DIVIDE);
    set_gr64(cpu, insn->r1, value.negative ? 0 - magnitude : magnitude);
}

/* ---- CONVERT TO DECIMAL -------------------------------------------------- */

static void store_packed(struct cpu *cpu, const struct insn *insn, unsigned bytes, int64_t v)
{
    uint8_t image[PACKED_BYTES];

    packed_encode(image, bytes, (struct packed){v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0});
    store_bytes(cpu, X2_ADDRESS, insn->b2, image, bytes);
}
DEFINE_OP(CVD) { store_packed(cpu, insn, 8, R1_S32); }
DEFINE_OP(CVDY) { store_packed(cpu, insn, 8, R1_S32); }
DEFINE_OP(CVDG) { store_packed(cpu, insn, 16, (int64_t)R1_64); }
