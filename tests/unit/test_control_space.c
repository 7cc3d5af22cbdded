/* SPDX-License-Identifier: MIT */
/* Address spaces, access lists, linkage stack, program call, tracing (PoP ch. 5, 10). */
#include <check.h>

#include "cpu/art.h"
#include "cpu/linkage_stack.h"
#include "cpu/trace_table.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;

/* Real addresses of the tables. */
enum {
    SPACE_A = 0x100000, SPACE_B = 0x104000, FIRST_TABLE = 0x110000, SECOND_TABLE = 0x111000,
    AUTHORITY = 0x112000, DUCT = 0x113000, ACCESS_LIST = 0x114000, LINKAGE = 0x115000, ENTRIES = 0x116000,
    STACK = 0x118000, TRACES = 0x11c000, LINKAGE_SECOND = 0x11d000, TARGET = 0x30000,
};
enum { ASN_A = 1, ASN_B = 2 };
#define ASTE_A (SECOND_TABLE + 64 * ASN_A)
#define ASTE_B (SECOND_TABLE + 64 * ASN_B)

/* Segment and page tables at `at` that map the first 2M to themselves; page 0x40000 to `data`. */
static uint64_t space(uint64_t at_, uint64_t data)
{
    for (unsigned s = 0; s < 2; s++) {
        put_be64(at(&f, at_ + 8 * s), at_ + 0x1000 + 0x800 * s);
        for (unsigned p = 0; p < 256; p++)
            put_be64(at(&f, at_ + 0x1000 + 0x800 * s + 8 * p), (s << 20) + (p << 12));
    }
    for (unsigned s = 2; s < 512; s++)
        put_be64(at(&f, at_ + 8 * s), 0x20);
    put_be64(at(&f, at_ + 0x1000 + 8 * 0x40), data);
    return at_;
}

static void put_aste(uint64_t at_, uint64_t asce, unsigned index)
{
    put_be32(at(&f, at_), AUTHORITY);
    put_be32(at(&f, at_ + 4), index << 16 | 0xfff0);
    put_be64(at(&f, at_ + 8), asce);
    put_be32(at(&f, at_ + 20), 77);                   /* sequence number */
    put_be32(at(&f, at_ + 24), 0x80000000 | LINKAGE); /* linkage table: one unit */
    put_be32(at(&f, at_ + 44), 0x1234);               /* instance number */
}

static void put_stack(uint64_t at_, unsigned free_space)
{
    *at(&f, at_ + 8) = STACK_HEADER;
    *at(&f, at_ + 9) = 1;
    put_be16(at(&f, at_ + 10), (uint16_t)free_space);
    *at(&f, at_ + 16 + free_space + 8) = STACK_TRAILER;
}

static void setup(void)
{
    fixture_init(&f);
    f.cpu->cr[1] = f.cpu->cr[7] = f.cpu->cr[13] = space(SPACE_A, 0x40000);
    space(SPACE_B, 0x50000);
    put_be32(at(&f, FIRST_TABLE), SECOND_TABLE);
    for (unsigned i = 1; i < 64; i++)
        put_be32(at(&f, FIRST_TABLE + 4 * i), 0x80000000);
    for (unsigned i = 0; i < 64; i++)
        put_be32(at(&f, SECOND_TABLE + 64 * i), 0x80000000);
    put_aste(ASTE_A, SPACE_A, 5);
    put_aste(ASTE_B, SPACE_B, 6);
    *at(&f, AUTHORITY + 1) = 0xf0; /* indexes 4 and 5: both authorities; 6 and 7 none */
    f.cpu->cr[2] = DUCT;
    put_be32(at(&f, DUCT + 16), ACCESS_LIST);
    f.cpu->cr[3] = 0xff000000 | ASN_A;
    f.cpu->cr[4] = 0x1234ULL << 32 | 5 << 16 | ASN_A;
    f.cpu->cr[5] = ASTE_A;
    f.cpu->cr[14] |= 0x80000 | FIRST_TABLE >> 12;
    put_stack(STACK, 0x400);
    f.cpu->cr[15] = STACK + 8;
    f.cpu->psw_mask |= PSW_DAT;
    f.cpu->cr[0] |= CR0_SECONDARY_SPACE;
    place(&f, TARGET, "");
}
static void teardown(void) { fixture_release(&f); }

