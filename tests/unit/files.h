/* SPDX-License-Identifier: MIT */
/** Files of a test, in a folder that it makes first and removes at its end. */
#ifndef SIENNA_TESTS_FILES_H
#define SIENNA_TESTS_FILES_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILES_MOST = 8 };

static char folder[64], folder_files[FILES_MOST][96];
static unsigned folder_count;

/** Make an empty folder; `name` is a part of its path, which is in `folder`. */
static inline void make_folder(const char *name)
{
    snprintf(folder, sizeof folder, "/tmp/sienna-%s-XXXXXX", name);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    folder_count = 0;
}

/** The path of a file in the folder, at most FILES_MOST; whether there is one is up to the test. */
static inline const char *file_in_folder(const char *name)
{
    ck_assert_uint_lt(folder_count, FILES_MOST);
    snprintf(folder_files[folder_count], sizeof folder_files[0], "%s/%s", folder, name);
    return folder_files[folder_count++];
}

/** Remove the folder with the files named by file_in_folder(); there must be no others. */
static inline void remove_folder(void)
{
    for (unsigned i = 0; i < folder_count; i++)
        unlink(folder_files[i]);
    ck_assert_int_eq(rmdir(folder), 0);
}

/** Make a file of these bytes in place of what `path` names. */
static inline void write_file(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    ck_assert_int_eq(fclose(file), 0);
}

/** Up to `room` bytes of a file; how many there were. */
static inline size_t read_file(const char *path, void *to, size_t room)
{
    FILE *file = fopen(path, "rb");
    size_t count;

    ck_assert_ptr_nonnull(file);
    count = fread(to, 1, room, file);
    fclose(file);
    return count;
}

#endif
