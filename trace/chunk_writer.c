/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "trace/chunk_format.h"
#include "trace/problem.h"

struct chunk_writer {
    char *path;
    int fd, level;
    uint64_t offset;
    struct chunk *index;
    size_t count, room;
};

static bool put(struct chunk_writer *w, const void *data, size_t bytes, char *problem)
{
    const uint8_t *p = data;

    while (bytes) {
        ssize_t n = write(w->fd, p, bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return trace_problem(problem, "'%s' cannot be written: %s", w->path, n ? strerror(errno) : "no room");
        p += n;
        bytes -= (size_t)n;
        w->offset += (uint64_t)n;
    }
    return true;
}

static void release(struct chunk_writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    free(w->path);
    free(w->index);
    free(w);
}

struct chunk_writer *chunk_create(const char *path, const struct chunk_kind *kind, int level,
                                  char problem[SIENNA_PROBLEM_BYTES])
{
    struct chunk_writer *w = trace_allocate(sizeof *w);
    uint8_t head[FILE_BYTES];

    w->path = strdup(path);
    w->level = level;
    w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (w->fd < 0) {
        trace_problem(problem, "'%s' cannot be created: %s", path, strerror(errno));
        release(w);
        return NULL;
    }
    memcpy(head, FILE_NAME, 8);
    memcpy(head + 8, kind->letters, 4);
    put_le32(head + 12, kind->version);
    if (put(w, head, sizeof head, problem))
        return w;
    release(w);
    return NULL;
}

/* A stream of zlib whose first `dense` bytes are taken one by one: only how often each is counts, and runs of one. */
static bool deflate_all(int level, const uint8_t *data, size_t bytes, size_t dense, uint8_t *out, size_t *stored)
{
    z_stream z = {.next_out = out, .avail_out = (uInt)*stored, .next_in = (Bytef *)(uintptr_t)data};
    int strategy = dense ? Z_RLE : Z_DEFAULT_STRATEGY;
    bool done = deflateInit2(&z, level, Z_DEFLATED, MAX_WBITS, MAX_MEM_LEVEL, strategy) == Z_OK;

    if (done && dense) {
        z.avail_in = (uInt)dense;
        done = deflate(&z, Z_BLOCK) == Z_OK && !z.avail_in && deflateParams(&z, level, Z_DEFAULT_STRATEGY) == Z_OK;
    }
    z.avail_in = (uInt)(bytes - dense);
    done = done && deflate(&z, Z_FINISH) == Z_STREAM_END;
    *stored = z.total_out;
    deflateEnd(&z);
    return done;
}

bool chunk_pack(int level, const void *data, size_t bytes, size_t dense, struct chunk_packed *packed,
                char problem[SIENNA_PROBLEM_BYTES])
{
    /* Each change of the strategy may cost a few bytes more than zlib reckons with. */
    size_t stored = compressBound(bytes) + 64;

    *packed = (struct chunk_packed){0};
    if (bytes > CHUNK_MOST)
        return trace_problem(problem, "a chunk of %zu bytes is too large for a file", bytes);
    packed->data = trace_allocate(stored);
    if (!deflate_all(level, data, bytes, dense, packed->data, &stored)) {
        free(packed->data);
        packed->data = NULL;
        return trace_problem(problem, "zlib could not compress %zu bytes", bytes);
    }
    packed->bytes = (uint32_t)bytes;
    packed->stored = (uint32_t)stored;
    packed->crc = (uint32_t)crc32(0, packed->data, (uInt)stored);
    return true;
}

bool chunk_write_packed(struct chunk_writer *w, const struct chunk *what,
                        const struct chunk_packed *packed, char problem[SIENNA_PROBLEM_BYTES])
{
    uint8_t head[HEADER_BYTES];
    struct chunk c = *what;

    c.bytes = packed->bytes;
    c.stored = packed->stored;
    c.offset = w->offset;
    header_put(head, &c, packed->crc);
    if (!put(w, head, sizeof head, problem) || !put(w, packed->data, packed->stored, problem))
        return false;
    if (w->count == w->room) {
        w->room = w->room ? 2 * w->room : 64;
        w->index = trace_reallocate(w->index, w->room * sizeof *w->index);
    }
    w->index[w->count++] = c;
    return true;
}

bool chunk_write(struct chunk_writer *w, const struct chunk *what, const void *data, size_t bytes,
                 char problem[SIENNA_PROBLEM_BYTES])
{
    struct chunk_packed packed;
    bool done;

    if (!chunk_pack(w->level, data, bytes, what->dense, &packed, problem))
        return false;
    done = chunk_write_packed(w, what, &packed, problem);
    free(packed.data);
    return done;
}

uint64_t chunk_written(const struct chunk_writer *w) { return w->offset; }

/* An index that would not fit a chunk is left out: readers walk the headers then. */
static bool write_index(struct chunk_writer *w, char *problem)
{
    size_t count = w->count, bytes = count * ENTRY_BYTES;
    uint64_t offset = w->offset;
    uint8_t end[END_BYTES], *raw;
    bool done;

    if (bytes > CHUNK_MOST)
        return true;
    raw = trace_allocate(bytes);
    for (size_t i = 0; i < count; i++) {
        uint8_t *p = raw + i * ENTRY_BYTES;
        const struct chunk *c = &w->index[i];

        put_le32(p, c->tag);
        put_le32(p + 4, c->bytes);
        put_le32(p + 8, c->stored);
        put_le64(p + 16, c->position);
        put_le64(p + 24, c->time);
        put_le64(p + 32, c->count);
        put_le64(p + 40, c->offset);
    }
    done = chunk_write(w, &(struct chunk){.tag = INDEX_TAG, .count = count}, raw, bytes, problem);
    free(raw);
    put_le64(end, offset);
    memcpy(end + 8, END_NAME, 8);
    put_le32(end + 16, (uint32_t)crc32(0, end, 16));
    return done && put(w, end, sizeof end, problem);
}

bool chunk_close(struct chunk_writer *w, char problem[SIENNA_PROBLEM_BYTES])
{
    bool done = write_index(w, problem);

    if (close(w->fd) && done)
        done = trace_problem(problem, "'%s' cannot be written: %s", w->path, strerror(errno));
    w->fd = -1;
    release(w);
    return done;
}
