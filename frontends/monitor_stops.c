/* SPDX-License-Identifier: MIT */
/** Commands about places where the machine stops, and about guests and their threads. */
#include <stdlib.h>

#include "monitor_condition.h"
#include "monitor_internal.h"
#include "sienna_debug.h"

/** A stop that was set here. */
struct monitor_stop {
    struct monitor_stop *next;
    const struct sienna *sienna;
    unsigned id;
    struct monitor_condition *condition; /**< NULL = none */
};

/* In the order of MONITOR_EVENTS. */
static const struct { enum sienna_stop_kind kind; const char *name; } events[] = {
    {SIENNA_STOP_CONTROL, "control"}, {SIENNA_STOP_ENTRY, "entry"}, {SIENNA_STOP_EXIT, "exit"},
    {SIENNA_STOP_EXTERNAL, "external"}, {SIENNA_STOP_IO, "io"}, {SIENNA_STOP_KEY, "key"},
    {SIENNA_STOP_MACHINE_CHECK, "machine-check"}, {SIENNA_STOP_PROGRAM, "program"},
    {SIENNA_STOP_RESTART, "restart"}, {SIENNA_STOP_SIGP, "sigp"}, {SIENNA_STOP_SVC, "svc"},
};
enum { EVENTS = sizeof events / sizeof events[0] };

static const char *kind_name(enum sienna_stop_kind kind)
{
    switch (kind) {
    case SIENNA_STOP_INSTRUCTION: return "instruction";
    case SIENNA_STOP_FETCH: return "fetch";
    case SIENNA_STOP_STORE: return "store";
    case SIENNA_STOP_ACCESS: return "access";
    default: break;
    }
    for (unsigned i = 0; i < EVENTS; i++)
        if (events[i].kind == kind)
            return events[i].name;
    return "?";
}

bool monitor_guest(struct monitor_call *call, unsigned *guest)
{
    uint64_t number = 0;
    struct sienna_guest g;

    if (!monitor_given(call, "guest"))
        return true;
    if (!monitor_number(call, "guest", 0, SIENNA_ANY_GUEST - 1, &number))
        return false;
    for (unsigned i = 0; sienna_guest(call->monitor->sienna, i, &g); i++)
        if (g.number == number) {
            *guest = (unsigned)number;
            return true;
        }
    monitor_fail(call, "there is no guest %u; guests lists them", (unsigned)number);
    return false;
}

/* ---- Those that were set here ---- */