/* Access-list entry 4 names space B with sequence number 9; ALET 0x00090004. */
static void put_ale(uint32_t flags)
{
    put_be32(at(&f, ACCESS_LIST + 4 * 16), 0x00090000 | flags);
    put_be32(at(&f, ACCESS_LIST + 4 * 16 + 8), ASTE_B);
    put_be32(at(&f, ACCESS_LIST + 4 * 16 + 12), 77);
}

START_TEST(access_register_translation)
{
    struct fault fault = {0};
    uint64_t asce = 0;

    put_ale(0);
    ck_assert(art_translate(f.cpu, 0x00090004, true, &asce, &fault));
    ck_assert_uint_eq(asce, SPACE_B);
    ck_assert(!art_translate(f.cpu, 0x02090004, false, &asce, &fault));
    ck_assert_uint_eq(fault.code, PIC_ALET_SPECIFICATION);
    ck_assert(!art_translate(f.cpu, 0x000a0004, false, &asce, &fault));
    ck_assert_uint_eq(fault.code, PIC_ALE_SEQUENCE);
    ck_assert(!art_translate(f.cpu, 0x00090008, false, &asce, &fault));
    ck_assert_uint_eq(fault.code, PIC_ALEN_TRANSLATION);
    put_ale(0x02000000);
    ck_assert(art_translate(f.cpu, 0x00090004, false, &asce, &fault));
    ck_assert(!art_translate(f.cpu, 0x00090004, true, &asce, &fault));
    ck_assert_uint_eq(fault.code, PIC_PROTECTION);
    put_ale(0x01000063); /* private, for index 0x63 */
    ck_assert(!art_translate(f.cpu, 0x00090004, false, &asce, &fault));
    ck_assert_uint_eq(fault.code, PIC_EXTENDED_AUTHORITY);
    f.cpu->cr[8] = 0x00630000;
    ck_assert(art_translate(f.cpu, 0x00090004, false, &asce, &fault));
    f.cpu->cr[8] = 0x00050000; /* has secondary authority to space B */
    ck_assert(art_translate(f.cpu, 0x00090004, false, &asce, &fault));
    put_be32(at(&f, ASTE_B + 20), 78);
    ck_assert(!art_translate(f.cpu, 0x00090004, false, &asce, &fault));
    ck_assert_uint_eq(fault.code, PIC_ASTE_SEQUENCE);
    put_be32(at(&f, ASTE_B), 0x80000000);
    ck_assert(!art_translate(f.cpu, 0x00090004, false, &asce, &fault));
    ck_assert_uint_eq(fault.code, PIC_ASTE_VALIDITY);
}
END_TEST

START_TEST(access_register_mode_store_and_test_access)
{
    put_ale(0);
    f.cpu->ar[5] = 0x00090004;
    set_gr64(f.cpu, 5, 0x40000);
    set_gr64(f.cpu, 6, 0x1234567887654321);
    f.cpu->psw_mask |= (uint64_t)SPACE_ACCESS_REGISTER << PSW_AS_SHIFT;
    run(&f, "e36050000024 b24c0050");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(get_be64(at(&f, 0x50000)), 0x1234567887654321);
    ck_assert_uint_eq(f.cpu->cc, 1);
    put_ale(0x02000000);
    run(&f, "e36050000024");
    ck_assert_uint_eq(f.code, PIC_PROTECTION);
    ck_assert_uint_eq(*at(&f, 0xa0), 5);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & 0xfffffffffffff08c, 0x4000c);
    f.cpu->ar[5] = 0x00090005;
    run(&f, "b24c0050");
    ck_assert_uint_eq(f.cpu->cc, 3);
}
END_TEST

