/* SPDX-License-Identifier: MIT */
/**
 * Non-stop mode: stops are notified, and fetched one by one. The machine's CPUs stand and go together, but a client
 * lets threads run one by one and believes that the others stand: it is told of each thread's stop once.
 */
#include <stdlib.h>
#include <string.h>

#include "gdbstub/internal.h"

/* ---- What the client knows ---- */

static bool is_told(const struct gdb *g, struct gdb_thread thread)
{
    for (unsigned i = 0; i < g->told_count; i++)
        if (g->told[i].process == thread.process && g->told[i].thread == thread.thread)
            return true;
    return false;
}

static void note_told(struct gdb *g, struct gdb_thread thread)
{
    if (is_told(g, thread))
        return;
    g->told = realloc(g->told, (g->told_count + 1) * sizeof *g->told);
    if (!g->told)
        abort();
    g->told[g->told_count++] = thread;
}

void gdb_note_running(struct gdb *g, struct gdb_thread thread)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < g->told_count; i++)
        if ((thread.process != ALL && thread.process != g->told[i].process) ||
            (thread.thread != ALL && thread.thread != g->told[i].thread))
            g->told[kept++] = g->told[i];
    g->told_count = kept;
}

/* ---- Notices ---- */

static void add(struct gdb *g, struct gdb_thread thread, const struct text *t)
{
    struct gdb_notice *n = malloc(sizeof *n + t->count), **at = &g->notices;

    if (!n)
        abort();
    n->next = NULL;
    n->count = t->count;
    memcpy(n->text, t->bytes, t->count);
    while (*at)
        at = &(*at)->next;
    *at = n;
    note_told(g, thread);
}

/* Threads that have stopped for no reason of their own. */
static void add_others(struct gdb *g)
{
    struct gdb_thread thread = {0, 0};
    struct text t = {0};

    while (gdb_next_thread(g, &thread)) {
        if (is_told(g, thread))
            continue;
        text_clear(&t);
        gdb_put_stop(g, &t, 0, thread, "");
        add(g, thread, &t);
    }
    text_free(&t);
}

/* While notices wait, the client is fetching them, and comes upon new ones. */
static void announce(struct gdb *g, bool waiting)
{
    struct text t = {0};

    if (waiting || !g->notices)
        return;
    text_say(&t, "Stop:");
    text_put(&t, g->notices->text, g->notices->count);
    gdb_notify(g, t.bytes, t.count);
    text_free(&t);
}

void gdb_notify_stop(struct gdb *g, struct gdb_thread thread, const struct text *reply)
{
    bool waiting = g->notices;

    add(g, thread, reply);
    add_others(g);
    announce(g, waiting);
}

void gdb_notify_others(struct gdb *g)
{
    bool waiting = g->notices;

    add_others(g);
    announce(g, waiting);
}

/*
 * GDB 13 fails an assertion of its own when it is told of two stopped threads before its event loop runs. So it hears
 * of one, and of the others when it wants them stopped (interrupt -a) or with the next stop.
 */
void gdb_notice_first(struct gdb *g, struct gdb_thread thread, const struct text *reply)
{
    gdb_forget_notices(g);
    add(g, thread, reply);
}

void gdb_forget_notices(struct gdb *g)
{
    while (g->notices) {
        struct gdb_notice *n = g->notices;

        g->notices = n->next;
        free(n);
    }
    free(g->told);
    g->told = NULL;
    g->told_count = 0;
}

bool gdb_do_vstopped(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct gdb_notice *n = g->notices;

    if (n) {
        g->notices = n->next;
        free(n);
    }
    if (!g->notices)
        return gdb_ok(reply);
    text_put(reply, g->notices->text, g->notices->count);
    return true;
}
