/* SPDX-License-Identifier: MIT */
/*
 * sienna-diff ask: what does the oracle make of these instructions in this state?
 */
#define _GNU_SOURCE /* memmem */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "oracle.h"
#include "report.h"
#include "subject.h"

_Noreturn static void bad(const char *what, const char *word)
{
    fprintf(stderr, "sienna-diff ask: %s: %s\n", what, word);
    exit(2);
}

/* "w0", "w1", "w2", "hole", "ro" and "code" name addresses; +n and -n move them. */
static uint64_t number(const char *word)
{
    static const struct {
        const char *name;
        uint64_t address;
    } names[] = {{"w0", CASE_WINDOW_0}, {"w1", CASE_WINDOW_1}, {"w2", CASE_WINDOW_2},
                 {"hole", CASE_PAGES_D + 0x2000}, {"ro", CASE_PAGE_R}, {"page", CASE_PAGES_D + 0x1000},
                 {"code", CASE_CHUNK + CASE_CHUNK_FIRST + IN_CODE + CASE_PREFIX_BYTES}};
    char *end;
    uint64_t value;

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i].name);

        if (!strncmp(word, names[i].name, n) && (!word[n] || word[n] == '+' || word[n] == '-'))
            return names[i].address + (word[n] ? (uint64_t)strtoll(word + n, NULL, 0) : 0);
    }
    value = *word == '-' ? (uint64_t)strtoll(word, &end, 0) : strtoull(word, &end, 0);
    if (end == word || *end)
        bad("not a number", word);
    return value;
}

static unsigned hex_bytes(const char *word, uint8_t *to, unsigned room)
{
    unsigned count = 0;

    if (!strncmp(word, "0x", 2))
        word += 2;
    for (; *word; word += 2) {
        char pair[3] = {word[0], word[1], 0};

        if (*word == '_' || *word == ' ') {
            word--;
            continue;
        }
        if (count == room || !isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]))
            bad("not pairs of hexadecimal digits, or too many", word);
        to[count++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return count;
}

#define END_OF_CODE "end of code"

/* Bytes of assembler text, by binutils. */
static void assemble(const char *text, struct diff_case *test)
{
    char folder[] = "/tmp/sienna-ask-XXXXXX", command[512], source[64], binary[64];
    const uint8_t *end;
    size_t bytes;
    FILE *file;

    if (!mkdtemp(folder))
        bad("no temporary folder", folder);
    snprintf(source, sizeof source, "%s/a.s", folder);
    snprintf(binary, sizeof binary, "%s/a.bin", folder);
    file = fopen(source, "w");
    if (!file)
        bad("cannot write", source);
    for (const char *c = text; *c; c++)
        fputc(*c == ';' ? '\n' : *c, file);
    fputs("\n .ascii \"" END_OF_CODE "\"\n", file); /* the assembler pads the section */
    fclose(file);
    snprintf(command, sizeof command,
             "s390x-linux-gnu-as -march=z16 -mregnames -o %s/a.o %s && s390x-linux-gnu-objcopy -O binary -j .text %s/a.o %s",
             folder, source, folder, binary);
    if (system(command))
        bad("the assembler refuses", text);
    file = fopen(binary, "rb");
    bytes = file ? fread(test->code, 1, sizeof test->code, file) : 0;
    end = memmem(test->code, bytes, END_OF_CODE, strlen(END_OF_CODE));
    test->code_length = end ? (uint16_t)(end - test->code) : 0;
    if (file)
        fclose(file);
    snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command) || !test->code_length)
        bad("no code from", text);
}

static void set_register(struct diff_case *test, const char *name, const char *value)
{
    unsigned n = (unsigned)strtoul(name + 1, NULL, 10);

    if (n > (*name == 'v' || *name == 'f' ? 31 : 15))
        bad("no such register", name);
    switch (*name) {
    case 'r':
        test->gr[n] = number(value);
        break;
    case 'a':
        test->ar[n] = (uint32_t)number(value);
        break;
    case 'f':
        put64(test->vr[n], number(value));
        break;
    default:
        hex_bytes(value, test->vr[n], 16);
        break;
    }
}

static void set(struct diff_case *test, char *word)
{
    char *value = strchr(word, '=');

    *value++ = 0;
    if (!strcmp(word, "cc"))
        test->cc = (uint8_t)number(value) & 3;
    else if (!strcmp(word, "pm"))
        test->program_mask = (uint8_t)number(value) & 15;
    else if (!strcmp(word, "fpc"))
        test->fpc = (uint32_t)number(value);
    else if (!strcmp(word, "amode"))
        test->amode = (uint8_t)number(value);
    else if (strchr("rafv", *word) && isdigit((unsigned char)word[1]))
        set_register(test, word, value);
    else {
        int at = diff_window_offset(number(word));

        if (at < 0)
            bad("neither a register nor an address in a window", word);
        hex_bytes(value, test->windows + at, (unsigned)(IN_WINDOWS_BYTES - at));
    }
}

static void ask_oracle(const struct diff_case *test, enum oracle_kind kind, const struct harnesses *harnesses)
{
    struct diff_result result;
    struct oracle oracle;
    uint8_t died[1] = {0};

    oracle_open(&oracle, kind, harnesses);
    diff_encode(oracle.chunk, 0, test);
    oracle_begin(&oracle, 0, 1);
    oracle_finish(&oracle, died);
    diff_decode_result(oracle.out, &result);
    result.died = died[0];
    oracle_close(&oracle);
    printf("oracle:\n");
    diff_print_changes(stdout, test, &result);
}

static void ask_subject(const struct diff_case *test)
{
    struct subject subject;
    struct diff_result result;
    uint8_t *chunk = calloc(1, CASE_CHUNK_BYTES);

    subject_open(&subject);
    diff_encode(chunk, 0, test);
    subject_load(&subject, chunk);
    subject_run(&subject, 0, test, &result);
    subject_close(&subject);
    free(chunk);
    printf("Sienna:\n");
    diff_print_changes(stdout, test, &result);
}

static const char usage[] =
    "sienna-diff ask [--oracle user | system | hercules] [--no-subject] {--code HEX | 'assembler; assembler'} [NAME=VALUE …]\n"
    "  names: r0-r15 a0-a15 f0-f15 v0-v31 (hexadecimal, left-justified) fpc cc pm amode, or an address in a window\n"
    "  addresses: w0 w1 w2 (windows) page (page boundary in w0) hole (end of w1) ro (fetch-only page), +n -n\n";

int command_ask(int count, char **words, const struct harnesses *harnesses)
{
    struct diff_case test = {.amode = 64, .code_start = IN_CODE + CASE_PREFIX_BYTES};
    enum oracle_kind kind = ORACLE_USER;
    bool subject = true;

    for (int i = 0; i < count; i++) {
        if (!strcmp(words[i], "--code") && i + 1 < count)
            test.code_length = (uint16_t)hex_bytes(words[++i], test.code, 240);
        else if (!strcmp(words[i], "--oracle") && i + 1 < count)
            kind = oracle_kind_named(words[++i]);
        else if (!strcmp(words[i], "--no-subject"))
            subject = false;
        else if (strchr(words[i], '='))
            set(&test, words[i]);
        else
            assemble(words[i], &test);
    }
    if (!test.code_length) {
        fputs(usage, stderr);
        return 2;
    }
    diff_print_code(stdout, &test, 0);
    ask_oracle(&test, kind, harnesses);
    if (subject)
        ask_subject(&test);
    return 0;
}
