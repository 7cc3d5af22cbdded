/* SPDX-License-Identifier: MIT */
/* Condition codes and effects of SSCH, HSCH, CSCH, RSCH, XSCH, MSCH, STSCH, TSCH (PoP ch. 14, 15). */
#include "unit/channel_fixture.h"

#define ENDED (START | PRIMARY | SECONDARY | PENDING)

static unsigned bytes;

/* Leave a program at the device. */
static void begin_slow(void)
{
    ccw1(PROGRAM, SLOW_READ, DATA, CC | SLI, 16);
    ccw1(PROGRAM + 8, READ, DATA, SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_S | ORB_LPM), 0);
    settle();
    ck_assert_uint_eq(scsw_control(), START | ACTIVE);
}

static void suspend_program(uint32_t control)
{
    ccw1(PROGRAM, READ, DATA, SUSPEND, 16);
    ck_assert_int_eq(start(ORB_F | ORB_S | ORB_LPM | control), 0);
    settle();
}

START_TEST(subchannel_not_operational)
{
    const uint8_t orb[32] = {0, 0, 0, 0, 0, 0x80, 0xff, 0};
    struct channel_service *io = &machine.io;

    for (unsigned i = 0; i < 2; i++) {
        uint32_t sid = i ? SID : SID + 1;

        if (i)
            ck_assert_int_eq(modify(0, 0), 0); /* disabled */
        ck_assert_int_eq(io->start(&machine, sid, orb), 3);
        ck_assert_int_eq(io->halt(&machine, sid), 3);
        ck_assert_int_eq(io->clear(&machine, sid), 3);
        ck_assert_int_eq(io->resume(&machine, sid), 3);
        ck_assert_int_eq(io->cancel(&machine, sid), 3);
        ck_assert_int_eq(io->test(&machine, sid, irb, &bytes), 3);
        ck_assert_int_eq(io->store(&machine, sid, schib), i ? 0 : 3);
        memset(schib, 0, sizeof schib);
        ck_assert_int_eq(io->modify(&machine, sid, schib), i ? 0 : 3);
    }
}
END_TEST

START_TEST(subsystem_identification_word_is_checked)
{
    const uint8_t orb[32] = {0, 0, 0, 0, 0, 0x80, 0xff, 0};
    static const uint32_t sids[] = {0, 0x00030000, 0x01010000, 0x00090000, 0x80010000};
    struct channel_service *io = &machine.io;

    memset(schib, 0, sizeof schib);
    for (unsigned i = 0; i < sizeof sids / sizeof sids[0]; i++) {
        ck_assert_int_eq(io->start(&machine, sids[i], orb), OPERAND);
        ck_assert_int_eq(io->halt(&machine, sids[i]), OPERAND);
        ck_assert_int_eq(io->clear(&machine, sids[i]), OPERAND);
        ck_assert_int_eq(io->resume(&machine, sids[i]), OPERAND);
        ck_assert_int_eq(io->cancel(&machine, sids[i]), OPERAND);
        ck_assert_int_eq(io->test(&machine, sids[i], irb, &bytes), OPERAND);
        ck_assert_int_eq(io->store(&machine, sids[i], schib), OPERAND);
        ck_assert_int_eq(io->modify(&machine, sids[i], schib), OPERAND);
    }
}
END_TEST

START_TEST(orb_is_checked)
{
    static const struct {
        uint32_t control, program;
        uint8_t word3, word7;
    } bad[] = {
        {ORB_B, PROGRAM, 0, 0}, {0x20, PROGRAM, 0, 0}, {0x02, PROGRAM, 0, 0},
        {0, 0x80001000, 0, 0},  {1, PROGRAM, 1, 0},    {1, PROGRAM, 0, 1},
    };
    uint8_t orb[32] = {0};

    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        put_be32(orb + 4, bad[i].control | ORB_LPM | ORB_F);
        put_be32(orb + 8, bad[i].program);
        orb[13] = bad[i].word3;
        orb[31] = bad[i].word7;
        ck_assert_int_eq(machine.io.start(&machine, SID, orb), OPERAND);
        ck_assert_uint_eq(scsw_control(), 0);
    }
    put_be32(orb + 4, ORB_LPM | ORB_F | 1); /* extended, with priorities */
    put_be32(orb + 8, PROGRAM);
    memset(orb + 12, 0, 20);
    orb[12] = orb[14] = 7;
    ck_assert_int_eq(machine.io.start(&machine, SID, orb), 0);
}
END_TEST

