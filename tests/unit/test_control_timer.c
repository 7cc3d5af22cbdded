/* SPDX-License-Identifier: MIT */
/* TOD clock, clock comparator, CPU timer: values, order over CPUs, deadlines. */
#include <check.h>

#include "cpu/timer.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;
static void setup(void) { fixture_init_cpus(&f, 2); }
static void teardown(void) { fixture_release(&f); }

/* STCK to DATA through GR1. */
static uint64_t stck(struct cpu *cpu)
{
    f.cpu = cpu;
    set_gr64(cpu, 1, DATA);
    run(&f, "b2051000");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(cpu->cc, 0);
    return get_be64(at(&f, DATA));
}

START_TEST(clock_never_steps_back_between_cpus)
{
    uint64_t ahead, behind;

    f.machine.tod_base = 0x1000000000000000;
    f.machine.now = 1000000;
    ahead = stck(f.machine.cpus->cpu[0]);
    ck_assert_uint_ge(ahead, f.machine.tod_base + 1000000);
    f.machine.cpus->cpu[0]->state = CPU_STOPPED;
    f.machine.now = 500000;
    behind = stck(f.machine.cpus->cpu[1]);
    ck_assert_uint_eq(behind, ahead + 1);
}
END_TEST

START_TEST(extended_clock_has_epoch_and_programmable_field)
{
    f.machine.tod_base = UINT64_MAX;
    f.machine.now = 5000;
    f.cpu->todpr = 0xabcd;
    set_gr64(f.cpu, 1, DATA);
    run(&f, "b2781000");
    ck_assert_uint_eq(*at(&f, DATA), 1);
    ck_assert_uint_ge(get_be64(at(&f, DATA + 1)), 4999);
    ck_assert_uint_lt(get_be64(at(&f, DATA + 1)), 9000);
    ck_assert_uint_ne(get_be64(at(&f, DATA + 8)) << 8, 0);
    ck_assert_uint_eq(get_be16(at(&f, DATA + 14)), 0xabcd);
}
END_TEST

START_TEST(set_clock_moves_all_cpus)
{
    put_be64(at(&f, DATA), 0x7d91048bca000000);
    set_gr64(f.cpu, 1, DATA);
    run(&f, "b2041000");
    ck_assert_uint_eq(f.code, 0);
    f.cpu->state = CPU_STOPPED;
    ck_assert_uint_lt(stck(f.machine.cpus->cpu[1]) - 0x7d91048bca000000, 10000);
    ck_assert_uint_eq(f.machine.tod_offset, f.machine.tod_base);
}
END_TEST

START_TEST(cpu_timer_counts_down_with_time_and_stands_when_stopped)
{
    uint64_t value;

    put_be64(at(&f, DATA), 0x100000);
    set_gr64(f.cpu, 1, DATA);
    run(&f, "b2081000 b2091008");
    value = get_be64(at(&f, DATA + 8));
    ck_assert_uint_lt(value, 0x100000);
    ck_assert_uint_gt(value, 0x100000 - 1000);
    ck_assert_int_eq(cpu_timer_at(f.cpu, f.machine.now) - 5, cpu_timer_at(f.cpu, f.machine.now + 5));
    value = (uint64_t)cpu_timer_at(f.cpu, f.machine.now);
    cpu_enter_state(f.cpu, CPU_STOPPED, f.machine.now);
    ck_assert_uint_eq((uint64_t)cpu_timer_at(f.cpu, f.machine.now + 777), value);
    cpu_enter_state(f.cpu, CPU_OPERATING, f.machine.now + 1000);
    ck_assert_uint_eq((uint64_t)cpu_timer_at(f.cpu, f.machine.now + 1001), value - 1);
}
END_TEST

/* A deadline is the first instant the condition holds, not one earlier. */
static void check_deadline(uint64_t now, uint32_t condition)
{
    uint64_t deadline = timer_deadline(f.cpu, now);

    ck_assert_uint_ne(deadline, EVENT_NEVER);
    ck_assert(!(timer_pending(f.cpu, deadline - 1) & condition));
    ck_assert(timer_pending(f.cpu, deadline) & condition);
}

START_TEST(deadlines_are_exact)
{
    f.machine.tod_base = 0x2000;
    f.cpu->state = CPU_OPERATING;
    f.cpu->cr[0] = CR0_CLOCK_COMPARATOR;
    f.cpu->clock_comparator = 0x9000;
    check_deadline(0x100, PENDING_CLOCK_COMPARATOR);
    ck_assert_uint_eq(timer_deadline(f.cpu, 0x100), 0x7001);
    f.cpu->cr[0] = CR0_CPU_TIMER;
    timer_set_cpu_timer(f.cpu, 0x100, 50);
    check_deadline(0x100, PENDING_CPU_TIMER);
    ck_assert_uint_eq(timer_deadline(f.cpu, 0x100), 0x133);
    f.cpu->cr[0] = 0;
    ck_assert_uint_eq(timer_deadline(f.cpu, 0x100), EVENT_NEVER);
}
END_TEST

