/* SPDX-License-Identifier: MIT */
#include "cpu/tlb.h"

#include <stdio.h>
#include <stdlib.h>

#include "cpu/access.h"
#include "cpu/cpus.h"
#include "cpu/seen.h"
#include "cpu/stops.h"
#include "storage/dat.h"

static void clear(struct tlb_context *c)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++) {
        c->entry[i].fetch = c->entry[i].store = c->entry[i].execute = TLB_DENIED;
        c->frame[i] = UINT64_MAX;
    }
    c->dirty = false;
}

static uint32_t controls_of(const struct cpu *cpu, bool dat)
{
    uint64_t cr0 = cpu->cr[0];
    uint32_t c = dat ? TLB_CONTROL_DAT : 0;

    if (cr0 & CR0_LOW_ADDRESS_PROTECTION)
        c |= TLB_CONTROL_LOW_ADDRESS;
    if (cr0 & CR0_FETCH_PROTECTION_OVERRIDE)
        c |= TLB_CONTROL_FETCH_OVERRIDE;
    if (cr0 & CR0_STORAGE_PROTECTION_OVERRIDE)
        c |= TLB_CONTROL_STORE_OVERRIDE;
    if (dat && (cr0 & CR0_EDAT) && level_has_edat1(cpu))
        c |= TLB_CONTROL_EDAT | (level_has_edat2(cpu) ? TLB_CONTROL_EDAT_2 : 0);
    if (dat && (cr0 & CR0_IEP) && level_has_iep(cpu))
        c |= TLB_CONTROL_IEP;
    return c;
}

static bool same(const struct tlb_identity *a, const struct tlb_identity *b)
{
    return a->asce == b->asce && a->prefix == b->prefix && a->controls == b->controls && a->key == b->key &&
           a->level == b->level && a->observed == b->observed && a->host_asce == b->host_asce && a->host_origin == b->host_origin &&
           a->host_limit == b->host_limit && a->host_prefix == b->host_prefix &&
           a->host_controls == b->host_controls;
}

struct tlb_context *tlb_context_for(struct cpu *cpu, bool dat, uint64_t asce, uint8_t key)
{
    struct tlb_identity wanted = {.asce = dat ? asce : 0, .prefix = cpu->prefix, .key = key, .level = 1,
                                  .controls = controls_of(cpu, dat),
                                  .observed = cpu->context && (cpu->context->seen & SEE_ACCESSES)};
    struct tlb_context *oldest = NULL;

    if (cpu->interpreting) {
        const struct storage_view *view = &cpu->interpreting->guest_view;

        wanted.level = 2;
        wanted.host_asce = view->host_asce;
        wanted.host_origin = view->origin;
        wanted.host_limit = view->limit;
        wanted.host_prefix = view->host->prefix;
        wanted.host_controls = view->host_controls;
    }

    cpu->context_clock++;
    for (struct tlb_context *c = cpu->contexts; c < cpu->contexts + TLB_CONTEXTS; c++) {
        if (c->valid && same(&c->identity, &wanted)) {
            c->used = cpu->context_clock;
            return c;
        }
        if (c == cpu->data || c == cpu->code)
            continue;
        if (!oldest || !c->valid || (oldest->valid && c->used < oldest->used))
            oldest = c;
    }
    if (oldest->dirty)
        clear(oldest);
    oldest->identity = wanted;
    oldest->valid = true;
    oldest->used = cpu->context_clock;
    return oldest;
}

static uint8_t *fail(struct cpu *cpu, struct fault *fault, unsigned code, uint64_t address, enum access_kind kind,
                     unsigned space_bits, unsigned teid_bits)
{
    fault->code = (uint16_t)code;
    fault->teid = (address & PAGE_MASK) | space_bits | teid_bits;
    if (has_facility(cpu, FACILITY_ACCESS_EXCEPTION_FSI))
        fault->teid |= kind == ACCESS_STORE ? 0x400 : 0x800;
    return NULL;
}

static bool low_address(const struct tlb_identity *id, uint64_t address)
{
    return (id->controls & TLB_CONTROL_LOW_ADDRESS) && (address & ~0x11ffULL) == 0 &&
           !((id->controls & TLB_CONTROL_DAT) && (id->asce & ASCE_PRIVATE));
}

static bool key_denies(const struct tlb_identity *id, uint8_t key, uint64_t address, enum access_kind kind)
{
    if (key_permits(key, id->key, kind == ACCESS_STORE))
        return false;
    if ((id->controls & TLB_CONTROL_STORE_OVERRIDE) && key >> 4 == 9)
        return false;
    if (kind != ACCESS_STORE && (id->controls & TLB_CONTROL_FETCH_OVERRIDE) && address < 2048 &&
        !((id->controls & TLB_CONTROL_DAT) && (id->asce & ASCE_PRIVATE)))
        return false;
    return true;
}

