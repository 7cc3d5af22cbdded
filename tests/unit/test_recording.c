/* SPDX-License-Identifier: MIT */
/**
 * Recordings: what came from outside, wherever it came, comes again in a replay, which needs nothing of the host.
 * Cut, damaged and foreign files are told in a sentence.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "machine/input.h"
#include "trace/recording.h"
#include "unit/machine_fixture.h"

enum { COUNTER = 0x20000 };

static const char *program, *file;
static struct sienna_console *console;

static void setup(void)
{
    /* lg %r1,COUNTER (through %r2); agr %r1,%r3; stg %r1,0(%r2); j back: each CPU adds what its %r3 says. */
    static const uint8_t loop[] = {0xc0, 0x2f, 0, 2, 0, 0, 0xe3, 0x10, 0x20, 0, 0, 4, 0xb9, 8, 0, 0x13,
                                   0xe3, 0x10, 0x20, 0, 0, 0x24, 0xa7, 0xf4, 0xff, 0xf8};

    make_folder("recording");
    program = file_in_folder("program");
    file = file_in_folder("file");
    write_file(program, loop, sizeof loop);
    told[0] = 0;
}

static void create(const struct sienna_recorder *recorder, const struct sienna_player *player)
{
    const struct sienna_options options = {.storage_bytes = 4 << 20, .cpus = 2, .max_cpus = 3, .recorder = recorder,
                                           .player = player, .log = log_line, .log_level = 1};

    s = create_machine(&options);
    load_image(s, program);
    console = sienna_console_open(s, SIENNA_CONSOLE_LINE_MODE, false, NULL, NULL);
    ck_assert_ptr_nonnull(console);
}

