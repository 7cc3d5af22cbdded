/* SPDX-License-Identifier: MIT */
/** The gdb stub: going on, steps, breakpoints. */
#include "gdb_fixture.h"

/* LGHI 1,0; AGHI 1,1; J -4: counts for ever. */
#define COUNT "a7190000a71b0001a7f4fffe"

START_TEST(test_step)
{
    put_program(COUNT);
    ck_assert_str_eq(go("vCont;s:p1.1"), "T0500:0000000180000000;01:0000000000001004;11:0000000000000000;thread:p1.1;core:0;");
    ck_assert_ptr_nonnull(strstr(go("s"), "01:0000000000001008;"));
    ck_assert_ptr_nonnull(strstr(go("vCont;s:p1.1;c:p1.-1"), "01:0000000000001004;"));
    expect("p3", "0000000000000001");
    /* A range is left by nothing: the client interrupts it. */
    client_send("vCont;r1004,100c:p1.1", 21);
    client_run();
    ck_assert(c->running);
    gdb_receive(c->gdb, "\003", 1);
    ck_assert(!c->running);
    ck_assert_ptr_eq(strstr(client_take(), "T02"), c->packet);
}
END_TEST

/* With signals, which are ignored, with addresses, and interrupted. */
START_TEST(test_ways_to_go)
{
    put_program(COUNT);
    ck_assert_ptr_nonnull(strstr(go("S05"), "01:0000000000001004;"));
    ck_assert_ptr_nonnull(strstr(go("S0b;1000"), "01:0000000000001004;"));
    ck_assert_ptr_nonnull(strstr(go("vCont;S05:p1.1;C05"), "01:0000000000001008;"));
    expect("Z1,1004,4", "OK");
    ck_assert_ptr_nonnull(strstr(go("C05"), "hwbreak:;"));
    ck_assert_ptr_nonnull(strstr(go("C05;1000"), "01:0000000000001004;"));
    ck_assert_ptr_nonnull(strstr(go("vCont;C0b:p1.-1"), "hwbreak:;"));
    expect("z1,1004,4", "OK");
    expect("C", "E16");
    expect("Czz", "E16");
    expect("S05;zz", "E16");
    expect("s10;5", "E16");
    expect("vCont;C:p1.1", "E16");
    client_send("c", 1);
    client_run();
    expect("vCtrlC", "OK");
    ck_assert_ptr_eq(strstr(client_take(), "T02"), c->packet);
    ck_assert(!c->running);
    expect("vCtrlC", "OK"); /* it stands already */
    ck_assert_str_eq(client_take(), "");
}
END_TEST

START_TEST(test_range_step)
{
    put_program(COUNT);
    ck_assert_ptr_nonnull(strstr(go("vCont;r1000,1008:p1.1;c"), "01:0000000000001008;"));
    expect("vCont;r1000", "E16");
    expect("vCont;s:p9.1", "E16");
    expect("vCont;q", "E16");
    expect("vCont", "E16");
    expect("vCont?", "vCont;c;C;s;S;t;r");
}
END_TEST

START_TEST(test_breakpoint)
{
    put_program(COUNT);
    expect("Z0,1008,2", "OK");
    ck_assert_str_eq(go("vCont;c"), "T0500:0000200180000000;01:0000000000001008;11:0000000000000000;thread:p1.1;core:0;swbreak:;");
    expect("p3", "0000000000000001");
    /* Going on from it executes the instruction at it. */
    ck_assert_ptr_nonnull(strstr(go("c"), "01:0000000000001008;"));
    expect("p3", "0000000000000002");
    expect("z0,1008,2", "OK");
    expect("Z1,1004,4", "OK");
    ck_assert_ptr_nonnull(strstr(go("vCont;c:p1.-1"), "hwbreak:;"));
    expect("?", "T0500:0000200180000000;01:0000000000001004;11:0000000000000000;thread:p1.1;core:0;hwbreak:;");
    expect("z1,1004,4", "OK");
    expect("z1,1004,4", "OK");
    expect("Z0,1008,2,", "E16");
    expect("Z7,1008,2", "E16");
    expect("Z0,zz,2", "E16");
}
END_TEST

