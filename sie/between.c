/* SPDX-License-Identifier: MIT */
/**
 * Between two instructions of a guest, in this order: what its PSW brings, interruptions of the host,
 * external requests and external interruptions, I/O requests and I/O interruptions, stop, wait.
 */
#include "sie/internal.h"

#include "cpu/timer.h"

/*
 * With conditional external interception the host gets an interruption that has to wait its turn, or whose
 * new PSW lets the same condition in again (Linux arch/s390/kvm/intercept.c).
 */
static bool host_wants_external(struct cpu *cpu)
{
    return (cpu->interpreting->controls.eca & ECA_CEI) &&
           ((sie_cpustat(cpu) & CPUSTAT_EXT_INT) || (cpu_guest_new_psw(cpu, 0x1b0) & PSW_EXTERNAL));
}

static void present_external(struct cpu *cpu, uint16_t code, uint16_t address)
{
    uint8_t *sd = sie_descriptor(cpu);

    if (!host_wants_external(cpu)) {
        cpu_guest_external(cpu, code, address);
        return;
    }
    sie_intercept(cpu, cpu->ia, ICPT_EXTERNAL);
    put_be32(sd + SD_EXTERNAL_PARAMETER, 0);
    put_be16(sd + SD_EXTERNAL_CPU, address);
    put_be16(sd + SD_EXTERNAL_CODE, code);
    sie_note_exit(cpu, EXIT_INTERCEPTION);
}

/* An interception between instructions that tells nothing but its code. */
static void request(struct cpu *cpu, enum interception_code code)
{
    sie_intercept(cpu, cpu->ia, code);
    sie_note_exit(cpu, EXIT_INTERCEPTION);
}

/* External interruptions that belong to the guest itself. */
static bool take_external(struct cpu *cpu)
{
    uint32_t timers;

    if (!(cpu->psw_mask & PSW_EXTERNAL))
        return false;
    if (sie_cpustat(cpu) & CPUSTAT_EXT_INT) {
        request(cpu, ICPT_EXTERNAL_REQUEST);
        return true;
    }
    if ((sie_cpustat(cpu) & CPUSTAT_ECALL_PENDING) && (cpu->cr[0] & CR0_EXTERNAL_CALL)) {
        present_external(cpu, 0x1202, sie_take_external_call(cpu));
        return true;
    }
    timers = timer_level_pending(cpu, cpu->machine->now);
    if ((timers & PENDING_CLOCK_COMPARATOR) && (cpu->cr[0] & CR0_CLOCK_COMPARATOR))
        present_external(cpu, 0x1004, 0);
    else if ((timers & PENDING_CPU_TIMER) && (cpu->cr[0] & CR0_CPU_TIMER))
        present_external(cpu, 0x1005, 0);
    else
        return false;
    return true;
}

static bool take_io(struct cpu *cpu)
{
    uint32_t word;

    if (!(cpu->psw_mask & PSW_IO))
        return false;
    if (sie_cpustat(cpu) & CPUSTAT_IO_INT) {
        request(cpu, ICPT_IO_REQUEST);
        return true;
    }
    if (!sie_gisa_take(cpu, (uint8_t)(cpu->cr[6] >> 24), &word))
        return false;
    cpu_guest_io(cpu, word);
    return true;
}

static bool take_stop_or_wait(struct cpu *cpu)
{
    if (sie_cpustat(cpu) & CPUSTAT_STOP_INT)
        request(cpu, ICPT_STOP);
    else if (cpu->psw_mask & PSW_WAIT)
        request(cpu, ICPT_WAIT);
    else
        return false;
    return true;
}

void sie_between(struct cpu *cpu)
{
    while (cpu->interpreting && !cpu_stopping(cpu)) {
        if (cpu_take_psw_exception(cpu)) {
            cpu->budget -= COST_CONTROL;
            cpu_sync_between(cpu);
            continue;
        }
        if (cpu->budget <= 0)
            return; /* a string of interruptions goes on in the next slice */
        if (cpu_interruption_pending(cpu) || cpu->forced_exit) {
            /* Without an interruption the host executes SIE again. */
            cpu->forced_exit = false;
            sie_leave(cpu);
            return;
        }
        if (!take_external(cpu) && !take_io(cpu) && !take_stop_or_wait(cpu))
            return;
        cpu->budget -= COST_CONTROL;
        cpu_sync_between(cpu);
        /* An interruption whose new PSW lets the next one in must not keep the host from stopping its guest. */
        if (cpu->interpreting && !cpu->early_specification && (sie_cpustat(cpu) & CPUSTAT_STOP_INT))
            request(cpu, ICPT_STOP);
    }
}

bool sie_attention(const struct cpu *cpu)
{
    const uint32_t requests = CPUSTAT_EXT_INT | CPUSTAT_IO_INT | CPUSTAT_ECALL_PENDING;

    return (sie_cpustat(cpu) & requests) || timer_level_pending(cpu, cpu_time(cpu)) || sie_gisa_pending(cpu);
}
