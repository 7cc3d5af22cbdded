/* SPDX-License-Identifier: MIT */
/**
 * Raw disk images on the host: what virtio-blk (and later DASD) reads and writes.
 *
 * Requests run in order on the image's own host thread. The device decides at
 * which virtual time a request completes and calls block_image_finish() there.
 *
 * Durability: a BLOCK_FLUSH that finished with 0 means that every write
 * finished before it was submitted is on the host's disk (fdatasync). Plain
 * writes reach the host's page cache, so they survive the end of this process
 * but not a power failure of the host.
 *
 * What the host answers passes the input log (INPUT_DISK): how each request ended, and what was read of sectors
 * that the guest had neither read nor written before. In a replay of such a recording there is no file; sectors
 * come from the log into an overlay. Requests are finished in the order in which they were submitted.
 */
#ifndef SIENNA_CHANNEL_BLOCK_IMAGE_H
#define SIENNA_CHANNEL_BLOCK_IMAGE_H

#include "channel/host_worker.h"
#include "machine/types.h"

enum { BLOCK_SECTOR = 512, BLOCK_PROBLEM_BYTES = 512 };

struct block_image_parameters {
    const char *path;           /**< regular file or block device, at least one byte long */
    bool read_only;             /**< opened for reading; writes end with EROFS */
    bool snapshot;              /**< writes go to a private overlay that vanishes with the process */
    const char *overlay_folder; /**< where the overlay's unlinked file lives; NULL: $TMPDIR, else /var/tmp,
                                     else host memory */
    struct machine *machine;    /**< whose input log the host's answers pass; NULL: none */
    unsigned number;            /**< port in the log, unique among disks */
};

enum block_operation {
    BLOCK_READ,
    BLOCK_WRITE,
    BLOCK_FLUSH,   /**< no data */
    BLOCK_ZERO,    /**< write zeros; the host keeps the space allocated */
    BLOCK_DISCARD, /**< write zeros and give the space back to the host where it can */
};

struct block_image;

/** A request; must stay in place until block_image_finish() returned. */
struct block_request {
    struct host_job job;
    struct block_image *image;
    enum block_operation operation;
    bool durable;       /**< BLOCK_WRITE, _ZERO, _DISCARD: fdatasync before it counts as finished */
    uint64_t offset;    /**< bytes from the start of the image */
    uint64_t bytes;     /**< offset + bytes must lie within block_image_size() */
    uint8_t *data;      /**< BLOCK_READ: filled; BLOCK_WRITE: taken */
    int result;         /**< 0 or the host's errno; ENODATA: the file became shorter than it was */
};

/**
 * Open an image. Other processes are kept from writing to it at the same time (advisory lock).
 * On failure NULL, and `problem` holds one sentence naming the file.
 */
struct block_image *block_image_open(const struct block_image_parameters *parameters,
                                     char problem[BLOCK_PROBLEM_BYTES]);
/** Finish what is queued, write it to the host's disk, close. NULL is permitted. */
void block_image_close(struct block_image *image);

/** Size in bytes, a multiple of 512: a last partial sector is readable with zeros behind it. */
uint64_t block_image_size(const struct block_image *image);
bool block_image_read_only(const struct block_image *image);
const char *block_image_path(const struct block_image *image);

/** Begin a request (all fields but `job`, `image` and `result` filled). Never blocks on the disk. */
void block_image_submit(struct block_image *image, struct block_request *request);
/** Wait until the host has done the request; returns its result. */
int block_image_finish(struct block_image *image, struct block_request *request);
/** The same for saving states and going back in time: nothing is logged. */
int block_image_wait(struct block_image *image, struct block_request *request);

/** A request of a saved state that the host had done by then: finished with `result`, the data are there. */
void block_image_done_before(struct block_image *image, struct block_request *request, int result);

/* ---- Versions: of images whose writes go to an overlay ---- */

/** Do writes reach the host's file? Then nothing can undo them. */
bool block_image_writes_host(const struct block_image *image);
struct overlay_version;
/** What the overlay holds, with all requests begun so far done; NULL when there is no overlay. */
struct overlay_version *block_image_version(struct block_image *image);
/** An empty version to be filled; NULL when there is no overlay. */
struct overlay_version *block_image_version_new(struct block_image *image);
/** The overlay holds that again, whatever overlay of the same file the version is of. No request is in progress. */
void block_image_restore(struct block_image *image, struct overlay_version *version);
/** Write what the overlay holds to the image's file. False with one sentence. */
bool block_image_commit(struct block_image *image, char problem[BLOCK_PROBLEM_BYTES]);
/** A digest of the image's file, with all requests begun so far done; holes count as zeros. False with a sentence. */
bool block_image_digest(struct block_image *image, uint64_t *digest, char problem[BLOCK_PROBLEM_BYTES]);

/**
 * One sentence about a failed request, or false when the same kind of failure of this image
 * has been told before.
 */
bool block_image_explain(struct block_image *image, const struct block_request *request,
                         char problem[BLOCK_PROBLEM_BYTES]);

#endif
