/* SPDX-License-Identifier: MIT */
/** The vectors of tests/insn, each a few instructions on registers 1-4 and 16 bytes of storage. */
#include <check.h>
#include <stdio.h>

#include "unit/cpu_fixture.h"
#include "unit/hex.h"
#include "unit/insn_lines.h"
#include "unit/suite.h"

static struct fixture f;

static void setup(void) { fixture_init(&f); }
static void teardown(void) { fixture_release(&f); }

struct state {
    uint64_t gr[4];
    uint8_t storage[16];
};

struct vector {
    char text[80], code[64];
    unsigned cc, program_mask;
    struct state before, after;
    bool stores;
    unsigned after_cc, interruption;
};

static void set_storage(uint8_t *to, const char *hex)
{
    ck_assert_uint_eq(hex_bytes(hex, to, 16), 16);
}

static void parse(const char *line, struct vector *v)
{
    char words[2][5][40];
    unsigned cc_mask;

    ck_assert_msg(sscanf(line, "%79s %63s %x | %39s %39s %39s %39s %39s -> %39s %39s %39s %39s %39s %u %u",
                         v->text, v->code, &cc_mask, words[0][0], words[0][1], words[0][2], words[0][3],
                         words[0][4], words[1][0], words[1][1], words[1][2], words[1][3], words[1][4],
                         &v->after_cc, &v->interruption) == 15, "not a vector: %s", line);
    v->cc = cc_mask >> 4;
    v->program_mask = cc_mask & 15;
    for (unsigned i = 0; i < 4; i++) {
        v->before.gr[i] = strtoull(words[0][i], NULL, 16);
        v->after.gr[i] = *words[1][i] == '.' ? v->before.gr[i] : strtoull(words[1][i], NULL, 16);
    }
    v->stores = *words[0][4] != '-';
    if (v->stores) {
        set_storage(v->before.storage, words[0][4]);
        set_storage(v->after.storage, *words[1][4] == '.' ? words[0][4] : words[1][4]);
    }
}

/** Run one vector; true when everything is as the line says. */
static bool holds(const struct vector *v)
{
    bool good;

    for (unsigned i = 0; i < 4; i++)
        f.cpu->gr[1 + i].d = v->before.gr[i];
    f.cpu->gr[5].d = DATA;
    if (v->stores)
        memcpy(at(&f, DATA), v->before.storage, 16);
    f.cpu->cc = v->cc;
    f.cpu->psw_mask = PSW_EA | PSW_BA | (uint64_t)v->program_mask << PSW_PROGRAM_MASK_SHIFT;
    run(&f, v->code);
    good = f.cpu->cc == v->after_cc && f.code == v->interruption;
    for (unsigned i = 0; i < 4; i++)
        good &= f.cpu->gr[1 + i].d == v->after.gr[i];
    return good && (!v->stores || !memcmp(at(&f, DATA), v->after.storage, 16));
}

static void print_failure(const char *line)
{
    fprintf(stderr, "%s  gave r1-r4 %llx %llx %llx %llx cc %u interruption %u storage ", line,
            (unsigned long long)f.cpu->gr[1].d, (unsigned long long)f.cpu->gr[2].d,
            (unsigned long long)f.cpu->gr[3].d, (unsigned long long)f.cpu->gr[4].d, f.cpu->cc, f.code);
    for (unsigned i = 0; i < 16; i++)
        fprintf(stderr, "%02x", *at(&f, DATA + i));
    fprintf(stderr, "\n");
}

static bool passes(const char *line)
{
    struct vector v = {.text = ""};
    bool good;

    parse(line, &v);
    good = holds(&v);
    if (!good)
        print_failure(line);
    return good;
}

static const char *const files[] = {"load.vec", "store.vec", "arithmetic.vec", "multiply.vec", "logical.vec",
                                    "shift.vec", "condition.vec", "interlocked.vec", "string.vec"};

START_TEST(test_vectors) { ck_assert_uint_eq(failed_lines(files[_i], passes), 0); }
END_TEST

int main(void)
{
    Suite *suite = suite_create("instruction vectors");
    TCase *c = tcase_create("vectors");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, test_vectors, 0, sizeof files / sizeof *files);
    tcase_set_timeout(c, 60);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
