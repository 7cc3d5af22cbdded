/* SPDX-License-Identifier: MIT */
/**
 * The file server's state in a saved state: the client's handles, by path. Files are opened again where it is
 * restored; what is no longer there fails then, as if it had been deleted under the client's hands.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "channel/p9_internal.h"
#include "machine/machine.h"

enum { LEAST_FID_BYTES = 60, VALUE_LARGEST = 65536 };

static int by_number(const void *a, const void *b)
{
    uint32_t x = (*(struct p9_fid *const *)a)->number, y = (*(struct p9_fid *const *)b)->number;

    return (x > y) - (x < y);
}

/* All handles in the order of their numbers; free() the list. */
static struct p9_fid **sorted(const struct p9_fids *fids)
{
    struct p9_fid **list = machine_allocate(fids->count * sizeof *list);
    unsigned n = 0;

    for (unsigned i = 0; i < P9_FID_BUCKETS; i++)
        for (struct p9_fid *f = fids->bucket[i]; f; f = f->next)
            list[n++] = f;
    qsort(list, n, sizeof *list, by_number);
    return list;
}

/* Nothing but names: a hostile state must not lead out of the folder. */
static bool path_permitted(const char *path)
{
    char name[P9_NAME_LARGEST];

    while (*path) {
        size_t n = strcspn(path, "/");

        if (n >= sizeof name)
            return false;
        memcpy(name, path, n);
        name[n] = 0;
        if (!p9_name_permitted(name) || (path[n] && !path[n + 1]))
            return false;
        path += n + (path[n] != 0);
    }
    return true;
}

/* What a handle is in a state. */
struct handle {
    uint32_t number, user, value_bytes;
    char path[16 * P9_NAME_LARGEST];
    bool open, directory, attribute;
    uint64_t id;
    uint8_t *value;
};

static void describe(struct p9_server *s, const struct p9_fid *f, struct handle *h)
{
    struct stat st;

    *h = (struct handle){.number = f->number, .user = f->user, .open = f->file >= 0, .directory = f->directory,
                         .attribute = f->attribute != P9_NO_ATTRIBUTE, .value = f->value};
    if (strlen(f->path) < sizeof h->path)
        strcpy(h->path, f->path);
    if (f->attribute == P9_ATTRIBUTE_READ && f->value_size <= VALUE_LARGEST)
        h->value_bytes = (uint32_t)f->value_size;
    if (!p9_fid_stat(s, f, &st))
        h->id = p9_ids_qid(&s->ids, &st).path;
}

static void take_up(struct p9_server *s, struct handle *h)
{
    struct p9_fid *f = p9_fids_add(&s->fids, h->number, h->user, p9_path_join(h->path, ""));
    struct stat st;

    if (!f) {
        free(h->value);
        return;
    }
    f->directory = h->directory;
    if (h->open)
        f->file = p9_folder_file(s->folder, f->path, O_RDONLY);
    f->file = f->file < 0 ? -1 : f->file;
    f->attribute = h->attribute ? P9_ATTRIBUTE_READ : P9_NO_ATTRIBUTE;
    f->value = h->value;
    f->value_size = h->value_bytes;
    if (h->id && !p9_fid_stat(s, f, &st))
        p9_ids_set(&s->ids, &st, h->id);
}

static void walk_handle(struct p9_server *s, struct handle *h, struct state_walk *walk)
{
    state_u32(walk, "fid", &h->number);
    state_u32(walk, "user", &h->user);
    state_text(walk, "path", h->path, sizeof h->path);
    state_check(walk, path_permitted(h->path), "a path leads out of its folder");
    state_bool(walk, "open", &h->open);
    state_bool(walk, "directory", &h->directory);
    state_bool(walk, "attribute", &h->attribute);
    state_u64(walk, "id", &h->id);
    state_check(walk, h->id <= s->ids.last, "a file has a number not given yet");
    state_count(walk, "value_bytes", &h->value_bytes, VALUE_LARGEST, 1);
    if (walk->restoring)
        h->value = machine_allocate(h->value_bytes);
    state_bytes(walk, "value", h->value, h->value_bytes);
}

void p9_server_state(struct p9_server *s, struct state_walk *walk)
{
    struct p9_fid **list = sorted(&s->fids);
    struct handle *h = machine_allocate(sizeof *h);
    uint32_t count = s->fids.count;

    /* Numbers are given to the files of all handles before the last one is told. */
    for (uint32_t i = 0; i < count && !walk->restoring; i++)
        describe(s, list[i], h);
    STATE(walk, s, message_size);
    state_check(walk, s->message_size >= P9_MESSAGE_SMALLEST && s->message_size <= P9_MESSAGE_LARGEST,
                "messages have no such size");
    state_u64(walk, "last_id", &s->ids.last);
    state_count(walk, "fids", &count, P9_FIDS_LARGEST, LEAST_FID_BYTES);
    if (walk->restoring) {
        uint64_t last = s->ids.last;

        p9_fids_clear(&s->fids);
        p9_ids_release(&s->ids);
        s->ids.last = last;
    }
    for (uint32_t i = 0; i < count; i++) {
        *h = (struct handle){0};
        if (!walk->restoring)
            describe(s, list[i], h);
        walk_handle(s, h, walk);
        if (walk->restoring && !walk->refusal)
            take_up(s, h);
        else if (walk->restoring)
            free(h->value);
    }
    free(h);
    free(list);
}
