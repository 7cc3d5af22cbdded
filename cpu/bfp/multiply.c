/* SPDX-License-Identifier: MIT */
/** MULTIPLY, to the same and to the next longer format (PoP ch. 19). */
#include "cpu/bfp/parts.h"

struct uint256 multiply128(uint128 a, uint128 b)
{
    uint64_t a1 = a >> 64, a0 = a, b1 = b >> 64, b0 = b;
    uint128 low = (uint128)a0 * b0;
    uint128 m1 = (uint128)a1 * b0;
    uint128 m2 = (uint128)a0 * b1;
    uint128 mid = (low >> 64) + (uint64_t)m1 + (uint64_t)m2;

    return (struct uint256){
        .hi = (uint128)a1 * b1 + (m1 >> 64) + (m2 >> 64) + (mid >> 64),
        .lo = mid << 64 | (uint64_t)low,
    };
}

/** A product with a zero, an infinity or a NaN. */
static uint128 special_product(struct bfp_env *env, const struct bfp_format *f, uint128 a_bits, unsigned a,
                               uint128 b_bits, unsigned b, bool sign)
{
    if (a >= QUIET_NAN || b >= QUIET_NAN)
        return bfp_propagate(env, f, a_bits, a, b_bits, b);
    if (a == INFINITE || b == INFINITE)
        return a == ZERO || b == ZERO ? invalid_operation(env, f) : infinity_bits(f, sign);
    return zero_bits(f, sign);
}

static inline uint64_t multiply_narrow(struct bfp_env *env, const struct bfp_format *f, uint64_t a_bits,
                                       uint64_t b_bits)
{
    struct narrow a = unpack_narrow(a_bits, f);
    struct narrow b = unpack_narrow(b_bits, f);
    bool sign = a.sign ^ b.sign;
    int exp = a.exp + b.exp;
    uint128 product;
    uint64_t sig;

    if (unlikely(a.class != FINITE || b.class != FINITE))
        return special_product(env, f, a_bits, a.class, b_bits, b.class, sign);
    product = (uint128)a.sig * b.sig; /* bit 124 or 125 leftmost */
    sig = (uint64_t)(product >> 62) | ((uint64_t)product << 2 != 0);
    if (sig >> 63) {
        sig = sig >> 1 | (sig & 1);
        exp++;
    }
    return round_narrow(env, f, sign, exp, sig);
}

uint32_t bfp32_multiply(struct bfp_env *env, uint32_t a, uint32_t b)
{
    return multiply_narrow(env, &short_format, a, b);
}
uint64_t bfp64_multiply(struct bfp_env *env, uint64_t a, uint64_t b)
{
    return multiply_narrow(env, &long_format, a, b);
}

struct bfp128 bfp128_multiply(struct bfp_env *env, struct bfp128 a_bits, struct bfp128 b_bits)
{
    const struct bfp_format *f = &extended_format;
    struct wide a = bfp_unpack_extended(a_bits);
    struct wide b = bfp_unpack_extended(b_bits);
    bool sign = a.sign ^ b.sign;
    int exp = a.exp + b.exp;
    struct uint256 product;
    uint128 sig;

    if (a.class != FINITE || b.class != FINITE)
        return from_bits128(
            special_product(env, f, bits128(a_bits), a.class, bits128(b_bits), b.class, sign));
    product = multiply128(a.sig, b.sig); /* bit 252 or 253 leftmost */
    sig = product.hi << 2 | product.lo >> 126 | (product.lo << 2 != 0);
    if (sig >> 127) {
        sig = shift_right_jam128(sig, 1);
        exp++;
    }
    return from_bits128(bfp_round(env, f, sign, exp, sig));
}

uint64_t bfp32_multiply_long(struct bfp_env *env, uint32_t a_bits, uint32_t b_bits)
{
    struct narrow a = unpack_narrow(a_bits, &short_format);
    struct narrow b = unpack_narrow(b_bits, &short_format);

    if (unlikely(a.class >= QUIET_NAN || b.class >= QUIET_NAN))
        return bfp32_to_bfp64(env, bfp_propagate(env, &short_format, a_bits, a.class, b_bits, b.class));
    return bfp64_multiply(env, bfp32_to_bfp64(env, a_bits), bfp32_to_bfp64(env, b_bits));
}

struct bfp128 bfp64_multiply_extended(struct bfp_env *env, uint64_t a_bits, uint64_t b_bits)
{
    struct narrow a = unpack_narrow(a_bits, &long_format);
    struct narrow b = unpack_narrow(b_bits, &long_format);

    if (unlikely(a.class >= QUIET_NAN || b.class >= QUIET_NAN))
        return bfp64_to_bfp128(env, bfp_propagate(env, &long_format, a_bits, a.class, b_bits, b.class));
    return bfp128_multiply(env, bfp64_to_bfp128(env, a_bits), bfp64_to_bfp128(env, b_bits));
}
