/* SPDX-License-Identifier: MIT */
/** Text that grows, and numbers as the remote protocol writes them. */
#ifndef SIENNA_GDBSTUB_TEXT_H
#define SIENNA_GDBSTUB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes; /**< no terminator; NULL while empty */
    size_t count, room;
};

void text_free(struct text *text);
void text_clear(struct text *text);
void text_put(struct text *text, const void *bytes, size_t count);
void text_say(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Two hexadecimal digits for each byte. */
void text_hex(struct text *text, const void *bytes, size_t count);
/** Binary data with the protocol's own characters escaped. */
void text_binary(struct text *text, const void *bytes, size_t count);
/** Text for XML. */
void text_xml(struct text *text, const char *words);

/** A packet being read: what is left of it. */
struct cursor {
    const char *at, *end;
};

/** Take `character` if it is next. */
bool take(struct cursor *c, char character);
/** Take `word` if it is next. */
bool take_word(struct cursor *c, const char *word);
/** Take a hexadecimal number of at least one and at most 16 significant digits. */
bool take_hex(struct cursor *c, uint64_t *number);
/** Take "ADDRESS,LENGTH". */
bool take_range(struct cursor *c, char between, uint64_t *address, uint64_t *length);
/** Take exactly `count` bytes in hexadecimal digits. */
bool take_bytes(struct cursor *c, uint8_t *bytes, size_t count);
static inline bool at_end(const struct cursor *c)
{
    return c->at == c->end;
}
static inline size_t left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

#endif
