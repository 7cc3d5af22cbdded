/* SPDX-License-Identifier: MIT */
#include "machine/console.h"

#include <stdio.h>
#include <stdlib.h>

#include "machine/input.h"

/* Unread bytes beyond this make the host stop reading its end. */
enum { TYPED_LIMIT = 16384 };

static void reserve(struct console *console, size_t count)
{
    if (count > console->typed_room) {
        console->typed_room = 2 * count;
        console->typed = machine_reallocate(console->typed, console->typed_room);
    }
}

static void deliver(struct machine *machine, void *context, const uint8_t *data, size_t bytes)
{
    struct console *console = context;

    console->offered -= bytes < console->offered ? bytes : console->offered;
    reserve(console, console->typed_count + bytes);
    if (bytes)
        memcpy(console->typed + console->typed_count, data, bytes);
    console->typed_count += bytes;
    if (console->received)
        console->received(console, console->device);
}

void console_init(struct console *console, struct machine *machine, const char *name, unsigned number)
{
    struct input_sink sink = {INPUT_CONSOLE, (uint16_t)number, deliver, console};

    *console = (struct console){.machine = machine, .number = number};
    snprintf(console->name, sizeof console->name, "%s", name);
    input_register(machine, &sink);
}

void console_release(struct console *console)
{
    if (console->machine)
        input_unregister(console->machine, INPUT_CONSOLE, console->number);
    free(console->typed);
    *console = (struct console){0};
}

void console_connect(struct console *console, void (*received)(struct console *, void *), void *device)
{
    console->received = received;
    console->device = device;
    if (received && console->typed_count)
        received(console, device);
}

void console_write(struct console *console, const void *bytes, size_t count)
{
    if (console->write && count && !console->machine->silent)
        console->write(console->host, bytes, count);
}

void console_offer(struct console *console, const void *bytes, size_t count)
{
    if (!input_replaying(console->machine))
        console->offered += count;
    input_offer(console->machine, INPUT_CONSOLE, console->number, bytes, count);
}

size_t console_room(const struct console *console)
{
    size_t unread = console->typed_count + console->offered;

    return unread < TYPED_LIMIT ? TYPED_LIMIT - unread : 0;
}

size_t console_readable(const struct console *console)
{
    return console->typed_count;
}

size_t console_read(struct console *console, uint8_t *bytes, size_t count)
{
    if (count > console->typed_count)
        count = console->typed_count;
    if (count) {
        memcpy(bytes, console->typed, count);
        console->typed_count -= count;
        memmove(console->typed, console->typed + count, console->typed_count);
    }
    return count;
}

void console_state(struct console *console, struct state_walk *walk)
{
    uint32_t count = (uint32_t)console->typed_count;

    state_count(walk, "unread", &count, UINT32_MAX, 1);
    reserve(console, count);
    console->typed_count = count;
    state_bytes(walk, "typed", console->typed, count);
}
