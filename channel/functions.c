/* SPDX-License-Identifier: MIT */
/**
 * The start, halt, clear and resume functions (PoP ch. 14 and 15): the
 * instructions' condition codes, and the functions' performance a moment
 * later from an event.
 */
#include "channel/subchannel.h"

enum { THE_PATH = 0x80, ALL_PATHS = 0xff };

static void function_fire(struct machine *machine, uint32_t subject, uint64_t argument);
const struct event_class channel_function_event = {"channel.function", function_fire};

static void schedule(struct subchannel *s)
{
    event_schedule(s->machine, &channel_function_event, subchannel_sid(s), 0,
                   s->machine->now + CHANNEL_FUNCTION_LATENCY);
}

static bool orb_valid(const struct orb *orb, const uint8_t raw[32])
{
    if (orb->control & (ORB_RESERVED | ORB_TRANSPORT_MODE))
        return false;
    if (orb->program & 0x80000000)
        return false;
    if (orb->control & ORB_EXTENSION) {
        if (raw[13] || raw[15])
            return false;
        for (unsigned i = 16; i < 32; i++)
            if (raw[i])
                return false;
    }
    return true;
}

/* The SCSW bits that repeat what the ORB asked for. */
static uint16_t scsw_flags(const struct orb *orb)
{
    return (orb->control >> 16) & (SCSW_KEY | SCSW_SUSPEND_CONTROL | SCSW_FORMAT_1 | SCSW_PREFETCH
                                   | SCSW_INITIAL_STATUS | SCSW_ADDRESS_LIMIT | SCSW_SUPPRESS_SUSPENDED);
}

/* Why the subchannel can have no function at all: an exception (negative) or condition code 3; 0 when it can. */
static int refusal(const struct subchannel *s, uint32_t sid)
{
    if (!sid_valid(sid))
        return -OPERAND_EXCEPTION;
    return subchannel_operational(s) ? 0 : 3;
}

int function_start(struct machine *machine, uint32_t sid, const uint8_t raw[32])
{
    struct subchannel *s = subchannel_at(machine, sid);
    struct orb orb = {get_be32(raw), get_be32(raw + 4), get_be32(raw + 8)};
    int refused = orb_valid(&orb, raw) ? refusal(s, sid) : -OPERAND_EXCEPTION;

    if (refused)
        return refused;
    if (s->scsw.control & SC_PENDING)
        return 1;
    if (s->scsw.control & FC_ANY)
        return 2;
    s->orb = orb;
    function_begin(s);
    return 0;
}

void function_begin(struct subchannel *s)
{
    s->pmcw.parameter = s->orb.parameter;
    s->scsw = (struct scsw){
        .flags = scsw_flags(&s->orb),
        .control = FC_START | AC_START_PENDING | (s->scsw.control & AC_DEVICE_ACTIVE),
    };
    s->measurement = (struct measurement){.started = s->machine->now};
    measurement_started(s);
    schedule(s);
}

int function_halt(struct machine *machine, uint32_t sid)
{
    struct subchannel *s = subchannel_at(machine, sid);
    struct scsw *scsw;
    int refused = refusal(s, sid);

    if (refused)
        return refused;
    scsw = &s->scsw;
    if ((scsw->control & SC_PENDING) && (scsw->control & SC_ANY) != (SC_INTERMEDIATE | SC_PENDING))
        return 1;
    if (scsw->control & (FC_HALT | FC_CLEAR))
        return 2;
    if ((scsw->control & SC_PENDING) && !(scsw->control & AC_SUSPENDED)) {
        /* Intermediate status of a program that is still being executed is not worth an interruption now. */
        scsw->control &= ~(SC_INTERMEDIATE | SC_PENDING);
        interruption_withdraw(s);
    }
    scsw->control |= FC_HALT | AC_HALT_PENDING;
    schedule(s);
    return 0;
}

int function_clear(struct machine *machine, uint32_t sid)
{
    struct subchannel *s = subchannel_at(machine, sid);
    int refused = refusal(s, sid);

    if (refused)
        return refused;
    function_abandon(s);
    s->scsw.control = FC_CLEAR | AC_CLEAR_PENDING;
    schedule(s);
    return 0;
}

int function_resume(struct machine *machine, uint32_t sid)
{
    struct subchannel *s = subchannel_at(machine, sid);
    int refused = refusal(s, sid);

    if (refused)
        return refused;
    if (s->scsw.control & SC_PENDING)
        return 1;
    if ((s->scsw.control & FC_ANY) != FC_START || (s->scsw.control & AC_RESUME_PENDING)
        || !(s->orb.control & ORB_SUSPEND))
        return 2;
    s->scsw.control |= AC_RESUME_PENDING;
    if (s->scsw.control & AC_SUSPENDED) {
        s->pmcw.pnom = 0;
        s->measurement.started = machine->now;
        measurement_started(s);
        schedule(s);
    }
    return 0;
}

