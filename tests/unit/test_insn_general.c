/* SPDX-License-Identifier: MIT */
/**
 * General instructions where a vector does not reach: relative-long operands, access registers,
 * interruptions, and that nothing changes when an operand cannot be accessed.
 */
#include <check.h>

#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;

static void setup(void) { fixture_init(&f); }
static void teardown(void) { fixture_release(&f); }

/** The last bytes of storage: what follows is an addressing exception. */
#define END FIXTURE_STORAGE

START_TEST(test_relative_loads)
{
    put_be64(at(&f, DATA), 0x8899aabbccddeeffULL);
    /* lrl 1,DATA; lgrl 2,DATA; lhrl 3,DATA; lghrl 4,DATA */
    run(&f, "c41d00008000 c42800007ffd c43500007ffa c44400007ff7");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->gr[1].d, 0x8899aabb);
    ck_assert_uint_eq(f.cpu->gr[2].d, 0x8899aabbccddeeffULL);
    ck_assert_uint_eq(f.cpu->gr[3].d, 0xffff8899);
    ck_assert_uint_eq(f.cpu->gr[4].d, 0xffffffffffff8899ULL);
    /* llhrl 5; llghrl 6; lgfrl 7; llgfrl 8 */
    f.cpu->gr[5].d = ~0ULL;
    run(&f, "c45200008000 c46600007ffd c47c00007ffa c48e00007ff7");
    ck_assert_uint_eq(f.cpu->gr[5].d, 0xffffffff00008899ULL);
    ck_assert_uint_eq(f.cpu->gr[6].d, 0x8899);
    ck_assert_uint_eq(f.cpu->gr[7].d, 0xffffffff8899aabbULL);
    ck_assert_uint_eq(f.cpu->gr[8].d, 0x8899aabb);
}
END_TEST

START_TEST(test_relative_stores)
{
    f.cpu->gr[1].d = 0x1122334455667788ULL;
    /* strl 1,DATA; stgrl 1,DATA+8; sthrl 1,DATA+4 */
    run(&f, "c41f00008000 c41b00008001 c41700007ffc");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA)), 0x5566778877880000ULL);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 8)), 0x1122334455667788ULL);
}
END_TEST

START_TEST(test_relative_comparisons)
{
    static const struct {
        const char *code;
        unsigned cc;
    } cases[] = {
        /* crl cgrl chrl cghrl, then their logical forms, cgfrl clgfrl */
        {"c61d00008000", 2}, {"c61800008000", 2}, {"c61500008000", 2}, {"c61400008000", 2},
        {"c61f00008000", 1}, {"c61a00008000", 1}, {"c61700008000", 1}, {"c61600008000", 1},
        {"c61c00008000", 2}, {"c61e00008000", 1},
    };

    put_be64(at(&f, DATA), 0xfff0000000000000ULL);
    f.cpu->gr[1].d = 5;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(&f, cases[i].code);
        ck_assert_uint_eq(f.code, 0);
        ck_assert_msg(f.cpu->cc == cases[i].cc, "%s: cc %u", cases[i].code, f.cpu->cc);
    }
}
END_TEST

START_TEST(test_relative_operands_are_aligned)
{
    static const char *const cases[] = {"c41d00008001", "c41800008002", "c41f00008001", "c41b00008002",
                                        "c61d00008001", "c61800008001"};

    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(&f, cases[i]);
        ck_assert_msg(f.code == PIC_SPECIFICATION, "%s: %x", cases[i], f.code);
    }
}
END_TEST

