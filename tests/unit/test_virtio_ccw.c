/* SPDX-License-Identifier: MIT */
/* The virtio-ccw transport, with virtio-rng behind it (one queue, no features of its own). */
#include "virtio_fixture.h"

#include "channel/virtio_rng.h"

static void attach_rng(void)
{
    struct virtio_rng_parameters p = {{0}};

    attach(virtio_rng_create(&machine, &p));
}

START_TEST(sense_id_names_the_device_type)
{
    attach_rng();
    ck_assert_int_eq(command(COMMAND_SENSE_ID, 7), 0);
    ck_assert_uint_eq(*at(DATA), 0xff);
    ck_assert_uint_eq(get_be16(at(DATA + 1)), 0x3832);
    ck_assert_uint_eq(at(DATA)[3], 4);
}
END_TEST

START_TEST(revisions)
{
    attach_rng();
    ck_assert_int_eq(set_revision(3), REJECTED);
    put_be16(at(DATA), 1);
    put_be16(at(DATA + 2), 4); /* a payload that no revision has */
    ck_assert_int_eq(command(SET_VIRTIO_REV, 4), REJECTED);
    put_be16(at(DATA), 1);
    ck_assert_int_eq(command(SET_VIRTIO_REV, 3), REJECTED);
    ck_assert_int_eq(command(0x5f, 1), REJECTED); /* unknown: does not settle the revision */
    ck_assert_int_eq(set_revision(2), 0);
    ck_assert_int_eq(set_revision(1), REJECTED);
    ck_assert_int_eq(command(READ_STATUS, 1), 0);
    ck_assert_uint_eq(*at(DATA), 0);
}
END_TEST

START_TEST(disabling_the_subchannel_forgets_the_revision)
{
    uint8_t schib[52];

    attach_rng();
    ck_assert_int_eq(set_revision(1), 0);
    ck_assert_int_eq(command(READ_STATUS, 1), REJECTED);
    for (unsigned enable = 0; enable < 2; enable++) {
        ck_assert_int_eq(machine.io.store(&machine, device->sid, schib), 0);
        schib[5] = enable ? 0x80 : 0;
        ck_assert_int_eq(machine.io.modify(&machine, device->sid, schib), 0);
    }
    ck_assert_int_eq(set_revision(2), 0);
    machine.io.reset(&machine);
    ck_assert_int_eq(machine.io.store(&machine, device->sid, schib), 0);
    put_be16(schib + 4, ISC << 11 | 0x80);
    put_be32(schib + 24, 1);
    ck_assert_int_eq(machine.io.modify(&machine, device->sid, schib), 0);
    ck_assert_int_eq(set_revision(2), 0);
}
END_TEST

START_TEST(a_driver_without_revisions_is_a_legacy_driver)
{
    attach_rng();
    ck_assert_uint_eq(read_features(0) >> 28, 3);
    ck_assert_uint_eq(read_features(1), 0);
    ck_assert_int_eq(set_revision(1), REJECTED);
}
END_TEST

START_TEST(features)
{
    attach_rng();
    ck_assert_int_eq(set_revision(1), 0);
    ck_assert_uint_eq(read_features(1), 1); /* VERSION_1 */
    ck_assert_uint_eq(read_features(2), 0);
    /* Without VERSION_1, or with what was not offered, FEATURES_OK is refused. */
    ck_assert_int_eq(write_status(VIRTIO_FEATURES_OK), REJECTED);
    write_features(1, 1);
    write_features(0, 1 << 10);
    ck_assert_int_eq(write_status(VIRTIO_FEATURES_OK), REJECTED);
    write_features(0, 0);
    ck_assert_int_eq(write_status(VIRTIO_FEATURES_OK), 0);
    ck_assert_int_eq(write_features(0, 1 << 29), REJECTED);
}
END_TEST

START_TEST(queues)
{
    attach_rng();
    ck_assert_int_eq(set_revision(2), 0);
    ck_assert_uint_eq(queue_size(0), 8);
    ck_assert_uint_eq(queue_size(1), 0);
    ck_assert_int_eq(set_queue(0, false), 0);
    put_be16(at(DATA + 14), 16);
    ck_assert_int_eq(command(SET_VQ, 32), REJECTED);
    put_be16(at(DATA + 14), 8);
    put_be16(at(DATA + 12), 1);
    ck_assert_int_eq(command(SET_VQ, 32), REJECTED);
    put_be16(at(DATA + 12), 0);
    ck_assert_int_eq(command(SET_VQ, 31), REJECTED);
}
END_TEST

/* The rng gives bytes through both ring layouts and announces them by classic indicators. */
START_TEST(classic_indicators)
{
    struct ring_part part = {BUFFERS, 64, true};
    uint8_t zeros[64] = {0};

    attach_rng();
    drive((uint16_t)_i, 0, 1);
    ck_assert_int_eq(perform(0, &part, 1), 64);
    ck_assert_mem_ne(at(BUFFERS), zeros, 64);
    ck_assert_uint_eq(get_be64(at(INDICATORS)), 1);
    ck_assert(interrupted());
    ck_assert(!interrupted());
    ring_put(&rings[0], rings[0].available, 1, 2);
    ck_assert_int_eq(perform(0, &part, 1), 64);
    ck_assert(!interrupted());
}
END_TEST

