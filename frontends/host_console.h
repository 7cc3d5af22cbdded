/* SPDX-License-Identifier: MIT */
/**
 * Consoles of the machine on streams of the host.
 *
 * Several consoles may share a stream: everything they write appears, and what
 * is typed goes to the one that wrote last, since that is where the person
 * looks. With the escape key a stream can also carry the monitor.
 */
#ifndef SIENNA_FRONTENDS_HOST_CONSOLE_H
#define SIENNA_FRONTENDS_HOST_CONSOLE_H

#include "host_stream.h"
#include "sienna.h"

struct host_console;

/** What the escape keys do; NULL functions make a key do nothing. */
struct host_console_actions {
    void *context;
    void (*quit)(void *context);
    /** C-a c: the monitor has (true) or loses the keyboard. Without it C-a c does nothing. */
    void (*monitor)(void *context, bool selected);
    /** Bytes typed while the monitor has the keyboard. */
    void (*monitor_typed)(void *context, const uint8_t *bytes, size_t count);
};

/** Put the consoles whose bits (1 << enum sienna_console_kind) are in `kinds` on the stream `text` names. */
struct host_console *host_console_open(struct sienna *sienna, struct host_loop *loop, const char *text,
                                       unsigned kinds, const struct host_console_actions *actions,
                                       char problem[HOST_PROBLEM_BYTES]);
/**
 * Which consoles (bits 1 << enum sienna_console_kind) a program with this command line (NULL: none) may use: the last
 * console= decides, else ASCII and line mode.
 */
unsigned host_console_kinds(const char *command_line);
/** Is this standard output, and did its last line not end yet? What comes next had better begin a new one. */
bool host_console_open_line(const struct host_console *console);
/** Write out what is left and close the stream, after the machine's last run. NULL is permitted. */
void host_console_close(struct host_console *console);

/** Let input flow again that waited for the guest; call after the machine has run. */
void host_console_resume(struct host_console *console);
bool host_console_congested(const struct host_console *console);
bool host_console_can_answer(const struct host_console *console);
/** Text for the person at the console, not the guest's (monitor output, messages). */
void host_console_show(struct host_console *console, const char *text, size_t count);
/** Give the keyboard to the monitor or back to the guest. */
void host_console_select_monitor(struct host_console *console, bool selected);
/** Do its escape keys work (on a terminal, or with mon:)? */
bool host_console_has_keys(const struct host_console *console);
/** Does a person sit there? */
bool host_console_is_terminal(const struct host_console *console);
const char *host_console_name(const struct host_console *console);

#endif