START_TEST(test_access_registers)
{
    for (unsigned i = 0; i < 3; i++)
        put_be32(at(&f, DATA + 4 * i), 0x10 + i);
    f.cpu->gr[5].d = DATA;
    f.cpu->gr[8].d = 0x1234567887654321ULL;
    /* lam 1,3,0(5); stam 2,4,16(5); ear 6,3; cpya 9,1; ear 7,9; sar 10,8 */
    f.cpu->ar[4] = 0x44;
    run(&f, "9a135000 9b245010 b24f0063 b24d0091 b24f0079 b24e00a8");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 16)), 0x1100000012ULL);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 24)), 0x44);
    ck_assert_uint_eq(f.cpu->gr[6].d, 0x12);
    ck_assert_uint_eq(f.cpu->gr[7].d, 0x10);
    ck_assert_uint_eq(f.cpu->ar[10], 0x87654321);
    /* lamy 15,1,0(5): wraps from 15 to 0 and 1; stamy 15,0,32(5) */
    run(&f, "ebf15000009a ebf05020009b");
    ck_assert_uint_eq(f.cpu->ar[15], 0x10);
    ck_assert_uint_eq(f.cpu->ar[0], 0x11);
    ck_assert_uint_eq(f.cpu->ar[1], 0x12);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 32)), 0x1000000011ULL);
    run(&f, "9a115002");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(test_load_address_extended)
{
    static const struct {
        unsigned space;
        uint32_t alet;
    } cases[] = {{SPACE_PRIMARY, 0}, {SPACE_ACCESS_REGISTER, 0xcafe}, {SPACE_SECONDARY, 1}, {SPACE_HOME, 2}};
    uint64_t mask = f.cpu->psw_mask;

    f.cpu->ar[3] = 0xcafe;
    f.cpu->gr[2].d = 1;
    f.cpu->gr[3].d = 0x100;
    for (unsigned i = 0; i < 4; i++) {
        f.cpu->psw_mask = mask | (uint64_t)cases[i].space << PSW_AS_SHIFT;
        f.cpu->ar[1] = 0x55;
        run(&f, "51123008"); /* lae 1,8(2,3) */
        ck_assert_uint_eq(f.cpu->gr[1].d, 0x109);
        ck_assert_uint_eq(f.cpu->ar[1], cases[i].alet);
    }
    f.cpu->psw_mask = mask | (uint64_t)SPACE_ACCESS_REGISTER << PSW_AS_SHIFT;
    f.cpu->ar[0] = 0x77;
    run(&f, "e3120ffcff75"); /* laey 1,-4(2): no base register, so the ALET is zero */
    ck_assert_uint_eq(f.cpu->gr[1].d, ~0ULL - 2);
    ck_assert_uint_eq(f.cpu->ar[1], 0);
}
END_TEST

START_TEST(test_supervisor_call)
{
    run(&f, "0a5a");
    ck_assert_uint_eq(get_be16(at(&f, 0x8a)), 0x5a);
    ck_assert_uint_eq(get_be16(at(&f, 0x88)), 2);
    ck_assert_uint_eq(get_be64(at(&f, 0x148)), CODE + 2);
    /* ex 1,0(2): the number is modified, the length is EXECUTE's */
    put_be16(at(&f, DATA), 0x0a50);
    f.cpu->gr[1].d = 0x0f;
    f.cpu->gr[2].d = DATA;
    run(&f, "44102000");
    ck_assert_uint_eq(get_be16(at(&f, 0x8a)), 0x5f);
    ck_assert_uint_eq(get_be16(at(&f, 0x88)), 4);
    ck_assert_uint_eq(get_be64(at(&f, 0x148)), CODE + 4);
}
END_TEST

