/* SPDX-License-Identifier: MIT */
/**
 * For the floating-point tests: all formats as 128-bit patterns, and seeded operands of the
 * kinds that make arithmetic go wrong.
 */
#ifndef SIENNA_TESTS_BFP_RANDOM_H
#define SIENNA_TESTS_BFP_RANDOM_H

#include "cpu/bfp/bfp.h"
#include "unit/random.h"

/** A number of any format, right-aligned. */
typedef unsigned __int128 bits;

enum { SHORT, LONG, EXTENDED };

static const struct {
    int width, precision, bias;
} formats[] = {{32, 24, 127}, {64, 53, 1023}, {128, 113, 16383}};

static inline struct bfp128 extended(bits v) { return (struct bfp128){(uint64_t)(v >> 64), (uint64_t)v}; }
static inline bits from_extended(struct bfp128 v) { return (bits)v.hi << 64 | v.lo; }
static inline bits sign_bit(int f) { return (bits)1 << (formats[f].width - 1); }
static inline bits fraction_mask(int f) { return ((bits)1 << (formats[f].precision - 1)) - 1; }
static inline bits infinity_of(int f) { return sign_bit(f) - 1 - fraction_mask(f); }
static inline bool is_nan(int f, bits v) { return (v & (sign_bit(f) - 1)) > infinity_of(f); }
static inline bits smallest_normal(int f) { return fraction_mask(f) + 1; }

/* For messages: both halves of any number. */
#define HEX "%016llx"
#define HALVES(v) (unsigned long long)((v) >> 64), (unsigned long long)(v)

struct random {
    uint64_t state;
};

static inline uint64_t random64(struct random *r)
{
    return next_random(&r->state);
}

/** Mostly runs of equal bits: carries, cancellation and ties come from these. */
static inline bits random_fraction(struct random *r, int f)
{
    bits v = (bits)random64(r) << 64 | random64(r);
    unsigned n = random64(r) % formats[f].precision;
    bits ones = ~(bits)0;

    switch (random64(r) % 6) {
    case 0:
        v = 0;
        break;
    case 1:
        v = ones << n;
        break;
    case 2:
        v = ((bits)1 << n) - 1;
        break;
    case 3:
        v = (bits)1 << n;
        break;
    case 4:
        v &= ones << n;
        break;
    default:
        break;
    }
    return v & fraction_mask(f);
}

static inline bits random_number(struct random *r, int f)
{
    unsigned bias = formats[f].bias, v = random64(r) >> 32, exponent;

    switch (random64(r) % 16) {
    case 0:
        exponent = 0;
        break;
    case 1:
        exponent = 2 * bias + 1;
        break;
    case 2:
        exponent = 1 + v % 4;
        break;
    case 3:
        exponent = 2 * bias - v % 4;
        break;
    case 4:
    case 5:
        exponent = v % (2 * bias + 2);
        break;
    case 6:
        exponent = bias / 2 + v % 64;
        break;
    default: /* close to one another, so that sums interact */
        exponent = bias - 16 + v % 32;
        break;
    }
    return (random64(r) & 1 ? sign_bit(f) : 0) | (bits)exponent << (formats[f].precision - 1)
        | random_fraction(r, f);
}

static const uint8_t methods[] = {BFP_NEAREST_AWAY, BFP_SHORTER, BFP_NEAREST_EVEN,
                                  BFP_TOWARD_ZERO, BFP_TOWARD_PLUS, BFP_TOWARD_MINUS};
enum { METHODS = sizeof(methods) };

static inline struct bfp_env env_of(uint8_t method, uint8_t masks)
{
    return (struct bfp_env){.rounding = method, .masks = masks};
}

enum operation { ADD, SUBTRACT, MULTIPLY, DIVIDE, ROOT, MULTIPLY_ADD, MULTIPLY_SUBTRACT, OPERATIONS };

/** One operation of the engine, on operands of format f. */
static inline bits engine(int f, enum operation op, struct bfp_env *env, const bits *v)
{
#define OF_FORMAT(name, in, out, type) \
    { \
        type a = in(v[0]), b = in(v[1]), c = in(v[2]); \
        switch (op) { \
        case ADD: \
            return out(name##_add(env, a, b)); \
        case SUBTRACT: \
            return out(name##_subtract(env, a, b)); \
        case MULTIPLY: \
            return out(name##_multiply(env, a, b)); \
        case DIVIDE: \
            return out(name##_divide(env, a, b)); \
        case ROOT: \
            return out(name##_square_root(env, a)); \
        default: \
            return out(name##_multiply_add(env, a, b, c, op == MULTIPLY_SUBTRACT)); \
        } \
    }
    if (f == SHORT)
        OF_FORMAT(bfp32, (uint32_t), (bits), uint32_t)
    if (f == LONG)
        OF_FORMAT(bfp64, (uint64_t), (bits), uint64_t)
    OF_FORMAT(bfp128, extended, from_extended, struct bfp128)
#undef OF_FORMAT
}

#endif
