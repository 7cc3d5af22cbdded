/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "machine/ebcdic.h"
#include "sclp_fixture.h"
#include "unit/suite.h"

#define BIT(type) (1ULL << (64 - (type)))

static struct console line_mode, ascii;

static void start(void)
{
    fixture_start(16 << 20, &(struct sclp_features){0});
    console_init(&line_mode, &machine, "line mode", 0);
    console_init(&ascii, &machine, "ascii", 1);
    line_mode.write = ascii.write = show;
    sclp_connect_line_mode(&machine, &line_mode);
    sclp_connect_ascii(&machine, &ascii);
    show_nothing();
}

static void end(void)
{
    machine.service.release(&machine);
    console_release(&line_mode);
    console_release(&ascii);
    fixture_end();
}

START_TEST(masks_of_any_length)
{
    static const unsigned lengths[] = {1, 2, 4, 7, 8, 9, 64, 1021};

    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        unsigned n = lengths[i];

        sccb_clear((uint16_t)(12 + 4 * n));
        put_be16(sccb() + 10, (uint16_t)n);
        memset(sccb() + 12 + 2 * n, 0xff, 2 * n);
        serve(0x00780005);
        ck_assert_uint_eq(response(), 0x0020);
        /* receives 02 04 09; sends 01 04 08; then with longer masks 0b, 09, 1a, 1d */
        ck_assert_uint_eq(sccb()[12 + 2 * n], 0x50);
        ck_assert_uint_eq(sccb()[12 + 3 * n], 0x91);
        if (n >= 4) {
            ck_assert_uint_eq(get_be32(sccb() + 12 + 2 * n), 0x50a00040);
            ck_assert_uint_eq(get_be32(sccb() + 12 + 3 * n), 0x91800048);
        }
        if (n > 8)
            ck_assert_uint_eq(sccb()[12 + 3 * n - 1], 0);
    }
}
END_TEST

START_TEST(bad_masks)
{
    sccb_clear(4096);
    serve(0x00780005);
    ck_assert_uint_eq(response(), 0x74f0);
    sccb_clear(4096);
    put_be16(sccb() + 10, 1022);
    serve(0x00780005);
    ck_assert_uint_eq(response(), 0x74f0);
    sccb_clear(43);
    put_be16(sccb() + 10, 8);
    serve(0x00780005);
    ck_assert_uint_eq(response(), 0x0300);
}
END_TEST

/* A console that is not there is not announced. */
START_TEST(masks_without_consoles)
{
    sclp_connect_line_mode(&machine, NULL);
    sclp_connect_ascii(&machine, NULL);
    open_masks(0, 0);
    ck_assert_uint_eq(get_be64(sccb() + 28), BIT(4) | BIT(0xb));
    ck_assert_uint_eq(get_be64(sccb() + 36), BIT(4) | BIT(8) | BIT(0x1d));
}
END_TEST

/* One event buffer of `type` with the given contents, alone in the SCCB. */
static void write_event(uint8_t type, const void *contents, size_t bytes)
{
    sccb_clear((uint16_t)(14 + bytes));
    put_be16(sccb() + 8, (uint16_t)(6 + bytes));
    sccb()[10] = type;
    memcpy(sccb() + 14, contents, bytes);
    serve(0x00760005);
}

START_TEST(ascii_both_ways)
{
    write_event(0x1a, "hello\r\n", 7);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_uint_eq(sccb()[11], 0x80);
    ck_assert_str_eq(shown, "hello\r\n");

    type_text(&ascii, "ab");
    ck_assert_uint_eq(machine.floating.pending, 0);
    ck_assert(!sclp_ascii_open(&machine));
    sccb_clear(44);
    put_be16(sccb() + 10, 8);
    put_be64(sccb() + 12, BIT(0x1a));
    ck_assert_uint_eq(serve(0x00780005), 1);
    ck_assert(sclp_ascii_open(&machine));
    type_text(&ascii, "c");
    ck_assert_uint_eq(machine.floating.service_parameter, 1);
    machine.floating.pending = machine.floating.service_parameter = 0;
    sccb_clear(4096);
    sccb()[5] = 0x80;
    ck_assert_uint_eq(serve(0x00770005), 0);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_uint_eq(get_be16(sccb()), 8 + 6 + 4);
    ck_assert_uint_eq(get_be16(sccb() + 8), 10);
    ck_assert_uint_eq(sccb()[10], 0x1a);
    ck_assert_mem_eq(sccb() + 14, "\0abc", 4);
    sccb_clear(4096);
    serve(0x00770005);
    ck_assert_uint_eq(response(), 0x60f0);
}
END_TEST

