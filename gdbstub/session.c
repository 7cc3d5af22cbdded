/* SPDX-License-Identifier: MIT */
/** What a client and the stub agree upon, documents, the monitor, and coming and going. */
#include <stdlib.h>
#include <string.h>

#include "gdbstub/internal.h"

/* ---- Agreeing ---- */

bool gdb_do_supported(struct gdb *g, struct cursor *c, struct text *reply)
{
    static const char ours[] =
        "QStartNoAckMode+;multiprocess+;swbreak+;hwbreak+;vContSupported+;qXfer:features:read+;"
        "qXfer:memory-map:read+;qXfer:threads:read+;qXfer:osdata:read+;qXfer:exec-file:read+;"
        "ConditionalBreakpoints+;BreakpointCommands+;ReverseStep+;ReverseContinue+;QNonStop+;QPassSignals+;QProgramSignals+;"
        "QDisableRandomization+;binary-upload+";

    g->agreed = true;
    take(c, ':');
    while (!at_end(c)) {
        size_t n = 0;

        while (n < left(c) && c->at[n] != ';')
            n++;
        if (n == 13 && !memcmp(c->at, "multiprocess+", n))
            g->multiprocess = true;
        if (n == 8 && !memcmp(c->at, "swbreak+", n))
            g->swbreak = true;
        if (n == 8 && !memcmp(c->at, "hwbreak+", n))
            g->hwbreak = true;
        c->at += n;
        take(c, ';');
    }
    text_say(reply, "PacketSize=%x;", GDB_PACKET_BYTES);
    text_put(reply, ours, sizeof ours - 1);
    return true;
}

bool gdb_do_no_ack(struct gdb *g, struct cursor *c, struct text *reply)
{
    g->no_ack = true;
    return gdb_ok(reply);
}