static struct monitor_stop **find(struct monitor *m, unsigned id)
{
    struct monitor_stop **at = &m->stops;

    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static void forget(struct monitor *m, struct monitor_stop **at)
{
    struct monitor_stop *stop = *at;

    *at = stop->next;
    sienna_stop_remove(m->sienna, stop->id);
    monitor_condition_free(stop->condition);
    free(stop);
}

void monitor_stops_release(struct monitor *m)
{
    while (m->stops)
        forget(m, &m->stops);
}

static bool holds(void *context, const struct sienna_stop *stop)
{
    const struct monitor_stop *ours = context;

    return monitor_condition_holds(ours->condition, ours->sienna, stop->thread);
}

static void keep(struct monitor *m, unsigned id, struct monitor_condition *condition)
{
    struct monitor_stop *stop = malloc(sizeof *stop), **at = &m->stops;

    if (!stop)
        abort();
    *stop = (struct monitor_stop){NULL, m->sienna, id, condition};
    while (*at)
        at = &(*at)->next;
    *at = stop;
    if (condition)
        sienna_stop_condition_of(m->sienna, id, holds, stop);
}

/* ---- As values ---- */

static json_t *thread_value(unsigned number)
{
    return number == SIENNA_ANY_GUEST ? json_string("any") : json_integer((json_int_t)number);
}

static bool has_address(enum sienna_stop_kind kind)
{
    return kind <= SIENNA_STOP_KEY;
}

static bool has_number(enum sienna_stop_kind kind)
{
    return kind > SIENNA_STOP_KEY && kind != SIENNA_STOP_ENTRY && kind != SIENNA_STOP_MACHINE_CHECK &&
           kind != SIENNA_STOP_RESTART;
}

static json_t *describe(struct monitor *m, unsigned id, const struct sienna_stop_at *w)
{
    const struct monitor_stop *ours = *find(m, id);
    json_t *value = json_pack("{s:i, s:s, s:o}", "id", (int)id, "kind", kind_name(w->kind), "guest",
                              thread_value(w->guest));

    if (has_address(w->kind))
        json_object_set_new(value, "address", monitor_hex(w->address, 1));
    if (w->kind >= SIENNA_STOP_FETCH && w->kind <= SIENNA_STOP_ACCESS) {
        json_object_set_new(value, "bytes", json_integer((json_int_t)w->bytes));
        json_object_set_new(value, "space", json_string(monitor_space_name(w->space)));
    }
    if (has_number(w->kind))
        json_object_set_new(value, "number", w->number == -1 ? json_string("any")
                                                             : monitor_hex((uint64_t)w->number, 1));
    if (ours && ours->condition)
        json_object_set_new(value, "if", json_string(monitor_condition_text(ours->condition)));
    return value;
}

/* ---- Commands ---- */

static json_t *add(struct monitor_call *call, struct sienna_stop_at *w)
{
    struct monitor *m = call->monitor;
    struct monitor_condition *condition = NULL;
    unsigned id;

    w->cpu = SIENNA_ANY_CPU;
    w->guest = SIENNA_ANY_GUEST;
    if (!monitor_guest(call, &w->guest))
        return NULL;
    if (monitor_given(call, "if") && !(condition = monitor_condition_parse(monitor_text(call, "if"), call->problem)))
        return NULL;
    id = sienna_stop_add(m->sienna, w, call->problem);
    if (!id) {
        monitor_condition_free(condition);
        return NULL;
    }
    keep(m, id, condition);
    return describe(m, id, w);
}

json_t *monitor_do_break(struct monitor_call *call)
{
    struct sienna_stop_at w = {.kind = SIENNA_STOP_INSTRUCTION, .space = SIENNA_LOGICAL};

    if (!monitor_address(call, *call->cpu, &w.space, &w.address))
        return NULL;
    if (w.space != SIENNA_LOGICAL)
        return monitor_fail(call, "instructions are stopped at by their logical addresses");
    return add(call, &w);
}

json_t *monitor_do_watch(struct monitor_call *call)
{
    static const enum sienna_stop_kind kinds[] = {SIENNA_STOP_ACCESS, SIENNA_STOP_FETCH, SIENNA_STOP_STORE};
    struct sienna_stop_at w = {.space = SIENNA_LOGICAL, .bytes = 8};
    unsigned kind = 2;

    if (!monitor_address(call, *call->cpu, &w.space, &w.address) ||
        !monitor_number(call, "bytes", 1, 1U << 30, &w.bytes) || !monitor_choice(call, "kind", &kind))
        return NULL;
    w.kind = kinds[kind];
    return add(call, &w);
}

json_t *monitor_do_catch(struct monitor_call *call)
{
    struct sienna_stop_at w = {.number = -1};
    uint64_t number;
    unsigned event = 0;

    if (!monitor_choice(call, "event", &event))
        return NULL;
    w.kind = events[event].kind;
    if (w.kind == SIENNA_STOP_KEY) {
        if (!monitor_given(call, "number"))
            return monitor_fail(call, "say the absolute address of the block whose key is meant");
        if (!monitor_hexadecimal(call, "number", &w.address))
            return NULL;
    } else if (monitor_given(call, "number")) {
        if (!has_number(w.kind))
            return monitor_fail(call, "%s has no number", events[event].name);
        if (!monitor_hexadecimal(call, "number", &number))
            return NULL;
        if (number > 0xffff)
            return monitor_fail(call, "number: at most ffff");
        w.number = (int64_t)number;
    }
    return add(call, &w);
}

static bool is_known(const struct sienna *s, unsigned id)
{
    struct sienna_stop_at w;
    unsigned each, i = 0;

    do
        each = sienna_stop_known(s, i++, &w);
    while (each && each != id);
    return each;
}

json_t *monitor_do_delete(struct monitor_call *call)
{
    struct monitor *m = call->monitor;
    struct monitor_stop **ours;
    unsigned deleted = 0;
    uint64_t id = 0;

    if (!monitor_number(call, "id", 1, UINT32_MAX, &id))
        return NULL;
    if (id) {
        ours = find(m, (unsigned)id);
        if (!*ours)
            return monitor_fail(call, is_known(m->sienna, (unsigned)id) ? "stop %u is gdb's: it is deleted there"
                                                                         : "there is no stop %u; stops lists them",
                                (unsigned)id);
        forget(m, ours);
        return json_pack("{s:i}", "deleted", 1);
    }
    for (; m->stops; deleted++)
        forget(m, &m->stops);
    return json_pack("{s:i}", "deleted", (int)deleted);
}

json_t *monitor_do_stops(struct monitor_call *call)
{
    struct sienna_stop_at w;
    json_t *list = json_array(), *one;
    unsigned id;

    for (unsigned i = 0; (id = sienna_stop_known(call->monitor->sienna, i, &w)); i++) {
        one = describe(call->monitor, id, &w);
        json_object_set_new(one, "owner", json_string(*find(call->monitor, id) ? "monitor" : "gdb"));
        json_array_append_new(list, one);
    }
    return json_pack("{s:o}", "stops", list);
}

json_t *monitor_do_guests(struct monitor_call *call)
{
    struct sienna_guest g;
    json_t *list = json_array(), *one;

    for (unsigned i = 0; sienna_guest(call->monitor->sienna, i, &g); i++) {
        one = json_pack("{s:i, s:i, s:o, s:i, s:s}", "guest", (int)g.number, "level", (int)g.level, "parent",
                        i ? json_integer((json_int_t)g.parent) : json_string(""), "cpus", (int)g.cpus, "name",
                        g.name);
        json_object_set_new(one, "origin", monitor_hex(g.origin, 1));
        json_object_set_new(one, "limit", g.limit == UINT64_MAX ? json_string("none") : monitor_hex(g.limit, 1));
        json_array_append_new(list, one);
    }
    return json_pack("{s:o}", "guests", list);
}

static json_t *describe_thread(const struct sienna *s, struct sienna_thread thread)
{
    struct sienna_thread_info info;
    json_t *one;

    if (!sienna_thread(s, thread, &info))
        return NULL;
    one = json_pack("{s:i, s:i, s:o, s:s, s:o}", "guest", (int)thread.guest, "cpu", (int)thread.cpu, "machine_cpu",
                    info.machine_cpu < 0 ? json_string("none") : json_integer(info.machine_cpu), "state",
                    info.cpu.state == SIENNA_CPU_STOPPED ? "stopped"
                    : info.cpu.waiting                   ? "waiting" : "operating",
                    "psw", monitor_string("%016llx%016llx", (unsigned long long)info.cpu.psw_mask,
                                          (unsigned long long)info.cpu.psw_address));
    json_object_set_new(one, "description", info.description ? monitor_hex(info.description, 1) : json_string(""));
    return one;
}

json_t *monitor_do_threads(struct monitor_call *call)
{
    struct sienna *s = call->monitor->sienna;
    struct sienna_guest g;
    json_t *list, *one;
    unsigned wanted = SIENNA_ANY_GUEST;

    if (!monitor_guest(call, &wanted))
        return NULL;
    list = json_array();
    for (unsigned i = 0; sienna_guest(s, i, &g); i++)
        for (unsigned n = 0; n < g.cpus && (wanted == SIENNA_ANY_GUEST || wanted == g.number); n++) {
            one = describe_thread(s, (struct sienna_thread){g.number, n});
            if (one)
                json_array_append_new(list, one);
        }
    return json_pack("{s:o}", "threads", list);
}
