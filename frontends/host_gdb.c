/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "host_gdb.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gdbstub/gdb.h"
#include "host_run.h"

struct host_gdb {
    struct host_run *run;
    struct host_stream *stream;
    struct gdb *gdb;
    char *program;
};

/* ---- What the stub asks for ---- */

static void write_stream(void *context, const void *bytes, size_t count)
{
    host_stream_write(((struct host_gdb *)context)->stream, bytes, count);
}

static void set_running(void *context, bool running)
{
    struct host_gdb *h = context;

    if (running)
        sienna_revive(h->run->sienna);
    else
        monitor_note_stop(h->run->monitor, "gdb", "stopped by gdb");
    pace_set_stopped(&h->run->pace, !running);
}

static bool is_running(const void *context)
{
    return !((const struct host_gdb *)context)->run->pace.stopped;
}

struct listener {
    gdb_text *out;
    void *context;
};

static void hear(void *context, const char *bytes, size_t count)
{
    const struct listener *l = context;

    l->out(l->context, bytes, count);
}

static void perform(void *context, unsigned cpu, const char *line, gdb_text *out, void *out_context)
{
    struct listener l = {out, out_context};

    monitor_perform_line(((struct host_gdb *)context)->run->monitor, &cpu, line, hear, &l);
}

static void quit(void *context)
{
    host_run_quit(((struct host_gdb *)context)->run);
}

/* ---- The stream ---- */

static void received(void *context, const uint8_t *bytes, size_t count)
{
    gdb_receive(((struct host_gdb *)context)->gdb, bytes, count);
}

/* A client that does not read its answers is not read from. Few bytes at a time: each packet may be a long search, and
 * the machine runs in between. */
static size_t room(void *context)
{
    return host_stream_congested(((struct host_gdb *)context)->stream) ? 0 : 512;
}

static void connected(void *context, bool on)
{
    gdb_connected(((struct host_gdb *)context)->gdb, on);
}

/* GDB reads ELF files; a raw kernel image would only make it complain. */
static char *readable_program(const char *program)
{
    char head[4] = "";
    FILE *file = program ? fopen(program, "rb") : NULL;
    bool elf = file && fread(head, 1, sizeof head, file) == sizeof head && !memcmp(head, "\177ELF", 4);

    if (file)
        fclose(file);
    return elf ? realpath(program, NULL) : NULL;
}

struct host_gdb *host_gdb_open(struct host_run *run, const char *text, const char *program,
                               char problem[HOST_PROBLEM_BYTES])
{
    bool socket = !strncmp(text, "tcp:", 4) || !strncmp(text, "unix:", 5);
    struct host_gdb *h = calloc(1, sizeof *h);
    struct host_stream_user user = {h, received, room, connected, gdb_refusal()};
    struct gdb_host host = {h, write_stream, set_running, is_running, perform, quit, NULL, !strncmp(text, "pty", 3)};
    const char *where;
    char *name;

    if (!h || asprintf(&name, "%s%s", text, socket ? ",server=on,wait=off" : "") < 0)
        abort();
    h->run = run;
    h->stream = host_stream_open(run->loop, name, problem);
    free(name);
    if (!h->stream) {
        free(h);
        return NULL;
    }
    h->program = readable_program(program);
    host.exec_file = h->program;
    h->gdb = gdb_create(run->sienna, &host);
    host_stream_use(h->stream, &user);
    if (host_stream_is_connected(h->stream))
        gdb_connected(h->gdb, true);
    where = socket ? strchr(host_stream_name(h->stream), ' ') + 1 : host_stream_name(h->stream);
    if (!host_stream_is_standard(h->stream))
        fprintf(stderr, "sienna: gdb: target extended-remote %s\n", where);
    return h;
}

void host_gdb_close(struct host_gdb *h)
{
    if (!h)
        return;
    gdb_release(h->gdb);
    host_stream_close(h->stream);
    free(h->program);
    free(h);
}

/* ---- What the loop tells ---- */

enum sienna_outcome host_gdb_run(struct host_gdb *h, uint64_t limit)
{
    return gdb_run(h->gdb, limit);
}

bool host_gdb_met_stop(struct host_gdb *h)
{
    gdb_met_stop(h->gdb);
    return gdb_is_connected(h->gdb);
}

void host_gdb_stopped(struct host_gdb *h, const char *text)
{
    gdb_stopped(h->gdb, text);
}

void host_gdb_went_on(struct host_gdb *h)
{
    gdb_went_on(h->gdb);
}

void host_gdb_ended(struct host_gdb *h, int exit_code)
{
    gdb_ended(h->gdb, exit_code);
}

void host_gdb_resume(struct host_gdb *h)
{
    if (room(h))
        host_stream_resume(h->stream);
}

bool host_gdb_is_connected(const struct host_gdb *h)
{
    return gdb_is_connected(h->gdb);
}

bool host_gdb_is_looking(const struct host_gdb *h)
{
    return gdb_is_looking(h->gdb);
}

bool host_gdb_can_answer(const struct host_gdb *h)
{
    return host_stream_can_answer(h->stream);
}
