/* SPDX-License-Identifier: MIT */
/**
 * What an I/O device is to the channel subsystem, and what it may ask of it.
 *
 * A device is a structure that begins with `struct channel_device`, plus a
 * constant table of operations. The channel subsystem interprets the channel
 * program and calls `command` once for every CCW command that reaches the
 * device; the device moves data with device_fetch(), device_store() and their
 * relatives, which obey counts, skip flags, IDAWs, MIDAWs and data chaining,
 * and returns its ending status, or DEVICE_PENDING and calls device_end()
 * from an event of its own later. Nothing blocks, nothing reads the host's
 * clock, and nothing here is global: everything hangs on the machine.
 */
#ifndef SIENNA_CHANNEL_DEVICE_H
#define SIENNA_CHANNEL_DEVICE_H

#include "machine/machine.h"
#include "machine/types.h"

/** Device-status byte (PoP ch. 16, "device status"). */
enum device_status {
    STATUS_ATTENTION = 0x80,
    STATUS_MODIFIER = 0x40,
    STATUS_CONTROL_UNIT_END = 0x20,
    STATUS_BUSY = 0x10,
    STATUS_CHANNEL_END = 0x08,
    STATUS_DEVICE_END = 0x04,
    STATUS_UNIT_CHECK = 0x02,
    STATUS_UNIT_EXCEPTION = 0x01,
    STATUS_ENDED = STATUS_CHANNEL_END | STATUS_DEVICE_END,
};
/** Returned by `command` instead of a status: device_end() follows later. */
enum { DEVICE_PENDING = -1 };

/** Sense byte 0, the bits that mean the same on every device. */
enum {
    SENSE_COMMAND_REJECT = 0x80,
    SENSE_INTERVENTION_REQUIRED = 0x40,
    SENSE_BUS_OUT_CHECK = 0x20,
    SENSE_EQUIPMENT_CHECK = 0x10,
    SENSE_DATA_CHECK = 0x08,
    SENSE_OVERRUN = 0x04,
};

/** Commands with the same meaning on every device. */
enum {
    COMMAND_NO_OPERATION = 0x03,
    COMMAND_SENSE = 0x04,
    COMMAND_SENSE_ID = 0xe4,
};

enum {
    DEVICE_SENSE_BYTES = 32,
    DEVICE_NUMBER_ANY = 0x10000, /**< channel_attach(): choose the next free device number */
};

struct channel_device;
struct device_options;
struct state_walk;

struct device_operations {
    const char *name; /**< as in the device table: "virtio-blk-ccw" */

    /**
     * Execute one command of a channel program. Sense data of an earlier unit check are already
     * cleared unless `command` is a sense or no-operation. Returns the ending status: channel end
     * and device end, with unit check (set sense first, or return device_reject()), unit exception
     * or status modifier as they apply; channel end alone when device_end() will bring device end
     * later; or DEVICE_PENDING. Hand unknown commands to device_common_command().
     * `device->latency` (virtual time until the status appears) may be changed here for this command.
     */
    int (*command)(struct channel_device *device, uint8_t command);

    /**
     * The halt signal: end the current command early. Called only while one is pending; cancel
     * your events. Returns the status to end with (channel end and device end at least). May be
     * NULL: the status is then channel end and device end, and device->reset is not called.
     */
    int (*halt)(struct channel_device *device);

    /**
     * System reset, or selective reset (clear function): drop the command in progress, unsolicited
     * status and modes; cancel your events. May be NULL. Sense and pending status are cleared by the
     * caller. `system` is false for a selective reset, which keeps what only a system reset drops.
     */
    void (*reset)(struct channel_device *device, bool system);

    /**
     * The subchannel was disabled (modify subchannel turned E off): what lasts only while it is
     * enabled is dropped (virtio: the transport revision). May be NULL.
     */
    void (*disabled)(struct channel_device *device);

    /** Frees the structure: called when detached or when the machine goes. Host resources go here. */
    void (*release)(struct channel_device *device);

    /** Walk over the device's own guest-visible state (machine/state.h). May be NULL when it has none. */
    void (*state)(struct channel_device *device, struct state_walk *walk);

    /** DIAGNOSE 0x500 function 3 (virtio notification): next cookie, or a negative value. NULL: no virtio. */
    int64_t (*notify)(struct channel_device *device, uint64_t queue, int64_t cookie);
};

/** Sense-ID data after the leading 0xff (PoP-common I/O-device commands). */
struct device_identity {
    uint16_t control_unit_type;
    uint8_t control_unit_model;
    uint16_t device_type; /**< 0: not applicable */
    uint8_t device_model;
};

/** The part of a device that the channel subsystem knows. */
struct channel_device {
    const struct device_operations *operations; /**< set by the device before channel_attach() */
    struct machine *machine;
    struct device_identity identity; /**< set by the device */

    uint32_t sid;      /**< subsystem-identification word (0x0001nnnn); set by channel_attach() */
    uint16_t number;   /**< device number; set by channel_attach() */
    uint8_t chpid;     /**< channel path; set by channel_attach() */
    uint8_t chp_type;  /**< channel-path type for CHSC (0x32 = virtual I/O, the default when 0) */

