/* SPDX-License-Identifier: MIT */
/** `sienna test`: its own command line, and how it goes. Exit code 0 all passed, 1 some failed, 2 wrong use. */
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "subcommands.h"
#include "test_run.h"

enum { MOST_DEFINITIONS = 64, MOST_JOBS = 1024, MOST_SEEDS = 100000 };

struct test_options {
    const char *suite;
    char **filters; /* globs of names; none: all */
    unsigned filter_count, jobs;
    uint64_t first_seed, seeds; /* 0: the usual schedule, once */
    struct suite_definition definitions[MOST_DEFINITIONS];
    unsigned definition_count;
    bool tap, list, help;
    const char *junit, *keep;
};

static int fail(const char *problem)
{
    fprintf(stderr, "sienna: %s\n", problem);
    return 2;
}

static void help(void)
{
    printf("usage: sienna test [OPTION]... SUITE [NAME]...\n\n"
           "Runs the tests of a suite, or those whose names match NAME (* and ? stand for others).\n\n"
           "  -j N             so many at a time (default: the host's processors)\n"
           "  -list            say the tests' names and run nothing\n"
           "  -tap             report in TAP form\n"
           "  -junit FILE      also write a report in JUnit's form\n"
           "  -keep FOLDER     keep what a failed test showed, and how to see it again, in FOLDER/NAME\n"
           "  -seeds N         run each test with N other schedules, those of -sched seed=1 to N; FIRST-LAST says others\n"
           "  -D NAME=VALUE    what ${NAME} in the suite stands for\n"
           "  -help            this\n\n"
           "Exit code: 0 all passed, 1 some failed, 2 the suite or an option is wrong.\n\n"
           "A suite is a text file. [NAME] begins a test, [defaults] what holds for all; then KEY = VALUE lines:\n\n");
    suite_help();
}

/* ---- Options ---- */

static bool take_jobs(struct test_options *o, char *value, char *problem)
{
    char *end;

    o->jobs = (unsigned)strtoul(value, &end, 10);
    return (*value >= '0' && *value <= '9' && !*end && o->jobs >= 1 && o->jobs <= MOST_JOBS) ||
           option_problem(problem, "test: -j %s: say a number from 1 to %d", value, MOST_JOBS);
}

static bool take_definition(struct test_options *o, char *value, char *problem)
{
    char *equals = strchr(value, '=');

    if (!equals || equals == value)
        return option_problem(problem, "test: -D %s: say NAME=VALUE", value);
    if (o->definition_count == MOST_DEFINITIONS)
        return option_problem(problem, "test: more than %d -D", MOST_DEFINITIONS);
    *equals = 0;
    o->definitions[o->definition_count++] = (struct suite_definition){value, equals + 1};
    return true;
}

static bool take_seeds(struct test_options *o, char *value, char *problem)
{
    char *end;
    uint64_t first = 1, last = strtoull(value, &end, 10);

    if (*end == '-' && end[1] >= '0' && end[1] <= '9') {
        first = last;
        last = strtoull(end + 1, &end, 10);
    }
    if (*value < '0' || *value > '9' || *end || last < first || last - first >= MOST_SEEDS)
        return option_problem(problem, "test: -seeds %s: say how many (at most %d), or FIRST-LAST", value, MOST_SEEDS);
    o->first_seed = first;
    o->seeds = last - first + 1;
    return true;
}

static bool take_junit(struct test_options *o, char *value, char *problem)
{
    o->junit = value;
    return true;
}

static bool take_keep(struct test_options *o, char *value, char *problem)
{
    o->keep = value;
    return true;
}

static bool take_option(struct test_options *o, const char *name, char *value, bool *used, char *problem)
{
    static const struct {
        const char *name;
        bool (*take)(struct test_options *o, char *value, char *problem);
    } valued[] = {{"-j", take_jobs}, {"-D", take_definition}, {"-junit", take_junit}, {"-keep", take_keep}, {"-seeds", take_seeds}};

    for (unsigned i = 0; i < sizeof valued / sizeof valued[0]; i++)
        if (!strcmp(name, valued[i].name)) {
            *used = true;
            if (!value)
                return option_problem(problem, "test: %s needs a value (see sienna test -help)", name);
            return valued[i].take(o, value, problem);
        }
    if (!strcmp(name, "-tap"))
        o->tap = true;
    else if (!strcmp(name, "-list"))
        o->list = true;
    else if (!strcmp(name, "-help") || !strcmp(name, "-h"))
        o->help = true;
    else
        return option_problem(problem, "test: there is no option '%s' (see sienna test -help)", name);
    return true;
}

