/* SPDX-License-Identifier: MIT */
/* virtio-console, virtio-balloon, and virtio-9p with recording and replay. */
#include "virtio_fixture.h"

#include <sys/mman.h>
#include <unistd.h>

#include "channel/p9_wire.h"
#include "channel/virtio_9p.h"
#include "channel/virtio_balloon.h"
#include "channel/virtio_console.h"

/* --- Console. --- */

static struct console console;
static char shown[100];

static void show(void *host, const uint8_t *bytes, size_t count)
{
    strncat(shown, (const char *)bytes, count);
}

static void attach_console(uint16_t columns)
{
    struct virtio_console_parameters p = {.console = &console, .columns = columns, .rows = 25};

    shown[0] = 0;
    console_init(&console, &machine, "hvc", 7);
    console.write = show;
    attach(virtio_console_create(&machine, &p));
}

static void type(const char *text)
{
    console_offer(&console, text, strlen(text));
    input_pass(&machine);
}

START_TEST(console_output)
{
    struct ring_part parts[2] = {{BUFFERS, 5, false}, {BUFFERS + 64, 6, false}};

    attach_console(80);
    ck_assert_int_eq(set_revision(2), 0);
    ck_assert_uint_eq(read_features(0) & 7, 1); /* size, one port */
    ck_assert_int_eq(command(READ_CONF, 4), 0);
    ck_assert_uint_eq(get_be32(at(DATA)), 80 << 24 | 25 << 8);
    machine.io.reset(&machine);
    channel_detach(&machine, device);
    console_release(&console);
    attach_console(0);
    drive(2, ~0ULL, 2);
    memcpy(at(BUFFERS), "hello", 5);
    memcpy(at(BUFFERS + 64), " world", 6);
    ck_assert_int_eq(perform(1, parts, 2), 0);
    ck_assert_str_eq(shown, "hello world");
    console_release(&console);
}
END_TEST

START_TEST(console_input)
{
    struct ring_part part = {BUFFERS, 4, true};
    uint32_t head, bytes;

    attach_console(0);
    type("early");
    drive(2, 0, 2);
    ck_assert_int_eq(perform(0, &part, 1), 4);
    ck_assert_mem_eq(at(BUFFERS), "earl", 4);
    ck_assert_int_eq(perform(0, &part, 1), 1);
    ck_assert_mem_eq(at(BUFFERS), "y", 1);
    ck_assert(interrupted());
    ck_assert_int_eq(perform(0, &part, 1), -1);
    type("x");
    ck_assert(ring_used(&rings[0], &head, &bytes));
    ck_assert_uint_eq(bytes, 1);
    ck_assert_uint_eq(*at(BUFFERS), 'x');
    ck_assert(interrupted());
    console_release(&console);
}
END_TEST

/* --- Balloon. --- */

static void attach_balloon(void)
{
    struct virtio_balloon_parameters p = {.free_page_reporting = true};

    attach(virtio_balloon_create(&machine, &p));
}

static bool resident(uint64_t address)
{
    unsigned char page;

    ck_assert_int_eq(mincore(at(address), 1, &page), 0);
    return page & 1;
}

START_TEST(balloon_releases_memory)
{
    enum { FIRST = 0x200000, PAGES = 64 };
    struct ring_part part = {BUFFERS, 4 * PAGES, false};

    attach_balloon();
    drive((uint16_t)_i, ~0ULL, 4);
    memset(at(FIRST), 0x11, PAGES * 4096);
    /* Runs and single frames; a frame outside storage does no harm. */
    for (unsigned i = 0; i < PAGES; i++) {
        uint32_t frame = FIRST / 4096 + (i < 32 ? i : 2 * i);

        ring_put(&rings[0], BUFFERS + 4 * i, i < 40 ? frame : 0xffffffff, 4);
    }
    ck_assert(resident(FIRST));
    memset(machine.storage->keys + FIRST / 4096, 0, PAGES);
    ck_assert_int_eq(perform(0, &part, 1), 0);
    ck_assert(!resident(FIRST));
    ck_assert(!resident(FIRST + 31 * 4096));
    ck_assert(resident(FIRST + 32 * 4096));
    ck_assert(resident(FIRST + 63 * 4096));
    ck_assert(machine.storage->frames[FIRST / 4096] & FRAME_DIRTY);
    ck_assert_uint_eq(*at(FIRST), 0);
    /* Deflating: the chain simply comes back. */
    ck_assert_int_eq(perform(1, &part, 1), 0);
}
END_TEST

