/* SPDX-License-Identifier: MIT */
/**
 * Address kinds as types, and big-endian storage helpers.
 *
 * Confusing address kinds is the bug class of this field, so every kind is a
 * one-member struct (free at -O2): a real address cannot be passed where an
 * absolute one is wanted. Arithmetic is done on `.v` explicitly.
 */
#ifndef SIENNA_MACHINE_TYPES_H
#define SIENNA_MACHINE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Host-absolute byte address: after prefixing; indexes the machine's storage. */
struct absolute { uint64_t v; };
/** Real address: before prefixing. */
struct real { uint64_t v; };
/** Logical (virtual in the current address-space mode) or effective address. */
struct logical { uint64_t v; };

static inline struct absolute absolute(uint64_t v) { return (struct absolute){v}; }
static inline struct real real(uint64_t v) { return (struct real){v}; }
static inline struct logical logical(uint64_t v) { return (struct logical){v}; }

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

enum { PAGE_BYTES = 4096, PAGE_SHIFT = 12 };
#define PAGE_MASK (~(uint64_t)(PAGE_BYTES - 1))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HOST_TO_BE16(x) __builtin_bswap16(x)
#define HOST_TO_BE32(x) __builtin_bswap32(x)
#define HOST_TO_BE64(x) __builtin_bswap64(x)
#else
#define HOST_TO_BE16(x) ((uint16_t)(x))
#define HOST_TO_BE32(x) ((uint32_t)(x))
#define HOST_TO_BE64(x) ((uint64_t)(x))
#endif

/* Big-endian loads and stores at any host alignment. */
static inline uint16_t get_be16(const void *p)
{
    uint16_t v;
    memcpy(&v, p, 2);
    return HOST_TO_BE16(v);
}
static inline uint32_t get_be32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return HOST_TO_BE32(v);
}
static inline uint64_t get_be64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return HOST_TO_BE64(v);
}
static inline void put_be16(void *p, uint16_t v)
{
    v = HOST_TO_BE16(v);
    memcpy(p, &v, 2);
}
static inline void put_be32(void *p, uint32_t v)
{
    v = HOST_TO_BE32(v);
    memcpy(p, &v, 4);
}
static inline void put_be64(void *p, uint64_t v)
{
    v = HOST_TO_BE64(v);
    memcpy(p, &v, 8);
}

#endif
