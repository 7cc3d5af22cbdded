/* SPDX-License-Identifier: MIT */
/** Interruptions: what is stored, which PSW is loaded, and in which order (PoP ch. 6). */
#include "cpu/access.h"
#include "cpu/cpus.h"
#include "cpu/level.h"
#include "cpu/observe.h"
#include "cpu/per.h"
#include "cpu/seen.h"
#include "cpu/stops.h"
#include "cpu/timer.h"

enum ending { SUPPRESSES, NULLIFIES, COMPLETES };
enum stored { NOTHING, TEID, TEID_ASN, ACCESS_ID, DXC, MONITOR };
static const struct { uint8_t ending, stored; } program_rows[256] = {
#define PROGRAM(code, ending, stored) [code] = {ending, stored},
#include "cpu/program_interruption.def"
#undef PROGRAM
};

/*
 * The first 8K of real storage, at the prefix: always there (SPX and SIGP check it), except that a guest's may
 * be missing in its host. The first access of an interruption finds out, before anything is stored.
 */
static uint8_t *lowcore_area(struct cpu *cpu, unsigned offset, unsigned bytes)
{
    struct absolute at = prefixed(cpu, real(offset));
    struct fault fault = {0};

    if (cpu->interpreting && (!level_absolute(cpu, real(offset), true, &at, &fault) ||
                              !storage_valid(cpu->storage, at, bytes))) {
        cpu->all->sie->prefix_fault(cpu, cpu->insn ? insn_ia(cpu, cpu->insn) : cpu->ia);
        UNWIND_TO(&cpu->unwind);
    }
    storage_stored(cpu->storage, at, bytes, true);
    return storage_at(cpu->storage, at);
}

static uint8_t *lowcore(struct cpu *cpu, unsigned offset)
{
    return lowcore_area(cpu, offset, 16);
}

static enum observed_interruption class_of(enum old_psw old)
{
    switch (old) {
    case OLD_RESTART: return OBSERVED_RESTART;
    case OLD_EXTERNAL: return OBSERVED_EXTERNAL;
    case OLD_SVC: return OBSERVED_SVC;
    case OLD_PROGRAM: return OBSERVED_PROGRAM;
    case OLD_MACHINE_CHECK: return OBSERVED_MACHINE_CHECK;
    case OLD_IO: break;
    }
    return OBSERVED_IO_INTERRUPTION;
}

/* `code` and `parameter` are for observers. */
static void swap_psw(struct cpu *cpu, enum old_psw old, uint64_t ia, uint32_t code, uint64_t parameter)
{
    uint8_t *p = lowcore(cpu, old), *new;

    put_be64(p, cpu_psw_mask(cpu));
    put_be64(p + 8, ia);
    new = lowcore(cpu, old + 0x80);
    cpu->insn = NULL;
    cpu_load_psw(cpu, get_be64(new), get_be64(new + 8));
    cpu->psw_by_interruption = old;
    cpu->leave = LEAVE_MODE;
    observe_interruption(cpu, class_of(old), code, ia, parameter);
}

/* Invalid PSWs cause an early specification exception (PoP ch. 6); a short-format bit here is one. */
bool cpu_psw_valid(uint64_t mask, uint64_t address)
{
    if (mask & PSW_UNASSIGNED)
        return false;
    if (mask & PSW_EA)
        return mask & PSW_BA;
    return address >> (mask & PSW_BA ? 31 : 24) == 0;
}

void cpu_load_psw(struct cpu *cpu, uint64_t mask, uint64_t address)
{
    cpu->early_specification = !cpu_psw_valid(mask, address);
    cpu->early_ilc = 0;
    cpu->psw_by_interruption = 0;
    cpu->psw_mask = mask & ~PSW_CC;
    cpu->cc = mask >> PSW_CC_SHIFT & 3;
    cpu->ia = cpu->next_ia = address;
    cpu->leave |= LEAVE_MODE | LEAVE_BRANCH;
}

