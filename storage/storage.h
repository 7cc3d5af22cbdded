/* SPDX-License-Identifier: MIT */
/**
 * Absolute storage, storage keys, and what else is known of each 4K block.
 *
 * Absolute storage is one anonymous host mapping, zeroed at start. Storage
 * keys are one byte per 4K block in ISKE format (ACC 0xf0, F 0x08, R 0x04,
 * C 0x02). Whoever stores without going through a CPU (channel subsystem,
 * debugger, loaders) uses the functions here, so that reference and change
 * bits, dirty tracking and decoded code stay right.
 */
#ifndef SIENNA_STORAGE_STORAGE_H
#define SIENNA_STORAGE_STORAGE_H

#include "machine/machine.h"
#include "machine/types.h"

/** Program-interruption codes that storage accesses can end with (PoP fig. 6-2). */
enum storage_exception {
    STORAGE_OK = 0,
    STORAGE_PROTECTION = 0x04,
    STORAGE_ADDRESSING = 0x05,
};

enum { KEY_ACC = 0xf0, KEY_FETCH = 0x08, KEY_REFERENCE = 0x04, KEY_CHANGE = 0x02 };

/** Per-block flags kept beside the key. */
enum frame_flag {
    FRAME_CODE = 1,     /**< decoded instructions come from this block: stores must be noticed */
    FRAME_MAPPED = 2,   /**< some TLB entry names this block */
    FRAME_DIRTY = 4,    /**< stored into since the last storage_gather_dirty() */
    FRAME_OFFLINE = 8,  /**< standby storage increment: addressing exception */
    FRAME_WATCHED = 16, /**< a debugger watches this block: TLB tags denied */
};

/** The largest usage state (cpu/control_key.c). */
enum { STORAGE_USAGE_MOST = 7 };
/** Blocks in a chunk (1 MiB), for which stamps are also kept together. */
enum { STORAGE_CHUNK_BLOCKS = 256 };

struct storage {
    struct machine *machine;
    uint8_t *bytes;        /**< host address of absolute 0 */
    uint64_t size;         /**< bytes, a multiple of 1 MiB; includes standby storage */
    uint8_t *keys;         /**< one per 4K block */
    uint8_t *frames;       /**< enum frame_flag bits, one per 4K block */
    uint8_t *usage;        /**< CMMA usage state, one per 4K block (storage/cmma.h) */
    uint64_t generation;   /**< how often dirty blocks have been gathered */
    uint64_t *stamp;       /**< per 4K block: the generation in which it was last found dirty, 0 = never */
    uint64_t *chunk_stamp; /**< the largest stamp in each chunk */
    /** Called before bytes in a FRAME_CODE block change other than by the running CPU's own store path. */
    void (*code_changed)(struct machine *, struct absolute from, uint64_t bytes);
    /** Called when storage in a FRAME_WATCHED block is fetched or about to be stored into, likewise. */
    void (*watched)(struct machine *, struct absolute at, uint64_t bytes, bool store);
    /** Called when reference, change, or key of a FRAME_MAPPED block is lowered: TLB entries must re-arm. */
    void (*key_changed)(struct machine *, struct absolute block);
    /** Called when FRAME_DIRTY was cleared: TLB entries that permit stores must re-arm. */
    void (*dirty_cleared)(struct machine *);
};

/** Create `bytes` of storage (rounded up to 1 MiB). NULL when the host cannot give it. */
struct storage *storage_create(struct machine *machine, uint64_t bytes);
void storage_release(struct storage *storage);

/** Do all of [at, at+bytes) exist and are online? */
bool storage_range_valid(const struct storage *storage, struct absolute at, uint64_t bytes);
/** The same; a call only when it is not one block (storage ends at a block's end). */
static inline bool storage_valid(const struct storage *storage, struct absolute at, uint64_t bytes)
{
    if (likely(at.v < storage->size && bytes - 1 < PAGE_BYTES - (at.v & (PAGE_BYTES - 1))))
        return !(storage->frames[at.v >> PAGE_SHIFT] & FRAME_OFFLINE);
    return storage_range_valid(storage, at, bytes);
}

/** Host address of `at`; the caller knows storage_valid(). */
static inline uint8_t *storage_at(const struct storage *storage, struct absolute at)
{
    return storage->bytes + at.v;
}

/** Note that [at, at+bytes) is about to be stored into by other means than a CPU's TLB path:
 *  drops decoded code, sets dirty, and reference and change when `keys` is true. */
void storage_stored(struct storage *storage, struct absolute at, uint64_t bytes, bool keys);

/** Note that [at, at+bytes), within a block, is fetched by other means than a CPU's TLB path: sets reference. */
static inline void storage_fetched(struct storage *storage, struct absolute at, uint64_t bytes)
{
    storage->keys[at.v >> PAGE_SHIFT] |= KEY_REFERENCE;
    if (unlikely(storage->frames[at.v >> PAGE_SHIFT] & FRAME_WATCHED) && storage->watched)
        storage->watched(storage->machine, at, bytes, false);
}

/**
 * [at, at+bytes) becomes zeros and the host gets its memory back (ballooning). Whole 4K blocks; what lies
 * outside storage is passed over. Counts as a store.
 */
void storage_discard(struct storage *storage, struct absolute at, uint64_t bytes);

/**
 * Access as the channel subsystem does: absolute address, key-controlled protection with
 * access key `key` (0–15; 0 = no check), reference and change set. Crosses blocks freely;
 * nothing is moved unless every block is accessible.
 */
enum storage_exception storage_fetch(struct storage *storage, struct absolute at, void *to, uint64_t bytes,
                                     uint8_t key);
enum storage_exception storage_store(struct storage *storage, struct absolute at, const void *from,
                                     uint64_t bytes, uint8_t key);

/**
 * Bring the 4K blocks of [from, from+bytes) online or take them offline (standby storage).
 * Blocks that go offline lose their contents and keys; they are zero when they come back.
 */
void storage_set_online(struct storage *storage, struct absolute from, uint64_t bytes, bool online);

/**
 * Get and clear all FRAME_DIRTY: the blocks that had it are stamped with the new generation, which is returned.
 * Each user of stamps keeps the generation of its last look: blocks with a later stamp were stored into since.
 */
uint64_t storage_gather_dirty(struct storage *storage);

/** Debugger's read: no protection, no reference bit. False when not all there. */
bool storage_spy(const struct storage *storage, struct absolute at, void *to, uint64_t bytes);

struct state_walk;
/** Walk over storage: every block that is not all zeros, with its key and usage state. */
void storage_state(struct storage *storage, struct state_walk *walk);

/** Does key-controlled protection with access key `key` permit the access? (no overrides) */
static inline bool key_permits(uint8_t storage_key, uint8_t access_key, bool store)
{
    return access_key == 0 || (storage_key >> 4) == access_key || (!store && !(storage_key & KEY_FETCH));
}

#endif
