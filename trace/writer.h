/* SPDX-License-Identifier: MIT */
/** A trace being written while the machine runs: encoding and compressing is done by a thread of its own. */
#ifndef SIENNA_TRACE_WRITER_H
#define SIENNA_TRACE_WRITER_H

#include "trace/options.h"

struct trace_writer;
/** Begin to trace. NULL with a sentence. Between runs; so the end. */
struct trace_writer *trace_writer_begin(struct sienna *sienna, const struct trace_options *options,
                                        char problem[SIENNA_PROBLEM_BYTES]);
/** Write all that was seen, and close the file. False with a sentence when that, or earlier writing, failed. */
bool trace_writer_end(struct trace_writer *writer, char problem[SIENNA_PROBLEM_BYTES]);

#endif
