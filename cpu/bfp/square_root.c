/* SPDX-License-Identifier: MIT */
/** SQUARE ROOT (PoP ch. 19). */
#include "cpu/bfp/parts.h"

/*
 * Integer roots by Zimmermann's recursion: the root of the left half of n, then the
 * right half of the root by one division by twice that. n's leftmost two bits must not
 * both be zero. Each level may be one too large and is corrected.
 */

static uint32_t root32(uint32_t n)
{
    /* A straight line within 1/31 of the root, then Newton's method, which ends at most one too large. */
    uint32_t root = 22528 + (n >> 20) * 11;

    root = (root + n / root) / 2;
    root = (root + n / root) / 2;
    return root - ((uint64_t)root * root > n);
}

static uint32_t root64(uint64_t n, uint64_t *rest)
{
    uint64_t left = root32(n >> 32);
    uint64_t left_rest = (n >> 32) - left * left;
    uint64_t dividend = left_rest << 16 | (n >> 16 & 0xffff);
    uint64_t digit = dividend / (2 * left);
    uint64_t root = (left << 16) + digit;
    int64_t r = (int64_t)((dividend - digit * 2 * left) << 16 | (n & 0xffff)) - (int64_t)(digit * digit);

    if (r < 0) {
        r += (int64_t)(2 * root) - 1;
        root--;
    }
    *rest = (uint64_t)r;
    return (uint32_t)root;
}

static uint64_t root128(uint128 n, uint128 *rest)
{
    uint64_t left_rest;
    uint64_t left = root64(n >> 64, &left_rest);
    uint128 dividend = (uint128)left_rest << 32 | (uint32_t)(n >> 32);
    uint64_t digit = (uint64_t)(dividend / (2 * left));
    uint128 root = ((uint128)left << 32) + digit;
    __int128 r = (__int128)((dividend - (uint128)digit * 2 * left) << 32 | (uint32_t)n)
        - (__int128)((uint128)digit * digit);

    if (r < 0) {
        r += (__int128)(2 * root) - 1;
        root--;
    }
    *rest = (uint128)r;
    return (uint64_t)root;
}

/** Root of hi × 2^128; *inexact when it is not exact. */
static uint128 root256(uint128 hi, bool *inexact)
{
    uint128 left_rest;
    uint128 left = root128(hi, &left_rest);
    uint128 half = left_rest << 63; /* half the dividend: left_rest may have 65 bits */
    uint128 digit = half / left;
    uint128 rest = (half - digit * left) * 2; /* below 2 × left: to be followed by 64 zeros */
    uint128 root = (left << 64) + digit;
    struct uint256 square = multiply128(digit, digit);
    struct uint256 wanted = {.hi = rest >> 64, .lo = rest << 64};

    /* A perfect square never needs the correction, so a negative remainder means inexact, too. */
    *inexact = square.hi != wanted.hi || square.lo != wanted.lo;
    if (square.hi > wanted.hi || (square.hi == wanted.hi && square.lo > wanted.lo))
        root--;
    return root;
}

/** A root that is no arithmetic: true with the result. Zeros keep their sign. */
static bool special_root(struct bfp_env *env, const struct bfp_format *f, uint128 bits, unsigned class,
                         bool sign, uint128 *result)
{
    if (class >= QUIET_NAN)
        *result = bfp_propagate(env, f, bits, class, 0, ZERO);
    else if (class == ZERO || (class == INFINITE && !sign))
        *result = bits;
    else if (sign)
        *result = invalid_operation(env, f);
    else
        return false;
    return true;
}

static inline uint64_t square_root_narrow(struct bfp_env *env, const struct bfp_format *f, uint64_t bits)
{
    struct narrow a = unpack_narrow(bits, f);
    uint128 result = 0, rest;
    uint64_t root;

    if (special_root(env, f, bits, a.class, a.sign, &result))
        return (uint64_t)result;
    /* Radicand with an even exponent, and two bits more than needed to have its leftmost in place. */
    root = root128((uint128)a.sig << (64 + (a.exp & 1)), &rest);
    return round_narrow(env, f, false, a.exp >> 1, root >> 1 | (root & 1) | (rest != 0));
}

uint32_t bfp32_square_root(struct bfp_env *env, uint32_t a)
{
    return (uint32_t)square_root_narrow(env, &short_format, a);
}
uint64_t bfp64_square_root(struct bfp_env *env, uint64_t a)
{
    return square_root_narrow(env, &long_format, a);
}

struct bfp128 bfp128_square_root(struct bfp_env *env, struct bfp128 bits)
{
    const struct bfp_format *f = &extended_format;
    struct wide a = bfp_unpack_extended(bits);
    uint128 result = 0, root;
    bool inexact;

    if (special_root(env, f, bits128(bits), a.class, a.sign, &result))
        return from_bits128(result);
    root = root256(a.sig << (a.exp & 1), &inexact);
    return from_bits128(bfp_round(env, f, false, a.exp >> 1, shift_right_jam128(root, 1) | inexact));
}
