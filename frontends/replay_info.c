/* SPDX-License-Identifier: MIT */
/** `sienna replay -info FILE`: what a recording holds. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "recording.h"

/* By kind, as in machine/input.h. */
static const char *const names[] = {
    [1] = "console", [2] = "network frames", [3] = "replies of shared folders", [4] = "operator's actions",
    [5] = "start date", [6] = "random seeds", [7] = "settings", [8] = "alterations", [9] = "pieces of files",
    [10] = "disk requests", [11] = "answers about devices", [12] = "cards punched", [13] = "digests",
};
enum { KINDS = sizeof names / sizeof names[0], END = 14, ASKED = 0x8000 };

struct summary {
    uint64_t count[KINDS], bytes[KINDS], time, position;
    bool ended;
};

static void read_through(struct recording_reader *recording, struct summary *sum)
{
    struct sienna_input in;

    while (recording_next(recording, &in)) {
        unsigned kind = in.kind & ~ASKED;

        if (kind < KINDS) {
            sum->count[kind]++;
            sum->bytes[kind] += in.bytes;
        }
        if (in.time > sum->time)
            sum->time = in.time;
        if (in.position > sum->position)
            sum->position = in.position;
        sum->ended |= kind == END;
    }
}

/* An argument as a shell takes it. */
static void print_argument(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%";

    if (*text && strspn(text, plain) == strlen(text)) {
        printf(" %s", text);
        return;
    }
    printf(" '");
    for (; *text; text++)
        if (*text == '\'')
            printf("'\\''");
        else
            putchar(*text < ' ' && *text >= 0 ? '?' : *text);
    printf("'");
}

int recording_info(const char *path)
{
    char problem[SIENNA_PROBLEM_BYTES];
    struct recording_reader *recording = recording_open(path, problem);
    const char *version, *model, *argument;
    struct summary sum = {0};
    int code;

    if (!recording) {
        fprintf(stderr, "sienna: %s\n", problem);
        return 2;
    }
    version = recording_header(recording, "version", 0);
    model = recording_header(recording, "model", 0);
    printf("recorded by sienna %s, model %s\noptions:", version ? version : "?", model ? model : "?");
    for (unsigned i = 0; (argument = recording_header(recording, "argument", i)); i++)
        print_argument(argument);
    printf("\n");
    read_through(recording, &sum);
    printf("%s: virtual time %.3f s, position %" PRIu64 "\n", sum.ended ? "complete" : "cut",
           (double)sum.time / (double)SIENNA_SECOND, sum.position);
    for (unsigned i = 0; i < KINDS; i++)
        if (sum.count[i])
            printf("%10" PRIu64 "  %s (%" PRIu64 " bytes)\n", sum.count[i], names[i], sum.bytes[i]);
    code = recording_damaged(recording) ? 2 : 0;
    if (recording_trouble(recording))
        fprintf(stderr, "sienna: %s\n", recording_trouble(recording));
    recording_release(recording);
    return code;
}
