/* SPDX-License-Identifier: MIT */
/** The loader: formats, placement, and files that lie about themselves. */
#include "unit/machine_fixture.h"

enum { STORAGE = 4 << 20, CODE = 0x2000, ELF_BYTES = 0x200 };

static const char *path, *other;

static void setup(void)
{
    static const struct sienna_options options = {.storage_bytes = STORAGE, .start_tod = 1ULL << 60};

    make_folder("load");
    path = file_in_folder("program");
    other = file_in_folder("other");
    s = create_machine(&options);
    *problem = 0;
}

static void teardown(void)
{
    sienna_release(s);
    remove_folder();
}

static bool load(const char *kernel, const char *initrd, const char *line)
{
    struct sienna_program program = {.kernel = kernel, .initrd = initrd, .command_line = line};

    return sienna_load(s, &program, problem);
}

static void expect_problem(const char *kernel, const char *words)
{
    ck_assert(!load(kernel, NULL, NULL));
    ck_assert_msg(strstr(problem, words) != NULL, "'%s' does not say '%s'", problem, words);
    ck_assert_msg(strstr(problem, folder) != NULL, "'%s' names no file", problem);
}

/* An executable with one segment of 16 bytes at CODE, 64 in storage. */
static void make_elf(uint8_t *e, bool wide)
{
    uint8_t *p = e + (wide ? 64 : 52);

    memset(e, 0, ELF_BYTES);
    memcpy(e, "\177ELF", 4);
    e[4] = wide ? 2 : 1;
    e[5] = 2;
    put_be16(e + 16, 2);
    put_be16(e + 18, 22);
    memset(e + 0x100, 0xab, 16);
    put_be32(p, 1);
    if (wide) {
        put_be64(e + 24, CODE + 4);
        put_be64(e + 32, 64);
        put_be16(e + 54, 56);
        put_be16(e + 56, 1);
        put_be64(p + 8, 0x100);
        put_be64(p + 16, 0x999000);
        put_be64(p + 24, CODE);
        put_be64(p + 32, 16);
        put_be64(p + 40, 64);
    } else {
        put_be32(e + 24, CODE + 4);
        put_be32(e + 28, 52);
        put_be16(e + 42, 32);
        put_be16(e + 44, 1);
        put_be32(p + 4, 0x100);
        put_be32(p + 8, 0x999000);
        put_be32(p + 12, CODE);
        put_be32(p + 16, 16);
        put_be32(p + 20, 64);
    }
}

START_TEST(elf)
{
    uint8_t e[ELF_BYTES];

    make_elf(e, _i);
    write_file(path, e, sizeof e);
    memset(at(CODE), 0x55, 128);
    ck_assert_msg(load(path, NULL, NULL), "%s", problem);
    ck_assert_uint_eq(*at(CODE + 15), 0xab);
    ck_assert_uint_eq(*at(CODE + 16), 0);
    ck_assert_uint_eq(*at(CODE + 63), 0);
    ck_assert_uint_eq(*at(CODE + 64), 0x55);
    ck_assert_uint_eq(cpu(0)->ia, CODE + 4);
    ck_assert_uint_eq(cpu(0)->psw_mask, _i ? PSW_EA | PSW_BA : PSW_BA);
    ck_assert_int_eq(cpu(0)->state, CPU_OPERATING);
}
END_TEST

START_TEST(elf_has_no_parameter_area)
{
    uint8_t e[ELF_BYTES];

    make_elf(e, true);
    write_file(path, e, sizeof e);
    ck_assert(!load(path, NULL, "quiet"));
    ck_assert_ptr_nonnull(strstr(problem, "no parameter area"));
}
END_TEST

/* An ELF file that starts where Linux does and leaves the place to the parameters, has them. */
START_TEST(elf_has_parameter_area)
{
    enum { LINE = 0x10480, LINE_ROOM = 0x40, BYTES = LINE - ENTRY + LINE_ROOM };
    uint8_t *e = calloc(1, ELF_BYTES + BYTES);
    char line[LINE_ROOM + 1];

    make_elf(e, true);
    put_be64(e + 24, ENTRY);
    put_be64(e + 64 + 24, ENTRY);
    put_be64(e + 64 + 32, BYTES);
    put_be64(e + 64 + 40, BYTES);
    write_file(path, e, ELF_BYTES + BYTES);
    ck_assert_msg(load(path, NULL, "one two"), "%s", problem);
    ck_assert_str_eq((const char *)at(LINE), "one two");
    /* What does not fit is not cut. */
    memset(line, 'x', LINE_ROOM);
    line[LINE_ROOM] = 0;
    ck_assert(!load(path, NULL, line));
    ck_assert_ptr_nonnull(strstr(problem, "64 characters"));
    line[LINE_ROOM - 1] = 0;
    ck_assert_msg(load(path, NULL, line), "%s", problem);
    /* Started elsewhere, it has none; nothing on a command line is nothing. */
    put_be64(e + 24, ENTRY + 4);
    write_file(path, e, ELF_BYTES + BYTES);
    ck_assert(!load(path, NULL, "one two"));
    ck_assert_msg(load(path, NULL, ""), "%s", problem);
    free(e);
}
END_TEST

