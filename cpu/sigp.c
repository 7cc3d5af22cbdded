/* SPDX-License-Identifier: MIT */
#include "cpu/sigp.h"

#include "cpu/control.h"
#include "cpu/cpus.h"
#include "cpu/observe.h"
#include "cpu/timer.h"

/* An order in execution: who sends it to whom, with what, and the status bits of the answer. */
struct order {
    struct cpu *sender, *target;
    uint32_t parameter;
    uint64_t wide_parameter; /* all 64 bits */
    uint64_t time;
    uint32_t status;
};

enum { ACCEPTED = 0, STATUS_STORED = 1, BUSY = 2, NOT_OPERATIONAL = 3 };

static int rejected(struct order *order, uint32_t status)
{
    order->status = status;
    return STATUS_STORED;
}

/* Make conditions pending on the target and see that it gets to look at them soon. */
static int signal(struct order *order, uint32_t pending)
{
    order->target->pending |= pending;
    machine_end_slice_at(order->sender->machine, order->time);
    return ACCEPTED;
}

static int sense(struct order *order)
{
    const struct cpu *target = order->target;
    uint32_t status = 0;

    if (target->pending & PENDING_EXTERNAL_CALL)
        status |= SIGP_STATUS_EXTERNAL_CALL;
    if (target->state == CPU_STOPPED)
        status |= SIGP_STATUS_STOPPED;
    if (target->state == CPU_CHECK_STOP)
        status |= SIGP_STATUS_CHECK_STOP;
    return status ? rejected(order, status) : ACCEPTED;
}

static int external_call(struct order *order)
{
    if (order->target->pending & PENDING_EXTERNAL_CALL)
        return rejected(order, SIGP_STATUS_EXTERNAL_CALL);
    order->target->external_call_source = order->sender->address;
    return signal(order, PENDING_EXTERNAL_CALL);
}

static int emergency(struct order *order)
{
    order->target->emergency_signals |= 1ULL << order->sender->address;
    return signal(order, PENDING_EMERGENCY);
}

/*
 * The emergency signal is withheld (incorrect state) only from a stopped CPU that is enabled for
 * external and I/O interruptions and whose status shows it does not use the given ASN: waiting at
 * address zero, or not waiting with other primary and secondary ASNs.
 */
static int conditional_emergency(struct order *order)
{
    const struct cpu *target = order->target;
    uint64_t enabled = PSW_IO | PSW_EXTERNAL;
    uint16_t asn = (uint16_t)order->parameter;
    bool waiting = target->psw_mask & PSW_WAIT;

    if (target->state == CPU_STOPPED && (target->psw_mask & enabled) == enabled
        && (waiting ? target->ia == 0 : asn != primary_asn(target) && asn != secondary_asn(target)))
        return rejected(order, SIGP_STATUS_INCORRECT_STATE);
    return emergency(order);
}

static int start(struct order *order)
{
    if (order->target->state == CPU_STOPPED)
        cpu_enter_state(order->target, CPU_OPERATING, order->time);
    return signal(order, 0);
}

static int stop(struct order *order)
{
    return order->target->state == CPU_STOPPED ? ACCEPTED : signal(order, PENDING_STOP);
}

static int stop_and_store_status(struct order *order)
{
    if (order->target->state != CPU_STOPPED)
        return signal(order, PENDING_STOP | PENDING_STORE_STATUS);
    cpu_store_status(order->target, absolute(STORE_STATUS_AREA));
    return ACCEPTED;
}

static int restart(struct order *order)
{
    if (order->target->state == CPU_STOPPED)
        cpu_enter_state(order->target, CPU_OPERATING, order->time);
    return signal(order, PENDING_RESTART);
}

static int reset(struct order *order, enum cpu_reset kind)
{
    cpu_reset(order->target, kind);
    return signal(order, 0);
}

static int set_prefix(struct order *order)
{
    uint32_t prefix = order->parameter & 0x7fffe000;

    if (!storage_valid(order->target->storage, absolute(prefix), 2 * PAGE_BYTES))
        return rejected(order, SIGP_STATUS_INVALID_PARAMETER);
    if (order->target->state != CPU_STOPPED)
        return rejected(order, SIGP_STATUS_INCORRECT_STATE);
    order->target->prefix = prefix;
    tlb_purge_all(order->target);
    return signal(order, 0);
}

static int store_status(struct order *order)
{
    struct absolute at = absolute(order->parameter & 0x7ffffe00);

    if (!storage_valid(order->target->storage, at, 512))
        return rejected(order, SIGP_STATUS_INVALID_PARAMETER);
    if (order->target->state != CPU_STOPPED)
        return rejected(order, SIGP_STATUS_INCORRECT_STATE);
    cpu_store_status(order->target, at);
    return ACCEPTED;
}

