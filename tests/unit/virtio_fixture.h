/* SPDX-License-Identifier: MIT */
/**
 * A machine with a channel subsystem and one virtio device, and a driver for
 * it: channel commands, feature negotiation, queues, interruptions.
 */
#ifndef SIENNA_TESTS_VIRTIO_FIXTURE_H
#define SIENNA_TESTS_VIRTIO_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "channel/channel.h"
#include "channel/virtio.h"
#include "machine/input.h"
#include "unit/suite.h"
#include "virtio_ring.h"

enum { SET_VQ = 0x13, VDEV_RESET = 0x33, SET_IND = 0x43, SET_CONF_IND = 0x53, SET_IND_ADAPTER = 0x73,
       READ_FEAT = 0x12, WRITE_FEAT = 0x11, READ_CONF = 0x22, WRITE_CONF = 0x21, WRITE_STATUS = 0x31,
       READ_VQ_CONF = 0x32, READ_STATUS = 0x72, SET_VIRTIO_REV = 0x83 };

/* Where things are in the test machine's storage. */
enum { PROGRAM = 0x1000, DATA = 0x2000, INDICATORS = 0x3000, CONFIG_INDICATORS = 0x3008, SUMMARY = 0x3100,
       BITS = 0x3200, RINGS = 0x10000, RING_BYTES = 0x8000, BUFFERS = 0x80000 };
enum { STORAGE_BYTES = 8 << 20, REJECTED = -1, CHECKED = -2, ISC = 3 };

static struct machine machine;
static struct channel_device *device;
static struct ring rings[VIRTIO_QUEUES];
static char logged[512];

static void log_line(void *context, enum log_level level, const char *text)
{
    snprintf(logged, sizeof logged, "%s", text);
}

static inline uint8_t *at(uint64_t address)
{
    return machine.storage->bytes + address;
}

/* Let `units` of virtual time pass. */
static inline void pass(uint64_t units)
{
    uint64_t end = machine.now + units;

    while (event_next_time(&machine) <= end) {
        if (event_next_time(&machine) > machine.now)
            machine.now = event_next_time(&machine);
        event_run_due(&machine);
    }
    machine.now = end;
}

static inline void make_machine(void)
{
    machine_init(&machine);
    machine.log_sink = log_line;
    machine.storage = storage_create(&machine, STORAGE_BYTES);
    channel_create(&machine);
    logged[0] = 0;
}

static inline void attach(struct channel_device *d)
{
    uint8_t schib[52];

    device = d;
    ck_assert(channel_attach(&machine, d, DEVICE_NUMBER_ANY, false));
    ck_assert_int_eq(machine.io.store(&machine, d->sid, schib), 0);
    put_be16(schib + 4, ISC << 11 | 0x80);
    put_be32(schib + 24, 1); /* concurrent sense */
    ck_assert_int_eq(machine.io.modify(&machine, d->sid, schib), 0);
}

static inline void end_machine(void)
{
    machine.io.release(&machine);
    input_release(&machine);
    storage_release(machine.storage);
    machine_release(&machine);
}

/* One command with `bytes` at DATA: the residual count, REJECTED, or CHECKED for any other trouble. */
static inline int command(uint8_t code, uint16_t bytes)
{
    uint8_t orb[32] = {0}, irb[96];
    struct io_interruption ignored;
    unsigned size;

    put_be32(at(PROGRAM), (uint32_t)code << 24 | bytes);
    put_be32(at(PROGRAM + 4), DATA);
    put_be32(orb + 4, 0x0080ff00);
    put_be32(orb + 8, PROGRAM);
    /* An interruption nobody took must not be in the way. */
    while (machine.io.test(&machine, device->sid, irb, &size) == 0)
        ;
    ck_assert_int_eq(machine.io.start(&machine, device->sid, orb), 0);
    pass(TOD_SECOND / 100);
    machine.io.take_interruption(&machine, 0x80 >> ISC, &ignored);
    ck_assert_int_eq(machine.io.test(&machine, device->sid, irb, &size), 0);
    if (irb[8] == 0x0e && (irb[32] & 0x80))
        return REJECTED;
    return irb[8] == 0x0c && irb[9] == 0 ? get_be16(irb + 10) : CHECKED;
}

