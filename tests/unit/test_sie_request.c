/* SPDX-License-Identifier: MIT */
/** What ends interpretation from outside: requests to the guest, waits, interruptions of the host. */
#include "unit/sie_fixture.h"
#include "unit/suite.h"

#define ENABLED (PSW_EA | PSW_BA)

static void put_psw(uint64_t address, uint64_t mask, uint64_t ia)
{
    put_be64(guest(address), mask);
    put_be64(guest(address + 8), ia);
}

/* ---- Requests that the guest's PSW masks ---- */

static const struct { uint32_t request; uint64_t mask; unsigned code; } masked[] = {
    {CPUSTAT_EXT_INT, PSW_EXTERNAL, ICPT_EXTERNAL_REQUEST}, {CPUSTAT_IO_INT, PSW_IO, ICPT_IO_REQUEST},
};

START_TEST(test_request_waits_for_the_psw)
{
    or_sd32(SD_CPUSTAT, masked[_i].request);
    set_sd64(SD_CR, 0);          /* the control registers' masks do not matter */
    set_sd64(SD_CR + 8 * 6, 0);
    guest_code("83000044");
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    set_guest_psw(ENABLED | masked[1 - _i].mask, GUEST_CODE); /* the other mask */
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    set_guest_psw(ENABLED | masked[_i].mask, GUEST_CODE);
    interpret();
    expect_icpt(masked[_i].code, GUEST_CODE);
    ck_assert_uint_eq(guest_mask(), ENABLED | masked[_i].mask);
    ck_assert(sd32(SD_CPUSTAT) & masked[_i].request); /* the host takes it back */
}
END_TEST

/* The moment the mask opens, whatever opens it. */
START_TEST(test_request_at_the_moment_it_opens)
{
    static const struct { const char *code; unsigned length; uint64_t ia; } openings[] = {
        {"b2b22000 83000044", 4, GUEST_CODE + 0x100},   /* lpswe 0(2) */
        {"82002010 83000044", 4, GUEST_CODE + 0x100},   /* lpsw 16(2) */
        {"80002020 83000044", 4, GUEST_CODE + 4},       /* ssm 32(2) */
        {"ad032030 83000044", 4, GUEST_CODE + 4},       /* stosm 48(2),3 */
        {"0a00 83000044", 2, GUEST_CODE + 0x100},       /* svc 0 */
        {"0000 83000044", 2, GUEST_CODE + 0x100},       /* operation exception */
        {"18660700 80002020 1866 83000044", 4, GUEST_CODE + 8},
    };
    const uint64_t open = ENABLED | masked[0].mask | masked[1].mask;

    for (unsigned i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        describe();
        or_sd32(SD_CPUSTAT, masked[_i].request);
        put_psw(GUEST_DATA, open, GUEST_CODE + 0x100);
        put_be32(guest(GUEST_DATA + 16), 0x03080000);
        put_be32(guest(GUEST_DATA + 20), 0x80000000 | (GUEST_CODE + 0x100));
        *guest(GUEST_DATA + 32) = 3;
        put_psw(0x1c0, open, GUEST_CODE + 0x100);
        put_psw(0x1d0, open, GUEST_CODE + 0x100);
        f.cpu->gr[2].d = GUEST_DATA;
        guest_code(openings[i].code);
        interpret();
        ck_assert_msg(icpt() == masked[_i].code && guest_ia() == openings[i].ia, "%s: %02x at %llx",
                      openings[i].code, icpt(), (unsigned long long)guest_ia());
    }
}
END_TEST

/* A guest that closes the mask in time is left alone. */
START_TEST(test_request_between_two_masks)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_EXT_INT | CPUSTAT_IO_INT);
    set_guest_psw(ENABLED, GUEST_CODE);
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("acfc2000 83000044"); /* stnsm */
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 8);
}
END_TEST

START_TEST(test_stop_request)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_STOP_INT);
    guest_code("83230044");
    interpret();
    expect_icpt(ICPT_STOP, GUEST_CODE);
    ck_assert_uint_eq(f.cpu->gr[14].d, SD);
}
END_TEST

