/* SPDX-License-Identifier: MIT */
/** Moves between address spaces and with other access keys (PoP ch. 7, 10). */
#include "cpu/control.h"
#include "cpu/cpus.h"
#include "cpu/level.h"

/* An operand: where, in which space, with which access key. */
struct place {
    uint64_t address;
    unsigned base, space;
    uint8_t key;
};

static struct place first_operand(const struct cpu *cpu, const struct insn *insn)
{
    return (struct place){effective_b2(cpu, insn), insn->b2, operand_space(cpu), access_key(cpu)};
}

static struct place second_operand(const struct cpu *cpu, const struct insn *insn)
{
    return (struct place){effective_b4(cpu, insn), insn_base(insn, 32), operand_space(cpu), access_key(cpu)};
}

static struct span probe(struct cpu *cpu, const struct place *p, unsigned bytes, enum access_kind kind)
{
    return span_in_space(cpu, p->space, p->base, p->key, p->address, bytes, kind);
}

/* Both operands are probed whole; then the bytes move as if through a buffer. */
static void move(struct cpu *cpu, const struct place *to, const struct place *from, unsigned bytes)
{
    uint8_t buffer[PAGE_BYTES];
    struct span source, target;

    if (bytes == 0)
        return;
    source = probe(cpu, from, bytes, ACCESS_FETCH);
    target = probe(cpu, to, bytes, ACCESS_STORE);
    span_read(&source, buffer);
    span_write(&target, buffer);
    cpu_charge(cpu, bytes / 16);
}

/* Move what the true length in register `r` says, `most` bytes at most: condition code 3 tells of more. */
static void move_true_length(struct cpu *cpu, const struct place *to, const struct place *from, unsigned r,
                             unsigned most)
{
    uint64_t length = gr_amode(cpu, r);

    move(cpu, to, from, length > most ? most : (unsigned)length);
    cpu->cc = length > most ? 3 : 0;
}

static uint8_t key_in(struct cpu *cpu, unsigned r)
{
    uint8_t key = gr32(cpu, r) >> 4 & 15;

    privileged_unless(cpu, key_authorized(cpu, key));
    return key;
}

/* MVCP and MVCS work between primary and secondary space, in either of these modes only. */
static void two_spaces_required(struct cpu *cpu)
{
    unsigned space = operand_space(cpu);

    special_operation_unless(cpu, (cpu->cr[0] & CR0_SECONDARY_SPACE) &&
                                  (space == SPACE_PRIMARY || space == SPACE_SECONDARY));
}

DEFINE_OP(MVCP)
{
    struct place to = first_operand(cpu, insn), from = second_operand(cpu, insn);

    two_spaces_required(cpu);
    to.space = SPACE_PRIMARY;
    from.space = SPACE_SECONDARY;
    from.key = key_in(cpu, insn->r3);
    move_true_length(cpu, &to, &from, insn->r1, 256);
}

DEFINE_OP(MVCS)
{
    struct place to = first_operand(cpu, insn), from = second_operand(cpu, insn);

    two_spaces_required(cpu);
    to.space = SPACE_SECONDARY;
    to.key = key_in(cpu, insn->r3);
    from.space = SPACE_PRIMARY;
    move_true_length(cpu, &to, &from, insn->r1, 256);
}

DEFINE_OP(MVCK)
{
    struct place to = first_operand(cpu, insn), from = second_operand(cpu, insn);

    from.key = key_in(cpu, insn->r3);
    move_true_length(cpu, &to, &from, insn->r1, 256);
}

/* GR0.56–63: length minus one; GR1.56–59: the source's or destination's key. */
DEFINE_OP(MVCSK)
{
    struct place to = first_operand(cpu, insn), from = second_operand(cpu, insn);

    from.key = key_in(cpu, 1);
    move(cpu, &to, &from, (gr32(cpu, 0) & 0xff) + 1);
}

DEFINE_OP(MVCDK)
{
    struct place to = first_operand(cpu, insn), from = second_operand(cpu, insn);

    to.key = key_in(cpu, 1);
    move(cpu, &to, &from, (gr32(cpu, 0) & 0xff) + 1);
}

/* Operand-access control: key in bits 0–3, space in 8–9, and their validity bits 14 and 15. */
enum { OAC_KEY_VALID = 2, OAC_SPACE_VALID = 1 };

