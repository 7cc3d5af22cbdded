/* SPDX-License-Identifier: MIT */
/** Interpretation levels: who ran under SIE, and why it was left. */
#include <stdio.h>

#include "libsienna/inspect.h"
#include "sie/sie.h"

/* Offsets of the state description that a line shows (sie/state_descriptor.h). */
enum { PSW = 0x90 };

static void observe(void *context, const struct cpu *cpu, bool exit)
{
    struct sienna *s = context;
    struct absolute at = cpu->interpretation->descriptor;
    const uint8_t *psw = storage_at(cpu->storage, at) + PSW;
    uint64_t now = cpu->machine->now;
    char cause[200] = "entry", line[320];

    if (exit)
        sie_explain(cpu, cause, sizeof cause);
    snprintf(line, sizeof line, "%llu.%09llu CPU %u level %u SD %llx %s, PSW %016llx %016llx",
             (unsigned long long)(now / TOD_SECOND),
             (unsigned long long)(now % TOD_SECOND * 1000000000ULL / TOD_SECOND), cpu->address, sie_level(cpu),
             (unsigned long long)at.v, cause, (unsigned long long)get_be64(psw),
             (unsigned long long)get_be64(psw + 8));
    s->sie_line(s->sie_line_context, line);
}

void sienna_observe_sie(struct sienna *s, void (*line)(void *context, const char *text), void *context)
{
    s->sie_line = line;
    s->sie_line_context = context;
    s->machine.cpus->sie_observer = line ? observe : NULL;
    s->machine.cpus->sie_observer_context = s;
}

bool sienna_why_exit(const struct sienna *s, unsigned number, char *text, size_t room)
{
    const struct cpu *cpu = cpu_numbered(s, number);

    if (!cpu)
        return false;
    sie_explain(cpu, text, room);
    return true;
}

enum { ENTRIES, INTERRUPTIONS, FAULTS, CODES, INSTRUCTIONS = CODES + 256, COUNTERS = INSTRUCTIONS + INSN_COUNT };

static uint64_t counter(const struct exit_counts *c, unsigned i, char cause[64])
{
    const char *why;

    switch (i) {
    case ENTRIES: snprintf(cause, 64, "entries"); return c->entries;
    case INTERRUPTIONS: snprintf(cause, 64, "host interruption"); return c->host_interruptions;
    case FAULTS: snprintf(cause, 64, "host fault"); return c->host_faults;
    }
    if (i < INSTRUCTIONS) {
        snprintf(cause, 64, "%s %02x", sie_interception_name(i - CODES, &why), i - CODES);
        return c->code[i - CODES];
    }
    snprintf(cause, 64, "instruction %s", insn_name((enum insn_id)(i - INSTRUCTIONS)));
    return c->instruction[i - INSTRUCTIONS];
}

bool sienna_exit_count(const struct sienna *s, unsigned *cursor, struct sienna_exit_count *count)
{
    while (*cursor < 2 * COUNTERS) {
        unsigned level = *cursor / COUNTERS, i = *cursor % COUNTERS;

        ++*cursor;
        count->level = level + 2;
        count->count = counter(&s->machine.cpus->exits[level], i, count->cause);
        if (count->count)
            return true;
    }
    return false;
}

/* ---- The stack of levels ---- */

/* The host as it waits at SIE; its condition code is kept beside the PSW. */
static void describe_host(const struct host_state *h, struct sienna_level *out)
{
    *out = (struct sienna_level){
        .level = 1, .psw_mask = (h->psw_mask & ~PSW_CC) | (uint64_t)h->cc << PSW_CC_SHIFT,
        .psw_address = h->ia, .prefix = h->prefix, .asce = h->cr[1],
    };
}

bool sienna_level(const struct sienna *s, unsigned number, unsigned index, struct sienna_level *out)
{
    const struct cpu *cpu = cpu_numbered(s, number);

    if (!cpu || index > (cpu->interpreting ? 1 : 0))
        return false;
    if (cpu->interpreting && index == 0) {
        describe_host(&cpu->interpreting->host, out);
        return true;
    }
    *out = (struct sienna_level){.level = 1, .psw_mask = cpu_psw_mask(cpu), .psw_address = cpu->ia,
                                 .prefix = cpu->prefix, .asce = cpu->cr[1]};
    if (cpu->interpreting) {
        out->level = sie_level(cpu);
        out->description = cpu->interpreting->descriptor.v;
        out->origin = cpu->interpreting->guest_view.origin;
        out->limit = cpu->interpreting->guest_view.limit;
    }
    return true;
}
