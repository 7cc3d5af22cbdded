/* SPDX-License-Identifier: MIT */
/** virtio-console with a single port (hvc0 in Linux). */
#ifndef SIENNA_CHANNEL_VIRTIO_CONSOLE_H
#define SIENNA_CHANNEL_VIRTIO_CONSOLE_H

#include "channel/device.h"
#include "machine/console.h"

struct virtio_console_parameters {
    struct console *console; /**< outlives the device; the device connects itself to it */
    uint16_t columns, rows;  /**< size told to the guest; 0 = not told */
};

/** Create the device (not attached; channel_attach() it). */
struct channel_device *virtio_console_create(struct machine *machine,
                                             const struct virtio_console_parameters *parameters);

#endif
