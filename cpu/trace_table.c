/* SPDX-License-Identifier: MIT */
#include "cpu/trace_table.h"

#include "cpu/asn.h"
#include "cpu/control.h"
#include "cpu/level.h"
#include "cpu/timer.h"

#define ENTRY_ADDRESS 0x3ffffffffffffffcULL

/* An entry being composed. */
struct entry {
    uint8_t bytes[144];
    unsigned length;
};

static void put8(struct entry *e, uint8_t v) { e->bytes[e->length++] = v; }
static void put16(struct entry *e, uint16_t v)
{
    put_be16(e->bytes + e->length, v);
    e->length += 2;
}
static void put32(struct entry *e, uint32_t v)
{
    put_be32(e->bytes + e->length, v);
    e->length += 4;
}
static void put64(struct entry *e, uint64_t v)
{
    put_be64(e->bytes + e->length, v);
    e->length += 8;
}
/* An address of 64-bit mode takes a doubleword only when its left half is not zeros. */
static void put_address(struct entry *e, uint64_t v)
{
    if (v >> 32)
        put64(e, v);
    else
        put32(e, (uint32_t)v);
}

void trace_append(struct cpu *cpu, struct trace *t, const uint8_t *entry, unsigned bytes, unsigned reserved)
{
    uint64_t address = t->cr12 & ENTRY_ADDRESS;
    struct absolute at;

    if ((cpu->cr[0] & CR0_LOW_ADDRESS_PROTECTION) && (address & ~0x11ffULL) == 0)
        identified_interruption(cpu, PIC_PROTECTION, (address & PAGE_MASK) | TEID_LOW_ADDRESS, 0);
    if (!level_storage(cpu, real(address), 1, true, &at))
        program_interruption(cpu, PIC_ADDRESSING);
    /* An entry that would reach the end of its 4K block is refused, too. */
    if (page_rest(address) <= reserved)
        program_interruption(cpu, PIC_TRACE_TABLE);
    storage_stored(cpu->storage, at, bytes, true);
    memcpy(storage_at(cpu->storage, at), entry, bytes);
    t->cr12 = (t->cr12 & ~ENTRY_ADDRESS) | ((address + bytes) & ENTRY_ADDRESS);
}

static void append(struct cpu *cpu, struct trace *t, const struct entry *e)
{
    trace_append(cpu, t, e->bytes, e->length, e->length);
}

static void branch_entry(struct cpu *cpu, struct trace *t, uint64_t mode, uint64_t target)
{
    struct entry e = {.length = 0};

    if (!mode) {
        put32(&e, target & 0xffffff);
    } else if (target >> 31 == 0 || !(mode & PSW_EA)) {
        put32(&e, (uint32_t)target | 0x80000000);
    } else {
        put32(&e, 0x52c00000);
        put64(&e, target);
    }
    append(cpu, t, &e);
}

void trace_branch(struct cpu *cpu, struct trace *t, uint64_t mode, uint64_t target)
{
    if (cpu->cr[12] & CR12_BRANCH_TRACE)
        branch_entry(cpu, t, mode, target);
}

static uint32_t amode_bit(uint64_t mask) { return !(mask & PSW_EA) && (mask & PSW_BA) ? 0x80000000 : 0; }

static bool switches(const struct cpu *cpu, uint64_t new_mode)
{
    return (cpu->cr[12] & CR12_MODE_TRACE) && ((cpu->psw_mask ^ new_mode) & PSW_EA);
}

void trace_mode_switch(struct cpu *cpu, struct trace *t, const struct insn *insn, uint64_t new_mode)
{
    uint64_t ia = insn_next_ia(cpu, insn);
    struct entry e = {.length = 0};

    if (!switches(cpu, new_mode))
        return;
    if (!amode64(cpu)) {
        put32(&e, 0x51300000);
        put32(&e, (uint32_t)ia | amode_bit(cpu->psw_mask));
    } else if (ia >> 31 == 0) {
        put32(&e, 0x51200000);
        put32(&e, (uint32_t)ia);
    } else {
        put32(&e, 0x52600000);
        put64(&e, ia);
    }
    append(cpu, t, &e);
}

static void mode_branch_entry(struct cpu *cpu, struct trace *t, uint64_t new_mode, uint64_t target)
{
    struct entry e = {.length = 0};

    if (amode64(cpu)) {
        put32(&e, 0x51a00000);
        put32(&e, (uint32_t)target | amode_bit(new_mode));
    } else if (target >> 31 == 0) {
        put32(&e, 0x51b00000);
        put32(&e, (uint32_t)target);
    } else {
        put32(&e, 0x52f00000);
        put64(&e, target);
    }
    append(cpu, t, &e);
}

void trace_mode_branch(struct cpu *cpu, struct trace *t, const struct insn *insn, uint64_t new_mode,
                       uint64_t target)
{
    if (!switches(cpu, new_mode))
        trace_branch(cpu, t, new_mode, target);
    else if (cpu->cr[12] & CR12_BRANCH_TRACE)
        mode_branch_entry(cpu, t, new_mode, target);
    else
        trace_mode_switch(cpu, t, insn, new_mode);
}

