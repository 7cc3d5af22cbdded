/* SPDX-License-Identifier: MIT */
/** What a checkpoint is, for those who make, restore, write and read them. */
#ifndef SIENNA_LIBSIENNA_CHECKPOINT_H
#define SIENNA_LIBSIENNA_CHECKPOINT_H

#include "libsienna/internal.h"
#include "sienna_snapshot.h"

struct overlay_version;

/** A device as it was: where, and what it is. */
struct checkpoint_device {
    unsigned subchannel;
    uint16_t number;
    char type[32];                 /**< the operations' or the virtio class's name */
    uint64_t disk_bytes;           /**< of disks: size … */
    uint64_t disk_digest;          /**< … and, in files, a digest of the image that the overlay lies on */
    struct overlay_version *disk;  /**< NULL: no overlay */
    bool host_written;             /**< the guest writes to the image itself */
    struct plugged *as;            /**< how it was made; NULL in files: it must be there */
};

struct sienna_checkpoint {
    uint64_t time, position, added_bytes;
    bool foreign;                  /**< from a file: nothing in it is believed, and it opens no host files */
    uint8_t *state;                /**< record of machine_state() */
    size_t state_bytes;
    struct storage_version *storage;
    unsigned cpus;                 /**< as files tell of them */
    struct sienna_snapshot_cpu cpu[SIENNA_SNAPSHOT_CPUS];
    unsigned subchannels, devices;
    struct checkpoint_device *device;
};

/** Begin to keep track of changes in storage. */
void checkpoint_begin_tracking(struct sienna *sienna);
/** The name of a device's type in files. */
const char *checkpoint_device_type(const struct channel_device *device);

/** Give the subchannels the devices of the checkpoint (libsienna/checkpoint_devices.c). */
bool checkpoint_same_devices(const struct sienna *sienna, const struct sienna_checkpoint *checkpoint);
bool checkpoint_set_devices(struct sienna *sienna, const struct sienna_checkpoint *checkpoint, char *problem);
/** Note the devices that there are. */
void checkpoint_note_devices(struct sienna *sienna, struct sienna_checkpoint *checkpoint);
/** Overlays as they were; devices are as they are to be. */
void checkpoint_restore_disks(struct sienna *sienna, const struct sienna_checkpoint *checkpoint);

#endif
