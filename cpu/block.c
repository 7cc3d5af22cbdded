/* SPDX-License-Identifier: MIT */
#include "cpu/block.h"

#include <stdlib.h>

#include "cpu/cpus.h"
#include "cpu/seen.h"
#include "cpu/stops.h"
#include "cpu/tlb.h"

enum { HASH_SIZE = 1 << 17, MAX_BLOCKS = 200000 };
/* Stores beside its code that a page bears before it is taken for data: at first, and at most. */
enum { LEAST_PATIENCE = 256, GREATEST_PATIENCE = 1 << 22 };

void code_cache_init(struct code_cache *cache, uint64_t storage_bytes)
{
    *cache = (struct code_cache){.hash_size = HASH_SIZE, .page_count = storage_bytes >> PAGE_SHIFT};
    cache->hash = machine_allocate(HASH_SIZE * sizeof *cache->hash);
    cache->pages = machine_allocate(cache->page_count * sizeof *cache->pages);
    cache->jumps = machine_allocate(JUMP_CACHE * sizeof *cache->jumps);
    cache->executes = machine_allocate(EXECUTE_CACHE * sizeof *cache->executes);
}

static unsigned hash_of(const struct code_cache *cache, uint64_t at, const struct decode_context *context)
{
    uint64_t h = (at >> 1) * 0x9e3779b97f4a7c15ULL ^ (uintptr_t)context * 0xff51afd7ed558ccdULL;

    return (unsigned)(h >> 40) & (cache->hash_size - 1);
}

/* A block is in the jump cache at the host address of its first instruction only. */
static void forget_jump(struct cpus *cpus, const struct block *block)
{
    const uint8_t *host = storage_at(cpus->machine->storage, absolute(block->absolute));
    struct jump_entry *j = jump_slot(&cpus->code, host);

    if (j->first == block->insns)
        *j = (struct jump_entry){0};
}

static void unhash(struct code_cache *cache, struct block *block)
{
    struct block **at = &cache->hash[hash_of(cache, block->absolute, block->context)];

    while (*at != block)
        at = &(*at)->hash_next;
    *at = block->hash_next;
}

/* Linked branches of the page may lead into a dropped block: bind them anew. */
static void unlink_branches(struct code_page *page)
{
    for (struct block *b = page->blocks; b; b = b->page_next)
        for (struct insn *i = b->insns; i <= b->insns + b->count; i++)
            if (i->flags & INSN_LINKED) {
                struct insn fresh;

                if (i == b->insns + b->count) {
                    i->handler = handle_block_end;
                    i->link = NULL;
                } else {
                    insn_bind(b->context, i->text, &fresh);
                    i->handler = fresh.handler;
                    i->imm = fresh.imm;
                }
                i->flags &= (uint8_t)~INSN_LINKED;
            }
}

static void cover(struct code_page *page, unsigned from, unsigned to)
{
    for (unsigned h = from / 2; h < (to + 1) / 2; h++)
        page->covered[h / 8] |= (uint8_t)(1 << h % 8);
}

static bool overlaps_code(const struct code_page *page, unsigned from, unsigned to)
{
    for (unsigned h = from / 2; h < (to + 1) / 2;) {
        if (h % 8 == 0 && !page->covered[h / 8]) {
            h += 8;
            continue;
        }
        if (page->covered[h / 8] & 1 << h % 8)
            return true;
        h++;
    }
    return false;
}

/* Drop the blocks of the page that overlap [from, to). */
static void drop_range(struct cpus *cpus, uint64_t frame, unsigned from, unsigned to)
{
    struct code_cache *cache = &cpus->code;
    struct code_page *page = cache->pages[frame];
    struct block **at = &page->blocks;
    bool any = false;

    memset(page->covered, 0, sizeof page->covered);
    while (*at) {
        struct block *b = *at;

        if (b->from < to && b->to > from) {
            *at = b->page_next;
            unhash(cache, b);
            forget_jump(cpus, b);
            b->page_next = cache->graveyard;
            cache->graveyard = b;
            cache->dropped++;
            cache->blocks--;
            any = true;
        } else {
            cover(page, b->from, b->to);
            at = &b->page_next;
        }
    }
    if (!any)
        return;
    unlink_branches(page);
    if (!page->blocks) {
        cpus->machine->storage->frames[frame] &= (uint8_t)~FRAME_CODE;
        page->stores_left = 0;
    }
    if (cpus->running)
        cpus->running->leave |= LEAVE_CODE;
}

