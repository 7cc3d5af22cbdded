/* SPDX-License-Identifier: MIT */
/** PROGRAM CALL, basic and stacking (PoP ch. 5, 10). */
#include "cpu/asn.h"
#include "cpu/control.h"
#include "cpu/cpus.h"
#include "cpu/linkage_stack.h"
#include "cpu/trace_table.h"

#define TABLE_ENTRY_INVALID 0x80000000u
/* PC number in a 32-bit address: bit 44 tells whether the leftmost 12 bits count. */
#define NUMBER_EXTENDED 0x80000u

/* Entry-table entry, words by number. */
struct entry {
    uint32_t word[8];
};
#define ENTRY_STACKING 0x80000000u
#define ENTRY_64_BIT 0x40000000u
#define ENTRY_REPLACE_KEY 0x10000000u
#define ENTRY_REPLACE_MASK 0x08000000u
#define ENTRY_REPLACE_EAX 0x04000000u
#define ENTRY_AR_MODE 0x02000000u
#define ENTRY_NEW_SECONDARY 0x01000000u
static uint16_t entry_key_mask(const struct entry *e) { return e->word[2] >> 16; }
static uint16_t entry_asn(const struct entry *e) { return (uint16_t)e->word[2]; }
static uint32_t entry_added_keys(const struct entry *e) { return e->word[3] & 0xffff0000; }
static bool entry_stacking(const struct entry *e) { return e->word[4] & ENTRY_STACKING; }

/* What a PROGRAM CALL is about to do. */
struct call {
    uint32_t number;    /* as stored and traced: 20 bits, or all 32 of the address */
    uint32_t index;     /* 31-bit PC number: linkage and entry indexes */
    struct entry entry;
    bool space_switch;
    struct aste aste;   /* of the new primary space, with space_switch */
    uint64_t asce;
    uint64_t mode, target;
};

static uint32_t word_or_interrupt(struct cpu *cpu, uint32_t address)
{
    uint32_t word;

    if (!real_word(cpu, address, &word))
        program_interruption(cpu, PIC_ADDRESSING);
    return word;
}

static void require(struct cpu *cpu, const struct call *call, bool condition, unsigned code)
{
    if (!condition)
        identified_interruption(cpu, code, call->number, 0);
}

/* One linkage table: the entry names the entry table. */
static uint32_t linkage_table(struct cpu *cpu, const struct call *call, uint32_t designation)
{
    uint32_t index = call->index >> 8 & 0xfff, entry;

    require(cpu, call, index >> 5 <= (designation & 0x7f), PIC_LX_TRANSLATION);
    entry = word_or_interrupt(cpu, (designation & 0x7fffff80) + index * 4);
    require(cpu, call, !(entry & TABLE_ENTRY_INVALID), PIC_LX_TRANSLATION);
    return entry;
}

/* First and second linkage table, and the sequence number in bits 0–31 of GR15. */
static uint32_t linkage_tables(struct cpu *cpu, const struct call *call, uint32_t designation)
{
    uint32_t first = call->index >> 13, second = call->index >> 8 & 0x1f, entry, at, sequence;

    if (call->number & NUMBER_EXTENDED)
        require(cpu, call, first >> 6 <= (designation & 0xff), PIC_LFX_TRANSLATION);
    entry = word_or_interrupt(cpu, (designation & 0x7fffff00) + first * 4);
    require(cpu, call, !(entry & TABLE_ENTRY_INVALID), PIC_LFX_TRANSLATION);
    at = (entry & 0x7fffff00) + second * 8;
    entry = word_or_interrupt(cpu, at);
    sequence = word_or_interrupt(cpu, at + 4);
    require(cpu, call, !(entry & TABLE_ENTRY_INVALID), PIC_LSX_TRANSLATION);
    require(cpu, call, !sequence || sequence == gr_high(cpu, 15), PIC_LSTE_SEQUENCE);
    return entry;
}