START_TEST(test_monitor_call)
{
    f.cpu->gr[5].d = 0x1000;
    run(&f, "af075123"); /* mc 0x123(5),7: the mask bit is zero */
    ck_assert_uint_eq(f.code, 0);
    f.cpu->cr[8] = BIT64(48 + 7);
    run(&f, "af075123");
    ck_assert_uint_eq(f.code, PIC_MONITOR_EVENT);
    ck_assert_uint_eq(get_be16(at(&f, 0x94)), 7);
    ck_assert_uint_eq(get_be64(at(&f, 0xb0)), 0x1123);
    ck_assert_uint_eq(f.old_ia, CODE + 4);
    run(&f, "af100000");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

enum { COUNTERS = 0x30000, COUNTER_LIMIT = 0x7fe, REAL_SPACE = 0x20, SEGMENTS = 0x40000 };

static void count_monitor_event(uint64_t number)
{
    f.cpu->gr[5].d = number;
    run(&f, "af075000"); /* mc 0(5),7 */
    ck_assert_uint_eq(f.code, 0);
}

START_TEST(test_monitor_events_are_counted)
{
    /* With an odd half of the array the words are not aligned, and the last one crosses a page. */
    uint64_t words = COUNTERS + 2 * COUNTER_LIMIT, last = COUNTER_LIMIT - 1;

    set_facility(&f, FACILITY_ENHANCED_MONITOR, true);
    f.cpu->cr[8] = BIT64(48 + 7) | BIT64(16 + 7);
    f.cpu->cr[13] = REAL_SPACE;
    f.cpu->psw_mask |= 5ULL << PSW_KEY_SHIFT;
    put_be64(at(&f, 0x100), COUNTERS | 7);
    put_be32(at(&f, 0x108), COUNTER_LIMIT);
    count_monitor_event(3);
    count_monitor_event(3);
    ck_assert_uint_eq(get_be16(at(&f, COUNTERS + 6)), 2);
    ck_assert_uint_eq(get_be32(at(&f, words + 12)), 0);
    put_be16(at(&f, COUNTERS + 2 * last), 0xffff);
    put_be32(at(&f, words + 4 * last), 0x00ffffff);
    count_monitor_event(last);
    ck_assert_uint_eq(get_be16(at(&f, COUNTERS + 2 * last)), 0);
    ck_assert_uint_eq(get_be32(at(&f, words + 4 * last)), 0x01000000);
    ck_assert_uint_eq(get_be32(at(&f, 0x10c)), 0);
    /* Too great a number, and one whose right half alone would fit. */
    count_monitor_event(COUNTER_LIMIT);
    count_monitor_event(0x100000000ULL | 3);
    ck_assert_uint_eq(get_be32(at(&f, 0x10c)), 2);
    /* The mask of another class; and the facility switched off. */
    f.cpu->cr[8] = BIT64(48 + 7) | BIT64(16 + 6);
    run(&f, "af075000");
    ck_assert_uint_eq(f.code, PIC_MONITOR_EVENT);
    f.cpu->cr[8] = BIT64(48 + 7) | BIT64(16 + 7);
    set_facility(&f, FACILITY_ENHANCED_MONITOR, false);
    run(&f, "af075000");
    ck_assert_uint_eq(f.code, PIC_MONITOR_EVENT);
}
END_TEST

START_TEST(test_monitor_counters_out_of_reach)
{
    uint64_t end = FIXTURE_STORAGE - 8;

    set_facility(&f, FACILITY_ENHANCED_MONITOR, true);
    f.cpu->cr[8] = BIT64(48 + 7) | BIT64(16 + 7);
    f.cpu->cr[13] = REAL_SPACE;
    put_be64(at(&f, 0x100), end);
    put_be32(at(&f, 0x108), 8);
    count_monitor_event(4); /* the halfword is behind the end of storage */
    ck_assert_uint_eq(get_be32(at(&f, 0x10c)), 1);
    put_be16(at(&f, end + 6), 0xffff);
    count_monitor_event(3); /* the word is: the halfword stays */
    ck_assert_uint_eq(get_be32(at(&f, 0x10c)), 2);
    ck_assert_uint_eq(get_be16(at(&f, end + 6)), 0xffff);
    put_be64(at(&f, SEGMENTS + 8 * (end >> 20)), 0x20); /* the segment is invalid */
    f.cpu->cr[13] = SEGMENTS;
    count_monitor_event(3);
    ck_assert_uint_eq(get_be32(at(&f, 0x10c)), 3);
    ck_assert_uint_eq(get_be16(at(&f, end + 6)), 0xffff);
}
END_TEST

START_TEST(test_hints_do_nothing)
{
    uint64_t before[16];

    for (unsigned i = 0; i < 16; i++)
        before[i] = f.cpu->gr[i].d = 0x0101010101010101ULL * i;
    /* bpp, bprp, niai, pfd 1,0(5), pfdrl 1,., ppa 1,2,1 */
    run(&f, "c70000000000 c50000000000 b2fa0012 e31050000036 c61200000000 b2e81012");
    ck_assert_uint_eq(f.code, 0);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(f.cpu->gr[i].d, before[i]);
}
END_TEST

/* Instructions whose operand at 0(5) runs out of storage, or whose operand at 0(6) does. */
static const char *const out_of_storage[] = {
    "d20f50006000", "d70f50006000", "d50f50006000",  /* mvc xc clc */
    "eb0f50000024", "900f5000", "eb0f50000026",      /* stmg stm stmh */
    "eb0f50000004", "980f5000", "eb0f50000096",      /* lmg lm lmh */
    "dc0f50006000", "fa7250006000", "fc7250006000",  /* tr ap mp */
    "f2f750006000", "f3f750006000", "f1f750006000",  /* pack unpk mvo */
    "e50a50006000", "e80f5000600f",                  /* mvcrl mvcin */
    "50105000", "e31050000024", "e3105000000e",      /* st stg cvbg */
    "bf1f5000", "be1f5000", "b2410014",              /* icm stcm cksm 1,4 */
};

START_TEST(test_nothing_changes_without_access)
{
    uint8_t image[16];
    uint64_t before[16];

    for (unsigned i = 0; i < 16; i++)
        image[i] = (uint8_t)(0x10 + i);
    for (unsigned i = 0; i < sizeof out_of_storage / sizeof *out_of_storage; i++) {
        for (unsigned r = 0; r < 16; r++)
            f.cpu->gr[r].d = 0x1111111111111111ULL * r;
        f.cpu->gr[0].d = 15;
        f.cpu->gr[4].d = f.cpu->gr[5].d = END - 3;
        f.cpu->gr[6].d = DATA;
        for (unsigned r = 0; r < 16; r++)
            before[r] = f.cpu->gr[r].d;
        memcpy(at(&f, DATA), image, 16);
        memset(at(&f, END - 3), 0x3c, 3);
        f.cpu->cc = 2;
        run(&f, out_of_storage[i]);
        ck_assert_msg(f.code == PIC_ADDRESSING, "%s: %x", out_of_storage[i], f.code);
        ck_assert_msg(f.cpu->cc == 2, "%s: cc %u", out_of_storage[i], f.cpu->cc);
        for (unsigned r = 0; r < 16; r++)
            ck_assert_msg(f.cpu->gr[r].d == before[r], "%s: r%u", out_of_storage[i], r);
        for (unsigned b = 0; b < 3; b++)
            ck_assert_uint_eq(*at(&f, END - 3 + b), 0x3c);
        ck_assert(!memcmp(at(&f, DATA), image, 16));
    }
}
END_TEST

START_TEST(test_move_long_commits_units)
{
    /* mvcl 2,4 into the last three bytes of storage: the unit after them does not change anything */
    memcpy(at(&f, DATA), "abcdefgh", 8);
    f.cpu->gr[2].d = END - 3;
    f.cpu->gr[3].d = f.cpu->gr[5].d = 8;
    f.cpu->gr[4].d = DATA;
    run(&f, "0e24");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    ck_assert_uint_eq(f.cpu->gr[2].d, END);
    ck_assert_uint_eq(f.cpu->gr[3].d, 5);
    ck_assert_uint_eq(f.cpu->gr[4].d, DATA + 3);
    ck_assert_uint_eq(f.cpu->gr[5].d, 5);
    ck_assert(!memcmp(at(&f, END - 3), "abc", 3));
}
END_TEST

START_TEST(test_table_pages_not_needed)
{
    /* tr 0(4,5),0(6): the part of the table beyond the end of storage is not selected */
    memcpy(at(&f, DATA), "\0\1\2\3", 4);
    memcpy(at(&f, END - 16), "wxyz", 4);
    f.cpu->gr[5].d = DATA;
    f.cpu->gr[6].d = END - 16;
    run(&f, "dc0350006000");
    ck_assert_uint_eq(f.code, 0);
    ck_assert(!memcmp(at(&f, DATA), "wxyz", 4));
    memcpy(at(&f, DATA), "\0\1\2\x10", 4);
    run(&f, "dc0350006000");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    ck_assert(!memcmp(at(&f, DATA), "\0\1\2\x10", 4));
}
END_TEST

START_TEST(test_alignment_of_interlocked_operands)
{
    static const char *const cases[] = {
        "ba125002", "eb1250020014", "eb1250040030",             /* cs csy csg */
        "bb245004", "eb2450040031", "eb245008003e",             /* cds cdsy cdsg */
        "e3205008008f", "e3205008008e", "eb12500200f8",         /* lpq stpq laa */
        "eb12500400e8", "c82450026000", "c82550046000",         /* laag lpd lpdg */
    };

    f.cpu->gr[5].d = f.cpu->gr[6].d = DATA;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(&f, cases[i]);
        ck_assert_msg(f.code == PIC_SPECIFICATION, "%s: %x", cases[i], f.code);
    }
}
END_TEST

