/* SPDX-License-Identifier: MIT */
/**
 * Storage operands, as instruction semantics sees them.
 *
 * `address` is an effective address already in the addressing mode; `base` is the number
 * of the general register that formed it (base register field; slot 16 or 0 = none): it
 * selects the access register in access-register mode and is ignored otherwise. Each
 * function leaves through the access exception when the operand cannot be accessed.
 * Multi-byte values are big-endian in storage and returned in host order. Operands may
 * cross pages; nothing is stored unless the whole operand can be.
 */
#ifndef SIENNA_CPU_ACCESS_H
#define SIENNA_CPU_ACCESS_H

#include "cpu/cpu.h"

uint8_t fetch8(struct cpu *cpu, uint64_t address, unsigned base);
uint16_t fetch16(struct cpu *cpu, uint64_t address, unsigned base);
uint32_t fetch32(struct cpu *cpu, uint64_t address, unsigned base);
uint64_t fetch64(struct cpu *cpu, uint64_t address, unsigned base);
void store8(struct cpu *cpu, uint64_t address, unsigned base, uint8_t value);
void store16(struct cpu *cpu, uint64_t address, unsigned base, uint16_t value);
void store32(struct cpu *cpu, uint64_t address, unsigned base, uint32_t value);
void store64(struct cpu *cpu, uint64_t address, unsigned base, uint64_t value);

/** An accessible operand as at most two pieces of host memory (bytes[0] on the first page). */
struct span {
    uint8_t *host[2];
    uint32_t bytes[2];
};
/** Probe `bytes` (1–4096) for fetch; the bytes may then be read through the span. */
struct span span_fetch(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes);
/** Probe `bytes` (1–4096) for store: reference/change set, decoded code dropped, PER noted.
 *  Every span must be probed before the first byte is stored. */
struct span span_store(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes);
/** Like span_store but also requires fetch access (NI, XC, CS, …; protection treats it as a store). */
struct span span_update(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes);
static inline uint8_t *span_byte(const struct span *span, unsigned i)
{
    return i < span->bytes[0] ? span->host[0] + i : span->host[1] + (i - span->bytes[0]);
}
void span_read(const struct span *span, void *to);
void span_write(const struct span *span, const void *from);
static inline void fetch_bytes(struct cpu *cpu, uint64_t address, unsigned base, void *to, unsigned bytes)
{
    struct span s = span_fetch(cpu, address, base, bytes);
    span_read(&s, to);
}
static inline void store_bytes(struct cpu *cpu, uint64_t address, unsigned base, const void *from, unsigned bytes)
{
    struct span s = span_store(cpu, address, base, bytes);
    span_write(&s, from);
}

/** Bytes from `address` to the end of its page (1–4096). */
static inline unsigned page_rest(uint64_t address) { return PAGE_BYTES - (address & (PAGE_BYTES - 1)); }

/** Explicit space and key (MVCOS, MVCP, MVCK, …). */
/** Which translation: an address-space-control mode (enum address_space), or real. */
enum { SPACE_REAL = 4 };
/**
 * Translate one page's worth: returns the host address of `address`, valid to the end of its
 * page, or NULL with *fault filled (no interruption). `space` is an enum address_space value or
 * SPACE_REAL; `base` the access register for SPACE_ACCESS_REGISTER; `key` the access key 0–15.
 * For ACCESS_STORE, `bytes` (≤ rest of page) are about to be stored.
 */
uint8_t *access_translate(struct cpu *cpu, unsigned space, unsigned base, uint8_t key, uint64_t address,
                          enum access_kind kind, unsigned bytes, struct fault *fault);
/** As span_fetch/span_store, in an explicit space with an explicit key; leaves through the exception. */
struct span span_in_space(struct cpu *cpu, unsigned space, unsigned base, uint8_t key, uint64_t address,
                          unsigned bytes, enum access_kind kind);
/** The present access key (PSW key) 0–15. */
static inline uint8_t access_key(const struct cpu *cpu)
{
    return cpu->psw_mask >> PSW_KEY_SHIFT & 0xf;
}
/** The present space for operands: enum address_space, or SPACE_REAL when DAT is off. */
static inline unsigned operand_space(const struct cpu *cpu)
{
    return cpu->psw_mask & PSW_DAT ? cpu->psw_mask >> PSW_AS_SHIFT & 3 : (unsigned)SPACE_REAL;
}

/** Real-storage accesses of the machine itself or of control instructions, key 0 and no
 *  low-address protection; raise addressing exceptions. */
uint64_t real_fetch64(struct cpu *cpu, struct real address);
uint32_t real_fetch32(struct cpu *cpu, struct real address);
void real_store64(struct cpu *cpu, struct real address, uint64_t value);
void real_store32(struct cpu *cpu, struct real address, uint32_t value);

/** Real to absolute by this CPU's prefix (PoP ch. 3). */
static inline struct absolute prefixed(const struct cpu *cpu, struct real address)
{
    uint64_t page = address.v & ~0x1fffULL;

    if (page == 0)
        return absolute(address.v + cpu->prefix);
    if (page == cpu->prefix)
        return absolute(address.v - cpu->prefix);
    return absolute(address.v);
}

/* Interlocked and alignment helpers. */
static inline void specification_unless_aligned(struct cpu *cpu, uint64_t address, unsigned bytes)
{
    specification_unless(cpu, (address & (bytes - 1)) == 0);
}

#endif
