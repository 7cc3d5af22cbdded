/* SPDX-License-Identifier: MIT */
#ifndef SIENNA_TRACE_PROBLEM_H
#define SIENNA_TRACE_PROBLEM_H

#include "sienna.h"

/** Put one sentence into `problem`; returns false for the caller to return. */
bool trace_problem(char problem[SIENNA_PROBLEM_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Memory that must be there: ends the process with a sentence when it is not. */
void *trace_allocate(size_t bytes);
void *trace_reallocate(void *old, size_t bytes);

#endif
