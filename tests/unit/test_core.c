/* SPDX-License-Identifier: MIT */
/** The core itself: decode, dispatch, exceptions, EXECUTE, self-modifying code. */
#include <check.h>

#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;

static void setup(void) { fixture_init(&f); }
static void teardown(void) { fixture_release(&f); }

START_TEST(test_load_add_store)
{
    put_be32(at(&f, DATA), 40);
    f.cpu->gr[2].d = DATA;
    f.cpu->gr[3].d = 2;
    run(&f, "58102000 1a13 50102004");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 4)), 42);
    ck_assert_uint_eq(f.cpu->cc, 2);
}
END_TEST

START_TEST(test_addressing_exception)
{
    f.cpu->gr[2].d = FIXTURE_STORAGE;
    f.cpu->gr[1].d = 7;
    run(&f, "58102000");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    ck_assert_uint_eq(f.ilc, 4);
    ck_assert_uint_eq(f.old_ia, CODE + 4);
    ck_assert_uint_eq(f.cpu->gr[1].d, 7);
}
END_TEST

START_TEST(test_branches)
{
    /* lghi 1,5; j +6 over lghi 1,9; (end) */
    run(&f, "a7190005 a7f40004 a7190009");
    ck_assert_uint_eq(f.cpu->gr[1].d, 5);
    f.cpu->gr[5].d = CODE + 10;
    run(&f, "a7190005 07f5 a7190009");
    ck_assert_uint_eq(f.cpu->gr[1].d, 5);
}
END_TEST

START_TEST(test_execute_modifies_target)
{
    /* exrl 3,+6 -> ar 1,0 at CODE+12, or'ed with register 3's byte: ar 1,2 */
    f.cpu->gr[1].d = 10;
    f.cpu->gr[2].d = 32;
    f.cpu->gr[3].d = 0x02;
    run(&f, "c63000000005 a7f40003 1a10");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->gr[1].d, 42);
}
END_TEST

START_TEST(test_execute_of_execute)
{
    run(&f, "c60000000000");
    ck_assert_uint_eq(f.code, PIC_EXECUTE);
    ck_assert_uint_eq(f.ilc, 6);
}
END_TEST

START_TEST(test_store_into_next_instruction)
{
    /* st 1,8(5): overwrites the instruction that follows with lghi 7,1 */
    f.cpu->gr[5].d = CODE;
    f.cpu->gr[1].d = 0xa7790001;
    f.cpu->gr[7].d = 0;
    run(&f, "50105008 58205000 a7790002");
    ck_assert_uint_eq(f.cpu->gr[7].d, 1);
}
END_TEST

START_TEST(test_instruction_across_pages)
{
    f.cpu->gr[1].d = 0;
    place(&f, CODE + 0xffe, "a7190007");
    f.end_ia = CODE + 0x1002;
    f.cpu->ia = CODE + 0xffe;
    run_on(&f);
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->gr[1].d, 7);
}
END_TEST

START_TEST(test_early_specification)
{
    put_be64(at(&f, DATA), PSW_EA);
    put_be64(at(&f, DATA + 8), 0x1234);
    f.cpu->gr[2].d = DATA;
    run(&f, "b2b22000");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    ck_assert_uint_eq(f.old_ia, 0x1234);
    ck_assert_uint_eq(f.old_mask, PSW_EA);
}
END_TEST

START_TEST(test_privileged)
{
    f.cpu->psw_mask |= PSW_PROBLEM;
    run(&f, "b2b22000");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
}
END_TEST

START_TEST(test_program_loop_ends_the_machine)
{
    put_be64(at(&f, 0x1d0), PSW_EA | PSW_BA);
    put_be64(at(&f, 0x1d8), DATA);
    memset(at(&f, DATA), 0, 8);
    f.cpu->state = CPU_OPERATING;
    cpus_run(&f.machine, 1000000);
    ck_assert_int_eq(f.machine.end, MACHINE_PROGRAM_LOOP);
}
END_TEST

/* An external-new PSW that is enabled for what is pending: interruptions for ever, but time passes. */
START_TEST(test_string_of_interruptions)
{
    put_be64(at(&f, 0x1b0), PSW_EXTERNAL | PSW_EA | PSW_BA);
    put_be64(at(&f, 0x1b8), CODE);
    f.cpu->cr[0] |= CR0_CLOCK_COMPARATOR;
    f.cpu->clock_comparator = 0;
    f.machine.now = 1000;
    f.cpu->psw_mask |= PSW_EXTERNAL;
    run_on(&f);
    ck_assert_uint_ge(f.machine.now, 101000);
    ck_assert_uint_eq(get_be16(at(&f, 0x86)), 0x1004);
    ck_assert_uint_eq(get_be64(at(&f, 0x138)), CODE);
}
END_TEST

/* The new PSW itself is refused: no instruction is ever reached. */
START_TEST(test_invalid_new_psw_ends_the_machine)
{
    put_be64(at(&f, 0x1d0), PSW_EA);
    put_be64(at(&f, 0x1d8), DATA);
    memset(at(&f, DATA), 0, 8);
    f.cpu->ia = DATA;
    f.cpu->state = CPU_OPERATING;
    cpus_run(&f.machine, 1000000);
    ck_assert_int_eq(f.machine.end, MACHINE_PROGRAM_LOOP);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core");
    TCase *tc = tcase_create("core");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_load_add_store);
    tcase_add_test(tc, test_addressing_exception);
    tcase_add_test(tc, test_branches);
    tcase_add_test(tc, test_execute_modifies_target);
    tcase_add_test(tc, test_execute_of_execute);
    tcase_add_test(tc, test_store_into_next_instruction);
    tcase_add_test(tc, test_instruction_across_pages);
    tcase_add_test(tc, test_early_specification);
    tcase_add_test(tc, test_privileged);
    tcase_add_test(tc, test_program_loop_ends_the_machine);
    tcase_add_test(tc, test_string_of_interruptions);
    tcase_add_test(tc, test_invalid_new_psw_ends_the_machine);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
