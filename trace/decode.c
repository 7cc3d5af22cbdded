/* SPDX-License-Identifier: MIT */
#include "trace/decode.h"

#include <string.h>

#include "trace/little.h"

void decoder_begin(struct decoder *d, uint64_t position, const uint8_t *chunk, size_t bytes)
{
    size_t at = TRACE_COLUMNS_HEAD;

    memset(d, 0, sizeof *d);
    trace_model_clear(&d->model);
    d->state.cycle = 1;
    d->state.position = d->model.position = position;
    for (unsigned i = 0; i < TRACE_COLUMNS; i++) {
        uint32_t n;

        if (bytes < TRACE_COLUMNS_HEAD || (n = get_le32(chunk + 4 + 4 * i)) > bytes - at) {
            memset(d->at, 0, sizeof d->at);
            memset(d->end, 0, sizeof d->end);
            d->broken = true;
            return;
        }
        d->at[i] = chunk + at;
        at += n;
        d->end[i] = chunk + at;
    }
    d->registers = get_le32(chunk) & TRACE_HAS_REGISTERS;
}

static unsigned get_byte(struct decoder *d, enum trace_column c)
{
    if (d->at[c] == d->end[c]) {
        d->broken = true;
        return 0;
    }
    return *d->at[c]++;
}

static uint64_t get_number(struct decoder *d, enum trace_column c)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned b = get_byte(d, c);

        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return v;
    }
    d->broken = true;
    return v;
}

static uint64_t get_signed(struct decoder *d, enum trace_column c)
{
    uint64_t v = get_number(d, c);

    return v >> 1 ^ -(v & 1);
}

static uint64_t get_text(struct decoder *d)
{
    uint64_t text = (uint64_t)get_byte(d, COLUMN_NUMBERS) << 56;

    for (unsigned i = 1, length = seen_length(text); i < length; i++)
        text |= (uint64_t)get_byte(d, COLUMN_NUMBERS) << (56 - 8 * i);
    return text;
}

static uint64_t get_result(struct decoder *d, enum result result, uint64_t old)
{
    struct trace_result *before = trace_result_of(&d->model, d->model.before);
    uint64_t value = result == RESULT_STEP    ? old + before->step
                     : result == RESULT_AGAIN ? before->last
                                              : old + get_signed(d, COLUMN_VALUES);

    before->step = value - old;
    before->last = value;
    return value;
}

/* The mirror of put_row() and put_surprise() in encode.c. */
static void get_instruction(struct decoder *d, unsigned flags, struct sienna_seen *r)
{
    uint64_t *gr = d->state.cpus[d->state.cpu].registers.gr, value, old, cost;
    struct trace_slot *before = d->model.before, *slot;
    unsigned reg = before->reg, cc;
    struct trace_expected expected;

    old = gr[reg];
    expected = trace_expect_value(&d->model, &before->plan, gr, old);
    value = flags & FLAG_RESULT ? get_result(d, (enum result)(flags & FLAG_RESULT), old) : expected.value;
    if (reg == NO_REGISTER)
        value = 0;
    cc = trace_plan_cc(&before->plan, expected.formula, value, d->model.cc) ^ (flags >> FLAG_CC_SHIFT & 3);
    r->address = trace_expect_next(before, gr, value, cc);
    trace_came_out(&d->model, &before->plan, expected, value, old);
    if (flags >> FLAG_CC_SHIFT & 3)
        trace_learn_cc(before, cc);
    cost = before->cost;
    if (flags & FLAG_COST)
        before->cost = (uint16_t)(cost = get_signed(d, COLUMN_NUMBERS));
    r->position = d->model.position + cost;
    if (flags & FLAG_JUMP) {
        r->address = before->address + get_signed(d, COLUMN_NUMBERS);
        trace_learn_next(before, r->address);
    }
    slot = trace_slot_of(&d->model, r->address);
    if (flags & FLAG_NEW)
        trace_slot_fill(slot, r->address, get_text(d), d->registers);
    d->broken |= ++d->instructions > TRACE_CHUNK_MOST;
    r->value = gr[reg] = value;
    r->word = slot->text | (uint64_t)cc << 13 | reg << 8 | SIENNA_SEEN_INSTRUCTION;
    d->model.cc = cc;
    d->model.loading = false;
    d->model.position = d->state.position = r->position;
    d->model.before = slot;
}

/* A register that a load of several is expected to change, within a run. */
static bool get_expected_register(struct decoder *d, struct sienna_seen *r)
{
    uint64_t *gr = d->state.cpus[d->state.cpu].registers.gr, value;
    unsigned reg;

    if (!trace_expect_register(&d->model, &d->model.before->plan, gr, &reg, &value))
        return false;
    trace_many_came_out(&d->model, reg, value);
    r->position = d->state.position = d->model.position + d->model.before->cost;
    r->value = gr[reg] = value;
    r->word = (uint64_t)reg << 16 | SIENNA_SEEN_GR << 8 | SIENNA_SEEN_REGISTER;
    return true;
}

