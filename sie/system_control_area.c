/* SPDX-License-Identifier: MIT */
/** The system control area: IPTE interlock, topology report, external calls and sensing between a guest's CPUs. */
#include "sie/internal.h"

#include "cpu/sigp.h"

/* What the area says of one CPU of the guest. */
struct entry {
    uint8_t *call;        /* one byte, or two in an extended area: pending flag and source */
    uint8_t *description; /* host address of the CPU's state description */
    struct absolute at;   /* of that state description */
};

static uint8_t *area(const struct cpu *cpu)
{
    return storage_at(cpu->storage, cpu->interpreting->controls.sca);
}

static void note_change(struct cpu *cpu, const uint8_t *where, unsigned bytes)
{
    storage_stored(cpu->storage, absolute((uint64_t)(where - cpu->storage->bytes)), bytes, true);
}

/* Is CPU `address` there and its state description known? */
static bool find(const struct cpu *cpu, unsigned address, struct entry *entry)
{
    const struct guest_controls *c = &cpu->interpreting->controls;
    unsigned limit = c->extended_sca ? 248 : 64;
    uint8_t *sca, *at;
    uint64_t mask;

    if (!c->has_sca || address >= limit)
        return false;
    sca = area(cpu);
    mask = get_be64(sca + (c->extended_sca ? SCA_EXTENDED_MASK : SCA_BASIC_MASK) + address / 64 * 8);
    at = sca + (c->extended_sca ? SCA_EXTENDED_ENTRIES + address * SCA_EXTENDED_ENTRY
                                : SCA_BASIC_ENTRIES + address * SCA_BASIC_ENTRY);
    if (!(mask & BIT64(address % 64)) || !get_be64(at + SCA_ENTRY_DESCRIPTION))
        return false;
    entry->call = c->extended_sca ? at : at + 1;
    entry->at = absolute(get_be64(at + SCA_ENTRY_DESCRIPTION));
    if (!storage_valid(cpu->storage, entry->at, SD_BYTES))
        return false;
    entry->description = storage_at(cpu->storage, entry->at);
    return true;
}

bool sie_interlocked(const struct cpu *cpu)
{
    return (cpu->interpreting->profile.assists & ASSIST_INTERLOCK) && cpu->interpreting->controls.has_sca &&
           (get_be32(area(cpu) + SCA_IPTE_CONTROL) & SCA_IPTE_HOST);
}

/* The own number as the guest's CPUs know it. */
static uint16_t own_address(const struct cpu *cpu)
{
    return get_be16(sie_descriptor(cpu) + SD_CPU_ADDRESS);
}

static bool call_pending(const struct entry *entry) { return *entry->call & 0x80; }

static void set_call(struct cpu *cpu, const struct entry *entry, unsigned source)
{
    bool extended = cpu->interpreting->controls.extended_sca;

    note_change(cpu, entry->call, 2);
    entry->call[0] = (uint8_t)(0x80 | (extended ? 0 : source & 0x3f));
    if (extended)
        entry->call[1] = (uint8_t)source;
}

uint16_t sie_take_external_call(struct cpu *cpu)
{
    uint8_t *sd = sie_descriptor(cpu);
    struct entry own;
    uint16_t source = 0;

    put_be32(sd + SD_CPUSTAT, get_be32(sd + SD_CPUSTAT) & ~CPUSTAT_ECALL_PENDING);
    if (!find(cpu, own_address(cpu), &own))
        return 0;
    note_change(cpu, own.call, 2);
    if (cpu->interpreting->controls.extended_sca) {
        source = own.call[1];
        own.call[0] = own.call[1] = 0;
    } else {
        source = own.call[0] & 0x3f;
        own.call[0] = 0;
    }
    return source;
}

/*
 * The call is made pending on the target. Nobody interprets a target that waits: its host must wake it, which
 * partial execution tells.
 */
static void external_call(struct cpu *cpu, const struct insn *insn, const struct entry *target)
{
    uint32_t stat = get_be32(target->description + SD_CPUSTAT);

    set_call(cpu, target, own_address(cpu));
    note_change(cpu, target->description, 4);
    put_be32(target->description + SD_CPUSTAT, stat | CPUSTAT_ECALL_PENDING);
    machine_end_slice_at(cpu->machine, cpu->machine->now);
    cpu->cc = 0;
    cpu_mode_changed(cpu);
    if (stat & CPUSTAT_WAIT) {
        sie_intercept(cpu, insn_next_ia(cpu, insn), ICPT_PARTIAL);
        sie_store_instruction(cpu, insn, false);
        sie_note_exit(cpu, EXIT_INTERCEPTION);
    }
}

static void sense_running(struct cpu *cpu, const struct insn *insn, const struct entry *target)
{
    if (get_be32(target->description + SD_CPUSTAT) & CPUSTAT_RUNNING) {
        cpu->cc = 0;
        return;
    }
    set_gr32(cpu, insn->r1, SIGP_STATUS_NOT_RUNNING);
    cpu->cc = 1;
}

void sie_sigp(struct cpu *cpu, const struct insn *insn)
{
    unsigned order = effective_b2(cpu, insn) & 0xff;
    const struct guest_controls *c = &cpu->interpreting->controls;
    struct entry target;

    if (find(cpu, gr32(cpu, insn->r3) & 0xffff, &target)) {
        if (order == SIGP_EXTERNAL_CALL && (c->eca & ECA_SIGPI) && !call_pending(&target)) {
            external_call(cpu, insn, &target);
            return;
        }
        if (order == SIGP_SENSE_RUNNING && (c->ecb & ECB_SRSI)) {
            sense_running(cpu, insn, &target);
            return;
        }
    }
    intercept_instruction(cpu);
}

void sie_ptf(struct cpu *cpu, const struct insn *insn)
{
    enum { CHECK = 2 };
    uint8_t *utility;

    if (gr64(cpu, insn->r1) != CHECK || !cpu->interpreting->controls.has_sca)
        intercept_instruction(cpu);
    utility = area(cpu) + SCA_UTILITY;
    cpu->cc = *utility & SCA_TOPOLOGY_CHANGE ? 1 : 0;
    note_change(cpu, utility, 1);
    *utility &= (uint8_t)~SCA_TOPOLOGY_CHANGE;
}
