/* SPDX-License-Identifier: MIT */
#include "cpu/decimal.h"

#define TEN_18 1000000000000000000ULL

unsigned __int128 power_of_ten(unsigned n)
{
    unsigned __int128 power = n >= 36 ? (unsigned __int128)TEN_18 * TEN_18 : n >= 18 ? TEN_18 : 1;

    for (unsigned i = n % 18; i > 0; i--)
        power *= 10;
    return power;
}

bool packed_decode(const uint8_t *from, unsigned bytes, struct packed *out)
{
    unsigned __int128 magnitude = 0;
    unsigned sign = from[bytes - 1] & 0xf, last = from[bytes - 1] >> 4;

    for (unsigned i = 0; i + 1 < bytes; i++) {
        unsigned high = from[i] >> 4, low = from[i] & 0xf;

        if (high > 9 || low > 9)
            return false;
        magnitude = magnitude * 100 + high * 10 + low;
    }
    if (last > 9 || !sign_valid(sign))
        return false;
    *out = (struct packed){magnitude * 10 + last, sign_minus(sign)};
    return true;
}

bool packed_encode(uint8_t *to, unsigned bytes, struct packed value)
{
    uint64_t part = (uint64_t)(value.magnitude % TEN_18);
    unsigned __int128 rest = value.magnitude / TEN_18;
    unsigned digits = packed_digits(bytes);

    to[bytes - 1] = value.negative ? 0xd : 0xc;
    for (unsigned i = 0; i < digits; i++) {
        unsigned digit = (unsigned)(part % 10);
        uint8_t *byte = &to[bytes - 1 - (i + 1) / 2];

        if (i % 2 == 0)
            *byte |= (uint8_t)(digit << 4);
        else
            *byte = (uint8_t)digit;
        part /= 10;
        if (i == 17) {
            part = (uint64_t)rest;
            rest = 0;
        }
    }
    return part == 0 && rest == 0;
}
