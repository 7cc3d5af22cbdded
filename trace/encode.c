/* SPDX-License-Identifier: MIT */
#include "trace/encode.h"

#include <stdlib.h>
#include <string.h>

#include "trace/little.h"
#include "trace/problem.h"

/* A chunk is written when it has grown to this, or has so many instructions. */
enum { CHUNK_BYTES = 3 << 20, CHUNK_INSTRUCTIONS = 1 << 20 };
/* More than one record and its data take, and then so many instructions. */
enum { SLACK = 32768, AT_ONCE = 256 };

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

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
    uint64_t run;                     /* instructions that were as expected, since the last that was not */
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

/* Before anything that has flags: how many instructions had none. */
static void put_run(struct encoder *e)
{
    put_number(&e->columns[COLUMN_RUNS], e->run);
    e->run = 0;
}

static unsigned put_result(struct encoder *e, struct trace_slot *slot, uint64_t value, uint64_t old)
{
    struct trace_result *before = trace_result_of(&e->model, slot);
    enum result result = RESULT_TOLD;

    if (value == old + before->step)
        result = RESULT_STEP;
    else if (value == before->last)
        result = RESULT_AGAIN;
    else
        put_signed(&e->columns[COLUMN_VALUES], value - old);
    before->step = value - old;
    before->last = value;
    return result;
}

static void put_text(struct column *numbers, uint64_t text)
{
    for (unsigned i = 0; i < seen_length(text); i++)
        put_byte(numbers, (unsigned)(text >> (56 - 8 * i)));
}

/* Which register the instruction before may have changed is not as expected. */
static __attribute__((noinline)) void put_which(struct encoder *e, struct trace_slot *before, unsigned reg)
{
    put_run(e);
    put_byte(&e->columns[COLUMN_FLAGS], FLAG_OTHER | OTHER_REGISTER);
    put_byte(&e->columns[COLUMN_NUMBERS], reg);
    trace_learn_register(before, reg);
}

/* A load of several registers is over; did it load fewer than expected? */
static __attribute__((noinline)) void end_many(struct encoder *e, const struct trace_slot *before, const uint64_t *gr)
{
    unsigned reg;
    uint64_t value;

    if (trace_expect_register(&e->model, &before->plan, gr, &reg, &value)) {
        put_run(e);
        put_byte(&e->columns[COLUMN_FLAGS], FLAG_OTHER | OTHER_NO_MORE);
    }
    e->model.loading = false;
}

/* What an instruction is expected to be, and what it is. */
struct surprise {
    uint64_t expected, value, old, expected_address, address, text, cost;
    unsigned expected_cc, cc;
};

/* An instruction that is not as expected. */
static __attribute__((noinline)) void put_surprise(struct encoder *e, struct trace_slot *before,
                                                   struct trace_slot *slot, const struct surprise *s)
{
    struct column *numbers = &e->columns[COLUMN_NUMBERS];
    unsigned flags = (s->cc ^ s->expected_cc) << FLAG_CC_SHIFT;

    put_run(e);
    if (flags)
        trace_learn_cc(before, s->cc);
    if (s->value != s->expected)
        flags |= put_result(e, before, s->value, s->old);
    if (s->cost != before->cost) {
        flags |= FLAG_COST;
        put_signed(numbers, s->cost);
        before->cost = (uint16_t)s->cost;
    }
    if (s->address != s->expected_address) {
        flags |= FLAG_JUMP;
        put_signed(numbers, s->address - before->address);
        trace_learn_next(before, s->address);
    }
    if (slot->address != s->address || slot->text != s->text) {
        flags |= FLAG_NEW;
        put_text(numbers, s->text);
        trace_slot_fill(slot, s->address, s->text, !e->without_registers);
    }
    put_byte(&e->columns[COLUMN_FLAGS], flags);
}

/* Instructions in a row, for which there is room whatever they take; returns how many. This is what takes most of
 * the time. What was seen, and not what was expected, is what goes on to the next instruction: so the processor need
 * not wait for the one before. */
