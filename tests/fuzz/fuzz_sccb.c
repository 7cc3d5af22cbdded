/* SPDX-License-Identifier: MIT */
/**
 * Service calls with arbitrary SCCBs, mixed with what the outside does to consoles and
 * configuration. Nothing outside the SCCB may change, and every accepted command answers.
 *
 * Input: a sequence of actions, each a byte and its operands (see act()).
 */
#include <string.h>

#include "channel/sclp.h"
#include "fuzz.h"
#include "machine/input.h"
#include "storage/storage.h"

enum { CPUS = 5, STORAGE = 6 << 20, AREA = 0x10000, AREA_BYTES = 5 * PAGE_BYTES };

static const uint32_t commands[] = {
    0x00020001, 0x00120001, 0x00010001, 0x00040001, 0x00080001, 0x000d0001, 0x000c0001, 0x00110001,
    0x00100001, 0x00030001, 0x000f0001, 0x000e0001, 0x00780005, 0x00770005, 0x00760005,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static bool configured[CPUS];

static unsigned cpu_count(const struct machine *m) { return CPUS; }
static bool cpu_configured(const struct machine *m, unsigned cpu) { return configured[cpu]; }
static bool configure(struct machine *m, unsigned cpu, bool on)
{
    configured[cpu] = on;
    return true;
}
static void read_paths(struct machine *m, uint8_t recognized[32], uint8_t standby[32], uint8_t on[32])
{
    memset(recognized, 0xff, 32);
    memset(on, 0xf0, 32);
    memset(standby, 0x0f, 32);
}
static bool set_path(struct machine *m, unsigned chpid, bool on) { return chpid & 1; }
static void swallow(void *host, const uint8_t *bytes, size_t count) { FUZZ_ASSERT(count < 1 << 17); }

/* SERVC at any place of the area with the next bytes as SCCB, then its completion. */
static void serve(struct machine *m, struct fuzz_input *in, uint32_t command)
{
    static uint8_t before[AREA_BYTES];
    uint8_t *area = storage_at(m->storage, absolute(AREA));
    unsigned at = (fuzz_byte(in) & 7u) * 512, bytes = fuzz_half(in) % (AREA_BYTES - at + 1), length;

    for (unsigned i = 0; i < bytes && in->at < in->end; i++)
        area[at + i] = fuzz_byte(in);
    length = get_be16(area + at);
    memcpy(before, area, AREA_BYTES);
    if (m->service.call(m, command, absolute(AREA + at)) != 0)
        return;
    m->now = event_next_time(m);
    event_run_due(m);
    FUZZ_ASSERT((m->floating.service_parameter & ~7u) == AREA + at);
    m->floating.pending = m->floating.service_parameter = 0;
    FUZZ_ASSERT(get_be16(area + at + 6) != 0);
    FUZZ_ASSERT(!memcmp(area, before, at));
    if (at + length < AREA_BYTES)
        FUZZ_ASSERT(!memcmp(area + at + length, before + at + length, AREA_BYTES - at - length));
}

static void act(struct machine *m, struct console consoles[2], struct fuzz_input *in)
{
    uint8_t what = fuzz_byte(in), text[256];
    unsigned count;

    switch (what >> 5) {
    case 0: case 1: case 2: case 3:
        serve(m, in, commands[what % COMMANDS] | (uint32_t)fuzz_byte(in) << 8);
        break;
    case 4:
        serve(m, in, fuzz_word(in));
        break;
    case 5:
        count = fuzz_byte(in);
        for (unsigned i = 0; i < count; i++)
            text[i] = fuzz_byte(in);
        console_offer(&consoles[what & 1], text, count);
        input_pass(m);
        break;
    case 6:
        if (what & 1)
            sclp_connect_ascii(m, what & 2 ? &consoles[1] : NULL);
        else
            sclp_connect_line_mode(m, what & 2 ? &consoles[0] : NULL);
        break;
    default:
        sclp_signal_quiesce(m);
        sclp_cpus_changed(m);
        sclp_operator_command(m, "from the operator", what & 1);
        if ((what & 0x1f) == 0x1f)
            m->service.reset(m);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sclp_channel_paths paths = {read_paths, set_path};
    struct fuzz_input in = {data, data + size};
    struct sclp_features features = {.standby_bytes = 2 << 20, .extended_length_sccb = fuzz_byte(&in) & 1};
    struct console consoles[2];
    struct machine m;

    machine_init(&m);
    m.log_limit = LOG_ERROR;
    m.storage = storage_create(&m, STORAGE);
    m.processors = (struct cpu_service){.count = cpu_count, .configured = cpu_configured, .configure = configure};
    FUZZ_ASSERT(sclp_create(&m, &features));
    sclp_set_channel_paths(&m, &paths);
    for (unsigned i = 0; i < 2; i++) {
        console_init(&consoles[i], &m, "fuzz", i);
        consoles[i].write = swallow;
        consoles[i].terminal = i == 0;
    }
    sclp_connect_line_mode(&m, &consoles[0]);
    sclp_connect_ascii(&m, &consoles[1]);
    while (in.at < in.end)
        act(&m, consoles, &in);
    m.service.release(&m);
    for (unsigned i = 0; i < 2; i++)
        console_release(&consoles[i]);
    storage_release(m.storage);
    machine_release(&m);
    return 0;
}

/* One call with an SCCB of `length` bytes at offset 0, `bytes` of it given. */
static size_t put_call(uint8_t *to, uint8_t command, uint8_t id, unsigned length, const uint8_t *rest, size_t bytes)
{
    to[0] = command;
    to[1] = id;
    to[2] = 0;
    put_be16(to + 3, (uint16_t)(2 + bytes));
    put_be16(to + 5, (uint16_t)length);
    memcpy(to + 7, rest, bytes);
    return 7 + bytes;
}

size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    static const uint8_t mask[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t message[] = {
        0, 0, 0, 0, 0, 0, 0, 0x20, 2, 0, 0, 0, 0, 0x1a, 0, 1, 0xd4, 0xc4, 0xc2, 0x40, 0, 0, 0, 1,
        0, 14, 0, 4, 0x10, 0, 0, 0, 0, 0, 0xc1, 0xc2, 0xc3, 0xc4,
    };
    static const uint8_t read[] = {0, 0, 0, 0x80, 0, 0};
    static const uint8_t increment[] = {0, 0, 0, 0, 0, 0, 0, 5};
    size_t at = 1;

    data[0] = n & 1;
    at += put_call(data + at, 12, 0, 44, mask, sizeof mask);
    switch (n % 8) {
    case 0: at += put_call(data + at, 0, 0, 4096, read, sizeof read); break;
    case 1: at += put_call(data + at, 2, 0, 12288, read, sizeof read); break;
    case 2: at += put_call(data + at, 14, 0, 2 + sizeof message, message, sizeof message); break;
    case 3:
        at += put_call(data + at, 4, 1, 4096, read, sizeof read);
        at += put_call(data + at, 6, 0, 4096, increment, sizeof increment);
        at += put_call(data + at, 3, 1, 4096, read, sizeof read);
        break;
    case 4: case 5:
        memcpy(data + at, "\xa0\x06line\x0d\x03\xa1\x03xyz\xe1", 15);
        at += 15;
        at += put_call(data + at, 13, 0, 4096, read, sizeof read);
        at += put_call(data + at, 13, 0, 60, read, sizeof read);
        break;
    case 6: {
        /* an event buffer of 74 bytes: control-program identification, ASCII, open for business */
        static const uint8_t types[] = {0x0b, 0x1a, 0x04, 0x09};
        uint8_t event[80] = {[7] = 74, [8] = types[n / 8 % 4], [13] = 5};

        at += put_call(data + at, 14, 0, 2 + sizeof event, event, sizeof event);
        at += put_call(data + at, 7, 4, 8, read, 0);
        break;
    }
    default: at += put_call(data + at, 9, 0, 112, read, sizeof read);
    }
    return at;
}
