/* SPDX-License-Identifier: MIT */
/* virtio-net: frames both ways, merged buffers, checksums, a full backlog. */
#include "virtio_fixture.h"

#include "channel/virtio_net.h"

enum { CSUM = 1, GUEST_CSUM = 2, MAC = 1 << 5, MRG_RXBUF = 1 << 15, STATUS = 1 << 16 };
enum { RX, TX, HEADER = 12 };

static uint8_t sent[70000];
static size_t sent_bytes;
static unsigned sent_count;

static void transmit(void *network, const uint8_t *frame, size_t bytes)
{
    ck_assert_ptr_eq(network, &sent_count);
    memcpy(sent, frame, bytes);
    sent_bytes = bytes;
    sent_count++;
}

static void attach_net(void)
{
    struct virtio_net_parameters p = {.number = 2, .checksums_valid = true, .transmit = transmit,
                                      .network = &sent_count};

    sent_count = 0;
    attach(virtio_net_create(&machine, &p));
}

static void receive(const void *frame, size_t bytes)
{
    input_offer(&machine, INPUT_NETWORK, 2, frame, bytes);
    input_pass(&machine);
}

static void buffers(unsigned count, uint32_t bytes)
{
    for (unsigned i = 0; i < count; i++) {
        struct ring_part part = {BUFFERS + 0x1000 * i, bytes, true};

        ring_add(&rings[RX], &part, 1);
    }
}

START_TEST(configuration)
{
    attach_net();
    drive(2, ~0ULL, 2);
    ck_assert_int_eq(command(READ_CONF, 12), 0);
    ck_assert_mem_eq(at(DATA), "\x52\x54\x00\x12\x34\x58", 6);
    ck_assert_uint_eq(at(DATA)[6], 1);
    ck_assert(virtio_net_set_link(device, false));
    ck_assert_uint_eq(get_be64(at(CONFIG_INDICATORS)), 1);
    ck_assert(interrupted());
    ck_assert_int_eq(command(READ_CONF, 12), 0);
    ck_assert_uint_eq(at(DATA)[6], 0);
}
END_TEST

START_TEST(frame_from_the_guest)
{
    /* Legacy without merged buffers has a shorter header. */
    uint32_t header = _i ? 12 : 10;
    struct ring_part parts[2] = {{BUFFERS, header, false}, {BUFFERS + 0x100, 60, false}};

    attach_net();
    drive((uint16_t)_i, MAC | STATUS, 2);
    memset(at(BUFFERS + 0x100), 0x5a, 60);
    ck_assert_int_eq(perform(TX, parts, 2), 0);
    ck_assert_uint_eq(sent_count, 1);
    ck_assert_uint_eq(sent_bytes, 60);
    ck_assert_uint_eq(sent[59], 0x5a);
    /* A header alone, or a frame longer than any: passed over, but given back. */
    ck_assert_int_eq(perform(TX, parts, 1), 0);
    parts[1].bytes = 70000;
    ck_assert_int_eq(perform(TX, parts, 2), 0);
    ck_assert_uint_eq(sent_count, 1);
}
END_TEST

/* The guest asks us to fill in the sum over bytes 20 to the end, at 20 + 2. */
START_TEST(checksum_for_the_guest)
{
    struct ring_part part = {BUFFERS, HEADER + 29, false};
    uint32_t sum = 0;

    attach_net();
    drive(2, CSUM, 2);
    memset(at(BUFFERS), 0, HEADER);
    at(BUFFERS)[0] = 1;
    at(BUFFERS)[6] = 20;
    at(BUFFERS)[8] = 2;
    for (unsigned i = 0; i < 29; i++)
        at(BUFFERS + HEADER)[i] = (uint8_t)(i * 37);
    ck_assert_int_eq(perform(TX, &part, 1), 0);
    ck_assert_uint_eq(sent_bytes, 29);
    sent[29] = 0;
    for (unsigned i = 20; i < 29; i += 2)
        sum += get_be16(sent + i);
    /* The field's first contents took part in the sum. */
    sum += 22 * 37 % 256 << 8 | 23 * 37 % 256;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    ck_assert_uint_eq(sum, 0xffff);
    /* Out of the frame: sent as it is. */
    at(BUFFERS)[6] = 28;
    ck_assert_int_eq(perform(TX, &part, 1), 0);
    ck_assert_mem_eq(sent, at(BUFFERS + HEADER), 29);
}
END_TEST

