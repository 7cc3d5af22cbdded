/* SPDX-License-Identifier: MIT */
/**
 * The coverage page (docs/instructions.md) on standard output:  coverage TESTS-FOLDER
 *
 * Made from the instruction table; the case files in insn/, whose code tells which instruction they test;
 * the code (strings of hexadecimal digits) and row names in the unit tests of the processor; and the
 * differential tests' lists of what they leave out. Exit status 1 when an instruction has no test at all.
 */
#include "cpu/insn.h"
#include "cpu/layout.h"
#include "diff/compare.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 1 << 20, FILES = 96 };

static const struct { int from; const char *title; } families[] = {
#define FAMILY(first, title) {INSN_##first, title},
#include "families.def"
#undef FAMILY
};

/* Per row: the files that test it, by number in `file_names`. */
struct tested {
    uint8_t vectors[FILES], units[FILES];
};
static struct tested tested[INSN_COUNT];
static char file_names[FILES][40];
static unsigned files;

static char *read_text(const char *path)
{
    char *text = calloc(1, TEXT);
    FILE *file = fopen(path, "r");

    if (!text || !file || !fread(text, 1, TEXT - 1, file)) {
        perror(path);
        exit(2);
    }
    fclose(file);
    return text;
}

/* Left-justified text from hexadecimal digits. */
static uint64_t hex_text(const char *digits, unsigned count)
{
    uint64_t text = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned d = 0;

        if (i < count)
            d = (unsigned)(digits[i] <= '9' ? digits[i] - '0' : (digits[i] | 32) - 'a' + 10);
        text = text << 4 | d;
    }
    return text;
}

/* Mark the instructions in a row of hexadecimal digits; of a case the first only, which may need LARL
 * before it. */
static void mark_code(const char *digits, unsigned count, bool vectors)
{
    while (count >= 4) {
        uint64_t text = hex_text(digits, count);
        unsigned length = 2 * insn_length((uint8_t)(text >> 56));
        enum insn_id id = insn_decode(text);

        if (length > count)
            return;
        if (vectors)
            tested[id].vectors[files] = 1;
        else
            tested[id].units[files] = 1;
        if (vectors && (id != INSN_LARL || length == count))
            return;
        digits += length;
        count -= length;
    }
}

/* Case files: the second word of a line is code. */
static void scan_cases(char *text)
{
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *code = strchr(line, ' ');

        if (*line == '#' || !code)
            continue;
        code += strspn(code, " ");
        mark_code(code, (unsigned)strspn(code, "0123456789abcdef"), true);
    }
}

/* A string literal that is code; spaces separate instructions for the reader only. */
static void scan_string(const char *from, size_t length)
{
    char digits[512];
    unsigned count = 0;

    for (size_t i = 0; i < length && count < sizeof(digits); i++) {
        if (isxdigit((unsigned char)from[i]))
            digits[count++] = from[i];
        else if (from[i] != ' ')
            return;
    }
    if (count >= 4 && count % 4 == 0)
        mark_code(digits, count, false);
}

static void scan_strings(const char *text)
{
    while ((text = strchr(text, '"'))) {
        size_t length = strcspn(++text, "\"\n");

        scan_string(text, length);
        text += length;
        text += *text == '"';
    }
}

/* Row names: INSN_NAME. */
static void scan_names(const char *text)
{
    while ((text = strstr(text, "INSN_"))) {
        size_t length;

        text += 5;
        length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        for (int id = 1; id < INSN_COUNT; id++)
            if (strlen(insn_name((enum insn_id)id)) == length &&
                !strncasecmp(text, insn_name((enum insn_id)id), length))
                tested[id].units[files] = 1;
    }
}

/* Remember a file by its name without folder, "test_" and ending. */
static void next_file(const char *path, bool vectors)
{
    const char *name = strrchr(path, '/') + 1;

    if (!vectors)
        name += strlen("test_");
    snprintf(file_names[files], sizeof(file_names[files]), "%.*s", (int)strcspn(name, "."), name);
    files++;
}

static void scan_files(const char *folder, const char *pattern, bool vectors)
{
    char path[512];
    glob_t found;

    snprintf(path, sizeof(path), "%s/%s", folder, pattern);
    if (glob(path, 0, NULL, &found))
        return;
    for (size_t i = 0; i < found.gl_pathc && files < FILES; i++) {
        char *text = read_text(found.gl_pathv[i]);

        if (!vectors) {
            scan_names(text);
            scan_strings(text);
        } else {
            scan_cases(text);
        }
        free(text);
        next_file(found.gl_pathv[i], vectors);
    }
    globfree(&found);
}

static unsigned print_files(const uint8_t *marks)
{
    unsigned count = 0;

    for (unsigned i = 0; i < files; i++)
        if (marks[i])
            printf("%s%s", count++ ? ", " : "", file_names[i]);
    return count;
}

/* Instructions of control cases, on qemu-system-s390x. */
static const bool control_cases[INSN_COUNT] = {
#if __has_include("diff/control_instructions.def")
#define CONTROL(NAME, ...) [INSN_##NAME] = true,
#include "diff/control_instructions.def"
#undef CONTROL
#endif
};

