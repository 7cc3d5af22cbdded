/* SPDX-License-Identifier: MIT */
/**
 * What all virtio devices share, and what a kind of device (block, net, …) adds.
 *
 * The only transport is virtio-ccw (virtio 1.x, "Virtio over channel I/O"),
 * so a virtio device *is* a channel device; virtio_ccw.c implements the
 * operations of all of them. A kind of device starts its structure with
 * `struct virtio_device`, fills a `struct virtio_class`, and calls virtio_init().
 *
 * Revision 0 is the legacy interface: rings and configuration space are in the
 * guest's byte order and VIRTIO_F_VERSION_1 is not offered. From revision 1 on
 * everything is little-endian.
 */
#ifndef SIENNA_CHANNEL_VIRTIO_H
#define SIENNA_CHANNEL_VIRTIO_H

#include "channel/device.h"
#include "channel/virtqueue.h"

enum {
    VIRTIO_QUEUES = 8,          /**< most queues a device here has */
    VIRTIO_CONFIG_LARGEST = 256 /**< bytes of configuration space */
};

/** Device types (virtio 1.x ch. 5); the control-unit model of sense ID. */
enum virtio_type {
    VIRTIO_TYPE_NET = 1,
    VIRTIO_TYPE_BLOCK = 2,
    VIRTIO_TYPE_CONSOLE = 3,
    VIRTIO_TYPE_RNG = 4,
    VIRTIO_TYPE_BALLOON = 5,
    VIRTIO_TYPE_9P = 9,
};

/** Device status (virtio 1.x ch. 2.1). */
enum {
    VIRTIO_ACKNOWLEDGE = 0x01,
    VIRTIO_DRIVER = 0x02,
    VIRTIO_DRIVER_OK = 0x04,
    VIRTIO_FEATURES_OK = 0x08,
    VIRTIO_NEEDS_RESET = 0x40,
    VIRTIO_FAILED = 0x80,
};

/** Feature bits that are not a kind of device's own. */
#define VIRTIO_F_NOTIFY_ON_EMPTY (1ULL << 24)
#define VIRTIO_F_ANY_LAYOUT (1ULL << 27)
#define VIRTIO_F_INDIRECT_DESC (1ULL << 28)
#define VIRTIO_F_EVENT_IDX (1ULL << 29)
#define VIRTIO_F_VERSION_1 (1ULL << 32)

struct virtio_device;

/** A kind of device. All functions run on the core, at machine->now. */
struct virtio_class {
    const char *name; /**< "virtio-blk-ccw" */
    enum virtio_type type;
    uint8_t queues;
    uint16_t queue_size[VIRTIO_QUEUES];
    uint16_t config_bytes;
    /** Fill the configuration space; use virtio_put16() and relatives for its fields. */
    void (*read_config)(struct virtio_device *device, uint8_t config[VIRTIO_CONFIG_LARGEST]);
    /** The driver wrote the first `bytes` bytes of it. May be NULL: nothing is writable. */
    void (*write_config)(struct virtio_device *device, const uint8_t *config, unsigned bytes);
    /** The driver made chains available, or (once, with DRIVER_OK) may have. */
    void (*notify)(struct virtio_device *device, unsigned queue);
    /** The driver finished negotiating (features are final). May be NULL. */
    void (*accepted)(struct virtio_device *device);
    /** Drop all requests and negotiated state; taken chains are not given back. May be NULL. */
    void (*reset)(struct virtio_device *device);
    /** Walk over the kind's own state (machine/state.h), requests in progress included. May be NULL. */
    void (*state)(struct virtio_device *device, struct state_walk *walk);
    /** Free what hangs on the structure (after reset), not the structure. May be NULL. */
    void (*release)(struct virtio_device *device);
};