static void get_register(struct decoder *d, struct sienna_seen *r)
{
    const struct trace_registers *old = &d->state.cpus[d->state.cpu].registers;
    unsigned class = get_byte(d, COLUMN_NUMBERS), n = get_byte(d, COLUMN_NUMBERS), expected;
    uint64_t value;

    r->word |= (uint64_t)n << 16 | class << 8;
    switch (class & ~(unsigned)SIENNA_SEEN_ELSEWHERE) {
    case SIENNA_SEEN_GR: r->value = old->gr[n & 15] + get_signed(d, COLUMN_VALUES); break;
    case SIENNA_SEEN_AR: r->value = (uint32_t)(old->ar[n & 15] + get_signed(d, COLUMN_VALUES)); break;
    case SIENNA_SEEN_FPC: r->value = (uint32_t)(old->fpc + get_signed(d, COLUMN_VALUES)); break;
    case SIENNA_SEEN_VR:
        r->address = old->vr[n & 31][0] + get_signed(d, COLUMN_VALUES);
        r->value = old->vr[n & 31][1] + get_signed(d, COLUMN_VALUES);
        break;
    default: d->broken = true;
    }
    if (class == SIENNA_SEEN_GR) {
        trace_expect_register(&d->model, &d->model.before->plan, old->gr, &expected, &value);
        trace_many_came_out(&d->model, n, r->value);
    }
}

static void get_access(struct decoder *d, struct sienna_seen *r, const uint8_t **data)
{
    uint64_t bytes = get_number(d, COLUMN_NUMBERS);

    r->address = get_number(d, COLUMN_NUMBERS);
    r->value = (get_number(d, COLUMN_NUMBERS) << 12) ^ r->address;
    if (bytes > (uint64_t)(d->end[COLUMN_DATA] - d->at[COLUMN_DATA])) {
        d->broken = true;
        return;
    }
    *data = d->at[COLUMN_DATA];
    d->at[COLUMN_DATA] += bytes;
    r->word |= bytes << 32;
}

static void get_other(struct decoder *d, unsigned kind, struct sienna_seen *r, const uint8_t **data)
{
    uint64_t detail;

    r->position = d->state.position += get_signed(d, COLUMN_NUMBERS);
    r->word = kind;
    switch (kind) {
    case SIENNA_SEEN_TARGET:
        r->address = d->model.before->address + get_signed(d, COLUMN_NUMBERS);
        r->word |= get_text(d);
        break;
    case SIENNA_SEEN_REGISTER:
        get_register(d, r);
        break;
    case SIENNA_SEEN_FETCH: case SIENNA_SEEN_STORE:
        get_access(d, r, data);
        break;
    default:
        d->broken |= kind >= SIENNA_SEEN_KINDS;
        r->word |= (get_number(d, COLUMN_NUMBERS) & 0xff) << 8;
        detail = get_number(d, COLUMN_NUMBERS) & 0xffff;
        r->word |= detail << 16 | get_number(d, COLUMN_NUMBERS) << 32;
        r->address = get_number(d, COLUMN_NUMBERS);
        r->value = get_number(d, COLUMN_NUMBERS);
        trace_break(&d->model, r->position);
    }
    if (!d->broken)
        trace_follow(&d->state, r);
}

static void no_more(struct decoder *d)
{
    d->model.loading = true;
    d->model.many = 0;
}

enum { WITHIN_RUN = 0x100 };

/* The flags of what comes next, or WITHIN_RUN; false at the end. */
static bool next_flags(struct decoder *d, unsigned *flags)
{
    *flags = WITHIN_RUN;
    for (;;) {
        if (!d->in_run) {
            if (d->at[COLUMN_RUNS] == d->end[COLUMN_RUNS])
                return false;
            d->run = get_number(d, COLUMN_RUNS);
            d->in_run = true;
        }
        if (d->run) {
            d->run--;
            return true;
        }
        if (d->at[COLUMN_FLAGS] == d->end[COLUMN_FLAGS])
            return false;
        d->in_run = false;
        *flags = get_byte(d, COLUMN_FLAGS);
        if (*flags == (FLAG_OTHER | OTHER_REGISTER))
            trace_learn_register(d->model.before, get_byte(d, COLUMN_NUMBERS));
        else if (*flags == (FLAG_OTHER | OTHER_NO_MORE))
            no_more(d);
        else
            return true;
        *flags = WITHIN_RUN;
    }
}

bool decoder_next(struct decoder *d, struct sienna_seen *r, const uint8_t **data)
{
    unsigned flags;

    *r = (struct sienna_seen){0};
    *data = NULL;
    if (d->broken || !next_flags(d, &flags))
        return false;
    if (flags & FLAG_OTHER)
        get_other(d, flags & ~(unsigned)FLAG_OTHER, r, data);
    else if (!(flags & WITHIN_RUN) || !get_expected_register(d, r))
        get_instruction(d, flags & 0xff, r);
    return !d->broken;
}
