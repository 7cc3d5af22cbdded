/* SPDX-License-Identifier: MIT */
/*
 * The oracle with exact interruptions: qemu-system-s390x running harness-bare. The machine's
 * storage is shared memory; requests and answers are words in it (case.h, control block).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "oracle.h"

static void start(struct oracle *oracle)
{
    char object[128];

    snprintf(object, sizeof object, "memory-backend-file,id=ram,size=%u,mem-path=/proc/self/fd/%d,share=on",
             BARE_STORAGE, oracle->chunk_fd);
    oracle->child = oracle_fork();
    if (oracle->child)
        return;
    oracle_silence(1);
    oracle_silence(2);
    execlp("qemu-system-s390x", "qemu-system-s390x", "-cpu", "max", "-m", "64M", "-display", "none", "-nodefaults",
           "-no-reboot", "-object", object, "-machine", "s390-ccw-virtio,memory-backend=ram", "-kernel",
           oracle->harnesses->bare, (char *)NULL);
    _exit(127);
}

void oracle_system_open(struct oracle *oracle)
{
    oracle->storage = oracle_share("storage", BARE_STORAGE, true, &oracle->chunk_fd);
    oracle->chunk = oracle->storage + BARE_IN;
    oracle->out = oracle->storage + BARE_OUT;
    start(oracle);
}

static int end(struct oracle *oracle)
{
    int status = 0;

    kill(oracle->child, SIGKILL);
    waitpid(oracle->child, &status, 0);
    return status;
}

void oracle_system_close(struct oracle *oracle)
{
    end(oracle);
    munmap(oracle->storage, BARE_STORAGE);
    close(oracle->chunk_fd);
}

void oracle_system_begin(struct oracle *oracle)
{
    uint8_t *control = oracle->storage + BARE_CONTROL;

    put32(control + CONTROL_FIRST, oracle->first);
    put32(control + CONTROL_COUNT, oracle->count);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    put32(control + CONTROL_REQUEST, oracle->sequence);
}

/* True when the answer has come; false when the child has ended (its wait status in *status). */
static bool await(struct oracle *oracle, int *status)
{
    const struct timespec moment = {0, 100000};

    for (unsigned looks = 1; looks % 4096 || !oracle_hangs(oracle); looks++) {
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (get32(oracle->storage + BARE_CONTROL + CONTROL_DONE) == oracle->sequence)
            return true;
        if (waitpid(oracle->child, status, WNOHANG) == oracle->child)
            return false;
        nanosleep(&moment, NULL);
    }
    *status = end(oracle);
    return false;
}

void oracle_system_finish(struct oracle *oracle, uint8_t *died)
{
    int status;

    while (!await(oracle, &status)) {
        oracle_skip_culprit(oracle, died, status);
        /* A new machine takes the rest of the request for a new one. */
        oracle_system_begin(oracle);
        put32(oracle->storage + BARE_CONTROL + CONTROL_DONE, oracle->sequence - (oracle->count != 0));
        start(oracle);
        if (!oracle->count)
            return;
    }
    oracle->answered = true;
}
