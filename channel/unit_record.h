/* SPDX-License-Identifier: MIT */
/** Card reader and card punch; see struct device_type for the conventions. */
#ifndef SIENNA_CHANNEL_UNIT_RECORD_H
#define SIENNA_CHANNEL_UNIT_RECORD_H

#include "channel/device.h"

/** Option `file`: the deck, read whole; without it the hopper is empty. */
struct channel_device *card_reader_create(struct machine *machine, const struct device_options *options,
                                          char *error, size_t error_bytes);
/** Option `file`: replaced by what is punched. */
struct channel_device *card_punch_create(struct machine *machine, const struct device_options *options,
                                         char *error, size_t error_bytes);

#endif
