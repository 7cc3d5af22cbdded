/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "channel/p9_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "machine/machine.h"

struct p9_folder {
    int root;
};

struct p9_folder *p9_folder_open(const char *path)
{
    int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct p9_folder *f;

    if (root < 0)
        return NULL;
    f = machine_allocate(sizeof *f);
    f->root = root;
    return f;
}

void p9_folder_close(struct p9_folder *f)
{
    if (!f)
        return;
    close(f->root);
    free(f);
}

/* --- Paths. --- */

bool p9_name_permitted(const char *name)
{
    return *name && strcmp(name, ".") && strcmp(name, "..") && !strchr(name, '/');
}

char *p9_path_join(const char *path, const char *name)
{
    size_t n = strlen(path);
    char *joined;

    if (!strcmp(name, "..")) {
        const char *slash = strrchr(path, '/');

        n = slash ? (size_t)(slash - path) : 0;
        name = "";
    }
    joined = machine_allocate(n + strlen(name) + 2);
    memcpy(joined, path, n);
    if (*name) {
        if (n)
            joined[n++] = '/';
        strcpy(joined + n, name);
    }
    return joined;
}

/* Where a path leads: the open directory above it, and its last name ("." for the folder itself). */
struct place {
    int directory; /* or minus an errno */
    const char *name;
};

