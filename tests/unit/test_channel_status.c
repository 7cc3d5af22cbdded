/* SPDX-License-Identifier: MIT */
/* Interruption conditions: what the SCSW, ESW and ECW show, and when (PoP ch. 16). */
#include "unit/channel_fixture.h"

#define ENDED (START | PRIMARY | SECONDARY | PENDING)
#define ENDED_BADLY (ENDED | ALERT)

static bool take(uint8_t mask, struct io_interruption *out)
{
    return machine.io.take_interruption(&machine, mask, out);
}

START_TEST(program_controlled_interruption)
{
    ccw1(PROGRAM, READ, DATA, CC | PCI, 16);
    ccw1(PROGRAM + 8, SLOW_READ, DATA, SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | ACTIVE | INTER | PENDING);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PCI);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 8);
    ck_assert_uint_eq(scsw_control(), START | ACTIVE); /* the function goes on */
    device_end(&device->device, CE | DE);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
}
END_TEST

START_TEST(pci_in_a_data_chain)
{
    ccw1(PROGRAM, READ, DATA, CD, 10);
    ccw1(PROGRAM + 8, READ, DATA + 10, PCI, 6);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED | INTER);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PCI);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE); /* not yet taken: one interruption tells all */
}
END_TEST

/* Not defined by the architecture; QEMU's boot program expects it. */
START_TEST(status_bytes_stay_where_they_are_cleared)
{
    ccw1(PROGRAM, READ, DATA, SLI, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE);
    ck_assert_int_eq(test(), 1);
    ck_assert_uint_eq(IRB_CONTROL, 0);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE);
}
END_TEST

START_TEST(status_after_an_accepted_interruption_makes_a_new_one)
{
    struct io_interruption io;

    ccw1(PROGRAM, SLOW_READ, DATA, PCI | SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    ck_assert(take(0xff, &io));
    device_end(&device->device, CE | DE);
    ck_assert(!take(0xff, &io));
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL & 0x1f, INTER | PENDING);
    ck_assert(take(0xff, &io));
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert(!take(0xff, &io));
}
END_TEST

START_TEST(initial_status_interruption)
{
    ccw1(PROGRAM, SLOW_READ, DATA, SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_I | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | ACTIVE | INTER | PENDING);
    ck_assert_uint_eq(IRB_FLAGS, 0x0080 | 0x0020 | 0x0004);
    device_end(&device->device, CE | DE);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_FLAGS, 0x0080 | 0x0020);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
}
END_TEST

START_TEST(separate_channel_end_and_device_end)
{
    ccw1(PROGRAM, EARLY_END, DATA, SLI, 1);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | 0x40 | PRIMARY | PENDING); /* device active */
    ck_assert_uint_eq(IRB_DEVICE, CE);
    ck_assert_uint_eq(scsw_control(), 0x40);
    device_end(&device->device, DE);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, SECONDARY | PENDING);
    ck_assert_uint_eq(IRB_DEVICE, DE);
    ck_assert_uint_eq(scsw_control(), 0);
}
END_TEST

START_TEST(device_end_may_overtake_channel_end)
{
    ccw1(PROGRAM, EARLY_END, DATA, SLI, 1);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    pass(TOD_MICROSECOND + 1);
    ck_assert_uint_eq(device->commands, 1);
    device_end(&device->device, DE);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE);
}
END_TEST

START_TEST(chaining_waits_for_device_end)
{
    ccw1(PROGRAM, EARLY_END, DATA, CC | SLI, 1);
    ccw1(PROGRAM + 8, READ, DATA, 0, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(test(), 1);
    ck_assert_uint_eq(device->commands, 1);
    device_end(&device->device, DE);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(device->commands, 2);
    ccw1(PROGRAM, EARLY_END, DATA, CC | SLI, 1);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    device_end(&device->device, DE | UX);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED_BADLY);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE | UX);
    ck_assert_uint_eq(device->commands, 3);
}
END_TEST

START_TEST(device_busy_with_an_earlier_command_gives_deferred_cc_1)
{
    ccw1(PROGRAM, EARLY_END, DATA, SLI, 1);
    execute(ORB_F | ORB_LPM);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    ck_assert_uint_eq(scsw_control() & STARTING, STARTING);
    device_end(&device->device, DE);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_FLAGS & 0x0300, 0x0100);
    ck_assert_uint_eq(IRB_CONTROL, START | ALERT | SECONDARY | PENDING);
    ck_assert_uint_eq(IRB_DEVICE, DE);
    ck_assert_uint_eq(scsw_control(), 0);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(device->commands, 2);
}
END_TEST

