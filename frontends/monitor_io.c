/* SPDX-License-Identifier: MIT */
/** Commands about the channel subsystem, devices and events. */
#include <stdio.h>
#include <stdlib.h>

#include "monitor_internal.h"
#include "options.h"

static uint32_t word(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Offsets in a SCHIB (PoP ch. 15): PMCW words 0-6, SCSW words 0-2. */
enum { PMCW_FLAGS = 4, SCSW = 28 };

struct bit_word {
    uint32_t mask;
    const char *word;
};

static json_t *bit_words(uint32_t value, const struct bit_word *words, unsigned count)
{
    char text[160] = "";

    for (unsigned i = 0; i < count; i++)
        if (value & words[i].mask)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] ? " " : "",
                     words[i].word);
    return json_string(text);
}

/* Function, activity and status control: SCSW word 0 bits 16-31. */
static json_t *activity(const uint8_t *schib)
{
    static const struct bit_word words[] = {
        {0x4000, "start"}, {0x2000, "halt"}, {0x1000, "clear"}, {0x0800, "resume-pending"},
        {0x0400, "start-pending"}, {0x0200, "halt-pending"}, {0x0100, "clear-pending"},
        {0x0080, "subchannel-active"}, {0x0040, "device-active"}, {0x0020, "suspended"}, {0x0010, "alert"},
        {0x0008, "intermediate"}, {0x0004, "primary"}, {0x0002, "secondary"}, {0x0001, "status-pending"},
    };

    return bit_words(word(schib + SCSW), words, sizeof words / sizeof words[0]);
}

static json_t *subchannel_value(const struct sienna_subchannel *s)
{
    uint32_t flags = word(s->schib + PMCW_FLAGS) >> 16;

    if (!s->valid)
        return json_pack("{s:o, s:b}", "subchannel", monitor_string("%08x", s->id), "valid", 0);
    return json_pack("{s:o, s:b, s:o, s:s, s:o, s:b, s:i, s:o, s:b}", "subchannel",
                     monitor_string("%08x", s->id), "valid",
                     1, "device", monitor_string("fe.0.%04x", s->device_number), "type", s->type, "chpid",
                     monitor_hex(s->chpid, 2), "enabled", flags >> 7 & 1, "isc", (int)(flags >> 11 & 7),
                     "doing",
                     activity(s->schib), "interrupts", (int)s->interrupts);
}

static json_t *details(const struct sienna_subchannel *s)
{
    static const struct bit_word device[] = {
        {0x80, "attention"}, {0x40, "modifier"}, {0x20, "control-unit-end"}, {0x10, "busy"},
        {0x08, "channel-end"},
        {0x04, "device-end"}, {0x02, "unit-check"}, {0x01, "unit-exception"},
    };
    static const struct bit_word subchannel[] = {
        {0x80, "PCI"}, {0x40, "incorrect-length"}, {0x20, "program-check"}, {0x10, "protection-check"},
        {0x08, "channel-data-check"}, {0x04, "channel-control-check"}, {0x02, "interface-control-check"},
        {0x01, "chaining-check"},
    };
    json_t *value = subchannel_value(s);
    const uint8_t *scsw = s->schib + SCSW;

    json_object_set_new(value, "interruption_parameter", monitor_hex(word(s->schib), 8));
    json_object_set_new(value, "pmcw", monitor_hex_bytes(s->schib, SCSW));
    json_object_set_new(value, "scsw", monitor_hex_bytes(scsw, 12));
    json_object_set_new(value, "ccw_address", monitor_hex(word(scsw + 4), 8));
    json_object_set_new(value, "device_status", bit_words(scsw[8], device, 8));
    json_object_set_new(value, "subchannel_status", bit_words(scsw[9], subchannel, 8));
    json_object_set_new(value, "count", json_integer(scsw[10] << 8 | scsw[11]));
    return value;
}