static int descend(int from, const char *name, size_t length)
{
    char step[NAME_MAX + 1];
    int next;

    if (length > NAME_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(step, name, length);
    step[length] = 0;
    next = openat(from, step, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return next;
}

static struct place find(const struct p9_folder *f, const char *path)
{
    struct place p = {fcntl(f->root, F_DUPFD_CLOEXEC, 0), path};
    const char *slash;

    if (p.directory < 0)
        return (struct place){-errno, NULL};
    while ((slash = strchr(p.name, '/'))) {
        int next = descend(p.directory, p.name, (size_t)(slash - p.name)), error = errno;

        close(p.directory);
        if (next < 0)
            return (struct place){-error, NULL};
        p = (struct place){next, slash + 1};
    }
    if (!*p.name)
        p.name = ".";
    return p;
}

/* Close the place; `result` < 0 means that errno holds the failure. */
static int leave(struct place p, int result)
{
    int error = errno;

    close(p.directory);
    return result < 0 ? -error : result;
}

/* --- Looking. --- */

int p9_folder_stat(struct p9_folder *f, const char *path, struct stat *st)
{
    struct place p = find(f, path);

    return p.directory < 0 ? p.directory : leave(p, fstatat(p.directory, p.name, st, AT_SYMLINK_NOFOLLOW));
}

/* The type is looked at first: opening a device node could do things, opening a FIFO could wait. */
static int open_plain(struct place p, int flags)
{
    struct stat st;
    int file;

    if (fstatat(p.directory, p.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if (S_ISLNK(st.st_mode)) {
        errno = ELOOP;
        return -1;
    }
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        errno = EACCES;
        return -1;
    }
    file = openat(p.directory, p.name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file >= 0 && (fstat(file, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))) {
        close(file);
        errno = EACCES;
        return -1;
    }
    return file;
}

int p9_folder_file(struct p9_folder *f, const char *path, int flags)
{
    struct place p = find(f, path);

    return p.directory < 0 ? p.directory : leave(p, open_plain(p, flags));
}

ssize_t p9_folder_read_link(struct p9_folder *f, const char *path, char *to, size_t bytes)
{
    struct place p = find(f, path);
    ssize_t n;
    int error;

    if (p.directory < 0)
        return p.directory;
    n = readlinkat(p.directory, p.name, to, bytes);
    error = errno;
    close(p.directory);
    return n < 0 ? -error : n;
}

int p9_folder_statfs(struct p9_folder *f, const char *path, struct statfs *st)
{
    struct place p = find(f, path);

    return p.directory < 0 ? p.directory : leave(p, fstatfs(p.directory, st));
}

/* --- Changing. --- */

/* The mode the guest asked for, whatever our umask is. */
static int apply_mode(struct place p, mode_t mode)
{
    return fchmodat(p.directory, p.name, mode & 07777, AT_SYMLINK_NOFOLLOW);
}

int p9_folder_create(struct p9_folder *f, const char *path, int flags, mode_t mode)
{
    struct place p = find(f, path);
    int file;

    if (p.directory < 0)
        return p.directory;
    file = openat(p.directory, p.name,
                  flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode & 0777);
    if (file < 0 && errno == EEXIST && !(flags & O_EXCL))
        file = open_plain(p, flags);
    else if (file >= 0 && fchmod(file, mode & 07777) < 0 && errno != EPERM) {
        close(file);
        file = -1;
    }
    return leave(p, file);
}

int p9_folder_make_directory(struct p9_folder *f, const char *path, mode_t mode)
{
    struct place p = find(f, path);

    if (p.directory < 0)
        return p.directory;
    if (mkdirat(p.directory, p.name, mode & 0777) < 0)
        return leave(p, -1);
    return leave(p, apply_mode(p, mode));
}

int p9_folder_make_node(struct p9_folder *f, const char *path, mode_t mode)
{
    struct place p;

    if (!S_ISREG(mode) && !S_ISFIFO(mode) && !S_ISSOCK(mode))
        return -EPERM;
    p = find(f, path);
    if (p.directory < 0)
        return p.directory;
    if (mknodat(p.directory, p.name, mode & (S_IFMT | 0777), 0) < 0)
        return leave(p, -1);
    return leave(p, apply_mode(p, mode));
}

int p9_folder_make_link(struct p9_folder *f, const char *path, const char *target)
{
    struct place p = find(f, path);

    return p.directory < 0 ? p.directory : leave(p, symlinkat(target, p.directory, p.name));
}

/* Two paths at once, for link and rename. */
static int with_two(struct p9_folder *f, const char *from, const char *to, bool link)
{
    struct place a = find(f, from), b;
    int result;

    if (a.directory < 0)
        return a.directory;
    b = find(f, to);
    if (b.directory < 0) {
        close(a.directory);
        return b.directory;
    }
    result = link ? linkat(a.directory, a.name, b.directory, b.name, 0)
                  : renameat(a.directory, a.name, b.directory, b.name);
    result = leave(b, result);
    close(a.directory);
    return result;
}

int p9_folder_link(struct p9_folder *f, const char *from, const char *to)
{
    return with_two(f, from, to, true);
}

int p9_folder_rename(struct p9_folder *f, const char *from, const char *to)
{
    return with_two(f, from, to, false);
}

int p9_folder_remove(struct p9_folder *f, const char *path, bool directory)
{
    struct place p = find(f, path);

    return p.directory < 0 ? p.directory
                           : leave(p, unlinkat(p.directory, p.name, directory ? AT_REMOVEDIR : 0));
}

int p9_folder_set_mode(struct p9_folder *f, const char *path, mode_t mode)
{
    struct place p = find(f, path);

    return p.directory < 0 ? p.directory : leave(p, apply_mode(p, mode));
}

int p9_folder_set_owner(struct p9_folder *f, const char *path, uid_t owner, gid_t group)
{
    struct place p = find(f, path);
    int result;

    if (p.directory < 0)
        return p.directory;
    result = leave(p, fchownat(p.directory, p.name, owner, group, AT_SYMLINK_NOFOLLOW));
    /* EINVAL: an owner that our user namespace does not know. */
    return result == -EPERM || result == -EINVAL ? 0 : result;
}

int p9_folder_set_times(struct p9_folder *f, const char *path, const struct timespec times[2])
{
    struct place p = find(f, path);

    return p.directory < 0 ? p.directory
                           : leave(p, utimensat(p.directory, p.name, times, AT_SYMLINK_NOFOLLOW));
}

int p9_folder_truncate(struct p9_folder *f, const char *path, off_t size)
{
    int file = p9_folder_file(f, path, O_WRONLY), result;

    if (file < 0)
        return file;
    result = ftruncate(file, size) < 0 ? -errno : 0;
    close(file);
    return result;
}

/* --- Extended attributes: only paths reach those of links, so one goes through our descriptor. --- */

static void attribute_path(struct place p, char *to, size_t bytes)
{
    snprintf(to, bytes, "/proc/self/fd/%d/%s", p.directory, p.name);
}

ssize_t p9_folder_get_attribute(struct p9_folder *f, const char *path, const char *name, void *to,
                                size_t size)
{
    struct place p = find(f, path);
    char at[NAME_MAX + 40];
    ssize_t n;
    int error;

    if (p.directory < 0)
        return p.directory;
    attribute_path(p, at, sizeof at);
    n = *name ? lgetxattr(at, name, to, size) : llistxattr(at, to, size);
    error = errno;
    close(p.directory);
    return n < 0 ? -error : n;
}

int p9_folder_set_attribute(struct p9_folder *f, const char *path, const char *name, const void *from,
                            size_t size, int flags)
{
    struct place p = find(f, path);
    char at[NAME_MAX + 40];

    if (p.directory < 0)
        return p.directory;
    attribute_path(p, at, sizeof at);
    return leave(p, size ? lsetxattr(at, name, from, size, flags) : lremovexattr(at, name));
}

/* --- Listing. --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct p9_entry *)a)->name, ((const struct p9_entry *)b)->name);
}

static void add_entry(struct p9_listing *l, const char *name, const struct stat *st)
{
    if ((l->count & (l->count - 1)) == 0)
        l->entry = machine_reallocate(l->entry, (l->count ? 2 * l->count : 1) * sizeof *l->entry);
    l->entry[l->count].name = machine_allocate(strlen(name) + 1);
    strcpy(l->entry[l->count].name, name);
    l->entry[l->count++].st = *st;
}

static void list_names(DIR *directory, struct p9_listing *l)
{
    struct dirent *e;
    struct stat st;

    while ((e = readdir(directory)))
        if (p9_name_permitted(e->d_name) &&
            fstatat(dirfd(directory), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            add_entry(l, e->d_name, &st);
}

int p9_folder_list(struct p9_folder *f, const char *path, struct p9_listing *l)
{
    char *above = p9_path_join(path, "..");
    struct stat own, parent;
    DIR *directory;
    int file = p9_folder_file(f, path, O_RDONLY | O_DIRECTORY);

    *l = (struct p9_listing){0};
    if (file < 0 || !(directory = fdopendir(file))) {
        free(above);
        return file < 0 ? file : -errno;
    }
    if (fstat(file, &own) == 0) {
        if (p9_folder_stat(f, above, &parent) < 0)
            parent = own;
        add_entry(l, ".", &own);
        add_entry(l, "..", &parent);
    }
    list_names(directory, l);
    closedir(directory);
    free(above);
    if (l->count > 2)
        qsort(l->entry + 2, l->count - 2, sizeof *l->entry, by_name);
    return 0;
}

void p9_listing_release(struct p9_listing *l)
{
    for (unsigned i = 0; i < l->count; i++)
        free(l->entry[i].name);
    free(l->entry);
    *l = (struct p9_listing){0};
}