START_TEST(status_that_rejects_the_first_command_gives_deferred_cc_1)
{
    device->status = UC;
    device->sense0 = 0x40;
    ccw1(PROGRAM, CONTROL, DATA, SLI, 1);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_FLAGS & 0x0300, 0x0100);
    ck_assert_uint_eq(IRB_CONTROL, START | ALERT | PENDING);
    ck_assert_uint_eq(IRB_DEVICE, UC);
    ck_assert_uint_eq(irb[32], 0x40);
    ccw1(PROGRAM, NOP, DATA, CC | SLI, 1);
    ccw1(PROGRAM + 8, CONTROL, DATA, SLI, 1);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_FLAGS & 0x0300, 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED_BADLY);
    ck_assert_uint_eq(IRB_DEVICE, UC);
}
END_TEST

START_TEST(no_path_gives_deferred_cc_3)
{
    ccw1(PROGRAM, NOP, DATA, SLI, 1);
    execute(ORB_F | 0x4000); /* a logical path that is not installed */
    ck_assert_uint_eq(IRB_FLAGS & 0x0301, 0x0301);
    ck_assert_uint_eq(IRB_CONTROL, START | ALERT | PENDING);
    ck_assert_uint_eq(device->commands, 0);
    ck_assert_uint_eq(scsw_control(), 0);
}
END_TEST

START_TEST(unit_check_with_concurrent_sense)
{
    ccw1(PROGRAM, 0x55, DATA, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED_BADLY);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE | UC);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_uint_eq(IRB_FLAGS & 0x0002, 0x0002);
    ck_assert_uint_eq(irb[16], 0x01);
    ck_assert_uint_eq(irb[17], 32);
    ck_assert_uint_eq(irb[32], 0x80);
    ccw1(PROGRAM, SENSE, DATA, SLI, 32); /* taken along: nothing is left at the device */
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(*at(DATA), 0);
    ck_assert_uint_eq(irb[16], 0);
}
END_TEST

START_TEST(unit_check_without_concurrent_sense_waits_for_the_sense_command)
{
    ck_assert_int_eq(modify(ENABLE, 0), 0);
    ccw1(PROGRAM, 0x55, DATA, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_FLAGS & 0x0002, 0);
    ck_assert_uint_eq(irb[16], 0);
    ck_assert_uint_eq(irb[32], 0);
    ccw1(PROGRAM, NOP, DATA, SLI | CC, 1); /* does not reset sense */
    ccw1(PROGRAM + 8, SENSE, DATA, 0, 32);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(*at(DATA), 0x80);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(*at(DATA), 0);
    ccw1(PROGRAM, 0x55, DATA, 0, 16);
    execute(ORB_F | ORB_LPM);
    ccw1(PROGRAM, READ, DATA, CC, 16); /* this one does */
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(*at(DATA), 0);
}
END_TEST

START_TEST(sense_id)
{
    const uint8_t id[7] = {0xff, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc};
    uint8_t identified[8];

    ccw1(PROGRAM, SENSE_ID, DATA, SLI, 256);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_COUNT, 249);
    ck_assert_mem_eq(at(DATA), id, 7);
    ck_assert(machine.io.identify(&machine, 0x1000, identified));
    ck_assert_mem_eq(identified, id, 7);
    ck_assert(!machine.io.identify(&machine, 0x1001, identified));
}
END_TEST

START_TEST(suspend_and_resume)
{
    ccw1(PROGRAM, NOP, 0, CC | SLI, 1);
    ccw1(PROGRAM + 8, READ, DATA, SUSPEND, 16);
    ck_assert_int_eq(start(ORB_F | ORB_S | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(machine.io.resume(&machine, SID), 1); /* status pending */
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | SUSPENDED | INTER | PENDING);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 16);
    ck_assert_uint_eq(scsw_control(), START | SUSPENDED);
    ck_assert_uint_eq(device->commands, 1);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 2);

    ck_assert_int_eq(machine.io.resume(&machine, SID), 0);
    ck_assert_uint_eq(scsw_control(), START | SUSPENDED | RESUMING);
    ck_assert_int_eq(machine.io.resume(&machine, SID), 2);
    settle(); /* the flag is still there */
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | SUSPENDED | INTER | PENDING);

    ccw1(PROGRAM + 8, TIC, PROGRAM + 0x100, 0, 0);
    ccw1(PROGRAM + 0x100, READ, DATA, 0, 16);
    ck_assert_int_eq(machine.io.resume(&machine, SID), 0);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 0x108);
    ck_assert(!device->seen_chained[1]);
}
END_TEST

