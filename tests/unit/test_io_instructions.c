/* SPDX-License-Identifier: MIT */
/* The I/O instructions as a CPU issues them: operands, exceptions, condition codes (PoP ch. 14). */
#include <check.h>

#include "channel/channel.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

enum { SID = 0x00010000, SCHIB = DATA, IRB = DATA + 0x100, ORB = DATA + 0x200, PROGRAM = DATA + 0x300 };

static struct fixture f;

struct plain_device {
    struct channel_device device;
};

static int plain_command(struct channel_device *device, uint8_t command)
{
    return device_common_command(device, command);
}

static void plain_release(struct channel_device *device)
{
    free(device);
}

static const struct device_operations plain = {
    .name = "plain", .command = plain_command, .release = plain_release,
};

static void setup(void)
{
    struct plain_device *d = calloc(1, sizeof *d);

    fixture_init(&f);
    channel_create(&f.machine);
    d->device.operations = &plain;
    ck_assert(channel_attach(&f.machine, &d->device, 0x0123, false));
    set_gr64(f.cpu, 1, 0xffffffff00000000 | SID); /* bits 0–31 do not matter */
    set_gr64(f.cpu, 2, DATA);
}

static void teardown(void)
{
    f.machine.io.release(&f.machine);
    fixture_release(&f);
}

static void pass(void)
{
    while (event_next_time(&f.machine) != EVENT_NEVER) {
        f.machine.now = event_next_time(&f.machine);
        event_run_due(&f.machine);
    }
}

#define RUN(hex, expected_code, expected_cc) \
    do { \
        run(&f, hex); \
        ck_assert_uint_eq(f.code, expected_code); \
        if (!(expected_code)) \
            ck_assert_uint_eq(f.cpu->cc, expected_cc); \
    } while (0)

/* Operand addresses are displacements on GR2. */
#define STSCH_SCHIB "b2342000"
#define MSCH_SCHIB "b2322000"
#define TSCH_IRB "b2352100"
#define SSCH_ORB "b2332200"

static void enable(void)
{
    RUN(STSCH_SCHIB, 0, 0);
    *at(&f, SCHIB + 5) |= 0x80;
    *at(&f, SCHIB + 4) |= 0x10; /* ISC 2 */
    put_be32(at(&f, SCHIB), 0x11223344);
    RUN(MSCH_SCHIB, 0, 0);
}

static void build_orb(void)
{
    memset(at(&f, ORB), 0, 32);
    put_be32(at(&f, ORB), 0xabcd);
    put_be32(at(&f, ORB + 4), 0x0080ff00);
    put_be32(at(&f, ORB + 8), PROGRAM);
    put_be64(at(&f, PROGRAM), 0x0320000100000000);
}

START_TEST(a_whole_operation)
{
    enable();
    build_orb();
    RUN(TSCH_IRB, 0, 1);
    RUN(SSCH_ORB, 0, 0);
    RUN(SSCH_ORB, 0, 2);
    RUN("b2360000", 0, 0); /* TPI: nothing yet */
    pass();
    f.cpu->cr[6] = 0xdf000000; /* ISC 2 is closed */
    RUN("b2360000", 0, 0);
    f.cpu->cr[6] = 0x20000000;
    RUN("b2362400", 0, 1); /* eight bytes at the operand */
    ck_assert_uint_eq(get_be32(at(&f, DATA + 0x400)), SID);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 0x404)), 0xabcd);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 0x408)), 0);
    RUN(SSCH_ORB, 0, 1);
    RUN(TSCH_IRB, 0, 0);
    ck_assert_uint_eq(get_be16(at(&f, IRB + 2)), 0x4007);
    ck_assert_uint_eq(*at(&f, IRB + 8), 0x0c);
    RUN(TSCH_IRB, 0, 1);
}
END_TEST

START_TEST(tpi_at_zero_stores_twelve_bytes_in_the_prefix_area)
{
    enable();
    device_unsolicited(channel_device_at(&f.machine, SID), 0x80);
    f.cpu->cr[6] = 0xff000000;
    f.cpu->cr[0] |= 1ull << 28; /* low-address protection does not apply */
    RUN("b2360000", 0, 1);
    ck_assert_uint_eq(get_be32(at(&f, 184)), SID);
    ck_assert_uint_eq(get_be32(at(&f, 188)), 0x11223344);
    ck_assert_uint_eq(get_be32(at(&f, 192)), 2 << 27);
}
END_TEST

START_TEST(io_interruption_is_taken)
{
    enable();
    device_unsolicited(channel_device_at(&f.machine, SID), 0x80);
    f.cpu->cr[6] = 0x20000000;
    put_be64(at(&f, 0x1f0), PSW_WAIT | PSW_EA | PSW_BA);
    f.cpu->psw_mask |= PSW_IO;
    memset(at(&f, 0x170), 0, 16);
    place(&f, CODE, "07070707");
    f.cpu->ia = CODE;
    run_on(&f);
    ck_assert_uint_eq(get_be64(at(&f, 0x178)), CODE);
    ck_assert_uint_eq(get_be32(at(&f, 184)), SID);
    ck_assert_uint_eq(get_be32(at(&f, 192)), 2 << 27);
}
END_TEST

static const char *const misaligned[] = {
    "b2322002", "b2332002", "b2342002", "b2352002", "b2362002", "b2392002", "b23a2010",
};

START_TEST(operands_must_be_aligned)
{
    RUN(misaligned[_i], PIC_SPECIFICATION, 0);
}
END_TEST

