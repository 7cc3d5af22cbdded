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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Ends of the child in the midst of cases, and cases that did not end, after which nothing is learnt from it. */
enum { DEATHS_MOST = 20000, HANGS_MOST = 40, PATIENCE_SECONDS = 10 };

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

const char *oracle_name(enum oracle_kind kind)
{
    static const char *const names[] = {"qemu-s390x", "qemu-system-s390x", "hercules"};

    return names[kind];
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

pid_t oracle_fork(void)
{
    static const struct rlimit no_core = {0, 0};
    pid_t parent = getpid(), child;

    fflush(NULL);
    child = fork();
    if (child < 0)
        oracle_fail("fork");
    /* However this process ends, the oracle ends with it. */
    if (!child && (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent || setrlimit(RLIMIT_CORE, &no_core)))
        _exit(126);
    return child;
}

void oracle_silence(int descriptor)
{
    int null = open("/dev/null", O_RDWR);

    if (!getenv("SIENNA_DIFF_VERBOSE"))
        dup2(null, descriptor); /* qemu prints registers when it gives up on a case */
}

static unsigned seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)now.tv_sec;
}

/* Skip the cases of the request under way that are answered. */
static void skip_answered(struct oracle *oracle)
{
    while (oracle->count &&
           get32(oracle->out + (size_t)oracle->first * CASE_SLOT_BYTES + OUT_DONE) == oracle->sequence) {
        oracle->answered = true;
        oracle->first++;
        oracle->count--;
        oracle->since = seconds_now();
    }
}

bool oracle_hangs(struct oracle *oracle)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    skip_answered(oracle);
    if (seconds_now() - oracle->since < (oracle->patience ? oracle->patience : PATIENCE_SECONDS))
        return false;
    if (getenv("SIENNA_DIFF_VERBOSE"))
        fprintf(stderr, "sienna-diff: the case at %x does not end\n",
                CASE_CHUNK + CASE_CHUNK_FIRST + oracle->first * CASE_SLOT_BYTES);
    if (++oracle->hangs < (oracle->answered ? HANGS_MOST : 2))
        return true;
    fprintf(stderr, "sienna-diff: %s answers nothing\n", oracle_name(oracle->kind));
    kill(oracle->child, SIGKILL);
    exit(2);
}

void oracle_skip_culprit(struct oracle *oracle, uint8_t *died, int status)
{
    skip_answered(oracle);
    /* One that has answered was started; with this code it ended by a case's own doing. */
    if (!oracle->answered && WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        fprintf(stderr, "sienna-diff: %s cannot be started: is it installed?\n", oracle_name(oracle->kind));
        exit(2);
    }
    if (!oracle->count || (!oracle->answered && WIFEXITED(status)) || ++oracle->deaths > DEATHS_MOST) {
        fprintf(stderr, "sienna-diff: %s ends at once (wait status %#x)\n", oracle_name(oracle->kind),
                (unsigned)status);
        exit(2);
    }
    died[oracle->first] = 1;
    oracle->first++;
    oracle->count--;
    oracle->since = seconds_now();
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
    oracle->since = seconds_now();
    kinds[oracle->kind].begin(oracle);
}

void oracle_finish(struct oracle *oracle, uint8_t *died)
{
    memset(died + oracle->first, 0, oracle->count);
    kinds[oracle->kind].finish(oracle, died);
}
