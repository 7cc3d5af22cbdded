/* SPDX-License-Identifier: MIT */
/* The subsystem as a whole: CHSC, reports, paths, monitoring, attachment, IPL (PoP ch. 13, 14, 17). */
#include "unit/channel_fixture.h"

#include <stdio.h>
#include <unistd.h>

#define ENDED (START | PRIMARY | SECONDARY | PENDING)

static uint8_t block[4096];

/* A CHSC request of `length` bytes with `word` behind the header; returns the response code. */
static unsigned chsc(unsigned length, uint16_t command, uint32_t word, uint32_t word2)
{
    memset(block, 0, sizeof block);
    memset(block + length, 0xff, sizeof block - length);
    put_be16(block, length);
    put_be16(block + 2, command);
    put_be32(block + 4, word);
    put_be32(block + 8, word2);
    ck_assert_int_eq(machine.io.chsc(&machine, block), 0);
    return get_be16(block + length + 2);
}

START_TEST(chsc_characteristics)
{
    unsigned announced = 0;

    ck_assert_uint_eq(chsc(16, 0x0010, 0, 0), 1);
    ck_assert_uint_eq(get_be16(block + 16), 4080);
    ck_assert_uint_eq(block[24 + 48 / 8] & 0x80, 0x80); /* extended measurement blocks */
    for (unsigned i = 24; i < 4096; i++)
        announced += __builtin_popcount(block[i]);
    ck_assert_uint_eq(announced, 1);
    ck_assert_uint_eq(chsc(24, 0x0010, 0, 0), 3);
    ck_assert_uint_eq(chsc(16, 0x0010, 0x00010000, 0), 7);
    ck_assert_uint_eq(chsc(16, 0x0010, 0x20000100, 0), 8);
    ck_assert_uint_eq(chsc(16, 0x0010, 0, 1), 3);
}
END_TEST

START_TEST(chsc_channel_paths)
{
    struct test_device *other = new_device();

    other->device.chp_type = 0x1b;
    ck_assert(channel_attach(&machine, &other->device, 0x2000, false));
    ck_assert_uint_eq(other->device.chpid, 1);
    ck_assert_uint_eq(chsc(16, 0x0002, 0, 0xff), 1);
    ck_assert_uint_eq(get_be16(block + 16), 8 + 2 * 8);
    ck_assert_uint_eq(get_be32(block + 24), 0x80003200);
    ck_assert_uint_eq(get_be32(block + 32), 0x80001b01);
    ck_assert_uint_eq(chsc(16, 0x0002, 1, 1), 1);
    ck_assert_uint_eq(get_be16(block + 16), 8 + 8);
    ck_assert_uint_eq(get_be32(block + 24), 0x80001b01);
    ck_assert_uint_eq(chsc(16, 0x0002, 2, 1), 3);
    ck_assert_uint_eq(chsc(16, 0x0002, 0x00010000, 1), 8);
    ck_assert_uint_eq(chsc(16, 0x0002, 0x10000000, 1), 7);
}
END_TEST

START_TEST(chsc_subchannels)
{
    ck_assert_uint_eq(chsc(16, 0x0004, 0, 1), 1);
    ck_assert_uint_eq(get_be16(block + 16), 8 + 2 * 32);
    ck_assert_uint_eq(block[24], 0xc0); /* subchannel and device valid, I/O subchannel */
    ck_assert_uint_eq(get_be16(block + 26), 0x1000);
    ck_assert_uint_eq(block[28], 0x80);
    ck_assert_uint_eq(get_be16(block + 30), 0);
    ck_assert_uint_eq(block[56], 0); /* there is no subchannel 1 */
    ck_assert_uint_eq(get_be16(block + 62), 1);
    ck_assert_uint_eq(chsc(16, 0x0004, 0, 0xffff), 1); /* as many as the block holds */
    ck_assert_uint_eq(get_be16(block + 16), 8 + 127 * 32);
    ck_assert_uint_eq(chsc(16, 0x0004, 1, 0), 3);
    ck_assert_uint_eq(chsc(16, 0x0004, 0x00100000, 0), 8);
}
END_TEST

