/* SPDX-License-Identifier: MIT */
/** Watched storage, and machines that a debugger makes run again and again. */
#include <stdio.h>

#include "unit/debug_fixture.h"

static const uint64_t LIMIT = 400000;

static unsigned watch(enum sienna_stop_kind kind, unsigned guest, enum sienna_space space, uint64_t address,
                      uint64_t bytes)
{
    struct sienna_stop_at where = {.kind = kind, .guest = guest, .cpu = SIENNA_ANY_CPU, .space = space,
                                   .address = address, .bytes = bytes};
    unsigned id = sienna_stop_add(s, &where, problem);

    ck_assert_msg(id != 0, "%s", problem);
    return id;
}

/* The guest's stores, by its own addresses and by the machine's; what is beside them is not meant. */
START_TEST(watching_moves_nothing)
{
    for (unsigned cpus = 1; cpus <= 3; cpus += 2) {
        uint64_t digest = undisturbed(cpus, LIMIT), hits[3] = {0}, sums = 0;
        enum sienna_outcome outcome;
        struct sienna_stop stop;

        start(cpus);
        ck_assert_uint_eq(watch(SIENNA_STOP_STORE, 1, SIENNA_LOGICAL, GUEST_DATA + 6, 4), 1);
        watch(SIENNA_STOP_FETCH, SIENNA_ANY_GUEST, SIENNA_LOGICAL, GUEST_DATA, 8);
        watch(SIENNA_STOP_ACCESS, 0, SIENNA_LOGICAL, GUEST_DATA, 8);
        watch(SIENNA_STOP_STORE, 1, SIENNA_ABSOLUTE, GUEST + GUEST_DATA + 8, 8);
        ck_assert_uint_eq(watch(SIENNA_STOP_ACCESS, SIENNA_ANY_GUEST, SIENNA_ABSOLUTE, GUEST + GUEST_DATA + 0x107,
                                1), 5);
        while ((outcome = sienna_run(s, LIMIT)) == SIENNA_STOPPED) {
            sienna_stop_reason(s, &stop);
            ck_assert(stop.store);
            ck_assert_uint_eq(stop.thread.guest, 1);
            ck_assert_uint_eq(thread_address(1, stop.thread.cpu), GUEST_EXECUTE);
            if (stop.id == 1) {
                ck_assert_uint_eq(stop.thread.cpu, 0);
                ck_assert_uint_eq(stop.address, GUEST_DATA + 6);
                hits[0]++;
            } else {
                ck_assert_uint_eq(stop.id, 5);
                ck_assert_uint_eq(stop.thread.cpu, 1);
                ck_assert_uint_eq(stop.address, GUEST + GUEST_DATA + 0x107);
                hits[1]++;
            }
        }
        ck_assert(outcome == SIENNA_RAN);
        sums = thread_register(1, 0, SIENNA_GR, 1);
        ck_assert_uint_gt(sums, 1000);
        ck_assert_uint_ge(hits[0] + 1, sums);
        ck_assert_uint_le(hits[0], sums);
        ck_assert_uint_eq(hits[1] > 1000, cpus > 1);
        ck_assert_uint_eq(release_machine(), digest);
    }
}
END_TEST

/* Whatever interrupts ends in a disabled wait. */
static void start_accesses(const char *hex)
{
    start_program(hex, PSW_EA | PSW_BA | PSW_WAIT);
    set_register(0, SIENNA_GR, 2, 0x20000);
}

START_TEST(kinds_of_accesses)
{
    struct sienna_stop stop;
    unsigned id;

    /* lg 1,0x7f8(2); mvc 0x7fc(8,2),0x100(2); ni 0x803(2),0xf; cs 4,5,0x810(2); j . */
    start_accesses("e31027f80004 d207 27fc 2100 940f2803 ba452810 a7f40000");
    watch(SIENNA_STOP_FETCH, 0, SIENNA_LOGICAL, 0x207fe, 6);
    id = watch(SIENNA_STOP_ACCESS, 0, SIENNA_ABSOLUTE, 0x20800, 4);
    watch(SIENNA_STOP_STORE, 0, SIENNA_LOGICAL, 0x20804, 0x100);
    stop = run_until_stop();                       /* lg: the two last bytes */
    ck_assert_uint_eq(stop.id, 1);
    ck_assert(!stop.store);
    ck_assert_uint_eq(stop.address, 0x207fe);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM + 6);
    stop = run_until_stop();                       /* mvc */
    ck_assert_uint_eq(stop.id, id);
    ck_assert(stop.store);
    ck_assert_uint_eq(stop.address, 0x20800);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM + 12);
    ck_assert(sienna_stop_remove(s, id));
    stop = run_until_stop();                       /* ni fetches what it changes */
    ck_assert_uint_eq(stop.id, 1);
    ck_assert_uint_eq(stop.address, 0x20803);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM + 16);
    stop = run_until_stop();                       /* cs */
    ck_assert_uint_eq(stop.id, 3);
    ck_assert_uint_eq(stop.address, 0x20810);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM + 20);
    ck_assert(sienna_run(s, sienna_now(s) + 10000) == SIENNA_RAN);
    release_machine();
}
END_TEST

