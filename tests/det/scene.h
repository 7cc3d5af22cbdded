/* SPDX-License-Identifier: MIT */
/**
 * What the programs of this folder have in common: a machine that boots Debian, described by arguments
 *
 *   PROGRAM KERNEL INITRD [KEY=VALUE…]
 *
 * of which these keys are understood here: memory (MiB, 256), cpus (1), append, disk (a file, with snapshot=on),
 * schedule (a seed; absent: the usual schedule), seed (of what the program chooses itself, 1), show (1: the guest's
 * consoles to stdout). There is no network: nobody's answers are wanted.
 */
#ifndef SIENNA_DET_SCENE_H
#define SIENNA_DET_SCENE_H

#include "sienna.h"

/** Where functions that can fail leave their sentence. */
extern char problem[SIENNA_PROBLEM_BYTES];

/** Take the arguments; ends the program with code 2 when the first two are missing. */
void scene_arguments(int count, char **arguments);
/** The value of a key, or `otherwise`. */
const char *option(const char *key, const char *otherwise);
uint64_t number(const char *key, const char *otherwise);
/** Pseudo-random, below `limit`; the same sequence for the same seed. */
uint64_t any_below(uint64_t limit);
/** Say why, and end the program with code 1. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** A new machine; with its program when `load`. */
struct sienna *scene_machine(bool load);
/** Run until virtual time `limit`, or until it ends or is stopped. Idle time is skipped. */
enum sienna_outcome scene_run(struct sienna *sienna, uint64_t limit);

#endif
