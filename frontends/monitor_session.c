/* SPDX-License-Identifier: MIT */
/** Sessions: lines in, answers out; and what all of them are told. */
#include <stdio.h>
#include <stdlib.h>

#include "host_terminal.h"
#include "monitor_internal.h"

static const char prompt[] = "(sienna) ";

struct monitor_session {
    struct monitor *monitor;
    struct monitor_session *next;
    enum monitor_kind kind;
    monitor_write *write;
    void *context;
    struct monitor_terminal *terminal;
    unsigned cpu;      /* what commands are about unless they say otherwise */
    bool listens;
    bool too_long;     /* the rest of the present line is passed over */
    char *line;
    size_t bytes;
};

struct monitor *monitor_create(struct sienna *sienna, const struct monitor_host *host)
{
    struct monitor *m = calloc(1, sizeof *m);

    if (!m)
        abort();
    m->sienna = sienna;
    m->host = *host;
    return m;
}

void monitor_release(struct monitor *m)
{
    if (!m)
        return;
    monitor_stops_release(m);
    monitor_bookmarks_release(m);
    free(m);
}

static void put(struct monitor_session *s, const char *text)
{
    s->write(s->context, text, strlen(text));
}

static void put_json(struct monitor_session *s, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);

    if (text)
        put(s, text);
    put(s, "\n");
    free(text);
    json_decref(value);
}

static void show_prompt(struct monitor_session *s)
{
    if (s->monitor->quitting)
        return;
    if (s->terminal)
        monitor_terminal_prompt(s->terminal);
    else if (s->kind != MONITOR_JSON)
        put(s, prompt);
}

struct monitor_session *monitor_session_open(struct monitor *m, enum monitor_kind kind, monitor_write *write,
                                             void *context)
{
    struct monitor_session *s = calloc(1, sizeof *s);

    if (!s || !(s->line = malloc(MONITOR_LINE_BYTES)))
        abort();
    s->monitor = m;
    s->kind = kind;
    s->write = write;
    s->context = context;
    if (kind == MONITOR_TERMINAL)
        s->terminal = monitor_terminal_create(s, m, write, context);
    s->next = m->sessions;
    m->sessions = s;
    return s;
}

void monitor_session_close(struct monitor_session *s)
{
    if (!s)
        return;
    for (struct monitor_session **at = &s->monitor->sessions; *at; at = &(*at)->next)
        if (*at == s) {
            *at = s->next;
            break;
        }
    monitor_terminal_release(s->terminal);
    free(s->line);
    free(s);
}

void monitor_session_listen(struct monitor_session *s, bool listens)
{
    if (s->listens == listens)
        return;
    s->listens = listens;
    s->bytes = 0;
    s->too_long = false;
    if (listens && s->terminal)
        monitor_terminal_resize(s->terminal);
    if (listens && s->kind == MONITOR_TERMINAL)
        put(s, "\nThe monitor: help lists commands, TAB completes.\n");
    if (listens)
        show_prompt(s);
}

void monitor_note_stop(struct monitor *m, const char *reason, const char *text)
{
    snprintf(m->reason, sizeof m->reason, "%s", reason);
    snprintf(m->text, sizeof m->text, "%s", text);
}

bool monitor_stopped(struct monitor *m, const char *reason, const char *text)
{
    bool told = false;

    monitor_note_stop(m, reason, text);
    for (struct monitor_session *s = m->sessions; s; s = s->next) {
        if (!s->listens)
            continue;
        told = true;
        if (s->kind == MONITOR_JSON) {
            put_json(s, json_pack("{s:s, s:s, s:s}", "event", "stopped", "reason", reason, "text", text));
            continue;
        }
        put(s, "\nThe machine is stopped: ");
        put(s, text);
        put(s, "\n");
        show_prompt(s);
    }
    return told;
}

/* ---- Lines ---- */

static void show(monitor_write *write, void *context, const struct monitor_command *command, const json_t *value)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    if (!out)
        abort();
    (command->show ? command->show : monitor_show_value)(out, value);
    fclose(out);
    write(context, text, bytes);
    free(text);
}

