/* SPDX-License-Identifier: MIT */
/** The gdb stub: going on, steps, breakpoints. */
#include "gdb_fixture.h"

/* LGHI 1,0; AGHI 1,1; J -4: counts for ever. */
#define COUNT "a7190000a71b0001a7f4fffe"

START_TEST(test_step)
{
    struct client *c = client_open();

    client_greet(c);
    put_program(c, COUNT);
    ck_assert_str_eq(go(c, "vCont;s:p1.1"), "T0500:0000000180000000;01:0000000000001004;11:0000000000000000;thread:p1.1;core:0;");
    ck_assert_ptr_nonnull(strstr(go(c, "s"), "01:0000000000001008;"));
    ck_assert_ptr_nonnull(strstr(go(c, "vCont;s:p1.1;c:p1.-1"), "01:0000000000001004;"));
    expect(c, "p3", "0000000000000001");
    /* A range is left by nothing: the client interrupts it. */
    client_send(c, "vCont;r1004,100c:p1.1", 21);
    client_run(c);
    ck_assert(c->running);
    gdb_receive(c->gdb, "\003", 1);
    ck_assert(!c->running);
    ck_assert_ptr_eq(strstr(client_take(c), "T02"), c->packet);
    client_close(c);
}
END_TEST

START_TEST(test_range_step)
{
    struct client *c = client_open();

    client_greet(c);
    put_program(c, COUNT);
    ck_assert_ptr_nonnull(strstr(go(c, "vCont;r1000,1008:p1.1;c"), "01:0000000000001008;"));
    expect(c, "vCont;r1000", "E16");
    expect(c, "vCont;s:p9.1", "E16");
    expect(c, "vCont;q", "E16");
    expect(c, "vCont", "E16");
    expect(c, "vCont?", "vCont;c;C;s;S;t;r");
    client_close(c);
}
END_TEST

START_TEST(test_breakpoint)
{
    struct client *c = client_open();

    client_greet(c);
    put_program(c, COUNT);
    expect(c, "Z0,1008,2", "OK");
    ck_assert_str_eq(go(c, "vCont;c"), "T0500:0000200180000000;01:0000000000001008;11:0000000000000000;thread:p1.1;core:0;swbreak:;");
    expect(c, "p3", "0000000000000001");
    /* Going on from it executes the instruction at it. */
    ck_assert_ptr_nonnull(strstr(go(c, "c"), "01:0000000000001008;"));
    expect(c, "p3", "0000000000000002");
    expect(c, "z0,1008,2", "OK");
    expect(c, "Z1,1004,4", "OK");
    ck_assert_ptr_nonnull(strstr(go(c, "vCont;c:p1.-1"), "hwbreak:;"));
    expect(c, "?", "T0500:0000200180000000;01:0000000000001004;11:0000000000000000;thread:p1.1;core:0;hwbreak:;");
    expect(c, "z1,1004,4", "OK");
    expect(c, "z1,1004,4", "OK");
    expect(c, "Z0,1008,2,", "E16");
    expect(c, "Z7,1008,2", "E16");
    expect(c, "Z0,zz,2", "E16");
    client_close(c);
}
END_TEST

START_TEST(test_condition)
{
    struct client *c = client_open();

    client_greet(c);
    put_program(c, COUNT);
    /* reg 3; const8 5; equal; end */
    expect(c, "Z0,1008,2;X7,26000322051327", "OK");
    ck_assert_ptr_nonnull(strstr(go(c, "c"), "swbreak:;"));
    expect(c, "p3", "0000000000000005");
    /* Set again, it has another: reg 3; const8 9; equal; or reg 3; const8 8; equal. */
    expect(c, "Z0,1008,2;X7,26000322091327X7,26000322081327", "OK");
    ck_assert_ptr_nonnull(strstr(go(c, "c"), "swbreak:;"));
    expect(c, "p3", "0000000000000008");
    /* One that cannot be evaluated stops, and says so. */
    expect(c, "Z0,1008,2;X1,29", "OK");
    client_send(c, "c", 1);
    client_run(c);
    ck_assert_int_eq(client_take(c)[0], 'O');
    ck_assert_ptr_nonnull(strstr(client_take(c), "swbreak:;"));
    expect(c, "p3", "0000000000000009");
    expect(c, "Z0,1008,2;X9,29", "E16");
    client_close(c);
}
END_TEST