/* All that a debugger and an operator can do, between rounds and in the midst of slices. */
static void session(void)
{
    static const uint8_t eight[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const struct sienna_setting seed = {"seed", "host"};

    set_register(0, SIENNA_GR, 3, 1);
    run_for(s, 50);
    start_at_entry(1);
    set_register(1, SIENNA_GR, 3, 0x100000000);
    run_for(s, 500);
    step_all(0, 77);
    set_register(0, SIENNA_GR, 3, 3);
    set_register(1, SIENNA_GR, 3, 0x500000000);
    step_all(1, 1001);
    ck_assert(sienna_storage_write(s, 0, SIENNA_ABSOLUTE, COUNTER + 3, eight, 5));
    ck_assert(sienna_key_write(s, COUNTER, 0x30));
    step_all(-1, 5);
    set_register(0, SIENNA_GR, 4, 99);
    ck_assert(sienna_operate(s, SIENNA_STOP, 1, problem));
    run_for(s, 30);
    ck_assert(sienna_device_add(s, "virtio-rng", &seed, 1, problem));
    ck_assert(sienna_operate(s, SIENNA_START, 1, problem));
    run_for(s, 1000);
    sienna_console_type(console, "typed", 5);
    step_all(1, 3);
    ck_assert(sienna_configure_cpu(s, 2, true, problem));
    run_for(s, 100);
    sienna_console_type(console, "once more", 9);
    run_for(s, 100);
    step_all(0, 12345);
    set_register(1, SIENNA_GR, 5, 5);
}

static uint64_t record_session(uint64_t check_every)
{
    static const char *const header[] = {"version=test", "model=1", "argument=-a", "argument=b c"};
    struct recording_writer *w = recording_create(file, header, 4, problem);
    struct sienna_recorder recorder;
    uint64_t digest;

    ck_assert_msg(w != NULL, "%s", problem);
    recorder = *recording_recorder(w);
    recorder.check_every = check_every;
    create(&recorder, NULL);
    session();
    sienna_record_end(s);
    digest = sienna_digest(s);
    sienna_release(s);
    ck_assert_msg(recording_close(w, problem), "%s", problem);
    return digest;
}

/* Replay the file with nothing but it; how it stood at its end. */
static struct sienna_replay replay_file(struct recording_reader *r, uint64_t *digest)
{
    struct sienna_replay replay;
    enum sienna_outcome outcome;

    create(NULL, recording_player(r));
    while ((outcome = sienna_run(s, UINT64_MAX)) == SIENNA_IDLE)
        sienna_skip_to(s, sienna_next_event(s));
    ck_assert_int_eq(outcome, SIENNA_ENDED);
    ck_assert(sienna_replay(s, &replay));
    if (digest)
        *digest = sienna_digest(s);
    sienna_release(s);
    return replay;
}

START_TEST(everything_comes_again)
{
    uint64_t recorded = record_session(100 * TOD_MICROSECOND), digest;
    struct recording_reader *r;
    struct sienna_replay replay;

    unlink(program);
    r = recording_open(file, problem);
    ck_assert_msg(r != NULL, "%s", problem);
    ck_assert_str_eq(recording_header(r, "argument", 1), "b c");
    ck_assert_ptr_null(recording_header(r, "argument", 2));
    replay = replay_file(r, &digest);
    ck_assert_msg(!replay.differs, "%s", told);
    ck_assert(replay.ended && !replay.cut);
    ck_assert_uint_gt(replay.checks, 10);
    ck_assert_uint_eq(digest, recorded);
    ck_assert_ptr_null(recording_trouble(r));
    recording_release(r);
}
END_TEST

/* Wherever a replay is stopped and looked at, it is the same one. */
START_TEST(stops_move_nothing)
{
    uint64_t recorded = record_session(100 * TOD_MICROSECOND), steps;
    struct recording_reader *r = recording_open(file, problem);
    struct sienna_replay replay;
    uint8_t value[16] = {0};

    create(NULL, recording_player(r));
    do {
        steps = 997;
        ck_assert(sienna_register_read(s, 0, SIENNA_GR, 1, value));
    } while (sienna_step(s, (int)(sienna_position(s) % 3) - 1, &steps, UINT64_MAX) != SIENNA_ENDED);
    ck_assert(sienna_replay(s, &replay));
    ck_assert_msg(replay.ended && !replay.differs, "%s", told);
    ck_assert_uint_eq(sienna_digest(s), recorded);
    ck_assert(!sienna_register_write(s, 0, SIENNA_GR, 1, value, problem));
    ck_assert_ptr_nonnull(strstr(problem, "replays a recording"));
    ck_assert(!sienna_storage_write(s, 0, SIENNA_ABSOLUTE, 0, value, 1));
    ck_assert(!sienna_operate(s, SIENNA_STOP, 0, problem));
    sienna_release(s);
    recording_release(r);
}
END_TEST

/* Copy the recording with `change` applied to each input. */
static void rewrite(bool (*change)(struct sienna_input *input))
{
    static const char *const header[] = {"version=test"};
    struct recording_reader *r = recording_open(file, problem);
    struct recording_writer *w;
    struct sienna_input input;
    const char *other = file_in_folder("other");

    w = recording_create(other, header, 1, problem);
    while (recording_next(r, &input))
        if (change(&input))
            recording_recorder(w)->record(recording_recorder(w)->context, &input);
    ck_assert_ptr_null(recording_trouble(r));
    recording_release(r);
    ck_assert(recording_close(w, problem));
    ck_assert_int_eq(rename(other, file), 0);
}

static uint64_t changed_at;

static bool other_value(struct sienna_input *input)
{
    if (!changed_at && input->kind == INPUT_ALTERATION && input->time > 520 * TOD_MICROSECOND) {
        ((uint8_t *)(uintptr_t)input->data)[11] ^= 1;
        changed_at = input->time;
    }
    return true;
}

static bool no_device(struct sienna_input *input)
{
    return input->kind != INPUT_OPERATOR || input->port != 1;
}

/* The first interval that differs is named. */
START_TEST(a_difference_is_found)
{
    const uint64_t every = 100 * TOD_MICROSECOND;
    struct sienna_replay replay;
    struct recording_reader *r;

    record_session(every);
    changed_at = 0;
    rewrite(_i ? no_device : other_value);
    r = recording_open(file, problem);
    replay = replay_file(r, NULL);
    ck_assert(replay.differs && !replay.ended);
    ck_assert_uint_gt(replay.checks, 3);
    if (!_i) {
        ck_assert_uint_lt(replay.agreed, changed_at);
        ck_assert_uint_ge(replay.differed, changed_at);
        ck_assert_uint_lt(replay.differed - replay.agreed, every + (1 << 20) + 4096); /* no round is longer */
    }
    recording_release(r);
}
END_TEST

/* A file that was cut anywhere replays as far as it is whole, and says so. */
START_TEST(cut_anywhere)
{
    struct recording_reader *r;
    struct sienna_replay replay;
    struct stat st;
    unsigned opened = 0;
    uint64_t most = 0;

    record_session(100 * TOD_MICROSECOND);
    ck_assert_int_eq(stat(file, &st), 0);
    for (off_t size = st.st_size - 1; size >= 0; size -= 1 + size / 12) {
        ck_assert_int_eq(truncate(file, size), 0);
        r = recording_open(file, problem);
        if (!r) {
            ck_assert_ptr_nonnull(strstr(problem, file));
            continue;
        }
        opened++;
        if (size > 1000) {
            replay = replay_file(r, NULL);
            ck_assert_msg(!replay.differs, "cut at %ld: %s", (long)size, told);
            ck_assert(replay.cut || size > st.st_size - 4096);
            ck_assert(!replay.cut || strstr(recording_trouble(r), "cut"));
            ck_assert(!recording_damaged(r));
            most = replay.checks > most ? replay.checks : most;
        }
        recording_release(r);
    }
    ck_assert_uint_gt(opened, 5);
    ck_assert_uint_gt(most, 5);
}
END_TEST

START_TEST(damaged_and_foreign)
{
    struct recording_reader *r;
    struct sienna_input input;
    struct stat st;
    uint8_t byte;
    int fd;

    record_session(100 * TOD_MICROSECOND);
    ck_assert_int_eq(stat(file, &st), 0);
    fd = open(file, O_RDWR);
    ck_assert_int_eq(pread(fd, &byte, 1, st.st_size / 2), 1);
    byte ^= 0x40;
    ck_assert_int_eq(pwrite(fd, &byte, 1, st.st_size / 2), 1);
    close(fd);
    r = recording_open(file, problem);
    ck_assert_msg(r != NULL, "%s", problem);
    while (recording_next(r, &input))
        ;
    ck_assert_ptr_nonnull(recording_trouble(r));
    recording_release(r);
    write_file(file, "#!/bin/sh\necho something else that is longer\n", 45);
    ck_assert_ptr_null(recording_open(file, problem));
    ck_assert_ptr_nonnull(strstr(problem, "no recording"));
    ck_assert_ptr_null(recording_open(folder, problem));
    ck_assert_ptr_null(recording_create("/nonexistent/file", NULL, 0, problem));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recording");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, remove_folder);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, everything_comes_again);
    tcase_add_test(tc, stops_move_nothing);
    tcase_add_loop_test(tc, a_difference_is_found, 0, 2);
    tcase_add_test(tc, cut_anywhere);
    tcase_add_test(tc, damaged_and_foreign);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
