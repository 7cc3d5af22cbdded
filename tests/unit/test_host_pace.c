/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "host_pace.h"
#include "unit/suite.h"

/* A host whose clock moves when it sleeps or the machine runs, and a machine that is busy until `busy_until`. */
static struct world {
    uint64_t wall;          /* ns */
    uint64_t virtual;       /* TOD units */
    uint64_t busy_until, next;
    uint64_t slowness;      /* ns of wall time for 4096 units */
    bool waiting, ended, congested;
    uint64_t input_after;   /* a sleep that lasts beyond this wall time is interrupted by input */
    int64_t last_sleep;
    unsigned sleeps, skips;
    uint64_t calls;         /* of services */
    bool ran_ahead;
    struct pace *pace;
} w;

static uint64_t wall_of(uint64_t virtual)
{
    return virtual * 1000 / 4096;
}

static enum paced_outcome run(void *context, uint64_t limit)
{
    uint64_t to = limit < w.busy_until ? limit : w.busy_until;

    w.waiting = false;
    if (w.ended)
        return PACED_ENDED;
    if (to <= w.virtual)
        return PACED_IDLE;
    w.wall += (to - w.virtual) * w.slowness / 4096;
    w.virtual = to;
    if (w.pace->outside && wall_of(w.virtual) > w.wall + 1)
        w.ran_ahead = true;
    return to == limit ? PACED_RAN : PACED_IDLE;
}

static uint64_t now(void *context) { return w.virtual; }
static uint64_t next_event(void *context) { return w.next; }
static bool input_waiting(void *context) { return w.waiting; }
static uint64_t service_calls(void *context) { return w.calls; }
static bool congested(void *context) { return w.congested; }
static uint64_t wall_clock(void *context) { return w.wall; }

static void skip_to(void *context, uint64_t time)
{
    ck_assert_uint_ge(time, w.virtual);
    w.virtual = time;
    w.skips++;
    if (time == w.next) {
        w.next = UINT64_MAX;
        w.busy_until = time + 4096;
    }
    if (w.pace->outside && wall_of(w.virtual) > w.wall)
        w.ran_ahead = true;
}

static bool poll_host(void *context, int64_t nanoseconds)
{
    w.last_sleep = nanoseconds;
    w.sleeps++;
    if (nanoseconds && w.input_after && (nanoseconds < 0 || w.wall + (uint64_t)nanoseconds > w.input_after)) {
        w.wall = w.wall > w.input_after ? w.wall : w.input_after;
        w.input_after = 0;
        w.waiting = true;
        w.congested = false;
        return true;
    }
    ck_assert_msg(nanoseconds >= 0, "the machine sleeps for ever");
    w.wall += (uint64_t)nanoseconds;
    return false;
}

static struct pace pace;

static void setup(void)
{
    static const struct paced_machine machine = {NULL, run, now, next_event, skip_to, input_waiting,
                                                 service_calls};
    static const struct paced_host host = {NULL, wall_clock, poll_host, congested};

    w = (struct world){.next = UINT64_MAX, .slowness = 10000, .pace = &pace};
    pace_init(&pace, &machine, &host);
}

START_TEST(unpaced_idle_time_is_skipped)
{
    w.next = 4096000000ULL * 3600;
    ck_assert_int_eq(pace_step(&pace), PACE_GOES_ON);
    ck_assert_uint_eq(w.virtual, 4096000000ULL * 3600);
    ck_assert_uint_eq(w.wall, 0);
    ck_assert_uint_eq(w.sleeps, 0);
    pace_step(&pace);
    ck_assert_int_eq(pace_step(&pace), PACE_DEAD);
}
END_TEST

START_TEST(a_dead_machine_is_kept_for_a_while)
{
    pace.idle_limit = 3000000000;
    w.wall = 500;
    ck_assert_int_eq(pace_step(&pace), PACE_GOES_ON);
    ck_assert_int_eq(w.last_sleep, 3000000000);
    ck_assert_int_eq(pace_step(&pace), PACE_DEAD);
    ck_assert_uint_eq(w.wall, 3000000500);
}
END_TEST

START_TEST(paced_idle_time_is_slept)
{
    pace_set_outside(&pace, true);
    w.wall = 1000000;
    w.next = 4096000000ULL;
    ck_assert_int_eq(pace_step(&pace), PACE_GOES_ON);
    ck_assert_int_eq(w.last_sleep, 999000000);
    ck_assert_uint_eq(w.virtual, 4096000000ULL);
    ck_assert_uint_eq(w.wall, 1000000000);
    ck_assert_uint_eq(w.sleeps, 1);
}
END_TEST

/* Ticks at 4 ms: one by one for two seconds, then those of 50 ms together, each at its own virtual time. */
START_TEST(the_ticks_of_a_quiet_guest_are_run_together)
{
    enum { TICK = 4096 * 4000 };
    unsigned late = 0;

    pace_set_outside(&pace, true);
    for (unsigned tick = 1; tick <= 1000; tick++) {
        unsigned skips = w.skips;

        w.next = (uint64_t)tick * TICK;
        while (w.skips == skips)
            ck_assert_int_eq(pace_step(&pace), PACE_GOES_ON);
        ck_assert_uint_eq(w.virtual, (uint64_t)tick * TICK);
        ck_assert(tick > 500 || w.wall < wall_of(w.virtual) + 100000);
        late += w.wall > wall_of(w.virtual) + 40000000;
        ck_assert_uint_le(w.wall, wall_of(w.virtual) + 51000000);
    }
    ck_assert(!w.ran_ahead);
    ck_assert_uint_ge(late, 90);
    /* This host wakes to the nanosecond, and the machine then waits for a little time to pass before it runs. */
    ck_assert_uint_le(w.sleeps, 2 * 500 + 100);
}
END_TEST

