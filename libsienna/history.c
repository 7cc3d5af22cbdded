/* SPDX-License-Identifier: MIT */
#include "libsienna/history.h"

#include <stdlib.h>

#include "channel/channel.h"
#include "cpu/stops.h"
#include "libsienna/record.h"

/* ---- The log ---- */

void history_note(struct sienna *s, const struct input_record *r, const uint8_t *data)
{
    struct history *h = s->history;

    if (!h)
        return;
    if (h->logged == h->room) {
        h->room = h->room ? 2 * h->room : 256;
        h->log = machine_reallocate(h->log, h->room * sizeof *h->log);
    }
    h->log[h->logged] = (struct logged_input){.record = *r, .data = machine_allocate(r->bytes + 1)};
    if (r->bytes)
        memcpy(h->log[h->logged].data, data, r->bytes);
    h->logged++;
}

bool history_next(struct sienna *s, struct input_record *r, const uint8_t **data)
{
    struct history *h = s->history;

    if (!h)
        return false;
    if (h->cursor < (h->past ? h->present.log : h->logged)) {
        *r = h->log[h->cursor].record;
        *data = h->log[h->cursor++].data;
        return true;
    }
    if (!h->past || h->cursor > h->present.log)
        return false;
    *r = h->present.place;
    *data = NULL;
    h->cursor++;
    return true;
}

/* Records that the machine has taken so far: the head of a replay waits. */
static size_t taken(const struct sienna *s)
{
    return input_replaying(&s->machine) ? s->history->cursor - input_has_head(&s->machine) : s->history->logged;
}

/* ---- Marks ---- */

static bool make_mark(struct sienna *s, struct history_mark *m, char *problem)
{
    cpus_settle(&s->machine);
    *m = (struct history_mark){.position = cpus_position(s->machine.cpus), .time = s->machine.now,
                               .pass_time = s->machine.now, .passes = input_passes(&s->machine), .log = taken(s)};
    m->checkpoint = sienna_checkpoint(s, problem);
    return m->checkpoint;
}

static void drop_mark(struct sienna *s, size_t i)
{
    struct history *h = s->history;

    sienna_checkpoint_release(s, h->marks[i].checkpoint);
    memmove(&h->marks[i], &h->marks[i + 1], (--h->marked - i) * sizeof h->marks[0]);
}

/* Marks lie the denser the nearer they are: the one that leaves the smallest gap for its age goes. */
static void thin_out(struct sienna *s)
{
    enum { MARKS_KEPT = 400, NEAR = 4 };
    struct history *h = s->history;

    while (h->marked > NEAR && (h->marked > MARKS_KEPT || sienna_checkpoints_bytes(s) > h->memory_bytes)) {
        uint64_t now = h->marks[h->marked - 1].position;
        size_t best = 1;
        double least = 1e300;

        for (size_t i = 1; i + 1 < h->marked; i++) {
            double gap = (double)(h->marks[i + 1].position - h->marks[i - 1].position);
            double score = gap / (double)(now - h->marks[i].position + 1);

            if (score < least) {
                least = score;
                best = i;
            }
        }
        drop_mark(s, best);
    }
}

static void insert_mark(struct sienna *s, const struct history_mark *m)
{
    struct history *h = s->history;
    size_t i = h->marked;

    if (h->marked == h->mark_room) {
        h->mark_room = h->mark_room ? 2 * h->mark_room : 64;
        h->marks = machine_reallocate(h->marks, h->mark_room * sizeof h->marks[0]);
    }
    for (; i > 0 && h->marks[i - 1].position > m->position; i--)
        h->marks[i] = h->marks[i - 1];
    h->marks[i] = *m;
    h->marked++;
}

uint64_t history_next_mark(const struct sienna *s)
{
    return s->history && !s->history->past ? s->history->next_mark : UINT64_MAX;
}

void history_mark_due(struct sienna *s)
{
    struct history *h = s->history;
    char problem[SIENNA_PROBLEM_BYTES];
    struct history_mark m;

    if (!h || h->past || cpus_position(s->machine.cpus) < h->next_mark)
        return;
    h->next_mark = cpus_position(s->machine.cpus) + h->cycles;
    if (!make_mark(s, &m, problem))
        return; /* not here; the next one will do */
    insert_mark(s, &m);
    thin_out(s);
}