START_TEST(test_condition)
{
    put_program(COUNT);
    /* reg 3; const8 5; equal; end */
    expect("Z0,1008,2;X7,26000322051327", "OK");
    ck_assert_ptr_nonnull(strstr(go("c"), "swbreak:;"));
    expect("p3", "0000000000000005");
    /* Set again, it has another: reg 3; const8 9; equal; or reg 3; const8 8; equal. */
    expect("Z0,1008,2;X7,26000322091327X7,26000322081327", "OK");
    ck_assert_ptr_nonnull(strstr(go("c"), "swbreak:;"));
    expect("p3", "0000000000000008");
    /* One that cannot be evaluated stops, and says so. */
    expect("Z0,1008,2;X1,29", "OK");
    client_send("c", 1);
    client_run();
    ck_assert_int_eq(client_take()[0], 'O');
    ck_assert_ptr_nonnull(strstr(client_take(), "swbreak:;"));
    expect("p3", "0000000000000009");
    expect("Z0,1008,2;X9,29", "E16");
}
END_TEST

START_TEST(test_commands)
{
    unsigned lines = 0;

    put_program(COUNT);
    /* dprintf: reg 3; const8 0; const8 0; printf 1 "r1 %ld\n"; end. And a stop at ten. */
    expect("Z0,1004,4;cmds:0,X14,260003220022003401000872312025" "6c640a0027", "OK");
    expect("Z0,1008,2;X7,260003220a1327", "OK");
    client_send("c", 1);
    client_run();
    while (!strncmp(client_take(), "O7231203", 8) )
        lines++;
    ck_assert_uint_eq(lines, 10);
    ck_assert_ptr_nonnull(strstr(c->packet, "swbreak:;"));
}
END_TEST

START_TEST(test_wait_and_harness)
{
    expect("M2000,10:0002000180000000000000000000c0de", "OK");
    for (unsigned i = 1; i < 200; i++) {
        char packet[64];

        snprintf(packet, sizeof packet, "M1000,8:a739%04xb2b22000", i);
        expect(packet, "OK");
        expect("P0=0000000180000000", "OK");
        expect("P1=0000000000001000", "OK");
        expect("P4=0000000000002000", "OK");
        expect("P5=0000000000000000", "OK");
        ck_assert_msg(strstr(go("c"), "T0500:0002000180000000;01:000000000000c0de;") == c->packet, "round %u: %s", i, c->packet);
        snprintf(packet, sizeof packet, "%016x", i);
        expect("p5", packet);
    }
}
END_TEST

/* Writing the address alone of a CPU that waits makes it run from there. */
START_TEST(test_jump_from_wait)
{
    expect("M2000,10:0002000180000000000000000000c0de", "OK");
    put_program("a7290007" "b2b22000");
    expect("P4=0000000000002000", "OK");
    expect("M1000,8:a7390007b2b22000", "OK");
    ck_assert_ptr_nonnull(strstr(go("c"), "01:000000000000c0de;"));
    expect("p5", "0000000000000007");
    expect("P5=0000000000000000", "OK");
    ck_assert_ptr_nonnull(strstr(go("c"), "01:000000000000c0de;"));
    expect("p5", "0000000000000000");
    ck_assert_ptr_nonnull(strstr(go("c1000"), "01:000000000000c0de;"));
    expect("p5", "0000000000000007");
}
END_TEST