void cpu_program_parameters(struct cpu *cpu, unsigned code, unsigned ilc, uint8_t *page)
{
    enum stored stored = (enum stored)program_rows[code & 0x7f].stored;

    put_be16(page + 0x8c, (uint16_t)ilc);
    put_be16(page + 0x8e, (uint16_t)code);
    if (code & PIC_PER_EVENT) {
        page[0x96] = cpu->per_code;
        page[0x97] = cpu->per_atmid;
        put_be64(page + 0x98, cpu->per_address);
        page[0xa1] = cpu->per_access_id;
    }
    if (stored == TEID || stored == TEID_ASN)
        put_be64(page + 0xa8, cpu->fault.teid);
    if (stored == TEID || stored == ACCESS_ID)
        page[0xa0] = cpu->fault.access_id;
    if (stored == TEID && cpu->fault.operand_id)
        page[0xa2] = cpu->operand_access_id;
    if (stored == DXC)
        put_be32(page + 0x90, cpu->interruption_code_dxc);
    if (stored == MONITOR) {
        put_be16(page + 0x94, cpu->monitor_class);
        put_be64(page + 0xb0, cpu->monitor_code);
    }
}

uint64_t cpu_program_old_address(struct cpu *cpu, unsigned code, const struct insn *insn, unsigned *ilc)
{
    bool nullifies = program_rows[code & 0x7f].ending == NULLIFIES;

    if (!insn) {
        *ilc = cpu->early_specification ? cpu->early_ilc : 2;
        return nullifies || cpu->early_specification ? cpu->ia : (cpu->ia + *ilc) & cpu->address_mask;
    }
    *ilc = insn->length;
    if (nullifies || (code == PIC_PER_EVENT && (cpu->per_code & PER_NULLIFICATION)))
        return insn_ia(cpu, insn);
    return cpu->leave & LEAVE_BRANCH ? cpu->next_ia : insn_next_ia(cpu, insn);
}

/* The first instruction of the program-interruption handler fails itself, again and again. */
static void note_loop(struct cpu *cpu, uint64_t ia)
{
    enum { TOO_MANY = 64 };

    if (cpu->interpreting)
        return;
    if (ia - get_be64(lowcore(cpu, OLD_PROGRAM + 0x88)) > 6)
        cpu->program_loop = 0;
    else if (++cpu->program_loop == TOO_MANY) {
        cpu->machine->end = MACHINE_PROGRAM_LOOP;
        machine_end_slice_at(cpu->machine, cpu->machine->now);
    }
}

void deliver_program_interruption(struct cpu *cpu, unsigned code, const struct insn *insn)
{
    unsigned ilc;
    uint64_t ia = cpu_program_old_address(cpu, code, insn, &ilc);

    note_loop(cpu, ia);
    if (cpu->per_code)
        code |= PIC_PER_EVENT;
    cpu_program_parameters(cpu, code, ilc, lowcore_area(cpu, 0x80, 0x38) - 0x80);
    put_be64(lowcore(cpu, 0x110), cpu->breaking_event);
    cpu->per_code = 0;
    cpu->early_specification = false;
    swap_psw(cpu, OLD_PROGRAM, ia, code, cpu->fault.teid);
}

/* Offer the interruption to the host of a guest first. */
static void raise_program_interruption(struct cpu *cpu, unsigned code, const struct insn *insn)
{
    if (!cpu->interpreting || !cpu->all->sie->program(cpu, code, insn))
        deliver_program_interruption(cpu, code, insn);
}

void program_interruption(struct cpu *cpu, unsigned code)
{
    const struct insn *insn = cpu->insn;

    if (unlikely(cpu->all->seeing) && program_rows[code & 0x7f].ending != COMPLETES)
        seen_nothing(cpu);
    cpu->budget -= insn_cycles(insn);
    if (unlikely(cpu->all->stopping) && program_rows[code & 0x7f].ending != COMPLETES && code != PIC_PER_EVENT)
        stops_forget_accesses(cpu);
    raise_program_interruption(cpu, code, insn);
    UNWIND_TO(&cpu->unwind);
}

void fetch_exception(struct cpu *cpu, const struct fault *fault)
{
    cpu->fault = *fault;
    cpu->insn = NULL;
    cpu->budget -= COST_CONTROL;
    if (fault->host)
        cpu->all->sie->host_fault(cpu, fault, NULL);
    else
        raise_program_interruption(cpu, fault->code, NULL);
}

void access_exception(struct cpu *cpu, const struct fault *fault)
{
    cpu->fault = *fault;
    if (unlikely(fault->host)) {
        cpu->budget -= insn_cycles(cpu->insn);
        stops_forget_accesses(cpu);
        cpu->all->sie->host_fault(cpu, fault, cpu->insn);
        UNWIND_TO(&cpu->unwind);
    }
    program_interruption(cpu, fault->code);
}

void data_exception(struct cpu *cpu, uint8_t dxc)
{
    cpu->interruption_code_dxc = dxc;
    if (cpu->cr[0] & CR0_AFP)
        cpu->fpc = (cpu->fpc & 0xffff00ff) | (uint32_t)dxc << 8;
    program_interruption(cpu, PIC_DATA);
}

