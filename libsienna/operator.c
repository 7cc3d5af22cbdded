/* SPDX-License-Identifier: MIT */
/**
 * What the operator does to a running machine: hot-plug, cables, balloons, keys on the panel.
 *
 * Each action is one record of the input log (kind INPUT_OPERATOR, the action as its port, its
 * operands as bytes) and takes effect where the log delivers it. So a replay repeats it.
 */
#include "channel/channel.h"
#include "channel/sclp.h"
#include "channel/virtio_balloon.h"
#include "channel/virtio_net.h"
#include "libsienna/history.h"
#include "libsienna/operator.h"
#include "libsienna/plugged.h"
#include "machine/input.h"

/** The numbers are part of recordings and are never reused. */
enum action {
    ACTION_ADD = 1,            /**< type, then keys and values, each ended by a zero byte */
    ACTION_REMOVE = 2,         /**< device number (2 bytes) */
    ACTION_LINK = 3,           /**< device number, 1 = up */
    ACTION_BALLOON = 4,        /**< device number, bytes (8) */
    ACTION_STATISTICS = 5,     /**< device number */
    ACTION_QUIESCE = 6,
    ACTION_INTERRUPT_KEY = 7,  /**< CPU address (2 bytes) */
    ACTION_RESTART = 8,        /**< CPU address */
    ACTION_MACHINE_CHECK = 9,  /**< enum sienna_machine_check (1 byte) */
    ACTION_CONFIGURE_CPU = 10, /**< CPU address, 1 = configured */
    ACTION_OPERATE = 11,       /**< CPU address, enum sienna_action */
    ACTIONS
};

/** An action being performed: its operands and where to complain. */
struct act {
    struct sienna *sienna;
    const uint8_t *data;
    size_t bytes;
    char *problem;
};

static struct channel_device *device_of(struct act *a)
{
    unsigned number = get_be16(a->data);
    struct channel_device *device = channel_device_numbered(&a->sienna->machine, (uint16_t)number);

    if (!device)
        problem_set(a->problem, "there is no device fe.0.%04x", number);
    return device;
}

static struct cpu *cpu_of(struct act *a)
{
    unsigned address = get_be16(a->data);

    if (address < a->sienna->machine.cpus->count)
        return a->sienna->machine.cpus->cpu[address];
    problem_set(a->problem, "there is no CPU %u", address);
    return NULL;
}

/* ---- The actions; false with a sentence in a->problem ---- */

static bool add(struct act *a)
{
    struct sienna_setting settings[PLUGGED_SETTINGS];
    const char *text = (const char *)a->data;
    int count = plugged_settings(text, a->bytes, settings);

    if (count < 0)
        return problem_set(a->problem, "the recording's device is damaged");
    return device_plug(a->sienna, text, settings, (unsigned)count, true, a->problem);
}

static bool take_away(struct act *a)
{
    struct channel_device *device = device_of(a);

    if (!device)
        return false;
    plugged_forget(a->sienna, device);
    channel_detach(&a->sienna->machine, device);
    return true;
}

static bool link(struct act *a)
{
    struct channel_device *device = device_of(a);

    if (device && !virtio_net_set_link(device, a->data[2]))
        return problem_set(a->problem, "device fe.0.%04x is no network adapter", device->number);
    return device;
}

static bool balloon(struct act *a)
{
    struct channel_device *device = device_of(a);

    if (device && !virtio_balloon_set_target(device, get_be64(a->data + 2)))
        return problem_set(a->problem, "device fe.0.%04x is no balloon", device->number);
    return device;
}

static bool statistics(struct act *a)
{
    struct channel_device *device = device_of(a);

    if (device && !virtio_balloon_ask_statistics(device))
        return problem_set(a->problem, "device fe.0.%04x is no balloon", device->number);
    return device;
}

static bool quiesce(struct act *a)
{
    return sclp_signal_quiesce(&a->sienna->machine)
        || problem_set(a->problem, "the guest does not listen for a request to shut down");
}

