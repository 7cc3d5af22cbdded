/* SPDX-License-Identifier: MIT */
#include "trace/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool trace_problem(char problem[SIENNA_PROBLEM_BYTES], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem, SIENNA_PROBLEM_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

void *trace_reallocate(void *old, size_t bytes)
{
    void *p = realloc(old, bytes ? bytes : 1);

    if (!p) {
        fprintf(stderr, "sienna: the host has no memory left\n");
        abort();
    }
    return p;
}

void *trace_allocate(size_t bytes)
{
    void *p = calloc(1, bytes ? bytes : 1);

    return p ? p : trace_reallocate(NULL, bytes);
}
