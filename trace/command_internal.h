/* SPDX-License-Identifier: MIT */
/** What the verbs of `sienna trace` share. */
#ifndef SIENNA_TRACE_COMMAND_INTERNAL_H
#define SIENNA_TRACE_COMMAND_INTERNAL_H

#include <stdio.h>

#include "trace/query.h"

/** What a verb is called with: options are taken off, files are left. */
struct invocation {
    struct query query;
    const char *files[2];
    unsigned file_count;
    const struct verb *verb;
    FILE *out;
    /* What single verbs take. */
    const char *insn, *symbol, *reg, *words;
    bool has_address;
    uint64_t address, address_end;
    bool ignore_time, calls;
    uint64_t top, context;
    const char *perfetto, *tsv;
};
enum { TRACE_DONE = 0, TRACE_NOTHING = 1, TRACE_WRONG = 2 };
struct verb {
    const char *name, *arguments, *help;
    unsigned files;
    const char *options;     /**< of its own, each followed by a blank: "-insn -address " */
    int (*run)(struct invocation *invocation);
};

/** A sentence to stderr; returns TRACE_WRONG. */
int trace_fail(const char *problem);
/** After reading: say that the file was cut or damaged. Returns `code`, or TRACE_WRONG when it was damaged. */
int trace_finish(const struct trace_reader *reader, const char *path, int code);

int trace_show(struct invocation *invocation);
int trace_grep(struct invocation *invocation);
int trace_diff(struct invocation *invocation);
int trace_stats(struct invocation *invocation);
int trace_export(struct invocation *invocation);

#endif