static bool signal_cpu(struct act *a, uint32_t pending)
{
    struct cpu *cpu = cpu_of(a);

    if (!cpu)
        return false;
    if (!cpu->configured || cpu->state == CPU_CHECK_STOP)
        return problem_set(a->problem, "CPU %u is not operational", cpu->address);
    cpu->pending |= pending;
    return true;
}

static bool interrupt_key(struct act *a) { return signal_cpu(a, PENDING_INTERRUPT_KEY); }
static bool restart(struct act *a) { return signal_cpu(a, PENDING_RESTART); }

static bool machine_check(struct act *a)
{
    static const uint32_t conditions[] = {
        [SIENNA_CHECK_WARNING] = FLOATING_WARNING, [SIENNA_CHECK_DEGRADATION] = FLOATING_DEGRADATION,
        [SIENNA_CHECK_RECOVERY] = FLOATING_RECOVERY, [SIENNA_CHECK_EXTERNAL_DAMAGE] = FLOATING_EXTERNAL_DAMAGE,
    };
    struct machine *m = &a->sienna->machine;

    if (a->data[0] >= sizeof conditions / sizeof conditions[0])
        return problem_set(a->problem, "there is no such machine check");
    m->floating.pending |= conditions[a->data[0]];
    machine_floating_changed(m);
    return true;
}

static bool configure_cpu(struct act *a)
{
    struct machine *m = &a->sienna->machine;
    struct cpu *cpu = cpu_of(a);

    if (!cpu)
        return false;
    if (cpu->configured == a->data[2])
        return true;
    if (!m->processors.configure(m, cpu->address, a->data[2]))
        return problem_set(a->problem, "CPU %u is in use: the guest must set it offline first", cpu->address);
    sclp_cpus_changed(m);
    return true;
}

static bool operate(struct act *a)
{
    return operator_operate(a->sienna, (enum sienna_action)a->data[2], get_be16(a->data), a->problem);
}

static const struct {
    uint8_t bytes; /**< operands at least */
    bool (*perform)(struct act *a);
} actions[ACTIONS] = {
    [ACTION_ADD] = {1, add}, [ACTION_REMOVE] = {2, take_away}, [ACTION_LINK] = {3, link},
    [ACTION_BALLOON] = {10, balloon}, [ACTION_STATISTICS] = {2, statistics}, [ACTION_QUIESCE] = {0, quiesce},
    [ACTION_INTERRUPT_KEY] = {2, interrupt_key}, [ACTION_RESTART] = {2, restart},
    [ACTION_MACHINE_CHECK] = {1, machine_check}, [ACTION_CONFIGURE_CPU] = {3, configure_cpu},
    [ACTION_OPERATE] = {3, operate},
};

/* ---- Through the log ---- */

static void perform(struct machine *machine, enum action action, const uint8_t *data, size_t bytes)
{
    struct sienna *s = (struct sienna *)machine;
    char problem[SIENNA_PROBLEM_BYTES] = "";
    struct act a = {s, data, bytes, s->action_problem ? s->action_problem : problem};

    /* A suspended round means nothing any more; a machine that has ended may find that it can run again. */
    cpus_abandon_round(machine);
    if (machine->end != MACHINE_QUIT)
        machine_revive(s);
    if (bytes < actions[action].bytes)
        problem_set(a.problem, "the recording's action %u is damaged", action);
    else
        actions[action].perform(&a);
    if (problem[0])
        machine_log(machine, LOG_WARNING, "%s", problem);
}

/* One sink per action: the context is the row. */
static void delivered(struct machine *machine, void *context, const uint8_t *data, size_t bytes)
{
    size_t row = (size_t)((const char *)context - (const char *)actions) / sizeof actions[0];

    perform(machine, (enum action)row, data, bytes);
}

void operator_register(struct sienna *s)
{
    for (unsigned i = 1; i < ACTIONS; i++) {
        struct input_sink sink = {INPUT_OPERATOR, (uint16_t)i, delivered, (void *)&actions[i]};

        input_register(&s->machine, &sink);
    }
}

