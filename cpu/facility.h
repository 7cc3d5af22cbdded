/* SPDX-License-Identifier: MIT */
/** Facility bits (PoP ch. 4, STORE FACILITY LIST EXTENDED). */
#ifndef SIENNA_CPU_FACILITY_H
#define SIENNA_CPU_FACILITY_H

#include "machine/types.h"

enum facility {
#define FACILITY(name, bit, text) FACILITY_##name = bit,
#include "cpu/facility.def"
#undef FACILITY
    FACILITY_LIMIT = 256,
};

/** Facility bit n is bit n % 64 (PoP numbering) of d[n / 64], as STFLE stores it. */
struct facility_list {
    uint64_t d[FACILITY_LIMIT / 64];
};

static inline bool facility_present(const struct facility_list *list, unsigned bit)
{
    return list->d[bit / 64] >> (63 - bit % 64) & 1;
}
static inline void facility_set(struct facility_list *list, unsigned bit, bool on)
{
    uint64_t mask = 1ULL << (63 - bit % 64);

    list->d[bit / 64] = on ? list->d[bit / 64] | mask : list->d[bit / 64] & ~mask;
}

/** Every facility this machine implements completely; what `-cpu max` announces. */
void facility_list_all(struct facility_list *list);

#endif
