/* SPDX-License-Identifier: MIT */
#include "channel/net_user.h"

#include <stdio.h>

#if SIENNA_HAVE_SLIRP

#include <arpa/inet.h>
#include <errno.h>
#include <libslirp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "channel/frame_queue.h"
#include "machine/input.h"

enum { QUEUED_LARGEST = 1024, TIMERS = 8 };

/* A timer of libslirp (router advertisements). */
struct timer {
    bool used;
    SlirpTimerCb fire;
    void *context;
    int64_t when; /* ms; negative = not running */
};

struct net_user {
    Slirp *slirp;
    struct frame_queue to_guest, from_guest;
    pthread_t thread;
    bool thread_runs;
    bool ending; /* set under from_guest.lock */
    struct timer timers[TIMERS];
    struct pollfd *polled;
    unsigned polled_count, polled_room;
};

/* --- What libslirp asks of its surroundings. All of it runs on the network's thread. --- */

static ssize_t send_packet(const void *frame, size_t bytes, void *opaque)
{
    struct net_user *n = opaque;

    frame_queue_put(&n->to_guest, frame, bytes);
    return (ssize_t)bytes;
}

static void guest_error(const char *message, void *opaque)
{
}

static int64_t clock_ns(void *opaque)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void *timer_new(SlirpTimerCb fire, void *context, void *opaque)
{
    struct net_user *n = opaque;

    for (struct timer *t = n->timers; t < n->timers + TIMERS; t++)
        if (!t->used) {
            *t = (struct timer){true, fire, context, -1};
            return t;
        }
    return NULL;
}

static void timer_free(void *timer, void *opaque)
{
    if (timer)
        ((struct timer *)timer)->used = false;
}

static void timer_mod(void *timer, int64_t when, void *opaque)
{
    if (timer)
        ((struct timer *)timer)->when = when;
}

/* Descriptors are asked for anew before each poll(). */
static void poll_descriptor(int descriptor, void *opaque)
{
}

static void notified(void *opaque)
{
}

static const SlirpCb callbacks = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = clock_ns,
    .timer_new = timer_new,
    .timer_free = timer_free,
    .timer_mod = timer_mod,
    .register_poll_fd = poll_descriptor,
    .unregister_poll_fd = poll_descriptor,
    .notify = notified,
};

/* --- The thread. --- */

static int add_poll(int descriptor, int events, void *opaque)
{
    struct net_user *n = opaque;
    short wanted = 0;

    if (events & SLIRP_POLL_IN)
        wanted |= POLLIN;
    if (events & SLIRP_POLL_OUT)
        wanted |= POLLOUT;
    if (events & SLIRP_POLL_PRI)
        wanted |= POLLPRI;
    if (n->polled_count == n->polled_room) {
        n->polled_room = n->polled_room ? 2 * n->polled_room : 32;
        n->polled = machine_reallocate(n->polled, n->polled_room * sizeof *n->polled);
    }
    n->polled[n->polled_count] = (struct pollfd){.fd = descriptor, .events = wanted};
    return (int)n->polled_count++;
}

static int polled_events(int index, void *opaque)
{
    struct net_user *n = opaque;
    short got = n->polled[index].revents;
    int events = 0;

    if (got & POLLIN)
        events |= SLIRP_POLL_IN;
    if (got & POLLOUT)
        events |= SLIRP_POLL_OUT;
    if (got & POLLPRI)
        events |= SLIRP_POLL_PRI;
    if (got & POLLERR)
        events |= SLIRP_POLL_ERR;
    if (got & POLLHUP)
        events |= SLIRP_POLL_HUP;
    return events;
}

/* Milliseconds to wait: what libslirp says, or until the next timer. −1: for ever. */
static int waiting_time(const struct net_user *n, uint32_t wanted)
{
    int64_t now = clock_ns(NULL) / 1000000, wait = wanted == UINT32_MAX ? -1 : (int64_t)wanted;

    for (const struct timer *t = n->timers; t < n->timers + TIMERS; t++)
        if (t->used && t->when >= 0) {
            int64_t left = t->when > now ? t->when - now : 0;

            if (wait < 0 || left < wait)
                wait = left;
        }
    return wait > 60000 ? 60000 : (int)wait;
}

static void run_timers(struct net_user *n)
{
    int64_t now = clock_ns(NULL) / 1000000;

    for (struct timer *t = n->timers; t < n->timers + TIMERS; t++)
        if (t->used && t->when >= 0 && t->when <= now) {
            t->when = -1;
            t->fire(t->context);
        }
}

static bool ending(struct net_user *n)
{
    bool end;

    pthread_mutex_lock(&n->from_guest.lock);
    end = n->ending;
    pthread_mutex_unlock(&n->from_guest.lock);
    return end;
}

static void *serve(void *context)
{
    struct net_user *n = context;

    while (!ending(n)) {
        uint32_t timeout = UINT32_MAX;
        struct queued_frame *f;
        int ready;

        while ((f = frame_queue_take(&n->from_guest))) {
            slirp_input(n->slirp, f->data, (int)f->bytes);
            free(f);
        }
        n->polled_count = 0;
        add_poll(n->from_guest.descriptor, SLIRP_POLL_IN, n);
        slirp_pollfds_fill(n->slirp, &timeout, add_poll, n);
        ready = poll(n->polled, n->polled_count, waiting_time(n, timeout));
        slirp_pollfds_poll(n->slirp, ready < 0, polled_events, n);
        run_timers(n);
    }
    return NULL;
}

