/* SPDX-License-Identifier: MIT */
/**
 * Storage keys of a guest: the real key and the page status table entry beside the host's page-table entry, by the
 * protocol that Linux keeps to in software (arch/s390/mm/pgtable.c); and ESSA with its log.
 */
#include "unit/sie_fixture.h"

#define PCL (0x0080ULL << 48)
#define HR (0x0040ULL << 48)
#define HC (0x0020ULL << 48)
#define GR (0x0004ULL << 48)
#define GC (0x0002ULL << 48)
#define OTHER 0x0000800000000000ULL /* a bit of software's */
#define ZERO 0x80000000ULL
#define NODAT 0x40000000ULL
#define UNUSED 0x01000000ULL
#define POTENTIALLY_VOLATILE 0x02000000ULL
#define VOLATILE 0x03000000ULL
enum { LOG = 0x70000, REFERENCE = 4, CHANGE = 2 };

static uint8_t *pgste_at(void) { return at(&f, PAGES + 2048 + 8 * (GUEST_DATA >> 12)); }
static uint64_t pgste(void) { return get_be64(pgste_at()); }
static uint8_t *real_key(void) { return &f.machine.storage->keys[(GUEST + GUEST_DATA) >> 12]; }

/* The page with these contents of its PGSTE and, unless `missing`, of its real key. */
static void prepare(uint64_t entry, uint8_t key, bool missing)
{
    describe();
    *sd(SD_ECB2) = ECB2_CMMA;
    set_sd64(SD_CBRL, LOG);
    put_be64(pgste_at(), entry);
    remap_page(GUEST_DATA, missing ? 0x400 : 0);
    *real_key() = key;
    f.cpu->gr[2].d = GUEST_DATA | 0x123; /* only the page counts */
    f.cpu->gr[6].d = 0;
}

static void issue(const char *code)
{
    guest_code(code);
    put_be32(guest(GUEST_CODE + 4), 0x83000044);
    interpret();
}
#define expect_interpreted() expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 8)

static void setup_keys(void)
{
    setup();
    f.machine.cpus->storage_key_facility = true;
}

START_TEST(test_set_key)
{
    prepare(OTHER | GR | 0x3000ULL << 48, 0x50 | REFERENCE | CHANGE, false);
    f.cpu->gr[6].d = 0xa8 | CHANGE;
    issue("b22b0062");
    expect_interpreted();
    ck_assert_uint_eq(*real_key(), 0xa8); /* R and C are zero now */
    ck_assert_uint_eq(pgste(), OTHER | 0xa800ULL << 48 | GC | HR | HC);
    prepare(OTHER | HC | GC, 0x50, true);
    f.cpu->gr[6].d = 0x70 | REFERENCE;
    issue("b22b0062");
    expect_interpreted();
    ck_assert_uint_eq(*real_key(), 0x50); /* that of somebody else */
    ck_assert_uint_eq(pgste(), OTHER | 0x7000ULL << 48 | GR | HC);
}
END_TEST

START_TEST(test_insert_key)
{
    prepare(0xb000ULL << 48 | GC, 0x58 | REFERENCE, false);
    issue("b2290062");
    expect_interpreted();
    ck_assert_uint_eq(f.cpu->gr[6].d, 0x58 | REFERENCE | CHANGE);
    prepare(0xb800ULL << 48 | GR | HC, 0x50 | CHANGE, true);
    issue("b2290062");
    expect_interpreted();
    ck_assert_uint_eq(f.cpu->gr[6].d, 0xb8 | REFERENCE);
}
END_TEST

START_TEST(test_reset_reference_bit)
{
    for (unsigned i = 0; i < 32; i++) {
        uint8_t real = (uint8_t)(0x30 | (i & 1 ? REFERENCE : 0) | (i & 2 ? CHANGE : 0));
        bool missing = i & 16;
        bool r = (i & 4) || (!missing && (i & 1)), c = (i & 8) || (!missing && (i & 2));

        prepare((i & 4 ? GR : 0) | (i & 8 ? GC : 0), real, missing);
        issue("b22a0062");
        expect_interpreted();
        ck_assert_uint_eq(guest_mask() >> PSW_CC_SHIFT & 3, (r ? 2u : 0) + (c ? 1u : 0));
        ck_assert_uint_eq(pgste(), (i & 8 ? GC : 0) | (!missing && (i & 1) ? HR : 0));
        ck_assert_uint_eq(*real_key(), missing ? real : real & ~REFERENCE);
    }
}
END_TEST

/* The guest sees what it does to its storage, whoever has reset the real bits. */
START_TEST(test_references_are_seen)
{
    prepare(0, 0, false);
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("e33020000004 b22a0062 e33020000004 b22a0062 b22a0062 83000044"); /* lg; rrbe; lg; rrbe; rrbe */
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 28);
    ck_assert_uint_eq(guest_mask() >> PSW_CC_SHIFT & 3, 0);
    ck_assert_uint_eq(pgste(), HR);
    guest_code("e33020000024 b2290062 83000044"); /* stg; iske */
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    ck_assert_uint_eq(f.cpu->gr[6].d & 0xff, REFERENCE | CHANGE);
}
END_TEST

