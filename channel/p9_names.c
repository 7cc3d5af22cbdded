/* SPDX-License-Identifier: MIT */
/* Requests that make, move and remove names. */
#include <errno.h>
#include <stdlib.h>

#include "channel/p9_internal.h"

/* The path of `name`, read next, in the directory of the fid read before it; NULL with `*error`. */
static char *get_child(struct p9_server *s, struct p9_reader *in, const struct p9_fid *directory, int *error)
{
    char name[P9_NAME_LARGEST];

    p9_get_string(in, name);
    if (!directory)
        return NULL;
    if (in->bad || !p9_name_permitted(name)) {
        *error = EINVAL;
        return NULL;
    }
    if (s->read_only) {
        *error = EROFS;
        return NULL;
    }
    return p9_path_join(directory->path, name);
}

/* A name was made: give it its owner and tell its qid. Frees the path. */
static int made(struct p9_server *s, char *path, uid_t user, uint32_t group, struct p9_writer *out)
{
    struct p9_qid qid;
    struct stat st;
    int failed = p9_folder_set_owner(s->folder, path, user, group);

    if (!failed)
        failed = p9_folder_stat(s->folder, path, &st);
    free(path);
    if (failed)
        return -failed;
    qid = p9_ids_qid(&s->ids, &st);
    p9_put_qid(out, &qid);
    return 0;
}

int p9_symlink(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0, failed;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    char target[P9_NAME_LARGEST], *path = get_child(s, in, fid, &error);
    uint32_t group;

    p9_get_string(in, target);
    group = p9_get32(in);
    if (!path)
        return error;
    failed = in->bad ? -EINVAL : p9_folder_make_link(s->folder, path, target);
    if (failed) {
        free(path);
        return -failed;
    }
    return made(s, path, fid->user, group, out);
}

int p9_mknod(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0, failed;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    char *path = get_child(s, in, fid, &error);
    uint32_t mode = p9_get32(in), group;

    p9_get32(in); /* major and minor number: device nodes are refused */
    p9_get32(in);
    group = p9_get32(in);
    if (!path)
        return error;
    failed = in->bad ? -EINVAL : p9_folder_make_node(s->folder, path, mode);
    if (failed) {
        free(path);
        return -failed;
    }
    return made(s, path, fid->user, group, out);
}

int p9_mkdir(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0, failed;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    char *path = get_child(s, in, fid, &error);
    uint32_t mode = p9_get32(in), group = p9_get32(in);

    if (!path)
        return error;
    failed = in->bad ? -EINVAL : p9_folder_make_directory(s->folder, path, mode);
    if (failed) {
        free(path);
        return -failed;
    }
    return made(s, path, fid->user, group, out);
}

int p9_link(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0, failed;
    struct p9_fid *directory = p9_get_fid(s, in, &error), *fid = p9_get_fid(s, in, &error);
    char *path = get_child(s, in, directory, &error);

    if (!path || !fid) {
        free(path);
        return error;
    }
    failed = p9_folder_link(s->folder, fid->path, path);
    free(path);
    return -failed;
}

/* Rename, mind what was overwritten, and keep the paths of handles true. Frees `to`. */
static int rename_path(struct p9_server *s, const char *from, char *to)
{
    struct stat moved, replaced;
    bool replaces = p9_folder_stat(s->folder, to, &replaced) == 0 &&
                    p9_folder_stat(s->folder, from, &moved) == 0 &&
                    (moved.st_ino != replaced.st_ino || moved.st_dev != replaced.st_dev);
    int failed = p9_folder_rename(s->folder, from, to);

    if (!failed) {
        if (replaces && (S_ISDIR(replaced.st_mode) || replaced.st_nlink == 1))
            p9_ids_forget(&s->ids, &replaced);
        p9_fids_renamed(&s->fids, from, to);
    }
    free(to);
    return -failed;
}

int p9_rename(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *fid = p9_get_fid(s, in, &error), *directory = p9_get_fid(s, in, &error);
    char *to = get_child(s, in, directory, &error), *from;

    if (!to || !fid) {
        free(to);
        return error;
    }
    from = p9_path_join(fid->path, "");
    error = *from ? rename_path(s, from, to) : EBUSY;
    if (!*from)
        free(to);
    free(from);
    return error;
}

int p9_renameat(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *old_directory = p9_get_fid(s, in, &error);
    char *from = get_child(s, in, old_directory, &error), *to;
    struct p9_fid *new_directory = p9_get_fid(s, in, &error);

    to = get_child(s, in, new_directory, &error);
    if (from && to) {
        error = rename_path(s, from, to);
        to = NULL;
    }
    free(from);
    free(to);
    return error;
}

static int remove_path(struct p9_server *s, const char *path, bool directory)
{
    struct stat st;
    int failed = p9_folder_stat(s->folder, path, &st);

    if (!failed)
        failed = p9_folder_remove(s->folder, path, directory);
    if (!failed && (directory || st.st_nlink == 1))
        p9_ids_forget(&s->ids, &st);
    return -failed;
}

int p9_unlinkat(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    enum { REMOVE_DIRECTORY = 0x200 };
    int error = 0;
    struct p9_fid *directory = p9_get_fid(s, in, &error);
    char *path = get_child(s, in, directory, &error);
    uint32_t flags = p9_get32(in);

    if (path)
        error = in->bad || (flags & ~(uint32_t)REMOVE_DIRECTORY)
                    ? EINVAL
                    : remove_path(s, path, flags & REMOVE_DIRECTORY);
    free(path);
    return error;
}

/* Removes the file, and the fid in any case. */
int p9_remove(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0, failed;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    struct stat st;

    if (!fid)
        return error;
    failed = s->read_only ? -EROFS : !*fid->path ? -EBUSY : p9_folder_stat(s->folder, fid->path, &st);
    error = failed ? -failed : remove_path(s, fid->path, S_ISDIR(st.st_mode));
    p9_fids_remove(&s->fids, fid);
    return error;
}

int p9_readlink(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    char target[P9_NAME_LARGEST];
    ssize_t n;

    if (!fid)
        return error;
    n = p9_folder_read_link(s->folder, fid->path, target, sizeof target - 1);
    if (n < 0)
        return (int)-n;
    target[n] = 0;
    p9_put_string(out, target);
    return 0;
}
