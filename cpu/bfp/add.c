/* SPDX-License-Identifier: MIT */
/** ADD and SUBTRACT (PoP ch. 19). */
#include "cpu/bfp/parts.h"

struct wide bfp_sum(struct wide a, struct wide b)
{
    if (a.exp < b.exp) {
        struct wide t = a;

        a = b;
        b = t;
    }
    b.sig = shift_right_jam128(b.sig, (unsigned)(a.exp - b.exp));
    if (a.sign == b.sign) {
        a.sig += b.sig;
        if (a.sig >> 127) {
            a.sig = shift_right_jam128(a.sig, 1);
            a.exp++;
        }
        return a;
    }
    if (a.sig < b.sig) {
        a.sig = b.sig - a.sig;
        a.sign = b.sign;
    } else {
        a.sig -= b.sig;
    }
    if (a.sig) {
        int shift = leading_zeros128(a.sig) - 1;

        a.sig <<= shift;
        a.exp -= shift;
    } else {
        a.class = ZERO;
    }
    return a;
}

/** A sum with a zero, an infinity or a NaN; b's sign is that of the operation, not yet applied. */
static uint128 special_sum(struct bfp_env *env, const struct bfp_format *f, uint128 a_bits, struct wide a,
                           uint128 b_bits, struct wide b, bool subtract)
{
    if (a.class >= QUIET_NAN || b.class >= QUIET_NAN)
        return bfp_propagate(env, f, a_bits, a.class, b_bits, b.class);
    b.sign ^= subtract;
    if (a.class == INFINITE && b.class == INFINITE && a.sign != b.sign)
        return invalid_operation(env, f);
    if (a.class == INFINITE || b.class == INFINITE)
        return infinity_bits(f, a.class == INFINITE ? a.sign : b.sign);
    if (a.class == ZERO && b.class == ZERO)
        return zero_bits(f, a.sign == b.sign ? a.sign : zero_difference_sign(env));
    if (a.class == ZERO)
        a = b;
    return bfp_round(env, f, a.sign, a.exp, a.sig); /* exact, but may be tiny */
}

static inline uint64_t add_narrow(struct bfp_env *env, const struct bfp_format *f, uint64_t a_bits,
                                  uint64_t b_bits, bool subtract)
{
    struct narrow a = unpack_narrow(a_bits, f);
    struct narrow b = unpack_narrow(b_bits, f);

    if (unlikely(a.class != FINITE || b.class != FINITE))
        return special_sum(env, f, a_bits, widen(a), b_bits, widen(b), subtract);
    b.sign ^= subtract;
    if (a.exp < b.exp) {
        struct narrow t = a;

        a = b;
        b = t;
    }
    b.sig = shift_right_jam64(b.sig, (unsigned)(a.exp - b.exp));
    if (a.sign == b.sign) {
        a.sig += b.sig;
        if (a.sig >> 63) {
            a.sig = a.sig >> 1 | (a.sig & 1);
            a.exp++;
        }
    } else {
        int shift;

        if (a.sig < b.sig) {
            a.sig = b.sig - a.sig;
            a.sign = b.sign;
        } else {
            a.sig -= b.sig;
        }
        if (!a.sig)
            return zero_bits(f, zero_difference_sign(env));
        shift = __builtin_clzll(a.sig) - 1;
        a.sig <<= shift;
        a.exp -= shift;
    }
    return round_narrow(env, f, a.sign, a.exp, a.sig);
}

static struct bfp128 add_extended(struct bfp_env *env, struct bfp128 a_bits, struct bfp128 b_bits,
                                  bool subtract)
{
    const struct bfp_format *f = &extended_format;
    struct wide a = bfp_unpack_extended(a_bits);
    struct wide b = bfp_unpack_extended(b_bits);

    if (a.class != FINITE || b.class != FINITE)
        return from_bits128(special_sum(env, f, bits128(a_bits), a, bits128(b_bits), b, subtract));
    b.sign ^= subtract;
    a = bfp_sum(a, b);
    if (a.class == ZERO)
        return from_bits128(zero_bits(f, zero_difference_sign(env)));
    return from_bits128(bfp_round(env, f, a.sign, a.exp, a.sig));
}

uint32_t bfp32_add(struct bfp_env *env, uint32_t a, uint32_t b)
{
    return add_narrow(env, &short_format, a, b, false);
}
uint64_t bfp64_add(struct bfp_env *env, uint64_t a, uint64_t b)
{
    return add_narrow(env, &long_format, a, b, false);
}
struct bfp128 bfp128_add(struct bfp_env *env, struct bfp128 a, struct bfp128 b)
{
    return add_extended(env, a, b, false);
}
uint32_t bfp32_subtract(struct bfp_env *env, uint32_t a, uint32_t b)
{
    return add_narrow(env, &short_format, a, b, true);
}
uint64_t bfp64_subtract(struct bfp_env *env, uint64_t a, uint64_t b)
{
    return add_narrow(env, &long_format, a, b, true);
}
struct bfp128 bfp128_subtract(struct bfp_env *env, struct bfp128 a, struct bfp128 b)
{
    return add_extended(env, a, b, true);
}
