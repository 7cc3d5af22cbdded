/* SPDX-License-Identifier: MIT */
/**
 * Dynamic address translation (PoP ch. 3): a table walk that needs no CPU.
 *
 * The walk returns a code and everything it saw, so that LRA, LPTEA, TPROT, SIE and the
 * debugger can ask without causing an interruption. Table addresses are taken as absolute
 * (PoP: real or absolute, unpredictable). For a guest under SIE they are guest absolute
 * and every element is fetched through the view's host.
 */
#ifndef SIENNA_STORAGE_DAT_H
#define SIENNA_STORAGE_DAT_H

#include "storage/storage.h"

/* Address-space-control element and table entries (PoP fig. 3-12 ff.), as masks. */
#define ASCE_ORIGIN (~0xfffULL)
#define ASCE_PRIVATE 0x100ULL
#define ASCE_STORAGE_ALTERATION 0x80ULL
#define ASCE_SPACE_SWITCH 0x40ULL
#define ASCE_REAL_SPACE 0x20ULL
#define ASCE_TYPE(asce) ((unsigned)((asce) >> 2 & 3))
#define TABLE_FORMAT_CONTROL 0x400ULL
#define TABLE_PROTECT 0x200ULL
#define TABLE_NO_EXECUTE 0x100ULL
#define TABLE_INVALID 0x20ULL
#define SEGMENT_COMMON 0x10ULL
#define SEGMENT_ORIGIN (~0x7ffULL)
#define PAGE_INVALID 0x400ULL
#define PAGE_PROTECT 0x200ULL
#define PAGE_NO_EXECUTE 0x100ULL

/** Translation controls of the walk. */
enum dat_control {
    DAT_EDAT_1 = 1,
    DAT_EDAT_2 = 2,
    DAT_IEP = 4,
};

struct dat_result;

/** Whoever looks at a walk without being part of the machine: nothing is changed by it. */
struct dat_spy {
    /** An entry was fetched: entry_address, entry and level of `walk` (4 page, 0 segment, 1 … 3 region). */
    void (*fetched)(void *context, const struct dat_result *walk);
    void *context;
};

/**
 * How table addresses reach storage. At level 1 `host` is NULL: addresses are absolute.
 * Under SIE, `host` describes the level below: address + origin is translated by host_asce.
 */
struct storage_view {
    struct storage *storage;
    const struct dat_spy *spy; /**< NULL: the walk is the machine's own and sets reference bits */
    uint32_t prefix;        /**< of this level, for the results of its own translations */
    const struct storage_view *host;
    uint64_t host_asce;     /**< the host's primary ASCE; bit ASCE_REAL_SPACE: no translation */
    uint32_t host_controls; /**< enum dat_control of the host */
    uint64_t origin;        /**< main-storage origin: added to guest-absolute addresses */
    uint64_t limit;         /**< last valid guest-absolute address */
};

/** What a walk found. */
struct dat_result {
    uint16_t code;          /**< program-interruption code, 0 = translated */
    bool host_protect;      /**< under SIE: the host's translation forbids stores */
    bool host_fault;        /**< the code belongs to the host level: `address` is then host logical */
    bool protect;           /**< DAT protection: no stores */
    bool table_protect;     /**< DAT protection that region- or segment-table entries alone give */
    bool no_execute;        /**< instruction-execution protection */
    bool access_valid;      /**< large frame with access-control bits of its own (AV) */
    uint8_t access_key;     /**< ACC and F of the large frame, storage-key format, when access_valid */
    uint8_t level;          /**< of the last entry used: 3 … 1 region first … third, 0 segment, 4 page; 5 = none */
    uint64_t address;       /**< real address for the logical one */
    uint64_t frame_bytes;   /**< 4K, 1M or 2G; real space: 4K */
    uint64_t entry_address; /**< absolute address of the last entry fetched */
    uint64_t entry;         /**< its contents */
    uint64_t page_table;    /**< page-table origin used, 0 if none */
    uint64_t host_table;    /**< under SIE: the host's page-table origin for the last address reached */
    uint64_t host_logical;  /**< under SIE: host logical page of the last address reached */
};

/** Real to absolute by a prefix (PoP ch. 3). */
uint64_t prefixed_by(uint32_t prefix, uint64_t address);

/** Walk the tables of `asce` for `address`. */
struct dat_result dat_translate(const struct storage_view *view, uint64_t asce, uint32_t controls,
                                uint64_t address);

/** Absolute address → host absolute through the view; false with result->code set on a host fault. */
bool view_absolute(const struct storage_view *view, uint64_t guest_absolute, bool store, struct absolute *out,
                   struct dat_result *result);

#endif
