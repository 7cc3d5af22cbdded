/* SPDX-License-Identifier: MIT */
/** Execution of channel programs: times, events, and the entry points of program.c. */
#ifndef SIENNA_CHANNEL_PROGRAM_H
#define SIENNA_CHANNEL_PROGRAM_H

#include "machine/event.h"
#include "machine/machine.h"

struct subchannel;
struct transfer;

/** Modelled times in TOD units. */
enum {
    CHANNEL_FUNCTION_LATENCY = TOD_MICROSECOND,     /**< from the instruction to the function's performance */
    CHANNEL_COMMAND_LATENCY = 4 * TOD_MICROSECOND,  /**< a command, unless its device says otherwise */
    CHANNEL_LEAST_LATENCY = TOD_MICROSECOND / 16,   /**< no command takes less: loops must consume time */
};

/** The ending status of a command arrives (subject: subsystem-identification word). */
extern const struct event_class channel_ending_event;

/** Fetch the CCW at transfer.next_ccw and execute it, as far as it goes. */
void program_run(struct subchannel *s);
/** Ending status arrives from the device, for the command or (device end) after it. */
void program_status(struct subchannel *s, uint8_t status);
/** Next CCW of a data chain, when the count ran out; a check goes to transfer->status. */
void program_chain_data(struct subchannel *s, struct transfer *transfer, bool peek);
/** The halt signal: end the command in progress. False when none is. */
bool program_halt(struct subchannel *s);

#endif
