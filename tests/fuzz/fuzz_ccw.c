/* SPDX-License-Identifier: MIT */
/**
 * Hostile channel programs: an input is a list of actions that build CCWs,
 * IDAWs and MIDAWs out of interesting values, start, halt, clear, resume and
 * cancel them, and let time and device status come at any moment. Nothing may
 * reach outside the machine's storage (sanitizers tell), virtual time must
 * always go on, the subchannel's state must stay one that the architecture
 * knows, and CLEAR SUBCHANNEL must always end it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "channel/channel.h"
#include "channel/device.h"
#include "fuzz.h"
#include "storage/storage.h"


enum { STORAGE = 1 << 20, PROGRAMS = 0x1000, LISTS = 0x2000, SID = 0x10000 };

struct input {
    const uint8_t *data;
    size_t left;
};

static uint8_t byte(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->data++;
}

static uint32_t word(struct input *in)
{
    uint32_t v = byte(in);

    v = v << 8 | byte(in);
    v = v << 8 | byte(in);
    return v << 8 | byte(in);
}

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "fuzz_ccw: %s\n", what);
    abort();
}

/* A device that takes and gives any amount, rejects, delays and lies, as the command's bits say. */
static int command(struct channel_device *d, uint8_t code)
{
    static uint8_t buffer[70000];
    uint32_t bytes = code & 0x80 ? sizeof buffer : code & 0x40 ? 5000 : 40;
    uint8_t peeked[16];

    if ((code & 0x0f) == 0x04)
        return device_common_command(d, code);
    device_peek(d, code, peeked, sizeof peeked);
    if (code & 0x10)
        return code & 0x20 ? DEVICE_PENDING : STATUS_CHANNEL_END;
    if (code & 0x20)
        return device_reject(d, code);
    if (code & 1)
        device_fetch(d, buffer, bytes);
    else
        device_store(d, buffer, bytes);
    return STATUS_ENDED | (code == 0x07 ? STATUS_MODIFIER : 0);
}

static void release(struct channel_device *d)
{
    free(d);
}

static const struct device_operations operations = {.name = "fuzz", .command = command, .release = release};

static uint32_t address(struct input *in)
{
    static const uint32_t values[] = {
        0, 0x1000, 0x1008, 0x1010, 0x1018, 0x1ff8, 0x2000, 0x2008, 0x2010, 0x2ff0, 0x4000, 0x4fff, 0x57f8,
        0x8001, 0xffff0, 0xfffff, 0x100000, 0xffffff, 0x7ffffff8, 0x7fffffff, 0x80000000, 0xffffffff,
    };
    uint8_t b = byte(in);

    return b < 0xe0 ? values[b % (sizeof values / sizeof values[0])] : word(in);
}

static uint16_t count(struct input *in)
{
    static const uint16_t values[] = {0, 1, 16, 40, 41, 2048, 4096, 5000, 65535};
    uint8_t b = byte(in);

    return b < 0xf0 ? values[b % (sizeof values / sizeof values[0])] : b << 8;
}

static void place_ccw(struct machine *m, struct input *in)
{
    static const uint8_t codes[] = {0x01, 0x02, 0x03, 0x04, 0x07, 0x08, 0x08, 0x08, 0x0c, 0x82, 0x81, 0x8c,
                                    0x12, 0x32, 0x11, 0xe4, 0x22, 0x00};
    uint8_t *to = storage_at(m->storage, absolute(PROGRAMS + 8 * (byte(in) % 8)));
    uint8_t form = byte(in), code = codes[byte(in) % sizeof codes], flags = byte(in);

    if (form & 1) {
        put_be32(to, (uint32_t)code << 24 | (uint32_t)flags << 16 | count(in));
        put_be32(to + 4, address(in));
    } else {
        put_be32(to, (uint32_t)code << 24 | (address(in) & 0xffffff));
        put_be32(to + 4, (uint32_t)flags << 24 | count(in));
    }
}

static void place_list(struct machine *m, struct input *in)
{
    uint8_t *to = storage_at(m->storage, absolute(LISTS + 8 * (byte(in) % 16)));

    switch (byte(in) % 4) {
    case 0:
        put_be32(to, address(in));
        break;
    case 1:
        put_be64(to, address(in));
        break;
    case 2:
        put_be64(to, (uint64_t)byte(in) << 16 | count(in));
        break;
    case 3:
        put_be64(to, (uint64_t)word(in) << 32 | word(in));
        break;
    }
}

