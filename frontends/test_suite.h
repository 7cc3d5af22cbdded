/* SPDX-License-Identifier: MIT */
/**
 * A suite: the file that `sienna test` reads. A section is a test, its lines say what to run and what to expect:
 *
 *     [defaults]
 *     storage = 16M
 *     [hello]
 *     kernel = hello.elf
 *     says = Hello
 */
#ifndef SIENNA_FRONTENDS_TEST_SUITE_H
#define SIENNA_FRONTENDS_TEST_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The value of a line. */
struct suite_value {
    char *text; /**< NULL: the key is not there */
    unsigned line;
};
struct suite_list {
    struct suite_value *values;
    unsigned count;
};

struct suite_test {
    struct suite_value name;
    /* What to run: one of these three. */
    struct suite_value kernel, image, recording;
    struct suite_value initrd, append, storage, cpus, limit, skip;
    struct suite_list options; /**< words for the command line, separated and quoted as in a shell */
    struct suite_list input;   /**< lines typed at the console */
    /* What to expect. */
    struct suite_value exit, ending, output, pattern, digest;
    struct suite_list says, never;
    uint64_t limit_ms;
    int exit_code;
};

struct suite {
    char *file, *folder;       /**< folder: paths in the suite begin there */
    struct suite_test *tests;
    unsigned count;
};

/** NAME=VALUE of -D; ${NAME} in a value stands for it. ${suite} is the suite's folder. */
struct suite_definition {
    const char *name, *value;
};

/** Told of each mistake: the line (0: the file as a whole) and a sentence. */
typedef void suite_mistake(void *context, unsigned line, const char *text);

/** Read a suite; every path in it that is not absolute begins in its folder. False after a mistake. */
bool suite_read(struct suite *suite, const char *file, const struct suite_definition *definitions, unsigned count,
                suite_mistake *mistake, void *context);
/** The same with the file's text at hand. */
bool suite_parse(struct suite *suite, const char *file, const char *text, size_t bytes,
                 const struct suite_definition *definitions, unsigned count, suite_mistake *mistake, void *context);
/** Of a suite that was read or was not. */
void suite_release(struct suite *suite);
/** The keys, one line each, for -help. */
void suite_help(void);

/**
 * Split into words at blanks; '…', "…" and \ quote as in a shell. Appends to a list of strings that ends with NULL.
 * False when a quote is not closed.
 */
bool suite_words(const char *text, char ***words, unsigned *count);
void suite_add_word(char ***words, unsigned *count, const char *word);
void suite_free_words(char **words);

/** FILE [at ADDRESS] of `image`; the address is 0x10000 unless given. False when it is none. */
bool suite_image(const char *text, char **file, uint64_t *address);

#endif
