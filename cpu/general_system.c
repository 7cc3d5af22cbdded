/* SPDX-License-Identifier: MIT */
/** SUPERVISOR CALL and MONITOR CALL (PoP ch. 7). */
#include "cpu/cpus.h"
#include "cpu/operands.h"

DEFINE_OP(SVC)
{
    supervisor_call(cpu, insn->r1);
}

/** The class is a number 0-15 in the immediate; its mask bit is among bits 48-63 of control register 8. */
DEFINE_OP(MC)
{
    specification_unless(cpu, SI_U8 < 16);
    if (!(cpu->cr[8] & BIT64(48 + SI_U8)))
        return;
    cpu->monitor_class = SI_U8;
    cpu->monitor_code = B2_ADDRESS;
    program_interruption(cpu, PIC_MONITOR_EVENT);
}