START_TEST(moves_between_spaces)
{
    f.cpu->cr[7] = SPACE_B;
    memcpy(at(&f, 0x50000), "secondary", 9);
    set_gr64(f.cpu, 1, 0x40000);
    set_gr64(f.cpu, 2, 9);
    set_gr64(f.cpu, 3, 0);
    run(&f, "da2310001000"); /* mvcp 0(2,1),0(1),3 */
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_mem_eq(at(&f, 0x40000), "secondary", 9);
    memcpy(at(&f, 0x40000), "PRIMARY", 7);
    set_gr64(f.cpu, 2, 300);
    run(&f, "db2310001000"); /* mvcs */
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_mem_eq(at(&f, 0x50000), "PRIMARYry", 9);
    /* mvcos 0(1),0x100(1),2: destination primary (OAC), source secondary */
    memcpy(at(&f, 0x50100), "optional", 8);
    set_gr64(f.cpu, 0, 0x00010081);
    set_gr64(f.cpu, 2, 8);
    run(&f, "c82010001100");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_mem_eq(at(&f, 0x40000), "optional", 8);
    f.cpu->cr[0] &= ~CR0_SECONDARY_SPACE;
    run(&f, "c82010001100");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION);
}
END_TEST

START_TEST(set_secondary)
{
    set_gr64(f.cpu, 2, ASN_B);
    run(&f, "b2250020");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cr[3], 0xff000000 | ASN_B);
    ck_assert_uint_eq(f.cpu->cr[7], SPACE_B);
    set_gr64(f.cpu, 2, 0x1234ULL << 32 | ASN_B);
    run(&f, "b99f0020");
    ck_assert_uint_eq(f.cpu->cr[3] >> 32, 0x1234);
    set_gr64(f.cpu, 2, 0x1235ULL << 32 | ASN_B);
    run(&f, "b99f0020");
    ck_assert_uint_eq(f.code, PIC_ASTE_INSTANCE);
    ck_assert_uint_eq(*at(&f, 0xa0), 0x10);
    set_gr64(f.cpu, 2, 3);
    run(&f, "b2250020");
    ck_assert_uint_eq(f.code, PIC_ASX_TRANSLATION);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)), 3);
    ck_assert_uint_eq(f.old_ia, CODE);
    set_gr64(f.cpu, 2, 64);
    run(&f, "b2250020");
    ck_assert_uint_eq(f.code, PIC_AFX_TRANSLATION);
    f.cpu->cr[4] = 6 << 16 | ASN_A;
    set_gr64(f.cpu, 2, ASN_B);
    run(&f, "b2250020");
    ck_assert_uint_eq(f.code, PIC_SECONDARY_AUTHORITY);
}
END_TEST

START_TEST(load_address_space_parameters)
{
    set_gr64(f.cpu, 1, DATA);
    put_be64(at(&f, DATA), 0x8000000100050002); /* key mask, SASN 1, AX 5, PASN 2 */
    run(&f, "e50010000002");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(f.cpu->cr[1], SPACE_B);
    ck_assert_uint_eq(f.cpu->cr[3] & 0xffffffff, 0x80000001);
    ck_assert_uint_eq(f.cpu->cr[4] & 0xffffffff, 0x00050002);
    ck_assert_uint_eq(f.cpu->cr[5], ASTE_B);
    ck_assert_uint_eq(f.cpu->cr[7], SPACE_A);
    put_be64(at(&f, DATA), 0x8000000100050003);
    run(&f, "e50010000002");
    ck_assert_uint_eq(f.cpu->cc, 1);
    put_be64(at(&f, DATA), 0x8000000300050002);
    run(&f, "e50010000002");
    ck_assert_uint_eq(f.cpu->cc, 2);
    put_be64(at(&f, ASTE_A + 8), SPACE_A | 0x40);
    put_be64(at(&f, DATA), 0x8000000100050001);
    run(&f, "e50010000002");
    ck_assert_uint_eq(f.cpu->cc, 3);
}
END_TEST