/* One after the other, in the order of priority. */
START_TEST(test_priority)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_STOP_INT | CPUSTAT_IO_INT | CPUSTAT_EXT_INT);
    set_guest_psw(ENABLED | PSW_EXTERNAL | PSW_IO | PSW_WAIT, GUEST_CODE);
    interpret();
    expect_icpt(ICPT_EXTERNAL_REQUEST, GUEST_CODE);
    set_sd32(SD_CPUSTAT, sd32(SD_CPUSTAT) & ~CPUSTAT_EXT_INT);
    interpret();
    expect_icpt(ICPT_IO_REQUEST, GUEST_CODE);
    set_sd32(SD_CPUSTAT, sd32(SD_CPUSTAT) & ~CPUSTAT_IO_INT);
    interpret();
    expect_icpt(ICPT_STOP, GUEST_CODE);
    set_sd32(SD_CPUSTAT, sd32(SD_CPUSTAT) & ~CPUSTAT_STOP_INT);
    interpret();
    expect_icpt(ICPT_WAIT, GUEST_CODE);
    ck_assert_uint_eq(guest_mask(), ENABLED | PSW_EXTERNAL | PSW_IO | PSW_WAIT);
}
END_TEST

/* ---- Waits ---- */

START_TEST(test_wait)
{
    put_psw(GUEST_DATA, ENABLED | PSW_WAIT | PSW_EXTERNAL, 0x4711);
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("b2b22000"); /* lpswe */
    interpret();
    expect_icpt(ICPT_WAIT, 0x4711);
    ck_assert_uint_eq(guest_mask(), ENABLED | PSW_WAIT | PSW_EXTERNAL);
    interpret(); /* again: it still waits */
    expect_icpt(ICPT_WAIT, 0x4711);
}
END_TEST

/* Wherever slices end: a guest that waits neither stops the machine nor keeps its host waiting. */
START_TEST(test_wait_at_the_end_of_a_slice)
{
    for (unsigned cycles = 1; cycles < 400; cycles++) {
        describe();
        put_psw(GUEST_DATA, ENABLED | PSW_WAIT, 0x4711);
        f.cpu->gr[2].d = GUEST_DATA;
        guest_code("1866 b2b22000");
        begin();
        place(&f, SIE_ENDS, "b2b200a0"); /* lpswe: the host waits, too */
        put_be64(at(&f, 0xa0), ENABLED | PSW_WAIT);
        put_be64(at(&f, 0xa8), 0x0815);
        f.cpu->psw_mask = ENABLED;
        cpus_run(&f.machine, f.machine.now + cycles);
        cpus_run(&f.machine, f.machine.now + 10000);
        ck_assert_msg(f.machine.end == MACHINE_DISABLED_WAIT && f.cpu->ia == 0x0815,
                      "after %u cycles: end %d at %llx", cycles, f.machine.end,
                      (unsigned long long)f.cpu->ia);
        ck_assert_uint_eq(icpt(), ICPT_WAIT);
        f.machine.end = MACHINE_RUNNING;
    }
}
END_TEST

/* ---- PSWs that are invalid at entry or loaded by the guest ---- */

static const struct { uint64_t mask, ia; } invalid_psws[] = {
    {ENABLED | BIT64(0), GUEST_CODE}, {ENABLED | BIT64(12), GUEST_CODE}, {PSW_EA, GUEST_CODE},
    {ENABLED | BIT64(24), GUEST_CODE}, {PSW_BA, 0x80000000}, {0, 0x1000000}, {ENABLED | 1, GUEST_CODE},
};
enum { INVALID_PSWS = sizeof invalid_psws / sizeof invalid_psws[0] };

START_TEST(test_invalid_psw_is_intercepted)
{
    set_guest_psw(invalid_psws[_i].mask, invalid_psws[_i].ia);
    interpret();
    expect_program_icpt(PIC_SPECIFICATION, 0, invalid_psws[_i].ia);
    ck_assert_uint_eq(guest_mask(), invalid_psws[_i].mask);
}
END_TEST

