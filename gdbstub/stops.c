/* SPDX-License-Identifier: MIT */
/** What a run has met: who it was and where, in words and in the fields of a stop reply. */
#include <stdio.h>

#include "gdbstub/internal.h"

static void describe_stop(const struct sienna *s, const struct sienna_stop *stop, char *text, size_t room)
{
    static const char *const kinds[] = {
        [SIENNA_STOP_INSTRUCTION] = "breakpoint", [SIENNA_STOP_FETCH] = "fetch", [SIENNA_STOP_STORE] = "store",
        [SIENNA_STOP_ACCESS] = "access", [SIENNA_STOP_KEY] = "storage key", [SIENNA_STOP_CONTROL] = "control register",
        [SIENNA_STOP_ENTRY] = "SIE entry", [SIENNA_STOP_EXIT] = "SIE exit",
        [SIENNA_STOP_PROGRAM] = "program interruption", [SIENNA_STOP_SVC] = "supervisor call",
        [SIENNA_STOP_EXTERNAL] = "external interruption", [SIENNA_STOP_IO] = "I/O interruption",
        [SIENNA_STOP_MACHINE_CHECK] = "machine check", [SIENNA_STOP_RESTART] = "restart", [SIENNA_STOP_SIGP] = "SIGP",
    };
    char who[64], what[64];

    gdb_thread_name(s, stop->thread, who, sizeof who);
    if (stop->cause == SIENNA_CAUSE_STEP) {
        snprintf(text, room, "a step of %s is done", who);
        return;
    }
    if (stop->cause != SIENNA_CAUSE_STOP) {
        snprintf(text, room, stop->cause == SIENNA_CAUSE_POSITION ? "the position is reached" : "it stands");
        return;
    }
    if (stop->kind >= SIENNA_STOP_INSTRUCTION && stop->kind <= SIENNA_STOP_KEY)
        snprintf(what, sizeof what, "at %016llx", (unsigned long long)stop->address);
    else if (stop->kind == SIENNA_STOP_EXIT && stop->number < 0)
        snprintf(what, sizeof what, "for a host %s", stop->number == -2 ? "interruption" : "fault");
    else if (stop->kind == SIENNA_STOP_ENTRY || stop->kind == SIENNA_STOP_RESTART)
        snprintf(what, sizeof what, "seen");
    else
        snprintf(what, sizeof what, "%llx", (unsigned long long)stop->number);
    snprintf(text, room, "%s %s in %s", kinds[stop->kind], what,
             stop->thread.cpu == SIENNA_ANY_CPU ? "the channel subsystem" : who);
}

void gdb_describe_stop(const struct sienna *s, char *text, size_t room)
{
    struct sienna_stop stop;

    sienna_stop_reason(s, &stop);
    describe_stop(s, &stop, text, room);
}

/* The address as the client knows it, which must lie in what it watches. */
static uint64_t watched_address(const struct gdb *g, const struct gdb_point *p, const struct sienna_stop *stop)
{
    uint64_t address = p->address;
    bool keys;

    gdb_space(g, &address, &keys);
    if (keys || stop->address - address >= p->bytes)
        return p->address;
    return p->address + (stop->address - address);
}

static void point_fields(const struct gdb *g, const struct gdb_point *p, const struct sienna_stop *stop, char *text,
                         size_t room)
{
    static const char *const watches[] = {"watch", "rwatch", "awatch"};

    *text = 0;
    if (p->type >= 2)
        snprintf(text, room, "%s:%llx;", watches[p->type - 2], (unsigned long long)watched_address(g, p, stop));
    else if (p->type == 0 ? g->swbreak : g->hwbreak)
        snprintf(text, room, "%s:;", p->type == 0 ? "swbreak" : "hwbreak");
}

/*
 * What GDB does not say itself: who it was. Of breakpoints it does; and where a store has left a watched value as it
 * was, GDB goes on without a word.
 */
static bool worth_telling(struct gdb *g, struct gdb_point *p, struct sienna_thread thread)
{
    return !p || p->type > 2 || (p->type == 2 && gdb_point_changed(g, p, thread));
}

/* A level that is not attached: the CPU of level 1 that is in it. */
static struct gdb_thread attached_thread(struct gdb *g, struct gdb_thread thread)
{
    struct sienna_thread_info info;

    if (gdb_thread_exists(g, thread))
        return thread;
    if (sienna_thread(g->sienna, gdb_to_thread(thread), &info) && info.machine_cpu >= 0)
        thread = (struct gdb_thread){1, (unsigned)info.machine_cpu + 1};
    return gdb_thread_exists(g, thread) ? thread : gdb_some_thread(g);
}

void gdb_tell_point(struct gdb *g, struct gdb_point *p, const struct sienna_stop *stop)
{
    char text[256], fields[64] = "";

    if (p)
        point_fields(g, p, stop, fields, sizeof fields);
    if (g->resumed && worth_telling(g, p, stop->thread)) {
        describe_stop(g->sienna, stop, text, sizeof text);
        text_say(&g->problem, "sienna: %s\n", text);
    }
    gdb_tell_stop(g, 5, attached_thread(g, gdb_from_thread(stop->thread)), fields);
}

void gdb_met_stop(struct gdb *g)
{
    struct sienna_stop stop;

    if (!g->connected)
        return;
    sienna_stop_reason(g->sienna, &stop);
    if (g->step_done)
        gdb_tell_stop(g, 5, attached_thread(g, g->step.thread), "");
    else if (stop.cause == SIENNA_CAUSE_NONE)
        gdb_tell_stop(g, 5, gdb_some_thread(g), "");
    else
        gdb_tell_point(g, stop.cause == SIENNA_CAUSE_STOP ? gdb_find_point(g, stop.id) : NULL, &stop);
}