static bool start_thread(struct net_user *n)
{
    sigset_t all, old;

    /* Signals are the frontend's; a peer that went away must not end us by SIGPIPE. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    n->thread_runs = pthread_create(&n->thread, NULL, serve, n) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return n->thread_runs;
}

/* --- Setting it up. --- */

static Slirp *new_slirp(struct net_user *n, const struct net_user_parameters *p)
{
    uint32_t network = p->network ? p->network : 0x0a000200;
    SlirpConfig c = {
        .version = 1,
        .restricted = p->restricted,
        .in_enabled = true,
        .vnetwork.s_addr = htonl(network),
        .vnetmask.s_addr = htonl(0xffffff00),
        .vhost.s_addr = htonl(network | 2),
        .vnameserver.s_addr = htonl(network | 3),
        .vdhcp_start.s_addr = htonl(network | 15),
        .in6_enabled = p->ipv6,
        .vprefix_len = 64,
        .vhostname = p->hostname,
    };

    inet_pton(AF_INET6, "fec0::", &c.vprefix_addr6);
    inet_pton(AF_INET6, "fec0::2", &c.vhost6);
    inet_pton(AF_INET6, "fec0::3", &c.vnameserver6);
    return slirp_new(&c, &callbacks, n);
}

static bool add_forward(struct net_user *n, const struct net_user_parameters *p,
                        const struct net_user_forward *f, char *problem)
{
    struct in_addr host = {htonl(f->host_address)}, guest = {htonl(f->guest_address)};

    if (!f->guest_address)
        guest.s_addr = htonl((p->network ? p->network : 0x0a000200) | 15);
    if (slirp_add_hostfwd(n->slirp, f->udp, host, f->host_port, guest, f->guest_port) >= 0)
        return true;
    snprintf(problem, NET_USER_PROBLEM_BYTES, "hostfwd: %s port %u of the host cannot be forwarded: %s",
             f->udp ? "udp" : "tcp", f->host_port, strerror(errno));
    return false;
}

static bool set_up(struct net_user *n, const struct net_user_parameters *p, char *problem)
{
    n->slirp = new_slirp(n, p);
    if (!n->slirp) {
        snprintf(problem, NET_USER_PROBLEM_BYTES, "the user-mode network cannot start: libslirp refuses");
        return false;
    }
    for (unsigned i = 0; i < p->forwards; i++)
        if (!add_forward(n, p, &p->forward[i], problem))
            return false;
    if (!start_thread(n)) {
        snprintf(problem, NET_USER_PROBLEM_BYTES, "the host gives no thread for the user-mode network");
        return false;
    }
    return true;
}

struct net_user *net_user_create(const struct net_user_parameters *p, char problem[NET_USER_PROBLEM_BYTES])
{
    struct net_user *n = machine_allocate(sizeof *n);
    bool queues = frame_queue_init(&n->to_guest, QUEUED_LARGEST);

    if (!frame_queue_init(&n->from_guest, QUEUED_LARGEST) || !queues) {
        snprintf(problem, NET_USER_PROBLEM_BYTES,
                 "the host gives no event descriptor for the user-mode network");
        net_user_release(n);
        return NULL;
    }
    if (!set_up(n, p, problem)) {
        net_user_release(n);
        return NULL;
    }
    return n;
}

void net_user_release(struct net_user *n)
{
    if (!n)
        return;
    if (n->thread_runs) {
        pthread_mutex_lock(&n->from_guest.lock);
        n->ending = true;
        pthread_mutex_unlock(&n->from_guest.lock);
        frame_queue_wake(&n->from_guest);
        pthread_join(n->thread, NULL);
    }
    if (n->slirp)
        slirp_cleanup(n->slirp);
    frame_queue_release(&n->to_guest);
    frame_queue_release(&n->from_guest);
    free(n->polled);
    free(n);
}

void net_user_transmit(void *network, const uint8_t *frame, size_t bytes)
{
    struct net_user *n = network;

    frame_queue_put(&n->from_guest, frame, bytes);
}

int net_user_descriptor(const struct net_user *n)
{
    return n->to_guest.descriptor;
}

unsigned net_user_collect(struct net_user *n, struct machine *machine, unsigned number, unsigned limit)
{
    unsigned count = 0;
    struct queued_frame *f;

    while (count < limit && (f = frame_queue_take(&n->to_guest))) {
        input_offer(machine, INPUT_NETWORK, number, f->data, f->bytes);
        free(f);
        count++;
    }
    return count;
}

#else /* built without libslirp: said so when it is asked for */

struct net_user *net_user_create(const struct net_user_parameters *p, char problem[NET_USER_PROBLEM_BYTES])
{
    snprintf(problem, NET_USER_PROBLEM_BYTES,
             "this build has no user-mode network; build with SIENNA_SLIRP=ON and libslirp-dev installed");
    return NULL;
}

void net_user_release(struct net_user *n)
{
}

void net_user_transmit(void *network, const uint8_t *frame, size_t bytes)
{
}

int net_user_descriptor(const struct net_user *n)
{
    return -1;
}

unsigned net_user_collect(struct net_user *n, struct machine *machine, unsigned number, unsigned limit)
{
    return 0;
}

#endif
