/* SPDX-License-Identifier: MIT */
/* Virtio devices are saved and restored in the midst of things and go on as if nothing had been. */
#include "virtio_fixture.h"

#include <unistd.h>

#include "channel/block_overlay.h"
#include "channel/virtio_9p.h"
#include "channel/virtio_balloon.h"
#include "channel/virtio_blk.h"
#include "channel/virtio_net.h"
#include "channel/virtio_rng.h"
#include "machine/state.h"

/* All that a saved state of this small machine is. */
struct saved {
    struct state_saver fields;
    uint8_t storage[STORAGE_BYTES];
    struct event events[64];
    unsigned event_count;
    uint64_t now;
};

static struct saved saved;

static void save(void)
{
    state_saver_begin(&saved.fields);
    channel_state(&machine, &saved.fields.walk);
    memcpy(saved.storage, machine.storage->bytes, STORAGE_BYTES);
    ck_assert_uint_le(machine.events.count, 64);
    saved.event_count = machine.events.count;
    memcpy(saved.events, machine.events.pending, saved.event_count * sizeof *saved.events);
    saved.now = machine.now;
}

static void restore(void)
{
    struct state_loader loader;

    machine.now = saved.now;
    state_loader_begin(&loader, saved.fields.bytes, saved.fields.count);
    channel_state(&machine, &loader.walk);
    ck_assert_msg(state_loader_end(&loader), "%s", loader.problem);
    channel_restored(&machine);
    memcpy(machine.storage->bytes, saved.storage, STORAGE_BYTES);
    machine.events.count = 0;
    for (unsigned i = saved.event_count; i-- > 0;)
        event_schedule(&machine, saved.events[i].class, saved.events[i].subject, saved.events[i].argument,
                       saved.events[i].time);
}

/* What is restored is saved as the same bytes. */
static void same_bytes(void)
{
    struct state_saver again;

    state_saver_begin(&again);
    channel_state(&machine, &again.walk);
    ck_assert_uint_eq(again.count, saved.fields.count);
    ck_assert_mem_eq(again.bytes, saved.fields.bytes, again.count);
    free(again.bytes);
}

/* A record that ends anywhere, or has a byte that is another, is restored or refused; it does no harm. */
static void damaged(void)
{
    uint8_t *bytes = malloc(saved.fields.count);

    for (size_t i = 0; i < saved.fields.count; i += 1 + i / 64) {
        struct state_loader loader;
        bool whole;

        memcpy(bytes, saved.fields.bytes, saved.fields.count);
        state_loader_begin(&loader, bytes, i);
        channel_state(&machine, &loader.walk);
        ck_assert(!state_loader_end(&loader) && loader.problem[0]);
        bytes[i] ^= (uint8_t)(1 + i % 255);
        state_loader_begin(&loader, bytes, saved.fields.count);
        channel_state(&machine, &loader.walk);
        whole = state_loader_end(&loader);
        ck_assert(whole == !loader.problem[0]);
    }
    free(bytes);
}

static uint64_t digest(void)
{
    struct state_digest d;

    state_digest_begin(&d);
    channel_state(&machine, &d.walk);
    return d.digest;
}

/* From the saved state on, twice: what follows must leave the same storage and the same state. */
static void same_again(void (*follow)(void))
{
    static uint8_t first[STORAGE_BYTES];
    uint64_t before = digest(), after;

    save();
    ck_assert_uint_eq(digest(), before);
    follow();
    memcpy(first, machine.storage->bytes, STORAGE_BYTES);
    after = digest();
    ck_assert_uint_ne(after, before);
    for (unsigned i = 0; i < 2; i++) {
        restore();
        ck_assert_uint_eq(digest(), before);
        same_bytes();
        follow();
        ck_assert_mem_eq(machine.storage->bytes, first, STORAGE_BYTES);
        ck_assert_uint_eq(digest(), after);
    }
    damaged();
    restore();
    ck_assert_uint_eq(digest(), before);
    free(saved.fields.bytes);
}

static void finish(void)
{
    pass(TOD_SECOND);
}

/* --- Disk: reads, writes and a flush in progress. --- */

enum { HEADERS = BUFFERS, BLOCKS = BUFFERS + 0x1000, STATUSES = BUFFERS + 0x800 };

static void request(unsigned i, uint32_t type, uint64_t sector)
{
    struct ring_part parts[3] = {{HEADERS + 16 * i, 16, false}, {BLOCKS + 512 * i, 512, type == 0},
                                 {STATUSES + i, 1, true}};

    ring_put(&rings[0], HEADERS + 16 * i, type, 4);
    ring_put(&rings[0], HEADERS + 16 * i + 8, sector, 8);
    if (type == 4)
        parts[1] = parts[2];
    ring_add(&rings[0], parts, type == 4 ? 2 : 3);
}

START_TEST(disk)
{
    char path[] = "/tmp/sienna-state-XXXXXX", problem[BLOCK_PROBLEM_BYTES];
    struct block_image_parameters image = {.path = path};
    struct virtio_blk_parameters p = {0};
    int file = mkstemp(path);

    for (unsigned s = 0; s < 64; s++) {
        uint8_t sector[512];

        memset(sector, (int)s + 1, sizeof sector);
        ck_assert_int_eq(write(file, sector, 512), 512);
    }
    close(file);
    p.image = block_image_open(&image, problem);
    unlink(path);
    attach(virtio_blk_create(&machine, &p));
    drive(2, VIRTIO_F_EVENT_IDX, 1);
    for (unsigned i = 0; i < 30; i++) {
        memset(at(BLOCKS + 512 * i), (int)(0x80 + i), 512);
        request(i, i % 3 == 0 ? 1 : i % 10 == 4 ? 4 : 0, i);
    }
    kick(0);
    /* What is in progress has been taken: the guest may write over its buffers. */
    memset(at(BLOCKS), 0xee, 3 * 512);
    pass(20 * TOD_MICROSECOND + 15 * 512);
    ck_assert_uint_ne(*at(STATUSES + 29), 0xff);
    same_again(finish);
}
END_TEST

