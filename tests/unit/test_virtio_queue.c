/* SPDX-License-Identifier: MIT */
/* Virtqueues: both byte orders, indirect tables, event index, and rings that break the rules. */
#include <check.h>

#include "channel/virtqueue.h"
#include "unit/suite.h"
#include "virtio_ring.h"

enum { BASE = 0x10000, BUFFER = 0x40000, TABLE = 0x30000, SIZE = 8 };

static struct machine machine;
static struct storage *storage;
static struct virtqueue queue;
static struct virtqueue_chain chain;
static struct ring ring;

static void set_up(bool big_endian)
{
    machine_init(&machine);
    storage = machine.storage = storage_create(&machine, 1 << 20);
    queue = (struct virtqueue){.storage = storage, .largest = SIZE, .big_endian = big_endian};
    chain = (struct virtqueue_chain){0};
    ring = ring_make(storage, BASE, SIZE, big_endian);
    if (big_endian)
        ck_assert(virtqueue_set_legacy(&queue, SIZE, BASE, 4096));
    else
        ck_assert(virtqueue_set(&queue, SIZE, ring.descriptors, ring.available, ring.used));
}

static void tear_down(void)
{
    virtqueue_chain_release(&chain);
    storage_release(storage);
    machine_release(&machine);
}

static void round_trip(bool big_endian)
{
    struct ring_part parts[] = {{BUFFER, 3, false}, {BUFFER + 0x100, 5, false}, {BUFFER + 0x200, 4, true},
                                {BUFFER + 0x300, 4, true}};
    uint32_t head, bytes;
    bool good = true;
    char text[8];

    set_up(big_endian);
    memcpy(storage->bytes + BUFFER, "abc", 3);
    memcpy(storage->bytes + BUFFER + 0x100, "defgh", 5);
    /* Often enough to go round the table and the 16-bit indexes; Check's assertions would be slow here. */
    for (unsigned i = 0; i < 70000 && good; i++) {
        uint16_t made = ring_add(&ring, parts, 4);

        good = virtqueue_take(&queue, &chain) && chain.readable_bytes == 8 && chain.writable_bytes == 8 &&
               virtqueue_read(&queue, &chain, 1, text, 100) == 7 && !memcmp(text, "bcdefgh", 7) &&
               virtqueue_write(&queue, &chain, 2, "123456789", 9) == 6 &&
               !memcmp(storage->bytes + BUFFER + 0x202, "12", 2) &&
               !memcmp(storage->bytes + BUFFER + 0x300, "3456", 4) && !virtqueue_take(&queue, &chain);
        virtqueue_give(&queue, chain.head, i);
        good = good && ring_used(&ring, &head, &bytes) && head == made && bytes == i;
    }
    ck_assert(good);
    ck_assert(!queue.broken);
    tear_down();
}

START_TEST(little_endian)
{
    round_trip(false);
}
END_TEST

START_TEST(legacy_big_endian)
{
    round_trip(true);
}
END_TEST

START_TEST(indirect_table)
{
    uint64_t total = 0;

    set_up(false);
    queue.indirect = true;
    for (unsigned i = 0; i < 100; i++) {
        ring_descriptor(&ring, TABLE, (uint16_t)i, BUFFER + 64 * i, i + 1,
                        (uint16_t)((i >= 50 ? RING_WRITE : 0) | (i < 99 ? RING_NEXT : 0)), (uint16_t)(i + 1));
        total += i + 1;
    }
    ring_descriptor(&ring, BASE, 3, TABLE, 1600, RING_INDIRECT, 0);
    ring_offer(&ring, 3);
    ck_assert(virtqueue_take(&queue, &chain));
    ck_assert_uint_eq(chain.head, 3);
    ck_assert_uint_eq(chain.readable, 50);
    ck_assert_uint_eq(chain.writable, 50);
    ck_assert_uint_eq(chain.readable_bytes + chain.writable_bytes, total);
    tear_down();
}
END_TEST

START_TEST(interruptions_by_flag)
{
    struct ring_part part = {BUFFER, 16, true};

    set_up(false);
    ck_assert(!virtqueue_interrupts(&queue));
    for (unsigned suppress = 0; suppress < 2; suppress++) {
        ring_put(&ring, ring.available, suppress, 2);
        ring_add(&ring, &part, 1);
        ck_assert(virtqueue_take(&queue, &chain));
        virtqueue_give(&queue, chain.head, 0);
        ck_assert_int_eq(virtqueue_interrupts(&queue), !suppress);
        ck_assert(!virtqueue_interrupts(&queue));
    }
    tear_down();
}
END_TEST

