/* SPDX-License-Identifier: MIT */
/** The host's memory. */
#ifndef SIENNA_FRONTENDS_HOST_MEMORY_H
#define SIENNA_FRONTENDS_HOST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "host_stream.h"

/**
 * Could the host hold main storage of so many bytes, in memory and swap together? It is taken page by page as the
 * guest uses it: whoever has too little would be killed in the middle of the run. False with `problem`.
 */
bool host_memory_suffices(uint64_t bytes, char problem[HOST_PROBLEM_BYTES]);

#endif