static inline int set_revision(uint16_t revision)
{
    put_be16(at(DATA), revision);
    put_be16(at(DATA + 2), 0);
    return command(SET_VIRTIO_REV, 4);
}

static inline uint32_t read_features(uint8_t half)
{
    at(DATA)[4] = half;
    ck_assert_int_eq(command(READ_FEAT, 5), 0);
    return __builtin_bswap32(get_be32(at(DATA)));
}

static inline int write_features(uint8_t half, uint32_t features)
{
    put_be32(at(DATA), __builtin_bswap32(features));
    at(DATA)[4] = half;
    return command(WRITE_FEAT, 5);
}

static inline int write_status(uint8_t status)
{
    *at(DATA) = status;
    return command(WRITE_STATUS, 1);
}

static inline uint16_t queue_size(uint16_t queue)
{
    put_be16(at(DATA), queue);
    ck_assert_int_eq(command(READ_VQ_CONF, 4), 0);
    return get_be16(at(DATA + 2));
}

static inline int set_queue(uint16_t queue, bool legacy)
{
    uint16_t size = queue_size(queue);
    struct ring *r = &rings[queue];

    *r = ring_make(machine.storage, RINGS + queue * RING_BYTES, size, legacy);
    memset(at(DATA), 0, 32);
    put_be64(at(DATA), r->descriptors);
    put_be32(at(DATA + 8), legacy ? 4096 : 0);
    put_be16(at(DATA + 12), queue);
    put_be16(at(DATA + 14), size);
    put_be64(at(DATA + 16), r->available);
    put_be64(at(DATA + 24), r->used);
    return command(SET_VQ, legacy ? 16 : 32);
}

/* Negotiate as Linux does: the highest revision, all of `features` that is offered. */
static inline void drive(uint16_t revision, uint64_t features, unsigned queues)
{
    uint64_t offered;

    ck_assert_int_eq(set_revision(revision), 0);
    ck_assert_int_eq(command(VDEV_RESET, 0), 0);
    ck_assert_int_eq(write_status(VIRTIO_ACKNOWLEDGE), 0);
    ck_assert_int_eq(write_status(VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER), 0);
    offered = read_features(0);
    if (revision)
        offered |= (uint64_t)read_features(1) << 32;
    offered &= features | VIRTIO_F_VERSION_1;
    ck_assert_int_eq(write_features(0, (uint32_t)offered), 0);
    if (revision) {
        ck_assert_int_eq(write_features(1, (uint32_t)(offered >> 32)), 0);
        ck_assert_int_eq(write_status(VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK), 0);
    }
    for (unsigned i = 0; i < queues; i++)
        ck_assert_int_eq(set_queue((uint16_t)i, revision == 0), 0);
    put_be64(at(DATA), INDICATORS);
    ck_assert_int_eq(command(SET_IND, 8), 0);
    put_be64(at(DATA), CONFIG_INDICATORS);
    ck_assert_int_eq(command(SET_CONF_IND, 8), 0);
    ck_assert_int_eq(write_status(VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_DRIVER_OK |
                                  (revision ? VIRTIO_FEATURES_OK : 0)), 0);
}

static inline void kick(unsigned queue)
{
    ck_assert_int_ge(machine.io.virtio_notify(&machine, device->sid, queue, 0), 0);
}

/* Take the I/O interruption of the device (classic indicators) and clear its status. */
static inline bool interrupted(void)
{
    struct io_interruption i;
    uint8_t irb[96];
    unsigned size;

    if (!machine.io.take_interruption(&machine, 0x80 >> ISC, &i))
        return false;
    ck_assert_uint_eq(i.subsystem_id, device->sid);
    ck_assert_int_eq(machine.io.test(&machine, device->sid, irb, &size), 0);
    ck_assert_uint_eq(get_be16(irb + 2) & 0x1f, 0x11); /* alert, status pending */
    return true;
}

/* Offer a chain, notify, let the device finish: bytes it wrote, −1 if the chain did not come back. */
static inline int64_t perform(unsigned queue, const struct ring_part *parts, unsigned count)
{
    uint16_t made = ring_add(&rings[queue], parts, count);
    uint32_t head, bytes;

    kick(queue);
    pass(TOD_SECOND / 10);
    if (!ring_used(&rings[queue], &head, &bytes))
        return -1;
    ck_assert_uint_eq(head, made);
    return bytes;
}

#endif