START_TEST(branch_and_stack_and_return)
{
    uint64_t entry = STACK + 16;

    for (unsigned r = 0; r < 16; r++) {
        set_gr64(f.cpu, r, 0x1000000000000000 + r);
        f.cpu->ar[r] = 0x100 + r;
    }
    set_gr64(f.cpu, 7, TARGET);
    f.cpu->cc = 1;
    run(&f, "b2400007");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert_uint_eq(f.cpu->cr[15], entry + 288);
    ck_assert_uint_eq(get_be64(at(&f, entry + 8 * 9)), 0x1000000000000009);
    ck_assert_uint_eq(get_be32(at(&f, entry + 224 + 4 * 9)), 0x109);
    ck_assert_uint_eq(get_be64(at(&f, entry + 168)), CODE + 4);
    ck_assert_uint_eq(get_be64(at(&f, entry + 144)), TARGET | 1);
    ck_assert_uint_eq(*at(&f, entry + 288), STACK_BRANCH);
    ck_assert_uint_eq(get_be16(at(&f, entry + 290)), 0x400 - 296);
    ck_assert_uint_eq(get_be16(at(&f, STACK + 12)), 296);
    set_gr64(f.cpu, 4, 0xaaaa);
    set_gr64(f.cpu, 5, 0xbbbb);
    set_gr64(f.cpu, 3, 4);
    run(&f, "b2470040 b24a0083");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(gr64(f.cpu, 8), get_be64(at(&f, entry + 136)));
    ck_assert_uint_eq(gr64(f.cpu, 9), CODE + 4);
    ck_assert_uint_eq(get_be32(at(&f, entry + 152)), 0xaaaa);
    ck_assert_uint_eq(get_be32(at(&f, entry + 156)), 0xbbbb);
}
END_TEST

START_TEST(program_return_restores)
{
    set_gr64(f.cpu, 7, TARGET);
    set_gr64(f.cpu, 1, 0x31000 | 1); /* return to 0x31000 in 64-bit mode */
    place(&f, 0x31000, "");
    place(&f, TARGET, "0101");
    set_gr64(f.cpu, 9, 99);
    run(&f, "a79903e7 b2400017");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    ck_assert_uint_eq(f.old_ia, 0x31002);
    ck_assert_uint_eq(gr64(f.cpu, 9), 999);
    ck_assert_uint_eq(f.cpu->cr[15], STACK + 8);
    ck_assert_uint_eq(get_be16(at(&f, STACK + 12)), 0);
    run(&f, "0101");
    ck_assert_uint_eq(f.code, PIC_STACK_EMPTY);
    ck_assert_uint_eq(f.old_ia, CODE);
}
END_TEST

START_TEST(stack_sections)
{
    uint64_t other = 0x120000;

    put_stack(STACK, 0);
    set_gr64(f.cpu, 7, TARGET);
    run(&f, "b2400007");
    ck_assert_uint_eq(f.code, PIC_STACK_FULL);
    put_stack(other, 0x400);
    put_be64(at(&f, STACK + 16), (other + 8) | 1);
    run(&f, "b2400007");
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert_uint_eq(f.cpu->cr[15], other + 16 + 288);
    ck_assert_uint_eq(get_be64(at(&f, other)), (STACK + 8) | 1);
    /* A state entry with unstack suppression cannot be returned from. */
    *at(&f, other + 16 + 288) |= 0x80;
    run(&f, "0101");
    ck_assert_uint_eq(f.code, PIC_STACK_OPERATION);
    f.cpu->psw_mask |= (uint64_t)SPACE_SECONDARY << PSW_AS_SHIFT;
    run(&f, "b2490024");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION);
}
END_TEST

/* Entry-table entry 1 of linkage index 0. */
static void put_entry(uint32_t flags, unsigned asn, uint64_t target, uint32_t aste)
{
    put_be32(at(&f, LINKAGE), ENTRIES);
    put_be64(at(&f, ENTRIES + 32), target);
    put_be32(at(&f, ENTRIES + 40), 0x80000000 | asn);
    put_be32(at(&f, ENTRIES + 44), 0x00400000);
    put_be32(at(&f, ENTRIES + 48), flags);
    put_be32(at(&f, ENTRIES + 52), aste);
    put_be64(at(&f, ENTRIES + 56), 0x1122334455667788);
}

START_TEST(basic_program_call)
{
    put_entry(0x40000000, 0, TARGET | 1, 0);
    run(&f, "b2180001");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert(f.old_mask & PSW_PROBLEM);
    ck_assert_uint_eq(gr64(f.cpu, 14), CODE + 4);
    ck_assert_uint_eq(gr32(f.cpu, 3), 0xff000000 | ASN_A);
    ck_assert_uint_eq(gr64(f.cpu, 4), 0x1122334455667788);
    ck_assert_uint_eq(f.cpu->cr[3] & 0xffff0000, 0xff400000);
    put_entry(0, 0, TARGET, 0);
    run(&f, "b2180001");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION); /* out of 64-bit mode */
    run(&f, "b21800ff");
    ck_assert_uint_eq(f.code, PIC_EX_TRANSLATION);
    set_gr64(f.cpu, 5, 0x21 << 13);
    run(&f, "b2185001");
    ck_assert_uint_eq(f.code, PIC_LX_TRANSLATION);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)), 0x42001);
    f.cpu->psw_mask |= PSW_PROBLEM;
    f.cpu->cr[3] = 0x00010000;
    put_entry(0x40000000, 0, TARGET, 0);
    run(&f, "b2180001");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
}
END_TEST

