/* SPDX-License-Identifier: MIT */
/** Loading from a device, dumps, and what is said about the end of a machine. */
#include "channel/sclp.h"
#include "unit/machine_fixture.h"

enum { CARD = 80, PROGRAM = 0x300, READER = 0xc };

static const char *deck, *file;
static char text[SIENNA_PROBLEM_BYTES + 128];

static void setup(void)
{
    static const struct sienna_options options = {.storage_bytes = 4 << 20, .cpus = 1, .start_tod = 1ULL << 60,
                                                  .loadparm = "LINUX"};

    s = create_machine(&options);
    make_folder("ipl");
    deck = file_in_folder("deck");
    file = file_in_folder("dump");
    write_file(file, "", 0);
}

static void teardown(void)
{
    sienna_release(s);
    remove_folder();
}

/* A card with the PSW and a read of one more card, and that card: the program. */
static void punch(const uint8_t *code, size_t bytes)
{
    uint8_t cards[2 * CARD] = {0};

    put_be64(cards, 0x0008000080000000 | PROGRAM);
    put_be64(cards + 8, 0x0200000020000000 | (uint64_t)PROGRAM << 32 | CARD);
    memcpy(cards + CARD, code, bytes);
    write_file(deck, cards, sizeof cards);
}

static void add_reader(const char *bootindex)
{
    const struct sienna_setting settings[] = {{"file", deck}, {"devno", "c"}, {"bootindex", bootindex}};

    ck_assert_msg(sienna_device_add(s, "reader", settings, bootindex ? 3 : 2, problem), "%s", problem);
}

static void run(void)
{
    sienna_run(s, sienna_now(s) + SIENNA_SECOND / 1000);
}

static const uint8_t loop[] = {0xa7, 0xf4, 0, 0};

START_TEST(load_from_reader)
{
    punch(loop, sizeof loop);
    add_reader(NULL);
    ck_assert_msg(sienna_ipl(s, READER, problem), "%s", problem);
    run();
    ck_assert_int_eq(s->machine.end, MACHINE_RUNNING);
    ck_assert_uint_eq(cpu(0)->ia, PROGRAM);
    ck_assert_uint_eq(cpu_psw_mask(cpu(0)), PSW_BA);
    ck_assert_uint_eq(get_be32(at(184)), 0x10000);
    ck_assert_uint_eq(get_be32(at(188)), 0);
    ck_assert_int_eq(cpu(0)->state, CPU_OPERATING);
}
END_TEST

/* The block that DIAGNOSE 0x308 stores names device and load parameter. */
START_TEST(parameter_block)
{
    static const uint8_t linux_text[8] = {0xd3, 0xc9, 0xd5, 0xe4, 0xe7, 0x40, 0x40, 0x40};
    /* lay 2,0x20000; lghi 5,6; diag 2,5,0x308; j . */
    static const uint8_t code[] = {0xe3, 0x20, 0, 0, 0x20, 0x71, 0xa7, 0x59, 0, 6, 0x83, 0x25, 3, 8,
                                   0xa7, 0xf4, 0, 0};
    punch(code, sizeof code);
    add_reader("3");
    ck_assert_msg(sienna_ipl(s, SIENNA_BOOT_DEVICE, problem), "%s", problem);
    run();
    ck_assert_uint_eq(gr64(cpu(0), 3), 1);
    ck_assert_uint_eq(get_be32(at(0x20000)), 200);
    ck_assert_uint_eq(get_be32(at(0x20008)), 192);
    ck_assert_uint_eq(*at(0x2000c), 2);
    ck_assert_mem_eq(at(0x20010), linux_text, 8);
    ck_assert_uint_eq(get_be16(at(0x2006e)), READER);
}
END_TEST

/* DIAGNOSE 0x308 load clear goes to the device again, whose deck is back in its hopper. */
START_TEST(load_again)
{
    static const uint8_t code[] = {0xa7, 0x59, 0, 3, 0x83, 0x25, 3, 8, 0xa7, 0xf4, 0, 0};

    punch(code, sizeof code);
    add_reader(NULL);
    ck_assert(sienna_ipl(s, READER, problem));
    run();
    ck_assert_int_eq(s->machine.end, MACHINE_RUNNING); /* it loads itself for ever */
    s->no_reboot = true;
    run();
    ck_assert_int_eq(s->machine.end, MACHINE_REBOOT);
}
END_TEST

