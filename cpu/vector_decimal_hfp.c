/* SPDX-License-Identifier: MIT */
/**
 * Conversions between packed decimal and hexadecimal floating point of the
 * vector-packed-decimal-enhancement facility 2 (PoP ch. 25). They need no HFP arithmetic:
 * sign, characteristic (a power of 16, excess 64) and fraction digits of integers.
 */
#include "cpu/vector_decimal.h"

#define V1 (&cpu->vr[insn->r1])
#define V2 (&cpu->vr[insn->r2])
#define V3 (&cpu->vr[insn->r3])

enum { SHORT_DIGITS = 6, LONG_DIGITS = 14, EXTENDED_DIGITS = 28, EXCESS = 64 };

/** An HFP number before it is put together: ±0.fraction × 16**exponent, of as many digits as the format. */
struct hexadecimal {
    unsigned __int128 fraction;
    unsigned exponent;
    bool negative;
};

static unsigned hexadecimal_digits(unsigned __int128 v)
{
    unsigned digits = 0;

    for (; v; v >>= 4)
        digits++;
    return digits;
}

/** An integer as fraction of `digits` digits, truncated or rounded half away from zero. */
static struct hexadecimal from_integer(unsigned __int128 v, bool negative, unsigned digits, bool round)
{
    unsigned exponent = hexadecimal_digits(v);

    if (exponent <= digits)
        return (struct hexadecimal){v << 4 * (digits - exponent), exponent, negative};
    v = (v >> (4 * (exponent - digits) - 1)) + round;
    v >>= 1;
    if (v >> 4 * digits)
        return (struct hexadecimal){v >> 4, exponent + 1, negative};
    return (struct hexadecimal){v, exponent, negative};
}

/** Sign and characteristic, right-aligned; zero has neither. */
static uint64_t head(struct hexadecimal h, unsigned exponent)
{
    return h.fraction ? (uint64_t)h.negative << 7 | ((exponent + EXCESS) & 0x7f) : 0;
}
/** A short number in the left word. */
static uint64_t short_hfp(struct hexadecimal h)
{
    return head(h, h.exponent) << 56 | (uint64_t)h.fraction << 32;
}
static uint64_t long_hfp(struct hexadecimal h) { return head(h, h.exponent) << 56 | (uint64_t)h.fraction; }

/** The low-order part's characteristic is 14 less than the high-order part's, modulo 128. */
static union vector_register extended_hfp(struct hexadecimal h)
{
    return (union vector_register){.d = {head(h, h.exponent) << 56 | (uint64_t)(h.fraction >> 56),
                                         head(h, h.exponent - LONG_DIGITS) << 56
                                             | ((uint64_t)h.fraction & ~0ULL >> 8)}};
}

/** V2 times ten to the number in byte 7 of V3, which is less than 8 (else unpredictable: modulo 8 here). */
static struct packed scaled_operand(struct cpu *cpu, const struct insn *insn)
{
    struct packed value = decimal_operand(cpu, insn->r2, false);

    value.magnitude *= power_of_ten(VB(V3, 7) & 7);
    return value;
}

/** M4: 2 short, 3 long, 4 extended, left-aligned. The right bit of M5 rounds. */
DEFINE_OP(VSCHP)
{
    unsigned format = M_BITS_32;
    bool round = M_BITS_24 & 1;
    struct packed v;

    specification_unless(cpu, format >= 2 && format <= 4);
    v = scaled_operand(cpu, insn);
    if (format == 4) {
        *V1 = extended_hfp(from_integer(v.magnitude, v.negative, EXTENDED_DIGITS, round));
        return;
    }
    *V1 = (union vector_register){.d = {
        format == 3 ? long_hfp(from_integer(v.magnitude, v.negative, LONG_DIGITS, round))
                    : short_hfp(from_integer(v.magnitude, v.negative, SHORT_DIGITS, round)), 0}};
}

/** The leftmost digits as a short number in word 0, those right of them as a long one in doubleword 1. */
DEFINE_OP(VSCSHP)
{
    struct packed v = scaled_operand(cpu, insn);
    unsigned digits = hexadecimal_digits(v.magnitude);
    unsigned __int128 rest = 0;

    if (digits > SHORT_DIGITS)
        rest = v.magnitude & ~(~(unsigned __int128)0 << 4 * (digits - SHORT_DIGITS));
    *V1 = (union vector_register){.d = {
        short_hfp(from_integer(v.magnitude, v.negative, SHORT_DIGITS, false)),
        long_hfp(from_integer(rest, v.negative, LONG_DIGITS, false))}};
}

/* ---- To decimal -------------------------------------------------------------- */

/** 256 bits, limb 0 the rightmost. */
struct limbs {
    uint64_t limb[4];
};

static void multiply_limbs(struct limbs *v, uint64_t by)
{
    unsigned __int128 carry = 0;

    for (unsigned i = 0; i < 4; i++) {
        carry += (unsigned __int128)v->limb[i] * by;
        v->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}
static unsigned bit_of(const struct limbs *v, unsigned i) { return v->limb[i / 64] >> i % 64 & 1; }

/** The rightmost 31 digits of v × 2**shift, truncated or rounded half away from zero. */
static unsigned __int128 low_digits(const struct limbs *v, int shift, bool round)
{
    const unsigned __int128 limit = power_of_ten(PACKED_DIGITS);
    int last = shift < 0 ? -shift : 0;
    unsigned __int128 result = 0;

    for (int i = 255; i >= last; i--)
        result = (result * 2 + bit_of(v, (unsigned)i)) % limit;
    for (int i = 0; i < shift; i++)
        result = result * 2 % limit;
    if (round && last > 0 && last <= 256 && bit_of(v, (unsigned)last - 1))
        result = (result + 1) % limit;
    return result;
}

/**
 * The extended HFP number V2 times ten to the number in byte 7 of V3, which is less than 32 (else
 * unpredictable: modulo 32 here), as an integer; the right bit of M4 rounds. Digits left of the 31 are lost;
 * zero is positive.
 */
DEFINE_OP(VCSPH)
{
    unsigned __int128 fraction = (unsigned __int128)(V2->d[0] & ~0ULL >> 8) << 56 | (V2->d[1] & ~0ULL >> 8);
    struct limbs v = {{(uint64_t)fraction, (uint64_t)(fraction >> 64)}};
    int characteristic = V2->d[0] >> 56 & 0x7f;
    struct packed value = {.negative = V2->d[0] >> 63};
    uint8_t image[PACKED_BYTES];

    for (unsigned i = VB(V3, 7) & 31; i > 0; i--)
        multiply_limbs(&v, 10);
    value.magnitude = low_digits(&v, 4 * (characteristic - EXCESS - EXTENDED_DIGITS), M_BITS_24 & 1);
    if (value.magnitude == 0)
        value.negative = false;
    packed_encode(image, PACKED_BYTES, value);
    *V1 = vector_from(image);
}
