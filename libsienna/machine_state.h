/* SPDX-License-Identifier: MIT */
/** The whole machine's state but for storage and disks (libsienna/machine_state.c). */
#ifndef SIENNA_LIBSIENNA_MACHINE_STATE_H
#define SIENNA_LIBSIENNA_MACHINE_STATE_H

#include "libsienna/internal.h"
#include "machine/state.h"

/** Walk over it. When restoring, storage is as it is to be, and the subchannels have the state's devices. */
void machine_state(struct sienna *sienna, struct state_walk *walk);
/** Something that such a walk knows no way to restore: the name of an event. NULL = nothing. */
const char *machine_state_gap(const struct sienna *sienna);
/** After a restoring walk that met no trouble: derive what follows from the state. */
void machine_restored(struct sienna *sienna);

#endif
