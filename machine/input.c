/* SPDX-License-Identifier: MIT */
#include "machine/input.h"

#include <stdlib.h>

/* An offered input that has not reached its sink. */
struct waiting {
    struct waiting *next;
    struct input_record record;
    uint8_t data[];
};

struct inputs {
    struct input_sink *sinks;
    unsigned sink_count;
    struct waiting *first, **last;
    struct input_recorder recorder;
    struct input_source source;
    bool replaying, diverged;
    /* The head of the recording, while replaying. */
    bool have_head;
    struct input_record head;
    const uint8_t *head_data;
};

/* Answers and settings are marked in recordings: input_deliver() must not take them. */
enum { ASKED = 0x8000 };

static struct inputs *inputs(struct machine *machine)
{
    if (!machine->inputs) {
        machine->inputs = machine_allocate(sizeof *machine->inputs);
        machine->inputs->last = &machine->inputs->first;
    }
    return machine->inputs;
}

static struct input_sink *find_sink(const struct inputs *in, unsigned kind, unsigned port)
{
    for (unsigned i = 0; i < in->sink_count; i++)
        if (in->sinks[i].kind == kind && in->sinks[i].port == port)
            return &in->sinks[i];
    return NULL;
}

void input_register(struct machine *machine, const struct input_sink *sink)
{
    struct inputs *in = inputs(machine);
    struct input_sink *known = find_sink(in, sink->kind, sink->port);

    if (!known) {
        in->sinks = machine_reallocate(in->sinks, (in->sink_count + 1) * sizeof *in->sinks);
        known = &in->sinks[in->sink_count++];
    }
    *known = *sink;
}

void input_unregister(struct machine *machine, enum input_kind kind, unsigned port)
{
    struct inputs *in = inputs(machine);
    struct input_sink *known = find_sink(in, kind, port);

    if (known)
        *known = in->sinks[--in->sink_count];
}

static void take_next(struct machine *machine)
{
    struct inputs *in = machine->inputs;

    in->have_head = in->source.next(in->source.context, &in->head, &in->head_data);
}

void input_start_recording(struct machine *machine, const struct input_recorder *recorder)
{
    inputs(machine)->recorder = *recorder;
}

void input_start_replay(struct machine *machine, const struct input_source *source)
{
    struct inputs *in = inputs(machine);

    in->source = *source;
    in->replaying = true;
    take_next(machine);
}

bool input_replaying(const struct machine *machine)
{
    return machine->inputs && machine->inputs->replaying;
}

bool input_diverged(const struct machine *machine)
{
    return machine->inputs && machine->inputs->diverged;
}

static void record(struct inputs *in, const struct input_record *r, const uint8_t *data)
{
    if (in->recorder.record)
        in->recorder.record(in->recorder.context, r, data);
}

void input_offer(struct machine *machine, enum input_kind kind, unsigned port, const void *data, size_t bytes)
{
    struct inputs *in = inputs(machine);
    struct waiting *w;

    if (in->replaying)
        return;
    w = machine_allocate(sizeof *w + bytes);
    w->record = (struct input_record){.kind = (uint16_t)kind, .port = (uint16_t)port, .bytes = (uint32_t)bytes};
    if (bytes)
        memcpy(w->data, data, bytes);
    *in->last = w;
    in->last = &w->next;
}

bool input_waiting(const struct machine *machine)
{
    return machine->inputs && machine->inputs->first;
}

static void hand_over(struct machine *machine, const struct input_record *r, const uint8_t *data)
{
    struct input_sink *sink = find_sink(machine->inputs, r->kind, r->port);

    if (sink)
        sink->deliver(machine, sink->context, data, r->bytes);
}

static void deliver_replayed(struct machine *machine)
{
    struct inputs *in = machine->inputs;

    while (in->have_head && !(in->head.kind & ASKED) && in->head.time <= machine->now) {
        struct input_record r = in->head;
        uint8_t *data = machine_allocate(r.bytes);

        /* What the receiver asks for in turn is the next record. */
        if (r.bytes)
            memcpy(data, in->head_data, r.bytes);
        take_next(machine);
        hand_over(machine, &r, data);
        free(data);
    }
}

void input_deliver(struct machine *machine)
{
    struct inputs *in = machine->inputs;

    if (!in)
        return;
    if (in->replaying) {
        deliver_replayed(machine);
        return;
    }
    while (in->first) {
        struct waiting *w = in->first;

        in->first = w->next;
        if (!in->first)
            in->last = &in->first;
        w->record.time = machine->now;
        record(in, &w->record, w->data);
        hand_over(machine, &w->record, w->data);
        free(w);
    }
}

uint64_t input_next_time(const struct machine *machine)
{
    const struct inputs *in = machine->inputs;

    return in && in->replaying && in->have_head && !(in->head.kind & ASKED) ? in->head.time : EVENT_NEVER;
}

static size_t replay_answer(struct machine *machine, unsigned kind, unsigned port, uint8_t *buffer, size_t size)
{
    struct inputs *in = machine->inputs;
    size_t bytes;

    if (!in->have_head || in->head.kind != (kind | ASKED) || in->head.port != port || in->head.bytes > size) {
        if (!in->diverged)
            machine_log(machine, LOG_ERROR, "the replay has left its recording: input %u/%u is not there",
                        kind, port);
        in->diverged = true;
        return 0;
    }
    bytes = in->head.bytes;
    if (bytes)
        memcpy(buffer, in->head_data, bytes);
    take_next(machine);
    return bytes;
}

size_t input_ask(struct machine *machine, enum input_kind kind, unsigned port, input_answer *answer,
                 void *context, uint8_t *buffer, size_t size)
{
    struct inputs *in = inputs(machine);
    struct input_record r = {machine->now, (uint16_t)(kind | ASKED), (uint16_t)port, 0};

    if (in->replaying)
        return replay_answer(machine, kind, port, buffer, size);
    r.bytes = (uint32_t)answer(context, buffer, size);
    record(in, &r, buffer);
    return r.bytes;
}

/* The buffer already holds the setting's value. */
static size_t present_value(void *context, uint8_t *buffer, size_t size)
{
    return size;
}

void input_setting(struct machine *machine, enum input_kind kind, unsigned port, void *value, size_t bytes)
{
    input_ask(machine, kind, port, present_value, NULL, value, bytes);
}

void input_release(struct machine *machine)
{
    struct inputs *in = machine->inputs;

    if (!in)
        return;
    while (in->first) {
        struct waiting *w = in->first;

        in->first = w->next;
        free(w);
    }
    free(in->sinks);
    free(in);
    machine->inputs = NULL;
}