static const char *const all[] = {
    "b2300000", "b2310000", "b2322000", "b2332000", "b2342000", "b2352000", "b2362000", "b2370000",
    "b2380000", "b2392000", "b23a2000", "b23b0000", "b23c0000", "b25f0020", "b2760000",
};

START_TEST(all_are_privileged)
{
    f.cpu->psw_mask |= PSW_PROBLEM;
    RUN(all[_i], PIC_PRIVILEGED, 0);
}
END_TEST

START_TEST(access_exceptions_come_first_and_change_nothing)
{
    uint32_t crw;

    enable();
    build_orb();
    device_unsolicited(channel_device_at(&f.machine, SID), 0x80);
    ck_assert_int_eq(f.machine.io.reset_channel_path(&f.machine, 0), 0);
    set_gr64(f.cpu, 2, FIXTURE_STORAGE);
    f.cpu->cr[6] = 0xff000000;
    for (unsigned i = 2; i < 7; i++)
        RUN(all[i], PIC_ADDRESSING, 0);
    RUN("b2392000", PIC_ADDRESSING, 0);
    RUN("b23a2000", PIC_ADDRESSING, 0);
    RUN("b25f0020", PIC_ADDRESSING, 0);
    ck_assert_int_eq(f.machine.io.store_crw(&f.machine, &crw), 0);
    ck_assert_uint_eq(f.machine.floating.io_iscs, 0x20);
    set_gr64(f.cpu, 1, 0); /* neither does the wrong GR1 matter before the operand */
    for (unsigned i = 2; i < 6; i++)
        RUN(all[i], PIC_ADDRESSING, 0);
}
END_TEST

START_TEST(invalid_subsystem_identification_is_an_operand_exception)
{
    static const char *const by_sid[] = {
        "b2300000", "b2310000", "b2322000", "b2342000", "b2352000", "b2380000", "b2760000", "b2332200",
    };

    build_orb();
    set_gr64(f.cpu, 1, 0x00020000);
    for (unsigned i = 0; i < sizeof by_sid / sizeof by_sid[0]; i++)
        RUN(by_sid[i], PIC_OPERAND, 0);
    set_gr64(f.cpu, 1, 0x00010001);
    for (unsigned i = 0; i < sizeof by_sid / sizeof by_sid[0]; i++)
        RUN(by_sid[i], 0, 3);
}
END_TEST

START_TEST(only_an_extended_orb_is_fetched_whole)
{
    enable();
    set_gr64(f.cpu, 2, FIXTURE_STORAGE - 12);
    put_be64(at(&f, FIXTURE_STORAGE - 12), 0x000000000080ff00);
    put_be32(at(&f, FIXTURE_STORAGE - 4), PROGRAM);
    RUN("b2332000", 0, 0);
    *at(&f, FIXTURE_STORAGE - 5) = 1;
    RUN("b2332000", PIC_ADDRESSING, 0);
}
END_TEST

START_TEST(reports_paths_limits_and_monitoring)
{
    set_gr64(f.cpu, 1, 0);
    RUN("b23b0000", 0, 0);
    RUN("b2392000", 0, 0);
    ck_assert_uint_eq(get_be32(at(&f, DATA)), 0x44020000);
    RUN("b2392000", 0, 1);
    ck_assert_uint_eq(get_be32(at(&f, DATA)), 0);
    RUN("b23a2000", 0, 1); /* STCPS leaves the condition code */
    set_gr64(f.cpu, 1, 5);
    RUN("b23b0000", 0, 3);
    set_gr64(f.cpu, 1, 0x100);
    RUN("b23b0000", PIC_OPERAND, 0);
    RUN("b2370000", PIC_OPERAND, 0); /* SAL */
    set_gr64(f.cpu, 1, 0x10000);
    f.cpu->cc = 2;
    RUN("b2370000", 0, f.cpu->cc);
    RUN("b23c0000", PIC_OPERAND, 0); /* SCHM */
    set_gr64(f.cpu, 1, 2);
    RUN("b23c0000", 0, f.cpu->cc);
}
END_TEST

START_TEST(channel_subsystem_call)
{
    memset(at(&f, DATA), 0, 4096);
    put_be32(at(&f, DATA), 0x00100010);
    RUN("b25f0020", 0, 0);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 16)), 4080 << 16 | 1);
    set_gr64(f.cpu, 2, DATA + 8);
    RUN("b25f0020", PIC_SPECIFICATION, 0);
    set_gr64(f.cpu, 2, DATA);
    put_be16(at(&f, DATA), 12);
    RUN("b25f0020", PIC_OPERAND, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("I/O instructions");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_whole_operation);
    tcase_add_test(tc, tpi_at_zero_stores_twelve_bytes_in_the_prefix_area);
    tcase_add_test(tc, io_interruption_is_taken);
    tcase_add_loop_test(tc, operands_must_be_aligned, 0, (int)(sizeof misaligned / sizeof misaligned[0]));
    tcase_add_loop_test(tc, all_are_privileged, 0, (int)(sizeof all / sizeof all[0]));
    tcase_add_test(tc, access_exceptions_come_first_and_change_nothing);
    tcase_add_test(tc, invalid_subsystem_identification_is_an_operand_exception);
    tcase_add_test(tc, only_an_extended_orb_is_fetched_whole);
    tcase_add_test(tc, reports_paths_limits_and_monitoring);
    tcase_add_test(tc, channel_subsystem_call);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
