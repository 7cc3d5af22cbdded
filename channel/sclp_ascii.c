/* SPDX-License-Identifier: MIT */
/* The ASCII (VT220) console: bytes both ways, event type 0x1a. */
#include "channel/sclp_internal.h"

/* First byte of a buffer towards the program: what follows is session data. */
enum { SESSION_DATA = 0 };

void sclp_ascii_received(struct console *console, void *device)
{
    sclp_event_arrived(device, EVENT_ASCII);
}

size_t sclp_ascii_event(struct sclp *sclp, uint8_t *buffer, size_t room)
{
    if (room < 2)
        return 0;
    buffer[0] = SESSION_DATA;
    return 1 + console_read(sclp->ascii, buffer + 1, room - 1);
}

uint16_t sclp_ascii_written(struct machine *machine, const uint8_t *buffer, size_t bytes)
{
    console_write(machine->sclp->ascii, buffer, bytes);
    return RESPONSE_DONE;
}