START_TEST(start_is_pending_and_then_performed)
{
    ccw1(PROGRAM, NOP, 0, SLI, 1);
    ck_assert_int_eq(start(0x30000000 | ORB_F | ORB_LPM), 0);
    store();
    ck_assert_uint_eq(get_be32(schib), 0xcafe0001);
    ck_assert_uint_eq(get_be16(schib + 28), 0x3080);
    ck_assert_uint_eq(get_be16(schib + 30), START | STARTING);
    ck_assert_int_eq(test(), 1);
    ck_assert_uint_eq(IRB_CONTROL, START | STARTING);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 2);
    settle();
    ck_assert_uint_eq(scsw_control(), ENDED);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 1);
}
END_TEST

START_TEST(modify_and_store)
{
    store();
    ck_assert_uint_eq(get_be16(schib + 4), ENABLE | ISC3 | 0x0003); /* timing, valid */
    ck_assert_uint_eq(get_be16(schib + 6), 0x1000);
    ck_assert_uint_eq(get_be32(schib + 8), 0x80000080);  /* LPM, PNOM, LPUM, PIM */
    ck_assert_uint_eq(get_be32(schib + 12), 0x0000ff80); /* MBI, POM, PAM */
    ck_assert_uint_eq(schib[16], 0);                     /* CHPID */
    ck_assert_uint_eq(get_be32(schib + 24), 1);
    put_be32(schib, 0x12345678);
    put_be16(schib + 4, 0x38bc & ~0x60); /* ISC 7, both measurement modes, multipath */
    put_be16(schib + 6, 0x9999);         /* not the program's to change */
    memset(schib + 8, 0x40, 8);
    put_be32(schib + 24, 5);
    put_be64(schib + 40, 0x40);
    ck_assert_int_eq(machine.io.modify(&machine, SID, schib), 0);
    store();
    ck_assert_uint_eq(get_be32(schib), 0x12345678);
    ck_assert_uint_eq(get_be16(schib + 4), 0x389c | 3);
    ck_assert_uint_eq(get_be16(schib + 6), 0x1000);
    ck_assert_uint_eq(get_be32(schib + 8), 0x40000080);
    ck_assert_uint_eq(get_be32(schib + 12), 0x40404080);
    ck_assert_uint_eq(get_be32(schib + 24), 5);
    ck_assert_uint_eq(get_be64(schib + 40), 0x40);
}
END_TEST

START_TEST(schib_is_checked)
{
    static const struct {
        uint16_t flags;
        uint32_t word6;
        uint64_t address;
    } bad[] = {
        {0x0100, 0, 0}, {0x0200, 0, 0}, {0x0400, 0, 0}, {0x0060, 0, 0}, {0, 2, 0}, {0, 0x8, 0},
        {0, 0x80000000, 0}, {0, 4, 0x20},
    };

    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        store();
        put_be16(schib + 4, bad[i].flags);
        put_be32(schib + 24, bad[i].word6);
        put_be64(schib + 40, bad[i].address);
        ck_assert_int_eq(machine.io.modify(&machine, SID, schib), OPERAND);
    }
    store();
    ck_assert_uint_eq(get_be16(schib + 4), ENABLE | ISC3 | 3);
}
END_TEST

START_TEST(modify_is_refused_while_busy_or_pending)
{
    begin_slow();
    ck_assert_int_eq(modify(0, 0), 2);
    device_end(&device->device, CE | DE | UX);
    ck_assert_int_eq(modify(0, 0), 1);
    ck_assert_int_eq(test(), 0);
    ck_assert_int_eq(modify(0, 0), 0);
    ck_assert_uint_eq(device->disabled, 1);
}
END_TEST