START_TEST(test_odd_registers)
{
    static const char *const cases[] = {
        "1c10", "1d10", "5c105000", "5d105000", "b9960010", "b9870010", "b90d0010",
        "8c100001", "8f100001", "0e12", "0e21", "0f12", "a8120000", "a9210000", "b9830012",
        "b2410021", "b2a50012", "b2a60012", "b2630012", "b2630002", "e3105000008f",
    };

    f.cpu->gr[5].d = DATA;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(&f, cases[i]);
        ck_assert_msg(f.code == PIC_SPECIFICATION, "%s: %x", cases[i], f.code);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("general instructions");
    TCase *c = tcase_create("general");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, test_relative_loads);
    tcase_add_test(c, test_relative_stores);
    tcase_add_test(c, test_relative_comparisons);
    tcase_add_test(c, test_relative_operands_are_aligned);
    tcase_add_test(c, test_access_registers);
    tcase_add_test(c, test_load_address_extended);
    tcase_add_test(c, test_supervisor_call);
    tcase_add_test(c, test_monitor_call);
    tcase_add_test(c, test_monitor_events_are_counted);
    tcase_add_test(c, test_monitor_counters_out_of_reach);
    tcase_add_test(c, test_hints_do_nothing);
    tcase_add_test(c, test_nothing_changes_without_access);
    tcase_add_test(c, test_move_long_commits_units);
    tcase_add_test(c, test_table_pages_not_needed);
    tcase_add_test(c, test_alignment_of_interlocked_operands);
    tcase_add_test(c, test_odd_registers);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
