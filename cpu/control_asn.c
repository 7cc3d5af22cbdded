/* SPDX-License-Identifier: MIT */
/** Address spaces by number: LASP, SSAR, PT, TAR, and space-switch events (PoP ch. 10). */
#include "cpu/art.h"
#include "cpu/asn.h"
#include "cpu/control.h"
#include "cpu/trace_table.h"
#include "storage/dat.h"

#define CR14_ASN_TRANSLATION BIT64(44)

/* Exception access identification of ASTE-instance exceptions: which translation found it. */
enum { IN_PRIMARY_ASN = 0x20, IN_SECONDARY_ASN = 0x10 };

void identified_interruption(struct cpu *cpu, unsigned code, uint64_t teid, uint8_t access_id)
{
    struct fault fault = {.code = (uint16_t)code, .access_id = access_id, .teid = teid};

    access_exception(cpu, &fault);
}

void home_space_switch_event(struct cpu *cpu, unsigned old, unsigned new)
{
    uint64_t asce = old == SPACE_HOME ? cpu->cr[13] : cpu->cr[1];
    uint64_t teid = asce & ASCE_SPACE_SWITCH ? 0x80000000 : 0;

    if ((old == SPACE_HOME) == (new == SPACE_HOME))
        return;
    if (!((cpu->cr[1] | cpu->cr[13]) & ASCE_SPACE_SWITCH) && !cpu->per_code)
        return;
    identified_interruption(cpu, PIC_SPACE_SWITCH, old == SPACE_HOME ? teid : teid | primary_asn(cpu), 0);
}

void primary_space_switch_event(struct cpu *cpu, uint64_t old_asce, uint16_t old_asn)
{
    uint64_t teid = old_asn | (old_asce & ASCE_SPACE_SWITCH ? 0x80000000 : 0);

    if (((old_asce | cpu->cr[1]) & ASCE_SPACE_SWITCH) || cpu->per_code)
        identified_interruption(cpu, PIC_SPACE_SWITCH, teid, 0);
}

void asn_translation_required(struct cpu *cpu)
{
    special_operation_unless(cpu, cpu->cr[14] & CR14_ASN_TRANSLATION);
}

void asn_translate_or_interrupt(struct cpu *cpu, uint16_t asn, struct aste *aste)
{
    uint16_t code = asn_translate(cpu, asn, aste);

    if (code)
        identified_interruption(cpu, code, asn, 0);
}

void asn_authority_required(struct cpu *cpu, uint16_t index, uint16_t asn, const struct aste *aste,
                            enum authority_kind kind)
{
    uint16_t code = kind == AUTHORITY_PRIMARY ? PIC_PRIMARY_AUTHORITY : PIC_SECONDARY_AUTHORITY;

    if (!asn_authorized(cpu, index, aste, kind, &code))
        identified_interruption(cpu, code, asn, 0);
}

void aste_instance_required(struct cpu *cpu, const struct aste *aste, uint32_t instance, uint16_t asn,
                            bool primary)
{
    if (aste_instance(aste) != instance)
        identified_interruption(cpu, PIC_ASTE_INSTANCE, asn, primary ? IN_PRIMARY_ASN : IN_SECONDARY_ASN);
}

uint64_t asce_of_entered_space(struct cpu *cpu, const struct aste *aste)
{
    uint64_t asce = aste_asce(aste);
    uint16_t code = subspace_replace(cpu, aste, &asce);

    if (code)
        identified_interruption(cpu, code, 0, 0);
    return asce;
}

/* PT and SSAR may not use a reusable ASN; PTI and SSAIR in the problem state no controlled one. */
static void check_entry(struct cpu *cpu, const struct aste *aste, bool instance)
{
    special_operation_unless(cpu, instance ? !(aste_controlled(aste) && problem_state(cpu))
                                           : !(aste_reusable(aste) && asn_lx_reuse(cpu)));
}

static void set_secondary_asn(struct cpu *cpu, const struct insn *insn, bool instance)
{
    uint16_t asn = (uint16_t)gr32(cpu, insn->r1);
    uint64_t asce = cpu->cr[1], instance_number = primary_instance(cpu);
    struct trace t = trace_begin(cpu);
    struct aste aste;

    special_operation_unless(cpu, cpu->psw_mask & PSW_DAT);
    asn_translation_required(cpu);
    if (cpu->cr[12] & CR12_ASN_TRACE)
        trace_ssar(cpu, &t, instance, asn);
    if (asn != primary_asn(cpu)) {
        asn_translate_or_interrupt(cpu, asn, &aste);
        check_entry(cpu, &aste, instance);
        if (instance)
            aste_instance_required(cpu, &aste, gr_high(cpu, insn->r1), asn, false);
        asn_authority_required(cpu, authorization_index(cpu), asn, &aste, AUTHORITY_SECONDARY);
        asce = asce_of_entered_space(cpu, &aste);
        instance_number = aste_instance(&aste);
    }
    trace_end(cpu, &t);
    cpu->cr[7] = asce;
    cpu->cr[3] = (cpu->cr[3] & ~0xffffULL) | asn;
    if (instance || asn_lx_reuse(cpu))
        cpu->cr[3] = (cpu->cr[3] & 0xffffffff) | instance_number << 32;
    cpu_mode_changed(cpu);
}

