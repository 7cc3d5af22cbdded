/* SPDX-License-Identifier: MIT */
/** The `sienna` command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_run.h"
#include "sienna.h"

static int fail(const char *problem)
{
    fprintf(stderr, "sienna: %s\n", problem);
    return 2;
}

/* The first -serial is the ASCII console, the second line mode; without any, both are on standard input and output. */
static bool open_consoles(struct host_run *run, const char *const serial[2], unsigned serials, char *problem)
{
    unsigned ascii = 1 << SIENNA_CONSOLE_ASCII, line_mode = 1 << SIENNA_CONSOLE_LINE_MODE;

    if (serials < 2)
        return host_run_console(run, serial[0], ascii | line_mode, problem);
    return host_run_console(run, serial[0], ascii, problem) && host_run_console(run, serial[1], line_mode, problem);
}

int main(int argc, char **argv)
{
    struct sienna_options options = {.log_level = 1};
    struct sienna_program program = {0};
    char problem[SIENNA_PROBLEM_BYTES], text[256];
    const char *serial[2] = {"stdio"};
    unsigned serials = 0;
    uint64_t limit = 0;
    struct host_run run;
    struct sienna *s;
    int code;

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
        else if (!strcmp(argv[i], "-serial") && serials < 2)
            serial[serials++] = argv[i + 1];
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
    if (!host_run_init(&run, s, problem) || !open_consoles(&run, serial, serials, problem))
        return fail(problem);
    run.limit = limit;
    host_run(&run);
    host_run_release(&run);
    sienna_end_text(s, text, sizeof text);
    fprintf(stderr, "sienna: %s at virtual time %.3f s\n", text, (double)sienna_now(s) / (double)SIENNA_SECOND);
    code = host_run_exit_code(&run);
    sienna_release(s);
    return code;
}
