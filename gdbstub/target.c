/* SPDX-License-Identifier: MIT */
/** Storage and state descriptions of threads, until libsienna gives those of guests. */
#include "gdbstub/internal.h"

size_t gdb_thread_storage_read(const struct sienna *s, struct sienna_thread t, enum sienna_space space, uint64_t address,
                               void *to, size_t bytes)
{
    return t.guest ? 0 : sienna_storage_read(s, t.cpu, space, address, to, bytes);
}

bool gdb_thread_storage_write(struct sienna *s, struct sienna_thread t, enum sienna_space space, uint64_t address,
                              const void *from, size_t bytes)
{
    return !t.guest && sienna_storage_write(s, t.cpu, space, address, from, bytes);
}
