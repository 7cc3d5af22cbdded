/* SPDX-License-Identifier: MIT */
/** Comparing what a run showed with what its test expects. */
#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "test_run.h"

enum { LONGEST_EXPECTATION = 64 << 20, SHOWN = 120 };

/* The judge: reasons against the run, and what it showed, line by line. */
struct judge {
    struct test_run *run;
    FILE *why;
    unsigned reasons;
    struct test_bytes console; /* without the CR of line ends */
    char **lines;              /* of the console */
    size_t line_count;
};

__attribute__((format(printf, 2, 3)))
static void against(struct judge *j, const char *format, ...)
{
    va_list arguments;

    if (j->reasons++)
        fputc('\n', j->why);
    va_start(arguments, format);
    vfprintf(j->why, format, arguments);
    va_end(arguments);
}

/* ---- Text ---- */

/* A copy whose lines end with LF alone. */
static struct test_bytes without_cr(const struct test_bytes *from)
{
    struct test_bytes to = {malloc(from->count + 1), 0};

    if (!to.data)
        abort();
    for (size_t i = 0; i < from->count; i++)
        if (from->data[i] != '\r' || (i + 1 < from->count && from->data[i + 1] != '\n' && from->data[i + 1] != '\r'))
            to.data[to.count++] = from->data[i];
    to.data[to.count] = 0;
    return to;
}

/* Pointers to the lines; the bytes are cut at them. Zeros in them become blanks, since regular expressions end there. */
static char **cut_lines(struct test_bytes *text, size_t *count)
{
    char **lines = NULL;
    size_t room = 0;

    *count = 0;
    for (size_t at = 0; at < text->count; *count += 1) {
        char *end = memchr(text->data + at, '\n', text->count - at);
        size_t length = end ? (size_t)(end - text->data) - at : text->count - at;

        if (*count == room)
            lines = realloc(lines, (room = room ? 2 * room : 64) * sizeof *lines);
        if (!lines)
            abort();
        for (size_t i = at; i < at + length; i++)
            if (!text->data[i])
                text->data[i] = ' ';
        text->data[at + length] = 0;
        lines[*count] = text->data + at;
        at += length + 1;
    }
    return lines;
}

/* The bytes of a file that the suite names. False with a reason. */
static bool read_expectation(struct judge *j, const char *key, const struct suite_value *file, struct test_bytes *text)
{
    char path[4096];
    FILE *in;

    if (*file->text == '/')
        snprintf(path, sizeof path, "%s", file->text);
    else
        snprintf(path, sizeof path, "%s/%s", j->run->suite->folder, file->text);
    in = fopen(path, "r");
    *text = (struct test_bytes){malloc(LONGEST_EXPECTATION + 1), 0};
    if (!text->data)
        abort();
    if (in)
        text->count = fread(text->data, 1, LONGEST_EXPECTATION, in);
    text->data[text->count] = 0;
    if (!in || ferror(in)) {
        against(j, "%s: '%s' cannot be read: %s", key, path, strerror(errno));
        free(text->data);
        if (in)
            fclose(in);
        return false;
    }
    fclose(in);
    return true;
}

/* ---- Expectations ---- */

static void judge_status(struct judge *j)
{
    const struct suite_test *t = j->run->test;
    int status = j->run->status, code = WEXITSTATUS(status);
    char *ending = test_ending(j->run);

    if (j->run->too_much)
        against(j, "it said more than 64 MiB and was ended");
    else if (WIFSIGNALED(status))
        against(j, "sienna itself died of signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (code == 3 && t->exit_code != 3)
        against(j, "it did not end within %llu ms of virtual time", (unsigned long long)t->limit_ms);
    else if (code != t->exit_code)
        against(j, "exit code %d instead of %d%s%s", code, t->exit_code, ending ? ": " : "", ending ? ending : "");
    free(ending);
}

static bool matches(const char *expression, const char *text)
{
    regex_t regex;
    bool yes;

    if (regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB))
        return false;
    yes = !regexec(&regex, text, 0, NULL, 0);
    regfree(&regex);
    return yes;
}

static void judge_ending(struct judge *j)
{
    const struct suite_test *t = j->run->test;
    char *ending = test_ending(j->run);

    if (t->ending.text && (!ending || !matches(t->ending.text, ending)))
        against(j, "its end does not match '%s': %s", t->ending.text, ending ? ending : "nothing was said about it");
    free(ending);
}

