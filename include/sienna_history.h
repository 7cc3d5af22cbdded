/* SPDX-License-Identifier: MIT */
/**
 * libsienna: the machine's past. Recording and replaying its inputs, checkpoints, going back.
 *
 * A run is a pure function of what comes from outside (machine/input.h). History is the log of that, plus
 * checkpoints from which any place (sienna_position()) is reached by replay. Positions are those of
 * sienna_debug.h.
 */
#ifndef SIENNA_HISTORY_H
#define SIENNA_HISTORY_H

#include "sienna_debug.h"

/** One thing that came from outside, or a check. Kinds, ports and places are those of machine/input.h. */
struct sienna_input {
    uint64_t time;      /**< virtual time of its arrival */
    uint64_t position;
    uint16_t kind, port;
    uint16_t place;     /**< where exactly, at that time or position */
    uint32_t bytes;
    const uint8_t *data;
};
/** Changes in the model that make old recordings differ: they replay with the same number only. */
enum { SIENNA_MODEL_VERSION = 2 };
/**
 * Where a recording goes: sienna_options.recorder. It is told of all that comes from outside, files and what is
 * read of disks included, and of digests of the machine's state. Both structures must outlive the machine.
 */
struct sienna_recorder {
    void (*record)(void *context, const struct sienna_input *input);
    void *context;
    uint64_t check_every; /**< virtual time between digests; 0 = a second */
};
/**
 * Where a replay comes from: sienna_options.player. Inputs come from `next` (false at the end; data valid until
 * the next call); the host is asked for nothing and nothing on it is written but what consoles show. The machine
 * must be made, given devices and a program as the recorded one; paths are not looked at.
 */
struct sienna_player {
    bool (*next)(void *context, struct sienna_input *input);
    void *context;
};
/** The recording is complete: a last digest, and nothing more is told. */
void sienna_record_end(struct sienna *sienna);

struct sienna_replay {
    bool ended;           /**< at the end of the recording, which its end mark confirms */
    bool cut;             /**< at the end of what there is of it: there was no end mark */
    bool differs;         /**< the replay is not the recorded run … */
    uint64_t agreed;      /**< … after this virtual time, where the last digest agreed, … */
    uint64_t differed;    /**< … and at the latest at this one */
    uint64_t checks;      /**< digests that agreed */
};
/** How the replay stands; false when the machine is none. A replay that differs or ends ends the machine. */
bool sienna_replay(const struct sienna *sienna, struct sienna_replay *replay);

/**
 * Keep history from now on: inputs in memory, a checkpoint now and every `cycles` executed, within
 * `memory_bytes` of host memory (older checkpoints are thinned out, the first one stays). Refused with one
 * sentence when the machine may not go back (disks written to host files without -snapshot, writable folders).
 */
bool sienna_history_keep(struct sienna *sienna, uint64_t cycles, uint64_t memory_bytes,
                         char problem[SIENNA_PROBLEM_BYTES]);
/** The oldest and newest position that can be reached; false when no history is kept. */
bool sienna_history_range(const struct sienna *sienna, uint64_t *first, uint64_t *last);
/**
 * Go to a position in history, back or forth. Consoles are silent while what they had shown is replayed.
 * Going on from there follows history to its end, where a live machine takes new inputs again.
 */
bool sienna_history_go(struct sienna *sienna, uint64_t position, char problem[SIENNA_PROBLEM_BYTES]);
/** Is the machine at a place where history goes on after it? */
bool sienna_history_past(const struct sienna *sienna);
/** Forget what comes after the present position: a live machine takes another way from here. */
void sienna_history_fork(struct sienna *sienna);

enum sienna_reverse {
    SIENNA_REVERSE_STOPPED,   /**< at a stop (sienna_stop_reason()), or after the steps */
    SIENNA_REVERSE_BEGIN,     /**< at the beginning of history: nothing earlier was met */
    SIENNA_REVERSE_FAILED,    /**< with one sentence */
};
/** Back by `steps` instructions of a thread, SIE of its host being one unless `into`. */
enum sienna_reverse sienna_reverse_step(struct sienna *sienna, struct sienna_thread thread, bool into,
                                        uint64_t steps, char problem[SIENNA_PROBLEM_BYTES]);
/** Back to the last time that a stop was met (and wanted, see sienna_stop_condition()) before the present position. */
enum sienna_reverse sienna_reverse_continue(struct sienna *sienna, char problem[SIENNA_PROBLEM_BYTES]);
/** Back to the instruction that last stored into [address, address + bytes) of the machine's absolute storage. */
enum sienna_reverse sienna_reverse_to_store(struct sienna *sienna, uint64_t address, uint64_t bytes,
                                            char problem[SIENNA_PROBLEM_BYTES]);

#endif
