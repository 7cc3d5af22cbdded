/* SPDX-License-Identifier: MIT */
/* Storage keys, frames, translation queries, invalidation of table entries (PoP ch. 10). */
#include <check.h>

#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;

enum { REGION_THIRD = 0x100000, SEGMENTS = 0x104000, PAGES = 0x108000, FRAME = 0x200000, MAPPED = 0x40000 };
#define ASCE (REGION_THIRD | 4 | 3)
#define PAGE_ENTRY(address) (PAGES + ((address) >> 12) * 8)

/* The first megabyte maps to itself but for MAPPED, which is FRAME; the second is a large frame at 2M. */
static void tables(void)
{
    for (unsigned i = 0; i < 2048; i++) {
        put_be64(at(&f, REGION_THIRD + 8 * i), 0x20);
        put_be64(at(&f, SEGMENTS + 8 * i), 0x20);
    }
    put_be64(at(&f, REGION_THIRD), SEGMENTS | 4 | 3);
    put_be64(at(&f, SEGMENTS), PAGES);
    put_be64(at(&f, SEGMENTS + 8), 0x200000 | 0x400);
    for (unsigned i = 0; i < 256; i++)
        put_be64(at(&f, PAGES + 8 * i), i << 12);
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), FRAME);
}

static void setup(void)
{
    fixture_init_cpus(&f, 2);
    tables();
    f.cpu->cr[0] |= CR0_EDAT;
    f.cpu->cr[1] = f.cpu->cr[7] = f.cpu->cr[13] = ASCE;
}
static void teardown(void) { fixture_release(&f); }

static void dat_on(void) { f.cpu->psw_mask |= PSW_DAT; }
static uint8_t *key_of(uint64_t address) { return &f.machine.storage->keys[address >> 12]; }

START_TEST(set_and_insert_key)
{
    set_gr64(f.cpu, 1, 0xffffffffffffff37);
    set_gr64(f.cpu, 2, FRAME + 0x123);
    set_gr64(f.cpu, 3, UINT64_MAX);
    run(&f, "b22b0012 b2290032");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(*key_of(FRAME), 0x36);
    ck_assert_uint_eq(gr64(f.cpu, 3), 0xffffffffffffff36);
    set_gr64(f.cpu, 2, FIXTURE_STORAGE);
    run(&f, "b2290032");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    f.cpu->psw_mask |= PSW_PROBLEM;
    run(&f, "b2290032");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
}
END_TEST

START_TEST(conditional_key)
{
    *key_of(FRAME) = 0x36;
    set_gr64(f.cpu, 1, 0x30);
    set_gr64(f.cpu, 2, FRAME);
    run(&f, "b22b6012"); /* MR and MC: equal but for R and C */
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(*key_of(FRAME), 0x36);
    ck_assert_uint_eq(gr64(f.cpu, 1), 0x3630);
    run(&f, "b22b4012"); /* MR only: C differs */
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(*key_of(FRAME), 0x30);
}
END_TEST

START_TEST(multiple_block_key)
{
    set_gr64(f.cpu, 1, 0x50);
    set_gr64(f.cpu, 2, FRAME + 0xfe123);
    run(&f, "b22b1012");
    ck_assert_uint_eq(*key_of(FRAME + 0xfd000), 0);
    ck_assert_uint_eq(*key_of(FRAME + 0xfe000), 0x50);
    ck_assert_uint_eq(*key_of(FRAME + 0xff000), 0x50);
    ck_assert_uint_eq(*key_of(FRAME + 0x100000), 0);
    ck_assert_uint_eq(gr64(f.cpu, 2), FRAME + 0x100123);
}
END_TEST

START_TEST(key_change_is_seen_by_translations)
{
    /* Store with key 0 (translation made), set key 3, then store with key 1: protection. */
    dat_on();
    set_gr64(f.cpu, 1, 0x30);
    set_gr64(f.cpu, 2, FRAME);
    set_gr64(f.cpu, 3, MAPPED);
    f.cpu->psw_mask |= 1ULL << PSW_KEY_SHIFT;
    memset(key_of(0), 0x10, 0x100);
    *key_of(FRAME) = 0x10;
    run(&f, "50303000 b22b0012 50303000");
    ck_assert_uint_eq(f.code, PIC_PROTECTION);
    ck_assert_uint_eq(f.old_ia, CODE + 12);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & ~0xc00ULL, MAPPED | 0x08);
}
END_TEST

