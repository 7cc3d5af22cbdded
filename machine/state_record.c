/* SPDX-License-Identifier: MIT */
/**
 * States as bytes. A record is a string of items: a group is the byte 1, its name and its index (4 bytes);
 * a field is the byte 2, its name, its size (4 bytes) and its bytes. Names are a length byte and characters.
 */
#include <stdio.h>

#include "machine/machine.h"
#include "machine/state.h"

enum { ITEM_GROUP = 1, ITEM_FIELD = 2, SIZE_BYTES = 4, NAME_LONGEST = 255 };

/* ---- Saving ---- */

static uint8_t *extend(struct state_saver *s, size_t count)
{
    if (s->count + count > s->room) {
        s->room = 2 * (s->count + count) + 4096;
        s->bytes = machine_reallocate(s->bytes, s->room);
    }
    s->count += count;
    return s->bytes + s->count - count;
}

static void put_item(struct state_saver *s, uint8_t kind, const char *name, uint32_t number)
{
    size_t length = strlen(name);
    uint8_t *to = extend(s, 2 + length + SIZE_BYTES);

    to[0] = kind;
    to[1] = (uint8_t)length;
    memcpy(to + 2, name, length);
    put_be32(to + 2 + length, number);
}

static void save_field(struct state_walk *walk, const char *name, uint8_t *bytes, size_t count)
{
    struct state_saver *s = (struct state_saver *)walk;

    put_item(s, ITEM_FIELD, name, (uint32_t)count);
    if (count)
        memcpy(extend(s, count), bytes, count);
}

static void save_group(struct state_walk *walk, const char *name, uint32_t index)
{
    put_item((struct state_saver *)walk, ITEM_GROUP, name, index);
}

void state_saver_begin(struct state_saver *saver)
{
    *saver = (struct state_saver){.walk = {.field = save_field, .group = save_group, .complete = true}};
}

/* ---- Loading ---- */

/* An item of the record that is being loaded. */
struct item {
    uint8_t kind;
    char name[NAME_LONGEST + 1];
    uint32_t number;
};

static void complain(struct state_loader *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void complain(struct state_loader *l, const char *format, ...)
{
    va_list arguments;

    if (l->problem[0])
        return;
    va_start(arguments, format);
    vsnprintf(l->problem, sizeof l->problem, format, arguments);
    va_end(arguments);
    if (!l->walk.refusal)
        l->walk.refusal = l->problem;
}

/* The item at loader->at and the bytes it takes; 0 when the record is damaged or ends there. */
static size_t look(const struct state_loader *l, struct item *item)
{
    size_t left = l->count - l->at, length;
    const uint8_t *from = l->bytes + l->at;

    if (left < 2 || left < 2 + (size_t)from[1] + SIZE_BYTES || (from[0] != ITEM_GROUP && from[0] != ITEM_FIELD))
        return 0;
    length = from[1];
    item->kind = from[0];
    memcpy(item->name, from + 2, length);
    item->name[length] = 0;
    item->number = get_be32(from + 2 + length);
    return 2 + length + SIZE_BYTES;
}

/* What a refused value belongs to, once the walk has gone on behind it. */
static bool trouble(struct state_loader *l)
{
    if (l->walk.refusal && !l->problem[0])
        complain(l, "the state's %s cannot be restored: %s", l->where, l->walk.refusal);
    return l->problem[0];
}

/* Names of a hostile file are not shown as they are. */
static const char *shown(struct item *item)
{
    for (char *c = item->name; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    item->name[40] = 0;
    return item->name;
}

static void load_field(struct state_walk *walk, const char *name, uint8_t *bytes, size_t count)
{
    struct state_loader *l = (struct state_loader *)walk;
    struct item item;
    size_t head;

    if (trouble(l))
        return;
    head = look(l, &item);
    if (!head || (item.kind == ITEM_FIELD && item.number > l->count - l->at - head))
        complain(l, "the state ends within its %s, where '%s' is wanted", l->where, name);
    else if (item.kind != ITEM_FIELD || strcmp(item.name, name))
        complain(l, "the state's %s has '%s' where this version wants '%s'", l->where, shown(&item), name);
    else if (item.number != count)
        complain(l, "the state's %s has a '%s' of %u bytes where this machine wants %zu", l->where, name,
                 item.number, count);
    if (l->problem[0])
        return;
    if (count)
        memcpy(bytes, l->bytes + l->at + head, count);
    l->at += head + count;
    walk->room = l->count - l->at;
}

static void load_group(struct state_walk *walk, const char *name, uint32_t index)
{
    struct state_loader *l = (struct state_loader *)walk;
    struct item item;
    size_t head;

    if (trouble(l))
        return;
    head = look(l, &item);
    if (!head)
        complain(l, "the state ends where '%s %u' is wanted", name, index);
    else if (item.kind != ITEM_GROUP || strcmp(item.name, name) || item.number != index)
        complain(l, "the state has '%s' where this machine has '%s %u'", shown(&item), name, index);
    if (l->problem[0])
        return;
    snprintf(l->where, sizeof l->where, "%.60s %u", name, index);
    l->at += head;
    walk->room = l->count - l->at;
}

void state_loader_begin(struct state_loader *loader, const uint8_t *bytes, size_t count)
{
    *loader = (struct state_loader){
        .walk = {.field = load_field, .group = load_group, .restoring = true, .complete = true, .room = count},
        .bytes = bytes, .count = count, .where = "beginning",
    };
}

bool state_loader_end(struct state_loader *l)
{
    if (!trouble(l) && l->at != l->count)
        complain(l, "the state goes on behind its end, after its %s", l->where);
    return !l->problem[0];
}
