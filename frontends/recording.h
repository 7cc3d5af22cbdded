/* SPDX-License-Identifier: MIT */
/** `-record FILE` and `sienna replay`. */
#ifndef SIENNA_FRONTENDS_RECORDING_H
#define SIENNA_FRONTENDS_RECORDING_H

#include "options.h"
#include "trace/recording.h"

/** The machine of a command to its end; returns the exit code. */
int run_machine(struct command *command);
/** Create command->record and have the machine write there. NULL with a sentence. */
struct recording_writer *record_to_file(struct command *command, char problem[SIENNA_PROBLEM_BYTES]);
/** Say how a replay has ended; returns its exit code. */
int replay_verdict(const struct sienna *sienna, const struct recording_reader *recording, int code);
/** `sienna replay -info FILE`: what is in it. Returns the exit code. */
int recording_info(const char *path);

#endif
