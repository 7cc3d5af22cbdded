/* SPDX-License-Identifier: MIT */
/**
 * Decoded blocks: straight runs of instructions within a page, keyed by absolute address
 * and decode context, so nothing depends on logical addresses.
 */
#ifndef SIENNA_CPU_BLOCK_H
#define SIENNA_CPU_BLOCK_H

#include "cpu/insn.h"
#include "machine/machine.h"

struct cpu;
struct cpus;
struct decode_context;

enum {
    BLOCK_INSNS = 64,    /**< most instructions in a block */
    BLOCK_CYCLES = 256,  /**< a block costs at most this unless it is one instruction */
    BLOCK_LIMIT = BLOCK_CYCLES, /**< budget below which a block's exact cost is looked at */
    JUMP_CACHE = 16384,
    EXECUTE_CACHE = 256,
};

struct block {
    struct block *hash_next, *page_next;
    uint64_t absolute;                    /**< of the first instruction */
    const struct decode_context *context;
    uint16_t from, to;                    /**< bytes covered in the page */
    uint16_t count;                       /**< instructions with their companions, without the block end */
    struct insn insns[];                  /**< count instructions and the block end */
};

/** What decoded code a 4K block of storage holds. */
struct code_page {
    struct block *blocks;
    uint32_t stores_left; /**< stores beside the code until the page is taken for data; 0 when it holds no code */
    uint32_t patience;    /**< what stores_left begins with */
    uint8_t covered[PAGE_BYTES / 16 + 1]; /**< bit n % 8 of [n / 8]: halfword n is covered by a block */
};

struct jump_entry {
    const uint8_t *host;                  /**< host address of the instruction */
    const struct decode_context *context;
    const struct insn *first;
};

/** A decoded EXECUTE target: [0] the target, [1] the return to after the EXECUTE. */
struct execute_entry {
    uint64_t text;
    const struct decode_context *context;
    struct insn insns[2];
};

struct code_cache {
    struct block **hash;
    unsigned hash_size, blocks;
    struct code_page **pages;             /**< per 4K block of storage, or NULL */
    uint64_t page_count;
    struct block *graveyard;              /**< dropped, freed when no block is being executed */
    struct jump_entry *jumps;
    struct execute_entry *executes;
    uint64_t decoded, dropped;            /**< statistics */
};

static inline struct jump_entry *jump_slot(const struct code_cache *cache, const uint8_t *host)
{
    return &cache->jumps[((uintptr_t)host >> 1) & (JUMP_CACHE - 1)];
}

/** Do the `bytes` (1–16, within the page) at `offset` lie beside all decoded code? Counts the store when so. */
static inline __attribute__((always_inline)) bool code_page_beside(struct code_page *page, unsigned offset,
                                                                   unsigned bytes)
{
    unsigned first = offset / 2, count = (offset % 2 + bytes + 1) / 2;
    unsigned near = page->covered[first / 8] | (unsigned)page->covered[first / 8 + 1] << 8;

    if ((near >> first % 8 & ((1u << count) - 1)) || !page->stores_left)
        return false;
    page->stores_left--;
    return true;
}

void code_cache_init(struct code_cache *cache, uint64_t storage_bytes);
void code_cache_release(struct code_cache *cache);

/** First instruction of the block at absolute address `at` in the CPU's present context, decoding it if
 *  necessary. NULL when the instruction at `at` crosses the end of the page (see block_crossing). */
const struct block *block_find(struct cpu *cpu, struct absolute at, const struct decode_context *context);
/** Decode the one instruction `text` at page offset `offset` into out[0], with a block end in out[1]. */
void block_decode_single(const struct decode_context *context, uint64_t text, unsigned offset, struct insn out[2]);
/** Bytes [at, at+bytes) of storage change: drop the blocks that overlap. */
void code_cache_store(struct cpus *cpus, struct absolute at, uint64_t bytes);
/** Drop the blocks with an instruction at `offset` of whatever page. */
void code_cache_drop_offset(struct cpus *cpus, unsigned offset);
/** Drop everything (resets, facility changes). */
void code_cache_drop_all(struct cpus *cpus);
/** The same with everything else that remembers a decode context: these may be freed then. */
void code_cache_forget_contexts(struct cpus *cpus);
/** Free dropped blocks; only between blocks. */
void code_cache_bury(struct code_cache *cache);

/** Decode operands and bind the handler for `context` (design §3: in the architecture's priority order). */
void insn_bind(const struct decode_context *context, uint64_t text, struct insn *out);
/** Does the row always leave the sequential path (so the block ends)? */
bool insn_ends_block(enum insn_id id, const struct insn *insn);

/* Handlers with no row (cpu/handlers.c). */
insn_handler handle_block_end, handle_operation, handle_privileged, handle_specification, handle_data,
    handle_execute_return, handle_slow, handle_intercept, handle_break;

#endif
