/* SPDX-License-Identifier: MIT */
/** What of the stream goes to which file: triggers, branches alone, host and guests apart. */
#ifndef SIENNA_TRACE_SPLITTER_H
#define SIENNA_TRACE_SPLITTER_H

#include "trace/encode.h"
#include "trace/options.h"

struct splitter {
    const struct trace_options *options;
    struct encoder *outputs[2];     /**< [1] NULL: all to [0]; else it is the guests' */
    bool plain;                     /**< everything goes to outputs[0] as it is */
    bool started, stopped;
    uint64_t put;                   /**< instructions and events */
    bool stale[2];                  /**< the output has missed something */
    unsigned joined;             /**< the output of records that go on together */
    struct {
        uint64_t address, next;     /**< of the last instruction seen there, and of the one after it in storage */
        bool known;
    } before[TRACE_CPUS];
    struct trace_state state;
};
void splitter_init(struct splitter *splitter, const struct trace_options *options, struct encoder *first,
                   struct encoder *second);
bool splitter_put(struct splitter *splitter, const struct sienna_seen *records, size_t count,
                  char problem[SIENNA_PROBLEM_BYTES]);

#endif
