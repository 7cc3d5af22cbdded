/* SPDX-License-Identifier: MIT */
#include "machine/input.h"

#include <stdio.h>
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
    bool whole;
    struct input_source source;
    bool replaying, diverged, suspended;
    /* Passes that did something at pass_time. */
    uint64_t pass_time;
    unsigned passes;
    void (*check)(struct machine *machine);
    uint64_t check_due;
    /* The head of the recording, while replaying. */
    bool have_head;
    struct input_record head;
    const uint8_t *head_data;
};

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

void input_start_recording(struct machine *machine, const struct input_recorder *recorder, bool whole)
{
    struct inputs *in = inputs(machine);

    in->recorder = recorder ? *recorder : (struct input_recorder){0};
    in->whole = recorder && whole;
}

void input_start_replay(struct machine *machine, const struct input_source *source)
{
    struct inputs *in = inputs(machine);

    in->source = *source;
    in->replaying = true;
    take_next(machine);
}

void input_end_replay(struct machine *machine)
{
    struct inputs *in = inputs(machine);

    in->replaying = in->have_head = false;
}

bool input_replaying(const struct machine *machine)
{
    return machine->inputs && machine->inputs->replaying;
}

bool input_recording(const struct machine *machine)
{
    return machine->inputs && machine->inputs->recorder.record;
}

bool input_recording_whole(const struct machine *machine)
{
    return machine->inputs && machine->inputs->whole;
}

bool input_diverged(const struct machine *machine)
{
    return machine->inputs && machine->inputs->diverged;
}

void input_diverge(struct machine *machine, const char *why)
{
    struct inputs *in = inputs(machine);

    if (!in->diverged)
        machine_log(machine, LOG_ERROR, "the replay has left its recording: %s", why);
    in->diverged = true;
}

bool input_exhausted(const struct machine *machine)
{
    return input_replaying(machine) && !machine->inputs->have_head;
}

/* ---- Places ---- */

static unsigned passes_at(const struct inputs *in, uint64_t now)
{
    return in->pass_time == now ? in->passes : 0;
}

unsigned input_passes(const struct machine *machine)
{
    return machine->inputs ? passes_at(machine->inputs, machine->now) : 0;
}

/* Give the record the present place. */
static void set_place(struct machine *machine, struct input_record *r)
{
    unsigned slice;
    bool in_slice = false;

    r->time = machine->now;
    r->position = machine->processors.position ? machine->processors.position(machine, &slice, &in_slice) : 0;
    r->place = (uint16_t)(in_slice ? INPUT_IN_SLICE + slice : passes_at(machine->inputs, machine->now));
}

void input_place(struct machine *machine, struct input_record *r)
{
    inputs(machine);
    set_place(machine, r);
}

void input_set_passes(struct machine *machine, uint64_t time, unsigned passes)
{
    inputs(machine)->pass_time = time;
    inputs(machine)->passes = passes;
}

bool input_has_head(const struct machine *machine)
{
    return machine->inputs && machine->inputs->have_head;
}

bool input_head(const struct machine *machine, struct input_record *r, const uint8_t **data)
{
    if (!input_has_head(machine))
        return false;
    *r = machine->inputs->head;
    *data = machine->inputs->head_data;
    return true;
}

void input_suspend(struct machine *machine, bool suspended)
{
    inputs(machine)->suspended = suspended;
}

static bool waits_between_rounds(const struct inputs *in)
{
    return in->replaying && in->have_head && !(in->head.kind & INPUT_ASKED) && !(in->head.place & INPUT_IN_SLICE);
}

/* Between rounds: is the head to be delivered now? */
static bool due(const struct machine *machine)
{
    const struct inputs *in = machine->inputs;

    return waits_between_rounds(in) && (in->head.time < machine->now ||
        (in->head.time == machine->now && in->head.place <= passes_at(in, machine->now)));
}

uint64_t input_next_time(const struct machine *machine)
{
    const struct inputs *in = machine->inputs;

    return in && waits_between_rounds(in) ? in->head.time : EVENT_NEVER;
}

bool input_next_in_slice(const struct machine *machine, uint64_t *position, unsigned *slice)
{
    const struct inputs *in = machine->inputs;

    if (!in || !in->replaying || !in->have_head || (in->head.kind & INPUT_ASKED) || !(in->head.place & INPUT_IN_SLICE))
        return false;
    *position = in->head.position;
    *slice = in->head.place & ~INPUT_IN_SLICE;
    return true;
}

