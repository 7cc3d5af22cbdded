/* SPDX-License-Identifier: MIT */
/** Inside the 9P server: one function per request, spread over p9_*.c by subject. */
#ifndef SIENNA_CHANNEL_P9_INTERNAL_H
#define SIENNA_CHANNEL_P9_INTERNAL_H

#include "channel/p9_fids.h"
#include "channel/p9_folder.h"
#include "channel/p9_ids.h"
#include "channel/p9_server.h"
#include "channel/p9_wire.h"

struct p9_server {
    struct p9_folder *folder;
    bool read_only;
    uint32_t message_size; /* as agreed with the client */
    struct p9_fids fids;
    struct p9_ids ids;
};

/** Carries out a request: 0, or the errno for the error reply (what was written is then dropped). */
typedef int p9_handler(struct p9_server *server, struct p9_reader *in, struct p9_writer *out);

/* p9_session.c */
p9_handler p9_version, p9_auth, p9_attach, p9_flush, p9_walk, p9_clunk, p9_statfs;
/* p9_files.c */
p9_handler p9_lopen, p9_lcreate, p9_read, p9_write, p9_fsync, p9_readdir, p9_lock, p9_getlock;
/* p9_names.c */
p9_handler p9_symlink, p9_mknod, p9_mkdir, p9_link, p9_rename, p9_renameat, p9_unlinkat, p9_remove,
    p9_readlink;
/* p9_attributes.c */
p9_handler p9_getattr, p9_setattr, p9_xattrwalk, p9_xattrcreate;
/** A written attribute takes effect when its fid goes; an errno. */
int p9_attribute_commit(struct p9_server *server, struct p9_fid *fid);

/** The fid named next in the message; NULL and EBADF when there is none, or it stands for an attribute. */
static inline struct p9_fid *p9_get_fid(struct p9_server *s, struct p9_reader *in, int *error)
{
    struct p9_fid *f = p9_fids_find(&s->fids, p9_get32(in));

    if (!f || f->attribute != P9_NO_ATTRIBUTE) {
        *error = 9; /* EBADF */
        return NULL;
    }
    return f;
}
/** What a fid stands for: its open file even if that has lost its name. Minus an errno. */
int p9_fid_stat(struct p9_server *server, const struct p9_fid *fid, struct stat *st);

#endif
