/* SPDX-License-Identifier: MIT */
/**
 * Tracks: for each CPU of the machine one per level, on which runs under SIE (named by what ended them), SIGP and
 * I/O are, and one per level for interruptions, from their arrival to the LPSWE that ends their handler. Arrows lead
 * from SIGP to the external interruption that it causes, and from START SUBCHANNEL to the I/O interruption. Counters:
 * exits by cause, and instructions by level.
 */
#include "trace/perfetto.h"

#include <stdlib.h>

#include "trace/print.h"
#include "trace/problem.h"
#include "trace/protobuf.h"

/* Fields of Perfetto's messages, as its public documentation numbers them. */
enum {
    TRACE_PACKET = 1,
    PACKET_TIMESTAMP = 8, PACKET_SEQUENCE = 10, PACKET_EVENT = 11, PACKET_FLAGS = 13, PACKET_TRACK = 60,
    TRACK_UUID = 1, TRACK_NAME = 2, TRACK_PROCESS = 3, TRACK_PARENT = 5, TRACK_COUNTER = 8,
    PROCESS_PID = 1, PROCESS_NAME = 6,
    EVENT_ANNOTATION = 4, EVENT_TYPE = 9, EVENT_TRACK = 11, EVENT_CATEGORY = 22, EVENT_NAME = 23,
    EVENT_COUNTER = 30, EVENT_FLOW = 47, EVENT_LAST_FLOW = 48,
    ANNOTATION_NUMBER = 3, ANNOTATION_STRING = 6, ANNOTATION_NAME = 10,
};
enum event_type { SLICE_BEGIN = 1, SLICE_END = 2, INSTANT = 3, COUNTER = 4 };
enum { MACHINE_TRACK = 1, LEVELS = 4, CAUSES = 64, HANDLERS = 16, SUBCHANNELS = 64 };
/* Virtual time between two values of the counter of instructions: 100 µs. */
enum { SAMPLE = 409600 };

struct cpu_tracks {
    bool named[LEVELS][2];
    bool in_sie;
    uint64_t entered;
    unsigned handlers[LEVELS];   /* open slices of interruptions */
};
struct perfetto {
    FILE *out;
    struct cpu_tracks cpus[TRACE_CPUS];
    struct { char name[96]; uint64_t count; } causes[CAUSES];
    unsigned cause_count;
    uint64_t instructions[LEVELS], sampled[LEVELS];
    bool counted[LEVELS];
    /* Arrows under way: of SIGP by level and CPU, of I/O by subchannel. */
    uint64_t signals[LEVELS][TRACE_CPUS], last_flow;
    struct { uint32_t id; uint64_t flow; } io[SUBCHANNELS];
    uint64_t time;
    bool begun;
};

static uint64_t nanoseconds(uint64_t time) { return time / 4096 * 1000 + time % 4096 * 1000 / 4096; }

static void put_packet(struct perfetto *p, struct message *packet)
{
    struct message head = {.count = 0};

    field_number(packet, PACKET_SEQUENCE, 1);
    if (!p->begun)
        field_number(packet, PACKET_FLAGS, 1);
    p->begun = true;
    if (packet->full)
        return;
    message_varint(&head, TRACE_PACKET << 3 | 2);
    message_varint(&head, packet->count);
    fwrite(head.bytes, 1, head.count, p->out);
    fwrite(packet->bytes, 1, packet->count, p->out);
}

static void put_track(struct perfetto *p, uint64_t uuid, const char *name, bool counter)
{
    struct message packet = {.count = 0}, track = {.count = 0}, process = {.count = 0}, empty = {.count = 0};

    field_number(&track, TRACK_UUID, uuid);
    if (uuid == MACHINE_TRACK) {
        field_number(&process, PROCESS_PID, 1);
        field_string(&process, PROCESS_NAME, name);
        field_message(&track, TRACK_PROCESS, &process);
    } else {
        field_number(&track, TRACK_PARENT, MACHINE_TRACK);
        field_string(&track, TRACK_NAME, name);
    }
    if (counter)
        field_message(&track, TRACK_COUNTER, &empty);
    field_message(&packet, PACKET_TRACK, &track);
    put_packet(p, &packet);
}

