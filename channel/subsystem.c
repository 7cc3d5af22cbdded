/* SPDX-License-Identifier: MIT */
/**
 * The channel subsystem as a whole: creation, devices and their subchannels
 * and channel paths, I/O-system reset (PoP ch. 13 and 17).
 */
#include "channel/channel.h"

#include <stdlib.h>

#include "channel/subchannel.h"

enum { THE_PATH = 0x80, ALL_PATHS = 0xff, VIRTUAL_PATH_TYPE = 0x32 };
/* What DIAGNOSE 0x500 answers when there is nothing to notify: Linux prints it as an error number. */
enum { NOTIFY_NO_DEVICE = -22 };

struct subchannel *subchannel_at(const struct machine *machine, uint32_t sid)
{
    const struct channel_subsystem *css = machine->channel;

    return sid_valid(sid) && (sid & 0xffff) < css->count ? css->subchannel[sid & 0xffff] : NULL;
}

struct channel_device *channel_device_at(const struct machine *machine, uint32_t sid)
{
    struct subchannel *s = subchannel_at(machine, sid);

    return s ? s->device : NULL;
}

struct channel_device *channel_device_numbered(const struct machine *machine, uint16_t number)
{
    const struct channel_subsystem *css = machine->channel;

    for (unsigned i = 0; i < css->count; i++)
        if (css->subchannel[i]->device && css->subchannel[i]->device->number == number)
            return css->subchannel[i]->device;
    return NULL;
}

/* The PMCW as it is after I/O-system reset. */
static void initialize_pmcw(struct subchannel *s)
{
    s->pmcw = (struct pmcw){0};
    if (!s->device)
        return;
    s->pmcw.flags = PMCW_VALID | PMCW_TIMING;
    s->pmcw.device_number = s->device->number;
    s->pmcw.pim = s->pmcw.lpm = THE_PATH;
    s->pmcw.pam = s->machine->channel->path[s->device->chpid].standby ? 0 : THE_PATH;
    s->pmcw.pom = ALL_PATHS;
    s->pmcw.chpid = s->device->chpid;
}

/* A channel path of `type`, defined when there is none yet. */
static int find_path(struct channel_subsystem *css, uint8_t type)
{
    int unused = -1;

    for (int i = 0; i < CHPIDS; i++) {
        if (css->path[i].defined && css->path[i].type == type)
            return i;
        if (!css->path[i].defined && unused < 0)
            unused = i;
    }
    return unused;
}

static struct subchannel *add_subchannel(struct machine *machine)
{
    struct channel_subsystem *css = machine->channel;
    struct subchannel *s = machine_allocate(sizeof *s);

    s->machine = machine;
    s->number = css->count;
    css->subchannel = machine_reallocate(css->subchannel, (css->count + 1) * sizeof *css->subchannel);
    css->subchannel[css->count++] = s;
    return s;
}

/* A subchannel without a device, the lowest first. */
static struct subchannel *find_subchannel(struct machine *machine)
{
    struct channel_subsystem *css = machine->channel;

    for (unsigned i = 0; i < css->count; i++)
        if (!css->subchannel[i]->device)
            return css->subchannel[i];
    return css->count == SUBCHANNELS ? NULL : add_subchannel(machine);
}

/* The device gets its place; false when there is no channel path for it. */
static bool place(struct subchannel *s, struct channel_device *device, uint16_t number)
{
    struct channel_subsystem *css = s->machine->channel;
    uint8_t type = device->chp_type ? device->chp_type : VIRTUAL_PATH_TYPE;
    int path = find_path(css, type);

    if (path < 0)
        return false;
    css->path[path].defined = true;
    css->path[path].type = type;
    device->machine = s->machine;
    device->chp_type = type;
    device->chpid = path;
    device->number = number;
    device->sid = subchannel_sid(s);
    s->device = device;
    function_abandon(s);
    initialize_pmcw(s);
    return true;
}

bool channel_attach(struct machine *machine, struct channel_device *device, uint32_t number, bool announce)
{
    uint8_t type = device->chp_type ? device->chp_type : VIRTUAL_PATH_TYPE;
    struct subchannel *s;

    if (number == DEVICE_NUMBER_ANY)
        for (number = 0; number < DEVICE_NUMBER_ANY && channel_device_numbered(machine, number);)
            number++;
    if (number > 0xffff || channel_device_numbered(machine, number) || find_path(machine->channel, type) < 0)
        return false;
    s = find_subchannel(machine);
    if (!s || !place(s, device, (uint16_t)number))
        return false;
    if (announce)
        report_queue(machine, REPORT_SUBCHANNEL, REPORT_INSTALLED_INITIALIZED, s->number, false);
    return true;
}