/* Walk the tables, or take the address as real. */
static struct dat_result walk(struct cpu *cpu, const struct tlb_identity *id, uint64_t address)
{
    struct storage_view machine_view = {.storage = cpu->storage};
    const struct storage_view *view = cpu->interpreting ? &cpu->interpreting->guest_view : &machine_view;
    uint32_t controls = 0;

    if (!(id->controls & TLB_CONTROL_DAT))
        return (struct dat_result){.address = address, .frame_bytes = PAGE_BYTES};
    if (id->controls & TLB_CONTROL_EDAT)
        controls |= DAT_EDAT_1;
    if (id->controls & TLB_CONTROL_EDAT_2)
        controls |= DAT_EDAT_2;
    if (id->controls & TLB_CONTROL_IEP)
        controls |= DAT_IEP;
    return dat_translate(view, id->asce, controls, address);
}

/* A fault of the host on the guest's behalf: host address, primary space (Linux: gmap faults come through CR1). */
static uint8_t *fail_host(struct cpu *cpu, struct fault *fault, const struct dat_result *r, enum access_kind kind)
{
    fail(cpu, fault, r->code, r->address, kind, 0, r->code == PIC_PROTECTION ? TEID_DAT : 0);
    fault->host = true;
    if (facility_present(&cpu->all->facilities, FACILITY_ACCESS_EXCEPTION_FSI)) /* whatever the guest has */
        fault->teid |= kind == ACCESS_STORE ? 0x400 : 0x800;
    return NULL;
}

/* Real address of the present level to host absolute, through the host's tables under SIE. */
static bool to_absolute(struct cpu *cpu, struct dat_result *r, bool store, struct absolute *out)
{
    *out = prefixed(cpu, real(r->address));
    return !cpu->interpreting || view_absolute(&cpu->interpreting->guest_view, out->v, store, out, r);
}

/* Enter the translation; tags only for what needs no further look. */
static void enter(struct cpu *cpu, struct tlb_context *c, uint64_t address, uint64_t frame,
                  const struct dat_result *r, enum access_kind kind)
{
    struct tlb_entry *e = tlb_slot(c, address);
    struct storage *s = cpu->storage;
    uint64_t page = address & PAGE_MASK, i = (uint64_t)(e - c->entry);
    uint64_t tag = c->identity.observed ? page | TLB_OBSERVED : page;
    uint8_t key = s->keys[frame], flags = s->frames[frame];
    bool low = (c->identity.controls & TLB_CONTROL_LOW_ADDRESS) && page <= 0x1000;
    bool override = page == 0 && (c->identity.controls & TLB_CONTROL_FETCH_OVERRIDE);

    if (c->frame[i] != frame || (e->fetch != tag && e->execute != page && (e->store & ~TLB_CODE) != tag))
        e->fetch = e->store = e->execute = TLB_DENIED;
    e->addend = (uintptr_t)(s->bytes + (frame << PAGE_SHIFT)) - (uintptr_t)page;
    c->frame[i] = frame;
    c->table[i] = r->page_table;
    c->host_table[i] = r->host_table;
    c->host_logical[i] = r->host_logical;
    c->dirty = true;
    s->frames[frame] = flags |= FRAME_MAPPED;
    if (unlikely((flags & FRAME_WATCHED) || stops_watch_page(cpu->all->stops, page))) {
        e->fetch = e->store = TLB_DENIED;
        if (kind != ACCESS_EXECUTE)
            return;
    }
    if (kind == ACCESS_EXECUTE) {
        if (!override)
            e->execute = page;
        return;
    }
    if (!override && !key_denies(&c->identity, key, page, ACCESS_FETCH))
        e->fetch = tag;
    if ((key & KEY_CHANGE) && (flags & FRAME_DIRTY) && !low && !r->protect && !r->host_protect &&
        !key_denies(&c->identity, key, page, ACCESS_STORE))
        e->store = flags & FRAME_CODE ? tag | TLB_CODE : tag;
}

