/* SPDX-License-Identifier: MIT */
/** DIVIDE (PoP ch. 19). */
#include "cpu/bfp/parts.h"

/** A quotient with a zero, an infinity or a NaN. */
static uint128 special_quotient(struct bfp_env *env, const struct bfp_format *f, uint128 a_bits, unsigned a,
                                uint128 b_bits, unsigned b, bool sign)
{
    if (a >= QUIET_NAN || b >= QUIET_NAN)
        return bfp_propagate(env, f, a_bits, a, b_bits, b);
    if (a == b) /* both zero or both infinite: equal finite classes do not come here */
        return invalid_operation(env, f);
    if (a == INFINITE)
        return infinity_bits(f, sign);
    if (b == ZERO) {
        env->conditions |= BFP_DIVISION;
        return infinity_bits(f, sign);
    }
    return zero_bits(f, sign);
}

static inline uint64_t divide_narrow(struct bfp_env *env, const struct bfp_format *f, uint64_t a_bits,
                                     uint64_t b_bits)
{
    struct narrow a = unpack_narrow(a_bits, f);
    struct narrow b = unpack_narrow(b_bits, f);
    bool sign = a.sign ^ b.sign;
    int exp = a.exp - b.exp;
    uint128 dividend = (uint128)a.sig << 62;
    uint64_t quotient;

    if (unlikely(a.class != FINITE || b.class != FINITE))
        return special_quotient(env, f, a_bits, a.class, b_bits, b.class, sign);
    if (a.sig < b.sig) {
        dividend <<= 1;
        exp--;
    }
    quotient = (uint64_t)(dividend / b.sig);
    quotient |= (uint64_t)quotient * b.sig != (uint64_t)dividend; /* the remainder is below 2^64 */
    return round_narrow(env, f, sign, exp, quotient);
}

uint32_t bfp32_divide(struct bfp_env *env, uint32_t a, uint32_t b)
{
    return divide_narrow(env, &short_format, a, b);
}
uint64_t bfp64_divide(struct bfp_env *env, uint64_t a, uint64_t b)
{
    return divide_narrow(env, &long_format, a, b);
}

/**
 * One 64-bit digit of a long division: *rest × 2^64 + next by d, where *rest < d and the
 * leftmost bit of d is on (Knuth's algorithm D for a divisor of exactly two digits).
 */
static uint64_t divide_digit(uint128 *rest, uint64_t next, uint128 d)
{
    uint64_t d1 = d >> 64, d0 = d;
    uint128 q = *rest / d1;
    uint128 r;

    if (q >> 64)
        q = UINT64_MAX;
    r = *rest - q * d1;
    while (!(r >> 64) && q * d0 > (r << 64 | next)) {
        q--;
        r += d1;
    }
    *rest = (r << 64 | next) - q * d0;
    return (uint64_t)q;
}

struct bfp128 bfp128_divide(struct bfp_env *env, struct bfp128 a_bits, struct bfp128 b_bits)
{
    const struct bfp_format *f = &extended_format;
    struct wide a = bfp_unpack_extended(a_bits);
    struct wide b = bfp_unpack_extended(b_bits);
    bool sign = a.sign ^ b.sign;
    int exp = a.exp - b.exp;
    uint128 rest, divisor, quotient;

    if (a.class != FINITE || b.class != FINITE)
        return from_bits128(
            special_quotient(env, f, bits128(a_bits), a.class, bits128(b_bits), b.class, sign));
    /* 2^128 × a (2a, when it is below b) by 2b: the quotient's leftmost one is its bit 127. */
    divisor = b.sig << 1;
    rest = a.sig;
    if (a.sig < b.sig) {
        rest <<= 1;
        exp--;
    }
    quotient = (uint128)divide_digit(&rest, 0, divisor) << 64;
    quotient |= divide_digit(&rest, 0, divisor);
    return from_bits128(bfp_round(env, f, sign, exp, shift_right_jam128(quotient, 1) | (rest != 0)));
}
