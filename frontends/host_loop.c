/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "host_loop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

struct watch {
    int fd; /* -1: forgotten, to be removed */
    short events;
    host_ready *ready;
    void *context;
};

struct host_loop {
    struct watch *watches;
    struct pollfd *polled;
    unsigned count, room;
    int wake, signals;
    host_signal *taken;
    void *taken_context;
};

static void *grow(void *old, size_t bytes)
{
    void *p = realloc(old, bytes);

    if (!p)
        abort();
    return p;
}

static void woken(void *context, int fd, short events)
{
    uint64_t count;

    if (read(fd, &count, sizeof count) < 0) {
        /* Somebody else has emptied it: nothing to do. */
    }
}

struct host_loop *host_loop_create(void)
{
    struct host_loop *loop = grow(NULL, sizeof *loop);

    *loop = (struct host_loop){.signals = -1};
    loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->wake < 0) {
        free(loop);
        return NULL;
    }
    host_loop_watch(loop, loop->wake, POLLIN, woken, NULL);
    return loop;
}

void host_loop_release(struct host_loop *loop)
{
    if (!loop)
        return;
    close(loop->wake);
    if (loop->signals >= 0)
        close(loop->signals);
    free(loop->watches);
    free(loop->polled);
    free(loop);
}

static struct watch *find(struct host_loop *loop, int fd)
{
    for (unsigned i = 0; i < loop->count; i++)
        if (loop->watches[i].fd == fd)
            return &loop->watches[i];
    return NULL;
}

void host_loop_watch(struct host_loop *loop, int fd, short events, host_ready *ready, void *context)
{
    struct watch *w = find(loop, fd);

    if (!w) {
        if (loop->count == loop->room) {
            loop->room = loop->room ? 2 * loop->room : 16;
            loop->watches = grow(loop->watches, loop->room * sizeof *loop->watches);
            loop->polled = grow(loop->polled, loop->room * sizeof *loop->polled);
        }
        w = &loop->watches[loop->count++];
    }
    *w = (struct watch){fd, events, ready, context};
}

void host_loop_events(struct host_loop *loop, int fd, short events)
{
    struct watch *w = find(loop, fd);

    if (w)
        w->events = events;
}

void host_loop_forget(struct host_loop *loop, int fd)
{
    struct watch *w = find(loop, fd);

    /* Callbacks may be running over the list: it is closed up before the next poll. */
    if (w)
        w->fd = -1;
}

static void remove_forgotten(struct host_loop *loop)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < loop->count; i++)
        if (loop->watches[i].fd >= 0)
            loop->watches[kept++] = loop->watches[i];
    loop->count = kept;
}

static int wait_ready(struct host_loop *loop, unsigned count, int64_t nanoseconds)
{
    struct timespec t = {nanoseconds / 1000000000, nanoseconds % 1000000000};

    return ppoll(loop->polled, count, nanoseconds < 0 ? NULL : &t, NULL);
}

bool host_loop_poll(struct host_loop *loop, int64_t nanoseconds)
{
    unsigned count;

    remove_forgotten(loop);
    count = loop->count;
    for (unsigned i = 0; i < count; i++)
        loop->polled[i] = (struct pollfd){loop->watches[i].fd, loop->watches[i].events, 0};
    if (wait_ready(loop, count, nanoseconds) <= 0)
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct watch w = loop->watches[i];

        /* An earlier callback may have forgotten this one, and even watched a new descriptor of its number. */
        if (loop->polled[i].revents && w.fd == loop->polled[i].fd)
            w.ready(w.context, w.fd, loop->polled[i].revents);
    }
    return true;
}

static void signal_ready(void *context, int fd, short events)
{
    struct host_loop *loop = context;
    struct signalfd_siginfo info;

    while (read(fd, &info, sizeof info) == sizeof info)
        loop->taken(loop->taken_context, (int)info.ssi_signo);
}

bool host_loop_signals(struct host_loop *loop, host_signal *taken, void *context)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT};
    sigset_t set;

    /* A reader that went and a limit on file sizes are errors of the writes. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&set, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    loop->taken = taken;
    loop->taken_context = context;
    loop->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (loop->signals < 0)
        return false;
    host_loop_watch(loop, loop->signals, POLLIN, signal_ready, loop);
    return true;
}

void host_loop_wake(struct host_loop *loop)
{
    uint64_t one = 1;

    if (write(loop->wake, &one, sizeof one) < 0) {
        /* The counter is full: it is awake already. */
    }
}

uint64_t host_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}
