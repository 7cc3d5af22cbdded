/* SPDX-License-Identifier: MIT */
/* The event facility: masks, READ EVENT DATA, WRITE EVENT DATA. */
#include "channel/sclp_internal.h"

/* The longest mask an SCCB of one block has room for, four times. */
enum { LONGEST_MASK = (PAGE_BYTES - 12) / 4 };

/** One type of event; a NULL function means that direction does not exist. */
struct event_type {
    uint8_t type;
    /** Machine → program: can it happen at all, is one pending, and put it into a buffer of `room` bytes. */
    bool (*sends)(const struct sclp *sclp);
    bool (*pending)(const struct sclp *sclp);
    /** Returns the bytes put after the event-buffer header, 0 when `room` is too small. Takes the event. */
    size_t (*build)(struct sclp *sclp, uint8_t *buffer, size_t room);
    /** Program → machine: can it be received, and receive it (`buffer` is behind the header). */
    bool (*receives)(const struct sclp *sclp);
    uint16_t (*accept)(struct machine *machine, const uint8_t *buffer, size_t bytes);
};

static bool always(const struct sclp *sclp)
{
    return true;
}

static bool has_line_mode(const struct sclp *sclp)
{
    return sclp->line_mode;
}

static bool has_ascii(const struct sclp *sclp)
{
    return sclp->ascii;
}

static bool command_pending(const struct sclp *sclp)
{
    return sclp_command_pending(sclp, false);
}

static size_t build_command(struct sclp *sclp, uint8_t *buffer, size_t room)
{
    return sclp_command_event(sclp, false, buffer, room);
}

static bool priority_pending(const struct sclp *sclp)
{
    return sclp_command_pending(sclp, true);
}

static size_t build_priority(struct sclp *sclp, uint8_t *buffer, size_t room)
{
    return sclp_command_event(sclp, true, buffer, room);
}

static bool ascii_pending(const struct sclp *sclp)
{
    return sclp->ascii && console_readable(sclp->ascii);
}

static bool quiesce_pending(const struct sclp *sclp)
{
    return sclp->quiesce;
}

/* Unit of time 0 = seconds, then how many: no limit. */
static size_t build_quiesce(struct sclp *sclp, uint8_t *buffer, size_t room)
{
    if (room < 4)
        return 0;
    sclp->quiesce = false;
    put_be16(buffer, 0);
    put_be16(buffer + 2, 0);
    return 4;
}

static bool configuration_pending(const struct sclp *sclp)
{
    return sclp->cpus_changed || sclp->capability_changed;
}

static size_t build_configuration(struct sclp *sclp, uint8_t *buffer, size_t room)
{
    if (room < 2)
        return 0;
    buffer[0] = 0;
    if (sclp->cpus_changed) {
        buffer[1] = CONFIGURATION_CPUS;
        sclp->cpus_changed = false;
    } else {
        buffer[1] = CONFIGURATION_CAPABILITY;
        sclp->capability_changed = false;
    }
    return 2;
}

/* Byte 1 is a qualifier; 5, "open for business", tells the operator's system that an application is up. */
static uint16_t accept_configuration(struct machine *machine, const uint8_t *buffer, size_t bytes)
{
    if (bytes < 2)
        return RESPONSE_SYNTAX;
    if (buffer[1] != CONFIGURATION_OPEN)
        return RESPONSE_INVALID_FUNCTION;
    machine_log(machine, LOG_INFO, "SCLP: the control program is open for business");
    return RESPONSE_DONE;
}

static uint16_t accept_control_program(struct machine *machine, const uint8_t *buffer, size_t bytes)
{
    struct sclp_control_program *p = &machine->sclp->control_program;

    if (bytes < 58)
        return RESPONSE_SYNTAX;
    ebcdic_string(EBCDIC_500, p->type, buffer + 2, 8);
    ebcdic_string(EBCDIC_500, p->name, buffer + 18, 8);
    p->level = get_be64(buffer + 34);
    ebcdic_string(EBCDIC_500, p->sysplex, buffer + 50, 8);
    machine_log(machine, LOG_INFO, "SCLP: control program %s, system %s, sysplex %s, level %#llx", p->type,
                p->name, p->sysplex, (unsigned long long)p->level);
    return RESPONSE_DONE;
}

static bool state_change_pending(const struct sclp *sclp)
{
    return sclp->state_change;
}

static size_t build_state_change(struct sclp *sclp, uint8_t *buffer, size_t room);