START_TEST(balloon_target_and_actual)
{
    struct virtio_balloon_state state;

    attach_balloon();
    drive((uint16_t)_i, ~0ULL, 4);
    ck_assert(virtio_balloon_set_target(device, 3 << 20));
    ck_assert(interrupted());
    ck_assert_uint_eq(get_be64(at(CONFIG_INDICATORS)), 1);
    ck_assert_int_eq(command(READ_CONF, 8), 0);
    ck_assert_uint_eq(get_be32(at(DATA)), 0x00030000); /* 0x300 pages, little-endian even when legacy */
    put_be32(at(DATA + 4), 0x00010000);
    ck_assert_int_eq(command(WRITE_CONF, 8), 0);
    ck_assert(virtio_balloon_state(device, &state));
    ck_assert_uint_eq(state.actual, 1 << 20);
    ck_assert_uint_eq(state.target, 3 << 20);
}
END_TEST

START_TEST(balloon_statistics)
{
    struct ring_part part = {BUFFERS, 20, false};
    struct virtio_balloon_state state;
    uint32_t head, bytes;

    attach_balloon();
    drive(2, ~0ULL, 4);
    ring_put(&rings[2], BUFFERS, 4, 2);
    ring_put(&rings[2], BUFFERS + 2, 123456789, 8);
    ring_put(&rings[2], BUFFERS + 10, 99, 2);
    /* The guest's first buffer is kept until we ask. */
    ck_assert_int_eq(perform(2, &part, 1), -1);
    ck_assert(virtio_balloon_state(device, &state));
    ck_assert_uint_eq(state.known, 1 << BALLOON_FREE);
    ck_assert_uint_eq(state.statistic[BALLOON_FREE], 123456789);
    ck_assert(virtio_balloon_ask_statistics(device));
    ck_assert(ring_used(&rings[2], &head, &bytes));
    ck_assert(interrupted());
}
END_TEST

START_TEST(free_page_reporting)
{
    enum { FIRST = 0x200000 };
    struct ring_part part = {FIRST + 100, 3 * 4096, true};

    attach_balloon();
    drive(2, ~0ULL, 4);
    memset(at(FIRST), 0x11, 5 * 4096);
    ck_assert_int_eq(perform(3, &part, 1), 0);
    ck_assert(resident(FIRST)); /* only in part */
    ck_assert(!resident(FIRST + 4096));
    ck_assert(!resident(FIRST + 2 * 4096));
    ck_assert(resident(FIRST + 3 * 4096));
}
END_TEST

/* --- 9P. --- */

static char folder[64];
static uint8_t log_data[4096];
static struct input_record log_records[16];
static unsigned log_count, log_bytes, log_next, log_at;

static void record(void *context, const struct input_record *r, const uint8_t *data)
{
    log_records[log_count++] = *r;
    memcpy(log_data + log_bytes, data, r->bytes);
    log_bytes += r->bytes;
}

static bool next_record(void *context, struct input_record *r, const uint8_t **data)
{
    if (log_next == log_count)
        return false;
    *r = log_records[log_next++];
    *data = log_data + log_at;
    log_at += r->bytes;
    return true;
}

/* A version request and an attach: replies at modelled latency. */
static void talk(void)
{
    static const uint8_t version[] = {21, 0, 0, 0, P9_VERSION, 1, 0, 0, 0x20, 0, 0, 8, 0,
                                      '9', 'P', '2', '0', '0', '0', '.', 'L'};
    static const uint8_t attach_root[] = {23, 0, 0, 0, P9_ATTACH, 2, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
                                          0, 0, 0, 0, 0, 0, 0, 0};
    struct ring_part parts[2] = {{BUFFERS, sizeof version, false}, {BUFFERS + 0x1000, 64, true}};
    uint32_t head, bytes;
    uint64_t begun;

    drive(2, ~0ULL, 1);
    memcpy(at(BUFFERS), version, sizeof version);
    memcpy(at(BUFFERS + 0x800), attach_root, sizeof attach_root);
    begun = machine.now;
    ring_add(&rings[0], parts, 2);
    parts[0] = (struct ring_part){BUFFERS + 0x800, sizeof attach_root, false};
    parts[1].address = BUFFERS + 0x2000;
    ring_add(&rings[0], parts, 2);
    kick(0);
    ck_assert(!ring_used(&rings[0], &head, &bytes));
    ck_assert_uint_eq(event_next_time(&machine), begun + 50 * TOD_MICROSECOND + 21 + 64);
    pass(TOD_SECOND);
    ck_assert(ring_used(&rings[0], &head, &bytes));
    ck_assert_uint_eq(bytes, 21);
    ck_assert_uint_eq(at(BUFFERS + 0x1000)[4], P9_VERSION + 1);
    ck_assert(ring_used(&rings[0], &head, &bytes));
    ck_assert_uint_eq(bytes, 20);
    ck_assert_uint_eq(at(BUFFERS + 0x2000)[4], P9_ATTACH + 1);
    ck_assert_uint_eq(at(BUFFERS + 0x2000)[7], 0x80);
    ck_assert_uint_eq(at(BUFFERS + 0x2000)[12], 1); /* the first file ever seen */
}