START_TEST(test_invalid_psw_is_the_guests)
{
    *sd(SD_ECB) = ECB_SPECI;
    set_guest_psw(invalid_psws[_i].mask, invalid_psws[_i].ia);
    interpret();
    expect_guest_program(PIC_SPECIFICATION, 0, invalid_psws[_i].ia);
    ck_assert_uint_eq(get_be64(guest(0x150)), invalid_psws[_i].mask);
}
END_TEST

/* An interruption that brings the same exception again would never end: the host gets it. */
START_TEST(test_specification_loop)
{
    *sd(SD_ECB) = ECB_SPECI;
    put_psw(0x1d0, invalid_psws[_i].mask, invalid_psws[_i].ia);
    set_guest_psw(ENABLED | BIT64(0), GUEST_CODE);
    interpret();
    expect_program_icpt(PIC_SPECIFICATION, 0, GUEST_CODE);
    /* Also when it begins with another exception. */
    set_guest_psw(ENABLED, GUEST_CODE);
    guest_code("0000");
    interpret();
    ck_assert_uint_eq(icpt(), ICPT_PROGRAM);
    ck_assert_uint_eq(sd16(0xce), PIC_SPECIFICATION);
    ck_assert_uint_eq(guest_ia(), invalid_psws[_i].ia);
}
END_TEST

/* An odd instruction address is no early exception, but a specification exception of the same kind. */
START_TEST(test_odd_instruction_address)
{
    set_guest_psw(ENABLED, GUEST_CODE + 1);
    interpret();
    ck_assert_uint_eq(icpt(), ICPT_PROGRAM);
    ck_assert_uint_eq(sd16(0xce), PIC_SPECIFICATION);
    *sd(SD_ECB) = ECB_SPECI;
    set_guest_psw(ENABLED, GUEST_CODE + 1);
    put_psw(0x1d0, ENABLED, 0x7001); /* it loops, but each turn is an interruption of the guest */
    *sd(SD_ICPTCODE) = 0;
    f.cpu->cr[0] |= CR0_CLOCK_COMPARATOR;
    f.cpu->psw_mask |= PSW_EXTERNAL;
    f.cpu->clock_comparator = f.machine.tod_base + f.machine.now + 5000;
    f.cpu->gr[14].d = SD;
    run(&f, "b214e000");
    ck_assert_uint_eq(get_be16(at(&f, 0x86)), 0x1004); /* and the host still gets its own */
    ck_assert_uint_eq(get_be64(at(&f, 0x138)), CODE);
}
END_TEST

/* ---- Interruptions of the host ---- */

static void expect_left(unsigned old)
{
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(get_be64(at(&f, old + 8)), CODE); /* at SIE */
    ck_assert_uint_eq(icpt(), 0xee);
    ck_assert_uint_ge(guest_ia(), GUEST_CODE);
    ck_assert_uint_lt(guest_ia(), GUEST_CODE + 8);
    ck_assert_ptr_null(f.cpu->interpreting);
    ck_assert_uint_eq(f.cpu->gr[14].d, SD);
    ck_assert_uint_eq(sd64(SD_GR14), 0x1414);
}

/* A guest that never ends by itself, counting in GR6. */
static void endless(void)
{
    guest_code("a76b0001 a7f4fffe"); /* aghi 6,1; j .-4 */
    f.cpu->gr[6].d = 0;
    f.cpu->gr[14].d = SD;
    *sd(SD_ICPTCODE) = 0xee; /* to be left alone */
}

START_TEST(test_host_external_interruption)
{
    f.cpu->psw_mask |= PSW_EXTERNAL;
    f.cpu->cr[0] |= CR0_CLOCK_COMPARATOR;
    f.cpu->clock_comparator = f.machine.tod_base + f.machine.now + 5000;
    endless();
    run(&f, "b214e000");
    expect_left(0x130);
    ck_assert_uint_eq(get_be16(at(&f, 0x86)), 0x1004);
    ck_assert_uint_ge(f.cpu->gr[6].d, 1000);
    ck_assert_uint_lt(f.cpu->gr[6].d, 3000);
}
END_TEST