void channel_unseat(struct machine *machine, struct channel_device *device)
{
    struct subchannel *s = device_subchannel(device);

    if (device->operations->reset)
        device->operations->reset(device, true);
    function_abandon(s);
    s->device = NULL;
    initialize_pmcw(s);
}

bool channel_seat(struct machine *machine, struct channel_device *device, unsigned subchannel, uint16_t number)
{
    return place(machine->channel->subchannel[subchannel], device, number);
}

unsigned channel_subchannels(const struct machine *machine)
{
    return machine->channel->count;
}

void channel_resize(struct machine *machine, unsigned subchannels)
{
    struct channel_subsystem *css = machine->channel;

    while (css->count < subchannels)
        add_subchannel(machine);
    while (css->count > subchannels)
        free(css->subchannel[--css->count]);
}

void channel_detach(struct machine *machine, struct channel_device *device)
{
    struct subchannel *s = device_subchannel(device);

    channel_unseat(machine, device);
    device->operations->release(device);
    report_queue(machine, REPORT_SUBCHANNEL, REPORT_INSTALLED_INITIALIZED, s->number, false);
}

bool channel_configure_path(struct machine *machine, unsigned chpid, bool on)
{
    struct channel_subsystem *css = machine->channel;

    if (chpid >= CHPIDS || !css->path[chpid].defined)
        return false;
    css->path[chpid].standby = !on;
    for (unsigned i = 0; i < css->count; i++) {
        struct subchannel *s = css->subchannel[i];

        if (!s->device || s->pmcw.chpid != chpid)
            continue;
        s->pmcw.pam = on ? THE_PATH : 0;
        if (!on)
            subchannel_lose_path(s);
    }
    return true;
}

static int64_t virtio_notify(struct machine *machine, uint32_t sid, uint64_t queue, int64_t cookie)
{
    struct subchannel *s = subchannel_at(machine, sid);

    if (!subchannel_operational(s) || !s->device->operations->notify)
        return NOTIFY_NO_DEVICE;
    return s->device->operations->notify(s->device, queue, cookie);
}

static bool identify(struct machine *machine, uint16_t number, uint8_t sense_id[8])
{
    const struct channel_device *device = channel_device_numbered(machine, number);

    if (!device)
        return false;
    device_identify(device, sense_id);
    sense_id[7] = 0;
    return true;
}

static void reset(struct machine *machine)
{
    struct channel_subsystem *css = machine->channel;

    for (unsigned i = 0; i < css->count; i++) {
        struct subchannel *s = css->subchannel[i];

        if (s->device && s->device->operations->reset)
            s->device->operations->reset(s->device, true);
        function_abandon(s);
        initialize_pmcw(s);
    }
    memset(css->adapter, 0, sizeof css->adapter);
    memset(css->report, 0, sizeof css->report);
    css->reports = 0;
    css->address_limit = 0;
    css->measuring_blocks = css->measuring_connect = false;
    css->measurement_origin = css->measurement_key = 0;
    css->ipl = IPL_NONE;
    css->ipl_sid = 0;
    machine->guest_adapters.information = 0;
    machine_channel_report(machine, false);
    interruption_update(machine);
}

static void release(struct machine *machine)
{
    struct channel_subsystem *css = machine->channel;

    if (!css)
        return;
    for (unsigned i = 0; i < css->count; i++) {
        struct subchannel *s = css->subchannel[i];

        event_cancel(machine, &channel_function_event, subchannel_sid(s));
        event_cancel(machine, &channel_ending_event, subchannel_sid(s));
        if (s->device)
            s->device->operations->release(s->device);
        free(s);
    }
    free(css->subchannel);
    free(css);
    machine->channel = NULL;
    machine->io = (struct channel_service){0};
}

void channel_create(struct machine *machine)
{
    machine->channel = machine_allocate(sizeof *machine->channel);
    machine->io = (struct channel_service){
        .start = function_start,
        .test = test_subchannel,
        .modify = modify_subchannel,
        .store = store_subchannel,
        .halt = function_halt,
        .clear = function_clear,
        .resume = function_resume,
        .cancel = function_cancel,
        .store_crw = store_report,
        .store_path_status = store_path_status,
        .reset_channel_path = reset_channel_path,
        .set_address_limit = set_address_limit,
        .set_channel_monitor = set_channel_monitor,
        .chsc = channel_subsystem_call,
        .take_interruption = interruption_take,
        .adapter_interruption = channel_adapter_interruption,
        .identify = identify,
        .virtio_notify = virtio_notify,
        .reset = reset,
        .release = release,
    };
}
