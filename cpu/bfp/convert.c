/* SPDX-License-Identifier: MIT */
/** Conversions between formats, and to integers in a format (PoP ch. 19). */
#include "cpu/bfp/parts.h"

/* ---- LOAD LENGTHENED ------------------------------------------------- */

/** A NaN, infinity or zero in another format: fractions are left-aligned, and a NaN's stays quiet. */
static uint128 other_format(uint128 a, unsigned class, bool sign, const struct bfp_format *from,
                            const struct bfp_format *to)
{
    int shift = to->precision - from->precision;
    uint128 fraction = a & (((uint128)1 << (from->precision - 1)) - 1);

    if (class == ZERO)
        return zero_bits(to, sign);
    if (class == INFINITE)
        return infinity_bits(to, sign);
    return infinity_bits(to, sign) | (shift >= 0 ? fraction << shift : fraction >> -shift);
}

/** Exact conversion of a short or long number to a longer format. */
static uint128 lengthened(struct bfp_env *env, uint64_t bits, const struct bfp_format *from,
                          const struct bfp_format *to)
{
    struct narrow a = unpack_narrow(bits, from);

    if (a.class == SIGNALING_NAN) {
        env->conditions |= BFP_INVALID;
        bits |= (uint64_t)quiet_bit(from);
    }
    if (a.class != FINITE)
        return other_format(bits, a.class, a.sign, from, to);
    return pack_normal(to, a.sign, a.exp, (uint128)a.sig << 64 >> (127 - to->precision));
}

uint64_t bfp32_to_bfp64(struct bfp_env *env, uint32_t a)
{
    if (likely((a >> 23 & 0xff) - 1 < 254)) /* normal: only the bias differs */
        return (uint64_t)(a >> 31) << 63 | (((uint64_t)(a & INT32_MAX) << 29) + ((1023ULL - 127) << 52));
    return (uint64_t)lengthened(env, a, &short_format, &long_format);
}
struct bfp128 bfp32_to_bfp128(struct bfp_env *env, uint32_t a)
{
    return from_bits128(lengthened(env, a, &short_format, &extended_format));
}
struct bfp128 bfp64_to_bfp128(struct bfp_env *env, uint64_t a)
{
    return from_bits128(lengthened(env, a, &long_format, &extended_format));
}

/* ---- LOAD ROUNDED ---------------------------------------------------- */

/**
 * The number rounded to a shorter format. For a trapped overflow or underflow *scaled gets
 * what is delivered instead: rounded to that precision, but in the source's format, with
 * the exponent adjusted by 512 (from long) or 8192 (from extended).
 */
static uint128 shortened(struct bfp_env *env, uint128 bits, const struct wide *a,
                         const struct bfp_format *from, const struct bfp_format *to, uint128 *scaled)
{
    uint128 result;

    if (a->class == SIGNALING_NAN) {
        env->conditions |= BFP_INVALID;
        bits |= quiet_bit(from);
    }
    if (a->class != FINITE)
        return other_format(bits, a->class, a->sign, from, to);
    result = bfp_round(env, to, a->sign, a->exp, a->sig);
    if (unlikely(bfp_scaled(env))) {
        int scale = from == &long_format ? 512 : 8192;
        int exp = a->exp;
        uint128 kept = bfp_round_significand(env->rounding, to, a->sign, &exp, a->sig);

        exp += env->conditions & BFP_OVERFLOW ? -scale : scale;
        *scaled = pack_normal(from, a->sign, exp, kept << (from->precision - to->precision));
    }
    apply_inexact_control(env);
    return result;
}

uint32_t bfp64_to_bfp32(struct bfp_env *env, uint64_t bits, uint64_t *scaled)
{
    struct narrow narrow = unpack_narrow(bits, &long_format);
    struct wide a = widen(narrow);
    uint128 trapped = 0;
    uint32_t result;

    if (likely(narrow.class == FINITE && !env->masks && !env->suppress_inexact))
        return round_narrow(env, &short_format, narrow.sign, narrow.exp, narrow.sig);
    result = shortened(env, bits, &a, &long_format, &short_format, &trapped);
    *scaled = trapped;
    return result;
}
uint32_t bfp128_to_bfp32(struct bfp_env *env, struct bfp128 bits, struct bfp128 *scaled)
{
    struct wide a = bfp_unpack_extended(bits);
    uint128 trapped = 0;
    uint32_t result = shortened(env, bits128(bits), &a, &extended_format, &short_format, &trapped);

    *scaled = from_bits128(trapped);
    return result;
}
uint64_t bfp128_to_bfp64(struct bfp_env *env, struct bfp128 bits, struct bfp128 *scaled)
{
    struct wide a = bfp_unpack_extended(bits);
    uint128 trapped = 0;
    uint64_t result = shortened(env, bits128(bits), &a, &extended_format, &long_format, &trapped);

    *scaled = from_bits128(trapped);
    return result;
}

/* ---- LOAD FP INTEGER ------------------------------------------------- */

static uint128 to_integer(struct bfp_env *env, uint128 bits, const struct wide *a, const struct bfp_format *f)
{
    uint128 integer;
    int zeros;

    if (a->class == SIGNALING_NAN)
        return bfp_propagate(env, f, bits, a->class, 0, ZERO);
    if (a->class != FINITE || a->exp >= f->precision - 1)
        return bits;
    integer = bfp_integer_part(a, env->rounding, &env->conditions);
    apply_inexact_control(env);
    if (!integer)
        return zero_bits(f, a->sign);
    zeros = leading_zeros128(integer);
    return pack_normal(f, a->sign, 127 - zeros, integer << zeros >> (128 - f->precision));
}

uint32_t bfp32_to_integer(struct bfp_env *env, uint32_t bits)
{
    struct wide a = widen(unpack_narrow(bits, &short_format));

    return to_integer(env, bits, &a, &short_format);
}
uint64_t bfp64_to_integer(struct bfp_env *env, uint64_t bits)
{
    struct wide a = widen(unpack_narrow(bits, &long_format));

    return to_integer(env, bits, &a, &long_format);
}
struct bfp128 bfp128_to_integer(struct bfp_env *env, struct bfp128 bits)
{
    struct wide a = bfp_unpack_extended(bits);

    return from_bits128(to_integer(env, bits128(bits), &a, &extended_format));
}
