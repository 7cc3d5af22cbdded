/* SPDX-License-Identifier: MIT */
/** CPUs, their registers, and what waits to interrupt them, for monitors and debuggers. */
#include "cpu/timer.h"
#include "libsienna/alter.h"
#include "libsienna/inspect.h"

unsigned sienna_cpu_count(const struct sienna *s)
{
    return s->machine.cpus->count;
}

bool sienna_cpu(const struct sienna *s, unsigned number, struct sienna_cpu *out)
{
    static const enum sienna_cpu_state states[] = {
        [CPU_STOPPED] = SIENNA_CPU_STOPPED, [CPU_OPERATING] = SIENNA_CPU_OPERATING,
        [CPU_CHECK_STOP] = SIENNA_CPU_CHECK_STOP, [CPU_LOAD] = SIENNA_CPU_LOAD,
    };
    const struct cpu *cpu = cpu_numbered(s, number);

    if (!cpu)
        return false;
    *out = (struct sienna_cpu){
        .state = states[cpu->state], .configured = cpu->configured,
        .waiting = cpu->state == CPU_OPERATING && (cpu->psw_mask & PSW_WAIT),
        .psw_mask = cpu_psw_mask(cpu), .psw_address = cpu->ia,
        .addressing_mode = addressing_mode(cpu), .prefix = cpu->prefix,
        .interpreting = cpu->interpreting != NULL,
    };
    return true;
}

/* ---- What waits ---- */

struct finder {
    unsigned wanted, seen;
    struct sienna_pending *out;
};

/* True when this is the one that is wanted. */
static bool found(struct finder *f, const char *name, bool has_detail, uint32_t detail, bool open)
{
    if (f->seen++ != f->wanted)
        return false;
    *f->out = (struct sienna_pending){name, detail, has_detail, open};
    return true;
}

static bool find_sources(struct finder *f, const char *name, uint64_t sources, bool open)
{
    for (unsigned i = 0; i < 64; i++)
        if ((sources >> i & 1) && found(f, name, true, i, open))
            return true;
    return false;
}

static bool find_requests(struct finder *f, const struct cpu *cpu)
{
    return ((cpu->pending & PENDING_STOP) && found(f, "stop", false, 0, true)) ||
           ((cpu->pending & PENDING_STORE_STATUS) && found(f, "store status", false, 0, true)) ||
           ((cpu->pending & PENDING_RESTART) && found(f, "restart", false, 0, true)) ||
           (cpu->early_specification && found(f, "early specification exception", false, 0, true));
}

/* What decides on the machine's own interruptions: the host's, while a guest is interpreted. */
struct masks {
    uint64_t psw, cr0, cr6, cr14;
};

static struct masks machine_masks(const struct cpu *cpu)
{
    const struct host_state *host = cpu->interpreting ? &cpu->interpreting->host : NULL;
    const uint64_t *cr = host ? host->cr : cpu->cr;

    return (struct masks){host ? host->psw_mask : cpu->psw_mask, cr[0], cr[6], cr[14]};
}

static bool find_external(struct finder *f, const struct cpu *cpu, const struct masks *masks)
{
    const struct machine *m = cpu->machine;
    uint64_t cr0 = masks->psw & PSW_EXTERNAL ? masks->cr0 : 0;
    uint32_t timers = timer_pending(cpu, m->now);

    return ((cpu->pending & PENDING_INTERRUPT_KEY) &&
            found(f, "interrupt key", false, 0, cr0 & CR0_INTERRUPT_KEY)) ||
           find_sources(f, "malfunction alert from CPU", cpu->malfunction_alerts,
                        cr0 & CR0_MALFUNCTION_ALERT) ||
           find_sources(f, "emergency signal from CPU", cpu->emergency_signals, cr0 & CR0_EMERGENCY_SIGNAL) ||
           ((cpu->pending & PENDING_EXTERNAL_CALL) &&
            found(f, "external call from CPU", true, cpu->external_call_source, cr0 & CR0_EXTERNAL_CALL)) ||
           ((timers & PENDING_CLOCK_COMPARATOR) &&
            found(f, "clock comparator", false, 0, cr0 & CR0_CLOCK_COMPARATOR)) ||
           ((timers & PENDING_CPU_TIMER) && found(f, "CPU timer", false, 0, cr0 & CR0_CPU_TIMER)) ||
           ((m->floating.pending & FLOATING_SERVICE_SIGNAL) &&
            found(f, "service signal", true, m->floating.service_parameter, cr0 & CR0_SERVICE_SIGNAL));
}

