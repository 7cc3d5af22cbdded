/* SPDX-License-Identifier: MIT */
/** Conditions of the monitor's stops: the language, what it reads, and what decides when nothing is to be known. */
#include <stdio.h>
#include <string.h>

#include "monitor_condition.h"
#include "unit/debug_fixture.h"

static struct sienna_thread thread;
static char complaint[HOST_PROBLEM_BYTES];

static bool holds(const char *text)
{
    struct monitor_condition *c = monitor_condition_parse(text, complaint);
    bool result;

    ck_assert_msg(c != NULL, "%s: %s", text, complaint);
    ck_assert_str_eq(monitor_condition_text(c), text);
    result = monitor_condition_holds(c, s, thread);
    monitor_condition_free(c);
    return result;
}

static void complains(const char *text, const char *sentence)
{
    ck_assert_ptr_null(monitor_condition_parse(text, complaint));
    ck_assert_msg(strstr(complaint, sentence) != NULL, "%s: %s", text, complaint);
}

START_TEST(operators)
{
    static const char *const true_ones[] = {
        "1", "ff==0FF", "a != b", "1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", "0 || 1", "!0", "!(1 == 2)",
        "1 + 2 - 1 == 2", "f0 & 1f == 10", "f0 | f == ff", "1 || 0 && 0", "(1 || 0) && 1", " 10 - 1 == f ",
        "0 - 1 == ffffffffffffffff", "ffffffffffffffff > 0", "!!5",
    };
    static const char *const false_ones[] = {
        "0", "1 == 2", "1 != 1", "2 < 2", "2 > 2", "1 && 0", "0 || 0", "!1", "(1 || 0) && 0", "0 - 1 < 0",
    };

    start(1);
    thread = (struct sienna_thread){0, 0};
    for (unsigned i = 0; i < sizeof true_ones / sizeof true_ones[0]; i++)
        ck_assert_msg(holds(true_ones[i]), "%s", true_ones[i]);
    for (unsigned i = 0; i < sizeof false_ones / sizeof false_ones[0]; i++)
        ck_assert_msg(!holds(false_ones[i]), "%s", false_ones[i]);
    release_machine();
}
END_TEST

START_TEST(registers_and_storage)
{
    start(2);
    put64(0x20000, 0x0123456789abcdef);
    set_register(0, SIENNA_GR, 2, 0x20000);
    set_register(1, SIENNA_GR, 2, 0x20008);
    thread = (struct sienna_thread){0, 0};
    ck_assert(holds("%gr2 == 20000 && %r2 == 20000"));
    ck_assert(holds("[%gr2] == 123456789abcdef"));
    ck_assert(holds("byte[%gr2+7] == ef && half[%gr2+1] == 2345 && word[%gr2 + 4] == 89abcdef"));
    ck_assert(holds("byte[20000 + byte[20000]] == 23"));
    ck_assert(holds("%psw == 10ff6 && %mask & 180000000 == 180000000"));
    ck_assert(holds("%prefix == 0 && %cr1 == 40000 && %fpc == 0"));
    thread.cpu = 1;
    ck_assert(holds("%gr2 == 20008 && %prefix == 4000"));
    /* A guest's own registers and storage. */
    ck_assert(sienna_run(s, 20000) == SIENNA_RAN);
    thread = (struct sienna_thread){1, 0};
    ck_assert(holds("%gr1 > 10 && [20000] <= %gr1 && %cr0 & e0 == e0"));
    ck_assert(!holds("[20000] == 123456789abcdef"));
    release_machine();
}
END_TEST

/* Nobody knows: somebody should look. But what is not asked for does not matter. */
START_TEST(unknown)
{
    start(1);
    thread = (struct sienna_thread){0, 0};
    ck_assert(holds("[7fffffff0000] == 1"));
    ck_assert(!holds("0 && [7fffffff0000] == 1"));
    ck_assert(!holds("[20000] && [7fffffff0000]"));
    thread.cpu = SIENNA_ANY_CPU; /* the channel subsystem has no registers */
    ck_assert(holds("%gr2 == 1"));
    release_machine();
}
END_TEST

START_TEST(complaints)
{
    char deep[400] = "", wide[2000] = "1";

    complains("", "a value is missing at ''");
    complains("1 +", "a value is missing at ''");
    complains("1 2", "an operator is missing at '2'");
    complains("(1", "a parenthesis is not closed");
    complains("[1", "a bracket is not closed");
    complains("1)", "an operator is missing at ')'");
    complains("%gr16", "no such register at 'gr16'");
    complains("%", "no such register");
    complains("12345678901234567", "no hexadecimal number");
    complains("12xyz", "no hexadecimal number");
    complains("1 = 1", "an operator is missing at '= 1'");
    memset(deep, '(', sizeof deep - 1);
    complains(deep, "it is too deep");
    memset(deep, '!', sizeof deep - 1);
    complains(deep, "it is too deep");
    while (strlen(wide) < sizeof wide - 3)
        strcat(wide, "+1");
    complains(wide, "it is too long");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("condition");

    tcase_add_test(tests, operators);
    tcase_add_test(tests, registers_and_storage);
    tcase_add_test(tests, unknown);
    tcase_add_test(tests, complaints);
    return run_debug_tests("condition", tests);
}
