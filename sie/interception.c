/* SPDX-License-Identifier: MIT */
/** What ends interpretation from inside an instruction: interceptions and faults of the host. */
#include "sie/internal.h"

#include "cpu/per.h"

enum { STATUS_FORMAT_2 = 0x80, STATUS_FETCH_EVENT = 0x02, STATUS_EXECUTED = 0x01, STATUS_LENGTH_SHIFT = 5 };

/* Virtual time once the present instruction has been charged. */
static void sync_charged(struct cpu *cpu)
{
    cpu->machine->now = cpu->time_limit - (uint64_t)cpu->budget * cpu->cycle;
}

void sie_store_instruction(struct cpu *cpu, const struct insn *insn, bool fetch_event)
{
    unsigned length = insn_length((uint8_t)(insn->text >> 56));
    uint64_t text = insn->text & ~(UINT64_MAX >> 8 * length);
    uint8_t *sd = sie_descriptor(cpu);

    put_be16(sd + SD_IPA, (uint16_t)(text >> 48));
    put_be32(sd + SD_IPB, (uint32_t)(text >> 16));
    sd[SD_ICPTSTATUS] = STATUS_FORMAT_2;
    if (insn->flags & INSN_EXECUTED)
        sd[SD_ICPTSTATUS] |= (uint8_t)(STATUS_EXECUTED | (insn->length / 2) << STATUS_LENGTH_SHIFT);
    if (fetch_event)
        sd[SD_ICPTSTATUS] |= STATUS_FETCH_EVENT;
}

static bool is_key_instruction(const struct insn *insn)
{
    unsigned kind = insn_rows[insn_decode(insn->text)].interception;

    return kind == INTERCEPT_ISKE || kind == INTERCEPT_SSKE || kind == INTERCEPT_RRBE;
}

void sie_instruction(struct cpu *cpu, const struct insn *insn)
{
    bool fetch_event = cpu->per_code & PER_FETCH;

    cpu_sync_time(cpu);
    if ((cpu->interpreting->profile.assists & ASSIST_KEYLESS) && is_key_instruction(insn)) {
        sie_intercept(cpu, insn_ia(cpu, insn), ICPT_KEYLESS); /* the host repeats it once it has keys */
        sie_note_exit(cpu, EXIT_INTERCEPTION);
        return;
    }
    sie_intercept(cpu, insn_next_ia(cpu, insn), ICPT_INSTRUCTION);
    sie_store_instruction(cpu, insn, fetch_event);
    sie_note_exit(cpu, EXIT_INTERCEPTION);
}

/* The guest may use AFP or vector registers and its host may not: the host sees the data exception. */
static bool host_lacks_registers(const struct cpu *cpu)
{
    uint64_t lacking = cpu->cr[0] & ~cpu->interpreting->host.cr[0];

    if (cpu->interruption_code_dxc == 0xfe)
        return lacking & (CR0_AFP | CR0_VECTOR);
    return (lacking & CR0_AFP) && (cpu->interruption_code_dxc == 1 || cpu->interruption_code_dxc == 2);
}

/* A specification exception whose own new PSW brings the next one. */
static bool specification_loops(struct cpu *cpu)
{
    return cpu->early_specification &&
           !cpu_psw_valid(cpu_guest_new_psw(cpu, 0x1d0), cpu_guest_new_psw(cpu, 0x1d8));
}

/* Which program interruptions the host asked for or cannot leave to the guest. */
static bool intercepted(struct cpu *cpu, unsigned code)
{
    const struct guest_controls *c = &cpu->interpreting->controls;
    uint32_t ictl = cpu->interpreting->profile.ictl;

    if ((ictl & ICTL_PROGRAM) || (cpu->per_code && c->guest_per))
        return true;
    switch (code & 0x7f) {
    case PIC_PRIVILEGED: return ictl & ICTL_PRIVILEGED;
    case PIC_ADDRESSING: case PIC_SPECIAL_OPERATION: return true;
    case PIC_SPECIFICATION: return !(c->ecb & ECB_SPECI) || specification_loops(cpu);
    case PIC_PROTECTION: return !(c->eca & ECA_PROTEXCI);
    case PIC_DATA: return host_lacks_registers(cpu);
    default: return false;
    }
}

/* Parameters as in real storage, except for the monitor code, which takes the place of the TEID. */
static void store_program(struct cpu *cpu, unsigned code, unsigned ilc, unsigned per_code)
{
    uint8_t *sd = sie_descriptor(cpu), page[0x100] = {0};

    cpu->per_code = (uint8_t)per_code;
    cpu_program_parameters(cpu, code | (per_code ? (unsigned)PIC_PER_EVENT : 0), ilc, page);
    cpu->per_code = 0;
    memcpy(sd + SD_INTERRUPTION, page + 0x80, SD_CR - 0x10 - SD_INTERRUPTION);
    if ((code & 0x7f) == PIC_MONITOR_EVENT)
        put_be64(sd + SD_TEID_OR_MONITOR_CODE, cpu->monitor_code);
}

bool sie_program(struct cpu *cpu, unsigned code, const struct insn *insn)
{
    uint8_t per_code = cpu->per_code, atmid = cpu->per_atmid;
    unsigned ilc;
    uint64_t ia;

    sync_charged(cpu);
    if (code == PIC_OPERATION && insn && (cpu->interpreting->profile.ictl & ICTL_OPERATION)) {
        sie_intercept(cpu, insn_next_ia(cpu, insn), ICPT_OPERATION);
        sie_store_instruction(cpu, insn, per_code & PER_FETCH);
        sie_note_exit(cpu, EXIT_INTERCEPTION);
        return true;
    }
    if (!intercepted(cpu, code))
        return false;
    ia = cpu_program_old_address(cpu, code, insn, &ilc);
    sie_intercept(cpu, ia, ICPT_PROGRAM);
    store_program(cpu, code, ilc, per_code);
    if (per_code)
        sie_descriptor(cpu)[SD_INTERRUPTION + 0x17] = atmid; /* of the guest's PSW */
    sie_note_exit(cpu, EXIT_INTERCEPTION);
    return true;
}

void sie_host_fault(struct cpu *cpu, const struct fault *fault, const struct insn *insn)
{
    struct insn sie = {.length = cpu->interpretation->host.length};

    sync_charged(cpu);
    sie_pop(cpu, insn ? insn_ia(cpu, insn) : cpu->ia);
    sie.offset = cpu->ia & (PAGE_BYTES - 1);
    cpu->page_ia = cpu->ia & PAGE_MASK;
    cpu->leave = LEAVE_MODE;
    cpu->fault = *fault;
    cpu->interpretation->last.fault_code = fault->code;
    cpu->interpretation->last.teid = fault->teid;
    sie_note_exit(cpu, EXIT_HOST_FAULT);
    deliver_program_interruption(cpu, fault->code, &sie);
}

void sie_prefix_fault(struct cpu *cpu, uint64_t ia)
{
    uint8_t *sd = sie_descriptor(cpu);

    sync_charged(cpu);
    sie_intercept(cpu, ia, ICPT_VALIDITY);
    put_be16(sd + SD_IPA, 0x1000);
    put_be32(sd + SD_IPB, VALIDITY_PREFIX_ACCESS << 16);
    sie_note_exit(cpu, EXIT_INTERCEPTION);
}

void sie_leave(struct cpu *cpu)
{
    sie_pop(cpu, cpu->ia);
    sie_note_exit(cpu, EXIT_HOST_INTERRUPTION);
}
