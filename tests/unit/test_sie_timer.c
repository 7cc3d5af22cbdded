/* SPDX-License-Identifier: MIT */
/** A guest's clock, clock comparator and CPU timer beside those of its host. */
#include "unit/sie_fixture.h"

#define OPEN (PSW_EA | PSW_BA | PSW_EXTERNAL)

static uint64_t host_tod(void) { return f.machine.tod_base + f.machine.now; }

/* A guest that counts in GR6 for ever, open for the conditions in `masks`. */
static void endless(uint64_t masks)
{
    guest_code("a76b0001 a7f4fffe"); /* aghi 6,1; j .-4 */
    f.cpu->gr[6].d = 0;
    set_guest_psw(OPEN, GUEST_CODE);
    set_sd64(SD_CR, masks);
}

static void expect_external(unsigned code)
{
    expect_interrupted(OLD_EXTERNAL);
    ck_assert_uint_eq(get_be16(guest(0x86)), code);
    ck_assert_uint_eq(get_be16(guest(0x84)), 0);
    ck_assert_uint_eq(get_be32(guest(0x80)), 0);
}

/* ---- CPU timer ---- */

START_TEST(test_cpu_timer_expires_inside)
{
    uint64_t began = f.machine.now, before = f.cpu->cpu_timer_end;

    endless(CR0_CPU_TIMER);
    set_sd64(SD_CPU_TIMER, 5000);
    interpret();
    expect_external(0x1005);
    ck_assert_uint_ge(get_be64(guest(0x138)), GUEST_CODE);
    ck_assert_uint_le(get_be64(guest(0x138)), GUEST_CODE + 4);
    ck_assert_uint_ge(f.machine.now - began, 5000);
    ck_assert_uint_lt(f.machine.now - began, 5400);
    ck_assert_int_lt((int64_t)sd64(SD_CPU_TIMER), 0);
    ck_assert_int_gt((int64_t)sd64(SD_CPU_TIMER), -400);
    ck_assert_uint_ge(f.cpu->gr[6].d, 2000);
    ck_assert_uint_eq(f.cpu->cpu_timer_end, before); /* the host's went on */
}
END_TEST

START_TEST(test_cpu_timer_negative_at_entry)
{
    endless(CR0_CPU_TIMER);
    set_sd64(SD_CPU_TIMER, (uint64_t)-1);
    interpret();
    expect_external(0x1005);
    ck_assert_uint_eq(get_be64(guest(0x138)), GUEST_CODE);
    ck_assert_uint_eq(f.cpu->gr[6].d, 0);
}
END_TEST

START_TEST(test_masked_timers)
{
    guest_code("83000044");
    set_sd64(SD_CPU_TIMER, (uint64_t)-1);
    set_sd64(SD_CLOCK_COMPARATOR, 0);
    set_guest_psw(OPEN, GUEST_CODE);
    set_sd64(SD_CR, 0);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    set_sd64(SD_CR, CR0_CPU_TIMER | CR0_CLOCK_COMPARATOR);
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    /* The clock comparator comes first when both are open, and at the moment they open. */
    f.cpu->gr[2].d = GUEST_DATA;
    *guest(GUEST_DATA) = 1;
    guest_code("80002000 83000044"); /* ssm */
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    expect_external(0x1004);
    ck_assert_uint_eq(get_be64(guest(0x138)), GUEST_CODE + 4);
}
END_TEST

/* The timer's condition comes before the wait that would be intercepted. */
START_TEST(test_timer_before_wait)
{
    set_guest_psw(OPEN | PSW_WAIT, GUEST_CODE);
    set_sd64(SD_CR, CR0_CPU_TIMER);
    set_sd64(SD_CPU_TIMER, (uint64_t)-5);
    interpret();
    expect_external(0x1005);
    ck_assert_uint_eq(get_be64(guest(0x130)), OPEN | PSW_WAIT);
}
END_TEST

/* It stands still between two interpretations, and each one takes off what it lasted. */
START_TEST(test_cpu_timer_outside)
{
    uint64_t first, began;

    guest_code("83000044");
    set_sd64(SD_CPU_TIMER, 100000);
    began = f.machine.now;
    interpret();
    first = sd64(SD_CPU_TIMER);
    ck_assert_uint_lt(first, 100000);
    ck_assert_uint_ge(first, 100000 - (f.machine.now - began));
    f.machine.now += 500000;
    ck_assert_uint_eq(sd64(SD_CPU_TIMER), first);
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    ck_assert_uint_lt(sd64(SD_CPU_TIMER), first);
    ck_assert_uint_ge(sd64(SD_CPU_TIMER), first - 1000);
}
END_TEST

