/* SPDX-License-Identifier: MIT */
/** Adapter interruptions of a guest: from the guest interruption state area, and the host's alerts. */
#include "unit/sie_fixture.h"

#include "channel/channel.h"
#include "unit/suite.h"

enum { GISA = SATELLITE, GIB = SATELLITE + 0x1000, OTHER = SATELLITE + 0x100, NISC = 5 };
enum { NEXT = 0, IPM = 4, IAM = 7, INT_WORD = 0xc0 };

static void setup_gisa(void)
{
    setup();
    channel_create(&f.machine);
    f.machine.guest_adapters.available = true;
    f.machine.guest_adapters.information = GIB;
    *at(&f, GIB + 8) = NISC;
    put_be32(at(&f, GISA + NEXT), GISA);
    put_be32(at(&f, OTHER + NEXT), OTHER);
    or_sd32(SD_ECA, ECA_AIV);
    set_sd32(SD_GISA, GISA | 1); /* format 1 */
    set_sd64(SD_CR + 8 * 6, 0xff000000);
}

static void teardown_gisa(void)
{
    f.machine.io.release(&f.machine);
    teardown();
}

START_TEST(test_delivery)
{
    set_guest_psw(PSW_EA | PSW_BA | PSW_IO, GUEST_CODE);
    guest_code("83000044");
    *at(&f, GISA + IPM) = 0x28; /* subclasses 2 and 4 */
    interpret();
    expect_icpt(ICPT_WAIT, NEW_PSW_IA + 0x170);
    ck_assert_uint_eq(*at(&f, GISA + IPM), 0x08); /* the lowest number first, and only that one */
    ck_assert_uint_eq(get_be32(guest(0xb8)), 0);
    ck_assert_uint_eq(get_be32(guest(0xbc)), 0);
    ck_assert_uint_eq(get_be32(guest(INT_WORD)), 0x80000000 | 2 << 27);
}
END_TEST

/* Closed by the PSW, by CR6, without the control, or without an area. */
START_TEST(test_no_delivery)
{
    static const struct { uint64_t psw, cr6; uint32_t eca, designation; } cases[] = {
        {0, 0xff000000, ECA_AIV, GISA}, {PSW_IO, 0xdf000000, ECA_AIV, GISA},
        {PSW_IO, 0xff000000, 0, GISA}, {PSW_IO, 0xff000000, ECA_AIV, 0},
    };

    set_guest_psw(PSW_EA | PSW_BA | cases[_i].psw, GUEST_CODE);
    set_sd64(SD_CR + 8 * 6, cases[_i].cr6);
    set_sd32(SD_ECA, cases[_i].eca);
    set_sd32(SD_GISA, cases[_i].designation);
    guest_code("83000044");
    *at(&f, GISA + IPM) = 0x20;
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    ck_assert_uint_eq(*at(&f, GISA + IPM), 0x20);
}
END_TEST

START_TEST(test_delivery_when_the_mask_opens)
{
    guest_code("ad032000 83000044"); /* stosm 0(2),3 */
    f.cpu->gr[2].d = GUEST_DATA;
    *at(&f, GISA + IPM) = 0x20;
    interpret();
    expect_icpt(ICPT_WAIT, NEW_PSW_IA + 0x170);
    ck_assert_uint_eq(get_be64(guest(0x178)), GUEST_CODE + 4);
}
END_TEST

static bool alerted(void) { return f.machine.floating.io_iscs & 0x80 >> NISC; }

START_TEST(test_alert)
{
    *at(&f, GISA + IAM) = 0x20;
    ck_assert(gisa_adapter_interruption(&f.machine, absolute(GISA), 4)); /* not one to alert of */
    ck_assert(!alerted());
    ck_assert(gisa_adapter_interruption(&f.machine, absolute(GISA), 2));
    ck_assert(alerted());
    ck_assert_uint_eq(*at(&f, GISA + IPM), 0x28);
    ck_assert_uint_eq(*at(&f, GISA + IAM), 0);
    ck_assert_uint_eq(get_be32(at(&f, GIB)), GISA);
    ck_assert_uint_eq(get_be32(at(&f, GISA + NEXT)), 0);
}
END_TEST

/* An origin of one: the host is at the list, and need not be told again. */
START_TEST(test_alert_while_the_host_looks)
{
    put_be32(at(&f, GIB), 1);
    *at(&f, GISA + IAM) = *at(&f, OTHER + IAM) = 0xff;
    ck_assert(gisa_adapter_interruption(&f.machine, absolute(GISA), 0));
    ck_assert(gisa_adapter_interruption(&f.machine, absolute(OTHER), 0));
    ck_assert(!alerted());
    ck_assert_uint_eq(get_be32(at(&f, GIB)), OTHER);
    ck_assert_uint_eq(get_be32(at(&f, OTHER + NEXT)), GISA);
    ck_assert_uint_eq(get_be32(at(&f, GISA + NEXT)), 1);
    *at(&f, GISA + IAM) = 0xff; /* on the list already: nothing more happens */
    ck_assert(gisa_adapter_interruption(&f.machine, absolute(GISA), 1));
    ck_assert_uint_eq(*at(&f, GISA + IAM), 0xff);
    ck_assert_uint_eq(get_be32(at(&f, GIB)), OTHER);
}
END_TEST

START_TEST(test_no_area)
{
    ck_assert(!gisa_adapter_interruption(&f.machine, absolute(GISA + 8), 0));
    ck_assert(!gisa_adapter_interruption(&f.machine, absolute(0x7ffffff0), 0));
    ck_assert(!gisa_adapter_interruption(&f.machine, absolute(1ULL << 32), 0));
}
END_TEST

/* CHSC 0021 operation 1 names the block, when the machine has the facility. */
START_TEST(test_set_guest_information_block)
{
    static uint8_t block[4096];

    put_be16(block, 0x0fe0);
    put_be16(block + 2, 0x0021);
    put_be16(block + 4, 1);
    put_be32(block + 0x14, GIB);
    f.machine.guest_adapters.information = 0;
    ck_assert_int_eq(f.machine.io.chsc(&f.machine, block), 0);
    ck_assert_uint_eq(get_be16(block + 0xfe2), 1);
    ck_assert_uint_eq(f.machine.guest_adapters.information, GIB);
    put_be32(block + 0x14, GIB + 8);
    f.machine.io.chsc(&f.machine, block);
    ck_assert_uint_eq(get_be16(block + 0xfe2), 3);
    f.machine.guest_adapters.available = false;
    f.machine.io.chsc(&f.machine, block);
    ck_assert_uint_eq(get_be16(block + 0xfe2), 4);
    ck_assert_uint_eq(f.machine.guest_adapters.information, GIB);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sie gisa");
    TCase *tc = tcase_create("gisa");

    tcase_add_checked_fixture(tc, setup_gisa, teardown_gisa);
    tcase_add_test(tc, test_delivery);
    tcase_add_loop_test(tc, test_no_delivery, 0, 4);
    tcase_add_test(tc, test_delivery_when_the_mask_opens);
    tcase_add_test(tc, test_alert);
    tcase_add_test(tc, test_alert_while_the_host_looks);
    tcase_add_test(tc, test_no_area);
    tcase_add_test(tc, test_set_guest_information_block);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