/* The track of a CPU at a level, or that of its interruptions; named at its first use. */
static uint64_t track_of(struct perfetto *p, unsigned cpu, unsigned level, bool interruptions)
{
    uint64_t uuid = 0x1000 + cpu * 2 * LEVELS + level * 2 + interruptions;
    char name[80];

    level %= LEVELS;
    if (!p->cpus[cpu].named[level][interruptions]) {
        p->cpus[cpu].named[level][interruptions] = true;
        snprintf(name, sizeof name, "CPU %u, level %u%s", cpu, level, interruptions ? ": interruptions" : "");
        put_track(p, uuid, name, false);
    }
    return uuid;
}

struct event {
    enum event_type type;
    uint64_t track, time;
    const char *name, *category;
    uint64_t flow, last_flow, counter;
    const struct trace_item *item;   /* whose particulars are shown; or NULL */
};

static void annotate(struct message *event, const char *name, const char *text, uint64_t number)
{
    struct message a = {.count = 0};

    field_string(&a, ANNOTATION_NAME, name);
    if (text)
        field_string(&a, ANNOTATION_STRING, text);
    else
        field_number(&a, ANNOTATION_NUMBER, number);
    field_message(event, EVENT_ANNOTATION, &a);
}

static void put_event(struct perfetto *p, const struct event *e)
{
    struct message packet = {.count = 0}, event = {.count = 0};
    char words[400];

    field_number(&packet, PACKET_TIMESTAMP, nanoseconds(e->time));
    field_number(&event, EVENT_TYPE, e->type);
    field_number(&event, EVENT_TRACK, e->track);
    if (e->name)
        field_string(&event, EVENT_NAME, e->name);
    if (e->category)
        field_string(&event, EVENT_CATEGORY, e->category);
    if (e->flow)
        field_fixed64(&event, EVENT_FLOW, e->flow);
    if (e->last_flow)
        field_fixed64(&event, EVENT_LAST_FLOW, e->last_flow);
    if (e->type == COUNTER)
        field_number(&event, EVENT_COUNTER, e->counter);
    if (e->item) {
        print_what(e->item, NULL, words, sizeof words);
        annotate(&event, "what", words, 0);
        annotate(&event, "position", NULL, e->item->position);
        annotate(&event, "guest", NULL, e->item->guest);
    }
    field_message(&packet, PACKET_EVENT, &event);
    put_packet(p, &packet);
}

static void count_exit(struct perfetto *p, const char *cause, uint64_t time)
{
    unsigned i = 0;
    char name[128];

    while (i < p->cause_count && strcmp(p->causes[i].name, cause) != 0)
        i++;
    if (i == CAUSES)
        return;
    if (i == p->cause_count) {
        snprintf(p->causes[i].name, sizeof p->causes[i].name, "%s", cause);
        snprintf(name, sizeof name, "exits: %s", p->causes[i].name);
        put_track(p, 0x8000 + i, name, true);
        p->cause_count++;
    }
    put_event(p, &(struct event){COUNTER, .track = 0x8000 + i, .time = time, .counter = ++p->causes[i].count});
}

static void put_exit(struct perfetto *p, const struct trace_item *i)
{
    struct cpu_tracks *c = &p->cpus[i->cpu];
    uint64_t track = track_of(p, i->cpu, i->class, false);
    char cause[96];

    print_exit(i, cause, sizeof cause);
    count_exit(p, cause, i->time);
    if (!c->in_sie)
        return;
    c->in_sie = false;
    put_event(p, &(struct event){SLICE_BEGIN, track, c->entered, cause, "sie", .item = i});
    put_event(p, &(struct event){SLICE_END, track, i->time});
}

static uint64_t *io_flow(struct perfetto *p, uint32_t id)
{
    for (unsigned n = 0; n < SUBCHANNELS; n++) {
        unsigned at = (id + n) % SUBCHANNELS;

        if (p->io[at].id == id || !p->io[at].id) {
            p->io[at].id = id;
            return &p->io[at].flow;
        }
    }
    return NULL;
}

/* The arrow that ends at this interruption, if one is under way. */
static uint64_t arriving(struct perfetto *p, const struct trace_item *i)
{
    uint64_t *flow = NULL, found;
    unsigned target = i->level == 1 ? i->cpu : i->guest_cpu;

    if (i->class == SIENNA_INTERRUPTION_EXTERNAL && (i->code == 0x1201 || i->code == 0x1202))
        flow = &p->signals[i->level % LEVELS][target % TRACE_CPUS];
    else if (i->class == SIENNA_INTERRUPTION_IO && i->code)
        flow = io_flow(p, i->code);
    found = flow ? *flow : 0;
    if (flow)
        *flow = 0;
    return found;
}

