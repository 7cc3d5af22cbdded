/* SPDX-License-Identifier: MIT */
/**
 * Takes the state of a booting machine at pseudo-random instants, between two instructions in the middle of its
 * CPUs' slices, and sees that everything goes on from it as it did:
 *
 *   states KERNEL INITRD [KEY=VALUE…]
 *
 * Keys beside those of scene.h: from and to (milliseconds of virtual time, 50 and 1000), instants (5), cycles
 * (50000000), file (where states are written; with keep=1 the last one stays), levels (2: at least one instant must
 * be inside a guest; every second one is looked for there), load (a file: nothing else is done than to go on from it).
 *
 * At each instant: the state goes to a file and a checkpoint is taken, which leaves the digest as it was; a fresh
 * machine loads the file, has that digest, and writes the same bytes again; both machines, and the first one once
 * more from the checkpoint, go on for that many cycles to the same digest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scene.h"
#include "sienna_inspect.h"
#include "sienna_snapshot.h"

static void expect(const char *what, uint64_t expected, uint64_t got, unsigned instant)
{
    if (expected != got)
        fail("instant %u: %s: digest %016llx, expected %016llx", instant, what, (unsigned long long)got,
             (unsigned long long)expected);
}

static uint8_t *contents(const char *file, size_t *bytes)
{
    FILE *f = fopen(file, "rb");
    uint8_t *data;

    if (!f || fseek(f, 0, SEEK_END) < 0)
        fail("cannot read '%s'", file);
    *bytes = (size_t)ftell(f);
    rewind(f);
    data = malloc(*bytes + 1);
    if (fread(data, 1, *bytes, f) != *bytes)
        fail("cannot read '%s'", file);
    fclose(f);
    return data;
}

static void same_files(const char *first, const char *second, unsigned instant)
{
    size_t a, b;
    uint8_t *x = contents(first, &a), *y = contents(second, &b);

    if (a != b || memcmp(x, y, a))
        fail("instant %u: a loaded state is saved as other bytes", instant);
    free(x);
    free(y);
}

static double milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static unsigned levels_seen(const struct sienna *s)
{
    unsigned most = 1;

    for (unsigned i = 0; i < sienna_cpu_count(s); i++) {
        struct sienna_level level;

        if (sienna_level(s, i, 1, &level) && level.level > most)
            most = level.level;
    }
    return most;
}

/* From the file in a fresh machine: the digest after the same time. */
static uint64_t elsewhere(const char *file, uint64_t digest, uint64_t limit, unsigned instant)
{
    struct sienna *s = scene_machine(false);
    char again[4096];

    snprintf(again, sizeof again, "%s.again", file);
    if (!sienna_load_state(s, file, problem))
        fail("instant %u: %s", instant, problem);
    expect("loaded", digest, sienna_digest(s), instant);
    if (!sienna_save(s, again, "instant", problem))
        fail("%s", problem);
    same_files(file, again, instant);
    remove(again);
    scene_run(s, limit);
    digest = sienna_digest(s);
    sienna_release(s);
    return digest;
}

/* Into the middle of a slice; or on until a CPU interprets a guest, within bounds. */
static void step(struct sienna *s, bool into_guest)
{
    enum { TRIES = 20000 };
    unsigned tries = 0;

    do {
        uint64_t steps = 1 + any_below(5000);

        if (sienna_step(s, -1, &steps, sienna_now(s) + SIENNA_SECOND) == SIENNA_IDLE)
            sienna_skip_to(s, sienna_next_event(s));
    } while (into_guest && levels_seen(s) < 2 && ++tries < TRIES);
}

static unsigned one_instant(struct sienna *s, unsigned instant)
{
    uint64_t limit, digest, after;
    const char *file = option("file", NULL);
    struct sienna_checkpoint *c;
    double begin;
    unsigned level;

    step(s, number("levels", "1") > 1 && instant % 2 == 0);
    level = levels_seen(s);
    digest = sienna_digest(s);
    limit = sienna_now(s) + number("cycles", "50000000");
    if (file && !sienna_save(s, file, "instant", problem))
        fail("instant %u: %s", instant, problem);
    begin = milliseconds();
    c = sienna_checkpoint(s, problem);
    begin = milliseconds() - begin;
    if (!c)
        fail("%s", problem);
    expect("saved", digest, sienna_digest(s), instant);
    scene_run(s, limit);
    after = sienna_digest(s);
    if (after == digest)
        fail("instant %u: nothing goes on", instant);
    if (file)
        expect("gone on from the file", after, elsewhere(file, digest, limit, instant), instant);
    if (!sienna_checkpoint_restore(s, c, problem))
        fail("instant %u: %s", instant, problem);
    expect("restored", digest, sienna_digest(s), instant);
    scene_run(s, limit);
    expect("gone on from the checkpoint", after, sienna_digest(s), instant);
    printf("instant %u: %llu ms, level %u, checkpoint of %llu KiB in %.2f ms, digests %016llx %016llx\n", instant,
           (unsigned long long)(sienna_now(s) * 1000 / SIENNA_SECOND), level,
           (unsigned long long)(sienna_checkpoint_bytes(c) >> 10), begin, (unsigned long long)digest,
           (unsigned long long)after);
    fflush(stdout);
    sienna_checkpoint_release(s, c);
    return level;
}

/* Somebody else's file. */
static int go_on(const char *file)
{
    struct sienna *s = scene_machine(false);
    uint64_t digest;

    if (!sienna_load_state(s, file, problem))
        fail("%s", problem);
    digest = sienna_digest(s);
    scene_run(s, sienna_now(s) + number("cycles", "50000000"));
    printf("loaded: digests %016llx %016llx\n", (unsigned long long)digest, (unsigned long long)sienna_digest(s));
    sienna_release(s);
    return 0;
}

int main(int argc, char **argv)
{
    struct sienna *s;
    unsigned instants, level = 1;
    uint64_t from, to;

    scene_arguments(argc, argv);
    setenv("SOURCE_DATE_EPOCH", "0", 1); /* the date in files is the only other thing in them */
    if (option("load", NULL))
        return go_on(option("load", NULL));
    instants = (unsigned)number("instants", "5");
    from = number("from", "50") * (SIENNA_SECOND / 1000);
    to = number("to", "1000") * (SIENNA_SECOND / 1000);
    s = scene_machine(true);
    for (unsigned i = 0; i < instants; i++) {
        uint64_t part = (to - from) / instants, now = sienna_now(s), at = from + i * part + any_below(part + 1);

        scene_run(s, at > now ? at : now);
        unsigned seen = one_instant(s, i + 1);
        level = seen > level ? seen : level;
    }
    sienna_release(s);
    if (option("file", NULL) && !number("keep", "0"))
        remove(option("file", NULL));
    if (level < number("levels", "1"))
        fail("no instant was inside a guest");
    printf("%u instants went on as they did\n", instants);
    return 0;
}
