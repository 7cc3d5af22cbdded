/* SPDX-License-Identifier: MIT */
/**
 * A host thread that does a device's host I/O, so that the core never waits
 * for a disk or a file server longer than the machine's own modelled latency.
 *
 * One worker serves one device and runs its jobs in the order of submission:
 * what a device's requests do to the host is therefore the same in every run.
 * The device schedules an event at the modelled latency and calls
 * host_worker_wait() there; guest-visible time never depends on the host.
 */
#ifndef SIENNA_CHANNEL_HOST_WORKER_H
#define SIENNA_CHANNEL_HOST_WORKER_H

#include "machine/types.h"

struct host_worker;

/** One job; embedded in the device's own request, which must live until the wait. */
struct host_job {
    void (*run)(struct host_job *job); /**< called on the worker's thread; touches no machine state */
    struct host_job *next;
    bool done;
};

/** Start a worker. NULL when the host gives no thread. */
struct host_worker *host_worker_create(void);
/** Queue a job behind all earlier ones. */
void host_worker_submit(struct host_worker *worker, struct host_job *job);
/** Block until `job` (submitted before) has run; its effects are visible to the caller. */
void host_worker_wait(struct host_worker *worker, struct host_job *job);
/** Is nothing queued or running? */
bool host_worker_idle(struct host_worker *worker);
/** Run what is queued, then end the thread. NULL is permitted. */
void host_worker_release(struct host_worker *worker);

#endif
