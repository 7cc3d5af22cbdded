/* SPDX-License-Identifier: MIT */
/**
 * Inside the BFP engine: numbers taken apart, and rounding back into a format.
 *
 * A finite nonzero number is a significand with its leftmost one at a fixed place (bit 62
 * of 64, bit 126 of 128), so that a sum has room for a carry. Bits that do not fit are
 * ORed into the last place ("jammed"): it is far enough right of every format's last
 * place that rounding sees exactly what it needs.
 */
#ifndef SIENNA_CPU_BFP_PARTS_H
#define SIENNA_CPU_BFP_PARTS_H

#include "cpu/bfp/bfp.h"
#include "machine/types.h"

typedef unsigned __int128 uint128;

enum number_class { ZERO, FINITE, INFINITE, QUIET_NAN, SIGNALING_NAN };

/** A short or long number: sig × 2^(exp − 62). */
struct narrow {
    uint64_t sig;
    int exp;
    uint8_t class;
    bool sign;
};
/** Any number: sig × 2^(exp − 126). */
struct wide {
    uint128 sig;
    int exp;
    uint8_t class;
    bool sign;
};

/** A format's parameters; the bias equals emax. */
struct bfp_format {
    int bits, precision, emax;
    int scale; /**< exponent adjustment of trapped overflow and underflow results */
};
static const struct bfp_format short_format = {32, 24, 127, 192};
static const struct bfp_format long_format = {64, 53, 1023, 1536};
static const struct bfp_format extended_format = {128, 113, 16383, 24576};

static inline uint128 bits128(struct bfp128 a) { return (uint128)a.hi << 64 | a.lo; }
static inline struct bfp128 from_bits128(uint128 v)
{
    return (struct bfp128){(uint64_t)(v >> 64), (uint64_t)v};
}

static inline uint64_t shift_right_jam64(uint64_t v, unsigned n)
{
    if (n == 0)
        return v;
    return n < 64 ? v >> n | (v << (64 - n) != 0) : v != 0;
}
static inline uint128 shift_right_jam128(uint128 v, unsigned n)
{
    if (n == 0)
        return v;
    return n < 128 ? v >> n | (v << (128 - n) != 0) : v != 0;
}
static inline int leading_zeros128(uint128 v)
{
    uint64_t hi = v >> 64;

    return hi ? __builtin_clzll(hi) : 64 + __builtin_clzll((uint64_t)v);
}
/** A 128-bit significand as a 64-bit one. */
static inline uint64_t narrow_significand(uint128 sig)
{
    return (uint64_t)(sig >> 64) | ((uint64_t)sig != 0);
}

/* ---- Taking apart ---------------------------------------------------- */

static inline struct narrow unpack_narrow(uint64_t a, const struct bfp_format *f)
{
    const int fraction_bits = f->precision - 1;
    uint64_t fraction = a & ((1ULL << fraction_bits) - 1);
    unsigned e = a >> fraction_bits & (2u * f->emax + 1);
    struct narrow n = {.sign = a >> (f->bits - 1)};

    if (likely(e - 1 < 2u * f->emax)) {
        n.class = FINITE;
        n.sig = (fraction | 1ULL << fraction_bits) << (62 - fraction_bits);
        n.exp = (int)e - f->emax;
    } else if (e) {
        n.class = !fraction ? INFINITE : fraction >> (fraction_bits - 1) ? QUIET_NAN : SIGNALING_NAN;
    } else if (fraction) {
        int shift = __builtin_clzll(fraction) - 1;

        n.class = FINITE;
        n.sig = fraction << shift;
        n.exp = 1 - f->emax - (shift - (62 - fraction_bits));
    }
    return n;
}
static inline struct wide widen(struct narrow n)
{
    return (struct wide){.sig = (uint128)n.sig << 64, .exp = n.exp, .class = n.class, .sign = n.sign};
}
struct wide bfp_unpack_extended(struct bfp128 a);

/* ---- NaNs ------------------------------------------------------------ */

#define SHORT_NAN 0x7fc00000u
#define LONG_NAN 0x7ff8000000000000ULL
#define EXTENDED_NAN ((struct bfp128){0x7fff800000000000ULL, 0})
/** The bit that makes a NaN quiet. */
static inline uint128 quiet_bit(const struct bfp_format *f) { return (uint128)1 << (f->precision - 2); }
static inline uint128 default_nan(const struct bfp_format *f)
{
    return ((uint128)1 << (f->bits - 1)) - ((uint128)1 << (f->precision - 2));
}
static inline uint128 infinity_bits(const struct bfp_format *f, bool sign)
{
    return (uint128)sign << (f->bits - 1)
        | (((uint128)1 << (f->bits - 1)) - ((uint128)1 << (f->precision - 1)));
}
static inline uint128 zero_bits(const struct bfp_format *f, bool sign)
{
    return (uint128)sign << (f->bits - 1);
}
/** The NaN result of an operation on a and b, at least one of which is a NaN. */
uint128 bfp_propagate(struct bfp_env *env, const struct bfp_format *f, uint128 a, unsigned a_class,
                      uint128 b, unsigned b_class);
