/* SPDX-License-Identifier: MIT */
/** Instructions of the linkage stack but PROGRAM CALL (PoP ch. 10). */
#include "cpu/asn.h"
#include "cpu/control.h"
#include "cpu/cpus.h"
#include "cpu/linkage_stack.h"
#include "cpu/trace_table.h"

/* BAKR, PR and PC work in primary-space and access-register mode only. */
static void stacking_mode_required(struct cpu *cpu)
{
    special_operation_unless(cpu, operand_space(cpu) == SPACE_PRIMARY ||
                                  operand_space(cpu) == SPACE_ACCESS_REGISTER);
}

/* Extraction works in any mode with DAT on but the secondary-space mode. */
static void extraction_mode_required(struct cpu *cpu)
{
    special_operation_unless(cpu, (cpu->psw_mask & PSW_DAT) && operand_space(cpu) != SPACE_SECONDARY);
}

/* An address with its addressing mode, as bit 63 (64-bit) or bit 32 (31-bit) tell. */
struct moded {
    uint64_t mode, address;
};

static struct moded moded_address(uint64_t v)
{
    if (v & 1)
        return (struct moded){PSW_EA | PSW_BA, v & ~1ULL};
    if (v & 0x80000000)
        return (struct moded){PSW_BA, v & 0x7fffffff};
    return (struct moded){0, v & 0xffffff};
}

DEFINE_OP(BAKR)
{
    uint64_t mode = cpu->psw_mask & (PSW_EA | PSW_BA), next = insn_next_ia(cpu, insn);
    uint64_t branch = insn->r2 ? address_in(cpu, insn->r2) : next;
    struct moded link = {mode, next};
    struct trace t = trace_begin(cpu);

    stacking_mode_required(cpu);
    if (insn->r1)
        link = moded_address(gr64(cpu, insn->r1));
    if (insn->r2)
        trace_branch(cpu, &t, mode, branch);
    stack_push(cpu, STACK_BRANCH, (cpu_psw_mask(cpu) & ~(PSW_EA | PSW_BA)) | link.mode, link.address,
               branch | (mode & PSW_EA ? 1 : mode & PSW_BA ? 0x80000000 : 0));
    trace_end(cpu, &t);
    if (insn->r2)
        cpu_branch(cpu, insn, branch);
}

static void extract_registers(struct cpu *cpu, const struct insn *insn, bool wide)
{
    unsigned count = register_count(insn->r1, insn->r2);
    uint8_t e[STACK_ENTRY_BYTES];
    struct stack_entry entry;

    extraction_mode_required(cpu);
    entry = stack_locate(cpu, false);
    stack_fetch(cpu, &entry, e);
    for (unsigned i = 0; i < count; i++) {
        unsigned r = (insn->r1 + i) & 15;

        if (wide)
            set_gr64(cpu, r, get_be64(e + STACK_GR + 8 * r));
        else
            set_gr32(cpu, r, get_be32(e + STACK_GR + 8 * r + 4));
        cpu->ar[r] = get_be32(e + STACK_AR + 4 * r);
    }
}

DEFINE_OP(EREG)
{
    extract_registers(cpu, insn, false);
}

DEFINE_OP(EREGG)
{
    extract_registers(cpu, insn, true);
}

/* The PSW in the short format; bit 63 tells of an address that does not fit. */
static void extract_short_psw(struct cpu *cpu, unsigned r, const uint8_t *e)
{
    uint64_t mask = get_be64(e + STACK_PSW), address = get_be64(e + STACK_PSW_ADDRESS);

    set_gr32(cpu, r, (uint32_t)(mask >> 32) | (uint32_t)(PSW_SHORT >> 32));
    set_gr32(cpu, r + 1, (uint32_t)(mask & 0x80000000) | (uint32_t)(address & 0x7fffffff) |
                         (address >> 31 != 0));
}

static void extract_state(struct cpu *cpu, unsigned r, unsigned code, const uint8_t *e)
{
    switch (code) {
    case 1:
        extract_short_psw(cpu, r, e);
        break;
    case 4:
        set_gr64(cpu, r, get_be64(e + STACK_PSW));
        set_gr64(cpu, r + 1, get_be64(e + STACK_PSW_ADDRESS));
        break;
    case 5:
        set_gr_high(cpu, r, get_be32(e + STACK_SASTEIN));
        set_gr_high(cpu, r + 1, get_be32(e + STACK_PASTEIN));
        break;
    default:
        set_gr32(cpu, r, get_be32(e + STACK_KEY_MASK + 8 * code));
        set_gr32(cpu, r + 1, get_be32(e + STACK_KEY_MASK + 8 * code + 4));
    }
}

DEFINE_OP(ESTA)
{
    unsigned code = gr32(cpu, insn->r2) & 0xff;
    uint8_t e[STACK_ENTRY_BYTES];
    struct stack_entry entry;

    extraction_mode_required(cpu);
    specification_unless(cpu, !(insn->r1 & 1) && code <= (has_facility(cpu, FACILITY_ASN_LX_REUSE) ? 5 : 4));
    entry = stack_locate(cpu, false);
    stack_fetch(cpu, &entry, e);
    extract_state(cpu, insn->r1, code, e);
    cpu->cc = entry.type == STACK_CALL;
}

