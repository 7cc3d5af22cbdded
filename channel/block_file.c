/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "channel/block_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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
