/* SPDX-License-Identifier: MIT */
/**
 * The device's side of a split virtqueue (virtio 1.x "Split Virtqueues", and
 * its legacy layout), in guest storage, believed in nothing.
 *
 * All accesses go through storage_fetch()/storage_store() with key 0, so
 * reference and change bits, dirty tracking and decoded code stay right. A
 * ring that breaks the rules (loops, lengths, addresses outside storage) makes
 * the queue `broken`: `fault` says why, nothing more is taken from it, and the
 * device tells the guest that it needs a reset.
 */
#ifndef SIENNA_CHANNEL_VIRTQUEUE_H
#define SIENNA_CHANNEL_VIRTQUEUE_H

#include "machine/types.h"
#include "storage/storage.h"

enum {
    VIRTQUEUE_LARGEST = 1024,        /**< descriptors in a queue */
    VIRTQUEUE_SEGMENTS = 1024,       /**< descriptors in one chain, indirect ones included */
    VIRTQUEUE_LEGACY_ALIGNMENT = 4096,
};

struct virtqueue {
    struct storage *storage;
    uint64_t descriptors; /**< absolute address of the descriptor table */
    uint64_t available;   /**< of the available (driver) ring */
    uint64_t used;        /**< of the used (device) ring */
    uint16_t size;        /**< number of descriptors, a power of two; 0 = the queue is not set up */
    uint16_t largest;     /**< what the device offers */
    bool big_endian;      /**< legacy: fields in the guest's byte order */
    bool event_index;     /**< VIRTIO_F_EVENT_IDX accepted */
    bool indirect;        /**< VIRTIO_F_INDIRECT_DESC accepted */
    bool broken;
    uint16_t next_available; /**< free-running index of the next entry to take */
    uint16_t next_used;      /**< free-running index of the next entry to give back */
    uint16_t told_used;      /**< next_used when the guest was last considered for an interruption */
    const char *fault; /**< why it is broken: half a sentence */
};

/** One piece of guest storage, checked to exist when the chain was taken. */
struct virtqueue_segment {
    uint64_t address;
    uint32_t bytes;
};

/** A descriptor chain: first the segments the device reads, then those it writes. Starts as all zeros. */
struct virtqueue_chain {
    uint16_t head;               /**< identifies the chain when it is given back */
    uint16_t readable, writable; /**< numbers of segments */
    uint64_t readable_bytes, writable_bytes;
    struct virtqueue_segment *segments; /**< grows as needed; reused by the next virtqueue_take() */
    unsigned room;
};
/** Free what the chain holds on the host. */
void virtqueue_chain_release(struct virtqueue_chain *chain);

/** Forget the driver's setting of the queue; keeps `storage` and `largest`. */
void virtqueue_reset(struct virtqueue *queue);
/**
 * Set the rings as a modern driver gives them. False (nothing changed) when `size` is not a power
 * of two up to `largest`, or a ring is misaligned or outside storage. Size 0 takes the queue away.
 */
bool virtqueue_set(struct virtqueue *queue, uint16_t size, uint64_t descriptors, uint64_t available,
                   uint64_t used);
/** The legacy layout: all three in one area at `base`, the used ring on a multiple of `alignment`. */
bool virtqueue_set_legacy(struct virtqueue *queue, uint16_t size, uint64_t base, uint32_t alignment);

/** Take the next available chain. False when there is none, or when the queue is or becomes broken. */
bool virtqueue_take(struct virtqueue *queue, struct virtqueue_chain *chain);
/** Un-take the chain taken last (it was not given back yet). */
void virtqueue_untake(struct virtqueue *queue);
/** Chains the driver has made available and that are not taken yet. */
uint16_t virtqueue_waiting(struct virtqueue *queue);

/** Copy from the chain's readable part, from byte `offset` of it; returns bytes copied (less at its end). */
uint64_t virtqueue_read(struct virtqueue *queue, const struct virtqueue_chain *chain, uint64_t offset,
                        void *to, uint64_t bytes);
/** Copy into the chain's writable part. */
uint64_t virtqueue_write(struct virtqueue *queue, const struct virtqueue_chain *chain, uint64_t offset,
                         const void *from, uint64_t bytes);

/** Give a chain back; `written` bytes of its writable part were stored. */
void virtqueue_give(struct virtqueue *queue, uint16_t head, uint32_t written);
/**
 * Give several chains back at once: place each with `position` 0, 1, …, then publish them all.
 */
void virtqueue_place(struct virtqueue *queue, unsigned position, uint16_t head, uint32_t written);
void virtqueue_publish(struct virtqueue *queue, unsigned count);

/** Does the driver want an interruption for what was given back since the last call? */
bool virtqueue_interrupts(struct virtqueue *queue);
/** Ask the driver (not) to notify us when it makes chains available. */
void virtqueue_want_notification(struct virtqueue *queue, bool wanted);

/* Fields in the queue's byte order. */
static inline uint16_t virtqueue_get16(const struct virtqueue *q, uint16_t v)
{
    return q->big_endian ? HOST_TO_BE16(v) : HOST_TO_BE16(__builtin_bswap16(v));
}
static inline uint32_t virtqueue_get32(const struct virtqueue *q, uint32_t v)
{
    return q->big_endian ? HOST_TO_BE32(v) : HOST_TO_BE32(__builtin_bswap32(v));
}
static inline uint64_t virtqueue_get64(const struct virtqueue *q, uint64_t v)
{
    return q->big_endian ? HOST_TO_BE64(v) : HOST_TO_BE64(__builtin_bswap64(v));
}

#endif
