/* SPDX-License-Identifier: MIT */
/**
 * A minimal slice of SIE: enter, interceptions, host faults, leave. Timers, SCA, GISA, keys
 * and assists are not here yet, so no machine announces SIE.
 */
#include "sie/level_switch.h"

#include <stdlib.h>

#include "cpu/access.h"
#include "sie/state_descriptor.h"

enum { SIE_LENGTH = 4 };

uint8_t *sie_descriptor(const struct cpu *cpu)
{
    return storage_at(cpu->storage, cpu->interpretation->descriptor);
}

static uint32_t host_controls(const struct cpu *cpu)
{
    uint32_t c = 0;

    if ((cpu->cr[0] & CR0_EDAT) && has_facility(cpu, FACILITY_EDAT_1))
        c |= DAT_EDAT_1 | (has_facility(cpu, FACILITY_EDAT_2) ? DAT_EDAT_2 : 0);
    return c;
}

static void set_views(struct cpu *cpu, const uint8_t *sd)
{
    struct interpretation *in = cpu->interpretation;
    bool unlimited = get_be32(sd + SD_CPUSTAT) & CPUSTAT_SM;
    uint64_t origin = unlimited ? 0 : get_be64(sd + SD_MSO) & ~0xfffffULL;
    uint64_t limit = get_be64(sd + SD_MSL) | 0xfffff;

    in->host_view = (struct storage_view){.storage = cpu->storage, .prefix = cpu->prefix};
    in->guest_view = (struct storage_view){
        .storage = cpu->storage, .host = &in->host_view, .host_asce = cpu->cr[1],
        .host_controls = host_controls(cpu), .origin = origin, .limit = unlimited ? UINT64_MAX : limit - origin,
    };
}

static void set_profile(struct cpu *cpu, const uint8_t *sd)
{
    struct interception_profile *p = &cpu->interpretation->profile;

    memset(p, 0, sizeof *p);
    p->ictl = get_be32(sd + SD_ICTL);
    p->lctl = get_be16(sd + SD_LCTL);
    memcpy(p->svcc, sd + SD_SVCC, sizeof p->svcc);
}

static void save_host(struct cpu *cpu, uint64_t ia)
{
    struct host_state *h = &cpu->interpretation->host;

    *h = (struct host_state){.psw_mask = cpu->psw_mask, .ia = ia, .cc = cpu->cc, .gr14 = gr64(cpu, 14),
                             .gr15 = gr64(cpu, 15), .prefix = cpu->prefix, .breaking_event = cpu->breaking_event,
                             .program_parameter = cpu->program_parameter};
    memcpy(h->cr, cpu->cr, sizeof h->cr);
}

void sie_push(struct cpu *cpu)
{
    const uint8_t *sd = sie_descriptor(cpu);

    cpu->interpreting = cpu->interpretation;
    set_gr64(cpu, 14, get_be64(sd + SD_GR14));
    set_gr64(cpu, 15, get_be64(sd + SD_GR15));
    for (unsigned i = 0; i < 16; i++)
        cpu->cr[i] = get_be64(sd + SD_CR + 8 * i);
    cpu->prefix = (get_be32(sd + SD_PREFIX) & 0x3ffff) << 13;
    cpu->breaking_event = get_be64(sd + SD_GBEA);
    cpu->program_parameter = get_be64(sd + SD_PP);
    cpu->insn = NULL;
    cpu_load_psw(cpu, get_be64(sd + SD_PSW), get_be64(sd + SD_PSW + 8));
}

void sie_pop(struct cpu *cpu, uint64_t guest_ia)
{
    const struct host_state *h = &cpu->interpretation->host;
    uint8_t *sd = sie_descriptor(cpu);

    storage_stored(cpu->storage, cpu->interpretation->descriptor, SD_BYTES, true);
    put_be64(sd + SD_PSW, cpu_psw_mask(cpu));
    put_be64(sd + SD_PSW + 8, guest_ia);
    put_be64(sd + SD_GR14, gr64(cpu, 14));
    put_be64(sd + SD_GR15, gr64(cpu, 15));
    for (unsigned i = 0; i < 16; i++)
        put_be64(sd + SD_CR + 8 * i, cpu->cr[i]);
    put_be64(sd + SD_GBEA, cpu->breaking_event);
    put_be64(sd + SD_PP, cpu->program_parameter);

    cpu->interpreting = NULL;
    memcpy(cpu->cr, h->cr, sizeof h->cr);
    set_gr64(cpu, 14, h->gr14);
    set_gr64(cpu, 15, h->gr15);
    cpu->prefix = h->prefix;
    cpu->breaking_event = h->breaking_event;
    cpu->program_parameter = h->program_parameter;
    cpu->psw_mask = h->psw_mask;
    cpu->cc = h->cc;
    cpu->early_specification = false;
    cpu->leave = LEAVE_MODE | LEAVE_BRANCH;
    cpu->ia = cpu->next_ia = h->ia;
}