/* A deconfigured path: active operations end, new ones find no path; back again all is well. */
START_TEST(path_configuration)
{
    ck_assert(!channel_configure_path(&machine, 1, false));
    ck_assert(channel_configure_path(&machine, 0, false));
    ck_assert_int_eq(machine.io.store(&machine, SID, schib), 0);
    ck_assert_uint_eq(schib[15], 0); /* PAM */
    machine.io.reset(&machine);
    ck_assert_int_eq(machine.io.store(&machine, SID, schib), 0);
    ck_assert_uint_eq(schib[15], 0);
    ck_assert(channel_configure_path(&machine, 0, true));
    ck_assert_int_eq(machine.io.store(&machine, SID, schib), 0);
    ck_assert_uint_eq(schib[15], 0x80);
}
END_TEST

START_TEST(chsc_domain)
{
    ck_assert_uint_eq(chsc(32, 0x0034, 0x04000000, 0), 1);
    ck_assert_uint_eq(get_be16(block + 32), 20); /* one channel subsystem, 0 */
    ck_assert_uint_eq(get_be32(block + 48), 0);
    ck_assert_uint_eq(chsc(32, 0x0034, 0x01000000, 0), 0x0101);
    ck_assert_uint_eq(chsc(32, 0x0034, 0x04000001, 0), 3);
    ck_assert_uint_eq(chsc(32, 0x0034, 0x04000000, 1), 3);
    ck_assert_uint_eq(chsc(16, 0x0034, 0x04000000, 0), 3);
}
END_TEST

START_TEST(chsc_what_is_absent)
{
    ck_assert_uint_eq(chsc(0x400, 0x0031, 2, 0), 0x0101);
    ck_assert_uint_eq(chsc(0x400, 0x0031, 0, 0), 0x0101);
    ck_assert_uint_eq(chsc(16, 0x0031, 2, 0), 3);
    ck_assert_uint_eq(chsc(16, 0x000e, 0, 0), 5);
    for (unsigned command = 0x11; command < 0x60; command++)
        if (command != 0x31 && command != 0x34) {
            ck_assert_uint_eq(chsc(32, command, 0, 0), 4);
            ck_assert_uint_eq(get_be16(block + 32), 8);
        }
}
END_TEST

START_TEST(chsc_length_is_checked)
{
    static const uint16_t lengths[] = {0, 8, 15, 17, 20, 4090, 4096, 0xfff8};

    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        put_be16(block, lengths[i]);
        ck_assert_int_eq(machine.io.chsc(&machine, block), OPERAND);
    }
    ck_assert_uint_eq(chsc(4088, 0x0010, 0, 0), 3); /* no room but for the response header */
}
END_TEST

START_TEST(attach_and_detach_are_reported)
{
    struct test_device *other = new_device(), *third = new_device();
    uint32_t crw;

    ck_assert(!channel_attach(&machine, &other->device, 0x1000, true)); /* taken */
    ck_assert_int_eq(machine.io.store_crw(&machine, &crw), 1);
    ck_assert_uint_eq(crw, 0);
    ck_assert(channel_attach(&machine, &other->device, DEVICE_NUMBER_ANY, true));
    ck_assert_uint_eq(other->device.sid, SID + 1);
    ck_assert_uint_eq(other->device.number, 0);
    ck_assert(machine.floating.pending & FLOATING_CHANNEL_REPORT);
    ck_assert_int_eq(machine.io.store_crw(&machine, &crw), 0);
    ck_assert_uint_eq(crw, 0x03040001);
    ck_assert(!(machine.floating.pending & FLOATING_CHANNEL_REPORT));
    ck_assert_int_eq(machine.io.store_crw(&machine, &crw), 1);

    channel_detach(&machine, &device->device);
    ck_assert_int_eq(machine.io.store_crw(&machine, &crw), 0);
    ck_assert_uint_eq(crw, 0x03040000);
    store(); /* the subchannel is there, not valid */
    ck_assert_uint_eq(get_be16(schib + 4), 0);
    ck_assert_int_eq(test(), 3);
    ck_assert_ptr_null(channel_device_at(&machine, SID));
    ck_assert(channel_attach(&machine, &third->device, 0x1000, true));
    ck_assert_uint_eq(third->device.sid, SID); /* used again */
    ck_assert_ptr_eq(channel_device_numbered(&machine, 0x1000), &third->device);
}
END_TEST

