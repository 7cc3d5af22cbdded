/* SPDX-License-Identifier: MIT */
#include "libsienna/machine_state.h"

#include <stdlib.h>

#include "channel/channel.h"
#include "channel/sclp.h"
#include "channel/virtio_9p.h"
#include "channel/virtio_blk.h"
#include "cpu/diagnose.h"

/* ---- What must be the same where a state is restored ---- */

static void same(struct state_walk *walk, const char *name, const void *value, size_t bytes, const char *refusal)
{
    uint8_t copy[512] = {0};

    memcpy(copy, value, bytes);
    state_bytes(walk, name, copy, bytes);
    state_check(walk, !memcmp(copy, value, bytes), refusal);
}

static void same_number(struct state_walk *walk, const char *name, uint64_t value, const char *refusal)
{
    uint8_t bytes[8];

    put_be64(bytes, value);
    same(walk, name, bytes, sizeof bytes, refusal);
}

static void same_facilities(struct state_walk *walk, const struct facility_list *list)
{
    uint8_t bytes[FACILITY_LIMIT / 8];

    for (unsigned i = 0; i < FACILITY_LIMIT / 64; i++)
        put_be64(bytes + 8 * i, list->d[i]);
    same(walk, "facilities", bytes, sizeof bytes, "the CPU models have different facilities");
}

static void configuration(struct machine *m, struct state_walk *walk)
{
    const struct machine_identity *id = &m->identity;

    state_group(walk, "configuration", 0);
    same_number(walk, "storage", m->storage->size, "the machines differ in the size of storage");
    same_number(walk, "standby", sclp_features(m)->standby_bytes, "the machines differ in standby storage");
    same_number(walk, "cpus", m->cpus->count, "the machines differ in the number of CPUs");
    same_number(walk, "cycle", m->cpus->cpu[0]->cycle, "the machines have different clock scales");
    same_number(walk, "type", id->type, "the CPU models are different machine types");
    same_facilities(walk, &m->cpus->facilities);
    same_number(walk, "sie", m->cpus->sie != NULL, "one of the CPU models has no SIE");
    same_number(walk, "blocking", m->cpus->own_ibc, "the CPU models block different instructions");
    same_number(walk, "key_facility", m->cpus->storage_key_facility, "one CPU model has no storage keys for guests");
    same_number(walk, "guest_adapters", m->guest_adapters.available, "one CPU model has no guest adapters");
    same_number(walk, "serial", id->serial, "the machines have different serial numbers");
    same(walk, "guest_name", id->guest_name, sizeof id->guest_name, "the machines have different names");
    same(walk, "guest_control_program", id->guest_control_program, sizeof id->guest_control_program,
         "the machines have different hosts");
    same(walk, "guest_extended_name", id->guest_extended_name, sizeof id->guest_extended_name,
         "the machines have different extended names");
    same(walk, "guest_uuid", id->guest_uuid, sizeof id->guest_uuid, "the machines have different UUIDs");
}

/* ---- Events ---- */

static const struct event_class *const classes[] = {
    &channel_function_event, &channel_ending_event, &virtio_blk_completion, &virtio_9p_completion,
    &sclp_completion_event, &diagnose_watchdog_event,
};
enum { CLASSES = sizeof classes / sizeof classes[0], MOST_EVENTS = 1 << 20, LEAST_EVENT_BYTES = 40 };

static uint8_t class_number(const struct event_class *class)
{
    uint8_t i = 0;

    while (i < CLASSES && classes[i] != class)
        i++;
    return i;
}

/* Events name their class; a restored one must be known, and the watchdog's subject is a CPU. */
static void event_state(struct machine *m, struct event *e, struct state_walk *walk)
{
    char name[64] = "";
    unsigned i = 0;

    if (e->class && class_number(e->class) < CLASSES)
        strcpy(name, e->class->name);
    state_text(walk, "class", name, sizeof name);
    STATE(walk, e, subject);
    STATE(walk, e, time);
    STATE(walk, e, argument);
    if (!walk->restoring)
        return;
    while (i < CLASSES && strcmp(classes[i]->name, name))
        i++;
    state_check(walk, i < CLASSES, "there is no such event");
    e->class = classes[i < CLASSES ? i : 0];
    state_check(walk, e->class != &diagnose_watchdog_event || e->subject < m->cpus->count, "there is no such CPU");
}

const char *machine_state_gap(const struct sienna *s)
{
    const struct event_queue *q = &s->machine.events;

    for (unsigned i = 0; i < q->count; i++)
        if (class_number(q->pending[i].class) == CLASSES)
            return q->pending[i].class->name;
    return NULL;
}

