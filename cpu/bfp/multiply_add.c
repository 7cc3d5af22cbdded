/* SPDX-License-Identifier: MIT */
/** MULTIPLY AND ADD, MULTIPLY AND SUBTRACT: one rounding of the exact a × b ± c (PoP ch. 19). */
#include "cpu/bfp/parts.h"

/** What a, b and c decide without arithmetic: true with the result, or false. */
static bool special_multiply_add(struct bfp_env *env, const struct bfp_format *f, const uint128 bits[3],
                                 const struct wide *a, const struct wide *b, const struct wide *c,
                                 uint128 *result)
{
    bool sign = a->sign ^ b->sign;
    bool infinite = a->class == INFINITE || b->class == INFINITE;

    if (a->class == SIGNALING_NAN || b->class == SIGNALING_NAN)
        *result = bfp_propagate(env, f, bits[0], a->class, bits[1], b->class);
    else if (a->class == QUIET_NAN || b->class == QUIET_NAN)
        *result = bfp_propagate(env, f, bits[a->class != QUIET_NAN], QUIET_NAN, bits[2], c->class);
    else if (infinite && (a->class == ZERO || b->class == ZERO))
        *result = invalid_operation(env, f);
    else if (c->class >= QUIET_NAN)
        *result = bfp_propagate(env, f, bits[2], c->class, 0, ZERO);
    else if (infinite)
        *result = c->class == INFINITE && c->sign != sign ? invalid_operation(env, f)
                                                          : infinity_bits(f, sign);
    else if (c->class == INFINITE)
        *result = infinity_bits(f, c->sign);
    else if (a->class == FINITE && b->class == FINITE)
        return false;
    else if (c->class == FINITE)
        *result = bfp_round(env, f, c->sign, c->exp, c->sig);
    else
        *result = zero_bits(f, c->sign == sign ? sign : zero_difference_sign(env));
    return true;
}

static inline uint64_t multiply_add_narrow(struct bfp_env *env, const struct bfp_format *f, uint64_t a_bits,
                                           uint64_t b_bits, uint64_t c_bits, bool subtract)
{
    struct narrow a = unpack_narrow(a_bits, f);
    struct narrow b = unpack_narrow(b_bits, f);
    struct wide c = widen(unpack_narrow(c_bits, f));
    struct wide p = {.class = FINITE, .sign = a.sign ^ b.sign, .exp = a.exp + b.exp};

    c.sign ^= subtract;
    if (unlikely(a.class != FINITE || b.class != FINITE || c.class >= INFINITE)) {
        const uint128 bits[3] = {a_bits, b_bits, c_bits};
        struct wide wide_a = widen(a), wide_b = widen(b);
        uint128 result = 0;

        if (special_multiply_add(env, f, bits, &wide_a, &wide_b, &c, &result))
            return result;
    }
    /* Exact: both significands have at least ten zeros on the right. */
    p.sig = (uint128)a.sig * b.sig << 1;
    if (p.sig >> 126)
        p.exp++;
    else
        p.sig <<= 1;
    if (c.class == FINITE)
        p = bfp_sum(p, c);
    if (p.class == ZERO)
        return zero_bits(f, zero_difference_sign(env));
    return round_narrow(env, f, p.sign, p.exp, narrow_significand(p.sig));
}

uint32_t bfp32_multiply_add(struct bfp_env *env, uint32_t a, uint32_t b, uint32_t c, bool subtract)
{
    return multiply_add_narrow(env, &short_format, a, b, c, subtract);
}
uint64_t bfp64_multiply_add(struct bfp_env *env, uint64_t a, uint64_t b, uint64_t c, bool subtract)
{
    return multiply_add_narrow(env, &long_format, a, b, c, subtract);
}

/* ---- 256-bit significands, leftmost one at bit 254 -------------------- */

