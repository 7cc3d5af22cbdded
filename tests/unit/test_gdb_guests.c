/* SPDX-License-Identifier: MIT */
/** The gdb stub: guests under SIE are processes with threads, registers, storage and breakpoints of their own. */
#include "unit/debug_fixture.h"

#include "unit/gdb_fixture.h"

/** The debug fixture's machine with two CPUs and a guest that has run for a while, and a client that has greeted. */
static void setup(void)
{
    start(2);
    ck_assert(sienna_run(s, 30000) == SIENNA_RAN);
    c = calloc(1, sizeof *c);
    ck_assert_ptr_nonnull(c);
    c->sienna = s;
    client_connect(false);
    client_greet();
}

/* A packet's answer is this doubleword. */
static void gives(const char *packet, uint64_t value)
{
    char digits[20];

    snprintf(digits, sizeof digits, "%016llx", (unsigned long long)value);
    expect(packet, digits);
}

static bool holds(const char *text)
{
    return strstr(c->packet, text) != NULL;
}

/* The number of a register, as the description of the process says it. */
static unsigned number_of(const char *name)
{
    char what[64], request[64], *whole = calloc(1, 65536), *at;
    size_t n = 0;

    ck_assert_ptr_nonnull(whole);
    do {
        snprintf(request, sizeof request, "qXfer:features:read:target.xml:%zx,800", n);
        ask(request);
        ck_assert(strchr("ml", c->packet[0]));
        strcpy(whole + n, c->packet + 1);
        n += strlen(c->packet + 1);
    } while (c->packet[0] == 'm');
    snprintf(what, sizeof what, "name=\"%s\"", name);
    at = strstr(whole, what);
    ck_assert_msg(at != NULL, "%s is not described", name);
    at = strstr(at, "regnum=\"");
    ck_assert_ptr_nonnull(at);
    n = strtoul(at + strlen("regnum=\""), NULL, 10);
    free(whole);
    return (unsigned)n;
}

START_TEST(processes)
{
    ck_assert_ptr_nonnull(strstr(ask("qXfer:osdata:read:processes:0,1000"), "<column name=\"pid\">2</column>"));
    ck_assert(holds("<column name=\"level\">2</column><column name=\"cpus\">2</column>"));
    expect("qfThreadInfo", "mp1.1,p1.2");
    expect("Hgp2.1", "E03");
    ck_assert_ptr_eq(strstr(ask("vAttach;2"), "T05"), c->packet);
    ck_assert(holds("thread:p2.1;"));
    expect("qfThreadInfo", "mp1.1,p1.2,p2.1,p2.2");
    expect("Tp2.2", "OK");
    expect("Tp2.3", "E03");
    ck_assert_ptr_nonnull(strstr(ask("qXfer:threads:read::0,1000"), "name=\"level 2 guest 1 CPU 1\""));
    expect("qXfer:exec-file:read:2:0,100", "E00");
    ck_assert_ptr_eq(strstr(ask("vKill;2"), "E."), c->packet);
    /* It goes alone; the machine stands for process 1 still. */
    expect("D;2", "OK");
    ck_assert(!c->running);
    expect("D;2", "E16");
    expect("qfThreadInfo", "mp1.1,p1.2");
    expect("D;1", "OK");
    ck_assert(c->running);
}
END_TEST

START_TEST(registers_and_storage_of_guests)
{
    char request[32];
    unsigned code;

    ask("vAttach;2");
    expect("Hgp2.2", "OK");
    gives("p3", thread_register(1, 1, SIENNA_GR, 1));
    gives("p1", thread_address(1, 1));
    gives("m20100,8", thread_register(1, 1, SIENNA_GR, 1) - (thread_address(1, 1) == GUEST_STORE));
    gives("mfffa000000020100,8", get64(GUEST + GUEST_DATA + 0x100));
    expect("M20108,8:1122334455667788", "OK");
    ck_assert_uint_eq(get64(GUEST + GUEST_DATA + 0x108), 0x1122334455667788);
    expect("Hgp1.2", "OK");
    gives("p1", thread_address(0, 1));
    gives("m200000,8", get64(0x200000));
    gives("p7", thread_register(0, 1, SIENNA_GR, 5));
    /* Fields of the state description are registers, of guests alone. */
    expect("Hgp2.1", "OK");
    code = number_of("sie_prefix");
    snprintf(request, sizeof request, "p%x", code);
    expect(request, "0000");
    expect("Hgp1.1", "OK");
    ck_assert_ptr_eq(strstr(ask(request), "E"), c->packet);
}
END_TEST

START_TEST(stops_of_guests)
{
    ask("vAttach;2");
    /* The host comes by that address, too; it is not meant. */
    expect("Hgp2.1", "OK");
    expect("Z0,10004,6", "OK");
    for (unsigned i = 0; i < 4; i++) {
        go("vCont;c:p2.-1");
        ck_assert(holds("thread:p2.1;core:0;swbreak:;") || holds("thread:p2.2;core:1;swbreak:;"));
        ck_assert(holds("01:0000000000010004;"));
    }
    expect("z0,10004,6", "OK");
    /* A step of one of its CPUs. */
    go("vCont;s:p2.2;c");
    ck_assert(holds("thread:p2.2;"));
    /* What it stores, by its address and by absolute ones, its own and the machine's. */
    expect("Hgp2.1", "OK");
    expect("Z2,20000,8", "OK");
    go("c");
    ck_assert(holds("thread:p2.1;") && holds("watch:20000;"));
    expect("z2,20000,8", "OK");
    expect("Z2,fffa000000020100,8", "OK");
    go("c");
    ck_assert(holds("thread:p2.2;") && holds("watch:fffa000000020100;"));
    expect("z2,fffa000000020100,8", "OK");
    ck_assert_ptr_eq(strstr(ask("Z2,fffa000000200000,8"), "E."), c->packet);
    expect("Hgp1.1", "OK");
    expect("Z4,fffa000000220000,8", "OK");
    go("c");
    ck_assert(holds("thread:p2.1;") && holds("awatch:fffa000000220000;"));
    expect("Hgp1.1", "OK"); /* a stop has chosen its thread */
    expect("z4,fffa000000220000,8", "OK");
    /* What a guest meets that is not attached to is told of the CPU that is in it. */
    expect("D;2", "OK");
    expect("Hgp1.1", "OK");
    expect("Z4,fffa000000220100,8", "OK");
    go("c");
    ck_assert_msg(holds("thread:p1.2;core:1;awatch:fffa000000220100;"), "%s", c->packet);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("guests");

    tcase_add_checked_fixture(tests, setup, client_teardown);
    tcase_add_test(tests, processes);
    tcase_add_test(tests, registers_and_storage_of_guests);
    tcase_add_test(tests, stops_of_guests);
    return run_debug_tests("gdb-guests", tests);
}
