/* SPDX-License-Identifier: MIT */
/**
 * .ins lists, as the hardware management console loads from removable media: comments that start
 * with '*', then `file address` per line (hexadecimal; none = 0), started through the PSW at absolute 0.
 */
#include <stdio.h>
#include <stdlib.h>

#include "libsienna/load.h"

enum { LINE_ROOM = 1024 };

bool load_is_list(const char *path, const uint8_t *data, uint64_t bytes)
{
    size_t n = strlen(path);

    return (n > 4 && !strcmp(path + n - 4, ".ins")) || (bytes > 1 && data[0] == '*' && data[1] == ' ');
}

static bool parse_address(const char *text, uint64_t *address)
{
    char *end;

    *address = 0;
    if (!text)
        return true;
    *address = strtoull(text, &end, 16);
    return *text != '-' && *text != '+' && !*end;
}

static bool load_member(struct load *l, const char *list, const char *name, uint64_t address)
{
    const char *slash = strrchr(list, '/');
    int folder = slash && *name != '/' ? (int)(slash + 1 - list) : 0;
    char path[2 * LINE_ROOM + 2];
    uint64_t bytes;
    uint8_t *data;
    bool ok;

    if (snprintf(path, sizeof path, "%.*s%s", folder, list, name) >= (int)sizeof path)
        return problem_set(l->problem, "'%.200s' names a file whose path is too long", list);
    data = load_file(l, path, &bytes);
    if (!data)
        return false;
    ok = load_put(l, path, address, data, bytes, bytes);
    free(data);
    return ok;
}

/* One line, cut into words in place. `any` becomes true when it names a file. */
static bool load_line(struct load *l, const char *list, unsigned number, char *line, bool *any)
{
    char *rest, *name = strtok_r(line, " \t\r", &rest), *address, *more;
    uint64_t at;

    if (!name || *name == '*')
        return true;
    address = strtok_r(NULL, " \t\r", &rest);
    more = strtok_r(NULL, " \t\r", &rest);
    if (more || !parse_address(address, &at))
        return problem_set(l->problem, "line %u of '%s' is not 'file address' with a hexadecimal address", number,
                           list);
    *any = true;
    return load_member(l, list, name, at);
}

bool load_list(struct load *l, const char *path, const uint8_t *data, uint64_t bytes, struct load_start *start)
{
    unsigned number = 0;
    bool any = false;

    for (uint64_t at = 0; at < bytes;) {
        const uint8_t *end = memchr(data + at, '\n', bytes - at);
        uint64_t length = end ? (uint64_t)(end - data) - at : bytes - at;
        char line[LINE_ROOM];

        number++;
        if (length >= sizeof line || memchr(data + at, 0, length))
            return problem_set(l->problem, "line %u of '%s' is not text of an .ins list", number, path);
        memcpy(line, data + at, length);
        line[length] = 0;
        if (!load_line(l, path, number, line, &any))
            return false;
        at += length + 1;
    }
    if (!any)
        return problem_set(l->problem, "the list '%s' names no file", path);
    *start = (struct load_start){.chosen = true, .through_psw = true};
    return true;
}