/** The default NaN for an invalid operation. */
static inline uint128 invalid_operation(struct bfp_env *env, const struct bfp_format *f)
{
    env->conditions |= BFP_INVALID;
    return default_nan(f);
}
/** The sign of a sum that is exactly zero (Rezd). */
static inline bool zero_difference_sign(const struct bfp_env *env)
{
    return env->rounding == BFP_TOWARD_MINUS;
}

/* ---- Rounding -------------------------------------------------------- */

/** Does the method add one to the last place? `last` is its bit, `rest` what lies right of it. */
static inline bool rounds_up(unsigned method, bool sign, bool last, uint128 rest, uint128 half)
{
    switch (method) {
    case BFP_NEAREST_EVEN:
        return rest > half || (rest == half && last);
    case BFP_NEAREST_AWAY:
        return rest >= half;
    case BFP_TOWARD_PLUS:
        return rest && !sign;
    case BFP_TOWARD_MINUS:
        return rest && sign;
    case BFP_SHORTER:
        return rest && !last;
    default:
        return false;
    }
}
/** Compose a normalised number from its f->precision bits; exp must be in the format's range. */
static inline uint128 pack_normal(const struct bfp_format *f, bool sign, int exp, uint128 significand)
{
    /* The implied one makes the exponent field one higher; so does a carry out of the fraction. */
    return (uint128)sign << (f->bits - 1)
        | (((uint128)(unsigned)(exp + f->emax - 1) << (f->precision - 1)) + significand);
}
/** Round a significand to f->precision bits with an unbounded exponent; a carry adds one to *exp. */
uint128 bfp_round_significand(unsigned method, const struct bfp_format *f, bool sign, int *exp, uint128 sig);
/** Round sig × 2^(exp − 126) (bit 126 on) into the format: the complete function, any case. */
uint128 bfp_round(struct bfp_env *env, const struct bfp_format *f, bool sign, int exp, uint128 sig);

/** Round sig × 2^(exp − 62) (bit 62 on) into a short or long number. */
static inline uint64_t round_narrow(struct bfp_env *env, const struct bfp_format *f, bool sign, int exp,
                                    uint64_t sig)
{
    const int drop = 63 - f->precision;
    uint64_t rest = sig & ((1ULL << drop) - 1);
    uint64_t half = 1ULL << (drop - 1);
    uint64_t kept = sig >> drop;
    bool up;

    if (unlikely((unsigned)(exp + f->emax - 1) >= 2u * f->emax - 1))
        return bfp_round(env, f, sign, exp, (uint128)sig << 64);
    if (likely(env->rounding == BFP_NEAREST_EVEN))
        up = rest + (kept & 1) > half;
    else
        up = rounds_up(env->rounding, sign, kept & 1, rest, half);
    if (rest)
        env->conditions |= BFP_INEXACT | (up ? BFP_INCREMENTED : 0);
    /* As pack_normal(), in 64 bits. */
    return (uint64_t)sign << (f->bits - 1)
        | (((uint64_t)(exp + f->emax - 1) << (f->precision - 1)) + kept + up);
}

/** With XxC, inexact is not recognised (it remains part of a trapped overflow or underflow). */
static inline void apply_inexact_control(struct bfp_env *env)
{
    if (env->suppress_inexact && !bfp_scaled(env))
        env->conditions &= ~(BFP_INEXACT | BFP_INCREMENTED);
}

/* ---- Exact arithmetic on significands -------------------------------- */

struct uint256 {
    uint128 hi, lo;
};
struct uint256 multiply128(uint128 a, uint128 b);

/**
 * The sum of two finite nonzero numbers, significand jammed; class ZERO when it is exactly
 * zero (the sign is then still to be chosen).
 */
struct wide bfp_sum(struct wide a, struct wide b);
/** Integer part of |a| (a finite, exp ≤ 125) rounded by `method`; conditions are ORed into *conditions. */
uint128 bfp_integer_part(const struct wide *a, unsigned method, uint8_t *conditions);

#endif
