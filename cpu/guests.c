/* SPDX-License-Identifier: MIT */
#include "cpu/guests.h"

#include "cpu/cpus.h"

struct virtual_cpu *guests_find(const struct cpus *cpus, unsigned guest, unsigned number)
{
    struct guests *g = cpus->guests;

    for (unsigned i = 0; g && i < VIRTUAL_CPUS_MOST; i++)
        if (g->cpu[i].guest && g->cpu[i].guest_number == guest && g->cpu[i].number == number)
            return &g->cpu[i];
    return NULL;
}

bool guests_executes(const struct cpu *cpu, unsigned guest, unsigned number)
{
    const struct virtual_cpu *v = guests_interpreted(cpu);

    if (!cpu->interpreting)
        return guest == 0 && cpu->address == number;
    return v && v->guest_number == guest && v->number == number;
}

void guests_forget(struct cpus *cpus)
{
    if (!cpus->guests)
        return;
    *cpus->guests = (struct guests){.last_number = cpus->guests->last_number};
    for (unsigned i = 0; i < cpus->count; i++) {
        struct cpu *cpu = cpus->cpu[i];

        if (cpu->interpretation)
            cpu->interpretation->virtual_cpu = NULL;
        if (cpu->interpreting)
            cpus->sie->remember(cpu);
    }
}