START_TEST(halt_an_idle_subchannel)
{
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0);
    ck_assert_uint_eq(scsw_control(), HALT | HALTING);
    ck_assert_int_eq(machine.io.halt(&machine, SID), 2);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 2);
    settle();
    ck_assert_int_eq(machine.io.halt(&machine, SID), 1);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, HALT | PENDING);
    ck_assert_uint_eq(device->halts, 0);
    ck_assert_uint_eq(scsw_control(), 0);
}
END_TEST

START_TEST(halt_before_the_start)
{
    ccw1(PROGRAM, NOP, 0, SLI, 1);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0);
    settle();
    ck_assert_uint_eq(device->commands, 0);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | HALT | STARTING | PENDING);
    ck_assert_uint_eq(scsw_control(), 0);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(device->commands, 1);
}
END_TEST

START_TEST(halt_ends_the_command_and_the_chain)
{
    begin_slow();
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0);
    settle();
    ck_assert_uint_eq(device->halts, 1);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | HALT | PRIMARY | SECONDARY | PENDING);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 8);
    ck_assert_uint_eq(device->commands, 1);
    ck_assert_uint_eq(scsw_control(), 0);
}
END_TEST

START_TEST(halt_between_channel_end_and_device_end)
{
    ccw1(PROGRAM, EARLY_END, DATA, CC | SLI, 1);
    ccw1(PROGRAM + 8, READ, DATA, SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | HALT | 0x40 | PRIMARY | PENDING);
    ck_assert_uint_eq(IRB_DEVICE, CE);
    device_end(&device->device, DE);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, SECONDARY | PENDING);
    ck_assert_uint_eq(device->commands, 1);
}
END_TEST

START_TEST(halt_takes_back_intermediate_status_of_a_running_program)
{
    struct io_interruption io;

    ccw1(PROGRAM, SLOW_READ, DATA, PCI | SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0);
    ck_assert_uint_eq(scsw_control(), START | HALT | HALTING | ACTIVE);
    ck_assert(!machine.io.take_interruption(&machine, 0xff, &io));
    settle();
    ck_assert(machine.io.take_interruption(&machine, 0xff, &io));
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL & 0x1f, PRIMARY | SECONDARY | PENDING);
}
END_TEST

START_TEST(halt_a_suspended_program)
{
    suspend_program(0);
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0); /* intermediate status does not matter */
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | HALT | SUSPENDED | INTER | PENDING);
    ck_assert_uint_eq(scsw_control(), 0);
    suspend_program(ORB_U);
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | HALT | SUSPENDED | PENDING);
    ck_assert_uint_eq(scsw_control(), 0);
    ck_assert_uint_eq(device->commands, 0);
}
END_TEST

START_TEST(clear_ends_everything)
{
    struct io_interruption io;

    begin_slow();
    device_unsolicited(&device->device, ATTN);
    ck_assert_int_eq(machine.io.clear(&machine, SID), 0);
    ck_assert_uint_eq(scsw_control(), CLEAR | CLEARING);
    ck_assert_int_eq(machine.io.halt(&machine, SID), 2);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 2);
    ck_assert_int_eq(machine.io.clear(&machine, SID), 0); /* again */
    device_end(&device->device, CE | DE);                 /* too late */
    settle();
    ck_assert_uint_eq(device->resets, 1);
    store();
    ck_assert_uint_eq(get_be32(schib + 8), 0x80008080); /* the clear signal's path in LPUM */
    ck_assert_uint_eq(schib[14], 0xff);
    ck_assert(machine.io.take_interruption(&machine, 0xff, &io));
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, CLEAR | PENDING);
    ck_assert_uint_eq(IRB_FLAGS, 0);
    ck_assert_uint_eq(IRB_DEVICE | IRB_SUBCHANNEL | IRB_ADDRESS, 0);
    ck_assert_int_eq(test(), 1);
    ck_assert(!machine.io.take_interruption(&machine, 0xff, &io));
    ccw1(PROGRAM, READ, DATA, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
}
END_TEST

START_TEST(clear_withdraws_pending_status)
{
    struct io_interruption io;

    ccw1(PROGRAM, READ, DATA, 0, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(machine.io.clear(&machine, SID), 0);
    ck_assert(!machine.io.take_interruption(&machine, 0xff, &io));
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, CLEAR | PENDING);
}
END_TEST

