/* SPDX-License-Identifier: MIT */
/** What programs ask to be done to the whole machine, on a machine composed by libsienna. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libsienna/internal.h"

enum { ENTRY = 0x10000, IMAGE = 0x11000, MARK = 0x200000 };

static struct sienna *s;
static char path[64], problem[SIENNA_PROBLEM_BYTES];

static struct cpu *cpu(unsigned n) { return s->machine.cpus->cpu[n]; }
static uint8_t *at(uint64_t address) { return storage_at(s->machine.storage, absolute(address)); }

/* A file that looks like a kernel: `code` at its entry, then a loop. */
static void start(const uint8_t *code, size_t bytes)
{
    static const struct sienna_options options = {.storage_bytes = 4 << 20, .standby_bytes = 2 << 20, .cpus = 2,
                                                .start_tod = 1ULL << 60};
    struct sienna_program program = {.kernel = path};
    uint8_t image[IMAGE] = {0};
    int fd;

    put_be32(image + ENTRY, 0xa7f40010); /* j over the signature */
    memcpy(image + ENTRY + 8, "S390EP", 6);
    memcpy(image + ENTRY + 32, code, bytes);
    put_be32(image + ENTRY + 32 + bytes, 0xa7f40000);
    strcpy(path, "/tmp/sienna-reload-XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_eq(write(fd, image, sizeof image), sizeof image);
    close(fd);
    s = sienna_create(&options, problem);
    ck_assert_msg(s != NULL, "%s", problem);
    ck_assert_msg(sienna_load(s, &program, problem), "%s", problem);
}

static void end(void)
{
    sienna_release(s);
    unlink(path);
}

/* lghi 5,subcode; diag 2,5,0x308 */
static void start_diagnose(uint8_t subcode)
{
    const uint8_t code[] = {0xa7, 0x59, 0, subcode, 0x83, 0x25, 0x03, 0x08};

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
                                   0xb2, 0xb2, 0x03, 0x00};

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
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, NULL, end);
    tcase_add_test(tc, load_clear);
    tcase_add_test(tc, unwanted_reboots);
    tcase_add_test(tc, load_normal_keeps_storage);
    tcase_add_test(tc, reset_normal);
    tcase_add_test(tc, reset_clear);
    tcase_add_test(tc, invalid_short_psw);
    tcase_add_test(tc, watchdog_restarts);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
