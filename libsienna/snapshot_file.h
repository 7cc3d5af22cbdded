/* SPDX-License-Identifier: MIT */
/**
 * Files of states: a magic number and the format's version, then sections, each compressed with zlib and checked
 * with CRC-32, the last one empty. All numbers are big-endian. docs/snapshots.md describes it.
 */
#ifndef SIENNA_LIBSIENNA_SNAPSHOT_FILE_H
#define SIENNA_LIBSIENNA_SNAPSHOT_FILE_H

#include <stdio.h>

#include "libsienna/checkpoint.h"
#include "machine/state.h"

enum { SNAPSHOT_FORMAT = 1, SECTION_MOST = 1 << 20, SNAPSHOT_STATE_MOST = 1 << 30 };
/** Tags of sections, in the order in which they come; of all but the head there may be several. */
enum section_tag {
    SECTION_HEAD = 0x48454144,    /**< record of what snapshot_head() walks over */
    SECTION_STATE = 0x53544154,   /**< pieces of the record of machine_state() */
    SECTION_STORAGE = 0x53544f52, /**< blocks: number (4 bytes), key, usage, flags, contents with BLOCK_DATA */
    SECTION_DISK = 0x4449534b,    /**< device's place in the head (4), then clusters: number (8), kind, contents */
    SECTION_END = 0x454e4420,
};
enum { BLOCK_HEAD = 7, BLOCK_OFFLINE = 1, BLOCK_DATA = 2, CLUSTER_HEAD = 9 };

/* ---- Writing ---- */

struct snapshot_writer {
    FILE *file;
    const char *path;
    char *part;        /**< written under this name until it is whole */
    uint32_t tag;
    uint8_t *bytes;    /**< of the section being filled */
    size_t count;
    uint8_t *packed;
    int level;
    bool failed;
    char *problem;
};
/** False with a sentence. */
bool snapshot_create(struct snapshot_writer *writer, const char *path, char *problem);
/** Begin a section of this kind. */
void snapshot_section(struct snapshot_writer *writer, enum section_tag tag);
/** Room for `bytes` in it; a full section is written, and with `again` the next one begins with those bytes. */
uint8_t *snapshot_room(struct snapshot_writer *writer, size_t bytes, const void *again, size_t again_bytes);
/** Write the end and give the file its name; or, after a failure, remove it and return false. */
bool snapshot_finish(struct snapshot_writer *writer);

/* ---- Reading ---- */

struct snapshot_reader {
    FILE *file;
    const char *path;
    uint32_t tag;
    uint8_t *bytes, *packed;
    size_t count;
    char *problem;
};
/** Open a file and see that it is one of these. False with a sentence. */
bool snapshot_open(struct snapshot_reader *reader, const char *path, char *problem);
/** The next section; false with a sentence when it is damaged. After SECTION_END nothing follows. */
bool snapshot_next(struct snapshot_reader *reader);
/** One sentence: the file is damaged. Returns false. */
bool snapshot_damaged(struct snapshot_reader *reader, const char *how);
void snapshot_close(struct snapshot_reader *reader);

/* ---- The head ---- */

/** Walk over what the head says: the information for people, and where devices were and on what. */
struct snapshot_head {
    struct sienna_snapshot_info info;
    uint32_t subchannels;
    struct {
        uint32_t subchannel;
        uint64_t disk_digest;
        bool overlay; /**< its writes went to an overlay */
    } place[SIENNA_SNAPSHOT_DEVICES];
};
void snapshot_head(struct snapshot_head *head, struct state_walk *walk);
/** Read a file's first section. */
bool snapshot_read_head(struct snapshot_reader *reader, struct snapshot_head *head);

#endif
