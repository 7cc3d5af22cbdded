/* SPDX-License-Identifier: MIT */
#include "cpu/level.h"

#include "cpu/access.h"
#include "cpu/cpus.h"

/* Interceptions controlled by one bit of ICTL (reference sheet: SIE interception controls). */
static const uint32_t by_ictl[INTERCEPT_VX + 1] = {
    [INTERCEPT_IPTE_CSP] = 0x01000000, [INTERCEPT_LPSW] = 0x00400000,  [INTERCEPT_PTLB] = 0x00200000,
    [INTERCEPT_SSM] = 0x00100000,      [INTERCEPT_BSA] = 0x00080000,   [INTERCEPT_STCTL] = 0x00040000,
    [INTERCEPT_STNSM] = 0x00020000,    [INTERCEPT_STOSM] = 0x00010000, [INTERCEPT_STCK] = 0x00008000,
    [INTERCEPT_ISKE] = 0x00004000,     [INTERCEPT_SSKE] = 0x00002000,  [INTERCEPT_RRBE] = 0x00001000,
    [INTERCEPT_PC] = 0x00000800,       [INTERCEPT_PT] = 0x00000400,    [INTERCEPT_TPROT] = 0x00000200,
    [INTERCEPT_LASP] = 0x00000100,     [INTERCEPT_SPT] = 0x00000040,   [INTERCEPT_SCKC] = 0x00000020,
    [INTERCEPT_PR] = 0x00000008,       [INTERCEPT_BAKR] = 0x00000004,
};

static bool loads_named_register(const struct interception_profile *p, const struct insn *insn)
{
    for (unsigned r = insn->r1;; r = (r + 1) & 15) {
        if (p->lctl & 0x8000u >> r)
            return true;
        if (r == insn->r3)
            return false;
    }
}

static bool names_call(const struct interception_profile *p, const struct insn *insn)
{
    return (p->svcc[0] & 0x80) || ((p->svcc[0] & 0x40) && p->svcc[1] == insn->r1) ||
           ((p->svcc[0] & 0x20) && p->svcc[2] == insn->r1) || ((p->svcc[0] & 0x10) && p->svcc[3] == insn->r1);
}

bool insn_intercepted(const struct interception_profile *p, enum insn_id id, const struct insn *insn)
{
    enum interception kind = (enum interception)insn_rows[id].interception;

    switch (kind) {
    case INTERCEPT_NEVER:
        return false;
    case INTERCEPT_LCTL:
        return loads_named_register(p, insn);
    case INTERCEPT_SVC:
        return names_call(p, insn);
    case INTERCEPT_ALWAYS: case INTERCEPT_FUNCTION: case INTERCEPT_MVPG: case INTERCEPT_ESSA:
    case INTERCEPT_PFMF: case INTERCEPT_PTF: case INTERCEPT_SIGP: case INTERCEPT_VX: case INTERCEPT_STFLE:
        /* Interpreted by assists only, and no assist is there yet. */
        return true;
    default:
        return p->ictl & by_ictl[kind];
    }
}

bool level_absolute(struct cpu *cpu, struct real address, bool store, struct absolute *out, struct fault *fault)
{
    struct dat_result r = {0};
    struct absolute at = prefixed(cpu, address);

    if (!cpu->interpreting) {
        *out = at;
        return true;
    }
    if (view_absolute(&cpu->interpreting->guest_view, at.v, store, out, &r))
        return true;
    fault->code = r.code;
    fault->host = r.host_fault;
    fault->teid = (r.address & PAGE_MASK) | (r.code == PIC_PROTECTION ? 4 : 0) | (store ? 0x400 : 0x800);
    return false;
}

DEFINE_OP(SIE)
{
    uint64_t address = effective_b2(cpu, insn);

    if (!cpu->all->sie)
        program_interruption(cpu, PIC_OPERATION);
    specification_unless_aligned(cpu, address, 512);
    cpu->all->sie->enter(cpu, insn, real(address));
}
