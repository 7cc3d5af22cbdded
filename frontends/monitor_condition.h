/* SPDX-License-Identifier: MIT */
/**
 * Conditions of the monitor's stops, such as "%gr2 == 10 && word[%gr3+8] > ff". Numbers are hexadecimal, values
 * unsigned and of 64 bits. docs/sienna.1 has the language.
 */
#ifndef SIENNA_FRONTENDS_MONITOR_CONDITION_H
#define SIENNA_FRONTENDS_MONITOR_CONDITION_H

#include "host_stream.h"
#include "sienna_debug.h"

struct monitor_condition;

/** NULL with one sentence in `problem`. */
struct monitor_condition *monitor_condition_parse(const char *text, char problem[HOST_PROBLEM_BYTES]);
/** NULL is permitted. */
void monitor_condition_free(struct monitor_condition *condition);
/**
 * Does it hold for the thread that met a stop? Storage is that thread's, by logical addresses. What cannot be known (a
 * register that nobody told the machine, storage that is not there) makes it hold: somebody should look.
 */
bool monitor_condition_holds(const struct monitor_condition *condition, const struct sienna *sienna,
                             struct sienna_thread thread);
/** As it was given. */
const char *monitor_condition_text(const struct monitor_condition *condition);

#endif
