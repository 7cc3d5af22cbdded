/* SPDX-License-Identifier: MIT */
/** Reading a trace: instructions with what they did, and events, one after the other, from any position. */
#ifndef SIENNA_TRACE_READER_H
#define SIENNA_TRACE_READER_H

#include "trace/decode.h"

enum { TRACE_CHANGES = 64, TRACE_ACCESSES = 64 };

/** A register that an instruction changed. */
struct trace_change {
    unsigned class, number;      /**< enum sienna_seen_register */
    uint64_t old[2], now[2];     /**< VRs: both doublewords; else [1] */
};
struct trace_access {
    bool store;
    uint64_t address, absolute;
    uint32_t bytes;
    const uint8_t *data;         /**< valid until the next item */
};
/** An instruction or an event. */
struct trace_item {
    enum sienna_seen_kind kind;  /**< never a slice, thread, register or target */
    uint64_t position, time;
    unsigned cpu;                /**< of the machine */
    unsigned level, guest, guest_cpu;
    uint64_t modes, asce;        /**< as SIENNA_SEEN_THREAD tells them */
    unsigned cc;                 /**< before an instruction */
    uint64_t address, value, text;
    unsigned length;             /**< of an instruction */
    unsigned class, detail;
    uint32_t code;               /**< of events, as in the record */
    bool executes;               /**< an EXECUTE, of this: */
    uint64_t target_address, target_text;
    unsigned changes, accesses;
    struct trace_change change[TRACE_CHANGES];
    struct trace_access access[TRACE_ACCESSES]; /**< the first of them; an access without an instruction is an item */
};

struct trace_reader;
/** Open a trace file. NULL with a sentence. A file that was cut is read as far as it is whole. */
struct trace_reader *trace_open(const char *path, char problem[SIENNA_PROBLEM_BYTES]);
void trace_close(struct trace_reader *reader);
/** What comes next. False at the end; then trace_problem_of() tells whether something was wrong. */
bool trace_next(struct trace_reader *reader, struct trace_item *item);
/** Why reading ended, in a sentence; NULL: the trace ended. */
const char *trace_problem_of(const struct trace_reader *reader);
/** Go on with the first item at `position` or later. */
void trace_seek(struct trace_reader *reader, uint64_t position);
/** The same for a virtual time. */
void trace_seek_time(struct trace_reader *reader, uint64_t time);
bool trace_was_cut(const struct trace_reader *reader);
/** First and last position and instructions, by the index; false when the trace is empty. */
bool trace_extent(const struct trace_reader *reader, uint64_t *first, uint64_t *last, uint64_t *instructions);
/** A setting that the writer noted ("cpus"), or 0. */
uint64_t trace_setting(const struct trace_reader *reader, const char *name, unsigned base);
/** The registers of a CPU of the machine after the last item. */
const struct trace_registers *trace_registers_of(const struct trace_reader *reader, unsigned cpu);

#endif