void history_mark_here(struct sienna *s)
{
    struct history *h = s->history;
    char problem[SIENNA_PROBLEM_BYTES];
    struct history_mark m;

    for (size_t i = h->marked; i-- > 0;)
        if (h->marks[i].temporary)
            drop_mark(s, i);
    if (!make_mark(s, &m, problem))
        return;
    m.temporary = true;
    insert_mark(s, &m);
}

bool sienna_history_keep(struct sienna *s, uint64_t cycles, uint64_t memory_bytes, char problem[SIENNA_PROBLEM_BYTES])
{
    struct history_mark first;

    if (s->history)
        return problem_set(problem, "history is kept already");
    if (!sienna_may_go_back(s, problem))
        return false;
    s->history = machine_allocate(sizeof *s->history);
    s->history->cycles = cycles ? cycles : 1;
    s->history->memory_bytes = memory_bytes;
    record_attach_history(s);
    if (!make_mark(s, &first, problem)) {
        history_release(s);
        return false;
    }
    s->history->next_mark = first.position + s->history->cycles;
    insert_mark(s, &first);
    return true;
}

void history_release(struct sienna *s)
{
    struct history *h = s->history;

    if (!h)
        return;
    while (h->marked)
        drop_mark(s, h->marked - 1);
    sienna_checkpoint_release(s, h->present.checkpoint);
    for (size_t i = 0; i < h->logged; i++)
        free(h->log[i].data);
    free(h->log);
    free(h->marks);
    free(h);
    s->history = NULL;
}

/* ---- Going ---- */

static bool restore(struct sienna *s, const struct history_mark *m, char *problem)
{
    bool done;

    input_suspend(&s->machine, true);
    done = sienna_checkpoint_restore(s, m->checkpoint, problem);
    input_suspend(&s->machine, false);
    if (!done)
        return false;
    input_set_passes(&s->machine, m->pass_time, m->passes);
    s->history->cursor = m->log;
    return true;
}

bool history_leave(struct sienna *s, char *problem)
{
    struct history *h = s->history;

    if (!h)
        return problem_set(problem, "no history is kept: start with -history");
    if (h->past)
        return true;
    if (!sienna_may_go_back(s, problem) || !make_mark(s, &h->present, problem))
        return false;
    h->present.place = (struct input_record){.kind = INPUT_PRESENT};
    input_place(&s->machine, &h->present.place);
    h->past = true;
    return true;
}

bool history_restore_before(struct sienna *s, uint64_t position, char *problem)
{
    struct history *h = s->history;
    size_t i = h->marked;

    /* Whoever came to the present on the way forward leaves it again. */
    if (!history_leave(s, problem))
        return false;
    while (i > 1 && h->marks[i - 1].position > position)
        i--;
    if (!restore(s, &h->marks[i - 1], problem))
        return false;
    s->machine.silent = true;
    record_replay_history(s);
    return true;
}

/* The present again: a live machine takes what comes from outside. */
static bool return_to_present(struct sienna *s, char *problem)
{
    struct history *h = s->history;
    struct history_mark m = h->present;

    if (!restore(s, &m, problem))
        return false;
    h->past = h->arrived = false;
    h->present.checkpoint = NULL;
    s->machine.silent = false;
    if (s->player)
        record_replay_history(s);
    else
        input_end_replay(&s->machine);
    sienna_checkpoint_release(s, m.checkpoint);
    return true;
}

bool history_arrive(struct sienna *s)
{
    char problem[SIENNA_PROBLEM_BYTES];

    if (!s->history || !s->history->arrived)
        return false;
    s->history->arrived = false;
    if (return_to_present(s, problem))
        return true;
    machine_log(&s->machine, LOG_ERROR, "the present cannot be restored: %s", problem);
    return false;
}

static bool never(void *context, const struct stop_reason *reason)
{
    return false;
}

