/* SPDX-License-Identifier: MIT */
#include "trace/encode.h"

#include <stdlib.h>
#include <string.h>

#include "trace/little.h"
#include "trace/problem.h"

/* A chunk is written when it has grown to this, or has so many instructions. */
enum { CHUNK_BYTES = 3 << 20, CHUNK_INSTRUCTIONS = 1 << 20 };
/* More than one record and its data take. */
enum { SLACK = 16384 };

struct column {
    uint8_t *at, *start, *end;
};

struct encoder {
    struct chunk_writer *writer;
    struct trace_model model;
    struct trace_state state;
    struct column columns[TRACE_COLUMNS];
    uint64_t in_chunk, before_chunk;  /* instructions */
    uint64_t chunk_position, chunk_time;
    bool without_registers;
    bool begun;                       /* the chunk has more than the state it begins with */
    bool open;                        /* and it has that */
};

static void put_byte(struct column *c, unsigned v) { *c->at++ = (uint8_t)v; }

static void put_number(struct column *c, uint64_t v)
{
    while (v >= 0x80) {
        *c->at++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *c->at++ = (uint8_t)v;
}

static void put_signed(struct column *c, uint64_t v)
{
    put_number(c, v << 1 ^ (uint64_t)((int64_t)v >> 63));
}

static size_t column_bytes(const struct column *c) { return (size_t)(c->at - c->start); }

static void make_room(struct column *c)
{
    size_t bytes = column_bytes(c), room = (size_t)(c->end - c->start);

    if (room - bytes >= SLACK)
        return;
    room = 2 * room + 4 * SLACK;
    c->start = trace_reallocate(c->start, room);
    c->at = c->start + bytes;
    c->end = c->start + room;
}

struct encoder *encoder_create(struct chunk_writer *writer, bool registers)
{
    struct encoder *e = trace_allocate(sizeof *e);

    e->writer = writer;
    e->without_registers = !registers;
    e->state.cycle = 1;
    for (unsigned i = 0; i < TRACE_COLUMNS; i++)
        make_room(&e->columns[i]);
    return e;
}

void encoder_release(struct encoder *e)
{
    for (unsigned i = 0; i < TRACE_COLUMNS; i++)
        free(e->columns[i].start);
    free(e);
}

uint64_t encoder_instructions(const struct encoder *e) { return e->before_chunk + e->in_chunk; }
const struct trace_state *encoder_state(const struct encoder *e) { return &e->state; }

/* ---- Records ---- */

static enum result result_of(struct encoder *e, uint64_t value, uint64_t old)
{
    struct trace_slot *before = e->model.before;
    enum result result;

    if (value == old)
        return RESULT_SAME;
    if (before && value == old + before->step)
        result = RESULT_STEP;
    else if (before && value == before->last)
        result = RESULT_AGAIN;
    else
        result = RESULT_TOLD;
    if (result == RESULT_TOLD)
        put_signed(&e->columns[COLUMN_VALUES], value - old);
    if (before) {
        before->step = value - old;
        before->last = value;
    }
    return result;
}

static void put_instruction(struct encoder *e, const struct sienna_seen *r)
{
    struct trace_registers *registers = &e->state.cpus[e->state.cpu].registers;
    struct column *numbers = &e->columns[COLUMN_NUMBERS];
    struct trace_slot *before = e->model.before, *slot;
    uint64_t text = r->word & ~0xffffULL, expected;
    unsigned reg = r->word >> 8 & 0x1f, flags = (unsigned)(r->word >> 13 & 3) << FLAG_CC_SHIFT;

    if (e->without_registers)
        reg = NO_REGISTER;
    if (reg != (before ? before->reg : NO_REGISTER)) {
        put_byte(&e->columns[COLUMN_FLAGS], FLAG_OTHER | OTHER_REGISTER);
        put_byte(numbers, reg);
        if (before)
            before->reg = reg;
    }
    if (reg != NO_REGISTER) {
        flags |= result_of(e, r->value, registers->gr[reg & 15]);
        registers->gr[reg & 15] = r->value;
    }
    expected = e->state.position + (before ? before->cost : 0);
    if (r->position != expected) {
        flags |= FLAG_COST;
        put_signed(numbers, r->position - e->state.position);
        if (before)
            before->cost = (uint32_t)(r->position - e->state.position);
    }
    e->state.position = r->position;
    if (r->address != (before ? before->next : 0)) {
        flags |= FLAG_JUMP;
        put_signed(numbers, r->address - (before ? before->address : 0));
        if (before)
            before->next = r->address;
    }
    slot = trace_slot_of(&e->model, r->address);
    if (slot->address != r->address || slot->text != text) {
        flags |= FLAG_NEW;
        for (unsigned i = 0; i < seen_length(text); i++)
            put_byte(numbers, (unsigned)(text >> (56 - 8 * i)));
        *slot = (struct trace_slot){.address = r->address, .text = text, .reg = NO_REGISTER, .cost = 1,
                                    .next = r->address + seen_length(text)};
    }
    e->model.before = slot;
    put_byte(&e->columns[COLUMN_FLAGS], flags);
    e->in_chunk++;
}

static void put_register(struct encoder *e, const struct sienna_seen *r)
{
    const struct trace_registers *old = &e->state.cpus[e->state.cpu].registers;
    struct column *values = &e->columns[COLUMN_VALUES], *numbers = &e->columns[COLUMN_NUMBERS];
    unsigned n = seen_detail(r);

    put_byte(numbers, seen_class(r));
    put_byte(numbers, n);
    switch (seen_class(r) & ~(unsigned)SIENNA_SEEN_ELSEWHERE) {
    case SIENNA_SEEN_GR: put_signed(values, r->value - old->gr[n & 15]); break;
    case SIENNA_SEEN_AR: put_signed(values, r->value - old->ar[n & 15]); break;
    case SIENNA_SEEN_FPC: put_signed(values, r->value - old->fpc); break;
    default:
        put_signed(values, r->address - old->vr[n & 31][0]);
        put_signed(values, r->value - old->vr[n & 31][1]);
    }
}

static void put_access(struct encoder *e, const struct sienna_seen *r)
{
    struct column *numbers = &e->columns[COLUMN_NUMBERS], *data = &e->columns[COLUMN_DATA];
    uint32_t bytes = seen_code(r);

    put_number(numbers, bytes);
    put_number(numbers, r->address);
    /* Where there is no translation both are the same; else they agree in the page. */
    put_number(numbers, (r->value ^ r->address) >> 12);
    memcpy(data->at, r + 1, bytes);
    data->at += bytes;
}

static void put_other(struct encoder *e, const struct sienna_seen *r)
{
    struct column *numbers = &e->columns[COLUMN_NUMBERS];
    unsigned kind = seen_kind(r);

    put_byte(&e->columns[COLUMN_FLAGS], FLAG_OTHER | kind);
    put_signed(numbers, r->position - e->state.position);
    e->state.position = r->position;
    switch (kind) {
    case SIENNA_SEEN_TARGET:
        put_signed(numbers, r->address - (e->model.before ? e->model.before->address : 0));
        for (unsigned i = 0; i < seen_length(r->word); i++)
            put_byte(numbers, (unsigned)(r->word >> (56 - 8 * i)));
        break;
    case SIENNA_SEEN_REGISTER:
        put_register(e, r);
        break;
    case SIENNA_SEEN_FETCH: case SIENNA_SEEN_STORE:
        put_access(e, r);
        break;
    default:
        put_number(numbers, seen_class(r));
        put_number(numbers, seen_detail(r));
        put_number(numbers, seen_code(r));
        put_number(numbers, r->address);
        put_number(numbers, r->value);
        /* What comes next does not follow the instruction before. */
        e->model.before = NULL;
    }
    trace_follow(&e->state, r);
}

/* ---- What a chunk begins with ---- */

static void put_state_register(struct encoder *e, unsigned class, unsigned n, uint64_t high, uint64_t low)
{
    struct sienna_seen r = {e->state.position, high, low,
                            (uint64_t)n << 16 | (class | SIENNA_SEEN_ELSEWHERE) << 8 | SIENNA_SEEN_REGISTER};

    put_other(e, &r);
    for (unsigned i = 0; i < TRACE_COLUMNS; i++)
        make_room(&e->columns[i]);
}

/* Tell of the registers of the present CPU that are not as in `to`. */
static void put_differences(struct encoder *e, const struct trace_registers *to)
{
    const struct trace_registers *now = &e->state.cpus[e->state.cpu].registers;

    if (e->without_registers)
        return;
    for (unsigned i = 0; i < 16; i++) {
        if (to->gr[i] != now->gr[i])
            put_state_register(e, SIENNA_SEEN_GR, i, 0, to->gr[i]);
        if (to->ar[i] != now->ar[i])
            put_state_register(e, SIENNA_SEEN_AR, i, 0, to->ar[i]);
    }
    if (to->fpc != now->fpc)
        put_state_register(e, SIENNA_SEEN_FPC, 0, 0, to->fpc);
    for (unsigned i = 0; i < 32; i++)
        if (memcmp(to->vr[i], now->vr[i], sizeof to->vr[i]) != 0)
            put_state_register(e, SIENNA_SEEN_VR, i, to->vr[i][0], to->vr[i][1]);
}

/* The slice, thread and registers that `to` has of a CPU. */
static void put_cpu(struct encoder *e, const struct trace_state *to, unsigned cpu)
{
    const struct trace_cpu *c = &to->cpus[cpu];
    struct sienna_seen slice = {to->slice_position, to->cycle, to->slice_time,
                                (uint64_t)cpu << 16 | SIENNA_SEEN_SLICE};
    struct sienna_seen thread = {to->position, c->modes, c->asce, c->thread};

    put_other(e, &slice);
    if (c->thread)
        put_other(e, &thread);
    put_differences(e, &c->registers);
}

static void begin_chunk(struct encoder *e, uint64_t position)
{
    static const struct trace_state nothing = {.cycle = 1};
    struct trace_state *old = trace_allocate(sizeof *old);

    *old = e->state;
    e->state = nothing;
    e->state.position = position; /* positions in a chunk count from its own */
    memset(&e->model, 0, sizeof e->model);
    e->chunk_position = position;
    e->chunk_time = trace_time(old, position);
    e->open = true;
    for (unsigned i = 0; i < TRACE_CPUS; i++)
        if (old->cpus[i].told && i != old->cpu)
            put_cpu(e, old, i);
    if (old->cpus[old->cpu].told)
        put_cpu(e, old, old->cpu);
    free(old);
}

static bool write_chunk(struct encoder *e, char *problem)
{
    struct chunk c = {.tag = TRACE_DATA, .position = e->chunk_position, .time = e->chunk_time,
                      .count = e->in_chunk};
    size_t bytes = TRACE_COLUMNS_HEAD;
    uint8_t *raw, *at;
    bool done;

    if (!e->begun)
        return true;
    for (unsigned i = 0; i < TRACE_COLUMNS; i++)
        bytes += column_bytes(&e->columns[i]);
    raw = trace_allocate(bytes);
    at = raw + TRACE_COLUMNS_HEAD;
    for (unsigned i = 0; i < TRACE_COLUMNS; i++) {
        size_t n = column_bytes(&e->columns[i]);

        put_le32(raw + 4 * i, (uint32_t)n);
        memcpy(at, e->columns[i].start, n);
        at += n;
        e->columns[i].at = e->columns[i].start;
    }
    done = chunk_write(e->writer, &c, raw, bytes, problem);
    free(raw);
    e->before_chunk += e->in_chunk;
    e->in_chunk = 0;
    e->begun = e->open = false;
    return done;
}

static bool chunk_full(const struct encoder *e)
{
    size_t bytes = 0;

    for (unsigned i = 0; i < TRACE_COLUMNS; i++)
        bytes += column_bytes(&e->columns[i]);
    return bytes >= CHUNK_BYTES || e->in_chunk >= CHUNK_INSTRUCTIONS;
}

/* Is it worth looking whether a new chunk should begin with this record? */
static bool may_end_chunk(const struct encoder *e, const struct sienna_seen *r)
{
    switch (seen_kind(r)) {
    case SIENNA_SEEN_INSTRUCTION:
        return (e->in_chunk & 0xfff) == 0 || column_bytes(&e->columns[COLUMN_DATA]) > CHUNK_BYTES;
    case SIENNA_SEEN_TARGET: case SIENNA_SEEN_REGISTER: case SIENNA_SEEN_FETCH: case SIENNA_SEEN_STORE:
        return false; /* they belong to the instruction before */
    default:
        return true;
    }
}

/* A new chunk begins: what the instruction before changed still belongs to the old one. */
static bool next_chunk(struct encoder *e, struct sienna_seen *r, char *problem)
{
    unsigned reg = r->word >> 8 & 0x1f;

    if (seen_kind(r) != SIENNA_SEEN_INSTRUCTION || e->without_registers)
        return write_chunk(e, problem);
    if (reg != NO_REGISTER && r->value != e->state.cpus[e->state.cpu].registers.gr[reg & 15])
        put_other(e, &(struct sienna_seen){r->position, 0, r->value,
                                           (uint64_t)reg << 16 | SIENNA_SEEN_GR << 8 | SIENNA_SEEN_REGISTER});
    r->word = (r->word & ~0x1f00ULL) | NO_REGISTER << 8;
    return write_chunk(e, problem);
}

static bool put_one(struct encoder *e, const struct sienna_seen *r, char *problem)
{
    struct sienna_seen copy;

    if (e->without_registers && seen_kind(r) == SIENNA_SEEN_REGISTER)
        return true;
    for (unsigned i = 0; i < TRACE_COLUMNS; i++)
        make_room(&e->columns[i]);
    if (may_end_chunk(e, r) && chunk_full(e)) {
        copy = *r;
        if (!next_chunk(e, &copy, problem))
            return false;
        r = &copy;
    }
    if (!e->open)
        begin_chunk(e, seen_kind(r) == SIENNA_SEEN_SLICE || r->position > e->state.position ? r->position
                                                                                           : e->state.position);
    e->begun |= seen_kind(r) != SIENNA_SEEN_SLICE && seen_kind(r) != SIENNA_SEEN_THREAD;
    if (seen_kind(r) == SIENNA_SEEN_INSTRUCTION)
        put_instruction(e, r);
    else
        put_other(e, r);
    return true;
}

bool encoder_put(struct encoder *e, const struct sienna_seen *records, size_t count,
                 char problem[SIENNA_PROBLEM_BYTES])
{
    for (size_t i = 0; i < count; i += 1 + seen_data_records(&records[i]))
        if (!put_one(e, &records[i], problem))
            return false;
    return true;
}

bool encoder_catch_up(struct encoder *e, const struct trace_state *state, char problem[SIENNA_PROBLEM_BYTES])
{
    for (unsigned i = 0; i < TRACE_COLUMNS; i++)
        make_room(&e->columns[i]);
    if (!e->open)
        begin_chunk(e, state->position);
    put_cpu(e, state, state->cpu);
    return true;
}

bool encoder_flush(struct encoder *e, char problem[SIENNA_PROBLEM_BYTES])
{
    return write_chunk(e, problem);
}
