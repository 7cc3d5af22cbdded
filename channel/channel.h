/* SPDX-License-Identifier: MIT */
/**
 * The channel subsystem, for whoever composes a machine. Devices are made by
 * the table in channel/device.h and attached there.
 */
#ifndef SIENNA_CHANNEL_CHANNEL_H
#define SIENNA_CHANNEL_CHANNEL_H

#include "channel/device.h"
#include "machine/machine.h"

/** Create machine->channel and fill machine->io; machine->io.release() undoes it, devices included. */
void channel_create(struct machine *machine);

/** The device with this device number, or NULL. */
struct channel_device *channel_device_numbered(const struct machine *machine, uint16_t number);

/** Configure a channel path, or make it standby; false when it is not defined. */
bool channel_configure_path(struct machine *machine, unsigned chpid, bool on);

/**
 * Start the channel subsystem's part of IPL (PoP ch. 17, "Initial program loading") from the device at
 * `sid`: as if a format-0 CCW read 24 bytes to absolute 0, command-chained to absolute 8. Virtual time
 * must then pass. False when there is no such device.
 */
bool channel_ipl_start(struct machine *machine, uint32_t sid);
enum channel_ipl_result {
    CHANNEL_IPL_RUNNING,
    CHANNEL_IPL_DONE,   /**< the subsystem-identification word is at absolute 184; load the PSW at 0 */
    CHANNEL_IPL_FAILED, /**< the device or the channel program failed: the CPU stays in the load state */
};
enum channel_ipl_result channel_ipl_poll(struct machine *machine);

/**
 * Walk over the subsystem's state and that of all its devices (machine/state.h). The same devices
 * must be attached when a state is restored; call channel_restored() after a restoring walk. Pending
 * events and machine->floating are walked over by whoever owns them.
 */
struct state_walk;
void channel_state(struct machine *machine, struct state_walk *walk);
void channel_restored(struct machine *machine);

/*
 * For a state with other devices than there are now: nobody is told, and what subchannels are otherwise is
 * restored afterwards.
 */
/** Take the device off its subchannel, without releasing it. */
void channel_unseat(struct machine *machine, struct channel_device *device);
/** Give the device that subchannel and device number; both are free. False when there is no channel path left. */
bool channel_seat(struct machine *machine, struct channel_device *device, unsigned subchannel, uint16_t number);
/** Have that many subchannels; those that go have no device. */
void channel_resize(struct machine *machine, unsigned subchannels);
/** How many there are. */
unsigned channel_subchannels(const struct machine *machine);

/** Events of the channel subsystem, for whoever saves and restores the event queue by names. */
extern const struct event_class channel_function_event, channel_ending_event;

#endif
