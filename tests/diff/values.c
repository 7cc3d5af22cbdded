/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <string.h>

#include "slot.h"

uint64_t value_integer(struct random *r)
{
    uint64_t x = random_bits(r);

    switch (random_below(r, 12)) {
    case 0:
        return x >> 60;
    case 1:
        return 0 - (x >> 60);
    case 2: /* around a power of two */
        return (1ULL << (x & 63)) + (x >> 8 & 3) - 1;
    case 3: /* bounds of 32 bits, any high half */
        return (x & 0xffffffff00000000ULL) | ((0x7fffffff + (x & 3)) & 0xffffffff);
    case 4:
        return (uint32_t)x;
    case 5:
        return (uint64_t)(int64_t)(int32_t)x;
    case 6:
        return x >> random_below(r, 64);
    case 7: /* bounds of halfword and byte */
        return (uint64_t)(int64_t)(int16_t)(x & 1 ? 0x7ffe + (x >> 8 & 3) : 0x7e + (x >> 8 & 3));
    case 8: /* runs of ones */
        return ~0ULL << (x & 63) >> (x >> 8 & 63);
    default:
        return x;
    }
}

struct float_format {
    unsigned bytes, exponent_bits;
    int bias;
};

/* Sign, biased exponent and 112 fraction bits, of which the format takes the leftmost. */
static void put_float(uint8_t *to, unsigned bytes, unsigned sign, unsigned exponent, uint64_t high, uint64_t low)
{
    switch (bytes) {
    case 4:
        put32(to, sign << 31 | exponent << 23 | (uint32_t)(high >> 41));
        break;
    case 8:
        put64(to, (uint64_t)sign << 63 | (uint64_t)exponent << 52 | high >> 12);
        break;
    default:
        put64(to, (uint64_t)sign << 63 | (uint64_t)exponent << 48 | high >> 16);
        put64(to + 8, high << 48 | low >> 16);
        break;
    }
}

static void fraction(struct random *r, uint64_t *high, uint64_t *low)
{
    *high = random_bits(r);
    *low = random_bits(r);
    switch (random_below(r, 8)) {
    case 0:
        *high = *low = 0;
        break;
    case 1:
        *high = *low = ~0ULL;
        break;
    case 2: /* few leading bits: exact results */
        *high &= ~0ULL << random_below(r, 64);
        *low = 0;
        break;
    case 3: /* near the end of a format: ties and double rounding */
        *high &= 0xfffffe0000000000ULL;
        *high |= random_below(r, 2) ? 0 : 1ULL << (random_below(r, 2) ? 40 : 11);
        *low = 0;
        break;
    default:
        break;
    }
}

void value_float(struct random *r, uint8_t *to, unsigned bytes)
{
    unsigned bits = bytes == 4 ? 8 : bytes == 8 ? 11 : 15, most = (1u << bits) - 1, bias = most / 2;
    unsigned digits = bytes == 4 ? 24 : bytes == 8 ? 53 : 113, sign = random_below(r, 2), exponent;
    uint64_t high, low;

    fraction(r, &high, &low);
    switch (random_below(r, 16)) {
    case 0: /* zero, or denormalized */
    case 1:
        exponent = 0;
        if (random_below(r, 2))
            high = low = 0;
        break;
    case 2: /* infinity, NaN */
        exponent = most;
        break;
    case 3:
        exponent = most;
        high = low = 0;
        break;
    case 4:
        exponent = 1 + random_below(r, 3);
        break;
    case 5:
        exponent = most - 1 - random_below(r, 3);
        break;
    case 6: /* denormalized with few bits */
        exponent = 0;
        low = low >> 16 | high << 48;
        high >>= random_below(r, 52);
        break;
    case 7:
        exponent = random_below(r, most);
        break;
    case 8: /* about the limits of integers */
        exponent = bias + (random_below(r, 2) ? 31 : 63) - 2 + random_below(r, 4);
        break;
    case 9: /* the limits of the smaller formats */
        exponent = bytes == 4 ? bias : bias + (random_below(r, 2) ? 127u : 0u - 127u) - 2 + random_below(r, 4);
        break;
    case 10:
        exponent = bytes < 16 ? bias : bias + (random_below(r, 2) ? 1023u : 0u - 1023u) - 2 + random_below(r, 4);
        break;
    default: /* numbers that meet each other */
        exponent = bias + random_below(r, digits) - digits / 2;
        break;
    }
    put_float(to, bytes, sign, exponent & most, high, low);
}

