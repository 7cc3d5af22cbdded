/* SPDX-License-Identifier: MIT */
/** Exits from interpretation: counted, told to an observer, and explained in words. */
#include <stdio.h>

#include "cpu/guests.h"
#include "cpu/observe.h"
#include "cpu/stepping.h"
#include "sie/internal.h"
#include "sie/sie.h"

enum { HOST_PROGRAM_VSIE = 5 };

unsigned sie_level(const struct cpu *cpu)
{
    return sie_descriptor(cpu)[SD_HOST_PROGRAM] == HOST_PROGRAM_VSIE ? 3 : 2;
}

void sie_note_entry(struct cpu *cpu)
{
    cpu->interpretation->last.entered = cpu->machine->now;
    cpu->all->exits[sie_level(cpu) - 2].entries++;
    sie_remember(cpu);
    if (unlikely(cpu->all->stepping != NULL))
        stepping_level(cpu, false);
    if (cpu->all->sie_observer)
        cpu->all->sie_observer(cpu->all->sie_observer_context, cpu, false);
    observe(cpu, OBSERVED_ENTRY, sie_level(cpu), 0, cpu->interpretation->descriptor.v, 0);
}

/* Instruction text as the state description has it, left-justified. */
static uint64_t intercepted_text(const uint8_t *sd)
{
    return (uint64_t)get_be16(sd + SD_IPA) << 48 | (uint64_t)get_be32(sd + SD_IPB) << 16;
}

/* Who issues SIE is the host of the guest that this CPU enters next for it. */
static void note_instruction(struct cpu *cpu, struct exit_counts *counts, enum insn_id id)
{
    const struct virtual_cpu *v = cpu->interpretation->virtual_cpu;

    counts->instruction[id]++;
    cpu->interpretation->last.issued_sie = id == INSN_SIE;
    if (id == INSN_SIE && v)
        cpu->all->guests->issuer[cpu->address] = v->guest_number;
}

/* With what more an observer wants to know: the first bytes of an intercepted instruction, or a program interruption. */
static void tell_exit(struct cpu *cpu, enum level_exit kind)
{
    const uint8_t *sd = sie_descriptor(cpu);
    unsigned code = sd[SD_ICPTCODE];
    struct sight sight = {.kind = OBSERVED_EXIT, .code = sie_level(cpu), .address = get_be64(sd + SD_PSW + 8),
                          .absolute = cpu->interpretation->descriptor.v, .value = code};

    if (kind == EXIT_HOST_FAULT)
        sight.value = OBSERVED_HOST_FAULT;
    else if (kind == EXIT_HOST_INTERRUPTION)
        sight.value = OBSERVED_HOST_INTERRUPTION;
    else if (code == ICPT_PROGRAM)
        sight.class = get_be16(sd + SD_INTERRUPTION + 0xe);
    else if (code == ICPT_INSTRUCTION || code == ICPT_OPERATION || code == ICPT_PARTIAL)
        sight.class = (uint32_t)(intercepted_text(sd) >> 32);
    observe_tell(cpu, &sight);
}

void sie_note_exit(struct cpu *cpu, enum level_exit kind)
{
    struct exit_counts *counts = &cpu->all->exits[sie_level(cpu) - 2];
    const uint8_t *sd = sie_descriptor(cpu);

    cpu->interpretation->last.kind = kind;
    cpu->interpretation->last.left = cpu->machine->now;
    cpu->interpretation->last.issued_sie = false;
    if (kind == EXIT_HOST_FAULT)
        counts->host_faults++;
    else if (kind == EXIT_HOST_INTERRUPTION)
        counts->host_interruptions++;
    else
        counts->code[sd[SD_ICPTCODE]]++;
    if (kind == EXIT_INTERCEPTION && sd[SD_ICPTCODE] == ICPT_INSTRUCTION)
        note_instruction(cpu, counts, insn_decode(intercepted_text(sd)));
    sie_forget_interpreted(cpu);
    if (unlikely(cpu->all->stepping != NULL))
        stepping_level(cpu, true);
    if (cpu->all->sie_observer)
        cpu->all->sie_observer(cpu->all->sie_observer_context, cpu, true);
    if (unlikely(cpu->all->observed & OBSERVED_EXIT))
        tell_exit(cpu, kind);
}

