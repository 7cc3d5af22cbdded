/* SPDX-License-Identifier: MIT */
/** Places in a machine's history, and stopping at them. */
#include "unit/machine_fixture.h"

static const uint64_t LIMIT = 300000;
static const char *path;

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

static void setup(void)
{
    make_folder("position");
    path = file_in_folder("program");
    write_file(path, program, sizeof program);
}

static void start(unsigned clock_scale)
{
    const struct sienna_options options = {.storage_bytes = 16 << 20, .cpus = 2, .start_tod = 1ULL << 63,
                                           .clock_scale = clock_scale};

    s = create_machine(&options);
    load_image(s, path);
    set_register(0, SIENNA_GR, 1, PSW_EA | PSW_BA);
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
    return release_machine();
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
    unsigned n = 0;

    start(1);
    sienna_run(s, 20000);
    for (; n < 200; n++) {
        uint64_t steps = 1;

        ck_assert(sienna_step(s, 1, &steps, UINT64_MAX) == SIENNA_RAN);
        positions[n] = cpus_position(s->machine.cpus);
        addresses[n] = psw_address(1);
        ck_assert_uint_gt(positions[n], n ? positions[n - 1] : 0);
    }
    release_machine();
    for (unsigned i = 0; i < n; i += 7) {
        start(1);
        s->machine.cpus->stop_position = positions[i];
        ck_assert(sienna_run(s, UINT64_MAX) == SIENNA_STOPPED);
        ck_assert_uint_eq(cpus_position(s->machine.cpus), positions[i]);
        ck_assert_uint_eq(psw_address(1), addresses[i]);
        /* There already: nothing is executed. */
        ck_assert(sienna_run(s, UINT64_MAX) == SIENNA_STOPPED);
        ck_assert_uint_eq(cpus_position(s->machine.cpus), positions[i]);
        release_machine();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("position");
    TCase *tests = tcase_create("position");

    tcase_add_checked_fixture(tests, setup, remove_folder);
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, stops_move_nothing);
    tcase_add_test(tests, a_position_names_one_place);
    tcase_set_timeout(tests, 60);
    return run_suite(suite);
}
