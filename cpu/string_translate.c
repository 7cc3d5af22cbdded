/* SPDX-License-Identifier: MIT */
/** Translation by a table of 256 bytes: TR, TRT, TRTR, TRE (PoP ch. 7). */
#include "cpu/string_operands.h"

/** A 256-byte table whose pages are accessed when a byte of theirs is needed, and not before. */
struct byte_table {
    struct cpu *cpu;
    uint64_t address;
    unsigned base;
    unsigned split;           /**< bytes on the first page, at most 256 */
    const uint8_t *host[2];   /**< of entry 0, of entry `split`; NULL until needed */
};

static struct byte_table byte_table(struct cpu *cpu, uint64_t address, unsigned base)
{
    return (struct byte_table){cpu, address, base, least(page_rest(address), 256), {NULL, NULL}};
}
static uint8_t look_up(struct byte_table *t, uint8_t index)
{
    unsigned page = index >= t->split;

    if (unlikely(!t->host[page])) {
        uint64_t address = page ? (t->address + t->split) & t->cpu->address_mask : t->address;

        t->host[page] = span_fetch(t->cpu, address, t->base, page ? 256 - t->split : t->split).host[0];
    }
    return t->host[page][page ? index - t->split : index];
}

/* Every table page that the bytes select is accessed before anything is stored. */
static void probe_table(struct byte_table *t, const struct span *span, unsigned bytes)
{
    if (t->split == 256) {
        look_up(t, 0);
        return;
    }
    for (unsigned i = 0; i < bytes; i++)
        look_up(t, *span_byte(span, i));
}

DEFINE_OP(TR)
{
    unsigned bytes = insn->r1 + 1u;
    struct byte_table table = byte_table(cpu, effective_b4(cpu, insn), BASE2);
    struct span first = span_fetch(cpu, B2_ADDRESS, BASE1, bytes);

    probe_table(&table, &first, bytes);
    first = span_update(cpu, B2_ADDRESS, BASE1, bytes);
    for (unsigned i = 0; i < bytes; i++) {
        uint8_t *byte = span_byte(&first, i);

        *byte = look_up(&table, *byte);
    }
    charge_bytes(cpu, bytes);
}

/** The first nonzero function byte, in steps of +1 or -1 from the first-operand address, is the result. */
static void translate_and_test(struct cpu *cpu, const struct insn *insn, int step)
{
    unsigned bytes = insn->r1 + 1u;
    uint64_t address = B2_ADDRESS;
    struct byte_table table = byte_table(cpu, effective_b4(cpu, insn), BASE2);

    for (unsigned i = 0; i < bytes; i++) {
        uint64_t at = (address + (uint64_t)(int64_t)(step * (int)i)) & cpu->address_mask;
        uint8_t function = look_up(&table, fetch8(cpu, at, BASE1));

        if (function == 0)
            continue;
        if (addressing_mode(cpu) == 24) /* bits 32-39 stay, unlike everywhere else */
            set_gr32(cpu, 1, (gr32(cpu, 1) & 0xff000000U) | (uint32_t)at);
        else
            set_gr_address(cpu, 1, at);
        set_gr64(cpu, 2, (gr64(cpu, 2) & ~0xffULL) | function);
        cpu->cc = i + 1 == bytes ? 2 : 1;
        charge_bytes(cpu, i);
        return;
    }
    cpu->cc = 0;
    charge_bytes(cpu, bytes);
}
DEFINE_OP(TRT) { translate_and_test(cpu, insn, 1); }
DEFINE_OP(TRTR) { translate_and_test(cpu, insn, -1); }

/** TRANSLATE EXTENDED: stops, cc 1, before a byte equal to the test byte in general register 0. */
DEFINE_OP(TRE)
{
    uint8_t test = (uint8_t)gr32(cpu, 0);
    uint64_t address = address_in(cpu, insn->r1), length = gr_amode(cpu, insn->r1 + 1);
    unsigned bytes = least(length, page_rest(address)), cc = bytes < length ? 3 : 0;
    struct byte_table table = byte_table(cpu, address_in(cpu, insn->r2), insn->r2);
    struct span first;
    const uint8_t *found;

    if (bytes) {
        first = span_fetch(cpu, address, insn->r1, bytes);
        found = memchr(first.host[0], test, bytes);
        if (found) {
            bytes = (unsigned)(found - first.host[0]);
            cc = 1;
        }
    }
    if (bytes) {
        probe_table(&table, &first, bytes);
        first = span_update(cpu, address, insn->r1, bytes);
        for (unsigned i = 0; i < bytes; i++)
            first.host[0][i] = look_up(&table, first.host[0][i]);
    }
    set_gr_address(cpu, insn->r1, (address + bytes) & cpu->address_mask);
    set_gr_amode(cpu, insn->r1 + 1, length - bytes);
    charge_bytes(cpu, bytes);
    cpu->cc = cc;
}
