/* SPDX-License-Identifier: MIT */
/**
 * The event queue: everything that happens at a virtual time.
 *
 * One queue per machine, ordered by (time, sequence number), so ties are
 * resolved by the order of scheduling and a run is a pure function of its
 * inputs. Saved states name event classes, never pointers.
 */
#ifndef SIENNA_MACHINE_EVENT_H
#define SIENNA_MACHINE_EVENT_H

#include "machine/types.h"

struct machine;

/** What an event does. `name` is unique ("cpu.clock-comparator") and goes into saved states. */
struct event_class {
    const char *name;
    /** Runs at virtual time machine->now; `subject` and `argument` as scheduled. */
    void (*fire)(struct machine *machine, uint32_t subject, uint64_t argument);
};

struct event {
    uint64_t time;      /**< virtual time in TOD units (2^-12 us) */
    uint64_t sequence;  /**< order of scheduling, breaks ties */
    const struct event_class *class;
    uint32_t subject;   /**< CPU number, subchannel number, …: the class knows */
    uint64_t argument;
};

struct event_queue {
    struct event *pending;  /**< sorted, latest first: the next event is the last */
    unsigned count, room;
    uint64_t sequence;
};

/** No event: later than any. */
#define EVENT_NEVER UINT64_MAX

/**
 * Schedule `class` for `subject` at virtual time `time` (not before machine->now,
 * else it fires at the next opportunity). A running CPU's slice ends in time for it.
 */
void event_schedule(struct machine *machine, const struct event_class *class, uint32_t subject,
                    uint64_t argument, uint64_t time);
/** Remove all pending events of `class` for `subject`; returns how many there were. */
unsigned event_cancel(struct machine *machine, const struct event_class *class, uint32_t subject);
/** Is an event of `class` for `subject` pending? */
bool event_pending(const struct machine *machine, const struct event_class *class, uint32_t subject);
/** Virtual time of the next event, or EVENT_NEVER. */
uint64_t event_next_time(const struct machine *machine);
/** Fire every event due at or before machine->now, in order. */
void event_run_due(struct machine *machine);
void event_queue_release(struct event_queue *queue);

#endif
