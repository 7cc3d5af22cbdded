/* SPDX-License-Identifier: MIT */
/** Guests and their threads: who is known, and what of them can be seen and altered. */
#include <stdio.h>

#include "cpu/guests.h"
#include "unit/debug_fixture.h"

static const uint64_t LIMIT = 4000000;

static void run_to(enum sienna_stop_kind kind, unsigned guest, uint64_t address)
{
    unsigned id = stop_at(kind, guest, address, -1);

    ck_assert(sienna_run(s, LIMIT) == SIENNA_STOPPED);
    ck_assert(sienna_stop_remove(s, id));
}

START_TEST(guests_are_known_once_entered)
{
    struct sienna_guest g;
    struct sienna_thread_info info;

    start(2);
    ck_assert(sienna_guest(s, 0, &g));
    ck_assert_uint_eq(g.level, 1);
    ck_assert_uint_eq(g.cpus, 2);
    ck_assert(!sienna_guest(s, 1, &g));
    ck_assert(!sienna_thread(s, (struct sienna_thread){1, 0}, &info));
    ck_assert(sienna_run(s, 20000) == SIENNA_RAN);
    ck_assert(sienna_guest(s, 1, &g));
    ck_assert_uint_eq(g.number, 1);
    ck_assert_uint_eq(g.level, 2);
    ck_assert_uint_eq(g.parent, 0);
    ck_assert_uint_eq(g.cpus, 2); /* one system control area: one guest */
    ck_assert_uint_eq(g.control_area, SCA);
    ck_assert_uint_eq(g.origin, ORIGIN);
    ck_assert_uint_eq(g.limit, 0xfffff);
    ck_assert_str_eq(g.name, "level 2, SCA 0000000000036000");
    ck_assert(!sienna_guest(s, 2, &g));
    for (unsigned n = 0; n < 2; n++) {
        ck_assert(sienna_thread(s, (struct sienna_thread){1, n}, &info));
        ck_assert_uint_eq(info.description, SD + n * SD_NEXT);
    }
    ck_assert(!sienna_thread(s, (struct sienna_thread){1, 2}, &info));
    ck_assert(!sienna_thread(s, (struct sienna_thread){0, 2}, &info));
    /* A reset forgets them, and numbers are not used twice. */
    ck_assert(sienna_operate(s, SIENNA_RESET_NORMAL, 0, problem));
    ck_assert(!sienna_guest(s, 1, &g));
    start_cpu(0);
    ck_assert(sienna_run(s, sienna_now(s) + 20000) == SIENNA_RAN);
    ck_assert(sienna_guest(s, 1, &g));
    ck_assert_uint_eq(g.number, 2);
    release_machine();
}
END_TEST

