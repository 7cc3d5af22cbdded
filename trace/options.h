/* SPDX-License-Identifier: MIT */
/** `-trace FILE.trc,KEY=VALUE…`: what is traced. */
#ifndef SIENNA_TRACE_OPTIONS_H
#define SIENNA_TRACE_OPTIONS_H

#include "sienna_observe.h"

enum trace_trigger { TRIGGER_NONE, TRIGGER_ADDRESS, TRIGGER_POSITION, TRIGGER_TIME, TRIGGER_COUNT };
struct trace_options {
    char path[4096];
    struct sienna_filter filter;
    bool apart;                    /**< guests go to a file of their own */
    bool no_registers;             /**< what registers hold is left out */
    enum trace_trigger start, stop;
    uint64_t start_at, stop_at;
};
/** Understand `text`. False with one sentence that says what would do. */
bool trace_options_parse(struct trace_options *options, const char *text, char problem[SIENNA_PROBLEM_BYTES]);
/** One `KEY=VALUE` of it. */
bool trace_options_key(struct trace_options *options, const char *word, char problem[SIENNA_PROBLEM_BYTES]);
/** A number as C writes it, or hexadecimal digits after a leading "0x". */
bool trace_number(const char *text, uint64_t *value);
/** FROM-TO, FROM+BYTES or one address; `*to` is the last one. */
bool trace_range(const char *text, uint64_t *from, uint64_t *to);
/** "1.5s", "20ms", "7us", or TOD units. */
bool trace_time_parse(const char *text, uint64_t *units);

#endif
