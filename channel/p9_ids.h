/* SPDX-License-Identifier: MIT */
/**
 * Numbers for the files of a shared folder, given out in the order of first
 * use, so that a guest sees the same inode numbers on every host.
 */
#ifndef SIENNA_CHANNEL_P9_IDS_H
#define SIENNA_CHANNEL_P9_IDS_H

#include <sys/stat.h>

#include "channel/p9_wire.h"

struct p9_id;
struct p9_ids {
    struct p9_id **bucket;
    unsigned buckets, count;
    uint64_t last; /* number given out last */
};

/** The file's qid. */
struct p9_qid p9_ids_qid(struct p9_ids *ids, const struct stat *st);
/** The file has that number already (from a saved state). */
void p9_ids_set(struct p9_ids *ids, const struct stat *st, uint64_t number);
/** The file is gone: should the host use its inode again, that is another file. */
void p9_ids_forget(struct p9_ids *ids, const struct stat *st);
void p9_ids_release(struct p9_ids *ids);

#endif
