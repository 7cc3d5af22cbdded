/* SPDX-License-Identifier: MIT */
/** A hostile chunk of a trace, and a hostile trace file: read to its end, whatever that is. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "trace/options.h"
#include "trace/print.h"

static void read_chunk(const uint8_t *data, size_t bytes)
{
    static struct decoder decoder;
    struct sienna_seen record;
    const uint8_t *contents;

    decoder_begin(&decoder, 0, data, bytes);
    /* A byte or two can say that very many instructions were as expected: not all of them need be seen. */
    for (unsigned i = 0; i < 20000 && decoder_next(&decoder, &record, &contents); i++)
        if (seen_has_data(&record) && seen_code(&record) && contents[seen_code(&record) - 1] == 1)
            continue;
}

/* The file's own checks let little through, so the bytes are put into a chunk that is whole. */
static void read_file(const uint8_t *data, size_t bytes, bool whole)
{
    char path[64], problem[SIENNA_PROBLEM_BYTES], line[TRACE_LINE];
    static struct trace_item item;
    int fd = memfd_create("trace", 0);
    struct chunk_writer *w;
    struct trace_reader *r;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (whole) {
        w = chunk_create(path, &trace_kind, 1, problem);
        if (!w || !chunk_write(w, &(struct chunk){.tag = TRACE_DATA}, data, bytes, problem) || !chunk_close(w, problem))
            abort();
    } else if (write(fd, data, bytes) != (ssize_t)bytes) {
        abort();
    }
    r = trace_open(path, problem);
    for (unsigned i = 0; r && i < 10000 && trace_next(r, &item); i++) {
        print_what(&item, NULL, line, sizeof line);
        print_effects(&item, line, sizeof line);
    }
    trace_close(r);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace_options options;
    char problem[SIENNA_PROBLEM_BYTES], text[128];
    static uint8_t columns[4096];
    size_t n = size < sizeof columns - TRACE_COLUMNS_HEAD ? size : sizeof columns - TRACE_COLUMNS_HEAD;

    read_chunk(data, size);
    /* With registers or without; columns of about the same length. */
    columns[0] = size ? data[0] & TRACE_HAS_REGISTERS : 0;
    for (unsigned i = 1; i <= TRACE_COLUMNS; i++)
        columns[4 * i] = (uint8_t)(n / TRACE_COLUMNS), columns[4 * i + 1] = (uint8_t)(n / TRACE_COLUMNS >> 8);
    memcpy(columns + TRACE_COLUMNS_HEAD, data, n);
    read_chunk(columns, n + TRACE_COLUMNS_HEAD);
    read_file(columns, n + TRACE_COLUMNS_HEAD, true);
    read_file(data, size, false);
    snprintf(text, sizeof text, "x,%.*s", (int)(size < 100 ? size : 100), (const char *)data);
    trace_options_parse(&options, text, problem);
    return 0;
}
