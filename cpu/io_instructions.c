/* SPDX-License-Identifier: MIT */
/**
 * I/O instructions (PoP ch. 14): the CPU's side, which is operands, alignment
 * and exceptions. What they mean is the channel subsystem's, through
 * machine->io. Operand blocks are probed before the subsystem acts, so that
 * an access exception leaves it unchanged.
 */
#include "cpu/access.h"
#include "cpu/observe.h"

enum { ORB_BYTES = 32, ORB_BASIC_BYTES = 12, SCHIB_BYTES = 52, IRB_BYTES = 64, IRB_ROOM = 96 };
enum { IO_INTERRUPTION_CODE = 184 };

/* A machine without a channel subsystem answers cc 3 to everything. */
static const struct channel_service *channel_subsystem(struct cpu *cpu)
{
    cpu_enter_service(cpu);
    if (cpu->machine->io.start)
        return &cpu->machine->io;
    cpu->cc = 3;
    return NULL;
}

/* A service's result: condition code, or minus a program-interruption code. */
static void conclude(struct cpu *cpu, int result)
{
    if (result < 0)
        program_interruption(cpu, (unsigned)-result);
    cpu->cc = (uint32_t)result;
    observe(cpu, OBSERVED_IO, insn_decode(cpu->insn->text), cpu->cc, 0, gr32(cpu, 1));
}

/* Operations on the subchannel in GR1 that have no operand in storage. */
#define SUBCHANNEL_OPERATION(NAME, service) \
    DEFINE_OP(NAME) \
    { \
        const struct channel_service *io = channel_subsystem(cpu); \
\
        if (io) \
            conclude(cpu, io->service(cpu->machine, gr32(cpu, 1))); \
    }

SUBCHANNEL_OPERATION(CSCH, clear)
SUBCHANNEL_OPERATION(HSCH, halt)
SUBCHANNEL_OPERATION(RSCH, resume)
SUBCHANNEL_OPERATION(XSCH, cancel)
SUBCHANNEL_OPERATION(RCHP, reset_channel_path)

DEFINE_OP(SSCH)
{
    uint64_t address = effective_b2(cpu, insn);
    uint8_t orb[ORB_BYTES] = {0};
    const struct channel_service *io;

    specification_unless_aligned(cpu, address, 4);
    fetch_bytes(cpu, address, insn->b2, orb, ORB_BASIC_BYTES);
    if (orb[7] & 1) /* the ORB is extended */
        fetch_bytes(cpu, address, insn->b2, orb, ORB_BYTES);
    io = channel_subsystem(cpu);
    if (io)
        conclude(cpu, io->start(cpu->machine, gr32(cpu, 1), orb));
}

DEFINE_OP(MSCH)
{
    uint64_t address = effective_b2(cpu, insn);
    uint8_t schib[SCHIB_BYTES];
    const struct channel_service *io;

    specification_unless_aligned(cpu, address, 4);
    fetch_bytes(cpu, address, insn->b2, schib, sizeof schib);
    io = channel_subsystem(cpu);
    if (io)
        conclude(cpu, io->modify(cpu->machine, gr32(cpu, 1), schib));
}

DEFINE_OP(STSCH)
{
    uint64_t address = effective_b2(cpu, insn);
    uint8_t schib[SCHIB_BYTES];
    const struct channel_service *io;
    struct span span;

    specification_unless_aligned(cpu, address, 4);
    span = span_store(cpu, address, insn->b2, sizeof schib);
    io = channel_subsystem(cpu);
    if (!io)
        return;
    conclude(cpu, io->store(cpu->machine, gr32(cpu, 1), schib));
    if (cpu->cc == 0)
        span_write(&span, schib);
}

DEFINE_OP(TSCH)
{
    uint64_t address = effective_b2(cpu, insn);
    uint8_t irb[IRB_ROOM];
    unsigned bytes = IRB_BYTES;
    const struct channel_service *io;
    struct span span;

    specification_unless_aligned(cpu, address, 4);
    span = span_store(cpu, address, insn->b2, IRB_BYTES);
    io = channel_subsystem(cpu);
    if (!io)
        return;
    conclude(cpu, io->test(cpu->machine, gr32(cpu, 1), irb, &bytes));
    if (cpu->cc != 3)
        span_write(&span, irb);
}

/* Address 0: the whole interruption code at real 184–195, without low-address protection. */
DEFINE_OP(TPI)
{
    uint64_t address = effective_b2(cpu, insn);
    uint8_t iscs = cpu->cr[6] >> 24;
    const struct channel_service *io;
    struct io_interruption code;
    struct span span;

    specification_unless_aligned(cpu, address, 4);
    if (address)
        span = span_store(cpu, address, insn->b2, 8);
    io = channel_subsystem(cpu);
    if (!io || !io->take_interruption(cpu->machine, iscs, &code)) {
        cpu->cc = 0;
        return;
    }
    if (address) {
        uint8_t bytes[8];

        put_be32(bytes, code.subsystem_id);
        put_be32(bytes + 4, code.parameter);
        span_write(&span, bytes);
    } else {
        real_store32(cpu, real(IO_INTERRUPTION_CODE), code.subsystem_id);
        real_store32(cpu, real(IO_INTERRUPTION_CODE + 4), code.parameter);
        real_store32(cpu, real(IO_INTERRUPTION_CODE + 8), code.word);
    }
    cpu->cc = 1;
}

DEFINE_OP(STCRW)
{
    uint64_t address = effective_b2(cpu, insn);
    const struct channel_service *io;
    struct span span;
    uint8_t bytes[4];
    uint32_t crw = 0;

    specification_unless_aligned(cpu, address, 4);
    span = span_store(cpu, address, insn->b2, sizeof bytes);
    io = channel_subsystem(cpu);
    cpu->cc = io ? (uint32_t)io->store_crw(cpu->machine, &crw) : 1;
    put_be32(bytes, crw);
    span_write(&span, bytes);
}

DEFINE_OP(STCPS)
{
    uint64_t address = effective_b2(cpu, insn);
    const struct channel_service *io;
    uint8_t status[32] = {0};
    struct span span;

    specification_unless_aligned(cpu, address, sizeof status);
    span = span_store(cpu, address, insn->b2, sizeof status);
    if (cpu->machine->io.start) {
        io = channel_subsystem(cpu);
        io->store_path_status(cpu->machine, status);
    }
    span_write(&span, status);
}

/* SET ADDRESS LIMIT and SET CHANNEL MONITOR leave the condition code as it is. */
DEFINE_OP(SAL)
{
    int result = cpu->machine->io.start ? cpu->machine->io.set_address_limit(cpu->machine, gr64(cpu, 1)) : 0;

    if (result < 0)
        program_interruption(cpu, (unsigned)-result);
}

DEFINE_OP(SCHM)
{
    int result = cpu->machine->io.start
                     ? cpu->machine->io.set_channel_monitor(cpu->machine, gr32(cpu, 1), gr64(cpu, 2)) : 0;

    if (result < 0)
        program_interruption(cpu, (unsigned)-result);
}

DEFINE_OP(CHSC)
{
    uint64_t address = address_in(cpu, insn->r1);
    const struct channel_service *io;
    struct span span;

    specification_unless_aligned(cpu, address, PAGE_BYTES);
    span = span_update(cpu, address, insn->r1, PAGE_BYTES);
    io = channel_subsystem(cpu);
    if (io)
        conclude(cpu, io->chsc(cpu->machine, span.host[0]));
}
