/* SPDX-License-Identifier: MIT */
/** Commands that keep the machine's state and go back to it. */
#include <stdio.h>

#include "host_snapshots.h"
#include "monitor_internal.h"
#include "sienna_history.h"

static json_t *seconds(uint64_t time)
{
    return monitor_string("%.6f", (double)time / (double)SIENNA_SECOND);
}

static json_t *value_of(const struct host_snapshot *s)
{
    return json_pack("{s:s, s:o, s:I, s:I}", "name", s->name, "virtual_seconds",
                     seconds(sienna_checkpoint_time(s->checkpoint)), "position",
                     (json_int_t)sienna_checkpoint_position(s->checkpoint), "kibibytes",
                     (json_int_t)(sienna_checkpoint_bytes(s->checkpoint) >> 10));
}

/* Where nobody keeps snapshots there are none in files either. */
static bool kept(struct monitor_call *call)
{
    if (!call->monitor->host.snapshots)
        monitor_fail(call, "no snapshots are kept here");
    return call->monitor->host.snapshots;
}

json_t *monitor_do_savevm(struct monitor_call *call)
{
    struct monitor *m = call->monitor;
    const char *name = monitor_text(call, "name"), *file = monitor_text(call, "file");

    if (!kept(call))
        return NULL;
    if (file)
        return sienna_save(m->sienna, file, name, call->problem) ? json_pack("{s:s}", "file", file) : NULL;
    if (!host_snapshots_take(m->host.snapshots, name, call->problem))
        return NULL;
    for (const struct host_snapshot *s = m->host.snapshots->first; s; s = s->next)
        if (!s->next)
            return value_of(s);
    return json_object();
}

json_t *monitor_do_loadvm(struct monitor_call *call)
{
    struct monitor *m = call->monitor;
    uint64_t first, last;
    const char *name = monitor_text(call, "name"), *file = monitor_text(call, "file");

    if (!kept(call))
        return NULL;
    if (sienna_history_range(m->sienna, &first, &last))
        return monitor_fail(call, "history is kept, in which one goes back by position");
    if (!name == !file)
        return monitor_fail(call, "say a snapshot's name, or file=PATH");
    if (!sienna_may_jump(m->sienna, call->problem))
        return NULL;
    if (file ? !sienna_load_state(m->sienna, file, call->problem)
             : !host_snapshots_restore(m->host.snapshots, name, call->problem))
        return NULL;
    snprintf(m->reason, sizeof m->reason, "snapshot");
    snprintf(m->text, sizeof m->text, "stands where the snapshot was taken");
    m->host.went_back(m->host.context);
    m->host.devices_changed(m->host.context);
    return json_pack("{s:o}", "virtual_seconds", seconds(sienna_now(m->sienna)));
}

json_t *monitor_do_delvm(struct monitor_call *call)
{
    return kept(call) && host_snapshots_delete(call->monitor->host.snapshots, monitor_text(call, "name"), call->problem)
        ? json_object() : NULL;
}

json_t *monitor_do_snapshots(struct monitor_call *call)
{
    json_t *list;

    if (!kept(call))
        return NULL;
    list = json_array();
    for (const struct host_snapshot *s = call->monitor->host.snapshots->first; s; s = s->next)
        json_array_append_new(list, value_of(s));
    return json_pack("{s:o, s:I}", "snapshots", list, "kibibytes_of_all",
                     (json_int_t)(sienna_checkpoints_bytes(call->monitor->sienna) >> 10));
}

json_t *monitor_do_commit(struct monitor_call *call)
{
    unsigned number = 0;

    if (monitor_given(call, "device") && !monitor_device(call, "device", &number))
        return NULL;
    return sienna_disk_commit(call->monitor->sienna, monitor_given(call, "device") ? (int)number : -1, call->problem)
        ? json_object() : NULL;
}
