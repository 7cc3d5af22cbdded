/* SPDX-License-Identifier: MIT */
#include "storage/version.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { CHUNK_BLOCKS = STORAGE_CHUNK_BLOCKS, CHUNK_BYTES = CHUNK_BLOCKS * PAGE_BYTES };

struct block_copy {
    unsigned references;
    uint8_t bytes[PAGE_BYTES];
};

/* 256 blocks. Versions share chunks, chunks share copies of blocks. */
struct chunk {
    unsigned references;
    struct block_copy *block[CHUNK_BLOCKS]; /* NULL: zeros */
    uint8_t key[CHUNK_BLOCKS], usage[CHUNK_BLOCKS];
    uint8_t offline[CHUNK_BLOCKS]; /* FRAME_OFFLINE or 0 */
};

struct storage_version {
    unsigned references;
    uint64_t chunks;
    struct chunk *chunk[]; /* NULL: like `nothing` */
};

static const struct chunk nothing;

/* ---- References ---- */

static void *allocate(struct storage_track *t, size_t bytes)
{
    t->bytes += bytes;
    return machine_allocate(bytes);
}

static void give_back(struct storage_track *t, void *what, size_t bytes)
{
    t->bytes -= bytes;
    free(what);
}

static void release_block(struct storage_track *t, struct block_copy *b)
{
    if (b && --b->references == 0)
        give_back(t, b, sizeof *b);
}

static void release_chunk(struct storage_track *t, struct chunk *c)
{
    if (!c || --c->references)
        return;
    for (unsigned i = 0; i < CHUNK_BLOCKS; i++)
        release_block(t, c->block[i]);
    give_back(t, c, sizeof *c);
}

static size_t version_bytes(const struct storage_version *v)
{
    return sizeof *v + v->chunks * sizeof v->chunk[0];
}

void storage_version_release(struct storage_track *t, struct storage_version *v)
{
    if (!v || --v->references)
        return;
    for (uint64_t c = 0; c < v->chunks; c++)
        release_chunk(t, v->chunk[c]);
    give_back(t, v, version_bytes(v));
}

struct storage_version *storage_version_new(struct storage_track *t)
{
    uint64_t chunks = (t->storage->size >> PAGE_SHIFT) / CHUNK_BLOCKS;
    struct storage_version *v = allocate(t, sizeof *v + chunks * sizeof v->chunk[0]);

    v->references = 1;
    v->chunks = chunks;
    return v;
}

static const struct chunk *chunk_of(const struct storage_version *v, uint64_t c)
{
    return v->chunk[c] ? v->chunk[c] : &nothing;
}

/* ---- Taking ---- */

static bool all_zeros(const uint8_t *block)
{
    return block[0] == 0 && memcmp(block, block + 1, PAGE_BYTES - 1) == 0;
}

/* Is storage in this chunk what `known` says? Blocks without a stamp after `generation` are not looked at. */
static bool unchanged(const struct storage *s, uint64_t c, const struct chunk *known, uint64_t generation)
{
    uint64_t first = c * CHUNK_BLOCKS;
    uint8_t differs = 0;

    if (s->chunk_stamp[c] > generation || memcmp(s->keys + first, known->key, CHUNK_BLOCKS) ||
        memcmp(s->usage + first, known->usage, CHUNK_BLOCKS))
        return false;
    for (unsigned i = 0; i < CHUNK_BLOCKS; i++)
        differs |= (uint8_t)((s->frames[first + i] & FRAME_OFFLINE) ^ known->offline[i]);
    return !differs;
}

/* A copy of the block; the known one's if it is the same. */
static struct block_copy *copy_block(struct storage_track *t, const uint8_t *bytes, struct block_copy *known)
{
    struct block_copy *b;

    if (known && !memcmp(bytes, known->bytes, PAGE_BYTES)) {
        known->references++;
        return known;
    }
    if (all_zeros(bytes))
        return NULL;
    b = allocate(t, sizeof *b);
    b->references = 1;
    memcpy(b->bytes, bytes, PAGE_BYTES);
    return b;
}

static struct chunk *take_chunk(struct storage_track *t, uint64_t c, const struct chunk *known)
{
    const struct storage *s = t->storage;
    uint64_t first = c * CHUNK_BLOCKS;
    struct chunk *new = allocate(t, sizeof *new);

    new->references = 1;
    memcpy(new->key, s->keys + first, CHUNK_BLOCKS);
    memcpy(new->usage, s->usage + first, CHUNK_BLOCKS);
    for (unsigned i = 0; i < CHUNK_BLOCKS; i++) {
        new->offline[i] = s->frames[first + i] & FRAME_OFFLINE;
        if (s->stamp[first + i] > t->generation) {
            new->block[i] = copy_block(t, s->bytes + ((first + i) << PAGE_SHIFT), known->block[i]);
        } else if (known->block[i]) {
            new->block[i] = known->block[i];
            new->block[i]->references++;
        }
    }
    return new;
}