DEFINE_OP(SSAR)
{
    set_secondary_asn(cpu, insn, false);
}

DEFINE_OP(SSAIR)
{
    set_secondary_asn(cpu, insn, true);
}

/* Control registers that a change of primary space loads. */
struct primary_space {
    uint64_t asce;
    uint32_t instance, aste_origin;
    uint16_t index;
};

/* PT-ss, PTI-ss: find the new primary space. */
static struct primary_space transfer_space(struct cpu *cpu, const struct insn *insn, uint16_t asn,
                                           bool instance)
{
    struct aste aste;

    asn_translation_required(cpu);
    asn_translate_or_interrupt(cpu, asn, &aste);
    check_entry(cpu, &aste, instance);
    if (instance)
        aste_instance_required(cpu, &aste, gr_high(cpu, insn->r1), asn, true);
    asn_authority_required(cpu, authorization_index(cpu), asn, &aste, AUTHORITY_PRIMARY);
    return (struct primary_space){asce_of_entered_space(cpu, &aste), aste_instance(&aste), aste.origin,
                                  aste_authorization_index(&aste)};
}

/* The primary ASTE's linkage designation has the subsystem-linkage control in bit 0. */
uint32_t linkage_designation(struct cpu *cpu)
{
    uint32_t designation;

    if (!real_word(cpu, ((uint32_t)cpu->cr[5] & ASTE_ORIGIN) + 24, &designation))
        program_interruption(cpu, PIC_ADDRESSING);
    special_operation_unless(cpu, designation & 0x80000000);
    return designation;
}

static void load_primary(struct cpu *cpu, const struct primary_space *new, uint16_t asn, bool with_instance)
{
    cpu->cr[1] = new->asce;
    cpu->cr[4] = (cpu->cr[4] & ~0xffffffffULL) | (uint32_t)new->index << 16 | asn;
    cpu->cr[5] = (cpu->cr[5] & ~0xffffffffULL) | new->aste_origin;
    if (with_instance)
        cpu->cr[4] = (cpu->cr[4] & 0xffffffff) | (uint64_t)new->instance << 32;
}

static void program_transfer(struct cpu *cpu, const struct insn *insn, bool instance)
{
    uint16_t mask = (uint16_t)(gr32(cpu, insn->r1) >> 16), asn = (uint16_t)gr32(cpu, insn->r1);
    uint16_t old_asn = primary_asn(cpu);
    uint64_t second = gr64(cpu, insn->r2), old_asce = cpu->cr[1], target, mode;
    bool with_instance = instance || asn_lx_reuse(cpu), problem = second & 1;
    struct trace t = trace_begin(cpu);
    struct primary_space new = {0};

    special_operation_unless(cpu, operand_space(cpu) == SPACE_PRIMARY);
    if (cpu->cr[12] & CR12_ASN_TRACE)
        trace_program_transfer(cpu, &t, instance, asn, second);
    if (amode64(cpu)) {
        mode = PSW_EA | PSW_BA;
        target = second & ~1ULL;
    } else {
        mode = second & 0x80000000 ? PSW_BA : 0;
        target = second & 0x7ffffffe;
    }
    linkage_designation(cpu);
    privileged_unless(cpu, !problem_state(cpu) || problem);
    specification_unless(cpu, mode || target < 1 << 24);
    if (asn != old_asn)
        new = transfer_space(cpu, insn, asn, instance);
    trace_end(cpu, &t);
    if (asn != old_asn)
        load_primary(cpu, &new, asn, with_instance);
    cpu->cr[3] = (cpu->cr[3] & ~0xffffffffULL) | (uint32_t)(key_mask(cpu) & mask) << 16 | asn;
    if (with_instance)
        cpu->cr[3] = (cpu->cr[3] & 0xffffffff) | (uint64_t)primary_instance(cpu) << 32;
    cpu->cr[7] = cpu->cr[1];
    cpu->psw_mask = (cpu->psw_mask & ~PSW_PROBLEM) | (problem ? PSW_PROBLEM : 0);
    cpu_branch_in_mode(cpu, insn, mode, target);
    if (asn != old_asn)
        primary_space_switch_event(cpu, old_asce, old_asn);
}

DEFINE_OP(PT)
{
    program_transfer(cpu, insn, false);
}

DEFINE_OP(PTI)
{
    program_transfer(cpu, insn, true);
}

/* Operand of LASP, in its two formats, and bits 61–63 of the second-operand address. */
struct lasp {
    uint32_t secondary_instance, primary_instance;
    uint16_t mask, secondary, index, primary;
    bool force_translation, use_given_index, skip_authorization;
};

