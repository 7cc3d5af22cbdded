/* SPDX-License-Identifier: MIT */
/** What the files behind include/sienna_inspect.h share. */
#ifndef SIENNA_LIBSIENNA_INSPECT_H
#define SIENNA_LIBSIENNA_INSPECT_H

#include "libsienna/internal.h"
#include "sienna_inspect.h"

/** The CPU with that address, or NULL. */
static inline struct cpu *cpu_numbered(const struct sienna *s, unsigned number)
{
    return number < s->machine.cpus->count ? s->machine.cpus->cpu[number] : NULL;
}

#endif