START_TEST(input_longer_than_the_sccb)
{
    open_masks(BIT(0x1a), 0);
    type_text(&ascii, "0123456789");
    machine.floating.pending = machine.floating.service_parameter = 0;
    sccb_clear(8 + 6 + 5);
    ck_assert_uint_eq(serve(0x00770005), 1);
    ck_assert_uint_eq(response(), 0x0220);
    ck_assert_mem_eq(sccb() + 15, "0123", 4);
    sccb_clear(8);
    ck_assert_uint_eq(serve(0x00770005), 1);
    ck_assert_uint_eq(response(), 0x0300);
}
END_TEST

/* Message data block with one general object and text objects, as Linux builds it. */
static size_t message(uint8_t *buffer, const char *const lines[], unsigned count, uint16_t general_flags)
{
    size_t at = 12;

    memset(buffer, 0, 12 + 56);
    put_be16(buffer + 2, 1);
    put_be32(buffer + 4, 0xd4c4c240);
    put_be32(buffer + 8, 1);
    put_be16(buffer + at, 56);
    put_be16(buffer + at + 2, 1);
    put_be16(buffer + at + 28, general_flags);
    at += 56;
    for (unsigned i = 0; i < count; i++) {
        size_t text = strlen(lines[i]);

        memset(buffer + at, 0, 10);
        put_be16(buffer + at, (uint16_t)(10 + text));
        put_be16(buffer + at + 2, 4);
        put_be16(buffer + at + 4, 0x1000);
        ebcdic_field(EBCDIC_500, buffer + at + 10, text, lines[i]);
        at += 10 + text;
    }
    put_be16(buffer, (uint16_t)at);
    return at;
}

START_TEST(messages)
{
    static const char *const lines[] = {"[    0.000000] Linux!", "", "caf\xe9 ^|\x01"};
    uint8_t buffer[512];

    write_event(2, buffer, message(buffer, lines, 3, 0));
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_str_eq(shown, "[    0.000000] Linux!\n\ncaf\xc3\xa9 ^| \n");
    show_nothing();
    write_event(2, buffer, message(buffer, lines, 1, 0x4000));
    ck_assert_str_eq(shown, "\a[    0.000000] Linux!\n");
}
END_TEST

START_TEST(bad_messages)
{
    static const char *const lines[] = {"text"};
    uint8_t buffer[512];
    size_t bytes = message(buffer, lines, 1, 0);

    write_event(2, buffer, 11);
    ck_assert_uint_eq(response(), 0x73f0);
    write_event(2, buffer, bytes - 1);
    ck_assert_uint_eq(response(), 0x73f0);
    buffer[12 + 56 + 1] = 9;
    write_event(2, buffer, bytes);
    ck_assert_uint_eq(response(), 0x73f0);
    buffer[12 + 56 + 1] = 15;
    write_event(2, buffer, bytes);
    ck_assert_uint_eq(response(), 0x73f0);
    buffer[4] = 0;
    write_event(2, buffer, bytes);
    ck_assert_uint_eq(response(), 0x73f0);
    ck_assert_str_eq(shown, "");
}
END_TEST

START_TEST(several_buffers_and_partial_failure)
{
    sccb_clear(8 + 7 + 6 + 8);
    put_be16(sccb() + 8, 7);
    sccb()[10] = 0x1a;
    sccb()[14] = 'x';
    put_be16(sccb() + 15, 6);
    sccb()[17] = 0x3f;
    put_be16(sccb() + 21, 8);
    sccb()[23] = 0x1a;
    memcpy(sccb() + 27, "yz", 2);
    serve(0x00760005);
    ck_assert_uint_eq(response(), 0x0340);
    ck_assert_uint_eq(sccb()[11], 0x80);
    ck_assert_uint_eq(sccb()[18], 0);
    ck_assert_uint_eq(sccb()[24], 0x80);
    ck_assert_str_eq(shown, "xyz");
    write_event(0x3f, "", 0);
    ck_assert_uint_eq(response(), 0x73f0);
    sclp_connect_ascii(&machine, NULL);
    write_event(0x1a, "q", 1);
    ck_assert_uint_eq(response(), 0x05f0);
}
END_TEST

