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
 * Entries are indexed by the low bits of the page number, so IPTE knows the slots.
 */
#ifndef SIENNA_CPU_TLB_H
#define SIENNA_CPU_TLB_H

#include "machine/types.h"

enum { TLB_ENTRIES = 512, TLB_CONTEXTS = 16 };
#define TLB_DENIED 1ULL /**< equals no page address */
#define TLB_CODE 2ULL   /**< ORed to a store tag: denied only because the block holds decoded code */
#define TLB_OBSERVED 4ULL /**< ORed to fetch and store tags: denied only because a trace wants to see the access */

struct tlb_entry {
    uint64_t fetch, store, execute; /**< logical page address or TLB_DENIED; store: or with TLB_CODE */
    uintptr_t addend;               /**< host address of the block minus logical page address */
};

/** What makes two contexts different: everything that changes a translation or a protection. */
struct tlb_identity {
    uint64_t asce;      /**< address-space-control element; 0 with `real` */
    uint64_t prefix;
    uint64_t host_asce; /**< SIE: the host's primary ASCE, else 0 */
    uint64_t host_origin; /**< SIE: MSO; 0 at level 1 */
    uint64_t host_limit;
    uint32_t host_prefix;
    uint32_t host_controls; /**< SIE: enum dat_control of the host */
    uint32_t controls;  /**< CR0 bits that matter, DAT on/off, SIE controls (storage/dat.h) */
    uint8_t key;        /**< access key 0–15 */
    uint8_t level;      /**< interpretation level: 1 = the machine, 2 = under SIE */
    bool observed;      /**< a trace wants to see accesses: see TLB_OBSERVED */
};

struct tlb_context {
    struct tlb_entry entry[TLB_ENTRIES];
    uint64_t frame[TLB_ENTRIES];       /**< absolute block number of each entry */
    uint64_t table[TLB_ENTRIES];       /**< absolute page-table origin it was formed from, or 0 (large, real) */
    uint64_t host_table[TLB_ENTRIES];  /**< SIE: absolute host page-table origin, or 0 (large frame) */
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

struct cpu;
struct cpus;
struct fault;
enum access_kind { ACCESS_FETCH, ACCESS_STORE, ACCESS_EXECUTE };

/** `controls` of an identity: the CR0 bits that change translation or protection, and: */
#define TLB_CONTROL_DAT 1u
#define TLB_CONTROL_LOW_ADDRESS 2u
#define TLB_CONTROL_FETCH_OVERRIDE 4u
#define TLB_CONTROL_STORE_OVERRIDE 8u
#define TLB_CONTROL_EDAT 16u
#define TLB_CONTROL_IEP 32u
#define TLB_CONTROL_EDAT_2 64u

/** TEID bits 56, 60 and 61 that tell the kind of protection (PoP: enhanced suppression-on-protection 2). */
enum teid_protection {
    TEID_DAT = 0x04, TEID_KEY = 0x08, TEID_ACCESS_LIST = 0x0c, TEID_LOW_ADDRESS = 0x80, TEID_IEP = 0x84,
};

/** The context of (asce, key) in this CPU's present controls, cleared if it was not there. With
 *  `dat` false the ASCE is ignored and addresses are real. */
struct tlb_context *tlb_context_for(struct cpu *cpu, bool dat, uint64_t asce, uint8_t key);

/**
 * Translate, check every protection, set reference and change, and enter the result in the
 * context. Returns the host address of `address`, or NULL with *fault filled. `space_bits` is
 * the address-space indication for the TEID (bits 62–63).
 */
uint8_t *tlb_fill(struct cpu *cpu, struct tlb_context *context, uint64_t address, enum access_kind kind,
                  unsigned space_bits, struct fault *fault);

/**
 * In builds with SIENNA_CHECK_TLB every hit says so, and the entry is compared with a walk of the tables as they
 * are now: translation, protection, reference and change bits. A difference ends the process. Programs that change
 * a table entry in use without purging may see such differences rightly.
 */
#ifdef SIENNA_CHECK_TLB
void tlb_check_hit(struct cpu *cpu, struct tlb_context *context, uint64_t address, enum access_kind kind);
#define TLB_HIT(cpu, context, address, kind) tlb_check_hit(cpu, context, address, kind)
#else
#define TLB_HIT(cpu, context, address, kind) ((void)0)
#endif

/** Drop all entries of one CPU (PTLB, SPX, …). */
void tlb_purge_all(struct cpu *cpu);
/** Drop all entries of guests under SIE of one CPU (PTLB of a guest, a change of host CPU). */
void tlb_purge_guests(struct cpu *cpu);
/*
 * Invalidations issued at interpretation `level`, on all CPUs or only on `only`. What a host
 * invalidates also reaches the entries that were composed for its guests.
 */
/** Drop the entries formed with the page table at `page_table` for the page index of `address` (IPTE). */
void tlb_purge_page(struct cpus *cpus, struct cpu *only, unsigned level, uint64_t page_table, uint64_t address);
/** Drop all entries of contexts with this ASCE's table origin and type (IDTE by ASCE). */
void tlb_purge_asce(struct cpus *cpus, struct cpu *only, unsigned level, uint64_t asce);
/** Drop all entries of all translated contexts (segment or region table changed). */
void tlb_purge_tables(struct cpus *cpus, struct cpu *only, unsigned level);
/** Drop the entries naming the absolute block `frame` (block number) on all CPUs: key operations. */
void tlb_purge_frame(struct cpus *cpus, uint64_t frame);
/** Deny all stores: each block's first one is to be noticed. */
void tlb_deny_stores(struct cpus *cpus);
/** Mark store tags for `frame` on all CPUs with TLB_CODE: it now holds decoded code. */
void tlb_note_code(struct cpus *cpus, uint64_t frame);

#endif
