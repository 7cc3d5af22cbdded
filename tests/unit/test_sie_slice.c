/* SPDX-License-Identifier: MIT */
/** The first slice of SIE: levels are data, and the fast path does not know them. */
#include <check.h>

#include "sie/sie.h"
#include "sie/state_descriptor.h"
#include "unit/cpu_fixture.h"

static struct fixture f;

/* The state description at real SD; guest storage is host virtual ORIGIN …, 1 MiB, through a segment table. */
enum { SD = 0x30000, SEGMENTS = 0x40000, PAGES = 0x44000, GUEST_REAL = 0x100000, ORIGIN = 0x100000,
       GUEST_CODE = 0x10000, GUEST_DATA = 0x20000 };

static void map_guest_page(unsigned page, uint64_t flags)
{
    put_be64(at(&f, PAGES + 8 * page), (GUEST_REAL + page * 4096ULL) | flags);
}

static void setup(void)
{
    fixture_init(&f);
    f.machine.cpus->sie = &sie_interpretation;
    put_be64(at(&f, SEGMENTS), 0x20);           /* host logical 0 …: invalid */
    put_be64(at(&f, SEGMENTS + 8), PAGES);      /* host logical 1 MiB …: the guest */
    for (unsigned i = 0; i < 256; i++)
        map_guest_page(i, 0);
    f.cpu->cr[1] = SEGMENTS;                    /* segment table, length 512 entries */
    put_be32(at(&f, SD + SD_CPUSTAT), CPUSTAT_ZARCH);
    put_be64(at(&f, SD + SD_MSO), ORIGIN);
    put_be64(at(&f, SD + SD_MSL), ORIGIN);
    put_be64(at(&f, SD + SD_PSW), PSW_EA | PSW_BA);
    put_be64(at(&f, SD + SD_PSW + 8), GUEST_CODE);
    put_be64(at(&f, SD + SD_CR), 0xe0);
    put_be64(at(&f, SD + SD_GR14), 0x1414);
}
static void teardown(void) { fixture_release(&f); }

static void guest_code(const char *hex)
{
    uint64_t end = f.end_ia;

    place(&f, GUEST_REAL + GUEST_CODE, hex);
    f.end_ia = end;
}

/* Host code: sie 0(14). */
static void run_sie(void)
{
    f.cpu->gr[14].d = SD;
    run(&f, "b214e000");
}

START_TEST(test_diagnose_is_intercepted)
{
    f.cpu->gr[1].d = 0;
    /* lghi 1,42; stg 1,0x20000 by way of register 2; diag 2,3,0x44 */
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("a719002a e31020000024 83230044");
    run_sie();
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(*at(&f, SD + SD_ICPTCODE), ICPT_INSTRUCTION);
    ck_assert_uint_eq(*at(&f, SD + SD_ICPTSTATUS), 0x80);
    ck_assert_uint_eq(get_be16(at(&f, SD + SD_IPA)), 0x8323);
    ck_assert_uint_eq(get_be32(at(&f, SD + SD_IPB)), 0x00440000);
    ck_assert_uint_eq(get_be64(at(&f, SD + SD_PSW + 8)), GUEST_CODE + 14);
    ck_assert_uint_eq(get_be64(at(&f, GUEST_REAL + GUEST_DATA)), 42);
    ck_assert_uint_eq(f.cpu->gr[1].d, 42);
    ck_assert_uint_eq(f.cpu->gr[14].d, SD);
    ck_assert_uint_eq(get_be64(at(&f, SD + SD_GR14)), 0x1414);
}
END_TEST

START_TEST(test_host_page_fault_nullifies)
{
    map_guest_page(GUEST_DATA >> 12, 0x400);
    f.cpu->gr[2].d = GUEST_DATA;
    f.cpu->gr[1].d = 7;
    guest_code("e31020000004 83230044"); /* lg 1,0(2) */
    run_sie();
    ck_assert_uint_eq(f.code, PIC_PAGE_TRANSLATION);
    ck_assert_uint_eq(f.old_ia, CODE); /* at SIE */
    ck_assert_uint_eq(f.ilc, 4);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & PAGE_MASK, ORIGIN + GUEST_DATA);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & 3, 0);
    ck_assert_uint_eq(get_be64(at(&f, SD + SD_PSW + 8)), GUEST_CODE);
    ck_assert_uint_eq(f.cpu->gr[1].d, 7);
    ck_assert_uint_eq(*at(&f, SD + SD_ICPTCODE), 0);
    /* The host brings the page in and enters again: the guest goes on. */
    map_guest_page(GUEST_DATA >> 12, 0);
    put_be64(at(&f, GUEST_REAL + GUEST_DATA), 99);
    run_sie();
    ck_assert_uint_eq(*at(&f, SD + SD_ICPTCODE), ICPT_INSTRUCTION);
    ck_assert_uint_eq(f.cpu->gr[1].d, 99);
}
END_TEST