static void find_entry(struct cpu *cpu, struct call *call, uint32_t designation)
{
    uint32_t table = asn_lx_reuse(cpu) ? linkage_tables(cpu, call, designation)
                                       : linkage_table(cpu, call, designation);
    uint32_t index = call->index & 0xff, at;

    require(cpu, call, index >> 2 <= (table & 0x3f), PIC_EX_TRANSLATION);
    at = (table & 0x7fffffc0) + index * 32;
    for (unsigned i = 0; i < 8; i++)
        call->entry.word[i] = word_or_interrupt(cpu, at + 4 * i);
}

static void set_number(struct cpu *cpu, struct call *call, uint32_t address)
{
    call->number = call->index = address & 0xfffff;
    if (asn_lx_reuse(cpu) && (address & NUMBER_EXTENDED)) {
        call->number = address;
        call->index = (address >> 1 & 0x7ff80000) | (address & 0x7ffff);
    }
}

/* Modes and authority that the entry asks for. */
static void check_entry(struct cpu *cpu, struct call *call)
{
    const struct entry *e = &call->entry;
    bool wide = e->word[4] & ENTRY_64_BIT;

    if (!entry_stacking(e))
        special_operation_unless(cpu, operand_space(cpu) != SPACE_ACCESS_REGISTER &&
                                      wide == (amode64(cpu) != 0));
    if (wide) {
        call->mode = PSW_EA | PSW_BA;
        call->target = (uint64_t)e->word[0] << 32 | (e->word[1] & ~1u);
    } else {
        call->mode = e->word[1] & 0x80000000 ? PSW_BA : 0;
        call->target = e->word[1] & 0x7ffffffe;
        if (!call->mode && call->target >> 24)
            program_interruption(cpu, PIC_PC_TRANSLATION);
    }
    privileged_unless(cpu, !problem_state(cpu) || (entry_key_mask(e) & key_mask(cpu)));
}

static void find_space(struct cpu *cpu, struct call *call)
{
    uint16_t asn = entry_asn(&call->entry), code;

    call->asce = cpu->cr[1];
    call->space_switch = asn != 0;
    if (!asn)
        return;
    asn_translation_required(cpu);
    code = aste_fetch(cpu, call->entry.word[5], &call->aste);
    if (code)
        program_interruption(cpu, code);
    if (call->aste.word[0] & ASTE_INVALID)
        identified_interruption(cpu, PIC_ASX_TRANSLATION, asn, 0);
    call->asce = asce_of_entered_space(cpu, &call->aste);
}

/* Basic: the old state goes to GR3 and GR14. */
static void save_in_registers(struct cpu *cpu, const struct insn *insn)
{
    uint64_t link = insn_next_ia(cpu, insn) | problem_state(cpu);

    if (amode64(cpu))
        set_gr64(cpu, 14, link);
    else
        set_gr32(cpu, 14, (uint32_t)link | (cpu->psw_mask & PSW_BA ? 0x80000000 : 0));
    set_gr32(cpu, 3, (uint32_t)key_mask(cpu) << 16 | primary_asn(cpu));
}

/* Stacking: it goes to a linkage-stack entry, and the entry decides on key, key mask, EAX and mode. */
static void save_on_stack(struct cpu *cpu, const struct insn *insn, const struct call *call)
{
    uint32_t space = 0;

    if (call->space_switch)
        space = (uint32_t)entry_asn(&call->entry) << 16 |
                (uint16_t)(asn_lx_reuse(cpu) ? aste_instance(&call->aste) : aste_sequence(&call->aste));
    stack_push(cpu, STACK_CALL, cpu_psw_mask(cpu), insn_next_ia(cpu, insn),
               (uint64_t)space << 32 | (call->index | (call->mode & PSW_EA ? 0x80000000 : 0)));
}