static struct lasp lasp_operand(struct cpu *cpu, const struct insn *insn)
{
    uint64_t address = effective_b2(cpu, insn), function = effective_b4(cpu, insn);
    struct lasp l = {.force_translation = function & 4, .use_given_index = function & 2,
                     .skip_authorization = function & 1};
    uint8_t operand[16];

    specification_unless_aligned(cpu, address, 8);
    if (!asn_lx_reuse(cpu)) {
        fetch_bytes(cpu, address, insn->b2, operand, 8);
        l.mask = get_be16(operand);
        l.secondary = get_be16(operand + 2);
        l.index = get_be16(operand + 4);
        l.primary = get_be16(operand + 6);
        return l;
    }
    fetch_bytes(cpu, address, insn->b2, operand, 16);
    l.secondary_instance = get_be32(operand);
    l.mask = get_be16(operand + 4);
    l.secondary = get_be16(operand + 6);
    l.primary_instance = get_be32(operand + 8);
    l.index = get_be16(operand + 12);
    l.primary = get_be16(operand + 14);
    return l;
}

/* What would be an exception is a condition code to LASP, except addressing. */
static bool lasp_space(struct cpu *cpu, uint16_t asn, uint32_t instance, struct aste *aste, uint64_t *asce)
{
    uint16_t code = asn_translate(cpu, asn, aste);

    if (!code && asn_lx_reuse(cpu) && aste_instance(aste) != instance)
        return false;
    if (!code) {
        *asce = aste_asce(aste);
        code = subspace_replace(cpu, aste, asce);
    }
    if (code == PIC_ADDRESSING)
        program_interruption(cpu, code);
    return !code;
}

/* PASN translation: 0, or condition code 1 or 3. */
static unsigned lasp_primary(struct cpu *cpu, const struct lasp *l, struct primary_space *new)
{
    struct aste aste;

    *new = (struct primary_space){cpu->cr[1], primary_instance(cpu), (uint32_t)cpu->cr[5],
                                  authorization_index(cpu)};
    if (l->force_translation || l->primary != primary_asn(cpu)) {
        if (!lasp_space(cpu, l->primary, l->primary_instance, &aste, &new->asce))
            return 1;
        if ((cpu->cr[1] | new->asce) & ASCE_SPACE_SWITCH)
            return 3;
        new->instance = l->primary_instance;
        new->aste_origin = aste.origin;
        new->index = aste_authorization_index(&aste);
    }
    if (l->use_given_index)
        new->index = l->index;
    return 0;
}

/* SASN translation and authorization: 0 or condition code 2. */
static unsigned lasp_secondary(struct cpu *cpu, const struct lasp *l, const struct primary_space *primary,
                               uint64_t *asce, uint32_t *instance)
{
    uint16_t code = PIC_SECONDARY_AUTHORITY;
    struct aste aste;

    *asce = primary->asce;
    *instance = primary->instance;
    if (l->secondary == l->primary)
        return 0;
    *asce = cpu->cr[7];
    *instance = secondary_instance(cpu);
    if (!l->force_translation && l->skip_authorization && l->secondary == secondary_asn(cpu))
        return 0;
    if (!lasp_space(cpu, l->secondary, l->secondary_instance, &aste, asce))
        return 2;
    *instance = l->secondary_instance;
    if (l->skip_authorization || asn_authorized(cpu, primary->index, &aste, AUTHORITY_SECONDARY, &code))
        return 0;
    if (code == PIC_ADDRESSING)
        program_interruption(cpu, code);
    return 2;
}

DEFINE_OP(LASP)
{
    struct primary_space primary;
    uint32_t instance = 0;
    uint64_t asce = 0;
    unsigned cc;
    struct lasp l;

    asn_translation_required(cpu);
    l = lasp_operand(cpu, insn);
    cc = lasp_primary(cpu, &l, &primary);
    if (!cc)
        cc = lasp_secondary(cpu, &l, &primary, &asce, &instance);
    cpu->cc = cc;
    if (cc)
        return;
    load_primary(cpu, &primary, l.primary, asn_lx_reuse(cpu));
    cpu->cr[3] = (cpu->cr[3] & ~0xffffffffULL) | (uint32_t)l.mask << 16 | l.secondary;
    if (asn_lx_reuse(cpu))
        cpu->cr[3] = (cpu->cr[3] & 0xffffffff) | (uint64_t)instance << 32;
    cpu->cr[7] = asce;
    cpu_mode_changed(cpu);
}

/* ALET 0 and 1 are the primary (0) and secondary (3) space; others by the list they are in (1, 2). */
DEFINE_OP(TAR)
{
    uint32_t alet = cpu->ar[insn->r1];
    struct aste aste;
    bool fetch_only;
    uint16_t code;

    if (alet <= 1) {
        cpu->cc = alet ? 3 : 0;
        return;
    }
    code = art_find(cpu, alet, (uint16_t)(gr32(cpu, insn->r2) >> 16), ART_ORDINARY, &aste, &fetch_only);
    if (code == PIC_ADDRESSING)
        program_interruption(cpu, code);
    cpu->cc = code ? 3 : alet & ALET_PRIMARY_LIST ? 2 : 1;
}
