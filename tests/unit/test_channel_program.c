/* SPDX-License-Identifier: MIT */
/* Channel programs: CCW formats, chaining, lengths, checks (PoP ch. 15 and 16). */
#include "unit/channel_fixture.h"

#define ENDED (START | PRIMARY | SECONDARY | PENDING)
#define ENDED_BADLY (ENDED | ALERT)

START_TEST(format_1_read_ends_with_its_status)
{
    ccw1(PROGRAM, READ, DATA, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_FLAGS, 0x0080);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 8);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_uint_eq(IRB_COUNT, 0);
    ck_assert_uint_eq(irb[13], 0x80); /* LPUM */
    ck_assert_mem_eq(at(DATA), device->record, 16);
    ck_assert_uint_eq(*at(DATA + 16), 0);
    ck_assert_int_eq(test(), 1);
}
END_TEST

START_TEST(format_0_has_24_bit_addresses_and_ignores_bits_40_to_47)
{
    ccw0(PROGRAM, READ, DATA, 0, 16);
    *at(PROGRAM + 5) = 0xff;
    execute(ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_mem_eq(at(DATA), device->record, 16);
}
END_TEST

START_TEST(write_moves_storage_to_the_device)
{
    memcpy(at(DATA), "abcdefghijklmnop", 16);
    ccw1(PROGRAM, WRITE, DATA, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_mem_eq(device->record, "abcdefghijklmnop", 16);
}
END_TEST

/* The record has 16 bytes; count and flags give incorrect length or not, and the residual count. */
static const struct {
    uint8_t command;
    uint16_t count;
    uint8_t flags;
    uint8_t status;
    uint16_t residual;
} lengths[] = {
    {READ, 20, 0, S_IL, 4},   {READ, 20, SLI, 0, 4},    {READ, 10, 0, S_IL, 0},   {READ, 10, SLI, 0, 0},
    {READ, 16, 0, 0, 0},      {WRITE, 20, 0, S_IL, 4},  {WRITE, 10, 0, S_IL, 0},  {WRITE, 10, SLI, 0, 0},
    {WRITE_ANY, 10, 0, 0, 0}, {CONTROL, 1, 0, S_IL, 1}, {CONTROL, 1, SLI, 0, 1},  {CONTROL, 0, 0, 0, 0},
    {READ, 0, 0, S_IL, 0},    {READ, 0, SLI, 0, 0},     {NOP, 1, SLI, 0, 1},
};

START_TEST(incorrect_length_is_reported_unless_suppressed)
{
    ccw1(PROGRAM, lengths[_i].command, DATA, lengths[_i].flags, lengths[_i].count);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, lengths[_i].status);
    ck_assert_uint_eq(IRB_COUNT, lengths[_i].residual);
    ck_assert_uint_eq(IRB_CONTROL, lengths[_i].status ? ENDED_BADLY : ENDED);
}
END_TEST

START_TEST(immediate_commands_have_no_length_in_format_0_nor_with_length_suppression)
{
    ccw0(PROGRAM, CONTROL, DATA, 0, 5);
    execute(ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_uint_eq(IRB_COUNT, 5);
    ccw1(PROGRAM, CONTROL, DATA, 0, 5);
    execute(ORB_F | ORB_L | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ccw1(PROGRAM, CONTROL, DATA, CD, 5);
    ccw1(PROGRAM + 8, CONTROL, DATA, 0, 5);
    execute(ORB_F | ORB_L | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_IL);
}
END_TEST

START_TEST(command_chaining_goes_on_and_stops_at_incorrect_length)
{
    ccw1(PROGRAM, READ, DATA, CC, 16);
    ccw1(PROGRAM + 8, READ, DATA + 16, CC | SLI, 8);
    ccw1(PROGRAM + 16, READ, DATA + 32, CC, 8);
    ccw1(PROGRAM + 24, READ, DATA + 48, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED_BADLY);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 24);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_IL);
    ck_assert_uint_eq(device->commands, 3);
    ck_assert(!device->seen_chained[0] && device->seen_chained[1] && device->seen_chained[2]);
}
END_TEST

START_TEST(unusual_status_ends_the_chain)
{
    ccw1(PROGRAM, CONTROL, DATA, CC | SLI, 1);
    ccw1(PROGRAM + 8, READ, DATA, 0, 16);
    device->status = CE | DE | UX;
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED_BADLY);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE | UX);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 8);
    ck_assert_uint_eq(device->commands, 1);
}
END_TEST

