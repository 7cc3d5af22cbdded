/* SPDX-License-Identifier: MIT */
/**
 * The past: wherever one goes, the machine is as it was there; steps, stops and stores are found backwards; the
 * present is live again; an alteration in the past makes another future.
 */
#include "sienna_debug.h"
#include "trace/recording.h"
#include "unit/machine_fixture.h"

enum { STORE = ENTRY + 16, COUNTER = 0x20000, PLACES = 40 };

static const char *program, *file;
static struct { uint64_t position, digest, counter; } place[PLACES];

static void setup(void)
{
    /* larl %r2,COUNTER; lg %r1,0(%r2); agr %r1,%r3; stg %r1,0(%r2); j back to lg. */
    static const uint8_t loop[] = {0xc0, 0x20, 0, 0, 0x80, 0, 0xe3, 0x10, 0x20, 0, 0, 4, 0xb9, 8, 0, 0x13,
                                   0xe3, 0x10, 0x20, 0, 0, 0x24, 0xa7, 0xf4, 0xff, 0xf8};

    make_folder("history");
    program = file_in_folder("program");
    file = file_in_folder("recording");
    write_file(program, loop, sizeof loop);
    told[0] = 0;
}

static void create(const struct sienna_recorder *recorder, const struct sienna_player *player)
{
    const struct sienna_options options = {.storage_bytes = 4 << 20, .cpus = 2, .recorder = recorder, .player = player,
                                           .start_tod = 1ULL << 60, .log = log_line, .log_level = 1};

    s = create_machine(&options);
    load_image(s, program);
}

static void keep(uint64_t cycles)
{
    ck_assert_msg(sienna_history_keep(s, cycles, 64 << 20, problem), "%s", problem);
}

static uint64_t counter(void) { return get64(COUNTER); }

/* Some places in the middle of slices, with alterations now and then. */
static void live(void)
{
    set_register(0, SIENNA_GR, 3, 1);
    start_at_entry(1);
    set_register(1, SIENNA_GR, 3, 0x100000000);
    for (unsigned i = 0; i < PLACES; i++) {
        ck_assert_int_eq(sienna_run_to(s, sienna_position(s) + 3001 + 977 * i, UINT64_MAX), SIENNA_STOPPED);
        /* Alterations belong to the place where they were made: going there is going behind them. */
        if (i % 5 == 3)
            set_register(i & 1, SIENNA_GR, 3, 2 + i);
        place[i].position = sienna_position(s);
        place[i].digest = sienna_digest(s);
        place[i].counter = counter();
        if (i % 9 == 7) {
            uint64_t steps = 13;

            sienna_step(s, 0, &steps, UINT64_MAX);
            set_register(0, SIENNA_GR, 4, i);
        }
    }
}

static void visit(unsigned i)
{
    ck_assert_msg(sienna_history_go(s, place[i].position, problem), "%s", problem);
    ck_assert_uint_eq(sienna_position(s), place[i].position);
    ck_assert_uint_eq(counter(), place[i].counter);
    ck_assert_msg(sienna_digest(s) == place[i].digest, "place %u: %s", i, told);
}

static void visit_all(void)
{
    uint64_t first, last, digest = sienna_digest(s), end = sienna_position(s);

    for (unsigned i = 0; i < PLACES; i++)
        visit(i * 17 % PLACES);
    ck_assert(sienna_history_past(s));
    ck_assert(sienna_history_range(s, &first, &last));
    ck_assert_uint_eq(last, end);
    ck_assert(sienna_history_go(s, last, problem));
    ck_assert(!sienna_history_past(s));
    ck_assert_uint_eq(sienna_digest(s), digest);
    ck_assert(!sienna_history_go(s, last + 1000000, problem) || sienna_position(s) > last);
}

START_TEST(live_machine)
{
    uint64_t steps = 3;

    create(NULL, NULL);
    keep(_i ? 1 << 30 : 20000);
    live();
    sienna_step(s, 0, &steps, UINT64_MAX);
    set_register(0, SIENNA_GR, 5, 5);
    visit_all();
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 5), 5);
    /* The present is live. */
    set_register(0, SIENNA_GR, 6, 6);
    ck_assert_int_eq(sienna_run(s, sienna_now(s) + 5000), SIENNA_RAN);
    visit(3);
    ck_assert_int_eq(sienna_run(s, UINT64_MAX - 1 < sienna_now(s) ? 0 : sienna_now(s) + SIENNA_SECOND / 1000), SIENNA_RAN);
    ck_assert(!sienna_history_past(s));
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 6), 6);
    sienna_release(s);
}
END_TEST

START_TEST(an_alteration_forgets_the_future)
{
    uint64_t first, last;

    create(NULL, NULL);
    keep(20000);
    live();
    visit(10);
    set_register(0, SIENNA_GR, 3, 77);
    ck_assert(!sienna_history_past(s));
    ck_assert(sienna_history_range(s, &first, &last));
    ck_assert_uint_eq(last, sienna_position(s));
    sienna_run(s, sienna_now(s) + 100000);
    ck_assert_uint_ne(counter(), place[12].counter);
    visit(9);
    visit(2);
    sienna_release(s);
}
END_TEST

