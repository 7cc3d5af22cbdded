/* SPDX-License-Identifier: MIT */
/** Stops before instructions, of the machine's own program and of guests, and steps of threads. */
#include <stdio.h>

#include "unit/debug_fixture.h"

static const uint64_t LIMIT = 400000;

/* All instructions of the guest and of its host that can be stopped before are. */
START_TEST(breakpoints_move_nothing)
{
    static const struct { unsigned guest; uint64_t address; } places[] = {
        {0, HOST_SIE}, {0, HOST_COUNT}, {0, HOST_EXECUTE}, {0, HOST_CLOCK}, {0, HOST_AGAIN},
        {1, GUEST_COUNT}, {1, GUEST_STORE}, {1, GUEST_EXECUTE}, {1, GUEST_SKIP}, {1, GUEST_DIAGNOSE},
        {SIENNA_ANY_GUEST, GUEST_AGAIN},
    };
    enum { PLACES = sizeof places / sizeof places[0] };

    for (unsigned cpus = 1; cpus <= 3; cpus++) {
        uint64_t digest = undisturbed(cpus, LIMIT), total = 0, hits[PLACES + 1] = {0}, last = 0, exits = 0, sums = 0;
        enum sienna_outcome outcome;
        struct sienna_stop stop;

        start(cpus);
        for (unsigned i = 0; i < PLACES; i++)
            ck_assert_uint_eq(break_at(places[i].guest, places[i].address), i + 1);
        /* Never met: another guest's, and within an instruction. */
        break_at(17, GUEST_COUNT);
        break_at(0, HOST_SIE + 2);
        while ((outcome = sienna_run(s, LIMIT)) == SIENNA_STOPPED) {
            sienna_stop_reason(s, &stop);
            ck_assert_int_eq(stop.cause, SIENNA_CAUSE_STOP);
            ck_assert_int_eq(stop.kind, SIENNA_STOP_INSTRUCTION);
            ck_assert_uint_le(stop.id, PLACES);
            ck_assert_uint_eq(stop.address, places[stop.id - 1].address);
            ck_assert_uint_eq(stop.thread.guest, stop.id == PLACES ? 1 : places[stop.id - 1].guest);
            ck_assert_uint_eq(thread_address(stop.thread.guest, stop.thread.cpu), stop.address);
            ck_assert_uint_gt(sienna_position(s), last);
            last = sienna_position(s);
            hits[stop.id]++;
            total++;
        }
        ck_assert(outcome == SIENNA_RAN);
        ck_assert_uint_gt(total, 10000);
        ck_assert_uint_gt(hits[4], 5);
        for (unsigned n = 0; n < cpus; n++) {
            exits += thread_register(0, n, SIENNA_GR, 5);
            sums += thread_register(0, n, SIENNA_GR, 1);
        }
        /* One of each CPU may stand between the stop and the count. */
        ck_assert_uint_ge(hits[2], exits);
        ck_assert_uint_le(hits[2], exits + cpus);
        ck_assert_uint_ge(hits[6], sums);
        ck_assert_uint_le(hits[6], sums + cpus);
        ck_assert_uint_gt(hits[3], 100); /* the instruction across the page's end */
        ck_assert_uint_eq(release_machine(), digest);
    }
}
END_TEST

/* Those that come and go between stops are met from the next instruction on. */
START_TEST(breakpoints_come_and_go)
{
    uint64_t digest = undisturbed(2, LIMIT);
    unsigned ids[2] = {0}, total = 0;
    enum sienna_outcome outcome;

    start(2);
    ids[0] = break_at(1, GUEST_COUNT);
    while ((outcome = sienna_run(s, LIMIT)) == SIENNA_STOPPED) {
        struct sienna_stop stop;

        sienna_stop_reason(s, &stop);
        ck_assert_uint_eq(stop.id, ids[total % 2]);
        ck_assert_uint_eq(stop.address, total % 2 ? GUEST_EXECUTE : GUEST_COUNT);
        ck_assert(sienna_stop_remove(s, ids[total % 2]));
        ck_assert(!sienna_stop_remove(s, ids[total % 2]));
        total++;
        ids[total % 2] = break_at(1, total % 2 ? GUEST_EXECUTE : GUEST_COUNT);
    }
    ck_assert_uint_gt(total, 3000);
    ck_assert_uint_eq(release_machine(), digest);
}
END_TEST

