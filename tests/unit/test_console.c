/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "machine/console.h"
#include "machine/ebcdic.h"
#include "machine/input.h"
#include "unit/suite.h"

START_TEST(ebcdic_pages)
{
    static const uint8_t name[8] = {0xd2, 0xe5, 0xd4, 0x61, 0xd3, 0x89, 0x40, 0x00};
    uint8_t field[6];
    char text[9];

    for (int page = EBCDIC_037; page <= EBCDIC_500; page++)
        for (unsigned c = 0; c < 256; c++)
            ck_assert_uint_eq(ebcdic_from_latin1(page, ebcdic_to_latin1(page, (uint8_t)c)), c);
    ck_assert_uint_eq(ebcdic_from_latin1(EBCDIC_037, '['), 0xba);
    ck_assert_uint_eq(ebcdic_from_latin1(EBCDIC_500, '['), 0x4a);
    ck_assert_uint_eq(ebcdic_from_latin1(EBCDIC_037, '^'), 0xb0);
    ck_assert_uint_eq(ebcdic_from_latin1(EBCDIC_500, '^'), 0x5f);
    ck_assert_uint_eq(ebcdic_to_latin1(EBCDIC_037, 0x25), '\n');
    ebcdic_string(EBCDIC_500, text, name, 8);
    ck_assert_str_eq(text, "KVM/Li");
    ebcdic_field(EBCDIC_500, field, 6, "a1");
    ck_assert_mem_eq(field, "\x81\xf1\x40\x40\x40\x40", 6);
    ebcdic_field(EBCDIC_500, field, 2, "abc");
    ck_assert_mem_eq(field, "\x81\x82", 2);
}
END_TEST

/* A recording in memory. */
static struct taped {
    struct input_record record;
    uint8_t data[16];
} tape[16];
static unsigned tape_count, tape_at;

static void to_tape(void *context, const struct input_record *record, const uint8_t *data)
{
    tape[tape_count].record = *record;
    memcpy(tape[tape_count++].data, data, record->bytes);
}

static bool from_tape(void *context, struct input_record *record, const uint8_t **data)
{
    if (tape_at == tape_count)
        return false;
    *record = tape[tape_at].record;
    *data = tape[tape_at++].data;
    return true;
}

static unsigned notified;

static void received(struct console *console, void *device)
{
    notified++;
}

static size_t answer(void *context, uint8_t *buffer, size_t size)
{
    memcpy(buffer, "answer", 6);
    return 6;
}

static size_t no_answer(void *context, uint8_t *buffer, size_t size)
{
    ck_abort_msg("the host is asked during a replay");
    return 0;
}

static char complaint[512];

static void complain(void *context, enum log_level level, const char *text)
{
    strncpy(complaint, text, sizeof complaint - 1);
}

static void record_a_session(void)
{
    static const struct input_recorder recorder = {to_tape, NULL};
    struct machine m;
    struct console c;
    uint8_t buffer[16];
    uint64_t date = 42;

    tape_count = tape_at = notified = 0;
    machine_init(&m);
    input_start_recording(&m, &recorder, false);
    input_setting(&m, INPUT_START_DATE, 0, &date, sizeof date);
    ck_assert_uint_eq(date, 42);
    console_init(&c, &m, "test", 3);
    console_connect(&c, received, NULL);
    console_offer(&c, "ab", 2);
    ck_assert(input_waiting(&m));
    ck_assert_uint_eq(console_readable(&c), 0);
    m.now = 1000;
    input_pass(&m);
    ck_assert(!input_waiting(&m));
    ck_assert_uint_eq(notified, 1);
    ck_assert_uint_eq(console_read(&c, buffer, 1), 1);
    ck_assert_uint_eq(console_read(&c, buffer + 1, 9), 1);
    ck_assert_mem_eq(buffer, "ab", 2);
    m.now = 1500;
    ck_assert_uint_eq(input_ask(&m, INPUT_FILE_SHARING, 1, answer, NULL, buffer, sizeof buffer), 6);
    m.now = 2000;
    console_offer(&c, "c", 1);
    input_pass(&m);
    console_release(&c);
    machine_release(&m);
}

