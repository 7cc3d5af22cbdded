/* SPDX-License-Identifier: MIT */
/**
 * The machine's past: checkpoints, and the inputs since the first of them. Going back restores a checkpoint and
 * replays from there. The place left is the *present*; whoever comes to it again is live (or reads the recording
 * on, in a replay).
 */
#ifndef SIENNA_LIBSIENNA_HISTORY_H
#define SIENNA_LIBSIENNA_HISTORY_H

#include "libsienna/internal.h"
#include "machine/input.h"
#include "sienna_snapshot.h"

struct logged_input {
    struct input_record record;
    uint8_t *data;
};
/** A place in history that can be restored. */
struct history_mark {
    struct sienna_checkpoint *checkpoint;
    uint64_t position, time, pass_time;
    unsigned passes;
    size_t log;        /**< inputs that came before */
    struct input_record place; /**< of the present: what a replay meets there */
    bool temporary;    /**< made while going back */
};
struct history {
    uint64_t cycles, memory_bytes;
    struct logged_input *log;
    size_t logged, room, cursor; /**< cursor: the next to be replayed */
    struct history_mark *marks;  /**< by position */
    size_t marked, mark_room;
    bool past;                   /**< the machine is before the present */
    bool arrived;                /**< it has come to it */
    struct history_mark present;
    uint64_t next_mark;          /**< position at which the next mark is due */
};

/** A record that the machine took from outside, or from its recording. */
void history_note(struct sienna *sienna, const struct input_record *record, const uint8_t *data);
/** The next record of a replay from history, at the end of the past the present; false when there is none. */
bool history_next(struct sienna *sienna, struct input_record *record, const uint8_t **data);
/** After a run: has the machine come to the present? Then it is live again. */
bool history_arrive(struct sienna *sienna);
/** Position at which a run is to be interrupted for a mark; UINT64_MAX: nowhere. */
uint64_t history_next_mark(const struct sienna *sienna);
/** Make the mark that is due. */
void history_mark_due(struct sienna *sienna);
void history_release(struct sienna *sienna);
/** May the machine be altered here? In the past of a live machine the future is forgotten for it. */
bool history_may_alter(struct sienna *sienna, char problem[SIENNA_PROBLEM_BYTES]);

/* For libsienna/reverse.c. */

/** Restore the latest mark at or before `position`; false with a sentence. */
bool history_restore_before(struct sienna *sienna, uint64_t position, char *problem);
/** Go forward without stops to `position`. */
bool history_run_to(struct sienna *sienna, uint64_t position, char *problem);
/** A mark here that goes with the next one. */
void history_mark_here(struct sienna *sienna);
/** Leave the present for the past, if that has not been done; false with a sentence. */
bool history_leave(struct sienna *sienna, char *problem);

#endif
