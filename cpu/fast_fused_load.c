/* SPDX-License-Identifier: MIT */
/** The handlers of fast_load.c once more, fused with the conditional branch that follows. */
#define SIENNA_FUSED
#include "cpu/fast_load.c"
