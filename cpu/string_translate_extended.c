/* SPDX-License-Identifier: MIT */
/**
 * Translation with one- and two-byte characters: TROO, TROT, TRTO, TRTT, and the scans TRTE
 * and TRTRE (PoP ch. 7). An access exception is raised for the first character of an
 * execution only; met later, the execution ends before that character with cc 3.
 */
#include "cpu/string_operands.h"

/* Characters per execution. */
enum { TRANSLATE_CHARACTERS = 4096 };

/** `bytes` (1 or 2) at `address`; NULL without an exception when `try` and they cannot be fetched. */
static bool fetch_character(struct cpu *cpu, bool try, uint64_t address, unsigned base, unsigned bytes,
                            unsigned *out)
{
    if (try) {
        struct fault fault;
        uint64_t last = (address + bytes - 1) & cpu->address_mask;
        unsigned space = operand_space(cpu);
        uint8_t key = access_key(cpu);

        if (!access_translate(cpu, space, base, key, address, ACCESS_FETCH, 1, &fault) ||
            !access_translate(cpu, space, base, key, last, ACCESS_FETCH, 1, &fault))
            return false;
    }
    *out = bytes == 2 ? fetch16(cpu, address, base) : fetch8(cpu, address, base);
    return true;
}

static bool store_character(struct cpu *cpu, bool try, uint64_t address, unsigned base, unsigned bytes,
                            unsigned character)
{
    if (try) {
        struct fault fault;
        uint64_t last = (address + bytes - 1) & cpu->address_mask;
        unsigned space = operand_space(cpu);
        uint8_t key = access_key(cpu);

        if (!access_translate(cpu, space, base, key, address, ACCESS_STORE, 1, &fault) ||
            !access_translate(cpu, space, base, key, last, ACCESS_STORE, 1, &fault))
            return false;
    }
    if (bytes == 2)
        store16(cpu, address, base, (uint16_t)character);
    else
        store8(cpu, address, base, (uint8_t)character);
    return true;
}

/** Function codes: entries of `width` bytes at the address in general register 1. */
static uint64_t table_entry(const struct cpu *cpu, uint64_t table, unsigned index, unsigned width)
{
    return (table + (uint64_t)index * width) & cpu->address_mask;
}

/* ---- TRANSLATE ONE/TWO TO ONE/TWO -------------------------------------- */

static void translate(struct cpu *cpu, const struct insn *insn, unsigned from_width, unsigned to_width)
{
    bool enhanced = has_facility(cpu, FACILITY_ETF2_ENHANCEMENT), test = !(enhanced && insn->r3 & 1);
    uint64_t to = address_in(cpu, insn->r1), from = address_in(cpu, insn->r2);
    uint64_t length = gr_amode(cpu, insn->r1 + 1);
    uint64_t table = address_in(cpu, 1) & (from_width == 2 && !enhanced ? ~4095ULL : ~7ULL);
    unsigned stop = to_width == 2 ? gr32(cpu, 0) & 0xffff : gr32(cpu, 0) & 0xff, character = 0, result = 0;
    unsigned done, cc = 3;

    specification_unless(cpu, length % from_width == 0);
    for (done = 0; done < TRANSLATE_CHARACTERS; done++) {
        if (length == 0) {
            cc = 0;
            break;
        }
        if (!fetch_character(cpu, done, from, insn->r2, from_width, &character) ||
            !fetch_character(cpu, done, table_entry(cpu, table, character, to_width), 1, to_width, &result))
            break;
        if (test && result == stop) {
            cc = 1;
            break;
        }
        if (!store_character(cpu, done, to, insn->r1, to_width, result))
            break;
        to = (to + to_width) & cpu->address_mask;
        from = (from + from_width) & cpu->address_mask;
        length -= from_width;
    }
    cpu_charge(cpu, done);
    set_gr_address(cpu, insn->r1, to);
    set_gr_amode(cpu, insn->r1 + 1, length);
    set_gr_address(cpu, insn->r2, from);
    cpu->cc = cc;
}
DEFINE_OP(TROO) { translate(cpu, insn, 1, 1); }
DEFINE_OP(TROT) { translate(cpu, insn, 1, 2); }
DEFINE_OP(TRTO) { translate(cpu, insn, 2, 1); }
DEFINE_OP(TRTT) { translate(cpu, insn, 2, 2); }

/* ---- TRANSLATE AND TEST (REVERSE) EXTENDED ------------------------------ */

static void scan(struct cpu *cpu, const struct insn *insn, bool reverse)
{
    unsigned width = insn->r3 & 8 ? 2 : 1, code_width = insn->r3 & 4 ? 2 : 1;
    bool limited = insn->r3 & 2;
    uint64_t address = address_in(cpu, insn->r1), length = gr_amode(cpu, insn->r1 + 1);
    uint64_t table = address_in(cpu, 1);
    unsigned argument = 0, code = 0, done;
    bool stopped = false;

    specification_unless(cpu, length % width == 0);
    for (done = 0; done < TRANSLATE_CHARACTERS && length; done++) {
        stopped = !fetch_character(cpu, done, address, insn->r1, width, &argument);
        if (!stopped && !(limited && argument > 255))
            stopped = !fetch_character(cpu, done, table_entry(cpu, table, argument, code_width), 1,
                                       code_width, &code);
        if (stopped || code)
            break;
        address = (reverse ? address - width : address + width) & cpu->address_mask;
        length -= width;
    }
    cpu_charge(cpu, done);
    set_gr_address(cpu, insn->r1, address);
    set_gr_amode(cpu, insn->r1 + 1, length);
    if (stopped || (length && !code)) {
        cpu->cc = 3;
        return;
    }
    if (insn->r2 != insn->r1 && insn->r2 != insn->r1 + 1) /* else what it gets is unpredictable */
        set_gr_amode(cpu, insn->r2, code);
    cpu->cc = code != 0;
}
DEFINE_OP(TRTE) { scan(cpu, insn, false); }
DEFINE_OP(TRTRE) { scan(cpu, insn, true); }
