/* SPDX-License-Identifier: MIT */
/** SERVICE CALL: the CPU's side; channel/sclp.c is the other. */
#include "cpu/access.h"
#include "cpu/cpu.h"

/* R1 holds the command word, R2 the real address of the SCCB: below 2 GiB, doubleword, outside the prefix areas. */
DEFINE_OP(SERVC)
{
    struct machine *machine = cpu->machine;
    uint64_t sccb = amode64(cpu) ? gr64(cpu, insn->r2) : gr32(cpu, insn->r2);
    uint64_t area = sccb & ~0x1fffULL;
    int result;

    specification_unless(cpu, !(sccb & ~0x7ffffff8ULL) && area != 0 && area != cpu->prefix);
    cpu_enter_service(cpu);
    result = machine->service.call ? machine->service.call(machine, gr32(cpu, insn->r1), absolute(sccb)) : 3;
    if (result < 0)
        program_interruption(cpu, (unsigned)-result);
    cpu->cc = (uint32_t)result;
}
