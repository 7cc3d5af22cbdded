/* SPDX-License-Identifier: MIT */
/**
 * virtio-9p: a host folder shared with the guest.
 *
 * The file server works on a host thread; its replies reach the guest at
 * modelled latency through the input log (INPUT_FILE_SHARING), since what a
 * host folder holds is an outside influence. In a replay the folder is not
 * looked at.
 */
#ifndef SIENNA_CHANNEL_VIRTIO_9P_H
#define SIENNA_CHANNEL_VIRTIO_9P_H

#include "channel/device.h"

enum { VIRTIO_9P_PROBLEM_BYTES = 512, VIRTIO_9P_TAG_LARGEST = 200 };

struct virtio_9p_parameters {
    const char *path;  /**< the folder */
    const char *tag;   /**< by which the guest mounts it: mount -t 9p -o trans=virtio TAG /mnt */
    bool read_only;
    unsigned number;   /**< port in the input log, unique among shared folders */
};

/** Create the device (not attached; channel_attach() it). NULL with one sentence in `problem`. */
struct channel_device *virtio_9p_create(struct machine *machine,
                                        const struct virtio_9p_parameters *parameters,
                                        char problem[VIRTIO_9P_PROBLEM_BYTES]);

/** A request completes (subject: the device); for whoever saves and restores the event queue by names. */
extern const struct event_class virtio_9p_completion;

/** The folder that a guest may change through this device; NULL when there is none. */
const char *virtio_9p_writable(const struct channel_device *device);

#endif