/* Options may stand anywhere; the words that are none are the suite and names. */
static bool parse(struct test_options *o, int argc, char **argv, char *problem)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    *o = (struct test_options){.jobs = processors > 0 ? (unsigned)processors : 1};
    o->filters = calloc((size_t)argc, sizeof *o->filters);
    if (!o->filters)
        abort();
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i][0] == '-' && argv[i][1] == '-' ? argv[i] + 1 : argv[i];
        bool used = false;

        if (*name == '-') {
            if (!take_option(o, name, argv[i + 1], &used, problem))
                return false;
            i += used;
        } else if (!o->suite) {
            o->suite = argv[i];
        } else {
            o->filters[o->filter_count++] = argv[i];
        }
    }
    return o->suite || o->help || option_problem(problem, "test: say a suite: sienna test SUITE (see sienna test -help)");
}

/* ---- Which tests ---- */

static bool wanted(const struct test_options *o, const char *name)
{
    for (unsigned i = 0; i < o->filter_count; i++)
        if (!fnmatch(o->filters[i], name, 0))
            return true;
    return !o->filter_count;
}

static bool filters_match(const struct test_options *o, const struct suite *s, char *problem)
{
    for (unsigned i = 0; i < o->filter_count; i++) {
        bool some = false;

        for (unsigned j = 0; j < s->count; j++)
            some |= !fnmatch(o->filters[i], s->tests[j].name.text, 0);
        if (!some)
            return option_problem(problem, "test: no test of '%s' is called '%s' (-list shows the names)", s->file,
                                  o->filters[i]);
    }
    return true;
}

static unsigned make_runs(const struct test_options *o, const struct suite *s, struct test_run **runs)
{
    unsigned count = 0;

    *runs = calloc(s->count * (o->seeds ? o->seeds : 1), sizeof **runs);
    if (!*runs)
        abort();
    for (unsigned i = 0; i < s->count; i++) {
        const struct suite_test *t = &s->tests[i];
        bool seeded;

        if (!wanted(o, t->name.text))
            continue;
        seeded = o->seeds && !t->skip.text && !test_has_schedule(t);
        for (uint64_t seed = o->first_seed; seed == o->first_seed || (seeded && seed - o->first_seed < o->seeds); seed++)
            (*runs)[count++] = (struct test_run){
                .suite = s, .test = t, .words = test_words(t, o->keep != NULL, seeded ? &seed : NULL),
                .outcome = t->skip.text ? TEST_SKIPPED : TEST_PASSED, .seeded = seeded, .seed = seed};
    }
    return count;
}

/* ---- Running ---- */

static void started(void *context, struct test_run *run)
{
    test_report_progress(context);
}

static void ended(void *context, struct test_run *run)
{
    struct test_report *report = context;

    if (run->outcome != TEST_SKIPPED)
        test_judge(run);
    if (run->recording && run->outcome == TEST_PASSED)
        unlink(run->recording);
    if (run->seeded && run->outcome == TEST_PASSED)
        test_forget(run);
    run->done = true;
    report->ended++;
    test_report_more(report);
    test_report_progress(report);
}

static int run_suite(const struct test_options *o, const struct suite *s)
{
    struct test_report report = {.tap = o->tap, .keep = o->keep};
    const struct test_observer observer = {&report, started, ended};
    struct test_run *runs;
    unsigned count = make_runs(o, s, &runs);
    int signal, code;

    for (unsigned i = 0; o->keep && i < count; i++)
        test_record(&runs[i], o->keep, i);
    report.runs = runs;
    report.count = count;
    test_report_begin(&report);
    signal = test_run_all(runs, count, o->jobs, &observer);
    test_report_end(&report);
    code = signal > 0 ? 128 + signal : signal < 0 || report.keep_failed ? 2 : report.outcomes[TEST_FAILED] != 0;
    if (o->junit && report.tests_shown && !test_junit(report.shown, report.tests_shown, o->junit))
        code = 2;
    test_report_release(&report);
    for (unsigned i = 0; i < count; i++)
        test_run_release(&runs[i]);
    free(runs);
    return code;
}

static void tell_mistake(void *context, unsigned line, const char *text)
{
    if (line)
        fprintf(stderr, "sienna: %s:%u: %s\n", (const char *)context, line, text);
    else
        fprintf(stderr, "sienna: %s: %s\n", (const char *)context, text);
}

int test_subcommand(int argc, char **argv)
{
    char problem[SIENNA_PROBLEM_BYTES];
    struct test_options o;
    struct suite suite = {0};
    int code = 2;

    if (!parse(&o, argc, argv, problem)) {
        fail(problem);
    } else if (o.help) {
        help();
        code = 0;
    } else if (!suite_read(&suite, o.suite, o.definitions, o.definition_count, tell_mistake, (void *)o.suite)) {
        code = 2;
    } else if (!filters_match(&o, &suite, problem)) {
        fail(problem);
    } else if (o.keep && !test_folder(o.keep)) {
        fprintf(stderr, "sienna: test: -keep: '%s' cannot be made: %s\n", o.keep, strerror(errno));
    } else if (o.list) {
        for (unsigned i = 0; i < suite.count; i++)
            if (wanted(&o, suite.tests[i].name.text))
                printf("%s\n", suite.tests[i].name.text);
        code = 0;
    } else {
        code = run_suite(&o, &suite);
    }
    suite_release(&suite);
    free(o.filters);
    return code;
}
