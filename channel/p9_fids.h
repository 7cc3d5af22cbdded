/* SPDX-License-Identifier: MIT */
/** The handles ("fids") a 9P client holds. */
#ifndef SIENNA_CHANNEL_P9_FIDS_H
#define SIENNA_CHANNEL_P9_FIDS_H

#include <sys/types.h>

#include "channel/p9_folder.h"

enum { P9_FID_BUCKETS = 1024, P9_FIDS_LARGEST = 1 << 18 };

struct p9_fid {
    struct p9_fid *next;
    uint32_t number;
    uid_t user;     /* who attached */
    char *path;     /* see p9_folder.h */
    int file;       /* open file or directory, or −1 */
    bool directory; /* `file` is a directory: read by listing */
    bool listed;
    struct p9_listing listing;

    /* A fid that stands for an extended attribute. */
    enum { P9_NO_ATTRIBUTE, P9_ATTRIBUTE_READ, P9_ATTRIBUTE_WRITE } attribute;
    char *attribute_name;
    uint8_t *value;
    size_t value_size, value_written;
    int attribute_flags;
};

struct p9_fids {
    struct p9_fid *bucket[P9_FID_BUCKETS];
    unsigned count;
};

struct p9_fid *p9_fids_find(const struct p9_fids *fids, uint32_t number);
/** A new fid for `path` (which it then owns); NULL when the number is in use or there are too many. */
struct p9_fid *p9_fids_add(struct p9_fids *fids, uint32_t number, uid_t user, char *path);
void p9_fids_remove(struct p9_fids *fids, struct p9_fid *fid);
void p9_fids_clear(struct p9_fids *fids);
/** A file or directory was renamed: paths of it and below it follow. */
void p9_fids_renamed(struct p9_fids *fids, const char *from, const char *to);

#endif
