/* SPDX-License-Identifier: MIT */
/** Entering and leaving SIE: what is loaded and stored, who may issue it, which descriptions are invalid. */
#include "unit/sie_fixture.h"

START_TEST(test_registers_are_loaded_and_stored)
{
    f.cpu->gr[1].d = 0x11;
    f.cpu->gr[15].d = 0xf0f0;
    f.cpu->cr[3] = 0x33;
    f.cpu->todpr = 7;
    set_sd64(SD_CR + 8 * 9, 0x99);
    set_sd32(SD_TODPR, 0x77);
    put_be64(sd(SD_PP), 0x0123456789abcdef);
    /* la 1,1(1); la 14,1(14); la 15,1(15); lctlg 9,9,0(2); lpp 8(2); diag */
    put_be64(guest(GUEST_DATA), 0x999);
    put_be64(guest(GUEST_DATA + 8), 0xabcd);
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("41101001 41e0e001 41f0f001 eb992000002f b2802008 83000000");
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 26);
    ck_assert_uint_eq(f.cpu->gr[1].d, 0x12);
    ck_assert_uint_eq(sd64(SD_GR14), 0x1415);
    ck_assert_uint_eq(sd64(SD_GR15), 0x1516);
    ck_assert_uint_eq(sd64(SD_CR + 8 * 9), 0x999);
    ck_assert_uint_eq(get_be64(sd(SD_PP)), 0xabcd);
    ck_assert_uint_eq(sd32(SD_TODPR), 0x77);
    ck_assert_uint_eq(f.cpu->gr[14].d, SD);
    ck_assert_uint_eq(f.cpu->gr[15].d, 0xf0f0);
    ck_assert_uint_eq(f.cpu->cr[3], 0x33);
    ck_assert_uint_eq(f.cpu->cr[1], SEGMENTS);
    ck_assert_uint_eq(f.cpu->todpr, 7);
    ck_assert_ptr_null(f.cpu->interpreting);
}
END_TEST

START_TEST(test_condition_codes_of_host_and_guest)
{
    f.cpu->cc = 2;
    set_guest_psw(PSW_EA | PSW_BA | 1ULL << PSW_CC_SHIFT, GUEST_CODE);
    guest_code("83000000");
    interpret();
    ck_assert_uint_eq(guest_mask(), PSW_EA | PSW_BA | 1ULL << PSW_CC_SHIFT);
    ck_assert_uint_eq(f.cpu->cc, 2);
    guest_code("a7110001 83000000"); /* tmll 1,1: condition code 3 */
    f.cpu->gr[1].d = 1;
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    ck_assert_uint_eq(guest_mask(), PSW_EA | PSW_BA | 3ULL << PSW_CC_SHIFT);
    ck_assert_uint_eq(f.cpu->cc, 2);
}
END_TEST

/* What belongs to software stays as it is, and so do reserved bytes. */
START_TEST(test_nothing_else_is_stored)
{
    static const struct { unsigned from, to; } untouched[] = {
        {0x00c, 0x028}, {0x038, 0x050}, {0x055, 0x056}, {0x061, 0x06c}, {0x070, 0x090}, {0x0b0, 0x100},
        {0x188, 0x1de}, {0x1e6, 0x200},
    };
    static const struct { unsigned from, to; } software[] = {
        {0x00c, 0x028}, {0x055, 0x056}, {0x06a, 0x06c}, {0x074, 0x080}, {0x0b0, 0x100}, {0x198, 0x1a0},
        {0x1a4, 0x1b8},
    };
    uint8_t before[SD_BYTES];

    set_sd64(SD_MSO, ORIGIN | 0x12345); /* the low bits are ignored */
    set_sd64(SD_MSL, ORIGIN | 0x54321);
    for (unsigned i = 0; i < sizeof software / sizeof software[0]; i++)
        for (unsigned at = software[i].from; at < software[i].to; at++)
            *sd(at) = (uint8_t)(0xa5 ^ at);
    memcpy(before, sd(0), sizeof before);
    guest_code("83000000");
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    for (unsigned i = 0; i < sizeof untouched / sizeof untouched[0]; i++)
        for (unsigned at = untouched[i].from; at < untouched[i].to; at++)
            ck_assert_msg(*sd(at) == before[at], "byte %x was %x and is %x", at, before[at], *sd(at));
}
END_TEST

