/* SPDX-License-Identifier: MIT */
/** Processes and threads: levels and their CPUs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gdbstub/internal.h"

bool gdb_guest(const struct gdb *g, unsigned number, struct sienna_guest *guest)
{
    for (unsigned i = 0; sienna_guest(g->sienna, i, guest); i++)
        if (guest->number == number)
            return true;
    return false;
}

bool gdb_is_attached(const struct gdb *g, unsigned guest)
{
    for (unsigned i = 0; i < g->attached_count; i++)
        if (g->attached[i] == guest)
            return true;
    return false;
}

void gdb_attach(struct gdb *g, unsigned guest)
{
    if (gdb_is_attached(g, guest))
        return;
    g->attached = realloc(g->attached, (g->attached_count + 1) * sizeof *g->attached);
    if (!g->attached)
        abort();
    g->attached[g->attached_count++] = guest;
}

void gdb_unattach(struct gdb *g, unsigned guest)
{
    for (unsigned i = 0; i < g->attached_count; i++)
        if (g->attached[i] == guest) {
            gdb_note_running(g, (struct gdb_thread){guest + 1, ALL});
            g->attached_count--;
            memmove(g->attached + i, g->attached + i + 1, (g->attached_count - i) * sizeof *g->attached);
            return;
        }
}

/* ---- Ids ---- */

void gdb_put_thread(const struct gdb *g, struct text *t, struct gdb_thread thread)
{
    if (g->multiprocess)
        text_say(t, "p%x.%x", thread.process, thread.thread);
    else
        text_say(t, "%x", thread.thread);
}

static bool take_id(struct cursor *c, unsigned *id)
{
    uint64_t number;

    if (take_word(c, "-1")) {
        *id = ALL;
        return true;
    }
    if (!take_hex(c, &number) || number > 0xffff)
        return false;
    *id = (unsigned)number;
    return true;
}

bool gdb_take_thread(const struct gdb *g, struct cursor *c, struct gdb_thread *thread)
{
    *thread = (struct gdb_thread){1, ALL};
    if (!take(c, 'p'))
        return take_id(c, &thread->thread);
    if (!take_id(c, &thread->process))
        return false;
    return !take(c, '.') || take_id(c, &thread->thread);
}

struct sienna_thread gdb_to_thread(struct gdb_thread thread)
{
    return (struct sienna_thread){thread.process - 1, thread.thread - 1};
}

struct gdb_thread gdb_from_thread(struct sienna_thread thread)
{
    return (struct gdb_thread){thread.guest + 1, thread.cpu == SIENNA_ANY_CPU ? 1 : thread.cpu + 1};
}

bool gdb_thread_exists(const struct gdb *g, struct gdb_thread thread)
{
    struct sienna_thread_info info;

    return thread.process && thread.thread && thread.process != ALL && thread.thread != ALL &&
           gdb_is_attached(g, thread.process - 1) && sienna_thread(g->sienna, gdb_to_thread(thread), &info);
}

bool gdb_next_thread(const struct gdb *g, struct gdb_thread *thread)
{
    unsigned at = 0;

    if (thread->process) {
        thread->thread++;
        if (gdb_thread_exists(g, *thread))
            return true;
        while (at < g->attached_count && g->attached[at] + 1 != thread->process)
            at++;
        at++;
    }
    for (; at < g->attached_count; at++) {
        *thread = (struct gdb_thread){g->attached[at] + 1, 1};
        if (gdb_thread_exists(g, *thread))
            return true;
    }
    return false;
}

/* The first thread that `wanted` may mean. */
static bool settle(const struct gdb *g, struct gdb_thread wanted, struct gdb_thread *thread)
{
    if ((wanted.process == ALL || wanted.process == ANY) && g->attached_count)
        wanted.process = gdb_is_attached(g, g->reported.process - 1) ? g->reported.process : g->attached[0] + 1;
    if (wanted.thread == ALL || wanted.thread == ANY)
        wanted.thread = g->reported.process == wanted.process && gdb_thread_exists(g, g->reported)
                            ? g->reported.thread : 1;
    *thread = wanted;
    return gdb_thread_exists(g, wanted);
}

