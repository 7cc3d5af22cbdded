/* SPDX-License-Identifier: MIT */
/**
 * Channel programs: CCWs of both formats, transfer in channel, command and
 * data chaining, suspension, program-controlled interruption, and what the
 * device's status does to the program (PoP ch. 15 and 16).
 *
 * Between two commands there is always an event at a later virtual time, and
 * one command moves at most as many bytes as its device asks for; so no
 * channel program, however it loops, keeps the machine from proceeding.
 */
#include "channel/program.h"

#include "channel/subchannel.h"
#include "storage/storage.h"

enum ccw_place { FIRST_CCW, COMMAND_CHAINED, DATA_CHAINED };

struct ccw {
    uint8_t command, flags;
    uint16_t count;
    uint32_t address;
};

static void ending_fire(struct machine *machine, uint32_t subject, uint64_t argument);
const struct event_class channel_ending_event = {"channel.ending", ending_fire};

static bool format_1(const struct subchannel *s)
{
    return s->orb.control & ORB_FORMAT_1;
}

static bool is_transfer_in_channel(const struct subchannel *s, const struct ccw *ccw)
{
    return format_1(s) ? ccw->command == COMMAND_TRANSFER_IN_CHANNEL
                       : (ccw->command & 0x0f) == COMMAND_TRANSFER_IN_CHANNEL;
}

/* Fetch and decode the CCW at `at`; subchannel status of a check, or 0. */
static uint8_t fetch_ccw(struct subchannel *s, uint32_t at, struct ccw *ccw)
{
    uint8_t raw[8];
    enum storage_exception e;

    if ((at & 7) || at > (format_1(s) ? 0x7fffffffu : 0xffffffu))
        return SUBSTATUS_PROGRAM_CHECK;
    e = storage_fetch(s->machine->storage, absolute(at), raw, sizeof raw, s->orb.control >> 28);
    if (e)
        return e == STORAGE_PROTECTION ? SUBSTATUS_PROTECTION_CHECK : SUBSTATUS_PROGRAM_CHECK;
    ccw->command = raw[0];
    if (format_1(s)) {
        ccw->flags = raw[1];
        ccw->count = get_be16(raw + 2);
        ccw->address = get_be32(raw + 4);
    } else {
        ccw->address = get_be32(raw) & 0xffffff;
        ccw->flags = raw[4];
        ccw->count = get_be16(raw + 6);
    }
    return 0;
}

/* A TIC's own validity and its target's (reported at the TIC). */
static uint8_t check_transfer_in_channel(const struct subchannel *s, const struct ccw *ccw)
{
    if (format_1(s) && (ccw->flags || ccw->count || ccw->address > 0x7fffffff))
        return SUBSTATUS_PROGRAM_CHECK;
    if ((ccw->address & 7) || !storage_valid(s->machine->storage, absolute(ccw->address), 8))
        return SUBSTATUS_PROGRAM_CHECK;
    return 0;
}

static uint8_t check_ccw(const struct subchannel *s, const struct ccw *ccw, enum ccw_place place)
{
    bool bad = false;

    if (place != DATA_CHAINED)
        bad |= (ccw->command & 0x0f) == 0
               || (format_1(s) && (ccw->command & 0x0f) == COMMAND_TRANSFER_IN_CHANNEL);
    if (format_1(s)) {
        bad |= ccw->address > 0x7fffffff;
        bad |= ccw->count == 0 && (place == DATA_CHAINED || (ccw->flags & CCW_CHAIN_DATA));
    } else {
        bad |= ccw->count == 0;
    }
    if (ccw->flags & CCW_MIDA)
        bad |= !(s->orb.control & ORB_MIDAW) || (ccw->flags & (CCW_IDA | CCW_SKIP));
    if (ccw->flags & CCW_SUSPEND)
        bad |= !(s->orb.control & ORB_SUSPEND) || place == DATA_CHAINED;
    return bad ? SUBSTATUS_PROGRAM_CHECK : 0;
}

