/* SPDX-License-Identifier: MIT */
/** From records to the chunks of a trace file. */
#ifndef SIENNA_TRACE_ENCODE_H
#define SIENNA_TRACE_ENCODE_H

#include "trace/model.h"

struct encoder;
/** Encode into chunks of `writer`, which stays the caller's; with `registers` or without what they hold. */
struct encoder *encoder_create(struct chunk_writer *writer, bool registers);
/** Encode `count` records, all data of the last one among them. False with a sentence when the file is full. */
bool encoder_put(struct encoder *encoder, const struct sienna_seen *records, size_t count,
                 char problem[SIENNA_PROBLEM_BYTES]);
/** Tell what differs between `state` and what was encoded so far: records were left out. */
bool encoder_catch_up(struct encoder *encoder, const struct trace_state *state,
                      char problem[SIENNA_PROBLEM_BYTES]);
/** Write what is not written yet. */
bool encoder_flush(struct encoder *encoder, char problem[SIENNA_PROBLEM_BYTES]);
/** Instructions encoded so far. */
uint64_t encoder_instructions(const struct encoder *encoder);
/** Where the stream is. */
const struct trace_state *encoder_state(const struct encoder *encoder);
void encoder_release(struct encoder *encoder);

#endif
