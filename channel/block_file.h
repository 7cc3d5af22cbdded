/* SPDX-License-Identifier: MIT */
/** Whole transfers on a host file; each returns 0 or an errno. Internal to the disk images. */
#ifndef SIENNA_CHANNEL_BLOCK_FILE_H
#define SIENNA_CHANNEL_BLOCK_FILE_H

#include "machine/types.h"

/** Read [offset, offset+bytes). Behind `end` the file is taken as zeros; a file that ends earlier: ENODATA. */
int block_file_read(int file, uint8_t *data, uint64_t bytes, uint64_t offset, uint64_t end);
int block_file_write(int file, const uint8_t *data, uint64_t bytes, uint64_t offset);
/** Make the range read as zeros; with `release` the host's space is given back where it can be. */
int block_file_zero(int file, uint64_t bytes, uint64_t offset, bool release);
/** fdatasync. */
int block_file_sync(int file);

/** A digest of the first `end` bytes; 4K blocks of zeros and holes count alike. */
int block_file_digest(int file, uint64_t end, uint64_t *digest);

#endif
