/* SPDX-License-Identifier: MIT */
/**
 * A host folder seen through paths that cannot leave it.
 *
 * A path is a list of names separated by '/', relative to the folder; "" is
 * the folder itself. It never holds ".." or "." and every directory on the way
 * is opened without following symbolic links, one name at a time, so neither a
 * link nor a rename made behind our back leads outside. Functions return 0 (or
 * a descriptor) or minus an errno.
 */
#ifndef SIENNA_CHANNEL_P9_FOLDER_H
#define SIENNA_CHANNEL_P9_FOLDER_H

#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/types.h>
#include <time.h>

#include "channel/p9_wire.h"

struct p9_folder;

/** Open the folder. NULL with errno. */
struct p9_folder *p9_folder_open(const char *path);
void p9_folder_close(struct p9_folder *folder);

/** Is `name` a single name that may be looked up or made ("", ".", "..", and names with '/' are not)? */
bool p9_name_permitted(const char *name);
/** Join `path` and `name` in a new string; ".." goes up and stays in the folder. */
char *p9_path_join(const char *path, const char *name);

int p9_folder_stat(struct p9_folder *folder, const char *path, struct stat *st);
/** Open a regular file or directory (others: EACCES, or ELOOP for a link). `flags` are the host's. */
int p9_folder_file(struct p9_folder *folder, const char *path, int flags);
/** Create and open a regular file. */
int p9_folder_create(struct p9_folder *folder, const char *path, int flags, mode_t mode);
int p9_folder_make_directory(struct p9_folder *folder, const char *path, mode_t mode);
/** A regular file, FIFO or socket; device nodes are refused (EPERM), whoever we are. */
int p9_folder_make_node(struct p9_folder *folder, const char *path, mode_t mode);
int p9_folder_make_link(struct p9_folder *folder, const char *path, const char *target);
int p9_folder_link(struct p9_folder *folder, const char *from, const char *to);
int p9_folder_rename(struct p9_folder *folder, const char *from, const char *to);
int p9_folder_remove(struct p9_folder *folder, const char *path, bool directory);
/** Returns the length of the target, or minus an errno. */
ssize_t p9_folder_read_link(struct p9_folder *folder, const char *path, char *to, size_t bytes);
int p9_folder_set_mode(struct p9_folder *folder, const char *path, mode_t mode);
/** Owner and group; what this host process may not do is left undone without an error. */
int p9_folder_set_owner(struct p9_folder *folder, const char *path, uid_t owner, gid_t group);
int p9_folder_set_times(struct p9_folder *folder, const char *path, const struct timespec times[2]);
int p9_folder_truncate(struct p9_folder *folder, const char *path, off_t size);
int p9_folder_statfs(struct p9_folder *folder, const char *path, struct statfs *st);

/* Extended attributes. `name` "" lists them. With size 0 the size needed is returned. */
ssize_t p9_folder_get_attribute(struct p9_folder *folder, const char *path, const char *name, void *to,
                                size_t size);
/** Size 0 removes the attribute. */
int p9_folder_set_attribute(struct p9_folder *folder, const char *path, const char *name, const void *from,
                            size_t size, int flags);

/** The names in a directory, sorted; "." and ".." first. */
struct p9_listing {
    unsigned count;
    struct p9_entry {
        char *name;
        struct stat st;
    } *entry;
};
int p9_folder_list(struct p9_folder *folder, const char *path, struct p9_listing *listing);
void p9_listing_release(struct p9_listing *listing);

#endif
