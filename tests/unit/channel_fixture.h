/* SPDX-License-Identifier: MIT */
/**
 * A machine with a channel subsystem, no CPU, and one device whose behaviour
 * each test chooses; helpers that build channel programs in storage and let
 * virtual time pass.
 */
#ifndef SIENNA_TESTS_CHANNEL_FIXTURE_H
#define SIENNA_TESTS_CHANNEL_FIXTURE_H

#include <check.h>
#include <stdlib.h>

#include "channel/channel.h"
#include "channel/device.h"
#include "storage/storage.h"
#include "unit/suite.h"

/* Commands of the test device. */
enum {
    READ = 0x02,      /* sends `record`, record_bytes long */
    READ_BACK = 0x0c, /* sends it from its end */
    WRITE = 0x01,     /* takes record_bytes exactly (asks for that many) */
    WRITE_ANY = 0x05, /* takes what there is, at most 8192 bytes */
    CONTROL = 0x07,   /* immediate: ends with `status` */
    SLOW_READ = 0x12, /* pending until the test calls device_end() */
    EARLY_END = 0x17, /* channel end now, device end when the test says so */
    PEEK = 0x22,      /* reads two bytes at offset 1 of its own data area into `record` */
    NOP = COMMAND_NO_OPERATION,
    SENSE = COMMAND_SENSE,
    SENSE_ID = COMMAND_SENSE_ID,
    TIC = 0x08,
};
enum { CD = 0x80, CC = 0x40, SLI = 0x20, SKIP = 0x10, PCI = 8, IDA = 4, SUSPEND = 2, MIDA = 1 };
enum {
    ORB_S = 0x08000000, ORB_F = 0x00800000, ORB_I = 0x00200000, ORB_A = 0x00100000, ORB_U = 0x00080000,
    ORB_B = 0x00040000, ORB_H = 0x00020000, ORB_T = 0x00010000, ORB_L = 0x80, ORB_D = 0x40, ORB_LPM = 0xff00,
};
enum { CE = 0x08, DE = 0x04, UC = 0x02, UX = 0x01, SM = 0x40, ATTN = 0x80, BUSY = 0x10 };
/* SCSW word 0, low half. */
enum {
    START = 0x4000, HALT = 0x2000, CLEAR = 0x1000, RESUMING = 0x800, STARTING = 0x400, HALTING = 0x200,
    CLEARING = 0x100, ACTIVE = 0xc0, SUSPENDED = 0x20, ALERT = 0x10, INTER = 8, PRIMARY = 4, SECONDARY = 2,
    PENDING = 1,
};
enum { S_PCI = 0x80, S_IL = 0x40, S_PROG = 0x20, S_PROT = 0x10, S_ICC = 0x02 };
enum { PROGRAM = 0x1000, DATA = 0x4000, SID = 0x00010000, OPERAND = -0x15 };
enum { ENABLE = 0x80, ISC3 = 0x1800 };

struct test_device {
    struct channel_device device;
    uint8_t record[8192];
    unsigned record_bytes;
    int status; /* how the next commands end */
    uint8_t sense0;
    unsigned commands, resets, halts, disabled;
    uint8_t seen[64]; /* commands in order */
    bool seen_chained[64];
    unsigned moved; /* bytes of the last transfer */
    bool failed;
};

static struct machine machine;
static struct test_device *device;

static int test_command(struct channel_device *d, uint8_t command)
{
    struct test_device *t = (struct test_device *)d;

    if (t->commands < 64) {
        t->seen[t->commands] = command;
        t->seen_chained[t->commands] = d->chained;
    }
    t->commands++;
    switch (command) {
    case READ:
        t->moved = device_store(d, t->record, t->record_bytes);
        break;
    case READ_BACK:
        t->moved = 0;
        for (unsigned i = t->record_bytes; i > 0; i--)
            t->moved += device_store(d, &t->record[i - 1], 1);
        break;
    case WRITE:
        t->moved = device_fetch(d, t->record, t->record_bytes);
        break;
    case WRITE_ANY:
        t->moved = device_fetch_available(d, t->record, sizeof t->record);
        break;
    case CONTROL:
        break;
    case SLOW_READ:
        return DEVICE_PENDING;
    case EARLY_END:
        return CE;
    case PEEK:
        t->moved = device_peek(d, 1, t->record, 2);
        break;
    default:
        return device_common_command(d, command);
    }
    t->failed = device_transfer_failed(d);
    if (t->status & UC)
        device_reject(d, t->sense0);
    return t->status;
}

