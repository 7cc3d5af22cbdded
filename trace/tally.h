/* SPDX-License-Identifier: MIT */
/** Counts by name of something, and the largest of them. */
#ifndef SIENNA_TRACE_TALLY_H
#define SIENNA_TRACE_TALLY_H

#include <stdio.h>

#include "sienna.h"

struct tally_entry {
    uint64_t key;            /**< what is counted, as the user of the tally sees it */
    unsigned level;
    uint64_t count, cycles;
    bool used;
};
struct tally {
    struct tally_entry *entries;
    size_t count, room;      /**< room: a power of two, or 0 */
};
/** The entry of `key` at `level`, made when there is none; valid until the next call. */
struct tally_entry *tally_of(struct tally *tally, unsigned level, uint64_t key);
/** Entries in descending order of cycles, or of counts; then it can only be read: [0] … [count - 1]. */
void tally_sort(struct tally *tally, bool by_cycles);
void tally_release(struct tally *tally);

#endif
