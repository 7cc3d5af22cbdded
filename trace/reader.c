/* SPDX-License-Identifier: MIT */
#include "trace/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/problem.h"

struct trace_reader {
    struct chunk_reader *file;
    size_t chunk;                /* the next one to be read */
    uint8_t *data, *older;       /* of the present chunk, and of the one before: items still point there */
    struct decoder decoder;
    bool decoding;
    /* The record after the item, read ahead. */
    struct sienna_seen ahead;
    const uint8_t *ahead_data;
    bool has_ahead;
    struct trace_registers before[TRACE_CPUS]; /* registers as items so far have left them */
    struct trace_state state;    /* of the item */
    uint64_t from_position, from_time;
    char *settings;
    bool failed;
    char problem[SIENNA_PROBLEM_BYTES];
};

static void read_settings(struct trace_reader *r)
{
    char ignored[SIENNA_PROBLEM_BYTES];

    for (size_t i = 0; i < chunk_count(r->file) && !r->settings; i++)
        if (chunk_at(r->file, i)->tag == TRACE_META) {
            r->settings = (char *)chunk_read(r->file, i, ignored);
            if (r->settings)
                r->settings[chunk_at(r->file, i)->bytes] = 0;
            return;
        }
}

struct trace_reader *trace_open(const char *path, char problem[SIENNA_PROBLEM_BYTES])
{
    struct chunk_reader *file = chunk_open(path, &trace_kind, problem);
    struct trace_reader *r;

    if (!file)
        return NULL;
    r = trace_allocate(sizeof *r);
    r->file = file;
    read_settings(r);
    return r;
}

void trace_close(struct trace_reader *r)
{
    if (!r)
        return;
    chunk_release(r->file);
    free(r->data);
    free(r->older);
    free(r->settings);
    free(r);
}

