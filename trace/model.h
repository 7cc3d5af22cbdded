/* SPDX-License-Identifier: MIT */
/**
 * What writer and reader of a trace both know, so that the file need not say it.
 *
 * A chunk has five columns, each compressed well on its own: runs (how many instructions in a row were as expected,
 * before each record that was not, and at the end), flags (a byte for each of those), numbers and values (what was
 * not as expected, of anything and of registers), data (of storage). For each instruction address the model
 * remembers text, cost and plan (trace/plan.h), which says what to expect from the registers before; for addresses of
 * operands it remembers what was there. Every chunk begins with an empty model, and with the registers of all CPUs:
 * it is read without those before it.
 */
#ifndef SIENNA_TRACE_MODEL_H
#define SIENNA_TRACE_MODEL_H

#include "sienna_observe.h"
#include "trace/chunk.h"
#include "trace/plan.h"

#define TRACE_META CHUNK_TAG('M', 'E', 'T', 'A')
#define TRACE_DATA CHUNK_TAG('S', 'E', 'E', 'N')
extern const struct chunk_kind trace_kind;

enum trace_column { COLUMN_RUNS, COLUMN_FLAGS, COLUMN_VALUES, COLUMN_NUMBERS, COLUMN_DATA, TRACE_COLUMNS };
/* A word of features, and the bytes of each column. */
enum { TRACE_COLUMNS_HEAD = 4 + 4 * TRACE_COLUMNS, TRACE_HAS_REGISTERS = 1 };
/** A chunk has no more instructions than that: a hostile one ends. */
enum { TRACE_CHUNK_MOST = 1 << 21 };

/* The flags byte of an instruction. */
enum {
    FLAG_RESULT = 3,       /**< enum result: of the instruction before */
    FLAG_CC_SHIFT = 2,     /**< two bits: how the condition code differs from the expected one */
    FLAG_JUMP = 1 << 4,    /**< its address is not the expected one; in numbers */
    FLAG_NEW = 1 << 5,     /**< its text is not the remembered one; in numbers */
    FLAG_COST = 1 << 6,    /**< its position is not the expected one; in numbers */
    FLAG_OTHER = 1 << 7,   /**< no instruction: the rest is the kind of record */
};
/** As expected; as much above the old one as the last unexpected one; that one again; or in values. */
enum result { RESULT_EXPECTED, RESULT_STEP, RESULT_AGAIN, RESULT_TOLD };
/** Beside enum sienna_seen_kind: which register the instruction before may have changed is not as expected; it has
 *  loaded fewer registers than expected. */
enum { OTHER_REGISTER = SIENNA_SEEN_KINDS, OTHER_NO_MORE };

enum { TRACE_CPUS = SIENNA_MAX_CPUS, TRACE_SLOTS = 32768, TRACE_CELLS = 16384 };

/** Of 64 bytes, and on its own line of the cache. */
struct trace_slot {
    uint64_t address, text;
    struct trace_plan plan;
    uint16_t cost;
    uint8_t reg;             /**< that it may change */
} __attribute__((aligned(64)));
/** The last unexpected result of an instruction: what it was, and how it differed from the register before. */
struct trace_result {
    uint64_t step, last;
};

struct trace_registers {
    uint64_t gr[17];                /**< [16] is zero */
    uint32_t ar[16], fpc;
    uint64_t vr[32][2];
};
/** What is known of a CPU of the machine. */
struct trace_cpu {
    struct trace_registers registers;
    uint64_t modes, asce, thread;   /**< as SIENNA_SEEN_THREAD has them */
    bool told;                      /**< a slice of it was told */
};
/** Where the stream is. */
struct trace_state {
    unsigned cpu;
    uint64_t position;              /**< of the last record */
    uint64_t slice_position, slice_time, cycle;
    struct trace_cpu cpus[TRACE_CPUS];
};
struct trace_model {
    struct trace_slot slots[TRACE_SLOTS];
    struct trace_result results[TRACE_SLOTS + 1]; /**< of slots, and of `nothing` */
    struct trace_slot nothing;      /**< stands for the instruction before where there is none */
    struct trace_slot *before;      /**< of the instruction before */
    unsigned cc;                    /**< before it */
    uint64_t position;              /**< of it */
    bool loading;                   /**< it loads several registers, and has begun: */
    unsigned many, many_register;   /**< so many are still expected, the next of them … */
    uint64_t many_address;          /**< … from where */
    uint64_t cells[TRACE_CELLS];    /**< what operands held */
};

