/* SPDX-License-Identifier: MIT */
/* The oracle in user mode: qemu-s390x with harness-user, requests through pipes. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

/* Milliseconds between looks whether the oracle gets on. */
enum { OUT_BYTES = CASE_SLOTS * CASE_SLOT_BYTES, PATIENCE = 500 };

static void child(struct oracle *oracle, int in, int out)
{
    dup2(in, 0);
    dup2(out, 1);
    oracle_silence(2);
    dup2(oracle->chunk_fd, INPUT_FD);
    dup2(oracle->out_fd, OUTPUT_FD);
    execlp("qemu-s390x", "qemu-s390x", "-cpu", "max", oracle->harnesses->user, (char *)NULL);
    _exit(127);
}

static void start(struct oracle *oracle)
{
    int to[2], from[2];

    if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
        oracle_fail("pipe");
    /* The child's descriptors 3 and 4 must not be a pipe's end. */
    for (int i = 0; i < 2; i++) {
        int a = fcntl(to[i], F_DUPFD_CLOEXEC, 20), b = fcntl(from[i], F_DUPFD_CLOEXEC, 20);

        close(to[i]);
        close(from[i]);
        to[i] = a;
        from[i] = b;
    }
    oracle->child = oracle_fork();
    if (!oracle->child)
        child(oracle, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    oracle->to = to[1];
    oracle->from = from[0];
}

/* Returns the child's wait status. */
static int end(struct oracle *oracle)
{
    int status = 0;

    close(oracle->to);
    close(oracle->from);
    waitpid(oracle->child, &status, 0);
    return status;
}

void oracle_user_open(struct oracle *oracle)
{
    oracle->chunk = oracle_share("cases", CASE_CHUNK_BYTES, false, &oracle->chunk_fd);
    oracle->out = oracle_share("results", OUT_BYTES, false, &oracle->out_fd);
    start(oracle);
}

void oracle_user_close(struct oracle *oracle)
{
    end(oracle);
    munmap(oracle->chunk, CASE_CHUNK_BYTES);
    munmap(oracle->out, OUT_BYTES);
    close(oracle->chunk_fd);
    close(oracle->out_fd);
}

void oracle_user_begin(struct oracle *oracle)
{
    uint8_t bytes[REQUEST_BYTES];

    put32(bytes, oracle->first);
    put32(bytes + 4, oracle->count);
    put32(bytes + 8, oracle->sequence);
    if (write(oracle->to, bytes, sizeof bytes) != sizeof bytes && errno != EPIPE)
        oracle_fail("request to the oracle");
}

void oracle_user_finish(struct oracle *oracle, uint8_t *died)
{
    uint8_t answer[4];

    for (;;) {
        struct pollfd ready = {oracle->from, POLLIN, 0};
        ssize_t got;

        if (poll(&ready, 1, PATIENCE) == 0) {
            if (!oracle_hangs(oracle))
                continue;
            kill(oracle->child, SIGKILL);
        }
        got = read(oracle->from, answer, sizeof answer);
        if (got == sizeof answer && get32(answer) == oracle->sequence) {
            oracle->answered = true;
            return;
        }
        if (got < 0 && errno == EINTR)
            continue;
        oracle_skip_culprit(oracle, died, end(oracle));
        start(oracle);
        if (!oracle->count)
            return;
        oracle_user_begin(oracle);
    }
}
