/* SPDX-License-Identifier: MIT */
/** How a machine ended, in words. */
#include <stdio.h>

#include "libsienna/inspect.h"

/* The CPU whose state explains the end: one in the state that ended it. */
static const struct cpu *witness(const struct sienna *s)
{
    const struct cpus *cpus = s->machine.cpus;

    for (unsigned i = 0; i < cpus->count; i++)
        if (cpus->cpu[i]->configured && cpus->cpu[i]->state != CPU_STOPPED)
            return cpus->cpu[i];
    return cpus->cpu[0];
}

/* Linux's signal-quiesce handler ends with this wait code: a clean shutdown. */
static bool clean_wait(const struct cpu *cpu)
{
    return cpu->ia == 0xfff;
}

void sienna_end_text(const struct sienna *s, char *text, size_t room)
{
    const struct cpu *cpu = witness(s);
    char psw[80];

    snprintf(psw, sizeof psw, "CPU %u, PSW %016llx %016llx", cpu->address, (unsigned long long)cpu_psw_mask(cpu),
             (unsigned long long)cpu->ia);
    switch (s->machine.end) {
    case MACHINE_RUNNING:
        snprintf(text, room, "the machine is running");
        break;
    case MACHINE_POWER_OFF:
        snprintf(text, room, "the guest stopped all its CPUs");
        break;
    case MACHINE_DISABLED_WAIT:
        snprintf(text, room, "disabled wait (%s): %s", psw,
                 clean_wait(cpu) ? "the guest shut down as asked" : "the guest gave up; the address tells where");
        break;
    case MACHINE_CHECK_STOP:
        snprintf(text, room, "check-stop (%s): the CPU found its state unusable", psw);
        break;
    case MACHINE_PROGRAM_LOOP:
        snprintf(text, room, "program-interruption loop (%s): the program new PSW itself causes one", psw);
        break;
    case MACHINE_IDLE:
        snprintf(text, room, "every CPU waits and nothing can wake one (%s)", psw);
        break;
    case MACHINE_REBOOT:
        snprintf(text, room, "the guest asked for a reboot");
        break;
    case MACHINE_QUIT:
        snprintf(text, room, "ended by the user");
        break;
    case MACHINE_STOPPED:
        snprintf(text, room, "stopped by the operator (%s)", psw);
        break;
    }
}

const char *sienna_end_reason(const struct sienna *s)
{
    static const char *const reasons[] = {
        [MACHINE_RUNNING] = "running", [MACHINE_POWER_OFF] = "power-off", [MACHINE_DISABLED_WAIT] = "disabled-wait",
        [MACHINE_CHECK_STOP] = "check-stop", [MACHINE_PROGRAM_LOOP] = "program-loop", [MACHINE_IDLE] = "idle",
        [MACHINE_REBOOT] = "reboot", [MACHINE_QUIT] = "quit", [MACHINE_STOPPED] = "operator",
    };

    return reasons[s->machine.end];
}

int sienna_exit_code(const struct sienna *s)
{
    switch (s->machine.end) {
    case MACHINE_POWER_OFF: case MACHINE_REBOOT: case MACHINE_QUIT: case MACHINE_RUNNING: case MACHINE_STOPPED:
        return 0;
    case MACHINE_DISABLED_WAIT:
        return clean_wait(witness(s)) ? 0 : 1;
    default:
        return 1;
    }
}
