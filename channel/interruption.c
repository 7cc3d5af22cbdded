/* SPDX-License-Identifier: MIT */
/**
 * I/O-interruption requests: subchannels and adapters, by interruption
 * subclass (lower ISC first), and within one in the order of the requests.
 */
#include "channel/subchannel.h"
#include "storage/storage.h"

static unsigned isc_of(const struct subchannel *s)
{
    return (s->pmcw.flags & PMCW_ISC) >> 11;
}

void interruption_update(struct machine *machine)
{
    const struct channel_subsystem *css = machine->channel;
    uint8_t iscs = 0;

    for (unsigned isc = 0; isc < ISCS; isc++)
        if (css->adapter[isc])
            iscs |= 0x80 >> isc;
    for (unsigned i = 0; i < css->count; i++)
        if (css->subchannel[i]->request)
            iscs |= 0x80 >> isc_of(css->subchannel[i]);
    machine_io_pending(machine, iscs);
}

void interruption_request(struct subchannel *s)
{
    struct channel_subsystem *css = s->machine->channel;

    if (css->ipl == IPL_RUNNING && css->ipl_sid == subchannel_sid(s))
        return; /* the IPL function looks at the status itself */
    if (s->request)
        return;
    s->request = ++css->requests;
    interruption_update(s->machine);
}

void interruption_withdraw(struct subchannel *s)
{
    if (!s->request)
        return;
    s->request = 0;
    interruption_update(s->machine);
}

/* The oldest request of subchannels on `isc`. */
static struct subchannel *oldest(const struct channel_subsystem *css, unsigned isc)
{
    struct subchannel *found = NULL;

    for (unsigned i = 0; i < css->count; i++) {
        struct subchannel *s = css->subchannel[i];

        if (s->request && isc_of(s) == isc && (!found || s->request < found->request))
            found = s;
    }
    return found;
}

bool interruption_take(struct machine *machine, uint8_t isc_mask, struct io_interruption *out)
{
    struct channel_subsystem *css = machine->channel;
    unsigned isc;
    struct subchannel *s;

    isc_mask &= machine->floating.io_iscs;
    if (!isc_mask)
        return false;
    isc = __builtin_clz((uint32_t)isc_mask << 24);
    s = oldest(css, isc);
    if (s && (!css->adapter[isc] || s->request < css->adapter[isc])) {
        *out = (struct io_interruption){subchannel_sid(s), s->pmcw.parameter, isc << 27};
        s->request = 0;
    } else {
        *out = (struct io_interruption){0, 0, 0x80000000u | isc << 27};
        css->adapter[isc] = 0;
    }
    interruption_update(machine);
    return true;
}

void channel_adapter_interruption(struct machine *machine, uint8_t isc)
{
    struct channel_subsystem *css = machine->channel;

    isc &= ISCS - 1;
    if (css->adapter[isc])
        return;
    css->adapter[isc] = ++css->requests;
    interruption_update(machine);
}

bool channel_indicate(struct machine *machine, struct absolute indicator, uint64_t bit,
                      struct absolute summary, uint8_t isc)
{
    struct absolute at = absolute(indicator.v + bit / 8);
    uint8_t byte, summed;

    if (!storage_valid(machine->storage, at, 1) || !storage_valid(machine->storage, summary, 1))
        return false;
    storage_fetch(machine->storage, at, &byte, 1, 0);
    byte |= 0x80 >> (bit & 7);
    storage_store(machine->storage, at, &byte, 1, 0);
    storage_fetch(machine->storage, summary, &summed, 1, 0);
    if (summed == 0) {
        summed = 1;
        storage_store(machine->storage, summary, &summed, 1, 0);
        channel_adapter_interruption(machine, isc);
    }
    return true;
}
