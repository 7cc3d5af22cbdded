/* SPDX-License-Identifier: MIT */
/**
 * The user's terminal: raw while the machine runs, as it was before afterwards,
 * whatever happens; and the escape key C-a, by which a person talks to the
 * emulator instead of the guest.
 */
#ifndef SIENNA_FRONTENDS_HOST_TERMINAL_H
#define SIENNA_FRONTENDS_HOST_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Raw mode on standard input, if it is a terminal and this process is in its foreground. */
void host_terminal_enter(void);
/** The mode before. Also done at exit and when a fatal signal ends the process. */
void host_terminal_leave(void);
/** SIGTSTP: leave the terminal, stop this process, and when it continues take the terminal again. */
void host_terminal_suspend(void);
/** SIGCONT: take the terminal again. */
void host_terminal_continued(void);

/** The escape key's state and what it leads to. */
struct host_escape {
    bool active;   /**< C-a was the last byte */
    bool disabled; /**< every byte goes to the guest */
    /** A key after C-a other than h, ? and C-a. False when it means nothing. */
    bool (*command)(void *context, char key);
    /** Bytes for the guest (or whatever has the input). */
    void (*pass)(void *context, const uint8_t *bytes, size_t count);
    /** Text for the person. */
    void (*show)(void *context, const char *text);
    void *context;
};

/** Split what was typed into commands and bytes to pass on. */
void host_escape_type(struct host_escape *escape, const uint8_t *bytes, size_t count);

#endif
