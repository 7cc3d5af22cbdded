/* SPDX-License-Identifier: MIT */
/**
 * Move and compare long (PoP ch. 7): MVCL and CLCL, which are interruptible, and MVCLE, CLCLE,
 * MVCLU and CLCLU, which end with cc 3 after an amount that the CPU determines.
 *
 * Each execution is one unit of operation that stays within a page of either operand (but
 * for a two-byte character lying across pages), so what is accessed is exactly what is
 * processed, and an access exception nullifies only its own unit.
 */
#include "cpu/string_operands.h"

/** An operand in a register pair: address in `r`, length in `r` + 1. */
struct long_operand {
    unsigned r;
    uint64_t address;
    uint64_t length;
};

/** What is to be used up when the other operand is longer. */
struct padding {
    uint8_t character[2]; /**< one-byte characters are there twice */
    unsigned width;       /**< of a character in bytes, 1 or 2 */
};

static struct long_operand operand24(const struct cpu *cpu, unsigned r)
{
    return (struct long_operand){r, address_in(cpu, r), length24(cpu, r + 1)};
}
static void commit24(struct cpu *cpu, const struct long_operand *o)
{
    set_gr_address(cpu, o->r, o->address & cpu->address_mask);
    set_length24(cpu, o->r + 1, (uint32_t)o->length);
}
static struct long_operand operand_extended(const struct cpu *cpu, unsigned r)
{
    return (struct long_operand){r, address_in(cpu, r), gr_amode(cpu, r + 1)};
}
static void commit_extended(struct cpu *cpu, const struct long_operand *o)
{
    set_gr_address(cpu, o->r, o->address & cpu->address_mask);
    set_gr_amode(cpu, o->r + 1, o->length);
}

/** Bytes of a unit in one operand: to the end of its page, or the one character across it. */
static uint64_t unit_bytes(const struct long_operand *o, unsigned width)
{
    uint64_t rest = page_rest(o->address) & ~(width - 1);

    if (rest == 0)
        rest = width;
    return o->length < rest ? o->length : rest;
}

static void advance(struct long_operand *o, uint64_t bytes)
{
    if (bytes > o->length)
        bytes = o->length;
    o->address += bytes;
    o->length -= bytes;
}

/* ---- Move -------------------------------------------------------------- */

/** Move or pad one unit. Nothing has changed when it leaves through an access exception. */
static void move_unit(struct cpu *cpu, struct long_operand *to, struct long_operand *from,
                      const struct padding *padding)
{
    uint64_t bytes = unit_bytes(to, padding->width);

    if (bytes && from->length) {
        struct span source, target;

        bytes = least(bytes, unit_bytes(from, padding->width));
        source = span_fetch(cpu, from->address, from->r, (unsigned)bytes);
        target = span_store(cpu, to->address, to->r, (unsigned)bytes);
        span_move(&target, &source, (unsigned)bytes);
        advance(from, bytes);
    } else if (bytes) {
        struct span target = span_store(cpu, to->address, to->r, (unsigned)bytes);

        for (unsigned i = 0; i < bytes; i++)
            *span_byte(&target, i) = padding->character[i & 1];
    }
    advance(to, bytes);
    charge_bytes(cpu, bytes);
}

/** Would a byte of the second operand be a source after it was a destination? */
static bool destructive_overlap(const struct cpu *cpu, const struct long_operand *to,
                                const struct long_operand *from)
{
    uint64_t distance = (to->address - from->address) & cpu->address_mask;

    return distance != 0 && distance < to->length && distance < from->length;
}

DEFINE_OP(MVCL)
{
    struct long_operand to = operand24(cpu, insn->r1), from = operand24(cpu, insn->r2);
    uint8_t pad = gr32(cpu, insn->r2 + 1) >> 24;
    unsigned cc = cc_compare((int64_t)to.length, (int64_t)from.length);

    if (destructive_overlap(cpu, &to, &from))
        cc = 3;
    else
        move_unit(cpu, &to, &from, &(struct padding){{pad, pad}, 1});
    commit24(cpu, &to);
    commit24(cpu, &from);
    if (cc != 3 && to.length)
        cpu_redo(cpu, insn);
    else
        cpu->cc = cc;
}