static inline struct trace_slot *trace_slot_of(struct trace_model *m, uint64_t address)
{
    return &m->slots[address >> 1 & (TRACE_SLOTS - 1)];
}
static inline struct trace_result *trace_result_of(struct trace_model *m, const struct trace_slot *slot)
{
    return &m->results[slot == &m->nothing ? TRACE_SLOTS : slot - m->slots];
}
/** What is remembered of the operand at `address`; others may share its place. */
static inline uint64_t *trace_cell_of(struct trace_model *m, uint64_t address)
{
    return &m->cells[(address ^ address >> 14) & (TRACE_CELLS - 1)];
}
static inline unsigned seen_kind(const struct sienna_seen *r) { return r->word & 0xff; }
static inline unsigned seen_class(const struct sienna_seen *r) { return r->word >> 8 & 0xff; }
static inline unsigned seen_detail(const struct sienna_seen *r) { return r->word >> 16 & 0xffff; }
static inline uint32_t seen_code(const struct sienna_seen *r) { return (uint32_t)(r->word >> 32); }
static inline bool seen_has_data(const struct sienna_seen *r)
{
    return seen_kind(r) == SIENNA_SEEN_FETCH || seen_kind(r) == SIENNA_SEEN_STORE;
}
/** Records after this one that hold its data. */
static inline size_t seen_data_records(const struct sienna_seen *r)
{
    return seen_has_data(r) ? ((size_t)seen_code(r) + sizeof *r - 1) / sizeof *r : 0;
}
static inline unsigned seen_length(uint64_t word)
{
    return word >> 62 == 0 ? 2 : word >> 62 == 3 ? 6 : 4;
}
static inline uint64_t trace_time(const struct trace_state *s, uint64_t position)
{
    return s->slice_time + (position - s->slice_position) * s->cycle;
}

/** An empty model. */
void trace_model_clear(struct trace_model *model);
/** Remember a new instruction in `slot`. */
void trace_slot_fill(struct trace_slot *slot, uint64_t address, uint64_t text, bool registers);

/** What the record after an instruction is expected to tell. */
struct trace_expected {
    uint64_t value, formula;
};

void trace_store_many(struct trace_model *model, const struct trace_plan *plan, const uint64_t gr[17]);

/** The contents that its register, now `old`, is expected to have after the instruction before. */
static inline __attribute__((always_inline)) struct trace_expected
trace_expect_value(struct trace_model *m, const struct trace_plan *p, const uint64_t gr[17], uint64_t old)
{
    uint64_t formula, result;

    if (p->kind == PLAN_NOTHING)
        return (struct trace_expected){old, 0};
    if (p->kind == PLAN_SUM) {
        result = formula = trace_plan_sum(p, gr);
    } else if (p->kind == PLAN_FORMULA) {
        result = formula = trace_plan_formula(p, gr, old);
    } else if (p->kind == PLAN_MULTIPLY) {
        result = formula = gr[p->first] * gr[p->second];
    } else if (p->kind == PLAN_SHIFT) {
        result = formula = trace_plan_shift(p, gr);
    } else {
        result = formula = trace_plan_sum(p, gr);
        if (p->kind == PLAN_LOAD)
            result = trace_plan_load(p, *trace_cell_of(m, formula), old);
        else if (p->kind == PLAN_STORE)
            *trace_cell_of(m, formula) = gr[p->reg];
        else if (p->kind == PLAN_STORE_MANY)
            trace_store_many(m, p, gr);
    }
    return (struct trace_expected){trace_plan_kept(p, result, old), formula};
}

/** It came out as `value`. */
static inline void trace_came_out(struct trace_model *m, const struct trace_plan *p, struct trace_expected expected,
                                  uint64_t value, uint64_t old)
{
    uint64_t loaded = value - (old & (uint64_t)p->add), negative = (uint64_t)p->negative;

    if (p->kind == PLAN_LOAD && !p->both)
        *trace_cell_of(m, expected.formula) = (loaded ^ negative) - negative;
}

/** The address at which the next instruction is expected; `value` and `cc`: after the one before. */
static inline uint64_t trace_expect_next(const struct trace_slot *before, const uint64_t gr[17], uint64_t value,
                                         unsigned cc)
{
    uint64_t sequential = before->address + before->plan.length;

    return before->plan.branch ? trace_plan_branch(&before->plan, gr, value, cc, sequential) : sequential;
}

/** The next register that the instruction before is expected to load, false: no more. */
bool trace_expect_register(struct trace_model *model, const struct trace_plan *plan, const uint64_t gr[17],
                           unsigned *reg, uint64_t *value);
/** Register `reg` was loaded. */
void trace_many_came_out(struct trace_model *model, unsigned reg, uint64_t value);
/** What comes next does not follow the instruction before. */
void trace_break(struct trace_model *model, uint64_t position);

/** Learn from what was not expected: which register changes, a condition code, an address. */
void trace_learn_register(struct trace_slot *before, unsigned reg);
void trace_learn_cc(struct trace_slot *before, unsigned cc);
void trace_learn_next(struct trace_slot *before, uint64_t next);

/** Let the state follow a record other than an instruction. */
void trace_follow(struct trace_state *state, const struct sienna_seen *record);

#endif
