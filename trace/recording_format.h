/* SPDX-License-Identifier: MIT */
/** How inputs are laid out in a recording; of recording_writer.c and recording_reader.c only. */
#ifndef SIENNA_TRACE_RECORDING_FORMAT_H
#define SIENNA_TRACE_RECORDING_FORMAT_H

#include "trace/chunk.h"
#include "trace/recording.h"

static const struct chunk_kind recording_kind = {"RECO", 1, "recording"};
#define HEADER_TAG CHUNK_TAG('H', 'E', 'A', 'D')
#define INPUTS_TAG CHUNK_TAG('I', 'N', 'P', 'T')

/*
 * An input: kind, port, place, bytes, and how much time and position are later than those of the input before,
 * as numbers of seven bits a byte, the lowest first, 0x80 set in all but the last; then the data. Answers come
 * from CPUs whose slices overlap in time, so the differences are signed: the lowest bit is the sign.
 */
enum { NUMBER_MOST = 10, NUMBERS = 6 };

/* Kinds of inputs as in machine/input.h, which recordings share. */
enum { KIND_DIGEST = 13, KIND_END = 14 };

static inline uint64_t difference_fold(uint64_t difference)
{
    return difference << 1 ^ (uint64_t)((int64_t)difference >> 63);
}
static inline uint64_t difference_unfold(uint64_t folded)
{
    return folded >> 1 ^ (uint64_t)-(int64_t)(folded & 1);
}

#endif