/*
 * Fetch the next CCW, through at most one transfer in channel. Leaves
 * t->ccw_end at the CCW concerned plus 8 and t->next_ccw behind it.
 */
static uint8_t next_ccw(struct subchannel *s, struct transfer *t, enum ccw_place place, struct ccw *ccw)
{
    bool transferred = place == FIRST_CCW;

    for (;;) {
        uint32_t at = t->next_ccw;
        uint8_t check = fetch_ccw(s, at, ccw);

        t->ccw_end = at + 8;
        if (check)
            return check;
        t->next_ccw = at + 8;
        if (!is_transfer_in_channel(s, ccw))
            return check_ccw(s, ccw, place);
        if (transferred)
            return SUBSTATUS_PROGRAM_CHECK;
        check = check_transfer_in_channel(s, ccw);
        if (check)
            return check;
        t->next_ccw = ccw->address;
        transferred = true;
    }
}

/* The CCW takes control of the data transfer. */
static void load_areas(struct transfer *t, const struct ccw *ccw)
{
    t->flags = ccw->flags;
    t->count = ccw->count;
    t->address = ccw->address;
    t->list = ccw->address;
    t->area = 0;
    t->list_begun = t->list_ended = t->area_skipped = false;
}

static void intermediate(struct subchannel *s, uint16_t flags, uint8_t subchannel_status)
{
    const struct transfer *t = &s->program.transfer;
    struct condition c = {
        .control = SC_INTERMEDIATE, .flags = flags, .subchannel_status = subchannel_status,
        .ccw_address = t->ccw_end, .count = t->count,
    };

    status_present(s, &c);
}

void program_chain_data(struct subchannel *s, struct transfer *t, bool peek)
{
    struct ccw ccw;
    uint8_t check = next_ccw(s, t, DATA_CHAINED, &ccw);

    if (check) {
        t->status |= check;
        return;
    }
    load_areas(t, &ccw);
    if ((ccw.flags & CCW_PCI) && !peek)
        intermediate(s, 0, SUBSTATUS_PCI);
}

/* The program is over at the subchannel; `control` tells with which kind of status. */
static void end_program(struct subchannel *s, uint16_t control, uint16_t flags, uint8_t device_status)
{
    struct channel_program *p = &s->program;
    struct condition c = {
        .control = control, .flags = flags, .device_status = device_status,
        .subchannel_status = p->transfer.status, .ccw_address = p->transfer.ccw_end,
        .count = p->transfer.count, .sense = device_status & STATUS_UNIT_CHECK,
    };

    p->executing = p->chaining = p->accepting = p->ending_known = false;
    if (control & SC_PRIMARY)
        p->awaiting_end = !(control & SC_SECONDARY);
    else if (control & SC_SECONDARY)
        p->awaiting_end = false;
    measurement_ended(s);
    status_present(s, &c);
}

static void end_by_check(struct subchannel *s, uint8_t check)
{
    s->program.transfer.status |= check;
    end_program(s, SC_ALERT | SC_PRIMARY | SC_SECONDARY, 0, 0);
}

static void suspend(struct subchannel *s, bool pci)
{
    struct channel_program *p = &s->program;

    p->transfer.next_ccw = p->transfer.ccw_end - 8;
    p->chained = false;
    p->accepting = true;
    s->scsw.control &= ~(AC_START_PENDING | AC_RESUME_PENDING | AC_SUBCHANNEL_ACTIVE | AC_DEVICE_ACTIVE);
    s->scsw.control |= AC_SUSPENDED;
    if (pci || !(s->orb.control & ORB_SUPPRESS_SUSPENDED))
        intermediate(s, 0, pci ? SUBSTATUS_PCI : 0);
}