START_TEST(recording_and_replay)
{
    static const struct input_source source = {from_tape, NULL};
    struct machine m;
    struct console c;
    uint8_t buffer[16];
    uint64_t date = 77;

    record_a_session();
    ck_assert_uint_eq(tape_count, 4);
    ck_assert_uint_eq(tape[1].record.time, 1000);
    ck_assert_uint_eq(tape[1].record.port, 3);
    ck_assert_uint_eq(tape[3].record.time, 2000);

    machine_init(&m);
    input_start_replay(&m, &source);
    input_setting(&m, INPUT_START_DATE, 0, &date, sizeof date);
    ck_assert_uint_eq(date, 42);
    console_init(&c, &m, "test", 3);
    console_offer(&c, "ignored", 7);
    ck_assert_uint_eq(input_next_time(&m), 1000);
    m.now = 999;
    input_pass(&m);
    ck_assert_uint_eq(console_readable(&c), 0);
    m.now = 1000;
    input_pass(&m);
    ck_assert_uint_eq(console_readable(&c), 2);
    ck_assert_uint_eq(input_next_time(&m), EVENT_NEVER);
    m.now = 1500;
    ck_assert_uint_eq(input_ask(&m, INPUT_FILE_SHARING, 1, no_answer, NULL, buffer, sizeof buffer), 6);
    ck_assert_mem_eq(buffer, "answer", 6);
    ck_assert_uint_eq(input_next_time(&m), 2000);
    m.now = 2000;
    input_pass(&m);
    ck_assert_uint_eq(console_read(&c, buffer, 16), 3);
    ck_assert_mem_eq(buffer, "abc", 3);
    ck_assert(!input_diverged(&m));
    /* The end of the recording is no divergence: it may have been cut. */
    ck_assert_uint_eq(input_ask(&m, INPUT_FILE_SHARING, 1, no_answer, NULL, buffer, sizeof buffer), 0);
    ck_assert(!input_diverged(&m));
    ck_assert(input_exhausted(&m));
    tape_at = 2;
    m.log_sink = complain;
    input_start_replay(&m, &source);
    ck_assert_uint_eq(input_ask(&m, INPUT_FILE_SHARING, 2, no_answer, NULL, buffer, sizeof buffer), 0);
    ck_assert(input_diverged(&m));
    ck_assert_ptr_nonnull(strstr(complaint, "left its recording"));
    console_release(&c);
    machine_release(&m);
}
END_TEST

START_TEST(flow_control_and_late_devices)
{
    struct machine m;
    struct console c;
    uint8_t buffer[4096];
    size_t room;

    machine_init(&m);
    notified = 0;
    console_init(&c, &m, "test", 0);
    room = console_room(&c);
    memset(buffer, 'x', sizeof buffer);
    console_offer(&c, buffer, sizeof buffer);
    input_pass(&m);
    ck_assert_uint_eq(console_room(&c), room - sizeof buffer);
    console_connect(&c, received, NULL);
    ck_assert_uint_eq(notified, 1);
    while (console_room(&c)) {
        console_offer(&c, buffer, sizeof buffer);
        input_pass(&m);
    }
    ck_assert_uint_ge(console_readable(&c), room);
    console_write(&c, "nowhere", 7);
    /* What arrives after the console has gone is dropped. */
    console_offer(&c, buffer, 1);
    console_release(&c);
    input_pass(&m);
    machine_release(&m);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("console");
    TCase *c = tcase_create("console");

    tcase_add_test(c, ebcdic_pages);
    tcase_add_test(c, recording_and_replay);
    tcase_add_test(c, flow_control_and_late_devices);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
