/* SPDX-License-Identifier: MIT */
/** Loading and changing the PSW (PoP ch. 10). */
#include "cpu/control.h"
#include "cpu/cpus.h"

static void load_extended_psw(struct cpu *cpu, const struct insn *insn)
{
    uint64_t address = effective_b2(cpu, insn);
    uint8_t psw[16];

    specification_unless_aligned(cpu, address, 8);
    fetch_bytes(cpu, address, insn->b2, psw, sizeof psw);
    cpu_load_psw(cpu, get_be64(psw), get_be64(psw + 8));
}

DEFINE_OP(LPSWE)
{
    uint64_t ia = insn_ia(cpu, insn);

    load_extended_psw(cpu, insn);
    cpu->breaking_event = ia;
}

/* Leaves the breaking-event-address register as LBEAR set it. */
DEFINE_OP(LPSWEY)
{
    load_extended_psw(cpu, insn);
}

/* The short format: bit 12 must be one and is inverted; bits 33–63 are the address. */
DEFINE_OP(LPSW)
{
    uint64_t address = effective_b2(cpu, insn), psw;

    specification_unless_aligned(cpu, address, 8);
    psw = fetch64(cpu, address, insn->b2);
    cpu->breaking_event = insn_ia(cpu, insn);
    cpu_load_psw(cpu, (psw & ~0x7fffffffULL) ^ PSW_SHORT, psw & 0x7fffffff);
}

DEFINE_OP(LBEAR)
{
    uint64_t address = effective_b2(cpu, insn);

    specification_unless_aligned(cpu, address, 8);
    cpu->breaking_event = fetch64(cpu, address, insn->b2);
}

DEFINE_OP(STBEAR)
{
    uint64_t address = effective_b2(cpu, insn);

    specification_unless_aligned(cpu, address, 8);
    store64(cpu, address, insn->b2, cpu->breaking_event);
}

/*
 * Replace PSW bits 0–7; a one in a bit that must be zero is an early specification exception.
 * Kernels open and close the external and I/O masks all the time: that matters only when
 * something may be pending (timer conditions are noted in cpu->pending when slices end for them).
 */
static void set_system_mask(struct cpu *cpu, const struct insn *insn, uint8_t mask)
{
    uint64_t old = cpu->psw_mask, new = (old & ~(0xffULL << 56)) | (uint64_t)mask << 56;

    cpu->psw_mask = new;
    if (new & PSW_UNASSIGNED) {
        cpu->early_specification = true;
        cpu->early_ilc = insn->length;
        cpu_mode_changed(cpu);
    } else if ((old ^ new) & ~(PSW_IO | PSW_EXTERNAL)) {
        cpu_mode_changed(cpu);
    } else if ((new & ~old) && (cpu->pending || cpu->machine->floating.pending ||
                               (cpu->interpreting && cpu->all->sie->attention(cpu)))) {
        cpu_mode_changed(cpu);
    }
}

DEFINE_OP(SSM)
{
    special_operation_unless(cpu, !(cpu->cr[0] & CR0_SSM_SUPPRESSION));
    set_system_mask(cpu, insn, fetch8(cpu, effective_b2(cpu, insn), insn->b2));
}

DEFINE_OP(STNSM)
{
    uint8_t old = cpu->psw_mask >> 56;

    store8(cpu, effective_b2(cpu, insn), insn->b2, old);
    set_system_mask(cpu, insn, old & insn->r1);
}

DEFINE_OP(STOSM)
{
    uint8_t old = cpu->psw_mask >> 56;

    store8(cpu, effective_b2(cpu, insn), insn->b2, old);
    set_system_mask(cpu, insn, old | insn->r1);
}

DEFINE_OP(EPSW)
{
    uint64_t mask = cpu_psw_mask(cpu);

    set_gr32(cpu, insn->r1, mask >> 32);
    if (insn->r2)
        set_gr32(cpu, insn->r2, (uint32_t)mask);
}

DEFINE_OP(IPK)
{
    extraction_authority_required(cpu);
    set_gr64(cpu, 2, (gr64(cpu, 2) & ~0xffULL) | (uint64_t)access_key(cpu) << 4);
}

DEFINE_OP(SPKA)
{
    unsigned key = effective_b2(cpu, insn) >> 4 & 15;

    privileged_unless(cpu, key_authorized(cpu, key));
    cpu->psw_mask = (cpu->psw_mask & ~PSW_KEY) | (uint64_t)key << PSW_KEY_SHIFT;
    cpu_mode_changed(cpu);
}

/* Address-space-control code as IAC and SAC count: PSW bit 17, then bit 16. */
static const uint8_t space_of_code[4] = {SPACE_PRIMARY, SPACE_SECONDARY, SPACE_ACCESS_REGISTER, SPACE_HOME};

DEFINE_OP(IAC)
{
    unsigned space, code = 0;

    dat_required(cpu);
    extraction_authority_required(cpu);
    space = operand_space(cpu);
    while (space_of_code[code] != space)
        code++;
    set_gr64(cpu, insn->r1, (gr64(cpu, insn->r1) & ~0xff00ULL) | code << 8);
    cpu->cc = code;
}

static void set_address_space_control(struct cpu *cpu, const struct insn *insn)
{
    unsigned code = effective_b2(cpu, insn) >> 8 & 15, old = operand_space(cpu), new;

    special_operation_unless(cpu, (cpu->psw_mask & PSW_DAT) && (cpu->cr[0] & CR0_SECONDARY_SPACE));
    privileged_unless(cpu, code != 3 || !problem_state(cpu));
    specification_unless(cpu, code < 4);
    new = space_of_code[code];
    cpu->psw_mask = (cpu->psw_mask & ~PSW_AS) | (uint64_t)new << PSW_AS_SHIFT;
    cpu_mode_changed(cpu);
    home_space_switch_event(cpu, old, new);
}

DEFINE_OP(SAC)
{
    set_address_space_control(cpu, insn);
}

DEFINE_OP(SACF)
{
    set_address_space_control(cpu, insn);
}
