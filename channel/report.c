/* SPDX-License-Identifier: MIT */
/**
 * Channel reports (PoP ch. 17), and the functions that concern the subsystem
 * as a whole: RESET CHANNEL PATH, SET ADDRESS LIMIT, STORE CHANNEL REPORT WORD.
 */
#include "channel/subchannel.h"

enum { REPORT_SOLICITED = 0x40000000, REPORT_OVERFLOW = 0x20000000 };

void report_queue(struct machine *machine, uint8_t source, uint8_t error, uint16_t id, bool solicited)
{
    struct channel_subsystem *css = machine->channel;
    uint32_t crw = (solicited ? REPORT_SOLICITED : 0) | (uint32_t)source << 24 | (uint32_t)error << 16 | id;

    if (css->reports == REPORTS) {
        css->report[REPORTS - 1] |= REPORT_OVERFLOW;
        return;
    }
    css->report[css->reports++] = crw;
    machine_channel_report(machine, true);
}

int store_report(struct machine *machine, uint32_t *crw)
{
    struct channel_subsystem *css = machine->channel;

    *crw = 0;
    if (!css->reports)
        return 1;
    *crw = css->report[0];
    memmove(css->report, css->report + 1, --css->reports * sizeof css->report[0]);
    css->report[css->reports] = 0;
    if (!css->reports)
        machine_channel_report(machine, false);
    return 0;
}

void store_path_status(struct machine *machine, uint8_t status[32])
{
    const struct channel_subsystem *css = machine->channel;

    memset(status, 0, 32);
    for (unsigned i = 0; i < css->count; i++) {
        const struct subchannel *s = css->subchannel[i];

        if (s->scsw.control & AC_SUBCHANNEL_ACTIVE)
            status[s->pmcw.chpid / 8] |= 0x80 >> s->pmcw.chpid % 8;
    }
}

/* The reset signal reaches the device: a function being performed ends in error. */
void subchannel_lose_path(struct subchannel *s)
{
    bool active = s->program.executing || s->program.chaining;
    struct condition c = {
        .control = SC_ALERT | SC_PRIMARY | SC_SECONDARY,
        .subchannel_status = SUBSTATUS_INTERFACE_CONTROL_CHECK,
        .ccw_address = s->program.transfer.ccw_end, .count = s->program.transfer.count,
    };

    event_cancel(s->machine, &channel_ending_event, subchannel_sid(s));
    if (s->device->operations->reset)
        s->device->operations->reset(s->device, true);
    memset(s->device->sense, 0, sizeof s->device->sense);
    s->device->sense_bytes = 0;
    if (active) {
        s->program = (struct channel_program){0};
        measurement_ended(s);
        status_present(s, &c);
    } else if (s->program.awaiting_end) {
        s->program.awaiting_end = false;
        s->scsw.control &= ~AC_DEVICE_ACTIVE;
    }
}

int reset_channel_path(struct machine *machine, uint32_t chpid)
{
    struct channel_subsystem *css = machine->channel;

    if (chpid >= CHPIDS)
        return -OPERAND_EXCEPTION;
    if (!css->path[chpid].defined)
        return 3;
    for (unsigned i = 0; i < css->count; i++)
        if (css->subchannel[i]->device && css->subchannel[i]->pmcw.chpid == chpid)
            subchannel_lose_path(css->subchannel[i]);
    report_queue(machine, REPORT_CHANNEL_PATH, REPORT_INITIALIZED, chpid, true);
    return 0;
}

int set_address_limit(struct machine *machine, uint64_t limit)
{
    if ((limit & 0x80000000) || (limit & 0xffff))
        return -OPERAND_EXCEPTION;
    machine->channel->address_limit = limit & 0x7fffffff;
    return 0;
}
