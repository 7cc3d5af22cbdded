/* SPDX-License-Identifier: MIT */
/** CPU models: generations, features, and what does not exist. */
#include <check.h>
#include <stdlib.h>

#include "channel/sclp.h"
#include "libsienna/cpu_model.h"
#include "unit/suite.h"

static struct facility_list list;
static uint16_t type;
static struct sclp_features announced;
static char problem[SIENNA_PROBLEM_BYTES];

static bool has(unsigned bit) { return facility_present(&list, bit); }

START_TEST(generations)
{
    struct facility_list all;

    facility_list_all(&all);
    ck_assert(cpu_model_parse(NULL, &list, &announced, &type, problem));
    ck_assert_mem_eq(&list, &all, sizeof all);
    ck_assert_uint_eq(type, 0x3931);
    ck_assert(cpu_model_parse("z13", &list, &announced, &type, problem));
    ck_assert_uint_eq(type, 0x2964);
    ck_assert(has(FACILITY_VECTOR) && has(FACILITY_Z13) && !has(FACILITY_VECTOR_ENHANCEMENT_1) && !has(FACILITY_BEAR));
    ck_assert(cpu_model_parse("z10", &list, &announced, &type, problem));
    ck_assert_uint_eq(type, 0x2097);
    ck_assert(has(FACILITY_EDAT_1) && !has(FACILITY_Z196) && !has(FACILITY_VECTOR) && !has(FACILITY_EDAT_2));
}
END_TEST

/* The generations that brought what the first table of this program had wrong, and small machines. */
START_TEST(ages)
{
    ck_assert(cpu_model_parse("z10", &list, &announced, &type, problem));
    ck_assert(has(FACILITY_CONDITIONAL_SSKE) && has(FACILITY_CZAM) && !has(FACILITY_INTERLOCKED_ACCESS_2));
    ck_assert(cpu_model_parse("z196", &list, &announced, &type, problem));
    ck_assert(has(FACILITY_INTERLOCKED_ACCESS_2) && has(FACILITY_RRBM) && !has(FACILITY_SIDE_EFFECT_ACCESS));
    ck_assert(cpu_model_parse("zBC12", &list, &announced, &type, problem));
    ck_assert_uint_eq(type, 0x2828);
    ck_assert(has(FACILITY_SIDE_EFFECT_ACCESS) && has(FACILITY_EXTENDED_SCCB) && !has(FACILITY_Z13));
}
END_TEST

START_TEST(features)
{
    ck_assert(cpu_model_parse("z14,edat2=off,vxeh=on", &list, &announced, &type, problem));
    ck_assert(has(FACILITY_EDAT_1) && !has(FACILITY_EDAT_2) && has(FACILITY_VECTOR_ENHANCEMENT_1));
    ck_assert(cpu_model_parse("z13,rdp", &list, &announced, &type, problem));
    ck_assert(has(FACILITY_RDP));
}
END_TEST

START_TEST(problems)
{
    static const char *const cases[][2] = {
        {"z9", "no such model"}, {"", "no such model"}, {"max,foo=on", "no feature 'foo'"},
        {"max,te=on", "does not have the feature 'te'"}, {"max,vx=maybe", "vx=on"},
        {"z14,vx=off", "needs 'vx'"}, {"z13,edat=off", "'edat2' needs 'edat'"},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert(!cpu_model_parse(cases[i][0], &list, &announced, &type, problem));
        ck_assert_msg(strstr(problem, cases[i][1]) != NULL, "'%s' does not say '%s'", problem, cases[i][1]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu model");
    TCase *c = tcase_create("cpu model");

    tcase_add_test(c, generations);
    tcase_add_test(c, ages);
    tcase_add_test(c, features);
    tcase_add_test(c, problems);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