/* The vector registers, at a 1K boundary; the guarded-storage part would need facility 133. */
static int store_additional_status(struct order *order)
{
    const struct cpu *target = order->target;
    struct absolute at = absolute(order->wide_parameter & ~0x3ffULL);
    uint8_t *to;

    if (!has_facility(target, FACILITY_VECTOR))
        return rejected(order, SIGP_STATUS_INVALID_ORDER);
    if (!storage_valid(target->storage, at, 1024))
        return rejected(order, SIGP_STATUS_INVALID_PARAMETER);
    if (target->state != CPU_STOPPED)
        return rejected(order, SIGP_STATUS_INCORRECT_STATE);
    storage_stored(target->storage, at, 512, true);
    to = storage_at(target->storage, at);
    for (unsigned v = 0; v < 32; v++) {
        put_be64(to + 16 * v, VD(&target->vr[v], 0));
        put_be64(to + 16 * v + 8, VD(&target->vr[v], 1));
    }
    return ACCEPTED;
}

/* The configuration is always in z/Architecture mode (facility 138): no code changes anything. */
static int set_architecture(struct order *order)
{
    for (unsigned i = 0; i < order->sender->all->count; i++) {
        const struct cpu *cpu = order->sender->all->cpu[i];

        if (cpu != order->sender && cpu->configured && cpu->state != CPU_STOPPED &&
            cpu->state != CPU_CHECK_STOP)
            return rejected(order, SIGP_STATUS_INCORRECT_STATE);
    }
    return rejected(order, SIGP_STATUS_INVALID_PARAMETER);
}

static int sense_running(struct order *order)
{
    const struct cpu *target = order->target;

    if (target->state != CPU_OPERATING || (target->psw_mask & PSW_WAIT))
        return rejected(order, SIGP_STATUS_NOT_RUNNING);
    return ACCEPTED;
}

/* Orders that a CPU in the check-stop state, or busy with an earlier order, does not perform. */
static int perform_when_able(struct order *order, unsigned code)
{
    if (order->target->pending & (PENDING_STOP | PENDING_RESTART | PENDING_STORE_STATUS))
        return BUSY;
    if (order->target->state == CPU_CHECK_STOP && code != SIGP_SENSE)
        return rejected(order, SIGP_STATUS_CHECK_STOP);
    switch (code) {
    case SIGP_SENSE: return sense(order);
    case SIGP_EXTERNAL_CALL: return external_call(order);
    case SIGP_EMERGENCY: return emergency(order);
    case SIGP_START: return start(order);
    case SIGP_STOP: return stop(order);
    case SIGP_RESTART: return restart(order);
    case SIGP_STOP_STORE_STATUS: return stop_and_store_status(order);
    case SIGP_SET_PREFIX: return set_prefix(order);
    case SIGP_STORE_STATUS: return store_status(order);
    case SIGP_STORE_ADDITIONAL_STATUS: return store_additional_status(order);
    case SIGP_CONDITIONAL_EMERGENCY: return conditional_emergency(order);
    default: return rejected(order, SIGP_STATUS_INVALID_ORDER);
    }
}

static int perform(struct order *order, unsigned code)
{
    switch (code) {
    case SIGP_SET_ARCHITECTURE: /* goes to the configuration: the CPU address is ignored */
        return set_architecture(order);
    case SIGP_INITIAL_RESET:
        return reset(order, RESET_INITIAL_CPU);
    case SIGP_RESET:
        return reset(order, RESET_CPU);
    case SIGP_SENSE_RUNNING:
        if (has_facility(order->sender, FACILITY_SENSE_RUNNING))
            return sense_running(order);
        break;
    }
    return perform_when_able(order, code);
}

/* The configured CPU with that address, or NULL. */
static struct cpu *find(const struct cpu *cpu, unsigned address)
{
    const struct cpus *all = cpu->all;

    return address < all->count && all->cpu[address]->configured ? all->cpu[address] : NULL;
}

DEFINE_OP(SIGP)
{
    unsigned code = effective_b2(cpu, insn) & 0xff;
    uint64_t parameter = gr64(cpu, insn->r1 | 1);
    unsigned address = gr32(cpu, insn->r3) & 0xffff;
    struct order order = {
        .sender = cpu, .target = find(cpu, address), .parameter = (uint32_t)parameter,
        .wide_parameter = amode64(cpu) ? parameter : (uint32_t)parameter, .time = cpu_time(cpu),
    };

    cpu_sync_time(cpu);
    if (cpu->interpreting) {
        cpu->all->sie->sigp(cpu, insn);
        observe(cpu, OBSERVED_SIGP, code, cpu->cc, parameter, address);
        return;
    }
    if (!order.target && code != SIGP_SET_ARCHITECTURE) {
        cpu->cc = NOT_OPERATIONAL;
        observe(cpu, OBSERVED_SIGP, code, cpu->cc, parameter, address);
        return;
    }
    cpu->cc = (unsigned)perform(&order, code);
    observe(cpu, OBSERVED_SIGP, code, cpu->cc, parameter, address);
    if (cpu->cc == STATUS_STORED)
        set_gr32(cpu, insn->r1, order.status);
    cpu_mode_changed(cpu);
}