/* ---- In words ---- */

/* What had to be on in ICTL, or off in the assists, for a row to be intercepted. */
static const struct { const char *control, *assist; } controls[INTERCEPT_VX + 1] = {
    [INTERCEPT_IPTE_CSP] = {"ICTL.7 (IPTE, CSP)", "the interlock in the SCA"},
    [INTERCEPT_LPSW] = {"ICTL.9 (LPSW)", NULL}, [INTERCEPT_PTLB] = {"ICTL.10 (PTLB)", NULL},
    [INTERCEPT_SSM] = {"ICTL.11 (SSM)", NULL}, [INTERCEPT_BSA] = {"ICTL.12 (BSA)", NULL},
    [INTERCEPT_STCTL] = {"ICTL.13 (STCTL)", NULL}, [INTERCEPT_STNSM] = {"ICTL.14 (STNSM)", NULL},
    [INTERCEPT_STOSM] = {"ICTL.15 (STOSM)", NULL}, [INTERCEPT_STCK] = {"ICTL.16 (STCK)", NULL},
    [INTERCEPT_ISKE] = {"ICTL.17 (ISKE)", "a held PGSTE lock"},
    [INTERCEPT_SSKE] = {"ICTL.18 (SSKE)", "a held PGSTE lock"},
    [INTERCEPT_RRBE] = {"ICTL.19 (RRBE)", "a held PGSTE lock"}, [INTERCEPT_PC] = {"ICTL.20 (PC)", NULL},
    [INTERCEPT_PT] = {"ICTL.21 (PT)", NULL}, [INTERCEPT_TPROT] = {"ICTL.22 (TPROT)", NULL},
    [INTERCEPT_LASP] = {"ICTL.23 (LASP)", NULL}, [INTERCEPT_SPT] = {"ICTL.25 (SPT)", NULL},
    [INTERCEPT_SCKC] = {"ICTL.26 (SCKC)", NULL}, [INTERCEPT_PR] = {"ICTL.28 (PR)", NULL},
    [INTERCEPT_BAKR] = {"ICTL.29 (BAKR)", NULL}, [INTERCEPT_STFLE] = {"ICTL.3", "no facility list in the description"},
    [INTERCEPT_LCTL] = {NULL, "LCTL names a register"}, [INTERCEPT_SVC] = {NULL, "SVCC names the call"},
    [INTERCEPT_MVPG] = {NULL, "ECA.MVPGI is off"}, [INTERCEPT_ESSA] = {NULL, "ECB2.CMMA is off or its list full"},
    [INTERCEPT_PFMF] = {NULL, "ECB2.PFMFI is off"}, [INTERCEPT_PTF] = {NULL, "ECB.PTF is off or the function changes"},
    [INTERCEPT_SIGP] = {NULL, "an order, or a target, that is not interpreted"},
    [INTERCEPT_VX] = {NULL, "ECA.VX is off"}, [INTERCEPT_ALWAYS] = {NULL, "always intercepted"},
    [INTERCEPT_FUNCTION] = {NULL, "always intercepted"},
};

static uint32_t ictl_of(unsigned kind)
{
    struct interception_profile all = {.assists = UINT32_MAX};
    uint32_t bit;

    for (bit = 0x80000000u; bit; bit >>= 1) {
        all.ictl = bit;
        if (interception_by_control(&all, (enum interception)kind))
            return bit;
    }
    return 0;
}

static const char *instruction_cause(const struct cpu *cpu, uint64_t text)
{
    enum insn_id id = insn_decode(text);
    unsigned kind = insn_rows[id].interception;

    if (id == INSN_NONE || kind == INTERCEPT_NEVER)
        return "left to the host";
    if (controls[kind].control && (cpu->interpretation->profile.ictl & ictl_of(kind)))
        return controls[kind].control;
    return controls[kind].assist ? controls[kind].assist : "?";
}