struct virtio_device {
    struct channel_device channel;
    const struct virtio_class *class;
    uint64_t offered;  /**< feature bits, without those of the transport and the rings */
    uint64_t accepted; /**< what the driver wrote; final once FEATURES_OK (legacy: DRIVER_OK) is set */
    uint8_t status;
    int8_t revision; /**< transport revision 0–2, or −1: not set since the subchannel was enabled */
    struct virtqueue queues[VIRTIO_QUEUES];
    uint64_t queue_indicators;  /**< classic: absolute address of the 64 queue bits; 0 = none */
    uint64_t config_indicators; /**< the same for configuration changes */
    struct virtio_adapter_indicators {
        bool active;
        uint64_t indicator, summary, bit;
        uint8_t isc;
    } adapter;
};

/**
 * Fill the common part of `device` (zeroed memory from machine_allocate(), freed by the channel
 * subsystem's release). `offered` are the kind's own feature bits. Then channel_attach() it.
 */
void virtio_init(struct virtio_device *device, struct machine *machine, const struct virtio_class *class,
                 uint64_t offered);

/** The virtio device of `class` at a subsystem-identification word (an event's subject), or NULL. */
struct virtio_device *virtio_at(const struct machine *machine, uint32_t sid,
                                const struct virtio_class *class);

/** Has the driver accepted these feature bits? */
static inline bool virtio_has(const struct virtio_device *device, uint64_t features)
{
    return (device->accepted & features) == features;
}
/** May the device use its queues? */
static inline bool virtio_running(const struct virtio_device *device)
{
    return (device->status & (VIRTIO_DRIVER_OK | VIRTIO_NEEDS_RESET)) == VIRTIO_DRIVER_OK;
}

/** Tell the driver of chains given back, if it wants to be told. Also notices a broken queue. */
void virtio_interrupt(struct virtio_device *device, unsigned queue);
/** Tell the driver that the configuration space changed. */
void virtio_config_changed(struct virtio_device *device);
/** The driver broke the rules: log one line, stop using the queues, ask for a reset. */
void virtio_broken(struct virtio_device *device, const char *fault);
/**
 * Take the next chain of a queue. False when there is none; a broken ring is reported here. Returns
 * false also when the device must not use its queues now.
 */
bool virtio_take(struct virtio_device *device, unsigned queue, struct virtqueue_chain *chain);
/** Reset as the driver or a subsystem reset demands; the transport revision stays. */
void virtio_reset(struct virtio_device *device);

/* virtio_state.c */
/** The `state` operation of all virtio devices. */
void virtio_state(struct channel_device *channel, struct state_walk *walk);
/** A chain taken from `queue` and not given back. */
void virtqueue_chain_state(struct virtqueue_chain *chain, const struct virtqueue *queue, struct state_walk *walk);

/* Fields of the configuration space and of requests, in the device's byte order. */
static inline void virtio_put16(const struct virtio_device *device, void *to, uint16_t v)
{
    put_be16(to, device->revision <= 0 ? v : __builtin_bswap16(v));
}
static inline void virtio_put32(const struct virtio_device *device, void *to, uint32_t v)
{
    put_be32(to, device->revision <= 0 ? v : __builtin_bswap32(v));
}
static inline void virtio_put64(const struct virtio_device *device, void *to, uint64_t v)
{
    put_be64(to, device->revision <= 0 ? v : __builtin_bswap64(v));
}
static inline uint16_t virtio_get16(const struct virtio_device *device, const void *from)
{
    return device->revision <= 0 ? get_be16(from) : __builtin_bswap16(get_be16(from));
}
static inline uint32_t virtio_get32(const struct virtio_device *device, const void *from)
{
    return device->revision <= 0 ? get_be32(from) : __builtin_bswap32(get_be32(from));
}
static inline uint64_t virtio_get64(const struct virtio_device *device, const void *from)
{
    return device->revision <= 0 ? get_be64(from) : __builtin_bswap64(get_be64(from));
}

/** Operations of every virtio device (virtio_ccw.c). */
extern const struct device_operations virtio_ccw_operations;

#endif
