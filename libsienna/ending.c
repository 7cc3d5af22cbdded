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

/* ---- Disabled waits ---- */

/* Addresses of the wait PSW that are codes, as the programs document them. */
static const struct wait_code {
    uint64_t code;
    bool clean; /* the end of a program that did what it was for */
    const char *text;
} wait_codes[] = {
    {0xfff, true, "the guest shut down as asked"}, /* Linux after the signal quiesce */
    {0x4500, false, "the zipl boot loader could not enable the IPL device"},
    {0x4501, false, "the zipl boot loader could not disable the IPL device"},
    {0x4502, false, "the zipl boot loader could not start an I/O operation"},
    {0x4510, false, "the zipl boot loader was loaded in a way it is not for"},
    {0x4511, false, "the zipl boot loader found an internal error"},
    {0x4512, false, "the zipl boot loader refused a program that is not signed"},
    {0x4520, false, "the zipl boot loader found no system to make a dump of"},
    {0x4521, false, "the zipl boot loader found damaged information on the system to dump"},
    {0x4523, false, "the zipl boot loader found no storage reserved for a dump kernel"},
    {0x4600, false, "the stand-alone dump did not fit on its device"},
    {0x4601, false, "the stand-alone dump does not know its device"},
    {0x4602, false, "the stand-alone dump could not find out how much storage there is"},
};
enum { WAIT_CODES = sizeof wait_codes / sizeof wait_codes[0] };

static const struct wait_code *wait_code(const struct cpu *cpu)
{
    for (unsigned i = 0; i < WAIT_CODES; i++)
        if (wait_codes[i].code == cpu->ia)
            return &wait_codes[i];
    return NULL;
}

static bool clean_wait(const struct cpu *cpu)
{
    const struct wait_code *code = wait_code(cpu);

    return code && code->clean;
}

/* The class of interruption that loaded the wait PSW: nobody handled it. NULL when an instruction did. */
static const char *unhandled(const struct cpu *cpu)
{
    static const char *const classes[] = {"restart", "external", "supervisor-call", "program", "machine-check",
                                          "I/O"};

    return cpu->psw_by_interruption ? classes[(cpu->psw_by_interruption - OLD_RESTART) / 16] : NULL;
}

/* What Linux's own function for giving up loads: its messages are on the console. */
static bool linux_gave_up(const struct cpu *cpu)
{
    return cpu_psw_mask(cpu) == 0x0002000180000000 && cpu->ia >= 0x10000;
}

static void explain_wait(const struct cpu *cpu, char *text, size_t room)
{
    enum { PROGRAM_CODE = 0x8e };
    const struct wait_code *code = wait_code(cpu);
    const uint8_t *lowcore = storage_at(cpu->storage, absolute(cpu->prefix));
    const char *class = unhandled(cpu);
    unsigned old_psw = cpu->psw_by_interruption, interruption;

    if (code) {
        snprintf(text, room, "%s", code->text);
        return;
    }
    if (old_psw == OLD_PROGRAM) {
        interruption = get_be16(lowcore + PROGRAM_CODE);
        snprintf(text, room, "a program interruption that the guest did not handle: code %04x, %s, at %llx",
                 interruption, sienna_program_interruption(interruption),
                 (unsigned long long)get_be64(lowcore + old_psw + 8));
    } else if (class) {
        snprintf(text, room, "a %s interruption that the guest did not handle, at %llx", class,
                 (unsigned long long)get_be64(lowcore + old_psw + 8));
    } else if (linux_gave_up(cpu)) {
        snprintf(text, room, "the guest gave up as Linux does; its last messages on the console tell why");
    } else {
        snprintf(text, room, "the guest gave up; the address tells where, or is its code for why");
    }
}

/* ---- All ends ---- */

static const struct {
    const char *reason, *text; /* text without what the case adds */
    int exit_code;
} ends[] = {
    [MACHINE_RUNNING] = {"running", "the machine is running", 0},
    [MACHINE_POWER_OFF] = {"power-off", "the guest stopped all its CPUs", 0},
    [MACHINE_DISABLED_WAIT] = {"disabled-wait", "disabled wait", 1},
    [MACHINE_CHECK_STOP] = {"check-stop", "check-stop: the CPU found its state unusable", 1},
    [MACHINE_PROGRAM_LOOP] = {"program-loop",
                              "program-interruption loop: the program new PSW itself causes one", 1},
    [MACHINE_IDLE] = {"idle", "every CPU waits and nothing can wake one", 1},
    [MACHINE_REBOOT] = {"reboot", "the guest asked for a reboot", 0},
    [MACHINE_QUIT] = {"quit", "ended by the user", 0},
    [MACHINE_STOPPED] = {"operator", "stopped by the operator", 0},
    [MACHINE_LOAD_FAILED] = {"load-failed", "the guest cannot be loaded", 1},
    [MACHINE_DUMP] = {"dump", "the guest died and asked for a dump of its storage", 1},
    [MACHINE_RECORDING_ENDED] = {"recording-ended", "end of the recording", 0},
};

static bool tells_psw(enum machine_end end)
{
    return end == MACHINE_DISABLED_WAIT || end == MACHINE_CHECK_STOP || end == MACHINE_PROGRAM_LOOP ||
           end == MACHINE_IDLE || end == MACHINE_STOPPED;
}

void sienna_end_text(const struct sienna *s, char *text, size_t room)
{
    const struct cpu *cpu = witness(s);
    char psw[80] = "", more[SIENNA_PROBLEM_BYTES] = "";

    if (tells_psw(s->machine.end))
        snprintf(psw, sizeof psw, " (CPU %u, PSW %016llx %016llx)", cpu->address,
                 (unsigned long long)cpu_psw_mask(cpu), (unsigned long long)cpu->ia);
    if (s->machine.end == MACHINE_DISABLED_WAIT)
        explain_wait(cpu, more, sizeof more);
    else if (s->machine.end == MACHINE_LOAD_FAILED || s->machine.end == MACHINE_DUMP)
        snprintf(more, sizeof more, "%s", s->end_detail);
    snprintf(text, room, "%s%s%s%s", ends[s->machine.end].text, psw, *more ? ": " : "", more);
}

const char *sienna_end_reason(const struct sienna *s)
{
    return ends[s->machine.end].reason;
}

int sienna_exit_code(const struct sienna *s)
{
    if (s->machine.end == MACHINE_DISABLED_WAIT && clean_wait(witness(s)))
        return 0;
    return ends[s->machine.end].exit_code;
}
