/* SPDX-License-Identifier: MIT */
/** Storage operands as byte strings, for the storage-to-storage and interruptible instructions. */
#ifndef SIENNA_CPU_STRING_OPERANDS_H
#define SIENNA_CPU_STRING_OPERANDS_H

#include "cpu/operands.h"

/** Move one byte at a time from left to right, as the PoP defines overlapping operands. */
void move_left_to_right(uint8_t *to, const uint8_t *from, size_t bytes);
/** The same between operands that may cross pages. */
void span_move(const struct span *to, const struct span *from, unsigned bytes);
/** cc of the logical comparison (0 equal, 1 first low, 2 first high); *equal (may be NULL) is the number
 *  of equal bytes before the difference. */
unsigned span_compare(const struct span *a, const struct span *b, unsigned bytes, unsigned *equal);

/** Bytes from `done` on that lie contiguously in both operands, at most `bytes` - `done`. */
static inline unsigned span_common(const struct span *a, const struct span *b, unsigned done, unsigned bytes)
{
    unsigned piece = bytes - done;

    if (done < a->bytes[0] && piece > a->bytes[0] - done)
        piece = a->bytes[0] - done;
    if (done < b->bytes[0] && piece > b->bytes[0] - done)
        piece = b->bytes[0] - done;
    return piece;
}

static inline unsigned least(uint64_t a, uint64_t b)
{
    return (unsigned)(a < b ? a : b);
}
/** Cycles of variable work: what a byte-wise unit moves or compares per cycle. */
static inline void charge_bytes(struct cpu *cpu, uint64_t bytes)
{
    cpu_charge(cpu, bytes / 16);
}

/** Length register of CLCL and MVCL: bits 40-63. */
static inline uint32_t length24(const struct cpu *cpu, unsigned r)
{
    return gr32(cpu, r) & 0xffffff;
}
static inline void set_length24(struct cpu *cpu, unsigned r, uint32_t v)
{
    set_gr32(cpu, r, (gr32(cpu, r) & 0xff000000U) | v);
}

#endif
