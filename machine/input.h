/* SPDX-License-Identifier: MIT */
/**
 * The input log: the only way from the outside world into the machine.
 *
 * A run is a pure function of its inputs, so whatever the host contributes
 * (keys typed, frames received, file-sharing replies, the start date, random
 * seeds, the operator's actions) passes through here, stamped with virtual
 * time. Recording appends every record to a recorder; replaying takes every
 * record from a source and ignores what the host offers.
 *
 * Three kinds of passage:
 *  - *offered* inputs arrive when they like (input_offer) and reach their sink
 *    at the next input_deliver(), which the scheduler calls between rounds,
 *    when every CPU has reached machine->now;
 *  - *answers* are asked for by a device while the guest executes (input_ask);
 *  - *settings* are fixed before the first instruction (input_setting).
 *
 * Contract with the scheduler: whenever a CPU has executed since the previous
 * input_deliver(), machine->now has advanced. Then time alone names the place
 * of a record, and a replay delivers it at the same place.
 */
#ifndef SIENNA_MACHINE_INPUT_H
#define SIENNA_MACHINE_INPUT_H

#include "machine/machine.h"
#include "machine/types.h"

/** What a record is; the numbers are part of recordings and are never reused. */
enum input_kind {
    INPUT_CONSOLE = 1,      /**< bytes towards console `port` */
    INPUT_NETWORK = 2,      /**< one Ethernet frame towards adapter `port` */
    INPUT_FILE_SHARING = 3, /**< one reply of shared folder `port` */
    INPUT_OPERATOR = 4,     /**< an action of the operator (monitor, signals) */
    INPUT_START_DATE = 5,   /**< TOD clock at virtual time 0, 8 bytes big-endian */
    INPUT_RANDOM_SEED = 6,  /**< seed of random source `port` */
    INPUT_SETTING = 7,      /**< other settings fixed at start, by `port` */
};

/** One logged input. `time` is the virtual time at which the machine received it. */
struct input_record {
    uint64_t time;
    uint16_t kind; /**< enum input_kind */
    uint16_t port;
    uint32_t bytes;
};

/** Who receives the offered inputs of one (kind, port); called between rounds. */
struct input_sink {
    uint16_t kind, port;
    void (*deliver)(struct machine *machine, void *context, const uint8_t *data, size_t bytes);
    void *context;
};

/** Where records go while recording. */
struct input_recorder {
    void (*record)(void *context, const struct input_record *record, const uint8_t *data);
    void *context;
};

/** Where records come from while replaying: false at the end of the recording. `*data` stays valid until the next call. */
struct input_source {
    bool (*next)(void *context, struct input_record *record, const uint8_t **data);
    void *context;
};

/** Register the receiver of (kind, port), replacing an earlier one. */
void input_register(struct machine *machine, const struct input_sink *sink);
/** Forget the receiver of (kind, port); inputs still waiting for it are dropped. */
void input_unregister(struct machine *machine, enum input_kind kind, unsigned port);

/** Log every input from now on. Call before the machine starts. */
void input_start_recording(struct machine *machine, const struct input_recorder *recorder);
/** Take every input from `source`; offers are ignored from now on. Call before the machine starts. */
void input_start_replay(struct machine *machine, const struct input_source *source);
bool input_replaying(const struct machine *machine);
/** Has the replay asked for something the recording does not hold at this place? */
bool input_diverged(const struct machine *machine);

/** The host offers an input (copied); it is delivered at the next input_deliver(). */
void input_offer(struct machine *machine, enum input_kind kind, unsigned port, const void *data, size_t bytes);
/** Are offered inputs waiting for input_deliver()? The host wakes an idle machine then. */
bool input_waiting(const struct machine *machine);
/** Deliver what is waiting (or, in a replay, what is due at machine->now), in order. */
void input_deliver(struct machine *machine);
/**
 * Virtual time of the next offered input of a replay, else EVENT_NEVER. Neither a round of slices nor
 * an idle machine goes further.
 */
uint64_t input_next_time(const struct machine *machine);

/** Produces an answer of at most `size` bytes in `buffer`; returns its length. */
typedef size_t input_answer(void *context, uint8_t *buffer, size_t size);
/**
 * Ask the outside for an answer, now, while the guest executes: from `answer`, or from the
 * recording in a replay. Returns the number of bytes put into `buffer`.
 */
size_t input_ask(struct machine *machine, enum input_kind kind, unsigned port, input_answer *answer,
                 void *context, uint8_t *buffer, size_t size);
/** Fix a setting: logs `value`, or overwrites it from the recording. */
void input_setting(struct machine *machine, enum input_kind kind, unsigned port, void *value, size_t bytes);

void input_release(struct machine *machine);

#endif
