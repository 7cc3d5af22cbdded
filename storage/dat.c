/* SPDX-License-Identifier: MIT */
#include "storage/dat.h"

enum {
    CODE_ADDRESSING = 0x05,
    CODE_SEGMENT = 0x10,
    CODE_PAGE = 0x11,
    CODE_SPECIFICATION = 0x12,
    CODE_ASCE_TYPE = 0x38,
    CODE_REGION_FIRST = 0x39,
    CODE_PROTECTION = 0x04,
};

uint64_t prefixed_by(uint32_t prefix, uint64_t address)
{
    uint64_t block = address & ~0x1fffULL;

    return block == 0 ? address + prefix : block == prefix ? address - prefix : address;
}

bool view_absolute(const struct storage_view *view, uint64_t guest_absolute, bool store, struct absolute *out,
                   struct dat_result *result)
{
    struct dat_result host;

    if (!view->host) {
        *out = absolute(guest_absolute);
        return true;
    }
    if (guest_absolute > view->limit) {
        result->code = CODE_ADDRESSING;
        return false;
    }
    host = dat_translate(view->host, view->host_asce, view->host_controls, guest_absolute + view->origin);
    if (!host.code && store && host.protect)
        host.code = CODE_PROTECTION;
    if (host.code) {
        result->code = host.code;
        result->host_fault = true;
        result->address = guest_absolute + view->origin;
        return false;
    }
    result->host_protect = host.protect;
    result->host_table = host.page_table;
    result->host_logical = (guest_absolute + view->origin) & PAGE_MASK;
    return view_absolute(view->host, prefixed_by(view->host->prefix, host.address), store, out, result);
}

static bool fetch_entry(const struct storage_view *view, uint64_t at, struct dat_result *r)
{
    struct absolute a;

    r->entry_address = at;
    if (!view_absolute(view, at, false, &a, r))
        return false;
    if (!storage_valid(view->storage, a, 8)) {
        r->code = CODE_ADDRESSING;
        return false;
    }
    r->entry = get_be64(storage_at(view->storage, a));
    if (!view->spy)
        view->storage->keys[a.v >> PAGE_SHIFT] |= KEY_REFERENCE;
    else if (view->spy->fetched)
        view->spy->fetched(view->spy->context, r);
    return true;
}

/* Exception code of a region- or segment-table level (3 … 1, 0). */
static uint16_t level_code(unsigned level)
{
    return level == 0 ? CODE_SEGMENT : (uint16_t)(CODE_REGION_FIRST + 3 - level);
}

static void large_frame(struct dat_result *r, uint64_t address, uint64_t bytes, uint32_t controls)
{
    r->frame_bytes = bytes;
    r->address = (r->entry & ~(bytes - 1)) | (address & (bytes - 1));
    if (r->entry & 0x10000) {
        r->access_valid = true;
        r->access_key = (uint8_t)(r->entry >> 8 & 0xf8);
    }
    if ((controls & DAT_IEP) && (r->entry & TABLE_NO_EXECUTE))
        r->no_execute = true;
}

static void walk_page(const struct storage_view *view, uint32_t controls, uint64_t address, struct dat_result *r)
{
    r->page_table = r->entry & SEGMENT_ORIGIN;
    r->table_protect = r->protect;
    r->level = 4;
    if (!fetch_entry(view, r->page_table + (address >> PAGE_SHIFT & 0xff) * 8, r))
        return;
    if (r->entry & PAGE_INVALID) {
        r->code = CODE_PAGE;
        return;
    }
    if (r->entry & 0x800) {
        r->code = CODE_SPECIFICATION;
        return;
    }
    r->protect |= (r->entry & PAGE_PROTECT) != 0;
    if ((controls & DAT_IEP) && (r->entry & PAGE_NO_EXECUTE))
        r->no_execute = true;
    r->frame_bytes = PAGE_BYTES;
    r->address = (r->entry & PAGE_MASK) | (address & ~PAGE_MASK);
}

/* One region- or segment-table step; true when the walk goes on to the next lower table. */
static bool walk_table(const struct storage_view *view, uint64_t asce, uint32_t controls, uint64_t address,
                       unsigned level, struct dat_result *r)
{
    r->level = (uint8_t)level;
    if (r->entry & TABLE_INVALID) {
        r->code = level_code(level);
        return false;
    }
    if ((r->entry >> 2 & 3) != level) {
        r->code = CODE_SPECIFICATION;
        return false;
    }
    if (level == 0 && (r->entry & SEGMENT_COMMON) && (asce & ASCE_PRIVATE)) {
        r->code = CODE_SPECIFICATION;
        return false;
    }
    if (level == 0 || (controls & DAT_EDAT_1))
        r->protect |= (r->entry & TABLE_PROTECT) != 0;
    if (level == 1 && (controls & DAT_EDAT_2) && (r->entry & TABLE_FORMAT_CONTROL)) {
        large_frame(r, address, 1ULL << 31, controls);
        return false;
    }
    if (level == 0 && (controls & DAT_EDAT_1) && (r->entry & TABLE_FORMAT_CONTROL)) {
        large_frame(r, address, 1ULL << 20, controls);
        return false;
    }
    return true;
}

struct dat_result dat_translate(const struct storage_view *view, uint64_t asce, uint32_t controls,
                                uint64_t address)
{
    struct dat_result r = {.level = 5};
    unsigned level = ASCE_TYPE(asce), first = 0, last = asce & 3;
    uint64_t origin = asce & ASCE_ORIGIN;

    if (asce & ASCE_REAL_SPACE) {
        r.address = address;
        r.frame_bytes = PAGE_BYTES;
        return r;
    }
    if (level < 3 && address >> (31 + 11 * level)) {
        r.code = CODE_ASCE_TYPE;
        return r;
    }
    for (;; level--) {
        unsigned index = address >> (20 + 11 * level) & 0x7ff;

        if (index >> 9 < first || index >> 9 > last) {
            r.code = level_code(level);
            r.level = (uint8_t)level;
            r.entry_address = origin + index * 8;
            return r;
        }
        r.level = (uint8_t)level;
        if (!fetch_entry(view, origin + index * 8, &r) ||
            !walk_table(view, asce, controls, address, level, &r))
            return r;
        if (level == 0)
            break;
        origin = r.entry & ASCE_ORIGIN;
        first = r.entry >> 6 & 3;
        last = r.entry & 3;
    }
    walk_page(view, controls, address, &r);
    return r;
}