static uint8_t sign_code(struct random *r)
{
    return random_chance(r, 96) ? (uint8_t)"\x0c\x0d\x0f\x0a\x0b\x0e\x0c\x0d"[random_below(r, 8)]
                                : (uint8_t)random_below(r, 16);
}

static uint8_t digit(struct random *r, unsigned kind)
{
    switch (kind) {
    case 0:
        return 0;
    case 1:
        return 9;
    default:
        return (uint8_t)random_below(r, 10);
    }
}

void value_packed(struct random *r, uint8_t *to, unsigned bytes)
{
    unsigned digits = 2 * bytes - 1, zeros = random_below(r, 2) ? random_below(r, digits + 1) : 0;
    unsigned kind = random_below(r, 6);

    memset(to, 0, bytes);
    for (unsigned i = zeros; i < digits; i++)
        to[i / 2] |= (uint8_t)(digit(r, kind) << (i & 1 ? 0 : 4));
    to[bytes - 1] |= sign_code(r);
    if (random_chance(r, 2))
        to[random_below(r, bytes)] = (uint8_t)random_bits(r);
}

void value_zoned(struct random *r, uint8_t *to, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = 0xf0 | digit(r, 2);
    if (random_below(r, 2))
        to[bytes - 1] = (uint8_t)((to[bytes - 1] & 15) | sign_code(r) << 4);
    if (random_chance(r, 3))
        to[random_below(r, bytes)] = (uint8_t)random_bits(r);
}

/* Characters of which some are equal, zero, or parts of UTF-8, -16 and -32 characters. */
static void text(struct random *r, uint8_t *to, size_t bytes)
{
    unsigned kind = random_below(r, 5);

    for (size_t i = 0; i < bytes; i++) {
        uint64_t x = random_bits(r);

        switch (kind) {
        case 0: /* few different bytes */
            to[i] = "\xc1\xc2\xc3\x00"[x & 3 & (x >> 8)];
            break;
        case 1: /* UTF-8 */
            to[i] = x & 0x300 ? 0x80 | (x & 0x3f) : (x & 0x400 ? 0xc0 | (x & 0x3f) : x & 0x7f);
            break;
        case 2: /* two-byte characters */
            to[i] = i & 1 ? (uint8_t)x : (x & 0x700 ? 0 : (uint8_t)(0xd8 | (x & 7)));
            break;
        case 3: /* four-byte characters */
            to[i] = i % 4 == 0 ? (x & 0x1f00 ? 0 : 1) : i % 4 == 1 ? (x & 0x1f00 ? x & 0x11 : (uint8_t)x) : (uint8_t)x;
            break;
        default:
            to[i] = (uint8_t)(0xf0 | (x & 15));
            break;
        }
    }
}

void value_fill(struct random *r, enum flavour flavour, uint8_t *to, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 16) {
        switch (flavour) {
        case FLAVOUR_INTEGER:
            put64(to + i, value_integer(r));
            put64(to + i + 8, value_integer(r));
            break;
        case FLAVOUR_SHORT:
            for (unsigned j = 0; j < 16; j += 4)
                value_float(r, to + i + j, 4);
            break;
        case FLAVOUR_LONG:
            value_float(r, to + i, 8);
            value_float(r, to + i + 8, 8);
            break;
        case FLAVOUR_EXTENDED:
            value_float(r, to + i, 16);
            break;
        case FLAVOUR_DECIMAL:
            value_packed(r, to + i, 16);
            break;
        case FLAVOUR_TEXT:
            text(r, to + i, 16);
            break;
        }
    }
}

uint32_t value_fpc(struct random *r, bool masks)
{
    uint32_t x = (uint32_t)random_bits(r);
    uint32_t rounding = (uint32_t)"\0\0\0\1\2\3\7\7"[x & 7];

    return (x & 0x00f80000 & (x << 3)) | rounding | (x & 0x70 & (x << 1)) |
           (masks ? x & 0xf8000000 : 0);
}

