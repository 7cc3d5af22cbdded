/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create */
#include "oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    void (*open)(struct oracle *);
    void (*close)(struct oracle *);
    void (*begin)(struct oracle *);
    void (*finish)(struct oracle *, uint8_t *);
} kinds[] = {
    [ORACLE_USER] = {oracle_user_open, oracle_user_close, oracle_user_begin, oracle_user_finish},
    [ORACLE_SYSTEM] = {oracle_system_open, oracle_system_close, oracle_system_begin, oracle_system_finish},
    [ORACLE_HERCULES] = {oracle_hercules_open, oracle_hercules_close, oracle_hercules_begin,
                         oracle_hercules_finish},
};

enum oracle_kind oracle_kind_named(const char *word)
{
    static const char *const names[] = {"user", "system", "hercules"};

    for (unsigned i = 0; i < 3; i++)
        if (!strcmp(word, names[i]))
            return i;
    fprintf(stderr, "sienna-diff: no oracle %s: user, system or hercules\n", word);
    exit(2);
}

_Noreturn void oracle_fail(const char *what)
{
    fprintf(stderr, "sienna-diff: %s: %s\n", what, strerror(errno));
    exit(2);
}

uint8_t *oracle_share(const char *name, size_t bytes, bool inherit, int *fd)
{
    int low = memfd_create(name, MFD_CLOEXEC);
    uint8_t *at;

    if (low < 0 || ftruncate(low, (off_t)bytes) < 0)
        oracle_fail("shared memory");
    /* Above the descriptors that children use. */
    *fd = fcntl(low, inherit ? F_DUPFD : F_DUPFD_CLOEXEC, 10);
    close(low);
    at = *fd < 0 ? MAP_FAILED : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (at == MAP_FAILED)
        oracle_fail("shared memory");
    return at;
}

void oracle_silence(void)
{
    int null = open("/dev/null", O_RDWR);

    if (getenv("SIENNA_DIFF_VERBOSE"))
        return;
    dup2(null, 2); /* qemu prints registers when it gives up on a case */
}

void oracle_skip_culprit(struct oracle *oracle, uint8_t *died, int status)
{
    while (oracle->count) {
        const uint8_t *out = oracle->out + (size_t)oracle->first * CASE_SLOT_BYTES;

        if (get32(out + OUT_DONE) != oracle->sequence)
            break;
        oracle->answered = true;
        oracle->first++;
        oracle->count--;
    }
    if (!oracle->count || (!oracle->answered && WIFEXITED(status) && WEXITSTATUS(status)) ||
        ++oracle->deaths > 100000) {
        fprintf(stderr, "sienna-diff: the oracle ends at once (wait status %#x): is it installed?\n", status);
        exit(2);
    }
    died[oracle->first] = 1;
    oracle->first++;
    oracle->count--;
}

void oracle_open(struct oracle *oracle, enum oracle_kind kind, const struct harnesses *harnesses)
{
    memset(oracle, 0, sizeof *oracle);
    signal(SIGPIPE, SIG_IGN);
    oracle->kind = kind;
    oracle->harnesses = harnesses;
    kinds[kind].open(oracle);
}

void oracle_close(struct oracle *oracle)
{
    kinds[oracle->kind].close(oracle);
}

void oracle_begin(struct oracle *oracle, unsigned first, unsigned count)
{
    oracle->first = first;
    oracle->count = count;
    oracle->sequence++;
    kinds[oracle->kind].begin(oracle);
}

void oracle_finish(struct oracle *oracle, uint8_t *died)
{
    memset(died + oracle->first, 0, oracle->count);
    kinds[oracle->kind].finish(oracle, died);
}