void monitor_perform_line(struct monitor *m, unsigned *cpu, const char *line, monitor_write *write, void *context)
{
    const struct monitor_command *command;
    char problem[HOST_PROBLEM_BYTES] = "";
    json_t *value = monitor_perform_text(m, cpu, line, &command, problem);

    if (value) {
        show(write, context, command, value);
        json_decref(value);
    } else {
        write(context, problem, strlen(problem));
        write(context, "\n", 1);
    }
}

void monitor_session_line(struct monitor_session *s, const char *line)
{
    bool empty = !line[strspn(line, " \t\r")];

    if (!empty && s->kind == MONITOR_JSON)
        put_json(s, monitor_perform_json(s->monitor, &s->cpu, line));
    else if (!empty)
        monitor_perform_line(s->monitor, &s->cpu, line, s->write, s->context);
    show_prompt(s);
}

static void end_line(struct monitor_session *s)
{
    static const char complaint[] = "the line is too long";

    if (s->bytes && s->line[s->bytes - 1] == '\r')
        s->bytes--;
    s->line[s->bytes] = 0;
    if (!s->too_long && strlen(s->line) == s->bytes) {
        monitor_session_line(s, s->line);
    } else if (s->kind == MONITOR_JSON) {
        put_json(s, json_pack("{s:b, s:s}", "ok", 0, "error",
                              s->too_long ? complaint : "the line holds a zero character"));
    } else {
        put(s, s->too_long ? complaint : "the line holds a zero character");
        put(s, "\n");
        show_prompt(s);
    }
    s->bytes = 0;
    s->too_long = false;
}

void monitor_session_type(struct monitor_session *s, const void *bytes, size_t count)
{
    const char *typed = bytes;

    if (s->terminal) {
        monitor_terminal_type(s->terminal, bytes, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        /* A terminal without line editing sends carriage returns. */
        if (typed[i] == '\n' || (typed[i] == '\r' && s->kind == MONITOR_TERMINAL))
            end_line(s);
        else if (s->bytes + 2 < MONITOR_LINE_BYTES)
            s->line[s->bytes++] = typed[i];
        else
            s->too_long = true;
    }
}

/* ---- On a stream ---- */

struct monitor_stream {
    struct host_stream *stream;
    struct monitor_session *session;
};

static void write_stream(void *context, const char *bytes, size_t count)
{
    struct monitor_stream *s = context;

    host_stream_write(s->stream, bytes, count);
}

static void received(void *context, const uint8_t *bytes, size_t count)
{
    struct monitor_stream *s = context;

    monitor_session_type(s->session, bytes, count);
}

/* A client that does not read its answers is not read from. Few bytes at a time: each may be an answer of
 * many. */
static size_t room(void *context)
{
    struct monitor_stream *s = context;

    return host_stream_congested(s->stream) ? 0 : 512;
}

static void connected(void *context, bool on)
{
    struct monitor_stream *s = context;

    monitor_session_listen(s->session, on);
}

struct monitor_stream *monitor_stream_open(struct monitor *m, struct host_loop *loop, const char *text,
                                           char problem[HOST_PROBLEM_BYTES])
{
    bool json = !strncmp(text, "json:", 5);
    struct monitor_stream *s = calloc(1, sizeof *s);
    struct host_stream_user user = {s, received, room, connected};
    enum monitor_kind kind;

    if (!s)
        abort();
    s->stream = host_stream_open(loop, json ? text + 5 : text, problem);
    if (!s->stream) {
        free(s);
        return NULL;
    }
    kind = json ? MONITOR_JSON
           : host_stream_is_terminal(s->stream) || !strcmp(text, "pty") ? MONITOR_TERMINAL : MONITOR_LINES;
    s->session = monitor_session_open(m, kind, write_stream, s);
    host_stream_use(s->stream, &user);
    if (host_stream_is_terminal(s->stream) && kind == MONITOR_TERMINAL)
        host_terminal_enter();
    if (host_stream_is_connected(s->stream))
        monitor_session_listen(s->session, true);
    return s;
}

void monitor_stream_close(struct monitor_stream *s)
{
    if (!s)
        return;
    monitor_session_close(s->session);
    if (host_stream_is_terminal(s->stream))
        host_terminal_leave();
    host_stream_close(s->stream);
    free(s);
}

void monitor_stream_resume(struct monitor_stream *s)
{
    if (room(s))
        host_stream_resume(s->stream);
}

bool monitor_stream_can_answer(const struct monitor_stream *s)
{
    return host_stream_can_answer(s->stream);
}
