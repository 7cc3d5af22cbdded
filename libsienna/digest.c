/* SPDX-License-Identifier: MIT */
/** A digest of the whole machine's canonical state. */
#include "channel/channel.h"
#include "channel/sclp.h"
#include "libsienna/internal.h"
#include "machine/state.h"

static void events_state(struct machine *m, struct state_walk *walk)
{
    for (unsigned i = 0; i < m->events.count; i++) {
        struct event *e = &m->events.pending[i];

        state_group(walk, e->class->name, e->subject);
        STATE(walk, e, time);
        STATE(walk, e, argument);
    }
}

static void machine_state(struct machine *m, struct state_walk *walk)
{
    state_group(walk, "machine", 0);
    STATE(walk, m, now);
    STATE(walk, m, tod_base);
    STATE(walk, m, tod_epoch);
    STATE(walk, m, tod_offset);
    STATE(walk, m, tod_user_offset);
    state_bool(walk, "vertical", &m->topology.vertical);
    state_bool(walk, "topology_changed", &m->topology.changed);
    state_u32(walk, "floating", &m->floating.pending);
    state_u8(walk, "floating_iscs", &m->floating.io_iscs);
    state_u32(walk, "service_parameter", &m->floating.service_parameter);
    state_bool(walk, "ipl_block_valid", &m->configuration.ipl_block_valid);
    state_bytes(walk, "ipl_block", m->configuration.ipl_block, sizeof m->configuration.ipl_block);
    state_u64(walk, "control_program_code", &m->configuration.control_program_code);
}

uint64_t sienna_digest(struct sienna *s)
{
    struct state_digest digest;

    state_digest_begin(&digest);
    machine_state(&s->machine, &digest.walk);
    events_state(&s->machine, &digest.walk);
    cpus_state(s->machine.cpus, &digest.walk);
    storage_state(s->machine.storage, &digest.walk);
    channel_state(&s->machine, &digest.walk);
    sclp_state(&s->machine, &digest.walk);
    for (unsigned i = 0; i < SIENNA_CONSOLE_KINDS; i++)
        if (s->consoles[i].open)
            console_state(&s->consoles[i].console, &digest.walk);
    return digest.digest;
}
