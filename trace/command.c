/* SPDX-License-Identifier: MIT */
#include "trace/command.h"

#include <stdlib.h>
#include <string.h>

#include "trace/command_internal.h"
#include "trace/problem.h"

static const struct verb verbs[] = {
    {"show", "FILE [OPTION]...", "a line for each instruction and event, with what it changed", 1, "", trace_show},
    {"grep", "FILE WHAT [OPTION]...", "only those with a mnemonic, address, symbol, register value or words", 1,
     "-insn -address -symbol -reg -words ", trace_grep},
    {"diff", "FILE FILE [OPTION]...", "where two runs part", 2, "-ignore -context ", trace_diff},
    {"stats", "FILE [OPTION]...", "counts, hot spots and calls", 1, "-top -calls ", trace_stats},
    {"export", "FILE -perfetto|-tsv OUTPUT [OPTION]...", "for other tools", 1, "-perfetto -tsv ", trace_export},
    {0},
};

int trace_fail(const char *problem)
{
    fprintf(stderr, "sienna: %s\n", problem);
    return TRACE_WRONG;
}

int trace_finish(const struct trace_reader *reader, const char *path, int code)
{
    if (trace_problem_of(reader)) {
        fprintf(stderr, "sienna: '%s': %s; what comes before it was read\n", path, trace_problem_of(reader));
        return TRACE_WRONG;
    }
    if (trace_was_cut(reader))
        fprintf(stderr, "sienna: '%s' was cut; it was read as far as it is whole\n", path);
    return code;
}

static int help(void)
{
    for (const struct verb *v = verbs; v->name; v++) {
        int n = printf("%s sienna trace %s %s", v == verbs ? "usage:" : "      ", v->name, v->arguments);

        printf("%*s%s\n", n < 60 ? 60 - n : 2, "", v->help);
    }
    printf("\nA trace is made with sienna run -trace FILE.trc,… Which of it (all verbs):\n\n%s", query_help);
    printf("\nWHAT of grep (all of those given must be so):\n\n"
           "  -insn MNEMONIC                  the instruction; EXECUTE's target counts, too\n"
           "  -address FIRST-LAST             an instruction there, or an access to bytes there\n"
           "  -symbol NAME                    an instruction in it (needs -symbols)\n"
           "  -reg r4=HEX                     an instruction that changed a register to this\n"
           "  -words TEXT                     TEXT is somewhere in the line that show prints\n"
           "\nOf the others:\n\n"
           "  diff   -ignore time             only what was done matters, not when (times, positions, clocks read)\n"
           "         -context N               so many lines before the difference (default 5)\n"
           "  stats  -top N                   lines of each table (default 20); -calls on: call trees, per thread\n"
           "  export -perfetto FILE           for ui.perfetto.dev; -tsv FILE: a table, fields separated by tabs\n"
           "\nExit code 0: done; 1: nothing found, or a difference; 2: wrong use, or a damaged file.\n");
    return TRACE_DONE;
}

static bool number_of(const char *option, const char *value, uint64_t *to, char *problem)
{
    return trace_number(value, to) || trace_problem(problem, "%s %s: say a number", option, value);
}

static bool take_own(struct invocation *v, const char *option, const char *value, char *problem)
{
    if (!strcmp(option, "-insn"))
        v->insn = value;
    else if (!strcmp(option, "-symbol"))
        v->symbol = value;
    else if (!strcmp(option, "-reg"))
        v->reg = value;
    else if (!strcmp(option, "-words"))
        v->words = value;
    else if (!strcmp(option, "-perfetto"))
        v->perfetto = value;
    else if (!strcmp(option, "-tsv"))
        v->tsv = value;
    else if (!strcmp(option, "-top"))
        return number_of(option, value, &v->top, problem);
    else if (!strcmp(option, "-context"))
        return number_of(option, value, &v->context, problem);
    else if (!strcmp(option, "-address")) {
        v->has_address = true;
        return trace_range(value, &v->address, &v->address_end) ||
               trace_problem(problem, "-address %s: say an address, FIRST-LAST or FIRST+BYTES in hexadecimal", value);
    } else if (!strcmp(option, "-calls")) {
        v->calls = !strcmp(value, "on");
        return v->calls || !strcmp(value, "off") || trace_problem(problem, "-calls %s: say on or off", value);
    } else {
        v->ignore_time = !strcmp(value, "time");
        return v->ignore_time || trace_problem(problem, "-ignore %s: say time", value);
    }
    return true;
}

static bool takes(const struct verb *verb, const char *option)
{
    char word[32];

    snprintf(word, sizeof word, "%s ", option);
    return strlen(option) < sizeof word - 2 && strstr(verb->options, word);
}

static bool parse(struct invocation *v, int argc, char **argv, char *problem)
{
    for (int i = 0; i < argc; i++) {
        const char *option = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        int taken;

        if (option[0] != '-' || !option[1]) {
            if (v->file_count == v->verb->files)
                return trace_problem(problem, "trace %s: '%s' is one file too many", v->verb->name, option);
            v->files[v->file_count++] = option;
            continue;
        }
        if (!value)
            return trace_problem(problem, "trace %s: %s needs a value (sienna trace -help)", v->verb->name, option);
        if (takes(v->verb, option)) {
            if (!take_own(v, option, value, problem))
                return false;
        } else {
            taken = query_option(&v->query, option, value, problem);
            if (taken < 0)
                return trace_problem(problem, "trace %s: there is no option %s (sienna trace -help)", v->verb->name,
                                     option);
            if (!taken)
                return false;
        }
        i++;
    }
    if (v->file_count < v->verb->files)
        return trace_problem(problem, "trace %s: say %s (sienna trace -help)", v->verb->name,
                             v->verb->files == 2 ? "two trace files" : "a trace file");
    return true;
}

static int run(const struct verb *verb, int argc, char **argv)
{
    struct invocation *v = trace_allocate(sizeof *v);
    char problem[SIENNA_PROBLEM_BYTES];
    int code;

    query_init(&v->query);
    v->verb = verb;
    v->out = stdout;
    v->top = 20;
    v->context = 5;
    code = parse(v, argc, argv, problem) ? verb->run(v) : trace_fail(problem);
    query_release(&v->query);
    free(v);
    if (fflush(stdout) && code == TRACE_DONE)
        code = trace_fail("standard output cannot be written");
    return code;
}

int trace_command(int argc, char **argv)
{
    char problem[SIENNA_PROBLEM_BYTES];

    if (argc < 2 || !strcmp(argv[1], "-help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return help();
    for (const struct verb *v = verbs; v->name; v++)
        if (!strcmp(argv[1], v->name))
            return run(v, argc - 2, argv + 2);
    trace_problem(problem, "trace %s: say show, grep, diff, stats or export (sienna trace -help)", argv[1]);
    return trace_fail(problem);
}
