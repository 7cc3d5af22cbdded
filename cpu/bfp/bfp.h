/* SPDX-License-Identifier: MIT */
/**
 * Binary floating point (IEEE 754) as z/Architecture defines it (PoP ch. 9 and 19), in
 * integers only: results never depend on the host's floating point.
 *
 * Pure functions on bit patterns: short (32), long (64), extended (128 bits). What an
 * operation met is left in the environment, so that the instruction layer can take
 * each IEEE exception as the PoP says: nontrap results and flags, or trap results and DXC.
 */
#ifndef SIENNA_CPU_BFP_BFP_H
#define SIENNA_CPU_BFP_BFP_H

#include <stdbool.h>
#include <stdint.h>

/** Extended format; `hi` holds bits 0–63 (sign, exponent, leftmost 48 fraction bits). */
struct bfp128 {
    uint64_t hi, lo;
};

/** Rounding methods, numbered as the M3 modifier of instructions does (0 = current mode is not a method). */
enum bfp_rounding {
    BFP_NEAREST_AWAY = 1,   /**< to nearest with ties away from 0 */
    BFP_SHORTER = 3,        /**< to prepare for shorter precision: truncate, low bit on when inexact */
    BFP_NEAREST_EVEN = 4,
    BFP_TOWARD_ZERO = 5,
    BFP_TOWARD_PLUS = 6,
    BFP_TOWARD_MINUS = 7,
};

/** Conditions, at the bit positions of the FPC mask and flag bytes and of the DXC. */
enum bfp_condition {
    BFP_INVALID = 0x80,
    BFP_DIVISION = 0x40,
    BFP_OVERFLOW = 0x20,
    BFP_UNDERFLOW = 0x10,
    BFP_INEXACT = 0x08,
    BFP_INCREMENTED = 0x04, /**< with INEXACT: the result's magnitude exceeds the precise one */
    BFP_FLAGS = 0xf8,       /**< those that have a mask and a flag */
};

/** What an operation runs under, and what it met. */
struct bfp_env {
    uint8_t rounding;       /**< enum bfp_rounding */
    uint8_t masks;          /**< FPC byte 0: conditions that trap (decides which result is delivered) */
    bool suppress_inexact;  /**< XxC: operations with that control do not recognise inexact */
    uint8_t conditions;     /**< out, ORed: enum bfp_condition */
};

/**
 * The DXC of the trap that `env` calls for, 0 when none: at most one condition traps, in
 * the order invalid, division by zero (these two suppress), overflow, underflow, inexact
 * (these complete: the result is to be stored first).
 */
static inline uint8_t bfp_dxc(const struct bfp_env *env)
{
    unsigned trapping = env->conditions & env->masks & BFP_FLAGS;

    if (!trapping)
        return 0;
    if (trapping & BFP_INVALID)
        return BFP_INVALID;
    if (trapping & BFP_DIVISION)
        return BFP_DIVISION;
    if (trapping & (BFP_OVERFLOW | BFP_UNDERFLOW))
        return env->conditions & (BFP_OVERFLOW | BFP_UNDERFLOW | BFP_INEXACT | BFP_INCREMENTED);
    return env->conditions & (BFP_INEXACT | BFP_INCREMENTED);
}
/** True when the trap `dxc` suppresses the operation (nothing is stored, no flag is set). */
static inline bool bfp_suppresses(uint8_t dxc) { return dxc & (BFP_INVALID | BFP_DIVISION); }
/** The FPC flags (byte 1) to be ORed in, given bfp_dxc()'s answer. */
static inline uint8_t bfp_flags(const struct bfp_env *env, uint8_t dxc)
{
    if (!dxc)
        return env->conditions & BFP_FLAGS;
    if (dxc & (BFP_INVALID | BFP_DIVISION | BFP_OVERFLOW | BFP_UNDERFLOW))
        return 0;
    return env->conditions & BFP_FLAGS & ~BFP_INEXACT;
}
/** True when the result delivered is scaled: an overflow or underflow trap. */
static inline bool bfp_scaled(const struct bfp_env *env)
{
    return env->conditions & env->masks & (BFP_OVERFLOW | BFP_UNDERFLOW);
}
/** Rounding method of the BFP rounding mode in FPC bits 29–31 (0–3 and 7). */
static inline uint8_t bfp_fpc_rounding(uint32_t fpc)
{
    static const uint8_t method[8] = {
        BFP_NEAREST_EVEN, BFP_TOWARD_ZERO, BFP_TOWARD_PLUS, BFP_TOWARD_MINUS,
        BFP_NEAREST_EVEN, BFP_NEAREST_EVEN, BFP_NEAREST_EVEN, BFP_SHORTER,
    };

    return method[fpc & 7];
}

