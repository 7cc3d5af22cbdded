/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "trace/problem.h"
#include "trace/recording_format.h"

struct recording_reader {
    struct sienna_player player;
    struct chunk_reader *file;
    char *path;
    char *header;
    size_t header_bytes;
    size_t chunk;            /* the next one to be read */
    uint8_t *bytes;          /* of the present one */
    size_t count, at;
    uint64_t time, position; /* of the last input */
    uint8_t *data;           /* of the input last given */
    size_t room;
    bool ended;              /* an end mark has been read */
    bool damaged;
    char trouble[SIENNA_PROBLEM_BYTES];
};

static bool next_chunk(struct recording_reader *r)
{
    free(r->bytes);
    r->bytes = NULL;
    r->count = r->at = 0;
    if (*r->trouble || r->chunk >= chunk_count(r->file) || chunk_at(r->file, r->chunk)->tag != INPUTS_TAG)
        return false;
    r->bytes = chunk_read(r->file, r->chunk, r->trouble);
    r->damaged = !r->bytes;
    if (r->damaged)
        return false;
    r->count = chunk_at(r->file, r->chunk++)->bytes;
    return true;
}

static bool get(struct recording_reader *r, uint8_t *byte)
{
    while (r->at == r->count)
        if (!next_chunk(r))
            return false;
    *byte = r->bytes[r->at++];
    return true;
}

static bool get_number(struct recording_reader *r, uint64_t most, uint64_t *v)
{
    uint8_t byte;
    unsigned shift = 0;

    *v = 0;
    do {
        if (!get(r, &byte))
            return false;
        if (shift < 64)
            *v |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80 && shift < 7 * NUMBER_MOST);
    if (*v <= most && !(byte & 0x80))
        return true;
    r->damaged = true;
    trace_problem(r->trouble, "the recording '%s' is damaged: it has an input that cannot be", r->path);
    return false;
}

/* Memory is taken as data are there, whatever the recording claims. */
static bool get_data(struct recording_reader *r, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        size_t n;

        while (r->at == r->count)
            if (!next_chunk(r))
                return false;
        n = bytes - done < r->count - r->at ? bytes - done : r->count - r->at;
        if (done + n > r->room) {
            r->room = 2 * (done + n);
            r->data = trace_reallocate(r->data, r->room);
        }
        memcpy(r->data + done, r->bytes + r->at, n);
        done += n;
        r->at += n;
    }
    return true;
}

static bool get_input(struct recording_reader *r, struct sienna_input *in)
{
    uint64_t kind, port, place, bytes, time, position;

    if (!get_number(r, UINT16_MAX, &kind) || !get_number(r, UINT16_MAX, &port) ||
        !get_number(r, UINT16_MAX, &place) || !get_number(r, UINT32_MAX, &bytes) ||
        !get_number(r, UINT64_MAX, &time) || !get_number(r, UINT64_MAX, &position) || !get_data(r, bytes))
        return false;
    r->time += difference_unfold(time);
    r->position += difference_unfold(position);
    *in = (struct sienna_input){.time = r->time, .position = r->position, .kind = (uint16_t)kind,
                                .port = (uint16_t)port, .place = (uint16_t)place, .bytes = (uint32_t)bytes,
                                .data = r->data};
    return true;
}

bool recording_next(struct recording_reader *r, struct sienna_input *in)
{
    if (r->ended || *r->trouble)
        return false;
    if (get_input(r, in)) {
        r->ended = in->kind == KIND_END;
        return true;
    }
    if (!*r->trouble)
        trace_problem(r->trouble, "the recording '%s' was cut: it has no end", r->path);
    return false;
}

static bool play(void *context, struct sienna_input *in)
{
    return recording_next(context, in);
}

struct recording_reader *recording_open(const char *path, char problem[SIENNA_PROBLEM_BYTES])
{
    struct chunk_reader *file = chunk_open(path, &recording_kind, problem);
    struct recording_reader *r;

    if (!file)
        return NULL;
    r = trace_allocate(sizeof *r);
    r->player = (struct sienna_player){.next = play, .context = r};
    r->file = file;
    r->path = strdup(path);
    if (chunk_count(file) && chunk_at(file, 0)->tag == HEADER_TAG) {
        r->header = (char *)chunk_read(file, 0, problem);
        r->header_bytes = chunk_at(file, 0)->bytes;
    } else {
        trace_problem(problem, "the recording '%s' is cut or damaged: it has no beginning", path);
    }
    if (r->header && (!r->header_bytes || r->header[r->header_bytes - 1])) {
        trace_problem(problem, "the recording '%s' is damaged: its beginning makes no sense", path);
        r->header_bytes = 0;
    }
    r->chunk = 1;
    if (r->header_bytes)
        return r;
    recording_release(r);
    return NULL;
}

void recording_release(struct recording_reader *r)
{
    if (!r)
        return;
    chunk_release(r->file);
    free(r->path);
    free(r->header);
    free(r->bytes);
    free(r->data);
    free(r);
}

const char *recording_header(const struct recording_reader *r, const char *key, unsigned index)
{
    size_t n = strlen(key);

    for (const char *at = r->header; at < r->header + r->header_bytes; at += strlen(at) + 1)
        if (!strncmp(at, key, n) && at[n] == '=' && index-- == 0)
            return at + n + 1;
    return NULL;
}

const struct sienna_player *recording_player(const struct recording_reader *r)
{
    return &r->player;
}

const char *recording_trouble(const struct recording_reader *r)
{
    return *r->trouble ? r->trouble : NULL;
}

bool recording_damaged(const struct recording_reader *r)
{
    return r->damaged;
}
