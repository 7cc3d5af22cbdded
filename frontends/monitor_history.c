/* SPDX-License-Identifier: MIT */
/** Commands about the machine's past. */
#include <stdio.h>
#include <stdlib.h>

#include "monitor_internal.h"
#include "sienna_history.h"

/* A name for a place. */
struct monitor_bookmark {
    struct monitor_bookmark *next;
    uint64_t position;
    char name[32];
};

void monitor_bookmarks_release(struct monitor *m)
{
    while (m->bookmarks) {
        struct monitor_bookmark *b = m->bookmarks;

        m->bookmarks = b->next;
        free(b);
    }
}

static struct monitor_bookmark *find(const struct monitor *m, const char *name)
{
    struct monitor_bookmark *b = m->bookmarks;

    while (b && strcmp(b->name, name))
        b = b->next;
    return b;
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* The session's CPU. */
static struct sienna_thread present(const struct monitor_call *call)
{
    return (struct sienna_thread){0, *call->cpu};
}

/* Where the machine stands, after going there. */
static json_t *stand(struct monitor_call *call, struct sienna_thread thread, const char *why)
{
    struct monitor *m = call->monitor;
    json_t *value = monitor_where_thread(m, thread);

    monitor_note_stop(m, "history", why);
    json_object_set_new(value, "position", number(sienna_position(m->sienna)));
    if (sienna_history_past(m->sienna))
        json_object_set_new(value, "history", json_string(why));
    return value;
}

json_t *monitor_do_position(struct monitor_call *call)
{
    struct monitor *m = call->monitor;
    json_t *value = json_object();
    uint64_t first, last;

    json_object_set_new(value, "position", number(sienna_position(m->sienna)));
    if (sienna_history_range(m->sienna, &first, &last)) {
        json_object_set_new(value, "first", number(first));
        json_object_set_new(value, "last", number(last));
        json_object_set_new(value, "past", json_boolean(sienna_history_past(m->sienna)));
    }
    return value;
}

static bool place_of(struct monitor_call *call, uint64_t *position)
{
    const char *text = monitor_text(call, "position");
    const struct monitor_bookmark *b = find(call->monitor, text);
    char *end;

    if (b) {
        *position = b->position;
        return true;
    }
    *position = strtoull(text, &end, 0);
    if (*text >= '0' && *text <= '9' && !*end)
        return true;
    return monitor_fail(call, "'%s' is neither a position nor a bookmark", text) != NULL;
}

static void stop(struct monitor *m)
{
    m->host.set_stopped(m->host.context, true);
}

json_t *monitor_do_go(struct monitor_call *call)
{
    uint64_t position;

    if (!place_of(call, &position))
        return NULL;
    stop(call->monitor);
    if (!sienna_history_go(call->monitor->sienna, position, call->problem))
        return NULL;
    return stand(call, present(call), "in the past");
}

static json_t *reversed(struct monitor_call *call, struct sienna_thread thread, enum sienna_reverse result)
{
    if (result == SIENNA_REVERSE_FAILED)
        return NULL;
    return stand(call, thread, result == SIENNA_REVERSE_BEGIN ? "the beginning of history" : "in the past");
}

/* The arguments "guest" and "cpu": a CPU of level 1, or a virtual CPU of a guest (default: its first). */
static bool thread_argument(struct monitor_call *call, struct sienna_thread *thread)
{
    struct sienna_thread_info info;
    uint64_t cpu = 0;

    if (!monitor_guest(call, &thread->guest))
        return false;
    if (!thread->guest)
        return monitor_cpu(call, &thread->cpu);
    if (!monitor_number(call, "cpu", 0, SIENNA_ANY_CPU - 1, &cpu))
        return false;
    thread->cpu = (unsigned)cpu;
    if (sienna_thread(call->monitor->sienna, *thread, &info))
        return true;
    monitor_fail(call, "guest %u has no CPU %u; threads lists them", thread->guest, thread->cpu);
    return false;
}

json_t *monitor_do_reverse_step(struct monitor_call *call)
{
    struct sienna_thread thread = {.guest = 0};
    uint64_t count = 1;

    if (!monitor_number(call, "count", 1, 1000000, &count) || !thread_argument(call, &thread))
        return NULL;
    stop(call->monitor);
    return reversed(call, thread, sienna_reverse_step(call->monitor->sienna, thread, true, count, call->problem));
}

json_t *monitor_do_reverse_continue(struct monitor_call *call)
{
    stop(call->monitor);
    return reversed(call, present(call), sienna_reverse_continue(call->monitor->sienna, call->problem));
}

json_t *monitor_do_last_store(struct monitor_call *call)
{
    enum sienna_space space = SIENNA_ABSOLUTE;
    struct sienna_translation t;
    uint64_t address, bytes = 8;
    unsigned cpu;

    if (!monitor_cpu(call, &cpu) || !monitor_address(call, cpu, &space, &address) ||
        !monitor_number(call, "count", 1, 4096, &bytes))
        return NULL;
    if (!sienna_translate(call->monitor->sienna, cpu, space, address, &t) || t.code)
        return monitor_fail(call, "there is no storage at that address");
    stop(call->monitor);
    return reversed(call, present(call),
                    sienna_reverse_to_store(call->monitor->sienna, t.absolute, bytes, call->problem));
}

json_t *monitor_do_bookmark(struct monitor_call *call)
{
    struct monitor *m = call->monitor;
    const char *name = monitor_text(call, "name");
    struct monitor_bookmark *b = find(m, name);

    if (strlen(name) >= sizeof b->name || (*name >= '0' && *name <= '9'))
        return monitor_fail(call, "a bookmark has a name of at most %zu characters that is no number",
                            sizeof b->name - 1);
    if (!b) {
        b = calloc(1, sizeof *b);
        if (!b)
            return monitor_fail(call, "the host has no memory left");
        snprintf(b->name, sizeof b->name, "%s", name);
        b->next = m->bookmarks;
        m->bookmarks = b;
    }
    b->position = sienna_position(m->sienna);
    return json_pack("{s:s, s:o}", "bookmark", b->name, "position", number(b->position));
}

json_t *monitor_do_bookmarks(struct monitor_call *call)
{
    json_t *list = json_array();

    for (const struct monitor_bookmark *b = call->monitor->bookmarks; b; b = b->next)
        json_array_append_new(list, json_pack("{s:s, s:o}", "bookmark", b->name, "position", number(b->position)));
    return json_pack("{s:o}", "bookmarks", list);
}
