/* SPDX-License-Identifier: MIT */
#include "cpu/stops.h"

#include <stdlib.h>

#include "cpu/block.h"
#include "cpu/cpus.h"
#include "cpu/guests.h"

struct stops *stops_create(void)
{
    struct stops *stops = machine_allocate(sizeof *stops);

    stops->last = &stops->first;
    return stops;
}

void stops_release(struct stops *stops)
{
    while (stops->first) {
        struct stop *s = stops->first;

        stops->first = s->next;
        free(s);
    }
    free(stops);
}

static struct stop **offset_chain(struct stops *stops, const struct stop *s)
{
    return &stops->at_offset[(s->address & (PAGE_BYTES - 1)) / 2];
}

/* Chains are in the order of ids: the first that was added is the one that is told. */
static void bind(struct cpus *cpus, struct stop *s)
{
    struct stop **at = offset_chain(cpus->stops, s);

    if (!*at)
        code_cache_drop_offset(cpus, s->address & (PAGE_BYTES - 1));
    while (*at)
        at = &(*at)->same_offset;
    *at = s;
}

static void unbind(struct cpus *cpus, struct stop *s)
{
    struct stop **chain = offset_chain(cpus->stops, s), **at = chain;

    while (*at != s)
        at = &(*at)->same_offset;
    *at = s->same_offset;
    if (!*chain)
        code_cache_drop_offset(cpus, s->address & (PAGE_BYTES - 1));
}

unsigned stops_add(struct cpus *cpus, const struct stop *where)
{
    struct stops *stops = cpus->stops;
    struct stop *s = machine_allocate(sizeof *s);

    *s = *where;
    s->next = s->same_offset = NULL;
    s->id = ++stops->last_id;
    *stops->last = s;
    stops->last = &s->next;
    stops->count[s->kind]++;
    stops_observe(cpus);
    if (s->kind == STOP_INSTRUCTION)
        bind(cpus, s);
    stops_watch(cpus, s, NULL);
    return s->id;
}

bool stops_remove(struct cpus *cpus, unsigned id)
{
    struct stops *stops = cpus->stops;
    struct stop **at = &stops->first, *s;

    while (*at && (*at)->id != id)
        at = &(*at)->next;
    s = *at;
    if (!s)
        return false;
    *at = s->next;
    if (!s->next)
        stops->last = at;
    stops->count[s->kind]--;
    stops_observe(cpus);
    if (s->kind == STOP_INSTRUCTION)
        unbind(cpus, s);
    stops_watch(cpus, NULL, s);
    free(s);
    return true;
}

void stops_thread(const struct cpu *cpu, unsigned *guest, unsigned *number)
{
    const struct virtual_cpu *v = guests_interpreted(cpu);

    *guest = v ? v->guest_number : 0;
    *number = v ? v->number : cpu->address;
}

void stops_note_standing(const struct cpu *cpu)
{
    struct stops *stops = cpu->all->stops;

    stops->standing.cpu = cpu;
    stops->standing.executed = cpu_executed(cpu);
    stops->standing.ia = cpu->ia;
}

void stops_reach_position(const struct cpu *cpu)
{
    struct stop_reason *reason = &cpu->all->stops->reason;

    *reason = (struct stop_reason){.cause = STOP_CAUSE_POSITION};
    stops_thread(cpu, &reason->guest, &reason->cpu);
}

bool stops_concern(const struct stop *s, const struct stop_reason *reason)
{
    return (s->guest == STOP_ANY || s->guest == reason->guest) && (s->cpu == STOP_ANY || s->cpu == reason->cpu);
}

bool stops_meet(struct cpus *cpus, const struct stop *s, struct stop_reason *reason)
{
    struct stops *stops = cpus->stops;

    reason->cause = STOP_CAUSE_STOP;
    reason->id = s->id;
    if (stops->wanted && !stops->wanted(stops->wanted_context, reason))
        return false;
    if (stops->reason.cause == STOP_CAUSE_NONE || stops->reason.id > s->id)
        stops->reason = *reason;
    cpus_stop(cpus);
    return true;
}

/* Was the CPU seen to stand before the instruction that it comes to now? */
static bool stands(const struct cpu *cpu, uint64_t ia)
{
    const struct stops *stops = cpu->all->stops;

    return stops->standing.cpu == cpu && stops->standing.ia == ia && stops->standing.executed == cpu_executed(cpu);
}

bool stops_before(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    const struct stops *stops = cpu->all->stops;
    struct machine *m = cpu->machine;
    uint64_t ia = insn_ia(cpu, insn), now = m->now;
    struct stop_reason reason = {.kind = STOP_INSTRUCTION, .address = ia};
    bool stop = false;

    /* Whoever is asked sees the moment before the instruction. */
    m->now = cpu->time_limit - (uint64_t)budget * cpu->cycle;
    cpu->ia = ia;
    stops_thread(cpu, &reason.guest, &reason.cpu);
    for (const struct stop *s = stops->at_offset[insn->offset / 2]; s && !stop; s = s->same_offset)
        stop = s->address == ia && stops_concern(s, &reason) && !stands(cpu, ia) &&
               stops_meet(cpu->all, s, &reason);
    m->now = now;
    return stop;
}
