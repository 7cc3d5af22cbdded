/* SPDX-License-Identifier: MIT */
/** Branches that change authority or space, TRAP and RESUME PROGRAM (PoP ch. 10). */
#include "cpu/art.h"
#include "cpu/asn.h"
#include "cpu/control.h"
#include "cpu/cpus.h"
#include "cpu/trace_table.h"

/* Dispatchable-unit control table: byte offsets of its words. */
enum duct_offset {
    DUCT_BASE = 0, DUCT_SUBSPACE = 4, DUCT_SEQUENCE = 12, DUCT_STATE = 20, DUCT_RETURN = 32, DUCT_TRAP = 44,
};
/* DUCT_STATE: key mask in bits 0–15, key in 24–27, reduced authority, problem state. */
enum { STATE_REDUCED = 8, STATE_PROBLEM = 1 };
#define SUBSPACE_ACTIVE 0x80000000u

static uint32_t duct(const struct cpu *cpu) { return (uint32_t)cpu->cr[2] & ASTE_ORIGIN; }

/* A word of the DUCT; the table is going to be stored into, so low-address protection applies. */
static uint32_t duct_word(struct cpu *cpu, unsigned offset)
{
    uint32_t word;

    if ((cpu->cr[0] & CR0_LOW_ADDRESS_PROTECTION) && (duct(cpu) & ~0x11ffu) == 0)
        identified_interruption(cpu, PIC_PROTECTION, (duct(cpu) & PAGE_MASK) | TEID_LOW_ADDRESS, 0);
    if (!real_word(cpu, duct(cpu) + offset, &word))
        program_interruption(cpu, PIC_ADDRESSING);
    return word;
}

static void store_duct(struct cpu *cpu, unsigned offset, uint32_t word)
{
    real_word_store(cpu, duct(cpu) + offset, word); /* its block exists: it was fetched from */
}

static uint64_t present_mode(const struct cpu *cpu) { return cpu->psw_mask & (PSW_EA | PSW_BA); }

/* Updated instruction address, in 24- and 31-bit mode with the mode in bit 32. */
static uint64_t linkage(const struct cpu *cpu, const struct insn *insn)
{
    uint64_t next = insn_next_ia(cpu, insn);

    return present_mode(cpu) == PSW_BA ? next | 0x80000000 : next;
}

static void set_linkage(struct cpu *cpu, const struct insn *insn, unsigned r)
{
    if (amode64(cpu))
        set_gr64(cpu, r, linkage(cpu, insn));
    else
        set_gr32(cpu, r, (uint32_t)linkage(cpu, insn));
}

/* A branch address that outside 64-bit mode has the addressing mode in bit 32. */
static uint64_t mode_of(const struct cpu *cpu, uint64_t address)
{
    return amode64(cpu) ? PSW_EA | PSW_BA : address & 0x80000000 ? PSW_BA : 0;
}

static uint64_t without_mode(uint64_t mode, uint64_t address)
{
    return mode & PSW_EA ? address : mode ? address & 0x7fffffff : address & 0xffffff;
}

static void set_key(struct cpu *cpu, unsigned key)
{
    cpu->psw_mask = (cpu->psw_mask & ~PSW_KEY) | (uint64_t)key << PSW_KEY_SHIFT;
}

/* BSA in the base-authority state: save the state in the DUCT and reduce the authority. */
static void reduce_authority(struct cpu *cpu, const struct insn *insn)
{
    uint64_t target = gr64(cpu, insn->r2), mode = mode_of(cpu, target), link = linkage(cpu, insn);
    uint32_t given = gr32(cpu, insn->r1);
    unsigned key = given >> 4 & 15;
    struct trace t = trace_begin(cpu);

    special_operation_unless(cpu, insn->r2 != 0);
    trace_branch(cpu, &t, mode, without_mode(mode, target));
    privileged_unless(cpu, key_authorized(cpu, key));
    trace_end(cpu, &t);
    store_duct(cpu, DUCT_STATE, (uint32_t)key_mask(cpu) << 16 | (uint32_t)access_key(cpu) << 4 |
                                STATE_REDUCED | (problem_state(cpu) ? STATE_PROBLEM : 0));
    store_duct(cpu, DUCT_RETURN, (uint32_t)(link >> 32));
    store_duct(cpu, DUCT_RETURN + 4, (uint32_t)link);
    set_key(cpu, key);
    cpu->cr[3] &= ~0xffff0000ULL | given;
    cpu->psw_mask |= PSW_PROBLEM;
    cpu_branch_in_mode(cpu, insn, mode, without_mode(mode, target));
}

/* BSA in the reduced-authority state: bring the saved state back. Its address may cause an early
 * exception. */
