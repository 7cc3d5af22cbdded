/* SPDX-License-Identifier: MIT */
/**
 * States as hostile as they can be: a good record with some bytes changed, as a file with right checksums brings
 * it, and files that are nothing but the input. Each is restored or refused with one sentence; what was restored
 * runs, and the good state can be had again.
 */
#define _GNU_SOURCE /* memfd_create */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channel/channel.h"
#include "channel/virtio.h"
#include "cpu/level.h"
#include "fuzz.h"
#include "libsienna/checkpoint.h"
#include "sienna_inspect.h"

enum { STORAGE = 4 << 20, DESCRIPTOR = 0x20000, RING = 0x30000, BUFFER = 0x40000, BRIEFLY = 4096, EDITS = 8 };

static struct sienna *s;
static struct sienna_checkpoint *good;
static int file;
static char path[64], problem[SIENNA_PROBLEM_BYTES];

static void say_nothing(void *context, int level, const char *text) {}
static void write_nothing(void *context, const uint8_t *bytes, size_t count) {}

static void put_le(uint8_t *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* The driver has set up a queue and made `count` chains of one descriptor for the device available. */
static void drive(unsigned number, unsigned queue, unsigned count)
{
    struct virtio_device *d = (struct virtio_device *)channel_device_numbered(&s->machine, (uint16_t)number);
    uint8_t *ring = storage_at(s->machine.storage, absolute(RING + 0x2000 * number));
    uint64_t at = RING + 0x2000 * number;

    d->revision = 1;
    d->status = 0xf;
    FUZZ_ASSERT(virtqueue_set(&d->queues[queue], 8, at, at + 0x800, at + 0x1000));
    for (unsigned i = 0; i < count; i++) {
        put_le(ring + 48 * i, BUFFER + 0x1000 * i, 8);           /* 16 bytes of header, read */
        put_le(ring + 48 * i + 8, 16, 4);
        put_le(ring + 48 * i + 12, 1, 2);
        put_le(ring + 48 * i + 14, 3 * i + 1, 2);
        put_le(ring + 48 * i + 16, BUFFER + 0x1000 * i + 64, 8); /* data and status, written */
        put_le(ring + 48 * i + 24, 513, 4);
        put_le(ring + 48 * i + 28, 2, 2);
        put_le(ring + 0x804 + 2 * i, 3 * i, 2);
    }
    put_le(ring + 0x802, count, 2);
    d->class->notify(d, queue);
}

/* CPU 1 is in the middle of a guest. */
static void interpret(void)
{
    struct cpu *cpu = s->machine.cpus->cpu[1];
    struct interpretation *in = machine_allocate(sizeof *in);

    in->descriptor = absolute(DESCRIPTOR);
    in->host.psw_mask = PSW_EA | PSW_BA;
    in->host.length = 4;
    in->host_view = (struct storage_view){.storage = s->machine.storage};
    in->guest_view = (struct storage_view){.storage = s->machine.storage, .host = &in->host_view, .limit = 0xfffff};
    cpu->interpretation = cpu->interpreting = in;
    cpu->psw_mask = PSW_EA | PSW_BA;
    cpu->state = CPU_OPERATING;
}

static void add(const char *type, const char *key, const char *value, const char *key2, const char *value2)
{
    const struct sienna_setting settings[] = {{key, value}, {key2, value2}};

    FUZZ_ASSERT(sienna_device_add(s, type, settings, !key ? 0 : key2 ? 2 : 1, problem));
}

static void begin(void)
{
    static const struct sienna_options options = {.storage_bytes = STORAGE, .start_tod = 1ULL << 60, .cpus = 2,
                                                  .log = say_nothing};
    int disk = memfd_create("disk", 0);
    uint64_t steps = 3;
    char name[64];

    FUZZ_ASSERT(ftruncate(disk, 65536) == 0);
    snprintf(name, sizeof name, "/proc/self/fd/%d", disk);
    s = sienna_create(&options, problem);
    FUZZ_ASSERT(s != NULL);
    for (unsigned i = 0; i < SIENNA_CONSOLE_KINDS; i++)
        sienna_console_open(s, (enum sienna_console_kind)i, true, write_nothing, NULL);
    add("virtio-blk", "file", name, "snapshot", "on");
    add("virtio-rng", NULL, NULL, NULL, NULL);
    add("virtio-balloon", NULL, NULL, NULL, NULL);
    add("virtio-console", NULL, NULL, NULL, NULL);
    add("reader", "file", "/proc/self/comm", NULL, NULL);
    drive(0, 0, 2); /* two reads in progress */
    interpret();
    s->machine.cpus->cpu[0]->psw_mask = PSW_EA | PSW_BA;
    s->machine.cpus->cpu[0]->state = CPU_OPERATING;
    sienna_step(s, -1, &steps, UINT64_MAX);
    good = sienna_checkpoint(s, problem);
    FUZZ_ASSERT(good && sienna_checkpoint_restore(s, good, problem));
    file = memfd_create("state", 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
}

/* A sentence, and nothing else. */
static void check_sentence(void)
{
    size_t n = strlen(problem);

    FUZZ_ASSERT(n > 0 && n < SIENNA_PROBLEM_BYTES);
    for (size_t i = 0; i < n; i++)
        FUZZ_ASSERT((uint8_t)problem[i] >= ' ');
}

static void restore_changed(struct fuzz_input *in)
{
    struct sienna_checkpoint changed = *good;

    changed.foreign = true;
    changed.state = machine_allocate(good->state_bytes);
    memcpy(changed.state, good->state, good->state_bytes);
    for (unsigned i = 0; i < EDITS && in->at < in->end; i++)
        changed.state[fuzz_word(in) % good->state_bytes] = fuzz_byte(in);
    if (in->at < in->end)
        changed.state_bytes = fuzz_word(in) % good->state_bytes;
    problem[0] = 0;
    if (sienna_checkpoint_restore(s, &changed, problem))
        sienna_run(s, sienna_now(s) + BRIEFLY);
    else
        check_sentence();
    free(changed.state);
}

static void load_file(const uint8_t *data, size_t size, bool good_head)
{
    static const uint8_t head[12] = {'S', 'I', 'E', 'N', 'N', 'A', 'S', 'T', 0, 0, 0, 1};
    off_t at = good_head ? sizeof head : 0;

    FUZZ_ASSERT(ftruncate(file, 0) == 0 && pwrite(file, head, (size_t)at, 0) == at &&
                pwrite(file, data, size, at) == (ssize_t)size);
    problem[0] = 0;
    FUZZ_ASSERT(!sienna_load_state(s, path, problem));
    check_sentence();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, data + size};
    unsigned how;

    if (!s)
        begin();
    how = fuzz_byte(&in);
    if (how < 16)
        load_file(in.at, (size_t)(in.end - in.at), how & 1);
    else
        restore_changed(&in);
    FUZZ_ASSERT(sienna_checkpoint_restore(s, good, problem));
    return 0;
}
