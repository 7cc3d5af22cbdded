/* SPDX-License-Identifier: MIT */
/* Requests that manage the session and its handles. */
#include <errno.h>
#include <stdlib.h>

#include "channel/p9_internal.h"

int p9_fid_stat(struct p9_server *s, const struct p9_fid *fid, struct stat *st)
{
    if (fid->file >= 0)
        return fstat(fid->file, st) < 0 ? -errno : 0;
    return p9_folder_stat(s->folder, fid->path, st);
}

int p9_version(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    uint32_t size = p9_get32(in);
    char version[P9_NAME_LARGEST];

    p9_get_string(in, version);
    if (in->bad || size < P9_MESSAGE_SMALLEST)
        return EMSGSIZE;
    p9_fids_clear(&s->fids);
    s->message_size = size < P9_MESSAGE_LARGEST ? size : P9_MESSAGE_LARGEST;
    p9_put32(out, s->message_size);
    p9_put_string(out, strcmp(version, "9P2000.L") ? "unknown" : "9P2000.L");
    return 0;
}

/* Nothing here asks for authentication. */
int p9_auth(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    return EOPNOTSUPP;
}

int p9_attach(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    char name[P9_NAME_LARGEST];
    uint32_t number = p9_get32(in), user;
    struct p9_qid qid;
    struct stat st;
    int failed;

    p9_get32(in); /* authentication fid */
    p9_get_string(in, name);
    p9_get_string(in, name);
    user = p9_get32(in);
    if (in->bad)
        return EINVAL;
    failed = p9_folder_stat(s->folder, "", &st);
    if (failed)
        return -failed;
    if (!p9_fids_add(&s->fids, number, user, p9_path_join("", "")))
        return EINVAL;
    qid = p9_ids_qid(&s->ids, &st);
    p9_put_qid(out, &qid);
    return 0;
}

/* Requests are carried out one after the other: what could be flushed has been answered already. */
int p9_flush(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    p9_get16(in);
    return in->bad ? EINVAL : 0;
}

/* One step; the path is replaced. */
static int step(struct p9_server *s, char **path, const char *name, struct p9_qid *qid)
{
    char *next;
    struct stat st;
    int failed;

    if (strcmp(name, "..") && !p9_name_permitted(name))
        return EINVAL;
    next = p9_path_join(*path, name);
    failed = p9_folder_stat(s->folder, next, &st);
    if (failed) {
        free(next);
        return -failed;
    }
    free(*path);
    *path = next;
    *qid = p9_ids_qid(&s->ids, &st);
    return 0;
}

/* Where the steps led becomes the new fid's path, or the old one's if they are the same. */
static int set_walked(struct p9_server *s, struct p9_fid *from, uint32_t number, char *path)
{
    if (number != from->number)
        return p9_fids_add(&s->fids, number, from->user, path) ? 0 : EINVAL;
    if (from->file >= 0) {
        free(path);
        return EBUSY;
    }
    free(from->path);
    from->path = path;
    return 0;
}

int p9_walk(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *from = p9_get_fid(s, in, &error);
    uint32_t number = p9_get32(in);
    uint16_t names = p9_get16(in), walked;
    struct p9_qid qid[P9_NAMES_LARGEST];
    char *path;

    if (!from)
        return error;
    if (in->bad || names > P9_NAMES_LARGEST)
        return EINVAL;
    path = p9_path_join(from->path, "");
    for (walked = 0; walked < names && !error; walked++) {
        char name[P9_NAME_LARGEST];

        p9_get_string(in, name);
        error = in->bad ? EINVAL : step(s, &path, name, &qid[walked]);
        if (error)
            break;
    }
    /* Some steps taken: a reply that says how many, and no new fid. */
    if (error) {
        free(path);
        if (walked == 0 || in->bad)
            return error;
    } else {
        error = set_walked(s, from, number, path);
        if (error)
            return error;
    }
    p9_put16(out, walked);
    for (unsigned i = 0; i < walked; i++)
        p9_put_qid(out, &qid[i]);
    return 0;
}

int p9_clunk(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    struct p9_fid *fid = p9_fids_find(&s->fids, p9_get32(in));
    int error;

    if (!fid)
        return EBADF;
    error = p9_attribute_commit(s, fid);
    p9_fids_remove(&s->fids, fid);
    return error;
}

int p9_statfs(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0, failed;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    struct statfs st;
    uint64_t id;

    if (!fid)
        return error;
    failed = p9_folder_statfs(s->folder, fid->path, &st);
    if (failed)
        return -failed;
    memcpy(&id, &st.f_fsid, sizeof id);
    p9_put32(out, (uint32_t)st.f_type);
    p9_put32(out, (uint32_t)st.f_bsize);
    p9_put64(out, st.f_blocks);
    p9_put64(out, st.f_bfree);
    p9_put64(out, st.f_bavail);
    p9_put64(out, st.f_files);
    p9_put64(out, st.f_ffree);
    p9_put64(out, id);
    p9_put32(out, (uint32_t)st.f_namelen);
    return 0;
}
