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
    [INTERCEPT_PR] = 0x00000008,       [INTERCEPT_BAKR] = 0x00000004,  [INTERCEPT_STFLE] = 0x10000000,
};

/* Interceptions unless an assist is there. */
static const uint32_t by_assist[INTERCEPT_VX + 1] = {
    [INTERCEPT_MVPG] = ASSIST_MVPG, [INTERCEPT_ESSA] = ASSIST_ESSA, [INTERCEPT_PFMF] = ASSIST_PFMF,
    [INTERCEPT_PTF] = ASSIST_PTF,   [INTERCEPT_SIGP] = ASSIST_SIGP, [INTERCEPT_VX] = ASSIST_VECTOR,
    [INTERCEPT_STFLE] = ASSIST_STFLE,
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

bool interception_by_control(const struct interception_profile *p, enum interception kind)
{
    return (p->ictl & by_ictl[kind]) || (by_assist[kind] & ~p->assists);
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
    case INTERCEPT_ALWAYS: case INTERCEPT_FUNCTION:
        return true;
    case INTERCEPT_ISKE: case INTERCEPT_SSKE: case INTERCEPT_RRBE:
        return (p->ictl & by_ictl[kind]) || (p->assists & ASSIST_KEYLESS);
    default:
        return interception_by_control(p, kind);
    }
}

bool insn_left_to_host(uint64_t text)
{
    switch (text >> 48) {
    case 0xb2ad: case 0xb2ae: case 0xb2af: /* NQAP, DQAP, PQAP */
    case 0xb274:                           /* SIGA */
    case 0xb9a0:                           /* CLP */
    case 0xb9d0: case 0xb9d2: case 0xb9d3: case 0xb9d4: case 0xb9d6: /* PCI stores, loads, RPCIT */
        return true;
    }
    switch ((text >> 48 & 0xff00) | (text >> 16 & 0xff)) {
    case 0xe3d0: case 0xe3d4: case 0xebd0: case 0xebd1: case 0xebd4: /* MPCIFC, STPCIFC, PCISTB, SIC, PCISTBI */
    case 0xe349: case 0xe34d:                                        /* STGSC, LGSC */
    case 0xeb60: case 0xeb61: case 0xeb62:                           /* runtime instrumentation */
        return true;
    }
    return (text >> 56) == 0xaa && (text >> 48 & 0xf) <= 4;
}

void intercept_instruction(struct cpu *cpu)
{
    cpu->all->sie->instruction(cpu, cpu->insn);
    cpu->budget -= insn_cycles(cpu->insn);
    UNWIND_TO(&cpu->unwind);
}

/* ---- Translation of the present level ---- */

bool level_has_edat1(const struct cpu *cpu)
{
    return has_facility(cpu, FACILITY_EDAT_1) && (!cpu->interpreting || cpu->interpreting->controls.edat1);
}

bool level_has_edat2(const struct cpu *cpu)
{
    return has_facility(cpu, FACILITY_EDAT_2) && (!cpu->interpreting || cpu->interpreting->controls.edat2);
}

bool level_has_iep(const struct cpu *cpu)
{
    return has_facility(cpu, FACILITY_IEP) && (!cpu->interpreting || (cpu->interpreting->controls.ecb2 & 0x20));
}

uint32_t level_dat_controls(const struct cpu *cpu)
{
    uint32_t controls = 0;

    if ((cpu->cr[0] & CR0_EDAT) && level_has_edat1(cpu))
        controls |= DAT_EDAT_1 | (level_has_edat2(cpu) ? DAT_EDAT_2 : 0);
    if ((cpu->cr[0] & CR0_IEP) && level_has_iep(cpu))
        controls |= DAT_IEP;
    return controls;
}

struct storage_view level_view(const struct cpu *cpu)
{
    return cpu->interpreting ? cpu->interpreting->guest_view : (struct storage_view){.storage = cpu->storage};
}

/* A fault of the host: host logical address in the primary space, in which Linux keeps its guests. */
static struct fault host_fault(const struct cpu *cpu, const struct dat_result *r, bool store)
{
    struct fault fault = {.code = r->code, .host = r->host_fault,
                          .teid = (r->address & PAGE_MASK) | (r->code == PIC_PROTECTION ? TEID_DAT : 0)};

    if (facility_present(&cpu->all->facilities, FACILITY_ACCESS_EXCEPTION_FSI))
        fault.teid |= store ? 0x400 : 0x800;
    return fault;
}

void host_access_exception(struct cpu *cpu, const struct dat_result *result, bool store)
{
    struct fault fault = host_fault(cpu, result, store);

    access_exception(cpu, &fault);
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
    *fault = host_fault(cpu, &r, store);
    return false;
}

bool level_storage(struct cpu *cpu, struct real address, unsigned bytes, bool store, struct absolute *out)
{
    struct fault fault = {0};

    if (!level_absolute(cpu, address, store, out, &fault)) {
        if (fault.host)
            access_exception(cpu, &fault);
        return false;
    }
    return storage_valid(cpu->storage, *out, bytes);
}

bool level_block(struct cpu *cpu, struct absolute at, struct absolute *out)
{
    struct dat_result r = {0};

    *out = at;
    if (cpu->interpreting && !view_absolute(&cpu->interpreting->guest_view, at.v, true, out, &r)) {
        if (r.host_fault)
            host_access_exception(cpu, &r, true);
        return false;
    }
    return storage_valid(cpu->storage, *out, PAGE_BYTES);
}

DEFINE_OP(SIE)
{
    uint64_t address = effective_b2(cpu, insn);

    if (!cpu->all->sie)
        program_interruption(cpu, PIC_OPERATION);
    specification_unless_aligned(cpu, address, 512);
    cpu->all->sie->enter(cpu, insn, real(address));
}
