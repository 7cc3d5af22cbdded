/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "trace/problem.h"
#include "trace/recording_format.h"

/* A chunk is written when it has so many bytes, and at each digest: what is lost by a kill is a second. */
enum { CHUNK_ENOUGH = 1 << 20, CHUNK_ROOM = CHUNK_ENOUGH + NUMBERS * NUMBER_MOST };

struct recording_writer {
    struct sienna_recorder recorder;
    struct chunk_writer *file;
    bool failed;
    char problem[SIENNA_PROBLEM_BYTES];
    struct chunk chunk;        /* being filled */
    uint64_t inputs;           /* in all */
    uint64_t time, position;   /* of the last input */
    size_t bytes;
    uint8_t buffer[CHUNK_ROOM];
};

static void flush(struct recording_writer *w)
{
    if (w->bytes && !w->failed)
        w->failed = !chunk_write(w->file, &w->chunk, w->buffer, w->bytes, w->problem);
    w->bytes = 0;
}

static void begin_chunk(struct recording_writer *w, const struct sienna_input *in)
{
    if (!w->bytes)
        w->chunk = (struct chunk){.tag = INPUTS_TAG, .position = in->position > w->position ? in->position : w->position,
                                  .time = in->time, .count = w->inputs};
}

static void put_number(struct recording_writer *w, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        w->buffer[w->bytes++] = (uint8_t)(v | 0x80);
    w->buffer[w->bytes++] = (uint8_t)v;
}

static void put_data(struct recording_writer *w, const struct sienna_input *in)
{
    for (size_t at = 0; at < in->bytes;) {
        size_t n = in->bytes - at, room = CHUNK_ENOUGH - w->bytes;

        n = n < room ? n : room;
        memcpy(w->buffer + w->bytes, in->data + at, n);
        w->bytes += n;
        at += n;
        if (w->bytes == CHUNK_ENOUGH) {
            flush(w);
            begin_chunk(w, in);
        }
    }
}

static void record(void *context, const struct sienna_input *in)
{
    struct recording_writer *w = context;

    if (w->failed)
        return;
    begin_chunk(w, in);
    put_number(w, in->kind);
    put_number(w, in->port);
    put_number(w, in->place);
    put_number(w, in->bytes);
    put_number(w, difference_fold(in->time - w->time));
    put_number(w, difference_fold(in->position - w->position));
    w->time = in->time;
    w->position = in->position;
    w->inputs++;
    if (w->bytes >= CHUNK_ENOUGH) {
        flush(w);
        begin_chunk(w, in);
    }
    put_data(w, in);
    if (in->kind == KIND_DIGEST || in->kind == KIND_END)
        flush(w);
}

struct recording_writer *recording_create(const char *path, const char *const *header, unsigned count,
                                          char problem[SIENNA_PROBLEM_BYTES])
{
    struct recording_writer *w = trace_allocate(sizeof *w);
    struct chunk head = {.tag = HEADER_TAG};
    char *text = NULL;
    size_t bytes = 0;

    w->recorder = (struct sienna_recorder){.record = record, .context = w};
    w->file = chunk_create(path, &recording_kind, 1, problem);
    for (unsigned i = 0; i < count; i++) {
        size_t n = strlen(header[i]) + 1;

        text = trace_reallocate(text, bytes + n);
        memcpy(text + bytes, header[i], n);
        bytes += n;
    }
    if (w->file && chunk_write(w->file, &head, text, bytes, problem)) {
        free(text);
        return w;
    }
    free(text);
    if (w->file)
        chunk_close(w->file, w->problem);
    free(w);
    return NULL;
}

const struct sienna_recorder *recording_recorder(const struct recording_writer *w)
{
    return &w->recorder;
}

bool recording_close(struct recording_writer *w, char problem[SIENNA_PROBLEM_BYTES])
{
    bool closed, ok;

    flush(w);
    closed = chunk_close(w->file, problem);
    ok = closed && !w->failed;
    if (w->failed)
        memcpy(problem, w->problem, SIENNA_PROBLEM_BYTES);
    free(w);
    return ok;
}
