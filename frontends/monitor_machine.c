/* SPDX-License-Identifier: MIT */
/** Commands about the machine as a whole and its CPUs' states. */
#include <stdio.h>
#include <time.h>

#include "monitor_internal.h"

static bool stopped(const struct monitor *m)
{
    return m->host.stopped(m->host.context);
}

static void set_stopped(struct monitor *m, bool stop)
{
    if (!stop)
        sienna_revive(m->sienna);
    m->host.set_stopped(m->host.context, stop);
}

/* ---- Looking ---- */

/* The TOD clock as a date: its epoch is 1900. */
static json_t *date(struct monitor *m)
{
    uint8_t clock[SIENNA_REGISTER_BYTES];
    uint64_t value = 0;
    char text[40];
    time_t seconds;
    struct tm t;

    sienna_register_read(m->sienna, 0, SIENNA_TOD_CLOCK, 0, clock);
    for (unsigned i = 0; i < 8; i++)
        value = value << 8 | clock[i];
    seconds = (time_t)(value / SIENNA_SECOND) - 2208988800LL;
    if (!gmtime_r(&seconds, &t) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t))
        return json_null();
    return json_string(text);
}

json_t *monitor_do_status(struct monitor_call *call)
{
    struct monitor *m = call->monitor;
    bool stands = stopped(m);
    json_t *value = json_pack("{s:s}", "state", stands ? "stopped" : "running");

    if (stands && m->reason[0])
        json_object_set_new(value, "reason", json_string(m->reason));
    if (stands && m->text[0])
        json_object_set_new(value, "text", json_string(m->text));
    json_object_set_new(value, "virtual_seconds",
                        monitor_string("%.6f", (double)sienna_now(m->sienna) / (double)SIENNA_SECOND));
    json_object_set_new(value, "date", date(m));
    json_object_set_new(value, "lag_milliseconds",
                        json_integer((json_int_t)(m->host.lag(m->host.context) / 1000000)));
    json_object_set_new(value, "cpus", json_integer(sienna_cpu_count(m->sienna)));
    json_object_set_new(value, "storage_mebibytes",
                        json_integer((json_int_t)(sienna_storage_bytes(m->sienna) >> 20)));
    json_object_set_new(value, "cpu", json_integer(*call->cpu));
    return value;
}

static const char *state_name(const struct sienna_cpu *c)
{
    static const char *const names[] = {"stopped", "operating", "check-stop", "load"};

    return !c->configured ? "standby" : c->interpreting ? "guest" : c->waiting ? "wait" : names[c->state];
}

json_t *monitor_where(struct monitor *m, unsigned number)
{
    struct sienna_cpu c;
    json_t *value, *next;
    char words[128];

    sienna_cpu(m->sienna, number, &c);
    monitor_psw_words(c.psw_mask, words, sizeof words);
    value = json_pack("{s:i, s:s}", "cpu", (int)number, "state", state_name(&c));
    json_object_set_new(value, "psw_mask", monitor_hex(c.psw_mask, 16));
    json_object_set_new(value, "psw_address", monitor_hex(c.psw_address, 16));
    json_object_set_new(value, "psw", json_string(words));
    next = monitor_next_instruction(m, number);
    if (next)
        json_object_set_new(value, "next", next);
    return value;
}

json_t *monitor_where_thread(struct monitor *m, struct sienna_thread thread)
{
    struct sienna_thread_info info;
    char words[128], text[128];
    uint8_t bytes[6];
    json_t *value;
    size_t n;

    if (thread.guest == 0 || !sienna_thread(m->sienna, thread, &info))
        return monitor_where(m, thread.guest ? 0 : thread.cpu);
    monitor_psw_words(info.cpu.psw_mask, words, sizeof words);
    value = json_pack("{s:i, s:i, s:s, s:s}", "guest", (int)thread.guest, "cpu", (int)thread.cpu, "state",
                      info.machine_cpu < 0 ? "not interpreted" : "interpreted", "psw", words);
    json_object_set_new(value, "psw_mask", monitor_hex(info.cpu.psw_mask, 16));
    json_object_set_new(value, "psw_address", monitor_hex(info.cpu.psw_address, 16));
    n = sienna_thread_storage_read(m->sienna, thread, SIENNA_LOGICAL, info.cpu.psw_address, bytes, sizeof bytes);
    if (sienna_disassemble(bytes, n, info.cpu.psw_address, text, sizeof text))
        json_object_set_new(value, "next", json_string(text));
    return value;
}

json_t *monitor_do_cpus(struct monitor_call *call)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < sienna_cpu_count(call->monitor->sienna); i++) {
        json_t *value = monitor_where(call->monitor, i);

        json_object_del(value, "next");
        json_array_append_new(list, value);
    }
    return json_pack("{s:o}", "cpus", list);
}

json_t *monitor_do_cpu(struct monitor_call *call)
{
    unsigned cpu;

    if (!monitor_cpu(call, &cpu))
        return NULL;
    *call->cpu = cpu;
    return json_pack("{s:i}", "cpu", (int)cpu);
}

/* ---- Stopping and going on ---- */

static void note_stop(struct monitor *m, const char *reason, const char *text)
{
    snprintf(m->reason, sizeof m->reason, "%s", reason);
    snprintf(m->text, sizeof m->text, "%s", text);
}