void vector_exception(struct cpu *cpu, uint8_t vxc)
{
    cpu->interruption_code_dxc = vxc;
    cpu->fpc = (cpu->fpc & 0xffff00ff) | (uint32_t)vxc << 8;
    program_interruption(cpu, PIC_VECTOR_PROCESSING);
}

void supervisor_call(struct cpu *cpu, uint8_t number)
{
    const struct insn *insn = cpu->insn;
    uint8_t *p = lowcore(cpu, 0x88);

    put_be16(p, insn->length);
    put_be16(p + 2, number);
    cpu->budget -= insn_cycles(insn);
    swap_psw(cpu, OLD_SVC, insn_next_ia(cpu, insn), number, 0);
    if (cpu->per_code) {
        /* The PER event of the SVC comes next; its old PSW is the SVC new PSW. */
        cpu->early_specification = false;
        cpu->per_pending_ilc = insn->length;
    }
    UNWIND_TO(&cpu->unwind);
}

/* ---- Machine checks ---- */

enum { SAVE_FPR = 0, SAVE_GR = 0x80, SAVE_PSW = 0x100, SAVE_PREFIX = 0x118, SAVE_FPC = 0x11c,
       SAVE_TODPR = 0x124, SAVE_TIMER = 0x128, SAVE_COMPARATOR = 0x130, SAVE_AR = 0x140, SAVE_CR = 0x180 };
#define MCIC_VALIDITY 0x00000f1d40330000ULL
#define MCIC_VECTOR BIT64(25)

/* Floating conditions: subclass bit in the interruption code, subclass mask in control register 14. */
static const struct { uint32_t floating; uint64_t mcic, mask; } machine_checks[] = {
    {FLOATING_CHANNEL_REPORT, BIT64(9), BIT64(35)}, {FLOATING_RECOVERY, BIT64(2), BIT64(36)},
    {FLOATING_DEGRADATION, BIT64(7), BIT64(37)},    {FLOATING_EXTERNAL_DAMAGE, BIT64(5), BIT64(38)},
    {FLOATING_WARNING, BIT64(8), BIT64(39)},
};
enum { MACHINE_CHECKS = sizeof machine_checks / sizeof machine_checks[0] };

void cpu_store_status(struct cpu *cpu, struct absolute area)
{
    uint8_t *p = storage_at(cpu->storage, area);

    storage_stored(cpu->storage, area, SAVE_CR + 128, true);
    for (unsigned i = 0; i < 16; i++) {
        put_be64(p + SAVE_FPR + 8 * i, fpr(cpu, i));
        put_be64(p + SAVE_GR + 8 * i, gr64(cpu, i));
        put_be32(p + SAVE_AR + 4 * i, cpu->ar[i]);
        put_be64(p + SAVE_CR + 8 * i, cpu->cr[i]);
    }
    put_be64(p + SAVE_PSW, cpu_psw_mask(cpu));
    put_be64(p + SAVE_PSW + 8, cpu->ia);
    put_be32(p + SAVE_PREFIX, cpu->prefix);
    put_be32(p + SAVE_FPC, cpu->fpc);
    put_be32(p + SAVE_TODPR, cpu->todpr);
    put_be64(p + SAVE_TIMER, (uint64_t)cpu_timer_at(cpu, cpu->machine->now));
    put_be64(p + SAVE_COMPARATOR, cpu->clock_comparator >> 8);
}

/*
 * The extended save area holds the vector registers when its designation is there. Without the vector
 * facility no vector register can be invalid, and Linux 6.12 gives up unless the bit says so.
 */
static uint64_t store_extended_area(struct cpu *cpu)
{
    uint64_t origin = get_be64(lowcore(cpu, 0x11b0)) & ~0x3ffULL;
    struct absolute at = absolute(origin);

    if (!has_facility(cpu, FACILITY_VECTOR))
        return MCIC_VECTOR;
    if (!origin || !storage_valid(cpu->storage, at, 512))
        return 0;
    storage_stored(cpu->storage, at, 512, true);
    for (unsigned i = 0; i < 32; i++) {
        put_be64(storage_at(cpu->storage, at) + 16 * i, cpu->vr[i].d[0]);
        put_be64(storage_at(cpu->storage, at) + 16 * i + 8, cpu->vr[i].d[1]);
    }
    return MCIC_VECTOR;
}

/* What opens a CPU to interruptions: of level 1, whatever guest is being interpreted. */
struct masks {
    uint64_t psw, cr0, cr6, cr14;
};

