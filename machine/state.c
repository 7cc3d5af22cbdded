/* SPDX-License-Identifier: MIT */
#include "machine/state.h"

void state_u8(struct state_walk *walk, const char *name, uint8_t *value)
{
    walk->field(walk, name, value, 1);
}

void state_u16(struct state_walk *walk, const char *name, uint16_t *value)
{
    uint8_t bytes[2];

    put_be16(bytes, *value);
    walk->field(walk, name, bytes, sizeof bytes);
    *value = get_be16(bytes);
}

void state_u32(struct state_walk *walk, const char *name, uint32_t *value)
{
    uint8_t bytes[4];

    put_be32(bytes, *value);
    walk->field(walk, name, bytes, sizeof bytes);
    *value = get_be32(bytes);
}

void state_u64(struct state_walk *walk, const char *name, uint64_t *value)
{
    uint8_t bytes[8];

    put_be64(bytes, *value);
    walk->field(walk, name, bytes, sizeof bytes);
    *value = get_be64(bytes);
}

void state_bool(struct state_walk *walk, const char *name, bool *value)
{
    uint8_t byte = *value;

    walk->field(walk, name, &byte, 1);
    *value = byte != 0;
}

void state_count(struct state_walk *walk, const char *name, uint32_t *count, uint32_t most, size_t bytes)
{
    state_u32(walk, name, count);
    if (!walk->restoring)
        return;
    state_check(walk, *count <= most && *count <= walk->room / (bytes ? bytes : 1), "it counts more than can be");
    if (walk->refusal)
        *count = 0;
}

void state_text(struct state_walk *walk, const char *name, char *text, size_t room)
{
    uint32_t count = (uint32_t)strlen(text);

    state_count(walk, name, &count, (uint32_t)room - 1, 1);
    state_bytes(walk, "text", text, count);
    if (walk->restoring)
        text[count] = 0;
}

/* FNV-1a over names and bytes, the state stirred after every field so that high bits matter too. */
static void add(struct state_digest *d, const void *data, size_t count)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < count; i++)
        d->digest = (d->digest ^ bytes[i]) * 0x100000001b3;
    d->digest ^= d->digest >> 29;
}

enum { LANES = 4, LANE_BYTES = 8, RUN_BYTES = LANES * LANE_BYTES };

/*
 * Long fields (blocks of storage, which are nearly all there is) go by words in lanes of their own, which the host
 * multiplies at the same time. Stirred after each word, or a word's high bits would reach only high bits.
 */
static void add_long(struct state_digest *d, const uint8_t *bytes, size_t runs)
{
    uint64_t lane[LANES];

    for (unsigned i = 0; i < LANES; i++)
        lane[i] = d->digest + i;
    for (size_t r = 0; r < runs; r++, bytes += RUN_BYTES)
        for (unsigned i = 0; i < LANES; i++) {
            lane[i] = (lane[i] ^ get_be64(bytes + LANE_BYTES * i)) * 0x9e3779b97f4a7c15;
            lane[i] ^= lane[i] >> 32;
        }
    for (unsigned i = 0; i < LANES; i++) {
        d->digest = (d->digest ^ lane[i]) * 0x9e3779b97f4a7c15;
        d->digest ^= d->digest >> 29;
    }
}

static void digest_field(struct state_walk *walk, const char *name, uint8_t *bytes, size_t count)
{
    struct state_digest *d = (struct state_digest *)walk;

    add(d, name, strlen(name) + 1);
    if (count >= 8 * RUN_BYTES) {
        add_long(d, bytes, count / RUN_BYTES);
        bytes += count / RUN_BYTES * RUN_BYTES;
        count %= RUN_BYTES;
    }
    add(d, bytes, count);
}

static void digest_group(struct state_walk *walk, const char *name, uint32_t index)
{
    struct state_digest *d = (struct state_digest *)walk;
    uint8_t number[4];

    put_be32(number, index);
    add(d, name, strlen(name) + 1);
    add(d, number, sizeof number);
}

void state_digest_begin(struct state_digest *digest)
{
    *digest = (struct state_digest){{.field = digest_field, .group = digest_group}, 0xcbf29ce484222325};
}