START_TEST(stacking_program_call_with_space_switch_and_return)
{
    uint64_t entry = STACK + 16;

    /* Stacking, 64-bit, key 2, EAX 0x77, AR mode. */
    put_entry(0xd6200000 | 0x00000077, ASN_B, TARGET, ASTE_B);
    place(&f, TARGET, "");
    run(&f, "b2180001");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert_uint_eq(f.old_mask >> PSW_KEY_SHIFT & 15, 2);
    ck_assert_uint_eq(f.old_mask >> PSW_AS_SHIFT & 3, SPACE_ACCESS_REGISTER);
    ck_assert_uint_eq(f.cpu->cr[1], SPACE_B);
    ck_assert_uint_eq(f.cpu->cr[7], SPACE_A);
    ck_assert_uint_eq(f.cpu->cr[4] & 0xffffffff, 6 << 16 | ASN_B);
    ck_assert_uint_eq(f.cpu->cr[5], ASTE_B);
    ck_assert_uint_eq(f.cpu->cr[8], 0x00770000);
    ck_assert_uint_eq(get_be64(at(&f, entry + 144)), (uint64_t)(ASN_B << 16 | 77) << 32 | 0x80000001);
    ck_assert_uint_eq(get_be32(at(&f, entry + 128)), 0xff000000 | ASN_A);
    place(&f, 0x31000, "");
    put_be64(at(&f, entry + 168), 0x31000);
    run(&f, "0101");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    ck_assert_uint_eq(f.old_ia, 0x31002);
    ck_assert_uint_eq(f.cpu->cr[1], SPACE_A);
    ck_assert_uint_eq(f.cpu->cr[4] & 0xffffffff, 5 << 16 | ASN_A);
    ck_assert_uint_eq(f.cpu->cr[3] & 0xffffffff, 0xff000000 | ASN_A);
    ck_assert_uint_eq(f.cpu->cr[8], 0);
}
END_TEST

START_TEST(call_through_two_linkage_tables)
{
    f.cpu->cr[0] |= BIT64(44);
    put_entry(0xc0000000, 0, TARGET, 0);
    put_be32(at(&f, LINKAGE), LINKAGE_SECOND);
    put_be32(at(&f, LINKAGE_SECOND + 8 * 3), ENTRIES);
    put_be32(at(&f, LINKAGE_SECOND + 8 * 3 + 4), 0xabcd);
    set_gr64(f.cpu, 15, 0xabcdULL << 32);
    run(&f, "b2180301");
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    set_gr64(f.cpu, 15, 0);
    run(&f, "b2180301");
    ck_assert_uint_eq(f.code, PIC_LSTE_SEQUENCE);
    put_be32(at(&f, LINKAGE_SECOND + 8 * 3), 0x80000000);
    run(&f, "b2180301");
    ck_assert_uint_eq(f.code, PIC_LSX_TRANSLATION);
    set_gr64(f.cpu, 5, 0x00480000 << 4); /* first index above one unit */
    set_gr64(f.cpu, 5, 0x00500000 * 16 | 0x80000);
    run(&f, "b2185301");
    ck_assert_uint_eq(f.code, PIC_LFX_TRANSLATION);
}
END_TEST

START_TEST(program_transfer)
{
    set_gr64(f.cpu, 2, 0xf0000000 | ASN_B);
    set_gr64(f.cpu, 3, TARGET | 1);
    run(&f, "b2280023");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert(f.old_mask & PSW_PROBLEM);
    ck_assert_uint_eq(f.cpu->cr[1], SPACE_B);
    ck_assert_uint_eq(f.cpu->cr[7], SPACE_B);
    ck_assert_uint_eq(f.cpu->cr[3] & 0xffffffff, 0xf0000000 | ASN_B);
    f.cpu->psw_mask |= PSW_PROBLEM;
    set_gr64(f.cpu, 3, TARGET);
    run(&f, "b2280023");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
}
END_TEST