START_TEST(test_set_and_store_cpu_timer)
{
    uint64_t host = f.cpu->cpu_timer_end;

    put_be64(guest(GUEST_DATA), 77777);
    put_be64(guest(GUEST_DATA + 16), 0x1122334455667700);
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("b2082000 b2092008 b2062010 b2072018 83000044"); /* spt; stpt 8; sckc 16; stckc 24 */
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 20);
    ck_assert_uint_lt(get_be64(guest(GUEST_DATA + 8)), 77777);
    ck_assert_uint_gt(get_be64(guest(GUEST_DATA + 8)), 77777 - 200);
    ck_assert_uint_lt(sd64(SD_CPU_TIMER), get_be64(guest(GUEST_DATA + 8)));
    ck_assert_uint_gt(sd64(SD_CPU_TIMER), 77777 - 1000);
    ck_assert_uint_eq(sd64(SD_CLOCK_COMPARATOR), 0x1122334455667700);
    ck_assert_uint_eq(get_be64(guest(GUEST_DATA + 24)), 0x1122334455667700);
    ck_assert_uint_eq(f.cpu->cpu_timer_end, host);
    ck_assert_uint_eq(f.cpu->clock_comparator, UINT64_MAX);
}
END_TEST

/* Both expire at once: the host's interruption comes first, the guest's is not lost. */
START_TEST(test_host_timer_at_the_same_time)
{
    endless(CR0_CPU_TIMER);
    set_sd64(SD_CPU_TIMER, 5000);
    f.cpu->psw_mask |= PSW_EXTERNAL;
    f.cpu->cr[0] |= CR0_CLOCK_COMPARATOR;
    f.cpu->clock_comparator = host_tod() + 5000;
    interpret();
    ck_assert_uint_eq(get_be16(at(&f, 0x86)), 0x1004);
    ck_assert_uint_eq(get_be64(at(&f, 0x138)), CODE);
    ck_assert_uint_eq(icpt(), 0);
    ck_assert_uint_gt(f.cpu->gr[6].d, 1000);
    f.cpu->psw_mask &= ~PSW_EXTERNAL;
    interpret();
    expect_external(0x1005);
}
END_TEST

/* Each level is interrupted by its own timer only. */
START_TEST(test_host_timer_alone)
{
    endless(CR0_CPU_TIMER | CR0_CLOCK_COMPARATOR);
    f.cpu->psw_mask |= PSW_EXTERNAL;
    f.cpu->cr[0] |= CR0_CPU_TIMER;
    f.cpu->cpu_timer_end = f.machine.now + 7000;
    interpret();
    ck_assert_uint_eq(get_be16(at(&f, 0x86)), 0x1005);
    ck_assert_uint_eq(get_be64(at(&f, 0x138)), CODE);
    ck_assert_uint_eq(icpt(), 0);
    ck_assert_uint_eq(guest_mask() & ~PSW_CC, OPEN);
    ck_assert_uint_gt(sd64(SD_CPU_TIMER), INT64_MAX - 10000);
}
END_TEST

/* ---- Clock and clock comparator ---- */

static const uint64_t epochs[] = {0, 0x123456789000, (uint64_t)-0x5000000, 1ULL << 63};
enum { EPOCHS = sizeof epochs / sizeof epochs[0] };

START_TEST(test_clock_comparator_with_epoch)
{
    uint64_t began = f.machine.now;

    endless(CR0_CLOCK_COMPARATOR);
    set_sd64(SD_EPOCH, epochs[_i]);
    set_sd64(SD_CLOCK_COMPARATOR, host_tod() + epochs[_i] + 5000);
    interpret();
    expect_external(0x1004);
    ck_assert_uint_ge(f.machine.now - began, 5000);
    ck_assert_uint_lt(f.machine.now - began, 5400);
    ck_assert_uint_eq(sd64(SD_CLOCK_COMPARATOR), f.machine.tod_base + began + epochs[_i] + 5000);
    ck_assert_uint_eq(sd64(SD_EPOCH), epochs[_i]);
}
END_TEST

START_TEST(test_clock_with_epoch)
{
    uint64_t began = host_tod() + epochs[_i], clock[3];

    set_sd64(SD_EPOCH, epochs[_i]);
    set_sd32(SD_TODPR, 0xbeef);
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("b2052000 b27c2008 b2782010 83000044"); /* stck; stckf 8; stcke 16 */
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 16);
    clock[0] = get_be64(guest(GUEST_DATA));
    clock[1] = get_be64(guest(GUEST_DATA + 8));
    clock[2] = get_be64(guest(GUEST_DATA + 17)); /* after the epoch index */
    ck_assert_uint_lt(clock[0] - began, 1000);
    ck_assert_uint_lt(clock[1] - clock[0], 1000);
    ck_assert_uint_lt(clock[2] - clock[1], 1000);
    ck_assert_uint_eq(get_be16(guest(GUEST_DATA + 30)), 0xbeef);
}
END_TEST

