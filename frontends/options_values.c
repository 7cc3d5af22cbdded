/* SPDX-License-Identifier: MIT */
/** Values of options: sizes and comma-separated settings. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

bool option_problem(char problem[SIENNA_PROBLEM_BYTES], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem, SIENNA_PROBLEM_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

bool option_size(const char *text, uint64_t unit, uint64_t *bytes)
{
    static const char suffixes[] = "kmgt";
    char *end;
    unsigned long long number = strtoull(text, &end, 0);
    const char *suffix;

    if (end == text || *text == '-')
        return false;
    if (*end) {
        suffix = strchr(suffixes, *end | 0x20);
        if (!suffix)
            return false;
        unit = 1024ULL << 10 * (suffix - suffixes);
        end++;
        if (*end == 'i')
            end++;
        if (*end == 'B')
            end++;
        if (*end)
            return false;
    }
    return !__builtin_mul_overflow(number, unit, bytes);
}

/* Cut at the next single comma; doubled ones become one. Returns the rest or NULL. */
static char *cut(char *text)
{
    char *to = text;

    for (char *from = text;; from++) {
        if (*from == ',' && from[1] == ',')
            from++;
        else if (*from == ',' || !*from) {
            bool more = *from == ',';

            *to = 0;
            return more ? from + 1 : NULL;
        }
        *to++ = *from;
    }
}

bool option_list_parse(struct option_list *list, const char *text, const char *option,
                       char problem[SIENNA_PROBLEM_BYTES])
{
    char *at;

    *list = (struct option_list){.text = strdup(text), .head = ""};
    at = list->text;
    for (bool first = true; at; first = false) {
        char *word = at, *equals;

        at = cut(word);
        equals = strchr(word, '=');
        if (first && !equals) {
            list->head = word;
            continue;
        }
        if (!*word)
            continue;
        if (list->count == MAX_SETTINGS)
            return option_problem(problem, "%s: more than %d settings", option, MAX_SETTINGS);
        if (equals)
            *equals++ = 0;
        option_list_set(list, word, equals ? equals : "on");
    }
    return true;
}

const char *option_list_get(const struct option_list *list, const char *key)
{
    for (unsigned i = 0; i < list->count; i++)
        if (!strcmp(list->settings[i].key, key))
            return list->settings[i].value;
    return NULL;
}

void option_list_set(struct option_list *list, const char *key, const char *value)
{
    if (list->count < MAX_SETTINGS)
        list->settings[list->count++] = (struct sienna_setting){key, value};
}

const char *option_list_take(struct option_list *list, const char *key)
{
    for (unsigned i = 0; i < list->count; i++)
        if (!strcmp(list->settings[i].key, key)) {
            const char *value = list->settings[i].value;

            memmove(&list->settings[i], &list->settings[i + 1], (--list->count - i) * sizeof list->settings[0]);
            return value;
        }
    return NULL;
}
