/* SPDX-License-Identifier: MIT */
/** The operator stops and starts CPUs, resets the machine, loads its program; and a debugger's steps. */
#include "cpu/stepping.h"
#include "cpu/timer.h"
#include "libsienna/inspect.h"
#include "libsienna/operator.h"

static bool operate_cpu(struct sienna *s, enum sienna_action action, struct cpu *cpu, char *problem)
{
    if (cpu->state == CPU_CHECK_STOP)
        return problem_set(problem, "CPU %u is in the check-stop state: only a reset ends it", cpu->address);
    /* A CPU that interprets a guest is stopped as its host. */
    if (action == SIENNA_STOP && cpu->interpreting)
        cpu->all->sie->leave(cpu);
    if (action == SIENNA_STORE_STATUS) {
        if (cpu->state != CPU_STOPPED)
            return problem_set(problem, "CPU %u is not stopped", cpu->address);
        cpu_store_status(cpu, absolute(STORE_STATUS_AREA));
    } else {
        cpu_enter_state(cpu, action == SIENNA_STOP ? CPU_STOPPED : CPU_OPERATING, s->machine.now);
    }
    return true;
}

bool operator_operate(struct sienna *s, enum sienna_action action, unsigned number, char *problem)
{
    struct cpu *cpu = cpu_numbered(s, number);

    switch (action) {
    case SIENNA_STOP: case SIENNA_START: case SIENNA_STORE_STATUS:
        if (!cpu || !cpu->configured)
            return problem_set(problem, "there is no CPU %u in the configuration", number);
        if (!operate_cpu(s, action, cpu, problem))
            return false;
        break;
    case SIENNA_RESET_NORMAL: case SIENNA_RESET_CLEAR:
        machine_operator_reset(s, action == SIENNA_RESET_CLEAR);
        break;
    case SIENNA_LOAD: case SIENNA_LOAD_CLEAR:
        if (!machine_operator_load(s, action == SIENNA_LOAD_CLEAR, problem))
            return false;
        break;
    default:
        return problem_set(problem, "there is no such action");
    }
    if (action != SIENNA_STORE_STATUS)
        s->operator_stopped = action == SIENNA_STOP || action == SIENNA_RESET_NORMAL ||
            action == SIENNA_RESET_CLEAR;
    return true;
}

enum sienna_outcome sienna_step(struct sienna *s, int number, uint64_t *steps, uint64_t limit)
{
    struct stepping stepping = {.any = number < 0 || !cpu_numbered(s, (unsigned)number), .cpu = (unsigned)number,
                                .into = true, .left = *steps};
    enum sienna_outcome outcome = machine_run(s, &stepping, limit);

    *steps = stepping.left;
    return outcome;
}