bool input_missed(const struct machine *machine)
{
    const struct inputs *in = machine->inputs;

    if (!in || !in->replaying || !in->have_head || in->diverged)
        return false;
    return in->head.time < machine->now;
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

/* What the receiver asks for in turn is the next record, so the head's data moves away. */
static void deliver_head(struct machine *machine)
{
    struct inputs *in = machine->inputs;
    struct input_record r = in->head;
    uint8_t *data = machine_allocate(r.bytes + 1);

    if (r.bytes)
        memcpy(data, in->head_data, r.bytes);
    take_next(machine);
    hand_over(machine, &r, data);
    free(data);
}

bool input_deliver_next(struct machine *machine)
{
    struct inputs *in = machine->inputs;
    uint64_t position;
    unsigned slice, here;
    bool in_slice = false;

    if (!in || !in->replaying)
        return false;
    if (input_next_in_slice(machine, &position, &slice)) {
        if (machine->processors.position(machine, &here, &in_slice) != position || !in_slice || here != slice)
            return false;
    } else if (!due(machine)) {
        return false;
    }
    deliver_head(machine);
    return true;
}

static unsigned deliver_offered(struct machine *machine)
{
    struct inputs *in = machine->inputs;
    unsigned count = 0;

    for (; in->first; count++) {
        struct waiting *w = in->first;

        in->first = w->next;
        if (!in->first)
            in->last = &in->first;
        set_place(machine, &w->record);
        record(in, &w->record, w->data);
        hand_over(machine, &w->record, w->data);
        free(w);
    }
    return count;
}

void input_pass(struct machine *machine)
{
    bool something = event_next_time(machine) <= machine->now;
    struct inputs *in = machine->inputs;

    if (in && in->check && !in->replaying && machine->now >= in->check_due)
        in->check(machine);
    if (in && in->replaying)
        while (due(machine)) {
            deliver_head(machine);
            something = true;
            /* The end of the recording: events that are due come after it. */
            if (machine->end)
                return;
        }
    else if (in)
        something |= deliver_offered(machine) != 0;
    event_run_due(machine);
    if (!in || !something)
        return;
    in->passes = passes_at(in, machine->now) + 1;
    in->pass_time = machine->now;
}

void input_set_check(struct machine *machine, void (*check)(struct machine *machine), uint64_t due)
{
    inputs(machine)->check = check;
    inputs(machine)->check_due = due;
}

bool input_act(struct machine *machine, enum input_kind kind, unsigned port, const void *data, size_t bytes)
{
    struct inputs *in = inputs(machine);
    struct input_record r = {.kind = (uint16_t)kind, .port = (uint16_t)port, .bytes = (uint32_t)bytes};

    if (in->replaying)
        return false;
    set_place(machine, &r);
    record(in, &r, data);
    hand_over(machine, &r, data);
    return true;
}

static size_t replay_answer(struct machine *machine, unsigned kind, unsigned port, uint8_t *buffer, size_t size)
{
    struct inputs *in = machine->inputs;
    size_t bytes;

    if (!in->have_head)
        return 0; /* the recording was cut: the machine ends at the next pass */
    if (in->head.kind != (kind | INPUT_ASKED) || in->head.port != port || in->head.bytes > size) {
        char why[64];

        snprintf(why, sizeof why, "input %u/%u is not there", kind, port);
        input_diverge(machine, why);
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
    struct input_record r = {.time = machine->now, .kind = (uint16_t)(kind | INPUT_ASKED), .port = (uint16_t)port};

    if (in->suspended)
        return answer(context, buffer, size);
    if (in->replaying)
        return replay_answer(machine, kind, port, buffer, size);
    r.bytes = (uint32_t)answer(context, buffer, size);
    record(in, &r, buffer);
    return r.bytes;
}

size_t input_answer_bytes(const struct machine *machine, enum input_kind kind, unsigned port)
{
    const struct inputs *in = machine->inputs;

    if (!in || !in->have_head || in->head.kind != (kind | INPUT_ASKED) || in->head.port != port)
        return 0;
    return in->head.bytes;
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
