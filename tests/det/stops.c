/* SPDX-License-Identifier: MIT */
/**
 * A machine that is stopped thousands of times has the same state digest at the end as one that runs undisturbed:
 *
 *   stops KERNEL INITRD [KEY=VALUE…]
 *
 * Keys beside those of scene.h: from and until (milliseconds of virtual time, 50 and 600), stops (how many there must
 * have been at least, 5000), levels (2: also in a guest).
 *
 * There are always some stops at instructions, chosen where CPUs just were, so that hot ones are among them, on
 * stores, on keys and on events of every kind. At each stop the thread's registers and storage are read; stops that
 * are met too often, and now and then others, make room for new ones. When enough were met in a millisecond it is
 * run to its end without any.
 */
#include <stdio.h>
#include <string.h>

#include "scene.h"
#include "sienna_debug.h"

enum { PLACES = 96, MET_MOST = 5, REPLACED_OF = 400, IN_A_PART = 60 };

struct place {
    unsigned id, met;
};

static struct place places[PLACES];
static uint64_t met, of_kind[SIENNA_STOP_SIGP + 1], in_guests;

/* Events, of which some come thousands of times in a boot and others never. */
static const enum sienna_stop_kind events[] = {
    SIENNA_STOP_ENTRY,    SIENNA_STOP_EXIT, SIENNA_STOP_PROGRAM, SIENNA_STOP_SVC, SIENNA_STOP_EXTERNAL,
    SIENNA_STOP_IO,       SIENNA_STOP_SIGP, SIENNA_STOP_CONTROL, SIENNA_STOP_RESTART};

static uint64_t psw_address(const struct sienna *s, struct sienna_thread thread)
{
    struct sienna_thread_info info;

    return sienna_thread(s, thread, &info) ? info.cpu.psw_address : 0;
}

/* Where the thread is, or near the stack that it stores to, or an event. */
static struct sienna_stop_at choose(const struct sienna *s, struct sienna_thread thread)
{
    struct sienna_stop_at at = {.kind = SIENNA_STOP_INSTRUCTION, .guest = thread.guest, .cpu = SIENNA_ANY_CPU,
                                .space = SIENNA_LOGICAL, .number = -1};
    uint8_t stack[SIENNA_REGISTER_BYTES] = {0};

    at.address = psw_address(s, thread);
    switch (any_below(8)) {
    case 0:
        at.kind = events[any_below(sizeof events / sizeof *events)];
        at.guest = SIENNA_ANY_GUEST;
        break;
    case 1:
        at.kind = any_below(2) ? SIENNA_STOP_STORE : SIENNA_STOP_ACCESS;
        sienna_thread_register_read(s, thread, SIENNA_GR, 15, stack);
        for (at.address = 0; at.bytes < 8; at.bytes++)
            at.address = at.address << 8 | stack[at.bytes];
        at.address = (at.address & ~7ULL) + 8 * any_below(32);
        break;
    case 2:
        at.kind = SIENNA_STOP_STORE;
        at.space = SIENNA_ABSOLUTE;
        at.guest = SIENNA_ANY_GUEST;
        at.address = any_below(sienna_storage_bytes(s) >> 12) << 12;
        at.bytes = 1ULL << any_below(13);
        break;
    case 3:
        at.kind = SIENNA_STOP_KEY;
        at.guest = SIENNA_ANY_GUEST;
        at.address = any_below(sienna_storage_bytes(s) >> 12) << 12;
        break;
    }
    return at;
}

/* Another stop in place `p`; a place stays empty when what was chosen cannot be. */
static void replace(struct sienna *s, struct place *p, struct sienna_thread thread)
{
    struct sienna_stop_at at = choose(s, thread);

    if (p->id)
        sienna_stop_remove(s, p->id);
    *p = (struct place){.id = sienna_stop_add(s, &at, problem)};
}