static void begin(struct machine *m, struct input *in)
{
    uint8_t orb[32] = {0};

    put_be32(orb + 4, (word(in) & 0xfff300c0) | 0xff00);
    put_be32(orb + 8, byte(in) & 0x80 ? address(in) : PROGRAMS);
    m->io.start(m, SID, orb);
}

static void pass(struct machine *m, uint64_t time)
{
    uint64_t end = m->now + time;
    unsigned events = 0;

    while (event_next_time(m) <= end) {
        m->now = event_next_time(m) > m->now ? event_next_time(m) : m->now;
        event_run_due(m);
        require(++events < 100000, "a channel program keeps time from passing");
    }
    m->now = end;
}

static void modify(struct machine *m, struct input *in)
{
    uint8_t schib[52];

    m->io.store(m, SID, schib);
    put_be16(schib + 4, (word(in) & 0x38fc) | 0x0080);
    put_be32(schib + 24, byte(in) & 5);
    m->io.modify(m, SID, schib);
}

/* Combinations that PoP ch. 16 rules out. */
static void check_state(struct machine *m)
{
    uint8_t schib[52];
    uint16_t control;

    require(m->io.store(m, SID, schib) == 0, "the subchannel is gone");
    control = get_be16(schib + 30);
    require((control & 0x1f) == 0 || (control & 1), "status control without status pending");
    require(!(control & 0x0020) || (control & 0x4000), "suspended without a start function");
    require(!(control & 0x0080) || (control & 0x4000), "subchannel active without a start function");
    require(!(control & 0x0020) || !(control & 0x00c0), "suspended and active");
    require(!(control & 0x1000) || !(control & 0x6000), "the clear function is not alone");
    require(m->floating.io_iscs == 0 || (control & 1), "an interruption without status pending");
}

static void act(struct machine *m, struct channel_device *d, struct input *in)
{
    uint8_t irb[96];
    unsigned bytes;
    struct io_interruption io;

    switch (byte(in) % 16) {
    case 0: case 1: case 2: case 3:
        place_ccw(m, in);
        break;
    case 4: case 5:
        place_list(m, in);
        break;
    case 6:
        begin(m, in);
        break;
    case 7: case 8:
        pass(m, (uint64_t)byte(in) * TOD_MICROSECOND);
        break;
    case 9:
        m->io.test(m, SID, irb, &bytes);
        break;
    case 10:
        m->io.halt(m, SID);
        break;
    case 11:
        m->io.resume(m, SID);
        break;
    case 12:
        if (byte(in) & 1)
            m->io.cancel(m, SID);
        else
            modify(m, in);
        break;
    case 13:
        m->io.take_interruption(m, 0xff, &io);
        break;
    case 14:
        if (byte(in) & 1)
            device_end(d, byte(in) | STATUS_DEVICE_END);
        else
            device_unsolicited(d, byte(in));
        break;
    case 15:
        if (byte(in) & 1)
            m->io.clear(m, SID);
        else
            m->storage->keys[byte(in) % 16] = byte(in);
        break;
    }
    check_state(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct machine m;
    struct channel_device *d = calloc(1, sizeof *d);
    uint8_t schib[52], irb[96];
    unsigned bytes;

    machine_init(&m);
    m.storage = storage_create(&m, STORAGE);
    channel_create(&m);
    d->operations = &operations;
    channel_attach(&m, d, 0, false);
    m.io.store(&m, SID, schib);
    put_be16(schib + 4, 0x0080);
    m.io.modify(&m, SID, schib);
    while (in.left)
        act(&m, d, &in);
    require(m.io.clear(&m, SID) == 0, "the clear function was refused");
    pass(&m, 100 * TOD_MICROSECOND);
    require(m.io.test(&m, SID, irb, &bytes) == 0, "the clear function did not end");
    require(get_be16(irb + 2) == 0x1001, "the clear function did not end alone");
    require(m.events.count == 0, "events are left after the clear function");
    m.io.release(&m);
    storage_release(m.storage);
    machine_release(&m);
    return 0;
}
