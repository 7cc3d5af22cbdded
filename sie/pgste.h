/* SPDX-License-Identifier: MIT */
/** Page status table entries (Linux arch/s390/include/asm/pgtable.h). */
#ifndef SIENNA_SIE_PGSTE_H
#define SIENNA_SIE_PGSTE_H

#include "storage/storage.h"

/** From a page-table entry to its page status table entry. */
enum { PGSTE_OFFSET = 2048, PGSTE_KEY_SHIFT = 56 };

#define PGSTE_ACC 0xf000000000000000ULL
#define PGSTE_FETCH 0x0800000000000000ULL
#define PGSTE_LOCK 0x0080000000000000ULL
#define PGSTE_HOST_REFERENCE 0x0040000000000000ULL
#define PGSTE_HOST_CHANGE 0x0020000000000000ULL
#define PGSTE_GUEST_REFERENCE 0x0004000000000000ULL
#define PGSTE_GUEST_CHANGE 0x0002000000000000ULL
#define PGSTE_ZERO 0x80000000ULL
#define PGSTE_NODAT 0x40000000ULL
#define PGSTE_USAGE 0x03000000ULL
#define PGSTE_USAGE_UNUSED 0x01000000ULL
#define PGSTE_USAGE_POTENTIALLY_VOLATILE 0x02000000ULL
#define PGSTE_USAGE_VOLATILE 0x03000000ULL

/** ACC and F that the guest set, in ISKE format. */
static inline uint8_t pgste_key(uint64_t pgste)
{
    return (uint8_t)(pgste >> PGSTE_KEY_SHIFT) & (KEY_ACC | KEY_FETCH);
}
/** The guest's own R and C, in ISKE format. */
static inline uint8_t pgste_guest_bits(uint64_t pgste)
{
    return (uint8_t)((pgste & PGSTE_GUEST_REFERENCE ? KEY_REFERENCE : 0) |
                     (pgste & PGSTE_GUEST_CHANGE ? KEY_CHANGE : 0));
}
/** R and C of a real key that is to be reset, as the host's copies. */
static inline uint64_t pgste_host_bits(uint8_t key)
{
    return (key & KEY_REFERENCE ? PGSTE_HOST_REFERENCE : 0) | (key & KEY_CHANGE ? PGSTE_HOST_CHANGE : 0);
}

#endif
