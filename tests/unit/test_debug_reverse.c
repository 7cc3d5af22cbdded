/* SPDX-License-Identifier: MIT */
/** Going back in guests: steps and breakpoints of virtual CPUs at levels 2 and 3 are found backwards as they came. */
#include <stdio.h>

#include "sienna_history.h"
#include "unit/debug_fixture.h"

enum { STEPS = 400, GUEST_3 = 0x400000, CODE_3 = 0x8000 };

static struct { uint64_t position, address, count; } was[STEPS];

/*
 * One CPU: its host runs the guest of level 2 until that issues SIE, then one of level 3 for it, as vSIE does, until
 * that calls. sie 0(14); sie 0(13); aghi 5,1; j. Level 3: aghi 1,1; stg 1,0x900; diag; j.
 */
static void start_levels(void)
{
    start(1);
    put_bytes(HOST_SIE, "b214e000 b214d000 a75b0001 a7f4fffa");
    put_bytes(GUEST + GUEST_DIAGNOSE, "b2140000");
    for (unsigned i = 0; i < 256; i++)
        put64(PAGES + 0x1000 + 8 * i, GUEST_3 + i * 0x1000ULL);
    put64(SEGMENTS + 8 * ((2 * ORIGIN) >> 20), PAGES + 0x1000);
    put_bytes(GUEST_3 + CODE_3, "a71b0001 e31009000024 83120044 a7f4fff9");
    describe_guest_cpu(1);
    put64(SD + SD_NEXT + SD_MSO, 2 * ORIGIN);
    put64(SD + SD_NEXT + SD_MSL, 2 * ORIGIN);
    put64(SD + SD_NEXT + SD_SCA_LOW - 4, SCA + 0x1000);
    put64(SD + SD_NEXT + SD_PSW + 8, CODE_3);
    put64(SD + SD_NEXT + SD_HOST_PROGRAM, 5ULL << 56);
    set_register(0, SIENNA_GR, 13, SD + SD_NEXT);
}

static void keep(void)
{
    ck_assert_msg(sienna_history_keep(s, 20000, 64 << 20, problem), "%s", problem);
}

static void step_on(struct sienna_thread thread)
{
    uint64_t steps = 1;
    enum sienna_outcome outcome;

    do
        outcome = sienna_thread_step(s, thread, false, &steps, sienna_now(s) + 100000);
    while (outcome == SIENNA_RAN && steps);
    ck_assert_int_eq(outcome, SIENNA_STOPPED);
}

static void go_forward(struct sienna_thread thread)
{
    for (unsigned i = 0; i < STEPS; i++) {
        was[i].position = sienna_position(s);
        was[i].address = thread_address(thread.guest, thread.cpu);
        was[i].count = thread_register(thread.guest, thread.cpu, SIENNA_GR, 1);
        step_on(thread);
    }
}

/* Each step back undoes one, across exits, other levels and interruptions of the host. */
START_TEST(steps_of_guests)
{
    struct sienna_thread thread = {(unsigned)_i, 0};
    struct sienna_guest g;

    start_levels();
    keep();
    ck_assert(sienna_run(s, 30000) == SIENNA_RAN);
    ck_assert(sienna_guest(s, thread.guest, &g));
    ck_assert_uint_eq(g.level, thread.guest + 1);
    step_on(thread);
    go_forward(thread);
    for (unsigned i = STEPS; i-- > 0;) {
        ck_assert_msg(sienna_reverse_step(s, thread, false, 1, problem) == SIENNA_REVERSE_STOPPED, "%s", problem);
        ck_assert_uint_eq(thread_address(thread.guest, 0), was[i].address);
        ck_assert_uint_eq(thread_register(thread.guest, 0, SIENNA_GR, 1), was[i].count);
        if (i % 50 == 0)
            ck_assert_uint_eq(sienna_position(s), was[i].position);
    }
    ck_assert_int_eq(sienna_reverse_step(s, thread, false, 1 << 20, problem), SIENNA_REVERSE_BEGIN);
    ck_assert_uint_eq(sienna_position(s), 0);
    release_machine();
}
END_TEST

/* The same breakpoints, in the opposite order; one of a level is not met by another at the same address. */
START_TEST(breakpoints_of_guests)
{
    const unsigned guest = (unsigned)_i;
    const uint64_t address = guest == 1 ? GUEST_STORE : CODE_3 + 4;
    struct sienna_stop stop;
    unsigned met = 0;

    start_levels();
    keep();
    ck_assert(sienna_run(s, 20000) == SIENNA_RAN);
    break_at(guest, address);
    break_at(3 - guest, address);
    for (; met < 20; met++) {
        ck_assert(sienna_run(s, sienna_now(s) + 100000) == SIENNA_STOPPED);
        was[met].position = sienna_position(s);
        was[met].count = thread_register(guest, 0, SIENNA_GR, 1);
    }
    while (met-- > 1) {
        ck_assert_msg(sienna_reverse_continue(s, problem) == SIENNA_REVERSE_STOPPED, "%s", problem);
        sienna_stop_reason(s, &stop);
        ck_assert_uint_eq(stop.thread.guest, guest);
        ck_assert_uint_eq(stop.address, address);
        ck_assert_uint_eq(sienna_position(s), was[met - 1].position);
        ck_assert_uint_eq(thread_register(guest, 0, SIENNA_GR, 1), was[met - 1].count);
        ck_assert_uint_eq(thread_address(guest, 0), address);
    }
    release_machine();
}
END_TEST

static uint64_t stored(void)
{
    uint8_t raw[8];

    ck_assert_uint_eq(sienna_storage_read(s, 0, SIENNA_ABSOLUTE, GUEST_3 + 0x900, raw, 8), 8);
    return get_be64(raw);
}

/* What guests store is found backwards, too, to the instruction: it stores the count then that was there. */
START_TEST(stores_of_guests)
{
    struct sienna_stop stop;
    uint64_t count;

    start_levels();
    keep();
    ck_assert(sienna_run(s, 30000) == SIENNA_RAN);
    count = stored();
    ck_assert_uint_gt(count, 200);
    for (; count > 100; count -= 16) { /* GR 1 is everybody's: level 2 counts, too, fifteen times in between */
        ck_assert_msg(sienna_reverse_to_store(s, GUEST_3 + 0x900, 8, problem) == SIENNA_REVERSE_STOPPED, "%s", problem);
        sienna_stop_reason(s, &stop);
        ck_assert_uint_eq(stop.thread.guest, 2);
        ck_assert_uint_eq(thread_address(2, 0), CODE_3 + 4);
        ck_assert_uint_eq(thread_register(2, 0, SIENNA_GR, 1), count);
        ck_assert_uint_eq(stored(), count - 16);
    }
    release_machine();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("reverse");

    tcase_add_loop_test(tests, steps_of_guests, 1, 3);
    tcase_add_loop_test(tests, breakpoints_of_guests, 1, 3);
    tcase_add_test(tests, stores_of_guests);
    return run_debug_tests("reverse", tests);
}