static bool act(struct sienna *s, enum action action, const void *data, size_t bytes, char *problem)
{
    if (!history_may_alter(s, problem))
        return false;
    problem[0] = 0;
    cpus_settle(&s->machine);
    s->action_problem = problem;
    input_act(&s->machine, INPUT_OPERATOR, action, data, bytes);
    s->action_problem = NULL;
    return !problem[0];
}

bool operator_add(struct sienna *s, const char *type, const struct sienna_setting *settings, unsigned count,
                  char *problem)
{
    char data[PLUGGED_BYTES];
    size_t bytes = plugged_text(data, type, settings, count);

    if (!bytes)
        return problem_set(problem, "the device's settings are too long");
    return act(s, ACTION_ADD, data, bytes, problem);
}

/* Actions on a device or CPU: its number, then operands. */
static bool act_on(struct sienna *s, enum action action, unsigned number, uint64_t value, unsigned value_bytes,
                   char *problem)
{
    uint8_t data[10];

    put_be16(data, (uint16_t)number);
    if (value_bytes == 8)
        put_be64(data + 2, value);
    else
        data[2] = (uint8_t)value;
    return act(s, action, data, 2 + value_bytes, problem);
}

bool sienna_device_remove(struct sienna *s, unsigned devno, char problem[SIENNA_PROBLEM_BYTES])
{
    return act_on(s, ACTION_REMOVE, devno, 0, 0, problem);
}

bool sienna_network_link(struct sienna *s, unsigned devno, bool up, char problem[SIENNA_PROBLEM_BYTES])
{
    return act_on(s, ACTION_LINK, devno, up, 1, problem);
}

bool sienna_balloon_target(struct sienna *s, unsigned devno, uint64_t bytes, char problem[SIENNA_PROBLEM_BYTES])
{
    return act_on(s, ACTION_BALLOON, devno, bytes, 8, problem);
}

bool sienna_balloon_ask(struct sienna *s, unsigned devno, char problem[SIENNA_PROBLEM_BYTES])
{
    return act_on(s, ACTION_STATISTICS, devno, 0, 0, problem);
}

bool sienna_balloon_actual(const struct sienna *s, unsigned devno, uint64_t *target, uint64_t *actual)
{
    const struct channel_device *device = channel_device_numbered(&s->machine, (uint16_t)devno);
    struct virtio_balloon_state state;

    if (!device || !virtio_balloon_state(device, &state))
        return false;
    *target = state.target;
    *actual = state.actual;
    return true;
}

bool sienna_quiesce(struct sienna *s)
{
    char problem[SIENNA_PROBLEM_BYTES];

    return act(s, ACTION_QUIESCE, NULL, 0, problem);
}

bool sienna_interrupt_key(struct sienna *s, unsigned cpu, char problem[SIENNA_PROBLEM_BYTES])
{
    return act_on(s, ACTION_INTERRUPT_KEY, cpu, 0, 0, problem);
}

bool sienna_restart_key(struct sienna *s, unsigned cpu, char problem[SIENNA_PROBLEM_BYTES])
{
    return act_on(s, ACTION_RESTART, cpu, 0, 0, problem);
}

bool sienna_configure_cpu(struct sienna *s, unsigned cpu, bool on, char problem[SIENNA_PROBLEM_BYTES])
{
    return act_on(s, ACTION_CONFIGURE_CPU, cpu, on, 1, problem);
}

bool sienna_operate(struct sienna *s, enum sienna_action action, unsigned cpu, char problem[SIENNA_PROBLEM_BYTES])
{
    return act_on(s, ACTION_OPERATE, cpu, action, 1, problem);
}

bool sienna_machine_check(struct sienna *s, enum sienna_machine_check check, char problem[SIENNA_PROBLEM_BYTES])
{
    uint8_t data = (uint8_t)check;

    return act(s, ACTION_MACHINE_CHECK, &data, 1, problem);
}