/* The host's registers while its guest is interpreted, and the guest's while it is not. */
START_TEST(registers_of_both_sides)
{
    uint8_t raw[SIENNA_REGISTER_BYTES] = {0};
    struct sienna_thread_info info;
    uint64_t gr1;

    start(1);
    run_to(SIENNA_STOP_INSTRUCTION, 1, GUEST_DIAGNOSE);
    ck_assert(sienna_thread(s, (struct sienna_thread){0, 0}, &info));
    ck_assert_uint_eq(info.cpu.psw_address, HOST_SIE);
    ck_assert(!info.cpu.interpreting);
    ck_assert_uint_eq(thread_register(0, 0, SIENNA_GR, 14), SD);
    ck_assert_uint_eq(thread_register(1, 0, SIENNA_GR, 14), 0);
    ck_assert_uint_eq(thread_register(0, 0, SIENNA_CR, 1), SEGMENTS);
    ck_assert_uint_eq(thread_register(1, 0, SIENNA_CR, 1), 0);
    ck_assert_uint_eq(thread_register(0, 0, SIENNA_PSW, 0), PSW_EA | PSW_BA | PSW_EXTERNAL);
    ck_assert(sienna_thread(s, (struct sienna_thread){1, 0}, &info));
    ck_assert_int_eq(info.machine_cpu, 0);
    ck_assert(info.alterable && info.registers);
    gr1 = thread_register(1, 0, SIENNA_GR, 1);
    ck_assert_uint_eq(gr1 % 16, 0);

    /* GR 15 of each is its own; GR 9 is shared. */
    put_be64(raw, 0x1234);
    ck_assert(sienna_thread_register_write(s, (struct sienna_thread){0, 0}, SIENNA_GR, 15, raw, problem));
    put_be64(raw, 0x5678);
    ck_assert(sienna_thread_register_write(s, (struct sienna_thread){1, 0}, SIENNA_GR, 15, raw, problem));
    put_be64(raw, 0x9abc);
    ck_assert(sienna_thread_register_write(s, (struct sienna_thread){1, 0}, SIENNA_GR, 9, raw, problem));

    run_to(SIENNA_STOP_INSTRUCTION, 0, HOST_COUNT);
    ck_assert_uint_eq(thread_register(0, 0, SIENNA_GR, 15), 0x1234);
    ck_assert(sienna_thread(s, (struct sienna_thread){1, 0}, &info));
    ck_assert_int_eq(info.machine_cpu, -1);
    ck_assert(info.registers && !info.alterable);
    ck_assert_uint_eq(info.cpu.psw_address, GUEST_AGAIN);
    ck_assert_uint_eq(thread_register(1, 0, SIENNA_GR, 15), 0x5678);
    ck_assert_uint_eq(thread_register(1, 0, SIENNA_GR, 1), gr1);
    ck_assert_uint_eq(thread_register(1, 0, SIENNA_GR, 9), 0x9abc);
    /* The host changes what it shares; the guest's is as it was. */
    set_register(0, SIENNA_GR, 9, 7);
    ck_assert_uint_eq(thread_register(1, 0, SIENNA_GR, 9), 0x9abc);
    ck_assert_uint_eq(thread_register(0, 0, SIENNA_GR, 9), 7);
    put_be64(raw, 1);
    ck_assert(!sienna_thread_register_write(s, (struct sienna_thread){1, 0}, SIENNA_GR, 9, raw, problem));
    ck_assert_str_eq(problem, "the guest is not being interpreted: its host has this register");
    /* What its description holds can be altered: it begins anew. */
    put_be64(raw, PSW_EA | PSW_BA);
    put_be64(raw + 8, GUEST_EXECUTE);
    ck_assert(sienna_thread_register_write(s, (struct sienna_thread){1, 0}, SIENNA_PSW, 0, raw, problem));
    run_to(SIENNA_STOP_ENTRY, 1, 0);
    ck_assert_uint_eq(thread_address(1, 0), GUEST_EXECUTE);
    ck_assert(!sienna_thread_register_read(s, (struct sienna_thread){2, 0}, SIENNA_GR, 0, raw));
    ck_assert(!sienna_thread_register_read(s, (struct sienna_thread){1, 0}, SIENNA_GR, 16, raw));
    release_machine();
}
END_TEST

/* By all kinds of addresses, whether the guest is interpreted or not. */
START_TEST(storage_of_both_sides)
{
    const struct sienna_thread host = {0, 0}, guest = {1, 0};
    uint8_t raw[8], other[8];

    start(1);
    for (unsigned interpreted = 0; interpreted < 2; interpreted++) {
        struct sienna_translation t;

        run_to(SIENNA_STOP_INSTRUCTION, interpreted ? 1 : 0, interpreted ? GUEST_TEST : HOST_COUNT);
        ck_assert_uint_eq(sienna_thread_storage_read(s, guest, SIENNA_ABSOLUTE, GUEST_COUNT, raw, 8), 8);
        ck_assert_uint_eq(get_be32(raw), 0xa71b0001);
        ck_assert_uint_eq(sienna_thread_storage_read(s, guest, SIENNA_LOGICAL, GUEST_COUNT, raw, 4), 4);
        ck_assert_uint_eq(get_be32(raw), 0xa71b0001);
        ck_assert_uint_eq(sienna_thread_storage_read(s, host, SIENNA_PRIMARY, ORIGIN + GUEST_COUNT, raw, 4), 4);
        ck_assert_uint_eq(get_be32(raw), 0xa71b0001);
        ck_assert_uint_eq(sienna_thread_storage_read(s, host, SIENNA_LOGICAL, HOST_SIE, raw, 4), 4);
        ck_assert_uint_eq(get_be32(raw), 0xb214e000);
        ck_assert_uint_eq(sienna_thread_storage_read(s, host, SIENNA_ABSOLUTE, HOST_SIE, raw, 4), 4);
        ck_assert_uint_eq(get_be32(raw), 0xb214e000);
        /* The guest ends at its limit. */
        ck_assert_uint_eq(sienna_thread_storage_read(s, guest, SIENNA_ABSOLUTE, 0xffffc, raw, 8), 4);
        ck_assert(!sienna_thread_storage_write(s, guest, SIENNA_ABSOLUTE, 0xffffc, raw, 8));
        put_be64(raw, 0x0123456789abcdefULL + interpreted);
        ck_assert(sienna_thread_storage_write(s, guest, SIENNA_REAL, 0x5ffc, raw, 8));
        ck_assert_uint_eq(sienna_storage_read(s, 0, SIENNA_ABSOLUTE, GUEST + 0x5ffc, other, 8), 8);
        ck_assert_mem_eq(raw, other, 8);
        ck_assert(sienna_thread_translate(s, guest, SIENNA_ABSOLUTE, 0x5000, &t));
        ck_assert_uint_eq(t.absolute, GUEST + 0x5000);
    }
    release_machine();
}
END_TEST