/* A move that cannot be finished has moved nothing: only the interruption's own stores count. */
START_TEST(nullified_accesses_do_not_count)
{
    struct sienna_stop stop;

    /* mvc 0xffc(8,2),0(3): the source is beyond storage, the target is probed or not */
    start_accesses("d207 2ffc 3000");
    set_register(0, SIENNA_GR, 3, 0x7ffffff0);
    watch(SIENNA_STOP_ACCESS, 0, SIENNA_LOGICAL, 0x20ffc, 8);
    ck_assert(sienna_run(s, sienna_now(s) + 100000) == SIENNA_ENDED);
    sienna_stop_reason(s, &stop);
    ck_assert_int_eq(stop.cause, SIENNA_CAUSE_NONE);
    ck_assert_str_eq(sienna_end_reason(s), "disabled-wait");
    release_machine();

    start_accesses("d207 2ffc 3000");
    set_register(0, SIENNA_GR, 3, 0x7ffffff0);
    watch(SIENNA_STOP_STORE, SIENNA_ANY_GUEST, SIENNA_ABSOLUTE, 0x150, 16);
    stop = run_until_stop();                       /* the old PSW */
    ck_assert_uint_eq(stop.address, 0x150);
    release_machine();
}
END_TEST

/*
 * A device's answer is stored by the channel subsystem, for which no CPU stands: SENSE ID of the first subchannel, enabled
 * before, and a wait for its interruption.
 */
static void start_sense(void)
{
    /* llilh 1,1; stsch 0x800; oi 0x805,0x80; msch 0x800; ssch 0x900; lpswe 0x940 */
    start_program("a51e0001 b2340800 96800805 b2320800 b2330900 b2b20940", PSW_EA | PSW_BA | PSW_WAIT);
    ck_assert_msg(sienna_device_add(s, "virtio-balloon", NULL, 0, problem), "%s", problem);
    put64(0x900, 0x0080ff00);
    put64(0x908, 0xa00ULL << 32);
    put64(0xa00, 0xe420000700020001);
    put64(0x940, PSW_EA | PSW_BA | PSW_WAIT | PSW_IO);
    set_register(0, SIENNA_CR, 6, 0xff000000);
}

/* The machine goes on after the stores, as one that nobody looks at. */
static void run_sense(struct sienna_stop *stop)
{
    enum sienna_outcome outcome;
    uint64_t end = sienna_now(s) + SIENNA_SECOND;

    *stop = (struct sienna_stop){.cause = SIENNA_CAUSE_NONE};
    while ((outcome = sienna_run(s, end)) == SIENNA_IDLE && sienna_next_event(s) < end)
        sienna_skip_to(s, sienna_next_event(s));
    if (outcome == SIENNA_STOPPED)
        sienna_stop_reason(s, stop);
    else
        ck_assert_str_eq(sienna_end_reason(s), "disabled-wait"); /* the I/O interruption's */
}

START_TEST(stores_of_the_channel_subsystem)
{
    struct sienna_stop stop;
    uint64_t digest;

    start_sense();
    run_sense(&stop);
    ck_assert_int_eq(stop.cause, SIENNA_CAUSE_NONE);
    ck_assert_uint_eq(get64(0x20000), 0x00ff383205000000); /* a virtio control unit, 3832, and a balloon, 5 */
    digest = release_machine();

    start_sense();
    watch(SIENNA_STOP_FETCH, SIENNA_ANY_GUEST, SIENNA_ABSOLUTE, 0x20000, 8);
    watch(SIENNA_STOP_STORE, SIENNA_ANY_GUEST, SIENNA_ABSOLUTE, 0x20000, 1);
    watch(SIENNA_STOP_STORE, SIENNA_ANY_GUEST, SIENNA_ABSOLUTE, 0x20003, 2);
    run_sense(&stop);
    ck_assert_int_eq(stop.cause, SIENNA_CAUSE_STOP);
    ck_assert_uint_eq(stop.id, 3);
    ck_assert_uint_eq(stop.thread.guest, 0);
    ck_assert_uint_eq(stop.thread.cpu, SIENNA_ANY_CPU);
    ck_assert_uint_eq(stop.address, 0x20003);
    ck_assert(stop.store);
    run_sense(&stop);
    ck_assert_int_eq(stop.cause, SIENNA_CAUSE_NONE);
    ck_assert_uint_eq(release_machine(), digest);
}
END_TEST

