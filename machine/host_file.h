/* SPDX-License-Identifier: MIT */
/** Whole host files, through the input log: a replay needs none of them. */
#ifndef SIENNA_MACHINE_HOST_FILE_H
#define SIENNA_MACHINE_HOST_FILE_H

#include "machine/machine.h"

/**
 * The contents of the file at `path` (or of the recording's) in fresh memory, their length in *bytes. NULL with an
 * errno in *error; EFBIG: more than `limit` bytes.
 */
uint8_t *host_file_read(struct machine *machine, const char *path, uint64_t limit, uint64_t *bytes, int *error);

#endif