static void put_interruption(struct perfetto *p, const struct trace_item *i)
{
    struct cpu_tracks *c = &p->cpus[i->cpu];
    unsigned level = i->level % LEVELS;
    char name[200];

    print_what(i, NULL, name, sizeof name);
    if (c->handlers[level] == HANDLERS) /* their ends were not seen: no instructions in this trace */
        for (; c->handlers[level]; c->handlers[level]--)
            put_event(p, &(struct event){SLICE_END, track_of(p, i->cpu, level, true), i->time});
    c->handlers[level]++;
    put_event(p, &(struct event){SLICE_BEGIN, track_of(p, i->cpu, level, true), i->time, name, "interruption",
                                 .last_flow = arriving(p, i), .item = i});
}

static void put_sigp(struct perfetto *p, const struct trace_item *i)
{
    uint64_t flow = 0;

    if ((i->code == 2 || i->code == 3) && i->detail == 0)
        flow = p->signals[i->level % LEVELS][i->address % TRACE_CPUS] = ++p->last_flow;
    put_event(p, &(struct event){INSTANT, track_of(p, i->cpu, i->level, false), i->time,
                                 i->code == 2 ? "SIGP external call" : i->code == 3 ? "SIGP emergency signal" : "SIGP",
                                 "sigp", .flow = flow, .item = i});
}

static void put_io(struct perfetto *p, const struct trace_item *i)
{
    uint64_t *slot = i->code == 0xb233 && i->detail == 0 ? io_flow(p, (uint32_t)i->value) : NULL;
    char name[200];

    print_what(i, NULL, name, sizeof name);
    name[strcspn(name, ",")] = 0;
    if (slot)
        *slot = ++p->last_flow;
    put_event(p, &(struct event){INSTANT, track_of(p, i->cpu, i->level, false), i->time, name, "io",
                                 .flow = slot ? *slot : 0, .item = i});
}

static void put_instruction(struct perfetto *p, const struct trace_item *i)
{
    struct cpu_tracks *c = &p->cpus[i->cpu];
    unsigned level = i->level % LEVELS;
    uint64_t track = 0x9000 + level, text = i->text;
    char name[40];

    p->instructions[level]++;
    if (!p->counted[level]) {
        p->counted[level] = true;
        snprintf(name, sizeof name, "instructions, level %u", level);
        put_track(p, track, name, true);
        p->sampled[level] = 0;
    }
    if (i->time >= p->sampled[level] + SAMPLE || !p->sampled[level]) {
        p->sampled[level] = i->time;
        put_event(p, &(struct event){COUNTER, .track = track, .time = i->time, .counter = p->instructions[level]});
    }
    if (c->handlers[level] && ((text >> 48) == 0xb2b2 || ((text >> 56) == 0xeb && (text >> 16 & 0xff) == 0x71) ||
                               (text >> 56) == 0x82)) {
        c->handlers[level]--;
        put_event(p, &(struct event){SLICE_END, track_of(p, i->cpu, level, true), i->time});
    }
}

struct perfetto *perfetto_begin(FILE *out)
{
    struct perfetto *p = trace_allocate(sizeof *p);

    p->out = out;
    put_track(p, MACHINE_TRACK, "sienna", false);
    return p;
}

void perfetto_put(struct perfetto *p, const struct trace_item *i)
{
    struct cpu_tracks *c = &p->cpus[i->cpu % TRACE_CPUS];

    p->time = i->time > p->time ? i->time : p->time;
    switch (i->kind) {
    case SIENNA_SEEN_INSTRUCTION: put_instruction(p, i); break;
    case SIENNA_SEEN_ENTRY:
        c->in_sie = true;
        c->entered = i->time;
        break;
    case SIENNA_SEEN_EXIT: put_exit(p, i); break;
    case SIENNA_SEEN_INTERRUPTION: put_interruption(p, i); break;
    case SIENNA_SEEN_SIGP: put_sigp(p, i); break;
    case SIENNA_SEEN_IO: put_io(p, i); break;
    default: break;
    }
}

void perfetto_end(struct perfetto *p)
{
    for (unsigned cpu = 0; cpu < TRACE_CPUS; cpu++)
        for (unsigned level = 0; level < LEVELS; level++)
            for (; p->cpus[cpu].handlers[level]; p->cpus[cpu].handlers[level]--)
                put_event(p, &(struct event){SLICE_END, track_of(p, cpu, level, true), p->time});
    free(p);
}
