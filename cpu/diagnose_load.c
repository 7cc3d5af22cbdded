/* SPDX-License-Identifier: MIT */
/** DIAGNOSE 0x308 (IPL functions) and 0x288 (watchdog). */
#include "cpu/cpus.h"
#include "cpu/diagnose.h"

/* ---- 0x308 ---- */

enum load_subcode {
    SUBCODE_RESET_CLEAR = 0,
    SUBCODE_RESET_NORMAL = 1,
    SUBCODE_RELEASE_HSA = 2,
    SUBCODE_LOAD_CLEAR = 3,
    SUBCODE_LOAD_DUMP = 4,
    SUBCODE_SET = 5,
    SUBCODE_STORE = 6,
    SUBCODE_LOAD_NORMAL = 7,
};

enum load_return_code { RETURN_OK = 0x0001, RETURN_NO_CONFIGURATION = 0x0102, RETURN_INVALID = 0x0402 };

/* An IPL parameter block: total length 0–3, version 7; then block 0 with its length 8–11 and type 12. */
enum { BLOCK_TYPE_CCW = 2, LEAST_CCW_BLOCK = 200, HIGHEST_VERSION = 1 };

static bool acceptable(const uint8_t *block)
{
    uint32_t length = get_be32(block);

    return length >= LEAST_CCW_BLOCK && length <= PAGE_BYTES && block[7] <= HIGHEST_VERSION
        && block[12] == BLOCK_TYPE_CCW && get_be32(block + 8) <= length - 8;
}

static unsigned set_block(struct cpu *cpu, uint64_t address)
{
    struct configuration_service *c = &cpu->machine->configuration;
    uint8_t block[PAGE_BYTES];

    diagnose_fetch(cpu, address, block, sizeof block);
    if (!acceptable(block))
        return RETURN_INVALID;
    memset(c->ipl_block, 0, sizeof c->ipl_block);
    memcpy(c->ipl_block, block, get_be32(block));
    c->ipl_block_valid = true;
    return RETURN_OK;
}

static unsigned store_block(struct cpu *cpu, uint64_t address)
{
    const struct configuration_service *c = &cpu->machine->configuration;

    if (!c->ipl_block_valid)
        return RETURN_NO_CONFIGURATION;
    diagnose_store(cpu, address, c->ipl_block, get_be32(c->ipl_block));
    return RETURN_OK;
}

/* The configuration is reset and loaded once this slice has ended; the program does not go on. */
static void request(struct cpu *cpu, enum load_request what)
{
    cpu->machine->configuration.load_request = what;
    cpu->machine->configuration.load_cpu = cpu->address;
    cpu_sync_time(cpu);
    machine_end_slice_at(cpu->machine, cpu->machine->now);
}

/* R1 designates an even-odd pair: address of the block, then the return code. R3: subcode. */
void diagnose_load(struct cpu *cpu, const struct insn *insn)
{
    uint64_t subcode = gr64(cpu, insn->r3), address = gr64(cpu, insn->r1);

    switch (subcode) {
    case SUBCODE_RESET_CLEAR: request(cpu, LOAD_RESET_CLEAR); return;
    case SUBCODE_RESET_NORMAL: request(cpu, LOAD_RESET_NORMAL); return;
    case SUBCODE_LOAD_CLEAR: request(cpu, LOAD_CLEAR); return;
    case SUBCODE_LOAD_DUMP: request(cpu, LOAD_DUMP); return;
    case SUBCODE_LOAD_NORMAL: request(cpu, LOAD_NORMAL); return;
    case SUBCODE_RELEASE_HSA: /* there is none */
        specification_unless(cpu, !(insn->r1 & 1));
        set_gr64(cpu, insn->r1 + 1u, RETURN_OK);
        return;
    case SUBCODE_SET:
    case SUBCODE_STORE:
        specification_unless(cpu, !(insn->r1 & 1) && !(address & ~PAGE_MASK));
        set_gr64(cpu, insn->r1 + 1u, subcode == SUBCODE_SET ? set_block(cpu, address) : store_block(cpu, address));
        return;
    default:
        program_interruption(cpu, PIC_SPECIFICATION);
    }
}

/* ---- 0x288 ---- */

static void expired(struct machine *machine, uint32_t subject, uint64_t action)
{
    machine_log(machine, LOG_WARNING, "the guest's watchdog ran out");
    machine->configuration.load_request = LOAD_WATCHDOG;
    machine->configuration.load_cpu = subject;
    machine_end_slice_at(machine, machine->now);
}

const struct event_class diagnose_watchdog_event = {"diagnose.watchdog", expired};

enum { WATCHDOG_INITIALIZE = 0, WATCHDOG_CHANGE = 1, WATCHDOG_CANCEL = 2, LEAST_SECONDS = 15, ACTION_RESTART = 0 };

/* There is one watchdog, however many CPUs issue it. */
static bool running(const struct machine *machine)
{
    for (unsigned i = 0; i < machine->cpus->count; i++)
        if (event_pending(machine, &diagnose_watchdog_event, i))
            return true;
    return false;
}

static void cancel(struct machine *machine)
{
    for (unsigned i = 0; i < machine->cpus->count; i++)
        event_cancel(machine, &diagnose_watchdog_event, i);
}

/* R1 designates an even-odd pair: function, seconds. R3: action, of which only "restart" exists. */
void diagnose_watchdog(struct cpu *cpu, const struct insn *insn)
{
    struct machine *machine = cpu->machine;
    uint64_t function = gr64(cpu, insn->r1), seconds = gr64(cpu, insn->r1 | 1u);

    specification_unless(cpu, !(insn->r1 & 1) && gr64(cpu, insn->r3) == ACTION_RESTART
                                  && function <= WATCHDOG_CANCEL);
    specification_unless(cpu, function == WATCHDOG_INITIALIZE || running(machine));
    specification_unless(cpu, function == WATCHDOG_CANCEL || (seconds >= LEAST_SECONDS && seconds <= 0xffffffff));
    cpu_sync_time(cpu);
    cancel(machine);
    if (function != WATCHDOG_CANCEL)
        event_schedule(machine, &diagnose_watchdog_event, cpu->address, ACTION_RESTART, machine->now + seconds * TOD_SECOND);
}

void diagnose_reset(struct machine *machine)
{
    cancel(machine);
    machine->configuration.control_program_code = 0;
    for (unsigned i = 0; i < machine->cpus->count; i++)
        machine->cpus->cpu[i]->page_reference_token = false;
}