static void restore_authority(struct cpu *cpu, const struct insn *insn, uint32_t state)
{
    uint64_t saved, mode, target, mask, ia = insn_ia(cpu, insn);
    struct trace t = trace_begin(cpu);

    special_operation_unless(cpu, insn->r2 == 0);
    saved = (uint64_t)duct_word(cpu, DUCT_RETURN) << 32 | duct_word(cpu, DUCT_RETURN + 4);
    mode = mode_of(cpu, saved);
    target = mode & PSW_EA ? saved : saved & 0x7fffffff;
    trace_branch(cpu, &t, mode, target);
    trace_end(cpu, &t);
    if (insn->r1)
        set_linkage(cpu, insn, insn->r1);
    cpu->cr[3] = (cpu->cr[3] & ~0xffff0000ULL) | (state & 0xffff0000);
    set_key(cpu, state >> 4 & 15);
    mask = (cpu->psw_mask & ~(PSW_PROBLEM | PSW_EA | PSW_BA)) | mode |
           (state & STATE_PROBLEM ? PSW_PROBLEM : 0);
    store_duct(cpu, DUCT_STATE, state & ~(uint32_t)STATE_REDUCED);
    cpu_branch(cpu, insn, target);
    cpu_load_psw(cpu, mask | (uint64_t)cpu->cc << PSW_CC_SHIFT, target);
    cpu->breaking_event = ia;
}

DEFINE_OP(BSA)
{
    uint32_t state = duct_word(cpu, DUCT_STATE);

    if (state & STATE_REDUCED)
        restore_authority(cpu, insn, state);
    else
        reduce_authority(cpu, insn);
}

/* Destination of BRANCH IN SUBSPACE GROUP. */
struct destination {
    struct aste aste;
    bool base;          /* the base space; else a subspace */
};

static void fetch_destination(struct cpu *cpu, uint32_t origin, struct aste *aste)
{
    uint16_t code = aste_fetch(cpu, origin, aste);

    if (code)
        program_interruption(cpu, code);
}

/* ALET 1: the subspace last in control, named by the DUCT. */
static void last_subspace(struct cpu *cpu, const struct insn *insn, struct aste *aste)
{
    uint32_t origin = duct_word(cpu, DUCT_SUBSPACE) & ASTE_ORIGIN;

    special_operation_unless(cpu, origin != 0);
    fetch_destination(cpu, origin, aste);
    if (aste->word[0] & ASTE_INVALID)
        identified_interruption(cpu, PIC_ASTE_VALIDITY, 0, insn->r2);
    if (aste_sequence(aste) != duct_word(cpu, DUCT_SEQUENCE))
        identified_interruption(cpu, PIC_ASTE_SEQUENCE, 0, insn->r2);
}

/* Another ALET names the base space or a subspace of a group. */
static void listed_space(struct cpu *cpu, const struct insn *insn, uint32_t alet, uint32_t base,
                         struct aste *aste)
{
    bool fetch_only;
    uint16_t code = art_find(cpu, alet, 0, ART_SPECIAL, aste, &fetch_only);

    if (code)
        identified_interruption(cpu, code, 0, insn->r2);
    special_operation_unless(cpu, aste->origin == base ||
                                  ((aste_asce(aste) & ASCE_SUBSPACE_GROUP) && !(aste->word[0] & 1)));
}

static struct destination find_destination(struct cpu *cpu, const struct insn *insn, uint32_t alet,
                                           uint32_t base)
{
    struct destination d = {.base = alet == 0};

    if (alet == 0)
        fetch_destination(cpu, base, &d.aste);
    else if (alet == 1)
        last_subspace(cpu, insn, &d.aste);
    else
        listed_space(cpu, insn, alet, base, &d.aste);
    d.base = alet != 1 && d.aste.origin == base;
    return d;
}

static void note_destination(struct cpu *cpu, const struct destination *d, uint32_t alet)
{
    uint32_t active = duct_word(cpu, DUCT_SUBSPACE);

    if (d->base) {
        store_duct(cpu, DUCT_SUBSPACE, active & ~SUBSPACE_ACTIVE);
    } else if (alet == 1) {
        store_duct(cpu, DUCT_SUBSPACE, active | SUBSPACE_ACTIVE);
    } else {
        store_duct(cpu, DUCT_SUBSPACE, d->aste.origin | SUBSPACE_ACTIVE);
        store_duct(cpu, DUCT_SEQUENCE, aste_sequence(&d->aste));
    }
}