static void apply_control(struct place *p, unsigned control)
{
    if (control & OAC_KEY_VALID)
        p->key = control >> 12 & 15;
    if (control & OAC_SPACE_VALID)
        p->space = control >> 6 & 3;
}

DEFINE_OP(MVCOS)
{
    struct place to = first_operand(cpu, insn), from = second_operand(cpu, insn);
    unsigned control1 = gr32(cpu, 0) >> 16, control2 = gr32(cpu, 0) & 0xffff;

    dat_required(cpu);
    apply_control(&to, control1);
    apply_control(&from, control2);
    special_operation_unless(cpu, !problem_state(cpu) || !(control1 & OAC_SPACE_VALID) || to.space != SPACE_HOME);
    special_operation_unless(cpu, (cpu->cr[0] & CR0_SECONDARY_SPACE) ||
                                  (to.space != SPACE_SECONDARY && from.space != SPACE_SECONDARY));
    privileged_unless(cpu, key_authorized(cpu, to.key) && key_authorized(cpu, from.key));
    move_true_length(cpu, &to, &from, insn->r3, PAGE_BYTES);
}

/* GR0 for MVPG: which operand has the key in bits 56–59, and the condition-code option. */
enum { MVPG_FIRST_KEY = 0x800, MVPG_SECOND_KEY = 0x400, MVPG_CODE_OPTION = 0x100, MVPG_RESERVED = 0xf000 };

/* Real address of the guest to its absolute one, as MOVE PAGE's partial execution reports it. */
static uint64_t guest_absolute(const struct cpu *cpu, uint64_t address)
{
    return prefixed(cpu, real(address & cpu->address_mask & PAGE_MASK)).v;
}

/* A page that the host lacks: the host of a guest without DAT is told both addresses at once. */
static void host_lacks_page(struct cpu *cpu, const struct insn *insn)
{
    if (cpu->psw_mask & PSW_DAT)
        return;
    cpu->all->sie->partial_move(cpu, insn, guest_absolute(cpu, gr64(cpu, insn->r1)),
                                guest_absolute(cpu, gr64(cpu, insn->r2)));
    cpu->budget -= insn_cycles(insn);
    UNWIND_TO(&cpu->unwind);
}

/*
 * A page-translation exception names both operand registers at real 162, or becomes condition
 * code 1 (destination) or 2 (source) with the condition-code option.
 */
static uint8_t *page_operand(struct cpu *cpu, const struct insn *insn, const struct place *p,
                             enum access_kind kind)
{
    struct fault fault;
    uint8_t *page = access_translate(cpu, p->space, p->base, p->key, p->address, kind, PAGE_BYTES, &fault);

    if (page)
        return page;
    if (fault.host)
        host_lacks_page(cpu, insn);
    else if (fault.code == PIC_PAGE_TRANSLATION) {
        if (gr32(cpu, 0) & MVPG_CODE_OPTION) {
            cpu->cc = kind == ACCESS_STORE ? 1 : 2;
            return NULL;
        }
        cpu->operand_access_id = (uint8_t)(insn->r1 << 4 | insn->r2);
        fault.operand_id = true;
    }
    access_exception(cpu, &fault);
}

DEFINE_OP(MVPG)
{
    uint32_t control = gr32(cpu, 0);
    uint8_t key = control >> 4 & 15, *source, *target;
    unsigned space = operand_space(cpu);
    struct place to = {address_in(cpu, insn->r1) & PAGE_MASK, insn->r1, space, access_key(cpu)};
    struct place from = {address_in(cpu, insn->r2) & PAGE_MASK, insn->r2, space, access_key(cpu)};

    specification_unless(cpu, !(control & MVPG_RESERVED) &&
                              !((control & MVPG_FIRST_KEY) && (control & MVPG_SECOND_KEY)));
    if (control & (MVPG_FIRST_KEY | MVPG_SECOND_KEY))
        privileged_unless(cpu, key_authorized(cpu, key));
    if (control & MVPG_FIRST_KEY)
        to.key = key;
    if (control & MVPG_SECOND_KEY)
        from.key = key;
    source = page_operand(cpu, insn, &from, ACCESS_FETCH);
    if (!source)
        return;
    target = page_operand(cpu, insn, &to, ACCESS_STORE);
    if (!target)
        return;
    memmove(target, source, PAGE_BYTES);
    cpu_charge(cpu, PAGE_BYTES / 16);
    cpu->cc = 0;
}
