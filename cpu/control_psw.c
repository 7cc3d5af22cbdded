/* SPDX-License-Identifier: MIT */
/** Loading PSWs (PoP ch. 10). */
#include "cpu/access.h"
#include "cpu/cpus.h"

DEFINE_OP(LPSWE)
{
    uint64_t address = effective_b2(cpu, insn), mask, target;

    specification_unless_aligned(cpu, address, 8);
    mask = fetch64(cpu, address, insn->b2);
    target = fetch64(cpu, (address + 8) & cpu->address_mask, insn->b2);
    cpu->breaking_event = insn_ia(cpu, insn);
    cpu_load_psw(cpu, mask, target);
}
