/* SPDX-License-Identifier: MIT */
/**
 * DIVIDE TO INTEGER (PoP ch. 19).
 *
 * With P the format's precision: when the two integers around the precise quotient fit in
 * P bits, the final quotient is the rounded one and the remainder is complete. Otherwise
 * the quotient is truncated to P bits, and the remainder, whose sign is then the
 * dividend's, is the dividend of the program's next step (incomplete, unless zero).
 */
#include "cpu/bfp/parts.h"

/** Result of the division of two finite nonzero numbers. */
struct division {
    uint64_t quotient;   /**< magnitude, ≤ 2^P */
    int quotient_exp;    /**< quotient × 2^quotient_exp */
    struct wide rest;    /**< remainder; class ZERO when there is none */
    bool complete;
};

/** rest × 2^(exp of the divisor's last place) as a number. */
static struct wide remainder_of(uint64_t rest, int exp, bool sign)
{
    struct wide w = {.class = rest ? FINITE : ZERO, .sign = sign};

    if (rest) {
        int zeros = __builtin_clzll(rest);

        w.sig = (uint128)rest << (63 + zeros);
        w.exp = exp + 63 - zeros;
    }
    return w;
}

/** The precise quotient is below one half in magnitude, or (difference −1) below one. */
static struct division below_one(const struct narrow *a, const struct narrow *b, unsigned method)
{
    struct division d = {.rest = widen(*a), .complete = true};
    bool near = a->exp - b->exp == -1;
    uint128 rest = !near || a->sig < b->sig ? 1 : a->sig == b->sig ? 2 : 3;

    if (rounds_up(method, a->sign ^ b->sign, false, rest, 2)) {
        struct wide minus_b = widen(*b);

        d.quotient = 1;
        minus_b.sign = !a->sign;
        d.rest = bfp_sum(d.rest, minus_b);
    }
    return d;
}

/** The exponents say that the quotient is at least one half; significands are integers of P bits. */
static struct division divide_integers(const struct narrow *a, const struct narrow *b, int precision,
                                       unsigned method)
{
    uint64_t dividend = a->sig >> (63 - precision), divisor = b->sig >> (63 - precision);
    int difference = a->exp - b->exp;
    int digits = difference + (dividend >= divisor); /* of the integer part */
    int excess = digits > precision ? digits - precision : 0;
    uint128 shifted = (uint128)dividend << (difference - excess);
    int rest_exp = b->exp - (precision - 1) + excess;
    struct division d = {.quotient = (uint64_t)(shifted / divisor), .quotient_exp = excess};
    uint64_t rest = (uint64_t)(shifted % divisor);
    bool up = false;

    d.complete = !excess || !rest;
    if (!excess && rest) {
        uint128 place = rest * 2 < divisor ? 1 : rest * 2 == divisor ? 2 : 3;

        up = rounds_up(method, a->sign ^ b->sign, d.quotient & 1, place, 2);
    }
    d.quotient += up;
    d.rest = up ? remainder_of(divisor - rest, rest_exp, !a->sign) : remainder_of(rest, rest_exp, a->sign);
    return d;
}

/** Quotient as a number; true when it had to be scaled. */
static bool quotient_number(const struct bfp_format *f, bool sign, const struct division *d, uint64_t *number)
{
    bool scaled = false;
    int zeros, exp;

    if (!d->quotient) {
        *number = (uint64_t)zero_bits(f, sign);
        return false;
    }
    zeros = __builtin_clzll(d->quotient);
    exp = 63 - zeros + d->quotient_exp;
    if (exp > f->emax) {
        exp -= f->scale;
        scaled = true;
    }
    *number = (uint64_t)pack_normal(f, sign, exp, d->quotient << zeros >> (64 - f->precision));
    return scaled;
}

static unsigned divide_to_integer(struct bfp_env *env, const struct bfp_format *f, uint64_t a_bits,
                                  uint64_t b_bits, uint8_t method, uint64_t *quotient, uint64_t *remainder)
{
    struct narrow a = unpack_narrow(a_bits, f);
    struct narrow b = unpack_narrow(b_bits, f);
    bool sign = a.sign ^ b.sign;
    struct division d;
    bool scaled;

    if (a.class >= QUIET_NAN || b.class >= QUIET_NAN) {
        *quotient = *remainder = (uint64_t)bfp_propagate(env, f, a_bits, a.class, b_bits, b.class);
        return 1;
    }
    if (a.class == INFINITE || b.class == ZERO) {
        *quotient = *remainder = (uint64_t)invalid_operation(env, f);
        return 1;
    }
    if (a.class == ZERO || b.class == INFINITE) {
        *quotient = (uint64_t)zero_bits(f, sign);
        *remainder = a_bits;
        return 0;
    }
    d = a.exp < b.exp ? below_one(&a, &b, method) : divide_integers(&a, &b, f->precision, method);
    scaled = quotient_number(f, sign, &d, quotient);
    if (d.rest.class == ZERO)
        *remainder = (uint64_t)zero_bits(f, a.sign);
    else
        *remainder = (uint64_t)bfp_round(env, f, d.rest.sign, d.rest.exp, d.rest.sig);
    return (d.complete ? 0 : 2) | scaled;
}

unsigned bfp32_divide_to_integer(struct bfp_env *env, uint32_t a, uint32_t b, uint8_t method,
                                 uint32_t *quotient, uint32_t *remainder)
{
    uint64_t q, r;
    unsigned cc = divide_to_integer(env, &short_format, a, b, method, &q, &r);

    *quotient = (uint32_t)q;
    *remainder = (uint32_t)r;
    return cc;
}
unsigned bfp64_divide_to_integer(struct bfp_env *env, uint64_t a, uint64_t b, uint8_t method,
                                 uint64_t *quotient, uint64_t *remainder)
{
    return divide_to_integer(env, &long_format, a, b, method, quotient, remainder);
}
