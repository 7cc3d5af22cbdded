/* SPDX-License-Identifier: MIT */
/* sienna-diff run: random cases on an oracle and on Sienna, and readable differences. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "commands.h"
#include "compare.h"
#include "generate.h"
#include "oracle.h"
#include "report.h"
#include "subject.h"

enum { REPORTS_EACH = 2, REPORTS_MOST = 40, SHRINK_MOST = 300 };

struct row_count {
    uint64_t ended, interrupted; /* single-instruction cases, by how they ended */
    uint64_t wrong;
};

struct run {
    struct generator generator;
    struct oracle oracle;
    struct subject subject;
    struct diff_case *cases;
    struct diff_result *got;
    uint8_t died[CASE_SLOTS];
    bool verbose;
    uint64_t wrong, unsteady, unanswered, instructions;
    unsigned reports, shrunk, restarts;
    struct row_count count[INSN_COUNT];
};

static enum insn_id first_id(const struct diff_case *test)
{
    return insn_decode(get64(test->code));
}

/* Run one case alone, in slot `slot`; true when both agree. */
static bool agree(struct run *run, unsigned slot, const struct diff_case *test, struct diff_result *expected,
                  struct diff_result *got)
{
    diff_encode(run->oracle.chunk, slot, test);
    oracle_begin(&run->oracle, slot, 1);
    subject_load(&run->subject, run->oracle.chunk);
    subject_run(&run->subject, slot, test, got);
    oracle_finish(&run->oracle, run->died);
    diff_decode_result(run->oracle.out + (size_t)slot * CASE_SLOT_BYTES, expected);
    expected->died = run->died[slot];
    return compare_case(test, slot, expected, got, run->oracle.kind);
}

/* The branch that makes a string instruction go on. */
static bool repeats(const uint8_t *code)
{
    return code[0] == 0xa7 && code[1] == 0x14 && code[2] == 0xff;
}

static void put_no_operation(uint8_t *code, unsigned length)
{
    static const uint8_t texts[3][6] = {{0x07, 0x00}, {0x47}, {0xc0, 0x04, 0, 0, 0, 0}};

    memcpy(code, texts[length / 2 - 1], length);
    if (repeats(code + length)) /* nothing to go on with */
        memcpy(code + length, texts[1], 4);
}

static bool counts(const uint8_t *code)
{
    return !diff_no_operation(code) && !repeats(code);
}

static bool alone(const struct diff_case *test)
{
    unsigned length = insn_length(test->code[0]);

    return length == test->code_length || (length + 4 == test->code_length && repeats(test->code + length));
}

/* Replace instructions by no-operations as long as the difference stays; returns how many are left. */
static unsigned shrink(struct run *run, unsigned slot, struct diff_case *test)
{
    struct diff_result expected, got;
    struct diff_case less;
    unsigned left = 0;

    for (unsigned at = 0; at < test->code_length; at += insn_length(test->code[at])) {
        if (repeats(test->code + at))
            continue;
        less = *test;
        put_no_operation(less.code + at, insn_length(less.code[at]));
        if (!agree(run, slot, &less, &expected, &got))
            *test = less;
    }
    for (unsigned at = 0; at < test->code_length; at += insn_length(test->code[at]))
        left += counts(test->code + at);
    return left;
}

static enum insn_id only_id(const struct diff_case *test)
{
    for (unsigned at = 0; at < test->code_length; at += insn_length(test->code[at]))
        if (counts(test->code + at))
            return insn_decode(get64(test->code + at));
    return INSN_NONE;
}

/* General and vector registers that the remaining instructions may name: all fields taken as both. */
static void named(const struct diff_case *test, uint32_t *gr, uint32_t *vr)
{
    *gr = *vr = 0;
    for (unsigned at = 0; at < test->code_length; at += insn_length(test->code[at])) {
        unsigned length = insn_length(test->code[at]);
        bool vector = test->code[at] == 0xe7 || test->code[at] == 0xe6;

        if (diff_no_operation(test->code + at))
            continue;
        for (unsigned i = 1; i < length; i++) {
            unsigned high = test->code[at + i] >> 4, low = test->code[at + i] & 15;

            *gr |= 1u << high | 1u << low;
            *vr |= (1u << high | 1u << low) * (vector ? 0x10001u : 1u);
        }
        if (!vector && test->code[at] != 0xb3 && test->code[at] != 0xed && (test->code[at] & 0xf0) != 0x60 &&
            (test->code[at] & 0xf0) != 0x70)
            *vr = 0;
    }
}