/* --- Disk with an overlay: a read that waits is not to see a later write. --- */

static void write_again(void)
{
    finish();
    request(2, 1, 9);
    request(3, 0, 9);
    kick(0);
    finish();
}

static struct ring ring_before;

static void write_from_there(void)
{
    rings[0] = ring_before;
    write_again();
}

START_TEST(overlay)
{
    char path[] = "/tmp/sienna-state-XXXXXX", problem[BLOCK_PROBLEM_BYTES];
    struct block_image_parameters image = {.path = path, .snapshot = true};
    struct virtio_blk_parameters p = {0};
    struct overlay_version *version;
    uint8_t sector[512] = {7};
    int file = mkstemp(path);

    ck_assert_int_eq(ftruncate(file, 16384), 0);
    ck_assert_int_eq(pwrite(file, sector, 512, 9 * 512), 512);
    close(file);
    p.image = block_image_open(&image, problem);
    unlink(path);
    attach(virtio_blk_create(&machine, &p));
    drive(2, 0, 1);
    memset(at(BLOCKS + 512), 0x99, 512);
    memset(at(BLOCKS + 2 * 512), 0xaa, 512);
    request(0, 0, 9);
    request(1, 1, 9);
    kick(0);
    ring_before = rings[0];
    version = block_image_version(p.image);
    save();
    write_from_there();
    ck_assert_uint_eq(*at(BLOCKS), 7);
    ck_assert_uint_eq(*at(BLOCKS + 3 * 512), 0xaa);
    restore();
    block_image_restore(p.image, version);
    /* Both requests are in progress; what they did to the disk is done, and what was read was read before. */
    finish();
    ck_assert_uint_eq(*at(BLOCKS), 7);
    rings[0] = ring_before;
    request(2, 0, 9);
    kick(0);
    finish();
    ck_assert_uint_eq(*at(BLOCKS + 2 * 512), 0x99);
    overlay_version_release(version);
    free(saved.fields.bytes);
}
END_TEST

/* --- Network: frames that wait. --- */

static void take_frames(void)
{
    for (unsigned i = 0; i < 6; i++) {
        struct ring_part part = {BUFFERS + 0x1000 * i, 200, true};

        ring_add(&rings[0], &part, 1);
    }
    kick(0);
    virtio_net_set_link(device, false);
}

static void take_frames_again(void)
{
    rings[0] = ring_before;
    take_frames();
}

START_TEST(network)
{
    struct virtio_net_parameters p = {.number = 0};
    uint8_t frame[100];

    attach(virtio_net_create(&machine, &p));
    drive(2, 0, 2);
    for (unsigned i = 0; i < 9; i++) {
        memset(frame, (int)i + 1, sizeof frame);
        input_offer(&machine, INPUT_NETWORK, 0, frame, 60 + i);
    }
    input_pass(&machine);
    ring_before = rings[0];
    same_again(take_frames_again);
}
END_TEST

/* --- Random bytes: the stream goes on where it was. --- */

static void draw(void)
{
    struct ring_part part = {BUFFERS, 200, true};

    rings[0] = ring_before;
    ring_add(&rings[0], &part, 1);
    kick(0);
}

START_TEST(randomness)
{
    struct virtio_rng_parameters p = {{7}};
    struct ring_part part = {BUFFERS, 100, true};

    attach(virtio_rng_create(&machine, &p));
    drive(2, 0, 1);
    ck_assert_int_eq(perform(0, &part, 1), 100);
    ring_before = rings[0];
    same_again(draw);
}
END_TEST

/* --- Balloon: the buffer for statistics that is held. --- */

static void ask(void)
{
    virtio_balloon_ask_statistics(device);
    virtio_balloon_set_target(device, 5 << 20);
}

START_TEST(balloon)
{
    struct virtio_balloon_parameters p = {.deflate_on_oom = true};
    struct ring_part part = {BUFFERS, 20, false};

    attach(virtio_balloon_create(&machine, &p));
    drive(2, 0xf, 3);
    ck_assert_int_eq(perform(2, &part, 1), -1);
    same_again(ask);
}
END_TEST

/* --- File sharing: requests on their way. --- */

START_TEST(file_sharing)
{
    struct virtio_9p_parameters p = {.path = "/tmp", .tag = "t"};
    struct ring_part parts[2] = {{BUFFERS, 7, false}, {BUFFERS + 0x100, 64, true}};
    char problem[VIRTIO_9P_PROBLEM_BYTES];

    attach(virtio_9p_create(&machine, &p, problem));
    drive(2, VIRTIO_F_INDIRECT_DESC, 1);
    memcpy(at(BUFFERS), "\7\0\0\0\144\1\0", 7);
    for (unsigned i = 0; i < 40; i++) {
        parts[1].address = BUFFERS + 0x100 + 64 * i;
        ring_add(&rings[0], parts, 2);
    }
    kick(0);
    pass(50 * TOD_MICROSECOND + 71);
    same_again(finish);
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {disk, 0}, {overlay, 0}, {network, 0}, {randomness, 0}, {balloon, 0}, {file_sharing, 0},
    };

    return run_tests("virtio state", tests, sizeof tests / sizeof *tests, make_machine, end_machine);
}
