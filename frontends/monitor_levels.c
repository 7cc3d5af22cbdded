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
