/* SPDX-License-Identifier: MIT */
/** Entering and leaving interpretation: registers between the state description and the CPU. */
#include "sie/internal.h"

#include "cpu/seen.h"
#include "cpu/timer.h"
#include "sie/sie.h"

void sie_push(struct cpu *cpu)
{
    const uint8_t *sd = sie_descriptor(cpu);

    if (unlikely(cpu->all->seeing))
        seen_settle(cpu);
    cpu->interpreting = cpu->interpretation;
    set_gr64(cpu, 14, get_be64(sd + SD_GR14));
    set_gr64(cpu, 15, get_be64(sd + SD_GR15));
    for (unsigned i = 0; i < 16; i++)
        cpu->cr[i] = get_be64(sd + SD_CR + 8 * i);
    cpu->prefix = get_be32(sd + SD_PREFIX) & 0x7fffe000; /* bits 1–18 are those of the prefix */
    cpu->todpr = get_be32(sd + SD_TODPR);
    cpu->clock_comparator = get_be64(sd + SD_CLOCK_COMPARATOR);
    timer_set_cpu_timer(cpu, cpu->machine->now, get_be64(sd + SD_CPU_TIMER));
    cpu->breaking_event = get_be64(sd + SD_GBEA);
    cpu->program_parameter = get_be64(sd + SD_PP);
    cpu_load_psw(cpu, get_be64(sd + SD_PSW), get_be64(sd + SD_PSW + 8));
}

static void save_guest(struct cpu *cpu, uint64_t guest_ia)
{
    uint8_t *sd = sie_descriptor(cpu);

    storage_stored(cpu->storage, cpu->interpretation->descriptor, SD_BYTES, true);
    put_be64(sd + SD_PSW, cpu_psw_mask(cpu));
    put_be64(sd + SD_PSW + 8, guest_ia);
    put_be64(sd + SD_GR14, gr64(cpu, 14));
    put_be64(sd + SD_GR15, gr64(cpu, 15));
    for (unsigned i = 0; i < 16; i++)
        put_be64(sd + SD_CR + 8 * i, cpu->cr[i]);
    put_be32(sd + SD_TODPR, cpu->todpr);
    put_be64(sd + SD_CLOCK_COMPARATOR, cpu->clock_comparator);
    put_be64(sd + SD_CPU_TIMER, (uint64_t)cpu_timer_at(cpu, cpu->machine->now));
    put_be64(sd + SD_GBEA, cpu->breaking_event);
    put_be64(sd + SD_PP, cpu->program_parameter);
}

void sie_pop(struct cpu *cpu, uint64_t guest_ia)
{
    const struct host_state *h = &cpu->interpretation->host;

    if (unlikely(cpu->all->seeing)) {
        if (cpu->insn)
            seen_nothing(cpu);
        seen_settle(cpu);
    }
    save_guest(cpu, guest_ia);
    cpu->interpreting = NULL;
    cpu->facilities = &cpu->all->facilities;
    memcpy(cpu->cr, h->cr, sizeof h->cr);
    set_gr64(cpu, 14, h->gr14);
    set_gr64(cpu, 15, h->gr15);
    cpu->prefix = h->prefix;
    cpu->todpr = h->todpr;
    cpu->clock_comparator = h->clock_comparator;
    cpu->cpu_timer_end = h->cpu_timer_end;
    cpu->breaking_event = h->breaking_event;
    cpu->program_parameter = h->program_parameter;
    cpu->psw_mask = h->psw_mask;
    cpu->cc = h->cc;
    cpu->early_specification = false;
    cpu->per_code = cpu->per_pending_ilc = 0;
    cpu->leave |= LEAVE_MODE | LEAVE_BRANCH;
    cpu->ia = cpu->next_ia = h->ia;
}

void sie_intercept(struct cpu *cpu, uint64_t guest_ia, enum interception_code code)
{
    sie_pop(cpu, guest_ia);
    sie_descriptor(cpu)[SD_ICPTCODE] = (uint8_t)code;
    sie_descriptor(cpu)[SD_ICPTSTATUS] = 0;
    cpu->ia = cpu->next_ia = (cpu->interpretation->host.ia + cpu->interpretation->host.length) &
                             (cpu->psw_mask & PSW_EA ? UINT64_MAX : cpu->psw_mask & PSW_BA ? 0x7fffffff : 0xffffff);
}

void sie_validity(struct cpu *cpu, enum validity why)
{
    uint8_t *sd = sie_descriptor(cpu);

    sie_intercept(cpu, get_be64(sd + SD_PSW + 8), ICPT_VALIDITY);
    put_be16(sd + SD_IPA, 0x1000);
    put_be32(sd + SD_IPB, (uint32_t)why << 16);
    sie_note_exit(cpu, EXIT_INTERCEPTION);
}

const struct sie_service sie_interpretation = {
    .level = sie_level, .enter = sie_enter, .instruction = sie_instruction, .program = sie_program, .host_fault = sie_host_fault,
    .prefix_fault = sie_prefix_fault, .between = sie_between, .attention = sie_attention, .leave = sie_leave,
    .find_key = sie_find_key, .read_key = sie_read_key, .write_key = sie_write_key,
    .reset_reference = sie_reset_reference, .essa = sie_essa, .partial_move = sie_partial_move,
    .sigp = sie_sigp, .ptf = sie_ptf, .remember = sie_remember, .interlocked = sie_interlocked,
    .possible = sie_possible,
};