START_TEST(interruptions_by_event_index)
{
    struct ring_part part = {BUFFER, 16, true};
    bool good = true;

    set_up(false);
    queue.event_index = true;
    for (unsigned i = 0; i < 70000 && good; i++) {
        /* Ask for an interruption at every third completion. */
        if (i % 3 == 0)
            ring_put(&ring, ring.available + 4 + 2 * SIZE, i + 2, 2);
        ring_add(&ring, &part, 1);
        good = virtqueue_take(&queue, &chain);
        virtqueue_give(&queue, chain.head, 0);
        good = good && virtqueue_interrupts(&queue) == (i % 3 == 2);
        /* Emptied: we want to hear of the very next chain. */
        good = good && !virtqueue_take(&queue, &chain) &&
               ring_get(&ring, ring.used + 4 + 8 * SIZE, 2) == (uint16_t)(i + 1);
    }
    ck_assert(good);
    tear_down();
}
END_TEST

START_TEST(several_given_at_once)
{
    struct ring_part part = {BUFFER, 16, true};
    uint32_t head, bytes;

    set_up(false);
    for (unsigned i = 0; i < 3; i++) {
        ring_add(&ring, &part, 1);
        ck_assert(virtqueue_take(&queue, &chain));
        virtqueue_place(&queue, i, chain.head, 10 + i);
    }
    ck_assert(!ring_used(&ring, &head, &bytes));
    virtqueue_publish(&queue, 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(ring_used(&ring, &head, &bytes));
        ck_assert_uint_eq(head, i);
        ck_assert_uint_eq(bytes, 10 + i);
    }
    tear_down();
}
END_TEST

START_TEST(untaken_chain_comes_again)
{
    struct ring_part part = {BUFFER, 16, true};

    set_up(false);
    ring_add(&ring, &part, 1);
    ck_assert(virtqueue_take(&queue, &chain));
    virtqueue_untake(&queue);
    ck_assert_uint_eq(virtqueue_waiting(&queue), 1);
    ck_assert(virtqueue_take(&queue, &chain));
    ck_assert_uint_eq(chain.head, 0);
    tear_down();
}
END_TEST

/* What a driver can do wrong; each must break the queue, and nothing else. */
static void loop(void)
{
    ring_descriptor(&ring, BASE, 0, BUFFER, 16, RING_NEXT, 1);
    ring_descriptor(&ring, BASE, 1, BUFFER, 16, RING_NEXT, 0);
    ring_offer(&ring, 0);
}

static void next_too_large(void)
{
    ring_descriptor(&ring, BASE, 0, BUFFER, 16, RING_NEXT, SIZE);
    ring_offer(&ring, 0);
}

static void head_too_large(void)
{
    ring_offer(&ring, SIZE);
}

static void buffer_outside(void)
{
    ring_descriptor(&ring, BASE, 0, (1 << 20) - 8, 16, 0, 0);
    ring_offer(&ring, 0);
}

static void buffer_wraps(void)
{
    ring_descriptor(&ring, BASE, 0, ~0ULL - 3, 16, RING_WRITE, 0);
    ring_offer(&ring, 0);
}

static void read_after_write(void)
{
    ring_descriptor(&ring, BASE, 0, BUFFER, 16, RING_WRITE | RING_NEXT, 1);
    ring_descriptor(&ring, BASE, 1, BUFFER, 16, 0, 0);
    ring_offer(&ring, 0);
}

static void indirect_not_accepted(void)
{
    queue.indirect = false;
    ring_descriptor(&ring, TABLE, 0, BUFFER, 16, 0, 0);
    ring_descriptor(&ring, BASE, 0, TABLE, 16, RING_INDIRECT, 0);
    ring_offer(&ring, 0);
}

static void indirect_in_indirect(void)
{
    ring_descriptor(&ring, TABLE, 0, TABLE + 0x1000, 16, RING_INDIRECT, 0);
    ring_descriptor(&ring, BASE, 0, TABLE, 16, RING_INDIRECT, 0);
    ring_offer(&ring, 0);
}

static void indirect_odd_length(void)
{
    ring_descriptor(&ring, BASE, 0, TABLE, 17, RING_INDIRECT, 0);
    ring_offer(&ring, 0);
}

static void indirect_outside(void)
{
    ring_descriptor(&ring, BASE, 0, 1 << 20, 16, RING_INDIRECT, 0);
    ring_offer(&ring, 0);
}

static void indirect_too_long(void)
{
    for (unsigned i = 0; i < 2000; i++)
        ring_descriptor(&ring, TABLE, (uint16_t)i, BUFFER, 1, RING_NEXT, (uint16_t)(i + 1));
    ring_descriptor(&ring, BASE, 0, TABLE, 16 * 2000, RING_INDIRECT, 0);
    ring_offer(&ring, 0);
}

