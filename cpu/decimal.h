/* SPDX-License-Identifier: MIT */
/**
 * Packed decimal numbers (PoP ch. 8): up to 31 digits and a sign in up to 16 bytes, worked
 * on as a binary magnitude (10**31 takes 103 bits) and a sign. Zero keeps the sign it has.
 */
#ifndef SIENNA_CPU_DECIMAL_H
#define SIENNA_CPU_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

enum { PACKED_DIGITS = 31, PACKED_BYTES = 16 };

struct packed {
    unsigned __int128 magnitude;
    bool negative;
};

/** 10**n, n = 0–38. */
unsigned __int128 power_of_ten(unsigned n);
/** Decimal digits that `bytes` bytes of packed decimal hold. */
static inline unsigned packed_digits(unsigned bytes) { return 2 * bytes - 1; }
/** Sign codes: A, C, E, F plus; B, D minus; 0–9 invalid. */
static inline bool sign_valid(unsigned code) { return code > 9; }
static inline bool sign_minus(unsigned code) { return code == 0xb || code == 0xd; }

/** Read 1–16 bytes; false when a digit or the sign is invalid. */
bool packed_decode(const uint8_t *from, unsigned bytes, struct packed *out);
/** Write 1–16 bytes with sign code C or D; false when leading nonzero digits were lost. */
bool packed_encode(uint8_t *to, unsigned bytes, struct packed value);

#endif
