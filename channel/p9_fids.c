/* SPDX-License-Identifier: MIT */
#include "channel/p9_fids.h"

#include <stdlib.h>
#include <unistd.h>

#include "machine/machine.h"

static unsigned slot(uint32_t number)
{
    return number * 0x9e3779b1U >> 22;
}

struct p9_fid *p9_fids_find(const struct p9_fids *fids, uint32_t number)
{
    struct p9_fid *f = fids->bucket[slot(number)];

    while (f && f->number != number)
        f = f->next;
    return f;
}

struct p9_fid *p9_fids_add(struct p9_fids *fids, uint32_t number, uid_t user, char *path)
{
    struct p9_fid *f;

    if (fids->count >= P9_FIDS_LARGEST || p9_fids_find(fids, number)) {
        free(path);
        return NULL;
    }
    f = machine_allocate(sizeof *f);
    f->number = number;
    f->user = user;
    f->path = path;
    f->file = -1;
    f->next = fids->bucket[slot(number)];
    fids->bucket[slot(number)] = f;
    fids->count++;
    return f;
}

static void release(struct p9_fid *f)
{
    if (f->file >= 0)
        close(f->file);
    p9_listing_release(&f->listing);
    free(f->path);
    free(f->attribute_name);
    free(f->value);
    free(f);
}

void p9_fids_remove(struct p9_fids *fids, struct p9_fid *fid)
{
    struct p9_fid **at = &fids->bucket[slot(fid->number)];

    while (*at != fid)
        at = &(*at)->next;
    *at = fid->next;
    fids->count--;
    release(fid);
}

void p9_fids_clear(struct p9_fids *fids)
{
    for (unsigned i = 0; i < P9_FID_BUCKETS; i++)
        while (fids->bucket[i])
            p9_fids_remove(fids, fids->bucket[i]);
}

void p9_fids_renamed(struct p9_fids *fids, const char *from, const char *to)
{
    size_t n = strlen(from), m = strlen(to);

    for (unsigned i = 0; i < P9_FID_BUCKETS; i++)
        for (struct p9_fid *f = fids->bucket[i]; f; f = f->next) {
            char *path;

            if (strncmp(f->path, from, n) || (f->path[n] && f->path[n] != '/'))
                continue;
            path = machine_allocate(m + strlen(f->path + n) + 1);
            memcpy(path, to, m);
            strcpy(path + m, f->path + n);
            free(f->path);
            f->path = path;
        }
}