START_TEST(space_switch_event)
{
    put_be64(at(&f, ASTE_B + 8), SPACE_B | 0x40);
    set_gr64(f.cpu, 2, 0xf0000000 | ASN_B);
    set_gr64(f.cpu, 3, TARGET);
    run(&f, "b2280023");
    ck_assert_uint_eq(f.code, PIC_SPACE_SWITCH);
    ck_assert_uint_eq(f.old_ia, TARGET);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)), ASN_A);
    ck_assert_uint_eq(f.cpu->cr[1], SPACE_B | 0x40);
}
END_TEST

START_TEST(branch_and_set_authority)
{
    f.cpu->cc = 2;
    set_gr64(f.cpu, 2, 0x0f000030);
    set_gr64(f.cpu, 3, TARGET);
    place(&f, TARGET, "");
    run(&f, "b25a0023");
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert(f.old_mask & PSW_PROBLEM);
    ck_assert_uint_eq(f.old_mask >> PSW_KEY_SHIFT & 15, 3);
    ck_assert_uint_eq(f.cpu->cr[3] & 0xffff0000, 0x0f000000);
    ck_assert_uint_eq(get_be32(at(&f, DUCT + 20)), 0xff000008);
    ck_assert_uint_eq(get_be64(at(&f, DUCT + 32)), CODE + 4);
    put_be64(at(&f, DUCT + 32), 0x31000);
    place(&f, 0x31000, "");
    run(&f, "b25a0000");
    ck_assert_uint_eq(f.old_ia, 0x31002);
    ck_assert(!(f.old_mask & PSW_PROBLEM));
    ck_assert_uint_eq(f.cpu->cr[3] & 0xffff0000, 0xff000000);
    ck_assert_uint_eq(get_be32(at(&f, DUCT + 20)), 0xff000000);
}
END_TEST

START_TEST(branch_in_subspace_group)
{
    put_be64(at(&f, ASTE_A + 8), SPACE_A | 0x200);
    put_be32(at(&f, ASTE_A), AUTHORITY | 1);
    put_be64(at(&f, ASTE_B + 8), SPACE_B | 0x200);
    put_be32(at(&f, DUCT), ASTE_A);
    f.cpu->cr[1] |= 0x200;
    put_ale(0);
    f.cpu->ar[3] = 0x00000004; /* no sequence number is compared */
    set_gr64(f.cpu, 3, TARGET);
    run(&f, "b2580023");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert_uint_eq(gr64(f.cpu, 2), CODE + 4);
    ck_assert_uint_eq(f.cpu->cr[1], SPACE_B | 0x200);
    ck_assert_uint_eq(get_be32(at(&f, DUCT + 4)), 0x80000000 | ASTE_B);
    ck_assert_uint_eq(get_be32(at(&f, DUCT + 12)), 77);
    f.cpu->ar[3] = 0;
    run(&f, "b2580023");
    ck_assert_uint_eq(f.cpu->cr[1], SPACE_A | 0x200);
    ck_assert_uint_eq(get_be32(at(&f, DUCT + 4)), ASTE_B);
    f.cpu->ar[3] = 1;
    run(&f, "b2580023");
    ck_assert_uint_eq(f.cpu->cr[1], SPACE_B | 0x200);
}
END_TEST

START_TEST(trap)
{
    uint64_t block = 0x122000, area = 0x123000;

    put_be32(at(&f, DUCT + 44), (uint32_t)block | 1);
    put_be32(at(&f, block), 0x00060000);
    put_be32(at(&f, block + 12), (uint32_t)area);
    put_be32(at(&f, block + 20), TARGET);
    set_gr64(f.cpu, 9, 0x99);
    place(&f, TARGET, "");
    run(&f, "b2ff0123");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert_uint_eq(f.old_mask & (PSW_EA | PSW_BA), PSW_BA);
    ck_assert_uint_eq(get_be32(at(&f, area)), 0x40040000);
    ck_assert_uint_eq(get_be32(at(&f, area + 8)), 0x123);
    ck_assert_uint_eq(get_be64(at(&f, area + 24)), CODE + 4);
    ck_assert_uint_eq(get_be64(at(&f, area + 32 + 72)), 0x99);
    ck_assert_uint_eq(gr64(f.cpu, 15), block);
    put_be32(at(&f, DUCT + 44), 0);
    run(&f, "01ff");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION);
}
END_TEST