    uint8_t sense[DEVICE_SENSE_BYTES]; /**< valid when a unit check was presented and not yet sensed */
    uint8_t sense_bytes;               /**< meaningful bytes of `sense`; 0 = no sense pending */
    bool chained;                      /**< during `command`: reached by command chaining */
    uint64_t default_latency;          /**< TOD units a command takes; 0 = the channel subsystem's own */
    uint64_t latency;                  /**< for the command being executed (set from the default) */
};

/* --- Data transfer: only inside `command`, or later while the command is pending. --- */

/**
 * Output (write, control): move up to `bytes` from the channel program's storage areas to `to`.
 * Returns how many were moved; fewer when the count is used up (the device asked for more than
 * there is: incorrect length) or when the channel program is in error (device_transfer_failed()).
 */
uint32_t device_fetch(struct channel_device *device, void *to, uint32_t bytes);
/** The same for a device without a block length of its own: running out of count is not incorrect length. */
uint32_t device_fetch_available(struct channel_device *device, void *to, uint32_t bytes);
/**
 * Input (read, read backward, sense): move `bytes` from `from` to the program's storage areas.
 * Returns how many were accepted; see device_fetch(). Successive calls continue where the last ended.
 */
uint32_t device_store(struct channel_device *device, const void *from, uint32_t bytes);
/**
 * Look at `bytes` of the current CCW's storage areas from byte `offset` behind the present position, without
 * moving on: virtio reads an index out of the area that an input command then fills. Returns bytes copied.
 */
uint32_t device_peek(struct channel_device *device, uint32_t offset, void *to, uint32_t bytes);
/** Did a program, protection or chaining check stop the transfer? End the command with STATUS_ENDED then. */
bool device_transfer_failed(const struct channel_device *device);
/** Count left in the present CCW (not counting CCWs data-chained to it). */
uint32_t device_count(const struct channel_device *device);
/** Is the suppress-length-indication flag on in the present CCW? */
bool device_length_suppressed(const struct channel_device *device);

/* --- Status. --- */

/** Set basic sense byte 0 (and clear the rest) and give the status for it: CE | DE | UC. */
int device_reject(struct channel_device *device, uint8_t sense0);
/** No-operation, basic sense and sense ID; anything else is rejected. */
int device_common_command(struct channel_device *device, uint8_t command);
/**
 * A command that returned DEVICE_PENDING ends (`status` has channel end, and device end now or in a
 * second call), or device end follows an earlier channel end. From an event, not inside `command`.
 */
void device_end(struct channel_device *device, uint8_t status);
/**
 * Unsolicited status: attention, device end (ready), or 0 (virtio's classic indicators: an alert
 * interruption without device status). Presented as soon as the subchannel can take it; status that
 * cannot be presented yet is OR-ed together. With unit check, set the sense data first.
 */
void device_unsolicited(struct channel_device *device, uint8_t status);

/* --- Adapter interruptions. --- */

/**
 * Set bit `bit` (0 = leftmost bit of the byte at `indicator`) and then the summary byte, and present
 * an adapter interruption on `isc` when the summary byte was zero. False, and nothing stored, when
 * either address is not available. Stores with key 0.
 */
bool channel_indicate(struct machine *machine, struct absolute indicator, uint64_t bit,
                      struct absolute summary, uint8_t isc);
/** Make an adapter interruption pending on `isc` (merged with one already pending). */
void channel_adapter_interruption(struct machine *machine, uint8_t isc);

/* --- Configuration. --- */

/**
 * Give `device` a subchannel (numbers are dense from 0) and a channel path. `number` may be
 * DEVICE_NUMBER_ANY. With `announce` (hot-plug) a channel report tells the program. Returns false,
 * changing nothing, when the device number is taken or no subchannel is free.
 */
bool channel_attach(struct machine *machine, struct channel_device *device, uint32_t number, bool announce);
/** Take the device away and release it (the subchannel stays, not valid); a channel report tells of it. */
void channel_detach(struct machine *machine, struct channel_device *device);
/** The device at a subsystem-identification word, or NULL. Event subjects are `device->sid`. */
struct channel_device *channel_device_at(const struct machine *machine, uint32_t sid);

/* --- The device table (channel/devices.c): no constructor functions anywhere. --- */

/** `key=value` options of one -device (or -drive, -netdev) argument. */
struct device_option {
    const char *key, *value;
};
struct device_options {
    const struct device_option *option;
    unsigned count;
};
/** Value of `key`, or `otherwise` when it was not given. */
const char *device_option(const struct device_options *options, const char *key, const char *otherwise);

struct device_type {
    const char *name; /**< the word after -device */
    const char *help; /**< one line for -device help: what it is */
    const char *keys; /**< its options: "file=PATH,readonly=on|off" */
    /**
     * Create a device (not attached). NULL with one sentence in `error` when the options are wrong
     * or the host cannot give what they name.
     */
    struct channel_device *(*create)(struct machine *machine, const struct device_options *options,
                                     char *error, size_t error_bytes);
};
/** The table ends with a NULL name. */
extern const struct device_type device_types[];
const struct device_type *device_type_find(const char *name);

#endif