/* Leave with an interception: the host goes on after SIE. */
static void intercept(struct cpu *cpu, uint64_t guest_ia, uint8_t code)
{
    sie_pop(cpu, guest_ia);
    sie_descriptor(cpu)[SD_ICPTCODE] = code;
    sie_descriptor(cpu)[SD_ICPTSTATUS] = 0;
    cpu->ia = cpu->next_ia = cpu->interpretation->host.ia + SIE_LENGTH;
}

static void validity(struct cpu *cpu, enum validity why)
{
    uint8_t *sd = sie_descriptor(cpu);

    intercept(cpu, get_be64(sd + SD_PSW + 8), ICPT_VALIDITY);
    put_be16(sd + SD_IPA, 0x1000);
    put_be32(sd + SD_IPB, (uint32_t)why << 16);
}

static void enter(struct cpu *cpu, const struct insn *insn, struct real address)
{
    struct absolute at = prefixed(cpu, address);
    const uint8_t *sd;

    if (!storage_valid(cpu->storage, at, SD_BYTES))
        program_interruption(cpu, PIC_ADDRESSING);
    if (!cpu->interpretation)
        cpu->interpretation = machine_allocate(sizeof *cpu->interpretation);
    cpu->interpretation->descriptor = at;
    sd = sie_descriptor(cpu);
    save_host(cpu, insn_ia(cpu, insn));
    set_views(cpu, sd);
    set_profile(cpu, sd);
    sie_push(cpu);
    if (!(get_be32(sd + SD_CPUSTAT) & CPUSTAT_ZARCH))
        validity(cpu, VALIDITY_MODE);
    else if (!(get_be32(sd + SD_CPUSTAT) & CPUSTAT_SM) &&
             (get_be64(sd + SD_MSO) & ~0xfffffULL) > (get_be64(sd + SD_MSL) | 0xfffff))
        validity(cpu, VALIDITY_LIMIT);
    else if (cpu->prefix + 8191ULL > cpu->interpreting->guest_view.limit)
        validity(cpu, VALIDITY_PREFIX);
}

/* Instruction bytes for the host: the target of an EXECUTE with the EXECUTE's length told in the status. */
static void store_instruction(struct cpu *cpu, const struct insn *insn)
{
    unsigned length = insn_length((uint8_t)(insn->text >> 56));
    uint64_t text = insn->text & ~(UINT64_MAX >> 8 * length);
    uint8_t *sd = sie_descriptor(cpu);

    put_be16(sd + SD_IPA, (uint16_t)(text >> 48));
    put_be32(sd + SD_IPB, (uint32_t)(text >> 16));
    sd[SD_ICPTSTATUS] = 0x80;
    if (insn->flags & INSN_EXECUTED)
        sd[SD_ICPTSTATUS] |= (uint8_t)(1 | (insn->length / 2) << 5);
}

static void instruction(struct cpu *cpu, const struct insn *insn)
{
    intercept(cpu, insn_next_ia(cpu, insn), ICPT_INSTRUCTION);
    store_instruction(cpu, insn);
}

static bool program(struct cpu *cpu, unsigned code, const struct insn *insn)
{
    uint32_t ictl = cpu->interpreting->profile.ictl;

    if (code == PIC_OPERATION && insn && (ictl & ICTL_OPERATION)) {
        intercept(cpu, insn_next_ia(cpu, insn), ICPT_OPERATION);
        store_instruction(cpu, insn);
        return true;
    }
    /* Program interceptions with their parameters come with complete SIE; here the guest takes its own. */
    return false;
}

static void host_fault(struct cpu *cpu, const struct fault *fault, const struct insn *insn)
{
    struct insn sie = {.length = SIE_LENGTH};

    sie_pop(cpu, insn ? insn_ia(cpu, insn) : cpu->ia);
    sie.offset = cpu->ia & (PAGE_BYTES - 1);
    cpu->page_ia = cpu->ia & PAGE_MASK;
    cpu->leave = LEAVE_MODE;
    cpu->fault = *fault;
    deliver_program_interruption(cpu, fault->code, &sie);
}

static bool between(struct cpu *cpu)
{
    uint32_t status = get_be32(sie_descriptor(cpu) + SD_CPUSTAT);
    uint64_t guest_ia = cpu->ia;

    if ((status & CPUSTAT_EXT_INT) && (cpu->psw_mask & PSW_EXTERNAL))
        intercept(cpu, guest_ia, ICPT_EXTERNAL_REQUEST);
    else if ((status & CPUSTAT_IO_INT) && (cpu->psw_mask & PSW_IO))
        intercept(cpu, guest_ia, ICPT_IO_REQUEST);
    else if (status & CPUSTAT_STOP_INT)
        intercept(cpu, guest_ia, ICPT_STOP);
    else if ((cpu->psw_mask & PSW_WAIT) && !cpu->early_specification)
        intercept(cpu, guest_ia, ICPT_WAIT);
    if (!cpu->interpreting)
        return true;
    if (cpu->early_specification)
        return false;
    /* The machine's own interruptions are the host's: they find the host at SIE and its PSW decides. */
    sie_pop(cpu, guest_ia);
    if (cpu_interruption_pending(cpu))
        return true;
    sie_push(cpu);
    cpu->leave = 0;
    return false;
}

const struct sie_service sie_interpretation = {enter, instruction, program, host_fault, between};