START_TEST(largest_comparator_never_comes)
{
    f.cpu->state = CPU_OPERATING;
    f.cpu->cr[0] = CR0_CLOCK_COMPARATOR;
    f.cpu->clock_comparator = UINT64_MAX;
    ck_assert_uint_eq(timer_deadline(f.cpu, 5), EVENT_NEVER);
    f.cpu->cr[0] |= CR0_CLOCK_SIGN;
    f.cpu->clock_comparator = INT64_MAX;
    ck_assert_uint_eq(timer_deadline(f.cpu, 5), EVENT_NEVER);
}
END_TEST

START_TEST(signed_comparator)
{
    f.machine.tod_base = 0xf000000000000000; /* negative: before any positive comparator */
    f.cpu->state = CPU_OPERATING;
    f.cpu->clock_comparator = 0x10;
    ck_assert(timer_pending(f.cpu, 0) & PENDING_CLOCK_COMPARATOR);
    f.cpu->cr[0] = CR0_CLOCK_SIGN | CR0_CLOCK_COMPARATOR;
    ck_assert(!(timer_pending(f.cpu, 0) & PENDING_CLOCK_COMPARATOR));
    check_deadline(0, PENDING_CLOCK_COMPARATOR);
    ck_assert_uint_eq(timer_deadline(f.cpu, 0), 0x1000000000000011);
}
END_TEST

START_TEST(comparator_interrupts_at_its_time)
{
    /* Wait enabled for external interruptions, the new PSW a disabled wait. */
    f.machine.tod_base = 0;
    f.cpu->cr[0] |= CR0_CLOCK_COMPARATOR;
    f.cpu->clock_comparator = 20000;
    f.cpu->psw_mask |= PSW_WAIT | PSW_EXTERNAL;
    f.cpu->state = CPU_OPERATING;
    ck_assert_int_eq(cpus_run(&f.machine, 100000), CPUS_IDLE);
    ck_assert_uint_eq(cpus_next_event(&f.machine), 20001);
    cpus_skip_to(&f.machine, 20001);
    cpus_run(&f.machine, 100000);
    ck_assert_uint_eq(get_be16(at(&f, 0x86)), 0x1004);
}
END_TEST

/* A comparator set within a slice interrupts at its own time, not at the end of the slice. */
START_TEST(comparator_set_while_running)
{
    uint64_t handler = CODE + 0x100, comparator = f.machine.tod_base + 30000;

    f.cpu->cr[0] |= CR0_CLOCK_COMPARATOR;
    f.cpu->psw_mask |= PSW_EXTERNAL;
    set_gr64(f.cpu, 1, DATA);
    put_be64(at(&f, DATA), comparator);
    put_be64(at(&f, 0x1b0), PSW_EA | PSW_BA);
    put_be64(at(&f, 0x1b8), handler);
    place(&f, handler, "b2051008"); /* stck 8(1), then an operation exception */
    run(&f, "b2061000 a7f40000");
    ck_assert_uint_eq(get_be16(at(&f, 0x86)), 0x1004);
    ck_assert_uint_gt(get_be64(at(&f, DATA + 8)), comparator);
    ck_assert_uint_lt(get_be64(at(&f, DATA + 8)) - comparator, 200);
}
END_TEST

START_TEST(extract_cpu_time)
{
    uint64_t before;

    put_be64(at(&f, DATA), 1000000);
    put_be64(at(&f, DATA + 8), 42);
    put_be64(at(&f, DATA + 16), 43);
    set_gr64(f.cpu, 1, DATA);
    set_gr64(f.cpu, 5, DATA + 16);
    timer_set_cpu_timer(f.cpu, f.machine.now, 900000);
    f.cpu->state = CPU_OPERATING;
    timer_set_cpu_timer(f.cpu, f.machine.now, 900000);
    before = f.machine.now;
    run(&f, "c85110001008");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_ge(gr64(f.cpu, 0), 100000);
    ck_assert_uint_le(gr64(f.cpu, 0), 100000 + f.machine.now - before);
    ck_assert_uint_eq(gr64(f.cpu, 1), 42);
    ck_assert_uint_eq(gr64(f.cpu, 5), 43);
}
END_TEST

