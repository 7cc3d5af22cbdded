/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create, pipe2 */
#include "oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Milliseconds that a request may last. */
enum { OUT_BYTES = CASE_SLOTS * CASE_SLOT_BYTES, PATIENCE = 4000 };

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "diff: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* Shared memory whose descriptor is above those that the child uses. */
static uint8_t *share(const char *name, size_t bytes, int *fd)
{
    int low = memfd_create(name, MFD_CLOEXEC);
    uint8_t *at;

    if (low < 0 || ftruncate(low, (off_t)bytes) < 0)
        fail("shared memory");
    *fd = fcntl(low, F_DUPFD_CLOEXEC, 10);
    close(low);
    at = *fd < 0 ? MAP_FAILED : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (at == MAP_FAILED)
        fail("shared memory");
    return at;
}

static void child(struct oracle *oracle, int in, int out)
{
    int null = open("/dev/null", O_WRONLY);

    dup2(in, 0);
    dup2(out, 1);
    if (!getenv("SIENNA_DIFF_VERBOSE"))
        dup2(null, 2); /* qemu prints registers when it gives up on a case */
    dup2(oracle->chunk_fd, INPUT_FD);
    dup2(oracle->out_fd, OUTPUT_FD);
    execlp("qemu-s390x", "qemu-s390x", "-cpu", "max", oracle->harness, (char *)NULL);
    _exit(127);
}

static void start(struct oracle *oracle)
{
    int to[2], from[2];

    if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
        fail("pipe");
    /* The child's descriptors 3 and 4 must not be a pipe's end. */
    for (int i = 0; i < 2; i++) {
        int a = fcntl(to[i], F_DUPFD_CLOEXEC, 20), b = fcntl(from[i], F_DUPFD_CLOEXEC, 20);

        close(to[i]);
        close(from[i]);
        to[i] = a;
        from[i] = b;
    }
    oracle->child = fork();
    if (oracle->child < 0)
        fail("fork");
    if (!oracle->child)
        child(oracle, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    oracle->to = to[1];
    oracle->from = from[0];
}

/* Returns the child's exit status. */
static int end(struct oracle *oracle)
{
    int status = 0;

    close(oracle->to);
    close(oracle->from);
    waitpid(oracle->child, &status, 0);
    oracle->to = oracle->from = -1;
    return status;
}

void oracle_open(struct oracle *oracle, int kind, const char *harness)
{
    memset(oracle, 0, sizeof *oracle);
    signal(SIGPIPE, SIG_IGN);
    oracle->kind = kind;
    oracle->harness = harness;
    oracle->chunk = share("cases", CASE_CHUNK_BYTES, &oracle->chunk_fd);
    oracle->out = share("results", OUT_BYTES, &oracle->out_fd);
    start(oracle);
}

void oracle_close(struct oracle *oracle)
{
    end(oracle);
    munmap(oracle->chunk, CASE_CHUNK_BYTES);
    munmap(oracle->out, OUT_BYTES);
    close(oracle->chunk_fd);
    close(oracle->out_fd);
}

static void request(struct oracle *oracle)
{
    uint8_t bytes[REQUEST_BYTES];

    put32(bytes, oracle->first);
    put32(bytes + 4, oracle->count);
    put32(bytes + 8, oracle->sequence);
    if (write(oracle->to, bytes, sizeof bytes) != sizeof bytes && errno != EPIPE)
        fail("request to the oracle");
}

void oracle_begin(struct oracle *oracle, unsigned first, unsigned count)
{
    oracle->first = first;
    oracle->count = count;
    oracle->sequence++;
    request(oracle);
}

/* The first slot that the ended child had not answered; it is the one that ended it. */
static void skip_culprit(struct oracle *oracle, uint8_t *died, int status)
{
    while (oracle->count) {
        const uint8_t *out = oracle->out + (size_t)oracle->first * CASE_SLOT_BYTES;

        if (get32(out + OUT_DONE) != oracle->sequence)
            break;
        oracle->answered = true;
        oracle->first++;
        oracle->count--;
    }
    if (!oracle->count || (WEXITSTATUS(status) == 127 && !oracle->answered) || ++oracle->deaths > 100000) {
        fprintf(stderr, "diff: the oracle ends at once (status %#x); is qemu-s390x installed?\n", status);
        exit(2);
    }
    died[oracle->first] = 1;
    oracle->first++;
    oracle->count--;
}

void oracle_finish(struct oracle *oracle, uint8_t *died)
{
    uint8_t answer[4];

    memset(died + oracle->first, 0, oracle->count);
    for (;;) {
        struct pollfd ready = {oracle->from, POLLIN, 0};
        ssize_t got;

        if (poll(&ready, 1, PATIENCE) == 0)
            kill(oracle->child, SIGKILL); /* a case that never ends */
        got = read(oracle->from, answer, sizeof answer);

        if (got == sizeof answer && get32(answer) == oracle->sequence)
            return;
        if (got < 0 && errno == EINTR)
            continue;
        skip_culprit(oracle, died, end(oracle));
        start(oracle);
        if (!oracle->count)
            return;
        request(oracle);
    }
}