START_TEST(reference_bits)
{
    *key_of(FRAME) = 0x06;
    set_gr64(f.cpu, 2, FRAME);
    run(&f, "b22a0012");
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(*key_of(FRAME), 0x02);
    run(&f, "b22a0012");
    ck_assert_uint_eq(f.cpu->cc, 1);
    *key_of(FRAME) = 0x04;
    *key_of(FRAME + 0x3f000) = 0x04;
    set_gr64(f.cpu, 2, FRAME + 0x5000);
    run(&f, "b9ac0012 b9ae0032 b9ac0042");
    ck_assert_uint_eq(gr64(f.cpu, 1), 0x8000000000000001);
    ck_assert_uint_eq(gr64(f.cpu, 3), 0x8000000000000001);
    ck_assert_uint_eq(gr64(f.cpu, 4), 0);
}
END_TEST

/* The reference bit set again by a fetch whose translation is in the TLB. */
START_TEST(reference_bit_is_rearmed)
{
    dat_on();
    set_gr64(f.cpu, 2, FRAME);
    set_gr64(f.cpu, 3, MAPPED);
    run(&f, "58103000 b22a0012 58103000 b22a0012");
    ck_assert_uint_eq(f.cpu->cc & 2, 2);
}
END_TEST

START_TEST(frame_management)
{
    memset(at(&f, FRAME), 0xff, 0x3000);
    set_gr64(f.cpu, 1, 0x30080 | 0x10);
    set_gr64(f.cpu, 2, FRAME + 0x1000);
    run(&f, "b9af0012");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(*at(&f, FRAME + 0xfff), 0xff);
    ck_assert_uint_eq(get_be64(at(&f, FRAME + 0x1ff8)), 0);
    ck_assert_uint_eq(*at(&f, FRAME + 0x2000), 0xff);
    ck_assert_uint_eq(*key_of(FRAME + 0x1000), 0x90);
    ck_assert_uint_eq(gr64(f.cpu, 2), FRAME + 0x1000);
    set_gr64(f.cpu, 1, 0x11000); /* clear the rest of the 1M frame */
    run(&f, "b9af0012");
    ck_assert_uint_eq(*at(&f, FRAME + 0x2fff), 0);
    ck_assert_uint_eq(gr64(f.cpu, 2), FRAME + 0x100000);
    set_gr64(f.cpu, 1, 0x13000);
    run(&f, "b9af0012");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->cr[0] |= CR0_LOW_ADDRESS_PROTECTION;
    set_gr64(f.cpu, 1, 0x10000);
    set_gr64(f.cpu, 2, 0);
    run(&f, "b9af0012");
    ck_assert_uint_eq(f.code, PIC_PROTECTION);
    run(&f, "b22c0012");
    ck_assert_uint_eq(f.code, PIC_PROTECTION);
    set_gr64(f.cpu, 2, FRAME + 0x800);
    *at(&f, FRAME) = 1;
    run(&f, "b22c0012");
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(*at(&f, FRAME), 0);
}
END_TEST

START_TEST(usage_states)
{
    set_gr64(f.cpu, 2, FRAME);
    run(&f, "b9ab2012 b9ab0032 b9ab7042 b9ab1052 b9ab0062");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(gr64(f.cpu, 1), 0);
    ck_assert_uint_eq(gr64(f.cpu, 3), 4);
    ck_assert_uint_eq(gr64(f.cpu, 4), 4);
    ck_assert_uint_eq(gr64(f.cpu, 5), 0x20);
    ck_assert_uint_eq(gr64(f.cpu, 6), 0);
    run(&f, "b9ab8012");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(load_real_address)
{
    set_gr64(f.cpu, 3, MAPPED + 0x123);
    run(&f, "b1103000"); /* DAT is off: translated all the same */
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(gr64(f.cpu, 1), FRAME + 0x123);
    set_gr64(f.cpu, 3, 0x123456);
    run(&f, "e31030000003");
    ck_assert_uint_eq(gr64(f.cpu, 1), 0x223456);
    set_gr64(f.cpu, 3, 0x300000);
    run(&f, "e31030000003");
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(gr64(f.cpu, 1), SEGMENTS + 24);
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), FRAME | 0x400);
    set_gr64(f.cpu, 3, MAPPED);
    run(&f, "e31030000003");
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(gr64(f.cpu, 1), PAGE_ENTRY(MAPPED));
    set_gr64(f.cpu, 1, UINT64_MAX);
    set_gr64(f.cpu, 3, 0x80000000);
    run(&f, "e31030000003");
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(gr64(f.cpu, 1), 0xffffffff8000003b);
    set_gr64(f.cpu, 3, 1ULL << 42);
    run(&f, "e31030000003");
    ck_assert_uint_eq(gr32(f.cpu, 1), 0x80000038);
}
END_TEST