START_TEST(status_modifier_skips_a_ccw)
{
    ccw1(PROGRAM, CONTROL, DATA, CC | SLI, 1);
    ccw1(PROGRAM + 8, SENSE_ID, DATA, CC | SLI, 7);
    ccw1(PROGRAM + 16, NOP, DATA, SLI, 1);
    device->status = CE | DE | SM;
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 24);
    ck_assert_uint_eq(device->commands, 2);
    ck_assert_uint_eq(device->seen[1], NOP);
}
END_TEST

START_TEST(transfer_in_channel_in_both_formats)
{
    ccw1(PROGRAM, NOP, 0, CC | SLI, 1);
    ccw1(PROGRAM + 8, TIC, PROGRAM + 0x100, 0, 0);
    ccw1(PROGRAM + 0x100, READ, DATA, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 0x108);
    ccw0(PROGRAM, NOP, 0, CC | SLI, 1);
    ccw0(PROGRAM + 8, 0xf8, PROGRAM + 0x100, 0xff, 0xffff); /* format 0 looks at nothing else */
    ccw0(PROGRAM + 0x100, READ, DATA, 0, 16);
    execute(ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 0x108);
}
END_TEST

START_TEST(data_chaining_scatters_over_ccws_and_tic)
{
    ccw1(PROGRAM, READ, DATA, CD, 3);
    ccw1(PROGRAM + 8, 0, DATA + 0x100, CD, 5); /* the command of a data-chained CCW means nothing */
    ccw1(PROGRAM + 16, TIC, PROGRAM + 0x80, 0, 0);
    ccw1(PROGRAM + 0x80, 0xf8, DATA + 0x200, 0, 8);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 0x88);
    ck_assert_mem_eq(at(DATA), device->record, 3);
    ck_assert_mem_eq(at(DATA + 0x100), device->record + 3, 5);
    ck_assert_mem_eq(at(DATA + 0x200), device->record + 8, 8);
    ck_assert_uint_eq(device->commands, 1);
}
END_TEST

START_TEST(once_the_count_ran_out_status_pertains_to_the_data_chained_ccw)
{
    ccw1(PROGRAM, READ, DATA, CD, 16);
    ccw1(PROGRAM + 8, READ, DATA + 0x100, 0, 5);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 16);
    ck_assert_uint_eq(IRB_COUNT, 5);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_IL);
    ccw1(PROGRAM, READ, DATA, CD | SLI, 17); /* SLI means nothing while data chaining is specified */
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 8);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_IL);
    ck_assert_uint_eq(IRB_COUNT, 1);
}
END_TEST

START_TEST(skip_passes_input_over)
{
    ccw1(PROGRAM, READ, 0x7ffffff8, CD | SKIP, 4); /* no such address, and it does not matter */
    ccw1(PROGRAM + 8, READ, DATA, 0, 12);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_mem_eq(at(DATA), device->record + 4, 12);
    memcpy(at(DATA), "0123456789abcdef", 16);
    ccw1(PROGRAM, WRITE, DATA, SKIP, 16); /* output is not skipped */
    execute(ORB_F | ORB_LPM);
    ck_assert_mem_eq(device->record, "0123456789abcdef", 16);
}
END_TEST

