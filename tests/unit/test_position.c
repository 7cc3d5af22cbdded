/* SPDX-License-Identifier: MIT */
/** Places in a machine's history, and stopping at them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libsienna/internal.h"
#include "sienna_inspect.h"

enum { CODE = 0x10000 };
static const uint64_t LIMIT = 300000;
static struct sienna *s;
static char problem[SIENNA_PROBLEM_BYTES], path[] = "/tmp/sienna-position-XXXXXX";

/* CPU 0 starts CPU 1 by SIGP restart through the PSW at 0x1a0; both count, one of them with a clock in the loop. */
static const uint8_t program[] = {
    0xe3, 0x10, 0x01, 0xa0, 0x00, 0x24,             /* 00 stg 1,0x1a0 */
    0xc0, 0x20, 0x00, 0x00, 0x00, 0x0a,             /* 06 larl 2,1a */
    0xe3, 0x20, 0x01, 0xa8, 0x00, 0x24,             /* 0c stg 2,0x1a8 */
    0xa7, 0x38, 0x00, 0x01,                         /* 12 lhi 3,1 */
    0xae, 0x03, 0x00, 0x06,                         /* 16 sigp 0,3,6 */
    0xa7, 0x4b, 0x00, 0x01,                         /* 1a aghi 4,1 */
    0xb2, 0x05, 0x08, 0x08,                         /* 1e stck 0x808 */
    0xe3, 0x40, 0x08, 0x00, 0x00, 0x08,             /* 22 ag 4,0x800 */
    0xe3, 0x40, 0x08, 0x00, 0x00, 0x24,             /* 28 stg 4,0x800 */
    0xa7, 0xf4, 0xff, 0xf6,                         /* 2e j 1a */
};

static void start(unsigned clock_scale)
{
    struct sienna_options options = {.storage_bytes = 16 << 20, .cpus = 2, .start_tod = 1ULL << 63,
                                     .clock_scale = clock_scale};
    struct sienna_image image = {path, CODE, true};
    struct sienna_program what = {.images = &image, .image_count = 1};
    uint8_t mask[SIENNA_REGISTER_BYTES] = {0};
    FILE *f = fopen(path, "w");

    ck_assert(f && fwrite(program, 1, sizeof program, f) == sizeof program && fclose(f) == 0);
    s = sienna_create(&options, problem);
    ck_assert_msg(s && sienna_load(s, &what, problem), "%s", problem);
    put_be64(mask, PSW_EA | PSW_BA);
    ck_assert(sienna_register_write(s, 0, SIENNA_GR, 1, mask, problem));
}

static uint64_t end(void)
{
    uint64_t digest = sienna_digest(s);

    sienna_release(s);
    return digest;
}

/* Run to the limit, with a stop after each of a pseudo-random number of cycles, at most `most`. */
static uint64_t run_with_stops(unsigned clock_scale, unsigned most, uint64_t *last)
{
    uint32_t seed = 1;
    unsigned stops = 0;

    start(clock_scale);
    for (;;) {
        enum sienna_outcome outcome;

        seed = seed * 1664525 + 1013904223;
        s->machine.cpus->stop_position = most ? cpus_position(s->machine.cpus) + 1 + (seed >> 8) % most : UINT64_MAX;
        outcome = sienna_run(s, LIMIT);
        if (outcome != SIENNA_STOPPED)
            break;
        ck_assert_uint_ge(cpus_position(s->machine.cpus), s->machine.cpus->stop_position);
        stops++;
    }
    ck_assert_uint_eq(stops > 100, most > 0);
    *last = cpus_position(s->machine.cpus);
    return end();
}

START_TEST(stops_move_nothing)
{
    uint64_t undisturbed, stopped, last, last_stopped;

    for (unsigned scale = 1; scale <= 7; scale += 3) {
        undisturbed = run_with_stops(scale, 0, &last);
        ck_assert_uint_gt(last, LIMIT / scale); /* two CPUs in this time */
        stopped = run_with_stops(scale, scale == 1 ? 3000 : 300, &last_stopped);
        ck_assert_uint_eq(undisturbed, stopped);
        ck_assert_uint_eq(last, last_stopped);
    }
}
END_TEST

/* A place found by steps is the same place in a run that goes there at once. */
START_TEST(a_position_names_one_place)
{
    uint64_t positions[200], addresses[200];
    struct sienna_cpu cpu;
    unsigned n = 0;

    start(1);
    sienna_run(s, 20000);
    for (; n < 200; n++) {
        uint64_t steps = 1;

        ck_assert(sienna_step(s, 1, &steps, UINT64_MAX) == SIENNA_RAN);
        positions[n] = cpus_position(s->machine.cpus);
        ck_assert(sienna_cpu(s, 1, &cpu));
        addresses[n] = cpu.psw_address;
        ck_assert_uint_gt(positions[n], n ? positions[n - 1] : 0);
    }
    end();
    for (unsigned i = 0; i < n; i += 7) {
        start(1);
        s->machine.cpus->stop_position = positions[i];
        ck_assert(sienna_run(s, UINT64_MAX) == SIENNA_STOPPED);
        ck_assert_uint_eq(cpus_position(s->machine.cpus), positions[i]);
        ck_assert(sienna_cpu(s, 1, &cpu));
        ck_assert_uint_eq(cpu.psw_address, addresses[i]);
        /* There already: nothing is executed. */
        ck_assert(sienna_run(s, UINT64_MAX) == SIENNA_STOPPED);
        ck_assert_uint_eq(cpus_position(s->machine.cpus), positions[i]);
        end();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("position");
    TCase *tests = tcase_create("position");
    SRunner *runner = srunner_create(suite);
    int fd = mkstemp(path), failed;

    if (fd < 0)
        return 1;
    close(fd);
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, stops_move_nothing);
    tcase_add_test(tests, a_position_names_one_place);
    tcase_set_timeout(tests, 60);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    unlink(path);
    return failed != 0;
}
