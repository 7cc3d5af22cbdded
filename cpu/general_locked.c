/* SPDX-License-Identifier: MIT */
/**
 * PERFORM LOCKED OPERATION (PoP ch. 7). No other CPU runs during an instruction, so the lock
 * that general register 1 names needs no existence.
 *
 * A function code is an operation (bits 56-61 of general register 0) and a form (bits 62-63):
 * operands of 4 bytes in registers, 8 in the parameter list, 8 in registers, 16 in the list.
 * The parameter list is a sequence of 32-byte groups; an n-byte value ends at byte 16 or 32
 * of its group, and addresses (with their ALETs) of operands 4, 6, 8 end groups 2, 3, 4.
 */
#include "cpu/operands.h"

enum operation { COMPARE_LOAD, COMPARE_SWAP, DOUBLE_COMPARE_SWAP, SWAP_STORE, SWAP_DOUBLE_STORE,
                 SWAP_TRIPLE_STORE, OPERATIONS };
/* Where values end in the parameter list. */
enum { OP1_COMPARISON = 16, OP1_REPLACEMENT = 32, OP3_COMPARISON = 48, OP3 = 64, OP5 = 96, OP7 = 128 };
enum { OP4_ALET = 68, OP4_ADDRESS = 72, GROUP = 32 };

struct locked {
    struct cpu *cpu;
    const struct insn *insn;
    enum operation operation;
    unsigned bytes;        /**< of each operand: 4, 8, 16 */
    bool listed;           /**< comparison and replacement values are in the parameter list */
    uint64_t second;       /**< operand 2 */
    uint64_t fourth;       /**< parameter list, or operand 4 itself */
};

struct value {
    uint8_t bytes[16];
};

static uint64_t list_address(const struct locked *l, unsigned end, unsigned bytes)
{
    return (l->fourth + end - bytes) & l->cpu->address_mask;
}

static struct value from_list(const struct locked *l, unsigned end)
{
    struct value v;

    fetch_bytes(l->cpu, list_address(l, end, l->bytes), insn_base(l->insn, 32), v.bytes, l->bytes);
    return v;
}

/** A value in register `r`, or in the list if this form keeps it there. */
static struct value value_of(const struct locked *l, unsigned r, unsigned end)
{
    struct value v;

    if (l->listed)
        return from_list(l, end);
    if (l->bytes == 4)
        put_be32(v.bytes, gr32(l->cpu, r));
    else
        put_be64(v.bytes, gr64(l->cpu, r));
    return v;
}

static void set_value(const struct locked *l, unsigned r, unsigned end, const struct value *v)
{
    if (l->listed)
        store_bytes(l->cpu, list_address(l, end, l->bytes), insn_base(l->insn, 32), v->bytes, l->bytes);
    else if (l->bytes == 4)
        set_gr32(l->cpu, r, get_be32(v->bytes));
    else
        set_gr64(l->cpu, r, get_be64(v->bytes));
}

static bool equal(const struct locked *l, const struct value *a, const struct value *b)
{
    return memcmp(a->bytes, b->bytes, l->bytes) == 0;
}

/** An operand in storage and the register whose access register qualifies it. */
struct place {
    uint64_t address;
    unsigned base;
};

/** Operand 4, 6 or 8 (`group` 0, 1, 2), whose address the list holds unless it is the D4(B4) operand. */
static struct place place_of(const struct locked *l, unsigned group)
{
    struct cpu *cpu = l->cpu;
    unsigned base = insn_base(l->insn, 32);
    struct place place = {l->fourth, base};

    if (l->listed || l->operation >= SWAP_DOUBLE_STORE) {
        if (operand_space(cpu) == SPACE_ACCESS_REGISTER)
            cpu->ar[l->insn->r3] =
                fetch32(cpu, list_address(l, OP4_ALET + group * GROUP, 0), base);
        place.address = fetch64(cpu, list_address(l, OP4_ADDRESS + group * GROUP, 0), base);
        place.address &= cpu->address_mask;
        place.base = l->insn->r3;
    }
    specification_unless_aligned(cpu, place.address, l->bytes);
    return place;
}

