/* SPDX-License-Identifier: MIT */
#include "trace/writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/problem.h"
#include "trace/splitter.h"

/* Records in a buffer, and buffers: one is filled, one encoded, others wait. */
enum { ROOM = 16384, BUFFERS = 6 };

struct buffer {
    struct sienna_seen *records;
    size_t count;
};

struct trace_writer {
    struct sienna *sienna;
    struct trace_options options;
    struct chunk_writer *files[2];
    struct encoder *encoders[2];
    struct splitter splitter;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct buffer waiting[BUFFERS];   /* a ring, oldest first */
    unsigned first, count;
    struct sienna_seen *unused[BUFFERS];
    unsigned unused_count;
    struct sienna_seen *filled;       /* by the machine, now */
    bool ended, failed, stopped;
    char problem[SIENNA_PROBLEM_BYTES];
};

static bool encode(struct trace_writer *w, const struct buffer *b)
{
    return splitter_put(&w->splitter, b->records, b->count, w->problem);
}

static void *work(void *context)
{
    struct trace_writer *w = context;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        struct buffer b;
        bool done = true;

        while (!w->count && !w->ended)
            pthread_cond_wait(&w->changed, &w->lock);
        if (!w->count)
            break;
        b = w->waiting[w->first];
        pthread_mutex_unlock(&w->lock);
        if (!w->failed)
            done = encode(w, &b);
        pthread_mutex_lock(&w->lock);
        w->failed |= !done;
        w->stopped = w->splitter.stopped;
        w->first = (w->first + 1) % BUFFERS;
        w->count--;
        w->unused[w->unused_count++] = b.records;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static struct sienna_seen *full(void *context, struct sienna_seen *records, size_t count)
{
    struct trace_writer *w = context;

    pthread_mutex_lock(&w->lock);
    w->waiting[(w->first + w->count++) % BUFFERS] = (struct buffer){records, count};
    pthread_cond_broadcast(&w->changed);
    /* Whoever has to wait waits for more than one: to be put to sleep costs the host more than a buffer does. */
    if (!w->unused_count)
        while (w->unused_count < BUFFERS / 2)
            pthread_cond_wait(&w->changed, &w->lock);
    w->filled = w->failed || w->stopped ? NULL : w->unused[--w->unused_count];
    pthread_mutex_unlock(&w->lock);
    return w->filled;
}

static bool describe(struct chunk_writer *file, struct sienna *sienna, const struct trace_options *o, bool guests,
                     char *problem)
{
    char text[512];
    int n = snprintf(text, sizeof text, "cpus=%u\nkinds=%x\nlevels=%x\nstart=%llu\n", sienna_cpu_count(sienna),
                     o->filter.kinds, guests ? 12 : o->apart ? 2 : o->filter.levels,
                     (unsigned long long)sienna_now(sienna));

    return chunk_write(file, &(struct chunk){.tag = TRACE_META, .time = sienna_now(sienna)}, text, (size_t)n,
                       problem);
}

/* FILE.trc and FILE.guest.trc */
static bool open_files(struct trace_writer *w, char *problem)
{
    char path[sizeof w->options.path + 16];
    const char *dot = strrchr(w->options.path, '.'), *slash = strrchr(w->options.path, '/');
    size_t stem = dot && (!slash || dot > slash) ? (size_t)(dot - w->options.path) : strlen(w->options.path);

    for (unsigned i = 0; i < (w->options.apart ? 2 : 1); i++) {
        snprintf(path, sizeof path, "%.*s%s%s", (int)stem, w->options.path, i ? ".guest" : "",
                 w->options.path + stem);
        w->files[i] = chunk_create(path, &trace_kind, 1, problem);
        if (!w->files[i] || !describe(w->files[i], w->sienna, &w->options, i, problem))
            return false;
        w->encoders[i] = encoder_create(w->files[i], !w->options.no_registers);
    }
    return true;
}

static bool release(struct trace_writer *w, char *problem)
{
    bool done = true;

    for (unsigned i = 0; i < 2; i++) {
        if (w->encoders[i])
            encoder_release(w->encoders[i]);
        if (w->files[i] && !chunk_close(w->files[i], problem))
            done = false;
    }
    for (unsigned i = 0; i < w->unused_count; i++)
        free(w->unused[i]);
    free(w->filled);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    free(w);
    return done;
}

/* Branches are found where interruptions are known, too. */
static struct sienna_filter filter_for(const struct trace_options *o)
{
    struct sienna_filter f = o->filter;

    if (f.kinds & SIENNA_SAW_BRANCH)
        f.kinds |= SIENNA_SAW_INTERRUPTION | SIENNA_SAW_ENTRY | SIENNA_SAW_EXIT;
    return f;
}

struct trace_writer *trace_writer_begin(struct sienna *sienna, const struct trace_options *options,
                                        char problem[SIENNA_PROBLEM_BYTES])
{
    struct trace_writer *w = trace_allocate(sizeof *w);
    struct sienna_observer observer = {.room = ROOM, .full = full, .context = w};
    char ignored[SIENNA_PROBLEM_BYTES];

    w->sienna = sienna;
    w->options = *options;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    for (; w->unused_count < BUFFERS; w->unused_count++)
        w->unused[w->unused_count] = trace_allocate(ROOM * sizeof(struct sienna_seen));
    if (!open_files(w, problem)) {
        release(w, ignored);
        return NULL;
    }
    splitter_init(&w->splitter, &w->options, w->encoders[0], w->encoders[1]);
    if (pthread_create(&w->thread, NULL, work, w)) {
        release(w, ignored);
        trace_problem(problem, "-trace: the host gives no thread to write the trace");
        return NULL;
    }
    observer.filter = filter_for(&w->options);
    observer.buffer = w->filled = w->unused[--w->unused_count];
    sienna_observe(sienna, &observer);
    return w;
}

bool trace_writer_end(struct trace_writer *w, char problem[SIENNA_PROBLEM_BYTES])
{
    bool done;

    sienna_observe(w->sienna, NULL);
    pthread_mutex_lock(&w->lock);
    w->ended = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    done = !w->failed;
    if (!done)
        snprintf(problem, SIENNA_PROBLEM_BYTES, "%s", w->problem);
    for (unsigned i = 0; i < 2 && done; i++)
        done = !w->encoders[i] || encoder_flush(w->encoders[i], problem);
    return release(w, done ? problem : w->problem) && done;
}