static bool operate(struct monitor_call *call, enum sienna_action action)
{
    unsigned cpu;

    return monitor_cpu(call, &cpu) && sienna_operate(call->monitor->sienna, action, cpu, call->problem);
}

json_t *monitor_do_stop(struct monitor_call *call)
{
    struct monitor *m = call->monitor;
    unsigned cpu;

    if (!monitor_cpu(call, &cpu))
        return NULL;
    if (monitor_given(call, "cpu")) {
        if (!operate(call, SIENNA_STOP))
            return NULL;
    } else if (!stopped(m)) {
        set_stopped(m, true);
        note_stop(m, "monitor", "stopped by the monitor");
    }
    return monitor_where(m, cpu);
}

json_t *monitor_do_cont(struct monitor_call *call)
{
    if (monitor_given(call, "cpu") && !operate(call, SIENNA_START))
        return NULL;
    if (!monitor_given(call, "cpu"))
        set_stopped(call->monitor, false);
    return json_object();
}

/* "any", or a CPU. */
static bool stepped_cpu(struct monitor_call *call, int *only, unsigned *shown)
{
    const char *text = monitor_text(call, "cpu");

    *shown = *call->cpu;
    *only = -1;
    if (text && !strcmp(text, "any"))
        return true;
    if (!monitor_cpu(call, shown))
        return false;
    *only = (int)*shown;
    return true;
}

json_t *monitor_do_step(struct monitor_call *call)
{
    /* A step must not keep the host waiting: as much as passes in a moment. */
    enum { MOST = 1000000, MOST_TIME = SIENNA_SECOND / 100 };
    struct monitor *m = call->monitor;
    uint64_t count = 1, left, until = sienna_now(m->sienna) + MOST_TIME;
    uint64_t limit = m->host.limit(m->host.context);
    enum sienna_outcome outcome;
    unsigned cpu;
    json_t *value;
    int only;

    if (!monitor_number(call, "count", 1, MOST, &count) || !stepped_cpu(call, &only, &cpu))
        return NULL;
    set_stopped(m, true);
    sienna_revive(m->sienna);
    left = count;
    outcome = sienna_step(m->sienna, only, &left, until < limit ? until : limit);
    note_stop(m, "step", "stopped after a step");
    value = monitor_where(m, cpu);
    json_object_set_new(value, "executed", json_integer((json_int_t)(count - left)));
    if (outcome == SIENNA_ENDED) {
        sienna_end_text(m->sienna, m->text, sizeof m->text);
        json_object_set_new(value, "note", json_string(m->text));
    } else if (left) {
        const char *note = outcome == SIENNA_IDLE ? "every CPU waits; cont lets time pass"
                                                  : "this CPU executes nothing now";

        json_object_set_new(value, "note", json_string(note));
    }
    return value;
}

/* ---- The operator's keys ---- */

static json_t *done(bool well)
{
    return well ? json_object() : NULL;
}

json_t *monitor_do_restart(struct monitor_call *call)
{
    unsigned cpu;

    return done(monitor_cpu(call, &cpu) && sienna_restart_key(call->monitor->sienna, cpu, call->problem));
}

json_t *monitor_do_interrupt(struct monitor_call *call)
{
    unsigned cpu;

    return done(monitor_cpu(call, &cpu) && sienna_interrupt_key(call->monitor->sienna, cpu, call->problem));
}

json_t *monitor_do_store_status(struct monitor_call *call)
{
    return operate(call, SIENNA_STORE_STATUS) ? json_object() : NULL;
}

json_t *monitor_do_configure(struct monitor_call *call)
{
    unsigned cpu, on = 0;

    if (!monitor_cpu(call, &cpu) || !monitor_choice(call, "state", &on))
        return NULL;
    return sienna_configure_cpu(call->monitor->sienna, cpu, on, call->problem) ? json_object() : NULL;
}

json_t *monitor_do_machine_check(struct monitor_call *call)
{
    unsigned kind = 0;

    return done(monitor_choice(call, "kind", &kind) &&
                sienna_machine_check(call->monitor->sienna, (enum sienna_machine_check)kind, call->problem));
}

json_t *monitor_do_reset(struct monitor_call *call)
{
    unsigned clear = 0;

    if (!monitor_choice(call, "kind", &clear) ||
        !sienna_operate(call->monitor->sienna, clear ? SIENNA_RESET_CLEAR : SIENNA_RESET_NORMAL, 0,
                        call->problem))
        return NULL;
    return json_object();
}

json_t *monitor_do_ipl(struct monitor_call *call)
{
    unsigned clear = 1;

    if (!monitor_choice(call, "kind", &clear) ||
        !sienna_operate(call->monitor->sienna, clear ? SIENNA_LOAD_CLEAR : SIENNA_LOAD, 0, call->problem))
        return NULL;
    return json_object();
}

json_t *monitor_do_quiesce(struct monitor_call *call)
{
    return sienna_quiesce(call->monitor->sienna)
               ? json_object() : monitor_fail(call, "the guest does not listen for a request to shut down");
}

json_t *monitor_do_quit(struct monitor_call *call)
{
    call->monitor->quitting = true;
    call->monitor->host.quit(call->monitor->host.context);
    return json_object();
}
