/* SPDX-License-Identifier: MIT */
/** virtio-blk: a disk whose contents are a raw image on the host. */
#ifndef SIENNA_CHANNEL_VIRTIO_BLK_H
#define SIENNA_CHANNEL_VIRTIO_BLK_H

#include "channel/block_image.h"
#include "channel/device.h"

struct virtio_blk_parameters {
    struct block_image *image;    /**< opened by the caller; closed with the device */
    const char *serial;           /**< identification string, first 20 bytes used; NULL = empty */
    uint32_t logical_block_bytes; /**< a power of two from 512 to 4096; 0 = 512 */
    uint32_t physical_block_bytes; /**< a power of two, at least the logical size, at most 4096; 0 = 4096 */
    bool write_through;           /**< every write reaches the host's disk before it completes; the guest
                                       can change this (cache_type in Linux) */
};

/**
 * Create the device (not attached; channel_attach() it). Never fails for valid parameters.
 *
 * Requests complete in order at modelled latency: 20 µs, 100 µs for a flush, plus the transfer at
 * 4 GB a second. A host that is late is waited for at that virtual time.
 */
struct channel_device *virtio_blk_create(struct machine *machine,
                                         const struct virtio_blk_parameters *parameters);

/** A request completes (subject: the device); for whoever saves and restores the event queue by names. */
extern const struct event_class virtio_blk_completion;

/** The image of a disk; NULL when the device is none. */
struct block_image *virtio_blk_image(const struct channel_device *device);

#endif
