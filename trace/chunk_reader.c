/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/chunk_format.h"
#include "trace/problem.h"

struct chunk_reader {
    char *path;
    const char *kind;
    int fd;
    uint64_t size;
    bool cut;
    struct chunk *index;
    size_t count, room;
};

static bool get(const struct chunk_reader *r, uint64_t offset, void *to, size_t bytes)
{
    uint8_t *p = to;

    if (offset > r->size || bytes > r->size - offset)
        return false;
    while (bytes) {
        ssize_t n = pread(r->fd, p, bytes, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        offset += (uint64_t)n;
        bytes -= (size_t)n;
    }
    return true;
}

static bool read_header(const struct chunk_reader *r, uint64_t offset, struct chunk *c, uint32_t *crc)
{
    uint8_t raw[HEADER_BYTES];

    if (!get(r, offset, raw, sizeof raw) || !header_get(raw, c, crc))
        return false;
    c->offset = offset;
    return c->stored <= r->size - offset - HEADER_BYTES;
}

static void add(struct chunk_reader *r, const struct chunk *c)
{
    if (r->count == r->room) {
        r->room = r->room ? 2 * r->room : 64;
        r->index = trace_reallocate(r->index, r->room * sizeof *r->index);
    }
    r->index[r->count++] = *c;
}

static void walk(struct chunk_reader *r)
{
    uint64_t offset = FILE_BYTES;
    struct chunk c;
    uint32_t crc;

    r->cut = true;
    r->count = 0;
    while (read_header(r, offset, &c, &crc) && c.tag != INDEX_TAG) {
        add(r, &c);
        offset += HEADER_BYTES + c.stored;
    }
}

/* The contents of chunk `c`, which says truly where it is. */
static uint8_t *contents(const struct chunk_reader *r, const struct chunk *c)
{
    struct chunk there;
    uint8_t *stored, *out = NULL;
    uLongf bytes;
    uint32_t crc;

    if (!read_header(r, c->offset, &there, &crc) || there.tag != c->tag || there.bytes != c->bytes)
        return NULL;
    stored = trace_allocate(there.stored);
    if (get(r, c->offset + HEADER_BYTES, stored, there.stored) &&
        (uint32_t)crc32(0, stored, there.stored) == crc) {
        bytes = there.bytes;
        /* One byte more, so that there is something to be freed and read of an empty chunk. */
        out = trace_allocate(bytes + 1);
        if ((bytes && uncompress(out, &bytes, stored, there.stored) != Z_OK) || bytes != there.bytes) {
            free(out);
            out = NULL;
        }
    }
    free(stored);
    return out;
}

static bool read_index(struct chunk_reader *r)
{
    uint8_t end[END_BYTES], *raw;
    struct chunk index, c;
    uint32_t crc;

    if (r->size < FILE_BYTES + END_BYTES || !get(r, r->size - END_BYTES, end, sizeof end) ||
        memcmp(end + 8, END_NAME, 8) != 0 || get_le32(end + 16) != (uint32_t)crc32(0, end, 16))
        return false;
    if (!read_header(r, get_le64(end), &index, &crc) || index.tag != INDEX_TAG || index.bytes % ENTRY_BYTES)
        return false;
    raw = contents(r, &index);
    if (!raw)
        return false;
    for (uint32_t at = 0; at < index.bytes; at += ENTRY_BYTES) {
        const uint8_t *p = raw + at;

        c = (struct chunk){.tag = get_le32(p), .bytes = get_le32(p + 4), .stored = get_le32(p + 8),
                           .position = get_le64(p + 16), .time = get_le64(p + 24), .count = get_le64(p + 32),
                           .offset = get_le64(p + 40)};
        if (c.bytes > CHUNK_MOST || c.offset >= index.offset)
            break;
        add(r, &c);
    }
    free(raw);
    return r->count == index.bytes / ENTRY_BYTES;
}

static bool check_kind(const struct chunk_reader *r, const struct chunk_kind *kind, char *problem)
{
    uint8_t head[FILE_BYTES];

    if (!get(r, 0, head, sizeof head) || memcmp(head, FILE_NAME, 8) != 0)
        return trace_problem(problem, "'%s' is no %s of sienna's", r->path, kind->name);
    if (memcmp(head + 8, kind->letters, 4) != 0)
        return trace_problem(problem, "'%s' is a file of sienna's, but no %s", r->path, kind->name);
    if (get_le32(head + 12) != kind->version)
        return trace_problem(problem, "'%s' is a %s of version %u; this sienna reads version %u", r->path,
                             kind->name, get_le32(head + 12), kind->version);
    return true;
}

struct chunk_reader *chunk_open(const char *path, const struct chunk_kind *kind,
                                char problem[SIENNA_PROBLEM_BYTES])
{
    struct chunk_reader *r = trace_allocate(sizeof *r);
    struct stat st;

    r->path = strdup(path);
    r->kind = kind->name;
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0 || fstat(r->fd, &st)) {
        trace_problem(problem, "'%s' cannot be read: %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        trace_problem(problem, "'%s' cannot be read: it is no regular file", path);
    } else {
        r->size = (uint64_t)st.st_size;
        if (check_kind(r, kind, problem)) {
            if (!read_index(r))
                walk(r);
            return r;
        }
    }
    chunk_release(r);
    return NULL;
}

void chunk_release(struct chunk_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    free(r->path);
    free(r->index);
    free(r);
}

size_t chunk_count(const struct chunk_reader *r) { return r->count; }
const struct chunk *chunk_at(const struct chunk_reader *r, size_t i) { return &r->index[i]; }
bool chunk_was_cut(const struct chunk_reader *r) { return r->cut; }

/* The chunk with this tag at `i` or before, not before `low`. */
static size_t with_tag(const struct chunk_reader *r, uint32_t tag, size_t i, size_t low)
{
    for (;; i--) {
        if (r->index[i].tag == tag)
            return i;
        if (i == low)
            return SIZE_MAX;
    }
}

size_t chunk_find(const struct chunk_reader *r, uint32_t tag, uint64_t position)
{
    size_t low = 0, high = r->count, found = SIZE_MAX;

    while (low < high) {
        size_t middle = low + (high - low) / 2, at = with_tag(r, tag, middle, low);

        if (at == SIZE_MAX) {
            low = middle + 1;
        } else if (r->index[at].position <= position) {
            found = at;
            low = middle + 1;
        } else {
            high = at;
        }
    }
    return found;
}

uint8_t *chunk_read(const struct chunk_reader *r, size_t i, char problem[SIENNA_PROBLEM_BYTES])
{
    uint8_t *data = contents(r, &r->index[i]);

    if (!data)
        trace_problem(problem, "part %zu of the %s '%s' is damaged", i + 1, r->kind, r->path);
    return data;
}