START_TEST(read_backward_fills_downwards)
{
    ccw1(PROGRAM, READ_BACK, 0x5004, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_mem_eq(at(0x5004 - 15), device->record, 16);
}
END_TEST

static const struct {
    bool format_1;
    uint8_t command, flags;
    uint16_t count;
    uint32_t address;
} bad_ccws[] = {
    {true, 0x00, SLI, 1, DATA},        {true, 0x10, SLI, 1, DATA},       {true, 0x18, SLI, 1, DATA},
    {true, READ, 0, 16, 0x80000000},   {true, READ, CD, 0, DATA},        {true, READ, MIDA, 16, DATA},
    {true, READ, SUSPEND, 16, DATA},   {true, TIC, 0, 0, PROGRAM + 4},   {true, TIC, SLI, 0, PROGRAM},
    {true, TIC, 0, 1, PROGRAM},        {true, TIC, 0, 0, 0x7ffffff8},    {true, TIC, 0, 0, 0x80001000},
    {false, TIC, 0, 0, PROGRAM + 12},  {false, 0x00, SLI, 1, DATA},      {false, READ, 0, 0, DATA},
    {false, NOP, SLI, 0, DATA},        {false, READ, MIDA, 16, DATA},    {false, 0xf0, SLI, 1, DATA},
};

START_TEST(invalid_ccws_are_program_checks)
{
    void (*build)(uint64_t, uint8_t, uint32_t, uint8_t, uint16_t) = bad_ccws[_i].format_1 ? ccw1 : ccw0;
    uint32_t control = (bad_ccws[_i].format_1 ? ORB_F : 0) | ORB_LPM;

    build(PROGRAM, bad_ccws[_i].command, bad_ccws[_i].address, bad_ccws[_i].flags, bad_ccws[_i].count);
    execute(control);
    ck_assert_uint_eq(IRB_CONTROL, ENDED_BADLY);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(IRB_DEVICE, 0);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 8);
    ck_assert_uint_eq(device->commands, 0);

    build(PROGRAM, NOP, 0, CC | SLI, 1);
    build(PROGRAM + 8, bad_ccws[_i].command, bad_ccws[_i].address, bad_ccws[_i].flags, bad_ccws[_i].count);
    execute(control);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 16);
    ck_assert_uint_eq(device->commands, 1);
}
END_TEST

START_TEST(tic_first_and_tic_to_tic_are_program_checks)
{
    ccw1(PROGRAM, TIC, PROGRAM + 0x100, 0, 0);
    ccw1(PROGRAM + 0x100, NOP, 0, SLI, 1);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 8);
    ccw1(PROGRAM, NOP, 0, CC | SLI, 1);
    ccw1(PROGRAM + 8, TIC, PROGRAM + 0x100, 0, 0);
    ccw1(PROGRAM + 0x100, TIC, PROGRAM, 0, 0);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 0x108);
}
END_TEST

START_TEST(program_address_unaligned_or_outside_storage)
{
    uint8_t orb[32] = {0};

    put_be32(orb + 4, ORB_F | ORB_LPM);
    for (unsigned i = 0; i < 2; i++) {
        put_be32(orb + 8, i ? PROGRAM + 4 : 0x7ffffff8);
        ck_assert_int_eq(machine.io.start(&machine, SID, orb), 0);
        settle();
        ck_assert_int_eq(test(), 0);
        ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    }
}
END_TEST

START_TEST(the_end_of_storage_ends_the_transfer)
{
    ccw1(PROGRAM, READ, (4 << 20) - 4, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED_BADLY);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE);
    ck_assert_uint_eq(device->moved, 4);
    ck_assert(device->failed);
    ck_assert_mem_eq(at((4 << 20) - 4), device->record, 4);
}
END_TEST