/* The latest first, as they are in the queue: order says which of two at the same time comes first. */
static void events_state(struct machine *m, struct state_walk *walk)
{
    struct event_queue *q = &m->events;
    uint32_t count = q->count;

    state_group(walk, "events", 0);
    state_count(walk, "count", &count, MOST_EVENTS, LEAST_EVENT_BYTES);
    if (walk->restoring) {
        event_queue_release(q);
        q->pending = machine_allocate(count * sizeof *q->pending);
        q->count = q->room = count;
        q->sequence = count;
    }
    for (uint32_t i = 0; i < count; i++) {
        event_state(m, &q->pending[i], walk);
        if (!walk->restoring)
            continue;
        q->pending[i].sequence = count - 1 - i;
        state_check(walk, i == 0 || q->pending[i].time <= q->pending[i - 1].time, "they are out of order");
        if (walk->refusal && !q->pending[i].class) {
            q->count = i; /* the rest was not read */
            return;
        }
    }
}

/* ---- The rest ---- */

static void loading_state(struct machine *m, struct state_walk *walk)
{
    struct configuration_service *c = &m->configuration;
    uint8_t request = (uint8_t)c->load_request;
    uint32_t cpu = c->load_cpu;

    STATE(walk, c, ipl_block_valid);
    state_bytes(walk, "ipl_block", c->ipl_block, sizeof c->ipl_block);
    state_check(walk, get_be32(c->ipl_block) <= sizeof c->ipl_block, "its IPL parameter block is too long");
    STATE(walk, c, control_program_code);
    state_u8(walk, "load_request", &request);
    state_u32(walk, "load_cpu", &cpu);
    state_check(walk, request <= LOAD_WATCHDOG && cpu < m->cpus->count, "there is no such load");
    if (walk->restoring && !walk->refusal) {
        c->load_request = (enum load_request)request;
        c->load_cpu = cpu;
    }
}

static void common_state(struct machine *m, struct state_walk *walk)
{
    const uint32_t floating = 2 * FLOATING_EXTERNAL_DAMAGE - 1;

    state_group(walk, "machine", 0);
    STATE(walk, m, now);
    state_check(walk, m->now < UINT64_MAX / 2, "its time cannot be");
    STATE(walk, m, tod_base);
    STATE(walk, m, tod_epoch);
    STATE(walk, m, tod_offset);
    STATE(walk, m, tod_user_offset);
    state_bool(walk, "vertical", &m->topology.vertical);
    state_bool(walk, "topology_changed", &m->topology.changed);
    state_u32(walk, "floating", &m->floating.pending);
    state_check(walk, !(m->floating.pending & ~floating), "there are no such floating interruptions");
    state_u8(walk, "floating_iscs", &m->floating.io_iscs);
    state_u32(walk, "service_parameter", &m->floating.service_parameter);
    loading_state(m, walk);
}

/* Networks up to the last one with a device. */
static unsigned least_networks(const struct sienna *s)
{
    unsigned least = 0;

    for (const struct plugged *p = s->plugged; p; p = p->next)
        if (!strcmp(p->text, "virtio-net") && p->port >= least)
            least = p->port + 1;
    return least;
}

/* How many inputs' ports are taken, and how the machine ended: the latter may be the user's doing. */
static void composer_state(struct sienna *s, struct state_walk *walk)
{
    uint8_t end = (uint8_t)s->machine.end;
    uint32_t networks = s->network_count;

    state_group(walk, "composer", 0);
    state_u32(walk, "networks", &networks);
    state_check(walk, networks <= NETWORKS && networks >= least_networks(s), "it has no such number of networks");
    if (walk->restoring && !walk->refusal)
        networks_keep(s, networks);
    state_u32(walk, "shares", &s->share_count);
    state_u32(walk, "random_sources", &s->rng_count);
    state_u32(walk, "disks", &s->disk_count);
    state_u8(walk, "end", &end);
    state_check(walk, end <= MACHINE_RECORDING_ENDED, "there is no such end");
    if (walk->restoring && end <= MACHINE_RECORDING_ENDED)
        s->machine.end = (enum machine_end)end;
    state_text(walk, "detail", s->end_detail, sizeof s->end_detail);
    STATE(walk, s, first_load);
    STATE(walk, s, operator_stopped);
}

static void consoles_state(struct sienna *s, struct state_walk *walk)
{
    for (unsigned i = 0; i < SIENNA_CONSOLE_KINDS; i++) {
        struct console closed = {.number = i}, *console = s->consoles[i].open ? &s->consoles[i].console : &closed;

        state_group(walk, "console", i);
        console_state(console, walk);
        free(closed.typed);
    }
}

void machine_state(struct sienna *s, struct state_walk *walk)
{
    struct machine *m = &s->machine;

    if (walk->complete)
        configuration(m, walk);
    common_state(m, walk);
    cpus_state(m->cpus, walk);
    channel_state(m, walk);
    sclp_state(m, walk);
    consoles_state(s, walk);
    events_state(m, walk);
    if (walk->complete)
        composer_state(s, walk);
}

void machine_restored(struct sienna *s)
{
    channel_restored(&s->machine);
    cpus_restored(s->machine.cpus);
}
