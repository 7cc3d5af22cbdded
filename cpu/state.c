/* SPDX-License-Identifier: MIT */
/** The canonical state of the CPUs: what a saved state holds and a digest covers. */
#include "cpu/cpus.h"
#include "machine/state.h"

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
}

/* The host's side while a guest is interpreted; controls are read from the state description again. */
static void level(struct cpu *cpu, struct state_walk *walk)
{
    bool interpreting = cpu->interpreting != NULL;
    struct host_state *h;

    state_bool(walk, "interpreting", &interpreting);
    if (!interpreting)
        return;
    h = &cpu->interpretation->host;
    state_u64(walk, "state_description", &cpu->interpretation->descriptor.v);
    for (unsigned i = 0; i < 16; i++)
        state_u64(walk, "host_cr", &h->cr[i]);
    STATE(walk, h, psw_mask);
    STATE(walk, h, ia);
    STATE(walk, h, cc);
    STATE(walk, h, gr14);
    STATE(walk, h, gr15);
    STATE(walk, h, prefix);
    STATE(walk, h, todpr);
    STATE(walk, h, breaking_event);
    STATE(walk, h, program_parameter);
    STATE(walk, h, clock_comparator);
    STATE(walk, h, cpu_timer_end);
}

static void conditions(struct cpu *cpu, struct state_walk *walk)
{
    uint8_t state = (uint8_t)cpu->state;
    /* Timer conditions follow from the time. */
    uint32_t pending = cpu->pending & ~(uint32_t)(PENDING_CLOCK_COMPARATOR | PENDING_CPU_TIMER);

    state_u8(walk, "state", &state);
    cpu->state = (enum cpu_state)state;
    STATE(walk, cpu, configured);
    state_u32(walk, "pending", &pending);
    cpu->pending = pending;
    STATE(walk, cpu, emergency_signals);
    STATE(walk, cpu, malfunction_alerts);
    STATE(walk, cpu, external_call_source);
    STATE(walk, cpu, early_specification);
    STATE(walk, cpu, early_ilc);
    STATE(walk, cpu, page_reference_token);
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
    for (unsigned i = 0; i < cpus->count; i++)
        STATE(walk, cpus->cpu[i], cycle);
}