START_TEST(detach_while_active_leaves_nothing_behind)
{
    struct io_interruption io;

    ccw1(PROGRAM, READ, DATA, PCI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    pass(TOD_MICROSECOND + 1);
    channel_detach(&machine, &device->device);
    settle();
    ck_assert(!machine.io.take_interruption(&machine, 0xff, &io));
    device = new_device();
    ck_assert(channel_attach(&machine, &device->device, 0x1000, false));
    settle();
    ck_assert_uint_eq(device->commands, 0);
}
END_TEST

START_TEST(too_many_reports_overflow)
{
    uint32_t crw = 0;
    unsigned count = 0;

    for (unsigned i = 0; i < 40; i++)
        ck_assert_int_eq(machine.io.reset_channel_path(&machine, 0), 0);
    while (machine.io.store_crw(&machine, &crw) == 0)
        if (++count == 32)
            ck_assert_uint_eq(crw, 0x64020000); /* solicited, overflow */
        else
            ck_assert_uint_eq(crw, 0x44020000);
    ck_assert_uint_eq(count, 32);
}
END_TEST

START_TEST(reset_channel_path)
{
    uint32_t crw;
    uint8_t paths[32];

    ck_assert_int_eq(machine.io.reset_channel_path(&machine, 1), 3);
    ck_assert_int_eq(machine.io.reset_channel_path(&machine, 0x100), OPERAND);
    ccw1(PROGRAM, SLOW_READ, DATA, SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    settle();
    machine.io.store_path_status(&machine, paths);
    ck_assert_uint_eq(paths[0], 0x80);
    ck_assert_int_eq(machine.io.reset_channel_path(&machine, 0), 0);
    ck_assert_int_eq(machine.io.store_crw(&machine, &crw), 0);
    ck_assert_uint_eq(crw, 0x44020000);
    ck_assert_uint_eq(device->resets, 1);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED | ALERT);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_ICC);
    ck_assert_uint_eq(IRB_FLAGS & 0x0400, 0x0400); /* format-0 ESW */
    machine.io.store_path_status(&machine, paths);
    ck_assert_uint_eq(paths[0], 0);
    device_end(&device->device, CE | DE); /* must not be taken for the command's end */
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(IRB_CONTROL, ALERT | PENDING);
}
END_TEST

START_TEST(measurement_blocks_of_format_0)
{
    const uint64_t origin = 0x8000, at_block = origin + 32 * 3;

    ck_assert_int_eq(machine.io.set_channel_monitor(&machine, 4, origin), OPERAND);
    ck_assert_int_eq(machine.io.set_channel_monitor(&machine, 2, origin + 16), OPERAND);
    ck_assert_int_eq(machine.io.set_channel_monitor(&machine, 3, origin), 0);
    store();
    put_be16(schib + 4, ENABLE | 0x18);
    put_be16(schib + 12, 3);
    ck_assert_int_eq(machine.io.modify(&machine, SID, schib), 0);
    device->device.default_latency = 1280 * TOD_MICROSECOND;
    ccw1(PROGRAM, READ, DATA, 0, 16);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(get_be16(irb + 14), 10); /* device-connect time in the ESW */
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(get_be32(at(at_block)), 0x00020002);
    ck_assert_uint_eq(get_be32(at(at_block + 4)), 20);
    ck_assert_uint_eq(get_be32(at(at_block + 12)), 0);
    ck_assert_int_eq(machine.io.set_channel_monitor(&machine, 0, 0), 0);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(get_be32(at(at_block)), 0x00020002);
    ck_assert_uint_eq(get_be16(irb + 14), 0);
}
END_TEST

