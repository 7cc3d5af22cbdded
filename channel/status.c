/* SPDX-License-Identifier: MIT */
/**
 * Interruption conditions at the subchannel: how status gets into the SCSW,
 * waits there for TEST SUBCHANNEL, and is cleared (PoP ch. 14 and 16).
 *
 * Conditions recognized before the interruption is accepted are merged into
 * one; what comes between the interruption and TEST SUBCHANNEL waits, and
 * makes a request of its own afterwards, so that no status is lost or seen
 * without an interruption.
 */
#include "channel/subchannel.h"

static void take_concurrent_sense(struct subchannel *s)
{
    struct channel_device *d = s->device;

    if (!d || !d->sense_bytes || !(s->pmcw.word6 & PMCW6_CONCURRENT_SENSE))
        return;
    memcpy(s->sense, d->sense, sizeof s->sense);
    s->sense_bytes = d->sense_bytes;
    s->scsw.flags |= SCSW_EXTENDED_CONTROL;
    memset(d->sense, 0, sizeof d->sense);
    d->sense_bytes = 0;
}

static void merge(struct subchannel *s, const struct condition *c)
{
    struct scsw *scsw = &s->scsw;

    if (!(scsw->control & SC_PENDING))
        scsw->device_status = scsw->subchannel_status = 0; /* of what TEST SUBCHANNEL has cleared */
    if (c->control & SC_PRIMARY)
        scsw->control &= ~(AC_START_PENDING | AC_RESUME_PENDING | AC_SUBCHANNEL_ACTIVE);
    if (c->control & SC_SECONDARY)
        scsw->control &= ~AC_DEVICE_ACTIVE;
    if (c->flags & SCSW_DEFERRED_CC)
        scsw->control &= ~(AC_START_PENDING | AC_RESUME_PENDING | AC_SUBCHANNEL_ACTIVE | AC_DEVICE_ACTIVE);
    scsw->control |= c->control | SC_PENDING;
    scsw->flags |= c->flags;
    scsw->device_status |= c->device_status;
    scsw->subchannel_status |= c->subchannel_status;
    scsw->ccw_address = c->ccw_address;
    scsw->count = c->count;
    if (c->sense)
        take_concurrent_sense(s);
    if (c->subchannel_status & SUBSTATUS_INTERFACE_CONTROL_CHECK || s->logout_flags)
        scsw->flags |= SCSW_LOGOUT;
}

void status_present(struct subchannel *s, const struct condition *c)
{
    struct condition *w = &s->waiting;

    w->control |= c->control | SC_PENDING;
    w->flags |= c->flags;
    w->device_status |= c->device_status;
    w->subchannel_status |= c->subchannel_status;
    w->ccw_address = c->ccw_address;
    w->count = c->count;
    w->sense |= c->sense;
    status_present_waiting(s);
}

/* Unsolicited status and alerts, when nothing else is going on at the subchannel. */
static void present_unsolicited(struct subchannel *s)
{
    struct condition c = {.control = SC_ALERT, .device_status = s->unsolicited,
                          .sense = s->unsolicited & STATUS_UNIT_CHECK};

    if (!s->alert || (s->scsw.control & (FC_ANY | SC_PENDING)) || s->program.awaiting_end)
        return;
    s->alert = false;
    s->unsolicited = 0;
    s->scsw = (struct scsw){.control = s->scsw.control};
    merge(s, &c);
    interruption_request(s);
}

void status_present_waiting(struct subchannel *s)
{
    if (s->waiting.control) {
        struct condition c = s->waiting;

        if ((s->scsw.control & SC_PENDING) && !s->request)
            return;
        s->waiting = (struct condition){0};
        merge(s, &c);
        interruption_request(s);
        return;
    }
    present_unsolicited(s);
}

/* The two status bytes stay, meaningless as they are: QEMU's boot program looks at them after condition code 1. */
void status_clear(struct subchannel *s)
{
    struct scsw *scsw = &s->scsw;
    const uint16_t pending = AC_RESUME_PENDING | AC_START_PENDING | AC_HALT_PENDING | AC_CLEAR_PENDING;

    if (!(scsw->control & SC_PENDING))
        return;
    if ((scsw->control & SC_ANY) != (SC_INTERMEDIATE | SC_PENDING)) {
        scsw->control &= ~(FC_ANY | pending | AC_SUSPENDED);
        scsw->flags &= ~SCSW_PATH_NOT_OPERATIONAL;
    } else if (scsw->control & AC_SUSPENDED) {
        if (scsw->control & FC_HALT)
            scsw->control &= ~(FC_ANY | pending | AC_SUSPENDED);
        else
            scsw->control &= ~AC_RESUME_PENDING;
        scsw->flags &= ~SCSW_PATH_NOT_OPERATIONAL;
    }
    scsw->control &= ~SC_ANY;
    scsw->flags &= ~(SCSW_ZERO_CC | SCSW_EXTENDED_CONTROL | SCSW_LOGOUT | SCSW_DEFERRED_CC);
    s->logout_flags = 0;
    s->connect_interval = 0;
    memset(s->sense, 0, sizeof s->sense);
    s->sense_bytes = 0;
    interruption_withdraw(s);
    status_present_waiting(s);
}