START_TEST(suspended_interruption_can_be_suppressed)
{
    ccw1(PROGRAM, READ, DATA, SUSPEND, 16);
    ck_assert_int_eq(start(ORB_F | ORB_S | ORB_U | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(test(), 1);
    ck_assert_uint_eq(IRB_CONTROL, START | SUSPENDED);
    ck_assert_int_eq(machine.io.cancel(&machine, SID), 0);
    ck_assert_uint_eq(scsw_control(), 0);
    ccw1(PROGRAM, READ, DATA, SUSPEND | PCI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_S | ORB_U | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(test(), 0); /* the PCI is not */
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PCI);
}
END_TEST

START_TEST(resume_before_the_suspension_makes_the_ccw_be_refetched)
{
    ccw1(PROGRAM, SLOW_READ, DATA, CC | SLI, 16);
    ccw1(PROGRAM + 8, READ, DATA, SUSPEND, 16);
    ck_assert_int_eq(start(ORB_F | ORB_S | ORB_LPM), 0);
    settle();
    ck_assert_int_eq(machine.io.resume(&machine, SID), 0);
    device_end(&device->device, CE | DE);
    settle();
    ck_assert_int_eq(test(), 0); /* still flagged: suspended, the resume function used up */
    ck_assert_uint_eq(IRB_CONTROL, START | SUSPENDED | INTER | PENDING);
}
END_TEST

START_TEST(unsolicited_status_waits_for_its_turn)
{
    struct io_interruption io;

    device_unsolicited(&device->device, ATTN);
    ck_assert(take(0xff, &io));
    device_unsolicited(&device->device, DE); /* waits until TEST SUBCHANNEL */
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ALERT | PENDING);
    ck_assert_uint_eq(IRB_DEVICE, ATTN);
    ck_assert(take(0xff, &io));
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_DEVICE, DE);
    ck_assert_int_eq(test(), 1);

    ccw1(PROGRAM, SLOW_READ, DATA, SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    device_unsolicited(&device->device, ATTN);
    ck_assert_int_eq(test(), 1);
    device_end(&device->device, CE | DE);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ALERT | PENDING);
    ck_assert_uint_eq(IRB_DEVICE, ATTN);
}
END_TEST

START_TEST(alert_without_status_and_the_disabled_subchannel)
{
    device_unsolicited(&device->device, 0);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ALERT | PENDING);
    ck_assert_uint_eq(IRB_DEVICE, 0);
    ck_assert_int_eq(modify(0, 0), 0);
    ck_assert_uint_eq(device->disabled, 1);
    device_unsolicited(&device->device, ATTN);
    ck_assert_int_eq(test(), 3);
    ck_assert_int_eq(modify(ENABLE, 0), 0);
    ck_assert_int_eq(test(), 1);
}
END_TEST

START_TEST(interruptions_go_by_subclass_and_then_in_order)
{
    struct io_interruption io;
    struct test_device *second = new_device(), *third = new_device();
    uint8_t block[52];

    ck_assert(channel_attach(&machine, &second->device, DEVICE_NUMBER_ANY, false));
    ck_assert(channel_attach(&machine, &third->device, DEVICE_NUMBER_ANY, false));
    for (unsigned i = 1; i <= 2; i++) {
        ck_assert_int_eq(machine.io.store(&machine, SID + i, block), 0);
        put_be32(block, 0xbeef0000 + i);
        put_be16(block + 4, ENABLE | (i == 1 ? ISC3 : 0x0800));
        ck_assert_int_eq(machine.io.modify(&machine, SID + i, block), 0);
    }
    ck_assert_uint_eq(machine.floating.io_iscs, 0);
    device_unsolicited(&second->device, ATTN); /* ISC 3 */
    channel_adapter_interruption(&machine, 3);
    device_unsolicited(&device->device, ATTN); /* ISC 3 */
    device_unsolicited(&third->device, ATTN);  /* ISC 1 */
    channel_adapter_interruption(&machine, 3); /* merged */
    ck_assert_uint_eq(machine.floating.io_iscs, 0x50);
    ck_assert(machine.floating.pending & FLOATING_IO);
    ck_assert(!take(0xaf, &io));
    ck_assert(take(0xff, &io));
    ck_assert_uint_eq(io.subsystem_id, SID + 2);
    ck_assert_uint_eq(io.parameter, 0xbeef0002);
    ck_assert_uint_eq(io.word, 1u << 27);
    ck_assert(take(0xff, &io));
    ck_assert_uint_eq(io.subsystem_id, SID + 1);
    ck_assert(take(0xff, &io));
    ck_assert_uint_eq(io.subsystem_id, 0);
    ck_assert_uint_eq(io.parameter, 0);
    ck_assert_uint_eq(io.word, 0x80000000u | 3u << 27);
    ck_assert(take(0xff, &io));
    ck_assert_uint_eq(io.subsystem_id, SID);
    ck_assert(!take(0xff, &io));
    ck_assert(!(machine.floating.pending & FLOATING_IO));
}
END_TEST