DEFINE_OP(BSG)
{
    const uint64_t events = 0xc0; /* storage-alteration and space-switch-event bits stay in a subspace */
    uint32_t alet = insn->r2 ? cpu->ar[insn->r2] : 0, base;
    uint64_t target = gr64(cpu, insn->r2), mode = mode_of(cpu, target);
    struct trace t = trace_begin(cpu);
    struct destination d;

    dat_required(cpu);
    if (cpu->cr[12] & CR12_ASN_TRACE)
        trace_bsg(cpu, &t, alet, target);
    else
        trace_branch(cpu, &t, mode, without_mode(mode, target));
    base = duct_word(cpu, DUCT_BASE) & ASTE_ORIGIN;
    special_operation_unless(cpu, ((uint32_t)cpu->cr[5] & ASTE_ORIGIN) == base);
    d = find_destination(cpu, insn, alet, base);
    trace_end(cpu, &t);
    if (d.base)
        cpu->cr[1] = aste_asce(&d.aste);
    else
        cpu->cr[1] = (cpu->cr[1] & events) | (aste_asce(&d.aste) & ~events);
    note_destination(cpu, &d, alet);
    if (insn->r1)
        set_linkage(cpu, insn, insn->r1);
    cpu->cr[7] = cpu->cr[1];
    cpu->cr[3] = (cpu->cr[3] & ~0xffffULL) | primary_asn(cpu);
    if (asn_lx_reuse(cpu))
        cpu->cr[3] = (cpu->cr[3] & 0xffffffff) | (uint64_t)primary_instance(cpu) << 32;
    cpu_branch_in_mode(cpu, insn, mode, without_mode(mode, target));
}

/* ---- TRAP ---- */

/* Trap control block: word 0 controls, word 3 save-area address, word 5 trap-program address. */
#define TRAP_CONTROL_PSW 0x00040000u  /* the save area has a 16-byte PSW */
#define TRAP_CONTROL_WIDE 0x00020000u /* and 64-bit registers */
enum { TRAP_EXECUTED = 0x80, TRAP_4 = 0x40 };

static uint32_t home_word(struct cpu *cpu, uint32_t address)
{
    struct span s = span_in_space(cpu, SPACE_HOME, 0, access_key(cpu), address, 4, ACCESS_FETCH);
    uint8_t word[4];

    span_read(&s, word);
    return get_be32(word);
}

static unsigned compose_save_area(struct cpu *cpu, const struct insn *insn, uint32_t controls, bool trap4,
                                  uint32_t operand, uint8_t area[160])
{
    uint64_t next = insn_next_ia(cpu, insn), mask = cpu_psw_mask(cpu);
    bool wide = controls & TRAP_CONTROL_WIDE;

    memset(area, 0, 160);
    area[0] = (uint8_t)((insn->flags & INSN_EXECUTED ? TRAP_EXECUTED : 0) | (trap4 ? TRAP_4 : 0));
    area[1] = insn->length;
    put_be32(area + 8, operand);
    put_be32(area + 12, cpu->ar[15]);
    if (controls & TRAP_CONTROL_PSW) {
        put_be64(area + 16, mask);
        put_be64(area + 24, next);
    } else {
        put_be64(area + 16, (mask & ~0x7fffffffULL) | PSW_SHORT | (next & 0x7fffffff));
    }
    for (unsigned r = 0; r < 16; r++) {
        if (wide)
            put_be64(area + 32 + 8 * r, gr64(cpu, r));
        else
            put_be32(area + 32 + 4 * r, gr32(cpu, r));
    }
    return wide ? 160 : 96;
}

static void trap(struct cpu *cpu, const struct insn *insn, bool trap4, uint32_t operand)
{
    uint32_t word, block, controls, save, target;
    struct trace t = trace_begin(cpu);
    uint8_t area[160];
    unsigned bytes;
    struct span to;

    special_operation_unless(cpu, operand_space(cpu) == SPACE_PRIMARY ||
                                  operand_space(cpu) == SPACE_ACCESS_REGISTER);
    if (!real_word(cpu, duct(cpu) + DUCT_TRAP, &word))
        program_interruption(cpu, PIC_ADDRESSING);
    special_operation_unless(cpu, word & 1);
    block = word & 0x7ffffff8;
    controls = home_word(cpu, block);
    save = home_word(cpu, block + 12) & 0x7ffffff8;
    target = home_word(cpu, block + 20) & 0x7fffffff;
    special_operation_unless(cpu, (controls & TRAP_CONTROL_PSW) || !amode64(cpu));
    bytes = compose_save_area(cpu, insn, controls, trap4, operand, area);
    to = span_in_space(cpu, SPACE_HOME, 0, access_key(cpu), save, bytes, ACCESS_STORE);
    trace_branch(cpu, &t, PSW_BA, target);
    trace_end(cpu, &t);
    span_write(&to, area);
    if (amode64(cpu))
        set_gr64(cpu, 15, block);
    else
        set_gr32(cpu, 15, block);
    cpu->psw_mask &= ~PSW_AS;
    cpu_branch_in_mode(cpu, insn, PSW_BA, target);
}

