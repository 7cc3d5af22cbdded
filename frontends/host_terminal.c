/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "host_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "host_stream_internal.h"

/*
 * A process has one controlling terminal, and handlers of fatal signals get no context:
 * its mode is the one thing here that cannot belong to an object.
 */
static struct {
    struct termios before;
    volatile sig_atomic_t raw;
    bool known, wanted;
} terminal;

static bool in_foreground(void)
{
    return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void host_terminal_leave(void)
{
    int error = errno;

    if (terminal.raw)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal.before);
    terminal.raw = 0;
    errno = error;
}

static void fatal(int number)
{
    host_terminal_leave();
    signal(number, SIG_DFL);
    raise(number);
}

static void leave_at_exit(void)
{
    terminal.wanted = false;
    host_terminal_leave();
}

static void remember_mode(void)
{
    static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
    struct sigaction action = {.sa_handler = fatal, .sa_flags = SA_NODEFER | SA_RESETHAND};

    if (terminal.known || tcgetattr(STDIN_FILENO, &terminal.before) < 0)
        return;
    terminal.known = true;
    atexit(leave_at_exit);
    for (size_t i = 0; i < sizeof fatal_signals / sizeof *fatal_signals; i++)
        sigaction(fatal_signals[i], &action, NULL);
}

/* Every key reaches the guest, output processing stays (line-mode consoles end lines with a new-line only). */
static void make_raw(void)
{
    struct termios mode;

    remember_mode();
    if (!terminal.known || terminal.raw)
        return;
    mode = terminal.before;
    mode.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    mode.c_oflag |= OPOST | ONLCR;
    mode.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    mode.c_cflag = (mode.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    terminal.raw = tcsetattr(STDIN_FILENO, TCSANOW, &mode) == 0;
}

void host_terminal_enter(void)
{
    terminal.wanted = true;
    if (in_foreground())
        make_raw();
}

void host_terminal_suspend(void)
{
    host_terminal_leave();
    raise(SIGSTOP);
    host_terminal_continued();
}

void host_terminal_continued(void)
{
    /* Whoever stopped or continued us may have changed the mode. */
    terminal.raw = 0;
    if (terminal.wanted && in_foreground())
        make_raw();
}

/* ---- Standard input and output as a stream ---- */

/*
 * Non-blocking mode belongs to the open file, which the shell and others share; a second
 * opening of our own does not disturb them. Regular files would lose their position.
 */
static int own_opening(int fd, bool *regular)
{
    struct stat status;
    char path[32];

    *regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (*regular)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

bool host_stream_open_stdio(struct host_stream *s, char problem[HOST_PROBLEM_BYTES])
{
    snprintf(s->name, sizeof s->name, "standard output");
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
        return host_problem(problem, "standard output is closed");
    s->out = own_opening(STDOUT_FILENO, &s->regular);
    s->polled_write = s->out < 0 && !s->regular;
    if (s->out < 0)
        s->out = STDOUT_FILENO;
    s->in = fcntl(STDIN_FILENO, F_GETFD) < 0 ? -1 : STDIN_FILENO;
    s->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    return true;
}

/* ---- The escape key ---- */

enum { CONTROL_A = 0x01 };

static void help(const struct host_escape *e)
{
    if (e->show)
        e->show(e->context, "\n"
                            "C-a h    this list\n"
                            "C-a x    end the emulator\n"
                            "C-a c    between the console and the monitor\n"
                            "C-a b    send a break (magic system request)\n"
                            "C-a C-a  send C-a\n");
}

static void escaped(struct host_escape *e, uint8_t key)
{
    const uint8_t itself = CONTROL_A;

    if (key == CONTROL_A)
        e->pass(e->context, &itself, 1);
    else if (key == 'h' || key == '?')
        help(e);
    else if (e->command)
        e->command(e->context, (char)key);
}

void host_escape_type(struct host_escape *e, const uint8_t *bytes, size_t count)
{
    size_t start = 0;

    if (e->disabled) {
        e->pass(e->context, bytes, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (e->active) {
            e->active = false;
            start = i + 1;
            escaped(e, bytes[i]);
        } else if (bytes[i] == CONTROL_A) {
            if (i > start)
                e->pass(e->context, bytes + start, i - start);
            e->active = true;
            start = i + 1;
        }
    }
    if (count > start)
        e->pass(e->context, bytes + start, count - start);
}
