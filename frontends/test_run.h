/* SPDX-License-Identifier: MIT */
/**
 * Running the tests of a suite: each run is a child process of this executable, several at a time. What a run
 * showed is judged against what the suite expects, and reported in the suite's order.
 */
#ifndef SIENNA_FRONTENDS_TEST_RUN_H
#define SIENNA_FRONTENDS_TEST_RUN_H

#include <sys/types.h>

#include "test_suite.h"

/** Bytes of a child's output; ended by a zero. */
struct test_bytes {
    char *data;
    size_t count;
};

enum test_outcome { TEST_PASSED, TEST_FAILED, TEST_SKIPPED };

/** One run of one test. */
struct test_run {
    const struct suite *suite;
    const struct suite_test *test;
    char **words;               /**< the child's command line, with the program's name */
    char *recording;            /**< where the child records itself, with -record as its last option; NULL = nowhere */
    bool seeded;                /**< it runs with -sched seed= */
    uint64_t seed;
    pid_t pid;
    int descriptors[2];         /**< the child's standard output and error; -1 = closed */
    struct test_bytes said[2];  /**< what came from them */
    uint64_t began, took;       /**< host nanoseconds */
    int status;                 /**< as waitpid() gives it */
    bool too_much;              /**< it was ended since it said too much */
    bool done;                  /**< it has ended (or was skipped) and was judged */
    enum test_outcome outcome;
    char *why;                  /**< of a failed test: sentences, one a line */
};
enum { TEST_CONSOLE, TEST_MESSAGES };

/** Who hears of a run's start and end. */
struct test_observer {
    void *context;
    void (*started)(void *context, struct test_run *run);
    /** All bytes are there; `outcome` and `why` are not yet. */
    void (*ended)(void *context, struct test_run *run);
};

/** The command line of a test, without -digest when nobody asks for it; `seed`: NULL = the usual schedule. */
char **test_words(const struct suite_test *test, bool digest, const uint64_t *seed);
/** Let the run record itself in the folder, as its `number`th file. */
void test_record(struct test_run *run, const char *folder, unsigned number);
/** Does the test name a schedule itself? */
bool test_has_schedule(const struct suite_test *test);
/** The same as a line for a shell. */
char *test_shell_line(const struct test_run *run);
/** Run all that are not skipped, at most `jobs` at a time. Returns 0, or the signal that ended it. */
int test_run_all(struct test_run *runs, unsigned count, unsigned jobs, const struct test_observer *observer);
void test_run_release(struct test_run *run);
/** Free what the run said. */
void test_forget(struct test_run *run);

/** Compare what a run showed with what its test expects: sets outcome and why. */
void test_judge(struct test_run *run);
/** The digest that the child said, or "". */
void test_digest(const struct test_run *run, char digest[17]);
/** The sentence by which the child said how its machine ended, to be freed; NULL = none. */
char *test_ending(const struct test_run *run);

/** Make a folder and those it is in. False with errno. */
bool test_folder(const char *path);
/** Write command line, console, messages, digest and reasons of a failed run to `folder`, which is made. False with
 *  a message. */
bool test_keep(const struct test_run *run, const char *folder);
/** Write a JUnit report about these runs. False with a message. */
bool test_junit(struct test_run *const *runs, unsigned count, const char *file);

/** The report as tests end, in the suite's order: text or TAP on standard output, progress on a terminal. */
struct test_report {
    struct test_run *runs;
    unsigned count;              /**< of runs */
    struct test_run **shown; /**< of each test reported: the run that tells of it */
    unsigned tests, tests_shown; /**< tests, and how many have been reported */
    unsigned next;               /**< first run that is not reported */
    unsigned ended, running, outcomes[3];
    bool tap, terminal, line;    /**< line: progress is shown */
    const char *keep;            /**< folder or NULL */
    bool keep_failed;
};
/** The first line; `runs` and `count` are set. */
void test_report_begin(struct test_report *report);
void test_report_progress(struct test_report *report);
/** Report what is done and next in order. */
void test_report_more(struct test_report *report);
void test_report_end(struct test_report *report);
void test_report_release(struct test_report *report);

#endif
