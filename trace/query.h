/* SPDX-License-Identifier: MIT */
/** Which items of a trace a command is about: options that all of them take. */
#ifndef SIENNA_TRACE_QUERY_H
#define SIENNA_TRACE_QUERY_H

#include "trace/options.h"
#include "trace/reader.h"
#include "trace/symbols.h"

struct query {
    struct trace_options options;      /**< filter of kinds, levels …: as for -trace */
    uint64_t from, to, from_time, to_time; /**< positions and times; to… UINT64_MAX: to the end */
    uint64_t count;                    /**< items at most */
    struct symbols symbols;
    uint64_t given;                    /**< items given so far */
};
void query_init(struct query *query);
void query_release(struct query *query);
/** Does `option` belong to queries? Then it is taken: 1, or 0 with a sentence. -1: it does not. */
int query_option(struct query *query, const char *option, const char *value, char problem[SIENNA_PROBLEM_BYTES]);
/** Go to where the query begins. */
void query_begin(struct query *query, struct trace_reader *reader);
/** The next item that the query is about. */
bool query_next(struct query *query, struct trace_reader *reader, struct trace_item *item);
/** The same without counting it. */
bool query_peek(struct query *query, struct trace_reader *reader, struct trace_item *item);
/** The options, for help. */
extern const char query_help[];

#endif
