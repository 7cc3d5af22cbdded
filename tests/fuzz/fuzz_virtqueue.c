/* SPDX-License-Identifier: MIT */
/*
 * Rings made of fuzz data under a virtqueue: whatever they hold, nothing
 * outside guest storage is touched and every call returns soon.
 */
#include "channel/virtqueue.h"
#include "fuzz.h"

enum { STORAGE = 1 << 20, SIZE = 16, RING = 0x8000 };

/* The data become descriptors, rings and an indirect table. */
static void scatter(struct storage *s, const uint8_t *data, size_t size)
{
    static const uint64_t where[] = {RING, RING + 16 * SIZE, 0x2000, RING + 0x1000};

    for (size_t i = 0; i < size; i++) {
        uint64_t at = where[i % 4] + i / 4;

        s->bytes[at] = data[i];
    }
    /* Half of the time the available index says what a sane driver's would. */
    if (size && data[0] & 1) {
        s->bytes[RING + 16 * SIZE + 2] = data[0] >> 4;
        s->bytes[RING + 16 * SIZE + 3] = 0;
    }
}

static void use(struct virtqueue *q, struct virtqueue_chain *chain)
{
    uint8_t bytes[512] = {0};

    for (unsigned i = 0; i < 40 && virtqueue_take(q, chain); i++) {
        uint64_t n = virtqueue_read(q, chain, i, bytes, sizeof bytes);

        FUZZ_ASSERT(n <= sizeof bytes && n <= chain->readable_bytes);
        n = virtqueue_write(q, chain, i, bytes, sizeof bytes);
        FUZZ_ASSERT(n <= sizeof bytes && n <= chain->writable_bytes);
        if (i % 5 == 4)
            virtqueue_untake(q);
        else
            virtqueue_give(q, chain->head, (uint32_t)n);
        virtqueue_interrupts(q);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct machine machine;
    struct virtqueue q = {0};
    struct virtqueue_chain chain = {0};

    if (size < 4 || size > 8192)
        return 0;
    machine_init(&machine);
    machine.storage = storage_create(&machine, STORAGE);
    q.storage = machine.storage;
    q.largest = SIZE;
    q.big_endian = data[1] & 1;
    q.event_index = data[1] & 2;
    q.indirect = data[1] & 4;
    scatter(machine.storage, data + 2, size - 2);
    if (data[1] & 8 ? virtqueue_set_legacy(&q, SIZE, RING, 4096)
                    : virtqueue_set(&q, SIZE, RING, RING + 16 * SIZE, RING + 0x1000))
        use(&q, &chain);
    virtqueue_chain_release(&chain);
    storage_release(machine.storage);
    machine_release(&machine);
    return 0;
}

/* A chain of descriptors in the data's order of scatter(): every fourth byte goes to the table. */
size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    uint8_t table[16 * SIZE] = {0};

    if (n >= 16 || room < 2 + 4 * sizeof table)
        return 0;
    memset(data, 0, 2 + 4 * sizeof table);
    data[1] = (uint8_t)n;
    data[2] = 0x41; /* four heads are available */
    for (unsigned i = 0; i < SIZE; i++) {
        put_be64(table + 16 * i, n & 1 ? 0x4000 + 64 * i : __builtin_bswap64(0x4000 + 64 * i));
        put_be32(table + 16 * i + 8, n & 1 ? 64 : __builtin_bswap32(64));
        put_be16(table + 16 * i + 12, n & 1 ? (i & 1) * 3 : (uint16_t)((i & 1) * 3 << 8));
        put_be16(table + 16 * i + 14, n & 1 ? (uint16_t)(i + 1) : (uint16_t)((i + 1) << 8));
    }
    for (unsigned i = 0; i < sizeof table; i++)
        data[2 + 4 * i] = i ? table[i] : data[2];
    return 2 + 4 * sizeof table;
}
