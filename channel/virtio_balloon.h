/* SPDX-License-Identifier: MIT */
/** virtio-balloon: the guest gives storage back to the host. */
#ifndef SIENNA_CHANNEL_VIRTIO_BALLOON_H
#define SIENNA_CHANNEL_VIRTIO_BALLOON_H

#include "channel/device.h"

struct virtio_balloon_parameters {
    bool deflate_on_oom;      /**< the guest may take pages back before it kills processes */
    bool free_page_reporting; /**< the guest reports free pages on its own */
};

/** Numbers of the statistics (virtio 1.x ch. 5.5, "Memory Statistics Tags"). */
enum virtio_balloon_statistic {
    BALLOON_SWAP_IN,       /**< bytes */
    BALLOON_SWAP_OUT,      /**< bytes */
    BALLOON_MAJOR_FAULTS,
    BALLOON_MINOR_FAULTS,
    BALLOON_FREE,          /**< bytes not in use at all */
    BALLOON_TOTAL,         /**< bytes known to the guest */
    BALLOON_AVAILABLE,     /**< bytes usable without swapping */
    BALLOON_CACHES,        /**< bytes of disk caches */
    BALLOON_LARGE_PAGES,   /**< allocations */
    BALLOON_LARGE_PAGE_FAILURES,
    BALLOON_STATISTICS,
};

struct virtio_balloon_state {
    uint64_t target; /**< bytes the guest is asked to give up */
    uint64_t actual; /**< bytes it says it has given up */
    uint32_t known;  /**< bit 1 << number: the statistic has been reported */
    uint64_t statistic[BALLOON_STATISTICS];
};

/** Create the device (not attached; channel_attach() it). */
struct channel_device *virtio_balloon_create(struct machine *machine,
                                             const struct virtio_balloon_parameters *parameters);

/**
 * Ask the guest to give up `bytes` of storage in all. The caller sees to it that this action of the
 * operator is in the input log. False when `device` is no balloon.
 */
bool virtio_balloon_set_target(struct channel_device *device, uint64_t bytes);
/** Ask the guest for fresh statistics; they arrive some time later. An operator's action, too. */
bool virtio_balloon_ask_statistics(struct channel_device *device);
/** What is known now. False when `device` is no balloon. */
bool virtio_balloon_state(const struct channel_device *device, struct virtio_balloon_state *state);

#endif