static enum sienna_outcome run_without_stops(struct sienna *s, uint64_t position)
{
    struct stops *stops = s->machine.cpus->stops;
    bool (*wanted)(void *, const struct stop_reason *) = stops->wanted;
    enum sienna_outcome outcome;

    stops->wanted = never;
    outcome = sienna_run_to(s, position, UINT64_MAX);
    stops->wanted = wanted;
    return outcome;
}

/* An idle machine, too, goes on to the moment before the instruction that begins there. */
bool history_run_to(struct sienna *s, uint64_t position, char *problem)
{
    enum sienna_outcome outcome;

    while ((outcome = run_without_stops(s, position)) != SIENNA_STOPPED) {
        uint64_t next = sienna_next_event(s);
        bool there = cpus_position(s->machine.cpus) >= position;

        if (outcome == SIENNA_IDLE && next != UINT64_MAX)
            sienna_skip_to(s, next);
        else if (outcome != SIENNA_RAN)
            return there || problem_set(problem, "history ends at position %llu",
                                        (unsigned long long)cpus_position(s->machine.cpus));
    }
    return true;
}

bool sienna_history_range(const struct sienna *s, uint64_t *first, uint64_t *last)
{
    const struct history *h = s->history;

    if (!h)
        return false;
    *first = h->marks[0].position;
    *last = h->past ? h->present.position : cpus_position(s->machine.cpus);
    return true;
}

bool sienna_history_past(const struct sienna *s)
{
    return s->history && s->history->past;
}

bool sienna_history_go(struct sienna *s, uint64_t position, char problem[SIENNA_PROBLEM_BYTES])
{
    struct history *h = s->history;
    uint64_t first, last, here = cpus_position(s->machine.cpus);

    if (!sienna_history_range(s, &first, &last))
        return problem_set(problem, "no history is kept: start with -history");
    if (position < first)
        return problem_set(problem, "history begins at position %llu", (unsigned long long)first);
    /* Of a recording there may be more. */
    if (position > last && s->player)
        return (!h->past || return_to_present(s, problem)) && history_run_to(s, position, problem);
    if (position > last)
        return problem_set(problem, "history ends at position %llu", (unsigned long long)last);
    if (position == last)
        return !h->past || return_to_present(s, problem);
    if (!history_leave(s, problem))
        return false;
    if ((position < here || !input_replaying(&s->machine) || here == last) &&
        !history_restore_before(s, position, problem))
        return false;
    return history_run_to(s, position, problem);
}

static bool shared_folders(const struct machine *m)
{
    for (uint32_t i = 0; i < channel_subchannels(m); i++) {
        const struct channel_device *device = channel_device_at(m, 0x10000 | i);

        if (device && !strcmp(device->operations->name, "virtio-9p-ccw"))
            return true;
    }
    return false;
}

bool history_may_alter(struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    if (s->player || (input_replaying(&s->machine) && !sienna_history_past(s)))
        return problem_set(problem, "the machine replays a recording, which cannot be altered");
    if (!sienna_history_past(s))
        return true;
    if (input_recording_whole(&s->machine))
        return problem_set(problem, "the machine is recorded: its past cannot be altered");
    if (shared_folders(&s->machine))
        return problem_set(problem, "the past of a machine with a shared folder cannot be altered: the folder's "
                           "server has gone on");
    sienna_history_fork(s);
    return true;
}

void sienna_history_fork(struct sienna *s)
{
    struct history *h = s->history;
    size_t kept;

    if (!sienna_history_past(s) || s->player)
        return;
    kept = taken(s);
    while (h->marked > 1 && h->marks[h->marked - 1].position > cpus_position(s->machine.cpus))
        drop_mark(s, h->marked - 1);
    while (h->logged > kept)
        free(h->log[--h->logged].data);
    sienna_checkpoint_release(s, h->present.checkpoint);
    h->present.checkpoint = NULL;
    h->past = h->arrived = false;
    h->next_mark = cpus_position(s->machine.cpus) + h->cycles;
    s->machine.silent = false;
    input_end_replay(&s->machine);
}