static struct uint256 shift_right_jam256(struct uint256 v, unsigned n)
{
    if (n == 0)
        return v;
    if (n >= 128) {
        bool lost = v.lo != 0;

        v.lo = shift_right_jam128(v.hi, n - 128) | lost;
        v.hi = 0;
        return v;
    }
    v.lo = v.lo >> n | v.hi << (128 - n) | (v.lo << (128 - n) != 0);
    v.hi >>= n;
    return v;
}

static bool below256(struct uint256 a, struct uint256 b)
{
    return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static struct uint256 subtract256(struct uint256 a, struct uint256 b)
{
    return (struct uint256){.hi = a.hi - b.hi - (a.lo < b.lo), .lo = a.lo - b.lo};
}

/** sum256's terms: sig × 2^(exp − 254). */
struct term {
    struct uint256 sig;
    int exp;
    bool sign;
};

/** Exact or jammed sum, as a 128-bit number; class ZERO when exactly zero. */
static struct wide sum256(struct term a, struct term b)
{
    int shift;

    if (a.exp < b.exp) {
        struct term t = a;

        a = b;
        b = t;
    }
    b.sig = shift_right_jam256(b.sig, (unsigned)(a.exp - b.exp));
    if (a.sign == b.sign) {
        a.sig.lo += b.sig.lo;
        a.sig.hi += b.sig.hi + (a.sig.lo < b.sig.lo);
        if (a.sig.hi >> 127) {
            a.sig = shift_right_jam256(a.sig, 1);
            a.exp++;
        }
    } else if (below256(a.sig, b.sig)) {
        a.sig = subtract256(b.sig, a.sig);
        a.sign = b.sign;
    } else {
        a.sig = subtract256(a.sig, b.sig);
    }
    if (!a.sig.hi) {
        a.sig.hi = a.sig.lo;
        a.sig.lo = 0;
        a.exp -= 128;
    }
    if (!a.sig.hi)
        return (struct wide){.class = ZERO};
    shift = leading_zeros128(a.sig.hi) - 1;
    if (shift < 0) { /* what was the right half may have its leftmost bit on */
        a.sig = shift_right_jam256(a.sig, 1);
        a.exp++;
    } else if (shift > 0) {
        a.sig.hi = a.sig.hi << shift | a.sig.lo >> (128 - shift);
        a.sig.lo <<= shift;
        a.exp -= shift;
    }
    return (struct wide){.class = FINITE, .sign = a.sign, .exp = a.exp, .sig = a.sig.hi | (a.sig.lo != 0)};
}

struct bfp128 bfp128_multiply_add(struct bfp_env *env, struct bfp128 a_bits, struct bfp128 b_bits,
                                  struct bfp128 c_bits, bool subtract)
{
    const struct bfp_format *f = &extended_format;
    const uint128 bits[3] = {bits128(a_bits), bits128(b_bits), bits128(c_bits)};
    struct wide a = bfp_unpack_extended(a_bits);
    struct wide b = bfp_unpack_extended(b_bits);
    struct wide c = bfp_unpack_extended(c_bits);
    struct term p = {.sign = a.sign ^ b.sign, .exp = a.exp + b.exp};
    struct wide sum;
    uint128 result = 0;

    c.sign ^= subtract;
    if (special_multiply_add(env, f, bits, &a, &b, &c, &result))
        return from_bits128(result);
    p.sig = multiply128(a.sig << 1, b.sig << 1);
    if (p.sig.hi >> 127) {
        p.sig = shift_right_jam256(p.sig, 1); /* the lost bit is zero */
        p.exp++;
    }
    if (c.class == FINITE)
        sum = sum256(p, (struct term){.sig = {.hi = c.sig}, .exp = c.exp, .sign = c.sign});
    else
        sum = (struct wide){.class = FINITE, .sign = p.sign, .exp = p.exp,
                            .sig = p.sig.hi | (p.sig.lo != 0)};
    if (sum.class == ZERO)
        return from_bits128(zero_bits(f, zero_difference_sign(env)));
    return from_bits128(bfp_round(env, f, sum.sign, sum.exp, sum.sig));
}
