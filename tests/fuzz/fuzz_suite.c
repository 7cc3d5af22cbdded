/* SPDX-License-Identifier: MIT */
/** Suites of `sienna test`: any text is a suite or leads to sentences with line numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "test_suite.h"

static const char *const pieces[] = {
    "[defaults]\n", "[a]\n", "[b/c]\n", "[", "]\n", "kernel = x\n", "image = x at 0x10000\n", "image = at \n",
    "storage = 16M\n", "cpus = 2\n", "option = -smp 2 'a b' \"c\\\"\"\n", "option = '\n", "limit = 5 ms\n",
    "limit = 99999999999 s\n", "exit = 3\n", "says = ${x}\n", "says = $${x}${suite}\n", "says = ${\n", "never = (a|b)*\n",
    "never = [\n", "digest = 0123456789abcdef\n", "input = y\n", "# text\n", "=\n", "kernel\n", "recording = r\n", "\n",
};
enum { PIECES = sizeof pieces / sizeof *pieces };

struct told {
    unsigned count, lines;
};

static void told(void *context, unsigned line, const char *text)
{
    struct told *t = context;

    t->count++;
    FUZZ_ASSERT(*text && !strchr(text, '\n') && line <= t->lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct suite_definition definitions[] = {{"x", "value"}};
    struct told t = {0, 1};
    struct suite suite;

    for (size_t i = 0; i < size; i++)
        t.lines += data[i] == '\n';
    FUZZ_ASSERT(suite_parse(&suite, "folder/suite", (const char *)data, size, definitions, 1, told, &t) == !t.count);
    for (unsigned i = 0; i < suite.count; i++)
        FUZZ_ASSERT(suite.tests[i].name.text && suite.tests[i].name.line <= t.lines);
    suite_release(&suite);
    return 0;
}

size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    size_t bytes = 0;

    for (unsigned i = 0; i < 2 + n % 9; i++) {
        const char *piece = pieces[(n * 5 + i * (n / 3 + 1)) % PIECES];

        if (bytes + strlen(piece) > room)
            break;
        memcpy(data + bytes, piece, strlen(piece));
        bytes += strlen(piece);
    }
    return bytes;
}