START_TEST(test_own_exceptions)
{
    f.cpu->gr[14].d = SD + 0x100;
    run(&f, "b214e000");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->gr[14].d = FIXTURE_STORAGE;
    run(&f, "b214e000");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    f.cpu->gr[14].d = SD;
    f.cpu->psw_mask |= PSW_PROBLEM;
    run(&f, "b214e000");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
    f.cpu->psw_mask &= ~PSW_PROBLEM;
    f.machine.cpus->sie = NULL;
    run(&f, "b214e000");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
}
END_TEST

/* The address is real whether DAT is on or not: host prefixing applies. */
START_TEST(test_description_is_in_real_storage)
{
    f.cpu->prefix = 0x60000;
    memcpy(at(&f, 0x60000), at(&f, 0), 0x2000); /* the lowcore */
    memcpy(at(&f, 0x1000), sd(0), SD_BYTES);    /* absolute 0x1000 is real 0x61000 */
    guest_code("83000000");
    f.cpu->gr[14].d = 0x61000;
    run(&f, "b214e000");
    ck_assert_uint_eq(*at(&f, 0x1000 + SD_ICPTCODE), ICPT_INSTRUCTION);
}
END_TEST

/* SIE as the target of EXECUTE: the host goes on after EXECUTE. */
START_TEST(test_executed)
{
    guest_code("83000000");
    f.cpu->gr[14].d = SD;
    put_be32(at(&f, DATA), 0xb214e000);
    run(&f, "c60000008000"); /* exrl 0,DATA */
    ck_assert_uint_eq(icpt(), ICPT_INSTRUCTION);
    ck_assert_uint_eq(f.code, 0);
}
END_TEST

/* ---- Validity interceptions ---- */

static void expect_validity(unsigned why)
{
    uint64_t mask = guest_mask(), ia = guest_ia(), timer = sd64(SD_CPU_TIMER);
    uint8_t registers[0x80];

    memcpy(registers, sd(SD_CR), sizeof registers);
    interpret();
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(icpt(), ICPT_VALIDITY);
    ck_assert_uint_eq(sd16(SD_IPA), 0x1000);
    ck_assert_uint_eq(sd32(SD_IPB), why << 16);
    ck_assert_uint_eq(guest_mask(), mask);
    ck_assert_uint_eq(guest_ia(), ia);
    ck_assert_uint_eq(sd64(SD_CPU_TIMER), timer);
    ck_assert_mem_eq(registers, sd(SD_CR), sizeof registers);
    describe();
}

START_TEST(test_validity_mode)
{
    guest_code("83000000");
    set_sd32(SD_CPUSTAT, 0);
    expect_validity(0x0001);
    or_sd32(SD_CPUSTAT, 0x14); /* both GED and GED2 */
    expect_validity(0x0001);
    or_sd32(SD_CPUSTAT, 0x8000); /* RRF */
    expect_validity(0x0001);
    or_sd32(SD_CPUSTAT, 0x0100); /* MCDS */
    expect_validity(0x0001);
    *sd(SD_FORMAT) = 2; /* protected */
    expect_validity(0x0001);
    or_sd32(SD_CPUSTAT, 0x4000); /* SLSV */
    expect_validity(0x0007);
    or_sd32(SD_CPUSTAT, 0x2000); /* SLSR */
    expect_validity(0x0007);
    /* An invalid PSW in the same description is left alone, too. */
    set_guest_psw(0xffffffffffffffff, 0xffffffffffffffff);
    set_sd32(SD_CPUSTAT, 0);
    expect_validity(0x0001);
}
END_TEST

START_TEST(test_validity_storage)
{
    set_sd64(SD_MSL, 0);
    expect_validity(0x0041);
    set_sd64(SD_MSO, 0x200000);
    expect_validity(0x0041);
    set_sd32(SD_PREFIX, 0x100000); /* first byte beyond the guest's megabyte */
    expect_validity(0x0010);
    set_sd32(SD_PREFIX, 0x7fffe000);
    expect_validity(0x0010);
    /* The last 8K are inside. */
    set_sd32(SD_PREFIX, 0xfe000);
    guest_code("83000000");
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
}
END_TEST

