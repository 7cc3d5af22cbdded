/* SPDX-License-Identifier: MIT */
/** What is kept of a failed test: enough to see it fail again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test_run.h"

bool test_folder(const char *path)
{
    char *copy = strdup(path);
    bool ok = true;

    for (char *slash = copy + (*copy == '/'); ok; slash++) {
        slash = strchr(slash, '/');
        if (slash)
            *slash = 0;
        ok = !*copy || !mkdir(copy, 0777) || errno == EEXIST;
        if (!slash)
            break;
        *slash = '/';
    }
    free(copy);
    return ok;
}

static bool write_file(const char *folder, const char *name, const char *bytes, size_t count)
{
    char path[4200];
    FILE *out;
    bool ok;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    out = fopen(path, "w");
    if (!out)
        return false;
    ok = !count || fwrite(bytes, 1, count, out) == count; /* nothing may have no address */
    return !fclose(out) && ok;
}

/* A line, or nothing for no text. */
static bool write_line(const char *folder, const char *name, const char *text)
{
    char line[8192];

    snprintf(line, sizeof line, *text ? "%s\n" : "%s", text);
    return write_file(folder, name, line, strlen(line));
}

/* The recording gets its place; a test that never started has none. */
static bool keep_recording(const struct test_run *run, const char *folder)
{
    char path[4200];

    snprintf(path, sizeof path, "%s/run.rec", folder);
    return !run->recording || !rename(run->recording, path) || errno == ENOENT;
}

bool test_keep(const struct test_run *run, const char *folder)
{
    char *line = test_shell_line(run), *script = NULL, digest[17];
    bool ok = test_folder(folder);
    size_t bytes;
    FILE *out = open_memstream(&script, &bytes);

    if (!out)
        abort();
    fprintf(out, "#!/bin/sh\n# %s:%u: %s\n%s\n", run->suite->file, run->test->name.line, run->test->name.text, line);
    fclose(out);
    test_digest(run, digest);
    ok = ok && write_file(folder, "command.sh", script, bytes) &&
         write_file(folder, "console", run->said[TEST_CONSOLE].data, run->said[TEST_CONSOLE].count) &&
         write_file(folder, "messages", run->said[TEST_MESSAGES].data, run->said[TEST_MESSAGES].count) &&
         keep_recording(run, folder) && write_line(folder, "digest", digest) && write_line(folder, "why", run->why);
    if (!ok)
        fprintf(stderr, "sienna: -keep: '%s' cannot be written: %s\n", folder, strerror(errno));
    free(script);
    free(line);
    return ok;
}
