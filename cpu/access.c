/* SPDX-License-Identifier: MIT */
/** Storage operands: the slow half of every access; fast handlers probe the TLB themselves. */
#include "cpu/access.h"

#include "cpu/art.h"
#include "cpu/cpus.h"
#include "cpu/level.h"
#include "cpu/per.h"
#include "cpu/seen.h"
#include "cpu/stops.h"
#include "storage/dat.h"

static uint64_t asce_of_space(const struct cpu *cpu, unsigned space)
{
    return space == SPACE_HOME ? cpu->cr[13] : space == SPACE_SECONDARY ? cpu->cr[7] : cpu->cr[1];
}

/* Context for (space, key); NULL with *fault when access-register translation fails. */
static struct tlb_context *context_of(struct cpu *cpu, unsigned space, unsigned base, uint8_t key,
                                      enum access_kind kind, struct fault *fault)
{
    uint64_t asce;

    if (space == SPACE_REAL)
        return tlb_context_for(cpu, false, 0, key);
    if (space != SPACE_ACCESS_REGISTER)
        return tlb_context_for(cpu, true, asce_of_space(cpu, space), key);
    if (!art_translate(cpu, base == 0 || base == 16 ? 0 : cpu->ar[base], kind == ACCESS_STORE, &asce, fault)) {
        fault->access_id = (uint8_t)(base & 15);
        return NULL;
    }
    return tlb_context_for(cpu, true, asce, key);
}

static uint64_t tag_of(const struct tlb_entry *e, enum access_kind kind)
{
    return kind == ACCESS_FETCH ? e->fetch : kind == ACCESS_STORE ? e->store : e->execute;
}

/* What a store that missed its tag must see to: decoded code in the block. False when there is none. */
static bool note_store(struct cpu *cpu, const uint8_t *host, unsigned bytes)
{
    uint64_t at = (uint64_t)(host - cpu->storage->bytes);

    if (!(cpu->storage->frames[at >> PAGE_SHIFT] & FRAME_CODE))
        return false;
    code_cache_store(cpu->all, absolute(at), bytes);
    return true;
}

static uint8_t *resolve(struct cpu *cpu, struct tlb_context *c, unsigned space, unsigned base, uint64_t address,
                        enum access_kind kind, unsigned bytes, struct fault *fault)
{
    struct tlb_entry *e = tlb_slot(c, address);
    uint64_t tag = tag_of(e, kind);
    uint8_t *host;

    if (likely(tag == (address & PAGE_MASK))) {
        TLB_HIT(cpu, c, address, kind);
        return (uint8_t *)(e->addend + (uintptr_t)address);
    }
    if ((tag & ~(TLB_CODE | TLB_OBSERVED)) == (address & PAGE_MASK)) {
        TLB_HIT(cpu, c, address, kind);
        host = (uint8_t *)(e->addend + (uintptr_t)address);
        if ((tag & TLB_CODE) && !note_store(cpu, host, bytes))
            e->store &= ~TLB_CODE;
        if (tag & TLB_OBSERVED)
            seen_access(cpu, address, host, bytes, kind == ACCESS_STORE);
        return host;
    }
    host = tlb_fill(cpu, c, address, kind, space & 3, fault);
    if (!host)
        fault->access_id = space == SPACE_ACCESS_REGISTER ? (uint8_t)(base & 15) : 0;
    else if (kind == ACCESS_STORE)
        note_store(cpu, host, bytes);
    if (host && c->identity.observed)
        seen_access(cpu, address, host, bytes, kind == ACCESS_STORE);
    if (host && stops_watching(cpu->all->stops))
        stops_access(cpu, address, absolute((uint64_t)(host - cpu->storage->bytes)), bytes, kind == ACCESS_STORE);
    return host;
}

uint8_t *access_translate(struct cpu *cpu, unsigned space, unsigned base, uint8_t key, uint64_t address,
                          enum access_kind kind, unsigned bytes, struct fault *fault)
{
    struct tlb_context *c;

    *fault = (struct fault){0};
    c = context_of(cpu, space, base, key, kind, fault);
    if (c)
        return resolve(cpu, c, space, base, address, kind, bytes, fault);
    if (fault->code == PIC_PROTECTION)
        fault->teid |= (address & PAGE_MASK) | (has_facility(cpu, FACILITY_ACCESS_EXCEPTION_FSI) ? 0x400 : 0);
    return NULL;
}

/* One piece within a page of an ordinary operand. */
static uint8_t *piece(struct cpu *cpu, uint64_t address, unsigned base, enum access_kind kind, unsigned bytes)
{
    unsigned space = operand_space(cpu);
    struct fault fault = {0};
    uint8_t *host;

    if (likely(space != SPACE_ACCESS_REGISTER))
        host = resolve(cpu, cpu->data, space, base, address, kind, bytes, &fault);
    else
        host = access_translate(cpu, space, base, access_key(cpu), address, kind, bytes, &fault);
    if (unlikely(!host))
        access_exception(cpu, &fault);
    return host;
}

static struct span span_of(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes, enum access_kind kind)
{
    struct span s = {.bytes = {bytes, 0}};
    unsigned rest = page_rest(address);

