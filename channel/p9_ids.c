/* SPDX-License-Identifier: MIT */
#include "channel/p9_ids.h"

#include <stdlib.h>

#include "machine/machine.h"

struct p9_id {
    struct p9_id *next;
    uint64_t device, inode, number;
};

static unsigned slot(const struct p9_ids *ids, uint64_t device, uint64_t inode)
{
    return (unsigned)((inode * 0x9e3779b97f4a7c15ULL ^ device * 0xc2b2ae3d27d4eb4fULL) >> 32) &
           (ids->buckets - 1);
}

static void grow(struct p9_ids *ids)
{
    struct p9_ids larger = {.buckets = ids->buckets ? 2 * ids->buckets : 256};

    larger.bucket = machine_allocate(larger.buckets * sizeof *larger.bucket);
    for (unsigned i = 0; i < ids->buckets; i++)
        while (ids->bucket[i]) {
            struct p9_id *id = ids->bucket[i];
            unsigned to = slot(&larger, id->device, id->inode);

            ids->bucket[i] = id->next;
            id->next = larger.bucket[to];
            larger.bucket[to] = id;
        }
    free(ids->bucket);
    ids->bucket = larger.bucket;
    ids->buckets = larger.buckets;
}

static struct p9_id **find(struct p9_ids *ids, const struct stat *st)
{
    struct p9_id **at = &ids->bucket[slot(ids, st->st_dev, st->st_ino)];

    while (*at && ((*at)->device != st->st_dev || (*at)->inode != st->st_ino))
        at = &(*at)->next;
    return at;
}

/* The entry of a file, made with no number when there is none. */
static struct p9_id *entry(struct p9_ids *ids, const struct stat *st, bool *made)
{
    struct p9_id **at;

    if (ids->count >= ids->buckets)
        grow(ids);
    at = find(ids, st);
    *made = !*at;
    if (*made) {
        *at = machine_allocate(sizeof **at);
        **at = (struct p9_id){NULL, st->st_dev, st->st_ino, 0};
        ids->count++;
    }
    return *at;
}

struct p9_qid p9_ids_qid(struct p9_ids *ids, const struct stat *st)
{
    struct p9_qid qid = {0};
    bool made;
    struct p9_id *id = entry(ids, st, &made);

    if (made)
        id->number = ++ids->last;
    qid.path = id->number;
    qid.type = S_ISDIR(st->st_mode) ? 0x80 : S_ISLNK(st->st_mode) ? 0x02 : 0;
    qid.version = (uint32_t)(st->st_mtim.tv_sec ^ st->st_mtim.tv_nsec ^ (uint64_t)st->st_size << 8);
    return qid;
}

void p9_ids_set(struct p9_ids *ids, const struct stat *st, uint64_t number)
{
    bool made;

    entry(ids, st, &made)->number = number;
}

void p9_ids_forget(struct p9_ids *ids, const struct stat *st)
{
    struct p9_id **at, *gone;

    if (!ids->count)
        return;
    at = find(ids, st);
    gone = *at;
    if (gone) {
        *at = gone->next;
        free(gone);
        ids->count--;
    }
}

void p9_ids_release(struct p9_ids *ids)
{
    for (unsigned i = 0; i < ids->buckets; i++)
        while (ids->bucket[i]) {
            struct p9_id *id = ids->bucket[i];

            ids->bucket[i] = id->next;
            free(id);
        }
    free(ids->bucket);
    *ids = (struct p9_ids){0};
}
