/* SPDX-License-Identifier: MIT */
/** Moves and connectives of storage operands of up to 256 bytes, and their comparison (PoP ch. 7). */
#include "cpu/string_operands.h"

void move_left_to_right(uint8_t *to, const uint8_t *from, size_t bytes)
{
    if ((uintptr_t)to - (uintptr_t)from >= bytes) {
        memmove(to, from, bytes); /* to is before from, or clear of it */
    } else if (to - from == 1) {
        memset(to, *from, bytes); /* the idiom that fills storage with one byte */
    } else {
        for (size_t i = 0; i < bytes; i++)
            to[i] = from[i];
    }
}

void span_move(const struct span *to, const struct span *from, unsigned bytes)
{
    for (unsigned done = 0; done < bytes;) {
        unsigned piece = span_common(to, from, done, bytes);

        move_left_to_right(span_byte(to, done), span_byte(from, done), piece);
        done += piece;
    }
}

/* First operand (L bytes at B1, D1) and second operand of the SS-a format, both probed. */
#define SS_OPERANDS(first_access) \
    unsigned bytes = insn->r1 + 1u; \
    struct span from = span_fetch(cpu, effective_b4(cpu, insn), BASE2, bytes); \
    struct span to = first_access(cpu, B2_ADDRESS, BASE1, bytes)

DEFINE_OP(MVC)
{
    SS_OPERANDS(span_store);

    if (likely(!(to.bytes[1] | from.bytes[1])))
        move_left_to_right(to.host[0], from.host[0], bytes);
    else
        span_move(&to, &from, bytes);
}

/* Each byte is a function of the two operands' bytes, from left to right. */
#define CONNECT_BYTES(NAME, expression, cc_statement) \
    DEFINE_OP(NAME) \
    { \
        SS_OPERANDS(span_update); \
        uint8_t any = 0; \
        for (unsigned done = 0; done < bytes;) { \
            unsigned piece = span_common(&to, &from, done, bytes); \
            uint8_t *p = span_byte(&to, done); \
            const uint8_t *q = span_byte(&from, done); \
            for (unsigned i = 0; i < piece; i++) { \
                uint8_t a = p[i], b = q[i]; \
                p[i] = (uint8_t)(expression); \
                any |= p[i]; \
            } \
            done += piece; \
        } \
        (void)any; \
        cc_statement; \
    }
CONNECT_BYTES(NC, a & b, cpu->cc = any != 0)
CONNECT_BYTES(OC, a | b, cpu->cc = any != 0)
CONNECT_BYTES(XC, a ^ b, cpu->cc = any != 0)
CONNECT_BYTES(MVN, (a & 0xf0) | (b & 0x0f), )
CONNECT_BYTES(MVZ, (a & 0x0f) | (b & 0xf0), )

/** MOVE INVERSE: the second operand address is that of its rightmost byte. */
DEFINE_OP(MVCIN)
{
    unsigned bytes = insn->r1 + 1u;
    uint64_t first = (effective_b4(cpu, insn) - (bytes - 1)) & cpu->address_mask;
    struct span from = span_fetch(cpu, first, BASE2, bytes);
    struct span to = span_store(cpu, B2_ADDRESS, BASE1, bytes);

    for (unsigned i = 0; i < bytes; i++)
        *span_byte(&to, i) = *span_byte(&from, bytes - 1 - i);
}

/** MOVE RIGHT TO LEFT: length less one in general register 0. */
DEFINE_OP(MVCRL)
{
    unsigned bytes = (gr32(cpu, 0) & 0xff) + 1;
    struct span from = span_fetch(cpu, effective_b4(cpu, insn), BASE2, bytes);
    struct span to = span_store(cpu, B2_ADDRESS, BASE1, bytes);

    for (unsigned i = bytes; i-- > 0;)
        *span_byte(&to, i) = *span_byte(&from, i);
}

unsigned span_compare(const struct span *a, const struct span *b, unsigned bytes, unsigned *equal)
{
    for (unsigned done = 0; done < bytes;) {
        unsigned piece = span_common(a, b, done, bytes);
        const uint8_t *p = span_byte(a, done), *q = span_byte(b, done);

        if (memcmp(p, q, piece) != 0) {
            unsigned i = 0;

            while (p[i] == q[i])
                i++;
            if (equal)
                *equal = done + i;
            return p[i] < q[i] ? 1 : 2;
        }
        done += piece;
    }
    if (equal)
        *equal = bytes;
    return 0;
}

DEFINE_OP(CLC)
{
    SS_OPERANDS(span_fetch);

    cpu->cc = span_compare(&to, &from, bytes, NULL);
}
