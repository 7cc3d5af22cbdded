/* SPDX-License-Identifier: MIT */
#include "cpu/observe.h"

void observe_set(struct cpus *cpus, enum observers who, uint32_t kinds,
                 void (*tell)(void *context, struct cpu *cpu, const struct sight *sight), void *context)
{
    cpus->observers[who] = (struct observer){kinds, tell, context};
    cpus->observed = 0;
    for (unsigned i = 0; i < OBSERVERS; i++)
        cpus->observed |= cpus->observers[i].kinds;
}

void observe_tell(struct cpu *cpu, const struct sight *sight)
{
    for (unsigned i = 0; i < OBSERVERS; i++)
        if (cpu->all->observers[i].kinds & sight->kind)
            cpu->all->observers[i].tell(cpu->all->observers[i].context, cpu, sight);
}
