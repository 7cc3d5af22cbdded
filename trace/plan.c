/* SPDX-License-Identifier: MIT */
#include "trace/plan.h"

#include <stddef.h>

/* Bits `from` … `from + count - 1` of an instruction, counted from the left. */
static uint64_t bits(uint64_t text, unsigned from, unsigned count) { return text << from >> (64 - count); }
static uint64_t signed_bits(uint64_t text, unsigned from, unsigned count)
{
    return (uint64_t)((int64_t)(text << from) >> (64 - count));
}

enum { CC_SAME, CC_SIGN, CC_ZERO, CC_LAST };
enum operands { RR, RRE, RRF, RI, RIL, RIE, RX, RXY, REL, RS, RSY, MANY };
enum effect {
    NOTHING, COPY, NEGATE, ADD, SUBTRACT, COMPARE, AND, OR, XOR, MULTIPLY, ADDRESS, SHIFT_RIGHT, SHIFT_LEFT,
    SHIFT_SIGNED, ROTATE, BYTE, HALF, WORD, SIGNED_BYTE, SIGNED_HALF, SIGNED_WORD, ADD_WIDENED,
    LOAD, LOAD_BYTE, LOAD_HALF, LOAD_WORD, LOAD_SIGNED_BYTE, LOAD_SIGNED_HALF, LOAD_SIGNED_WORD, ADD_WORD, ADD_STORED,
    AND_WORD, AND_STORED, SUBTRACT_WORD, SUBTRACT_STORED,
    STORE, STORE_BYTE, STORE_HALF, STORE_WORD, LOAD_MANY, STORE_MANY,
};
struct row {
    enum operands operands;
    unsigned bits;
    enum effect effect;
    unsigned cc;
};

static unsigned operation(uint64_t text)
{
    unsigned op = (unsigned)bits(text, 0, 8);

    switch (op) {
    case 0xa5: case 0xa7: case 0xc0: case 0xc2: case 0xc4: case 0xc6: case 0xc8: case 0xcc:
        return op << 8 | (unsigned)bits(text, 12, 4);
    case 0xb2: case 0xb3: case 0xb9: case 0xe5:
        return op << 8 | (unsigned)bits(text, 8, 8);
    case 0xe3: case 0xeb: case 0xec:
        return op << 8 | (unsigned)bits(text, 40, 8);
    default:
        return op << 8;
    }
}

