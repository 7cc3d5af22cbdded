/* SPDX-License-Identifier: MIT */
/** How a file of chunks is laid out; of chunk_writer.c and chunk_reader.c only. */
#ifndef SIENNA_TRACE_CHUNK_FORMAT_H
#define SIENNA_TRACE_CHUNK_FORMAT_H

#include <string.h>
#include <zlib.h>

#include "trace/chunk.h"
#include "trace/little.h"

/* The file: 8 bytes of name, 4 letters of the kind, its version. */
#define FILE_NAME "Sienna\r\n"
enum { FILE_BYTES = 16 };
/* A chunk: tag, bytes, stored, CRC of the contents, position, time, count, CRC of all this. */
enum { HEADER_BYTES = 44 };
/* An entry of the index: tag, bytes, stored, nothing, position, time, count, offset. */
enum { ENTRY_BYTES = 48 };
/* The end: offset of the index, 8 bytes of name, CRC of both. */
#define END_NAME "\r\nannieS"
enum { END_BYTES = 20 };
#define INDEX_TAG CHUNK_TAG('I', 'N', 'D', 'X')

static inline void header_put(uint8_t raw[HEADER_BYTES], const struct chunk *c, uint32_t crc)
{
    put_le32(raw, c->tag);
    put_le32(raw + 4, c->bytes);
    put_le32(raw + 8, c->stored);
    put_le32(raw + 12, crc);
    put_le64(raw + 16, c->position);
    put_le64(raw + 24, c->time);
    put_le64(raw + 32, c->count);
    put_le32(raw + 40, (uint32_t)crc32(0, raw, 40));
}

/* False when this is no header. */
static inline bool header_get(const uint8_t raw[HEADER_BYTES], struct chunk *c, uint32_t *crc)
{
    c->tag = get_le32(raw);
    c->bytes = get_le32(raw + 4);
    c->stored = get_le32(raw + 8);
    *crc = get_le32(raw + 12);
    c->position = get_le64(raw + 16);
    c->time = get_le64(raw + 24);
    c->count = get_le64(raw + 32);
    return get_le32(raw + 40) == (uint32_t)crc32(0, raw, 40) && c->bytes <= CHUNK_MOST;
}

#endif
