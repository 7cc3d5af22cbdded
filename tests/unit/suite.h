/* SPDX-License-Identifier: MIT */
/** What the unit tests' programs end with: to run everything, and to tell whether it held. */
#ifndef SIENNA_TESTS_SUITE_H
#define SIENNA_TESTS_SUITE_H

#include <check.h>

/** Run all tests of `suite`, as much being told as CK_VERBOSITY says; the program's exit code: 0 when all passed. */
static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/** A test in a table of them. */
struct named_test {
    const TTest *test;
    int loops; /**< how often it runs, with _i from zero on; 0: once */
};

/** run_suite() of a suite `name` with these tests, each between `setup` and `teardown`. */
static inline int run_tests(const char *name, const struct named_test *tests, unsigned count, SFun setup,
                            SFun teardown)
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    for (unsigned i = 0; i < count; i++)
        tcase_add_loop_test(tc, tests[i].test, 0, tests[i].loops ? tests[i].loops : 1);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

#endif