/* The device's first answer to the command: has it accepted it? */
static void command_answered(struct subchannel *s, int status)
{
    struct channel_program *p = &s->program;
    bool accepted = status == DEVICE_PENDING || (status & STATUS_CHANNEL_END);

    if (accepted) {
        s->scsw.control &= ~(AC_START_PENDING | AC_RESUME_PENDING);
        s->scsw.control |= AC_SUBCHANNEL_ACTIVE | AC_DEVICE_ACTIVE;
        if (p->accepting) {
            p->accepting = false;
            s->measurement.pending += s->machine->now - s->measurement.started;
            if ((s->orb.control & ORB_INITIAL_STATUS) && (status == DEVICE_PENDING || p->transferred))
                intermediate(s, SCSW_ZERO_CC, 0);
        }
    }
    if (status == DEVICE_PENDING)
        return;
    p->ending_known = true;
    p->ending = status;
    if (s->device->latency < CHANNEL_LEAST_LATENCY)
        s->device->latency = CHANNEL_LEAST_LATENCY;
    event_schedule(s->machine, &channel_ending_event, subchannel_sid(s), 0,
                   s->machine->now + s->device->latency);
}

static void execute(struct subchannel *s, uint8_t command)
{
    struct channel_program *p = &s->program;
    struct channel_device *d = s->device;

    p->command = command;
    p->executing = true;
    p->transferred = p->long_block = p->ending_known = false;
    p->transfer.status = 0;
    s->measurement.command_begun = s->machine->now;
    if (command != COMMAND_SENSE && command != COMMAND_NO_OPERATION) {
        memset(d->sense, 0, sizeof d->sense);
        d->sense_bytes = 0;
    }
    d->chained = p->chained;
    d->latency = d->default_latency ? d->default_latency : CHANNEL_COMMAND_LATENCY;
    command_answered(s, d->operations->command(d, command));
}

void program_run(struct subchannel *s)
{
    struct channel_program *p = &s->program;
    struct transfer *t = &p->transfer;
    enum ccw_place place = p->first ? FIRST_CCW : COMMAND_CHAINED;
    struct ccw ccw = {.command = 0x02, .flags = CCW_CHAIN_COMMAND | CCW_SUPPRESS_LENGTH, .count = 24};
    uint8_t check = 0;

    t->status = 0;
    t->count = 0;
    if (p->implied)
        t->next_ccw = t->ccw_end = 8; /* as if a CCW at 0 read 24 bytes to 0 */
    else
        check = next_ccw(s, t, place, &ccw);
    if (!check && (ccw.flags & CCW_SUSPEND) && (s->scsw.control & AC_RESUME_PENDING)
        && !(s->scsw.control & AC_SUSPENDED)) {
        /* Resumed before it came to the suspension: look at the CCW once more. */
        s->scsw.control &= ~AC_RESUME_PENDING;
        t->next_ccw = t->ccw_end - 8;
        check = next_ccw(s, t, place, &ccw);
    }
    p->implied = p->first = false;
    if (check) {
        end_by_check(s, check);
        return;
    }
    load_areas(t, &ccw);
    if (ccw.flags & CCW_SUSPEND) {
        suspend(s, ccw.flags & CCW_PCI);
        return;
    }
    if (ccw.flags & CCW_PCI)
        intermediate(s, 0, SUBSTATUS_PCI);
    execute(s, ccw.command);
}

/* PoP ch. 16, "Incorrect length", at channel end. */
static bool incorrect_length(const struct subchannel *s, uint8_t status)
{
    const struct channel_program *p = &s->program;
    const struct transfer *t = &p->transfer;

    if (t->status || p->halting)
        return false;
    if (!p->transferred) {
        if (status & STATUS_UNIT_CHECK)
            return false;
        if (t->flags & CCW_CHAIN_DATA)
            return true;
        if (!format_1(s) || (s->orb.control & ORB_LENGTH_SUPPRESSION))
            return false;
    }
    if (t->flags & CCW_CHAIN_DATA)
        return true;
    return (t->count || p->long_block) && !(t->flags & CCW_SUPPRESS_LENGTH);
}

static void account(struct subchannel *s)
{
    uint64_t took = s->machine->now - s->measurement.command_begun;

    if (s->program.ending_known)
        s->measurement.connected += took;
    else
        s->measurement.disconnected += took;
}