START_TEST(descriptions)
{
    const struct sienna_thread guest = {1, 0};
    struct sienna_description_field field;
    unsigned ictl = 0;

    start(1);
    run_to(SIENNA_STOP_INSTRUCTION, 0, HOST_COUNT);
    for (unsigned i = 0; sienna_thread_description_field(s, guest, i, &field); i++)
        if (!strcmp(field.name, "ICTL"))
            ictl = i;
    ck_assert_uint_gt(ictl, 0);
    ck_assert(!sienna_thread_description_field(s, (struct sienna_thread){0, 0}, ictl, &field));
    ck_assert(!sienna_thread_description_write(s, guest, ictl, 1ULL << 32, problem));
    ck_assert_str_eq(problem, "ICTL has 4 bytes");
    ck_assert(!sienna_thread_description_write(s, guest, 999, 0, problem));
    ck_assert(sienna_thread_description_write(s, guest, ictl, 0x00400000, problem));
    ck_assert(sienna_thread_description_field(s, guest, ictl, &field));
    ck_assert_str_eq(field.words, "LPSW");
    release_machine();
}
END_TEST

/* Guests without a control area are told apart by where they are; level 3 by who runs it. */
START_TEST(guests_of_all_kinds)
{
    struct sienna_guest g;

    start(2);
    put64(SD + SD_SCA_LOW - 4, 0);
    put64(SD + SD_NEXT + SD_SCA_LOW - 4, 0);
    put64(SD + SD_NEXT + SD_MSO, 0);
    put64(SEGMENTS, PAGES);
    put64(SD + SD_NEXT + SD_MSL, 0);
    ck_assert(sienna_run(s, 20000) == SIENNA_RAN);
    ck_assert(sienna_guest(s, 1, &g));
    ck_assert_uint_eq(g.origin, ORIGIN);
    ck_assert_str_eq(g.name, "level 2, ASCE 0000000000040000");
    ck_assert(sienna_guest(s, 2, &g));
    ck_assert_uint_eq(g.origin, 0);
    release_machine();

    /* The guest issues SIE, and its host carries it out with a description of its own. */
    start(1);
    put_bytes(GUEST + GUEST_DIAGNOSE, "b2140000");
    run_to(SIENNA_STOP_INSTRUCTION, 0, HOST_COUNT);
    describe_guest_cpu(1);
    put64(SD + SD_NEXT + SD_HOST_PROGRAM, 5ULL << 56);
    put64(SD + SD_NEXT + SD_SCA_LOW - 4, SCA + 0x1000);
    set_register(0, SIENNA_GR, 14, SD + SD_NEXT);
    run_to(SIENNA_STOP_ENTRY, SIENNA_ANY_GUEST, 0);
    ck_assert(sienna_guest(s, 2, &g));
    ck_assert_uint_eq(g.level, 3);
    ck_assert_uint_eq(g.parent, 1);
    ck_assert_str_eq(g.name, "level 3, SCA 0000000000037000");
    release_machine();
}
END_TEST

/* A host that describes ever new guests: the oldest are forgotten, those that run are not. */
START_TEST(too_many_guests)
{
    struct sienna_guest g;
    unsigned known = 0;

    start(1);
    run_to(SIENNA_STOP_INSTRUCTION, 0, HOST_COUNT);
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t at = 0x400000 + i * 0x400ULL;
        uint8_t copy[SD_BYTES];

        sienna_storage_read(s, 0, SIENNA_ABSOLUTE, SD, copy, sizeof copy);
        put_be64(copy + SD_SCA_LOW - 4, 0x800000 + (i % 2 ? i : 0) * 0x1000ULL);
        ck_assert(sienna_storage_write(s, 0, SIENNA_ABSOLUTE, at, copy, sizeof copy));
        set_register(0, SIENNA_GR, 14, at);
        run_to(SIENNA_STOP_INSTRUCTION, 0, HOST_COUNT);
    }
    while (sienna_guest(s, known, &g))
        known++;
    ck_assert_uint_eq(known, GUESTS_MOST + 1);
    ck_assert_uint_eq(g.number, 502); /* the last that was described */
    /* That with ever new virtual CPUs is the second. */
    for (unsigned i = 1; sienna_guest(s, i, &g); i++)
        ck_assert_uint_eq(g.number, i == 1 ? 2 : 502 - GUESTS_MOST + i);
    release_machine();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("threads");

    tcase_add_test(tests, guests_are_known_once_entered);
    tcase_add_test(tests, registers_of_both_sides);
    tcase_add_test(tests, storage_of_both_sides);
    tcase_add_test(tests, descriptions);
    tcase_add_test(tests, guests_of_all_kinds);
    tcase_add_test(tests, too_many_guests);
    return run_debug_tests("threads", tests);
}