/* Which oracles see the instruction; as `sienna-diff run` chooses. */
static unsigned oracles(enum insn_id id)
{
    unsigned set = 0;

    if (control_cases[id])
        set |= 1u << ORACLE_SYSTEM;
    for (unsigned kind = ORACLE_USER; kind <= ORACLE_HERCULES; kind++)
        if (!compare_excluded(id, (enum oracle_kind)kind))
            set |= 1u << kind;
    return set & 1u << ORACLE_SYSTEM ? set & ~(1u << ORACLE_HERCULES) : set;
}

static void print_oracles(enum insn_id id)
{
    unsigned set = oracles(id);

    if (!set)
        printf("no: %s", compare_excluded(id, ORACLE_SYSTEM));
    else
        printf("%s", set & 1u << ORACLE_HERCULES ? "Hercules" :
               set & 1u << ORACLE_USER ? "QEMU" : "QEMU system");
}

static const char *const format_names[FORMAT_COUNT] = {
#define FORMAT(name, ...) #name,
#include "cpu/format.def"
#undef FORMAT
};

static bool print_row(enum insn_id id)
{
    static const char *const authority[] = {"", "supervisor", "semi"};
    const struct insn_row *row = &insn_rows[id];
    unsigned tests;

    printf("| %s | %X | %.*s |", row->name, row->opcode, (int)strcspn(format_names[row->format], "_"),
           format_names[row->format]);
    for (unsigned i = 0; i < 2; i++)
        if (row->facility[i] > FACILITY_Z)
            printf(" %u", row->facility[i]);
    printf(" | %s | ", authority[row->authority]);
    tests = print_files(tested[id].vectors);
    tests += memchr(tested[id].units, 1, FILES) != NULL;
    printf(" | %s | ", memchr(tested[id].units, 1, FILES) ? "yes" : "");
    print_oracles(id);
    printf(" |\n");
    return tests != 0;
}

static void print_head(void)
{
    unsigned vectors = 0, units = 0, differential = 0;

    for (int id = 1; id < INSN_COUNT; id++) {
        vectors += memchr(tested[id].vectors, 1, FILES) != NULL;
        units += memchr(tested[id].units, 1, FILES) != NULL;
        differential += oracles((enum insn_id)id) != 0;
    }
    printf("<!-- SPDX-License-Identifier: MIT -->\n"
           "<!-- Made by tests/coverage from the instruction table and the tests: ninja instructions-page -->\n"
           "# Instructions and their tests\n\n"
           "%u instructions, all implemented: %u with cases in `tests/insn`, %u in unit tests, %u compared with\n"
           "another implementation. Each of them is also\n\n"
           "* disassembled, and compared with objdump (`tests/disassembly`; what binutils knows and Sienna has not\n"
           "  stands in `excluded.def` there);\n"
           "* executed directly, by EXECUTE, slowly and fused, with the same results (`test_insn_execute`);\n"
           "* refused without its facility, authority, legal registers and controls (`test_insn_rows`);\n"
           "* without effect when an operand is inaccessible (`test_insn_suppression`), and refused when it is not\n"
           "  on its boundary (`test_insn_alignment`);\n"
           "* executed with operands in other spaces by access registers (`test_insn_spaces`), and in 24- and 31-bit\n"
           "  mode with registers that hold more than addresses (`test_insn_amode`).\n\n"
           "Columns: operation code (with its second part); format; facility bits; authority (semi: by a control,\n"
           "in the problem state); files in `tests/insn`; whether unit tests of the processor execute or name it;\n"
           "differential tests (`tests/diff`): which implementation judges (QEMU: qemu-s390x and\n"
           "qemu-system-s390x), or why none does.\n",
           INSN_COUNT - 1, vectors, units, differential);
}

int main(int count, char **arguments)
{
    static const char *const unit_tests[] = {
        "test_bfp*.c", "test_control*.c", "test_core.c", "test_cpu*.c", "test_diagnose.c",
        "test_insn_general.c", "test_io_instructions.c", "test_sie_entry.c", "test_vector*.c",
    };
    unsigned family = 0, untested = 0;

    if (count != 2)
        return 2;
    scan_files(arguments[1], "insn/*.vec", true);
    scan_files(arguments[1], "insn/*.case", true);
    for (unsigned i = 0; i < sizeof(unit_tests) / sizeof(unit_tests[0]); i++) {
        char pattern[64];

        snprintf(pattern, sizeof(pattern), "unit/%s", unit_tests[i]);
        scan_files(arguments[1], pattern, false);
    }
    print_head();
    for (int id = 1; id < INSN_COUNT; id++) {
        if (family < sizeof(families) / sizeof(families[0]) && families[family].from == id)
            printf("\n## %s\n\n| | code | format | facility | authority | cases | unit tests | "
                   "differential |\n"
                   "|---|---|---|---|---|---|---|---|\n",
                   families[family++].title);
        if (!print_row((enum insn_id)id)) {
            fprintf(stderr, "%s: no test\n", insn_name((enum insn_id)id));
            untested++;
        }
    }
    return untested != 0;
}
