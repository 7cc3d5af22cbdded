/* SPDX-License-Identifier: MIT */
/**
 * Who called whom: a shadow stack for each thread. BRASL, BASR and their like that go somewhere are calls, a branch
 * back to where the call said is their return; interruptions are calls, and LPSWE ends them.
 */
#ifndef SIENNA_TRACE_CALLS_H
#define SIENNA_TRACE_CALLS_H

#include <stdio.h>

#include "trace/reader.h"
#include "trace/symbols.h"

struct calls;
struct calls *calls_create(void);
/** The next item of the trace; all of a thread, in order. */
void calls_follow(struct calls *calls, const struct trace_item *item);
/** A tree for each thread, `lines` of each at most, in order of cycles. */
void calls_print(const struct calls *calls, FILE *out, const struct symbols *symbols, uint64_t lines);
void calls_release(struct calls *calls);

#endif