static struct masks machine_masks(const struct cpu *cpu)
{
    const struct host_state *h;

    if (!cpu->interpreting)
        return (struct masks){cpu->psw_mask, cpu->cr[0], cpu->cr[6], cpu->cr[14]};
    h = &cpu->interpreting->host;
    return (struct masks){h->psw_mask, h->cr[0], h->cr[6], h->cr[14]};
}

/* Those pending that this CPU is enabled for, as they stand in the interruption code; *floating gets their bits. */
static uint64_t machine_checks_open(const struct cpu *cpu, const struct masks *masks, uint32_t *floating)
{
    uint64_t mcic = 0;

    *floating = 0;
    if (!(masks->psw & PSW_MACHINE_CHECK))
        return 0;
    for (unsigned i = 0; i < MACHINE_CHECKS; i++)
        if ((cpu->machine->floating.pending & machine_checks[i].floating) && (masks->cr14 & machine_checks[i].mask)) {
            mcic |= machine_checks[i].mcic;
            *floating |= machine_checks[i].floating;
        }
    return mcic;
}

/* All conditions that are open are reported together. */
static bool take_machine_check(struct cpu *cpu)
{
    const struct masks masks = machine_masks(cpu);
    uint32_t floating;
    uint64_t mcic = machine_checks_open(cpu, &masks, &floating);

    if (!mcic)
        return false;
    cpu->machine->floating.pending &= ~floating;
    mcic |= MCIC_VALIDITY | store_extended_area(cpu);
    cpu_store_status(cpu, absolute(cpu->prefix + STORE_STATUS_AREA));
    put_be64(lowcore(cpu, 0xe8), mcic);
    put_be64(lowcore(cpu, 0xf0), 0);
    swap_psw(cpu, OLD_MACHINE_CHECK, cpu->ia, 0, mcic);
    return true;
}

/* ---- External, I/O, restart ---- */

static unsigned lowest(uint64_t set)
{
    return (unsigned)__builtin_ctzll(set);
}

static void external(struct cpu *cpu, uint16_t code, uint16_t address, uint32_t parameter)
{
    uint8_t *p = lowcore(cpu, 0x80);

    put_be32(p, parameter);
    put_be16(p + 4, address);
    put_be16(p + 6, code);
    swap_psw(cpu, OLD_EXTERNAL, cpu->ia, code, (uint64_t)address << 32 | parameter);
}

/* Pending external conditions that CR0 lets through, as PENDING bits; service signal apart. */
static uint32_t external_open(const struct cpu *cpu, uint64_t cr0)
{
    static const struct { uint32_t pending; uint64_t mask; } rows[] = {
        {PENDING_INTERRUPT_KEY, CR0_INTERRUPT_KEY}, {PENDING_MALFUNCTION, CR0_MALFUNCTION_ALERT},
        {PENDING_EMERGENCY, CR0_EMERGENCY_SIGNAL}, {PENDING_EXTERNAL_CALL, CR0_EXTERNAL_CALL},
        {PENDING_CLOCK_COMPARATOR, CR0_CLOCK_COMPARATOR}, {PENDING_CPU_TIMER, CR0_CPU_TIMER},
    };
    uint32_t open = 0;

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((cpu->pending & rows[i].pending) && (cr0 & rows[i].mask))
            open |= rows[i].pending;
    return open;
}

static bool service_signal_open(const struct cpu *cpu, uint64_t cr0)
{
    return (cpu->machine->floating.pending & FLOATING_SERVICE_SIGNAL) && (cr0 & CR0_SERVICE_SIGNAL);
}

static void take_from_set(struct cpu *cpu, uint64_t *set, uint32_t bit, uint16_t code)
{
    unsigned source = lowest(*set);

    *set &= *set - 1;
    if (!*set)
        cpu->pending &= ~bit;
    external(cpu, code, (uint16_t)source, 0);
}

