/* SPDX-License-Identifier: MIT */
/** The canonical state of the CPUs: what a saved state holds and a digest covers. */
#include "cpu/cpus.h"
#include "cpu/float.h"
#include "cpu/guests.h"
#include "cpu/stops.h"
#include "machine/state.h"

/* What no instruction could have left there. */
static void check_registers(const struct cpu *cpu, struct state_walk *walk)
{
    const uint32_t unassigned = 0x03030088;
    unsigned rounding = cpu->fpc & FPC_BFP_ROUNDING;

    state_check(walk, cpu->cc <= 3, "there is no such condition code");
    state_check(walk, !(cpu->fpc & unassigned) && (rounding <= 3 || rounding == 7),
                "its floating-point-control register has no such rounding mode");
    state_check(walk, cpu->prefix <= 0x7fffe000 && !(cpu->prefix & 0x1fff), "its prefix cannot be");
}

static void registers(struct cpu *cpu, struct state_walk *walk)
{
    for (unsigned i = 0; i < 16; i++) {
        state_u64(walk, "gr", &cpu->gr[i].d);
        state_u64(walk, "cr", &cpu->cr[i]);
        state_u32(walk, "ar", &cpu->ar[i]);
    }
    for (unsigned i = 0; i < 32; i++) {
        state_u64(walk, "vr_left", &cpu->vr[i].d[0]);
        state_u64(walk, "vr_right", &cpu->vr[i].d[1]);
    }
    STATE(walk, cpu, psw_mask);
    STATE(walk, cpu, cc);
    STATE(walk, cpu, ia);
    STATE(walk, cpu, fpc);
    STATE(walk, cpu, todpr);
    STATE(walk, cpu, prefix);
    STATE(walk, cpu, breaking_event);
    STATE(walk, cpu, clock_comparator);
    STATE(walk, cpu, cpu_timer_end);
    STATE(walk, cpu, program_parameter);
    STATE(walk, cpu, page_reference_token);
    check_registers(cpu, walk);
}

/* What the state description said at entry: it may have been changed since. */
static void controls(struct interpretation *in, struct state_walk *walk)
{
    struct interception_profile *p = &in->profile;
    struct guest_controls *c = &in->controls;
    struct storage_view *v = &in->guest_view;

    STATE(walk, p, ictl);
    STATE(walk, p, assists);
    STATE(walk, p, lctl);
    state_bytes(walk, "svcc", p->svcc, sizeof p->svcc);
    STATE(walk, c, eca);
    STATE(walk, c, ecd);
    STATE(walk, c, ecb);
    STATE(walk, c, ecb2);
    STATE(walk, c, ecb3);
    STATE(walk, c, edat1);
    STATE(walk, c, edat2);
    STATE(walk, c, guest_per);
    STATE(walk, c, epoch_index);
    STATE(walk, c, epoch);
    state_u64(walk, "facilities", &c->facilities.v);
    state_u64(walk, "sca", &c->sca.v);
    STATE(walk, c, has_sca);
    STATE(walk, c, extended_sca);
    state_u64(walk, "gisa", &c->gisa.v);
    STATE(walk, c, has_gisa);
    STATE(walk, v, host_asce);
    STATE(walk, v, host_controls);
    STATE(walk, v, origin);
    STATE(walk, v, limit);
}

/* Which of the machine's facility lists the guest has: 0 the machine's own, else a blocked one. */
static void facilities(struct cpu *cpu, struct state_walk *walk)
{
    struct cpus *all = cpu->all;
    uint8_t blocked = cpu->facilities == &all->facilities ? 0 : (uint8_t)(1 + (cpu->facilities - all->blocked));

    state_u8(walk, "blocked", &blocked);
    state_check(walk, blocked <= 16 && (!blocked || all->own_ibc), "there is no such list of facilities");
    if (walk->restoring)
        cpu->facilities = blocked && blocked <= 16 ? &all->blocked[blocked - 1] : &all->facilities;
}

