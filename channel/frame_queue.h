/* SPDX-License-Identifier: MIT */
/** A bounded queue of Ethernet frames between two host threads, with a descriptor to wait on. */
#ifndef SIENNA_CHANNEL_FRAME_QUEUE_H
#define SIENNA_CHANNEL_FRAME_QUEUE_H

#include <pthread.h>

#include "machine/types.h"

struct queued_frame {
    struct queued_frame *next;
    size_t bytes;
    uint8_t data[];
};

struct frame_queue {
    pthread_mutex_t lock;
    struct queued_frame *first, **last;
    unsigned count, limit;
    int descriptor; /**< polls readable while the queue is not empty */
};

/** False when the host gives no descriptor. */
bool frame_queue_init(struct frame_queue *queue, unsigned limit);
void frame_queue_release(struct frame_queue *queue);
/** Copy a frame in; a full queue drops it. */
void frame_queue_put(struct frame_queue *queue, const void *frame, size_t bytes);
/** The oldest frame (free() it), or NULL. */
struct queued_frame *frame_queue_take(struct frame_queue *queue);
/** Make the descriptor readable without a frame, so that whoever waits looks about. */
void frame_queue_wake(struct frame_queue *queue);

#endif
