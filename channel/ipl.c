/* SPDX-License-Identifier: MIT */
/** The channel subsystem's part of initial program loading (PoP ch. 17). */
#include "channel/channel.h"
#include "channel/subchannel.h"
#include "storage/storage.h"

enum { ORB_ALL_PATHS = 0xff00, IPL_SID_ADDRESS = 184 };

bool channel_ipl_start(struct machine *machine, uint32_t sid)
{
    struct channel_subsystem *css = machine->channel;
    struct subchannel *s = subchannel_at(machine, sid);

    if (!s || !s->device)
        return false;
    s->pmcw.flags |= PMCW_ENABLED;
    s->orb = (struct orb){0, ORB_ALL_PATHS, 0};
    s->program = (struct channel_program){.implied = true};
    css->ipl = IPL_RUNNING;
    css->ipl_sid = sid;
    function_begin(s);
    return true;
}

/* Nothing but channel end and device end so far. */
static bool faultless(const struct scsw *scsw)
{
    return (scsw->device_status & ~STATUS_ENDED) == 0 && (scsw->subchannel_status & ~SUBSTATUS_PCI) == 0
           && !(scsw->flags & SCSW_DEFERRED_CC);
}

enum channel_ipl_result channel_ipl_poll(struct machine *machine)
{
    struct channel_subsystem *css = machine->channel;
    struct subchannel *s = subchannel_at(machine, css->ipl_sid);
    uint8_t words[12] = {0};
    bool ok, over;

    if (css->ipl != IPL_RUNNING)
        return css->ipl == IPL_DONE ? CHANNEL_IPL_DONE : CHANNEL_IPL_FAILED;
    if (!s || !s->device) {
        css->ipl = IPL_FAILED;
        return CHANNEL_IPL_FAILED;
    }
    if (!(s->scsw.control & SC_PENDING))
        return CHANNEL_IPL_RUNNING;
    ok = faultless(&s->scsw);
    over = !(s->scsw.control & SC_INTERMEDIATE) || (s->scsw.control & (SC_PRIMARY | SC_ALERT | SC_SECONDARY));
    over = over && !s->program.awaiting_end;
    status_clear(s);
    if (ok && !over)
        return CHANNEL_IPL_RUNNING;
    if (ok) {
        put_be32(words, css->ipl_sid);
        storage_store(machine->storage, absolute(IPL_SID_ADDRESS), words, sizeof words, 0);
    }
    css->ipl = ok ? IPL_DONE : IPL_FAILED;
    return ok ? CHANNEL_IPL_DONE : CHANNEL_IPL_FAILED;
}
