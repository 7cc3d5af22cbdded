/* SPDX-License-Identifier: MIT */
#include "machine/host_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine/input.h"

/* A file in the log: what became of it, its length, then its bytes in pieces. */
enum { HEAD_BYTES = 12, PIECE = 1 << 20, PORT_HEAD = 0, PORT_PIECE = 1 };

static uint8_t *read_all(const char *path, uint64_t limit, uint64_t *bytes, int *error)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t room = 0, n;

    if (!file) {
        *error = errno;
        return NULL;
    }
    do {
        if (*bytes == room) {
            room = room ? 2 * room : PIECE;
            data = machine_reallocate(data, room);
        }
        n = fread(data + *bytes, 1, room - *bytes, file);
        *bytes += n;
    } while (n && *bytes <= limit);
    *error = *bytes > limit ? EFBIG : ferror(file) ? errno : 0;
    fclose(file);
    if (*error) {
        free(data);
        return NULL;
    }
    return data;
}

/* Piece by piece through the log; false when a replay has no more of it. */
static bool pass_through(struct machine *machine, uint8_t *data, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes;) {
        size_t n = bytes - at < PIECE ? (size_t)(bytes - at) : PIECE;

        if (input_replaying(machine) && input_answer_bytes(machine, INPUT_FILE, PORT_PIECE) != n)
            return false;
        input_setting(machine, INPUT_FILE, PORT_PIECE, data + at, n);
        at += n;
    }
    return true;
}

uint8_t *host_file_read(struct machine *machine, const char *path, uint64_t limit, uint64_t *bytes, int *error)
{
    uint8_t *data = NULL, head[HEAD_BYTES];

    *bytes = 0;
    *error = EIO;
    if (!input_replaying(machine)) {
        data = read_all(path, limit, bytes, error);
        if (!input_recording(machine))
            return data;
    }
    put_be32(head, (uint32_t)*error);
    put_be64(head + 4, data ? *bytes : 0);
    input_setting(machine, INPUT_FILE, PORT_HEAD, head, sizeof head);
    *error = (int)get_be32(head);
    *bytes = get_be64(head + 4);
    if (*error)
        return NULL;
    if (!data) {
        /* A damaged recording may claim any length; it is believed piece by piece. */
        *error = *bytes > limit ? EFBIG : 0;
        if (*error)
            return NULL;
        data = machine_allocate(*bytes + 1);
    }
    if (pass_through(machine, data, *bytes))
        return data;
    free(data);
    *error = EIO;
    return NULL;
}
