/* SPDX-License-Identifier: MIT */
/** The `sienna` command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sienna.h"

static void to_stdout(void *context, const uint8_t *bytes, size_t count)
{
    fwrite(bytes, 1, count, stdout);
    fflush(stdout);
}

static int fail(const char *problem)
{
    fprintf(stderr, "sienna: %s\n", problem);
    return 2;
}

int main(int argc, char **argv)
{
    struct sienna_options options = {.log_level = 1};
    struct sienna_program program = {0};
    char problem[SIENNA_PROBLEM_BYTES], text[256];
    uint64_t limit = UINT64_MAX;
    struct sienna *s;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "-m"))
            options.storage_bytes = strtoull(argv[i + 1], NULL, 0) << 20;
        else if (!strcmp(argv[i], "-smp"))
            options.cpus = (unsigned)atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "-kernel"))
            program.kernel = argv[i + 1];
        else if (!strcmp(argv[i], "-initrd"))
            program.initrd = argv[i + 1];
        else if (!strcmp(argv[i], "-append"))
            program.command_line = argv[i + 1];
        else if (!strcmp(argv[i], "-limit"))
            limit = strtoull(argv[i + 1], NULL, 0) * SIENNA_SECOND / 1000;
        else
            i--;
    }
    s = sienna_create(&options, problem);
    if (!s)
        return fail(problem);
    if (!program.kernel || !sienna_load(s, &program, problem))
        return fail(program.kernel ? problem : "no -kernel");
    sienna_console_open(s, SIENNA_CONSOLE_ASCII, false, to_stdout, NULL);
    for (;;) {
        enum sienna_outcome outcome = sienna_run(s, limit);

        if (outcome == SIENNA_ENDED || sienna_now(s) >= limit)
            break;
        if (outcome == SIENNA_IDLE) {
            if (sienna_next_event(s) == UINT64_MAX)
                break;
            sienna_skip_to(s, sienna_next_event(s) + 1);
        }
    }
    sienna_end_text(s, text, sizeof text);
    fprintf(stderr, "sienna: %s at virtual time %.3f s\n", text, (double)sienna_now(s) / (double)SIENNA_SECOND);
    int code = sienna_exit_code(s);
    sienna_release(s);
    return code;
}
