/* SPDX-License-Identifier: MIT */
/** IPL from a disk by a boot program that is moved to the end of storage (libsienna/load_relocate.c). */
#include "unit/machine_fixture.h"

enum { STORAGE = 4 << 20, BASE = 3 << 20, DISK = 0x123, SEGMENT = 0x200, DYNAMIC = 0x280, TABLE = 0x2c0, POINTER = 0x300,
       ELF_BYTES = 0x308, SPAN = 0x1000, PARAMETER_BLOCK = 0x20000 };

static const char *program, *disk;
static uint8_t elf[ELF_BYTES];

/* lgrl %r1,POINTER; lay %r2,PARAMETER_BLOCK; lghi %r5,6; diag %r2,%r5,0x308; j . at SEGMENT */
static const uint8_t code[] = {0xc4, 0x18, 0, 0, 0, 0x80, 0xe3, 0x20, 0, 0, 0x20, 0x71,
                               0xa7, 0x59, 0, 6, 0x83, 0x25, 3, 8, 0xa7, 0xf4, 0, 0};

static void program_header(unsigned n, uint32_t type, uint64_t at, uint64_t bytes, uint64_t room)
{
    uint8_t *p = elf + 64 + 56 * n;

    put_be32(p, type);
    put_be64(p + 8, at);
    put_be64(p + 16, at);
    put_be64(p + 24, at);
    put_be64(p + 32, bytes);
    put_be64(p + 40, room);
}

static void dynamic(unsigned n, uint64_t tag, uint64_t value)
{
    put_be64(elf + DYNAMIC + 16 * n, tag);
    put_be64(elf + DYNAMIC + 16 * n + 8, value);
}

/* A position-independent program of 64-bit code whose pointer at POINTER is to become the address of 0x440. */
static void make_program(void)
{
    static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', 2, 2, 1};

    memset(elf, 0, sizeof elf);
    memcpy(elf, ident, sizeof ident);
    put_be16(elf + 16, 3);
    put_be16(elf + 18, 22);
    put_be64(elf + 24, SEGMENT);
    put_be64(elf + 32, 64);
    put_be16(elf + 54, 56);
    put_be16(elf + 56, 2);
    program_header(0, 1, 0, ELF_BYTES, SPAN);
    program_header(1, 2, DYNAMIC, 64, 64);
    memcpy(elf + SEGMENT, code, sizeof code);
    dynamic(0, 7, TABLE);
    dynamic(1, 8, 24);
    dynamic(2, 9, 24);
    put_be64(elf + TABLE, POINTER);
    put_be64(elf + TABLE + 8, 12);
    put_be64(elf + TABLE + 16, 0x440);
}

static void setup(void)
{
    static const struct sienna_options options = {.storage_bytes = STORAGE, .standby_bytes = STORAGE,
                                                  .start_tod = 1ULL << 60, .loadparm = "2"};
    static const uint8_t blocks[4096];

    make_folder("boot");
    program = file_in_folder("program");
    disk = file_in_folder("disk");
    write_file(disk, blocks, sizeof blocks);
    s = create_machine(&options);
    make_program();
    sienna_boot_program(s, program);
}

static void teardown(void)
{
    sienna_release(s);
    remove_folder();
}

static void add_disk(void)
{
    const struct sienna_setting settings[] = {{"file", disk}, {"devno", "123"}};

    ck_assert_msg(sienna_device_add(s, "virtio-blk", settings, 2, problem), "%s", problem);
}

/* IPL with what is in `elf` now; true when the program runs, else its complaint is in `problem`. */
static bool boots(void)
{
    write_file(program, elf, sizeof elf);
    if (!sienna_ipl(s, SIENNA_BOOT_DEVICE, problem))
        return false;
    s->machine.end = MACHINE_RUNNING;
    if (sienna_run(s, sienna_now(s) + SIENNA_SECOND / 20000) != SIENNA_ENDED)
        return true;
    sienna_end_text(s, problem, sizeof problem);
    return false;
}

/* At the end of configured storage, with its relocation done; it finds the first disk in the IPL parameter block. */
START_TEST(first_disk)
{
    add_disk();
    ck_assert_msg(boots(), "%s", problem);
    ck_assert_uint_eq(psw_address(0), BASE + SEGMENT + sizeof code - 4);
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 1), BASE + 0x440);
    ck_assert_uint_eq(get64(BASE + POINTER), BASE + 0x440);
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 3), 1);
    ck_assert_uint_eq(*at(PARAMETER_BLOCK + 12), 2);
    ck_assert_uint_eq(get_be16(at(PARAMETER_BLOCK + 110)), DISK);
    ck_assert_uint_eq(*at(PARAMETER_BLOCK + 16), 0xf2); /* the load parameter */
}
END_TEST

/* A load asked for by DIAGNOSE 0x308 brings it again. */
START_TEST(loaded_again)
{
    static const uint8_t load_clear[] = {0xa7, 0x59, 0, 3, 0x83, 0x25, 3, 8};

    add_disk();
    memcpy(elf + SEGMENT + 6, load_clear, sizeof load_clear);
    ck_assert_msg(boots(), "%s", problem); /* for ever */
    put64(BASE + POINTER, 0);
    ck_assert_int_eq(sienna_run(s, sienna_now(s) + SIENNA_SECOND / 20000), SIENNA_RAN);
    ck_assert_uint_eq(get64(BASE + POINTER), BASE + 0x440);
    s->no_reboot = true;
    ck_assert_int_eq(sienna_run(s, sienna_now(s) + SIENNA_SECOND / 20000), SIENNA_ENDED);
    ck_assert_int_eq(s->machine.end, MACHINE_REBOOT);
}
END_TEST

START_TEST(no_disk)
{
    ck_assert(!boots());
    ck_assert_ptr_nonnull(strstr(problem, "there is no disk"));
}
END_TEST

static void expect_complaint(const char *text)
{
    ck_assert(!boots());
    ck_assert_msg(strstr(problem, text) != NULL, "%s", problem);
    make_program();
}

START_TEST(unusable_programs)
{
    add_disk();
    elf[0] = 'x';
    expect_complaint("no ELF file");
    put_be16(elf + 16, 2);
    expect_complaint("cannot be moved");
    put_be32(elf + 64, 6);
    expect_complaint("nothing to load");
    program_header(0, 1, 0, ELF_BYTES, 4ULL << 30);
    expect_complaint("too big");
    program_header(0, 1, 0, ELF_BYTES, STORAGE);
    expect_complaint("does not fit");
    put_be64(elf + TABLE + 8, 22);
    expect_complaint("relocation of type 22");
    put_be64(elf + TABLE, SPAN - 7);
    expect_complaint("outside of its storage");
    dynamic(1, 8, 25);
    expect_complaint("no usable table");
    dynamic(0, 7, SPAN - 23);
    expect_complaint("no usable table");
    dynamic(2, 9, 16);
    expect_complaint("no usable table");
    program_header(1, 2, ELF_BYTES, 8, 8);
    expect_complaint("segment 1 is incomplete");
    ck_assert_msg(boots(), "%s", problem);
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {{first_disk, 0}, {loaded_again, 0}, {no_disk, 0}, {unusable_programs, 0}};

    return run_tests("boot program", tests, sizeof tests / sizeof *tests, setup, teardown);
}
