/* SPDX-License-Identifier: MIT */
/** A machine with two CPUs and a client of the gdb stub, without sockets. */
#ifndef SIENNA_TESTS_GDB_FIXTURE_H
#define SIENNA_TESTS_GDB_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gdbstub/gdb.h"
#include "sienna_history.h"
#include "unit/suite.h"

struct client {
    struct sienna *sienna;
    struct gdb *gdb;
    bool running, quit;
    char *raw;          /* what the stub has written and nobody has taken */
    size_t raw_bytes, raw_room;
    char packet[40000]; /* the last one taken */
    char line[256];     /* what the monitor was asked last, and about which CPU */
    unsigned cpu;
};

static void client_hear(void *context, const void *bytes, size_t count)
{
    struct client *c = context;

    if (c->raw_room - c->raw_bytes < count + 1) {
        c->raw_room = 2 * (c->raw_bytes + count + 1);
        c->raw = realloc(c->raw, c->raw_room);
        ck_assert_ptr_nonnull(c->raw);
    }
    memcpy(c->raw + c->raw_bytes, bytes, count);
    c->raw_bytes += count;
    c->raw[c->raw_bytes] = 0;
}

static void client_set_running(void *context, bool running)
{
    struct client *c = context;

    if (running)
        sienna_revive(c->sienna);
    c->running = running;
}

static bool client_is_running(const void *context)
{
    return ((const struct client *)context)->running;
}

static void client_monitor(void *context, unsigned cpu, const char *line, gdb_text *out, void *out_context)
{
    struct client *c = context;

    snprintf(c->line, sizeof c->line, "%s", line);
    c->cpu = cpu;
    out(out_context, "done\n", 5);
}

static void client_quit(void *context)
{
    ((struct client *)context)->quit = true;
}

static struct client *c; /**< of the test that runs */

/* ---- Fixtures ---- */

/** The stub, and a client that has just connected; silent: as on a terminal. */
static inline void client_connect(bool silent)
{
    const struct gdb_host host = {c, client_hear, client_set_running, client_is_running, client_monitor, client_quit,
                                  "/kernel.elf", silent};

    c->gdb = gdb_create(c->sienna, &host);
    gdb_connected(c->gdb, true);
}

static inline void client_setup(void)
{
    const struct sienna_options options = {.storage_bytes = 4 << 20, .cpus = 2, .start_tod = 1ULL << 60};
    char complaint[SIENNA_PROBLEM_BYTES];

    c = calloc(1, sizeof *c);
    ck_assert_ptr_nonnull(c);
    c->sienna = sienna_create(&options, complaint);
    ck_assert_ptr_nonnull(c->sienna);
    client_connect(false);
}

static inline void client_teardown(void)
{
    gdb_release(c->gdb);
    sienna_release(c->sienna);
    free(c->raw);
    free(c);
}

/* ---- Packets ---- */

static inline void client_send(const char *bytes, size_t count)
{
    char tail[4];
    uint8_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (uint8_t)bytes[i];
    snprintf(tail, sizeof tail, "#%02x", sum);
    gdb_receive(c->gdb, "$", 1);
    gdb_receive(c->gdb, bytes, count);
    gdb_receive(c->gdb, tail, 3);
}

/** The next packet or notification of the stub, its first character kept for the latter; "" when there is none. */
static inline const char *client_take(void)
{
    char *at = c->raw ? strpbrk(c->raw, "$%") : NULL, *end;
    size_t n;

    c->packet[0] = 0;
    if (!at)
        return c->packet;
    end = strchr(at, '#');
    ck_assert_ptr_nonnull(end);
    if (*at == '$')
        at++;
    n = (size_t)(end - at);
    ck_assert_uint_lt(n, sizeof c->packet);
    memcpy(c->packet, at, n);
    c->packet[n] = 0;
    n = (size_t)(end + 3 - c->raw);
    memmove(c->raw, c->raw + n, c->raw_bytes - n + 1);
    c->raw_bytes -= n;
    return c->packet;
}

static inline const char *ask(const char *packet)
{
    client_send(packet, strlen(packet));
    return client_take();
}

/** What QEMU's and GDB's clients begin with. */
static inline void client_greet(void)
{
    ck_assert_ptr_nonnull(strstr(ask("qSupported:multiprocess+;swbreak+;hwbreak+;xmlRegisters=i386"), "PacketSize="));
    ck_assert_str_eq(ask("QStartNoAckMode"), "OK");
    ck_assert_str_eq(ask("!"), "OK");
    ask("?");
}

/** As the host's loop does: run until the machine stands, at most for a while. */
static inline void client_run(void)
{
    for (unsigned i = 0; i < 100 && c->running; i++) {
        enum sienna_outcome outcome = gdb_run(c->gdb, sienna_now(c->sienna) + 1000000);
        char text[256];

        if (outcome == SIENNA_STOPPED) {
            c->running = false;
            gdb_met_stop(c->gdb);
        } else if (outcome == SIENNA_ENDED) {
            c->running = false;
            sienna_end_text(c->sienna, text, sizeof text);
            gdb_stopped(c->gdb, text);
        } else if (outcome == SIENNA_IDLE) {
            return;
        }
    }
}

/** Send a packet that makes the machine go, run, and take the stop reply; texts for the console are passed over. */
static inline const char *go(const char *packet)
{
    client_send(packet, strlen(packet));
    ck_assert(c->running);
    client_run();
    do
        client_take();
    while (c->packet[0] == 'O' && c->packet[1] != 'K');
    return c->packet;
}

static inline void expect(const char *packet, const char *answer)
{
    ck_assert_msg(!strcmp(ask(packet), answer), "%s is answered with %s instead of %s", packet, c->packet, answer);
}

/** Put a program at 0x1000 and CPU 0 there, in the 64-bit mode. */
static inline void put_program(const char *digits)
{
    char packet[512];

    snprintf(packet, sizeof packet, "M1000,%zx:%s", strlen(digits) / 2, digits);
    expect(packet, "OK");
    expect("P0=0000000180000000", "OK");
    expect("P1=0000000000001000", "OK");
}

/* ---- Cases ---- */

static inline void client_setup_greeted(void)
{
    client_setup();
    client_greet();
}

/** A case whose tests have the client `c`: one that has just connected, or one that has greeted. */
static inline TCase *client_tests(const char *name, bool greeted)
{
    TCase *tests = tcase_create(name);

    tcase_add_checked_fixture(tests, greeted ? client_setup_greeted : client_setup, client_teardown);
    return tests;
}

static inline int run_client_tests(const char *name, TCase *first, TCase *second)
{
    Suite *suite = suite_create(name);

    suite_add_tcase(suite, first);
    suite_add_tcase(suite, second);
    return run_suite(suite);
}

#endif
