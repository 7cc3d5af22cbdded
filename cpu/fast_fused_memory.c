/* SPDX-License-Identifier: MIT */
/** The handlers of fast_memory.c once more, fused with the conditional branch that follows. */
#define SIENNA_FUSED
#include "cpu/fast_memory.c"