START_TEST(load_parameter_follows_block)
{
    static const uint8_t prompt[8] = {0xd7, 0xd9, 0xd6, 0xd4, 0xd7, 0xe3, 0x40, 0x40};

    punch(loop, sizeof loop);
    add_reader(NULL);
    ck_assert(sienna_ipl(s, READER, problem));
    memcpy(s->machine.configuration.ipl_block + 16, prompt, 8);
    run();
    ck_assert_int_eq(s->machine.end, MACHINE_RUNNING);
    ck_assert_uint_eq(cpu(0)->ia, PROGRAM);
    ck_assert_str_eq(sclp_features(&s->machine)->loadparm, "PROMPT");
}
END_TEST

START_TEST(nothing_to_load)
{
    ck_assert(!sienna_ipl(s, 0x4711, problem));
    ck_assert_ptr_nonnull(strstr(problem, "no device"));
    ck_assert(!sienna_ipl(s, SIENNA_BOOT_DEVICE, problem));
    ck_assert_ptr_nonnull(strstr(problem, "bootindex"));
    ck_assert(sienna_device_add(s, "virtio-rng", NULL, 0, problem));
    ck_assert(sienna_ipl(s, 0, problem));
    run();
    ck_assert_int_eq(s->machine.end, MACHINE_LOAD_FAILED);
    ck_assert_int_eq(sienna_exit_code(s), 1);
    sienna_end_text(s, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "device 0.0.0000"));
    ck_assert_ptr_nonnull(strstr(text, "gave no program"));
}
END_TEST

/* ---- Dumps ---- */

static uint8_t contents[1 << 20];

/* lghi 5,4; diag 2,5,0x308: the device in the block is asked for a dump program. */
static const uint8_t die[] = {0xa7, 0x59, 0, 4, 0x83, 0x25, 3, 8};

START_TEST(dump_program)
{
    punch(die, sizeof die);
    add_reader(NULL);
    ck_assert(sienna_ipl(s, READER, problem));
    *at(0x5000) = 1;
    run();
    ck_assert_int_eq(s->machine.end, MACHINE_RUNNING); /* the deck is its own dump program */
    ck_assert_uint_eq(*at(0x5000), 0);
    *at(0x5000) = 1; /* the first load cleared storage, a dump program finds it as it was */
    run();
    ck_assert_uint_eq(*at(0x5000), 1);
}
END_TEST

START_TEST(dump)
{
    size_t bytes;
    uint64_t offset;
    FILE *f;

    punch(die, sizeof die);
    add_reader(NULL);
    ck_assert(sienna_ipl(s, READER, problem));
    sienna_run(s, sienna_now(s) + 1);
    ck_assert(sienna_device_remove(s, READER, problem));
    run();
    ck_assert_int_eq(s->machine.end, MACHINE_DUMP);
    ck_assert_int_eq(sienna_exit_code(s), 1);
    ck_assert_str_eq(sienna_end_reason(s), "dump");
    set_gr64(cpu(0), 7, 0x123456789);
    ck_assert_msg(sienna_dump(s, file, problem), "%s", problem);
    f = fopen(file, "rb");
    bytes = fread(contents, 1, sizeof contents, f);
    fseek(f, 0, SEEK_END);
    ck_assert_uint_eq(bytes, sizeof contents);
    ck_assert_mem_eq(contents, "\177ELF\2\2\1", 7);
    ck_assert_uint_eq(get_be16(contents + 16), 4);
    ck_assert_uint_eq(get_be16(contents + 18), 22);
    ck_assert_uint_eq(get_be16(contents + 56), 2);
    ck_assert_uint_eq(get_be32(contents + 64), 4);
    offset = get_be64(contents + 64 + 8); /* first note: the status */
    ck_assert_mem_eq(contents + offset + 12, "CORE\0\0\0", 8);
    ck_assert_uint_eq(get_be64(contents + offset + 20 + 112 + 8), PROGRAM + 8);
    ck_assert_uint_eq(get_be64(contents + offset + 20 + 112 + 16 + 7 * 8), 0x123456789);
    ck_assert_uint_eq(get_be32(contents + 120), 1);
    ck_assert_uint_eq(get_be64(contents + 120 + 24), 0);
    ck_assert_uint_eq(get_be64(contents + 120 + 32), 4 << 20);
    offset = get_be64(contents + 120 + 8);
    ck_assert_mem_eq(contents + offset + PROGRAM, die, sizeof die);
    ck_assert_uint_eq((uint64_t)ftell(f), offset + (4 << 20));
    fclose(f);
    ck_assert(!sienna_dump(s, "/nonexistent/dump", problem));
    ck_assert_ptr_nonnull(strstr(problem, "/nonexistent/dump"));
}
END_TEST

