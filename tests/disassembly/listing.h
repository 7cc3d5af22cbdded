/* SPDX-License-Identifier: MIT */
/** What objdump makes of many instruction texts. */
#ifndef SIENNA_TESTS_LISTING_H
#define SIENNA_TESTS_LISTING_H

#include <stddef.h>
#include <stdint.h>

enum { SLOT = 16, LINE = 80, SKIPPED = 77 };

/**
 * Disassemble `count` left-justified texts with the program `objdump`; text number i stands at address i ×
 * SLOT. Returns `count` lines (mnemonic, tab, operands) that the caller frees, or NULL after a message. A
 * line that begins with a point is data: not an instruction.
 */
char (*listing(const char *objdump, const uint64_t *texts, size_t count))[LINE];

#endif
