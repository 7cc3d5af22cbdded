/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_stream_internal.h"

/* Kept bytes beyond which the machine should wait; streams nobody is forced to read drop what exceeds it. */
enum { CONGESTED = 1 << 20, READ_BYTES = 4096, WRITE_PIECE = 512 };

bool host_problem(char problem[HOST_PROBLEM_BYTES], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem, HOST_PROBLEM_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- Writing ---- */

static size_t kept(const struct host_stream *s)
{
    return s->kept_to - s->kept_from;
}

static bool can_write(const struct host_stream *s)
{
    struct pollfd p = {s->out, POLLOUT, 0};

    return !s->polled_write || (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT));
}

/* As much as the host takes now. A failed output stays silent from then on. */
static size_t write_now(struct host_stream *s, const uint8_t *bytes, size_t count)
{
    size_t done = 0;

    while (done < count && can_write(s)) {
        size_t piece = s->polled_write && count - done > WRITE_PIECE ? WRITE_PIECE : count - done;
        ssize_t n = write(s->out, bytes + done, piece);

        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            if (!s->output_failed && errno != EPIPE && errno != ECONNRESET)
                fprintf(stderr, "sienna: cannot write to %s: %s\n", s->name, strerror(errno));
            s->output_failed = true;
            return count;
        }
    }
    return done;
}

static void watch(struct host_stream *s);

static void flush(struct host_stream *s)
{
    s->kept_from += write_now(s, s->kept + s->kept_from, kept(s));
    if (s->kept_from == s->kept_to)
        s->kept_from = s->kept_to = 0;
    watch(s);
}

static void keep(struct host_stream *s, const uint8_t *bytes, size_t count)
{
    if (s->kept_from) {
        memmove(s->kept, s->kept + s->kept_from, kept(s));
        s->kept_to -= s->kept_from;
        s->kept_from = 0;
    }
    if (s->kept_to + count > s->kept_room) {
        s->kept_room = 2 * (s->kept_to + count);
        s->kept = realloc(s->kept, s->kept_room);
        if (!s->kept)
            abort();
    }
    memcpy(s->kept + s->kept_to, bytes, count);
    s->kept_to += count;
}

void host_stream_write(struct host_stream *s, const void *bytes, size_t count)
{
    size_t done = 0;

    if (s->out < 0 || s->output_failed || count == 0)
        return;
    if (!kept(s))
        done = write_now(s, bytes, count);
    if (s->output_failed || done == count)
        return;
    /* Nobody need ever read a pseudo-terminal: it must not hold the machine. */
    if (s->options.kind == STREAM_PTY && kept(s) + count - done > CONGESTED)
        return;
    keep(s, (const uint8_t *)bytes + done, count - done);
    watch(s);
}

bool host_stream_congested(const struct host_stream *s)
{
    return s->options.kind != STREAM_PTY && kept(s) > CONGESTED;
}

/* ---- Reading ---- */

static void end_input(struct host_stream *s)
{
    s->input_ended = true;
    if (s->listener >= 0 || s->options.kind == STREAM_TCP || s->options.kind == STREAM_UNIX) {
        host_stream_detach(s);
        return;
    }
    if (s->in != s->out)
        host_loop_forget(s->loop, s->in);
    if (s->user.connected)
        s->user.connected(s->user.context, false);
}

static void read_some(struct host_stream *s)
{
    uint8_t bytes[READ_BYTES];
    size_t room = s->user.room ? s->user.room(s->user.context) : sizeof bytes;
    ssize_t n;

    if (room == 0) {
        /* host_stream_resume() starts again. */
        host_loop_events(s->loop, s->in, s->in == s->out && kept(s) ? POLLOUT : 0);
        return;
    }
    n = read(s->in, bytes, room < sizeof bytes ? room : sizeof bytes);
    if (n > 0 && s->user.received)
        s->user.received(s->user.context, bytes, (size_t)n);
    else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        end_input(s);
}

static void ready(void *context, int fd, short events)
{
    struct host_stream *s = context;

    if (fd == s->out && (events & (POLLOUT | POLLERR)) && kept(s))
        flush(s);
    if (fd == s->out && fd != s->in && (events & (POLLERR | POLLHUP))) {
        s->output_failed = true;
        s->kept_from = s->kept_to = 0;
        host_loop_forget(s->loop, fd);
    }
    if (fd == s->in && (events & (POLLIN | POLLHUP | POLLERR)))
        read_some(s);
}