DEFINE_OP(MSTA)
{
    struct stack_entry entry;
    uint8_t *to;

    extraction_mode_required(cpu);
    specification_unless(cpu, !(insn->r1 & 1));
    entry = stack_locate(cpu, false);
    to = stack_modifiable(cpu, &entry);
    put_be32(to, gr32(cpu, insn->r1));
    put_be32(to + 4, gr32(cpu, insn->r1 + 1));
}

/* Control registers as PROGRAM RETURN is going to load them. */
struct returned {
    uint64_t cr1, cr3, cr4, cr5, cr7, cr8;
};

static uint64_t replace_low(uint64_t old, uint32_t low) { return (old & ~0xffffffffULL) | low; }

/* A program-call entry brings key mask, ASNs and EAX back, and with them the spaces. */
static void return_primary(struct cpu *cpu, struct returned *new)
{
    uint16_t asn = (uint16_t)new->cr4;
    struct aste aste;

    if (asn == primary_asn(cpu))
        return;
    asn_translation_required(cpu);
    asn_translate_or_interrupt(cpu, asn, &aste);
    if (asn_lx_reuse(cpu))
        aste_instance_required(cpu, &aste, new->cr4 >> 32, asn, true);
    new->cr1 = asce_of_entered_space(cpu, &aste);
    new->cr4 = replace_low(new->cr4, (uint32_t)aste_authorization_index(&aste) << 16 | asn);
    new->cr5 = replace_low(new->cr5, aste.origin);
}

static void return_secondary(struct cpu *cpu, struct returned *new)
{
    uint16_t asn = (uint16_t)new->cr3;
    struct aste aste;

    new->cr7 = new->cr1;
    if (asn == (uint16_t)new->cr4)
        return;
    asn_translation_required(cpu);
    asn_translate_or_interrupt(cpu, asn, &aste);
    if (asn_lx_reuse(cpu))
        aste_instance_required(cpu, &aste, new->cr3 >> 32, asn, false);
    asn_authority_required(cpu, (uint16_t)(new->cr4 >> 16), asn, &aste, AUTHORITY_SECONDARY);
    new->cr7 = asce_of_entered_space(cpu, &aste);
}

static void return_from_call(struct cpu *cpu, const uint8_t *e, struct returned *new)
{
    new->cr3 = replace_low(new->cr3, get_be32(e + STACK_KEY_MASK));
    new->cr8 = (new->cr8 & ~0xffff0000ULL) | (uint64_t)get_be16(e + STACK_EAX) << 16;
    new->cr4 = (new->cr4 & ~0xffffULL) | get_be16(e + STACK_PASN);
    if (asn_lx_reuse(cpu)) {
        new->cr3 = (new->cr3 & 0xffffffff) | (uint64_t)get_be32(e + STACK_SASTEIN) << 32;
        new->cr4 = (new->cr4 & 0xffffffff) | (uint64_t)get_be32(e + STACK_PASTEIN) << 32;
    }
    return_primary(cpu, new);
    return_secondary(cpu, new);
}

static void load_returned(struct cpu *cpu, const struct returned *new, const uint8_t *e)
{
    cpu->cr[1] = new->cr1;
    cpu->cr[3] = new->cr3;
    cpu->cr[4] = new->cr4;
    cpu->cr[5] = new->cr5;
    cpu->cr[7] = new->cr7;
    cpu->cr[8] = new->cr8;
    for (unsigned r = 2; r < 15; r++) {
        set_gr64(cpu, r, get_be64(e + STACK_GR + 8 * r));
        cpu->ar[r] = get_be32(e + STACK_AR + 4 * r);
    }
}

/* The PSW comes from the entry, its PER mask stays. */
static void return_psw(struct cpu *cpu, const struct insn *insn, const uint8_t *e)
{
    uint64_t mask = (get_be64(e + STACK_PSW) & ~PSW_PER) | (cpu->psw_mask & PSW_PER);
    uint64_t ia = insn_ia(cpu, insn);

    cpu_branch(cpu, insn, get_be64(e + STACK_PSW_ADDRESS));
    cpu_load_psw(cpu, mask, get_be64(e + STACK_PSW_ADDRESS));
    cpu->breaking_event = ia;
}

DEFINE_OP(PR)
{
    struct returned new = {cpu->cr[1], cpu->cr[3], cpu->cr[4], cpu->cr[5], cpu->cr[7], cpu->cr[8]};
    uint64_t old_asce = cpu->cr[1], mask, address;
    uint16_t old_asn = primary_asn(cpu);
    struct trace t = trace_begin(cpu);
    uint8_t e[STACK_ENTRY_BYTES], *previous;
    struct stack_entry entry;

    stacking_mode_required(cpu);
    entry = stack_locate(cpu, true);
    stack_fetch(cpu, &entry, e);
    previous = stack_probe_previous(cpu, &entry);
    mask = get_be64(e + STACK_PSW);
    address = get_be64(e + STACK_PSW_ADDRESS);
    if (entry.type == STACK_CALL && (cpu->cr[12] & CR12_ASN_TRACE))
        trace_program_return(cpu, &t, insn, get_be16(e + STACK_PASN), mask, address);
    else
        trace_mode_switch(cpu, &t, insn, mask);
    if (entry.type == STACK_CALL)
        return_from_call(cpu, e, &new);
    trace_end(cpu, &t);
    stack_pop(cpu, &entry, previous);
    load_returned(cpu, &new, e);
    return_psw(cpu, insn, e);
    if (primary_asn(cpu) != old_asn)
        primary_space_switch_event(cpu, old_asce, old_asn);
}
