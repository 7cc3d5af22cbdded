/* SPDX-License-Identifier: MIT */
/** Guests, and the threads that run in them. */
#include <stdio.h>

#include "cpu/guests.h"
#include "libsienna/inspect.h"
#include "sie/state_descriptor.h"
#include "sienna_debug.h"

static void describe_guest(const struct guest *g, struct sienna_guest *out)
{
    *out = (struct sienna_guest){.number = g->number, .level = g->level, .parent = g->parent, .cpus = g->cpus,
                                 .control_area = g->sca, .origin = g->origin, .limit = g->limit,
                                 .entered = g->entered};
    if (g->sca)
        snprintf(out->name, sizeof out->name, "level %u, SCA %016llx", g->level, (unsigned long long)g->sca);
    else
        snprintf(out->name, sizeof out->name, "level %u, ASCE %016llx", g->level,
                 (unsigned long long)g->host_asce);
}

/* The guest with the smallest number above `above`, or NULL. */
static const struct guest *next_guest(const struct guests *all, unsigned above)
{
    const struct guest *next = NULL;

    for (unsigned i = 0; all && i < GUESTS_MOST; i++)
        if (all->guest[i].number > above && (!next || all->guest[i].number < next->number))
            next = &all->guest[i];
    return next;
}

bool sienna_guest(const struct sienna *s, unsigned index, struct sienna_guest *out)
{
    const struct guest *g = NULL;

    s->machine.cpus->keep_guest_registers = true;
    if (!index) {
        *out = (struct sienna_guest){.level = 1, .cpus = s->machine.cpus->count,
                                     .limit = s->machine.storage->size - 1, .entered = s->machine.now,
                                     .name = "level 1"};
        return true;
    }
    for (unsigned above = 0; index--; above = g->number) {
        g = next_guest(s->machine.cpus->guests, above);
        if (!g)
            return false;
    }
    describe_guest(g, out);
    return true;
}

/* A CPU of the machine: as the host, while it interprets a guest. */
static void describe_cpu(const struct sienna *s, const struct cpu *cpu, struct sienna_thread_info *out)
{
    const struct host_state *host = cpu->interpreting ? &cpu->interpreting->host : NULL;

    sienna_cpu(s, cpu->address, &out->cpu);
    out->machine_cpu = cpu->address;
    out->registers = out->alterable = true;
    if (!host)
        return;
    out->cpu.interpreting = false;
    out->cpu.waiting = false;
    out->cpu.psw_mask = (host->psw_mask & ~PSW_CC) | (uint64_t)host->cc << PSW_CC_SHIFT;
    out->cpu.psw_address = host->ia;
    out->cpu.addressing_mode = host->psw_mask & PSW_EA ? 64 : host->psw_mask & PSW_BA ? 31 : 24;
    out->cpu.prefix = host->prefix;
}

static void describe_virtual_cpu(const struct sienna *s, const struct virtual_cpu *v,
                                 struct sienna_thread_info *out)
{
    const uint8_t *sd = storage_at(s->machine.storage, absolute(v->description));
    uint64_t mask = get_be64(sd + SD_PSW);

    out->description = v->description;
    if (v->machine_cpu != NO_MACHINE_CPU) {
        sienna_cpu(s, v->machine_cpu, &out->cpu);
        out->machine_cpu = (int)v->machine_cpu;
        out->registers = out->alterable = true;
    } else {
        out->machine_cpu = -1;
        out->registers = v->has_registers;
        out->cpu.psw_mask = mask;
        out->cpu.psw_address = get_be64(sd + SD_PSW + 8);
        out->cpu.addressing_mode = mask & PSW_EA ? 64 : mask & PSW_BA ? 31 : 24;
        out->cpu.prefix = get_be32(sd + SD_PREFIX) & 0x7fffe000;
    }
    out->cpu.configured = true;
    out->cpu.interpreting = true;
    out->cpu.state = get_be32(sd + SD_CPUSTAT) & CPUSTAT_STOPPED ? SIENNA_CPU_STOPPED : SIENNA_CPU_OPERATING;
    out->cpu.waiting = out->cpu.state == SIENNA_CPU_OPERATING && (out->cpu.psw_mask & PSW_WAIT);
}

bool sienna_thread(const struct sienna *s, struct sienna_thread thread, struct sienna_thread_info *out)
{
    const struct virtual_cpu *v;
    const struct cpu *cpu;

    *out = (struct sienna_thread_info){.machine_cpu = -1};
    s->machine.cpus->keep_guest_registers = true;
    if (!thread.guest) {
        cpu = cpu_numbered(s, thread.cpu);
        if (cpu)
            describe_cpu(s, cpu, out);
        return cpu;
    }
    v = guests_find(s->machine.cpus, thread.guest, thread.cpu);
    if (v)
        describe_virtual_cpu(s, v, out);
    return v;
}