/* ---- Arithmetic -------------------------------------------------------
 * Two-operand operations take a NaN result from, in this order: a signalling `a`, a
 * signalling `b`, a quiet `a`, a quiet `b`. A multiplication followed by an addition
 * takes it from a signalling a or b, then (when neither is a NaN) from the default NaN
 * of 0 × infinity, then from a signalling c, a quiet a, b, c.
 */
uint32_t bfp32_add(struct bfp_env *env, uint32_t a, uint32_t b);
uint64_t bfp64_add(struct bfp_env *env, uint64_t a, uint64_t b);
struct bfp128 bfp128_add(struct bfp_env *env, struct bfp128 a, struct bfp128 b);
/** a − b. */
uint32_t bfp32_subtract(struct bfp_env *env, uint32_t a, uint32_t b);
uint64_t bfp64_subtract(struct bfp_env *env, uint64_t a, uint64_t b);
struct bfp128 bfp128_subtract(struct bfp_env *env, struct bfp128 a, struct bfp128 b);
uint32_t bfp32_multiply(struct bfp_env *env, uint32_t a, uint32_t b);
uint64_t bfp64_multiply(struct bfp_env *env, uint64_t a, uint64_t b);
struct bfp128 bfp128_multiply(struct bfp_env *env, struct bfp128 a, struct bfp128 b);
/** The exact product in the next longer format (MDEB, MXDB). */
uint64_t bfp32_multiply_long(struct bfp_env *env, uint32_t a, uint32_t b);
struct bfp128 bfp64_multiply_extended(struct bfp_env *env, uint64_t a, uint64_t b);
uint32_t bfp32_divide(struct bfp_env *env, uint32_t a, uint32_t b);
uint64_t bfp64_divide(struct bfp_env *env, uint64_t a, uint64_t b);
struct bfp128 bfp128_divide(struct bfp_env *env, struct bfp128 a, struct bfp128 b);
uint32_t bfp32_square_root(struct bfp_env *env, uint32_t a);
uint64_t bfp64_square_root(struct bfp_env *env, uint64_t a);
struct bfp128 bfp128_square_root(struct bfp_env *env, struct bfp128 a);
/** a × b + c, or a × b − c, rounded once. */
uint32_t bfp32_multiply_add(struct bfp_env *env, uint32_t a, uint32_t b, uint32_t c, bool subtract);
uint64_t bfp64_multiply_add(struct bfp_env *env, uint64_t a, uint64_t b, uint64_t c, bool subtract);
struct bfp128 bfp128_multiply_add(struct bfp_env *env, struct bfp128 a, struct bfp128 b, struct bfp128 c,
                                  bool subtract);
/**
 * DIVIDE TO INTEGER: dividend a, divisor b. The final quotient is rounded by `method`, the
 * remainder by env->rounding. Returns the condition code: bit value 2 = remainder
 * incomplete, 1 = quotient scaled (overflow) or NaN.
 */
unsigned bfp32_divide_to_integer(struct bfp_env *env, uint32_t a, uint32_t b, uint8_t method,
                                 uint32_t *quotient, uint32_t *remainder);
unsigned bfp64_divide_to_integer(struct bfp_env *env, uint64_t a, uint64_t b, uint8_t method,
                                 uint64_t *quotient, uint64_t *remainder);

/* ---- Comparison and classes ------------------------------------------ */

