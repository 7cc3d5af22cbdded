/* SPDX-License-Identifier: MIT */
/** For tests that read their cases from tests/insn: a case a line, `#` before a comment. */
#ifndef SIENNA_TESTS_INSN_LINES_H
#define SIENNA_TESTS_INSN_LINES_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>

/**
 * Give each case of tests/insn/NAME to `passes`, which tells whether it did, and itself what failed. Returns how many
 * did not; fails the test when there is no case.
 */
static inline unsigned failed_lines(const char *name, bool (*passes)(const char *line))
{
    char path[256], line[8192];
    unsigned count = 0, failed = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", VECTOR_FOLDER, name);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#')
            continue;
        count++;
        failed += !passes(line);
    }
    fclose(file);
    ck_assert_uint_gt(count, 0);
    return failed;
}

#endif