START_TEST(resume_program)
{
    set_gr64(f.cpu, 6, DATA);
    /* Offsets: PSW 0x10, AR 0x20, GR 0x28; a short PSW of 64-bit mode with cc 2. */
    put_be64(at(&f, DATA + 0x10), 0x0000200180000000 + TARGET);
    put_be32(at(&f, DATA + 0x20), 0xa6a6);
    put_be64(at(&f, DATA + 0x28), 0x6666666677777777);
    run(&f, "b2776000 0002 0010 0020 0028");
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(f.cpu->ar[6], 0xa6a6);
    ck_assert_uint_eq(gr64(f.cpu, 6), 0x6666666677777777);
    set_gr64(f.cpu, 6, DATA);
    run(&f, "b2776000 0008 0010 0020 0028");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(explicit_tracing)
{
    set_gr64(f.cpu, 1, DATA);
    put_be32(at(&f, DATA), 0x12345678);
    set_gr64(f.cpu, 2, 0x2222222233333333);
    set_gr64(f.cpu, 3, 0x4444444455555555);
    f.cpu->cr[12] = TRACES;
    run(&f, "99231000");
    ck_assert_uint_eq(f.cpu->cr[12], TRACES);
    f.cpu->cr[12] |= CR12_EXPLICIT_TRACE;
    run(&f, "99231000 eb231000000f");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cr[12], (TRACES + 20 + 32) | 1);
    ck_assert_uint_eq(get_be16(at(&f, TRACES)), 0x7100);
    ck_assert_uint_eq(get_be32(at(&f, TRACES + 8)), 0x12345678);
    ck_assert_uint_eq(get_be64(at(&f, TRACES + 12)), 0x3333333355555555);
    ck_assert_uint_eq(get_be16(at(&f, TRACES + 20)), 0x7180);
    ck_assert_uint_eq(get_be64(at(&f, TRACES + 20 + 16)), 0x2222222233333333);
    f.cpu->cr[12] = (TRACES + 0x1000 - 76) | 1;
    run(&f, "99231000");
    ck_assert_uint_eq(f.code, PIC_TRACE_TABLE);
    ck_assert_uint_eq(f.old_ia, CODE);
}
END_TEST

START_TEST(implicit_tracing)
{
    f.cpu->cr[12] = TRACES | CR12_BRANCH_TRACE | CR12_MODE_TRACE | CR12_ASN_TRACE;
    set_gr64(f.cpu, 7, TARGET);
    place(&f, TARGET, "010d");
    run(&f, "0de7"); /* basr: branch; sam31: mode switch */
    ck_assert_uint_eq(get_be32(at(&f, TRACES)), 0x80000000 | TARGET);
    ck_assert_uint_eq(get_be32(at(&f, TRACES + 4)), 0x51200000);
    ck_assert_uint_eq(get_be32(at(&f, TRACES + 8)), TARGET + 2);
    ck_assert_uint_eq(f.cpu->cr[12] & 0xffffff, (TRACES + 12) | 2);
    set_gr64(f.cpu, 2, ASN_B);
    run(&f, "b2250020");
    ck_assert_uint_eq(get_be32(at(&f, TRACES + 12)), 0x10000000 | ASN_B);
    set_gr64(f.cpu, 2, 9);
    run(&f, "b2250020"); /* fails: no entry is kept */
    ck_assert_uint_eq(f.code, PIC_ASX_TRANSLATION);
    ck_assert_uint_eq(f.cpu->cr[12] & 0xffffff, (TRACES + 16) | 2);
    put_entry(0x40000000, 0, TARGET, 0);
    run(&f, "b2180001");
    ck_assert_uint_eq(get_be32(at(&f, TRACES + 16)), 0x22000001);
    ck_assert_uint_eq(get_be64(at(&f, TRACES + 20)), CODE + 4);
}
END_TEST