json_t *monitor_do_subchannels(struct monitor_call *call)
{
    struct sienna_subchannel s;
    unsigned number = 0;
    bool one = monitor_given(call, "device");
    json_t *list;

    if (one && !monitor_device(call, "device", &number))
        return NULL;
    list = json_array();
    for (unsigned i = 0; sienna_subchannel(call->monitor->sienna, i, &s); i++) {
        if (one && s.valid && s.device_number == number) {
            json_decref(list);
            return details(&s);
        }
        if (!one)
            json_array_append_new(list, subchannel_value(&s));
    }
    if (!one)
        return json_pack("{s:o}", "subchannels", list);
    json_decref(list);
    return monitor_fail(call, "there is no device fe.0.%04x", number);
}

json_t *monitor_do_devices(struct monitor_call *call)
{
    struct sienna_subchannel s;
    json_t *list = json_array();

    for (unsigned i = 0; sienna_subchannel(call->monitor->sienna, i, &s); i++)
        if (s.valid)
            json_array_append_new(list, json_pack("{s:o, s:s, s:o}", "device",
                                                  monitor_string("fe.0.%04x", s.device_number),
                                                  "type", s.type, "subchannel",
                                                  monitor_string("%08x", s.id)));
    return json_pack("{s:o}", "devices", list);
}

static json_t *milliseconds(uint64_t from, uint64_t to)
{
    return monitor_string("%.6f", ((double)to - (double)from) * 1e3 / SIENNA_SECOND);
}

json_t *monitor_do_events(struct monitor_call *call)
{
    struct sienna *s = call->monitor->sienna;
    uint64_t next = sienna_next_event(s), now = sienna_now(s);
    struct sienna_event e;
    json_t *list = json_array(), *value;

    for (unsigned i = 0; i < 1000 && sienna_event(s, i, &e); i++)
        json_array_append_new(list, json_pack("{s:o, s:s, s:o, s:o}", "milliseconds_from_now",
                                              milliseconds(now, e.time),
                                              "event", e.name, "subject", monitor_hex(e.subject, 1),
                                              "argument",
                                              monitor_hex(e.argument, 1)));
    value = json_pack("{s:o}", "events", list);
    if (next != UINT64_MAX)
        json_object_set_new(value, "next_event_or_timer_in_milliseconds",
                            milliseconds(now, next));
    return value;
}

/* ---- Devices come and go ---- */

json_t *monitor_do_device_add(struct monitor_call *call)
{
    struct monitor *m = call->monitor;
    struct option_list list;
    bool ok = option_list_parse(&list, monitor_text(call, "device"), "device-add", call->problem);
    size_t n = strlen(list.head);

    if (ok && n > 4 && !strcmp(list.head + n - 4, "-ccw"))
        list.text[n - 4] = 0;
    ok = ok && sienna_device_add(m->sienna, list.head, list.settings, list.count, call->problem);
    free(list.text);
    if (!ok)
        return NULL;
    m->host.devices_changed(m->host.context);
    return json_object();
}

json_t *monitor_do_device_remove(struct monitor_call *call)
{
    unsigned number;

    if (!monitor_device(call, "device", &number) ||
        !sienna_device_remove(call->monitor->sienna, number, call->problem))
        return NULL;
    call->monitor->host.devices_changed(call->monitor->host.context);
    return json_object();
}

json_t *monitor_do_link(struct monitor_call *call)
{
    unsigned number, on = 0;

    if (!monitor_device(call, "device", &number) || !monitor_choice(call, "state", &on))
        return NULL;
    return sienna_network_link(call->monitor->sienna, number, on, call->problem) ? json_object() : NULL;
}

json_t *monitor_do_balloon(struct monitor_call *call)
{
    struct sienna *s = call->monitor->sienna;
    uint64_t size = 0, target, actual;
    unsigned number;

    if (!monitor_device(call, "device", &number) || !monitor_number(call, "mebibytes", 0, 1 << 24, &size))
        return NULL;
    if (monitor_given(call, "mebibytes") && !sienna_balloon_target(s, number, size << 20, call->problem))
        return NULL;
    if (!sienna_balloon_actual(s, number, &target, &actual))
        return monitor_fail(call, "device fe.0.%04x is no balloon", number);
    return json_pack("{s:I, s:I}", "asked_mebibytes", (json_int_t)(target >> 20), "given_mebibytes",
                     (json_int_t)(actual >> 20));
}
