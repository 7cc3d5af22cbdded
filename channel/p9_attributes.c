/* SPDX-License-Identifier: MIT */
/* Requests on what a file has besides its contents. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "channel/p9_internal.h"

enum {
    GETATTR_BASIC = 0x7ff,
    SET_MODE = 0x001,
    SET_OWNER = 0x002,
    SET_GROUP = 0x004,
    SET_SIZE = 0x008,
    SET_ACCESS_TIME = 0x010,
    SET_MODIFY_TIME = 0x020,
    SET_CHANGE_TIME = 0x040,
    ACCESS_TIME_GIVEN = 0x080, /* else the server's present time */
    MODIFY_TIME_GIVEN = 0x100,
    VALUE_LARGEST = 65536, /* Linux: XATTR_SIZE_MAX */
};

static void put_time(struct p9_writer *out, const struct timespec *t)
{
    p9_put64(out, (uint64_t)t->tv_sec);
    p9_put64(out, (uint64_t)t->tv_nsec);
}

int p9_getattr(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    static const struct timespec none;
    int error = 0, failed;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    uint64_t mask = p9_get64(in);
    struct p9_qid qid;
    struct stat st;

    if (!fid)
        return error;
    if (in->bad)
        return EINVAL;
    failed = p9_fid_stat(s, fid, &st);
    if (failed)
        return -failed;
    qid = p9_ids_qid(&s->ids, &st);
    p9_put64(out, mask & GETATTR_BASIC);
    p9_put_qid(out, &qid);
    p9_put32(out, st.st_mode);
    p9_put32(out, st.st_uid);
    p9_put32(out, st.st_gid);
    p9_put64(out, st.st_nlink);
    p9_put64(out, st.st_rdev);
    p9_put64(out, (uint64_t)st.st_size);
    p9_put64(out, (uint64_t)st.st_blksize);
    p9_put64(out, (uint64_t)st.st_blocks);
    put_time(out, &st.st_atim);
    put_time(out, &st.st_mtim);
    put_time(out, &st.st_ctim);
    put_time(out, &none); /* time of birth: not told */
    p9_put64(out, 0);     /* generation, data version: not told */
    p9_put64(out, 0);
    return 0;
}

struct wanted {
    uint32_t valid, mode, owner, group;
    uint64_t size;
    struct timespec times[2];
};

static void get_time(struct p9_reader *in, struct timespec *t, bool set, bool given)
{
    t->tv_sec = (time_t)p9_get64(in);
    t->tv_nsec = (long)p9_get64(in);
    if (!set)
        t->tv_nsec = UTIME_OMIT;
    else if (!given)
        t->tv_nsec = UTIME_NOW;
    else if (t->tv_nsec < 0 || t->tv_nsec >= 1000000000)
        in->bad = true;
}

static int set_size(struct p9_server *s, const struct p9_fid *fid, uint64_t size)
{
    if (size > INT64_MAX)
        return -EINVAL;
    /* A file opened for writing stays writable after its permissions or name went. */
    if (fid->file >= 0 && ftruncate(fid->file, (off_t)size) == 0)
        return 0;
    return p9_folder_truncate(s->folder, fid->path, (off_t)size);
}

static int apply(struct p9_server *s, const struct p9_fid *fid, const struct wanted *w)
{
    uid_t owner = w->valid & SET_OWNER ? w->owner : (uid_t)-1;
    gid_t group = w->valid & SET_GROUP ? w->group : (gid_t)-1;
    int failed = 0;

    if (w->valid & SET_SIZE)
        failed = set_size(s, fid, w->size);
    /* Changing the owner clears the set-user-id bit, so the mode comes after it. */
    if (!failed && (w->valid & (SET_OWNER | SET_GROUP)))
        failed = p9_folder_set_owner(s->folder, fid->path, owner, group);
    if (!failed && (w->valid & SET_MODE))
        failed = p9_folder_set_mode(s->folder, fid->path, w->mode);
    if (!failed && (w->valid & (SET_ACCESS_TIME | SET_MODIFY_TIME)))
        failed = p9_folder_set_times(s->folder, fid->path, w->times);
    return failed;
}

int p9_setattr(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    struct wanted w;

    w.valid = p9_get32(in);
    w.mode = p9_get32(in);
    w.owner = p9_get32(in);
    w.group = p9_get32(in);
    w.size = p9_get64(in);
    get_time(in, &w.times[0], w.valid & SET_ACCESS_TIME, w.valid & ACCESS_TIME_GIVEN);
    get_time(in, &w.times[1], w.valid & SET_MODIFY_TIME, w.valid & MODIFY_TIME_GIVEN);
    if (!fid)
        return error;
    if (in->bad)
        return EINVAL;
    return s->read_only ? EROFS : -apply(s, fid, &w);
}

/* --- Extended attributes: read and written through fids of their own. --- */

/* The value, or the list of names, is fetched now and read later. */
int p9_xattrwalk(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *fid = p9_get_fid(s, in, &error), *made;
    uint32_t number = p9_get32(in);
    char name[P9_NAME_LARGEST];
    uint8_t *value;
    ssize_t size;

    p9_get_string(in, name);
    if (!fid)
        return error;
    if (in->bad)
        return EINVAL;
    value = malloc(VALUE_LARGEST);
    if (!value)
        return ENOMEM;
    size = p9_folder_get_attribute(s->folder, fid->path, name, value, VALUE_LARGEST);
    made = size < 0 ? NULL : p9_fids_add(&s->fids, number, fid->user, p9_path_join(fid->path, ""));
    if (!made) {
        free(value);
        return size < 0 ? (int)-size : EINVAL;
    }
    made->attribute = P9_ATTRIBUTE_READ;
    made->value = value;
    made->value_size = (size_t)size;
    p9_put64(out, (uint64_t)size);
    return 0;
}

int p9_xattrcreate(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    char name[P9_NAME_LARGEST];
    uint64_t size;
    uint32_t flags;

    p9_get_string(in, name);
    size = p9_get64(in);
    flags = p9_get32(in);
    if (!fid)
        return error;
    if (in->bad || !*name || fid->file >= 0)
        return EINVAL;
    if (s->read_only)
        return EROFS;
    if (size > VALUE_LARGEST)
        return E2BIG;
    fid->value = malloc(size ? size : 1);
    if (!fid->value)
        return ENOMEM;
    fid->attribute = P9_ATTRIBUTE_WRITE;
    fid->attribute_name = p9_path_join("", name);
    fid->value_size = size;
    fid->value_written = 0;
    fid->attribute_flags = (int)(flags & 3); /* create, replace */
    return 0;
}

int p9_attribute_commit(struct p9_server *s, struct p9_fid *fid)
{
    if (fid->attribute != P9_ATTRIBUTE_WRITE)
        return 0;
    if (fid->value_written != fid->value_size)
        return EINVAL;
    return -p9_folder_set_attribute(s->folder, fid->path, fid->attribute_name, fid->value, fid->value_size,
                                    fid->attribute_flags);
}