START_TEST(test_reverse)
{
    char problem[SIENNA_PROBLEM_BYTES] = "";

    put_program(COUNT);
    go("s");
    /* Nothing is kept so far: a sentence for the console, and an error. */
    ck_assert_int_eq(ask("bs")[0], 'O');
    do
        client_take();
    while (c->packet[0] == 'O');
    ck_assert_str_eq(c->packet, "E01");
    ck_assert_msg(sienna_history_keep(c->sienna, 1 << 20, 64 << 20, problem), "%s", problem);
    for (unsigned i = 0; i < 9; i++)
        go("s");
    expect("p1", "0000000000001008");
    expect("p3", "0000000000000005");
    ck_assert_ptr_nonnull(strstr(ask("bs"), "01:0000000000001004;"));
    expect("p3", "0000000000000004");
    ck_assert_ptr_nonnull(strstr(ask("bs"), "01:0000000000001008;"));
    ck_assert_ptr_nonnull(strstr(go("s"), "01:0000000000001004;"));
    /* Back to where the count was two, past where a condition does not hold: reg 3; const8 2; equal. */
    expect("Z0,1008,2;X7,26000322021327", "OK");
    ck_assert_ptr_nonnull(strstr(ask("bc"), "swbreak:;"));
    expect("p3", "0000000000000002");
    expect("p1", "0000000000001008");
    do
        ask("bc");
    while (strstr(c->packet, "swbreak"));
    ck_assert_ptr_nonnull(strstr(c->packet, "replaylog:begin;"));
    expect("p3", "0000000000000000");
    ck_assert_ptr_nonnull(strstr(ask("bs"), "replaylog:begin;"));
    /* And forward again, the same way. */
    ck_assert_ptr_nonnull(strstr(go("c"), "swbreak:;"));
    expect("p3", "0000000000000002");
    expect("bsx", "E16");
}
END_TEST

START_TEST(test_non_stop)
{
    put_program(COUNT);
    expect("QNonStop:1", "OK");
    expect("Z0,1008,2", "OK");
    expect("vCont;c:p1.-1", "OK");
    client_run();
    ck_assert_str_eq(client_take(), "%Stop:T0500:0000200180000000;01:0000000000001008;11:0000000000000000;thread:p1.1;core:0;swbreak:;");
    ck_assert_ptr_eq(strstr(ask("vStopped"), "T00"), c->packet);
    ck_assert_ptr_nonnull(strstr(c->packet, "thread:p1.2;"));
    expect("vStopped", "OK");
    expect("z0,1008,2", "OK");
    expect("vCont;c", "OK");
    client_run();
    expect("vCont;t:p1.-1", "OK");
    ck_assert_ptr_eq(strstr(client_take(), "%Stop:T00"), c->packet);
    ck_assert(!c->running);
    expect("QNonStop:2", "E16");
}
END_TEST

/* Threads are told of once each, whoever the client lets run: it believes that the others stand. */
START_TEST(test_non_stop_threads)
{
    put_program(COUNT);
    expect("QNonStop:1", "OK");
    /* One that stands when the client comes is told at once, the other when it is wanted. */
    ck_assert_ptr_eq(strstr(ask("?"), "T05"), c->packet);
    ck_assert_ptr_nonnull(strstr(c->packet, "thread:p1.1;"));
    expect("vStopped", "OK");
    expect("vCont;t:p1.2", "OK");
    ck_assert_ptr_eq(strstr(client_take(), "%Stop:T00"), c->packet);
    ck_assert_ptr_nonnull(strstr(c->packet, "thread:p1.2;"));
    expect("vStopped", "OK");
    expect("vCont;t:p1.-1", "OK");
    ck_assert_str_eq(client_take(), "");
    /* CPU 0 alone is let go, as the client sees it. */
    expect("Z0,1008,2", "OK");
    expect("vCont;c:p1.1", "OK");
    client_run();
    ck_assert_ptr_nonnull(strstr(client_take(), "thread:p1.1;core:0;swbreak:;"));
    expect("vStopped", "OK");
    /* It stops again while it is believed to stand, and before the last notice is fetched. */
    expect("vCont;c:p1.2", "OK");
    client_run();
    ck_assert_ptr_nonnull(strstr(client_take(), "%Stop:T05"));
    ck_assert_ptr_nonnull(strstr(c->packet, "thread:p1.1;core:0;swbreak:;"));
    expect("vCont;c:p1.1", "OK");
    client_run();
    ck_assert_str_eq(client_take(), "");
    ck_assert_ptr_nonnull(strstr(ask("vStopped"), "T00"));
    ck_assert_ptr_nonnull(strstr(c->packet, "thread:p1.2;"));
    ck_assert_ptr_nonnull(strstr(ask("vStopped"), "swbreak:;"));
    expect("vStopped", "OK");
    expect("vStopped", "OK");
}
END_TEST