START_TEST(test_validity_system_control_area)
{
    set_sd32(SD_SCA_LOW, 0x1000);
    expect_validity(0x0038);
    set_sd32(SD_SCA_LOW, FIXTURE_STORAGE);
    expect_validity(0x0034);
    set_sd32(SD_SCA_HIGH, 1);
    expect_validity(0x0034);
    set_sd32(SD_SCA_HIGH, 0xffffffff);
    set_sd32(SD_SCA_LOW, 0xffffffff);
    expect_validity(0x0034);
    set_sd32(SD_SCA_LOW, SCA + 0x7d0); /* 2112 bytes from here do not fit into the page */
    expect_validity(0x003b);
    *sd(SD_ECB2) = ECB2_ESCA;
    set_sd32(SD_SCA_LOW, FIXTURE_STORAGE - 0x1000); /* the extended one is four pages long */
    expect_validity(0x0034);
    f.cpu->prefix = 0x60000;
    memcpy(at(&f, 0x60000), at(&f, 0), 0x2000);
    set_sd32(SD_SCA_LOW, 0x60000);
    interpret();
    ck_assert_uint_eq(icpt(), ICPT_VALIDITY);
    ck_assert_uint_eq(sd32(SD_IPB), 0x00110000);
}
END_TEST

START_TEST(test_validity_satellites)
{
    set_sd32(SD_FACILITIES, 0x7ffffff8);
    expect_validity(0x1090);
    or_sd32(SD_ECA, ECA_AIV);
    set_sd32(SD_GISA, 0x7ffff000);
    interpret();
    ck_assert_uint_eq(icpt(), ICPT_VALIDITY);
    describe();
    set_sd32(SD_GISA, 0x7ffff000); /* without AIV it means nothing */
    guest_code("83000000");
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
}
END_TEST

START_TEST(test_validity_prefix_page_missing)
{
    set_sd32(SD_PREFIX, 0x80000);
    map_page(0x80000, 0x400);
    guest_code("0aff"); /* svc: the interruption needs the prefix page */
    interpret();
    expect_icpt(ICPT_VALIDITY, GUEST_CODE);
    ck_assert_uint_eq(sd32(SD_IPB), 0x00370000);
    map_page(0x80000, 0x200); /* read only is not enough */
    interpret();
    expect_icpt(ICPT_VALIDITY, GUEST_CODE);
    ck_assert_uint_eq(sd32(SD_IPB), 0x00370000);
    map_page(0x80000, 0);
    memcpy(guest(0x80000), guest(0), 0x200); /* the new PSWs */
    interpret();
    expect_interrupted(0x140);
    ck_assert_uint_eq(get_be16(guest(0x8008a)), 0xff);
    ck_assert_uint_eq(get_be64(guest(0x80148)), GUEST_CODE + 2);
}
END_TEST

/* The machine enters its number, and forgets what it knew of guests when another was there. */
START_TEST(test_host_cpu_number)
{
    set_sd16(SD_HOST_CPU, 0xffff);
    guest_code("83000000");
    interpret();
    ck_assert_uint_eq(sd16(SD_HOST_CPU), 0);
}
END_TEST

int main(void)
{
    TCase *tc = sie_tests(setup);

    tcase_add_test(tc, test_registers_are_loaded_and_stored);
    tcase_add_test(tc, test_condition_codes_of_host_and_guest);
    tcase_add_test(tc, test_nothing_else_is_stored);
    tcase_add_test(tc, test_own_exceptions);
    tcase_add_test(tc, test_description_is_in_real_storage);
    tcase_add_test(tc, test_executed);
    tcase_add_test(tc, test_validity_mode);
    tcase_add_test(tc, test_validity_storage);
    tcase_add_test(tc, test_validity_system_control_area);
    tcase_add_test(tc, test_validity_satellites);
    tcase_add_test(tc, test_validity_prefix_page_missing);
    tcase_add_test(tc, test_host_cpu_number);
    return run_sie_tests("sie entry", tc);
}