DEFINE_OP(TRAP2)
{
    trap(cpu, insn, false, 0);
}

DEFINE_OP(TRAP4)
{
    trap(cpu, insn, true, (uint32_t)effective_b2(cpu, insn) & 0x7fffffff);
}

/* ---- RESUME PROGRAM ---- */

/* The parameter list after the instruction (or the EXECUTE target): flags and offsets into the operand. */
struct resume {
    uint16_t flags, psw, ar, gr, gr_high;
};
enum { RESUME_LONG_PSW = 4, RESUME_WIDE = 2, RESUME_DISJOINT = 1, RESUME_RESERVED = 0xfff8 };

static uint16_t list_halfword(struct cpu *cpu, uint64_t address)
{
    struct fault fault = {0};
    const uint8_t *p = cpu_fetch_address(cpu, address & cpu->address_mask, &fault);

    if (!p)
        access_exception(cpu, &fault);
    return get_be16(p);
}

static struct resume resume_list(struct cpu *cpu, const struct insn *insn)
{
    uint64_t at = insn_relative_base(cpu, insn) + 4;
    struct resume list = {.flags = list_halfword(cpu, at)};

    specification_unless(cpu, !(list.flags & RESUME_RESERVED));
    list.psw = list_halfword(cpu, at + 2);
    list.ar = list_halfword(cpu, at + 4);
    list.gr = list_halfword(cpu, at + 6);
    if ((list.flags & 3) == (RESUME_WIDE | RESUME_DISJOINT))
        list.gr_high = list_halfword(cpu, at + 8);
    return list;
}

/* Mask and address of the operand's PSW; only bits 16–23, 31, 32 and the address count. */
static uint64_t resume_psw(struct cpu *cpu, const struct insn *insn, const struct resume *list,
                           uint64_t *address)
{
    const uint64_t taken = PSW_AS | PSW_CC | PSW_PROGRAM_MASK | PSW_EA | PSW_BA;
    uint64_t at = (effective_b2(cpu, insn) + list->psw) & cpu->address_mask, limit, mask;
    uint8_t psw[16];

    fetch_bytes(cpu, at, insn->b2, psw, list->flags & RESUME_LONG_PSW ? 16 : 8);
    mask = get_be64(psw);
    *address = list->flags & RESUME_LONG_PSW ? get_be64(psw + 8) : mask & 0x7fffffff;
    limit = mask & PSW_EA ? UINT64_MAX : mask & PSW_BA ? 0x7fffffff : 0xffffff;
    specification_unless(cpu, !(*address & 1) && *address <= limit && (!(mask & PSW_EA) || (mask & PSW_BA)));
    if (list->flags & RESUME_LONG_PSW)
        specification_unless(cpu, !(mask & 0x7fffffff));
    return (cpu_psw_mask(cpu) & ~taken) | (mask & taken);
}

DEFINE_OP(RP)
{
    struct resume list = resume_list(cpu, insn);
    uint64_t operand = effective_b2(cpu, insn), address, mask, value;
    unsigned old = operand_space(cpu), b = insn->b2 & 15;
    struct trace t = trace_begin(cpu);
    uint32_t ar;

    mask = resume_psw(cpu, insn, &list, &address);
    ar = fetch32(cpu, (operand + list.ar) & cpu->address_mask, insn->b2);
    if ((list.flags & 3) == RESUME_WIDE)
        value = fetch64(cpu, (operand + list.gr) & cpu->address_mask, insn->b2);
    else
        value = (gr64(cpu, b) & ~0xffffffffULL) |
                fetch32(cpu, (operand + list.gr) & cpu->address_mask, insn->b2);
    if ((list.flags & 3) == (RESUME_WIDE | RESUME_DISJOINT))
        value = (uint32_t)value |
                (uint64_t)fetch32(cpu, (operand + list.gr_high) & cpu->address_mask, insn->b2) << 32;
    privileged_unless(cpu, !problem_state(cpu) || !(mask & PSW_DAT) || (mask & PSW_AS) != PSW_AS);
    trace_mode_branch(cpu, &t, insn, mask & (PSW_EA | PSW_BA), address);
    trace_end(cpu, &t);
    cpu->ar[b] = ar;
    set_gr64(cpu, b, value);
    cpu->psw_mask = mask & ~PSW_CC;
    cpu->cc = mask >> PSW_CC_SHIFT & 3;
    cpu_branch_in_mode(cpu, insn, mask & (PSW_EA | PSW_BA), address);
    if (mask & PSW_DAT)
        home_space_switch_event(cpu, old, operand_space(cpu));
}