static void move_extended(struct cpu *cpu, const struct insn *insn, const struct padding *padding)
{
    struct long_operand to = operand_extended(cpu, insn->r1), from = operand_extended(cpu, insn->r3);
    unsigned cc = cc_compare_logical(to.length, from.length);

    specification_unless(cpu, ((to.length | from.length) & (padding->width - 1)) == 0);
    move_unit(cpu, &to, &from, padding);
    commit_extended(cpu, &to);
    commit_extended(cpu, &from);
    cpu->cc = to.length ? 3 : cc;
}
DEFINE_OP(MVCLE)
{
    uint8_t pad = (uint8_t)B2_ADDRESS;

    move_extended(cpu, insn, &(struct padding){{pad, pad}, 1});
}
DEFINE_OP(MVCLU)
{
    uint64_t pad = B2_ADDRESS;

    move_extended(cpu, insn, &(struct padding){{(uint8_t)(pad >> 8), (uint8_t)pad}, 2});
}

/* ---- Compare ----------------------------------------------------------- */

enum { COMPARE_UNFINISHED = 4 };

/** Equal bytes of `o` against the padding, up to `bytes`; *cc as if `o` were the first operand. */
static unsigned compare_padding(struct cpu *cpu, const struct long_operand *o, const struct padding *padding,
                                unsigned bytes, unsigned *cc)
{
    struct span span = span_fetch(cpu, o->address, o->r, bytes);

    for (unsigned i = 0; i < bytes; i++) {
        uint8_t byte = *span_byte(&span, i), pad = padding->character[i & 1];

        if (byte != pad) {
            *cc = byte < pad ? 1 : 2;
            return i;
        }
    }
    *cc = 0;
    return bytes;
}

/** Compare one unit and advance both operands over what is equal: cc, or COMPARE_UNFINISHED. */
static unsigned compare_unit(struct cpu *cpu, struct long_operand *a, struct long_operand *b,
                             const struct padding *padding)
{
    unsigned bytes, equal, cc;

    if (a->length && b->length) {
        struct span p, q;

        bytes = least(unit_bytes(a, padding->width), unit_bytes(b, padding->width));
        p = span_fetch(cpu, a->address, a->r, bytes);
        q = span_fetch(cpu, b->address, b->r, bytes);
        cc = span_compare(&p, &q, bytes, &equal);
    } else if (a->length) {
        bytes = (unsigned)unit_bytes(a, padding->width);
        equal = compare_padding(cpu, a, padding, bytes, &cc);
    } else if (b->length) {
        bytes = (unsigned)unit_bytes(b, padding->width);
        equal = compare_padding(cpu, b, padding, bytes, &cc);
        cc = cc ? 3 - cc : 0;
    } else {
        return 0;
    }
    equal &= ~(padding->width - 1);
    advance(a, equal);
    advance(b, equal);
    charge_bytes(cpu, equal);
    return cc == 0 && (a->length || b->length) ? (unsigned)COMPARE_UNFINISHED : cc;
}

DEFINE_OP(CLCL)
{
    struct long_operand a = operand24(cpu, insn->r1), b = operand24(cpu, insn->r2);
    uint8_t pad = gr32(cpu, insn->r2 + 1) >> 24;
    unsigned cc = compare_unit(cpu, &a, &b, &(struct padding){{pad, pad}, 1});

    commit24(cpu, &a);
    commit24(cpu, &b);
    if (cc == COMPARE_UNFINISHED)
        cpu_redo(cpu, insn);
    else
        cpu->cc = cc;
}

static void compare_extended(struct cpu *cpu, const struct insn *insn, const struct padding *padding)
{
    struct long_operand a = operand_extended(cpu, insn->r1), b = operand_extended(cpu, insn->r3);
    unsigned cc;

    specification_unless(cpu, ((a.length | b.length) & (padding->width - 1)) == 0);
    cc = compare_unit(cpu, &a, &b, padding);
    commit_extended(cpu, &a);
    commit_extended(cpu, &b);
    cpu->cc = cc == COMPARE_UNFINISHED ? 3 : cc;
}
DEFINE_OP(CLCLE)
{
    uint8_t pad = (uint8_t)B2_ADDRESS;

    compare_extended(cpu, insn, &(struct padding){{pad, pad}, 1});
}
DEFINE_OP(CLCLU)
{
    uint64_t pad = B2_ADDRESS;

    compare_extended(cpu, insn, &(struct padding){{(uint8_t)(pad >> 8), (uint8_t)pad}, 2});
}