static uint64_t asked, wanted_multiple;
static bool want(void *context, const struct sienna_stop *stop)
{
    struct sienna_thread_info info;

    ck_assert_ptr_eq(context, &asked);
    ck_assert(sienna_thread(s, stop->thread, &info));
    ck_assert_uint_eq(info.cpu.psw_address, stop->address);
    asked++;
    return thread_register(stop->thread.guest, stop->thread.cpu, SIENNA_GR, 1) % wanted_multiple == 0;
}

START_TEST(a_condition_decides)
{
    uint64_t digest = undisturbed(2, LIMIT);
    enum sienna_outcome outcome;
    struct sienna_stop stop;
    unsigned total = 0;

    asked = 0;
    wanted_multiple = 100;
    start(2);
    break_at(1, GUEST_STORE);
    sienna_stop_condition(s, want, &asked);
    for (; (outcome = sienna_run(s, LIMIT)) == SIENNA_STOPPED; total++) {
        sienna_stop_reason(s, &stop);
        ck_assert_uint_eq(thread_register(1, stop.thread.cpu, SIENNA_GR, 1) % 100, 0);
    }
    ck_assert_uint_gt(total, 20);
    ck_assert_uint_ge(asked, 99 * total);
    ck_assert_uint_eq(release_machine(), digest);
}
END_TEST

/* Where steps of a thread may lead. */
static bool follows(uint64_t from, uint64_t to, bool guest)
{
    switch (from) {
    case GUEST_COUNT: return to == GUEST_STORE;
    case GUEST_STORE: return to == GUEST_EXECUTE;
    case GUEST_EXECUTE: return to == GUEST_TEST;
    case GUEST_TEST: return to == GUEST_SKIP;
    case GUEST_SKIP: return to == GUEST_DIAGNOSE || to == GUEST_AGAIN;
    case GUEST_DIAGNOSE: return to == GUEST_AGAIN;
    case GUEST_AGAIN: return to == GUEST_COUNT;
    case HOST_SIE: return !guest && (to == HOST_COUNT || to == HOST_CLOCK);
    case HOST_COUNT: return to == HOST_EXECUTE || to == HOST_CLOCK;
    case HOST_EXECUTE: return to == HOST_AGAIN || to == HOST_CLOCK;
    case HOST_AGAIN: return to == HOST_SIE || to == HOST_CLOCK;
    default: return !guest && from >= HOST_CLOCK;
    }
}

static void step_thread(unsigned guest, unsigned cpu, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t from = thread_address(guest, cpu), steps = 1;
        struct sienna_stop stop;

        ck_assert(sienna_thread_step(s, (struct sienna_thread){guest, cpu}, false, &steps, LIMIT) ==
                  SIENNA_STOPPED);
        sienna_stop_reason(s, &stop);
        ck_assert_int_eq(stop.cause, SIENNA_CAUSE_STEP);
        ck_assert_uint_eq(stop.thread.guest, guest);
        ck_assert_uint_eq(stop.thread.cpu, cpu);
        ck_assert_msg(follows(from, thread_address(guest, cpu), guest), "guest %u CPU %u: %llx after %llx", guest,
                      cpu, (unsigned long long)thread_address(guest, cpu), (unsigned long long)from);
    }
}

START_TEST(steps_of_threads)
{
    for (unsigned cpus = 1; cpus <= 3; cpus += 2) {
        uint64_t digest = undisturbed(cpus, LIMIT), steps;

        start(cpus);
        ck_assert(sienna_run(s, 5000) == SIENNA_RAN);
        for (unsigned round = 0; round < 5; round++)
            for (unsigned n = 0; n < cpus; n++) {
                step_thread(0, n, 40);
                step_thread(1, n, 200);
            }
        /* Many at once: of the guest, seven instructions each time, six when DIAGNOSE is left out. */
        steps = 1000;
        ck_assert(sienna_thread_step(s, (struct sienna_thread){1, 0}, false, &steps, LIMIT) == SIENNA_STOPPED);
        ck_assert_uint_eq(steps, 0);
        ck_assert(sienna_run(s, LIMIT) == SIENNA_RAN);
        ck_assert_uint_eq(release_machine(), digest);
    }
}
END_TEST