    if (likely(bytes <= rest)) {
        s.host[0] = piece(cpu, address, base, kind, bytes);
    } else {
        uint64_t second = (address + rest) & cpu->address_mask;

        s.bytes[0] = rest;
        s.bytes[1] = bytes - rest;
        s.host[0] = piece(cpu, address, base, kind, rest);
        s.host[1] = piece(cpu, second, base, kind, bytes - rest);
    }
    if (kind == ACCESS_STORE && unlikely(cpu->context->slow))
        per_note_store(cpu, address, base, bytes);
    return s;
}

struct span span_fetch(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes)
{
    return span_of(cpu, address, base, bytes, ACCESS_FETCH);
}

struct span span_store(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes)
{
    return span_of(cpu, address, base, bytes, ACCESS_STORE);
}

struct span span_update(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes)
{
    /* Key-controlled protection that permits stores permits fetches: one probe is enough. */
    struct span s = span_of(cpu, address, base, bytes, ACCESS_STORE);

    if (unlikely(cpu->context->seen & SEE_ACCESSES))
        seen_update(cpu, s.bytes[1] ? 2 : 1);
    if (unlikely(cpu->all->stops->count[STOP_FETCH] != 0)) {
        uint64_t first = (uint64_t)(s.host[0] - cpu->storage->bytes);

        stops_access(cpu, address, absolute(first), s.bytes[0], false);
        if (s.bytes[1])
            stops_access(cpu, (address + s.bytes[0]) & cpu->address_mask,
                         absolute((uint64_t)(s.host[1] - cpu->storage->bytes)), s.bytes[1], false);
    }
    return s;
}

struct span span_in_space(struct cpu *cpu, unsigned space, unsigned base, uint8_t key, uint64_t address,
                          unsigned bytes, enum access_kind kind)
{
    struct span s = {.bytes = {bytes, 0}};
    unsigned rest = page_rest(address);
    struct fault fault;

    if (bytes > rest) {
        s.bytes[0] = rest;
        s.bytes[1] = bytes - rest;
    }
    s.host[0] = access_translate(cpu, space, base, key, address, kind, s.bytes[0], &fault);
    if (s.host[0] && s.bytes[1])
        s.host[1] = access_translate(cpu, space, base, key, (address + rest) & cpu->address_mask, kind,
                                     s.bytes[1], &fault);
    if (!s.host[0] || (s.bytes[1] && !s.host[1]))
        access_exception(cpu, &fault);
    if (kind == ACCESS_STORE && cpu->context->slow)
        per_note_store_in_space(cpu, space, base, address, bytes);
    return s;
}

void span_read(const struct span *s, void *to)
{
    memcpy(to, s->host[0], s->bytes[0]);
    if (s->bytes[1])
        memcpy((uint8_t *)to + s->bytes[0], s->host[1], s->bytes[1]);
}

void span_write(const struct span *s, const void *from)
{
    memcpy(s->host[0], from, s->bytes[0]);
    if (s->bytes[1])
        memcpy(s->host[1], (const uint8_t *)from + s->bytes[0], s->bytes[1]);
}

uint8_t fetch8(struct cpu *cpu, uint64_t address, unsigned base)
{
    return *piece(cpu, address, base, ACCESS_FETCH, 1);
}

#define FETCH(bits) \
    uint##bits##_t fetch##bits(struct cpu *cpu, uint64_t address, unsigned base) \
    { \
        uint8_t raw[bits / 8]; \
        if (likely(page_rest(address) >= bits / 8)) \
            return get_be##bits(piece(cpu, address, base, ACCESS_FETCH, bits / 8)); \
        fetch_bytes(cpu, address, base, raw, bits / 8); \
        return get_be##bits(raw); \
    }
FETCH(16)
FETCH(32)
FETCH(64)

void store8(struct cpu *cpu, uint64_t address, unsigned base, uint8_t value)
{
    struct span s = span_store(cpu, address, base, 1);
    *s.host[0] = value;
}

#define STORE(bits) \
    void store##bits(struct cpu *cpu, uint64_t address, unsigned base, uint##bits##_t value) \
    { \
        uint8_t raw[bits / 8]; \
        struct span s = span_store(cpu, address, base, bits / 8); \
        if (likely(!s.bytes[1])) { \
            put_be##bits(s.host[0], value); \
            return; \
        } \
        put_be##bits(raw, value); \
        span_write(&s, raw); \
    }
STORE(16)
STORE(32)
STORE(64)

/* Real storage for the machine's own use: aligned, so within a block. */
static uint8_t *real_host(struct cpu *cpu, struct real address, unsigned bytes, bool store)
{
    struct absolute at;

    if (!level_storage(cpu, real(address.v & cpu->address_mask), bytes, store, &at))
        program_interruption(cpu, PIC_ADDRESSING);
    if (store)
        storage_stored(cpu->storage, at, bytes, true);
    else
        storage_fetched(cpu->storage, at, bytes);
    return storage_at(cpu->storage, at);
}

uint64_t real_fetch64(struct cpu *cpu, struct real address) { return get_be64(real_host(cpu, address, 8, false)); }
uint32_t real_fetch32(struct cpu *cpu, struct real address) { return get_be32(real_host(cpu, address, 4, false)); }
void real_store64(struct cpu *cpu, struct real address, uint64_t value)
{
    put_be64(real_host(cpu, address, 8, true), value);
}
void real_store32(struct cpu *cpu, struct real address, uint32_t value)
{
    put_be32(real_host(cpu, address, 4, true), value);
}
