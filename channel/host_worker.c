/* SPDX-License-Identifier: MIT */
#include "channel/host_worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "machine/machine.h"

struct host_worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work, finished;
    struct host_job *first, **end;
    bool running, ending;
};

static void *serve(void *context)
{
    struct host_worker *w = context;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        struct host_job *job;

        while (!w->first && !w->ending)
            pthread_cond_wait(&w->work, &w->lock);
        job = w->first;
        if (!job)
            break;
        w->first = job->next;
        if (!w->first)
            w->end = &w->first;
        w->running = true;
        pthread_mutex_unlock(&w->lock);
        job->run(job);
        pthread_mutex_lock(&w->lock);
        w->running = false;
        job->done = true;
        pthread_cond_broadcast(&w->finished);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct host_worker *host_worker_create(void)
{
    struct host_worker *w = machine_allocate(sizeof *w);
    sigset_t all, old;
    int failed;

    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_cond_init(&w->finished, NULL);
    w->end = &w->first;
    /* Signals are the frontend's: none may land on this thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    failed = pthread_create(&w->thread, NULL, serve, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed) {
        free(w);
        return NULL;
    }
    return w;
}

void host_worker_submit(struct host_worker *w, struct host_job *job)
{
    job->next = NULL;
    job->done = false;
    pthread_mutex_lock(&w->lock);
    *w->end = job;
    w->end = &job->next;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
}

void host_worker_wait(struct host_worker *w, struct host_job *job)
{
    pthread_mutex_lock(&w->lock);
    while (!job->done)
        pthread_cond_wait(&w->finished, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

bool host_worker_idle(struct host_worker *w)
{
    bool idle;

    pthread_mutex_lock(&w->lock);
    idle = !w->first && !w->running;
    pthread_mutex_unlock(&w->lock);
    return idle;
}

void host_worker_release(struct host_worker *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->finished);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
