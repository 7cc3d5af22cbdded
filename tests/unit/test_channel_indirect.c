/* SPDX-License-Identifier: MIT */
/* IDAWs of both formats and MIDAWs (PoP ch. 15). */
#include "unit/channel_fixture.h"

#define LIST 0x2000

static void idaw1(unsigned i, uint32_t address)
{
    put_be32(at(LIST + 4 * i), address);
}

static void idaw2(unsigned i, uint64_t address)
{
    put_be64(at(LIST + 8 * i), address);
}

static void midaw(unsigned i, uint8_t flags, uint16_t count, uint64_t address)
{
    put_be64(at(LIST + 16 * i), (uint64_t)flags << 16 | count);
    put_be64(at(LIST + 16 * i + 8), address);
}

START_TEST(format_1_idaws_designate_2k_blocks)
{
    device->record_bytes = 3000;
    idaw1(0, 0x10000 + 1000);
    idaw1(1, 0x20800);
    idaw1(2, 0x30000);
    ccw1(PROGRAM, READ, LIST, IDA, 3000);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_mem_eq(at(0x10000 + 1000), device->record, 1048);
    ck_assert_mem_eq(at(0x20800), device->record + 1048, 1952);
    ck_assert_uint_eq(*at(0x30000), 0);
}
END_TEST