START_TEST(format_0_data_do_not_wrap_at_16_mib)
{
    fixture_teardown();
    machine_init(&machine);
    machine.storage = storage_create(&machine, 32 << 20);
    channel_create(&machine);
    device = new_device();
    ck_assert(channel_attach(&machine, &device->device, 0x1000, false));
    ck_assert_int_eq(modify(ENABLE | ISC3, 1), 0);
    ccw0(PROGRAM, READ, 0xfffffc, 0, 16);
    execute(ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(device->moved, 4);
    ck_assert_uint_eq(*at(0x1000000), 0);
    ck_assert_uint_eq(*at(0), 0);
}
END_TEST

START_TEST(protection_by_key)
{
    machine.storage->keys[DATA >> 12] = 0x30;
    ccw1(PROGRAM, READ, DATA, 0, 16);
    execute(0x20000000 | ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROT);
    ck_assert_uint_eq(IRB_FLAGS & 0xf000, 0x2000);
    ck_assert_uint_eq(device->moved, 0);
    ccw1(PROGRAM, WRITE, DATA, 0, 16); /* not fetch-protected */
    execute(0x20000000 | ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ccw1(PROGRAM, READ, DATA, 0, 16);
    execute(0x30000000 | ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_uint_eq(machine.storage->keys[DATA >> 12], 0x36); /* reference and change */
    machine.storage->keys[PROGRAM >> 12] = 0x38;
    execute(0x20000000 | ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROT);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 8);
    ck_assert_uint_eq(IRB_DEVICE, 0);
}
END_TEST

START_TEST(check_in_a_data_chain)
{
    ccw1(PROGRAM, READ, DATA, CD, 10);
    ccw1(PROGRAM + 8, READ, DATA, 0, 0);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_CONTROL, ENDED_BADLY);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(IRB_DEVICE, CE | DE);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 16);
    ck_assert_uint_eq(device->moved, 10);
    ccw1(PROGRAM + 8, READ, DATA, SUSPEND, 6);
    execute(ORB_F | ORB_S | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
}
END_TEST

START_TEST(address_limit_checking)
{
    ck_assert_int_eq(machine.io.set_address_limit(&machine, 0x20000), 0);
    ccw1(PROGRAM, READ, 0x1fff8, 0, 16);
    ck_assert_int_eq(modify(ENABLE | 0x20, 1), 0); /* at or above the limit */
    execute(ORB_F | ORB_A | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(device->moved, 0);
    ck_assert_int_eq(modify(ENABLE | 0x40, 1), 0); /* below it */
    execute(ORB_F | ORB_A | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(device->moved, 8);
    execute(ORB_F | ORB_LPM); /* not asked for */
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_int_eq(machine.io.set_address_limit(&machine, 0x20001), OPERAND);
    ck_assert_int_eq(machine.io.set_address_limit(&machine, 0x80000000), OPERAND);
}
END_TEST

START_TEST(endless_programs_consume_time_and_can_be_halted)
{
    uint64_t before = machine.now;

    ccw1(PROGRAM, NOP, 0, CC | SLI, 1);
    ccw1(PROGRAM + 8, TIC, PROGRAM, 0, 0);
    device->device.default_latency = 1;
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    pass(1000 * TOD_MICROSECOND);
    ck_assert_uint_gt(device->commands, 100);
    ck_assert_uint_lt(device->commands, 20000);
    ck_assert_uint_eq(machine.now, before + 1000 * TOD_MICROSECOND);
    ck_assert_int_eq(machine.io.halt(&machine, SID), 0);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, START | HALT | PRIMARY | SECONDARY | PENDING);
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {format_1_read_ends_with_its_status, 0},
        {format_0_has_24_bit_addresses_and_ignores_bits_40_to_47, 0},
        {write_moves_storage_to_the_device, 0},
        {incorrect_length_is_reported_unless_suppressed, sizeof lengths / sizeof lengths[0]},
        {immediate_commands_have_no_length_in_format_0_nor_with_length_suppression, 0},
        {command_chaining_goes_on_and_stops_at_incorrect_length, 0},
        {unusual_status_ends_the_chain, 0},
        {status_modifier_skips_a_ccw, 0},
        {transfer_in_channel_in_both_formats, 0},
        {data_chaining_scatters_over_ccws_and_tic, 0},
        {once_the_count_ran_out_status_pertains_to_the_data_chained_ccw, 0},
        {skip_passes_input_over, 0},
        {read_backward_fills_downwards, 0},
        {invalid_ccws_are_program_checks, sizeof bad_ccws / sizeof bad_ccws[0]},
        {tic_first_and_tic_to_tic_are_program_checks, 0},
        {program_address_unaligned_or_outside_storage, 0},
        {the_end_of_storage_ends_the_transfer, 0},
        {format_0_data_do_not_wrap_at_16_mib, 0},
        {protection_by_key, 0},
        {check_in_a_data_chain, 0},
        {address_limit_checking, 0},
        {endless_programs_consume_time_and_can_be_halted, 0},
    };

    return run_tests("channel programs", tests, sizeof tests / sizeof tests[0], fixture_setup, fixture_teardown);
}
