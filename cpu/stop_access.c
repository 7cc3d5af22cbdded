/* SPDX-License-Identifier: MIT */
/**
 * Watched storage. Blocks and pages with a watch have no TLB tags for operands, so that each access to them comes
 * through the slow half of cpu/access.c; what does not go through a CPU's TLB tells storage->watched.
 *
 * An access is noted when it is probed and told when the instruction has ended: nullified ones do not count.
 */
#include "cpu/cpus.h"
#include "cpu/stops.h"

static bool watches(const struct stop *s)
{
    return s->kind == STOP_FETCH || s->kind == STOP_STORE || s->kind == STOP_ACCESS;
}

static uint64_t page_bit(uint64_t address)
{
    return 1ULL << (address >> PAGE_SHIFT & 63);
}

bool stops_watch_page(const struct stops *stops, uint64_t page)
{
    if (!(stops->watched_pages & page_bit(page)))
        return false;
    for (const struct stop *s = stops->first; s; s = s->next)
        if (watches(s) && !s->absolute && page >= (s->address & PAGE_MASK) && page <= s->address + s->bytes - 1)
            return true;
    return false;
}

static void purge(struct cpus *cpus)
{
    for (unsigned i = 0; i < cpus->count; i++)
        tlb_purge_all(cpus->cpu[i]);
}

static void mark(struct cpus *cpus, const struct stop *s, bool on)
{
    uint8_t *frames = cpus->machine->storage->frames;

    for (uint64_t f = s->address >> PAGE_SHIFT; f <= (s->address + s->bytes - 1) >> PAGE_SHIFT; f++)
        frames[f] = (uint8_t)(on ? frames[f] | FRAME_WATCHED : frames[f] & ~FRAME_WATCHED);
}

void stops_watch(struct cpus *cpus, const struct stop *added, const struct stop *removed)
{
    struct stops *stops = cpus->stops;

    if ((added && !watches(added)) || (removed && !watches(removed)))
        return;
    if (removed && removed->absolute)
        mark(cpus, removed, false);
    stops->watched_pages = 0;
    for (const struct stop *s = stops->first; s; s = s->next) {
        if (!watches(s))
            continue;
        if (s->absolute)
            mark(cpus, s, true);
        else if (s->bytes > 32 * PAGE_BYTES)
            stops->watched_pages = UINT64_MAX;
        else
            for (uint64_t n = 0; n <= ((s->address & (PAGE_BYTES - 1)) + s->bytes - 1) >> PAGE_SHIFT; n++)
                stops->watched_pages |= page_bit(s->address + n * PAGE_BYTES);
    }
    if (added)
        purge(cpus);
}

static void note(struct cpus *cpus, const struct stop *s, const struct stop_reason *reason)
{
    struct stops *stops = cpus->stops;

    if (stops->accesses == STOP_ACCESSES)
        return;
    stops->access[stops->accesses] = *reason;
    stops->access[stops->accesses++].id = s->id;
    cpus->stopping |= STOPPING_ACCESS;
    if (cpus->running)
        cpus->running->leave |= LEAVE_STOP;
}

/* Does [at, at + bytes) meet the watch? Its first byte that does. */
static bool meets(const struct stop *s, uint64_t at, uint64_t bytes, uint64_t *first)
{
    *first = at > s->address ? at : s->address;
    return at <= s->address + s->bytes - 1 && at + bytes - 1 >= s->address;
}

static void access_by(struct cpus *cpus, const struct cpu *cpu, const uint64_t *logical, uint64_t at,
                      uint64_t bytes, bool store)
{
    struct stop_reason reason = {.store = store, .cpu = STOP_ANY};

    if (cpu)
        stops_thread(cpu, &reason.guest, &reason.cpu);
    for (const struct stop *s = cpus->stops->first; s; s = s->next) {
        if (!watches(s) || s->kind == (store ? STOP_FETCH : STOP_STORE) || !stops_concern(s, &reason) ||
            (!s->absolute && !logical))
            continue;
        reason.kind = s->kind;
        if (meets(s, s->absolute ? at : *logical, bytes, &reason.address))
            note(cpus, s, &reason);
    }
}

void stops_access(struct cpu *cpu, uint64_t logical, struct absolute at, uint64_t bytes, bool store)
{
    access_by(cpu->all, cpu, &logical, at.v, bytes, store);
}

void stops_storage_watched(struct machine *machine, struct absolute at, uint64_t bytes, bool store)
{
    /* Debuggers and loaders alter storage between runs. */
    if (machine->cpus->stops->running)
        access_by(machine->cpus, machine->cpus->running, NULL, at.v, bytes, store);
}

void stops_forget_accesses(struct cpu *cpu)
{
    cpu->all->stops->accesses = 0;
    cpu->all->stopping &= (uint8_t)~STOPPING_ACCESS;
}

void stops_complete(struct cpus *cpus)
{
    struct stops *stops = cpus->stops;
    unsigned count = stops->accesses;

    stops->accesses = 0;
    cpus->stopping &= (uint8_t)~STOPPING_ACCESS;
    for (unsigned i = 0; i < count; i++) {
        struct stop_reason reason = stops->access[i];
        struct stop *s = stops->first;

        while (s && s->id != reason.id)
            s = s->next;
        if (s && stops_meet(cpus, s, &reason) && !cpus->running)
            cpus->stopping |= STOPPING; /* the channel subsystem, between rounds */
    }
}