/* The page is data again, which becomes cheap to store into, or it is mixed and decoded anew: then it bears more. */
static void lose_patience(struct cpus *cpus, uint64_t frame)
{
    struct code_page *page = cpus->code.pages[frame];

    if (page->patience < GREATEST_PATIENCE)
        page->patience *= 4;
    drop_range(cpus, frame, 0, PAGE_BYTES);
}

void code_cache_store(struct cpus *cpus, struct absolute at, uint64_t bytes)
{
    for (uint64_t f = at.v >> PAGE_SHIFT; bytes && f <= (at.v + bytes - 1) >> PAGE_SHIFT; f++) {
        struct code_page *page = cpus->code.pages[f];
        uint64_t start = f << PAGE_SHIFT;
        unsigned from = at.v > start ? (unsigned)(at.v - start) : 0;
        unsigned to = at.v + bytes < start + PAGE_BYTES ? (unsigned)(at.v + bytes - start) : PAGE_BYTES;

        if (!page || !page->blocks)
            continue;
        if (overlaps_code(page, from, to))
            drop_range(cpus, f, from, to);
        else if (page->stores_left)
            page->stores_left--;
        else
            lose_patience(cpus, f);
    }
}

void code_cache_drop_offset(struct cpus *cpus, unsigned offset)
{
    for (uint64_t f = 0; f < cpus->code.page_count; f++) {
        const struct code_page *page = cpus->code.pages[f];

        if (page && page->blocks && overlaps_code(page, offset, offset + 2))
            drop_range(cpus, f, offset, offset + 2);
    }
}

void code_cache_drop_all(struct cpus *cpus)
{
    for (uint64_t f = 0; f < cpus->code.page_count; f++)
        if (cpus->code.pages[f] && cpus->code.pages[f]->blocks)
            drop_range(cpus, f, 0, PAGE_BYTES);
}

void code_cache_forget_contexts(struct cpus *cpus)
{
    code_cache_drop_all(cpus);
    memset(cpus->code.jumps, 0, JUMP_CACHE * sizeof *cpus->code.jumps);
    memset(cpus->code.executes, 0, EXECUTE_CACHE * sizeof *cpus->code.executes);
}

void code_cache_bury(struct code_cache *cache)
{
    while (cache->graveyard) {
        struct block *b = cache->graveyard;

        cache->graveyard = b->page_next;
        free(b);
    }
}

void code_cache_release(struct code_cache *cache)
{
    for (uint64_t f = 0; f < cache->page_count; f++) {
        struct code_page *page = cache->pages[f];

        while (page && page->blocks) {
            struct block *b = page->blocks;

            page->blocks = b->page_next;
            free(b);
        }
        free(page);
    }
    code_cache_bury(cache);
    free(cache->hash);
    free(cache->pages);
    free(cache->jumps);
    free(cache->executes);
    *cache = (struct code_cache){0};
}

static uint64_t text_at(const uint8_t *p, unsigned rest)
{
    unsigned length = insn_length(*p);
    uint8_t raw[8] = {0};

    memcpy(raw, p, length <= rest ? length : rest);
    return get_be64(raw);
}

static void block_end(struct insn *out, unsigned offset, unsigned cycles)
{
    *out = (struct insn){.handler = handle_block_end, .offset = (uint16_t)offset, .b2 = 16, .text = cycles};
}

