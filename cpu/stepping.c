/* SPDX-License-Identifier: MIT */
#include "cpu/stepping.h"

#include "cpu/guests.h"

bool stepping_single(struct stepping *s, const struct cpu *cpu)
{
    if (s->any)
        return true;
    if (s->guest) {
        if (!guests_executes(cpu, s->guest, s->cpu))
            return false;
        s->ia = cpu->ia;
        return true;
    }
    return cpu->address == s->cpu && (s->into || !cpu->interpreting);
}

/* A virtual CPU: its step is over when it stands before its next instruction, whoever executed this one. */
static void count_virtual(struct stepping *s, const struct cpu *cpu, bool single)
{
    const struct virtual_cpu *v = guests_interpreted(cpu);

    if (!guests_executes(cpu, s->guest, s->cpu)) {
        if (s->entering && s->into && v && v->guest && v->guest->parent == s->guest)
            s->left--;
        return;
    }
    if (single || (s->intercepted && cpu->ia != s->ia))
        s->left--;
    s->intercepted = s->entering = false;
}

void stepping_count(struct stepping *s, const struct cpu *cpu, bool single)
{
    if (s->guest && !s->any)
        count_virtual(s, cpu, single);
    else if (s->any || (cpu->address == s->cpu && (s->into ? single : !cpu->interpreting)))
        s->left--;
}

void stepping_level(struct cpu *cpu, bool exit)
{
    struct stepping *s = cpu->all->stepping;
    const struct virtual_cpu *v = cpu->interpretation->virtual_cpu;
    bool own = v && v->guest_number == s->guest && v->number == s->cpu;

    if (s->any)
        return;
    if (!s->guest) {
        if (exit && cpu->address == s->cpu)
            cpus_pause(cpu->all);
    } else if (!exit) {
        if (own || (s->entering && s->into))
            cpus_pause(cpu->all);
    } else if (own && cpu->interpretation->last.kind == EXIT_INTERCEPTION) {
        s->intercepted = true;
        s->entering = cpu->interpretation->last.issued_sie;
    }
}