uint8_t *tlb_fill(struct cpu *cpu, struct tlb_context *c, uint64_t address, enum access_kind kind,
                  unsigned space_bits, struct fault *fault)
{
    const struct tlb_identity *id = &c->identity;
    struct storage *s = cpu->storage;
    struct dat_result r;
    struct absolute at;
    uint64_t frame;
    uint8_t key;

    if (kind == ACCESS_STORE && low_address(id, address))
        return fail(cpu, fault, PIC_PROTECTION, address, kind, space_bits, TEID_LOW_ADDRESS);
    r = walk(cpu, id, address);
    if (r.code) /* the host's fault, if it is one, is that of fetching a table entry */
        return r.host_fault ? fail_host(cpu, fault, &r, ACCESS_FETCH)
                            : fail(cpu, fault, r.code, address, kind, space_bits, 0);
    if (!to_absolute(cpu, &r, kind == ACCESS_STORE && !r.protect, &at))
        return r.host_fault ? fail_host(cpu, fault, &r, kind)
                            : fail(cpu, fault, r.code, address, kind, space_bits, 0);
    if (!storage_valid(s, at, 1))
        return fail(cpu, fault, PIC_ADDRESSING, address, kind, space_bits, 0);
    if (kind == ACCESS_STORE && r.protect)
        return fail(cpu, fault, PIC_PROTECTION, address, kind, space_bits, TEID_DAT);
    if (kind == ACCESS_EXECUTE && r.no_execute)
        return fail(cpu, fault, PIC_PROTECTION, address, kind, space_bits, TEID_IEP);
    frame = at.v >> PAGE_SHIFT;
    key = r.access_valid ? (uint8_t)((s->keys[frame] & 6) | r.access_key) : s->keys[frame];
    if (key_denies(id, key, address, kind))
        return fail(cpu, fault, PIC_PROTECTION, address, kind, space_bits, TEID_KEY);
    s->keys[frame] |= kind == ACCESS_STORE ? KEY_REFERENCE | KEY_CHANGE : KEY_REFERENCE;
    if (kind == ACCESS_STORE)
        s->frames[frame] |= FRAME_DIRTY;
    /* Large frames with a key of their own are not entered while keys matter. */
    if (!r.access_valid || id->key == 0)
        enter(cpu, c, address, frame, &r, kind);
    return storage_at(s, at);
}

#ifdef SIENNA_CHECK_TLB
static _Noreturn void differs(const struct cpu *cpu, const struct tlb_context *c, uint64_t address,
                              enum access_kind kind, const char *what)
{
    static const char *const kinds[] = {"fetch", "store", "execute"};

    fprintf(stderr, "sienna: TLB: %s of %016llx by CPU %u (ASCE %016llx, level %u, key %u) near %016llx hits, "
                    "but %s\n",
            kinds[kind], (unsigned long long)address, cpu->address, (unsigned long long)c->identity.asce,
            c->identity.level, c->identity.key, (unsigned long long)cpu->ia, what);
    abort();
}

void tlb_check_hit(struct cpu *cpu, struct tlb_context *c, uint64_t address, enum access_kind kind)
{
    const struct tlb_entry *e = tlb_slot(c, address);
    struct dat_result r = walk(cpu, &c->identity, address);
    struct absolute at;
    uint8_t key;

    if (r.code || !to_absolute(cpu, &r, kind == ACCESS_STORE, &at) || !storage_valid(cpu->storage, at, 1))
        differs(cpu, c, address, kind, "the tables have no such page");
    if (storage_at(cpu->storage, at) != (uint8_t *)(e->addend + (uintptr_t)address))
        differs(cpu, c, address, kind, "the tables lead elsewhere");
    key = cpu->storage->keys[at.v >> PAGE_SHIFT];
    if ((kind == ACCESS_STORE && (r.protect || r.host_protect || low_address(&c->identity, address))) ||
        (kind == ACCESS_EXECUTE && r.no_execute))
        differs(cpu, c, address, kind, "the page is protected");
    if (key_denies(&c->identity, r.access_valid ? (uint8_t)((key & 6) | r.access_key) : key, address, kind))
        differs(cpu, c, address, kind, "its storage key denies it");
    if (!(key & KEY_REFERENCE) || (kind == ACCESS_STORE && !(key & KEY_CHANGE)))
        differs(cpu, c, address, kind, "reference or change bit is zero");
    if (kind != ACCESS_EXECUTE && ((cpu->storage->frames[at.v >> PAGE_SHIFT] & FRAME_WATCHED) ||
                                   stops_watch_page(cpu->all->stops, address & PAGE_MASK)))
        differs(cpu, c, address, kind, "the block is watched");
}
#endif

void tlb_purge_all(struct cpu *cpu)
{
    for (struct tlb_context *c = cpu->contexts; c < cpu->contexts + TLB_CONTEXTS; c++) {
        if (c == cpu->data || c == cpu->code) {
            if (c->dirty)
                clear(c);
        } else {
            c->valid = false;
        }
    }
}

static void drop(struct tlb_context *c, unsigned i)
{
    c->entry[i].fetch = c->entry[i].store = c->entry[i].execute = TLB_DENIED;
    c->frame[i] = UINT64_MAX;
}

