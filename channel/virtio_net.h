/* SPDX-License-Identifier: MIT */
/**
 * virtio-net: an Ethernet adapter.
 *
 * Frames towards the guest come out of the input log only (INPUT_NETWORK,
 * port = adapter number): the network behind it calls input_offer(). Frames
 * from the guest are handed to `transmit`.
 */
#ifndef SIENNA_CHANNEL_VIRTIO_NET_H
#define SIENNA_CHANNEL_VIRTIO_NET_H

#include "channel/device.h"

enum { VIRTIO_NET_FRAME_LARGEST = 65550 };

struct virtio_net_parameters {
    unsigned number;      /**< adapter number: port in the input log, unique in the machine */
    uint8_t mac[6];       /**< all zero: 52:54:00:12:34:56 plus the adapter number */
    uint16_t mtu;         /**< told to the guest; 0 = not told, the guest takes 1500 */
    bool checksums_valid; /**< received frames are known to be undamaged: the guest need not sum them up */
    /** Takes a frame (a copy if it needs one); never blocks, never calls back. NULL: no network. */
    void (*transmit)(void *network, const uint8_t *frame, size_t bytes);
    void *network;
};

/** Create the device (not attached; channel_attach() it). */
struct channel_device *virtio_net_create(struct machine *machine,
                                         const struct virtio_net_parameters *parameters);

/** Plug or pull the cable: an operator's action, which the caller logs. False when `device` is no adapter. */
bool virtio_net_set_link(struct channel_device *device, bool up);

#endif
