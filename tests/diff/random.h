/* SPDX-License-Identifier: MIT */
/** Deterministic random numbers, the same on every host. */
#ifndef SIENNA_DIFF_RANDOM_H
#define SIENNA_DIFF_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

/** 64 random bits (a Weyl sequence through a mixing function). */
static inline uint64_t random_bits(struct random *r)
{
    uint64_t x = r->state += 0x9e3779b97f4a7c15ULL;

    x = (x ^ x >> 32) * 0xd6e8feb86659fd93ULL;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93ULL;
    return x ^ x >> 32;
}
/** 0 … limit - 1. */
static inline unsigned random_below(struct random *r, unsigned limit)
{
    return (unsigned)((random_bits(r) >> 32) * limit >> 32);
}
/** True in `percent` of 100 cases. */
static inline bool random_chance(struct random *r, unsigned percent)
{
    return random_below(r, 100) < percent;
}

#endif
