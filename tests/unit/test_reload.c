/* SPDX-License-Identifier: MIT */
/** What programs ask to be done to the whole machine, on a machine composed by libsienna. */
#include "unit/machine_fixture.h"

enum { MARK = 0x200000 };

static void start(const uint8_t *code, size_t bytes)
{
    static const struct sienna_options options = {.storage_bytes = 4 << 20, .standby_bytes = 2 << 20, .cpus = 2,
                                                  .start_tod = 1ULL << 60};
    const char *kernel;

    make_folder("reload");
    kernel = file_in_folder("kernel");
    write_kernel(kernel, code, bytes);
    s = create_machine(&options);
    load_kernel(s, kernel);
}

static void end(void)
{
    sienna_release(s);
    remove_folder();
}

/* lghi 5,subcode; diag 2,5,0x308; j . */
static void start_diagnose(uint8_t subcode)
{
    const uint8_t code[] = {0xa7, 0x59, 0, subcode, 0x83, 0x25, 0x03, 0x08, 0xa7, 0xf4, 0, 0};

    start(code, sizeof code);
}

/* Run until the request has been made; it is not served. */
static void run_to_request(void)
{
    ck_assert_int_eq(cpus_run(&s->machine, s->machine.now + 1000000), CPUS_RAN);
    ck_assert_int_ne(s->machine.configuration.load_request, LOAD_NOTHING);
}

START_TEST(load_clear)
{
    start_diagnose(3);
    *at(MARK) = 0x77;
    s->machine.storage->keys[MARK >> PAGE_SHIFT] = 0x30;
    *at(ENTRY + 0x800) = 1;
    cpu(0)->gr[9].d = 99;
    cpu(1)->gr[9].d = 99;
    cpu(1)->cr[0] = 5;
    s->machine.floating.pending = FLOATING_SERVICE_SIGNAL;
    run_to_request();
    machine_serve_request(s);
    ck_assert_uint_eq(*at(MARK), 0);
    ck_assert_uint_eq(s->machine.storage->keys[MARK >> PAGE_SHIFT], 0);
    ck_assert_uint_eq(*at(ENTRY + 0x800), 0);
    ck_assert_mem_eq(at(ENTRY + 8), "S390EP", 6);
    ck_assert_uint_eq(cpu(0)->gr[9].d, 0);
    ck_assert_uint_eq(cpu(1)->gr[9].d, 0);
    ck_assert_uint_eq(cpu(1)->cr[0], 0xe0);
    ck_assert_uint_eq(cpu(0)->ia, ENTRY);
    ck_assert_int_eq(cpu(0)->state, CPU_OPERATING);
    ck_assert_int_eq(cpu(1)->state, CPU_STOPPED);
    ck_assert_uint_eq(s->machine.floating.pending, 0);
    /* and so on for ever, without ending */
    ck_assert_int_eq(sienna_run(s, s->machine.now + 100000), SIENNA_RAN);
}
END_TEST

START_TEST(unwanted_reboots)
{
    start_diagnose(7);
    s->no_reboot = true;
    ck_assert_int_eq(sienna_run(s, UINT64_MAX), SIENNA_ENDED);
    ck_assert_int_eq(s->machine.end, MACHINE_REBOOT);
    ck_assert_int_eq(sienna_exit_code(s), 0);
}
END_TEST

START_TEST(load_normal_keeps_storage)
{
    start_diagnose(7);
    *at(MARK) = 0x77;
    run_to_request();
    machine_serve_request(s);
    ck_assert_uint_eq(*at(MARK), 0x77);
    ck_assert_uint_eq(cpu(0)->ia, ENTRY);
}
END_TEST

static void reset_to_short_psw(uint8_t subcode, uint64_t psw)
{
    start_diagnose(subcode);
    *at(MARK) = 0x77;
    put_be64(at(0), psw);
    cpu(0)->gr[9].d = cpu(1)->gr[9].d = 99;
    cpu(1)->cr[1] = 0x1234;
    cpu(1)->state = CPU_OPERATING;
    cpu(1)->psw_mask = PSW_WAIT | PSW_EXTERNAL;
    run_to_request();
    machine_serve_request(s);
    ck_assert_uint_eq(*at(MARK), 0x77);
    ck_assert_int_eq(cpu(0)->state, CPU_OPERATING);
    ck_assert_int_eq(cpu(1)->state, CPU_STOPPED);
}

START_TEST(reset_normal)
{
    reset_to_short_psw(1, 0x0008000080010000);
    ck_assert_uint_eq(cpu(0)->psw_mask, PSW_BA);
    ck_assert_uint_eq(cpu(0)->ia, 0x10000);
    ck_assert_uint_eq(cpu(0)->gr[9].d, 99);
    ck_assert_uint_eq(cpu(1)->gr[9].d, 99);
    ck_assert_uint_eq(cpu(1)->cr[1], 0x1234);
    ck_assert(!cpu(0)->early_specification);
}
END_TEST

START_TEST(reset_clear)
{
    reset_to_short_psw(0, 0x0008000080010000);
    ck_assert_uint_eq(cpu(0)->ia, 0x10000);
    ck_assert_uint_eq(cpu(0)->gr[9].d, 0);
    ck_assert_uint_eq(cpu(1)->cr[1], 0);
}
END_TEST

START_TEST(invalid_short_psw)
{
    reset_to_short_psw(1, 0x0000000080010000);
    ck_assert(cpu(0)->early_specification);
}
END_TEST

/* diag 2,4,0x288 with GR2 = 0, GR3 = 15 s, GR4 = 0; then an enabled wait: the restart new PSW is loaded. */
START_TEST(watchdog_restarts)
{
    static const uint8_t code[] = {0xa7, 0x29, 0, 0, 0xa7, 0x39, 0, 15, 0xa7, 0x49, 0, 0, 0x83, 0x24, 0x02, 0x88,
                                   0xb2, 0xb2, 0x03, 0x00, 0xa7, 0xf4, 0, 0};

    start(code, sizeof code);
    s->machine.log_limit = LOG_ERROR;
    put_be64(at(0x300), PSW_WAIT | PSW_EXTERNAL | PSW_EA | PSW_BA);
    put_be64(at(0x1a0), PSW_WAIT | PSW_EA | PSW_BA);
    put_be64(at(0x1a8), 0xabcd);
    ck_assert_int_eq(sienna_run(s, UINT64_MAX), SIENNA_IDLE);
    sienna_skip_to(s, sienna_next_event(s));
    ck_assert_uint_gt(sienna_now(s), 15 * SIENNA_SECOND);
    ck_assert_int_eq(sienna_run(s, UINT64_MAX), SIENNA_ENDED);
    ck_assert_int_eq(s->machine.end, MACHINE_DISABLED_WAIT);
    ck_assert_uint_eq(cpu(0)->ia, 0xabcd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reload");
    TCase *tc = tcase_create("reload");

    tcase_add_checked_fixture(tc, NULL, end);
    tcase_add_test(tc, load_clear);
    tcase_add_test(tc, unwanted_reboots);
    tcase_add_test(tc, load_normal_keeps_storage);
    tcase_add_test(tc, reset_normal);
    tcase_add_test(tc, reset_clear);
    tcase_add_test(tc, invalid_short_psw);
    tcase_add_test(tc, watchdog_restarts);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