START_TEST(the_orbs_parameter_comes_with_the_interruption)
{
    struct io_interruption io;

    ccw1(PROGRAM, NOP, DATA, SLI, 1);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    ck_assert(take(0x10, &io));
    ck_assert_uint_eq(io.subsystem_id, SID);
    ck_assert_uint_eq(io.parameter, 0xcafe0001);
    ck_assert_uint_eq(io.word, 3u << 27);
}
END_TEST

START_TEST(test_subchannel_withdraws_the_interruption)
{
    struct io_interruption io;

    device_unsolicited(&device->device, ATTN);
    ck_assert_int_eq(test(), 0);
    ck_assert(!take(0xff, &io));
}
END_TEST

START_TEST(indicators_are_bits_from_the_left_and_the_summary_byte_gates)
{
    struct io_interruption io;
    struct absolute area = absolute(0x6000), summary = absolute(0x7000);

    ck_assert(channel_indicate(&machine, area, 9, summary, 3));
    ck_assert_uint_eq(get_be16(at(0x6000)), 0x0040);
    ck_assert_uint_ne(*at(0x7000), 0);
    ck_assert(take(0x10, &io));
    ck_assert(channel_indicate(&machine, area, 0, summary, 3)); /* summary still on: no interruption */
    ck_assert_uint_eq(get_be16(at(0x6000)), 0x8040);
    ck_assert(!take(0x10, &io));
    *at(0x7000) = 0;
    ck_assert(channel_indicate(&machine, area, 0, summary, 3));
    ck_assert(take(0x10, &io));
    ck_assert(!channel_indicate(&machine, absolute(4 << 20), 0, summary, 3));
    ck_assert(!channel_indicate(&machine, absolute(UINT64_MAX), 7, summary, 3));
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {program_controlled_interruption, 0},
        {pci_in_a_data_chain, 0},
        {status_bytes_stay_where_they_are_cleared, 0},
        {status_after_an_accepted_interruption_makes_a_new_one, 0},
        {initial_status_interruption, 0},
        {separate_channel_end_and_device_end, 0},
        {device_end_may_overtake_channel_end, 0},
        {chaining_waits_for_device_end, 0},
        {device_busy_with_an_earlier_command_gives_deferred_cc_1, 0},
        {status_that_rejects_the_first_command_gives_deferred_cc_1, 0},
        {no_path_gives_deferred_cc_3, 0},
        {unit_check_with_concurrent_sense, 0},
        {unit_check_without_concurrent_sense_waits_for_the_sense_command, 0},
        {sense_id, 0},
        {suspend_and_resume, 0},
        {suspended_interruption_can_be_suppressed, 0},
        {resume_before_the_suspension_makes_the_ccw_be_refetched, 0},
        {unsolicited_status_waits_for_its_turn, 0},
        {alert_without_status_and_the_disabled_subchannel, 0},
        {interruptions_go_by_subclass_and_then_in_order, 0},
        {the_orbs_parameter_comes_with_the_interruption, 0},
        {test_subchannel_withdraws_the_interruption, 0},
        {indicators_are_bits_from_the_left_and_the_summary_byte_gates, 0},
    };

    return run_tests("channel status", tests, sizeof tests / sizeof tests[0], fixture_setup, fixture_teardown);
}