/* SIE is one instruction of its host, or the way into its guest. */
START_TEST(steps_into_guests)
{
    const struct sienna_thread host = {0, 0};
    struct sienna_cpu cpu;
    uint64_t steps = 1;

    start(1);
    ck_assert_uint_eq(thread_address(0, 0), HOST_SIE);
    /* The clock comparator is due at once: its handler first. */
    steps = 6;
    ck_assert(sienna_thread_step(s, host, false, &steps, LIMIT) == SIENNA_STOPPED);
    ck_assert(sienna_cpu(s, 0, &cpu));
    while (thread_address(0, 0) != HOST_SIE) {
        steps = 1;
        ck_assert(sienna_thread_step(s, host, false, &steps, LIMIT) == SIENNA_STOPPED);
    }
    steps = 1;
    ck_assert(sienna_thread_step(s, host, true, &steps, LIMIT) == SIENNA_STOPPED);
    ck_assert(sienna_cpu(s, 0, &cpu));
    ck_assert(cpu.interpreting);
    ck_assert_uint_eq(thread_address(0, 0), HOST_SIE);
    steps = 2;
    ck_assert(sienna_thread_step(s, host, true, &steps, LIMIT) == SIENNA_STOPPED);
    ck_assert(sienna_cpu(s, 0, &cpu));
    ck_assert(cpu.interpreting);
    steps = 1;
    ck_assert(sienna_thread_step(s, host, false, &steps, LIMIT) == SIENNA_STOPPED);
    ck_assert(sienna_cpu(s, 0, &cpu));
    ck_assert(!cpu.interpreting);
    ck_assert_uint_eq(cpu.psw_address, HOST_COUNT);
    ck_assert_uint_eq(thread_address(1, 0), GUEST_AGAIN);
    release_machine();
}
END_TEST

/* A place found by a stop is found again by its position, and nothing happens twice there. */
START_TEST(positions_of_stops)
{
    uint64_t positions[50], steps;
    struct sienna_stop stop;

    start(2);
    break_at(1, GUEST_DIAGNOSE);
    for (unsigned i = 0; i < 50; i++) {
        ck_assert(sienna_run(s, LIMIT) == SIENNA_STOPPED);
        positions[i] = sienna_position(s);
    }
    release_machine();
    start(2);
    for (unsigned i = 0; i < 50; i += 3) {
        ck_assert(sienna_run_to(s, positions[i], LIMIT) == SIENNA_STOPPED);
        sienna_stop_reason(s, &stop);
        ck_assert_int_eq(stop.cause, SIENNA_CAUSE_POSITION);
        ck_assert_uint_eq(sienna_position(s), positions[i]);
        ck_assert_uint_eq(thread_address(stop.thread.guest, stop.thread.cpu), GUEST_DIAGNOSE);
        ck_assert_uint_eq(stop.thread.guest, 1);
    }
    /* The thread stands before it: it is executed first. */
    break_at(1, GUEST_DIAGNOSE);
    ck_assert(sienna_run(s, LIMIT) == SIENNA_STOPPED);
    ck_assert_uint_eq(sienna_position(s), positions[49]);
    steps = 1;
    sienna_stop_reason(s, &stop);
    ck_assert(sienna_thread_step(s, stop.thread, false, &steps, LIMIT) == SIENNA_STOPPED);
    ck_assert_uint_eq(thread_address(1, stop.thread.cpu), GUEST_AGAIN);
    release_machine();
}
END_TEST

START_TEST(what_cannot_be_is_told)
{
    struct sienna_stop_at where = {.kind = SIENNA_STOP_INSTRUCTION, .address = 0x1001};

    start(1);
    ck_assert_uint_eq(sienna_stop_add(s, &where, problem), 0);
    ck_assert_str_eq(problem, "instructions begin at even addresses");
    where = (struct sienna_stop_at){.kind = 99};
    ck_assert_uint_eq(sienna_stop_add(s, &where, problem), 0);
    where = (struct sienna_stop_at){.kind = SIENNA_STOP_STORE, .space = SIENNA_REAL, .bytes = 4};
    ck_assert_uint_eq(sienna_stop_add(s, &where, problem), 0);
    where = (struct sienna_stop_at){.kind = SIENNA_STOP_STORE, .space = SIENNA_ABSOLUTE, .address = 16 << 20,
                                    .bytes = 1};
    ck_assert_uint_eq(sienna_stop_add(s, &where, problem), 0);
    where = (struct sienna_stop_at){.kind = SIENNA_STOP_STORE, .space = SIENNA_LOGICAL, .address = UINT64_MAX,
                                    .bytes = 2};
    ck_assert_uint_eq(sienna_stop_add(s, &where, problem), 0);
    ck_assert(!sienna_stop_remove(s, 1));
    release_machine();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("stops");

    tcase_add_test(tests, breakpoints_move_nothing);
    tcase_add_test(tests, breakpoints_come_and_go);
    tcase_add_test(tests, a_condition_decides);
    tcase_add_test(tests, steps_of_threads);
    tcase_add_test(tests, steps_into_guests);
    tcase_add_test(tests, positions_of_stops);
    tcase_add_test(tests, what_cannot_be_is_told);
    return run_debug_tests("stops", tests);
}
