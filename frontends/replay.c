/* SPDX-License-Identifier: MIT */
/** `-record FILE` and `sienna replay FILE`. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording.h"
#include "subcommands.h"

enum { DIFFERS = 4, DAMAGED = 2 };

/* ---- Recording ---- */

struct recording_writer *record_to_file(struct command *c, char problem[SIENNA_PROBLEM_BYTES])
{
    unsigned count = 0;
    char **header = calloc((size_t)c->argc + 2, sizeof *header);
    struct recording_writer *w = NULL;
    int failed = asprintf(&header[count++], "version=%s", SIENNA_VERSION) < 0;

    failed |= asprintf(&header[count++], "model=%d", SIENNA_MODEL_VERSION) < 0;
    for (int i = 1; i < c->argc; i++)
        failed |= asprintf(&header[count++], "argument=%s", c->argv[i]) < 0;
    if (!failed)
        w = recording_create(c->record, (const char *const *)header, count, problem);
    if (w)
        c->machine.recorder = recording_recorder(w);
    for (unsigned i = 0; i < count; i++)
        free(header[i]);
    free(header);
    return w;
}

/* ---- Replaying ---- */

static int fail(const char *problem)
{
    fprintf(stderr, "sienna: %s\n", problem);
    return DAMAGED;
}

static double seconds(uint64_t time)
{
    return (double)time / (double)SIENNA_SECOND;
}

int replay_verdict(const struct sienna *s, const struct recording_reader *recording, int code)
{
    const char *trouble = recording_trouble(recording);
    struct sienna_replay r;

    if (!sienna_replay(s, &r))
        return code;
    if (r.differs) {
        fprintf(stderr, "sienna: the replay differs from its recording, for the first time between virtual time "
                "%.6f s and %.6f s\n", seconds(r.agreed), seconds(r.differed));
        return DIFFERS;
    }
    if (trouble && (r.cut || r.ended))
        fprintf(stderr, "sienna: %s; as far as it goes, the replay agrees with it (%" PRIu64 " digests)\n", trouble, r.checks);
    else if (r.ended)
        fprintf(stderr, "sienna: the replay agrees with its recording (%" PRIu64 " digests)\n", r.checks);
    else
        return code;
    return trouble && recording_damaged(recording) ? DAMAGED : 0;
}

/* Options that say how to look at a machine, not what it is: a replay takes its own. */
static const char *const own_options[] = {
    "-serial", "-monitor", "-S", "-limit", "-digest", "-quiet", "-dump", "-trace", "-test", "-gdb", "-s", "-history", "-help", "-h",
};

static bool is_own(const char *option)
{
    for (unsigned i = 0; i < sizeof own_options / sizeof own_options[0]; i++)
        if (!strcmp(own_options[i], option))
            return true;
    return false;
}

static void usage(void)
{
    printf("usage: sienna replay FILE [OPTION]...   a recorded run again\n"
           "       sienna replay -info FILE         what the recording holds\n\n"
           "The exit code is 0 when the replay agrees with its recording, 4 when it differs, 2 when the\n"
           "file is damaged or none, 3 when -limit ended it. Options, as of sienna run:\n\n");
    for (unsigned i = 0; i < sizeof own_options / sizeof own_options[0]; i++)
        printf("  %s\n", own_options[i]);
}

/* The recorded machine's options. */
static bool parse_recorded(struct command *c, const struct recording_reader *recording, char *problem)
{
    const char *model = recording_header(recording, "model", 0);
    const char *version = recording_header(recording, "version", 0), *argument;
    char *argv[1024] = {(char *)(uintptr_t)"run"};
    int argc = 1;

    if (!model || !version || atoi(model) != SIENNA_MODEL_VERSION)
        return option_problem(problem, "the recording was made by sienna %s, whose model of the machine is another "
                              "(%s; this one is %d): it would not do the same", version ? version : "(unknown)",
                              model ? model : "unknown", SIENNA_MODEL_VERSION);
    while (argc < 1023 && (argument = recording_header(recording, "argument", (unsigned)argc - 1)))
        argv[argc++] = (char *)(uintptr_t)argument;
    if (!options_parse(c, argc, argv, problem) || !options_resolve(c, problem))
        return false;
    if (c->list || c->help || c->version)
        return option_problem(problem, "the recording is damaged: its options start no machine");
    return true;
}

static bool parse_own(struct command *c, int argc, char **argv, char *problem)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i][0] == '-' && argv[i][1] == '-' ? argv[i] + 1 : argv[i];

        if (!is_own(name))
            return option_problem(problem, "'%s' is no option of sienna replay (see sienna replay -help): what the "
                                  "machine is stands in the recording", argv[i]);
        i += options_takes_value(name);
    }
    return options_parse(c, argc, argv, problem);
}

/* Where the consoles show what they showed: nowhere, or on the streams given, the last one for all that are left. */
static void place_consoles(struct command *c, const struct command *own)
{
    unsigned last = 0;

    for (unsigned i = 0; i < c->console_count; i++) {
        bool more = i < own->serial_count || !own->serial_count;

        c->consoles[i].stream = own->serial_count ? own->serials[more ? i : last] : "null";
        if (more)
            last = i;
        else
            c->consoles[last].kinds |= c->consoles[i].kinds;
    }
    if (own->serial_count && c->console_count > own->serial_count)
        c->console_count = own->serial_count;
}

static void take_own(struct command *c, const struct command *own)
{
    place_consoles(c, own);
    memcpy(c->monitors, own->monitors, sizeof c->monitors);
    c->monitor_count = own->monitor_count;
    c->stopped = own->stopped;
    c->gdb = own->gdb;
    c->history = own->history;
    c->limit = own->limit;
    c->digest = own->digest;
    c->quiet = own->quiet;
    c->dump = own->dump;
    c->trace_sie = own->trace_sie;
    c->trace = own->trace;
    c->machine.test_single_blocks = own->machine.test_single_blocks;
    c->machine.test_slow_handlers = own->machine.test_slow_handlers;
    c->machine.test_forgetful = own->machine.test_forgetful;
    c->idle_limit = 0;
    c->record = NULL;
}

static int replay(const char *path, int argc, char **argv)
{
    static struct command command, own;
    char problem[SIENNA_PROBLEM_BYTES];
    struct recording_reader *recording;
    int code;

    if (!parse_own(&own, argc, argv, problem))
        return fail(problem);
    recording = recording_open(path, problem);
    if (!recording)
        return fail(problem);
    if (!parse_recorded(&command, recording, problem)) {
        recording_release(recording);
        return fail(problem);
    }
    take_own(&command, &own);
    command.replay = recording;
    command.machine.player = recording_player(recording);
    code = run_machine(&command);
    recording_release(recording);
    options_release(&command);
    options_release(&own);
    return code;
}

int replay_subcommand(int argc, char **argv)
{
    if (argc >= 2 && (!strcmp(argv[1], "-help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
        usage();
        return 0;
    }
    if (argc == 3 && (!strcmp(argv[1], "-info") || !strcmp(argv[1], "--info")))
        return recording_info(argv[2]);
    if (argc < 2 || argv[1][0] == '-')
        return fail("replay: name the recording first (sienna replay -help)");
    return replay(argv[1], argc - 1, argv + 1);
}
