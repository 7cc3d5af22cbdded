/* SPDX-License-Identifier: MIT */
/** How devices were made, so that they can be made again (libsienna/plugged.c). */
#ifndef SIENNA_LIBSIENNA_PLUGGED_H
#define SIENNA_LIBSIENNA_PLUGGED_H

#include "libsienna/internal.h"

struct channel_device;
enum { PLUGGED_SETTINGS = 64, PLUGGED_BYTES = 16384 };

/** Type, keys and values as bytes; returns how many, 0 when they are too long. */
size_t plugged_text(char text[PLUGGED_BYTES], const char *type, const struct sienna_setting *settings, unsigned count);
/** The settings in such bytes, which they point into; -1 when the bytes are damaged. */
int plugged_settings(const char *text, size_t bytes, struct sienna_setting settings[PLUGGED_SETTINGS]);

/** Keep how `device` was made. */
void plugged_note(struct sienna *sienna, const struct channel_device *device, uint32_t port, const char *type,
                  const struct sienna_setting *settings, unsigned count);
/** How it was made; NULL when it was not by settings. */
const struct plugged *plugged_of(const struct sienna *sienna, const struct channel_device *device);
/** The device goes; NULL: all do. */
void plugged_forget(struct sienna *sienna, const struct channel_device *device);

/** Make a device as it was made before, without attaching it (libsienna/devices.c). NULL with a sentence. */
struct channel_device *device_make(struct sienna *sienna, const struct plugged *as, char *problem);

#endif
