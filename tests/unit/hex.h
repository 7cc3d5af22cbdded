/* SPDX-License-Identifier: MIT */
/** Bytes that tests write as hexadecimal digits. */
#ifndef SIENNA_TESTS_HEX_H
#define SIENNA_TESTS_HEX_H

#include <check.h>
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>

static inline unsigned hex_digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

/**
 * Store the bytes that the pairs of digits in `hex` stand for, spaces between pairs being allowed. Returns how many;
 * fails the test for half a byte, another character, or more than `room` bytes.
 */
static inline size_t hex_bytes(const char *hex, uint8_t *to, size_t room)
{
    for (size_t count = 0;; hex += 2) {
        while (*hex == ' ')
            hex++;
        if (!*hex)
            return count;
        if (count == room || !isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]))
            ck_abort_msg("not up to %zu bytes in hexadecimal: %s", room, hex);
        to[count++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
    }
}

#endif
