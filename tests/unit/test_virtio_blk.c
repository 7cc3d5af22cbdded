/* SPDX-License-Identifier: MIT */
/* virtio-blk over the CCW engine, in both byte orders. */
#include "virtio_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include "channel/virtio_blk.h"

enum { SECTORS = 4096, HEADER = BUFFERS, STATUS = BUFFERS + 0x100, BLOCK = BUFFERS + 0x1000 };
enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, WRITE_ZEROES = 13 };
enum { OK = 0, IOERR = 1, UNSUPPORTED = 2 };

static char path[64];

static void attach_blk(bool read_only, uint32_t logical)
{
    struct block_image_parameters i = {.path = path, .read_only = read_only, .machine = &machine, .number = 3};
    struct virtio_blk_parameters p = {.serial = "disk-of-the-test", .logical_block_bytes = logical};
    char problem[BLOCK_PROBLEM_BYTES];
    int file;

    strcpy(path, "/tmp/sienna-blk-XXXXXX");
    file = mkstemp(path);
    for (unsigned s = 0; s < SECTORS; s++) {
        uint8_t sector[512];

        memset(sector, (int)(s % 251 + 1), sizeof sector);
        ck_assert_int_eq(pwrite(file, sector, 512, s * 512), 512);
    }
    close(file);
    p.image = block_image_open(&i, problem);
    ck_assert_msg(p.image != NULL, "%s", problem);
    unlink(path);
    attach(virtio_blk_create(&machine, &p));
}

/* A request with `data` as its middle; its status byte. */
static int request(uint32_t type, uint64_t sector, uint64_t data, uint32_t bytes, bool writes_storage,
                   int64_t *written)
{
    struct ring_part parts[3] = {{HEADER, 16, false}, {data, bytes, writes_storage}, {STATUS, 1, true}};
    int64_t n;

    ring_put(&rings[0], HEADER, type, 4);
    ring_put(&rings[0], HEADER + 4, 0, 4);
    ring_put(&rings[0], HEADER + 8, sector, 8);
    *at(STATUS) = 0xee;
    if (bytes == 0)
        parts[1] = parts[2];
    n = perform(0, parts, bytes ? 3 : 2);
    if (written)
        *written = n;
    return *at(STATUS);
}

START_TEST(configuration)
{
    attach_blk(false, 0);
    drive(2, 0xffffffff, 1);
    ck_assert_int_eq(command(READ_CONF, 60), 0);
    ck_assert_uint_eq(__builtin_bswap64(get_be64(at(DATA))), SECTORS);
    ck_assert_uint_eq(__builtin_bswap32(get_be32(at(DATA + 12))), 254); /* seg_max */
    ck_assert_uint_eq(__builtin_bswap32(get_be32(at(DATA + 20))), 512);
    ck_assert_uint_eq(at(DATA)[24], 3);
    ck_assert_uint_eq(at(DATA)[32], 1);
    /* Linux reads the first bytes only, without SLI. */
    ck_assert_int_eq(command(READ_CONF, 8), 0);
    ck_assert_int_eq(command(READ_CONF, 61), CHECKED);
    memset(at(DATA), 0, 33);
    ck_assert_int_eq(command(WRITE_CONF, 33), 0);
    ck_assert_int_eq(command(READ_CONF, 33), 0);
    ck_assert_uint_eq(at(DATA)[32], 0);
}
END_TEST

START_TEST(legacy_configuration_is_big_endian)
{
    attach_blk(false, 0);
    drive(0, 0xffffffff, 1);
    ck_assert_int_eq(command(READ_CONF, 24), 0);
    ck_assert_uint_eq(get_be64(at(DATA)), SECTORS);
    ck_assert_uint_eq(get_be32(at(DATA + 20)), 512);
}
END_TEST

START_TEST(reads_writes_and_flushes)
{
    int64_t n;

    attach_blk(false, 0);
    drive((uint16_t)_i, 0xffffffff, 1);
    ck_assert_int_eq(request(IN, 5, BLOCK, 1024, true, &n), OK);
    ck_assert_int_eq(n, 1025);
    ck_assert_uint_eq(*at(BLOCK), 6);
    ck_assert_uint_eq(*at(BLOCK + 1023), 7);
    ck_assert(interrupted());
    memset(at(BLOCK), 0xa5, 4096);
    ck_assert_int_eq(request(OUT, 8, BLOCK, 4096, false, &n), OK);
    ck_assert_int_eq(n, 1);
    ck_assert_int_eq(request(FLUSH, 0, 0, 0, false, NULL), OK);
    memset(at(BLOCK), 0, 4096);
    ck_assert_int_eq(request(IN, 15, BLOCK, 1024, true, NULL), OK);
    ck_assert_uint_eq(*at(BLOCK + 511), 0xa5);
    ck_assert_uint_eq(*at(BLOCK + 512), 17);
}
END_TEST