START_TEST(frame_to_the_guest)
{
    uint8_t frame[1514];
    uint32_t head, bytes;

    attach_net();
    drive(2, GUEST_CSUM, 2);
    buffers(1, 1526);
    memset(frame, 0x33, sizeof frame);
    receive(frame, sizeof frame);
    ck_assert(ring_used(&rings[RX], &head, &bytes));
    ck_assert_uint_eq(bytes, 1526);
    ck_assert_uint_eq(at(BUFFERS)[0], 2);  /* data valid */
    ck_assert_uint_eq(at(BUFFERS)[10], 1); /* buffers */
    ck_assert_mem_eq(at(BUFFERS + HEADER), frame, sizeof frame);
    ck_assert_uint_eq(get_be64(at(INDICATORS)), 1);
    ck_assert(interrupted());
}
END_TEST

START_TEST(merged_buffers)
{
    uint8_t frame[1000], *to;
    uint32_t head, bytes;

    attach_net();
    drive(2, MRG_RXBUF, 2);
    buffers(2, 300);
    for (unsigned i = 0; i < sizeof frame; i++)
        frame[i] = (uint8_t)(i * 7);
    /* Two buffers do not do: nothing is used until there are four. */
    receive(frame, sizeof frame);
    ck_assert(!ring_used(&rings[RX], &head, &bytes));
    buffers(2, 300);
    kick(RX);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert(ring_used(&rings[RX], &head, &bytes));
        ck_assert_uint_eq(head, i);
        ck_assert_uint_eq(bytes, i < 3 ? 300 : 112);
    }
    ck_assert_uint_eq(at(BUFFERS)[10], 4);
    /* The second pair of buffers was offered at the addresses of the first. */
    to = at(BUFFERS + 0x1000);
    ck_assert_mem_eq(to, frame + 888, 112);
}
END_TEST

START_TEST(too_small_a_buffer)
{
    uint8_t frame[100] = {0};

    attach_net();
    drive(2, 0, 2);
    buffers(1, 50);
    receive(frame, sizeof frame);
    ck_assert_ptr_nonnull(strstr(logged, "too small"));
}
END_TEST

START_TEST(backlog_is_bounded_and_ordered)
{
    uint8_t frame[60] = {0};
    uint32_t head, bytes;

    attach_net();
    drive(2, 0, 2);
    for (unsigned i = 0; i < 300; i++) {
        put_be16(frame, (uint16_t)i);
        receive(frame, sizeof frame);
    }
    buffers(200, 100);
    kick(RX);
    for (unsigned i = 0; i < 200; i++) {
        ck_assert(ring_used(&rings[RX], &head, &bytes));
        ck_assert_uint_eq(get_be16(at(BUFFERS + 0x1000 * i + HEADER)), i);
    }
    buffers(200, 100);
    kick(RX);
    for (unsigned i = 0; i < 56; i++) {
        ck_assert(ring_used(&rings[RX], &head, &bytes));
        ck_assert_uint_eq(get_be16(at(BUFFERS + 0x1000 * i + HEADER)), 200 + i);
    }
    ck_assert(!ring_used(&rings[RX], &head, &bytes));
    /* A reset forgets what waits. */
    receive(frame, sizeof frame);
    ck_assert_int_eq(command(VDEV_RESET, 0), 0);
    receive(frame, sizeof frame);
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {configuration, 0}, {frame_from_the_guest, 3}, {checksum_for_the_guest, 0}, {frame_to_the_guest, 0},
        {merged_buffers, 0}, {too_small_a_buffer, 0}, {backlog_is_bounded_and_ordered, 0},
    };

    return run_tests("virtio-net", tests, sizeof tests / sizeof *tests, make_machine, end_machine);
}
