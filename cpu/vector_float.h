/* SPDX-License-Identifier: MIT */
/**
 * Vector floating point (PoP ch. 24): elements, controls and exceptions.
 *
 * An instruction collects its result in a struct vector_float, element by element in index
 * order. The first element with a trap ends it with the vector-processing exception: no
 * result, condition code or flag is changed. Otherwise the flags of all elements are set.
 * Elements that a single-element operation leaves unpredictable become zero.
 */
#ifndef SIENNA_CPU_VECTOR_FLOAT_H
#define SIENNA_CPU_VECTOR_FLOAT_H

#include "cpu/float.h"
#include "cpu/vector.h"

enum float_format { FLOAT_SHORT = 2, FLOAT_LONG = 3, FLOAT_EXTENDED = 4 };
/* Bits of the controls field. */
enum { SINGLE_ELEMENT = 8, SIGNAL_ON_QUIET = 4, INEXACT_CONTROL = 4 };

struct vector_float {
    struct cpu *cpu;
    struct bfp_env env;      /**< conditions are those of the present element */
    uint8_t format;          /**< enum float_format */
    bool single;
    uint8_t conditions;      /**< of the elements before */
    union vector_register result;
};

/**
 * Begin an operation on `format` with `controls`, of which those in `allowed` (beside
 * SINGLE_ELEMENT) may be on; short and extended need vector-enhancements facility 1.
 * Specification exception otherwise.
 */
struct vector_float vector_float_begin(struct cpu *cpu, unsigned format, unsigned controls, unsigned allowed);
/** After an element: its trap, or collect its conditions. */
void vector_float_element(struct vector_float *v, unsigned index);
/** Store the result in vector register r and set the flags. */
void vector_float_end(struct vector_float *v, unsigned r);

static inline unsigned vector_float_count(const struct vector_float *v)
{
    return v->single ? 1 : v->format == FLOAT_SHORT ? 4 : v->format == FLOAT_LONG ? 2 : 1;
}
static inline struct bfp128 extended_element(const union vector_register *v)
{
    return (struct bfp128){v->d[0], v->d[1]};
}
static inline void set_extended_element(union vector_register *v, struct bfp128 value)
{
    v->d[0] = value.hi;
    v->d[1] = value.lo;
}

/* Element i of an operand, inside DEFINE_OP bodies. */
#define SHORT_OF(r) VW(&cpu->vr[r], i)
#define LONG_OF(r) VD(&cpu->vr[r], i)
#define EXTENDED_OF(r) extended_element(&cpu->vr[r])

/** Every element of v's result, by an expression for each format. */
#define FLOAT_ELEMENTS(v, short_value, long_value, extended_value) \
    for (unsigned i = 0; i < vector_float_count(&(v)); i++) { \
        if ((v).format == FLOAT_SHORT) \
            VW(&(v).result, i) = (short_value); \
        else if ((v).format == FLOAT_LONG) \
            VD(&(v).result, i) = (long_value); \
        else \
            set_extended_element(&(v).result, extended_value); \
        vector_float_element(&(v), i); \
    }

#endif