/* In the order in which pending events are presented. */
static const struct event_type types[] = {
    {EVENT_STATE_CHANGE, always, state_change_pending, build_state_change, NULL, NULL},
    {EVENT_QUIESCE, always, quiesce_pending, build_quiesce, NULL, NULL},
    {EVENT_PRIORITY_COMMAND, has_line_mode, priority_pending, build_priority, has_line_mode, sclp_message_event},
    {EVENT_OPERATOR_COMMAND, has_line_mode, command_pending, build_command, NULL, NULL},
    {EVENT_MESSAGE, NULL, NULL, NULL, has_line_mode, sclp_message_event},
    {EVENT_ASCII, has_ascii, ascii_pending, sclp_ascii_event, has_ascii, sclp_ascii_written},
    {EVENT_CONFIGURATION, always, configuration_pending, build_configuration, always, accept_configuration},
    {EVENT_CONTROL_PROGRAM, NULL, NULL, NULL, always, accept_control_program},
};

enum { TYPES = sizeof types / sizeof *types };

static uint64_t machine_sends(const struct sclp *sclp)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < TYPES; i++)
        if (types[i].sends && types[i].sends(sclp))
            mask |= event_bit(types[i].type);
    return mask;
}

static uint64_t machine_receives(const struct sclp *sclp)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < TYPES; i++)
        if (types[i].receives && types[i].receives(sclp))
            mask |= event_bit(types[i].type);
    return mask;
}

/* Validity bits 0x6000: receive and send mask; mask length; facility mask (not valid); the two masks. */
static size_t build_state_change(struct sclp *sclp, uint8_t *buffer, size_t room)
{
    if (room < 28)
        return 0;
    sclp->state_change = false;
    put_be16(buffer, 0x6000);
    put_be16(buffer + 2, 8);
    put_be64(buffer + 4, 0);
    put_be64(buffer + 12, machine_receives(sclp));
    put_be64(buffer + 20, machine_sends(sclp));
    return 28;
}

static const struct event_type *next_pending(const struct sclp *sclp, uint64_t mask)
{
    for (unsigned i = 0; i < TYPES; i++)
        if (types[i].pending && (mask & event_bit(types[i].type)) && types[i].pending(sclp))
            return &types[i];
    return NULL;
}

bool sclp_event_pending(const struct sclp *sclp)
{
    return next_pending(sclp, sclp->receive_mask);
}

void sclp_event_arrived(struct machine *machine, unsigned type)
{
    if (machine->sclp->receive_mask & event_bit(type))
        machine_service_signal(machine, 1);
}

/* Masks are left-aligned bit strings of any length; event types beyond 64 do not exist. */
static uint64_t get_mask(const uint8_t *at, unsigned length)
{
    uint8_t mask[8] = {0};

    memcpy(mask, at, length < sizeof mask ? length : sizeof mask);
    return get_be64(mask);
}

static void put_mask(uint8_t *at, unsigned length, uint64_t value)
{
    uint8_t mask[8];

    put_be64(mask, value);
    memset(at, 0, length);
    memcpy(at, mask, length < sizeof mask ? length : sizeof mask);
}

uint16_t sclp_write_event_mask(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    struct sclp *sclp = machine->sclp;
    unsigned bytes = get_be16(sccb + 10);
    uint8_t *masks = sccb + 12;

    if (bytes == 0 || bytes > LONGEST_MASK)
        return RESPONSE_INVALID_MASK_LENGTH;
    if (length < 12 + 4 * bytes)
        return RESPONSE_SHORT;
    sclp->receive_mask = get_mask(masks, bytes);
    sclp->send_mask = get_mask(masks + bytes, bytes);
    put_mask(masks + 2 * bytes, bytes, machine_receives(sclp));
    put_mask(masks + 3 * bytes, bytes, machine_sends(sclp));
    return RESPONSE_DONE;
}

enum { READ_UNCONDITIONAL = 0, READ_SELECTIVE = 1 };

/* Which events a read may take; false with *response when the selection is wrong. */
static bool selection(const struct sclp *sclp, const uint8_t *sccb, unsigned length, uint64_t *mask,
                      uint16_t *response)
{
    *mask = sclp->receive_mask;
    if (sccb[SCCB_FUNCTION] == READ_UNCONDITIONAL)
        return true;
    if (sccb[SCCB_FUNCTION] != READ_SELECTIVE) {
        *response = RESPONSE_INVALID_FUNCTION;
        return false;
    }
    if (length < SCCB_HEADER + 8) {
        *response = RESPONSE_SHORT;
        return false;
    }
    *mask = get_be64(sccb + SCCB_HEADER);
    *response = RESPONSE_INVALID_SELECTION;
    return *mask && !(*mask & ~sclp->receive_mask);
}