/* ---- Ends ---- */

static const char *end_text(uint64_t mask, uint64_t address)
{
    cpu(0)->state = CPU_OPERATING;
    cpu(0)->psw_mask = mask;
    cpu(0)->ia = address;
    s->machine.end = MACHINE_DISABLED_WAIT;
    sienna_end_text(s, text, sizeof text);
    return text;
}

START_TEST(disabled_waits)
{
    const uint64_t wait = PSW_WAIT | PSW_EA | PSW_BA;

    ck_assert_ptr_nonnull(strstr(end_text(wait, 0xfff), "shut down as asked"));
    ck_assert_int_eq(sienna_exit_code(s), 0);
    ck_assert_ptr_nonnull(strstr(end_text(wait, 0x4502), "zipl"));
    ck_assert_int_eq(sienna_exit_code(s), 1);
    ck_assert_ptr_nonnull(strstr(end_text(wait, 0x12345678), "as Linux does"));
    ck_assert_ptr_nonnull(strstr(end_text(wait, 0x99), "the address tells"));
    ck_assert_ptr_nonnull(strstr(text, "CPU 0, PSW 0002000180000000 0000000000000099"));
}
END_TEST

START_TEST(unhandled_interruptions)
{
    const uint64_t wait = PSW_WAIT | PSW_EA | PSW_BA;

    put_be64(at(0x158), 0xabcde);
    put_be16(at(0x8e), 0x11);
    cpu(0)->psw_by_interruption = OLD_PROGRAM;
    ck_assert_ptr_nonnull(strstr(end_text(wait, 0x1d0), "program interruption that the guest did not handle"));
    ck_assert_ptr_nonnull(strstr(text, "code 0011, page translation"));
    ck_assert_ptr_nonnull(strstr(text, "at abcde"));
    put_be16(at(0x8e), 0x80);
    ck_assert_ptr_nonnull(strstr(end_text(wait, 0x1d0), "code 0080, PER event"));
    cpu(0)->psw_by_interruption = OLD_IO;
    ck_assert_ptr_nonnull(strstr(end_text(wait, 0x1f0), "I/O interruption that the guest did not handle"));
}
END_TEST

/* The same PSW, once loaded by an instruction and once by the interruption that follows. */
START_TEST(who_loaded_the_wait)
{
    put_be64(at(0x1d0), PSW_WAIT | PSW_EA | PSW_BA);
    put_be64(at(0x1d8), 0);
    put_be64(at(PROGRAM), 0xb2b201d000000000); /* lpswe 0x1d0 */
    cpu(0)->state = CPU_OPERATING;
    cpu_load_psw(cpu(0), PSW_EA | PSW_BA, PROGRAM);
    ck_assert_int_eq(sienna_run(s, sienna_now(s) + SIENNA_SECOND), SIENNA_ENDED);
    sienna_end_text(s, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "the guest gave up"));
    s->machine.end = MACHINE_RUNNING;
    cpu_load_psw(cpu(0), PSW_EA | PSW_BA, PROGRAM + 4); /* zeros */
    ck_assert_int_eq(sienna_run(s, sienna_now(s) + SIENNA_SECOND), SIENNA_ENDED);
    sienna_end_text(s, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "a program interruption that the guest did not handle: code 0001, operation"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ipl");
    TCase *tc = tcase_create("ipl");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, load_from_reader);
    tcase_add_test(tc, parameter_block);
    tcase_add_test(tc, load_again);
    tcase_add_test(tc, load_parameter_follows_block);
    tcase_add_test(tc, nothing_to_load);
    tcase_add_test(tc, dump_program);
    tcase_add_test(tc, dump);
    tcase_add_test(tc, disabled_waits);
    tcase_add_test(tc, unhandled_interruptions);
    tcase_add_test(tc, who_loaded_the_wait);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