/* The guest's masks have no say, and closed ones of the host keep it in. */
START_TEST(test_only_the_hosts_masks_count)
{
    set_guest_psw(ENABLED | PSW_EXTERNAL | PSW_IO | PSW_MACHINE_CHECK, GUEST_CODE);
    set_sd64(SD_CR, 0xfe0 | CR0_CPU_TIMER);
    f.cpu->cr[0] |= CR0_INTERRUPT_KEY;
    f.cpu->pending |= PENDING_INTERRUPT_KEY;
    endless();
    run(&f, "b214e000");
    left_in_the_guest();
    f.machine.cpus->sie->leave(f.cpu);
    ck_assert(f.cpu->pending & PENDING_INTERRUPT_KEY);
    f.cpu->psw_mask = ENABLED | PSW_EXTERNAL;
    endless();
    set_guest_psw(ENABLED, GUEST_CODE);
    run(&f, "b214e000");
    /* Before SIE is reached at all. */
    ck_assert_uint_eq(get_be16(at(&f, 0x86)), 0x0040);
    ck_assert_uint_eq(get_be64(at(&f, 0x138)), CODE);
}
END_TEST

static bool take_io(struct machine *machine, uint8_t iscs, struct io_interruption *io)
{
    if (!(machine->floating.io_iscs & iscs))
        return false;
    machine->floating.io_iscs = 0;
    machine->floating.pending &= ~(uint32_t)FLOATING_IO;
    *io = (struct io_interruption){.subsystem_id = 0x00010002, .parameter = 0x11223344, .word = 0x18000000};
    return true;
}

START_TEST(test_host_io_interruption)
{
    f.machine.io.take_interruption = take_io;
    f.cpu->psw_mask |= PSW_IO;
    f.cpu->cr[6] = 0xff000000;
    endless();
    begin();
    cpus_run(&f.machine, f.machine.now + 1000);
    left_in_the_guest();
    f.machine.floating.io_iscs = 0x10;
    f.machine.floating.pending |= FLOATING_IO;
    cpus_run(&f.machine, f.machine.now + 1000);
    expect_left(0x170);
    ck_assert_uint_eq(get_be32(at(&f, 0xb8)), 0x00010002);
    ck_assert_uint_eq(get_be32(at(&f, 0xbc)), 0x11223344);
}
END_TEST

/* Linux tells from the old PSW and from GR14 and GR15 in the save area that a machine check hit a guest. */
START_TEST(test_machine_check)
{
    f.cpu->psw_mask |= PSW_MACHINE_CHECK;
    f.cpu->cr[14] = BIT64(39);
    f.cpu->gr[15].d = 0xabcdef;
    f.cpu->cr[13] = 0x1313;
    endless();
    begin();
    cpus_run(&f.machine, f.machine.now + 1000);
    left_in_the_guest();
    f.machine.floating.pending |= FLOATING_WARNING;
    cpus_run(&f.machine, f.machine.now + 1000);
    expect_left(0x160);
    ck_assert_uint_eq(get_be64(at(&f, 0x1280 + 8 * 14)), SD);
    ck_assert_uint_eq(get_be64(at(&f, 0x1280 + 8 * 15)), 0xabcdef);
    ck_assert_uint_eq(get_be64(at(&f, 0x1280 + 8 * 6)), f.cpu->gr[6].d); /* the guest's */
    ck_assert_uint_eq(get_be64(at(&f, 0x1380 + 8 * 13)), 0x1313);
    ck_assert_uint_eq(get_be64(at(&f, 0x1380 + 8)), SEGMENTS);
}
END_TEST