static struct value fetch_place(const struct locked *l, struct place place)
{
    struct value v;

    fetch_bytes(l->cpu, place.address, place.base, v.bytes, l->bytes);
    return v;
}

/** Operand 1 equals operand 2: the rest of the operation. Returns the condition code. */
static unsigned operate(const struct locked *l)
{
    struct cpu *cpu = l->cpu;
    unsigned r1 = l->insn->r1, r3 = l->insn->r3, stores = 0;
    struct value replacement, third[3], fourth;
    struct span to[3], second;
    struct place place;

    if (l->operation == COMPARE_LOAD) {
        fourth = fetch_place(l, place_of(l, 0));
        set_value(l, r3, OP3_COMPARISON, &fourth);
        return 0;
    }
    replacement = value_of(l, r1 + 1, OP1_REPLACEMENT);
    if (l->operation == DOUBLE_COMPARE_SWAP) {
        struct value comparison = value_of(l, r3, OP3_COMPARISON);

        place = place_of(l, 0);
        fourth = fetch_place(l, place);
        if (!equal(l, &comparison, &fourth)) {
            set_value(l, r3, OP3_COMPARISON, &fourth);
            return 2;
        }
        third[0] = value_of(l, r3 + 1, OP3);
        to[stores++] = span_store(cpu, place.address, place.base, l->bytes);
    } else if (l->operation == SWAP_STORE) {
        third[0] = value_of(l, r3, OP3);
        place = place_of(l, 0);
        to[stores++] = span_store(cpu, place.address, place.base, l->bytes);
    } else if (l->operation >= SWAP_DOUBLE_STORE) {
        for (; stores < (l->operation == SWAP_TRIPLE_STORE ? 3u : 2u); stores++) {
            third[stores] = from_list(l, OP3 + stores * GROUP);
            place = place_of(l, stores);
            to[stores] = span_store(cpu, place.address, place.base, l->bytes);
        }
    }
    second = span_update(cpu, l->second, l->insn->b2, l->bytes);
    for (unsigned i = 0; i < stores; i++)
        span_write(&to[i], third[i].bytes);
    span_write(&second, replacement.bytes);
    return 0;
}

static void check(const struct locked *l)
{
    struct cpu *cpu = l->cpu;
    bool list = l->listed || l->operation >= SWAP_DOUBLE_STORE;

    if (!l->listed && l->operation != COMPARE_LOAD)
        specification_unless(cpu, l->insn->r1 % 2 == 0);
    if (!l->listed && l->operation == DOUBLE_COMPARE_SWAP)
        specification_unless(cpu, l->insn->r3 % 2 == 0);
    if (list && l->operation != COMPARE_SWAP && operand_space(cpu) == SPACE_ACCESS_REGISTER)
        specification_unless(cpu, l->insn->r3 != 0);
    specification_unless_aligned(cpu, l->second, l->bytes);
    if (list)
        specification_unless_aligned(cpu, l->fourth, l->bytes == 4 ? 4 : 8);
    else if (l->operation != COMPARE_SWAP)
        specification_unless_aligned(cpu, l->fourth, l->bytes);
}

DEFINE_OP(PLO)
{
    static const uint8_t widths[4] = {4, 8, 8, 16};
    uint32_t control = gr32(cpu, 0);
    unsigned function = control & 0xff;
    struct locked l = {cpu, insn, function >> 2, widths[function & 3], function & 1, B2_ADDRESS,
                       effective_b4(cpu, insn)};
    struct value comparison, second;

    specification_unless(cpu, control >> 9 == 0);
    if (control & 0x100) { /* test bit */
        cpu->cc = function >> 2 < OPERATIONS ? 0 : 3;
        return;
    }
    specification_unless(cpu, function >> 2 < OPERATIONS);
    check(&l);
    comparison = value_of(&l, insn->r1, OP1_COMPARISON);
    fetch_bytes(cpu, l.second, BASE1, second.bytes, l.bytes);
    if (equal(&l, &comparison, &second)) {
        cpu->cc = operate(&l);
    } else {
        set_value(&l, insn->r1, OP1_COMPARISON, &second);
        cpu->cc = 1;
    }
}