void trace_bsg(struct cpu *cpu, struct trace *t, uint32_t alet, uint64_t target)
{
    struct entry e = {.length = 0};

    put8(&e, amode64(cpu) ? 0x42 : 0x41);
    /* The primary-list bit takes the place of the leftmost bit of the sequence number. */
    put8(&e, (uint8_t)((alet >> 17 & 0x80) | (alet >> 16 & 0x7f)));
    put16(&e, (uint16_t)alet);
    if (amode64(cpu))
        put64(&e, target);
    else
        put32(&e, (uint32_t)(target & 0x80000000 ? target : target & 0xffffff));
    append(cpu, t, &e);
}

void trace_ssar(struct cpu *cpu, struct trace *t, bool instance, uint16_t asn)
{
    struct entry e = {.length = 0};

    put8(&e, 0x10);
    put8(&e, instance);
    put16(&e, asn);
    append(cpu, t, &e);
}

/* A 32-bit PC number (bit 44 of the address one) has an entry of its own. */
void trace_program_call(struct cpu *cpu, struct trace *t, const struct insn *insn, uint32_t number)
{
    uint64_t from = insn_next_ia(cpu, insn) | problem_state(cpu);
    uint8_t key = (uint8_t)(access_key(cpu) << 4);
    struct entry e = {.length = 0};

    if (!amode64(cpu))
        from |= amode_bit(cpu->psw_mask);
    if (asn_lx_reuse(cpu) && (number & 0x80000)) {
        put8(&e, from >> 32 ? 0x23 : 0x22);
        put8(&e, key | (from >> 32 ? 0x0f : amode64(cpu) ? 0x0b : 0x08));
        put16(&e, 0);
        put_address(&e, from);
        put32(&e, number);
    } else {
        put8(&e, amode64(cpu) ? 0x22 : 0x21);
        put8(&e, key | (number >> 16 & 15));
        put16(&e, (uint16_t)number);
        if (amode64(cpu))
            put64(&e, from);
        else
            put32(&e, (uint32_t)from);
    }
    append(cpu, t, &e);
}

void trace_program_transfer(struct cpu *cpu, struct trace *t, bool instance, uint16_t asn, uint64_t second)
{
    bool wide = amode64(cpu) && second >> 32;
    uint8_t format = wide ? 0x0c : amode64(cpu) ? 0x08 : 0;
    struct entry e = {.length = 0};

    put8(&e, wide ? 0x32 : 0x31);
    put8(&e, (uint8_t)(access_key(cpu) << 4 | format | instance));
    put16(&e, asn);
    if (wide)
        put64(&e, second);
    else
        put32(&e, (uint32_t)second);
    append(cpu, t, &e);
}

void trace_program_return(struct cpu *cpu, struct trace *t, const struct insn *insn, uint16_t asn,
                          uint64_t mask, uint64_t target)
{
    uint64_t from = insn_next_ia(cpu, insn) | amode_bit(cpu->psw_mask);
    uint64_t to = target | amode_bit(mask) | ((mask & PSW_PROBLEM) != 0);
    uint8_t format = (uint8_t)((mask & PSW_EA ? 8 : 0) | (to >> 32 ? 4 : 0) | (amode64(cpu) ? 2 : 0) |
                               (from >> 32 ? 1 : 0));
    struct entry e = {.length = 0};

    put8(&e, (uint8_t)(0x32 + (to >> 32 != 0) + (from >> 32 != 0)));
    put8(&e, (uint8_t)(access_key(cpu) << 4 | format));
    put16(&e, asn);
    put_address(&e, to);
    put_address(&e, from);
    append(cpu, t, &e);
}

/* Bits 16–63 of the TOD clock and 32-bit registers (TRACE), or bits 0–79 and 64-bit registers (TRACG). */
static void explicit_entry(struct cpu *cpu, const struct insn *insn, uint32_t operand, bool wide)
{
    unsigned count = register_count(insn->r1, insn->r3);
    uint64_t clock = timer_read_tod(cpu).clock;
    struct trace t = trace_begin(cpu);
    struct entry e = {.length = 0};

    put8(&e, (uint8_t)(0x70 | (count - 1)));
    put8(&e, wide ? 0x80 : 0);
    if (wide)
        put64(&e, clock);
    else
        put16(&e, (uint16_t)(clock >> 32));
    if (wide)
        put16(&e, 0);
    else
        put32(&e, (uint32_t)clock);
    put32(&e, cpu->cr[0] & CR0_TRACE_TOD ? operand & 0xff00ffff : operand);
    for (unsigned i = 0; i < count; i++) {
        if (wide)
            put64(&e, gr64(cpu, (insn->r1 + i) & 15));
        else
            put32(&e, gr32(cpu, (insn->r1 + i) & 15));
    }
    /* Room for the longest entry must be there. */
    trace_append(cpu, &t, e.bytes, e.length, wide ? 144 : 76);
    trace_end(cpu, &t);
}

static void explicit_trace(struct cpu *cpu, const struct insn *insn, bool wide)
{
    uint64_t address = effective_b2(cpu, insn);
    uint32_t operand;

    specification_unless_aligned(cpu, address, 4);
    if (!(cpu->cr[12] & CR12_EXPLICIT_TRACE))
        return;
    operand = fetch32(cpu, address, insn->b2);
    if (!(operand & 0x80000000))
        explicit_entry(cpu, insn, operand, wide);
}

DEFINE_OP(TRACE)
{
    explicit_trace(cpu, insn, false);
}

DEFINE_OP(TRACG)
{
    explicit_trace(cpu, insn, true);
}
