/* SPDX-License-Identifier: MIT */
/** The private layer over an image that -snapshot writes to; gone with the process. */
#ifndef SIENNA_CHANNEL_BLOCK_OVERLAY_H
#define SIENNA_CHANNEL_BLOCK_OVERLAY_H

#include "machine/types.h"

struct block_overlay;

/**
 * A new, empty overlay for `size` bytes of the open file `base`, whose contents end at `end`.
 * Its unlinked file is made in `folder` (NULL: $TMPDIR, /var/tmp, host memory). NULL with errno.
 */
struct block_overlay *block_overlay_create(int base, uint64_t size, uint64_t end, const char *folder);
void block_overlay_release(struct block_overlay *overlay);

/* Each returns 0 or an errno. */
int block_overlay_read(struct block_overlay *overlay, uint8_t *data, uint64_t bytes, uint64_t offset);
int block_overlay_write(struct block_overlay *overlay, const uint8_t *data, uint64_t bytes, uint64_t offset);
int block_overlay_zero(struct block_overlay *overlay, uint64_t bytes, uint64_t offset);

#endif
