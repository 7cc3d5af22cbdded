/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "channel/block_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "machine/machine.h"

int block_file_read(int file, uint8_t *data, uint64_t bytes, uint64_t offset, uint64_t end)
{
    while (bytes) {
        ssize_t n = pread(file, data, bytes, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0) {
            if (offset < end)
                return ENODATA;
            memset(data, 0, bytes);
            return 0;
        }
        data += n;
        bytes -= (uint64_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

int block_file_write(int file, const uint8_t *data, uint64_t bytes, uint64_t offset)
{
    while (bytes) {
        ssize_t n = pwrite(file, data, bytes, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : ENOSPC;
        data += n;
        bytes -= (uint64_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

static int write_zeros(int file, uint64_t bytes, uint64_t offset)
{
    static const uint8_t zeros[65536];

    while (bytes) {
        uint64_t n = bytes < sizeof zeros ? bytes : sizeof zeros;
        int failed = block_file_write(file, zeros, n, offset);

        if (failed)
            return failed;
        bytes -= n;
        offset += n;
    }
    return 0;
}

int block_file_zero(int file, uint64_t bytes, uint64_t offset, bool release)
{
    int how = FALLOC_FL_KEEP_SIZE | (release ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE);

    if (bytes == 0 || fallocate(file, how, (off_t)offset, (off_t)bytes) == 0)
        return 0;
    if (errno != EOPNOTSUPP && errno != ENOSYS && errno != ENODEV && errno != EINVAL)
        return errno;
    return write_zeros(file, bytes, offset);
}

int block_file_sync(int file)
{
    while (fdatasync(file) < 0) {
        /* Pipes of the file world (and some special files) cannot sync: nothing is cached there. */
        if (errno == EINVAL || errno == EROFS)
            return 0;
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

/* 8 bytes at a time, each stirred into all bits. */
static uint64_t stir(uint64_t digest, uint64_t value)
{
    digest = (digest ^ value) * 0x9e3779b97f4a7c15ULL;
    return digest ^ digest >> 32;
}

static uint64_t digest_block(uint64_t digest, const uint8_t *block, uint64_t number)
{
    bool zeros = block[0] == 0 && !memcmp(block, block + 1, PAGE_BYTES - 1);

    if (zeros)
        return digest;
    digest = stir(digest, number);
    for (unsigned i = 0; i < PAGE_BYTES; i += 8)
        digest = stir(digest, get_be64(block + i));
    return digest;
}

int block_file_digest(int file, uint64_t end, uint64_t *digest)
{
    enum { PIECE = 64 * PAGE_BYTES };
    uint8_t *piece = machine_allocate(PIECE);
    uint64_t at = 0;
    int failed = 0;

    *digest = stir(0, end);
    while (at < end && !failed) {
        off_t data = lseek(file, (off_t)at, SEEK_DATA);
        uint64_t n;

        if (data < 0 && errno == ENXIO)
            break; /* only a hole is left */
        if (data > (off_t)at)
            at = (uint64_t)data & PAGE_MASK;
        n = end - at < PIECE ? end - at : PIECE;
        memset(piece, 0, PIECE);
        failed = block_file_read(file, piece, n, at, end);
        for (uint64_t i = 0; i < n && !failed; i += PAGE_BYTES)
            *digest = digest_block(*digest, piece + i, (at + i) / PAGE_BYTES);
        at += n;
    }
    free(piece);
    return failed;
}
