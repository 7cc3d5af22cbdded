/* SPDX-License-Identifier: MIT */
/**
 * libsienna: the state of the whole machine, taken between any two instructions: kept in memory, written to a
 * file, restored.
 *
 * A checkpoint holds all that a guest can tell: storage with keys, CPUs (in the middle of a slice and inside SIE,
 * too), channel programs, devices and requests in progress, what -snapshot disks hold. Taking one changes nothing
 * that follows. Network connections are with the outside and do not go back.
 *
 * A machine whose guest changes the host (a disk image that is written to, a writable shared folder) can be
 * saved but not go back: that is refused with one sentence, unless disks have an overlay (-snapshot).
 */
#ifndef SIENNA_SNAPSHOT_H
#define SIENNA_SNAPSHOT_H

#include "sienna.h"

/* ---- In memory ---- */

struct sienna_checkpoint;

/** The machine as it is; what has not changed since the previous checkpoint is shared with it. NULL with a sentence. */
struct sienna_checkpoint *sienna_checkpoint(struct sienna *sienna, char problem[SIENNA_PROBLEM_BYTES]);
/**
 * The machine becomes as it was. Checkpoints of its past and its (then) future stay what they are. False with one
 * sentence, and nothing changed, when that is impossible.
 */
bool sienna_checkpoint_restore(struct sienna *sienna, struct sienna_checkpoint *checkpoint,
                               char problem[SIENNA_PROBLEM_BYTES]);
/** Before the machine goes. NULL is permitted. */
void sienna_checkpoint_release(struct sienna *sienna, struct sienna_checkpoint *checkpoint);
/** Host memory that had to be taken for this checkpoint: what it did not share when it was made. */
uint64_t sienna_checkpoint_bytes(const struct sienna_checkpoint *checkpoint);
/** Host memory that all checkpoints of the machine take together. */
uint64_t sienna_checkpoints_bytes(const struct sienna *sienna);
/** Virtual time and position (sienna_debug.h) of a checkpoint. */
uint64_t sienna_checkpoint_time(const struct sienna_checkpoint *checkpoint);
uint64_t sienna_checkpoint_position(const struct sienna_checkpoint *checkpoint);

/** May the machine go back? False with one sentence when its guest changes the host. */
bool sienna_may_go_back(const struct sienna *sienna, char problem[SIENNA_PROBLEM_BYTES]);
/** May it take up any other state? Not while its inputs are recorded or replayed: the log would not fit any more. */
bool sienna_may_jump(const struct sienna *sienna, char problem[SIENNA_PROBLEM_BYTES]);

/* ---- In files ---- */

/** Write the machine's state to `file`; `name` is for people. False with one sentence. */
bool sienna_save(struct sienna *sienna, const char *file, const char *name, char problem[SIENNA_PROBLEM_BYTES]);
/** Write a checkpoint, which need not be the present state. */
bool sienna_checkpoint_save(struct sienna *sienna, const struct sienna_checkpoint *checkpoint, const char *file,
                            const char *name, char problem[SIENNA_PROBLEM_BYTES]);
/**
 * The machine, which has the same options and devices, gets the state in `file`. False with one sentence, and
 * nothing changed, when the file is damaged or another machine's.
 */
bool sienna_load_state(struct sienna *sienna, const char *file, char problem[SIENNA_PROBLEM_BYTES]);

enum { SIENNA_SNAPSHOT_NAME = 64, SIENNA_SNAPSHOT_CPUS = SIENNA_MAX_CPUS, SIENNA_SNAPSHOT_DEVICES = 256 };
/** What a file says of itself. */
struct sienna_snapshot_info {
    unsigned format;              /**< version of the file format */
    char version[32];             /**< of the program that wrote it */
    char name[SIENNA_SNAPSHOT_NAME];
    uint64_t date;                /**< seconds since 1970, when it was written */
    uint64_t time, position;      /**< virtual time in TOD units, and place in history */
    uint64_t storage_bytes, standby_bytes;
    uint64_t blocks;              /**< of 4K, that are not zeros */
    unsigned cpus;
    struct sienna_snapshot_cpu {
        bool configured, operating;
        unsigned level;           /**< 2: it interprets a guest */
        uint64_t psw_mask, psw_address;
    } cpu[SIENNA_SNAPSHOT_CPUS];
    unsigned devices;
    struct sienna_snapshot_device {
        char type[32];
        unsigned number;          /**< device number */
        uint64_t disk_bytes, overlay_bytes; /**< of disks */
    } device[SIENNA_SNAPSHOT_DEVICES];
};
/** Read it without a machine; the whole file is checked. False with one sentence. */
bool sienna_snapshot_info(const char *file, struct sienna_snapshot_info *info, char problem[SIENNA_PROBLEM_BYTES]);

/** Write what a -snapshot disk's overlay holds to its image; every such disk's with devno -1. False with a sentence. */
bool sienna_disk_commit(struct sienna *sienna, int devno, char problem[SIENNA_PROBLEM_BYTES]);

#endif
