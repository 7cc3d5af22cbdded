/* SPDX-License-Identifier: MIT */
#include "host_memory.h"

#include <stdio.h>
#include <sys/sysinfo.h>

bool host_memory_suffices(uint64_t bytes, char problem[HOST_PROBLEM_BYTES])
{
    struct sysinfo host;
    uint64_t has;

    if (sysinfo(&host) < 0)
        return true;
    has = ((uint64_t)host.totalram + host.totalswap) * host.mem_unit;
    if (bytes <= has)
        return true;
    snprintf(problem, HOST_PROBLEM_BYTES, "%llu MiB of storage are more than the %llu MiB that this host has in all",
             (unsigned long long)(bytes >> 20), (unsigned long long)(has >> 20));
    return false;
}