static bool find(uint64_t text, struct row *row)
{
    switch (operation(text)) {
#define PLAN(name, code, operands, bits, effect, cc) \
    case code: *row = (struct row){operands, bits, effect, CC_##cc}; return true;
#include "trace/plans.def"
#undef PLAN
    default: return false;
    }
}

/* ---- Operands ---- */

static uint8_t base_at(uint64_t text, unsigned from)
{
    unsigned r = (unsigned)bits(text, from, 4);

    return (uint8_t)(r ? r : NO_REGISTER);
}

static uint64_t long_displacement(uint64_t text)
{
    return signed_bits(text, 32, 8) << 12 | bits(text, 20, 12);
}

/* The register that changes, and what the others are. */
static void set_operands(struct trace_plan *p, enum operands operands, uint64_t address, uint64_t text)
{
    p->reg = p->first = (uint8_t)bits(text, 8, 4);
    switch (operands) {
    case RR: p->second = (uint8_t)bits(text, 12, 4); break;
    case RRE: case RRF:
        p->reg = p->first = (uint8_t)bits(text, 24, 4);
        p->second = (uint8_t)bits(text, 28, 4);
        if (operands == RRF) {
            p->first = p->second;
            p->second = (uint8_t)bits(text, 16, 4);
        }
        break;
    case RI: p->immediate = signed_bits(text, 16, 16); break;
    case RIE:
        p->first = (uint8_t)bits(text, 12, 4);
        p->immediate = signed_bits(text, 16, 16);
        break;
    case RIL: p->immediate = signed_bits(text, 16, 32); break;
    case RX: case RXY:
        p->first = base_at(text, 12);
        p->second = base_at(text, 16);
        p->immediate = operands == RX ? bits(text, 20, 12) : long_displacement(text);
        break;
    case REL:
        p->first = NO_REGISTER;
        p->immediate = address + 2 * signed_bits(text, 16, 32);
        break;
    case RS:
        p->second = base_at(text, 16);
        p->immediate = bits(text, 26, 6);
        break;
    case RSY:
        p->first = (uint8_t)bits(text, 12, 4);
        p->second = base_at(text, 16);
        p->immediate = bits(text, 26, 6);
        break;
    case MANY:
        p->third = p->reg;
        p->last = (uint8_t)bits(text, 12, 4);
        p->reg = NO_REGISTER;
        p->first = base_at(text, 16);
        p->immediate = long_displacement(text);
        break;
    }
}

/* ---- Effects ---- */

/* The result is the low `count` bits of the operand, from which `shift` have been dropped. */
static void field(struct trace_plan *p, unsigned count, bool is_signed)
{
    p->first = p->second;
    p->second = NO_REGISTER;
    p->left = p->right = (uint8_t)(64 - count);
    p->mask = is_signed ? ~0ULL : ~0ULL >> (64 - count);
}

static void access(struct trace_plan *p, enum trace_plan_kind kind, unsigned count, bool is_signed)
{
    p->kind = (uint8_t)kind;
    p->bytes = ~0ULL >> (64 - count);
    p->sign = is_signed ? -1 : 0;
    if (kind != PLAN_LOAD)
        p->keep = KEEP_ALL;
}

static void logical(struct trace_plan *p, uint64_t mask, int8_t factor)
{
    p->third = p->second;
    p->mask = mask;
    if (!mask)
        p->second = NO_REGISTER;
    p->logical = factor;
}

static void shift(struct trace_plan *p, unsigned width, enum effect effect)
{
    unsigned amount = (unsigned)p->immediate;

    if (p->second != NO_REGISTER && effect != SHIFT_SIGNED) {
        p->kind = PLAN_SHIFT;
        p->last = effect == SHIFT_LEFT ? SHIFT_BY_LEFT : width == 64 ? SHIFT_BY_RIGHT : SHIFT_BY_LOW_RIGHT;
        return;
    }
    p->immediate = 0;
    if (amount >= width || p->second != NO_REGISTER)
        return;
    p->left = (uint8_t)(effect == SHIFT_LEFT ? amount : 64 - width);
    p->right = (uint8_t)(effect == SHIFT_LEFT ? 0 : 64 - width + amount);
    p->mask = effect == SHIFT_RIGHT ? ~0ULL >> (64 - width + amount) : ~0ULL;
}

static void set_effect(struct trace_plan *p, const struct row *row)
{
    p->keep = row->bits == 64   ? KEEP_NOTHING
              : row->bits == 32 ? KEEP_HIGH
              : row->bits == 8  ? KEEP_ALL_BUT_BYTE
                                : KEEP_ALL;
    switch (row->effect) {
    case NOTHING: p->keep = KEEP_ALL; break;
    case COPY: p->first = NO_REGISTER; break;
    case NEGATE: case SUBTRACT: case COMPARE:
        if (row->effect == NEGATE)
            p->first = NO_REGISTER;
        /* −second − immediate, one of them being zero. */
        p->invert = p->second == NO_REGISTER ? 0 : -1;
        p->immediate = p->second == NO_REGISTER ? -p->immediate : 1;
        if (row->effect == COMPARE) {
            p->compares = -1;
            p->keep = KEEP_ALL;
        }
        break;
    case ADD: case ADDRESS: break;
    case AND: logical(p, 0, 1); break;
    case OR: logical(p, ~0ULL, -1); break;
    case XOR: logical(p, ~0ULL, -2); break;
    case MULTIPLY: p->kind = PLAN_MULTIPLY; break;
    case SHIFT_RIGHT: case SHIFT_LEFT: case SHIFT_SIGNED: shift(p, row->bits, row->effect); break;
    case ROTATE:
        p->kind = PLAN_SHIFT;
        p->last = row->bits == 64 ? SHIFT_BY_ROTATE : SHIFT_BY_LOW_ROTATE;
        break;
    case BYTE: case SIGNED_BYTE: field(p, 8, row->effect == SIGNED_BYTE); break;
    case HALF: case SIGNED_HALF: field(p, 16, row->effect == SIGNED_HALF); break;
    case WORD: case SIGNED_WORD: field(p, 32, row->effect == SIGNED_WORD); break;
    case ADD_STORED: case ADD_WORD: case SUBTRACT_STORED: case SUBTRACT_WORD:
        p->add = -1;
        p->negative = row->effect == SUBTRACT_STORED || row->effect == SUBTRACT_WORD ? -1 : 0;
        access(p, PLAN_LOAD, row->effect == ADD_WORD || row->effect == SUBTRACT_WORD ? 32 : 64, false);
        break;
    case AND_STORED: case AND_WORD:
        p->both = -1;
        access(p, PLAN_LOAD, row->effect == AND_WORD ? 32 : 64, false);
        break;
    case LOAD: access(p, PLAN_LOAD, 64, false); break;
    case LOAD_BYTE: case LOAD_SIGNED_BYTE: access(p, PLAN_LOAD, 8, row->effect == LOAD_SIGNED_BYTE); break;
    case LOAD_HALF: case LOAD_SIGNED_HALF: access(p, PLAN_LOAD, 16, row->effect == LOAD_SIGNED_HALF); break;
    case LOAD_WORD: case LOAD_SIGNED_WORD: access(p, PLAN_LOAD, 32, row->effect == LOAD_SIGNED_WORD); break;
    case STORE: access(p, PLAN_STORE, 64, false); break;
    case STORE_BYTE: access(p, PLAN_STORE, 8, false); break;
    case STORE_HALF: access(p, PLAN_STORE, 16, false); break;
    case STORE_WORD: access(p, PLAN_STORE, 32, false); break;
    case LOAD_MANY: access(p, PLAN_LOAD_MANY, 64, false); break;
    case STORE_MANY: access(p, PLAN_STORE_MANY, 64, false); break;
    case ADD_WIDENED:
        p->first = p->second;
        p->second = p->reg;
        p->mask = 0xffffffff;
        break;
    }
}

static void set_cc(struct trace_plan *p, unsigned cc, unsigned width)
{
    p->cc_keep = cc == CC_SAME;
    p->cc_learned = cc == CC_LAST;
    p->cc_shift = width == 32 ? 32 : 0;
    p->cc[1] = cc == CC_SIGN || cc == CC_ZERO;
    p->cc[2] = cc == CC_SIGN ? 2 : cc == CC_ZERO;
}

/* ---- Those with a form of their own ---- */

/* LLILL and the like, OILL, NILL, IILL: an immediate of 16 or 32 bits, `position` from the left. */
static void place(struct trace_plan *p, char what, uint64_t value, unsigned count, unsigned position)
{
    uint64_t field = ~0ULL >> (64 - count) << (64 - count - position);

    value <<= 64 - count - position;
    p->keep = KEEP_NOTHING;
    p->mask = what == 'L' ? 0 : what == 'N' ? value | ~field : what == 'O' ? ~value : ~field;
    p->immediate = what == 'N' ? 0 : value;
    set_cc(p, what == 'L' || what == 'I' ? CC_SAME : CC_LAST, 64);
}

static void rotate(struct trace_plan *p, uint64_t text)
{
    unsigned from = bits(text, 16, 8) & 63, to = bits(text, 24, 8) & 63, by = bits(text, 32, 8) & 63;
    uint64_t selected = ~0ULL >> from & ~0ULL << (63 - to);

    p->first = (uint8_t)bits(text, 12, 4);
    p->reg = (uint8_t)bits(text, 8, 4);
    if (from > to)
        return;
    /* What is selected comes all from the left or all from the right; where it wraps around the plan is wrong. */
    if (from + by >= 64)
        p->right = (uint8_t)(64 - by);
    else
        p->left = (uint8_t)by;
    p->mask = selected;
    p->merge = bits(text, 24, 1) ? 0 : -1;
    p->keep = KEEP_NOTHING;
    set_cc(p, bits(text, 40, 8) == 0x55 ? CC_SIGN : CC_SAME, 64);
}

static void compare_and_branch(struct trace_plan *p, uint64_t address, uint64_t text)
{
    unsigned op = (unsigned)bits(text, 40, 8);
    bool immediate = op >= 0x7c;

    p->branch = PLAN_BRANCH_COMPARE;
    p->target = address + 2 * signed_bits(text, 16, 16);
    p->first = (uint8_t)bits(text, 8, 4);
    p->second = immediate ? NO_REGISTER : (uint8_t)bits(text, 12, 4);
    p->branch_mask = (uint8_t)bits(text, immediate ? 12 : 32, 4);
    p->branch_signed = op == 0x64 || op == 0x76 || op == 0x7c || op == 0x7e;
    if (immediate)
        p->immediate = p->branch_signed ? signed_bits(text, 32, 8) : bits(text, 32, 8);
    p->branch_shift = op == 0x76 || op == 0x77 || op == 0x7e || op == 0x7f ? 32 : 0;
    set_cc(p, CC_SAME, 64);
}

/* The field of the mask is where others have a register; the machine says that it may have changed. */
static void branch(struct trace_plan *p, enum trace_plan_branch how, unsigned mask, uint64_t target)
{
    p->branch = (uint8_t)how;
    p->branch_mask = (uint8_t)mask;
    p->target = target;
    set_cc(p, CC_SAME, 64);
}

static bool make_branch(struct trace_plan *p, uint64_t address, uint64_t text, unsigned code)
{
    uint64_t near = address + 2 * signed_bits(text, 16, 16), far = address + 2 * signed_bits(text, 16, 32);
    unsigned mask = (unsigned)bits(text, 8, 4);

    p->reg = (uint8_t)mask;
    switch (code) {
    case 0xa704: branch(p, PLAN_BRANCH_CONDITION, mask, near); break;
    case 0xc004: branch(p, PLAN_BRANCH_CONDITION, mask, far); break;
    case 0xa705: branch(p, PLAN_BRANCH_CONDITION, 15, near); break;
    case 0xc005: branch(p, PLAN_BRANCH_CONDITION, 15, far); break;
    case 0x0700: case 0x0d00:
        p->third = (uint8_t)bits(text, 12, 4);
        branch(p, p->third ? PLAN_BRANCH_REGISTER : PLAN_NO_BRANCH, code == 0x0700 ? mask : 15, 0);
        break;
    case 0xa706: case 0xa707:
        branch(p, PLAN_BRANCH_COUNT, 15, near);
        p->first = p->reg;
        p->immediate = ~0ULL;
        p->keep = code == 0xa706 ? KEEP_HIGH : KEEP_NOTHING;
        p->branch_shift = code == 0xa706 ? 32 : 0;
        break;
    case 0xec64: case 0xec65: case 0xec76: case 0xec77: case 0xec7c: case 0xec7d: case 0xec7e: case 0xec7f:
        compare_and_branch(p, address, text);
        break;
    default:
        return false;
    }
    /* The address after it. */
    if (code == 0xa705 || code == 0xc005 || code == 0x0d00) {
        p->keep = KEEP_NOTHING;
        p->immediate = address + p->length;
    }
    return true;
}

static bool make_immediate(struct trace_plan *p, uint64_t text, unsigned code)
{
    unsigned position = 16 * (code & 3);

    p->reg = p->first = (uint8_t)bits(text, 8, 4);
    if (code >> 8 == 0xa5)
        place(p, "INOL"[code >> 2 & 3], bits(text, 16, 16), 16, position);
    else if (code == 0xc00a || code == 0xc00b || code == 0xc00c || code == 0xc00d || code == 0xc00e || code == 0xc00f)
        place(p, "NOL"[(code - 0xc00a) >> 1], bits(text, 16, 32), 32, code & 1 ? 32 : 0);
    else if (code == 0xc008)
        place(p, 'I', bits(text, 16, 32), 32, 0);
    else
        return false;
    return true;
}

/* ---- All ---- */

void trace_plan_nothing(struct trace_plan *p)
{
    *p = (struct trace_plan){.kind = PLAN_SUM, .keep = KEEP_ALL, .mask = ~0ULL, .reg = NO_REGISTER,
                             .first = NO_REGISTER, .second = NO_REGISTER, .third = NO_REGISTER};
    set_cc(p, CC_LAST, 64);
}

/* What can be known where registers are not: how the condition code behaves, and where branches go by it. */
static void forget_registers(struct trace_plan *p)
{
    struct trace_plan known = *p;

    trace_plan_nothing(p);
    p->kind = PLAN_NOTHING;
    p->length = known.length;
    p->cc_keep = known.cc_keep;
    p->cc_learned = !known.cc_keep;
    p->branch = known.branch > PLAN_BRANCH_CONDITION ? PLAN_BRANCH_LEARNED : known.branch;
    p->branch_mask = known.branch_mask;
    if (p->branch)
        p->target = known.target;
}

void trace_plan_make(struct trace_plan *p, uint64_t address, uint64_t text, bool registers)
{
    unsigned code = operation(text);
    struct row row;
    uint8_t length = text >> 62 == 0 ? 2 : text >> 62 == 3 ? 6 : 4;

    trace_plan_nothing(p);
    p->length = length;
    if (find(text, &row)) {
        set_operands(p, row.operands, address, text);
        set_effect(p, &row);
        set_cc(p, row.cc, row.bits);
    } else if (code == 0xec55 || code == 0xec59) {
        rotate(p, text);
    } else if (!make_branch(p, address, text, code) && !make_immediate(p, text, code)) {
        trace_plan_nothing(p);
    }
    p->length = length;
    if (p->kind == PLAN_SUM && !p->branch && (p->left || p->right || p->mask != ~0ULL || p->logical))
        p->kind = PLAN_FORMULA;
    else if (p->kind == PLAN_SUM && p->keep == KEEP_ALL && !p->compares)
        p->kind = PLAN_NOTHING;
    if (!registers)
        forget_registers(p);
}
