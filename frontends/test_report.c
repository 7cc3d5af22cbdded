/* SPDX-License-Identifier: MIT */
/** What `sienna test` says while tests end and when all have: text, TAP, a line of progress. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test_run.h"

enum { LAST_LINES = 12, LONGEST_PROGRESS = 78 };

/* ---- Progress: one line on the terminal, drawn again at each change ---- */

static void erase_progress(struct test_report *r)
{
    if (r->line)
        fputs("\r\033[K", stderr);
    r->line = false;
}

void test_report_progress(struct test_report *r)
{
    char text[LONGEST_PROGRESS + 1];
    int n;

    if (!r->terminal)
        return;
    erase_progress(r);
    n = snprintf(text, sizeof text, "%u of %u ended", r->ended, r->count);
    if (r->outcomes[TEST_FAILED])
        n += snprintf(text + n, sizeof text - (size_t)n, ", %u failed", r->outcomes[TEST_FAILED]);
    for (unsigned i = 0, shown = 0; i < r->count && n < LONGEST_PROGRESS; i++)
        if (r->runs[i].pid)
            n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", shown++ ? ", " : "; running: ",
                          r->runs[i].test->name.text);
    fputs(text, stderr);
    fflush(stderr);
    r->line = true;
}

/* ---- The end of the console, without what would disturb a terminal or a TAP reader ---- */

static const char *last_lines(const struct test_bytes *text)
{
    const char *at = text->data + text->count;

    for (unsigned lines = 0; at > text->data; at--)
        if (at[-1] == '\n' && at != text->data + text->count && ++lines == LAST_LINES)
            break;
    return at;
}

static void show_console(const struct test_run *run, const char *indent)
{
    const struct test_bytes *said = &run->said[TEST_CONSOLE];
    bool begins = true;

    if (!said->count)
        return;
    for (const char *at = last_lines(said); at < said->data + said->count; at++) {
        if (*at == '\r')
            continue;
        if (begins)
            fputs(indent, stdout);
        begins = *at == '\n';
        putchar(*at == '\n' || *at == '\t' || (*at & 0xe0) ? *at : '.');
    }
    if (!begins)
        putchar('\n');
}

/* ---- One test as text ---- */

static void show_lines(const char *indent, const char *text)
{
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, "\n");

        printf("%s%.*s\n", indent, (int)n, at);
        at += n + (at[n] != 0);
    }
}

static void show_text(const struct test_run *run, const char *kept)
{
    const char *name = run->test->name.text;
    char *line;

    if (run->outcome == TEST_PASSED) {
        printf("ok       %s\n", name);
    } else if (run->outcome == TEST_SKIPPED) {
        printf("skipped  %s: %s\n", name, run->test->skip.text);
    } else {
        printf("FAILED   %s\n", name);
        show_lines("    ", run->why);
        if (run->said[TEST_CONSOLE].count)
            printf("    the console's end:\n");
        show_console(run, "      | ");
        line = test_shell_line(run);
        printf("    again: %s\n", line);
        if (kept)
            printf("    kept in %s\n", kept);
        free(line);
    }
}

/* ---- One test as TAP ---- */

/* A double-quoted YAML scalar. */
static void show_scalar(const char *key, const char *text, size_t count)
{
    printf("  %s: \"", key);
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ' || c > '~')
            printf("\\x%02x", c);
        else
            putchar(c);
    }
    printf("\"\n");
}

static void show_tap(const struct test_run *run, unsigned number, const char *kept)
{
    char *line;

    printf("%sok %u - %s", run->outcome == TEST_FAILED ? "not " : "", number, run->test->name.text);
    printf(run->outcome == TEST_SKIPPED ? " # SKIP %s\n" : "\n", run->test->skip.text);
    if (run->outcome != TEST_FAILED)
        return;
    line = test_shell_line(run);
    printf("  ---\n");
    show_scalar("message", run->why, strcspn(run->why, "\n"));
    if (strchr(run->why, '\n'))
        show_scalar("reasons", run->why, strlen(run->why));
    show_scalar("again", line, strlen(line));
    if (kept)
        show_scalar("kept", kept, strlen(kept));
    printf("  ...\n");
    show_console(run, "# ");
    free(line);
}

/* ---- All ---- */

void test_report_begin(struct test_report *r)
{
    for (unsigned i = 0; i < r->count; i++)
        r->tests += i == 0 || r->runs[i].test != r->runs[i - 1].test;
    r->shown = calloc(r->tests, sizeof *r->shown);
    if (!r->shown)
        abort();
    r->terminal = isatty(STDERR_FILENO);
    if (r->tap)
        printf("TAP version 14\n1..%u\n", r->tests);
    fflush(stdout);
}

static void show(struct test_report *r, struct test_run *run)
{
    char kept[4096];
    bool keeps = r->keep && run->outcome == TEST_FAILED;

    erase_progress(r);
    r->shown[r->tests_shown++] = run;
    r->outcomes[run->outcome]++;
    snprintf(kept, sizeof kept, "%s/%s", r->keep ? r->keep : "", run->test->name.text);
    if (keeps && !test_keep(run, kept)) {
        r->keep_failed = true;
        keeps = false;
    }
    if (r->tap)
        show_tap(run, r->tests_shown, keeps ? kept : NULL);
    else
        show_text(run, keeps ? kept : NULL);
    fflush(stdout);
}

/* Say with which seeds a test failed, before its reasons. */
static void tell_seeds(struct test_run *tells, const struct test_run *runs, unsigned count)
{
    enum { MOST_SAID = 10 };
    unsigned failed = 0;
    char *text = NULL;
    size_t bytes;
    FILE *out;

    if (!tells->seeded || tells->outcome != TEST_FAILED)
        return;
    out = open_memstream(&text, &bytes);
    if (!out)
        abort();
    fprintf(out, "with the schedule of seed %llu; fails with seeds", (unsigned long long)tells->seed);
    for (unsigned i = 0; i < count; i++)
        if (runs[i].outcome == TEST_FAILED && failed++ < MOST_SAID)
            fprintf(out, " %llu", (unsigned long long)runs[i].seed);
    fprintf(out, "%s (%u of %u)\n%s", failed > MOST_SAID ? " ..." : "", failed, count, tells->why);
    fclose(out);
    free(tells->why);
    tells->why = text;
}

/* The runs of one test are neighbours: a failed one tells of it. */
void test_report_more(struct test_report *r)
{
    while (r->next < r->count) {
        struct test_run *tells = &r->runs[r->next];
        unsigned end = r->next;

        for (; end < r->count && r->runs[end].test == r->runs[r->next].test; end++) {
            if (!r->runs[end].done)
                return;
            if (r->runs[end].outcome == TEST_FAILED && tells->outcome != TEST_FAILED)
                tells = &r->runs[end];
        }
        tell_seeds(tells, &r->runs[r->next], end - r->next);
        show(r, tells);
        r->next = end;
    }
}

void test_report_end(struct test_report *r)
{
    unsigned missing = r->tests - r->tests_shown;

    erase_progress(r);
    printf(r->tap ? "# " : "");
    printf("%u passed, %u failed, %u skipped", r->outcomes[TEST_PASSED], r->outcomes[TEST_FAILED],
           r->outcomes[TEST_SKIPPED]);
    printf(missing ? ", %u not run\n" : "\n", missing);
    fflush(stdout);
}

void test_report_release(struct test_report *r)
{
    free(r->shown);
}
