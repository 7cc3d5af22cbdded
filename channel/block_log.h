/* SPDX-License-Identifier: MIT */
/** A disk's share of the input log. Internal to the disk images. */
#ifndef SIENNA_CHANNEL_BLOCK_LOG_H
#define SIENNA_CHANNEL_BLOCK_LOG_H

#include "channel/block_image.h"
#include "machine/machine.h"

struct block_log {
    struct machine *machine; /**< NULL: nothing is logged */
    unsigned number;
    uint64_t sectors;
    uint8_t *known;          /**< one bit per sector: the recording holds it, or what the guest wrote */
};

/** The image was (not) opened and its file has `*end` bytes: logs that, or takes it from a replay. */
void block_log_open(struct block_log *log, bool *opened, uint64_t *end);
void block_log_release(struct block_log *log);
/** A request has been carried out with request->result: log that, and what is new in what was read. */
void block_log_record(struct block_log *log, const struct block_request *request);
/**
 * A request of a replay: its result in the recorded run, and `put` is called for each run of sectors that the
 * recording brings for it.
 */
int block_log_replay(struct block_log *log, void (*put)(void *context, const uint8_t *data, uint64_t bytes,
                                                        uint64_t offset), void *context);

#endif
