/* SPDX-License-Identifier: MIT */
#include "channel/block_log.h"

#include <errno.h>
#include <stdlib.h>

#include "machine/input.h"

/* A record: how the request ended; then runs of sectors: the first, their number, their bytes. */
enum { RESULT_BYTES = 4, RUN_BYTES = 12, OPENING_BYTES = 9 };
/* More than any image has. */
static const uint64_t END_LARGEST = 1ULL << 46;

void block_log_open(struct block_log *log, bool *opened, uint64_t *end)
{
    uint8_t head[OPENING_BYTES];

    if (!log->machine)
        return;
    head[0] = *opened;
    put_be64(head + 1, *end);
    input_setting(log->machine, INPUT_DISK, log->number, head, sizeof head);
    *end = get_be64(head + 1);
    *opened = head[0] && *end && *end <= END_LARGEST;
    log->sectors = (*end + BLOCK_SECTOR - 1) / BLOCK_SECTOR;
}

void block_log_release(struct block_log *log)
{
    free(log->known);
}

static bool known(const struct block_log *log, uint64_t sector)
{
    return log->known[sector / 8] >> (sector % 8) & 1;
}

static void set_known(struct block_log *log, uint64_t first, uint64_t count, bool value)
{
    for (uint64_t n = first; n < first + count; n++)
        if (value)
            log->known[n / 8] |= (uint8_t)(1 << n % 8);
        else
            log->known[n / 8] &= (uint8_t)~(1 << n % 8);
}

/* Append the runs of sectors in what was read that the log does not hold. */
static size_t put_runs(struct block_log *log, const struct block_request *r, uint8_t *to)
{
    uint64_t first = r->offset / BLOCK_SECTOR, end = first + r->bytes / BLOCK_SECTOR;
    uint8_t *at = to;

    for (uint64_t n = first; n < end;) {
        uint64_t from = n;

        while (n < end && !known(log, n))
            n++;
        if (n > from) {
            put_be64(at, from);
            put_be32(at + 8, (uint32_t)(n - from));
            memcpy(at + RUN_BYTES, r->data + (from - first) * BLOCK_SECTOR, (n - from) * BLOCK_SECTOR);
            at += RUN_BYTES + (n - from) * BLOCK_SECTOR;
        }
        while (n < end && known(log, n))
            n++;
    }
    set_known(log, first, end - first, true);
    return (size_t)(at - to);
}

static void log_result(struct block_log *log, uint8_t *record, int result, size_t runs)
{
    put_be32(record, (uint32_t)result);
    input_setting(log->machine, INPUT_DISK, log->number, record, RESULT_BYTES + runs);
}

void block_log_record(struct block_log *log, const struct block_request *r)
{
    uint8_t small[RESULT_BYTES], *record = small;
    size_t runs = 0;

    if (!log->machine || !input_recording(log->machine))
        return;
    if (input_recording_whole(log->machine)) {
        if (!log->known)
            log->known = machine_allocate(log->sectors / 8 + 1);
        if (r->operation == BLOCK_READ && !r->result) {
            record = malloc(RESULT_BYTES + r->bytes + (r->bytes / BLOCK_SECTOR / 2 + 1) * RUN_BYTES);
            if (!record)
                record = small;
            else
                runs = put_runs(log, r, record + RESULT_BYTES);
        } else if (r->operation != BLOCK_READ && r->operation != BLOCK_FLUSH) {
            /* What a write that failed has left is not known. */
            set_known(log, r->offset / BLOCK_SECTOR, r->bytes / BLOCK_SECTOR, !r->result);
        }
    }
    log_result(log, record, r->result, runs);
    if (record != small)
        free(record);
}

int block_log_replay(struct block_log *log, void (*put)(void *, const uint8_t *, uint64_t, uint64_t), void *context)
{
    size_t bytes = input_answer_bytes(log->machine, INPUT_DISK, log->number), at = RESULT_BYTES;
    uint8_t *record;
    int result;

    if (bytes < RESULT_BYTES)
        bytes = RESULT_BYTES;
    record = machine_allocate(bytes);
    put_be32(record, EIO);
    input_setting(log->machine, INPUT_DISK, log->number, record, bytes);
    result = (int)get_be32(record);
    while (bytes - at >= RUN_BYTES) {
        uint64_t first = get_be64(record + at), count = get_be32(record + at + 8);

        at += RUN_BYTES;
        if (count * BLOCK_SECTOR > bytes - at || first > log->sectors || count > log->sectors - first)
            break;
        put(context, record + at, count * BLOCK_SECTOR, first * BLOCK_SECTOR);
        at += count * BLOCK_SECTOR;
    }
    if (at != bytes)
        input_diverge(log->machine, "what it holds of a disk is damaged");
    free(record);
    return result;
}
