/* SPDX-License-Identifier: MIT */
/**
 * The software translation-lookaside buffer.
 *
 * A hit is `((address + bytes - 1) & PAGE_MASK) == tag` for fetch, store or execute; the
 * host address is then `addend + address`. Every rare condition (protection, first
 * reference, first store to a clean block, watchpoints, decoded code) is a denied tag, so
 * the hit path tests none of them. A miss falls out to tlb_fill(), never returns wrong data.
 *
 * About 16 contexts per CPU: changing key, address space or SIE level switches a pointer.
 * Entries are indexed by address bits 44–51 (the page index), so IPTE knows the slot.
 */
#ifndef SIENNA_CPU_TLB_H
#define SIENNA_CPU_TLB_H

#include "machine/types.h"

enum { TLB_ENTRIES = 256, TLB_CONTEXTS = 16 };
#define TLB_DENIED 1ULL /**< equals no page address */

struct tlb_entry {
    uint64_t fetch, store, execute; /**< logical page address or TLB_DENIED */
    uintptr_t addend;               /**< host address of the block minus logical page address */
};

/** What makes two contexts different: everything that changes a translation or a protection. */
struct tlb_identity {
    uint64_t asce;      /**< address-space-control element; 0 with `real` */
    uint64_t prefix;
    uint64_t host_asce; /**< SIE: the host's primary ASCE, else 0 */
    uint64_t host_origin; /**< SIE: MSO; 0 at level 1 */
    uint64_t host_limit;
    uint32_t controls;  /**< CR0 bits that matter, DAT on/off, SIE controls (storage/dat.h) */
    uint8_t key;        /**< access key 0–15 */
    uint8_t level;      /**< interpretation level: 1 = the machine, 2 = under SIE */
};

struct tlb_context {
    struct tlb_entry entry[TLB_ENTRIES];
    uint64_t frame[TLB_ENTRIES];       /**< absolute block number of each entry */
    uint64_t table[TLB_ENTRIES];       /**< absolute page-table origin it was formed from, or 0 (large, real) */
    uint64_t host_logical[TLB_ENTRIES]; /**< SIE: host logical page of each entry */
    struct tlb_identity identity;
    uint64_t used;                     /**< for least-recently-used replacement */
    bool valid;
    bool dirty;                        /**< entries were made since it was cleared */
};

static inline struct tlb_entry *tlb_slot(struct tlb_context *context, uint64_t address)
{
    return &context->entry[address >> PAGE_SHIFT & (TLB_ENTRIES - 1)];
}

#endif
