/* SPDX-License-Identifier: MIT */
/** Just enough of protobuf's wire format to write messages. */
#ifndef SIENNA_TRACE_PROTOBUF_H
#define SIENNA_TRACE_PROTOBUF_H

#include <stdio.h>
#include <string.h>

#include "sienna.h"

/** A message being put together; what does not fit is left out, and `full` says so. */
struct message {
    uint8_t bytes[2048];
    size_t count;
    bool full;
};

static inline void message_raw(struct message *m, const void *data, size_t bytes)
{
    if (bytes > sizeof m->bytes - m->count) {
        m->full = true;
        return;
    }
    memcpy(m->bytes + m->count, data, bytes);
    m->count += bytes;
}

static inline size_t varint(uint8_t out[10], uint64_t v)
{
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        out[n++] = (uint8_t)(v | 0x80);
    out[n++] = (uint8_t)v;
    return n;
}

static inline void message_varint(struct message *m, uint64_t v)
{
    uint8_t raw[10];

    message_raw(m, raw, varint(raw, v));
}

/** Fields: a number, 8 bytes, a string, a message. */
static inline void field_number(struct message *m, unsigned field, uint64_t v)
{
    message_varint(m, field << 3);
    message_varint(m, v);
}
static inline void field_fixed64(struct message *m, unsigned field, uint64_t v)
{
    uint8_t raw[8];

    for (unsigned i = 0; i < 8; i++)
        raw[i] = (uint8_t)(v >> 8 * i);
    message_varint(m, field << 3 | 1);
    message_raw(m, raw, sizeof raw);
}
static inline void field_bytes(struct message *m, unsigned field, const void *data, size_t bytes)
{
    message_varint(m, field << 3 | 2);
    message_varint(m, bytes);
    message_raw(m, data, bytes);
}
static inline void field_string(struct message *m, unsigned field, const char *text)
{
    field_bytes(m, field, text, strlen(text));
}
static inline void field_message(struct message *m, unsigned field, const struct message *inner)
{
    field_bytes(m, field, inner->bytes, inner->count);
    m->full |= inner->full;
}

#endif