START_TEST(comparator_and_programmable_field)
{
    put_be64(at(&f, DATA), 0x1234567890abcdef);
    set_gr64(f.cpu, 1, DATA);
    set_gr64(f.cpu, 0, 0xffffffff00004321);
    run(&f, "b2061000 b2071008 0107 b2781010 b27c1020");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->clock_comparator, 0x1234567890abcdef);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 8)), 0x1234567890abcdef);
    ck_assert_uint_eq(get_be16(at(&f, DATA + 30)), 0x4321);
    ck_assert_uint_gt(get_be64(at(&f, DATA + 32)), get_be64(at(&f, DATA + 17)));
    set_gr64(f.cpu, 0, 0x10000);
    run(&f, "0107");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    set_gr64(f.cpu, 1, DATA + 4);
    run(&f, "b2071000");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

/* PTFF with the function code in GR0 and the parameter block at DATA. */
static unsigned ptff(unsigned function)
{
    set_gr64(f.cpu, 0, function);
    set_gr64(f.cpu, 1, DATA);
    run(&f, "0104");
    return f.cpu->cc;
}

START_TEST(timing_functions)
{
    static const uint8_t available[16] = {0xfc, 0, 0, 0, 0, 0, 0, 0, 0x44};

    memset(at(&f, DATA), 0xff, 300);
    ck_assert_uint_eq(ptff(0), 0);
    ck_assert_mem_eq(at(&f, DATA), available, 16);
    ck_assert_uint_eq(*at(&f, DATA + 16), 0xff);
    for (unsigned function = 0; function < 128; function++)
        if (!(available[function / 8] & 0x80 >> function % 8))
            ck_assert_uint_eq(ptff(function), 3);
    ptff(0x80);
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    memset(at(&f, DATA), 0xff, 300);
    ck_assert_uint_eq(ptff(4), 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 248)), 0);
    ck_assert_uint_eq(*at(&f, DATA + 256), 0xff);
}
END_TEST

START_TEST(epoch_difference)
{
    uint64_t physical;

    f.machine.tod_base = 0x1000000000000000;
    ck_assert_uint_eq(ptff(3), 0);
    physical = get_be64(at(&f, DATA));
    ck_assert_uint_lt(physical - 0x1000000000000000, 1000000);
    put_be64(at(&f, DATA), 0x500);
    ck_assert_uint_eq(ptff(0x45), 0);
    put_be64(at(&f, DATA), 0x700000000);
    ck_assert_uint_eq(ptff(0x41), 0);
    ck_assert_uint_eq(f.machine.tod_base, 0x1000000700000000);
    ck_assert_uint_eq(ptff(5), 0);
    ck_assert_uint_lt(get_be64(at(&f, DATA)) - physical, 1000000);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 8)), 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 24)), 0x700000000);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 32)), 0x500);
    put_be64(at(&f, DATA), 0x900); /* the user's part is replaced, the rest stays */
    ck_assert_uint_eq(ptff(0x45), 0);
    ck_assert_uint_eq(f.machine.tod_offset, 0x700000400);
    ck_assert_uint_eq(ptff(1), 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 24)), 0x700000400);
    ck_assert_uint_lt(get_be64(at(&f, DATA)) - physical, 1000000);
}
END_TEST

/* The epoch index follows in both directions. */
START_TEST(epoch_difference_crosses_epochs)
{
    f.machine.tod_base = 0xf000000000000000;
    timer_set_tod_offset(&f.machine, 0x2000000000000000);
    ck_assert_uint_eq(f.machine.tod_base, 0x1000000000000000);
    ck_assert_uint_eq(f.machine.tod_epoch, 1);
    timer_set_tod_offset(&f.machine, 0);
    ck_assert_uint_eq(f.machine.tod_base, 0xf000000000000000);
    ck_assert_uint_eq(f.machine.tod_epoch, 0);
}
END_TEST

START_TEST(timing_functions_need_authority)
{
    f.cpu->psw_mask |= PSW_PROBLEM;
    ck_assert_uint_eq(ptff(3), 0);
    ptff(0x41);
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timers");
    TCase *tests = tcase_create("timers");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, clock_never_steps_back_between_cpus);
    tcase_add_test(tests, extended_clock_has_epoch_and_programmable_field);
    tcase_add_test(tests, set_clock_moves_all_cpus);
    tcase_add_test(tests, cpu_timer_counts_down_with_time_and_stands_when_stopped);
    tcase_add_test(tests, deadlines_are_exact);
    tcase_add_test(tests, largest_comparator_never_comes);
    tcase_add_test(tests, signed_comparator);
    tcase_add_test(tests, comparator_interrupts_at_its_time);
    tcase_add_test(tests, comparator_set_while_running);
    tcase_add_test(tests, extract_cpu_time);
    tcase_add_test(tests, comparator_and_programmable_field);
    tcase_add_test(tests, timing_functions);
    tcase_add_test(tests, epoch_difference);
    tcase_add_test(tests, epoch_difference_crosses_epochs);
    tcase_add_test(tests, timing_functions_need_authority);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
