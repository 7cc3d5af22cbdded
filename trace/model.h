/* SPDX-License-Identifier: MIT */
/**
 * What writer and reader of a trace both know, so that the file need not say it.
 *
 * A chunk has four columns, each compressed well on its own: flags (a byte for each record), numbers (what was
 * not as predicted), values (of registers), data (of storage). For each instruction address the model remembers
 * text, cost, successor and result; an instruction that is as it was the last time takes one byte. Every chunk
 * begins with an empty model, and with the registers of all CPUs: it is read without those before it.
 */
#ifndef SIENNA_TRACE_MODEL_H
#define SIENNA_TRACE_MODEL_H

#include "sienna_observe.h"
#include "trace/chunk.h"

#define TRACE_META CHUNK_TAG('M', 'E', 'T', 'A')
#define TRACE_DATA CHUNK_TAG('S', 'E', 'E', 'N')
extern const struct chunk_kind trace_kind;

enum trace_column { COLUMN_FLAGS, COLUMN_NUMBERS, COLUMN_VALUES, COLUMN_DATA, TRACE_COLUMNS };
enum { TRACE_COLUMNS_HEAD = 4 * TRACE_COLUMNS };

/* The flags byte of an instruction. */
enum {
    FLAG_RESULT = 3,       /**< enum result: of the instruction before */
    FLAG_CC_SHIFT = 2,     /**< two bits: the condition code */
    FLAG_JUMP = 1 << 4,    /**< its address is not the predicted one; in numbers */
    FLAG_NEW = 1 << 5,     /**< its text is not the remembered one; in numbers */
    FLAG_COST = 1 << 6,    /**< its position is not the predicted one; in numbers */
    FLAG_OTHER = 1 << 7,   /**< no instruction: the rest is the kind of record */
};
enum result { RESULT_SAME, RESULT_STEP, RESULT_AGAIN, RESULT_TOLD };
/** Beside enum sienna_seen_kind: which register the instruction before may have changed is not as predicted. */
enum { OTHER_REGISTER = SIENNA_SEEN_KINDS };

enum { TRACE_CPUS = SIENNA_MAX_CPUS, TRACE_SLOTS = 8192, NO_REGISTER = 16 };

struct trace_slot {
    uint64_t address, text;
    uint64_t next;           /**< address of the instruction after it, the last time */
    uint64_t step, last;     /**< how the result differed from the register before, and what it was */
    uint32_t cost;
    uint32_t reg;
};

struct trace_registers {
    uint64_t gr[17];
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
    struct trace_slot *before;      /**< of the instruction before, or NULL */
};

static inline struct trace_slot *trace_slot_of(struct trace_model *m, uint64_t address)
{
    return &m->slots[(address >> 1 ^ address >> 14) & (TRACE_SLOTS - 1)];
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

/** Let the state follow a record other than an instruction. */
void trace_follow(struct trace_state *state, const struct sienna_seen *record);

#endif