START_TEST(elf_problems)
{
    uint8_t e[ELF_BYTES];

    make_elf(e, true);
    write_file(path, e, 40);
    expect_problem(path, "truncated");
    write_file(path, e, 80);
    expect_problem(path, "truncated");
    write_file(path, e, 0x104);
    expect_problem(path, "truncated");
    put_be64(e + 64 + 24, STORAGE - 32);
    write_file(path, e, sizeof e);
    expect_problem(path, "does not fit");
    put_be64(e + 64 + 24, UINT64_MAX - 8);
    write_file(path, e, sizeof e);
    expect_problem(path, "does not fit");
    make_elf(e, true);
    put_be16(e + 18, 62);
    write_file(path, e, sizeof e);
    expect_problem(path, "not for s390x");
    make_elf(e, true);
    put_be16(e + 56, 2);
    memcpy(e + 64 + 56, e + 64, 56);
    write_file(path, e, sizeof e);
    expect_problem(path, "overlaps");
}
END_TEST

/* Whatever the bytes, loading ends with success or with one sentence, and the machine stays usable. */
START_TEST(elf_mutations)
{
    uint32_t seed = 12345 + (uint32_t)_i;
    unsigned refused = 0;

    for (unsigned round = 0; round < 300; round++) {
        uint8_t e[ELF_BYTES];

        make_elf(e, round & 1);
        for (unsigned k = 0; k < 3; k++) {
            seed = seed * 1664525 + 1013904223;
            e[(seed >> 8) % 120] = (uint8_t)(seed >> 24);
        }
        write_file(path, e, seed & 0x800000 ? sizeof e : (seed >> 10) % sizeof e);
        *problem = 0;
        if (!load(path, NULL, NULL)) {
            refused++;
            ck_assert_uint_ne(strlen(problem), 0);
        }
    }
    ck_assert_uint_gt(refused, 50);
    ck_assert_uint_lt(refused, 300);
}
END_TEST

START_TEST(list)
{
    const char *text = "* a comment\r\nother 0x00000000\n\nprogram.extra 0x20000\n";
    uint8_t image[16] = {0x00, 0x08, 0x00, 0x00, 0x80, 0x00, 0x02, 0x00};
    const char *extra = file_in_folder("program.extra");

    write_file(path, text, strlen(text));
    write_file(other, image, sizeof image);
    write_file(extra, "hello", 5);
    ck_assert_msg(load(path, NULL, NULL), "%s", problem);
    ck_assert_mem_eq(at(0x20000), "hello", 5);
    ck_assert_uint_eq(cpu(0)->ia, 0x200);
    ck_assert_uint_eq(cpu(0)->psw_mask, PSW_BA);
    ck_assert_int_eq(cpu(0)->state, CPU_OPERATING);
}
END_TEST

START_TEST(list_problems)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"* only a comment\n", "names no file"},      {"* c\nmissing 0\n", "cannot open"},
        {"* c\nother 0xzz\n", "line 2"},               {"* c\nother -1\n", "line 2"},
        {"* c\nother 0 0\n", "line 2"},                {"* c\nother ffffffffffffffff\n", "does not fit"},
        {"* c\nother 0\nother 4\n", "overlaps"},       {"* c\nother 1000\n", "PSW"},
    };

    write_file(other, "12345678", 8);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(at(0), 0, 16);
        write_file(path, cases[i].text, strlen(cases[i].text));
        ck_assert(!load(path, NULL, NULL));
        ck_assert_msg(strstr(problem, cases[i].words) != NULL, "'%s' does not say '%s'", problem, cases[i].words);
    }
}
END_TEST

START_TEST(list_mutations)
{
    uint32_t seed = 777;

    write_file(other, "\0\10\0\0\200\0\2\0", 8);
    for (unsigned round = 0; round < 300; round++) {
        char text[] = "* comment\nother 0x0\nother 0x4000\n";

        for (unsigned k = 0; k < 2; k++) {
            seed = seed * 1664525 + 1013904223;
            text[2 + (seed >> 8) % (sizeof text - 3)] = (char)(seed >> 24);
        }
        write_file(path, text, sizeof text - 1);
        *problem = 0;
        ck_assert(load(path, NULL, NULL) || *problem);
    }
}
END_TEST

START_TEST(parameters)
{
    write_kernel(path, "", 0);
    ck_assert_msg(load(path, NULL, "root=/dev/vda"), "%s", problem);
    ck_assert_str_eq((char *)at(0x10480), "root=/dev/vda");
    ck_assert_uint_eq(cpu(0)->ia, ENTRY);
    write_file(other, "ramdisk", 7);
    ck_assert(!load(path, other, NULL)); /* 8 MiB lie beyond this storage */
    ck_assert_ptr_nonnull(strstr(problem, other));
}
END_TEST

START_TEST(raw_images)
{
    struct sienna_image images[] = {{path, 0x3000, true}, {other, 0x3002, false}};
    struct sienna_program program = {.images = images, .image_count = 1};

    write_file(path, "abcd", 4);
    write_file(other, "x", 1);
    ck_assert_msg(sienna_load(s, &program, problem), "%s", problem);
    ck_assert_mem_eq(at(0x3000), "abcd", 4);
    ck_assert_uint_eq(cpu(0)->ia, 0x3000);
    program.image_count = 2;
    ck_assert(!sienna_load(s, &program, problem));
    ck_assert_ptr_nonnull(strstr(problem, "overlaps"));
    expect_problem(path, "no Linux kernel");
    expect_problem(folder, "cannot read");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load");
    TCase *c = tcase_create("load");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, elf, 0, 2);
    tcase_add_test(c, elf_has_no_parameter_area);
    tcase_add_test(c, elf_has_parameter_area);
    tcase_add_test(c, elf_problems);
    tcase_add_loop_test(c, elf_mutations, 0, 2);
    tcase_add_test(c, list);
    tcase_add_test(c, list_problems);
    tcase_add_test(c, list_mutations);
    tcase_add_test(c, parameters);
    tcase_add_test(c, raw_images);
    tcase_set_timeout(c, 60);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