START_TEST(adapter_indicators)
{
    struct ring_part part = {BUFFERS, 64, true};
    struct io_interruption i;

    attach_rng();
    drive(2, 0, 1);
    put_be64(at(DATA), SUMMARY);
    put_be64(at(DATA + 8), BITS);
    put_be64(at(DATA + 16), 19);
    at(DATA)[24] = 5;
    ck_assert_int_eq(command(SET_IND_ADAPTER, 25), REJECTED); /* classic ones are set */
    put_be64(at(DATA), 0);
    ck_assert_int_eq(command(SET_IND, 8), 0);
    put_be64(at(DATA), SUMMARY);
    ck_assert_int_eq(command(SET_IND_ADAPTER, 25), 0);
    ck_assert_int_eq(command(SET_IND, 8), REJECTED);
    ck_assert_int_eq(perform(0, &part, 1), 64);
    ck_assert_uint_eq(at(BITS)[2], 0x10); /* bit 19 from the left */
    ck_assert_uint_ne(*at(SUMMARY), 0);
    ck_assert(machine.io.take_interruption(&machine, 0x80 >> 5, &i));
    ck_assert_uint_eq(i.word, 0x80000000 | 5 << 27);
    /* Summary still on: indicated, not interrupted again. */
    ck_assert_int_eq(perform(0, &part, 1), 64);
    ck_assert(!machine.io.take_interruption(&machine, 0xff, &i));
    /* Taken away again, as Linux does when it lets go of the queues. */
    memset(at(DATA), 0, 25);
    ck_assert_int_eq(command(SET_IND_ADAPTER, 25), 0);
    *at(SUMMARY) = 0;
    ck_assert_int_eq(perform(0, &part, 1), 64);
    ck_assert_uint_eq(*at(SUMMARY), 0);
}
END_TEST

START_TEST(event_index_suppresses)
{
    struct ring_part part = {BUFFERS, 8, true};

    attach_rng();
    drive(2, VIRTIO_F_EVENT_IDX, 1);
    ring_put(&rings[0], rings[0].available + 4 + 2 * 8, 1, 2);
    ck_assert_int_eq(perform(0, &part, 1), 8);
    ck_assert(!interrupted());
    ck_assert_int_eq(perform(0, &part, 1), 8);
    ck_assert(interrupted());
}
END_TEST

START_TEST(broken_ring_needs_a_reset)
{
    struct ring_part part = {BUFFERS, 8, true};

    attach_rng();
    drive(2, 0, 1);
    ring_descriptor(&rings[0], rings[0].descriptors, 0, BUFFERS, 8, RING_NEXT | RING_WRITE, 0);
    ring_offer(&rings[0], 0);
    kick(0);
    ck_assert_ptr_nonnull(strstr(logged, "loops"));
    ck_assert_int_eq(command(READ_STATUS, 1), 0);
    ck_assert_uint_eq(*at(DATA) & VIRTIO_NEEDS_RESET, VIRTIO_NEEDS_RESET);
    ck_assert_uint_eq(get_be64(at(CONFIG_INDICATORS)), 1);
    logged[0] = 0;
    kick(0);
    ck_assert_str_eq(logged, "");
    ck_assert_int_eq(command(VDEV_RESET, 0), 0);
    ck_assert_int_eq(command(READ_STATUS, 1), 0);
    ck_assert_uint_eq(*at(DATA), 0);
    ck_assert_int_eq(perform(0, &part, 1), -1);
}
END_TEST

START_TEST(notification)
{
    attach_rng();
    drive(2, 0, 1);
    ck_assert_int_lt(machine.io.virtio_notify(&machine, device->sid, 1, 0), 0);
    ck_assert_int_lt(machine.io.virtio_notify(&machine, device->sid, 1ULL << 32, 0), 0);
    ck_assert_int_lt(machine.io.virtio_notify(&machine, device->sid + 1, 0, 0), 0);
    ck_assert_int_ge(machine.io.virtio_notify(&machine, device->sid, 0, 0), 0);
}
END_TEST

/* What was made available before DRIVER_OK is not touched before it, and seen with it. */
START_TEST(nothing_happens_before_driver_ok)
{
    struct ring_part part = {BUFFERS, 8, true};
    uint32_t head, bytes;

    attach_rng();
    ck_assert_int_eq(set_revision(2), 0);
    ck_assert_int_eq(write_features(1, 1), 0);
    ck_assert_int_eq(write_status(VIRTIO_FEATURES_OK), 0);
    ck_assert_int_eq(set_queue(0, false), 0);
    ck_assert_int_eq(perform(0, &part, 1), -1);
    ck_assert_int_eq(write_status(VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK), 0);
    ck_assert(ring_used(&rings[0], &head, &bytes));
}
END_TEST

START_TEST(random_bytes_repeat)
{
    static const uint8_t first[8] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90};
    struct ring_part part = {BUFFERS, 8, true};

    attach_rng();
    drive(2, 0, 1);
    ck_assert_int_eq(perform(0, &part, 1), 8);
    /* ChaCha20's key stream for the zero key, as published (RFC 8439, A.1, test vector 1). */
    ck_assert_mem_eq(at(BUFFERS), first, 8);
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {sense_id_names_the_device_type, 0},
        {revisions, 0},
        {disabling_the_subchannel_forgets_the_revision, 0},
        {a_driver_without_revisions_is_a_legacy_driver, 0},
        {features, 0},
        {queues, 0},
        {classic_indicators, 3},
        {adapter_indicators, 0},
        {event_index_suppresses, 0},
        {broken_ring_needs_a_reset, 0},
        {notification, 0},
        {nothing_happens_before_driver_ok, 0},
        {random_bytes_repeat, 0},
    };

    return run_tests("virtio-ccw", tests, sizeof tests / sizeof *tests, make_machine, end_machine);
}