START_TEST(format_2_idaws_designate_4k_blocks_or_2k_blocks)
{
    device->record_bytes = 5000;
    idaw2(0, 0x10000 + 1000);
    idaw2(1, 0x20000);
    ccw0(PROGRAM, READ, LIST, IDA, 5000);
    execute(ORB_H | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_mem_eq(at(0x10000 + 1000), device->record, 3096);
    ck_assert_mem_eq(at(0x20000), device->record + 3096, 1904);

    device->record_bytes = 3000;
    idaw2(0, 0x10000 + 1000);
    idaw2(1, 0x20800);
    ccw1(PROGRAM, READ, LIST, IDA, 3000);
    execute(ORB_F | ORB_H | ORB_T | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_mem_eq(at(0x20800), device->record + 1048, 1952);
    execute(ORB_F | ORB_H | ORB_LPM); /* with 4K blocks the first one suffices */
    ck_assert_mem_eq(at(0x10000 + 1000), device->record, 3000);
}
END_TEST

START_TEST(writes_gather_through_idaws)
{
    device->record_bytes = 2100;
    for (unsigned i = 0; i < 2048; i++)
        *at(0x10000 + i) = i;
    memset(at(0x20000), 0xee, 52);
    idaw1(0, 0x10000);
    idaw1(1, 0x20000);
    ccw1(PROGRAM, WRITE, LIST, IDA, 2100);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_mem_eq(device->record, at(0x10000), 2048);
    ck_assert_mem_eq(device->record + 2048, at(0x20000), 52);
}
END_TEST

START_TEST(read_backward_through_idaws)
{
    device->record_bytes = 3000;
    idaw1(0, 0x10000 + 999);
    idaw1(1, 0x20fff);
    ccw1(PROGRAM, READ_BACK, LIST, IDA, 3000);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_mem_eq(at(0x10000), device->record + 2000, 1000);
    ck_assert_mem_eq(at(0x21000 - 2000), device->record, 2000);
    idaw1(1, 0x20800); /* not the last byte of a block */
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
}
END_TEST

static const struct {
    uint32_t control;
    uint32_t list;
    uint64_t first, second;
    unsigned moved;
    uint8_t status;
} bad_idaws[] = {
    {ORB_F, LIST + 2, 0x10000, 0x20000, 0, S_PROG},
    {ORB_F | ORB_H, LIST + 4, 0x10000, 0x20000, 0, S_PROG},
    {ORB_F, LIST, 0x80010000, 0x20000, 0, S_PROG},
    {ORB_F, LIST, 0x10000, 0x20010, 2048, S_PROG},
    {ORB_F | ORB_H, LIST, 0x10000, 0x20800, 4096, S_PROG},
    {ORB_F | ORB_H, LIST, 0x10000, UINT64_MAX & ~0xfffull, 4096, S_PROG},
    {ORB_F | ORB_H, LIST, UINT64_MAX, 0x20000, 0, S_PROG},
    {ORB_F, 0x7ffffffc, 0x10000, 0x20000, 0, S_PROG},
    {0x20000000 | ORB_F, LIST, 0x50000, 0x20000, 0, S_PROT},
    {0x20000000 | ORB_F, LIST, 0x10000, 0x50000, 2048, S_PROT},
    {0x20000000 | ORB_F, 0x58000, 0x10000, 0x50000, 0, S_PROT},
};

START_TEST(invalid_idaws_are_checks)
{
    uint64_t list = bad_idaws[_i].list;

    machine.storage->keys[0x10] = machine.storage->keys[0x20] = 0x20;
    machine.storage->keys[0x50] = 0x30;
    machine.storage->keys[0x58] = 0x38;
    device->record_bytes = 5000;
    if (list < 1 << 20 && (bad_idaws[_i].control & ORB_H)) {
        put_be64(at(list & ~7ull), bad_idaws[_i].first);
        put_be64(at((list & ~7ull) + 8), bad_idaws[_i].second);
    } else if (list < 1 << 20) {
        put_be32(at(list), bad_idaws[_i].first);
        put_be32(at(list + 4), bad_idaws[_i].second);
    }
    ccw1(PROGRAM, READ, list, IDA, 5000);
    execute(bad_idaws[_i].control | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, bad_idaws[_i].status);
    ck_assert_uint_eq(device->moved, bad_idaws[_i].moved);
    ck_assert_uint_eq(IRB_CONTROL, START | ALERT | PRIMARY | SECONDARY | PENDING);
    ck_assert_uint_eq(IRB_ADDRESS, PROGRAM + 8);
}
END_TEST

START_TEST(midaws_designate_any_bytes_within_4k)
{
    midaw(0, 0, 5, 0x10ffb);
    midaw(1, 0x40, 3, UINT64_MAX); /* skipped: the address means nothing */
    midaw(2, 0x80, 8, 0x20001);
    ccw1(PROGRAM, READ, LIST, MIDA, 16);
    execute(ORB_F | ORB_D | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_mem_eq(at(0x10ffb), device->record, 5);
    ck_assert_mem_eq(at(0x20001), device->record + 8, 8);
    memcpy(at(0x10ffb), "abcde", 5);
    midaw(1, 0, 3, 0x30000);
    memcpy(at(0x30000), "fgh", 3);
    memcpy(at(0x20001), "ijklmnop", 8);
    ccw1(PROGRAM, WRITE, LIST, MIDA, 16);
    execute(ORB_F | ORB_D | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_mem_eq(device->record, "abcdefghijklmnop", 16);
}
END_TEST

static const struct {
    uint32_t list;
    uint8_t flags[2];
    uint16_t count[2];
    uint64_t address[2];
    unsigned moved;
} bad_midaws[] = {
    {LIST + 8, {0, 0}, {8, 8}, {0x10000, 0x20000}, 0},          /* not on a quadword */
    {LIST, {0, 0x80}, {0, 16}, {0x10000, 0x20000}, 0},          /* count zero */
    {LIST, {0, 0x80}, {8, 9}, {0x10000, 0x20000}, 8},           /* more than the CCW's count */
    {LIST, {0x80, 0}, {8, 8}, {0x10000, 0x20000}, 8},           /* the last one comes too early */
    {LIST, {0, 0x80}, {8, 8}, {0x10ffc, 0x20000}, 0},           /* crosses a 4K boundary */
    {LIST, {0x20, 0x80}, {8, 8}, {0x10000, 0x20000}, 0},        /* data-transfer interruption */
    {LIST, {0x01, 0x80}, {8, 8}, {0x10000, 0x20000}, 0},        /* reserved flag */
    {LIST, {0, 0x80}, {8, 8}, {0x10000, UINT64_MAX - 7}, 8},    /* outside storage */
    {LIST + 0xff0, {0, 0x80}, {8, 8}, {0x10000, 0x20000}, 8},   /* the list crosses a 4K boundary */
};

START_TEST(invalid_midaws_are_program_checks)
{
    uint32_t list = bad_midaws[_i].list;

    for (unsigned i = 0; i < 2; i++) {
        put_be64(at(list + 16 * i), (uint64_t)bad_midaws[_i].flags[i] << 16 | bad_midaws[_i].count[i]);
        put_be64(at(list + 16 * i + 8), bad_midaws[_i].address[i]);
    }
    ccw1(PROGRAM, READ, list, MIDA, 16);
    execute(ORB_F | ORB_D | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(device->moved, bad_midaws[_i].moved);
}
END_TEST

START_TEST(reserved_bits_of_a_midaw_and_flag_combinations)
{
    for (unsigned byte = 0; byte < 5; byte++) {
        midaw(0, 0x80, 16, 0x10000);
        *at(LIST + byte) = 0x10;
        ccw1(PROGRAM, READ, LIST, MIDA, 16);
        execute(ORB_F | ORB_D | ORB_LPM);
        ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    }
    midaw(0, 0x80, 16, 0x10000);
    ccw1(PROGRAM, READ, LIST, MIDA | IDA, 16);
    execute(ORB_F | ORB_D | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
    ck_assert_uint_eq(IRB_DEVICE, 0);
    ccw1(PROGRAM, READ, LIST, MIDA | SKIP, 16);
    execute(ORB_F | ORB_D | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, S_PROG);
}
END_TEST

START_TEST(data_chaining_mixes_the_ways_of_addressing)
{
    midaw(0, 0x80, 4, 0x10000);
    put_be32(at(LIST + 0x100), 0x20000);
    ccw1(PROGRAM, READ, LIST, CD | MIDA, 4);
    ccw1(PROGRAM + 8, 0, LIST + 0x100, CD | IDA, 4);
    ccw1(PROGRAM + 16, 0, 0x30000, 0, 8);
    execute(ORB_F | ORB_D | ORB_LPM);
    ck_assert_uint_eq(IRB_SUBCHANNEL, 0);
    ck_assert_mem_eq(at(0x10000), device->record, 4);
    ck_assert_mem_eq(at(0x20000), device->record + 4, 4);
    ck_assert_mem_eq(at(0x30000), device->record + 8, 8);
}
END_TEST

START_TEST(peek_looks_ahead_without_moving)
{
    memcpy(at(DATA), "vwxyz", 5);
    put_be32(at(LIST), DATA);
    ccw1(PROGRAM, PEEK, LIST, IDA | SLI, 5);
    execute(ORB_F | ORB_LPM);
    ck_assert_uint_eq(device->moved, 2);
    ck_assert_mem_eq(device->record, "wx", 2);
    ck_assert_uint_eq(IRB_COUNT, 5);
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {format_1_idaws_designate_2k_blocks, 0},
        {format_2_idaws_designate_4k_blocks_or_2k_blocks, 0},
        {writes_gather_through_idaws, 0},
        {read_backward_through_idaws, 0},
        {invalid_idaws_are_checks, sizeof bad_idaws / sizeof bad_idaws[0]},
        {midaws_designate_any_bytes_within_4k, 0},
        {invalid_midaws_are_program_checks, sizeof bad_midaws / sizeof bad_midaws[0]},
        {reserved_bits_of_a_midaw_and_flag_combinations, 0},
        {data_chaining_mixes_the_ways_of_addressing, 0},
        {peek_looks_ahead_without_moving, 0},
    };

    return run_tests("channel indirect addressing", tests, sizeof tests / sizeof tests[0],
                     fixture_setup, fixture_teardown);
}
