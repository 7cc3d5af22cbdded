/* SPDX-License-Identifier: MIT */
/** virtio-rng: random bytes for the guest, the same in every run unless seeded otherwise. */
#ifndef SIENNA_CHANNEL_VIRTIO_RNG_H
#define SIENNA_CHANNEL_VIRTIO_RNG_H

#include "channel/device.h"
#include "channel/random_source.h"

struct virtio_rng_parameters {
    /** What the bytes are made of. A seed from the host must have come through the input log. */
    uint8_t seed[RANDOM_SEED_BYTES];
};

/** Create the device (not attached; channel_attach() it). */
struct channel_device *virtio_rng_create(struct machine *machine,
                                         const struct virtio_rng_parameters *parameters);

#endif
