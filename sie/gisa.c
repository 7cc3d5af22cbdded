/* SPDX-License-Identifier: MIT */
/** The guest interruption state area: adapter interruptions that need no host. */
#include "sie/internal.h"

enum { GISA_IPM = 4 };

static uint8_t *pending_mask(const struct cpu *cpu)
{
    return storage_at(cpu->storage, cpu->interpreting->controls.gisa) + GISA_IPM;
}

bool sie_gisa_pending(const struct cpu *cpu)
{
    return cpu->interpreting->controls.has_gisa && *pending_mask(cpu);
}

bool sie_gisa_take(struct cpu *cpu, uint8_t iscs, uint32_t *word)
{
    uint8_t open;
    unsigned isc;

    if (!sie_gisa_pending(cpu))
        return false;
    open = *pending_mask(cpu) & iscs;
    if (!open)
        return false;
    isc = (unsigned)__builtin_clz((unsigned)open << 24);
    storage_stored(cpu->storage, cpu->interpreting->controls.gisa, 8, true);
    *pending_mask(cpu) &= (uint8_t)~(0x80 >> isc);
    *word = 0x80000000u | isc << 27;
    return true;
}
