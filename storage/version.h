/* SPDX-License-Identifier: MIT */
/**
 * Versions of storage: contents, keys, usage states and standby increments as they were at a moment.
 *
 * Versions share what is the same in them, so that taking one costs what was stored into since the last one,
 * and going back to one what differs from it. A version is for ever; whoever holds one releases it.
 */
#ifndef SIENNA_STORAGE_VERSION_H
#define SIENNA_STORAGE_VERSION_H

#include "storage/storage.h"

struct storage_version;

/** One user's series of versions. */
struct storage_track {
    struct storage *storage;
    struct storage_version *base; /**< storage is like it, but for blocks with a later stamp */
    uint64_t generation;          /**< of the dirty blocks when it was */
    uint64_t bytes;               /**< of host memory that all versions of this track take */
};

/** Begin a track on `storage`, whatever it holds by now. */
void storage_track_begin(struct storage_track *track, struct storage *storage);
/** The versions of a track have been released before. */
void storage_track_end(struct storage_track *track);

/** Storage as it is now. */
struct storage_version *storage_version_take(struct storage_track *track);
/** Storage becomes as it was. TLBs may hold what is no longer so: the caller purges them. */
void storage_version_restore(struct storage_track *track, struct storage_version *version);
void storage_version_release(struct storage_track *track, struct storage_version *version);

/** An empty version (zeros, keys zero, all online), for storage_version_put(). */
struct storage_version *storage_version_new(struct storage_track *track);
/** What is known of one 4K block in a version. */
struct storage_block_state {
    const uint8_t *bytes; /**< PAGE_BYTES; NULL = zeros */
    uint8_t key, usage;
    bool offline;
};
/** The block's state; false when it is zeros, online, with key and usage state zero. */
bool storage_version_get(const struct storage_version *version, uint64_t block, struct storage_block_state *state);
/** Set a block of a version that nobody else holds (bytes are copied). */
void storage_version_put(struct storage_track *track, struct storage_version *version, uint64_t block,
                         const struct storage_block_state *state);

#endif