START_TEST(steps_back)
{
    struct { uint64_t position, ia, counter; } was[60];
    const struct sienna_thread thread = {0, (unsigned)_i};

    create(NULL, NULL);
    keep(20000);
    live();
    for (unsigned i = 0; i < 60; i++) {
        uint64_t steps = 1;

        was[i].position = sienna_position(s);
        was[i].ia = psw_address(thread.cpu);
        was[i].counter = counter();
        ck_assert_int_eq(sienna_thread_step(s, thread, false, &steps, UINT64_MAX), SIENNA_STOPPED);
    }
    for (unsigned i = 60; i-- > 30;) {
        ck_assert_msg(sienna_reverse_step(s, thread, false, 1, problem) == SIENNA_REVERSE_STOPPED, "%s", problem);
        ck_assert_uint_eq(psw_address(thread.cpu), was[i].ia);
        if (i < 59)
            ck_assert_uint_eq(sienna_position(s), was[i].position);
    }
    ck_assert_int_eq(sienna_reverse_step(s, thread, false, 25, problem), SIENNA_REVERSE_STOPPED);
    ck_assert_uint_eq(sienna_position(s), was[5].position);
    ck_assert_uint_eq(counter(), was[5].counter);
    ck_assert_int_eq(sienna_reverse_step(s, thread, false, 1 << 20, problem), SIENNA_REVERSE_BEGIN);
    sienna_release(s);
}
END_TEST

START_TEST(back_to_stops_and_stores)
{
    const struct sienna_stop_at at = {.kind = SIENNA_STOP_INSTRUCTION, .guest = 0, .cpu = SIENNA_ANY_CPU,
                                      .space = SIENNA_LOGICAL, .address = ENTRY, .bytes = 2, .number = -1};
    struct sienna_stop stop;
    uint64_t before, here;
    unsigned id;

    create(NULL, NULL);
    keep(20000);
    live();
    id = sienna_stop_add(s, &at, problem);
    ck_assert_msg(id, "%s", problem);
    /* CPU 1 was at the entry last, when it was started. */
    ck_assert_msg(sienna_reverse_continue(s, problem) == SIENNA_REVERSE_STOPPED, "%s", problem);
    sienna_stop_reason(s, &stop);
    ck_assert_uint_eq(stop.id, id);
    ck_assert_uint_eq(stop.thread.cpu, 1);
    ck_assert_uint_eq(psw_address(1), ENTRY);
    sienna_stop_remove(s, id);
    ck_assert_msg(sienna_history_go(s, place[20].position, problem), "%s", problem);
    if (sienna_reverse_to_store(s, COUNTER, 8, problem) == SIENNA_REVERSE_FAILED &&
        strstr(problem, "not watched yet")) {
        sienna_release(s);
        return;
    }
    sienna_history_go(s, place[20].position, problem);
    before = counter();
    for (unsigned i = 0; i < 5; i++) {
        uint64_t steps = 1;

        ck_assert_msg(sienna_reverse_to_store(s, COUNTER, 8, problem) == SIENNA_REVERSE_STOPPED, "%s", problem);
        here = sienna_position(s);
        ck_assert(psw_address(0) == STORE || psw_address(1) == STORE);
        sienna_step(s, -1, &steps, UINT64_MAX);
        ck_assert_uint_eq(counter(), before);
        ck_assert(sienna_history_go(s, here, problem));
        before = counter();
    }
    sienna_release(s);
}
END_TEST

START_TEST(of_a_recording)
{
    struct recording_writer *w = recording_create(file, NULL, 0, problem);
    static const char *const header[] = {"a=b"};
    struct recording_reader *r;

    recording_close(w, problem);
    w = recording_create(file, header, 1, problem);
    create(recording_recorder(w), NULL);
    live();
    sienna_record_end(s);
    sienna_release(s);
    ck_assert(recording_close(w, problem));
    r = recording_open(file, problem);
    create(NULL, recording_player(r));
    keep(20000);
    ck_assert_msg(sienna_history_go(s, place[25].position, problem), "%s", problem);
    visit(25);
    visit(7);
    visit(30);
    visit(8);
    ck_assert(!sienna_register_write(s, 0, SIENNA_GR, 1, (uint8_t[16]){0}, problem));
    ck_assert_int_eq(sienna_run(s, UINT64_MAX), SIENNA_ENDED);
    ck_assert_str_eq(sienna_end_reason(s), "recording-ended");
    visit_all();
    ck_assert_int_eq(sienna_run(s, UINT64_MAX), SIENNA_ENDED);
    sienna_release(s);
    recording_release(r);
}
END_TEST

START_TEST(refusals)
{
    create(NULL, NULL);
    ck_assert(!sienna_history_go(s, 0, problem));
    ck_assert_ptr_nonnull(strstr(problem, "no history"));
    ck_assert_int_eq(sienna_reverse_continue(s, problem), SIENNA_REVERSE_FAILED);
    keep(20000);
    ck_assert(!sienna_history_keep(s, 1, 1, problem));
    ck_assert(!sienna_history_go(s, 1, problem));
    ck_assert_ptr_nonnull(strstr(problem, "ends at"));
    sienna_release(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("history");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, remove_folder);
    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, live_machine, 0, 2);
    tcase_add_test(tc, an_alteration_forgets_the_future);
    tcase_add_loop_test(tc, steps_back, 0, 2);
    tcase_add_test(tc, back_to_stops_and_stores);
    tcase_add_test(tc, of_a_recording);
    tcase_add_test(tc, refusals);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
