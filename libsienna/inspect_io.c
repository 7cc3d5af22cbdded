/* SPDX-License-Identifier: MIT */
/** Subchannels, devices and events, for monitors and debuggers. */
#include "channel/channel.h"
#include "channel/subchannel.h"
#include "libsienna/inspect.h"

bool sienna_subchannel(const struct sienna *s, unsigned number, struct sienna_subchannel *out)
{
    struct machine *m = (struct machine *)&s->machine;
    const struct subchannel *sch = number <= 0xffff ? subchannel_at(m, 0x10000 | number) : NULL;

    if (!sch)
        return false;
    *out = (struct sienna_subchannel){.id = subchannel_sid(sch), .valid = sch->device != NULL,
                                      .interrupts = sch->request != 0};
    m->io.store(m, out->id, out->schib);
    if (sch->device) {
        out->device_number = sch->device->number;
        out->type = sch->device->operations->name;
        out->chpid = sch->device->chpid;
    }
    return true;
}

bool sienna_event(const struct sienna *s, unsigned index, struct sienna_event *out)
{
    const struct event_queue *q = &s->machine.events;
    const struct event *e;

    if (index >= q->count)
        return false;
    e = &q->pending[q->count - 1 - index];
    *out = (struct sienna_event){e->time, e->class->name, e->subject, e->argument};
    return true;
}
