/* SPDX-License-Identifier: MIT */
/**
 * EBCDIC code pages 037 and 500, against ISO 8859-1 (whose lower half is ASCII).
 *
 * The two pages hold the same characters and differ in seven code points only.
 * Service elements and the LPAR consoles speak 500, z/VM and STSI 037.
 */
#ifndef SIENNA_MACHINE_EBCDIC_H
#define SIENNA_MACHINE_EBCDIC_H

#include "machine/types.h"

enum ebcdic_page { EBCDIC_037, EBCDIC_500 };

enum { EBCDIC_BLANK = 0x40, EBCDIC_NEW_LINE = 0x15 };

/** The ISO 8859-1 character of one EBCDIC code point; a bijection of 0–255. */
uint8_t ebcdic_to_latin1(enum ebcdic_page page, uint8_t ebcdic);
/** The EBCDIC code point of one ISO 8859-1 character; the inverse of the above. */
uint8_t ebcdic_from_latin1(enum ebcdic_page page, uint8_t latin1);

/** Fill the field of `width` bytes from the C string `text`, truncated or padded with blanks. */
void ebcdic_field(enum ebcdic_page page, uint8_t *field, size_t width, const char *text);
/**
 * The C string in an EBCDIC field: trailing blanks and zeros removed, characters outside
 * printable ASCII shown as '.'. `text` has room for `width` + 1 bytes.
 */
void ebcdic_string(enum ebcdic_page page, char *text, const uint8_t *field, size_t width);

#endif
