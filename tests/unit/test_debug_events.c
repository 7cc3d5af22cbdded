/* SPDX-License-Identifier: MIT */
/** Stops at events: interruptions, SIGP, keys, control registers, entries to guests and exits. */
#include <stdio.h>

#include "unit/debug_fixture.h"

static const uint64_t LIMIT = 400000;

/* Every entry, exit and interruption is stopped at, and nothing is moved. */
START_TEST(events_move_nothing)
{
    for (unsigned cpus = 1; cpus <= 3; cpus += 2) {
        uint64_t digest = undisturbed(cpus, LIMIT), entries = 0, interceptions = 0, host = 0, clocks = 0, exits = 0;
        unsigned entry, any_exit, diagnose, leave, clock;
        enum sienna_outcome outcome;
        struct sienna_stop stop;

        start(cpus);
        entry = stop_at(SIENNA_STOP_ENTRY, 1, 0, 0);
        diagnose = stop_at(SIENNA_STOP_EXIT, 1, 0, ICPT_INSTRUCTION);
        leave = stop_at(SIENNA_STOP_EXIT, SIENNA_ANY_GUEST, 0, -2);
        any_exit = stop_at(SIENNA_STOP_EXIT, 1, 0, -1);
        clock = stop_at(SIENNA_STOP_EXTERNAL, 0, 0, 0x1004);
        stop_at(SIENNA_STOP_EXTERNAL, 1, 0, -1);
        stop_at(SIENNA_STOP_SVC, SIENNA_ANY_GUEST, 0, -1);
        while ((outcome = sienna_run(s, LIMIT)) == SIENNA_STOPPED) {
            struct sienna_thread_info info;

            sienna_stop_reason(s, &stop);
            ck_assert_int_eq(stop.cause, SIENNA_CAUSE_STOP);
            ck_assert(sienna_thread(s, stop.thread, &info));
            ck_assert_uint_ne(stop.id, any_exit); /* others were added before and are met by each */
            if (stop.id == entry) {
                ck_assert_int_eq(stop.kind, SIENNA_STOP_ENTRY);
                ck_assert_uint_eq(stop.thread.guest, 1);
                ck_assert_uint_eq(stop.address, SD + SD_NEXT * stop.thread.cpu);
                ck_assert_int_ge(info.machine_cpu, 0);
                entries++;
            } else if (stop.id == diagnose) {
                ck_assert_uint_eq(info.cpu.psw_address, GUEST_AGAIN);
                ck_assert_int_eq(info.machine_cpu, -1);
                /* At the end of a slice the host may have been interrupted already. */
                if (thread_address(0, stop.thread.cpu) != HOST_CLOCK)
                    ck_assert_uint_eq(thread_address(0, stop.thread.cpu), HOST_COUNT);
                interceptions++;
            } else if (stop.id == leave) {
                ck_assert_int_eq(stop.number, -2);
                ck_assert_uint_eq(thread_address(0, stop.thread.cpu), HOST_SIE);
                host++;
            } else {
                ck_assert_uint_eq(stop.id, clock);
                ck_assert_uint_eq(stop.thread.guest, 0);
                ck_assert_uint_eq(info.cpu.psw_address, HOST_CLOCK);
                clocks++;
            }
        }
        ck_assert(outcome == SIENNA_RAN);
        for (unsigned n = 0; n < cpus; n++)
            exits += thread_register(0, n, SIENNA_GR, 5);
        ck_assert_uint_ge(interceptions, exits);
        ck_assert_uint_le(interceptions, exits + cpus);
        ck_assert_uint_ge(entries, interceptions + host);
        ck_assert_uint_le(entries, interceptions + host + cpus);
        ck_assert_uint_gt(clocks, 5);
        ck_assert_uint_gt(host, 0);
        ck_assert_uint_eq(release_machine(), digest);
    }
}
END_TEST

START_TEST(interruptions_of_the_program)
{
    struct sienna_stop stop;

    start_program("0a2a 0000", PSW_EA | PSW_BA);                 /* svc 42; an operation exception */
    stop_at(SIENNA_STOP_SVC, 0, 0, 41);
    stop_at(SIENNA_STOP_SVC, 0, 0, 42);
    stop_at(SIENNA_STOP_PROGRAM, 0, 0, 2);
    stop_at(SIENNA_STOP_PROGRAM, 0, 0, 1);
    stop = run_until_stop();
    ck_assert_uint_eq(stop.id, 2);
    ck_assert_int_eq(stop.number, 42);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM_NEW + 0x1c0);
    set_psw(0, PSW_EA | PSW_BA, PROGRAM + 2);
    stop = run_until_stop();
    ck_assert_uint_eq(stop.id, 4);
    ck_assert_int_eq(stop.number, 1);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM_NEW + 0x1d0);
    stop_at(SIENNA_STOP_RESTART, 0, 0, 0);
    put_bytes(PROGRAM_NEW + 0x1d0, "a7f40000");     /* j . */
    ck_assert(sienna_restart_key(s, 0, problem));
    stop = run_until_stop();
    ck_assert_int_eq(stop.kind, SIENNA_STOP_RESTART);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM_NEW + 0x1a0);
    set_psw(0, PSW_EA | PSW_BA | PSW_MACHINE_CHECK, PROGRAM_NEW + 0x1d0);
    stop_at(SIENNA_STOP_MACHINE_CHECK, 0, 0, 0);
    set_register(0, SIENNA_CR, 14, BIT64(39));
    ck_assert(sienna_machine_check(s, SIENNA_CHECK_WARNING, problem));
    stop = run_until_stop();
    ck_assert_int_eq(stop.kind, SIENNA_STOP_MACHINE_CHECK);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM_NEW + 0x1e0);
    release_machine();
}
END_TEST

START_TEST(control_registers_keys_and_orders)
{
    struct sienna_stop stop;

    /* lctlg 8,9,0x14030; lctlg the same; sske 1,2 twice with key 0x30; sigp 4,5,1 */
    start_program("eb89004000 2f eb89004000 2f b22b0012 b22b0012 ae450001 a7f40000", PSW_EA | PSW_BA);
    put64(0x40, 0x77);
    stop_at(SIENNA_STOP_CONTROL, 0, 0, 3);
    stop_at(SIENNA_STOP_CONTROL, 0, 0, 8);
    stop_at(SIENNA_STOP_KEY, 0, 0x17123, 0);
    stop_at(SIENNA_STOP_SIGP, 0, 0, 1);
    set_register(0, SIENNA_GR, 1, 0x30);
    set_register(0, SIENNA_GR, 2, 0x17000);
    stop = run_until_stop();
    ck_assert_uint_eq(stop.id, 2);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM + 6);
    stop = run_until_stop(); /* the second loads what is there already */
    ck_assert_uint_eq(stop.id, 3);
    ck_assert_int_eq(stop.number, 0x30);
    ck_assert_uint_eq(stop.address, 0x17000);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM + 0x10);
    stop = run_until_stop();
    ck_assert_uint_eq(stop.id, 4);
    ck_assert_int_eq(stop.number, 1);
    ck_assert_uint_eq(thread_address(0, 0), PROGRAM + 0x18);
    release_machine();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("events");

    tcase_add_test(tests, events_move_nothing);
    tcase_add_test(tests, interruptions_of_the_program);
    tcase_add_test(tests, control_registers_keys_and_orders);
    return run_debug_tests("events", tests);
}