START_TEST(inconsistent_lengths)
{
    sccb_clear(8);
    serve(0x00760005);
    ck_assert_uint_eq(response(), 0x72f0);
    for (unsigned wrong = 0; wrong < 12; wrong++) {
        if (wrong == 10)
            continue;
        sccb_clear(18);
        put_be16(sccb() + 8, (uint16_t)wrong);
        sccb()[10] = 0x1a;
        serve(0x00760005);
        ck_assert_uint_eq(response(), 0x72f0);
    }
    sccb_clear(18);
    put_be16(sccb() + 8, 10);
    sccb()[2] = 1;
    serve(0x00760005);
    ck_assert_uint_eq(response(), 0x40f0);
}
END_TEST

/* Reads one operator command and returns its text, having checked the vectors around it. */
static const char *read_command(uint8_t type)
{
    static char text[300];
    const uint8_t *event = sccb() + 8, *at = event + 6;
    unsigned left;

    sccb_clear(4096);
    sccb()[5] = 0x80;
    serve(0x00770005);
    ck_assert_uint_eq(sccb()[10], type);
    left = get_be16(event) - 6;
    ck_assert_uint_eq(get_be16(at), left);
    ck_assert_uint_eq(get_be16(at + 2), 0x1310);
    ck_assert_uint_eq(get_be16(at + 4), left - 4);
    ck_assert_uint_eq(get_be16(at + 6), 0x1212);
    ck_assert_uint_eq(get_be16(at + 8), left - 8);
    ck_assert_uint_eq(get_be16(at + 10), 0x1320);
    ck_assert_uint_eq(at[12], left - 12);
    ck_assert_uint_eq(at[13], 0x31);
    ck_assert_uint_eq(at[14], left - 14);
    ck_assert_uint_eq(at[15], 0x30);
    for (unsigned i = 0; i < left - 16; i++)
        text[i] = (char)ebcdic_to_latin1(EBCDIC_500, at[16 + i]);
    text[left - 16] = 0;
    return text;
}

static void only_command(const char *typed, const char *expected)
{
    type_text(&line_mode, typed);
    machine.floating.pending = machine.floating.service_parameter = 0;
    ck_assert_str_eq(read_command(1), expected);
}

START_TEST(typed_lines)
{
    open_masks(BIT(1) | BIT(9), BIT(2));
    ck_assert(sclp_line_mode_open(&machine));
    only_command("ls -l [a-z]!\n", "ls -l [a-z]!");
    only_command("two\r\n", "two");
    only_command("x\b\x7f" "abd\bc\r", "abc");
    only_command("abandoned\x15kept\r", "kept");
    only_command("caf\xc3\xa9\xe2\x82\xac.\xc3\xa9\x7f\r", "caf\xe9?.");
    only_command("\x1b[A\x1bOP\x1b[15~left\r", "left");
    only_command("gone\x03", "^c");
    only_command("\x04", "^d");
    only_command("part\x04", "part^n");
    only_command("\x1a", "^z");
    only_command("\r", "");
    sccb_clear(4096);
    serve(0x00770005);
    ck_assert_uint_eq(response(), 0x60f0);
}
END_TEST

START_TEST(long_lines_continue)
{
    char typed[700], expected[300];

    memset(typed, 'a', 600);
    strcpy(typed + 600, "\r");
    memset(expected, 'a', 249);
    strcpy(expected + 249, "^n");
    open_masks(BIT(1), 0);
    type_text(&line_mode, typed);
    machine.floating.pending = machine.floating.service_parameter = 0;
    sccb_clear(4096);
    serve(0x00770005);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_uint_eq(get_be16(sccb() + 8), 6 + 16 + 251);
    ck_assert_uint_eq(get_be16(sccb() + 8 + 273), 6 + 16 + 251);
    ck_assert_uint_eq(get_be16(sccb() + 8 + 2 * 273), 6 + 16 + 102);
    ck_assert_uint_eq(sccb()[8 + 22], 0x81);
    ck_assert_uint_eq(sccb()[8 + 22 + 249], 0x5f);
}
END_TEST