START_TEST(extract_stacked_registers)
{
    uint64_t entry = STACK + 16;

    set_gr64(f.cpu, 7, TARGET);
    run(&f, "b2400007");
    for (unsigned r = 0; r < 16; r++) {
        put_be64(at(&f, entry + 8 * r), 0x1111111100000000ULL + r);
        put_be32(at(&f, entry + 224 + 4 * r), 0x200 + r);
        set_gr64(f.cpu, r, UINT64_MAX);
        f.cpu->ar[r] = 0;
    }
    run(&f, "b24900e1 b90e0056"); /* ereg 14,1: 14, 15, 0, 1; eregg 5,6 */
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(gr64(f.cpu, 14), 0xffffffff0000000e);
    ck_assert_uint_eq(gr64(f.cpu, 1), 0xffffffff00000001);
    ck_assert_uint_eq(gr64(f.cpu, 2), UINT64_MAX);
    ck_assert_uint_eq(f.cpu->ar[0], 0x200);
    ck_assert_uint_eq(f.cpu->ar[2], 0);
    ck_assert_uint_eq(gr64(f.cpu, 6), 0x1111111100000006);
    ck_assert_uint_eq(gr64(f.cpu, 7), UINT64_MAX);
    /* State: the short PSW with an address beyond 2G tells so in bit 63. */
    put_be64(at(&f, entry + 136), 0x0400300180000000);
    put_be64(at(&f, entry + 168), 0x123456780);
    set_gr64(f.cpu, 2, 1);
    run(&f, "b24a0082");
    ck_assert_uint_eq(gr64(f.cpu, 8), 0xffffffff04083001);
    ck_assert_uint_eq(gr64(f.cpu, 9), 0xffffffffa3456781);
    set_gr64(f.cpu, 2, 6);
    run(&f, "b24a0082");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(transfer_with_instance)
{
    set_gr64(f.cpu, 2, 0x1234ULL << 32 | 0xf0000000 | ASN_B);
    set_gr64(f.cpu, 3, TARGET);
    run(&f, "b99e0023");
    ck_assert_uint_eq(f.old_ia, TARGET + 2);
    ck_assert_uint_eq(f.cpu->cr[4] >> 32, 0x1234);
    ck_assert_uint_eq(f.cpu->cr[3] >> 32, 0x1234);
    /* A controlled ASN is not for the problem state; PT refuses a reusable one when reuse is on. */
    set_gr64(f.cpu, 2, 0x1234ULL << 32 | 0xf0000000 | ASN_A);
    set_gr64(f.cpu, 3, TARGET | 1);
    put_be32(at(&f, ASTE_A + 4), 5 << 16 | 0xfff3);
    *at(&f, AUTHORITY + 1) = 0xff;
    f.cpu->psw_mask |= PSW_PROBLEM;
    run(&f, "b99e0023");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION);
    f.cpu->psw_mask &= ~PSW_PROBLEM;
    f.cpu->cr[0] |= BIT64(44);
    run(&f, "b2280023");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spaces");
    TCase *tests = tcase_create("spaces");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, access_register_translation);
    tcase_add_test(tests, access_register_mode_store_and_test_access);
    tcase_add_test(tests, moves_between_spaces);
    tcase_add_test(tests, set_secondary);
    tcase_add_test(tests, load_address_space_parameters);
    tcase_add_test(tests, branch_and_stack_and_return);
    tcase_add_test(tests, program_return_restores);
    tcase_add_test(tests, stack_sections);
    tcase_add_test(tests, basic_program_call);
    tcase_add_test(tests, stacking_program_call_with_space_switch_and_return);
    tcase_add_test(tests, call_through_two_linkage_tables);
    tcase_add_test(tests, program_transfer);
    tcase_add_test(tests, space_switch_event);
    tcase_add_test(tests, branch_and_set_authority);
    tcase_add_test(tests, branch_in_subspace_group);
    tcase_add_test(tests, trap);
    tcase_add_test(tests, resume_program);
    tcase_add_test(tests, explicit_tracing);
    tcase_add_test(tests, implicit_tracing);
    tcase_add_test(tests, extract_stacked_registers);
    tcase_add_test(tests, transfer_with_instance);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
