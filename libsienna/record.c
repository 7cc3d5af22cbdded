/* SPDX-License-Identifier: MIT */
/** Recordings and replays: the input log's way out and in, and the digests that tell whether they agree. */
#include <inttypes.h>
#include <stdio.h>

#include "libsienna/history.h"
#include "libsienna/record.h"
#include "machine/input.h"
#include "sienna_history.h"

static struct sienna *sienna_of(struct machine *machine) { return (struct sienna *)machine; }

static void to_recorder(void *context, const struct input_record *r, const uint8_t *data)
{
    struct sienna *s = context;
    struct sienna_input input = {.time = r->time, .position = r->position, .kind = r->kind, .port = r->port,
                                 .place = r->place, .bytes = r->bytes, .data = data};

    if (s->recorder)
        s->recorder->record(s->recorder->context, &input);
    history_note(s, r, data);
}

static bool from_player(void *context, struct input_record *r, const uint8_t **data)
{
    struct sienna *s = context;
    struct sienna_input input;

    if (history_next(s, r, data))
        return true;
    if (sienna_history_past(s) || !s->player || !s->player->next(s->player->context, &input))
        return false;
    *r = (struct input_record){.time = input.time, .position = input.position, .kind = input.kind,
                               .port = input.port, .place = input.place, .bytes = input.bytes};
    *data = input.data;
    if (s->history) {
        history_note(s, r, input.data);
        s->history->cursor++;
    }
    return true;
}

void record_attach_history(struct sienna *s)
{
    const struct input_recorder recorder = {to_recorder, s};
    struct input_record head;
    const uint8_t *data;

    if (!s->player) {
        input_start_recording(&s->machine, &recorder, s->recorder != NULL);
    } else if (input_head(&s->machine, &head, &data)) {
        history_note(s, &head, data);
        s->history->cursor = 1;
    }
}

void record_replay_history(struct sienna *s)
{
    input_start_replay(&s->machine, &(struct input_source){from_player, s});
}

/* ---- Digests ---- */

static void make_check(struct machine *machine)
{
    struct sienna *s = sienna_of(machine);
    uint64_t every = s->recorder->check_every ? s->recorder->check_every : SIENNA_SECOND;
    uint8_t digest[8];

    put_be64(digest, sienna_digest(s));
    input_act(machine, INPUT_DIGEST, 0, digest, sizeof digest);
    input_set_check(machine, make_check, machine->now - machine->now % every + every);
}

/* While recording, a digest meets its own receiver, too. */
static bool compare(struct sienna *s, const uint8_t *data, size_t bytes)
{
    struct sienna_replay *r = &s->replay;
    uint64_t digest;

    if (!input_replaying(&s->machine) || r->differs)
        return false;
    digest = sienna_digest(s);
    if (bytes == 8 && get_be64(data) == digest) {
        r->agreed = s->machine.now;
        r->checks++;
        return true;
    }
    r->differs = true;
    r->differed = s->machine.now;
    input_diverge(&s->machine, "the digest of the machine's state is another");
    return false;
}

static void checked(struct machine *machine, void *context, const uint8_t *data, size_t bytes)
{
    compare(context, data, bytes);
}

static void ended(struct machine *machine, void *context, const uint8_t *data, size_t bytes)
{
    struct sienna *s = context;

    if (!input_replaying(machine))
        return;
    s->replay.ended = true;
    compare(s, data, bytes);
    if (!machine->end)
        machine->end = MACHINE_RECORDING_ENDED;
}

static void arrived(struct machine *machine, void *context, const uint8_t *data, size_t bytes)
{
    struct sienna *s = context;

    if (!s->history)
        return;
    s->history->arrived = true;
    if (!machine->end)
        machine->end = MACHINE_RECORDING_ENDED;
}

void record_begin(struct sienna *s, const struct sienna_options *o)
{
    struct machine *m = &s->machine;
    const struct input_recorder recorder = {to_recorder, s};
    const struct input_source source = {from_player, s};

    s->recorder = o->recorder;
    s->player = o->player;
    input_register(m, &(struct input_sink){INPUT_DIGEST, 0, checked, s});
    input_register(m, &(struct input_sink){INPUT_END, 0, ended, s});
    input_register(m, &(struct input_sink){INPUT_PRESENT, 0, arrived, s});
    if (s->player) {
        input_start_replay(m, &source);
    } else if (s->recorder) {
        input_start_recording(m, &recorder, true);
        input_set_check(m, make_check, s->recorder->check_every ? s->recorder->check_every : SIENNA_SECOND);
    }
}

void sienna_record_end(struct sienna *s)
{
    uint8_t digest[8];

    if (!s->recorder || !input_recording_whole(&s->machine))
        return;
    cpus_settle(&s->machine);
    put_be64(digest, sienna_digest(s));
    input_act(&s->machine, INPUT_END, 0, digest, sizeof digest);
    input_start_recording(&s->machine, NULL, false);
    input_set_check(&s->machine, NULL, 0);
}

bool sienna_replay(const struct sienna *s, struct sienna_replay *r)
{
    *r = s->replay;
    if (!s->player)
        return false;
    r->cut = !r->ended && input_exhausted(&s->machine);
    if (input_diverged(&s->machine) && !r->differs) {
        r->differs = true;
        r->differed = s->machine.now;
    }
    return true;
}