START_TEST(test_commands)
{
    struct client *c = client_open();
    unsigned lines = 0;

    client_greet(c);
    put_program(c, COUNT);
    /* dprintf: reg 3; const8 0; const8 0; printf 1 "r1 %ld\n"; end. And a stop at ten. */
    expect(c, "Z0,1004,4;cmds:0,X14,260003220022003401000872312025" "6c640a0027", "OK");
    expect(c, "Z0,1008,2;X7,260003220a1327", "OK");
    client_send(c, "c", 1);
    client_run(c);
    while (!strncmp(client_take(c), "O7231203", 8) )
        lines++;
    ck_assert_uint_eq(lines, 10);
    ck_assert_ptr_nonnull(strstr(c->packet, "swbreak:;"));
    client_close(c);
}
END_TEST

START_TEST(test_wait_and_harness)
{
    struct client *c = client_open();

    client_greet(c);
    expect(c, "M2000,10:0002000180000000000000000000c0de", "OK");
    for (unsigned i = 1; i < 200; i++) {
        char packet[64];

        snprintf(packet, sizeof packet, "M1000,8:a739%04xb2b22000", i);
        expect(c, packet, "OK");
        expect(c, "P0=0000000180000000", "OK");
        expect(c, "P1=0000000000001000", "OK");
        expect(c, "P4=0000000000002000", "OK");
        expect(c, "P5=0000000000000000", "OK");
        ck_assert_msg(strstr(go(c, "c"), "T0500:0002000180000000;01:000000000000c0de;") == c->packet, "round %u: %s", i, c->packet);
        snprintf(packet, sizeof packet, "%016x", i);
        expect(c, "p5", packet);
    }
    client_close(c);
}
END_TEST

/* Writing the address alone of a CPU that waits makes it run from there. */
START_TEST(test_jump_from_wait)
{
    struct client *c = client_open();

    client_greet(c);
    expect(c, "M2000,10:0002000180000000000000000000c0de", "OK");
    put_program(c, "a7290007" "b2b22000");
    expect(c, "P4=0000000000002000", "OK");
    expect(c, "M1000,8:a7390007b2b22000", "OK");
    ck_assert_ptr_nonnull(strstr(go(c, "c"), "01:000000000000c0de;"));
    expect(c, "p5", "0000000000000007");
    expect(c, "P5=0000000000000000", "OK");
    ck_assert_ptr_nonnull(strstr(go(c, "c"), "01:000000000000c0de;"));
    expect(c, "p5", "0000000000000000");
    ck_assert_ptr_nonnull(strstr(go(c, "c1000"), "01:000000000000c0de;"));
    expect(c, "p5", "0000000000000007");
    client_close(c);
}
END_TEST

START_TEST(test_reverse)
{
    char problem[SIENNA_PROBLEM_BYTES] = "";
    struct client *c = client_open();

    client_greet(c);
    put_program(c, COUNT);
    go(c, "s");
    /* Nothing is kept so far: a sentence for the console, and an error. */
    ck_assert_int_eq(ask(c, "bs")[0], 'O');
    do
        client_take(c);
    while (c->packet[0] == 'O');
    ck_assert_str_eq(c->packet, "E01");
    ck_assert_msg(sienna_history_keep(c->sienna, 1 << 20, 64 << 20, problem), "%s", problem);
    for (unsigned i = 0; i < 9; i++)
        go(c, "s");
    expect(c, "p1", "0000000000001008");
    expect(c, "p3", "0000000000000005");
    ck_assert_ptr_nonnull(strstr(ask(c, "bs"), "01:0000000000001004;"));
    expect(c, "p3", "0000000000000004");
    ck_assert_ptr_nonnull(strstr(ask(c, "bs"), "01:0000000000001008;"));
    ck_assert_ptr_nonnull(strstr(go(c, "s"), "01:0000000000001004;"));
    /* Back to where the count was two, past where a condition does not hold: reg 3; const8 2; equal. */
    expect(c, "Z0,1008,2;X7,26000322021327", "OK");
    ck_assert_ptr_nonnull(strstr(ask(c, "bc"), "swbreak:;"));
    expect(c, "p3", "0000000000000002");
    expect(c, "p1", "0000000000001008");
    do
        ask(c, "bc");
    while (strstr(c->packet, "swbreak"));
    ck_assert_ptr_nonnull(strstr(c->packet, "replaylog:begin;"));
    expect(c, "p3", "0000000000000000");
    ck_assert_ptr_nonnull(strstr(ask(c, "bs"), "replaylog:begin;"));
    /* And forward again, the same way. */
    ck_assert_ptr_nonnull(strstr(go(c, "c"), "swbreak:;"));
    expect(c, "p3", "0000000000000002");
    expect(c, "bsx", "E16");
    client_close(c);
}
END_TEST

