/* SPDX-License-Identifier: MIT */
/** Binary integer arithmetic (PoP ch. 7). */
#include "cpu/access.h"
#include "cpu/cpu.h"

DEFINE_OP(LGHI)
{
    set_gr64(cpu, insn->r1, (uint64_t)insn->imm);
}

DEFINE_OP(AR)
{
    int32_t sum;
    bool overflow = __builtin_add_overflow((int32_t)gr32(cpu, insn->r1), (int32_t)gr32(cpu, insn->r2), &sum);

    set_gr32(cpu, insn->r1, (uint32_t)sum);
    cpu->cc = overflow ? 3 : (sum > 0) * 2u + (sum < 0);
    if (overflow)
        fixed_point_overflow(cpu);
}
