/* SPDX-License-Identifier: MIT */
/**
 * Pacing: how virtual time and wall time get along, outside the core.
 *
 * While somebody outside can answer (a connected console, a network, gdb, the
 * monitor), an idle machine sleeps on the host until the wall time of its next
 * event, and virtual time never runs ahead of wall time; a busy machine lags
 * behind and catches up while it idles. While nobody can answer, idle time is
 * skipped.
 *
 * A guest that has asked nothing of its devices for two seconds and heard nothing is quiet: only
 * its kernel's clock ticks. The ticks of 50 ms are then run together, since waking the host for
 * each costs more than the tick. The first thing it does by itself may come so much late.
 */
#ifndef SIENNA_FRONTENDS_HOST_PACE_H
#define SIENNA_FRONTENDS_HOST_PACE_H

#include <stdbool.h>
#include <stdint.h>

/** What pace_run() needs of a machine; times in TOD units (4096 to a microsecond). */
struct paced_machine {
    void *context;
    enum paced_outcome { PACED_RAN, PACED_IDLE, PACED_ENDED } (*run)(void *context, uint64_t limit);
    uint64_t (*now)(void *context);
    uint64_t (*next_event)(void *context); /**< UINT64_MAX: none */
    void (*skip_to)(void *context, uint64_t time);
    bool (*input_waiting)(void *context);
    uint64_t (*service_calls)(void *context); /**< a count that grows when the guest asks anything of its devices */
};

/** What it needs of the host. */
struct paced_host {
    void *context;
    uint64_t (*clock)(void *context); /**< nanoseconds */
    /** Serve descriptors, sleeping at most so many nanoseconds (negative: without limit); true when one was ready. */
    bool (*poll)(void *context, int64_t nanoseconds);
    /** Must the machine wait because its output is not taken? NULL: never. */
    bool (*congested)(void *context);
};

struct pace {
    struct paced_machine machine;
    struct paced_host host;
    bool outside;            /**< somebody can answer: virtual time is paced */
    bool stopped;            /**< the operator has stopped the machine */
    uint64_t wall_anchor, virtual_anchor; /**< one moment in both times */
    uint64_t chunk;          /**< virtual time to run between polls */
    uint64_t polled;         /**< wall time of the last poll */
    uint64_t calls, active;  /**< service calls when last seen to grow, and wall time then or of the last input */
    uint64_t idle_limit;     /**< nanoseconds of wall time before a machine that nothing can wake is dead */
    uint64_t dead_since;     /**< wall time since when nothing can wake it; 0 = something can */
};

/** What a step of the pace came to. */
enum pace_result {
    PACE_GOES_ON,
    PACE_ENDED,  /**< the machine has ended */
    PACE_DEAD,   /**< every CPU waits, no event is pending and nobody outside can answer */
};

void pace_init(struct pace *pace, const struct paced_machine *machine, const struct paced_host *host);
/** Somebody outside can (no longer) answer. */
void pace_set_outside(struct pace *pace, bool outside);
/** Stop or continue the machine; time does not pass for a stopped one. */
void pace_set_stopped(struct pace *pace, bool stopped);
/** Virtual time is another than it was: the machine went back to a saved state. */
void pace_went_back(struct pace *pace);
/** Run the machine for a few milliseconds of host time, or sleep until something happens. */
enum pace_result pace_step(struct pace *pace);
/** How far virtual time is behind wall time, in nanoseconds; 0 when it is not paced. */
uint64_t pace_lag(const struct pace *pace);

#endif
