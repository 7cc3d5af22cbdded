/* SPDX-License-Identifier: MIT */
/**
 * Consoles as byte streams, between a device of the machine and the host.
 *
 * A device (SCLP line mode, SCLP ASCII, virtio-console, 3215 …) writes bytes
 * and reads the bytes typed; it never knows whether a terminal, a file or a
 * socket is behind. Bytes typed enter through the input log only
 * (INPUT_CONSOLE, port = console number), so the host side calls
 * console_offer() and the bytes show up between rounds.
 */
#ifndef SIENNA_MACHINE_CONSOLE_H
#define SIENNA_MACHINE_CONSOLE_H

#include "machine/machine.h"
#include "machine/state.h"
#include "machine/types.h"

struct console {
    struct machine *machine;
    char name[32];
    unsigned number;   /**< port in the input log */
    bool terminal;     /**< a person watches: line editing and echo make sense */
    /** Host side: takes all bytes, never blocks, never calls back. NULL: output vanishes. */
    void (*write)(void *host, const uint8_t *bytes, size_t count);
    void *host;
    /** Device side: bytes became readable; called between rounds. */
    void (*received)(struct console *console, void *device);
    void *device;

    uint8_t *typed;    /**< bytes received and not read yet */
    size_t typed_count, typed_room;
    size_t offered;    /**< bytes offered and not delivered yet */
};

/** Make a console with number `number` (unique in the machine) and register it with the input log. */
void console_init(struct console *console, struct machine *machine, const char *name, unsigned number);
void console_release(struct console *console);

/** The device side's registration; `received` is called at once when bytes are readable already. */
void console_connect(struct console *console, void (*received)(struct console *, void *), void *device);

/** Device → host. */
void console_write(struct console *console, const void *bytes, size_t count);
/** Host → device: the bytes are logged and become readable at the next input delivery. */
void console_offer(struct console *console, const void *bytes, size_t count);
/** Bytes the host should still offer before it waits for the device to read (flow control). */
size_t console_room(const struct console *console);

/** Bytes readable. */
size_t console_readable(const struct console *console);
/** Take at most `count` bytes; returns how many. */
size_t console_read(struct console *console, uint8_t *bytes, size_t count);

/** The guest-visible state: bytes received and not read. The caller has named the console. */
void console_state(struct console *console, struct state_walk *walk);

#endif