/* A restored CPU gets what its guest is interpreted with, or stops interpreting one. */
static void set_level(struct cpu *cpu, bool interpreting)
{
    cpu->facilities = &cpu->all->facilities;
    cpu->interpreting = NULL;
    if (!interpreting)
        return;
    if (!cpu->interpretation)
        cpu->interpretation = machine_allocate(sizeof *cpu->interpretation);
    memset(&cpu->interpretation->profile, 0, sizeof cpu->interpretation->profile);
    cpu->interpreting = cpu->interpretation;
}

/* The parts of views that follow from others, and whether all that is pointed to is there. */
static void check_level(struct cpu *cpu, struct state_walk *walk)
{
    struct interpretation *in = cpu->interpretation;

    if (!walk->restoring)
        return;
    in->host_view = (struct storage_view){.storage = cpu->storage, .prefix = in->host.prefix};
    in->guest_view.storage = cpu->storage;
    in->guest_view.host = &in->host_view;
    state_check(walk, in->host.cc <= 3 && in->host.prefix <= 0x7fffe000 && !(in->host.prefix & 0x1fff) &&
                      storage_valid(cpu->storage, absolute(in->host.prefix), 2 * PAGE_BYTES),
                "its host's prefix cannot be");
    state_check(walk, in->host.length == 4 || in->host.length == 6, "SIE has no such length");
    state_check(walk, cpu->all->sie && cpu->all->sie->possible(cpu), "its guest cannot be interpreted");
}

/* The host's side while a guest is interpreted. */
static void level(struct cpu *cpu, struct state_walk *walk)
{
    bool interpreting = cpu->interpreting != NULL;
    struct host_state *h;

    state_bool(walk, "interpreting", &interpreting);
    if (walk->restoring)
        set_level(cpu, interpreting);
    state_check(walk, interpreting || storage_valid(cpu->storage, absolute(cpu->prefix), 2 * PAGE_BYTES),
                "its prefix lies outside storage");
    if (!interpreting)
        return;
    h = &cpu->interpretation->host;
    state_u64(walk, "state_description", &cpu->interpretation->descriptor.v);
    for (unsigned i = 0; i < 16; i++)
        state_u64(walk, "host_cr", &h->cr[i]);
    STATE(walk, h, psw_mask);
    STATE(walk, h, ia);
    STATE(walk, h, length);
    STATE(walk, h, cc);
    STATE(walk, h, gr14);
    STATE(walk, h, gr15);
    STATE(walk, h, prefix);
    STATE(walk, h, todpr);
    STATE(walk, h, breaking_event);
    STATE(walk, h, program_parameter);
    STATE(walk, h, clock_comparator);
    STATE(walk, h, cpu_timer_end);
    controls(cpu->interpretation, walk);
    facilities(cpu, walk);
    check_level(cpu, walk);
}

/* A PER event that is taken before the next instruction, after the interruption of the SVC that caused it. */
static void per(struct cpu *cpu, struct state_walk *walk)
{
    STATE(walk, cpu, per_pending_ilc);
    STATE(walk, cpu, per_code);
    if (!cpu->per_pending_ilc && !cpu->per_code)
        return;
    STATE(walk, cpu, per_atmid);
    STATE(walk, cpu, per_address);
    STATE(walk, cpu, per_access_id);
}