static bool take_external(struct cpu *cpu)
{
    uint32_t open;

    if (!(cpu->psw_mask & PSW_EXTERNAL))
        return false;
    open = external_open(cpu, cpu->cr[0]);
    if (open & PENDING_INTERRUPT_KEY) {
        cpu->pending &= ~(uint32_t)PENDING_INTERRUPT_KEY;
        external(cpu, 0x0040, 0, 0);
    } else if (open & PENDING_MALFUNCTION) {
        take_from_set(cpu, &cpu->malfunction_alerts, PENDING_MALFUNCTION, 0x1200);
    } else if (open & PENDING_EMERGENCY) {
        take_from_set(cpu, &cpu->emergency_signals, PENDING_EMERGENCY, 0x1201);
    } else if (open & PENDING_EXTERNAL_CALL) {
        cpu->pending &= ~(uint32_t)PENDING_EXTERNAL_CALL;
        external(cpu, 0x1202, cpu->external_call_source, 0);
    } else if (open & PENDING_CLOCK_COMPARATOR) {
        external(cpu, 0x1004, 0, 0);
    } else if (open & PENDING_CPU_TIMER) {
        external(cpu, 0x1005, 0, 0);
    } else if (service_signal_open(cpu, cpu->cr[0])) {
        uint32_t parameter = cpu->machine->floating.service_parameter;

        cpu->machine->floating.pending &= ~(uint32_t)FLOATING_SERVICE_SIGNAL;
        cpu->machine->floating.service_parameter = 0;
        external(cpu, 0x2401, 0, parameter);
    } else {
        return false;
    }
    return true;
}

static uint8_t open_iscs(const struct cpu *cpu, const struct masks *masks)
{
    if (!(masks->psw & PSW_IO) || !(cpu->machine->floating.pending & FLOATING_IO))
        return 0;
    return (uint8_t)(masks->cr6 >> 24) & cpu->machine->floating.io_iscs;
}

static bool take_io(struct cpu *cpu)
{
    const struct masks masks = machine_masks(cpu);
    uint8_t iscs = open_iscs(cpu, &masks);
    struct io_interruption io;
    uint8_t *p;

    if (!iscs || !cpu->machine->io.take_interruption(cpu->machine, iscs, &io))
        return false;
    p = lowcore(cpu, 0xb8);
    put_be32(p, io.subsystem_id);
    put_be32(p + 4, io.parameter);
    put_be32(p + 8, io.word);
    swap_psw(cpu, OLD_IO, cpu->ia, io.subsystem_id, io.parameter);
    return true;
}

bool cpu_take_psw_exception(struct cpu *cpu)
{
    if (cpu->early_specification) {
        raise_program_interruption(cpu, PIC_SPECIFICATION, NULL);
        return true;
    }
    if (cpu->per_pending_ilc) {
        cpu->early_ilc = cpu->per_pending_ilc;
        cpu->per_pending_ilc = 0;
        cpu->early_specification = true; /* old PSW and ILC as for a condition between instructions */
        raise_program_interruption(cpu, 0, NULL);
        return true;
    }
    return false;
}

bool cpu_take_interruption(struct cpu *cpu)
{
    if (cpu->interpreting)
        return false; /* the machine's own interruptions leave SIE first */
    if (cpu_take_psw_exception(cpu))
        return true;
    if (cpu->machine->floating.pending && take_machine_check(cpu))
        return true;
    if (take_external(cpu) || take_io(cpu))
        return true;
    if (cpu->pending & PENDING_RESTART) {
        cpu->pending &= ~(uint32_t)PENDING_RESTART;
        swap_psw(cpu, OLD_RESTART, cpu->ia, 0, 0);
        return true;
    }
    return false;
}

bool cpu_interruption_pending(struct cpu *cpu)
{
    uint32_t floating = cpu->machine->floating.pending;
    const struct masks masks = machine_masks(cpu);

    if ((!cpu->interpreting && cpu->early_specification) || (cpu->pending & (PENDING_RESTART | PENDING_STOP)))
        return true;
    if (!(masks.psw & (PSW_IO | PSW_EXTERNAL | PSW_MACHINE_CHECK)))
        return false;
    if ((masks.psw & PSW_EXTERNAL) && (external_open(cpu, masks.cr0) || service_signal_open(cpu, masks.cr0)))
        return true;
    if (floating && machine_checks_open(cpu, &masks, &floating))
        return true;
    return open_iscs(cpu, &masks) != 0;
}

/* ---- Interruptions of a guest that its machine delivers ---- */

void cpu_guest_external(struct cpu *cpu, uint16_t code, uint16_t address)
{
    external(cpu, code, address, 0);
}

void cpu_guest_io(struct cpu *cpu, uint32_t word)
{
    uint8_t *p = lowcore(cpu, 0xb8);

    put_be32(p, 0);
    put_be32(p + 4, 0);
    put_be32(p + 8, word);
    swap_psw(cpu, OLD_IO, cpu->ia, 0, word);
}

uint64_t cpu_guest_new_psw(struct cpu *cpu, unsigned offset)
{
    return get_be64(lowcore(cpu, offset));
}
