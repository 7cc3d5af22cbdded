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
 * Kinds of passage:
 *  - *offered* inputs arrive when they like (input_offer) and reach their sink
 *    at the next input_pass(), which the scheduler calls between rounds,
 *    when every CPU has reached machine->now;
 *  - *actions* take effect at once, between runs (input_act);
 *  - *answers* are asked for by a device while the guest executes (input_ask);
 *  - *settings* are fixed before the first instruction (input_setting).
 *
 * Places. A record is delivered between two rounds of slices or, when somebody altered a machine that a
 * debugger had stopped, within a slice. Between rounds its place is the virtual time and how many passes
 * (input_pass()) have done something at that time already: a replay delivers it before the next pass.
 * Within a slice it is the position, the cycles that all CPUs have executed, and the slice's number in its
 * round. Answers need no place: whoever asks is where the guest brought it.
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
    INPUT_ALTERATION = 8,   /**< what a debugger altered; `port` says in what (libsienna/alter.h) */
    INPUT_FILE = 9,         /**< contents of a host file (machine/host_file.h) */
    INPUT_DISK = 10,        /**< what the host did with a request of disk `port` (channel/block_image.h) */
    INPUT_DEVICE = 11,      /**< did the host give what a device needs? 1 byte */
    INPUT_PUNCH = 12,       /**< was the card written? 1 byte */
    INPUT_DIGEST = 13,      /**< no input but a check: digest of the machine's state there, 8 bytes */
    INPUT_END = 14,         /**< the recording ends there: digest, 8 bytes */
    INPUT_PRESENT = 15,     /**< in no recording: history goes no further than here, see libsienna/history.h */
};

/** In input_record.place: within the slice with this number. */
enum { INPUT_IN_SLICE = 0x8000 };

/** One logged input. `time` is the virtual time at which the machine received it. */
struct input_record {
    uint64_t time;
    uint64_t position; /**< cycles that all CPUs have executed */
    uint16_t kind;     /**< enum input_kind; answers have INPUT_ASKED too */
    uint16_t port;
    uint16_t place;    /**< passes done at this time, or INPUT_IN_SLICE plus the slice's number */
    uint32_t bytes;
};
/** Set in input_record.kind: the device asked for it. */
enum { INPUT_ASKED = 0x8000 };

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

/** Log every input from now on; `whole`: what is on disks, too. NULL ends it. */
void input_start_recording(struct machine *machine, const struct input_recorder *recorder, bool whole);
/** Take every input from `source`; offers are ignored from now on. */
void input_start_replay(struct machine *machine, const struct input_source *source);
/** Inputs come from the host again. */
void input_end_replay(struct machine *machine);
bool input_replaying(const struct machine *machine);
/** Are inputs logged, and with all that a disk holds? */
bool input_recording(const struct machine *machine);
bool input_recording_whole(const struct machine *machine);
/** Has the replay asked for something the recording does not hold at this place? */
bool input_diverged(const struct machine *machine);
/** The replay is not the recorded run: log `why`, once. */
void input_diverge(struct machine *machine, const char *why);
/** Has a replay come to its source's end? */
bool input_exhausted(const struct machine *machine);

/** The host offers an input (copied); it is delivered at the next input_pass(). */
void input_offer(struct machine *machine, enum input_kind kind, unsigned port, const void *data, size_t bytes);
/** Are offered inputs waiting? The host wakes an idle machine then. */
bool input_waiting(const struct machine *machine);
/**
 * Log and deliver an input at once, at the present place, which must be one that a record can name: between
 * rounds, or in a slice (cpus_settle()). False in a replay.
 */
bool input_act(struct machine *machine, enum input_kind kind, unsigned port, const void *data, size_t bytes);
/** A pass between rounds: deliver what waits (or, in a replay, what is due here), in order; run the events due. */
void input_pass(struct machine *machine);
/** How many passes have done something at machine->now. */
unsigned input_passes(const struct machine *machine);
/** A replay: deliver the next record if its place is the present one. For machines that have ended. */
bool input_deliver_next(struct machine *machine);
/** Virtual time of a replay's next input between rounds, else EVENT_NEVER. Neither a round of slices nor an
 *  idle machine goes further. */
uint64_t input_next_time(const struct machine *machine);
/** Position and slice at which a replay's next input comes within a slice; else false. */
bool input_next_in_slice(const struct machine *machine, uint64_t *position, unsigned *slice);
/** Between rounds: was the replay's next record to be met before? The replay has left its recording then. */
bool input_missed(const struct machine *machine);
/** Call `check` before the first pass at or after virtual time `due`, which it may put off further. */
void input_set_check(struct machine *machine, void (*check)(struct machine *machine), uint64_t due);

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
/** The length of the answer that a replay holds ready; 0 when it holds another. */
size_t input_answer_bytes(const struct machine *machine, enum input_kind kind, unsigned port);

/** For going back in time: the present place in a record; passes done at a time; is the head of a replay waiting? */
void input_place(struct machine *machine, struct input_record *record);
void input_set_passes(struct machine *machine, uint64_t time, unsigned passes);
bool input_has_head(const struct machine *machine);
bool input_head(const struct machine *machine, struct input_record *record, const uint8_t **data);
/** While devices of a checkpoint are made again, what they ask for is not in any log. */
void input_suspend(struct machine *machine, bool suspended);

void input_release(struct machine *machine);

#endif