START_TEST(test_non_stop)
{
    struct client *c = client_open();

    client_greet(c);
    put_program(c, COUNT);
    expect(c, "QNonStop:1", "OK");
    expect(c, "Z0,1008,2", "OK");
    expect(c, "vCont;c:p1.-1", "OK");
    client_run(c);
    ck_assert_str_eq(client_take(c), "%Stop:T0500:0000200180000000;01:0000000000001008;11:0000000000000000;thread:p1.1;core:0;swbreak:;");
    ck_assert_ptr_eq(strstr(ask(c, "vStopped"), "T00"), c->packet);
    ck_assert_ptr_nonnull(strstr(c->packet, "thread:p1.2;"));
    expect(c, "vStopped", "OK");
    expect(c, "z0,1008,2", "OK");
    expect(c, "vCont;c", "OK");
    client_run(c);
    expect(c, "vCont;t:p1.-1", "OK");
    ck_assert_ptr_eq(strstr(client_take(c), "%Stop:T00"), c->packet);
    ck_assert(!c->running);
    expect(c, "QNonStop:2", "E16");
    client_close(c);
}
END_TEST

static void vanish(struct client *c)
{
    gdb_connected(c->gdb, false);
    c->raw_bytes = 0;
}

START_TEST(test_clients_come_and_go)
{
    struct client *c = client_open();

    /* It has not asked for anything: the machine is as it was. */
    c->running = true;
    vanish(c);
    ck_assert(c->running);
    /* It vanished: what it had stopped goes on, and its breakpoints are gone. */
    gdb_connected(c->gdb, true);
    client_greet(c);
    ck_assert(!c->running);
    put_program(c, COUNT);
    go(c, "s");
    expect(c, "Z0,1008,2", "OK");
    vanish(c);
    ck_assert(c->running);
    client_run(c);
    ck_assert(c->running);
    /* The machine stood before: it stays so. */
    c->running = false;
    gdb_connected(c->gdb, true);
    client_greet(c);
    vanish(c);
    ck_assert(!c->running);
    /* A farewell lets it go on. */
    gdb_connected(c->gdb, true);
    client_greet(c);
    expect(c, "D;1", "OK");
    ck_assert(c->running);
    expect(c, "D;1", "E16");
    ck_assert_str_eq(ask(c, "?"), "W00");
    ck_assert_ptr_eq(strstr(ask(c, "vAttach;1"), "T05"), c->packet);
    ck_assert(!c->running);
    ck_assert_ptr_eq(strstr(ask(c, "vAttach;2"), "E."), c->packet);
    expect(c, "D", "OK");
    client_close(c);
}
END_TEST

START_TEST(test_kill)
{
    struct client *c = client_open();

    client_greet(c);
    ck_assert_ptr_eq(strstr(ask(c, "vKill;2"), "E."), c->packet);
    /* An extended client may want it to start again. */
    expect(c, "vKill;1", "OK");
    ck_assert(!c->quit);
    expect(c, "?", "W00");
    client_send(c, "R00", 3);
    ck_assert_ptr_eq(strstr(ask(c, "?"), "T05"), c->packet);
    expect(c, "vKill;1", "OK");
    vanish(c);
    ck_assert(c->quit);
    c->quit = false;
    gdb_connected(c->gdb, true);
    ask(c, "?");
    client_send(c, "k", 1);
    ck_assert(c->quit);
    client_close(c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gdb-run");
    TCase *tcase = tcase_create("all");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, test_step);
    tcase_add_test(tcase, test_range_step);
    tcase_add_test(tcase, test_breakpoint);
    tcase_add_test(tcase, test_condition);
    tcase_add_test(tcase, test_commands);
    tcase_add_test(tcase, test_wait_and_harness);
    tcase_add_test(tcase, test_jump_from_wait);
    tcase_add_test(tcase, test_reverse);
    tcase_add_test(tcase, test_non_stop);
    tcase_add_test(tcase, test_clients_come_and_go);
    tcase_add_test(tcase, test_kill);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