/* A program that is watched as data runs. */
START_TEST(code_in_a_watched_page)
{
    struct sienna_stop stop;

    /* aghi 1,1; brct 2,.-4; stg 1,0x14100 through 3; j . */
    start_accesses("a71b0001 a726fffe e31030000024 a7f40000");
    set_register(0, SIENNA_GR, 2, 5000);
    set_register(0, SIENNA_GR, 3, PROGRAM + 0x100);
    watch(SIENNA_STOP_ACCESS, 0, SIENNA_LOGICAL, PROGRAM, 8);  /* never: instructions are no operands */
    watch(SIENNA_STOP_ACCESS, 0, SIENNA_ABSOLUTE, PROGRAM + 0x107, 1);
    stop = run_until_stop();
    ck_assert_uint_eq(stop.id, 2);
    ck_assert_uint_eq(thread_register(0, 0, SIENNA_GR, 1), 5000);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM + 14);
    release_machine();
}
END_TEST

/* What a harness does: a machine that has ended gets new code and registers, and runs to a breakpoint. */
START_TEST(ten_thousand_programs_after_the_end)
{
    uint64_t position;

    start_accesses("0000");
    ck_assert(sienna_run(s, sienna_now(s) + 100000) == SIENNA_ENDED);
    position = sienna_position(s);
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t at = 0x18000 + i % 700 * 2, value = i * 0x123456789ULL;
        struct sienna_stop stop;
        unsigned id;
        char code[64];

        /* aghi 7,i; then whatever was there, or a disabled wait each third time */
        snprintf(code, sizeof code, "a77b%04x 0000", i & 0x7fff);
        sienna_revive(s);
        put_bytes(at, code);
        set_register(0, SIENNA_GR, 7, value);
        set_register(0, SIENNA_CR, 3, value);
        set_register(0, SIENNA_PREFIX, 0, (uint64_t)(i % 2 ? 0x2000 : 0) << 32);
        put64((i % 2 ? 0x2000 : 0) + 0x1d0, PSW_EA | PSW_BA | PSW_WAIT);
        set_psw(0, PSW_EA | PSW_BA, at);
        if (i % 3) {
            id = break_at(0, at + 4);
            ck_assert(sienna_run(s, UINT64_MAX) == SIENNA_STOPPED);
            sienna_stop_reason(s, &stop);
            ck_assert_uint_eq(stop.id, id);
            ck_assert_uint_eq(thread_address(0, 0), at + 4);
            ck_assert(sienna_stop_remove(s, id));
        } else {
            ck_assert(sienna_run(s, UINT64_MAX) == SIENNA_ENDED);
            ck_assert_str_eq(sienna_end_reason(s), "disabled-wait");
        }
        ck_assert_uint_eq(thread_register(0, 0, SIENNA_GR, 7), value + (i & 0x7fff));
        ck_assert_uint_eq(thread_register(0, 0, SIENNA_CR, 3), value);
        /* Nothing but the programs' own cycles goes by. */
        ck_assert_uint_le(sienna_position(s) - position, 200);
        ck_assert_uint_gt(sienna_position(s), position);
        position = sienna_position(s);
    }
    release_machine();
}
END_TEST

/* The same of a CPU that is stopped, and of one that waits for interruptions. */
START_TEST(stopped_and_waiting_cpus_run_again)
{
    struct sienna_thread_info info;

    start_accesses("a7780001 0000");
    ck_assert(sienna_operate(s, SIENNA_STOP, 0, problem));
    ck_assert(sienna_run(s, sienna_now(s) + 1000) == SIENNA_ENDED);
    sienna_revive(s);
    set_psw(0, PSW_EA | PSW_BA, PROGRAM);
    ck_assert(sienna_operate(s, SIENNA_START, 0, problem));
    break_at(0, PROGRAM + 4);
    run_until_stop();
    set_register(0, SIENNA_CR, 0, 0xe0);
    set_psw(0, PSW_EA | PSW_BA | PSW_WAIT | PSW_EXTERNAL, PROGRAM);
    ck_assert(sienna_run(s, sienna_now(s) + 1000) == SIENNA_IDLE);
    ck_assert(sienna_thread(s, (struct sienna_thread){0, 0}, &info));
    ck_assert(info.cpu.waiting);
    set_psw(0, PSW_EA | PSW_BA, PROGRAM);
    run_until_stop();
    ck_assert_uint_eq(thread_register(0, 0, SIENNA_GR, 7), 1);
    release_machine();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("watch");

    tcase_add_test(tests, watching_moves_nothing);
    tcase_add_test(tests, kinds_of_accesses);
    tcase_add_test(tests, nullified_accesses_do_not_count);
    tcase_add_test(tests, stores_of_the_channel_subsystem);
    tcase_add_test(tests, code_in_a_watched_page);
    tcase_add_test(tests, ten_thousand_programs_after_the_end);
    tcase_add_test(tests, stopped_and_waiting_cpus_run_again);
    return run_debug_tests("watch", tests);
}
