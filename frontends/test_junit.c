/* SPDX-License-Identifier: MIT */
/** A report in the XML form of JUnit, which CI services read. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "test_run.h"

/* The length of the UTF-8 character at `at`, 0 when it is none that XML 1.0 may contain. */
static unsigned character(const unsigned char *at, size_t rest)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned n = *at < 0x80 ? 1 : *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : *at >= 0xc0 ? 2 : 0;
    unsigned value = n == 1 ? *at : *at & (0x7fu >> n);

    if (!n || n > rest || *at > 0xf7)
        return 0;
    for (unsigned i = 1; i < n; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3f);
    }
    if (value < 0x20)
        return value == '\t' || value == '\n';
    return value >= least[n] && value <= 0x10ffff && (value & ~0x7ffu) != 0xd800 && (value | 1) != 0xffff ? n : 0;
}

static void escape(FILE *out, const char *text, size_t count)
{
    const unsigned char *at = (const unsigned char *)text;

    for (size_t i = 0; i < count;) {
        unsigned n = character(at + i, count - i);

        if (!n && at[i] != '\r')
            fputs("\357\277\275", out); /* U+FFFD stands for what XML does not know */
        else if (at[i] == '&')
            fputs("&amp;", out);
        else if (at[i] == '<')
            fputs("&lt;", out);
        else if (at[i] == '>')
            fputs("&gt;", out);
        else if (at[i] == '"')
            fputs("&quot;", out);
        else if (at[i] == '\n')
            fputs("&#10;", out); /* kept in attributes, too */
        else
            fwrite(at + i, 1, n, out);
        i += n ? n : 1;
    }
}

static void element(FILE *out, const char *name, const struct test_bytes *bytes)
{
    enum { MOST = 1 << 20 }; /* a report is no archive: the end is what matters */
    size_t from = bytes->count > MOST ? bytes->count - MOST : 0;

    if (!bytes->count)
        return;
    fprintf(out, "      <%s>", name);
    escape(out, bytes->data + from, bytes->count - from);
    fprintf(out, "</%s>\n", name);
}

static void test_case(FILE *out, const struct test_run *run)
{
    fprintf(out, "    <testcase classname=\"");
    escape(out, run->suite->file, strlen(run->suite->file));
    fprintf(out, "\" name=\"");
    escape(out, run->test->name.text, strlen(run->test->name.text));
    fprintf(out, "\" time=\"%.3f\">\n", (double)run->took / 1e9);
    if (run->outcome == TEST_SKIPPED) {
        fprintf(out, "      <skipped message=\"");
        escape(out, run->test->skip.text, strlen(run->test->skip.text));
        fprintf(out, "\"/>\n");
    }
    if (run->outcome == TEST_FAILED) {
        fprintf(out, "      <failure message=\"");
        escape(out, run->why, strcspn(run->why, "\n"));
        fprintf(out, "\">");
        escape(out, run->why, strlen(run->why));
        fprintf(out, "</failure>\n");
    }
    element(out, "system-out", &run->said[TEST_CONSOLE]);
    element(out, "system-err", &run->said[TEST_MESSAGES]);
    fprintf(out, "    </testcase>\n");
}

bool test_junit(struct test_run *const *runs, unsigned count, const char *file)
{
    FILE *out = fopen(file, "w");
    unsigned outcomes[3] = {0};
    double seconds = 0;
    bool ok;

    for (unsigned i = 0; i < count; i++) {
        outcomes[runs[i]->outcome]++;
        seconds += (double)runs[i]->took / 1e9;
    }
    if (out) {
        fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"");
        escape(out, runs[0]->suite->file, strlen(runs[0]->suite->file));
        fprintf(out, "\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\" time=\"%.3f\">\n", count,
                outcomes[TEST_FAILED], outcomes[TEST_SKIPPED], seconds);
        for (unsigned i = 0; i < count; i++)
            test_case(out, runs[i]);
        fprintf(out, "  </testsuite>\n</testsuites>\n");
    }
    ok = out && !ferror(out);
    if (out && fclose(out))
        ok = false;
    if (!ok)
        fprintf(stderr, "sienna: -junit: '%s' cannot be written: %s\n", file, strerror(errno));
    return ok;
}
