/* SPDX-License-Identifier: MIT */
/**
 * A file of chunks: what traces and recordings are kept in.
 *
 * The file begins with its kind and version. Chunks follow, each compressed with zlib on its own, with a CRC-32
 * of its header and one of its contents, and with the place in the machine's history at which it begins. An
 * index at the end makes any of them found at once; a file that was cut somewhere has none, and its headers are
 * walked instead, as far as they are whole. Everything is little-endian, however the host is.
 */
#ifndef SIENNA_TRACE_CHUNK_H
#define SIENNA_TRACE_CHUNK_H

#include "sienna.h"

/** Bytes of a chunk, before compression, at most: a hostile file cannot ask for more memory. */
enum { CHUNK_MOST = 64 << 20 };
#define CHUNK_TAG(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/** What a file is: four letters, a version that readers must know, and what to call it in a sentence. */
struct chunk_kind {
    char letters[5];      /**< "TRAC", "RECO" … */
    uint32_t version;
    const char *name;     /**< "trace", "recording" */
};
struct chunk {
    uint32_t tag;         /**< CHUNK_TAG(): what is in it */
    uint32_t bytes;       /**< before compression; filled in by the writer */
    uint64_t position, time; /**< of the machine, where it begins */
    uint64_t count;       /**< of whatever the file counts (instructions, inputs) */
    uint32_t dense;       /**< the writer's: so many bytes at the beginning repeat nothing, and zlib need not search */
    uint64_t offset;      /**< in the file; the writer's and reader's */
    uint32_t stored;      /**< compressed bytes; likewise */
};

struct chunk_writer;
/** Create (or replace) a file. `level` is zlib's, 1 (fast) to 9. NULL with a sentence. */
struct chunk_writer *chunk_create(const char *path, const struct chunk_kind *kind, int level,
                                  char problem[SIENNA_PROBLEM_BYTES]);
/** Compress and append a chunk (tag, position, time, count, dense from `what`); it is in the file when this returns. */
bool chunk_write(struct chunk_writer *writer, const struct chunk *what, const void *data, size_t bytes,
                 char problem[SIENNA_PROBLEM_BYTES]);
/** Bytes written so far. */
uint64_t chunk_written(const struct chunk_writer *writer);
/** Append the index, close the file, free the writer. */
bool chunk_close(struct chunk_writer *writer, char problem[SIENNA_PROBLEM_BYTES]);

/** Compressed contents, for writing the same chunk several times. */
struct chunk_packed {
    uint8_t *data;        /**< to be freed */
    uint32_t bytes, stored, crc;
};
bool chunk_pack(int level, const void *data, size_t bytes, size_t dense, struct chunk_packed *packed,
                char problem[SIENNA_PROBLEM_BYTES]);
bool chunk_write_packed(struct chunk_writer *writer, const struct chunk *what,
                        const struct chunk_packed *packed, char problem[SIENNA_PROBLEM_BYTES]);

struct chunk_reader;
/** Open a file of this kind. NULL with a sentence when it is none, of another version, or cannot be read. */
struct chunk_reader *chunk_open(const char *path, const struct chunk_kind *kind,
                                char problem[SIENNA_PROBLEM_BYTES]);
void chunk_release(struct chunk_reader *reader);
/** Chunks that are whole (by their headers), the index excepted. */
size_t chunk_count(const struct chunk_reader *reader);
const struct chunk *chunk_at(const struct chunk_reader *reader, size_t index);
/** Was the file cut, or not closed, so that it has no index? */
bool chunk_was_cut(const struct chunk_reader *reader);
/** The last chunk with this tag that begins at `position` or before; SIZE_MAX: none. Positions ascend. */
size_t chunk_find(const struct chunk_reader *reader, uint32_t tag, uint64_t position);
/** Decompressed contents, chunk_at(…)->bytes of them, to be freed; NULL with a sentence when damaged. */
uint8_t *chunk_read(const struct chunk_reader *reader, size_t index, char problem[SIENNA_PROBLEM_BYTES]);

#endif