/* After any interruption the host may enter again, and the guest has lost nothing. */
START_TEST(test_interrupted_again_and_again)
{
    unsigned entries = 0;

    f.cpu->cr[0] |= CR0_CLOCK_COMPARATOR;
    endless();
    /* aghi 6,1; cghi 6,20000; jne .-8; diag */
    guest_code("a76b0001 a76f4e20 a774fffc 83000044");
    f.cpu->gr[14].d = SD;
    for (unsigned i = 0; i < 1000; i++) {
        f.cpu->psw_mask |= PSW_EXTERNAL;
        f.cpu->clock_comparator = f.machine.tod_base + f.machine.now + 300 + i * 7;
        run(&f, "b214e000");
        entries++;
        if (icpt() == ICPT_INSTRUCTION)
            break;
        ck_assert_uint_eq(get_be64(at(&f, 0x138)), CODE);
    }
    ck_assert_uint_eq(icpt(), ICPT_INSTRUCTION);
    ck_assert_uint_eq(guest_ia(), GUEST_CODE + 16);
    ck_assert_uint_eq(f.cpu->gr[6].d, 20000);
    ck_assert_uint_gt(entries, 10);
}
END_TEST

/* ---- Several CPUs ---- */

static void setup_two(void) { setup_cpus(2); }

/* Another CPU asks for a stop while the guest loops; and stops the host's CPU itself. */
START_TEST(test_other_cpus)
{
    struct cpu *other = f.machine.cpus->cpu[1];

    endless();
    begin();
    place(&f, DATA, "a7190fff 96043000 a7f40000"); /* lghi 1,…; oi 0(3),4; j . */
    other->psw_mask = ENABLED;
    other->ia = DATA;
    other->gr[3].d = SD;
    other->state = CPU_OPERATING;
    other->leave |= LEAVE_MODE;
    cpus_run(&f.machine, f.machine.now + 40000);
    ck_assert_uint_eq(icpt(), ICPT_STOP);
    ck_assert_ptr_null(f.cpu->interpreting);
    /* Once more: SIGP stop of the host's CPU leaves the guest as an interruption would. */
    describe();
    endless();
    f.machine.end = MACHINE_RUNNING;
    f.cpu->psw_mask = ENABLED;
    f.cpu->ia = CODE;
    f.cpu->leave |= LEAVE_MODE;
    other->ia = DATA + 0x100;
    other->gr[5].d = 0;
    place(&f, DATA + 0x100, "a7190fff ae050005 a7f40000"); /* sigp 0,5,5 */
    other->leave |= LEAVE_MODE;
    cpus_run(&f.machine, f.machine.now + 40000);
    ck_assert_int_eq(f.cpu->state, CPU_STOPPED);
    ck_assert_ptr_null(f.cpu->interpreting);
    ck_assert_uint_eq(f.cpu->ia, CODE);
    ck_assert_uint_eq(icpt(), 0xee);
    ck_assert_uint_eq(f.cpu->gr[14].d, SD);
}
END_TEST

int main(void)
{
    TCase *tc = sie_tests(setup), *two = sie_tests(setup_two);
    Suite *suite = suite_create("sie requests");

    tcase_add_loop_test(tc, test_request_waits_for_the_psw, 0, 2);
    tcase_add_loop_test(tc, test_request_at_the_moment_it_opens, 0, 2);
    tcase_add_test(tc, test_request_between_two_masks);
    tcase_add_test(tc, test_stop_request);
    tcase_add_test(tc, test_priority);
    tcase_add_test(tc, test_wait);
    tcase_add_test(tc, test_wait_at_the_end_of_a_slice);
    tcase_add_loop_test(tc, test_invalid_psw_is_intercepted, 0, INVALID_PSWS);
    tcase_add_loop_test(tc, test_invalid_psw_is_the_guests, 0, INVALID_PSWS);
    tcase_add_loop_test(tc, test_specification_loop, 0, INVALID_PSWS);
    tcase_add_test(tc, test_odd_instruction_address);
    tcase_add_test(tc, test_host_external_interruption);
    tcase_add_test(tc, test_only_the_hosts_masks_count);
    tcase_add_test(tc, test_host_io_interruption);
    tcase_add_test(tc, test_machine_check);
    tcase_add_test(tc, test_interrupted_again_and_again);
    tcase_add_test(two, test_other_cpus);
    suite_add_tcase(suite, tc);
    suite_add_tcase(suite, two);
    return run_suite(suite);
}
