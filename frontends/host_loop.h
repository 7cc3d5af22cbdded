/* SPDX-License-Identifier: MIT */
/**
 * The host's side of waiting: file descriptors, signals and the host's clock.
 *
 * One loop per process, used between the machine's slices: polled without
 * blocking while the machine is busy, slept in while it is idle. Nothing here
 * knows of the machine.
 */
#ifndef SIENNA_FRONTENDS_HOST_LOOP_H
#define SIENNA_FRONTENDS_HOST_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct host_loop;

/** Called from host_loop_poll() with poll(2) events. May watch and forget descriptors, its own included. */
typedef void host_ready(void *context, int fd, short events);

/** NULL when the host has no descriptors left. */
struct host_loop *host_loop_create(void);
void host_loop_release(struct host_loop *loop);

/** Call `ready` whenever one of `events` (POLLIN, POLLOUT; 0 = only errors) holds; replaces an earlier watch of `fd`. */
void host_loop_watch(struct host_loop *loop, int fd, short events, host_ready *ready, void *context);
/** Change the events of a watched descriptor. */
void host_loop_events(struct host_loop *loop, int fd, short events);
void host_loop_forget(struct host_loop *loop, int fd);

/**
 * Call whatever is ready, sleeping at most `nanoseconds` (0 = not at all, negative = without
 * limit) for the first. True when something was.
 */
bool host_loop_poll(struct host_loop *loop, int64_t nanoseconds);

/** Called with a signal number from host_loop_poll(), so it may do anything. */
typedef void host_signal(void *context, int number);
/** Take SIGINT, SIGTERM, SIGHUP, SIGTSTP and SIGCONT as events; SIGPIPE is ignored. Call before creating threads. */
bool host_loop_signals(struct host_loop *loop, host_signal *taken, void *context);

/** Make a sleeping host_loop_poll() return; for other threads. */
void host_loop_wake(struct host_loop *loop);

/** The host's monotonic clock in nanoseconds. */
uint64_t host_clock(void);

#endif
