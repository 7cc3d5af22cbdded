/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char problem[SIENNA_PROBLEM_BYTES];
static int count;
static char **arguments;
static uint64_t random_state;
static bool chatty;

void fail(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    exit(1);
}

const char *option(const char *key, const char *otherwise)
{
    size_t n = strlen(key);

    for (int i = 3; i < count; i++)
        if (!strncmp(arguments[i], key, n) && arguments[i][n] == '=')
            return arguments[i] + n + 1;
    return otherwise;
}

uint64_t number(const char *key, const char *otherwise)
{
    return strtoull(option(key, otherwise), NULL, 0);
}

uint64_t any_below(uint64_t limit)
{
    random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (random_state >> 33) % limit;
}

void scene_arguments(int argc, char **argv)
{
    count = argc;
    arguments = argv;
    if (argc < 3) {
        fprintf(stderr, "usage: %s KERNEL INITRD [KEY=VALUE...]\n", argv[0]);
        exit(2);
    }
    random_state = number("seed", "1");
    chatty = number("show", "0");
}

static void show(void *context, const uint8_t *bytes, size_t n)
{
    if (chatty)
        fwrite(bytes, 1, n, stdout);
}

static void add(struct sienna *s, const char *type, const struct sienna_setting *settings, unsigned n)
{
    if (!sienna_device_add(s, type, settings, n, problem))
        fail("%s", problem);
}

struct sienna *scene_machine(bool load)
{
    struct sienna_options options = {.storage_bytes = number("memory", "256") << 20,
                                     .cpus = (unsigned)number("cpus", "1"), .start_tod = 0xdd00000000000000,
                                     .schedule_seeded = option("schedule", NULL),
                                     .schedule_seed = number("schedule", "0")};
    struct sienna_program program = {.kernel = arguments[1], .initrd = arguments[2],
                                     .command_line = option("append", "console=ttysclp0")};
    struct sienna_setting disk[] = {{"file", option("disk", NULL)}, {"snapshot", "on"}};
    struct sienna *s = sienna_create(&options, problem);

    if (!s)
        fail("%s", problem);
    sienna_console_open(s, SIENNA_CONSOLE_LINE_MODE, false, show, NULL);
    sienna_console_open(s, SIENNA_CONSOLE_ASCII, false, show, NULL);
    if (disk[0].value)
        add(s, "virtio-blk", disk, 2);
    add(s, "virtio-rng", NULL, 0);
    if (load && !sienna_load(s, &program, problem))
        fail("%s", problem);
    return s;
}

enum sienna_outcome scene_run(struct sienna *s, uint64_t limit)
{
    while (sienna_now(s) < limit) {
        enum sienna_outcome outcome = sienna_run(s, limit);

        if (outcome == SIENNA_ENDED || outcome == SIENNA_STOPPED)
            return outcome;
        if (outcome == SIENNA_IDLE)
            sienna_skip_to(s, sienna_next_event(s) < limit ? sienna_next_event(s) : limit);
    }
    return SIENNA_RAN;
}