/* LA 1,1(0,1); ST 1,0(0,4); MVI 4(4),7; J back to the first. */
#define STORES "41101001" "50104000" "92074004" "a7f4fffa"

static unsigned lines(void)
{
    unsigned n = 0;

    for (client_take(); c->packet[0] == 'O' && c->packet[1] != 'K'; client_take())
        n++;
    return n;
}

/* A line for the console says who stored, but not where GDB goes on silently since nothing has become another. */
START_TEST(test_watch)
{
    put_program(STORES);
    expect("P6=0000000000003000", "OK");
    expect("Z2,3000,8", "OK");
    for (unsigned i = 0; i < 4; i++) {
        client_send("c", 1);
        client_run();
        /* ST, the first MVI, ST, and an MVI of what is there. */
        ck_assert_uint_eq(lines(), i == 3 ? 0 : 1);
        ck_assert_ptr_nonnull(strstr(c->packet, i % 2 ? "watch:3004;" : "watch:3000;"));
    }
    expect("z2,3000,8", "OK");
    /* Nobody fetches anything. */
    expect("Z3,3000,8", "OK");
    client_send("c", 1);
    client_run();
    ck_assert(c->running);
    gdb_receive(c->gdb, "\003", 1);
    ck_assert_uint_eq(lines(), 0);
    expect("z3,3000,8", "OK");
    /* Of fetches and of long ranges there is always one. */
    expect("Z4,3004,4", "OK");
    client_send("c", 1);
    client_run();
    client_send("c", 1);
    client_run();
    ck_assert_uint_eq(lines(), 1);
    ck_assert_uint_eq(lines(), 1);
    ck_assert_ptr_nonnull(strstr(c->packet, "awatch:3004;"));
}
END_TEST

/* A machine that runs backwards stands before the store, where the value is the older one. */
START_TEST(test_reverse_watch)
{
    char problem[SIENNA_PROBLEM_BYTES] = "";

    put_program(STORES);
    expect("P6=0000000000003000", "OK");
    ck_assert_msg(sienna_history_keep(c->sienna, 1 << 20, 64 << 20, problem), "%s", problem);
    for (unsigned i = 0; i < 12; i++)
        go("s");
    expect("m3000,5", "0000000307");
    expect("Z2,3000,4", "OK");
    for (unsigned value = 3; value--;) {
        char word[16];

        client_send("bc", 2);
        ck_assert_uint_eq(lines(), 1);
        ck_assert_ptr_nonnull(strstr(c->packet, "01:0000000000001004;"));
        ck_assert_ptr_nonnull(strstr(c->packet, "watch:3000;"));
        snprintf(word, sizeof word, "%08x", value);
        expect("m3000,4", word);
    }
    ck_assert_ptr_nonnull(strstr(ask("bc"), "replaylog:begin;"));
    ck_assert_ptr_nonnull(strstr(go("c"), "01:0000000000001008;"));
    expect("m3000,4", "00000001");
}
END_TEST

static void vanish(void)
{
    gdb_connected(c->gdb, false);
    c->raw_bytes = 0;
}

