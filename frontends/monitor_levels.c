/* SPDX-License-Identifier: MIT */
/** Commands about guests under SIE. */
#include "monitor_internal.h"

json_t *monitor_do_exits(struct monitor_call *call)
{
    struct sienna_exit_count count;
    json_t *list = json_array();
    unsigned cursor = 0;

    while (sienna_exit_count(call->monitor->sienna, &cursor, &count))
        json_array_append_new(list, json_pack("{s:i, s:I, s:s}", "level", (int)count.level, "count",
                                              (json_int_t)count.count, "cause", count.cause));
    return json_pack("{s:o}", "exits", list);
}

json_t *monitor_do_why_exit(struct monitor_call *call)
{
    char text[512];
    unsigned cpu;

    if (!monitor_cpu(call, &cpu))
        return NULL;
    sienna_why_exit(call->monitor->sienna, cpu, text, sizeof text);
    return json_pack("{s:i, s:s}", "cpu", (int)cpu, "exit", text);
}

json_t *monitor_do_levels(struct monitor_call *call)
{
    struct sienna_level l;
    char words[128];
    unsigned cpu;
    json_t *list, *one;

    if (!monitor_cpu(call, &cpu))
        return NULL;
    list = json_array();
    for (unsigned i = 0; sienna_level(call->monitor->sienna, cpu, i, &l); i++) {
        monitor_psw_words(l.psw_mask, words, sizeof words);
        one = json_pack("{s:i, s:o, s:o, s:o, s:s}", "level", (int)l.level, "psw",
                        monitor_string("%016llx%016llx", (unsigned long long)l.psw_mask,
                                       (unsigned long long)l.psw_address),
                        "prefix", monitor_hex(l.prefix, 1), "primary_asce", monitor_hex(l.asce, 1),
                        "psw_says", words);
        if (l.level > 1) {
            json_object_set_new(one, "description", monitor_hex(l.description, 1));
            json_object_set_new(one, "origin", monitor_hex(l.origin, 1));
            json_object_set_new(one, "limit", l.limit == UINT64_MAX ? json_string("none") : monitor_hex(l.limit, 1));
        }
        json_array_append_new(list, one);
    }
    return json_pack("{s:i, s:o}", "cpu", (int)cpu, "levels", list);
}

json_t *monitor_do_description(struct monitor_call *call)
{
    struct sienna_description_field f;
    struct sienna_cpu state;
    unsigned cpu;
    json_t *list;

    if (!monitor_cpu(call, &cpu))
        return NULL;
    if (!sienna_description_field(call->monitor->sienna, cpu, 0, &f))
        return monitor_fail(call, "CPU %u has interpreted no guest yet", cpu);
    sienna_cpu(call->monitor->sienna, cpu, &state);
    list = json_array();
    for (unsigned i = 0; sienna_description_field(call->monitor->sienna, cpu, i, &f); i++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s}", "field", f.name, "at",
                                              monitor_hex(f.offset, 3), "value",
                                              monitor_hex(f.value, 2 * (int)f.bytes), "says", f.words));
    return json_pack("{s:i, s:b, s:o}", "cpu", (int)cpu, "in_use", (int)state.interpreting, "fields", list);
}
