/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "channel/block_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "channel/block_file.h"
#include "channel/block_log.h"
#include "channel/block_overlay.h"
#include "machine/input.h"
#include "machine/machine.h"

enum { KINDS_TOLD = 8 };

struct block_image {
    char *path;
    int file;
    bool read_only;
    uint64_t end;  /* bytes in the host's file when it was opened */
    uint64_t size; /* the same rounded up to sectors */
    struct block_overlay *overlay;
    struct host_worker *worker;
    struct block_log log;
    int sync_failed; /* worker's: after a failed fdatasync the host forgets which pages it lost */
    int told[KINDS_TOLD];
};

static const char *why_not(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return "the host's disk is full";
    case EFBIG:
        return "the host permits no file that large";
    case EIO:
        return "the host's disk reports an error";
    case ENODATA:
        return "the file became shorter than it was when it was opened";
    case EROFS:
    case EBADF:
        return "it is read-only";
    case ENOMEM:
        return "the host has no memory left";
    default:
        return strerror(error);
    }
}

static bool open_file(struct block_image *image, const struct block_image_parameters *p, char *problem)
{
    bool write = !p->read_only && !p->snapshot;
    struct stat st;
    off_t end;

    image->file = open(p->path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (image->file < 0) {
        const char *hint = write && (errno == EACCES || errno == EROFS)
                               ? "; it can be used with readonly=on or -snapshot" : "";

        snprintf(problem, BLOCK_PROBLEM_BYTES, "cannot open disk image '%s': %s%s", p->path, strerror(errno),
                 hint);
        return false;
    }
    if (fstat(image->file, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))) {
        snprintf(problem, BLOCK_PROBLEM_BYTES, "disk image '%s' is neither a file nor a block device",
                 p->path);
        return false;
    }
    end = lseek(image->file, 0, SEEK_END);
    if (end <= 0) {
        snprintf(problem, BLOCK_PROBLEM_BYTES,
                 "disk image '%s' is empty; a raw image has the size of its disk", p->path);
        return false;
    }
    image->end = (uint64_t)end;
    image->size = (image->end + BLOCK_SECTOR - 1) / BLOCK_SECTOR * BLOCK_SECTOR;
    if (flock(image->file, (write ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
        snprintf(problem, BLOCK_PROBLEM_BYTES,
                 "disk image '%s' is in use by another process%s", p->path,
                 write ? "; readers can share it with readonly=on or -snapshot" : " that writes to it");
        return false;
    }
    return true;
}

/* Open what the host gives; false with a sentence. */
static bool open_on_host(struct block_image *image, const struct block_image_parameters *p, char *problem)
{
    if (!open_file(image, p, problem))
        return false;
    if (p->snapshot && !p->read_only) {
        image->overlay = block_overlay_create(image->file, image->size, image->end, p->overlay_folder);
        if (!image->overlay) {
            snprintf(problem, BLOCK_PROBLEM_BYTES,
                     "cannot make a temporary file for the snapshot of '%s': %s", p->path, strerror(errno));
            return false;
        }
    }
    image->worker = host_worker_create();
    if (!image->worker)
        snprintf(problem, BLOCK_PROBLEM_BYTES, "the host gives no thread for disk image '%s'", p->path);
    return image->worker;
}

/* There is no file in a replay of a recording that has the disk's contents: sectors come from the log. */
static bool open_replayed(struct block_image *image, const struct block_image_parameters *p, char *problem)
{
    image->size = (image->end + BLOCK_SECTOR - 1) / BLOCK_SECTOR * BLOCK_SECTOR;
    image->end = 0;
    image->overlay = block_overlay_create(-1, image->size, 0, p->overlay_folder);
    if (!image->overlay)
        snprintf(problem, BLOCK_PROBLEM_BYTES, "cannot make a temporary file for the disk '%s': %s", p->path,
                 strerror(errno));
    return image->overlay;
}

struct block_image *block_image_open(const struct block_image_parameters *p,
                                     char problem[BLOCK_PROBLEM_BYTES])
{
    struct block_image *image = machine_allocate(sizeof *image);
    bool replayed = p->machine && input_replaying(p->machine), opened;

    image->file = -1;
    image->path = machine_allocate(strlen(p->path) + 1);
    strcpy(image->path, p->path);
    image->read_only = p->read_only;
    image->log = (struct block_log){.machine = p->machine, .number = p->number};
    if (replayed)
        snprintf(problem, BLOCK_PROBLEM_BYTES, "disk image '%s' could not be opened in the recorded run either", p->path);
    opened = !replayed && open_on_host(image, p, problem);
    block_log_open(&image->log, &opened, &image->end);
    if (opened && replayed)
        opened = open_replayed(image, p, problem);
    if (!opened) {
        block_image_close(image);
        return NULL;
    }
    return image;
}

void block_image_close(struct block_image *image)
{
    if (!image)
        return;
    host_worker_release(image->worker);
    block_log_release(&image->log);
    if (image->worker && !image->read_only && !image->overlay)
        block_file_sync(image->file);
    block_overlay_release(image->overlay);
    if (image->file >= 0)
        close(image->file);
    free(image->path);
    free(image);
}

uint64_t block_image_size(const struct block_image *image)
{
    return image->size;
}

bool block_image_read_only(const struct block_image *image)
{
    return image->read_only;
}

const char *block_image_path(const struct block_image *image)
{
    return image->path;
}

static int sync_image(struct block_image *image)
{
    if (image->overlay || image->read_only)
        return 0;
    if (!image->sync_failed)
        image->sync_failed = block_file_sync(image->file);
    return image->sync_failed;
}

static int change(struct block_image *image, const struct block_request *r)
{
    bool release = r->operation == BLOCK_DISCARD;

    if (image->read_only)
        return EROFS;
    if (r->operation == BLOCK_WRITE)
        return image->overlay ? block_overlay_write(image->overlay, r->data, r->bytes, r->offset)
                              : block_file_write(image->file, r->data, r->bytes, r->offset);
    return image->overlay ? block_overlay_zero(image->overlay, r->bytes, r->offset)
                          : block_file_zero(image->file, r->bytes, r->offset, release);
}

static int perform(struct block_image *image, struct block_request *r)
{
    int failed;

    if (r->offset > image->size || r->bytes > image->size - r->offset)
        return EINVAL;
    switch (r->operation) {
    case BLOCK_READ:
        return image->overlay ? block_overlay_read(image->overlay, r->data, r->bytes, r->offset)
                              : block_file_read(image->file, r->data, r->bytes, r->offset, image->end);
    case BLOCK_FLUSH:
        return sync_image(image);
    default:
        failed = change(image, r);
        return failed || !r->durable ? failed : sync_image(image);
    }
}

static void run(struct host_job *job)
{
    struct block_request *r = (struct block_request *)((char *)job - offsetof(struct block_request, job));

    r->result = perform(r->image, r);
}

/* What the host holds in its page cache is read at once, sparing two thread switches. */
static bool read_cached(struct block_image *image, struct block_request *r)
{
    struct iovec part = {r->data, r->bytes};

    if (r->operation != BLOCK_READ || image->overlay || r->offset + r->bytes > image->end ||
        !host_worker_idle(image->worker))
        return false;
    return preadv2(image->file, &part, 1, (off_t)r->offset, RWF_NOWAIT) == (ssize_t)r->bytes;
}

void block_image_submit(struct block_image *image, struct block_request *r)
{
    r->image = image;
    r->job.run = run;
    r->result = 0;
    if (!image->worker) {
        /* It is carried out when it is finished: then the log has what is read. */
        if (r->operation == BLOCK_READ)
            memset(r->data, 0, r->bytes);
    } else if (read_cached(image, r)) {
        r->job.done = true;
    } else {
        host_worker_submit(image->worker, &r->job);
    }
}

static void put_sectors(void *context, const uint8_t *data, uint64_t bytes, uint64_t offset)
{
    struct block_image *image = context;

    if (!image->worker)
        block_overlay_write(image->overlay, data, bytes, offset);
}

int block_image_finish(struct block_image *image, struct block_request *r)
{
    struct machine *machine = image->log.machine;

    if (image->worker)
        host_worker_wait(image->worker, &r->job);
    if (!machine || !input_replaying(machine)) {
        block_log_record(&image->log, r);
        return r->result;
    }
    r->result = block_log_replay(&image->log, put_sectors, image);
    /* The host's own failures are no part of the recording: none may come in between. */
    if (!image->worker && !r->result && perform(image, r))
        input_diverge(machine, "the host cannot keep what the disk holds");
    return r->result;
}

int block_image_wait(struct block_image *image, struct block_request *r)
{
    if (image->worker)
        host_worker_wait(image->worker, &r->job);
    return r->result;
}

void block_image_done_before(struct block_image *image, struct block_request *r, int result)
{
    r->image = image;
    r->job.run = run;
    r->job.done = true;
    r->result = result;
}

/* ---- Versions ---- */

bool block_image_writes_host(const struct block_image *image)
{
    return !image->read_only && !image->overlay;
}

static void do_nothing(struct host_job *job)
{
}

/* Jobs are done in order. */
static void drain(struct block_image *image)
{
    struct host_job last = {.run = do_nothing};

    if (!image->worker)
        return;
    host_worker_submit(image->worker, &last);
    host_worker_wait(image->worker, &last);
}

struct overlay_version *block_image_version(struct block_image *image)
{
    drain(image);
    return image->overlay ? overlay_version_take(image->overlay) : NULL;
}

struct overlay_version *block_image_version_new(struct block_image *image)
{
    return image->overlay ? overlay_version_new(image->overlay) : NULL;
}

void block_image_restore(struct block_image *image, struct overlay_version *version)
{
    struct block_overlay *overlay;

    drain(image);
    overlay = overlay_version_restore(version);
    block_overlay_release(image->overlay);
    image->overlay = overlay;
}

static bool commit_to(struct block_image *image, int file, char *problem)
{
    int failed;

    if (flock(file, LOCK_EX | LOCK_NB) < 0 && flock(image->file, LOCK_UN) == 0 &&
        flock(file, LOCK_EX | LOCK_NB) < 0) {
        snprintf(problem, BLOCK_PROBLEM_BYTES, "disk image '%s' is in use by another process", image->path);
        flock(image->file, LOCK_SH | LOCK_NB);
        return false;
    }
    failed = block_overlay_commit(image->overlay, file);
    if (failed)
        snprintf(problem, BLOCK_PROBLEM_BYTES, "writing disk image '%s' failed: %s", image->path, why_not(failed));
    flock(file, LOCK_UN);
    flock(image->file, LOCK_SH | LOCK_NB);
    return !failed;
}

bool block_image_commit(struct block_image *image, char problem[BLOCK_PROBLEM_BYTES])
{
    int file;
    bool done;

    drain(image);
    if (!image->overlay) {
        snprintf(problem, BLOCK_PROBLEM_BYTES, "disk image '%s' has no overlay to write: it was opened %s",
                 image->path, image->read_only ? "for reading" : "without -snapshot");
        return false;
    }
    if (block_overlay_versions(image->overlay)) {
        snprintf(problem, BLOCK_PROBLEM_BYTES,
                 "disk image '%s' is what snapshots in memory build on: delete them (delvm) before a commit",
                 image->path);
        return false;
    }
    file = open(image->path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        snprintf(problem, BLOCK_PROBLEM_BYTES, "cannot write disk image '%s': %s", image->path, strerror(errno));
        return false;
    }
    done = commit_to(image, file, problem);
    close(file);
    return done;
}

bool block_image_digest(struct block_image *image, uint64_t *digest, char problem[BLOCK_PROBLEM_BYTES])
{
    int failed;

    drain(image);
    failed = block_file_digest(image->file, image->end, digest);
    if (failed)
        snprintf(problem, BLOCK_PROBLEM_BYTES, "reading disk image '%s' failed: %s", image->path, why_not(failed));
    return !failed;
}

bool block_image_explain(struct block_image *image, const struct block_request *r,
                         char problem[BLOCK_PROBLEM_BYTES])
{
    static const char *const what[] = {
        [BLOCK_READ] = "reading", [BLOCK_WRITE] = "writing", [BLOCK_FLUSH] = "flushing",
        [BLOCK_ZERO] = "zeroing", [BLOCK_DISCARD] = "discarding",
    };
    unsigned i;

    for (i = 0; i < KINDS_TOLD && image->told[i]; i++)
        if (image->told[i] == r->result)
            return false;
    if (i < KINDS_TOLD)
        image->told[i] = r->result;
    snprintf(problem, BLOCK_PROBLEM_BYTES, "%s disk image '%s' failed, so the guest got an I/O error: %s",
             what[r->operation], image->path, why_not(r->result));
    return true;
}
