/* SPDX-License-Identifier: MIT */
/** From a chunk of a trace file back to records; a hostile chunk ends early and harms nothing. */
#ifndef SIENNA_TRACE_DECODE_H
#define SIENNA_TRACE_DECODE_H

#include "trace/model.h"

struct decoder {
    struct trace_model model;
    struct trace_state state;       /**< after the last record */
    const uint8_t *at[TRACE_COLUMNS], *end[TRACE_COLUMNS];
    uint64_t run;                   /**< instructions as expected that still come before the next flags … */
    bool in_run;                    /**< … if that has been read */
    bool registers;
    uint64_t instructions;
    bool broken;                    /**< the chunk is not what an encoder writes */
};
/** Begin with the contents of a chunk at `position`; they stay the caller's. */
void decoder_begin(struct decoder *decoder, uint64_t position, const uint8_t *chunk, size_t bytes);
/** The next record; `*data` are the bytes of an access. False at the end. */
bool decoder_next(struct decoder *decoder, struct sienna_seen *record, const uint8_t **data);

#endif
