/* SPDX-License-Identifier: MIT */
/**
 * Which guest a state description belongs to: those with one system control area are one guest's; without one,
 * those whose host has the same primary space and that begin at the same place in it.
 */
#include "cpu/guests.h"

#include <stdlib.h>

#include "sie/internal.h"
#include "sie/sie.h"

static unsigned slot_of(uint64_t description)
{
    return (unsigned)((description >> 9) * 0x9e3779b97f4a7c15ULL >> 54);
}

static bool same_guest(const struct guest *g, const struct interpretation *in)
{
    if (in->controls.has_sca)
        return g->sca == in->controls.sca.v;
    return !g->sca && g->host_asce == in->guest_view.host_asce && g->origin == in->guest_view.origin;
}

/* A host that needs more room replaces a basic system control area by an extended one. */
static bool takes_extended_sca(const struct guest *g, const struct interpretation *in)
{
    return g->sca && !g->extended_sca && in->controls.has_sca && in->controls.extended_sca;
}

static bool fits(const struct virtual_cpu *v, const struct cpu *cpu)
{
    return v->guest && v->description == cpu->interpretation->descriptor.v &&
           v->guest->level == sie_level(cpu) && same_guest(v->guest, cpu->interpretation);
}

static void forget_cpu(struct virtual_cpu *v)
{
    v->guest = NULL;
    v->has_registers = false;
}

static void forget_guest(struct guests *all, struct guest *g)
{
    for (unsigned i = 0; i < VIRTUAL_CPUS_MOST; i++)
        if (all->cpu[i].guest == g)
            forget_cpu(&all->cpu[i]);
    g->number = 0;
}

static bool interpreted(const struct guests *all, const struct guest *g)
{
    for (unsigned i = 0; i < VIRTUAL_CPUS_MOST; i++)
        if (all->cpu[i].guest == g && all->cpu[i].machine_cpu != NO_MACHINE_CPU)
            return true;
    return false;
}

/* A free place for a guest; with as many as CPUs can interpret at a time there is always one not interpreted. */
static struct guest *free_guest(struct guests *all)
{
    struct guest *oldest = NULL;

    for (struct guest *g = all->guest; g < all->guest + GUESTS_MOST; g++) {
        if (!g->number)
            return g;
        if ((!oldest || g->order < oldest->order) && !interpreted(all, g))
            oldest = g;
    }
    if (oldest)
        forget_guest(all, oldest);
    return oldest;
}

static struct guest *find_guest(struct cpu *cpu)
{
    struct guests *all = cpu->all->guests;
    const struct interpretation *in = cpu->interpretation;
    unsigned level = sie_level(cpu);
    struct guest *g;

    for (g = all->guest; g < all->guest + GUESTS_MOST; g++)
        if (g->number && g->level == level && same_guest(g, in))
            return g;
    g = free_guest(all);
    if (!g)
        return NULL;
    *g = (struct guest){.number = ++all->last_number, .level = level,
                        .parent = level == 3 ? all->issuer[cpu->address] : 0,
                        .sca = in->controls.has_sca ? in->controls.sca.v : 0,
                        .extended_sca = in->controls.extended_sca};
    return g;
}

static struct virtual_cpu *free_cpu(struct guests *all)
{
    struct virtual_cpu *oldest = NULL;

    for (struct virtual_cpu *v = all->cpu; v < all->cpu + VIRTUAL_CPUS_MOST; v++) {
        if (!v->guest)
            return v;
        if (v->machine_cpu == NO_MACHINE_CPU && (!oldest || v->order < oldest->order))
            oldest = v;
    }
    forget_cpu(oldest);
    return oldest;
}

/* The description is new, or belongs to another guest than before. */
static struct virtual_cpu *register_cpu(struct cpu *cpu, struct virtual_cpu *known)
{
    struct guests *all = cpu->all->guests;
    const struct interpretation *in = cpu->interpretation;
    struct virtual_cpu *v = known;
    struct guest *g;

    if (known && known->guest->level == sie_level(cpu) && takes_extended_sca(known->guest, in)) {
        known->guest->sca = in->controls.sca.v;
        known->guest->extended_sca = true;
        return known;
    }
    if (known)
        forget_cpu(known);
    g = find_guest(cpu);
    if (!g)
        return NULL;
    if (!v)
        v = free_cpu(all);
    *v = (struct virtual_cpu){.guest = g, .guest_number = g->number, .number = g->cpus++,
                              .description = in->descriptor.v};
    all->slot[slot_of(v->description)] = (uint16_t)(1 + (v - all->cpu));
    return v;
}

static struct virtual_cpu *search(struct guests *all, uint64_t description)
{
    unsigned slot = slot_of(description);
    struct virtual_cpu *v = all->slot[slot] ? &all->cpu[all->slot[slot] - 1] : NULL;

    if (v && v->guest && v->description == description)
        return v;
    for (v = all->cpu; v < all->cpu + VIRTUAL_CPUS_MOST; v++)
        if (v->guest && v->description == description) {
            all->slot[slot] = (uint16_t)(1 + (v - all->cpu));
            return v;
        }
    return NULL;
}

void sie_remember(struct cpu *cpu)
{
    struct interpretation *in = cpu->interpretation;
    struct virtual_cpu *v = in->virtual_cpu;
    struct guests *all = cpu->all->guests;

    if (!all)
        all = cpu->all->guests = machine_allocate(sizeof *all);
    if (!v || !fits(v, cpu)) {
        v = search(all, in->descriptor.v);
        if (!v || !fits(v, cpu))
            v = register_cpu(cpu, v);
    }
    in->virtual_cpu = v;
    if (!v)
        return;
    v->machine_cpu = cpu->address;
    v->order = v->guest->order = ++all->entries;
    v->guest->entered = in->last.entered;
    v->guest->host_asce = in->guest_view.host_asce;
    v->guest->origin = in->guest_view.origin;
    v->guest->limit = in->guest_view.limit;
    v->host_view = in->host_view;
    v->guest_view = in->guest_view;
    v->guest_view.host = &v->host_view;
}

void sie_forget_interpreted(struct cpu *cpu)
{
    struct virtual_cpu *v = cpu->interpretation->virtual_cpu;
    struct guest_registers *r;

    if (!v)
        return;
    v->machine_cpu = NO_MACHINE_CPU;
    if (!cpu->all->keep_guest_registers)
        return;
    r = &v->registers;
    for (unsigned i = 0; i < 14; i++)
        r->gr[i] = gr64(cpu, i);
    memcpy(r->ar, cpu->ar, sizeof r->ar);
    memcpy(r->vr, cpu->vr, sizeof r->vr);
    r->fpc = cpu->fpc;
    v->has_registers = true;
}
