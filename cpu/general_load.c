/* SPDX-License-Identifier: MIT */
/** Loads and stores of general registers (PoP ch. 7). */
#include "cpu/access.h"
#include "cpu/cpu.h"

DEFINE_OP(L)
{
    set_gr32(cpu, insn->r1, fetch32(cpu, effective_x2(cpu, insn), insn->b2));
}

DEFINE_OP(LG)
{
    set_gr64(cpu, insn->r1, fetch64(cpu, effective_x2(cpu, insn), insn->b2));
}

DEFINE_OP(ST)
{
    store32(cpu, effective_x2(cpu, insn), insn->b2, gr32(cpu, insn->r1));
}

DEFINE_OP(STG)
{
    store64(cpu, effective_x2(cpu, insn), insn->b2, gr64(cpu, insn->r1));
}
