/* SPDX-License-Identifier: MIT */
/* sienna-diff control: control cases on qemu-system-s390x and on Sienna. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "control.h"
#include "control_compare.h"
#include "oracle.h"
#include "storage/storage.h"

enum { REPORTS_EACH = 3, REPORTS_MOST = 30, SHRINK_MOST = 200 };

struct run {
    struct control_generator generator;
    struct oracle oracle;
    struct control_subject subject;
    struct control_case *cases;
    struct control_result *got;
    uint8_t died[CASE_SLOTS];
    uint64_t wrong, unsteady, unanswered, excused, instructions;
    unsigned reports, shrunk;
    unsigned wrong_of[INSN_COUNT], alone[INSN_COUNT], ended[INSN_COUNT];
    bool verbose;
};

static void expect(struct run *run, unsigned slot, struct control_result *expected)
{
    const uint8_t *out = run->oracle.out + (size_t)slot * CASE_SLOT_BYTES;

    control_decode(out, expected);
    expected->died = run->died[slot];
}

/* Run one case alone, in slot 0. */
static enum control_verdict verdict(struct run *run, const struct control_case *test, struct control_result *expected,
                                    struct control_result *got)
{
    control_encode(run->oracle.chunk, 0, test);
    oracle_begin(&run->oracle, 0, 1);
    control_subject_run(&run->subject, test, got);
    oracle_finish(&run->oracle, run->died);
    expect(run, 0, expected);
    return control_compare(test, expected, got);
}

/* Make the case smaller while the difference stays: instructions, patches, keys, PER. */
static void shrink(struct run *run, struct control_case *test)
{
    struct control_result expected, got;
    struct control_case less;

    for (unsigned i = 0; i < test->count; i++) {
        less = *test;
        control_blank(&less, i);
        if (verdict(run, &less, &expected, &got) == CONTROL_DIFFERS)
            *test = less;
    }
    for (unsigned i = test->patches; i--;) {
        less = *test;
        less.patch[i] = less.patch[--less.patches];
        if (verdict(run, &less, &expected, &got) == CONTROL_DIFFERS)
            *test = less;
    }
    less = *test;
    memset(less.keys, 0, sizeof less.keys);
    if (verdict(run, &less, &expected, &got) == CONTROL_DIFFERS)
        *test = less;
    less = *test;
    less.psw[0] &= ~(1ULL << 62);
    if (verdict(run, &less, &expected, &got) == CONTROL_DIFFERS)
        *test = less;
}

static void print_bytes(struct run *run)
{
    const uint8_t *e = run->oracle.storage, *g = run->subject.machine.storage->bytes;

    for (unsigned a = REGION, lines = 0; a < REGION + REGION_BYTES && lines < 8; a += 8) {
        unsigned offset = a - REGION;

        if (offset < 0x4000 && offset % 0x2000 >= 128 && offset % 0x2000 < 512)
            continue;
        if (offset < 0x4000 && offset % 0x2000 >= SAVED && offset % 0x2000 < SAVED + SAVED_BYTES)
            continue;
        if (memcmp(e + a, g + a, 8)) {
            printf("  storage %06x  expected %016llx  got %016llx\n", a, (unsigned long long)get64(e + a),
                   (unsigned long long)get64(g + a));
            lines++;
        }
    }
}

static void report(struct run *run, const struct control_case *original)
{
    struct control_case test = *original;
    struct control_result expected, got;
    enum insn_id id;

    if (verdict(run, &test, &expected, &got) != CONTROL_DIFFERS) {
        run->unsteady++;
        return;
    }
    if (run->reports < REPORTS_MOST && run->shrunk++ < SHRINK_MOST)
        shrink(run, &test);
    verdict(run, &test, &expected, &got);
    id = control_only(&test);
    run->wrong++;
    if ((run->wrong_of[id]++ >= REPORTS_EACH && id != INSN_NONE) || run->reports == REPORTS_MOST)
        return;
    run->reports++;
    control_print(&test);
    control_print_difference(&expected, &got);
    print_bytes(run);
    printf("\n");
    fflush(stdout);
}

