/* SPDX-License-Identifier: MIT */
/** How the unit tests' programs end: run everything, and tell whether it held. */
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

#endif
