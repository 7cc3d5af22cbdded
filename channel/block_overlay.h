/* SPDX-License-Identifier: MIT */
/**
 * The private layer over an image that -snapshot writes to; gone with the process.
 *
 * Clusters of 4K are either the base's, or zeros, or in a slot of the layer's own unlinked file. Versions of
 * the layer are maps from clusters to slots that share what is the same in them; a slot that some version
 * holds is never written again. Functions may be called from any thread.
 */
#ifndef SIENNA_CHANNEL_BLOCK_OVERLAY_H
#define SIENNA_CHANNEL_BLOCK_OVERLAY_H

#include "machine/types.h"

struct block_overlay;

/**
 * A new, empty overlay for `size` bytes of the open file `base` (duplicated; -1: zeros), whose contents end at `end`.
 * Its unlinked file is made in `folder` (NULL: $TMPDIR, /var/tmp, host memory). NULL with errno.
 */
struct block_overlay *block_overlay_create(int base, uint64_t size, uint64_t end, const char *folder);
/** The creator lets go; versions keep what they need. */
void block_overlay_release(struct block_overlay *overlay);

/* Each returns 0 or an errno. */
int block_overlay_read(struct block_overlay *overlay, uint8_t *data, uint64_t bytes, uint64_t offset);
int block_overlay_write(struct block_overlay *overlay, const uint8_t *data, uint64_t bytes, uint64_t offset);
int block_overlay_zero(struct block_overlay *overlay, uint64_t bytes, uint64_t offset);

/* ---- Versions ---- */

enum { OVERLAY_CLUSTER = 4096 };
struct overlay_version;

/** The overlay's contents as they are now. */
struct overlay_version *overlay_version_take(struct block_overlay *overlay);
/** A version without any cluster, to be filled. */
struct overlay_version *overlay_version_new(struct block_overlay *overlay);
void overlay_version_release(struct overlay_version *version);
/** The overlay that the version is of gets its contents again; the caller holds that overlay from now on. */
struct block_overlay *overlay_version_restore(struct overlay_version *version);

enum overlay_cluster { CLUSTER_OF_BASE, CLUSTER_OF_ZEROS, CLUSTER_OF_DATA, CLUSTER_UNREADABLE };
uint64_t overlay_version_clusters(const struct overlay_version *version);
/** What a cluster is; `data` is filled when it has some. */
enum overlay_cluster overlay_version_get(const struct overlay_version *version, uint64_t cluster,
                                         uint8_t data[OVERLAY_CLUSTER]);
/** Set a cluster of a version nobody else has seen; NULL = zeros. 0 or an errno. */
int overlay_version_put(struct overlay_version *version, uint64_t cluster, const uint8_t *data);
/** Versions that hold on to the overlay. */
unsigned block_overlay_versions(struct block_overlay *overlay);
/** Write all that the overlay holds to `file`, open for writing, and forget it. No version may exist. */
int block_overlay_commit(struct block_overlay *overlay, int file);

#endif