START_TEST(test_clients_come_and_go)
{
    /* It has not asked for anything: the machine is as it was. */
    c->running = true;
    vanish();
    ck_assert(c->running);
    /* It vanished: what it had stopped goes on, and its breakpoints are gone. */
    gdb_connected(c->gdb, true);
    client_greet();
    ck_assert(!c->running);
    put_program(COUNT);
    go("s");
    expect("Z0,1008,2", "OK");
    vanish();
    ck_assert(c->running);
    client_run();
    ck_assert(c->running);
    /* The machine stood before: it stays so. */
    c->running = false;
    gdb_connected(c->gdb, true);
    client_greet();
    vanish();
    ck_assert(!c->running);
    /* A farewell lets it go on. */
    gdb_connected(c->gdb, true);
    client_greet();
    expect("D;1", "OK");
    ck_assert(c->running);
    expect("D;1", "E16");
    ck_assert_str_eq(ask("?"), "W00");
    ck_assert_ptr_eq(strstr(ask("vAttach;1"), "T05"), c->packet);
    ck_assert(!c->running);
    ck_assert_ptr_eq(strstr(ask("vAttach;2"), "E."), c->packet);
    expect("D", "OK");
}
END_TEST

/* On a terminal nobody says that a client has gone: who begins to agree anew is another one. */
START_TEST(test_silent_clients)
{
    client_greet();
    put_program(COUNT);
    go("s");
    expect("Z0,1008,2", "OK");
    ask("qSupported:multiprocess+"); /* by one that is known to be the same */
    ck_assert_ptr_nonnull(strstr(go("c"), "swbreak:;"));
    ck_assert_ptr_nonnull(strstr(go("s"), "01:0000000000001004;"));
    gdb_release(c->gdb);
    c->gdb = NULL;
    client_connect(true);
    client_greet();
    expect("Z0,1008,2", "OK");
    c->raw_bytes = 0;
    ask("qSupported:multiprocess+");
    /* Acknowledged, as all is until the client does not want it; the machine stands as at first. */
    ck_assert_ptr_nonnull(strstr(c->packet, "PacketSize="));
    expect("QStartNoAckMode", "OK");
    expect("?", "T0500:0000200180000000;01:0000000000001004;11:0000000000000000;thread:p1.1;core:0;");
    client_send("c", 1);
    client_run();
    ck_assert(c->running);
    /* Nor would it be seen to go after it has killed the machine. */
    expect("!", "OK");
    ck_assert(!c->quit);
    client_send("k", 1);
    ck_assert(c->quit);
}
END_TEST

START_TEST(test_kill)
{
    ck_assert_ptr_eq(strstr(ask("vKill;2"), "E."), c->packet);
    /* An extended client may want it to start again. */
    expect("vKill;1", "OK");
    ck_assert(!c->quit);
    expect("?", "W00");
    expect("D;2", "OK"); /* a guest's process has gone with the machine's */
    client_send("R00", 3);
    ck_assert_ptr_eq(strstr(ask("?"), "T05"), c->packet);
    expect("vKill;1", "OK");
    vanish();
    ck_assert(c->quit);
    c->quit = false;
    gdb_connected(c->gdb, true);
    ask("?");
    client_send("k", 1);
    ck_assert(c->quit);
}
END_TEST

int main(void)
{
    TCase *new = client_tests("new", false), *greeted = client_tests("greeted", true);

    tcase_add_test(greeted, test_step);
    tcase_add_test(greeted, test_ways_to_go);
    tcase_add_test(greeted, test_range_step);
    tcase_add_test(greeted, test_breakpoint);
    tcase_add_test(greeted, test_condition);
    tcase_add_test(greeted, test_commands);
    tcase_add_test(greeted, test_wait_and_harness);
    tcase_add_test(greeted, test_jump_from_wait);
    tcase_add_test(greeted, test_reverse);
    tcase_add_test(greeted, test_non_stop);
    tcase_add_test(greeted, test_non_stop_threads);
    tcase_add_test(greeted, test_watch);
    tcase_add_test(greeted, test_reverse_watch);
    tcase_add_test(new, test_clients_come_and_go);
    tcase_add_test(new, test_silent_clients);
    tcase_add_test(greeted, test_kill);
    return run_client_tests("gdb-run", new, greeted);
}