/* Nothing typed is lost when the program reads slowly. */
START_TEST(typing_ahead)
{
    char text[8];

    open_masks(BIT(1), 0);
    for (unsigned i = 0; i < 600; i++) {
        snprintf(text, sizeof text, "%u\n", i);
        type_text(&line_mode, text);
    }
    machine.floating.pending = machine.floating.service_parameter = 0;
    for (unsigned i = 0; i < 600;) {
        const uint8_t *at = sccb() + 8;

        sccb_clear(4096);
        sccb()[5] = 0x80;
        serve(0x00770005);
        for (; at < sccb() + get_be16(sccb()); at += get_be16(at), i++) {
            ck_assert_uint_eq(at[2], 1);
            ck_assert_uint_eq(at[get_be16(at) - 1], 0xf0 + i % 10);
        }
    }
    ck_assert_uint_eq(console_readable(&line_mode), 0);
}
END_TEST

START_TEST(priority_and_operator_commands)
{
    open_masks(BIT(1) | BIT(9), 0);
    ck_assert(sclp_operator_command(&machine, "stop", false));
    ck_assert(sclp_operator_command(&machine, "now", true));
    machine.floating.pending = machine.floating.service_parameter = 0;
    sccb_clear(4096);
    sccb()[2] = 1;
    put_be64(sccb() + 8, BIT(1));
    ck_assert_uint_eq(serve(0x00770005), 1);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_uint_eq(sccb()[10], 1);
    ck_assert_str_eq(read_command(9), "now");
    sclp_connect_line_mode(&machine, NULL);
    ck_assert(!sclp_operator_command(&machine, "x", false));
}
END_TEST

START_TEST(selections)
{
    open_masks(BIT(1), 0);
    sccb_clear(4096);
    sccb()[2] = 1;
    put_be64(sccb() + 8, BIT(1) | BIT(2));
    serve(0x00770005);
    ck_assert_uint_eq(response(), 0x70f0);
    sccb_clear(4096);
    sccb()[2] = 2;
    serve(0x00770005);
    ck_assert_uint_eq(response(), 0x40f0);
}
END_TEST

START_TEST(echo_on_terminals_only)
{
    type_text(&line_mode, "abc\b\r");
    ck_assert_str_eq(shown, "");
    line_mode.terminal = true;
    type_text(&line_mode, "ab\bc");
    ck_assert_str_eq(shown, "ab\b \bc");
    show_nothing();
    type_text(&line_mode, "\r");
    ck_assert_str_eq(shown, "\b \b\b \b");
}
END_TEST

START_TEST(quiesce)
{
    ck_assert(!sclp_signal_quiesce(&machine));
    open_masks(BIT(0x1d), 0);
    ck_assert(sclp_signal_quiesce(&machine));
    ck_assert_uint_eq(machine.floating.service_parameter, 1);
    machine.floating.pending = machine.floating.service_parameter = 0;
    sccb_clear(4096);
    ck_assert_uint_eq(serve(0x00770005), 0);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_uint_eq(sccb()[10], 0x1d);
    ck_assert_uint_eq(get_be16(sccb() + 8), 10);
}
END_TEST

START_TEST(configuration_and_state_changes)
{
    open_masks(BIT(4) | BIT(8), 0);
    sclp_cpus_changed(&machine);
    sclp_capability_changed(&machine);
    sclp_connect_ascii(&machine, NULL);
    machine.floating.pending = machine.floating.service_parameter = 0;
    sccb_clear(4096);
    serve(0x00770005);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_uint_eq(sccb()[10], 8);
    ck_assert_uint_eq(get_be16(sccb() + 14), 0x6000);
    ck_assert_uint_eq(get_be16(sccb() + 16), 8);
    ck_assert_uint_eq(get_be64(sccb() + 26), BIT(2) | BIT(4) | BIT(9) | BIT(0xb));
    ck_assert_uint_eq(get_be64(sccb() + 34), BIT(1) | BIT(4) | BIT(8) | BIT(9) | BIT(0x1d));
    ck_assert_uint_eq(sccb()[8 + 34 + 2], 4);
    ck_assert_uint_eq(sccb()[8 + 34 + 7], 1);
    ck_assert_uint_eq(sccb()[8 + 34 + 8 + 7], 3);
}
END_TEST

