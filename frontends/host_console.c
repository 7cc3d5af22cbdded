/* SPDX-License-Identifier: MIT */
#include "host_console.h"

#include <stdlib.h>
#include <string.h>

#include "host_terminal.h"

/* One of the machine's consoles on the stream. */
struct part {
    struct host_console *whole;
    struct sienna_console *console;
};

struct host_console {
    struct host_stream *stream;
    struct part parts[SIENNA_CONSOLE_KINDS];
    struct part *typed_to; /* who gets what is typed */
    struct host_escape escape;
    struct host_console_actions actions;
    bool monitor_selected;
    bool open_line; /* what was written last did not end its line */
};

void host_console_show(struct host_console *c, const char *text, size_t count)
{
    if (count)
        c->open_line = text[count - 1] != '\n' && text[count - 1] != '\r';
    host_stream_write(c->stream, text, count);
}

static void from_machine(void *context, const uint8_t *bytes, size_t count)
{
    struct part *part = context;

    part->whole->typed_to = part;
    host_console_show(part->whole, (const char *)bytes, count);
}

static size_t room(void *context)
{
    struct host_console *c = context;
    size_t guest = c->monitor_selected ? 4096 : sienna_console_room(c->typed_to->console);

    /* A person's escape key must get through even when the guest does not read. */
    return guest ? guest : host_stream_is_terminal(c->stream) ? 64 : 0;
}

static void received(void *context, const uint8_t *bytes, size_t count)
{
    struct host_console *c = context;

    host_escape_type(&c->escape, bytes, count);
}

static void pass(void *context, const uint8_t *bytes, size_t count)
{
    struct host_console *c = context;

    if (c->monitor_selected)
        c->actions.monitor_typed(c->actions.context, bytes, count);
    else if (sienna_console_room(c->typed_to->console) >= count)
        sienna_console_type(c->typed_to->console, bytes, count);
}

static void show(void *context, const char *text)
{
    struct host_console *c = context;

    host_console_show(c, text, strlen(text));
}

/* Linux's convention: C-o, then the key, on the ASCII console; ^- and the key on a line-mode console. */
static void send_break(struct host_console *c)
{
    const char *text = c->typed_to == &c->parts[SIENNA_CONSOLE_ASCII] ? "\x0f" : "^-";

    sienna_console_type(c->typed_to->console, text, strlen(text));
}

static bool command(void *context, char key)
{
    struct host_console *c = context;

    if (key == 'x' && c->actions.quit)
        c->actions.quit(c->actions.context);
    else if (key == 'c' && c->actions.monitor)
        host_console_select_monitor(c, !c->monitor_selected);
    else if (key == 'b')
        send_break(c);
    else
        return false;
    return true;
}

void host_console_select_monitor(struct host_console *c, bool selected)
{
    if (!c->actions.monitor || c->monitor_selected == selected)
        return;
    c->monitor_selected = selected;
    c->actions.monitor(c->actions.context, selected);
}

unsigned host_console_kinds(const char *command_line)
{
    const char *last = NULL, *at = command_line ? command_line : "";

    while ((at = strstr(at, "console="))) {
        if (at == command_line || at[-1] == ' ')
            last = at;
        at += strlen("console=");
    }
    if (!last)
        return 1u << SIENNA_CONSOLE_ASCII | 1u << SIENNA_CONSOLE_LINE_MODE;
    return 1u << (strncmp(last, "console=ttysclp", 15) ? SIENNA_CONSOLE_LINE_MODE : SIENNA_CONSOLE_ASCII);
}

struct host_console *host_console_open(struct sienna *sienna, struct host_loop *loop, const char *text,
                                       unsigned kinds, const struct host_console_actions *actions,
                                       char problem[HOST_PROBLEM_BYTES])
{
    bool multiplexed = !strncmp(text, "mon:", 4);
    struct host_console *c = calloc(1, sizeof *c);
    struct host_stream_user user = {c, received, room, NULL};

    if (!c)
        abort();
    c->stream = host_stream_open(loop, multiplexed ? text + 4 : text, problem);
    if (!c->stream) {
        free(c);
        return NULL;
    }
    c->actions = *actions;
    c->escape = (struct host_escape){.disabled = !multiplexed && !host_stream_is_terminal(c->stream),
                                     .command = command, .pass = pass, .show = show, .context = c};
    for (unsigned i = 0; i < SIENNA_CONSOLE_KINDS; i++)
        if (kinds >> i & 1) {
            c->parts[i].whole = c;
            c->parts[i].console = sienna_console_open(sienna, i, host_stream_is_terminal(c->stream), from_machine,
                                                      &c->parts[i]);
            c->typed_to = &c->parts[i];
        }
    host_stream_use(c->stream, &user);
    if (host_stream_is_terminal(c->stream))
        host_terminal_enter();
    return c;
}

bool host_console_open_line(const struct host_console *c)
{
    return c->open_line && host_stream_is_standard(c->stream);
}

void host_console_close(struct host_console *c)
{
    if (!c)
        return;
    if (host_stream_is_terminal(c->stream))
        host_terminal_leave();
    host_stream_close(c->stream);
    free(c);
}

void host_console_resume(struct host_console *c)
{
    if (room(c))
        host_stream_resume(c->stream);
}

bool host_console_congested(const struct host_console *c)
{
    return host_stream_congested(c->stream);
}

bool host_console_can_answer(const struct host_console *c)
{
    return host_stream_can_answer(c->stream);
}

bool host_console_has_keys(const struct host_console *c)
{
    return !c->escape.disabled;
}

bool host_console_is_terminal(const struct host_console *c)
{
    return host_stream_is_terminal(c->stream);
}

const char *host_console_name(const struct host_console *c)
{
    return host_stream_name(c->stream);
}