static inline __attribute__((always_inline)) size_t put_row(struct encoder *e, const struct sienna_seen *records,
                                                            size_t count, bool registers)
{
    struct trace_model *m = &e->model;
    uint64_t *gr = e->state.cpus[e->state.cpu].registers.gr, position = m->position;
    struct trace_slot *before = m->before;
    unsigned cc = m->cc;
    size_t i = 0, told = 0;

    for (; i < count; i++) {
        const struct sienna_seen *r = &records[i];
        struct trace_slot *slot = trace_slot_of(m, r->address);
        const struct trace_plan *plan = &before->plan;
        /* Of `differs` bits 0–15 are those of the word, since a text has none there. */
        uint64_t value = registers ? r->value : 0, differs = r->word ^ slot->text, *changed, next;
        unsigned old_cc = cc, expected_cc;
        struct trace_expected expected;

        if (!registers)
            differs = (differs & ~0x1f00ULL) | NO_REGISTER << 8;
        if (unlikely((differs & 0x1fff) != (unsigned)before->reg << 8)) {
            if (seen_kind(r) != SIENNA_SEEN_INSTRUCTION)
                break;
            e->run += i - told;
            told = i;
            put_which(e, before, differs >> 8 & 0x1f);
        }
        changed = &gr[before->reg];
        cc = differs >> 13 & 3;
        expected = trace_expect_value(m, plan, gr, *changed);
        expected_cc = trace_plan_cc(plan, expected.formula, value, old_cc);
        next = trace_expect_next(before, gr, value, cc);
        if (plan->kind >= PLAN_LOAD) {
            trace_came_out(m, plan, expected, value, *changed);
            if (unlikely(plan->kind == PLAN_LOAD_MANY)) {
                e->run += i - told;
                told = i;
                end_many(e, before, gr);
            }
        }
        if (unlikely(value != expected.value || cc != expected_cc || r->address != next || differs >> 16 ||
                     r->position - position != before->cost || slot->address != next)) {
            e->run += i - told;
            told = i + 1;
            put_surprise(e, before, slot, &(struct surprise){expected.value, value, *changed, next, r->address,
                                                             r->word & ~0xffffULL, r->position - position,
                                                             expected_cc, cc});
        }
        *changed = value;
        position = r->position;
        before = slot;
    }
    e->run += i - told;
    e->in_chunk += i;
    m->before = before;
    m->position = position;
    m->cc = cc;
    if (i)
        e->state.position = position;
    return i;
}

static size_t put_instructions(struct encoder *e, const struct sienna_seen *records, size_t count)
{
    return e->without_registers ? put_row(e, records, count, false) : put_row(e, records, count, true);
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

/* A register that a load of several was expected to change; it belongs to the run then. */
static bool put_expected_register(struct encoder *e, const struct sienna_seen *r)
{
    uint64_t *gr = e->state.cpus[e->state.cpu].registers.gr, value;
    unsigned reg;
    bool expected;

    if (seen_class(r) != SIENNA_SEEN_GR)
        return false;
    expected = trace_expect_register(&e->model, &e->model.before->plan, gr, &reg, &value) &&
               reg == seen_detail(r) && value == r->value &&
               r->position == e->model.position + e->model.before->cost;
    trace_many_came_out(&e->model, seen_detail(r), r->value);
    if (expected) {
        e->run++;
        gr[reg] = value;
        e->state.position = r->position;
    }
    return expected;
}

static void put_other(struct encoder *e, const struct sienna_seen *r)
{
    struct column *numbers = &e->columns[COLUMN_NUMBERS];
    unsigned kind = seen_kind(r);

    if (kind == SIENNA_SEEN_REGISTER && put_expected_register(e, r))
        return;
    put_run(e);
    put_byte(&e->columns[COLUMN_FLAGS], FLAG_OTHER | kind);
    put_signed(numbers, r->position - e->state.position);
    e->state.position = r->position;
    switch (kind) {
    case SIENNA_SEEN_TARGET:
        put_signed(numbers, r->address - e->model.before->address);
        put_text(numbers, r->word);
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
        trace_break(&e->model, r->position);
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
    trace_model_clear(&e->model);
    e->model.position = position;
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
    put_run(e);
    for (unsigned i = 0; i < TRACE_COLUMNS; i++)
        bytes += column_bytes(&e->columns[i]);
    raw = trace_allocate(bytes);
    put_le32(raw, e->without_registers ? 0 : TRACE_HAS_REGISTERS);
    at = raw + TRACE_COLUMNS_HEAD;
    for (unsigned i = 0; i < TRACE_COLUMNS; i++) {
        size_t n = column_bytes(&e->columns[i]);

        if (i < COLUMN_NUMBERS)
            c.dense = (uint32_t)(at + n - raw);
        put_le32(raw + 4 + 4 * i, (uint32_t)n);
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

/* May a new chunk begin with this record? */
static bool may_end_chunk(const struct sienna_seen *r)
{
    switch (seen_kind(r)) {
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
    if (may_end_chunk(r) && chunk_full(e)) {
        copy = *r;
        if (!next_chunk(e, &copy, problem))
            return false;
        r = &copy;
    }
    if (!e->open)
        begin_chunk(e, seen_kind(r) == SIENNA_SEEN_SLICE || r->position > e->state.position ? r->position
                                                                                           : e->state.position);
    e->begun |= seen_kind(r) != SIENNA_SEEN_SLICE && seen_kind(r) != SIENNA_SEEN_THREAD;
    if (seen_kind(r) != SIENNA_SEEN_INSTRUCTION)
        put_other(e, r);
    else
        put_instructions(e, r, 1);
    return true;
}

bool encoder_put(struct encoder *e, const struct sienna_seen *records, size_t count,
                 char problem[SIENNA_PROBLEM_BYTES])
{
    for (size_t i = 0; i < count;) {
        if (!put_one(e, &records[i], problem))
            return false;
        i += 1 + seen_data_records(&records[i]);
        i += put_instructions(e, records + i, count - i < AT_ONCE ? count - i : AT_ONCE);
    }
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
