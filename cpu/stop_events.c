/* SPDX-License-Identifier: MIT */
/** Stops at events: what slow paths tell observers (cpu/observe.h). */
#include "cpu/guests.h"
#include "cpu/observe.h"
#include "cpu/stops.h"

/* What a stop of each kind wants to be told of. */
static const uint32_t observed[STOP_KINDS] = {
    [STOP_KEY] = OBSERVED_KEY, [STOP_CONTROL] = OBSERVED_CONTROL, [STOP_ENTRY] = OBSERVED_ENTRY,
    [STOP_EXIT] = OBSERVED_EXIT, [STOP_PROGRAM] = OBSERVED_INTERRUPTION, [STOP_SVC] = OBSERVED_INTERRUPTION,
    [STOP_EXTERNAL] = OBSERVED_INTERRUPTION, [STOP_IO] = OBSERVED_INTERRUPTION,
    [STOP_MACHINE_CHECK] = OBSERVED_INTERRUPTION, [STOP_RESTART] = OBSERVED_INTERRUPTION,
    [STOP_SIGP] = OBSERVED_SIGP,
};

static enum stop_kind kind_of_interruption(uint32_t class)
{
    static const enum stop_kind kinds[] = {
        [OBSERVED_PROGRAM] = STOP_PROGRAM, [OBSERVED_SVC] = STOP_SVC, [OBSERVED_EXTERNAL] = STOP_EXTERNAL,
        [OBSERVED_IO_INTERRUPTION] = STOP_IO, [OBSERVED_MACHINE_CHECK] = STOP_MACHINE_CHECK,
        [OBSERVED_RESTART] = STOP_RESTART,
    };

    return kinds[class];
}

/* False when nothing has changed by what is told. */
static bool describe(const struct sight *sight, struct stop_reason *reason)
{
    reason->number = sight->code;
    switch (sight->kind) {
    case OBSERVED_INTERRUPTION:
        reason->kind = kind_of_interruption(sight->class);
        if (reason->kind == STOP_IO)
            reason->number = sight->code & 0xffff;
        return true;
    case OBSERVED_ENTRY:
        reason->kind = STOP_ENTRY;
        reason->address = sight->absolute;
        return true;
    case OBSERVED_EXIT:
        reason->kind = STOP_EXIT;
        reason->address = sight->absolute;
        reason->number = sight->value == OBSERVED_HOST_INTERRUPTION ? STOP_HOST_INTERRUPTION
                         : sight->value == OBSERVED_HOST_FAULT      ? STOP_HOST_FAULT
                                                                    : (int64_t)sight->value;
        return true;
    case OBSERVED_KEY:
        reason->kind = STOP_KEY;
        reason->address = sight->absolute;
        reason->number = (int64_t)sight->value;
        return (sight->code ^ sight->value) & (KEY_ACC | KEY_FETCH);
    case OBSERVED_CONTROL:
        reason->kind = STOP_CONTROL;
        return sight->address != sight->value;
    case OBSERVED_SIGP:
        reason->kind = STOP_SIGP;
        return true;
    default:
        return false;
    }
}

static bool is_meant(const struct stop *s, const struct stop_reason *reason)
{
    if (s->kind != reason->kind)
        return false;
    if (s->kind == STOP_KEY)
        return (s->address ^ reason->address) < PAGE_BYTES;
    if (s->kind == STOP_ENTRY || s->kind == STOP_MACHINE_CHECK || s->kind == STOP_RESTART)
        return true;
    /* A PER event may come with a program interruption. */
    return s->number == STOP_NUMBER_ANY || s->number == reason->number ||
           (s->kind == STOP_PROGRAM && s->number == (reason->number & ~0x80LL));
}

static void tell(void *context, struct cpu *cpu, const struct sight *sight)
{
    struct stops *stops = context;
    struct stop_reason reason = {.cause = STOP_CAUSE_NONE};

    if (!describe(sight, &reason))
        return;
    /* A guest that has just been left did it. */
    if (reason.kind == STOP_EXIT && cpu->interpretation->virtual_cpu) {
        reason.guest = cpu->interpretation->virtual_cpu->guest_number;
        reason.cpu = cpu->interpretation->virtual_cpu->number;
    } else {
        stops_thread(cpu, &reason.guest, &reason.cpu);
    }
    if (sight->kind & (OBSERVED_KEY | OBSERVED_CONTROL | OBSERVED_SIGP))
        cpu->ia = insn_next_ia(cpu, cpu->insn);
    for (const struct stop *s = stops->first; s; s = s->next)
        if (is_meant(s, &reason) && stops_concern(s, &reason) && stops_meet(cpu->all, s, &reason))
            return;
}

void stops_observe(struct cpus *cpus)
{
    uint32_t kinds = 0;

    for (unsigned i = 0; i < STOP_KINDS; i++)
        if (cpus->stops->count[i])
            kinds |= observed[i];
    observe_set(cpus, OBSERVER_DEBUGGER, kinds, tell, cpus->stops);
}