static bool find_floating(struct finder *f, const struct cpu *cpu, const struct masks *masks)
{
    static const struct { uint32_t floating; unsigned cr14; const char *name; } checks[] = {
        {FLOATING_CHANNEL_REPORT, 35, "channel report"}, {FLOATING_RECOVERY, 36, "recovery"},
        {FLOATING_DEGRADATION, 37, "degradation"}, {FLOATING_EXTERNAL_DAMAGE, 38, "external damage"},
        {FLOATING_WARNING, 39, "warning"},
    };
    const struct floating_interruptions *floating = &cpu->machine->floating;
    uint64_t cr14 = masks->psw & PSW_MACHINE_CHECK ? masks->cr14 : 0;
    uint8_t iscs = masks->psw & PSW_IO ? (uint8_t)(masks->cr6 >> 24) : 0;

    for (unsigned i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if ((floating->pending & checks[i].floating) &&
            found(f, checks[i].name, false, 0, cr14 & BIT64(checks[i].cr14)))
            return true;
    for (unsigned isc = 0; (floating->pending & FLOATING_IO) && isc < 8; isc++)
        if ((floating->io_iscs & 0x80 >> isc) &&
            found(f, "I/O interruption subclass", true, isc, iscs & 0x80 >> isc))
            return true;
    return false;
}

bool sienna_pending(const struct sienna *s, unsigned number, unsigned index, struct sienna_pending *out)
{
    const struct cpu *cpu = cpu_numbered(s, number);
    struct finder f = {index, 0, out};
    struct masks masks;

    if (!cpu)
        return false;
    masks = machine_masks(cpu);
    return find_requests(&f, cpu) || find_external(&f, cpu, &masks) || find_floating(&f, cpu, &masks);
}

/* ---- Registers ---- */

static const struct sienna_register_type types[SIENNA_REGISTER_CLASSES] = {
    [SIENNA_GR] = {"gr", 16, 8, true},
    [SIENNA_CR] = {"cr", 16, 8, true},
    [SIENNA_AR] = {"ar", 16, 4, true},
    [SIENNA_FPR] = {"fpr", 16, 8, true},
    [SIENNA_VR] = {"vr", 32, 16, true},
    [SIENNA_FPC] = {"fpc", 1, 4, true},
    [SIENNA_PSW] = {"psw", 1, 16, true},
    [SIENNA_PREFIX] = {"prefix", 1, 4, true},
    [SIENNA_CPU_TIMER] = {"timer", 1, 8, true},
    [SIENNA_CLOCK_COMPARATOR] = {"comparator", 1, 8, true},
    [SIENNA_TOD_PROGRAMMABLE] = {"todpr", 1, 4, true},
    [SIENNA_TOD_CLOCK] = {"tod", 1, 8, false},
    [SIENNA_BREAKING_EVENT] = {"bea", 1, 8, true},
    [SIENNA_PROGRAM_PARAMETER] = {"pp", 1, 8, true},
};

const struct sienna_register_type *sienna_register_type(enum sienna_register_class class)
{
    return (unsigned)class < SIENNA_REGISTER_CLASSES ? &types[class] : NULL;
}

static uint64_t doubleword(const struct cpu *cpu, enum sienna_register_class class, unsigned n)
{
    switch (class) {
    case SIENNA_GR: return gr64(cpu, n);
    case SIENNA_CR: return cpu->cr[n];
    case SIENNA_FPR: return fpr(cpu, n);
    case SIENNA_CPU_TIMER: return (uint64_t)cpu_timer_at(cpu, cpu->machine->now);
    case SIENNA_CLOCK_COMPARATOR: return cpu->clock_comparator;
    case SIENNA_TOD_CLOCK: return timer_tod_at(cpu->machine, cpu->machine->now).clock;
    case SIENNA_BREAKING_EVENT: return cpu->breaking_event;
    case SIENNA_PROGRAM_PARAMETER: return cpu->program_parameter;
    default: return 0;
    }
}

static uint32_t word(const struct cpu *cpu, enum sienna_register_class class, unsigned n)
{
    switch (class) {
    case SIENNA_AR: return cpu->ar[n];
    case SIENNA_FPC: return cpu->fpc;
    case SIENNA_PREFIX: return cpu->prefix;
    default: return cpu->todpr;
    }
}

bool sienna_register_read(const struct sienna *s, unsigned number, enum sienna_register_class class,
                          unsigned n,
                          uint8_t bytes[SIENNA_REGISTER_BYTES])
{
    const struct cpu *cpu = cpu_numbered(s, number);
    const struct sienna_register_type *type = sienna_register_type(class);

    if (!cpu || !type || n >= type->count)
        return false;
    memset(bytes, 0, SIENNA_REGISTER_BYTES);
    if (class == SIENNA_VR) {
        put_be64(bytes, VD(&cpu->vr[n], 0));
        put_be64(bytes + 8, VD(&cpu->vr[n], 1));
    } else if (class == SIENNA_PSW) {
        put_be64(bytes, cpu_psw_mask(cpu));
        put_be64(bytes + 8, cpu->ia);
    } else if (type->bytes == 8) {
        put_be64(bytes, doubleword(cpu, class, n));
    } else {
        put_be32(bytes, word(cpu, class, n));
    }
    return true;
}

static bool write_prefix(struct cpu *cpu, uint32_t value, char *problem)
{
    if (value & ~0x7fffe000u || !storage_valid(cpu->storage, absolute(value), 2 * PAGE_BYTES))
        return problem_set(problem, "a prefix designates 8K of existing storage on an 8K boundary");
    cpu->prefix = value;
    tlb_purge_all(cpu);
    return true;
}

static bool write_fpc(struct cpu *cpu, uint32_t value, char *problem)
{
    if ((value & 0x03030088) || ((value & 7) > 3 && (value & 7) != 7))
        return problem_set(problem, "bits that the floating-point-control register does not have are one");
    cpu->fpc = value;
    return true;
}

static void write_psw(struct cpu *cpu, const uint8_t *bytes)
{
    cpu->insn = NULL;
    cpu_load_psw(cpu, get_be64(bytes), get_be64(bytes + 8));
    cpu->leave = LEAVE_MODE;
}

static void write_doubleword(struct cpu *cpu, enum sienna_register_class class, unsigned n, uint64_t value)
{
    switch (class) {
    case SIENNA_GR: set_gr64(cpu, n, value); break;
    case SIENNA_CR: cpu->cr[n] = value; break;
    case SIENNA_FPR: set_fpr(cpu, n, value); break;
    case SIENNA_CPU_TIMER: timer_set_cpu_timer(cpu, cpu->machine->now, value); break;
    case SIENNA_CLOCK_COMPARATOR: cpu->clock_comparator = value; break;
    case SIENNA_BREAKING_EVENT: cpu->breaking_event = value; break;
    default: cpu->program_parameter = value; break;
    }
}

bool register_write(struct sienna *s, unsigned number, enum sienna_register_class class, unsigned n,
                    const uint8_t *bytes, char problem[SIENNA_PROBLEM_BYTES])
{
    struct cpu *cpu = cpu_numbered(s, number);
    const struct sienna_register_type *type = sienna_register_type(class);

    if (!cpu || !type || n >= type->count)
        return problem_set(problem, "there is no such register");
    if (!type->alterable)
        return problem_set(problem, "%s cannot be altered", type->name);
    if (class == SIENNA_PREFIX)
        return write_prefix(cpu, get_be32(bytes), problem);
    if (class == SIENNA_FPC)
        return write_fpc(cpu, get_be32(bytes), problem);
    if (class == SIENNA_PSW) {
        write_psw(cpu, bytes);
    } else if (class == SIENNA_VR) {
        VD(&cpu->vr[n], 0) = get_be64(bytes);
        VD(&cpu->vr[n], 1) = get_be64(bytes + 8);
    } else if (type->bytes == 8) {
        write_doubleword(cpu, class, n, get_be64(bytes));
    } else {
        *(class == SIENNA_AR ? &cpu->ar[n] : &cpu->todpr) = get_be32(bytes);
    }
    /* Timers and masks may have opened something within a suspended slice. */
    machine_end_slice_at(cpu->machine, cpu->machine->now);
    return true;
}
