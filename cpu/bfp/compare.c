/* SPDX-License-Identifier: MIT */
/** Comparison, data classes, maximum and minimum (PoP ch. 19 and 24): all on bit patterns. */
#include "cpu/bfp/parts.h"

static unsigned class_of(uint128 a, const struct bfp_format *f)
{
    uint128 magnitude = a & (((uint128)1 << (f->bits - 1)) - 1);
    uint128 infinity = infinity_bits(f, false);

    if (magnitude == 0)
        return ZERO;
    if (magnitude < infinity)
        return FINITE;
    if (magnitude == infinity)
        return INFINITE;
    return a & quiet_bit(f) ? QUIET_NAN : SIGNALING_NAN;
}

static bool sign_of(uint128 a, const struct bfp_format *f) { return a >> (f->bits - 1); }

static unsigned data_class(uint128 a, const struct bfp_format *f)
{
    static const uint16_t mask[] = {
        [ZERO] = 0x800, [FINITE] = 0x200, [INFINITE] = 0x020, [QUIET_NAN] = 0x008, [SIGNALING_NAN] = 0x002,
    };
    unsigned class = class_of(a, f);
    bool subnormal = class == FINITE && !(a & infinity_bits(f, false));

    return (subnormal ? 0x080u : mask[class]) >> sign_of(a, f);
}

static unsigned result_cc(uint128 a, const struct bfp_format *f)
{
    unsigned class = class_of(a, f);

    return class >= QUIET_NAN ? 3 : class == ZERO ? 0 : sign_of(a, f) ? 1 : 2;
}

static uint128 quieted(struct bfp_env *env, uint128 a, const struct bfp_format *f)
{
    if (class_of(a, f) != SIGNALING_NAN)
        return a;
    env->conditions |= BFP_INVALID;
    return a | quiet_bit(f);
}

/** Three-way order of two numbers, −0 below +0. */
static int order(uint128 a, uint128 b, const struct bfp_format *f)
{
    bool a_sign = sign_of(a, f), b_sign = sign_of(b, f);

    if (a == b)
        return 0;
    if (a_sign != b_sign)
        return a_sign ? -1 : 1;
    return (a < b) != a_sign ? -1 : 1;
}

static unsigned compare(struct bfp_env *env, uint128 a, uint128 b, const struct bfp_format *f, bool signal)
{
    unsigned a_class = class_of(a, f), b_class = class_of(b, f);

    if (unlikely(a_class >= QUIET_NAN || b_class >= QUIET_NAN)) {
        if (signal || a_class == SIGNALING_NAN || b_class == SIGNALING_NAN)
            env->conditions |= BFP_INVALID;
        return 3;
    }
    if (a_class == ZERO && b_class == ZERO)
        return 0;
    return a == b ? 0 : order(a, b, f) < 0 ? 1 : 2;
}

/** Which operand a maximum or minimum delivers. */
static bool takes_b(struct bfp_env *env, uint128 a, uint128 b, const struct bfp_format *f, unsigned function,
                    bool maximum)
{
    unsigned a_class = class_of(a, f), b_class = class_of(b, f);
    bool a_nan = a_class >= QUIET_NAN, b_nan = b_class >= QUIET_NAN;
    int sequence;

    if (a_nan || b_nan) {
        if (a_class == SIGNALING_NAN || b_class == SIGNALING_NAN)
            env->conditions |= BFP_INVALID;
        switch (function) {
        case BFP_MINMAX_IEEE: /* a number wins over a quiet NaN, a signalling NaN over all */
            if (a_class == SIGNALING_NAN || b_class == SIGNALING_NAN)
                return a_class != SIGNALING_NAN;
            return a_nan && !b_nan;
        case BFP_MINMAX_JAVA: /* as in arithmetic */
            if (a_class == SIGNALING_NAN || b_class == SIGNALING_NAN)
                return a_class != SIGNALING_NAN;
            return !a_nan;
        case BFP_MINMAX_FMAX:
            return !b_nan;
        default: /* a relational operator on a NaN, which is false */
            env->conditions |= BFP_INVALID;
            return function == BFP_MINMAX_C_MACRO;
        }
    }
    sequence = order(a, b, f);
    if (sequence == 0 || (a_class == ZERO && b_class == ZERO)) {
        if (function == BFP_MINMAX_C_MACRO)
            return true;
        if (function == BFP_MINMAX_CPP)
            return false;
    }
    return maximum ? sequence < 0 : sequence > 0;
}