static void look(const struct sienna *s, struct sienna_thread thread)
{
    uint8_t bytes[64];

    for (unsigned i = 0; i < 16; i++)
        sienna_thread_register_read(s, thread, SIENNA_GR, i, bytes);
    sienna_thread_storage_read(s, thread, SIENNA_LOGICAL, psw_address(s, thread), bytes, sizeof bytes);
}

static void stopped(struct sienna *s)
{
    struct sienna_stop stop;
    struct sienna_thread any = {.guest = 0, .cpu = (unsigned)any_below(sienna_cpu_count(s))};

    sienna_stop_reason(s, &stop);
    if (stop.cause != SIENNA_CAUSE_STOP)
        fail("stopped for no stop: cause %d", stop.cause);
    met++;
    of_kind[stop.kind]++;
    if (stop.thread.guest)
        in_guests++;
    if (stop.thread.cpu != SIENNA_ANY_CPU)
        any = stop.thread;
    look(s, any);
    for (unsigned i = 0; i < PLACES; i++)
        if ((places[i].id == stop.id && ++places[i].met > MET_MOST) || any_below(REPLACED_OF) == 0)
            replace(s, &places[i], any);
}

/* Stops where the CPUs, or those of the first guest, are now. */
static void some_stops(struct sienna *s)
{
    struct sienna_thread thread = {.guest = 0, .cpu = (unsigned)any_below(sienna_cpu_count(s))};
    struct sienna_guest guest;

    if (any_below(2) && sienna_guest(s, 1, &guest))
        thread = (struct sienna_thread){guest.number, 0};
    for (unsigned i = 0; i < PLACES; i++)
        replace(s, &places[i], thread);
}

static void no_stops(struct sienna *s)
{
    for (unsigned i = 0; i < PLACES; i++) {
        if (places[i].id)
            sienna_stop_remove(s, places[i].id);
        places[i] = (struct place){0};
    }
}

/* Time may have come to `limit` where it is stopped, in the middle of the CPUs' slices; the end of these is the end. */
static void run_part(struct sienna *s, uint64_t limit)
{
    for (unsigned n = 0; n < IN_A_PART && scene_run(s, limit) == SIENNA_STOPPED; n++)
        stopped(s);
    no_stops(s);
    sienna_run(s, limit);
    scene_run(s, limit);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"", "instruction", "fetch", "store", "access", "key", "control", "entry", "exit",
                                        "program", "svc", "external", "io", "machine check", "restart", "sigp"};
    uint64_t from, until, undisturbed, digest;
    struct sienna *s;

    scene_arguments(argc, argv);
    from = number("from", "50") * (SIENNA_SECOND / 1000);
    until = number("until", "600") * (SIENNA_SECOND / 1000);
    s = scene_machine(true);
    scene_run(s, until);
    undisturbed = sienna_digest(s);
    sienna_release(s);
    s = scene_machine(true);
    scene_run(s, from);
    while (sienna_now(s) < until) {
        uint64_t limit = sienna_now(s) + SIENNA_SECOND / 1000;

        some_stops(s);
        run_part(s, limit < until ? limit : until);
    }
    digest = sienna_digest(s);
    sienna_release(s);
    for (unsigned i = 1; i < sizeof names / sizeof *names; i++)
        if (of_kind[i])
            printf("%s %llu, ", names[i], (unsigned long long)of_kind[i]);
    printf("%llu in guests\n", (unsigned long long)in_guests);
    if (digest != undisturbed)
        fail("after %llu stops: digest %016llx, undisturbed %016llx", (unsigned long long)met,
             (unsigned long long)digest, (unsigned long long)undisturbed);
    if (met < number("stops", "5000") || (number("levels", "1") > 1 && !in_guests))
        fail("only %llu stops", (unsigned long long)met);
    printf("%llu stops moved nothing: %016llx\n", (unsigned long long)met, (unsigned long long)digest);
    return 0;
}