static void conditions(struct cpu *cpu, struct state_walk *walk)
{
    const uint32_t timers = PENDING_CLOCK_COMPARATOR | PENDING_CPU_TIMER;
    uint8_t state = (uint8_t)cpu->state;
    /* Timer conditions follow from the time. */
    uint32_t pending = cpu->pending & ~timers, loop = cpu->program_loop;

    state_u8(walk, "state", &state);
    state_check(walk, state <= CPU_LOAD, "there is no such CPU state");
    STATE(walk, cpu, configured);
    state_u32(walk, "pending", &pending);
    state_check(walk, !(pending & (timers | ~(2u * PENDING_INTERRUPT_KEY - 1))), "there are no such conditions");
    STATE(walk, cpu, emergency_signals);
    STATE(walk, cpu, malfunction_alerts);
    STATE(walk, cpu, external_call_source);
    STATE(walk, cpu, early_specification);
    STATE(walk, cpu, forced_exit);
    STATE(walk, cpu, early_ilc);
    STATE(walk, cpu, executed);
    state_u32(walk, "program_loop", &loop);
    per(cpu, walk);
    if (!walk->restoring)
        return;
    cpu->state = state <= CPU_LOAD ? (enum cpu_state)state : CPU_STOPPED;
    cpu->pending = pending;
    cpu->program_loop = loop;
}

/* A round of slices that was suspended between two instructions. */
static void round_state(struct cpus *cpus, struct state_walk *walk)
{
    struct round *r = &cpus->round;
    struct machine *m = cpus->machine;
    const uint64_t longest = (uint64_t)LONGEST_SLICE * cpus->cpu[0]->cycle;
    uint32_t next = cpus->next, first = r->first, done = r->done;

    state_u32(walk, "next", &next);
    state_check(walk, next <= cpus->count, "there is no such CPU to run next");
    STATE(walk, cpus, executed);
    STATE(walk, r, open);
    cpus->next = next;
    if (!r->open) {
        r->in_slice = false;
        return;
    }
    STATE(walk, r, in_slice);
    STATE(walk, r, start);
    STATE(walk, r, until);
    STATE(walk, r, latest);
    state_u32(walk, "first", &first);
    state_u32(walk, "done", &done);
    state_check(walk, first < cpus->count && done <= cpus->count - r->in_slice, "its round has no such CPU");
    state_check(walk, r->start <= r->until && r->until - r->start <= longest && r->latest >= r->start &&
                      r->latest - r->start <= 2 * longest, "its slices cannot be");
    r->first = first;
    r->done = done;
    if (!r->in_slice)
        return;
    state_u64(walk, "slice_end", &m->slice_end);
    state_check(walk, r->start <= m->now && m->now <= m->slice_end && m->slice_end <= r->until,
                "its slice cannot be");
}

void cpus_state(struct cpus *cpus, struct state_walk *walk)
{
    for (unsigned i = 0; i < cpus->count; i++) {
        state_group(walk, "cpu", i);
        registers(cpus->cpu[i], walk);
        level(cpus->cpu[i], walk);
        conditions(cpus->cpu[i], walk);
    }
    state_group(walk, "cpus", 0);
    STATE(walk, cpus, last_clock);
    seeded_state(&cpus->seeded, cpus->count, walk);
    round_state(cpus, walk);
}

/* Who the guests are is no state: known ones keep their numbers. */
static void set_guests(struct cpus *cpus)
{
    for (unsigned i = 0; cpus->guests && i < VIRTUAL_CPUS_MOST; i++)
        cpus->guests->cpu[i].machine_cpu = NO_MACHINE_CPU;
    for (unsigned i = 0; i < cpus->count; i++) {
        struct cpu *cpu = cpus->cpu[i];

        if (!cpu->interpreting)
            continue;
        cpu->interpreting->virtual_cpu = NULL;
        cpus->sie->remember(cpu);
    }
}

void cpus_restored(struct cpus *cpus)
{
    cpus->machine->running_leave = NULL;
    cpus->running = NULL;
    cpus->stopping = 0;
    cpus->stops->standing.cpu = NULL;
    for (unsigned i = 0; i < cpus->count; i++) {
        struct cpu *cpu = cpus->cpu[i];

        cpu->leave = LEAVE_MODE;
        cpu->next_ia = cpu->ia;
        cpu->insn = NULL;
        cpu->fault = (struct fault){0};
        cpu->context = NULL;
        tlb_purge_all(cpu);
    }
    set_guests(cpus);
}