bool gdb_do_non_stop(struct gdb *g, struct cursor *c, struct text *reply)
{
    bool on = take(c, '1');

    if ((!on && !take(c, '0')) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    g->non_stop = on;
    gdb_forget_notices(g);
    return gdb_ok(reply);
}

bool gdb_do_extended(struct gdb *g, struct cursor *c, struct text *reply)
{
    g->extended = true;
    return gdb_ok(reply);
}

/* What does not matter to a machine: signals, address-space layout, symbols. */
bool gdb_do_accept(struct gdb *g, struct cursor *c, struct text *reply)
{
    return gdb_ok(reply);
}

/* ---- Documents ---- */

static bool memory_map_document(struct text *t)
{
    /* Logical addresses: which of them have storage is up to the guest's tables, so none is ruled out. */
    text_say(t, "<?xml version=\"1.0\"?>\n<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" "
                "\"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n<memory-map>\n");
    text_say(t, "<memory type=\"ram\" start=\"0x0\" length=\"0x8000000000000000\"/>\n");
    text_say(t, "<memory type=\"ram\" start=\"0x8000000000000000\" length=\"0x8000000000000000\"/>\n</memory-map>\n");
    return true;
}

static bool exec_file_document(struct gdb *g, const char *process, struct text *t)
{
    if (!g->host.exec_file || (*process && strcmp(process, "1")))
        return false;
    text_say(t, "%s", g->host.exec_file);
    return true;
}

static bool make_document(struct gdb *g, const char *object, const char *annex)
{
    struct text *t = &g->document;

    text_clear(t);
    if (!strcmp(object, "features"))
        return !strcmp(annex, "target.xml") && gdb_description_document(g, t);
    if (!strcmp(object, "memory-map"))
        return !*annex && memory_map_document(t);
    if (!strcmp(object, "threads"))
        return !*annex && gdb_threads_document(g, t);
    if (!strcmp(object, "osdata"))
        return gdb_osdata_document(g, annex, t);
    return !strcmp(object, "exec-file") && exec_file_document(g, annex, t);
}

static bool take_name(struct cursor *c, char *name, size_t room)
{
    size_t n = 0;

    while (n < left(c) && c->at[n] != ':')
        n++;
    if (n == left(c) || n >= room)
        return false;
    memcpy(name, c->at, n);
    name[n] = 0;
    c->at += n + 1;
    return true;
}

bool gdb_do_document(struct gdb *g, struct cursor *c, struct text *reply)
{
    static const char *const objects[] = {"features", "memory-map", "threads", "osdata", "exec-file"};
    char object[24], operation[8], annex[24];
    uint64_t offset, count;
    size_t n = 0;

    if (!take_name(c, object, sizeof object))
        return true;
    while (n < sizeof objects / sizeof objects[0] && strcmp(object, objects[n]))
        n++;
    /* An unknown object, or writing: not supported. */
    if (n == sizeof objects / sizeof objects[0] || !take_name(c, operation, sizeof operation) ||
        strcmp(operation, "read"))
        return true;
    if (!take_name(c, annex, sizeof annex) || !take_range(c, ',', &offset, &count) || !at_end(c))
        return gdb_error(reply, 0);
    /* Its beginning is what makes it: a reader sees one state of things. */
    if (!offset && !make_document(g, object, annex))
        return gdb_error(reply, 0);
    if (offset > g->document.count)
        return gdb_error(reply, ERROR_PACKET);
    n = g->document.count - (size_t)offset;
    if (n > count)
        n = (size_t)count;
    /* Escaped, each byte may be two. */
    if (n > GDB_PACKET_BYTES / 2 - 8)
        n = GDB_PACKET_BYTES / 2 - 8;
    text_say(reply, offset + n == g->document.count ? "l" : "m");
    text_binary(reply, g->document.bytes + offset, n);
    return true;
}

/* ---- The monitor ---- */

static void collect(void *context, const char *bytes, size_t count)
{
    text_put(context, bytes, count);
}

static bool own_command(struct gdb *g, const char *line, struct text *out)
{
    if (gdb_monitor_space(g, line, out))
        return true;
    if (strncmp(line, "into", 4) || (line[4] && line[4] != ' '))
        return false;
    if (!strcmp(line, "into on") || !strcmp(line, "into off"))
        g->into = line[6] == 'n';
    else if (line[4])
        text_say(out, "into: say on or off\n");
    text_say(out, "a single step of SIE %s\n", g->into ? "goes into the guest" : "is over when SIE is left");
    return true;
}

bool gdb_do_monitor(struct gdb *g, struct cursor *c, struct text *reply)
{
    static const char more[] = "Of the gdb stub:\n  space [KIND]    what addresses without a prefix are\n"
                               "  into [on|off]   does a single step of SIE go into the guest\n";
    size_t count = left(c) / 2;
    struct sienna_thread thread;
    struct text out = {0};
    char *line;

    if (left(c) % 2)
        return gdb_error(reply, ERROR_PACKET);
    line = calloc(1, count + 1);
    if (!line)
        abort();
    if (!take_bytes(c, (uint8_t *)line, count) || memchr(line, 0, count)) {
        free(line);
        return gdb_error(reply, ERROR_PACKET);
    }
    if (!gdb_general(g, &thread) || thread.guest)
        thread.cpu = 0;
    if (!own_command(g, line, &out))
        g->host.monitor(g->host.context, thread.cpu, line, collect, &out);
    if (!strcmp(line, "help"))
        text_put(&out, more, sizeof more - 1);
    free(line);
    gdb_console(g, out.bytes, out.count);
    text_free(&out);
    return gdb_ok(reply);
}

/* ---- Coming and going ---- */

bool gdb_do_attached(struct gdb *g, struct cursor *c, struct text *reply)
{
    text_say(reply, "1");
    return true;
}

bool gdb_do_attach(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct sienna_guest guest;
    struct gdb_thread thread;
    uint64_t process;

    if (!take_hex(c, &process) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    if (!process || process > SIENNA_ANY_GUEST || !gdb_guest(g, (unsigned)process - 1, &guest))
        return gdb_refuse(reply, "there is no process %llu; info os processes lists them", (unsigned long long)process);
    if (!g->multiprocess && process != 1)
        return gdb_refuse(reply, "this client knows one process only");
    gdb_hold(g);
    g->killed = false;
    gdb_attach(g, guest.number);
    thread = (struct gdb_thread){(unsigned)process, 1};
    g->general = g->reported = g->looked_at = thread;
    text_clear(&g->stop);
    gdb_put_stop(g, &g->stop, 5, thread, "");
    if (!g->non_stop) {
        text_put(reply, g->stop.bytes, g->stop.count);
        return true;
    }
    gdb_send(g, "OK", 2);
    g->resumed = true;
    gdb_tell_stop(g, 0, thread, "");
    return false;
}

static void let_go(struct gdb *g)
{
    gdb_forget_points(g, SIENNA_ANY_GUEST);
    g->attached_count = 0;
    g->step = (struct gdb_step){0};
    g->resumed = false;
}

bool gdb_do_detach(struct gdb *g, struct cursor *c, struct text *reply)
{
    uint64_t process = 0;

    /* After one process was killed all are gone, of which the client may not be aware. */
    if (take(c, ';') && (!take_hex(c, &process) || !process || process > SIENNA_ANY_GUEST ||
                         (!g->killed && !gdb_is_attached(g, (unsigned)process - 1))))
        return gdb_error(reply, ERROR_PACKET);
    if (!at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    if (g->killed)
        return gdb_ok(reply);
    if (process) {
        gdb_forget_points(g, (unsigned)process - 1);
        gdb_unattach(g, (unsigned)process - 1);
    }
    text_clear(&g->stop);
    if (!process || !g->attached_count) {
        let_go(g);
        gdb_start_cpus(g);
        g->met = false;
        if (!g->host.running(g->host.context))
            g->host.set_running(g->host.context, true);
    }
    return gdb_ok(reply);
}

/* The client is done with the machine. An extended one may want it to start again, and if not is seen to go. */
static void kill_machine(struct gdb *g)
{
    gdb_hold(g);
    let_go(g);
    if (g->extended && !g->host.silent)
        g->killed = true;
    else
        g->host.quit(g->host.context);
}

bool gdb_do_kill(struct gdb *g, struct cursor *c, struct text *reply)
{
    kill_machine(g);
    return false;
}

bool gdb_do_vkill(struct gdb *g, struct cursor *c, struct text *reply)
{
    uint64_t process;

    if (!take_hex(c, &process) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    if (process != 1)
        return gdb_refuse(reply, "only process 1, the whole machine, can be killed; detach from others");
    gdb_send(g, "OK", 2);
    kill_machine(g);
    return false;
}

bool gdb_do_restart(struct gdb *g, struct cursor *c, struct text *reply)
{
    char problem[SIENNA_PROBLEM_BYTES];

    gdb_hold(g);
    let_go(g);
    g->killed = false;
    gdb_attach(g, 0);
    g->general = g->control = (struct gdb_thread){1, ANY};
    g->reported = g->looked_at = (struct gdb_thread){1, 1};
    text_clear(&g->stop);
    g->start_cpus = g->mask_written = 0;
    sienna_operate(g->sienna, SIENNA_LOAD_CLEAR, 0, problem);
    return false;
}

void gdb_leave(struct gdb *g)
{
    bool held = g->met && g->attached_count && !g->host.running(g->host.context);

    let_go(g);
    if (g->killed)
        g->host.quit(g->host.context);
    else if (held && (g->was_running || g->resumed_once))
        g->host.set_running(g->host.context, true);
}