/** Condition code 0 equal, 1 a low, 2 a high, 3 unordered; `signal`: a quiet NaN is invalid too. */
unsigned bfp32_compare(struct bfp_env *env, uint32_t a, uint32_t b, bool signal);
unsigned bfp64_compare(struct bfp_env *env, uint64_t a, uint64_t b, bool signal);
unsigned bfp128_compare(struct bfp_env *env, struct bfp128 a, struct bfp128 b, bool signal);
/** TEST DATA CLASS: one bit, 0x800 (+0), 0x400 (−0), then normal, subnormal, infinity, QNaN, SNaN by sign. */
unsigned bfp32_class(uint32_t a);
unsigned bfp64_class(uint64_t a);
unsigned bfp128_class(struct bfp128 a);
/** Condition code of a result: 0 zero, 1 less than zero, 2 greater, 3 NaN. */
unsigned bfp32_cc(uint32_t a);
unsigned bfp64_cc(uint64_t a);
unsigned bfp128_cc(struct bfp128 a);
/** LOAD AND TEST: a, a signalling NaN made quiet (invalid). */
uint32_t bfp32_quiet(struct bfp_env *env, uint32_t a);
uint64_t bfp64_quiet(struct bfp_env *env, uint64_t a);
struct bfp128 bfp128_quiet(struct bfp_env *env, struct bfp128 a);

/** Functions of VECTOR FP MAXIMUM and MINIMUM (M6); with BFP_OF_MAGNITUDES on absolute values. */
enum bfp_minmax {
    BFP_MINMAX_IEEE = 0, BFP_MINMAX_JAVA = 1, BFP_MINMAX_C_MACRO = 2, BFP_MINMAX_CPP = 3, BFP_MINMAX_FMAX = 4,
    BFP_OF_MAGNITUDES = 8,
};
uint32_t bfp32_minmax(struct bfp_env *env, uint32_t a, uint32_t b, unsigned function, bool maximum);
uint64_t bfp64_minmax(struct bfp_env *env, uint64_t a, uint64_t b, unsigned function, bool maximum);
struct bfp128 bfp128_minmax(struct bfp_env *env, struct bfp128 a, struct bfp128 b, unsigned function,
                            bool maximum);

/* ---- Conversion ------------------------------------------------------ */

/** LOAD LENGTHENED: exact. */
uint64_t bfp32_to_bfp64(struct bfp_env *env, uint32_t a);
struct bfp128 bfp32_to_bfp128(struct bfp_env *env, uint32_t a);
struct bfp128 bfp64_to_bfp128(struct bfp_env *env, uint64_t a);
/** LOAD ROUNDED. When bfp_scaled(), the result to be stored is *scaled, in the source's format. */
uint32_t bfp64_to_bfp32(struct bfp_env *env, uint64_t a, uint64_t *scaled);
uint32_t bfp128_to_bfp32(struct bfp_env *env, struct bfp128 a, struct bfp128 *scaled);
uint64_t bfp128_to_bfp64(struct bfp_env *env, struct bfp128 a, struct bfp128 *scaled);
/** LOAD FP INTEGER. */
uint32_t bfp32_to_integer(struct bfp_env *env, uint32_t a);
uint64_t bfp64_to_integer(struct bfp_env *env, uint64_t a);
struct bfp128 bfp128_to_integer(struct bfp_env *env, struct bfp128 a);
/** CONVERT FROM FIXED and FROM LOGICAL. */
uint32_t bfp32_from_signed(struct bfp_env *env, int64_t a);
uint64_t bfp64_from_signed(struct bfp_env *env, int64_t a);
struct bfp128 bfp128_from_signed(int64_t a);
uint32_t bfp32_from_unsigned(struct bfp_env *env, uint64_t a);
uint64_t bfp64_from_unsigned(struct bfp_env *env, uint64_t a);
struct bfp128 bfp128_from_unsigned(uint64_t a);

/** Targets of CONVERT TO FIXED and TO LOGICAL. */
enum bfp_fixed { BFP_INT32, BFP_INT64, BFP_UINT32, BFP_UINT64 };
/**
 * CONVERT TO FIXED, TO LOGICAL: *result is the integer (32-bit targets: in the low half, upper
 * half zero). Returns the condition code: 0 zero, 1 negative, 2 positive source, 3 special
 * case (NaN, infinity, out of range): the nearest representable integer, or the lowest for a
 * NaN, with invalid and inexact.
 */
unsigned bfp32_to_fixed(struct bfp_env *env, uint32_t a, enum bfp_fixed target, uint64_t *result);
unsigned bfp64_to_fixed(struct bfp_env *env, uint64_t a, enum bfp_fixed target, uint64_t *result);
unsigned bfp128_to_fixed(struct bfp_env *env, struct bfp128 a, enum bfp_fixed target, uint64_t *result);

#endif