int function_cancel(struct machine *machine, uint32_t sid)
{
    struct subchannel *s = subchannel_at(machine, sid);
    const uint16_t cancellable = AC_START_PENDING | AC_RESUME_PENDING | AC_SUSPENDED;
    int refused = refusal(s, sid);

    if (refused)
        return refused;
    if (s->scsw.control & SC_PENDING)
        return 1;
    if ((s->scsw.control & FC_ANY) != FC_START || !(s->scsw.control & cancellable)
        || (s->scsw.control & AC_SUBCHANNEL_ACTIVE) || s->program.executing)
        return 2;
    event_cancel(machine, &channel_function_event, sid);
    s->scsw.control &= ~(FC_START | cancellable);
    s->program = (struct channel_program){.awaiting_end = s->program.awaiting_end};
    status_present_waiting(s);
    return 0;
}

/* No path: the start or resume function ends with deferred condition code 3. */
static void no_path(struct subchannel *s)
{
    struct condition c = {.control = SC_ALERT, .flags = SCSW_DEFERRED_CC_3 | SCSW_PATH_NOT_OPERATIONAL};

    s->pmcw.pnom |= s->pmcw.pim & s->orb.control >> 8;
    measurement_ended(s);
    status_present(s, &c);
}

static bool choose_path(struct subchannel *s)
{
    uint8_t usable = (s->orb.control >> 8) & s->pmcw.pam & s->pmcw.pim;

    if (!usable || !s->device) {
        no_path(s);
        return false;
    }
    s->pmcw.lpum = usable & -usable;
    return true;
}

static void perform_start(struct subchannel *s)
{
    if (s->program.awaiting_end || !choose_path(s))
        return; /* an earlier command has not reached device end: its status will tell */
    s->pmcw.pnom = 0;
    s->program = (struct channel_program){
        .transfer.next_ccw = s->orb.program, .transfer.ccw_end = s->orb.program + 8,
        .first = true, .accepting = true, .implied = s->program.implied,
    };
    program_run(s);
}

static void perform_resume(struct subchannel *s)
{
    if (!choose_path(s))
        return;
    s->scsw.control &= ~(AC_SUSPENDED | AC_RESUME_PENDING);
    program_run(s);
}

static void perform_halt(struct subchannel *s)
{
    struct condition c = {.ccw_address = s->scsw.ccw_address, .count = s->scsw.count};

    event_cancel(s->machine, &channel_function_event, subchannel_sid(s));
    s->scsw.control &= ~AC_HALT_PENDING;
    if (program_halt(s))
        return;
    s->program = (struct channel_program){.awaiting_end = s->program.awaiting_end};
    status_present(s, &c);
}

static void perform_clear(struct subchannel *s)
{
    struct condition c = {0};

    s->pmcw.pom = ALL_PATHS;
    s->pmcw.lpum = s->pmcw.pnom = 0;
    if (s->device && s->device->operations->reset)
        s->device->operations->reset(s->device, false);
    s->unsolicited = 0;
    s->alert = false;
    s->pmcw.lpum = THE_PATH;
    s->scsw.control &= ~AC_CLEAR_PENDING;
    status_present(s, &c);
}

static void function_fire(struct machine *machine, uint32_t subject, uint64_t argument)
{
    struct subchannel *s = subchannel_at(machine, subject);

    if (!s)
        return;
    if (s->scsw.control & AC_CLEAR_PENDING)
        perform_clear(s);
    else if (s->scsw.control & AC_HALT_PENDING)
        perform_halt(s);
    else if ((s->scsw.control & AC_RESUME_PENDING) && (s->scsw.control & AC_SUSPENDED))
        perform_resume(s);
    else if ((s->scsw.control & (FC_ANY | AC_START_PENDING)) == (FC_START | AC_START_PENDING)
             && !s->program.executing)
        perform_start(s);
}

void function_abandon(struct subchannel *s)
{
    event_cancel(s->machine, &channel_function_event, subchannel_sid(s));
    event_cancel(s->machine, &channel_ending_event, subchannel_sid(s));
    s->program = (struct channel_program){0};
    s->waiting = (struct condition){0};
    s->scsw = (struct scsw){0};
    s->measurement = (struct measurement){0};
    s->unsolicited = 0;
    s->alert = false;
    s->logout_flags = 0;
    s->connect_interval = 0;
    memset(s->sense, 0, sizeof s->sense);
    s->sense_bytes = 0;
    if (s->device) {
        memset(s->device->sense, 0, sizeof s->device->sense);
        s->device->sense_bytes = 0;
    }
    interruption_withdraw(s);
}
