/* SPDX-License-Identifier: MIT */
/** Words of a suite's values. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "test_suite.h"

void suite_add_word(char ***words, unsigned *count, const char *word)
{
    *words = realloc(*words, (*count + 2) * sizeof **words);
    if (!*words)
        abort();
    (*words)[(*count)++] = strdup(word);
    (*words)[*count] = NULL;
}

void suite_free_words(char **words)
{
    for (char **at = words; at && *at; at++)
        free(*at);
    free(words);
}

/* The next word, unquoted into `to`; where it ends, NULL when a quotation mark is not closed. */
static const char *next_word(const char *at, char *to)
{
    char quote = 0;

    for (; *at && (quote || !isspace((unsigned char)*at)); at++) {
        if (*at == '\\' && quote != '\'' && at[1])
            *to++ = *++at;
        else if (quote ? *at == quote : *at == '\'' || *at == '"')
            quote = quote ? 0 : *at;
        else
            *to++ = *at;
    }
    *to = 0;
    return quote ? NULL : at;
}

bool suite_words(const char *text, char ***words, unsigned *count)
{
    char *word = malloc(strlen(text) + 1);

    if (!word)
        abort();
    for (;;) {
        while (isspace((unsigned char)*text))
            text++;
        if (!*text)
            break;
        text = next_word(text, word);
        if (!text)
            break;
        suite_add_word(words, count, word);
    }
    free(word);
    return text != NULL;
}

bool suite_image(const char *text, char **file, uint64_t *address)
{
    const char *at = NULL;

    for (const char *next = text; (next = strstr(next, " at ")); next++)
        at = next;
    *address = 0x10000;
    *file = NULL;
    if (at && !option_size(at + 4, 1, address))
        return false;
    *file = at ? strndup(text, (size_t)(at - text)) : strdup(text);
    return **file;
}
