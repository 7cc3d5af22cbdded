/* SPDX-License-Identifier: MIT */
/** Agent expressions: each operation, and what bounds them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "gdbstub/agent.h"

static char printed[AGENT_TEXT + 1];

static bool read_register(void *context, unsigned number, uint64_t *value)
{
    *value = 0x1000 + number;
    return number < 100;
}

static bool read_storage(void *context, uint64_t address, void *to, size_t bytes)
{
    static const char storage[] = "\xff\x80\x01\x02\x03\x04\x05\x06text";

    if (address < 0x100 || address - 0x100 + bytes > sizeof storage)
        return false;
    memcpy(to, storage + (address - 0x100), bytes);
    return true;
}

static void print(void *context, const char *text, size_t bytes)
{
    memcpy(printed, text, bytes);
    printed[bytes] = 0;
}

static const struct agent_machine machine = {NULL, read_register, read_storage, print};

static const struct {
    const char *code; /* hexadecimal, without the end */
    uint64_t value;
} good[] = {
    {"2205", 5}, {"231234", 0x1234}, {"2412345678", 0x12345678}, {"250102030405060708", 0x0102030405060708},
    {"2205220302", 8}, {"2205220303", 2}, {"2203220503", -2ULL}, {"2205220304", 15},
    {"2211220505", 3},
    {"2200221103220505", -3ULL}, {"2211220506", 3}, {"2200221103220507", -2ULL}, {"2211220508", 2},
    {"2201220409", 16}, {"220022100322020a", -4ULL}, {"2200221003223c0b", 15},
    {"22000e", 1}, {"22050e", 0}, {"220c220a0f", 8}, {"220c220a10", 14}, {"220c220a11", 6}, {"220012", -1ULL},
    {"2205220513", 1}, {"2205220613", 0}, {"2200220103220114", 1}, {"2200220103220115", 0},
    {"22801608", -128ULL}, {"231ff02a08", 0xf0}, {"23010017", 0xff},
    {"23010018", 0xff80}, {"23010019", 0xff800102}, {"2301001a", 0xff80010203040506},
    {"260005", 0x1005}, {"22052802", 10}, {"2205220629", 5}, {"220522062b03", 1},
    {"220522063201", 5}, {"22012202220333", 2},
    /* if 1 goto 8: push 9 */
    {"22012000082205272209", 9}, {"22002000082205272209", 5},
    {"21000522072209", 9},
    {"", 0},
};

static size_t bytes_of(const char *text, uint8_t *code)
{
    size_t n = strlen(text) / 2;

    for (size_t i = 0; i < n; i++) {
        char two[3] = {text[2 * i], text[2 * i + 1], 0};

        code[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    return n;
}

START_TEST(test_good)
{
    uint8_t code[64];
    uint64_t value;
    size_t n;

    n = bytes_of(good[_i].code, code);
    code[n++] = 0x27;
    ck_assert_ptr_null(agent_run(code, n, &machine, &value));
    ck_assert_msg(value == good[_i].value, "%s gives %llx", good[_i].code, (unsigned long long)value);
}
END_TEST

static const struct {
    const char *code, *problem;
} bad[] = {
    {"", "within"}, {"22", "within"}, {"2300", "within"}, {"25000000", "within"}, {"02", "underflows"},
    {"220502", "underflows"}, {"29", "underflows"}, {"2b", "underflows"}, {"22013201", "underflows"},
    {"33", "underflows"}, {"2200220005", "zero"}, {"2200220008", "zero"}, {"22001a", "storage"},
    {"26ffff", "register"}, {"21ffff", "leaves"}, {"210000", "end"}, {"ff", "known"}, {"00", "known"},
    {"30", "known"}, {"2201210000", "overflows"}, {"34ff0001", "format"}, {"3400" "0002" "4142", "format"},
    {"34000001" "00" "27", "underflows"}, {"2200220034" "05" "0002" "41" "00" "27", "underflows"},
    {"340000", "within"},
};

START_TEST(test_bad)
{
    uint8_t code[64];
    uint64_t value;
    size_t n = bytes_of(bad[_i].code, code);
    const char *problem = agent_run(code, n, &machine, &value);

    ck_assert_msg(problem && strstr(problem, bad[_i].problem), "%s: %s", bad[_i].code, problem ? problem : "is good");
}
END_TEST

static const char *printf_of(const char *format, const char *arguments, unsigned count)
{
    uint8_t code[256];
    size_t n = bytes_of(arguments, code), length = strlen(format) + 1;
    uint64_t value;

    memcpy(code + n, "\x22\x00\x22\x00\x34", 5);
    n += 5;
    code[n++] = (uint8_t)count;
    code[n++] = 0;
    code[n++] = (uint8_t)length;
    memcpy(code + n, format, length);
    n += length;
    code[n++] = 0x27;
    ck_assert_ptr_null(agent_run(code, n, &machine, &value));
    return printed;
}

START_TEST(test_printf)
{
    ck_assert_str_eq(printf_of("plain 100%%", "", 0), "plain 100%");
    /* The first argument is on top. */
    ck_assert_str_eq(printf_of("a\\n\\t\\\\\\\"\\101\\e\\", "", 0), "a\n\t\\\"A\033\\");
    ck_assert_str_eq(printf_of("%d %x", "22ff2205", 2), "5 ff");
    ck_assert_str_eq(printf_of("%5d|%-5d|%05d|%+d", "2204220322022201", 4), "    1|2    |00003|+4");
    ck_assert_str_eq(printf_of("%ld %d %u", "24ffffffff24ffffffff24ffffffff", 3), "4294967295 -1 4294967295");
    ck_assert_str_eq(printf_of("%hd %hx", "24ffffffff24ffffffff", 2), "-1 ffff");
    ck_assert_str_eq(printf_of("%c%s", "230108" "2241", 2), "Atext");
    ck_assert_str_eq(printf_of("%s", "2200", 1), "(not there)");
    ck_assert_str_eq(printf_of("%p %lx", "2210" "2210", 2), "0x10 10");
    /* What is not there, and what is not known. */
    ck_assert_str_eq(printf_of("%d %n %f", "2201", 1), "1 ? ?");
    ck_assert_str_eq(printf_of("%", "", 0), "");
    ck_assert_uint_le(strlen(printf_of("%9999999999d", "2201", 1)), 160);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gdb-agent");
    TCase *tcase = tcase_create("all");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, test_good, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(tcase, test_bad, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tcase, test_printf);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