/* The epoch index with the multiple-epoch control: its difference, and the carry out of the clock. */
START_TEST(test_epoch_index)
{
    static const struct { bool multiple; uint8_t index; uint64_t base, epoch; uint8_t expected; } rows[] = {
        {true, 0x47, 0x1000000, 0, 0x47},
        {true, 0x47, 0xfffffffff0000000, 0x20000000, 0x48},
        {true, 0xff, 0xfffffffff0000000, 0x20000000, 0x00},
        {true, 0xff, 0x1000000000, (uint64_t)-0x10000, 0x00}, /* difference −1 and the carry */
        {true, 0xff, 0x1000, (uint64_t)-0x10000000, 0xff},
        {false, 0x47, 0x1000000, 0, 0x00},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        describe();
        set_sd32(SD_ECD, rows[i].multiple ? 0x08000000 : 0);
        *sd(SD_EPOCH_INDEX) = rows[i].index;
        set_sd64(SD_EPOCH, rows[i].epoch);
        f.machine.tod_base = rows[i].base - f.machine.now;
        f.machine.tod_epoch = rows[i].base < f.machine.now ? 0xff : 0;
        f.cpu->gr[2].d = GUEST_DATA;
        guest_code("b2782000 83000044");
        interpret();
        ck_assert_uint_eq(icpt(), ICPT_INSTRUCTION);
        ck_assert_msg(*guest(GUEST_DATA) == rows[i].expected, "row %u: %02x", i, *guest(GUEST_DATA));
    }
}
END_TEST

/* CR0.10 of the guest makes its comparison signed. */
START_TEST(test_signed_comparison)
{
    set_sd64(SD_EPOCH, 0x8000000000000000 - host_tod()); /* the guest's clock is the smallest number */
    endless(CR0_CLOCK_COMPARATOR | CR0_CLOCK_SIGN);
    set_sd64(SD_CLOCK_COMPARATOR, 0);
    guest_code("83000044");
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    set_guest_psw(OPEN, GUEST_CODE);
    set_sd64(SD_CR, CR0_CLOCK_COMPARATOR);
    interpret();
    expect_external(0x1004);
}
END_TEST

/* With CEI a condition that would come again at once is the host's. */
START_TEST(test_conditional_external_interception)
{
    or_sd32(SD_ECA, ECA_CEI);
    endless(CR0_CLOCK_COMPARATOR);
    set_sd64(SD_CLOCK_COMPARATOR, 0);
    put_be64(guest(0x1b0), OPEN);
    interpret();
    expect_icpt(ICPT_EXTERNAL, GUEST_CODE);
    ck_assert_uint_eq(sd16(SD_EXTERNAL_CODE), 0x1004);
    /* Without it the guest is interrupted again and again, but the host is not locked out. */
    set_sd32(SD_ECA, 0);
    f.cpu->psw_mask |= PSW_EXTERNAL;
    f.cpu->cr[0] |= CR0_CPU_TIMER;
    f.cpu->cpu_timer_end = f.machine.now + 20000;
    interpret();
    ck_assert_uint_eq(get_be16(at(&f, 0x86)), 0x1005);
    ck_assert_uint_eq(get_be64(at(&f, 0x138)), CODE);
    f.cpu->psw_mask &= ~PSW_EXTERNAL;
}
END_TEST

int main(void)
{
    TCase *tc = sie_tests(setup);

    tcase_add_test(tc, test_cpu_timer_expires_inside);
    tcase_add_test(tc, test_cpu_timer_negative_at_entry);
    tcase_add_test(tc, test_masked_timers);
    tcase_add_test(tc, test_timer_before_wait);
    tcase_add_test(tc, test_cpu_timer_outside);
    tcase_add_test(tc, test_set_and_store_cpu_timer);
    tcase_add_test(tc, test_host_timer_at_the_same_time);
    tcase_add_test(tc, test_host_timer_alone);
    tcase_add_loop_test(tc, test_clock_comparator_with_epoch, 0, EPOCHS);
    tcase_add_loop_test(tc, test_clock_with_epoch, 0, EPOCHS);
    tcase_add_test(tc, test_epoch_index);
    tcase_add_test(tc, test_signed_comparison);
    tcase_add_test(tc, test_conditional_external_interception);
    return run_sie_tests("sie timers", tc);
}