bool gdb_general(struct gdb *g, struct sienna_thread *thread)
{
    struct gdb_thread found;

    if (!settle(g, g->general, &found))
        return false;
    *thread = gdb_to_thread(found);
    return true;
}

struct gdb_thread gdb_some_thread(struct gdb *g)
{
    struct gdb_thread found = {0, 0};

    if (!settle(g, g->general, &found) && !settle(g, (struct gdb_thread){ANY, ANY}, &found))
        found = (struct gdb_thread){1, 1};
    return found;
}

struct gdb_thread gdb_stepping_thread(struct gdb *g)
{
    struct gdb_thread found;

    if (g->control.process && g->control.process != ALL && settle(g, g->control, &found))
        return found;
    return settle(g, g->looked_at, &found) ? found : gdb_some_thread(g);
}

/* ---- Packets ---- */

bool gdb_do_select(struct gdb *g, struct cursor *c, struct text *reply)
{
    bool general = take(c, 'g');
    struct gdb_thread thread, found;

    if ((!general && !take(c, 'c')) || !gdb_take_thread(g, c, &thread) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    if (thread.process == ANY)
        thread.process = ALL;
    if (!settle(g, thread, &found))
        return gdb_error(reply, ERROR_THREAD);
    *(general ? &g->general : &g->control) = thread;
    return gdb_ok(reply);
}

bool gdb_do_alive(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct gdb_thread thread;

    if (!gdb_take_thread(g, c, &thread) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    return gdb_thread_exists(g, thread) ? gdb_ok(reply) : gdb_error(reply, ERROR_THREAD);
}

bool gdb_do_current(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct sienna_thread thread;

    if (!gdb_general(g, &thread))
        return gdb_error(reply, ERROR_THREAD);
    text_say(reply, "QC");
    gdb_put_thread(g, reply, gdb_from_thread(thread));
    return true;
}

bool gdb_do_first_threads(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct gdb_thread thread = {0, 0};

    while (reply->count < GDB_PACKET_BYTES - 32 && gdb_next_thread(g, &thread)) {
        text_say(reply, reply->count ? "," : "m");
        gdb_put_thread(g, reply, thread);
    }
    if (!reply->count)
        text_say(reply, "l");
    return true;
}

bool gdb_do_more_threads(struct gdb *g, struct cursor *c, struct text *reply)
{
    text_say(reply, "l");
    return true;
}

/* ---- In words ---- */

void gdb_thread_name(const struct sienna *s, struct sienna_thread thread, char *text, size_t room)
{
    struct gdb looker = {.sienna = (struct sienna *)(uintptr_t)s};
    struct sienna_guest guest;

    if (!gdb_guest(&looker, thread.guest, &guest))
        snprintf(text, room, "?");
    else if (thread.guest == 0)
        snprintf(text, room, "level 1 CPU %u", thread.cpu);
    else
        snprintf(text, room, "level %u guest %u CPU %u", guest.level, thread.guest, thread.cpu);
}

static void describe(const struct gdb *g, struct sienna_thread thread, char *text, size_t room)
{
    static const char *const states[] = {"stopped", "operating", "check-stop", "load"};
    struct sienna_thread_info info;
    const char *state;

    if (!sienna_thread(g->sienna, thread, &info)) {
        snprintf(text, room, "gone");
        return;
    }
    state = !info.cpu.configured ? "standby" : info.cpu.waiting ? "waiting" : states[info.cpu.state];
    if (thread.guest == 0)
        snprintf(text, room, "%s%s", state, info.cpu.interpreting ? ", in SIE" : "");
    else if (info.machine_cpu < 0)
        snprintf(text, room, "%s, not interpreted now", state);
    else
        snprintf(text, room, "%s, interpreted by CPU %d", state, info.machine_cpu);
}

bool gdb_do_extra_info(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct gdb_thread thread;
    char words[128];

    if (!gdb_take_thread(g, c, &thread) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    if (!gdb_thread_exists(g, thread))
        return gdb_error(reply, ERROR_THREAD);
    describe(g, gdb_to_thread(thread), words, sizeof words);
    text_hex(reply, words, strlen(words));
    return true;
}

bool gdb_threads_document(struct gdb *g, struct text *t)
{
    struct gdb_thread thread = {0, 0};
    struct sienna_thread_info info;
    char words[128];

    text_say(t, "<?xml version=\"1.0\"?>\n<threads>\n");
    while (gdb_next_thread(g, &thread)) {
        sienna_thread(g->sienna, gdb_to_thread(thread), &info);
        text_say(t, "<thread id=\"");
        gdb_put_thread(g, t, thread);
        gdb_thread_name(g->sienna, gdb_to_thread(thread), words, sizeof words);
        text_say(t, "\" name=\"%s\"", words);
        if (info.machine_cpu >= 0)
            text_say(t, " core=\"%d\"", info.machine_cpu);
        describe(g, gdb_to_thread(thread), words, sizeof words);
        text_say(t, ">%s</thread>\n", words);
    }
    text_say(t, "</threads>\n");
    return true;
}

/* ---- info os ---- */

static void column(struct text *t, const char *name, const char *value)
{
    text_say(t, "<column name=\"%s\">", name);
    text_xml(t, value);
    text_say(t, "</column>");
}

static void number_column(struct text *t, const char *name, const char *format, unsigned long long value)
{
    char words[40];

    snprintf(words, sizeof words, format[0] == 'x' ? "%016llx" : "%llu", value);
    column(t, name, words);
}

static void put_process(struct gdb *g, struct text *t, const struct sienna_guest *guest)
{
    text_say(t, "<item>");
    number_column(t, "pid", "u", guest->number + 1);
    number_column(t, "level", "u", guest->level);
    number_column(t, "cpus", "u", guest->cpus);
    column(t, "parent", "");
    t->count -= strlen("</column>");
    if (guest->number)
        text_say(t, "%u", guest->parent + 1);
    text_say(t, "</column>");
    column(t, "attached", gdb_is_attached(g, guest->number) ? "yes" : "no");
    if (guest->number) {
        number_column(t, "origin", "x", guest->origin);
        number_column(t, "last address", "x", guest->limit);
    } else {
        column(t, "origin", "");
        number_column(t, "last address", "x", sienna_storage_bytes(g->sienna) - 1);
    }
    column(t, "command", guest->name);
    text_say(t, "</item>\n");
}

static void put_cpus(struct gdb *g, struct text *t, const struct sienna_guest *guest)
{
    char words[128];

    for (unsigned cpu = 0; cpu < guest->cpus; cpu++) {
        struct sienna_thread thread = {guest->number, cpu};
        struct sienna_thread_info info;

        if (!sienna_thread(g->sienna, thread, &info))
            continue;
        text_say(t, "<item>");
        number_column(t, "pid", "u", guest->number + 1);
        number_column(t, "thread", "u", cpu + 1);
        number_column(t, "psw mask", "x", info.cpu.psw_mask);
        number_column(t, "psw address", "x", info.cpu.psw_address);
        number_column(t, "description", "x", info.description);
        describe(g, thread, words, sizeof words);
        column(t, "state", words);
        text_say(t, "</item>\n");
    }
}

bool gdb_osdata_document(struct gdb *g, const char *kind, struct text *t)
{
    bool processes = !strcmp(kind, "processes"), cpus = !strcmp(kind, "threads");
    struct sienna_guest guest;

    if (*kind && !processes && !cpus)
        return false;
    text_say(t, "<?xml version=\"1.0\"?>\n<osdata type=\"%s\">\n", *kind ? kind : "types");
    if (!*kind) {
        text_say(t, "<item><column name=\"Type\">processes</column><column name=\"Description\">"
                    "Level 1 and the guests that were interpreted</column>"
                    "<column name=\"Title\">Processes</column></item>\n");
        text_say(t, "<item><column name=\"Type\">threads</column><column name=\"Description\">"
                    "CPUs of all levels</column><column name=\"Title\">Threads</column></item>\n");
    }
    for (unsigned i = 0; *kind && sienna_guest(g->sienna, i, &guest); i++) {
        if (processes)
            put_process(g, t, &guest);
        else
            put_cpus(g, t, &guest);
    }
    text_say(t, "</osdata>\n");
    return true;
}
