/* SPDX-License-Identifier: MIT */
/** The cases of tests/insn: instructions on any registers and on storage around DATA. */
#include <check.h>
#include <stdio.h>

#include "unit/cpu_fixture.h"
#include "unit/hex.h"
#include "unit/insn_lines.h"
#include "unit/suite.h"

enum { WINDOW = 0x3000 }; /* bytes from DATA on that a case may use; all of them are compared */

static struct fixture f;

static void setup(void) { fixture_init(&f); }
static void teardown(void) { fixture_release(&f); }

struct state {
    uint64_t gr[16];
    uint8_t storage[WINDOW];
    unsigned cc, program_mask, amode, interruption;
};

/** A number, or an address in the window when it starts with `@`. */
static uint64_t number(const char *word)
{
    return *word == '@' ? DATA + strtoull(word + 1, NULL, 16) : strtoull(word, NULL, 16);
}

static void set_storage(struct state *s, uint64_t at, const char *value)
{
    ck_assert_uint_lt(at, WINDOW);
    if (*value == '@')
        put_be64(s->storage + at, number(value));
    else
        hex_bytes(value, s->storage + at, WINDOW - at);
}

/** Apply NAME=VALUE. */
static void set(struct state *s, const char *word)
{
    const char *value = strchr(word, '=');

    ck_assert_msg(value != NULL, "no NAME=VALUE: %s", word);
    value++;
    if (!strncmp(word, "cc=", 3))
        s->cc = (unsigned)atoi(value);
    else if (!strncmp(word, "pm=", 3))
        s->program_mask = (unsigned)atoi(value);
    else if (!strncmp(word, "amode=", 6))
        s->amode = (unsigned)atoi(value);
    else if (!strncmp(word, "pgm=", 4))
        s->interruption = (unsigned)number(value);
    else if (*word == 'r')
        s->gr[atoi(word + 1) & 15] = number(value);
    else if (*word == 'm')
        set_storage(s, strtoull(word + 1, NULL, 16), value);
    else
        ck_abort_msg("unknown name: %s", word);
}

static void enter(const struct state *s)
{
    uint64_t mode = s->amode == 64 ? PSW_EA | PSW_BA : s->amode == 31 ? PSW_BA : 0;

    for (unsigned i = 0; i < 16; i++)
        f.cpu->gr[i].d = s->gr[i];
    storage_stored(f.machine.storage, absolute(DATA), WINDOW, false);
    memcpy(at(&f, DATA), s->storage, WINDOW);
    f.cpu->cc = s->cc;
    f.cpu->psw_mask = mode | (uint64_t)s->program_mask << PSW_PROGRAM_MASK_SHIFT;
}

/** Everything that is not as expected, on stderr. */
static bool check(const char *line, const struct state *expected)
{
    bool good = f.cpu->cc == expected->cc && f.code == expected->interruption;

    for (unsigned i = 0; i < 16; i++)
        good &= f.cpu->gr[i].d == expected->gr[i];
    good &= !memcmp(at(&f, DATA), expected->storage, WINDOW);
    if (good)
        return true;
    fprintf(stderr, "%s gave cc %u, interruption %x", line, f.cpu->cc, f.code);
    for (unsigned i = 0; i < 16; i++)
        if (f.cpu->gr[i].d != expected->gr[i])
            fprintf(stderr, " r%u=%llx", i, (unsigned long long)f.cpu->gr[i].d);
    for (unsigned i = 0; i < WINDOW; i++)
        if (*at(&f, DATA + i) != expected->storage[i])
            fprintf(stderr, " m%x=%02x", i, *at(&f, DATA + i));
    fprintf(stderr, "\n");
    return false;
}

static bool passes(const char *line)
{
    static struct state before, after;
    char *copy = strdup(line), *rest = copy, *word, *code = NULL;
    struct state *now = &before;
    unsigned words = 0;
    bool good;

    memset(&before, 0, sizeof before);
    before.amode = 64;
    while ((word = strtok_r(rest, " \n", &rest))) {
        if (words++ == 1)
            code = word;
        if (!strcmp(word, "->")) {
            after = before;
            now = &after;
        } else if (words > 3) {
            set(now, word);
        }
    }
    ck_assert_msg(now == &after && code, "not a case: %s", line);
    enter(&before);
    run(&f, code);
    good = check(line, &after);
    free(copy);
    return good;
}

static const char *const files[] = {"long.case", "strings.case", "translate.case", "sort.case", "unicode.case",
                                    "decimal.case", "locked.case", "compress.case", "branch.case"};

START_TEST(test_cases) { ck_assert_uint_eq(failed_lines(files[_i], passes), 0); }
END_TEST

int main(void)
{
    Suite *suite = suite_create("instruction cases");
    TCase *c = tcase_create("cases");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, test_cases, 0, sizeof files / sizeof *files);
    tcase_set_timeout(c, 60);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
