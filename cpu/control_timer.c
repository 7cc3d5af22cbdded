/* SPDX-License-Identifier: MIT */
/** Instructions of the timing facilities (PoP ch. 4, 7, 10). */
#include "cpu/control.h"
#include "cpu/timer.h"

/* The clock is always set and running: condition code 0. */
static void store_clock(struct cpu *cpu, const struct insn *insn)
{
    struct span to = span_store(cpu, effective_b2(cpu, insn), insn->b2, 8);
    uint8_t value[8];

    put_be64(value, timer_read_tod(cpu).clock);
    span_write(&to, value);
    cpu->cc = 0;
}

DEFINE_OP(STCK)
{
    store_clock(cpu, insn);
}

DEFINE_OP(STCKF)
{
    store_clock(cpu, insn);
}

/*
 * Epoch index, TOD bits 0–63, then 40 bits below the modelled resolution, which are a nonzero
 * constant so that the value compares high to any STORE CLOCK value before it.
 */
DEFINE_OP(STCKE)
{
    struct span to = span_store(cpu, effective_b2(cpu, insn), insn->b2, 16);
    struct tod tod = timer_read_tod(cpu);
    uint8_t value[16] = {0};

    if (has_facility(cpu, FACILITY_MULTIPLE_EPOCH))
        value[0] = tod.epoch;
    put_be64(value + 1, tod.clock);
    value[13] = 1;
    put_be16(value + 14, (uint16_t)cpu->todpr);
    span_write(&to, value);
    cpu->cc = 0;
}

/* Every CPU's comparator may now be reached. */
static void clock_moved(struct cpu *cpu)
{
    machine_end_slice_at(cpu->machine, cpu_time(cpu));
    cpu_mode_changed(cpu);
}

DEFINE_OP(SCK)
{
    uint64_t address = effective_b2(cpu, insn);
    uint64_t value;

    specification_unless_aligned(cpu, address, 8);
    value = fetch64(cpu, address, insn->b2);
    timer_set_tod(cpu->machine, cpu_time(cpu), value);
    cpu->cc = 0;
    clock_moved(cpu);
}

DEFINE_OP(SCKC)
{
    uint64_t address = effective_b2(cpu, insn);

    specification_unless_aligned(cpu, address, 8);
    cpu->clock_comparator = fetch64(cpu, address, insn->b2);
    timer_changed(cpu);
}

DEFINE_OP(STCKC)
{
    uint64_t address = effective_b2(cpu, insn);

    specification_unless_aligned(cpu, address, 8);
    store64(cpu, address, insn->b2, cpu->clock_comparator);
}

DEFINE_OP(SPT)
{
    uint64_t address = effective_b2(cpu, insn);

    specification_unless_aligned(cpu, address, 8);
    timer_set_cpu_timer(cpu, cpu_time(cpu), fetch64(cpu, address, insn->b2));
    timer_changed(cpu);
}

DEFINE_OP(STPT)
{
    uint64_t address = effective_b2(cpu, insn);

    specification_unless_aligned(cpu, address, 8);
    store64(cpu, address, insn->b2, (uint64_t)cpu_timer_at(cpu, cpu_time(cpu)));
}

/* GR0.32–47 must be zeros. */
DEFINE_OP(SCKPF)
{
    specification_unless(cpu, (gr32(cpu, 0) & 0xffff0000u) == 0);
    cpu->todpr = gr32(cpu, 0);
}

/* All three operands are fetched before a register changes. */
DEFINE_OP(ECTG)
{
    unsigned base2 = insn_base(insn, 32);
    uint64_t first = fetch64(cpu, effective_b2(cpu, insn), insn->b2);
    uint64_t second = fetch64(cpu, effective_b4(cpu, insn), base2);
    uint64_t third = fetch64(cpu, address_in(cpu, insn->r3), insn->r3);

    set_gr64(cpu, 0, first - (uint64_t)cpu_timer_at(cpu, cpu_time(cpu)));
    set_gr64(cpu, 1, second);
    set_gr64(cpu, insn->r3, third);
}