static void apply_stacking_entry(struct cpu *cpu, const struct entry *e)
{
    unsigned space = e->word[4] & ENTRY_AR_MODE ? SPACE_ACCESS_REGISTER : SPACE_PRIMARY;

    if (e->word[4] & ENTRY_REPLACE_KEY)
        cpu->psw_mask = (cpu->psw_mask & ~PSW_KEY) | (uint64_t)(e->word[4] >> 20 & 15) << PSW_KEY_SHIFT;
    if (e->word[4] & ENTRY_REPLACE_MASK)
        cpu->cr[3] &= ~0xffff0000ULL;
    if (e->word[4] & ENTRY_REPLACE_EAX)
        cpu->cr[8] = (cpu->cr[8] & ~0xffff0000ULL) | (uint64_t)(e->word[4] & 0xffff) << 16;
    cpu->psw_mask = (cpu->psw_mask & ~PSW_AS) | (uint64_t)space << PSW_AS_SHIFT;
}

/* The caller's primary space becomes the secondary one. */
static void set_secondary_to_primary(struct cpu *cpu)
{
    cpu->cr[7] = cpu->cr[1];
    cpu->cr[3] = (cpu->cr[3] & ~0xffffULL) | primary_asn(cpu);
    if (asn_lx_reuse(cpu))
        cpu->cr[3] = (cpu->cr[3] & 0xffffffff) | (uint64_t)primary_instance(cpu) << 32;
}

static void switch_space(struct cpu *cpu, const struct call *call)
{
    set_secondary_to_primary(cpu);
    if (!call->space_switch)
        return;
    cpu->cr[1] = call->asce;
    cpu->cr[4] = (cpu->cr[4] & ~0xffffffffULL) | (uint32_t)aste_authorization_index(&call->aste) << 16 |
                 entry_asn(&call->entry);
    cpu->cr[5] = (cpu->cr[5] & ~0xffffffffULL) | call->aste.origin;
    if (asn_lx_reuse(cpu))
        cpu->cr[4] = (cpu->cr[4] & 0xffffffff) | (uint64_t)aste_instance(&call->aste) << 32;
    if (entry_stacking(&call->entry) && (call->entry.word[4] & ENTRY_NEW_SECONDARY))
        set_secondary_to_primary(cpu);
}

static void enter(struct cpu *cpu, const struct insn *insn, const struct call *call)
{
    const struct entry *e = &call->entry;

    if (entry_stacking(e))
        apply_stacking_entry(cpu, e);
    cpu->cr[3] |= entry_added_keys(e);
    cpu->psw_mask = (cpu->psw_mask & ~PSW_PROBLEM) | (e->word[1] & 1 ? PSW_PROBLEM : 0);
    cpu_branch_in_mode(cpu, insn, call->mode, call->target);
    if (call->mode & PSW_EA)
        set_gr_high(cpu, 4, e->word[6]);
    set_gr32(cpu, 4, e->word[7]);
    switch_space(cpu, call);
}

DEFINE_OP(PC)
{
    uint64_t old_asce = cpu->cr[1];
    uint16_t old_asn = primary_asn(cpu);
    struct trace t = trace_begin(cpu);
    struct call call;
    uint32_t designation;

    special_operation_unless(cpu, operand_space(cpu) == SPACE_PRIMARY ||
                                  operand_space(cpu) == SPACE_ACCESS_REGISTER);
    set_number(cpu, &call, (uint32_t)effective_b2(cpu, insn));
    designation = linkage_designation(cpu);
    if (cpu->cr[12] & CR12_ASN_TRACE)
        trace_program_call(cpu, &t, insn, call.number);
    find_entry(cpu, &call, designation);
    check_entry(cpu, &call);
    find_space(cpu, &call);
    if (entry_stacking(&call.entry)) {
        trace_mode_switch(cpu, &t, insn, call.mode);
        save_on_stack(cpu, insn, &call);
    } else {
        save_in_registers(cpu, insn);
    }
    trace_end(cpu, &t);
    enter(cpu, insn, &call);
    if (call.space_switch)
        primary_space_switch_event(cpu, old_asce, old_asn);
}