static const struct { uint8_t code; const char *name, *cause; } codes[] = {
    {ICPT_INSTRUCTION, "instruction", NULL},
    {ICPT_PROGRAM, "program interruption", "the host asked for it, or cannot leave it to its guest"},
    {ICPT_EXTERNAL_REQUEST, "external request", "CPUSTAT.EXT_INT, and the PSW lets external interruptions in"},
    {ICPT_EXTERNAL, "external interruption", "ECA.CEI, and others wait or the new PSW lets it in again"},
    {ICPT_IO_REQUEST, "I/O request", "CPUSTAT.IO_INT, and the PSW lets I/O interruptions in"},
    {ICPT_WAIT, "wait", "the guest's PSW waits"},
    {ICPT_VALIDITY, "validity", "the state description is wrong"},
    {ICPT_STOP, "stop request", "CPUSTAT.STOP_INT"},
    {ICPT_OPERATION, "operation exception", "ICTL.0 (operation exceptions)"},
    {ICPT_PARTIAL, "partial execution", "the host has to complete it"},
    {ICPT_KEYLESS, "keyless", "CPUSTAT.KSS: first use of storage keys"},
};

const char *sie_interception_name(unsigned code, const char **cause)
{
    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].code == code) {
            *cause = codes[i].cause;
            return codes[i].name;
        }
    *cause = NULL;
    return "?";
}

static void explain_interception(const struct cpu *cpu, char *text, size_t room)
{
    const uint8_t *sd = sie_descriptor(cpu);
    unsigned code = sd[SD_ICPTCODE];
    uint64_t bytes = intercepted_text(sd);
    const char *cause, *name = sie_interception_name(code, &cause);
    char words[96];

    if (code == 0) {
        snprintf(text, room, "an interception that the state description does not tell any more: its host has cleared it");
    } else if (code == ICPT_INSTRUCTION || code == ICPT_OPERATION || code == ICPT_PARTIAL) {
        insn_disassemble(bytes, get_be64(sd + SD_PSW + 8), words, sizeof words);
        for (char *tab = words; (tab = strchr(tab, '\t'));)
            *tab = ' ';
        snprintf(text, room, "%s %02x: %s: %s", name, code, words, cause ? cause : instruction_cause(cpu, bytes));
    } else if (code == ICPT_PROGRAM) {
        snprintf(text, room, "%s %02x: code %04x, TEID %016llx: %s", name, code,
                 get_be16(sd + SD_INTERRUPTION + 0xe), (unsigned long long)get_be64(sd + SD_TEID_OR_MONITOR_CODE), cause);
    } else if (code == ICPT_EXTERNAL) {
        snprintf(text, room, "%s %02x: code %04x: %s", name, code, get_be16(sd + SD_EXTERNAL_CODE), cause);
    } else if (code == ICPT_VALIDITY) {
        snprintf(text, room, "%s %02x: reason %04x: %s", name, code, get_be32(sd + SD_IPB) >> 16, cause);
    } else {
        snprintf(text, room, "%s %02x: %s", name, code, cause ? cause : "unknown");
    }
}

void sie_explain(const struct cpu *cpu, char *text, size_t room)
{
    const struct last_exit *last = cpu->interpretation ? &cpu->interpretation->last : NULL;

    switch (last ? last->kind : EXIT_NONE) {
    case EXIT_NONE:
        snprintf(text, room, "no guest has been left yet");
        break;
    case EXIT_INTERCEPTION:
        explain_interception(cpu, text, room);
        break;
    case EXIT_HOST_INTERRUPTION:
        snprintf(text, room, "an interruption of the host");
        break;
    case EXIT_HOST_FAULT:
        snprintf(text, room, "host fault: code %04x at host logical %016llx%s", last->fault_code,
                 (unsigned long long)(last->teid & PAGE_MASK),
                 last->teid & 0x400 ? " (store)" : last->teid & 0x800 ? " (fetch)" : "");
        break;
    }
}
