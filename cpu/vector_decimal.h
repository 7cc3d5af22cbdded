/* SPDX-License-Identifier: MIT */
/**
 * Vector packed decimal (PoP ch. 25): 31 digits and a sign in a vector register, checked and
 * worked on as in cpu/decimal.h.
 */
#ifndef SIENNA_CPU_VECTOR_DECIMAL_H
#define SIENNA_CPU_VECTOR_DECIMAL_H

#include "cpu/decimal.h"
#include "cpu/vector.h"

/* M5 of the arithmetic instructions: the sign of operand 2, of operand 3, of the result is taken
 * as positive; the condition code is set. */
enum { POSITIVE_2 = 8, POSITIVE_3 = 4, POSITIVE_RESULT = 2, SET_CC = 1 };
/* The immediate field: no decimal-overflow interruption; digits of the result (or shift). */
enum { OVERFLOW_MASK = 0x80, DIGITS_FIELD = 0x1f };

/** Digit or sign: nibble 0-30 from the left, 31 the sign. */
static inline unsigned nibble(const union vector_register *v, unsigned i)
{
    return (unsigned)(v->d[i / 16] >> (60 - i % 16 * 4)) & 0xf;
}
static inline unsigned sign_of(const union vector_register *v) { return (unsigned)v->d[1] & 0xf; }
static inline union vector_register with_sign(union vector_register v, unsigned sign)
{
    v.d[1] = (v.d[1] & ~0xfULL) | sign;
    return v;
}
/** The rightmost `digits` digits and the sign; zeros on the left. */
static inline union vector_register rightmost_digits(const union vector_register *v, unsigned digits)
{
    return vector_of(quadword(v) & ~(unsigned __int128)0 >> 4 * (PACKED_DIGITS - digits));
}
static inline bool digits_zero(const union vector_register *v) { return quadword(v) >> 4 == 0; }
bool digits_valid(const union vector_register *v);

/** An operand; data exception when a digit, or unless `positive` the sign, is invalid. */
struct packed decimal_operand(struct cpu *cpu, unsigned r, bool positive);

/** Check the immediate field of an instruction: specification exception for bits that must be zero. */
void check_overflow_mask(struct cpu *cpu, unsigned immediate);
/** … and the number of digits in it, 1-31. */
unsigned result_digits(struct cpu *cpu, unsigned immediate);

/** What has become of a computation. */
struct decimal_result {
    struct packed value;
    bool lost;          /**< digits left of the 31 are already gone */
    unsigned digits;    /**< to be kept */
    unsigned controls;  /**< POSITIVE_RESULT, SET_CC */
    bool masked;        /**< no interruption */
};
/**
 * Place the rightmost digits in vector register r. Zero is positive. Condition code: 0 zero, 1 negative,
 * 2 positive, 3 overflow, which may interrupt.
 */
void decimal_complete(struct cpu *cpu, unsigned r, struct decimal_result result);
/** The decimal-overflow interruption, when the program mask and the instruction permit it. */
void decimal_overflow(struct cpu *cpu, bool masked);

#endif
