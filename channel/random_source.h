/* SPDX-License-Identifier: MIT */
/**
 * A stream of pseudo-random bytes from a 32-byte seed (ChaCha20 key stream, RFC 8439).
 *
 * The same seed gives the same bytes on every host; with a secret seed they
 * are as good as the cipher.
 */
#ifndef SIENNA_CHANNEL_RANDOM_SOURCE_H
#define SIENNA_CHANNEL_RANDOM_SOURCE_H

#include "machine/state.h"

enum { RANDOM_SEED_BYTES = 32 };

struct random_source {
    uint8_t seed[RANDOM_SEED_BYTES];
    uint64_t block;    /**< blocks made so far */
    uint8_t bytes[64]; /**< the present block */
    unsigned left;     /**< bytes of it not given out yet */
};

void random_source_init(struct random_source *source, const uint8_t seed[RANDOM_SEED_BYTES]);
void random_source_read(struct random_source *source, uint8_t *to, size_t bytes);
/** Walk over the position in the stream (machine/state.h). */
void random_source_state(struct random_source *source, struct state_walk *walk);

#endif
