/* SPDX-License-Identifier: MIT */
/** Numbers that look random and are the same everywhere. */
#ifndef SIENNA_TESTS_RANDOM_H
#define SIENNA_TESTS_RANDOM_H

#include <stdint.h>

/** The next number after `state`, which must not be zero (xorshift64*, Vigna 2014); its left bits are better. */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * 0x2545f4914f6cdd1dULL;
}

#endif
