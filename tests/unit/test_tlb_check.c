/* SPDX-License-Identifier: MIT */
/** A TLB entry that storage has left behind: builds with SIENNA_CHECK_TLB notice the next hit. */
#include <check.h>
#include <signal.h>

#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;
static void setup(void) { fixture_init(&f); }
static void teardown(void) { fixture_release(&f); }

/* lg 3,0(2) twice; behind the TLB's back the block becomes fetch-protected in between. */
static void hit_after_key_change(const char *code)
{
    f.cpu->psw_mask |= 1ULL << PSW_KEY_SHIFT;
    f.machine.storage->keys[DATA >> PAGE_SHIFT] = 0x10;
    set_gr64(f.cpu, 2, DATA);
    put_be64(at(&f, DATA), 77);
    run(&f, code);
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(gr64(f.cpu, 3), 77);
    f.machine.storage->keys[DATA >> PAGE_SHIFT] = 0x2e;
    run(&f, code);
    ck_assert_uint_eq(f.code, 0);
}

START_TEST(fast_handler) { hit_after_key_change("e33020000004"); }
END_TEST

START_TEST(generic_handler) { hit_after_key_change("d2002001200041300000e33020000004"); }
END_TEST

/* The same with the purge that key instructions do: no difference, and the exception. */
START_TEST(purged)
{
    f.cpu->psw_mask |= 1ULL << PSW_KEY_SHIFT;
    f.machine.storage->keys[DATA >> PAGE_SHIFT] = 0x10;
    set_gr64(f.cpu, 2, DATA);
    run(&f, "e33020000004");
    ck_assert_uint_eq(f.code, 0);
    f.machine.storage->keys[DATA >> PAGE_SHIFT] = 0x2e;
    f.machine.storage->key_changed(&f.machine, absolute(DATA));
    run(&f, "e33020000004");
    ck_assert_uint_eq(f.code, PIC_PROTECTION);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tlb check");
    TCase *tests = tcase_create("tlb check");

    tcase_add_checked_fixture(tests, setup, teardown);
#ifdef SIENNA_CHECK_TLB
    tcase_add_test_raise_signal(tests, fast_handler, SIGABRT);
    tcase_add_test_raise_signal(tests, generic_handler, SIGABRT);
#else
    tcase_add_test(tests, fast_handler);
    tcase_add_test(tests, generic_handler);
#endif
    tcase_add_test(tests, purged);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