/* Go on with the next CCW of a command chain. */
static void chain_command(struct subchannel *s, uint8_t status)
{
    struct channel_program *p = &s->program;

    if (status & STATUS_MODIFIER)
        p->transfer.next_ccw += 8;
    p->chaining = p->awaiting_end = false;
    p->chained = true;
    program_run(s);
}

/* Status while a command is at the device. */
static void command_status(struct subchannel *s, uint8_t status)
{
    const uint8_t usual = STATUS_CHANNEL_END | STATUS_DEVICE_END | STATUS_MODIFIER;
    struct channel_program *p = &s->program;
    struct transfer *t = &p->transfer;
    bool unusual;

    account(s);
    if (!(status & STATUS_CHANNEL_END)) {
        /* The command was not accepted: nothing of the program has been executed if it was the first. */
        if (p->accepting)
            end_program(s, SC_ALERT, SCSW_DEFERRED_CC_1, status);
        else
            end_program(s, SC_ALERT | SC_PRIMARY | SC_SECONDARY, 0, status);
        return;
    }
    if (incorrect_length(s, status))
        t->status |= SUBSTATUS_INCORRECT_LENGTH;
    unusual = t->status || (status & ~usual);
    if (!unusual && (t->flags & CCW_CHAIN_COMMAND) && !(t->flags & CCW_CHAIN_DATA) && !p->halting) {
        p->executing = false;
        if (status & STATUS_DEVICE_END) {
            chain_command(s, status);
        } else {
            p->chaining = p->awaiting_end = true;
            p->ending = status;
        }
        return;
    }
    end_program(s, SC_PRIMARY | (status & STATUS_DEVICE_END ? SC_SECONDARY : 0)
                       | (unusual || (status & STATUS_MODIFIER) ? SC_ALERT : 0), 0, status);
}

/* Device end after an earlier channel end. */
static void late_status(struct subchannel *s, uint8_t status)
{
    struct channel_program *p = &s->program;
    bool unusual = status & ~(STATUS_DEVICE_END | STATUS_MODIFIER);
    struct condition c = {
        .control = SC_SECONDARY | (unusual ? SC_ALERT : 0), .device_status = status,
        .sense = status & STATUS_UNIT_CHECK,
    };

    if (p->chaining && !unusual && (status & STATUS_DEVICE_END)) {
        chain_command(s, status | p->ending);
        return;
    }
    if (p->chaining) {
        end_program(s, SC_ALERT | SC_PRIMARY | SC_SECONDARY, 0, status | p->ending);
        return;
    }
    p->awaiting_end = false;
    if (s->scsw.control & AC_START_PENDING) {
        /* A start function waits for this device: the status keeps it from being started. */
        c.control |= SC_ALERT;
        c.flags = SCSW_DEFERRED_CC_1;
    }
    status_present(s, &c);
}

void program_status(struct subchannel *s, uint8_t status)
{
    if (s->program.executing)
        command_status(s, status);
    else
        late_status(s, status);
}

static void ending_fire(struct machine *machine, uint32_t subject, uint64_t argument)
{
    struct subchannel *s = subchannel_at(machine, subject);

    if (s && s->program.executing && s->program.ending_known)
        program_status(s, s->program.ending);
}

/* Channel end of a chaining program that is halted before device end. */
static void halt_chaining(struct subchannel *s)
{
    s->program.transfer.status = 0;
    end_program(s, SC_PRIMARY, 0, s->program.ending);
}

bool program_halt(struct subchannel *s)
{
    struct channel_program *p = &s->program;
    const struct device_operations *operations = s->device->operations;
    uint8_t status;

    if (p->chaining) {
        halt_chaining(s);
        return true;
    }
    if (!p->executing)
        return false;
    event_cancel(s->machine, &channel_ending_event, subchannel_sid(s));
    status = p->ending_known ? p->ending : operations->halt ? operations->halt(s->device) : STATUS_ENDED;
    p->halting = true;
    program_status(s, status | STATUS_CHANNEL_END);
    p->halting = false;
    return true;
}