START_TEST(real_address_too_large_for_31_bits)
{
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), 0x123456000);
    f.cpu->psw_mask &= ~PSW_EA;
    set_gr64(f.cpu, 3, MAPPED);
    run(&f, "b1103000");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION);
}
END_TEST

START_TEST(page_table_entry_address)
{
    set_gr64(f.cpu, 2, MAPPED);
    run(&f, "b9aa0012");
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(gr64(f.cpu, 1), PAGE_ENTRY(MAPPED));
    put_be64(at(&f, SEGMENTS), PAGES | 0x200);
    run(&f, "b9aa0012");
    ck_assert_uint_eq(f.cpu->cc, 1);
    set_gr64(f.cpu, 2, 0x100000);
    run(&f, "b9aa0012");
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(gr64(f.cpu, 1), SEGMENTS + 8);
    set_gr64(f.cpu, 2, 0x80000000);
    run(&f, "b9aa0012");
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(gr64(f.cpu, 1), (REGION_THIRD + 8) | 1);
    set_gr64(f.cpu, 2, 1ULL << 42);
    run(&f, "b9aa0012");
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(gr64(f.cpu, 1), 0x38);
    run(&f, "b9aa0512");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(test_protection)
{
    dat_on();
    *key_of(FRAME) = 0x38;
    set_gr64(f.cpu, 3, MAPPED);
    set_gr64(f.cpu, 4, 0x30);
    run(&f, "e50130004000");
    ck_assert_uint_eq(f.cpu->cc, 0);
    set_gr64(f.cpu, 4, 0x40);
    run(&f, "e50130004000");
    ck_assert_uint_eq(f.cpu->cc, 2);
    *key_of(FRAME) = 0x30;
    run(&f, "e50130004000");
    ck_assert_uint_eq(f.cpu->cc, 1);
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), FRAME | 0x200);
    set_gr64(f.cpu, 4, 0x30);
    run(&f, "e50130004000");
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(*key_of(FRAME), 0x30); /* no reference was made */
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), FRAME | 0x400);
    run(&f, "e50130004000");
    ck_assert_uint_eq(f.cpu->cc, 3);
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), 0x7ffff000);
    run(&f, "e50130004000");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    f.cpu->cr[0] |= CR0_LOW_ADDRESS_PROTECTION;
    set_gr64(f.cpu, 3, 0x11ff);
    run(&f, "e50130004000");
    ck_assert_uint_eq(f.cpu->cc, 1);
}
END_TEST

START_TEST(real_address_access)
{
    dat_on();
    set_gr64(f.cpu, 1, 0x1122334455667788);
    set_gr64(f.cpu, 2, MAPPED);
    run(&f, "b9250012 b24b0032 b9050042");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(get_be64(at(&f, MAPPED)), 0x1122334455667788);
    ck_assert_uint_eq(gr32(f.cpu, 3), 0x11223344);
    ck_assert_uint_eq(gr64(f.cpu, 4), 0x1122334455667788);
    set_gr64(f.cpu, 2, MAPPED + 2);
    run(&f, "b2460012");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    set_gr64(f.cpu, 5, MAPPED);
    *key_of(FRAME) = 0x5e;
    run(&f, "b2230065");
    ck_assert_uint_eq(gr64(f.cpu, 6) & 0xff, 0x58);
}
END_TEST

START_TEST(store_real_address)
{
    set_gr64(f.cpu, 3, DATA);
    set_gr64(f.cpu, 4, MAPPED + 5);
    run(&f, "e50230004000");
    ck_assert_uint_eq(get_be64(at(&f, DATA)), FRAME + 5);
    set_gr64(f.cpu, 4, 0x300000);
    run(&f, "e50230004000");
    ck_assert_uint_eq(f.code, PIC_SEGMENT_TRANSLATION);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)), 0x300000);
}
END_TEST