START_TEST(control_program_identification)
{
    uint8_t event[74] = {0};

    ebcdic_field(EBCDIC_500, event + 2, 8, "LINUX");
    ebcdic_field(EBCDIC_500, event + 18, 8, "SIENNA");
    put_be64(event + 34, 0x060100);
    ebcdic_field(EBCDIC_500, event + 50, 8, "PLEX");
    write_event(0xb, event, sizeof event);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_str_eq(sclp_control_program(&machine)->type, "LINUX");
    ck_assert_str_eq(sclp_control_program(&machine)->name, "SIENNA");
    ck_assert_str_eq(sclp_control_program(&machine)->sysplex, "PLEX");
    ck_assert_uint_eq(sclp_control_program(&machine)->level, 0x060100);
    write_event(0xb, event, 57);
    ck_assert_uint_eq(response(), 0x73f0);
}
END_TEST

static void walk_all(struct state_walk *walk)
{
    sclp_state(&machine, walk);
    state_group(walk, "console", 0);
    console_state(&ascii, walk);
}

START_TEST(state_goes_on_elsewhere)
{
    struct state_saver saver;
    struct state_loader loader;

    open_masks(BIT(1) | BIT(0x1a) | BIT(0x1d), 0);
    type_text(&line_mode, "first\rsecond\rhal");
    type_text(&ascii, "xyz");
    sclp_signal_quiesce(&machine);
    state_saver_begin(&saver);
    walk_all(&saver.walk);
    /* another machine, in another state */
    end();
    start();
    type_text(&line_mode, "other\rline\rand\rmore");
    state_loader_begin(&loader, saver.bytes, saver.count);
    walk_all(&loader.walk);
    ck_assert_msg(state_loader_end(&loader), "%s", loader.problem);
    free(saver.bytes);
    type_text(&line_mode, "f\r");
    ck_assert_uint_eq(machine.floating.service_parameter, 1);
    machine.floating.pending = machine.floating.service_parameter = 0;
    sccb_clear(4096);
    sccb()[2] = 1;
    put_be64(sccb() + 8, BIT(0x1d));
    serve(0x00770005);
    ck_assert_uint_eq(sccb()[10], 0x1d);
    ck_assert_uint_eq(console_readable(&ascii), 3);
    ck_assert_str_eq(read_command(1), "first");
    /* that read took all the others, too */
    ck_assert_uint_eq(sccb()[8 + 6 + 16 + 5 + 2], 1);
    ck_assert_uint_eq(get_be16(sccb() + 8 + 27), 6 + 16 + 6);
    ck_assert_uint_eq(get_be16(sccb() + 8 + 27 + 28), 6 + 16 + 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sclp events");
    TCase *c = tcase_create("events");

    tcase_add_checked_fixture(c, start, end);
    tcase_add_test(c, masks_of_any_length);
    tcase_add_test(c, bad_masks);
    tcase_add_test(c, masks_without_consoles);
    tcase_add_test(c, ascii_both_ways);
    tcase_add_test(c, input_longer_than_the_sccb);
    tcase_add_test(c, messages);
    tcase_add_test(c, bad_messages);
    tcase_add_test(c, several_buffers_and_partial_failure);
    tcase_add_test(c, inconsistent_lengths);
    tcase_add_test(c, typed_lines);
    tcase_add_test(c, long_lines_continue);
    tcase_add_test(c, typing_ahead);
    tcase_add_test(c, priority_and_operator_commands);
    tcase_add_test(c, selections);
    tcase_add_test(c, echo_on_terminals_only);
    tcase_add_test(c, quiesce);
    tcase_add_test(c, configuration_and_state_changes);
    tcase_add_test(c, control_program_identification);
    tcase_add_test(c, state_goes_on_elsewhere);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
