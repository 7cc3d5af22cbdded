/* SPDX-License-Identifier: MIT */
#include "machine/machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "machine/input.h"

void machine_init(struct machine *machine)
{
    *machine = (struct machine){.log_limit = LOG_WARNING};
    machine->slice_end = 0;
}

void machine_release(struct machine *machine)
{
    input_release(machine);
    event_queue_release(&machine->events);
}

void machine_log(struct machine *machine, enum log_level level, const char *format, ...)
{
    char text[512];
    va_list arguments;

    if (level > machine->log_limit)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (machine->log_sink)
        machine->log_sink(machine->log_context, level, text);
    else
        fprintf(stderr, "sienna: %s\n", text);
}

void machine_end_slice_at(struct machine *machine, uint64_t time)
{
    if (time < machine->slice_end) {
        machine->slice_end = time;
        if (machine->running_leave)
            *machine->running_leave |= MACHINE_LEAVE_SLICE;
    }
}

void machine_floating_changed(struct machine *machine)
{
    /* Masks are looked at whenever a slice starts: end the running one. */
    if (machine->floating.pending)
        machine_end_slice_at(machine, machine->now);
}

void machine_service_signal(struct machine *machine, uint32_t parameter)
{
    machine->floating.service_parameter |= parameter;
    machine->floating.pending |= FLOATING_SERVICE_SIGNAL;
    machine_floating_changed(machine);
}

void machine_io_pending(struct machine *machine, uint8_t iscs)
{
    machine->floating.io_iscs = iscs;
    if (iscs)
        machine->floating.pending |= FLOATING_IO;
    else
        machine->floating.pending &= ~(uint32_t)FLOATING_IO;
    machine_floating_changed(machine);
}

void machine_channel_report(struct machine *machine, bool pending)
{
    if (pending)
        machine->floating.pending |= FLOATING_CHANNEL_REPORT;
    else
        machine->floating.pending &= ~(uint32_t)FLOATING_CHANNEL_REPORT;
    machine_floating_changed(machine);
}

void *machine_allocate(size_t bytes)
{
    void *p = calloc(1, bytes ? bytes : 1);

    if (!p) {
        fprintf(stderr, "sienna: the host has no %zu bytes of memory left\n", bytes);
        exit(2);
    }
    return p;
}

void *machine_reallocate(void *old, size_t bytes)
{
    void *p = realloc(old, bytes ? bytes : 1);

    if (!p) {
        fprintf(stderr, "sienna: the host has no %zu bytes of memory left\n", bytes);
        exit(2);
    }
    return p;
}