static uint128 minmax(struct bfp_env *env, uint128 a, uint128 b, const struct bfp_format *f,
                      unsigned function, bool maximum)
{
    const uint128 all_but_sign = ((uint128)1 << (f->bits - 1)) - 1;
    uint128 result;
    bool silences;

    if (function & BFP_OF_MAGNITUDES) {
        uint128 a_magnitude = a & all_but_sign, b_magnitude = b & all_but_sign;

        function &= ~BFP_OF_MAGNITUDES;
        if (function != BFP_MINMAX_IEEE) {
            a = a_magnitude;
            b = b_magnitude;
        } else if (class_of(a, f) < QUIET_NAN && class_of(b, f) < QUIET_NAN && a_magnitude != b_magnitude) {
            /* maxNumMag delivers the operand itself; equal magnitudes go by sign. */
            return (a_magnitude < b_magnitude) == maximum ? b : a;
        }
    }
    result = takes_b(env, a, b, f, function, maximum) ? b : a;
    silences = function == BFP_MINMAX_IEEE || function == BFP_MINMAX_JAVA;
    if (silences && class_of(result, f) == SIGNALING_NAN)
        result |= quiet_bit(f);
    return result;
}

/* ---- Short and long, left-justified in 64 bits ------------------------ */

#define SHORT_INFINITY 0x7f80000000000000ULL
#define LONG_INFINITY 0x7ff0000000000000ULL

static inline unsigned cc_narrow(uint64_t a, uint64_t infinity)
{
    uint64_t twice = a << 1;

    return twice > infinity << 1 ? 3 : !twice ? 0 : 2 - (unsigned)(a >> 63);
}

static inline unsigned compare_narrow(struct bfp_env *env, uint64_t a, uint64_t b, uint64_t infinity,
                                      const struct bfp_format *f, bool signal)
{
    uint64_t twice_a = a << 1, twice_b = b << 1;

    if (unlikely(twice_a > infinity << 1 || twice_b > infinity << 1))
        return compare(env, a >> (64 - f->bits), b >> (64 - f->bits), f, signal);
    if (a == b || !(twice_a | twice_b))
        return 0;
    if ((a ^ b) >> 63)
        return 2 - (unsigned)(a >> 63);
    return (a < b) != a >> 63 ? 1 : 2;
}

/* ---- The formats ----------------------------------------------------- */

unsigned bfp32_compare(struct bfp_env *env, uint32_t a, uint32_t b, bool signal)
{
    return compare_narrow(env, (uint64_t)a << 32, (uint64_t)b << 32, SHORT_INFINITY, &short_format, signal);
}
unsigned bfp64_compare(struct bfp_env *env, uint64_t a, uint64_t b, bool signal)
{
    return compare_narrow(env, a, b, LONG_INFINITY, &long_format, signal);
}
unsigned bfp128_compare(struct bfp_env *env, struct bfp128 a, struct bfp128 b, bool signal)
{
    return compare(env, bits128(a), bits128(b), &extended_format, signal);
}
unsigned bfp32_class(uint32_t a) { return data_class(a, &short_format); }
unsigned bfp64_class(uint64_t a) { return data_class(a, &long_format); }
unsigned bfp128_class(struct bfp128 a) { return data_class(bits128(a), &extended_format); }
unsigned bfp32_cc(uint32_t a) { return cc_narrow((uint64_t)a << 32, SHORT_INFINITY); }
unsigned bfp64_cc(uint64_t a) { return cc_narrow(a, LONG_INFINITY); }
unsigned bfp128_cc(struct bfp128 a) { return result_cc(bits128(a), &extended_format); }
uint32_t bfp32_quiet(struct bfp_env *env, uint32_t a) { return quieted(env, a, &short_format); }
uint64_t bfp64_quiet(struct bfp_env *env, uint64_t a) { return quieted(env, a, &long_format); }
struct bfp128 bfp128_quiet(struct bfp_env *env, struct bfp128 a)
{
    return from_bits128(quieted(env, bits128(a), &extended_format));
}
uint32_t bfp32_minmax(struct bfp_env *env, uint32_t a, uint32_t b, unsigned function, bool maximum)
{
    return minmax(env, a, b, &short_format, function, maximum);
}
uint64_t bfp64_minmax(struct bfp_env *env, uint64_t a, uint64_t b, unsigned function, bool maximum)
{
    return minmax(env, a, b, &long_format, function, maximum);
}
struct bfp128 bfp128_minmax(struct bfp_env *env, struct bfp128 a, struct bfp128 b, unsigned function,
                            bool maximum)
{
    return from_bits128(minmax(env, bits128(a), bits128(b), &extended_format, function, maximum));
}