/* Each invalidation: a fetch that fills the TLB, the instruction, and a fetch that must fault. */
static void check_invalidation(const char *code, unsigned expected, uint64_t entry, uint64_t bits)
{
    dat_on();
    set_gr64(f.cpu, 9, MAPPED);
    run(&f, code);
    ck_assert_uint_eq(f.code, expected);
    ck_assert_uint_eq(get_be64(at(&f, entry)) & bits, bits);
}

START_TEST(invalidate_page)
{
    set_gr64(f.cpu, 1, PAGES | 0x7ff);
    set_gr64(f.cpu, 2, MAPPED);
    check_invalidation("58709000 b2210012 58709000", PIC_PAGE_TRANSLATION, PAGE_ENTRY(MAPPED), 0x400);
}
END_TEST

/* Two segments share a page table: R2 names the page index only, and both pages become invalid. */
START_TEST(invalidate_shared_page)
{
    uint64_t segment = MAPPED >> 20;

    put_be64(at(&f, SEGMENTS + 8 * (segment + 1)), get_be64(at(&f, SEGMENTS + 8 * segment)));
    dat_on();
    set_gr64(f.cpu, 1, PAGES);
    set_gr64(f.cpu, 2, MAPPED & 0xff000);
    set_gr64(f.cpu, 9, MAPPED);
    set_gr64(f.cpu, 10, MAPPED + 0x100000);
    run(&f, "58709000 5870a000 b2210012 58709000");
    ck_assert_uint_eq(f.code, PIC_PAGE_TRANSLATION);
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), get_be64(at(&f, PAGE_ENTRY(MAPPED))) & ~0x400ULL);
    run(&f, "58709000 5870a000 b2210012 5870a000");
    ck_assert_uint_eq(f.code, PIC_PAGE_TRANSLATION);
}
END_TEST

START_TEST(invalidate_page_locally)
{
    set_gr64(f.cpu, 1, PAGES);
    set_gr64(f.cpu, 2, MAPPED);
    check_invalidation("58709000 b2210112 58709000", PIC_PAGE_TRANSLATION, PAGE_ENTRY(MAPPED), 0x400);
}
END_TEST

