/* SPDX-License-Identifier: MIT */
/** CONVERT FROM FIXED, FROM LOGICAL, TO FIXED, TO LOGICAL (PoP ch. 19). */
#include "cpu/bfp/parts.h"

static inline uint64_t from_magnitude(struct bfp_env *env, const struct bfp_format *f, bool sign, uint64_t v)
{
    int zeros;
    uint64_t result;

    if (!v)
        return 0;
    zeros = __builtin_clzll(v);
    result = round_narrow(env, f, sign, 63 - zeros, zeros ? v << (zeros - 1) : v >> 1 | (v & 1));
    apply_inexact_control(env);
    return result;
}

static struct bfp128 extended_from_magnitude(bool sign, uint64_t v)
{
    int zeros;

    if (!v)
        return (struct bfp128){0, 0};
    zeros = __builtin_clzll(v);
    return from_bits128(pack_normal(&extended_format, sign, 63 - zeros, (uint128)v << (49 + zeros)));
}

static inline uint64_t magnitude(int64_t a) { return a < 0 ? -(uint64_t)a : (uint64_t)a; }

uint32_t bfp32_from_signed(struct bfp_env *env, int64_t a)
{
    return from_magnitude(env, &short_format, a < 0, magnitude(a));
}
uint64_t bfp64_from_signed(struct bfp_env *env, int64_t a)
{
    return from_magnitude(env, &long_format, a < 0, magnitude(a));
}
struct bfp128 bfp128_from_signed(int64_t a) { return extended_from_magnitude(a < 0, magnitude(a)); }
uint32_t bfp32_from_unsigned(struct bfp_env *env, uint64_t a)
{
    return from_magnitude(env, &short_format, false, a);
}
uint64_t bfp64_from_unsigned(struct bfp_env *env, uint64_t a)
{
    return from_magnitude(env, &long_format, false, a);
}
struct bfp128 bfp128_from_unsigned(uint64_t a) { return extended_from_magnitude(false, a); }

/* ---- To integers ----------------------------------------------------- */

/** Largest magnitudes of each target, by sign. */
static const uint64_t limit[4][2] = {
    [BFP_INT32] = {INT32_MAX, 1ULL << 31},
    [BFP_INT64] = {INT64_MAX, 1ULL << 63},
    [BFP_UINT32] = {UINT32_MAX, 0},
    [BFP_UINT64] = {UINT64_MAX, 0},
};

static uint64_t as_target(enum bfp_fixed target, bool sign, uint64_t v)
{
    if (sign)
        v = -v;
    return target == BFP_INT32 || target == BFP_UINT32 ? (uint32_t)v : v;
}

static unsigned to_fixed(struct bfp_env *env, const struct wide *a, enum bfp_fixed target, uint64_t *result)
{
    bool sign = a->sign || a->class >= QUIET_NAN; /* a NaN gives the lowest number */
    uint64_t most = limit[target][sign];

    if (a->class == ZERO) {
        *result = 0;
        return 0;
    }
    if (a->class == FINITE && a->exp < 64) {
        uint8_t conditions = 0;
        uint128 integer = bfp_integer_part(a, env->rounding, &conditions);

        if (integer <= most) {
            env->conditions |= conditions;
            apply_inexact_control(env);
            *result = as_target(target, sign, (uint64_t)integer);
            return sign ? 1 : 2;
        }
    }
    env->conditions |= BFP_INVALID | BFP_INEXACT;
    apply_inexact_control(env);
    *result = as_target(target, sign, most);
    return 3;
}

unsigned bfp32_to_fixed(struct bfp_env *env, uint32_t bits, enum bfp_fixed target, uint64_t *result)
{
    struct wide a = widen(unpack_narrow(bits, &short_format));

    return to_fixed(env, &a, target, result);
}
unsigned bfp64_to_fixed(struct bfp_env *env, uint64_t bits, enum bfp_fixed target, uint64_t *result)
{
    struct wide a = widen(unpack_narrow(bits, &long_format));

    return to_fixed(env, &a, target, result);
}
unsigned bfp128_to_fixed(struct bfp_env *env, struct bfp128 bits, enum bfp_fixed target, uint64_t *result)
{
    struct wide a = bfp_unpack_extended(bits);

    return to_fixed(env, &a, target, result);
}
