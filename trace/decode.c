/* SPDX-License-Identifier: MIT */
#include "trace/decode.h"

#include <string.h>

#include "trace/little.h"

void decoder_begin(struct decoder *d, uint64_t position, const uint8_t *chunk, size_t bytes)
{
    size_t at = TRACE_COLUMNS_HEAD;

    memset(d, 0, sizeof *d);
    d->state.cycle = 1;
    d->state.position = position;
    for (unsigned i = 0; i < TRACE_COLUMNS; i++) {
        uint32_t n;

        if (bytes < TRACE_COLUMNS_HEAD || (n = get_le32(chunk + 4 * i)) > bytes - at) {
            memset(d->at, 0, sizeof d->at);
            memset(d->end, 0, sizeof d->end);
            d->broken = true;
            return;
        }
        d->at[i] = chunk + at;
        at += n;
        d->end[i] = chunk + at;
    }
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

static uint64_t result_of(struct decoder *d, enum result result, uint64_t old)
{
    struct trace_slot *before = d->model.before;
    uint64_t value = old;

    if (result == RESULT_SAME)
        return old;
    if (result == RESULT_STEP && before)
        value = old + before->step;
    else if (result == RESULT_AGAIN && before)
        value = before->last;
    else if (result == RESULT_TOLD)
        value = old + get_signed(d, COLUMN_VALUES);
    if (before) {
        before->step = value - old;
        before->last = value;
    }
    return value;
}

static void get_instruction(struct decoder *d, unsigned flags, unsigned reg, struct sienna_seen *r)
{
    struct trace_registers *registers = &d->state.cpus[d->state.cpu].registers;
    struct trace_slot *before = d->model.before, *slot;

    if (reg != NO_REGISTER)
        r->value = registers->gr[reg & 15] = result_of(d, (enum result)(flags & FLAG_RESULT),
                                                       registers->gr[reg & 15]);
    if (flags & FLAG_COST) {
        uint64_t cost = get_signed(d, COLUMN_NUMBERS);

        d->state.position += cost;
        if (before)
            before->cost = (uint32_t)cost;
    } else {
        d->state.position += before ? before->cost : 0;
    }
    r->position = d->state.position;
    r->address = before ? before->next : 0;
    if (flags & FLAG_JUMP) {
        r->address = (before ? before->address : 0) + get_signed(d, COLUMN_NUMBERS);
        if (before)
            before->next = r->address;
    }
    slot = trace_slot_of(&d->model, r->address);
    if (flags & FLAG_NEW) {
        uint64_t text = get_text(d);

        *slot = (struct trace_slot){.address = r->address, .text = text, .reg = NO_REGISTER, .cost = 1,
                                    .next = r->address + seen_length(text)};
    }
    d->model.before = slot;
    r->word = slot->text | (uint64_t)(flags >> FLAG_CC_SHIFT & 3) << 13 | reg << 8 | SIENNA_SEEN_INSTRUCTION;
}

static void get_register(struct decoder *d, struct sienna_seen *r)
{
    const struct trace_registers *old = &d->state.cpus[d->state.cpu].registers;
    unsigned class = get_byte(d, COLUMN_NUMBERS), n = get_byte(d, COLUMN_NUMBERS);

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
        r->address = (d->model.before ? d->model.before->address : 0) + get_signed(d, COLUMN_NUMBERS);
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
        d->model.before = NULL;
    }
    if (!d->broken)
        trace_follow(&d->state, r);
}

bool decoder_next(struct decoder *d, struct sienna_seen *r, const uint8_t **data)
{
    struct trace_slot *before = d->model.before;
    unsigned reg = before ? before->reg : NO_REGISTER, flags;

    *r = (struct sienna_seen){0};
    *data = NULL;
    if (d->broken || d->at[COLUMN_FLAGS] == d->end[COLUMN_FLAGS])
        return false;
    flags = get_byte(d, COLUMN_FLAGS);
    if (flags == (FLAG_OTHER | OTHER_REGISTER)) {
        reg = get_byte(d, COLUMN_NUMBERS) & 0x1f;
        if (reg > NO_REGISTER)
            reg = NO_REGISTER;
        if (before)
            before->reg = reg;
        flags = get_byte(d, COLUMN_FLAGS);
        d->broken |= flags & FLAG_OTHER;
    }
    if (flags & FLAG_OTHER)
        get_other(d, flags & ~(unsigned)FLAG_OTHER, r, data);
    else
        get_instruction(d, flags, reg, r);
    return !d->broken;
}