START_TEST(invalidate_range)
{
    set_gr64(f.cpu, 1, PAGES);
    set_gr64(f.cpu, 2, MAPPED - 0x2000);
    set_gr64(f.cpu, 3, 3);
    check_invalidation("58709000 b2213012 58709000", PIC_PAGE_TRANSLATION, PAGE_ENTRY(MAPPED), 0x400);
    ck_assert_uint_eq(gr64(f.cpu, 3), 255);
    ck_assert_uint_eq(gr64(f.cpu, 2), MAPPED + 0x2000);
    ck_assert_uint_eq(get_be64(at(&f, PAGE_ENTRY(MAPPED - 0x3000))), MAPPED - 0x3000);
    ck_assert_uint_eq(get_be64(at(&f, PAGE_ENTRY(MAPPED + 0x1000))), (MAPPED + 0x1000) | 0x400);
    ck_assert_uint_eq(get_be64(at(&f, PAGE_ENTRY(MAPPED + 0x2000))), MAPPED + 0x2000);
    set_gr64(f.cpu, 2, 0xff000);
    set_gr64(f.cpu, 3, 1);
    run(&f, "b2213012");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(invalidate_segment)
{
    /* The second megabyte, which no code is in: fetch there. */
    dat_on();
    set_gr64(f.cpu, 1, SEGMENTS);
    set_gr64(f.cpu, 2, 0x100000);
    set_gr64(f.cpu, 9, 0x123000);
    run(&f, "58709000 b98e0012 58709000");
    ck_assert_uint_eq(f.code, PIC_SEGMENT_TRANSLATION);
    ck_assert_uint_eq(get_be64(at(&f, SEGMENTS + 8)) & 0x20, 0x20);
}
END_TEST

START_TEST(clear_by_asce)
{
    /* The table changes by a real-address store, then IDTE by ASCE makes it known. */
    dat_on();
    set_gr64(f.cpu, 1, 0x300000);
    set_gr64(f.cpu, 2, PAGE_ENTRY(MAPPED));
    set_gr64(f.cpu, 3, 0x800);
    set_gr64(f.cpu, 4, ASCE);
    set_gr64(f.cpu, 9, MAPPED);
    put_be32(at(&f, FRAME), 1);
    put_be32(at(&f, 0x300000), 2);
    run(&f, "58709000 b9250012 b98e4003 58809000");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(gr32(f.cpu, 7), 1);
    ck_assert_uint_eq(gr32(f.cpu, 8), 2);
}
END_TEST

START_TEST(compare_and_replace)
{
    dat_on();
    set_gr64(f.cpu, 2, FRAME);
    set_gr64(f.cpu, 3, 0x300000);
    set_gr64(f.cpu, 4, PAGES);
    set_gr64(f.cpu, 5, MAPPED);
    set_gr64(f.cpu, 9, MAPPED);
    put_be32(at(&f, 0x300000), 2);
    run(&f, "58709000 b98f0024 58809000");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(gr32(f.cpu, 8), 2);
    run(&f, "b98f0024");
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(gr64(f.cpu, 2), 0x300000);
    set_gr64(f.cpu, 4, PAGES | 0x0c);
    run(&f, "b98f0024");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    run(&f, "b98f0034");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(compare_and_swap_and_purge)
{
    uint64_t entry = PAGE_ENTRY(MAPPED);

    dat_on();
    put_be64(at(&f, PAGES + 8 * 0x50), entry & ~0xfffULL); /* the page table, seen at 0x50000 */
    set_gr64(f.cpu, 2, FRAME);
    set_gr64(f.cpu, 3, 0x300000);
    set_gr64(f.cpu, 6, (0x50000 + (entry & 0xfff)) | 1);
    set_gr64(f.cpu, 9, MAPPED);
    put_be32(at(&f, 0x300000), 2);
    run(&f, "58709000 b98a0026 58809000");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(gr32(f.cpu, 8), 2);
    set_gr64(f.cpu, 6, (0x50000 + (entry & 0xfff) + 4) | 1);
    set_gr64(f.cpu, 2, 0xffffffff00000007);
    run(&f, "b2500026");
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(gr64(f.cpu, 2), 0xffffffff00300000);
}
END_TEST

START_TEST(reset_dat_protection)
{
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), FRAME | 0x200);
    dat_on();
    set_gr64(f.cpu, 1, PAGES);
    set_gr64(f.cpu, 2, MAPPED);
    set_gr64(f.cpu, 9, MAPPED);
    run(&f, "58709000 b98b0012 50709000");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(get_be64(at(&f, PAGE_ENTRY(MAPPED))), FRAME);
}
END_TEST

/* The other CPU's translations go, too; with local clearing they may stay. */
START_TEST(purge_reaches_other_cpus)
{
    struct cpu *first = f.cpu, *other = f.machine.cpus->cpu[1];

    first->state = CPU_STOPPED;
    f.cpu = other;
    other->psw_mask = PSW_EA | PSW_BA | PSW_DAT;
    other->cr[0] |= CR0_EDAT;
    other->cr[1] = ASCE;
    other->prefix = 0;
    other->clock_comparator = UINT64_MAX;
    set_gr64(other, 9, MAPPED);
    run(&f, "58709000");
    ck_assert_uint_eq(f.code, 0);
    other->state = CPU_STOPPED;
    f.cpu = first;
    set_gr64(first, 1, PAGES);
    set_gr64(first, 2, MAPPED);
    run(&f, "b2210012");
    ck_assert_uint_eq(f.code, 0);
    first->state = CPU_STOPPED;
    f.cpu = other;
    run(&f, "58709000");
    ck_assert_uint_eq(f.code, PIC_PAGE_TRANSLATION);
}
END_TEST

