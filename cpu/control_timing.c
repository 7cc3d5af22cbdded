/* SPDX-License-Identifier: MIT */
/**
 * PERFORM TIMING FACILITY FUNCTION (PoP ch. 10), as a logical partition has it: the queries, and
 * setting the partition's own epoch difference. Steering the physical clock (ATO, SFS, SGS) belongs to
 * the machine above the partition and is not available, so the clock is never steered.
 */
#include "cpu/control.h"
#include "cpu/timer.h"

enum { CONTROL_FUNCTIONS = 0x40, LARGEST_BLOCK = 256 };

/* The physical clock: as if nobody had ever set the partition's clock. */
static uint64_t physical_clock(struct cpu *cpu)
{
    return timer_read_tod(cpu).clock - cpu->machine->tod_offset;
}

static void query_functions(struct cpu *cpu, uint8_t *block);

/* TOD offset and logical TOD offset are the machine's, zero; the epoch difference is the partition's. */
static void query_offset(struct cpu *cpu, uint8_t *block)
{
    put_be64(block, physical_clock(cpu));
    put_be64(block + 24, cpu->machine->tod_offset);
}

/* Both steering episodes begin at zero with zero offset and rates. */
static void query_steering(struct cpu *cpu, uint8_t *block)
{
    put_be64(block, physical_clock(cpu));
}

static void query_physical_clock(struct cpu *cpu, uint8_t *block)
{
    put_be64(block, physical_clock(cpu));
}

/* Local timing mode, no leap seconds, no time zone. */
static void query_utc(struct cpu *cpu, uint8_t *block)
{
}

static void query_offset_user(struct cpu *cpu, uint8_t *block)
{
    query_offset(cpu, block);
    put_be64(block + 32, cpu->machine->tod_user_offset);
}

static void set_offset(struct cpu *cpu, uint8_t *block)
{
    timer_set_tod_offset(cpu->machine, get_be64(block));
}

/* The user's part of the epoch difference is replaced. */
static void set_offset_user(struct cpu *cpu, uint8_t *block)
{
    struct machine *m = cpu->machine;

    timer_set_tod_offset(m, m->tod_offset - m->tod_user_offset + get_be64(block));
    m->tod_user_offset = get_be64(block);
}

static const struct timing_function {
    uint8_t code, bytes; /* of the parameter block; 0 = 256 */
    void (*perform)(struct cpu *cpu, uint8_t *block);
} functions[] = {
    {0x00, 16, query_functions}, {0x01, 32, query_offset}, {0x02, 56, query_steering},
    {0x03, 8, query_physical_clock}, {0x04, 0, query_utc}, {0x05, 40, query_offset_user},
    {0x41, 8, set_offset}, {0x45, 8, set_offset_user},
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

static void query_functions(struct cpu *cpu, uint8_t *block)
{
    for (unsigned i = 0; i < FUNCTIONS; i++)
        block[functions[i].code / 8] |= 0x80 >> functions[i].code % 8;
}

static void query(struct cpu *cpu, const struct timing_function *f)
{
    uint8_t block[LARGEST_BLOCK] = {0};
    struct span to = span_store(cpu, address_in(cpu, 1), 1, f->bytes ? f->bytes : LARGEST_BLOCK);

    f->perform(cpu, block);
    span_write(&to, block);
}

static void control(struct cpu *cpu, const struct timing_function *f)
{
    struct span from = span_fetch(cpu, address_in(cpu, 1), 1, f->bytes);
    uint8_t block[LARGEST_BLOCK];

    span_read(&from, block);
    f->perform(cpu, block);
    machine_end_slice_at(cpu->machine, cpu_time(cpu)); /* every CPU's comparator may now be reached */
    cpu_mode_changed(cpu);
}

static const struct timing_function *function_of(uint8_t code)
{
    for (unsigned i = 0; i < FUNCTIONS; i++)
        if (functions[i].code == code)
            return &functions[i];
    return NULL;
}

/* GR0.57-63: function code; GR0.56 must be zero. GR1: the parameter block. */
DEFINE_OP(PTFF)
{
    const struct timing_function *f = function_of(gr32(cpu, 0) & 0x7f);

    specification_unless(cpu, (gr32(cpu, 0) & 0x80) == 0);
    if (!f) {
        cpu->cc = 3;
        return;
    }
    if (f->code < CONTROL_FUNCTIONS)
        query(cpu, f);
    else if (problem_state(cpu))
        program_interruption(cpu, PIC_PRIVILEGED);
    else
        control(cpu, f);
    cpu->cc = 0;
}
