/* SPDX-License-Identifier: MIT */
/** EDIT and EDIT AND MARK (PoP ch. 8). */
#include "cpu/decimal.h"
#include "cpu/operands.h"

enum { DIGIT_SELECTOR = 0x20, SIGNIFICANCE_STARTER = 0x21, FIELD_SEPARATOR = 0x22 };

struct edit {
    struct cpu *cpu;
    uint64_t source;    /**< address of the next source byte */
    unsigned base;
    int pending;        /**< right digit of the last source byte, or -1 */
    bool significance;
    bool nonzero;       /**< a nonzero digit in the present field */
    bool plus;          /**< the digit just taken was followed by a plus sign */
};

/** The next source digit. A sign to its right ends the byte. */
static unsigned next_digit(struct edit *e)
{
    unsigned digit, right;
    uint8_t byte;

    e->plus = false;
    if (e->pending >= 0) {
        digit = (unsigned)e->pending;
        e->pending = -1;
        return digit;
    }
    byte = fetch8(e->cpu, e->source, e->base);
    digit = byte >> 4;
    right = byte & 0xf;
    if (digit > 9)
        data_exception(e->cpu, 0);
    e->source = (e->source + 1) & e->cpu->address_mask;
    if (sign_valid(right))
        e->plus = !sign_minus(right);
    else
        e->pending = (int)right;
    return digit;
}

/** One pattern character to its result; *first is set when this digit starts significance. */
static uint8_t edit_character(struct edit *e, uint8_t pattern, uint8_t fill, bool *first)
{
    unsigned digit;
    uint8_t result = fill;

    *first = false;
    switch (pattern) {
    case DIGIT_SELECTOR:
    case SIGNIFICANCE_STARTER:
        digit = next_digit(e);
        if (digit || e->significance) {
            *first = !e->significance;
            result = (uint8_t)(0xf0 | digit);
        }
        e->nonzero |= digit != 0;
        e->significance |= digit || pattern == SIGNIFICANCE_STARTER;
        e->significance &= !e->plus;
        return result;
    case FIELD_SEPARATOR:
        e->significance = e->nonzero = false;
        return fill;
    default:
        return e->significance ? pattern : fill;
    }
}

static void edit(struct cpu *cpu, const struct insn *insn, bool mark)
{
    unsigned bytes = insn->r1 + 1u;
    uint64_t address = B2_ADDRESS, marked = 0;
    struct span to = span_fetch(cpu, address, BASE1, bytes);
    struct edit e = {cpu, effective_b4(cpu, insn), BASE2, -1, false, false, false};
    uint8_t result[256], fill = *to.host[0];
    bool first, any = false;

    for (unsigned i = 0; i < bytes; i++) {
        uint8_t pattern = *span_byte(&to, i);

        if (i == 0 && pattern != DIGIT_SELECTOR && pattern != SIGNIFICANCE_STARTER) {
            result[0] = fill; /* the fill character itself, whatever it is */
            continue;
        }
        result[i] = edit_character(&e, pattern, fill, &first);
        if (first) {
            marked = (address + i) & cpu->address_mask;
            any = true;
        }
    }
    store_bytes(cpu, address, BASE1, result, bytes);
    cpu->cc = !e.nonzero ? 0 : e.significance ? 1 : 2;
    if (!mark || !any)
        return;
    if (addressing_mode(cpu) == 24) /* bits 32-39 stay */
        set_gr32(cpu, 1, (gr32(cpu, 1) & 0xff000000U) | (uint32_t)marked);
    else
        set_gr_address(cpu, 1, marked);
}
DEFINE_OP(ED) { edit(cpu, insn, false); }
DEFINE_OP(EDMK) { edit(cpu, insn, true); }