uint64_t trace_setting(const struct trace_reader *r, const char *name, unsigned base)
{
    const char *at = r->settings;
    size_t n = strlen(name);

    for (; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
        if (!strncmp(at, name, n) && at[n] == '=')
            return strtoull(at + n + 1, NULL, (int)base);
    return 0;
}

bool trace_was_cut(const struct trace_reader *r) { return chunk_was_cut(r->file); }
const char *trace_problem_of(const struct trace_reader *r) { return r->failed ? r->problem : NULL; }
const struct trace_registers *trace_registers_of(const struct trace_reader *r, unsigned cpu)
{
    return &r->before[cpu % TRACE_CPUS];
}

/* ---- Records ---- */

/* Begin the next chunk with records; what it tells of registers at first is what was known. */
static bool next_chunk(struct trace_reader *r)
{
    while (r->chunk < chunk_count(r->file) && chunk_at(r->file, r->chunk)->tag != TRACE_DATA)
        r->chunk++;
    if (r->chunk == chunk_count(r->file))
        return false;
    free(r->older);
    r->older = r->data;
    r->data = chunk_read(r->file, r->chunk, r->problem);
    if (!r->data) {
        r->failed = true;
        return false;
    }
    decoder_begin(&r->decoder, chunk_at(r->file, r->chunk)->position, r->data, chunk_at(r->file, r->chunk)->bytes);
    r->chunk++;
    r->decoding = true;
    return true;
}

static bool next_record(struct trace_reader *r, struct sienna_seen *record, const uint8_t **data)
{
    for (;;) {
        if (r->decoding && decoder_next(&r->decoder, record, data))
            return true;
        if (r->decoding && r->decoder.broken) {
            trace_problem(r->problem, "part %zu of the trace is not what a trace has", r->chunk);
            r->failed = true;
            return false;
        }
        r->decoding = false;
        if (r->failed || !next_chunk(r))
            return false;
    }
}

static bool look_ahead(struct trace_reader *r)
{
    if (!r->has_ahead)
        r->has_ahead = next_record(r, &r->ahead, &r->ahead_data);
    return r->has_ahead;
}

/* ---- Items ---- */

static void change_of(struct trace_registers *regs, const struct sienna_seen *r, struct trace_change *c)
{
    unsigned n = seen_detail(r);

    *c = (struct trace_change){.class = seen_class(r) & ~(unsigned)SIENNA_SEEN_ELSEWHERE, .number = n,
                               .now = {r->address, r->value}};
    switch (c->class) {
    case SIENNA_SEEN_GR:
        c->old[1] = regs->gr[n & 15];
        regs->gr[n & 15] = r->value;
        break;
    case SIENNA_SEEN_AR:
        c->old[1] = regs->ar[n & 15];
        regs->ar[n & 15] = (uint32_t)r->value;
        break;
    case SIENNA_SEEN_VR:
        memcpy(c->old, regs->vr[n & 31], sizeof c->old);
        memcpy(regs->vr[n & 31], c->now, sizeof c->now);
        break;
    default:
        c->old[1] = regs->fpc;
        regs->fpc = (uint32_t)r->value;
    }
}

static void begin_item(const struct trace_reader *r, const struct sienna_seen *record, struct trace_item *item)
{
    const struct trace_cpu *cpu = &r->state.cpus[r->state.cpu];

    item->kind = (enum sienna_seen_kind)seen_kind(record);
    item->position = record->position;
    item->time = trace_time(&r->state, record->position);
    item->cpu = r->state.cpu;
    item->level = (unsigned)(cpu->thread >> 8 & 0xff);
    item->guest = (unsigned)(cpu->thread >> 16 & 0xffff);
    item->guest_cpu = (unsigned)(cpu->thread >> 32);
    item->modes = cpu->modes;
    item->asce = cpu->asce;
    item->address = record->address;
    item->value = record->value;
    item->class = seen_class(record);
    item->detail = seen_detail(record);
    item->code = seen_code(record);
    item->cc = 0;
    item->text = 0;
    item->length = 0;
    item->executes = false;
    item->changes = item->accesses = 0;
    if (item->kind == SIENNA_SEEN_INSTRUCTION) {
        item->text = record->word & ~0xffffULL;
        item->length = seen_length(item->text);
        item->cc = record->word >> 13 & 3;
        item->class = item->detail = 0;
        item->code = 0;
    }
}

static void add_access(struct trace_item *item, const struct sienna_seen *record, const uint8_t *data)
{
    if (item->accesses < TRACE_ACCESSES)
        item->access[item->accesses++] =
            (struct trace_access){seen_kind(record) == SIENNA_SEEN_STORE, record->address, record->value,
                                  seen_code(record), data};
}

static void add_change(struct trace_reader *r, struct trace_item *item, const struct sienna_seen *record)
{
    struct trace_change c;

    change_of(&r->before[r->state.cpu], record, &c);
    if (item->changes < TRACE_CHANGES)
        item->change[item->changes++] = c;
}

/* What the record after an instruction tells of it; true when there may be more. */
static bool complete_item(struct trace_reader *r, struct trace_item *item)
{
    const struct sienna_seen *a = &r->ahead;
    unsigned reg = a->word >> 8 & 0x1f;

    switch (seen_kind(a)) {
    case SIENNA_SEEN_TARGET:
        item->executes = true;
        item->target_address = a->address;
        item->target_text = a->word & ~0xffffULL;
        return true;
    case SIENNA_SEEN_REGISTER:
        if (seen_class(a) & SIENNA_SEEN_ELSEWHERE)
            return false;
        add_change(r, item, a);
        return true;
    case SIENNA_SEEN_FETCH: case SIENNA_SEEN_STORE:
        add_access(item, a, r->ahead_data);
        return true;
    case SIENNA_SEEN_INSTRUCTION:
        if (reg < NO_REGISTER && a->value != r->before[r->state.cpu].gr[reg])
            add_change(r, item, &(struct sienna_seen){0, 0, a->value, (uint64_t)reg << 16 | SIENNA_SEEN_GR << 8 |
                                                                          SIENNA_SEEN_REGISTER});
        return false;
    default:
        return false;
    }
}

/* A record that is no item: where the stream is, or what nobody saw change. */
static bool follow(struct trace_reader *r, const struct sienna_seen *record)
{
    struct trace_change ignored;

    switch (seen_kind(record)) {
    case SIENNA_SEEN_SLICE: case SIENNA_SEEN_THREAD:
        trace_follow(&r->state, record);
        return true;
    case SIENNA_SEEN_REGISTER:
        change_of(&r->before[r->state.cpu], record, &ignored);
        return true;
    case SIENNA_SEEN_TARGET:
        return true;
    default:
        return false;
    }
}

static bool next_item(struct trace_reader *r, struct trace_item *item)
{
    struct sienna_seen record;
    const uint8_t *data;

    do {
        if (!look_ahead(r))
            return false;
        record = r->ahead;
        data = r->ahead_data;
        r->has_ahead = false;
    } while (follow(r, &record));
    r->state.position = record.position;
    begin_item(r, &record, item);
    if (seen_has_data(&record))
        add_access(item, &record, data);
    if (item->kind == SIENNA_SEEN_INSTRUCTION)
        while (look_ahead(r) && complete_item(r, item))
            r->has_ahead = false;
    return true;
}

bool trace_next(struct trace_reader *r, struct trace_item *item)
{
    while (next_item(r, item))
        if (item->position >= r->from_position && item->time >= r->from_time)
            return true;
    return false;
}

/* ---- Seeking ---- */

static void go_to(struct trace_reader *r, size_t chunk)
{
    r->chunk = chunk == SIZE_MAX ? 0 : chunk;
    r->decoding = r->has_ahead = r->failed = false;
    r->from_position = r->from_time = 0;
    memset(r->before, 0, sizeof r->before);
    memset(&r->state, 0, sizeof r->state);
    r->state.cycle = 1;
}

void trace_seek(struct trace_reader *r, uint64_t position)
{
    go_to(r, chunk_find(r->file, TRACE_DATA, position));
    r->from_position = position;
}

/* Times do not quite ascend: CPUs take turns from the same time on. A chunk earlier is early enough. */
void trace_seek_time(struct trace_reader *r, uint64_t time)
{
    size_t low = 0, high = chunk_count(r->file);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (chunk_at(r->file, middle)->time < time)
            low = middle + 1;
        else
            high = middle;
    }
    go_to(r, low < 2 ? 0 : low - 2);
    r->from_time = time;
}

bool trace_extent(const struct trace_reader *r, uint64_t *first, uint64_t *last, uint64_t *instructions)
{
    bool any = false;

    *instructions = 0;
    for (size_t i = 0; i < chunk_count(r->file); i++) {
        const struct chunk *c = chunk_at(r->file, i);

        if (c->tag != TRACE_DATA)
            continue;
        if (!any)
            *first = c->position;
        any = true;
        *last = c->position;
        *instructions += c->count;
    }
    return any;
}