/* Decode instructions at `at`, at most `limit` of them and their companions; returns how many fit within the page. */
static unsigned decode_run(const struct cpu *cpu, struct absolute at, const struct decode_context *context,
                           unsigned limit, struct insn *out, unsigned *end)
{
    unsigned offset = at.v & (PAGE_BYTES - 1), cycles = 0, n = 0, companions = context->seen != 0;
    const uint8_t *page = storage_at(cpu->storage, absolute(at.v & PAGE_MASK));
    const struct stops *stops = cpu->all->stops;

    limit <<= companions;
    while (n < limit && offset < PAGE_BYTES) {
        uint64_t text = text_at(page + offset, PAGE_BYTES - offset);
        enum insn_id id = insn_decode(text);
        unsigned length = insn_length((uint8_t)(text >> 56)), cost = insn_rows[id].cost;

        if (length > PAGE_BYTES - offset || (n && cycles + cost > BLOCK_CYCLES))
            break;
        n += companions;
        insn_bind(context, text, &out[n]);
        out[n].offset = (uint16_t)offset;
        cycles += cost;
        out[n].text |= cycles;
        if (companions)
            seen_companion(cpu->all, &out[n], cost, &out[n - 1]);
        if (stops_at_offset(stops, offset))
            out[n - companions].handler = handle_break;
        offset += length;
        if (insn_ends_block(id, &out[n++]))
            break;
    }
    block_end(&out[n], offset, cycles);
    *end = offset;
    return n;
}

/* A fast instruction followed by a fast BRC becomes one handler: one indirect jump less. */
static void fuse(struct insn *run, unsigned n)
{
    for (unsigned i = 0; i + 1 < n; i++) {
        enum insn_id id = insn_decode(run[i].text);

        if (insn_fused[id] && run[i].handler == insn_fast[id] && run[i + 1].handler == insn_fast[INSN_BRC])
            run[i].handler = insn_fused[id];
    }
}

static const struct block *build(struct cpu *cpu, struct absolute at, const struct decode_context *context)
{
    struct code_cache *cache = &cpu->all->code;
    struct insn run[2 * BLOCK_INSNS + 1];
    uint64_t frame = at.v >> PAGE_SHIFT;
    struct code_page *page;
    unsigned end, n, hash;
    struct block *b;

    if (cache->blocks >= MAX_BLOCKS)
        code_cache_drop_all(cpu->all);
    n = decode_run(cpu, at, context, context->single ? 1 : BLOCK_INSNS, run, &end);
    if (n == 0)
        return NULL;
    fuse(run, n);
    b = machine_allocate(sizeof *b + (n + 1) * sizeof(struct insn));
    b->absolute = at.v;
    b->context = context;
    b->from = at.v & (PAGE_BYTES - 1);
    b->to = (uint16_t)end;
    b->count = (uint16_t)n;
    memcpy(b->insns, run, (n + 1) * sizeof(struct insn));
    page = cache->pages[frame];
    if (!page) {
        page = cache->pages[frame] = machine_allocate(sizeof *page);
        page->patience = LEAST_PATIENCE;
    }
    b->page_next = page->blocks;
    page->blocks = b;
    cover(page, b->from, b->to);
    page->stores_left = page->patience;
    hash = hash_of(cache, at.v, context);
    b->hash_next = cache->hash[hash];
    cache->hash[hash] = b;
    cache->blocks++;
    cache->decoded++;
    if (!(cpu->storage->frames[frame] & FRAME_CODE)) {
        cpu->storage->frames[frame] |= FRAME_CODE;
        tlb_note_code(cpu->all, frame);
    }
    return b;
}

const struct block *block_find(struct cpu *cpu, struct absolute at, const struct decode_context *context)
{
    struct code_cache *cache = &cpu->all->code;
    unsigned rest = PAGE_BYTES - (at.v & (PAGE_BYTES - 1));

    if (unlikely(rest < 6) && insn_length(*storage_at(cpu->storage, at)) > rest)
        return NULL;
    for (struct block *b = cache->hash[hash_of(cache, at.v, context)]; b; b = b->hash_next)
        if (b->absolute == at.v && b->context == context)
            return b;
    return build(cpu, at, context);
}

void block_decode_single(const struct decode_context *context, uint64_t text, unsigned offset, struct insn out[2])
{
    unsigned cost = insn_rows[insn_decode(text)].cost;

    insn_bind(context, text, &out[0]);
    out[0].offset = (uint16_t)offset;
    out[0].text |= cost;
    block_end(&out[1], offset + out[0].length, cost);
}