/* Reduce a case that differs, and tell which instruction it then is. False when alone it does not differ. */
static bool reduce(struct run *run, unsigned slot, struct diff_case *test, struct diff_result *expected,
                   struct diff_result *got, enum insn_id *id)
{
    *id = alone(test) ? first_id(test) : INSN_NONE;
    if (run->oracle.kind == ORACLE_HERCULES) { /* each question takes seconds */
        *got = run->got[slot];
        diff_decode_result(run->oracle.out + (size_t)slot * CASE_SLOT_BYTES, expected);
        return true;
    }
    if (run->restarts++ < SHRINK_MOST) { /* qemu now and then executes what stood in the slot before */
        oracle_close(&run->oracle);
        oracle_open(&run->oracle, run->oracle.kind, run->oracle.harnesses);
    }
    if (agree(run, slot, test, expected, got))
        return false; /* or most often the oracle's time for the case had passed on a busy host */
    if (run->shrunk++ < SHRINK_MOST && shrink(run, slot, test) == 1)
        *id = only_id(test);
    return !agree(run, slot, test, expected, got);
}

static void report(struct run *run, unsigned slot, struct diff_case *test)
{
    struct diff_result expected, got;
    struct excuses excuses;
    enum insn_id id;
    uint32_t gr, vr;

    if (!reduce(run, slot, test, &expected, &got, &id)) {
        run->unsteady++;
        return;
    }
    run->wrong++;
    run->count[id].wrong++;
    if (run->count[id].wrong > REPORTS_EACH || run->reports == REPORTS_MOST)
        return;
    run->reports++;
    named(test, &gr, &vr);
    compare_excuses(test, run->oracle.kind, &excuses);
    diff_print_code(stdout, test, slot);
    diff_print_initial(stdout, test, gr, vr);
    diff_print_difference(stdout, &expected, &got, excuses.vr_bytes);
    if (run->verbose)
        diff_print_question(stdout, test);
    printf("\n");
    fflush(stdout);
}

static void chunk(struct run *run, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        generate(&run->generator, i, &run->cases[i]);
        diff_encode(run->oracle.chunk, i, &run->cases[i]);
        for (unsigned at = 0; at < run->cases[i].code_length; at += insn_length(run->cases[i].code[at]))
            run->instructions++;
    }
    oracle_begin(&run->oracle, 0, count);
    subject_load(&run->subject, run->oracle.chunk);
    for (unsigned i = 0; i < count; i++)
        subject_run(&run->subject, i, &run->cases[i], &run->got[i]);
    oracle_finish(&run->oracle, run->died);
    for (unsigned i = 0; i < count; i++) {
        struct diff_result expected;
        const struct diff_case *test = &run->cases[i];

        diff_decode_result(run->oracle.out + (size_t)i * CASE_SLOT_BYTES, &expected);
        expected.died = run->died[i];
        run->unanswered += expected.died || expected.code == 0xfffe;
        if (run->verbose && expected.died) {
            printf("not answered:\n");
            diff_print_code(stdout, test, i);
        }
        if (alone(test)) {
            run->count[first_id(test)].ended += expected.code == 0;
            run->count[first_id(test)].interrupted += expected.code != 0;
        }
        /* Reports overwrite output slots, so the others must have been read: mark and report later. */
        run->died[i] = !compare_case(test, i, &expected, &run->got[i], run->oracle.kind);
    }
    for (unsigned i = 0; i < count; i++) {
        uint8_t differs = run->died[i];

        if (differs)
            report(run, i, &run->cases[i]);
    }
}

/* ---- Which instructions ---- */

static bool in_list(const char *list, const char *name)
{
    size_t n = strlen(name);

    for (const char *c = list; *c;) {
        size_t length = strcspn(c, ",");
        const char *star = memchr(c, '*', length);

        if (star ? !strncasecmp(c, name, (size_t)(star - c)) : length == n && !strncasecmp(c, name, n))
            return true;
        c += length + (c[length] == ',');
    }
    return false;
}

static void add_choice(struct generator *generator, enum insn_id id, enum oracle_kind kind)
{
    generator->choice[generator->choices++] = id;
    if (compare_steady(id, kind))
        generator->steady[generator->steadies++] = id;
}

