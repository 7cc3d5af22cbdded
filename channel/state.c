/* SPDX-License-Identifier: MIT */
/** The canonical state of the channel subsystem, field by field. */
#include "machine/state.h"

#include "channel/channel.h"
#include "channel/subchannel.h"

static void walk_pmcw(struct state_walk *walk, struct pmcw *p)
{
    STATE(walk, p, parameter);
    STATE(walk, p, flags);
    STATE(walk, p, device_number);
    STATE(walk, p, lpm);
    STATE(walk, p, pnom);
    STATE(walk, p, lpum);
    STATE(walk, p, pim);
    STATE(walk, p, pom);
    STATE(walk, p, pam);
    STATE(walk, p, measurement_index);
    STATE(walk, p, chpid);
    STATE(walk, p, word6);
    STATE(walk, p, measurement_address);
}

static void walk_scsw(struct state_walk *walk, struct scsw *scsw)
{
    STATE(walk, scsw, flags);
    STATE(walk, scsw, control);
    STATE(walk, scsw, ccw_address);
    STATE(walk, scsw, device_status);
    STATE(walk, scsw, subchannel_status);
    STATE(walk, scsw, count);
}

static void walk_transfer(struct state_walk *walk, struct transfer *t)
{
    STATE(walk, t, address);
    STATE(walk, t, area);
    STATE(walk, t, list);
    STATE(walk, t, count);
    STATE(walk, t, next_ccw);
    STATE(walk, t, ccw_end);
    STATE(walk, t, flags);
    STATE(walk, t, list_begun);
    STATE(walk, t, area_skipped);
    STATE(walk, t, list_ended);
    STATE(walk, t, status);
}

static void walk_program(struct state_walk *walk, struct channel_program *p)
{
    walk_transfer(walk, &p->transfer);
    STATE(walk, p, command);
    STATE(walk, p, first);
    STATE(walk, p, chained);
    STATE(walk, p, accepting);
    STATE(walk, p, executing);
    STATE(walk, p, ending_known);
    STATE(walk, p, ending);
    STATE(walk, p, awaiting_end);
    STATE(walk, p, chaining);
    STATE(walk, p, transferred);
    STATE(walk, p, long_block);
    STATE(walk, p, implied);
}

static void walk_waiting(struct state_walk *walk, struct condition *waiting)
{
    state_u16(walk, "waiting_control", &waiting->control);
    state_u16(walk, "waiting_flags", &waiting->flags);
    state_u8(walk, "waiting_device_status", &waiting->device_status);
    state_u8(walk, "waiting_subchannel_status", &waiting->subchannel_status);
    state_u32(walk, "waiting_ccw_address", &waiting->ccw_address);
    state_u16(walk, "waiting_count", &waiting->count);
    state_bool(walk, "waiting_sense", &waiting->sense);
}

static void walk_measurement(struct state_walk *walk, struct measurement *m)
{
    STATE(walk, m, started);
    STATE(walk, m, pending);
    STATE(walk, m, command_begun);
    STATE(walk, m, connected);
    STATE(walk, m, disconnected);
    STATE(walk, m, updated);
}

static void walk_subchannel(struct state_walk *walk, struct subchannel *s)
{
    walk_pmcw(walk, &s->pmcw);
    state_u32(walk, "orb_parameter", &s->orb.parameter);
    state_u32(walk, "orb_control", &s->orb.control);
    state_u32(walk, "orb_program", &s->orb.program);
    walk_scsw(walk, &s->scsw);
    walk_program(walk, &s->program);
    walk_waiting(walk, &s->waiting);
    walk_measurement(walk, &s->measurement);
    STATE(walk, s, request);
    STATE(walk, s, logout_flags);
    state_bytes(walk, "concurrent_sense", s->sense, sizeof s->sense);
    state_u8(walk, "concurrent_sense_bytes", &s->sense_bytes);
    state_check(walk, s->sense_bytes <= sizeof s->sense, "its sense data are too long");
    STATE(walk, s, unsolicited);
    STATE(walk, s, alert);
    STATE(walk, s, connect_interval);
}

static void walk_device(struct state_walk *walk, struct channel_device *device)
{
    state_group(walk, device->operations->name, device->number);
    state_bytes(walk, "sense", device->sense, sizeof device->sense);
    STATE(walk, device, sense_bytes);
    state_check(walk, device->sense_bytes <= sizeof device->sense, "its sense data are too long");
    if (device->operations->state)
        device->operations->state(device, walk);
}

/* Without a device nothing goes on; with one its channel path is that of the subchannel. */
static void check_subchannel(struct state_walk *walk, const struct subchannel *s)
{
    const struct channel_program *p = &s->program;

    if (walk->restoring && s->device)
        s->device->chpid = s->pmcw.chpid;
    state_check(walk, s->device || (!(s->scsw.control & ~SC_ANY) && !p->executing && !p->chaining && !p->awaiting_end),
                "it is busy without a device");
}

static void walk_path(struct state_walk *walk, struct channel_path *path)
{
    STATE(walk, path, defined);
    STATE(walk, path, type);
    STATE(walk, path, standby);
}

static void walk_subsystem(struct state_walk *walk, struct channel_subsystem *css)
{
    uint8_t ipl = css->ipl;

    STATE(walk, css, requests);
    for (unsigned isc = 0; isc < ISCS; isc++)
        state_u64(walk, "adapter_request", &css->adapter[isc]);
    STATE(walk, css, reports);
    for (unsigned i = 0; i < REPORTS; i++)
        state_u32(walk, "report", &css->report[i]);
    state_check(walk, css->reports <= REPORTS, "it has too many channel reports");
    css->reports = css->reports <= REPORTS ? css->reports : REPORTS;
    for (unsigned i = 0; i < CHPIDS; i++)
        walk_path(walk, &css->path[i]);
    STATE(walk, css, address_limit);
    STATE(walk, css, measurement_origin);
    STATE(walk, css, measurement_key);
    STATE(walk, css, measuring_blocks);
    STATE(walk, css, measuring_connect);
    state_u8(walk, "ipl", &ipl);
    STATE(walk, css, ipl_sid);
    css->ipl = ipl <= IPL_FAILED ? (enum ipl_progress)ipl : IPL_NONE;
}

void channel_state(struct machine *machine, struct state_walk *walk)
{
    struct channel_subsystem *css = machine->channel;
    uint32_t subchannels = css->count;

    state_group(walk, "channel-subsystem", 0);
    state_u32(walk, "subchannels", &subchannels);
    state_check(walk, subchannels == css->count, "the machines differ in the number of subchannels");
    walk_subsystem(walk, css);
    state_u32(walk, "guest_information_block", &machine->guest_adapters.information);
    for (unsigned i = 0; i < css->count; i++) {
        struct subchannel *s = css->subchannel[i];

        state_group(walk, "subchannel", i);
        walk_subchannel(walk, s);
        check_subchannel(walk, s);
        if (s->device)
            walk_device(walk, s->device);
    }
}

void channel_restored(struct machine *machine)
{
    interruption_update(machine);
}