START_TEST(move_page)
{
    dat_on();
    memset(at(&f, FRAME), 0x5a, 4096);
    set_gr64(f.cpu, 0, 0);
    set_gr64(f.cpu, 1, 0x50123);
    set_gr64(f.cpu, 2, MAPPED + 0x456);
    run(&f, "b2540012");
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(*at(&f, 0x50fff), 0x5a);
    put_be64(at(&f, PAGE_ENTRY(0x50000)), 0x400);
    run(&f, "b20d0000 b2540012");
    ck_assert_uint_eq(f.code, PIC_PAGE_TRANSLATION);
    ck_assert_uint_eq(*at(&f, 162), 0x12);
    set_gr64(f.cpu, 0, 0x100);
    run(&f, "b2540012");
    ck_assert_uint_eq(f.cpu->cc, 1);
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), 0x400);
    run(&f, "b20d0000 b2540012");
    ck_assert_uint_eq(f.cpu->cc, 2);
    set_gr64(f.cpu, 0, 0x1000);
    run(&f, "b2540012");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(moves_with_keys)
{
    *key_of(FRAME) = 0x78;
    memcpy(at(&f, FRAME), "protected", 9);
    set_gr64(f.cpu, 1, DATA);
    set_gr64(f.cpu, 2, 9);
    set_gr64(f.cpu, 3, 0x70);
    set_gr64(f.cpu, 4, FRAME);
    memset(key_of(0), 0x90, 0x100);
    f.cpu->psw_mask |= 9ULL << PSW_KEY_SHIFT;
    run(&f, "d92310004000"); /* mvck 0(2,1),0(4),3 */
    ck_assert_uint_eq(f.code, 0);
    ck_assert_mem_eq(at(&f, DATA), "protected", 9);
    set_gr64(f.cpu, 3, 0x80);
    run(&f, "d92310004000");
    ck_assert_uint_eq(f.code, PIC_PROTECTION);
    /* mvcdk: destination FRAME with key 7; mvcsk back */
    memcpy(at(&f, DATA), "DESTINATION", 11);
    set_gr64(f.cpu, 0, 10);
    set_gr64(f.cpu, 5, DATA);
    set_gr64(f.cpu, 1, 0x70);
    run(&f, "e50f40005000");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_mem_eq(at(&f, FRAME), "DESTINATION", 11);
    run(&f, "e50e50204000");
    ck_assert_mem_eq(at(&f, DATA + 0x20), "DESTINATION", 11);
    f.cpu->psw_mask |= PSW_PROBLEM;
    f.cpu->cr[3] = 0x00400000;
    run(&f, "e50e50204000");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
}
END_TEST

START_TEST(long_displacement_load_real)
{
    set_gr64(f.cpu, 3, MAPPED + 0x1000);
    run(&f, "e3103000ff13"); /* lray 1,-4096(3) */
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(gr64(f.cpu, 1), FRAME);
    put_be64(at(&f, PAGE_ENTRY(MAPPED)), FRAME | 0x400);
    f.cpu->psw_mask &= ~PSW_EA;
    set_gr64(f.cpu, 1, UINT64_MAX);
    run(&f, "e3103000ff13");
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(gr64(f.cpu, 1), 0xffffffff00000000 | PAGE_ENTRY(MAPPED));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("storage control");
    TCase *tests = tcase_create("storage control");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, set_and_insert_key);
    tcase_add_test(tests, conditional_key);
    tcase_add_test(tests, multiple_block_key);
    tcase_add_test(tests, key_change_is_seen_by_translations);
    tcase_add_test(tests, reference_bits);
    tcase_add_test(tests, reference_bit_is_rearmed);
    tcase_add_test(tests, frame_management);
    tcase_add_test(tests, usage_states);
    tcase_add_test(tests, load_real_address);
    tcase_add_test(tests, real_address_too_large_for_31_bits);
    tcase_add_test(tests, page_table_entry_address);
    tcase_add_test(tests, test_protection);
    tcase_add_test(tests, real_address_access);
    tcase_add_test(tests, store_real_address);
    tcase_add_test(tests, invalidate_page);
    tcase_add_test(tests, invalidate_shared_page);
    tcase_add_test(tests, invalidate_page_locally);
    tcase_add_test(tests, invalidate_range);
    tcase_add_test(tests, invalidate_segment);
    tcase_add_test(tests, clear_by_asce);
    tcase_add_test(tests, compare_and_replace);
    tcase_add_test(tests, compare_and_swap_and_purge);
    tcase_add_test(tests, reset_dat_protection);
    tcase_add_test(tests, purge_reaches_other_cpus);
    tcase_add_test(tests, move_page);
    tcase_add_test(tests, moves_with_keys);
    tcase_add_test(tests, long_displacement_load_real);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