START_TEST(zeroing)
{
    uint64_t range = BLOCK;
    uint8_t zeros[512] = {0};

    attach_blk(false, 0);
    drive(2, 0xffffffff, 1);
    for (unsigned i = 0; i < 3; i++) {
        memset(at(range), 0, 16);
        at(range)[0] = (uint8_t)(8 + 8 * i);
        at(range)[8] = 8;
        at(range)[12] = i == 2;
        ck_assert_int_eq(request(i ? WRITE_ZEROES : DISCARD, 0, range, 16, false, NULL), OK);
        ck_assert_int_eq(request(IN, 15 + 8 * i, BLOCK + 0x1000, 1024, true, NULL), OK);
        ck_assert_mem_eq(at(BLOCK + 0x1000), zeros, 512);
        ck_assert_uint_eq(at(BLOCK + 0x1200)[0], 17 + 8 * i);
    }
    at(range)[12] = 1;
    ck_assert_int_eq(request(DISCARD, 0, range, 16, false, NULL), UNSUPPORTED);
    at(range)[12] = 2;
    ck_assert_int_eq(request(WRITE_ZEROES, 0, range, 16, false, NULL), UNSUPPORTED);
    memset(at(range), 0xff, 12);
    at(range)[12] = 0;
    ck_assert_int_eq(request(WRITE_ZEROES, 0, range, 16, false, NULL), IOERR);
    ck_assert_int_eq(request(WRITE_ZEROES, 0, range, 8, false, NULL), IOERR);
}
END_TEST

START_TEST(errors)
{
    int64_t n;

    attach_blk(false, 0);
    drive(2, 0xffffffff, 1);
    ck_assert_int_eq(request(IN, SECTORS - 1, BLOCK, 1024, true, &n), IOERR);
    ck_assert_int_eq(n, 1);
    ck_assert_int_eq(request(IN, UINT64_MAX, BLOCK, 1024, true, NULL), IOERR);
    ck_assert_int_eq(request(IN, 1, BLOCK, 1000, true, NULL), IOERR);
    ck_assert_int_eq(request(99, 1, BLOCK, 512, true, NULL), UNSUPPORTED);
    ck_assert_int_eq(request(IN, SECTORS - 1, BLOCK, 512, true, NULL), OK);
}
END_TEST

START_TEST(read_only_disk)
{
    attach_blk(true, 0);
    drive(2, 0xffffffff, 1);
    ck_assert_uint_eq(read_features(0) & 0x6020, 0x20);
    ck_assert_int_eq(request(OUT, 8, BLOCK, 512, false, NULL), IOERR);
    ck_assert_int_eq(request(DISCARD, 0, BLOCK, 16, false, NULL), UNSUPPORTED);
    ck_assert_int_eq(request(IN, 8, BLOCK, 512, true, NULL), OK);
}
END_TEST

START_TEST(identification)
{
    attach_blk(false, 4096);
    drive(2, 0xffffffff, 1);
    ck_assert_int_eq(request(GET_ID, 0, BLOCK, 20, true, NULL), OK);
    ck_assert_str_eq((char *)at(BLOCK), "disk-of-the-test");
    ck_assert_int_eq(command(READ_CONF, 24), 0);
    ck_assert_uint_eq(__builtin_bswap32(get_be32(at(DATA + 20))), 4096);
}
END_TEST

START_TEST(malformed_request_breaks_the_device)
{
    struct ring_part short_header = {HEADER, 15, false}, no_status = {HEADER, 16, false};

    attach_blk(false, 0);
    drive(2, 0xffffffff, 1);
    ck_assert_int_eq(perform(0, _i ? &no_status : &short_header, 1), -1);
    ck_assert_ptr_nonnull(strstr(logged, "no header or no status"));
}
END_TEST

/* Many at once: all come back, in order, at times that do not depend on the host. */
START_TEST(queued_requests_complete_in_order)
{
    struct ring_part parts[3] = {{HEADER, 16, false}, {BLOCK, 512, true}, {STATUS, 1, true}};
    uint64_t begun;
    uint32_t head, bytes;

    attach_blk(false, 0);
    drive(2, VIRTIO_F_INDIRECT_DESC, 1);
    for (unsigned i = 0; i < 80; i++) {
        ring_put(&rings[0], HEADER + 16 * i, IN, 4);
        ring_put(&rings[0], HEADER + 16 * i + 8, i, 8);
        parts[0].address = HEADER + 16 * i;
        parts[1].address = BLOCK + 512 * i;
        parts[2].address = BUFFERS + 0x800 + i;
        ring_add(&rings[0], parts, 3);
    }
    begun = machine.now;
    kick(0);
    ck_assert(!ring_used(&rings[0], &head, &bytes));
    for (unsigned i = 0; i < 80; i++) {
        uint64_t due = begun + 20 * TOD_MICROSECOND + 512 * (i + 1);

        ck_assert_uint_eq(event_next_time(&machine), due);
        pass(due - machine.now);
        ck_assert(ring_used(&rings[0], &head, &bytes));
        ck_assert_uint_eq(head, 3 * i % 256);
        ck_assert_uint_eq(*at(BLOCK + 512 * i), i + 1);
        ck_assert_uint_eq(*at(BUFFERS + 0x800 + i), 0);
    }
    ck_assert(!ring_used(&rings[0], &head, &bytes));
}
END_TEST