START_TEST(measurement_blocks_of_format_1)
{
    ck_assert_int_eq(machine.io.set_channel_monitor(&machine, 2, 0), 0);
    store();
    put_be16(schib + 4, ENABLE | 0x10);
    put_be32(schib + 24, 4);
    put_be64(schib + 40, 0x8040);
    ck_assert_int_eq(machine.io.modify(&machine, SID, schib), 0);
    ccw1(PROGRAM, SLOW_READ, DATA, SLI, 16);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    pass(TOD_MICROSECOND + 1280 * TOD_MICROSECOND);
    device_end(&device->device, CE | DE);
    ck_assert_int_eq(test(), 0);
    ck_assert_uint_eq(get_be32(at(0x8040)), 1);
    ck_assert_uint_eq(get_be32(at(0x8044)), 1);
    ck_assert_uint_eq(get_be32(at(0x8048)), 0);
    ck_assert_uint_eq(get_be32(at(0x8050)), 10); /* the device was disconnected */
}
END_TEST

START_TEST(measurement_block_errors_end_the_measuring)
{
    machine.storage->keys[8] = 0x30;
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(machine.io.set_channel_monitor(&machine, 0x20000002, i ? 0x8000 : 0x7fffffe0), 0);
        ck_assert_int_eq(modify(ENABLE | 0x10, 0), 0);
        ccw1(PROGRAM, READ, DATA, 0, 16);
        execute(ORB_F | ORB_LPM);
        ck_assert_uint_eq(IRB_FLAGS & 0x0400, 0x0400);
        ck_assert_uint_eq(irb[12], i ? 0x08 : 0x20);
        store();
        ck_assert_uint_eq(get_be16(schib + 4) & 0x10, 0);
    }
}
END_TEST

static char path[] = "/tmp/sienna-deck-XXXXXX";

/* A deck whose first card loads the second and third to 0x200. */
static struct channel_device *new_reader(const char *first_psw)
{
    uint8_t cards[3 * 80 - 10] = {0};
    struct device_option option = {"file", path};
    struct device_options options = {&option, 1};
    char error[200] = "";
    struct channel_device *reader;
    int fd = mkstemp(path);

    memcpy(cards, first_psw, 8);
    put_be32(cards + 8, 0x02000200);
    put_be32(cards + 12, 0x60000050);
    put_be32(cards + 16, 0x02000250);
    put_be32(cards + 20, 0x20000050);
    memset(cards + 80, 0x55, 80);
    memset(cards + 160, 0x66, 70);
    ck_assert_int_eq(write(fd, cards, sizeof cards), sizeof cards);
    close(fd);
    reader = device_type_find("reader")->create(&machine, &options, error, sizeof error);
    ck_assert_msg(reader != NULL, "%s", error);
    unlink(path);
    memcpy(path, "/tmp/sienna-deck-XXXXXX", sizeof path);
    return reader;
}

static enum channel_ipl_result ipl(uint32_t sid)
{
    enum channel_ipl_result result = CHANNEL_IPL_RUNNING;

    ck_assert(channel_ipl_start(&machine, sid));
    for (unsigned i = 0; i < 1000 && result == CHANNEL_IPL_RUNNING; i++) {
        pass(TOD_MICROSECOND);
        result = channel_ipl_poll(&machine);
    }
    return result;
}

START_TEST(ipl_from_cards)
{
    struct channel_device *reader = new_reader("\x00\x08\x00\x00\x80\x00\x02\x00");
    struct io_interruption io;

    ck_assert(channel_attach(&machine, reader, 0x000c, false));
    machine.io.reset(&machine);
    ck_assert_int_eq(ipl(reader->sid), CHANNEL_IPL_DONE);
    ck_assert_mem_eq(at(0), "\x00\x08\x00\x00\x80\x00\x02\x00", 8);
    ck_assert_uint_eq(get_be32(at(184)), SID + 1);
    ck_assert_uint_eq(get_be32(at(188)), 0);
    for (unsigned i = 0; i < 160; i++)
        ck_assert_uint_eq(*at(0x200 + i), i < 80 ? 0x55 : i < 150 ? 0x66 : 0);
    ck_assert(!machine.io.take_interruption(&machine, 0xff, &io));
    ck_assert_int_eq(machine.io.store(&machine, SID + 1, schib), 0);
    ck_assert_uint_eq(get_be16(schib + 4) & ENABLE, ENABLE); /* enabled by the IPL */
    ck_assert_uint_eq(get_be32(schib + 28) & 0xffff, 0);
}
END_TEST