/* A locked PGSTE is the host's; nothing is changed. So is the page of a missing table. */
START_TEST(test_lock_and_missing_table)
{
    static const char *const codes[] = {"b22b0062", "b2290062", "b22a0062", "b9ab1062"};

    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        prepare(PCL | GR, 0x30 | REFERENCE, i & 1);
        f.cpu->gr[6].d = 0x80;
        issue(codes[i]);
        expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
        ck_assert_uint_eq(pgste(), PCL | GR);
        ck_assert_uint_eq(*real_key(), 0x30 | REFERENCE);
        ck_assert_uint_eq(f.cpu->gr[6].d, 0x80);
        without_limit();
        set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
        f.cpu->gr[2].d = 0x300000;
        interpret();
        expect_host_fault(PIC_SEGMENT_TRANSLATION, 0x300000, GUEST_CODE);
        host_tables();
        put_be64(at(&f, SEGMENTS), 0x20);
        tlb_purge_all(f.cpu);
    }
}
END_TEST

/* Beyond the limit the guest has no storage, hence no key. */
START_TEST(test_key_beyond_the_limit)
{
    prepare(0, 0, false);
    f.cpu->gr[2].d = GUEST_BYTES;
    issue("b2290062");
    expect_program_icpt(PIC_ADDRESSING, 4, GUEST_CODE + 4);
}
END_TEST

/* ---- Collaborative memory management ---- */

START_TEST(test_extract_usage_state)
{
    static const struct { uint64_t entry; bool missing; uint64_t state; } rows[] = {
        {0, false, 0}, {UNUSED, false, 4}, {POTENTIALLY_VOLATILE, false, 8}, {VOLATILE, false, 12},
        {0, true, 2}, {UNUSED | ZERO, true, 7}, {VOLATILE, true, 14}, {NODAT, false, 0x20},
        {NODAT | UNUSED | ZERO, true, 0x27}, {ZERO, false, 0},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare(rows[i].entry | OTHER, 0, rows[i].missing);
        f.cpu->gr[6].d = UINT64_MAX;
        issue("b9ab0062");
        expect_interpreted();
        ck_assert_uint_eq(f.cpu->gr[6].d, rows[i].state);
        ck_assert_uint_eq(pgste(), rows[i].entry | OTHER);
    }
}
END_TEST

START_TEST(test_set_usage_state)
{
    static const struct { const char *code; uint64_t before; bool missing; uint64_t after; bool logged; } rows[] = {
        {"b9ab1062", UNUSED | NODAT, false, 0, false},             /* stable */
        {"b9ab2062", 0, false, UNUSED, false},                     /* unused */
        {"b9ab2062", 0, true, UNUSED | ZERO, true},
        {"b9ab3062", 0, false, VOLATILE, false},                   /* volatile */
        {"b9ab3062", 0, true, VOLATILE | ZERO, true},
        {"b9ab4062", 0, false, POTENTIALLY_VOLATILE, false},       /* potentially volatile */
        {"b9ab4062", ZERO, true, VOLATILE | ZERO, false},
        {"b9ab4062", 0, true, VOLATILE | ZERO, true},
        {"b9ab4062", GC, true, GC, false},
        {"b9ab5062", VOLATILE, false, 0, false},                   /* stable, resident */
        {"b9ab6062", VOLATILE, false, 0, false},                   /* stable if resident */
        {"b9ab6062", VOLATILE, true, VOLATILE, false},
        {"b9ab7062", UNUSED, false, NODAT, false},                 /* stable, no DAT tables */
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare(rows[i].before, 0, rows[i].missing);
        put_be64(at(&f, LOG), 0);
        issue(rows[i].code);
        expect_interpreted();
        ck_assert_msg(pgste() == rows[i].after, "row %u: %llx", i, (unsigned long long)pgste());
        ck_assert_uint_eq(sd64(SD_CBRL), rows[i].logged ? LOG + 8 : LOG);
        ck_assert_uint_eq(get_be64(at(&f, LOG)), rows[i].logged ? GUEST_DATA : 0);
    }
}
END_TEST

/* 511 entries; then the host must look first. */
START_TEST(test_log_is_full)
{
    prepare(0, 0, true);
    set_sd64(SD_CBRL, LOG | 510 * 8);
    issue("b9ab2062");
    expect_interpreted();
    ck_assert_uint_eq(sd64(SD_CBRL), LOG | 511 * 8);
    prepare(0, 0, true);
    set_sd64(SD_CBRL, LOG | 511 * 8);
    issue("b9ab2062");
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    ck_assert_uint_eq(pgste(), 0);
    ck_assert_uint_eq(sd64(SD_CBRL), LOG | 511 * 8);
}
END_TEST

int main(void)
{
    TCase *tc = sie_tests(setup_keys);

    tcase_add_test(tc, test_set_key);
    tcase_add_test(tc, test_insert_key);
    tcase_add_test(tc, test_reset_reference_bit);
    tcase_add_test(tc, test_references_are_seen);
    tcase_add_test(tc, test_lock_and_missing_table);
    tcase_add_test(tc, test_key_beyond_the_limit);
    tcase_add_test(tc, test_extract_usage_state);
    tcase_add_test(tc, test_set_usage_state);
    tcase_add_test(tc, test_log_is_full);
    return run_sie_tests("sie keys", tc);
}
