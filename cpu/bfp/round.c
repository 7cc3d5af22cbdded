/* SPDX-License-Identifier: MIT */
/** Rounding into a format with its range (PoP ch. 19, "Data classes", "IEEE exceptions"), and NaNs. */
#include "cpu/bfp/parts.h"

struct wide bfp_unpack_extended(struct bfp128 a)
{
    uint64_t fraction_hi = a.hi & 0xffffffffffffULL;
    unsigned e = a.hi >> 48 & 0x7fff;
    uint128 fraction = (uint128)fraction_hi << 64 | a.lo;
    struct wide n = {.sign = a.hi >> 63};

    if (likely(e - 1 < 0x7ffe)) {
        n.class = FINITE;
        n.sig = (fraction | (uint128)1 << 112) << 14;
        n.exp = (int)e - 16383;
    } else if (e) {
        n.class = !fraction ? INFINITE : fraction_hi >> 47 ? QUIET_NAN : SIGNALING_NAN;
    } else if (fraction) {
        int shift = leading_zeros128(fraction) - 1;

        n.class = FINITE;
        n.sig = fraction << shift;
        n.exp = -16382 - (shift - 14);
    }
    return n;
}

uint128 bfp_propagate(struct bfp_env *env, const struct bfp_format *f, uint128 a, unsigned a_class,
                      uint128 b, unsigned b_class)
{
    if (a_class == SIGNALING_NAN || b_class == SIGNALING_NAN) {
        env->conditions |= BFP_INVALID;
        return (a_class == SIGNALING_NAN ? a : b) | quiet_bit(f);
    }
    return a_class == QUIET_NAN ? a : b;
}

static uint128 overflow(struct bfp_env *env, const struct bfp_format *f, bool sign)
{
    bool infinite = env->rounding == BFP_NEAREST_EVEN || env->rounding == BFP_NEAREST_AWAY
        || env->rounding == (sign ? BFP_TOWARD_MINUS : BFP_TOWARD_PLUS);
    uint128 infinity = infinity_bits(f, sign);

    env->conditions |= BFP_OVERFLOW | BFP_INEXACT;
    if (!infinite)
        return infinity - 1;
    env->conditions |= BFP_INCREMENTED;
    return infinity;
}

static uint128 denormalize(struct bfp_env *env, const struct bfp_format *f, bool sign, int exp, uint128 sig)
{
    const int drop = 127 - f->precision;
    uint128 rest, kept;

    sig = shift_right_jam128(sig, (unsigned)(1 - f->emax - exp));
    kept = sig >> drop;
    rest = sig & (((uint128)1 << drop) - 1);
    if (rest) {
        bool up = rounds_up(env->rounding, sign, kept & 1, rest, (uint128)1 << (drop - 1));

        env->conditions |= BFP_UNDERFLOW | BFP_INEXACT | (up ? BFP_INCREMENTED : 0);
        kept += up;
    }
    return (uint128)sign << (f->bits - 1) | kept;
}

uint128 bfp_round_significand(unsigned method, const struct bfp_format *f, bool sign, int *exp, uint128 sig)
{
    const int drop = 127 - f->precision;
    uint128 kept = sig >> drop;
    uint128 rest = sig & (((uint128)1 << drop) - 1);

    kept += rounds_up(method, sign, kept & 1, rest, (uint128)1 << (drop - 1));
    if (kept >> f->precision) {
        kept >>= 1;
        ++*exp;
    }
    return kept;
}

uint128 bfp_round(struct bfp_env *env, const struct bfp_format *f, bool sign, int exp, uint128 sig)
{
    const int drop = 127 - f->precision;
    bool tiny = exp < 1 - f->emax;
    uint128 kept;

    if (tiny && !(env->masks & BFP_UNDERFLOW))
        return denormalize(env, f, sign, exp, sig);
    kept = bfp_round_significand(env->rounding, f, sign, &exp, sig);
    if (exp > f->emax && !(env->masks & BFP_OVERFLOW))
        return overflow(env, f, sign);
    if (sig << (128 - drop)) {
        /* The last place is odd exactly when it was and truncated, or was even and incremented. */
        env->conditions |= BFP_INEXACT;
        if ((kept ^ sig >> drop) & 1)
            env->conditions |= BFP_INCREMENTED;
    }
    if (tiny) {
        env->conditions |= BFP_UNDERFLOW;
        exp += f->scale;
    } else if (exp > f->emax) {
        env->conditions |= BFP_OVERFLOW;
        exp -= f->scale;
    }
    return pack_normal(f, sign, exp, kept);
}

uint128 bfp_integer_part(const struct wide *a, unsigned method, uint8_t *conditions)
{
    /* Two bits right of the point: a half, and whether anything follows. */
    uint128 v = shift_right_jam128(a->sig, (unsigned)(124 - a->exp < 0 ? 0 : 124 - a->exp));
    uint128 integer, rest;

    if (a->exp > 124) /* exp 125: one bit right of the point would be lost from the left */
        return a->sig >> (126 - a->exp);
    integer = v >> 2;
    rest = v & 3;
    if (rest) {
        bool up = rounds_up(method, a->sign, integer & 1, rest, 2);

        *conditions |= BFP_INEXACT | (up ? BFP_INCREMENTED : 0);
        integer += up;
    }
    return integer;
}