START_TEST(resume_needs_a_suspendable_program)
{
    ck_assert_int_eq(machine.io.resume(&machine, SID), 2); /* no function */
    ccw1(PROGRAM, SLOW_READ, DATA, SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0); /* no suspend control */
    settle();
    ck_assert_int_eq(machine.io.resume(&machine, SID), 2);
    device_end(&device->device, CE | DE);
    ck_assert_int_eq(machine.io.resume(&machine, SID), 1);
    ck_assert_int_eq(test(), 0);
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0);
    ck_assert_int_eq(machine.io.resume(&machine, SID), 2);
}
END_TEST

START_TEST(resume_pending_is_gone_with_the_program)
{
    begin_slow();
    ck_assert_int_eq(machine.io.resume(&machine, SID), 0);
    ck_assert_uint_eq(scsw_control(), START | ACTIVE | RESUMING);
    ck_assert_int_eq(machine.io.resume(&machine, SID), 2);
    device_end(&device->device, CE | DE);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(scsw_control(), 0);
}
END_TEST

START_TEST(cancel)
{
    ck_assert_int_eq(machine.io.cancel(&machine, SID), 2);
    ccw1(PROGRAM, NOP, 0, SLI, 1);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    ck_assert_int_eq(machine.io.cancel(&machine, SID), 0);
    ck_assert_uint_eq(scsw_control(), 0);
    settle();
    ck_assert_int_eq(test(), 1);
    ck_assert_uint_eq(device->commands, 0);
    suspend_program(ORB_U);
    ck_assert_int_eq(machine.io.resume(&machine, SID), 0);
    ck_assert_int_eq(machine.io.cancel(&machine, SID), 0);
    ck_assert_uint_eq(scsw_control(), 0);
    settle();
    ck_assert_uint_eq(device->commands, 0);
    suspend_program(0);
    ck_assert_int_eq(machine.io.cancel(&machine, SID), 1); /* status pending */
    ck_assert_int_eq(test(), 0);
    ck_assert_int_eq(machine.io.cancel(&machine, SID), 0);
    begin_slow();
    ck_assert_int_eq(machine.io.cancel(&machine, SID), 2);
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0);
    ck_assert_int_eq(machine.io.cancel(&machine, SID), 2);
}
END_TEST

START_TEST(io_system_reset)
{
    struct io_interruption io;

    begin_slow();
    channel_adapter_interruption(&machine, 5);
    machine.io.reset(&machine);
    ck_assert_uint_eq(device->resets, 1);
    store();
    ck_assert_uint_eq(get_be32(schib), 0);
    ck_assert_uint_eq(get_be16(schib + 4), 3);
    ck_assert_uint_eq(get_be32(schib + 8), 0x80000080);
    ck_assert_uint_eq(get_be32(schib + 12), 0x0000ff80);
    ck_assert_uint_eq(get_be32(schib + 24), 0);
    ck_assert_uint_eq(get_be32(schib + 28) | get_be32(schib + 32) | get_be32(schib + 36), 0);
    ck_assert(!machine.io.take_interruption(&machine, 0xff, &io));
    ck_assert_uint_eq(machine.floating.pending, 0);
    settle();
    ck_assert_uint_eq(scsw_control(), 0);
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {subchannel_not_operational, 0},
        {subsystem_identification_word_is_checked, 0},
        {orb_is_checked, 0},
        {start_is_pending_and_then_performed, 0},
        {modify_and_store, 0},
        {schib_is_checked, 0},
        {modify_is_refused_while_busy_or_pending, 0},
        {halt_an_idle_subchannel, 0},
        {halt_before_the_start, 0},
        {halt_ends_the_command_and_the_chain, 0},
        {halt_between_channel_end_and_device_end, 0},
        {halt_takes_back_intermediate_status_of_a_running_program, 0},
        {halt_a_suspended_program, 0},
        {clear_ends_everything, 0},
        {clear_withdraws_pending_status, 0},
        {resume_needs_a_suspendable_program, 0},
        {resume_pending_is_gone_with_the_program, 0},
        {cancel, 0},
        {io_system_reset, 0},
    };

    return run_tests("channel functions", tests, sizeof tests / sizeof tests[0], fixture_setup, fixture_teardown);
}