/* Of what the guest does after that, only the first event may be late. */
START_TEST(activity_ends_the_quiet)
{
    enum { SECOND = 1000000000 };

    pace_set_outside(&pace, true);
    w.wall = 10ULL * SECOND;
    w.virtual = w.wall / 1000 * 4096;
    w.busy_until = w.virtual - 4096;
    w.virtual -= 4096;
    w.next = w.virtual + 4096000;
    pace_step(&pace);
    ck_assert_int_gt(w.last_sleep, 40000000);
    w.calls++;
    w.busy_until = w.virtual = w.wall / 1000 * 4096 - 4096;
    w.next = w.virtual + 4096000;
    pace_step(&pace);
    ck_assert_int_le(w.last_sleep, 1000000);
    /* So does input. */
    w.wall += 3ULL * SECOND;
    w.virtual = w.busy_until = w.wall / 1000 * 4096 - 4096;
    w.next = w.virtual + 4096000;
    w.input_after = w.wall + 500;
    pace_step(&pace);
    ck_assert(w.waiting);
    w.waiting = false;
    w.busy_until = w.virtual = w.wall / 1000 * 4096 - 4096;
    w.next = w.virtual + 4096000;
    pace_step(&pace);
    ck_assert_int_le(w.last_sleep, 1000000);
}
END_TEST

START_TEST(input_wakes_an_idle_machine_at_its_wall_time)
{
    pace_set_outside(&pace, true);
    w.wall = 1000;
    w.next = 4096000000ULL;
    w.input_after = 500000000;
    pace_step(&pace);
    ck_assert_uint_eq(w.virtual, 2048000000ULL);
    ck_assert(w.waiting);
    /* without any event at all it waits for input only */
    w.waiting = false;
    w.next = UINT64_MAX;
    w.input_after = 750000000;
    pace_step(&pace);
    pace_step(&pace);
    ck_assert_uint_eq(w.virtual, 3072000000ULL);
    ck_assert(!w.ran_ahead);
}
END_TEST

START_TEST(a_busy_machine_lags_and_catches_up_when_idle)
{
    pace_set_outside(&pace, true);
    w.busy_until = 4096 * 100000ULL; /* 0.1 s of virtual time, takes 1 s */
    w.wall = 1000;
    w.next = w.busy_until + 2048000000ULL; /* an event 0.5 s later is due at once: no sleep */
    while (!w.skips) {
        pace_step(&pace);
        ck_assert_int_eq(w.last_sleep, 0);
    }
    ck_assert_uint_eq(w.virtual, 4096 * 600000ULL);
    ck_assert_uint_ge(w.sleeps, 150);
    ck_assert_uint_le(w.sleeps, 1100);
    ck_assert_uint_gt(pace_lag(&pace), 390000000);
    ck_assert_uint_lt(pace_lag(&pace), 410000000);
    ck_assert(!w.ran_ahead);
}
END_TEST

START_TEST(a_fast_host_never_gets_ahead)
{
    w.slowness = 100; /* ten times faster than the modelled clock */
    pace_set_outside(&pace, true);
    w.busy_until = 4096 * 100000ULL;
    w.next = w.busy_until + 4096;
    while (w.virtual < 4096 * 100000ULL)
        pace_step(&pace);
    ck_assert(!w.ran_ahead);
    ck_assert_uint_ge(w.wall, 100000000);
    ck_assert_uint_lt(w.wall, 110000000);
}
END_TEST

START_TEST(time_stands_still_while_stopped)
{
    pace_set_outside(&pace, true);
    w.busy_until = UINT64_MAX;
    pace_set_stopped(&pace, true);
    w.input_after = 5000000000ULL;
    pace_step(&pace);
    ck_assert_uint_eq(w.virtual, 0);
    ck_assert_uint_eq(w.wall, 5000000000ULL);
    pace_set_stopped(&pace, false);
    ck_assert_uint_eq(pace_lag(&pace), 0);
}
END_TEST

START_TEST(congestion_holds_the_machine)
{
    w.busy_until = UINT64_MAX;
    w.congested = true;
    w.input_after = 1000;
    pace_step(&pace);
    ck_assert_uint_eq(w.virtual, 0);
    pace_step(&pace);
    ck_assert_uint_gt(w.virtual, 0);
}
END_TEST

START_TEST(the_end)
{
    w.ended = true;
    ck_assert_int_eq(pace_step(&pace), PACE_ENDED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host pace");
    TCase *c = tcase_create("pace");

    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, unpaced_idle_time_is_skipped);
    tcase_add_test(c, a_dead_machine_is_kept_for_a_while);
    tcase_add_test(c, paced_idle_time_is_slept);
    tcase_add_test(c, the_ticks_of_a_quiet_guest_are_run_together);
    tcase_add_test(c, activity_ends_the_quiet);
    tcase_add_test(c, input_wakes_an_idle_machine_at_its_wall_time);
    tcase_add_test(c, a_busy_machine_lags_and_catches_up_when_idle);
    tcase_add_test(c, a_fast_host_never_gets_ahead);
    tcase_add_test(c, time_stands_still_while_stopped);
    tcase_add_test(c, congestion_holds_the_machine);
    tcase_add_test(c, the_end);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
