/* SPDX-License-Identifier: MIT */
#include "trace/tally.h"

#include <stdlib.h>

#include "trace/problem.h"

static struct tally_entry *place(struct tally_entry *entries, size_t room, unsigned level, uint64_t key)
{
    size_t i = ((key ^ (uint64_t)level << 60) * 0x9e3779b97f4a7c15ULL >> 20) & (room - 1);

    while (entries[i].used && (entries[i].key != key || entries[i].level != level))
        i = (i + 1) & (room - 1);
    return &entries[i];
}

static void grow(struct tally *t)
{
    size_t room = t->room ? 2 * t->room : 256;
    struct tally_entry *entries = trace_allocate(room * sizeof *entries);

    for (size_t i = 0; i < t->room; i++)
        if (t->entries[i].used)
            *place(entries, room, t->entries[i].level, t->entries[i].key) = t->entries[i];
    free(t->entries);
    t->entries = entries;
    t->room = room;
}

struct tally_entry *tally_of(struct tally *t, unsigned level, uint64_t key)
{
    struct tally_entry *e;

    if (2 * t->count >= t->room)
        grow(t);
    e = place(t->entries, t->room, level, key);
    if (!e->used) {
        *e = (struct tally_entry){.key = key, .level = level, .used = true};
        t->count++;
    }
    return e;
}

/* Ties in order of keys, so that the same trace gives the same lines. */
static int ties(const struct tally_entry *x, const struct tally_entry *y)
{
    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

static int by_cycles(const void *a, const void *b)
{
    const struct tally_entry *x = a, *y = b;

    return x->cycles != y->cycles ? (x->cycles > y->cycles ? -1 : 1) : ties(x, y);
}

static int by_count(const void *a, const void *b)
{
    const struct tally_entry *x = a, *y = b;

    return x->count != y->count ? (x->count > y->count ? -1 : 1) : ties(x, y);
}

void tally_sort(struct tally *t, bool cycles)
{
    size_t n = 0;

    for (size_t i = 0; i < t->room; i++)
        if (t->entries[i].used)
            t->entries[n++] = t->entries[i];
    if (n)
        qsort(t->entries, n, sizeof *t->entries, cycles ? by_cycles : by_count);
}

void tally_release(struct tally *t)
{
    free(t->entries);
    *t = (struct tally){0};
}