START_TEST(test_host_write_protection_suppresses)
{
    map_guest_page(GUEST_DATA >> 12, 0x200);
    f.cpu->gr[2].d = GUEST_DATA;
    /* A fetch first: it must not leave a store tag behind. */
    guest_code("e31020000004 e31020000024 83230044");
    run_sie();
    ck_assert_uint_eq(f.code, PIC_PROTECTION);
    ck_assert_uint_eq(f.old_ia, CODE + 4); /* after SIE, ILC 4 */
    ck_assert_uint_eq(f.ilc, 4);
    ck_assert(get_be64(at(&f, 0xa8)) & 4);
    ck_assert_uint_eq(get_be64(at(&f, SD + SD_PSW + 8)), GUEST_CODE + 6);
}
END_TEST

START_TEST(test_guest_takes_its_own_program_interruption)
{
    put_be64(at(&f, GUEST_REAL + 0x1d0), PSW_WAIT | PSW_EA | PSW_BA);
    put_be64(at(&f, GUEST_REAL + 0x1d8), 0xabc);
    guest_code("0000");
    run_sie();
    ck_assert_uint_eq(*at(&f, SD + SD_ICPTCODE), ICPT_WAIT);
    ck_assert_uint_eq(get_be16(at(&f, GUEST_REAL + 0x8e)), PIC_OPERATION);
    ck_assert_uint_eq(get_be64(at(&f, SD + SD_PSW + 8)), 0xabc);
}
END_TEST

START_TEST(test_operation_exception_is_intercepted_as_asked)
{
    put_be32(at(&f, SD + SD_ICTL), ICTL_OPERATION);
    guest_code("0000");
    run_sie();
    ck_assert_uint_eq(*at(&f, SD + SD_ICPTCODE), ICPT_OPERATION);
    ck_assert_uint_eq(get_be64(at(&f, SD + SD_PSW + 8)), GUEST_CODE + 2);
}
END_TEST

START_TEST(test_stop_request)
{
    put_be32(at(&f, SD + SD_CPUSTAT), CPUSTAT_ZARCH | CPUSTAT_STOP_INT);
    guest_code("83230044");
    run_sie();
    ck_assert_uint_eq(*at(&f, SD + SD_ICPTCODE), ICPT_STOP);
    ck_assert_uint_eq(get_be64(at(&f, SD + SD_PSW + 8)), GUEST_CODE);
}
END_TEST

START_TEST(test_address_beyond_the_guest)
{
    f.cpu->gr[2].d = 0x200000;
    guest_code("e31020000004 83230044");
    run_sie();
    ck_assert_uint_eq(*at(&f, SD + SD_ICPTCODE), ICPT_PROGRAM);
    ck_assert_uint_eq(get_be16(at(&f, SD + SD_INTERRUPTION + 0xe)), PIC_ADDRESSING);
    ck_assert_uint_eq(get_be16(at(&f, SD + SD_INTERRUPTION + 0xc)), 6);
    ck_assert_uint_eq(get_be64(at(&f, SD + SD_PSW + 8)), GUEST_CODE + 6); /* suppressed */
}
END_TEST

START_TEST(test_validity)
{
    put_be64(at(&f, SD + SD_MSL), 0);
    run_sie();
    ck_assert_uint_eq(*at(&f, SD + SD_ICPTCODE), ICPT_VALIDITY);
    ck_assert_uint_eq(get_be32(at(&f, SD + SD_IPB)) >> 16, VALIDITY_ORIGIN);
}
END_TEST

START_TEST(test_absent_without_the_service)
{
    f.machine.cpus->sie = NULL;
    run_sie();
    ck_assert_uint_eq(f.code, PIC_OPERATION);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sie slice");
    TCase *tc = tcase_create("sie");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_diagnose_is_intercepted);
    tcase_add_test(tc, test_host_page_fault_nullifies);
    tcase_add_test(tc, test_host_write_protection_suppresses);
    tcase_add_test(tc, test_guest_takes_its_own_program_interruption);
    tcase_add_test(tc, test_operation_exception_is_intercepted_as_asked);
    tcase_add_test(tc, test_stop_request);
    tcase_add_test(tc, test_address_beyond_the_guest);
    tcase_add_test(tc, test_validity);
    tcase_add_test(tc, test_absent_without_the_service);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
