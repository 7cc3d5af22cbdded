/* SPDX-License-Identifier: MIT */
#include "gdbstub/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_free(struct text *t)
{
    free(t->bytes);
    *t = (struct text){0};
}

void text_clear(struct text *t)
{
    t->count = 0;
}

static char *extend(struct text *t, size_t count)
{
    char *at;

    if (t->room - t->count < count) {
        t->room = 2 * (t->count + count) + 64;
        t->bytes = realloc(t->bytes, t->room);
        if (!t->bytes)
            abort();
    }
    at = t->bytes + t->count;
    t->count += count;
    return at;
}

void text_put(struct text *t, const void *bytes, size_t count)
{
    if (count)
        memcpy(extend(t, count), bytes, count);
}

void text_say(struct text *t, const char *format, ...)
{
    char words[1024];
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (n > 0)
        text_put(t, words, (size_t)n < sizeof words ? (size_t)n : sizeof words - 1);
}

void text_hex(struct text *t, const void *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;
    char *to = extend(t, 2 * count);

    for (size_t i = 0; i < count; i++) {
        to[2 * i] = digits[from[i] >> 4];
        to[2 * i + 1] = digits[from[i] & 15];
    }
}

void text_binary(struct text *t, const void *bytes, size_t count)
{
    const char *from = bytes;

    for (size_t i = 0; i < count; i++) {
        if (strchr("#$}*", from[i]) && from[i]) {
            *extend(t, 1) = '}';
            *extend(t, 1) = (char)(from[i] ^ 0x20);
        } else {
            *extend(t, 1) = from[i];
        }
    }
}

void text_xml(struct text *t, const char *words)
{
    for (; *words; words++) {
        if (*words == '<')
            text_say(t, "&lt;");
        else if (*words == '>')
            text_say(t, "&gt;");
        else if (*words == '&')
            text_say(t, "&amp;");
        else if (*words == '"')
            text_say(t, "&quot;");
        else
            text_put(t, words, 1);
    }
}

bool take(struct cursor *c, char character)
{
    if (at_end(c) || *c->at != character)
        return false;
    c->at++;
    return true;
}

bool take_word(struct cursor *c, const char *word)
{
    size_t n = strlen(word);

    if (left(c) < n || memcmp(c->at, word, n))
        return false;
    c->at += n;
    return true;
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool take_hex(struct cursor *c, uint64_t *number)
{
    const char *from = c->at;

    *number = 0;
    for (; c->at < c->end && digit(*c->at) >= 0; c->at++) {
        if (*number >> 60)
            return false;
        *number = *number << 4 | (uint64_t)digit(*c->at);
    }
    return c->at > from;
}

bool take_range(struct cursor *c, char between, uint64_t *address, uint64_t *length)
{
    return take_hex(c, address) && take(c, between) && take_hex(c, length);
}

bool take_bytes(struct cursor *c, uint8_t *bytes, size_t count)
{
    if (left(c) / 2 < count)
        return false;
    for (size_t i = 0; i < count; i++, c->at += 2) {
        int high = digit(c->at[0]), low = digit(c->at[1]);

        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
