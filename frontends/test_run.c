/* SPDX-License-Identifier: MIT */
/** Child processes, and what comes out of them. */
#include "test_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host_loop.h"

/* A guest that says more than this will not be read by anybody. */
enum { MOST_OUTPUT = 64 << 20, CANNOT_START = 126 };

/* ---- The child ---- */

/* The lines of `input` as a file, or nothing. */
static int input_file(const struct suite_test *t)
{
    int fd = t->input.count ? memfd_create("sienna-test-input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);

    for (unsigned i = 0; fd >= 0 && i < t->input.count; i++)
        dprintf(fd, "%s\n", t->input.values[i].text);
    if (fd >= 0 && t->input.count)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

__attribute__((noreturn))
static void become(const struct test_run *run, const int pipes[2], const sigset_t *signals, pid_t parent)
{
    int input = input_file(run->test);

    /* A suite that is killed takes its tests with it. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(CANNOT_START);
    dup2(pipes[TEST_CONSOLE], STDOUT_FILENO);
    dup2(pipes[TEST_MESSAGES], STDERR_FILENO);
    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || chdir(run->suite->folder)) {
        fprintf(stderr, "sienna: the test cannot be started: %s\n", strerror(errno));
        _exit(CANNOT_START);
    }
    sigprocmask(SIG_SETMASK, signals, NULL);
    execv("/proc/self/exe", run->words);
    fprintf(stderr, "sienna: the test cannot be started: %s\n", strerror(errno));
    _exit(CANNOT_START);
}

/* ---- Starting, reading, ending ---- */

struct runner {
    struct test_run *runs;
    unsigned count, jobs, next, running;
    const struct test_observer *observer;
    sigset_t before;
    int signals; /* a descriptor that reads them */
};

static void close_descriptor(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool start(struct runner *r, struct test_run *run)
{
    int from[2], to[2] = {-1, -1};
    pid_t parent = getpid();

    run->descriptors[0] = run->descriptors[1] = -1;
    for (unsigned i = 0; i < 2; i++) {
        if (pipe2(from, O_CLOEXEC))
            goto failed;
        run->descriptors[i] = from[0];
        to[i] = from[1];
    }
    run->began = host_clock();
    run->pid = fork();
    if (run->pid == 0)
        become(run, to, &r->before, parent);
    if (run->pid < 0)
        goto failed;
    close(to[0]);
    close(to[1]);
    r->running++;
    r->observer->started(r->observer->context, run);
    return true;
failed:
    for (unsigned i = 0; i < 2; i++) {
        close_descriptor(&run->descriptors[i]);
        close_descriptor(&to[i]);
    }
    return false;
}

static void finish(struct runner *r, struct test_run *run)
{
    while (waitpid(run->pid, &run->status, 0) < 0 && errno == EINTR)
        ;
    run->pid = 0;
    run->took = host_clock() - run->began;
    r->running--;
    r->observer->ended(r->observer->context, run);
}

static void take_bytes(struct runner *r, struct test_run *run, unsigned i)
{
    struct test_bytes *said = &run->said[i];
    char bytes[65536];
    ssize_t n = read(run->descriptors[i], bytes, sizeof bytes);

    if (n < 0 && errno == EINTR)
        return;
    if (n > 0 && said->count + (size_t)n <= MOST_OUTPUT) {
        said->data = realloc(said->data, said->count + (size_t)n + 1);
        if (!said->data)
            abort();
        memcpy(said->data + said->count, bytes, (size_t)n);
        said->count += (size_t)n;
        said->data[said->count] = 0;
    } else if (n > 0) {
        run->too_much = true;
        kill(run->pid, SIGKILL);
    } else {
        close_descriptor(&run->descriptors[i]);
        if (run->descriptors[0] < 0 && run->descriptors[1] < 0)
            finish(r, run);
    }
}

/* Wait for something and take it. Returns a signal that came, else 0. */
static int wait_for_some(struct runner *r)
{
    struct pollfd polls[2 * r->jobs + 1];
    struct test_run *whose[2 * r->jobs + 1];
    struct signalfd_siginfo signal;
    unsigned n = 0;

    polls[n] = (struct pollfd){r->signals, POLLIN, 0};
    whose[n++] = NULL;
    for (unsigned i = 0; i < r->next; i++)
        for (unsigned j = 0; r->runs[i].pid && j < 2; j++)
            if (r->runs[i].descriptors[j] >= 0) {
                whose[n] = &r->runs[i];
                polls[n++] = (struct pollfd){r->runs[i].descriptors[j], POLLIN, 0};
            }
    if (poll(polls, n, -1) < 0)
        return 0;
    if (polls[0].revents && read(r->signals, &signal, sizeof signal) == sizeof signal)
        return (int)signal.ssi_signo;
    for (unsigned i = 1; i < n; i++)
        for (unsigned j = 0; polls[i].revents && j < 2; j++)
            if (whose[i]->descriptors[j] == polls[i].fd) {
                take_bytes(r, whose[i], j);
                break;
            }
    return 0;
}

static void end_all(struct runner *r)
{
    for (unsigned i = 0; i < r->next; i++)
        if (r->runs[i].pid) {
            kill(r->runs[i].pid, SIGKILL);
            waitpid(r->runs[i].pid, &r->runs[i].status, 0);
            r->runs[i].pid = 0;
            close_descriptor(&r->runs[i].descriptors[0]);
            close_descriptor(&r->runs[i].descriptors[1]);
        }
}

/* The next run that is not skipped; a host that has no room for it is asked again when another has ended. */
static bool start_next(struct runner *r)
{
    while (r->next < r->count && r->runs[r->next].outcome == TEST_SKIPPED) {
        r->observer->ended(r->observer->context, &r->runs[r->next]);
        r->next++;
    }
    if (r->next == r->count || !start(r, &r->runs[r->next]))
        return false;
    r->next++;
    return true;
}

int test_run_all(struct test_run *runs, unsigned count, unsigned jobs, const struct test_observer *observer)
{
    struct runner r = {.runs = runs, .count = count, .jobs = jobs, .observer = observer};
    sigset_t ending;
    int signal = 0;

    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    sigprocmask(SIG_BLOCK, &ending, &r.before);
    r.signals = signalfd(-1, &ending, SFD_CLOEXEC);
    while (!signal) {
        while (r.running < jobs && start_next(&r))
            ;
        if (r.next == count && !r.running)
            break;
        if (!r.running) {
            fprintf(stderr, "sienna: the host has no room for another process: %s\n", strerror(errno));
            signal = -1;
            break;
        }
        signal = wait_for_some(&r);
    }
    if (signal)
        end_all(&r);
    close_descriptor(&r.signals);
    sigprocmask(SIG_SETMASK, &r.before, NULL);
    return signal;
}

void test_forget(struct test_run *run)
{
    for (unsigned i = 0; i < 2; i++) {
        free(run->said[i].data);
        run->said[i] = (struct test_bytes){0};
    }
}

void test_run_release(struct test_run *run)
{
    if (run->recording)
        unlink(run->recording); /* unless it was kept, and so renamed */
    free(run->recording);
    suite_free_words(run->words);
    test_forget(run);
    free(run->why);
}
