/* SPDX-License-Identifier: MIT */
/** Operand values: random, but most often interesting ones. */
#ifndef SIENNA_DIFF_VALUES_H
#define SIENNA_DIFF_VALUES_H

#include <stddef.h>

#include "random.h"

/** What registers and windows are filled with. */
enum flavour { FLAVOUR_INTEGER, FLAVOUR_SHORT, FLAVOUR_LONG, FLAVOUR_EXTENDED, FLAVOUR_DECIMAL, FLAVOUR_TEXT };

uint64_t value_integer(struct random *r);
/** A binary-floating-point number of 4, 8 or 16 bytes, big-endian. */
void value_float(struct random *r, uint8_t *to, unsigned bytes);
/** A packed decimal number of `bytes` bytes; now and then with an invalid digit or sign. */
void value_packed(struct random *r, uint8_t *to, unsigned bytes);
/** A zoned decimal number. */
void value_zoned(struct random *r, uint8_t *to, unsigned bytes);
/** Fill `bytes` (a multiple of 16) bytes according to a flavour. */
void value_fill(struct random *r, enum flavour flavour, uint8_t *to, size_t bytes);
/** An FPC: valid rounding mode, random flags; masks when `masks`. */
uint32_t value_fpc(struct random *r, bool masks);

#endif
