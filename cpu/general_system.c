/* SPDX-License-Identifier: MIT */
/** SUPERVISOR CALL (PoP ch. 7). */
#include "cpu/cpus.h"
#include "cpu/operands.h"

DEFINE_OP(SVC)
{
    supervisor_call(cpu, insn->r1);
}