static int test_halt(struct channel_device *d)
{
    ((struct test_device *)d)->halts++;
    return CE | DE;
}

static void test_reset(struct channel_device *d, bool system)
{
    ((struct test_device *)d)->resets++;
}

static void test_disabled(struct channel_device *d)
{
    ((struct test_device *)d)->disabled++;
}

static void test_release(struct channel_device *d)
{
    free(d);
}

static const struct device_operations test_operations = {
    .name = "test", .command = test_command, .halt = test_halt, .reset = test_reset,
    .disabled = test_disabled, .release = test_release,
};

static struct test_device *new_device(void)
{
    struct test_device *t = calloc(1, sizeof *t);

    t->device.operations = &test_operations;
    t->device.identity = (struct device_identity){0x1234, 0x56, 0x789a, 0xbc};
    t->record_bytes = 16;
    t->status = CE | DE;
    for (unsigned i = 0; i < sizeof t->record; i++)
        t->record[i] = i * 7 + 1;
    return t;
}

static uint8_t *at(uint64_t address)
{
    return storage_at(machine.storage, absolute(address));
}

/* Let `limit` TOD units pass. */
static __attribute__((unused)) void pass(uint64_t limit)
{
    uint64_t end = machine.now + limit;

    while (event_next_time(&machine) <= end) {
        machine.now = event_next_time(&machine);
        event_run_due(&machine);
    }
    machine.now = end;
}
static __attribute__((unused)) void settle(void)
{
    pass(TOD_SECOND / 10);
}

static __attribute__((unused)) void ccw0(uint64_t where, uint8_t command, uint32_t address, uint8_t flags,
                                         uint16_t count)
{
    put_be32(at(where), (uint32_t)command << 24 | address);
    put_be32(at(where + 4), (uint32_t)flags << 24 | count);
}
static __attribute__((unused)) void ccw1(uint64_t where, uint8_t command, uint32_t address, uint8_t flags,
                                         uint16_t count)
{
    put_be32(at(where), (uint32_t)command << 24 | (uint32_t)flags << 16 | count);
    put_be32(at(where + 4), address);
}

static __attribute__((unused)) int start(uint32_t control)
{
    uint8_t orb[32] = {0};

    put_be32(orb, 0xcafe0001);
    put_be32(orb + 4, control);
    put_be32(orb + 8, PROGRAM);
    return machine.io.start(&machine, SID, orb);
}

static uint8_t irb[96];
static __attribute__((unused)) int test(void)
{
    unsigned bytes = 0;
    int cc = machine.io.test(&machine, SID, irb, &bytes);

    if (cc == 0 || cc == 1)
        ck_assert_uint_eq(bytes, 64);
    return cc;
}
#define IRB_FLAGS get_be16(irb)
#define IRB_CONTROL get_be16(irb + 2)
#define IRB_ADDRESS get_be32(irb + 4)
#define IRB_DEVICE irb[8]
#define IRB_SUBCHANNEL irb[9]
#define IRB_COUNT get_be16(irb + 10)

/* Start, let it end, TEST SUBCHANNEL. */
static __attribute__((unused)) void execute(uint32_t control)
{
    ck_assert_int_eq(start(control), 0);
    settle();
    ck_assert_int_eq(test(), 0);
}

static uint8_t schib[52];
static __attribute__((unused)) void store(void)
{
    ck_assert_int_eq(machine.io.store(&machine, SID, schib), 0);
}
static __attribute__((unused)) uint16_t scsw_control(void)
{
    store();
    return get_be16(schib + 30);
}

/* Change PMCW fields: flags word and word 6. */
static __attribute__((unused)) int modify(uint16_t flags, uint32_t word6)
{
    store();
    put_be16(schib + 4, flags);
    put_be32(schib + 24, word6);
    return machine.io.modify(&machine, SID, schib);
}

static void fixture_setup(void)
{
    machine_init(&machine);
    machine.storage = storage_create(&machine, 4 << 20);
    channel_create(&machine);
    device = new_device();
    ck_assert(channel_attach(&machine, &device->device, 0x1000, false));
    ck_assert_int_eq(modify(ENABLE | ISC3, 1), 0);
}

static void fixture_teardown(void)
{
    machine.io.release(&machine);
    storage_release(machine.storage);
    machine_release(&machine);
}

#endif