static void set_base(struct storage_track *t, struct storage_version *v)
{
    v->references++;
    storage_version_release(t, t->base);
    t->base = v;
}

struct storage_version *storage_version_take(struct storage_track *t)
{
    struct storage_version *v = storage_version_new(t);
    uint64_t generation = storage_gather_dirty(t->storage);

    for (uint64_t c = 0; c < v->chunks; c++) {
        const struct chunk *known = chunk_of(t->base, c);

        if (!unchanged(t->storage, c, known, t->generation)) {
            v->chunk[c] = take_chunk(t, c, known);
        } else if (t->base->chunk[c]) {
            v->chunk[c] = t->base->chunk[c];
            v->chunk[c]->references++;
        }
    }
    set_base(t, v);
    t->generation = generation;
    return v;
}

/* Generation 0: whatever has ever been stored into is taken for changed. */
void storage_track_begin(struct storage_track *t, struct storage *storage)
{
    *t = (struct storage_track){.storage = storage};
    t->base = storage_version_new(t);
}

void storage_track_end(struct storage_track *t)
{
    storage_version_release(t, t->base);
    t->base = NULL;
}

/* ---- Restoring ---- */

static void restore_block(struct storage *s, uint64_t f, const struct block_copy *b)
{
    uint8_t *bytes = s->bytes + (f << PAGE_SHIFT);

    if (b ? !memcmp(bytes, b->bytes, PAGE_BYTES) : all_zeros(bytes))
        return;
    storage_stored(s, absolute(f << PAGE_SHIFT), PAGE_BYTES, false);
    if (b)
        memcpy(bytes, b->bytes, PAGE_BYTES);
    else
        memset(bytes, 0, PAGE_BYTES);
}

/* All of it becomes zeros: the host gets its memory back. */
static void discard_chunk(struct storage *s, uint64_t first)
{
    storage_stored(s, absolute(first << PAGE_SHIFT), CHUNK_BYTES, false);
    if (madvise(s->bytes + (first << PAGE_SHIFT), CHUNK_BYTES, MADV_DONTNEED) < 0)
        memset(s->bytes + (first << PAGE_SHIFT), 0, CHUNK_BYTES);
}

static void restore_chunk(struct storage_track *t, uint64_t c, const struct chunk *wanted, const struct chunk *known)
{
    struct storage *s = t->storage;
    uint64_t first = c * CHUNK_BLOCKS;

    if (wanted == &nothing)
        discard_chunk(s, first);
    for (unsigned i = 0; i < CHUNK_BLOCKS; i++) {
        if (wanted != &nothing && (wanted->block[i] != known->block[i] || s->stamp[first + i] > t->generation))
            restore_block(s, first + i, wanted->block[i]);
        s->frames[first + i] = (uint8_t)((s->frames[first + i] & ~FRAME_OFFLINE) | wanted->offline[i]);
    }
    memcpy(s->keys + first, wanted->key, CHUNK_BLOCKS);
    memcpy(s->usage + first, wanted->usage, CHUNK_BLOCKS);
}

void storage_version_restore(struct storage_track *t, struct storage_version *v)
{
    storage_gather_dirty(t->storage);
    for (uint64_t c = 0; c < v->chunks; c++) {
        const struct chunk *wanted = chunk_of(v, c), *known = chunk_of(t->base, c);

        if (wanted != known || !unchanged(t->storage, c, known, t->generation))
            restore_chunk(t, c, wanted, known);
    }
    set_base(t, v);
    /* The blocks just restored are changed ones in the eyes of other tracks. */
    t->generation = storage_gather_dirty(t->storage);
}

/* ---- Block by block ---- */

bool storage_version_get(const struct storage_version *v, uint64_t block, struct storage_block_state *state)
{
    const struct chunk *c = chunk_of(v, block / CHUNK_BLOCKS);
    unsigned i = block % CHUNK_BLOCKS;

    *state = (struct storage_block_state){c->block[i] ? c->block[i]->bytes : NULL, c->key[i], c->usage[i],
                                          c->offline[i] != 0};
    return c->block[i] || c->key[i] || c->usage[i] || c->offline[i];
}

void storage_version_put(struct storage_track *t, struct storage_version *v, uint64_t block,
                         const struct storage_block_state *state)
{
    struct chunk **c = &v->chunk[block / CHUNK_BLOCKS];
    unsigned i = block % CHUNK_BLOCKS;

    if (!*c) {
        *c = allocate(t, sizeof **c);
        (*c)->references = 1;
    }
    release_block(t, (*c)->block[i]);
    (*c)->block[i] = state->bytes ? copy_block(t, state->bytes, NULL) : NULL;
    (*c)->key[i] = state->key;
    (*c)->usage[i] = state->usage;
    (*c)->offline[i] = state->offline ? FRAME_OFFLINE : 0;
}