static void choose(struct run *run, enum oracle_kind kind, const char *only, const char *without)
{
    for (unsigned id = 1; id < INSN_COUNT; id++) {
        if (!insn_rows[id].operation || compare_excluded(id, kind))
            continue;
        if (!only && kind == ORACLE_HERCULES && !compare_excluded(id, ORACLE_SYSTEM))
            continue;
        if (only ? in_list(only, insn_rows[id].name) : !without || !in_list(without, insn_rows[id].name))
            add_choice(&run->generator, id, kind);
    }
    if (!run->generator.choices) {
        fprintf(stderr, "sienna-diff run: none of these instructions is compared\n");
        exit(2);
    }
}

static void summary(const struct run *run, uint64_t cases, const struct timespec *start)
{
    struct timespec now;
    double seconds;

    clock_gettime(CLOCK_MONOTONIC, &now);
    seconds = (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
    for (unsigned id = 0; id < INSN_COUNT; id++)
        if (run->count[id].wrong)
            printf("%-8s %llu differences (alone: %llu ended, %llu interrupted)\n",
                   id ? insn_rows[id].name : "several", (unsigned long long)run->count[id].wrong,
                   (unsigned long long)run->count[id].ended, (unsigned long long)run->count[id].interrupted);
    if (run->verbose)
        for (unsigned i = 0; i < run->generator.choices; i++) {
            enum insn_id id = run->generator.choice[i];

            printf("%-8s %8llu ended %8llu interrupted\n", insn_rows[id].name,
                   (unsigned long long)run->count[id].ended, (unsigned long long)run->count[id].interrupted);
        }
    printf("%llu instructions of %u kinds in %llu cases on %s: %llu differences (%llu more only once), "
           "%llu not answered, %.0f cases/s\n",
           (unsigned long long)run->instructions, run->generator.choices, (unsigned long long)cases,
           oracle_name(run->oracle.kind), (unsigned long long)run->wrong,
           (unsigned long long)run->unsteady, (unsigned long long)run->unanswered,
           (double)cases / seconds);
}

static const char usage[] =
    "sienna-diff run [SEED [COUNT]] [--only NAME,NAME*] [--without NAME,…] [--longest N] [--oracle KIND] [--verbose]\n"
    "  --oracle user | system | hercules: qemu-s390x (default), qemu-system-s390x, hercules (by default with what\n"
    "  QEMU lacks)\n"
    "  SEED 1, COUNT 100000; --longest: most instructions in a stream (1: single instructions)\n";

int command_run(int count, char **words, const struct harnesses *harnesses)
{
    struct run *run = calloc(1, sizeof *run);
    enum oracle_kind kind = ORACLE_USER;
    const char *only = NULL, *without = NULL;
    uint64_t number[2] = {1, 100000}, longest = 0;
    unsigned numbers = 0;
    struct timespec start;

    for (int i = 0; i < count; i++) {
        if (!strcmp(words[i], "--only") && i + 1 < count) {
            only = words[++i];
        } else if (!strcmp(words[i], "--without") && i + 1 < count) {
            without = words[++i];
        } else if (!strcmp(words[i], "--longest") && i + 1 < count) {
            longest = strtoull(words[++i], NULL, 0);
        } else if (!strcmp(words[i], "--oracle") && i + 1 < count) {
            kind = oracle_kind_named(words[++i]);
        } else if (!strcmp(words[i], "--verbose")) {
            run->verbose = true;
        } else if (numbers < 2 && *words[i] >= '0' && *words[i] <= '9') {
            number[numbers++] = strtoull(words[i], NULL, 0);
        } else {
            fputs(usage, stderr);
            return 2;
        }
    }
    generate_init(&run->generator, number[0]);
    run->generator.masks = kind == ORACLE_SYSTEM;
    run->generator.no_locked_targets = kind == ORACLE_USER;
    run->generator.old_rounding = kind == ORACLE_HERCULES;
    if (!longest) /* a wild branch costs hercules a minute */
        longest = kind == ORACLE_HERCULES ? 1 : 8;
    run->generator.longest = longest > 20 ? 20 : (unsigned)longest;
    choose(run, kind, only, without);
    run->cases = calloc(CASE_SLOTS, sizeof *run->cases);
    run->got = calloc(CASE_SLOTS, sizeof *run->got);
    subject_open(&run->subject);
    oracle_open(&run->oracle, kind, harnesses);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (uint64_t left = number[1]; left;) {
        unsigned now = left < CASE_SLOTS ? (unsigned)left : CASE_SLOTS;

        chunk(run, now);
        left -= now;
    }
    summary(run, number[1], &start);
    oracle_close(&run->oracle);
    subject_close(&run->subject);
    free(run->cases);
    free(run->got);
    count = run->wrong != 0;
    free(run);
    return count;
}