static void attach_folder(void)
{
    struct virtio_9p_parameters p = {.path = folder, .tag = "shared", .number = 4};
    char problem[VIRTIO_9P_PROBLEM_BYTES];
    struct channel_device *d = virtio_9p_create(&machine, &p, problem);

    ck_assert_msg(d != NULL, "%s", problem);
    attach(d);
}

START_TEST(file_sharing_replays)
{
    struct input_recorder recorder = {record, NULL};
    struct input_source source = {next_record, NULL};
    uint8_t recorded[64];

    strcpy(folder, "/tmp/sienna-9p-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    input_start_recording(&machine, &recorder, true);
    attach_folder();
    talk();
    ck_assert_int_eq(command(READ_CONF, 8), 0);
    ck_assert_mem_eq(at(DATA), "\6\0shared", 8);
    memcpy(recorded, at(BUFFERS + 0x2000), sizeof recorded);
    ck_assert_uint_eq(log_count, 3); /* that there is a folder, and two replies */
    end_machine();
    rmdir(folder);
    make_machine();
    /* No folder is needed. */
    input_start_replay(&machine, &source);
    attach_folder();
    talk();
    ck_assert_mem_eq(at(BUFFERS + 0x2000), recorded, sizeof recorded);
    ck_assert(!input_diverged(&machine));
}
END_TEST

START_TEST(bad_folder)
{
    struct virtio_9p_parameters p = {.path = "/nonexistent", .tag = "x"};
    char problem[VIRTIO_9P_PROBLEM_BYTES];

    ck_assert_ptr_null(virtio_9p_create(&machine, &p, problem));
    ck_assert_ptr_nonnull(strstr(problem, "/nonexistent"));
    p.tag = "";
    ck_assert_ptr_null(virtio_9p_create(&machine, &p, problem));
    ck_assert_ptr_nonnull(strstr(problem, "mount_tag"));
}
END_TEST

START_TEST(reset_with_requests_in_progress)
{
    struct ring_part parts[2] = {{BUFFERS, 7, false}, {BUFFERS + 0x1000, 64, true}};
    uint32_t head, bytes;

    strcpy(folder, "/tmp");
    attach_folder();
    drive(2, ~0ULL, 1);
    for (unsigned i = 0; i < 50; i++) /* more than are carried out at a time */
        ring_add(&rings[0], parts, 2);
    kick(0);
    machine.io.reset(&machine);
    pass(TOD_SECOND);
    ck_assert(!ring_used(&rings[0], &head, &bytes));
}
END_TEST

START_TEST(request_without_room_for_a_reply)
{
    struct ring_part parts[2] = {{BUFFERS, 7, false}, {BUFFERS + 0x1000, 10, true}};

    strcpy(folder, "/tmp");
    attach_folder();
    drive(2, ~0ULL, 1);
    ck_assert_int_eq(perform(0, parts, 2), -1);
    ck_assert_ptr_nonnull(strstr(logged, "no room"));
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {console_output, 0}, {console_input, 0}, {balloon_releases_memory, 3}, {balloon_target_and_actual, 3},
        {balloon_statistics, 0}, {free_page_reporting, 0}, {file_sharing_replays, 0}, {bad_folder, 0},
        {reset_with_requests_in_progress, 0}, {request_without_room_for_a_reply, 0},
    };

    return run_tests("virtio devices", tests, sizeof tests / sizeof *tests, make_machine, end_machine);
}
