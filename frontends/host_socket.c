/* SPDX-License-Identifier: MIT */
/** Streams over TCP, Unix sockets and pseudo-terminals. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "host_stream_internal.h"

/* A client that was turned away may send so much until it goes. */
enum { REFUSED_BYTES = 16384 };

static void no_delay(int fd)
{
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* Has the client gone, which its descriptor's own turn has not yet told? */
static bool client_gone(const struct host_stream *s)
{
    char byte;

    return s->in >= 0 && recv(s->in, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void host_stream_drop_refused(struct host_stream *s)
{
    if (s->refused < 0)
        return;
    host_loop_forget(s->loop, s->refused);
    close(s->refused);
    s->refused = -1;
}

/* It has had its say: what it sends is not kept. */
static void hear_refused(void *context, int fd, short events)
{
    struct host_stream *s = context;
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);

    if (n > 0)
        s->refused_sent += (size_t)n;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || s->refused_sent > REFUSED_BYTES)
        host_stream_drop_refused(s);
}

/* Closed at once, with its first bytes unread, a TCP connection is reset and the client may not hear why. */
static void refuse(struct host_stream *s, int client)
{
    const char *words = s->user.refusal;

    if (!words || write(client, words, strlen(words)) < 0) {
        close(client);
        return;
    }
    shutdown(client, SHUT_WR);
    host_stream_drop_refused(s);
    s->refused = client;
    s->refused_sent = 0;
    host_loop_watch(s->loop, client, POLLIN, hear_refused, s);
}

/* One client at a time; the others are turned away. */
static void accept_client(void *context, int fd, short events)
{
    struct host_stream *s = context;
    int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (client < 0)
        return;
    if (client_gone(s))
        host_stream_detach(s);
    if (s->in >= 0) {
        refuse(s, client);
        return;
    }
    if (s->options.kind == STREAM_TCP)
        no_delay(client);
    host_stream_attach(s, client, client);
}

static bool unix_address(const struct host_stream *s, struct sockaddr_un *a, char *problem)
{
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(s->options.path) >= sizeof a->sun_path)
        return host_problem(problem, "the path of a Unix socket has at most %zu bytes", sizeof a->sun_path - 1);
    strcpy(a->sun_path, s->options.path);
    return true;
}

/* A socket bound or connected as the options want, or -1 with errno. */
static int use_address(const struct host_stream *s, int family, const struct sockaddr *a, socklen_t bytes)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, error;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (s->options.server ? bind(fd, a, bytes) == 0 && listen(fd, 1) == 0 : connect(fd, a, bytes) == 0) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
        return fd;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* What is left of a socket whose server has died may be replaced. */
static void remove_stale(const char *path, const struct sockaddr_un *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof *a) < 0 && errno == ECONNREFUSED)
        unlink(path);
    if (fd >= 0)
        close(fd);
}

static int open_unix(struct host_stream *s, char *problem)
{
    struct sockaddr_un a;
    int fd;

    if (!unix_address(s, &a, problem))
        return -1;
    snprintf(s->name, sizeof s->name, "unix %s", s->options.path);
    if (s->options.server)
        remove_stale(s->options.path, &a);
    fd = use_address(s, AF_UNIX, (const struct sockaddr *)&a, sizeof a);
    if (fd < 0)
        host_problem(problem, "cannot %s Unix socket '%s': %s", s->options.server ? "listen on" : "connect to",
                     s->options.path, strerror(errno));
    return fd;
}

/* With port 0 the host chooses one: the name tells. */
static void name_tcp(struct host_stream *s, int fd)
{
    struct sockaddr_storage a;
    socklen_t bytes = sizeof a;
    char host[128] = "?", port[16] = "?";

    if ((s->options.server ? getsockname : getpeername)(fd, (struct sockaddr *)&a, &bytes) == 0)
        getnameinfo((struct sockaddr *)&a, bytes, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(s->name, sizeof s->name, "tcp %s:%s", host, port);
}

static int open_tcp(struct host_stream *s, char *problem)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = s->options.server ? AI_PASSIVE : 0};
    const char *host = s->options.host[0] ? s->options.host : "127.0.0.1";
    struct addrinfo *list;
    int fd = -1, error = getaddrinfo(host, s->options.port, &hints, &list);

    if (error) {
        host_problem(problem, "no such TCP address '%s:%s': %s", host, s->options.port, gai_strerror(error));
        return -1;
    }
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
        fd = use_address(s, a->ai_family, a->ai_addr, a->ai_addrlen);
    if (fd < 0)
        host_problem(problem, "cannot %s TCP address %s:%s: %s", s->options.server ? "listen on" : "connect to",
                     host, s->options.port, strerror(errno));
    else
        name_tcp(s, fd);
    freeaddrinfo(list);
    return fd;
}

/* Signals are events of the loop, so waiting for the first client happens in it, too. */
static void wait_for_client(struct host_stream *s)
{
    fprintf(stderr, "sienna: waiting for a connection to %s\n", s->name);
    while (s->in < 0 && s->options.wait) {
        struct pollfd p = {s->listener, POLLIN, 0};

        if (poll(&p, 1, -1) == 1)
            accept_client(s, s->listener, POLLIN);
        else if (errno != EINTR)
            return;
    }
}

bool host_stream_open_socket(struct host_stream *s, char problem[HOST_PROBLEM_BYTES])
{
    int fd = s->options.kind == STREAM_UNIX ? open_unix(s, problem) : open_tcp(s, problem);

    if (fd < 0)
        return false;
    if (!s->options.server) {
        if (s->options.kind == STREAM_TCP)
            no_delay(fd);
        host_stream_attach(s, fd, fd);
        return true;
    }
    s->listener = fd;
    host_loop_watch(s->loop, fd, POLLIN, accept_client, s);
    if (s->options.wait)
        wait_for_client(s);
    return true;
}

/* The other end stays open here, so that its users may come and go. */
bool host_stream_open_pty(struct host_stream *s, char problem[HOST_PROBLEM_BYTES])
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios mode;

    if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, s->name, sizeof s->name)) {
        host_problem(problem, "the host gives no pseudo-terminal: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    s->other_end = open(s->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (s->other_end >= 0 && tcgetattr(s->other_end, &mode) == 0) {
        cfmakeraw(&mode);
        tcsetattr(s->other_end, TCSANOW, &mode);
    }
    fprintf(stderr, "sienna: a pseudo-terminal is on %s\n", s->name);
    host_stream_attach(s, fd, fd);
    return true;
}