START_TEST(ipl_fails_when_the_device_does)
{
    struct device_options none = {NULL, 0};
    char error[200];
    struct channel_device *reader = device_type_find("reader")->create(&machine, &none, error, sizeof error);

    ck_assert(channel_attach(&machine, reader, 0x000c, false));
    machine.io.reset(&machine);
    ck_assert_int_eq(ipl(reader->sid), CHANNEL_IPL_FAILED); /* empty hopper */
    ck_assert(!channel_ipl_start(&machine, SID + 9));
}
END_TEST

START_TEST(cards_run_out_with_unit_exception_then_intervention)
{
    struct channel_device *reader = new_reader("12345678");
    uint8_t orb[32] = {0};
    unsigned bytes;

    ck_assert(channel_attach(&machine, reader, 0x000c, false));
    ck_assert_int_eq(machine.io.store(&machine, SID + 1, schib), 0);
    put_be16(schib + 4, ENABLE);
    put_be32(schib + 24, 1);
    ck_assert_int_eq(machine.io.modify(&machine, SID + 1, schib), 0);
    put_be32(orb + 4, ORB_F | ORB_LPM);
    put_be32(orb + 8, PROGRAM);
    ccw1(PROGRAM, 0x42, DATA, SLI, 80);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_int_eq(machine.io.start(&machine, SID + 1, orb), 0);
        settle();
        ck_assert_int_eq(machine.io.test(&machine, SID + 1, irb, &bytes), 0);
        ck_assert_uint_eq(IRB_DEVICE, i < 3 ? CE | DE : i == 3 ? CE | DE | UX : CE | DE | UC);
        ck_assert_uint_eq(irb[32], i == 4 ? 0x40 : 0);
    }
}
END_TEST

START_TEST(cards_are_punched)
{
    int fd = mkstemp(path);
    struct device_option option = {"file", path};
    struct device_options options = {&option, 1}, none = {NULL, 0};
    char error[200], card[81];
    struct channel_device *punch = device_type_find("punch")->create(&machine, &options, error, sizeof error);
    uint8_t orb[32] = {0};
    unsigned bytes;

    ck_assert(channel_attach(&machine, punch, 0x000d, false));
    ck_assert_int_eq(machine.io.store(&machine, SID + 1, schib), 0);
    put_be16(schib + 4, ENABLE);
    ck_assert_int_eq(machine.io.modify(&machine, SID + 1, schib), 0);
    put_be32(orb + 4, ORB_F | ORB_LPM);
    put_be32(orb + 8, PROGRAM);
    memset(at(DATA), 'x', 80);
    ccw1(PROGRAM, 0x01, DATA, 0, 80);
    ck_assert_int_eq(machine.io.start(&machine, SID + 1, orb), 0);
    settle();
    ck_assert_int_eq(machine.io.test(&machine, SID + 1, irb, &bytes), 0);
    ck_assert_uint_eq(IRB_CONTROL, ENDED);
    ck_assert_int_eq(read(fd, card, sizeof card), 80);
    ck_assert_mem_eq(card, at(DATA), 80);
    close(fd);
    unlink(path);
    ck_assert_ptr_null(device_type_find("punch")->create(&machine, &none, error, sizeof error));
    option.value = "/nonexistent/deck";
    ck_assert_ptr_null(device_type_find("reader")->create(&machine, &options, error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, "/nonexistent/deck"));
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {chsc_characteristics, 0},
        {chsc_channel_paths, 0},
        {chsc_subchannels, 0},
        {chsc_domain, 0},
        {path_configuration, 0},
        {chsc_what_is_absent, 0},
        {chsc_length_is_checked, 0},
        {attach_and_detach_are_reported, 0},
        {detach_while_active_leaves_nothing_behind, 0},
        {too_many_reports_overflow, 0},
        {reset_channel_path, 0},
        {measurement_blocks_of_format_0, 0},
        {measurement_blocks_of_format_1, 0},
        {measurement_block_errors_end_the_measuring, 0},
        {ipl_from_cards, 0},
        {ipl_fails_when_the_device_does, 0},
        {cards_run_out_with_unit_exception_then_intervention, 0},
        {cards_are_punched, 0},
    };

    return run_tests("channel subsystem", tests, sizeof tests / sizeof tests[0], fixture_setup, fixture_teardown);
}