uint16_t sclp_read_event_data(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    struct sclp *sclp = machine->sclp;
    const struct event_type *type;
    unsigned at = SCCB_HEADER;
    uint16_t response;
    uint64_t mask;

    if (!selection(sclp, sccb, length, &mask, &response))
        return response;
    if (!next_pending(sclp, mask))
        return RESPONSE_NO_EVENTS;
    memset(sccb + SCCB_HEADER, 0, length - SCCB_HEADER);
    while ((type = next_pending(sclp, mask)) && at + EVENT_HEADER < length) {
        size_t bytes = type->build(sclp, sccb + at + EVENT_HEADER, length - at - EVENT_HEADER);

        if (!bytes)
            break;
        put_be16(sccb + at, (uint16_t)(EVENT_HEADER + bytes));
        sccb[at + 2] = type->type;
        at += (unsigned)(EVENT_HEADER + bytes);
    }
    if (at == SCCB_HEADER)
        return RESPONSE_SHORT;
    if (sccb[SCCB_CONTROL + 2] & SCCB_VARIABLE_RESPONSE)
        put_be16(sccb, (uint16_t)at);
    return type ? RESPONSE_MORE_EVENTS : RESPONSE_DONE;
}

/* Types that are not there are answered as a real machine does: Linux tells them by it from failures. */
static uint16_t accept(struct machine *machine, const uint8_t *event, unsigned bytes)
{
    for (unsigned i = 0; i < TYPES; i++)
        if (types[i].type == event[2] && types[i].accept) {
            if (!types[i].receives(machine->sclp))
                return RESPONSE_IMPROPER_STATE;
            return types[i].accept(machine, event + EVENT_HEADER, bytes - EVENT_HEADER);
        }
    return RESPONSE_SYNTAX;
}

/* Do event buffers exactly fill the SCCB? */
static bool buffers_fit(const uint8_t *sccb, unsigned length)
{
    unsigned at = SCCB_HEADER;

    while (at < length) {
        unsigned bytes;

        if (length - at < EVENT_HEADER)
            return false;
        bytes = get_be16(sccb + at);
        if (bytes < EVENT_HEADER || bytes > length - at)
            return false;
        at += bytes;
    }
    return at > SCCB_HEADER;
}

/*
 * Buffers accepted are flagged; when only some are, the response is "partly written"
 * and the program sends the rest again. The program's own send mask is not checked:
 * loaders write without ever having set it.
 */
uint16_t sclp_write_event_data(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    uint16_t response = RESPONSE_DONE, failure = RESPONSE_DONE;
    unsigned accepted = 0;

    if (sccb[SCCB_FUNCTION] != 0)
        return RESPONSE_INVALID_FUNCTION;
    if (!buffers_fit(sccb, length))
        return RESPONSE_INCONSISTENT_LENGTH;
    for (unsigned at = SCCB_HEADER; at < length; at += get_be16(sccb + at)) {
        response = accept(machine, sccb + at, get_be16(sccb + at));
        if (response == RESPONSE_DONE) {
            sccb[at + EVENT_FLAGS] |= EVENT_ACCEPTED;
            accepted++;
        } else {
            failure = response;
        }
    }
    return failure != RESPONSE_DONE && accepted ? RESPONSE_PARTLY_WRITTEN : failure;
}

/* Consoles come and go: the program is told only when it knew other masks before. */
static void masks_changed(struct machine *machine)
{
    if (!machine->sclp->receive_mask)
        return;
    machine->sclp->state_change = true;
    sclp_event_arrived(machine, EVENT_STATE_CHANGE);
}

static void connect(struct machine *machine, struct console **place, struct console *console,
                    void (*received)(struct console *, void *))
{
    if (*place)
        console_connect(*place, NULL, NULL);
    *place = console;
    if (console)
        console_connect(console, received, machine);
    masks_changed(machine);
}

void sclp_connect_line_mode(struct machine *machine, struct console *console)
{
    connect(machine, &machine->sclp->line_mode, console, sclp_line_mode_received);
}

void sclp_connect_ascii(struct machine *machine, struct console *console)
{
    connect(machine, &machine->sclp->ascii, console, sclp_ascii_received);
}

bool sclp_line_mode_open(const struct machine *machine)
{
    return machine->sclp->line_mode
        && (machine->sclp->receive_mask & (event_bit(EVENT_OPERATOR_COMMAND) | event_bit(EVENT_PRIORITY_COMMAND)));
}

bool sclp_ascii_open(const struct machine *machine)
{
    return machine->sclp->ascii && (machine->sclp->receive_mask & event_bit(EVENT_ASCII));
}

bool sclp_signal_quiesce(struct machine *machine)
{
    if (!(machine->sclp->receive_mask & event_bit(EVENT_QUIESCE)))
        return false;
    machine->sclp->quiesce = true;
    sclp_event_arrived(machine, EVENT_QUIESCE);
    return true;
}

void sclp_cpus_changed(struct machine *machine)
{
    machine->sclp->cpus_changed = true;
    sclp_event_arrived(machine, EVENT_CONFIGURATION);
}

void sclp_capability_changed(struct machine *machine)
{
    machine->sclp->capability_changed = true;
    sclp_event_arrived(machine, EVENT_CONFIGURATION);
}