static void chunk(struct run *run, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        control_generate(&run->generator, &run->cases[i]);
        control_encode(run->oracle.chunk, i, &run->cases[i]);
        run->instructions += run->cases[i].count;
    }
    oracle_begin(&run->oracle, 0, count);
    for (unsigned i = 0; i < count; i++)
        control_subject_run(&run->subject, &run->cases[i], &run->got[i]);
    oracle_finish(&run->oracle, run->died);
    for (unsigned i = 0; i < count; i++) {
        const struct control_case *test = &run->cases[i];
        struct control_result expected;
        enum control_verdict answer;

        expect(run, i, &expected);
        answer = control_compare(test, &expected, &run->got[i]);
        run->unanswered += expected.died || expected.kind == 1;
        run->excused += answer == CONTROL_EXCUSED;
        if (test->count == 1) {
            enum insn_id id = control_only(test);

            run->alone[id]++;
            run->ended[id] += control_ended(test, &expected);
        }
        if (run->verbose && expected.died) {
            printf("not answered:\n");
            control_print(test);
        }
        run->died[i] = answer == CONTROL_DIFFERS;
    }
    for (unsigned i = 0; i < count; i++) {
        uint8_t differs = run->died[i];

        if (differs)
            report(run, &run->cases[i]);
    }
}

static void summary(const struct run *run, uint64_t cases)
{
    for (unsigned id = 0; id < INSN_COUNT; id++) {
        if (run->wrong_of[id])
            printf("%-8s %u differences\n", id ? insn_rows[id].name : "several", run->wrong_of[id]);
        if (run->verbose && run->alone[id])
            printf("%-8s alone %u, of which %u ended\n", insn_rows[id].name, run->alone[id], run->ended[id]);
    }
    printf("%llu instructions in %llu control cases on qemu-system-s390x: %llu differences (%llu more only once), "
           "%llu excused, %llu not answered\n",
           (unsigned long long)run->instructions, (unsigned long long)cases, (unsigned long long)run->wrong,
           (unsigned long long)run->unsteady, (unsigned long long)run->excused, (unsigned long long)run->unanswered);
}

static const char usage[] =
    "sienna-diff control [SEED [COUNT]] [--only NAME,NAME] [--longest N] [--verbose]\n";

static bool parse(struct run *run, int count, char **words, uint64_t number[2])
{
    unsigned numbers = 0;

    for (int i = 0; i < count; i++) {
        if (!strcmp(words[i], "--only") && i + 1 < count)
            run->generator.only = words[++i];
        else if (!strcmp(words[i], "--longest") && i + 1 < count)
            run->generator.longest = (unsigned)strtoul(words[++i], NULL, 0);
        else if (!strcmp(words[i], "--verbose"))
            run->verbose = true;
        else if (numbers < 2 && *words[i] >= '0' && *words[i] <= '9')
            number[numbers++] = strtoull(words[i], NULL, 0);
        else
            return false;
    }
    return run->generator.longest && run->generator.longest <= CONTROL_INSNS_MOST;
}

int command_control(int count, char **words, const struct harnesses *harnesses)
{
    struct harnesses control = {NULL, harnesses->control, NULL, NULL};
    struct run *run = calloc(1, sizeof *run);
    uint64_t number[2] = {1, 20000};
    int wrong;

    run->generator.longest = 6;
    if (!parse(run, count, words, number)) {
        fputs(usage, stderr);
        return 2;
    }
    run->generator.random.state = number[0] * 0x2545f4914f6cdd1dULL + 3;
    run->cases = calloc(CASE_SLOTS, sizeof *run->cases);
    run->got = calloc(CASE_SLOTS, sizeof *run->got);
    control_subject_open(&run->subject);
    oracle_open(&run->oracle, ORACLE_SYSTEM, &control);
    run->oracle.patience = 3;
    control_image(run->oracle.storage + BARE_IMAGE);
    for (uint64_t left = number[1]; left;) {
        unsigned now = left < CASE_SLOTS ? (unsigned)left : CASE_SLOTS;

        chunk(run, now);
        left -= now;
    }
    summary(run, number[1]);
    oracle_close(&run->oracle);
    control_subject_close(&run->subject);
    wrong = run->wrong != 0;
    free(run->cases);
    free(run->got);
    free(run);
    return wrong;
}
