/* SPDX-License-Identifier: MIT */
#include "channel/random_source.h"

static uint32_t rotate(uint32_t v, unsigned by)
{
    return v << by | v >> (32 - by);
}

static void quarter_round(uint32_t s[16], unsigned a, unsigned b, unsigned c, unsigned d)
{
    s[a] += s[b];
    s[d] = rotate(s[d] ^ s[a], 16);
    s[c] += s[d];
    s[b] = rotate(s[b] ^ s[c], 12);
    s[a] += s[b];
    s[d] = rotate(s[d] ^ s[a], 8);
    s[c] += s[d];
    s[b] = rotate(s[b] ^ s[c], 7);
}

static uint32_t get_le32(const uint8_t *p)
{
    return __builtin_bswap32(get_be32(p));
}

/* The block function with a zero nonce; the counter takes two words, as there is one stream per seed. */
static void make_block(struct random_source *r)
{
    static const uint8_t constant[17] = "expand 32-byte k";
    uint32_t start[16], s[16];

    for (unsigned i = 0; i < 4; i++)
        start[i] = get_le32(constant + 4 * i);
    for (unsigned i = 0; i < 8; i++)
        start[4 + i] = get_le32(r->seed + 4 * i);
    start[12] = (uint32_t)r->block;
    start[13] = (uint32_t)(r->block >> 32);
    start[14] = start[15] = 0;
    memcpy(s, start, sizeof s);
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 0; i < 4; i++)
            quarter_round(s, i, 4 + i, 8 + i, 12 + i);
        for (unsigned i = 0; i < 4; i++)
            quarter_round(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
    for (unsigned i = 0; i < 16; i++)
        put_be32(r->bytes + 4 * i, __builtin_bswap32(s[i] + start[i]));
    r->block++;
    r->left = sizeof r->bytes;
}

void random_source_init(struct random_source *r, const uint8_t seed[RANDOM_SEED_BYTES])
{
    *r = (struct random_source){0};
    memcpy(r->seed, seed, RANDOM_SEED_BYTES);
}

void random_source_read(struct random_source *r, uint8_t *to, size_t bytes)
{
    while (bytes) {
        size_t n;

        if (r->left == 0)
            make_block(r);
        n = bytes < r->left ? bytes : r->left;
        memcpy(to, r->bytes + sizeof r->bytes - r->left, n);
        r->left -= (unsigned)n;
        to += n;
        bytes -= n;
    }
}

void random_source_state(struct random_source *r, struct state_walk *walk)
{
    uint64_t block = r->block;
    uint8_t left = (uint8_t)r->left;

    state_u64(walk, "random_block", &block);
    state_u8(walk, "random_left", &left);
    if (walk->complete)
        state_bytes(walk, "random_seed", r->seed, sizeof r->seed);
    state_check(walk, left <= sizeof r->bytes && (block || !left), "there are no such random bytes");
    if (!walk->restoring || walk->refusal)
        return;
    if (block) {
        r->block = block - 1;
        make_block(r);
    }
    r->block = block;
    r->left = left;
}