static void index_jumps(void)
{
    ring_put(&ring, ring.available + 2, SIZE + 1, 2);
}

static void (*const hostile[])(void) = {
    loop,
    next_too_large,
    head_too_large,
    buffer_outside,
    buffer_wraps,
    read_after_write,
    indirect_not_accepted,
    indirect_in_indirect,
    indirect_odd_length,
    indirect_outside,
    indirect_too_long,
    index_jumps,
};

START_TEST(hostile_ring)
{
    struct ring_part part = {BUFFER, 16, true};

    set_up(false);
    queue.indirect = true;
    hostile[_i]();
    ck_assert(!virtqueue_take(&queue, &chain));
    ck_assert(queue.broken);
    ck_assert_ptr_nonnull(queue.fault);
    /* Broken means broken, until set anew. */
    ring_add(&ring, &part, 1);
    ck_assert(!virtqueue_take(&queue, &chain));
    virtqueue_give(&queue, 0, 0);
    ck_assert_uint_eq(ring_get(&ring, ring.used + 2, 2), 0);
    ck_assert(!virtqueue_interrupts(&queue));
    ring = ring_make(storage, BASE, SIZE, false);
    ck_assert(virtqueue_set(&queue, SIZE, ring.descriptors, ring.available, ring.used));
    ring_add(&ring, &part, 1);
    ck_assert(virtqueue_take(&queue, &chain));
    tear_down();
}
END_TEST

START_TEST(bad_settings)
{
    set_up(false);
    ck_assert(!virtqueue_set(&queue, 3, BASE, BASE + 0x1000, BASE + 0x2000));
    ck_assert(!virtqueue_set(&queue, 16, BASE, BASE + 0x1000, BASE + 0x2000));
    ck_assert(!virtqueue_set(&queue, 8, BASE + 8, BASE + 0x1000, BASE + 0x2000));
    ck_assert(!virtqueue_set(&queue, 8, BASE, BASE + 0x1001, BASE + 0x2000));
    ck_assert(!virtqueue_set(&queue, 8, BASE, BASE + 0x1000, BASE + 0x2002));
    ck_assert(!virtqueue_set(&queue, 8, 1 << 20, BASE + 0x1000, BASE + 0x2000));
    ck_assert(!virtqueue_set(&queue, 8, BASE, ~0ULL - 1, BASE + 0x2000));
    ck_assert(!virtqueue_set_legacy(&queue, 8, BASE, 0));
    ck_assert(!virtqueue_set_legacy(&queue, 8, BASE, 3));
    ck_assert(!virtqueue_set_legacy(&queue, 8, BASE + 16, 4096));
    ck_assert(!virtqueue_set_legacy(&queue, 8, ~0ULL & ~4095ULL, 4096));
    ck_assert_uint_eq(queue.size, SIZE);
    ck_assert(virtqueue_set(&queue, 0, 0, 0, 0));
    ck_assert(!virtqueue_take(&queue, &chain));
    tear_down();
}
END_TEST

START_TEST(stores_set_keys)
{
    struct ring_part part = {BUFFER, 4, true};

    set_up(false);
    ring_add(&ring, &part, 1);
    memset(storage->keys, 0, storage->size >> PAGE_SHIFT);
    memset(storage->frames, 0, storage->size >> PAGE_SHIFT);
    ck_assert(virtqueue_take(&queue, &chain));
    ck_assert_uint_eq(storage->keys[BASE >> PAGE_SHIFT], KEY_REFERENCE);
    ck_assert_uint_eq(virtqueue_write(&queue, &chain, 0, "data", 4), 4);
    virtqueue_give(&queue, chain.head, 4);
    ck_assert_uint_eq(storage->keys[BUFFER >> PAGE_SHIFT], KEY_REFERENCE | KEY_CHANGE);
    ck_assert_uint_eq(storage->keys[ring.used >> PAGE_SHIFT], KEY_REFERENCE | KEY_CHANGE);
    ck_assert(storage->frames[BUFFER >> PAGE_SHIFT] & FRAME_DIRTY);
    tear_down();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("virtqueue");
    TCase *tests = tcase_create("virtqueue");

    tcase_add_test(tests, little_endian);
    tcase_add_test(tests, legacy_big_endian);
    tcase_add_test(tests, indirect_table);
    tcase_add_test(tests, interruptions_by_flag);
    tcase_add_test(tests, interruptions_by_event_index);
    tcase_add_test(tests, several_given_at_once);
    tcase_add_test(tests, untaken_chain_comes_again);
    tcase_add_loop_test(tests, hostile_ring, 0, sizeof hostile / sizeof *hostile);
    tcase_add_test(tests, bad_settings);
    tcase_add_test(tests, stores_set_keys);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