static void watch(struct host_stream *s)
{
    short out = kept(s) ? POLLOUT : 0;

    if (s->in >= 0 && !s->input_ended)
        host_loop_watch(s->loop, s->in, (short)(POLLIN | (s->in == s->out ? out : 0)), ready, s);
    if (s->out >= 0 && s->out != s->in && !s->regular && !s->output_failed) {
        if (out)
            host_loop_watch(s->loop, s->out, out, ready, s);
        else
            host_loop_forget(s->loop, s->out);
    }
}

void host_stream_resume(struct host_stream *s)
{
    if (s->in >= 0 && !s->input_ended)
        watch(s);
}

void host_stream_attach(struct host_stream *s, int in, int out)
{
    s->in = in;
    s->out = out;
    s->input_ended = s->output_failed = false;
    watch(s);
    if (s->user.connected)
        s->user.connected(s->user.context, true);
}

static void close_ends(struct host_stream *s)
{
    if (s->in >= 0) {
        host_loop_forget(s->loop, s->in);
        if (s->in > 2)
            close(s->in);
    }
    if (s->out >= 0 && s->out != s->in) {
        host_loop_forget(s->loop, s->out);
        if (s->out > 2)
            close(s->out);
    }
    s->in = s->out = -1;
}

void host_stream_detach(struct host_stream *s)
{
    close_ends(s);
    s->kept_from = s->kept_to = 0;
    if (s->user.connected)
        s->user.connected(s->user.context, false);
}

/* ---- Opening and closing ---- */

void host_stream_use(struct host_stream *s, const struct host_stream_user *user)
{
    s->user = *user;
    host_stream_resume(s);
}

bool host_stream_can_answer(const struct host_stream *s)
{
    return s->listener >= 0 || (s->in >= 0 && !s->input_ended);
}

bool host_stream_is_connected(const struct host_stream *s)
{
    return s->out >= 0;
}

bool host_stream_is_terminal(const struct host_stream *s)
{
    return s->terminal;
}

bool host_stream_is_standard(const struct host_stream *s)
{
    return s->options.kind == STREAM_STDIO;
}

const char *host_stream_name(const struct host_stream *s)
{
    return s->name;
}

bool host_stream_open_file(struct host_stream *s, char problem[HOST_PROBLEM_BYTES])
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (s->options.append ? O_APPEND : O_TRUNC);
    struct stat status;
    int fd = open(s->options.path, flags | O_NONBLOCK, 0666);

    snprintf(s->name, sizeof s->name, "%s", s->options.path);
    if (fd < 0)
        return host_problem(problem, "cannot open '%s' for writing: %s", s->options.path, strerror(errno));
    s->regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    s->out = fd;
    return true;
}

static bool open_kind(struct host_stream *s, char *problem)
{
    switch (s->options.kind) {
    case STREAM_STDIO: return host_stream_open_stdio(s, problem);
    case STREAM_FILE: return host_stream_open_file(s, problem);
    case STREAM_PTY: return host_stream_open_pty(s, problem);
    case STREAM_TCP:
    case STREAM_UNIX: return host_stream_open_socket(s, problem);
    default:
        snprintf(s->name, sizeof s->name, "null");
        return true;
    }
}

struct host_stream *host_stream_open(struct host_loop *loop, const char *text, char problem[HOST_PROBLEM_BYTES])
{
    struct host_stream *s = calloc(1, sizeof *s);

    if (!s)
        abort();
    s->loop = loop;
    s->in = s->out = s->listener = s->other_end = s->refused = -1;
    if (!host_stream_parse(text, &s->options, problem) || !open_kind(s, problem)) {
        host_stream_close(s);
        return NULL;
    }
    watch(s);
    return s;
}

/* The rest of the output, for at most a second. */
static void drain(struct host_stream *s)
{
    uint64_t end = host_clock() + 1000000000;

    while (s->out >= 0 && kept(s) && !s->output_failed && host_clock() < end) {
        struct pollfd p = {s->out, POLLOUT, 0};

        poll(&p, 1, 50);
        s->kept_from += write_now(s, s->kept + s->kept_from, kept(s));
    }
}

void host_stream_close(struct host_stream *s)
{
    if (!s)
        return;
    drain(s);
    close_ends(s);
    host_stream_drop_refused(s);
    if (s->listener >= 0) {
        host_loop_forget(s->loop, s->listener);
        close(s->listener);
        if (s->options.kind == STREAM_UNIX)
            unlink(s->options.path);
    }
    if (s->other_end >= 0)
        close(s->other_end);
    free(s->kept);
    free(s);
}