void tlb_purge_guests(struct cpu *cpu)
{
    for (struct tlb_context *c = cpu->contexts; c < cpu->contexts + TLB_CONTEXTS; c++)
        if (c->valid && c->identity.level == 2 && c->dirty)
            clear(c);
}

/* Composed entries that a page table of the host's had a part in: the slot does not tell which. */
static void purge_composed(struct tlb_context *c, uint64_t host_table, uint64_t address)
{
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if (c->host_table[i] == host_table && c->frame[i] != UINT64_MAX &&
            ((c->host_logical[i] ^ address) >> PAGE_SHIFT & 0xff) == 0)
            drop(c, i);
}

/* Only the page index tells which entry of a page table it was: several segments may share the table. */
static void purge_page_index(struct tlb_context *c, uint64_t page_table, uint64_t address)
{
    enum { PAGE_TABLE_ENTRIES = 256 };

    for (unsigned i = address >> PAGE_SHIFT & (PAGE_TABLE_ENTRIES - 1); i < TLB_ENTRIES; i += PAGE_TABLE_ENTRIES)
        if (c->frame[i] != UINT64_MAX && c->table[i] == page_table)
            drop(c, i);
}

void tlb_purge_page(struct cpus *cpus, struct cpu *only, unsigned level, uint64_t page_table, uint64_t address)
{
    for (unsigned n = 0; n < cpus->count; n++) {
        struct cpu *cpu = cpus->cpu[n];

        if (only && cpu != only)
            continue;
        for (struct tlb_context *c = cpu->contexts; c < cpu->contexts + TLB_CONTEXTS; c++) {
            if (!c->valid || !c->dirty)
                continue;
            if (c->identity.level == level)
                purge_page_index(c, page_table, address);
            if (level == 1 && c->identity.level == 2)
                purge_composed(c, page_table, address);
        }
    }
}

/* Does the context depend on tables of that level (and, unless `all`, on that ASCE)? */
static bool depends(const struct tlb_context *c, unsigned level, bool all, uint64_t asce)
{
    const uint64_t table = ASCE_ORIGIN | 0xc;

    if (c->identity.level == level)
        return (c->identity.controls & TLB_CONTROL_DAT) && (all || ((c->identity.asce ^ asce) & table) == 0);
    return level == 1 && (all || ((c->identity.host_asce ^ asce) & table) == 0);
}

static void purge_matching(struct cpus *cpus, struct cpu *only, unsigned level, bool all, uint64_t asce)
{
    for (unsigned n = 0; n < cpus->count; n++) {
        struct cpu *cpu = cpus->cpu[n];

        if (only && cpu != only)
            continue;
        for (struct tlb_context *c = cpu->contexts; c < cpu->contexts + TLB_CONTEXTS; c++)
            if (c->valid && c->dirty && depends(c, level, all, asce))
                clear(c);
    }
}

void tlb_purge_asce(struct cpus *cpus, struct cpu *only, unsigned level, uint64_t asce)
{
    purge_matching(cpus, only, level, false, asce);
}

void tlb_purge_tables(struct cpus *cpus, struct cpu *only, unsigned level)
{
    purge_matching(cpus, only, level, true, 0);
}

void tlb_purge_frame(struct cpus *cpus, uint64_t frame)
{
    if (!(cpus->machine->storage->frames[frame] & FRAME_MAPPED))
        return;
    cpus->machine->storage->frames[frame] &= (uint8_t)~FRAME_MAPPED;
    for (unsigned n = 0; n < cpus->count; n++)
        for (struct tlb_context *c = cpus->cpu[n]->contexts; c < cpus->cpu[n]->contexts + TLB_CONTEXTS; c++)
            for (unsigned i = 0; c->dirty && i < TLB_ENTRIES; i++)
                if (c->frame[i] == frame)
                    drop(c, i);
}

void tlb_note_code(struct cpus *cpus, uint64_t frame)
{
    if (!(cpus->machine->storage->frames[frame] & FRAME_MAPPED))
        return;
    for (unsigned n = 0; n < cpus->count; n++)
        for (struct tlb_context *c = cpus->cpu[n]->contexts; c < cpus->cpu[n]->contexts + TLB_CONTEXTS; c++)
            for (unsigned i = 0; c->dirty && i < TLB_ENTRIES; i++)
                if (c->frame[i] == frame && !(c->entry[i].store & TLB_DENIED))
                    c->entry[i].store |= TLB_CODE;
}

void tlb_deny_stores(struct cpus *cpus)
{
    for (unsigned n = 0; n < cpus->count; n++)
        for (struct tlb_context *c = cpus->cpu[n]->contexts; c < cpus->cpu[n]->contexts + TLB_CONTEXTS; c++)
            for (unsigned i = 0; c->dirty && i < TLB_ENTRIES; i++)
                c->entry[i].store = TLB_DENIED;
}