START_TEST(reset_drops_requests_in_progress)
{
    struct ring_part parts[3] = {{HEADER, 16, false}, {BLOCK, 512, true}, {STATUS, 1, true}};
    uint32_t head, bytes;

    attach_blk(false, 0);
    drive(2, 0, 1);
    memset(at(HEADER), 0, 16);
    *at(BLOCK) = 0x77;
    ring_add(&rings[0], parts, 3);
    kick(0);
    if (_i == 0)
        machine.io.reset(&machine);
    else if (_i == 1)
        channel_detach(&machine, device);
    else
        device->operations->reset(device, true);
    pass(TOD_SECOND);
    ck_assert(!ring_used(&rings[0], &head, &bytes));
    ck_assert_uint_eq(*at(BLOCK), 0x77);
}
END_TEST

/* ---- Recordings carry what is read ---- */

static struct { struct input_record record; uint8_t *data; } tape[32];
static unsigned tape_count, tape_at;

static void to_tape(void *context, const struct input_record *r, const uint8_t *data)
{
    ck_assert_uint_lt(tape_count, 32);
    tape[tape_count].record = *r;
    tape[tape_count].data = malloc(r->bytes + 1);
    memcpy(tape[tape_count++].data, data, r->bytes);
}

static bool from_tape(void *context, struct input_record *r, const uint8_t **data)
{
    if (tape_at == tape_count)
        return false;
    *r = tape[tape_at].record;
    *data = tape[tape_at++].data;
    return true;
}

/* Reads and writes that overlap in all ways; what was read, one behind the other. */
static void use_disk(uint8_t seen[6][2048])
{
    drive(2, 0xffffffff, 1);
    ck_assert_int_eq(request(IN, 5, BLOCK, 1024, true, NULL), OK);
    memcpy(seen[0], at(BLOCK), 1024);
    memset(at(BLOCK), 0xa5, 512);
    ck_assert_int_eq(request(OUT, 6, BLOCK, 512, false, NULL), OK);
    ck_assert_int_eq(request(OUT, 9, BLOCK, 512, false, NULL), OK);
    ck_assert_int_eq(request(FLUSH, 0, 0, 0, false, NULL), OK);
    for (unsigned i = 1; i < 6; i++) {
        ck_assert_int_eq(request(IN, 2 + 2 * i, BLOCK, 2048, true, NULL), OK);
        memcpy(seen[i], at(BLOCK), 2048);
    }
    ck_assert_int_eq(request(IN, SECTORS - 1, BLOCK, 2048, true, NULL), IOERR);
}

START_TEST(recorded)
{
    static uint8_t live[6][2048], again[6][2048];
    const struct input_recorder recorder = {to_tape, NULL};
    const struct input_source source = {from_tape, NULL};
    size_t bytes = 0;

    tape_count = tape_at = 0;
    input_start_recording(&machine, &recorder, true);
    attach_blk(false, 0);
    use_disk(live);
    ck_assert_uint_eq(tape_count, 1 + 9);
    for (unsigned i = 1; i < tape_count; i++)
        bytes += tape[i].record.bytes;
    /* Sectors 5 and 6, 4, 7, 8 and 10 to 15; none of them twice, and what was written not at all. */
    ck_assert_uint_eq(bytes, 9 * 4 + 11 * 512 + 7 * 12);
    end_machine();
    make_machine();
    input_start_replay(&machine, &source);
    strcpy(path, "/nonexistent/image");
    {
        struct block_image_parameters i = {.path = path, .machine = &machine, .number = 3};
        struct virtio_blk_parameters p = {.serial = "disk-of-the-test"};
        char problem[BLOCK_PROBLEM_BYTES];

        p.image = block_image_open(&i, problem);
        ck_assert_msg(p.image != NULL, "%s", problem);
        attach(virtio_blk_create(&machine, &p));
    }
    use_disk(again);
    ck_assert(!input_diverged(&machine));
    ck_assert_uint_eq(tape_at, tape_count);
    ck_assert_mem_eq(again, live, sizeof live);
    for (unsigned i = 0; i < tape_count; i++)
        free(tape[i].data);
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {configuration, 0},
        {legacy_configuration_is_big_endian, 0},
        {reads_writes_and_flushes, 3},
        {zeroing, 0},
        {errors, 0},
        {read_only_disk, 0},
        {identification, 0},
        {malformed_request_breaks_the_device, 2},
        {queued_requests_complete_in_order, 0},
        {reset_drops_requests_in_progress, 3},
        {recorded, 0},
    };

    return run_tests("virtio-blk", tests, sizeof tests / sizeof *tests, make_machine, end_machine);
}
