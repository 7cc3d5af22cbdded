/* SPDX-License-Identifier: MIT */
/**
 * Compares the instruction table with what binutils knows:  opcodes OBJDUMP
 *
 * Every operation code there can be is disassembled. What objdump takes for an instruction is in the table
 * or in excluded.def with the reason, never in both. (That the table's rows are known to binutils is
 * tested by compare.c.)
 */
#include "cpu/insn.h"
#include "listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Other fields than the operation code: zero, or different values. Some instructions want fields to be
 * zero. */
enum { VARIANTS = 3, TEXTS = 256 * 256 * VARIANTS };
static const uint64_t variants[VARIANTS] = {0, 0x0000001000000000, 0x0000123040500000};

static struct { const char *mnemonic, *reason; unsigned seen; } excluded[] = {
#define EXCLUDED(mnemonic, reason) {mnemonic, reason, 0},
#include "excluded.def"
#undef EXCLUDED
};

static int six_byte_with_last(unsigned first)
{
    return first == 0xe3 || first == 0xe6 || first == 0xe7 || first == 0xeb || first == 0xec || first == 0xed;
}

static uint64_t text_of(unsigned first, unsigned second, uint64_t variant)
{
    if (six_byte_with_last(first))
        return (uint64_t)first << 56 | variant | (uint64_t)second << 16;
    return (uint64_t)first << 56 | (uint64_t)second << 48 | variant;
}

/* Is `line`'s mnemonic excluded? Extended mnemonics are listed by themselves. */
static int is_excluded(const char *line)
{
    size_t length = strcspn(line, "\t ");

    for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++)
        if (strlen(excluded[i].mnemonic) == length && !strncmp(line, excluded[i].mnemonic, length)) {
            excluded[i].seen = 1;
            return 1;
        }
    return 0;
}

static unsigned check(const uint64_t *texts, char (*lines)[LINE])
{
    unsigned errors = 0;

    for (size_t i = 0; i < TEXTS; i++) {
        int known = insn_decode(texts[i]) != INSN_NONE;

        if (!lines[i][0] || lines[i][0] == '.')
            continue;
        if (known == is_excluded(lines[i])) {
            printf("%012llx %s: %s\n", (unsigned long long)texts[i] >> 16, lines[i],
                   known ? "excluded, but in the table" : "neither in the table nor excluded");
            errors++;
        }
    }
    for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++)
        if (!excluded[i].seen) {
            printf("%s (%s): not known to objdump\n", excluded[i].mnemonic, excluded[i].reason);
            errors++;
        }
    return errors;
}

int main(int count, char **arguments)
{
    uint64_t *texts = malloc(sizeof(*texts) * TEXTS);
    char (*lines)[LINE];
    int failed;

    if (count < 2 || access(arguments[1], X_OK) || !texts) {
        free(texts);
        return SKIPPED;
    }
    for (unsigned i = 0; i < TEXTS; i++)
        texts[i] = text_of(i / VARIANTS / 256, i / VARIANTS % 256, variants[i % VARIANTS]);
    lines = listing(arguments[1], texts, TEXTS);
    failed = !lines || check(texts, lines);
    free(lines);
    free(texts);
    return failed;
}