static void judge_output(struct judge *j)
{
    struct test_bytes raw, expected;
    char **lines, none[] = "(no such line)";
    size_t count, n = 0;

    if (!j->run->test->output.text || !read_expectation(j, "output", &j->run->test->output, &raw))
        return;
    expected = without_cr(&raw);
    if (expected.count != j->console.count || memcmp(expected.data, j->console.data, expected.count) != 0) {
        lines = cut_lines(&expected, &count);
        while (n < count && n < j->line_count && !strcmp(lines[n], j->lines[n]))
            n++;
        if (n == count && n == j->line_count)
            against(j, "output: the last line's end differs");
        else
            against(j, "output: line %zu is '%.*s' instead of '%.*s'", n + 1, SHOWN,
                    n < j->line_count ? j->lines[n] : none, SHOWN, n < count ? lines[n] : none);
        free(lines);
    }
    free(expected.data);
    free(raw.data);
}

static void judge_pattern(struct judge *j)
{
    struct test_bytes raw, pattern;
    size_t count, line = 0;
    char **lines;

    if (!j->run->test->pattern.text || !read_expectation(j, "pattern", &j->run->test->pattern, &raw))
        return;
    pattern = without_cr(&raw);
    lines = cut_lines(&pattern, &count);
    for (size_t i = 0; i < count; i++) {
        size_t from = line;
        regex_t regex;

        if (!*lines[i])
            continue;
        if (regcomp(&regex, lines[i], REG_EXTENDED | REG_NOSUB)) {
            against(j, "pattern: line %zu of '%s' is no extended regular expression", i + 1,
                    j->run->test->pattern.text);
            break;
        }
        while (line < j->line_count && regexec(&regex, j->lines[line], 0, NULL, 0))
            line++;
        regfree(&regex);
        if (line++ == j->line_count) {
            against(j, "pattern: no line behind line %zu matches '%.*s'", from, SHOWN, lines[i]);
            break;
        }
    }
    free(lines);
    free(pattern.data);
    free(raw.data);
}

static bool console_has(const struct judge *j, const char *text)
{
    return memmem(j->console.data, j->console.count, text, strlen(text));
}

static void judge_never(struct judge *j, const char *expression)
{
    size_t line = 0;
    regex_t regex;

    if (regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB)) /* the suite's reader has tried it */
        abort();
    while (line < j->line_count && regexec(&regex, j->lines[line], 0, NULL, 0))
        line++;
    regfree(&regex);
    if (line < j->line_count)
        against(j, "line %zu matches '%s', which must never come: '%.*s'", line + 1, expression, SHOWN,
                j->lines[line]);
}

static void judge_texts(struct judge *j)
{
    const struct suite_test *t = j->run->test;

    for (unsigned i = 0; i < t->says.count; i++)
        if (!console_has(j, t->says.values[i].text))
            against(j, "the console does not say '%s'", t->says.values[i].text);
    for (unsigned i = 0; i < t->never.count; i++)
        judge_never(j, t->never.values[i].text);
}

static void judge_digest(struct judge *j)
{
    const char *expected = j->run->test->digest.text;
    char digest[17];

    if (!expected || j->run->seeded) /* each schedule has a digest of its own */
        return;
    test_digest(j->run, digest);
    if (!*digest)
        against(j, "there is no digest of its end");
    else if (strcmp(digest, expected) != 0)
        against(j, "digest %s instead of %s", digest, expected);
}

void test_judge(struct test_run *run)
{
    struct judge j = {.run = run};
    struct test_bytes cut;
    size_t bytes;

    j.why = open_memstream(&run->why, &bytes);
    if (!j.why)
        abort();
    j.console = without_cr(&run->said[TEST_CONSOLE]);
    cut = without_cr(&run->said[TEST_CONSOLE]);
    j.lines = cut_lines(&cut, &j.line_count);
    judge_status(&j);
    judge_ending(&j);
    judge_output(&j);
    judge_pattern(&j);
    judge_texts(&j);
    judge_digest(&j);
    fclose(j.why);
    run->outcome = j.reasons ? TEST_FAILED : TEST_PASSED;
    free(j.lines);
    free(j.console.data);
    free(cut.data);
}

/* ---- What the child said about its machine ---- */

/* The last line that begins with `prefix` and is no other's, without it; to be freed. */
static char *last_message(const struct test_run *run, const char *prefix, const char *const *others)
{
    const char *at = run->said[TEST_MESSAGES].data, *found = NULL;

    for (; at && *at; at = strchr(at, '\n'), at += at != NULL) {
        bool other = strncmp(at, prefix, strlen(prefix)) != 0;

        for (const char *const *o = others; *o; o++)
            other |= !strncmp(at, *o, strlen(*o));
        if (!other)
            found = at + strlen(prefix);
    }
    return found ? strndup(found, strcspn(found, "\n")) : NULL;
}

void test_digest(const struct test_run *run, char digest[17])
{
    static const char *const none[] = {NULL};
    char *text = last_message(run, "sienna: digest ", none);

    snprintf(digest, 17, "%s", text ? text : "");
    free(text);
}

char *test_ending(const struct test_run *run)
{
    static const char *const others[] = {"sienna: digest ", "sienna: the guest's storage ", NULL};

    return last_message(run, "sienna: ", others);
}
