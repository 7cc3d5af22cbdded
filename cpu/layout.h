/* SPDX-License-Identifier: MIT */
/** Operand fields of each instruction format in assembler order, from cpu/layout.def. */
#ifndef SIENNA_CPU_LAYOUT_H
#define SIENNA_CPU_LAYOUT_H

#include "cpu/insn.h"

enum { OPERANDS_MOST = 6 };

/** One operand: a field, or the two or three fields of a storage operand. */
struct operand_layout {
    char kind;        /**< 'r' register, 'v' vector register, 'm' mask, 'i' immediate, 'j' relative, 'b' storage */
    uint8_t bit;      /**< of the field; storage: of the base */
    uint8_t width;    /**< bits of the field; storage: of the displacement, 12 or 20 */
    char qualifier;   /**< storage: 0, or the field before the base: 'x', 'v', 'L', 'l', 'R' */
    uint8_t qualifier_bit;
};

/** Fill `out` (room for OPERANDS_MOST) and return the number of operands. */
unsigned insn_layout(enum insn_format format, struct operand_layout *out);
/** Replace `width` bits at PoP bit `bit` of a left-justified instruction text. */
uint64_t insn_put(uint64_t text, unsigned bit, unsigned width, uint64_t value);
/** Put a vector-register number into its field and RXB bit. */
uint64_t insn_put_vr(uint64_t text, unsigned bit, unsigned number);
/** Put a displacement (12 or 20 bits) after the base at `bit`. */
uint64_t insn_put_displacement(uint64_t text, unsigned bit, unsigned width, int64_t value);
/** The text of a row with all operand fields zero, left-justified. */
uint64_t insn_text(enum insn_id id);
/** Bytes that instructions of a format have. */
unsigned insn_format_bytes(enum insn_format format);

#endif
