/* SPDX-License-Identifier: MIT */
/** Recording and replaying behind include/sienna_history.h. */
#ifndef SIENNA_LIBSIENNA_RECORD_H
#define SIENNA_LIBSIENNA_RECORD_H

#include "libsienna/internal.h"

/** Before anything else that passes the input log: start what the options ask for. */
void record_begin(struct sienna *sienna, const struct sienna_options *options);

/** History is kept from now on: it is told of what is recorded or replayed. */
void record_attach_history(struct sienna *sienna);
/** Take inputs from history, from its cursor on (and then from the player, if there is one). */
void record_replay_history(struct sienna *sienna);

#endif
