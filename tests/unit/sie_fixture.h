/* SPDX-License-Identifier: MIT */
/**
 * A host that interprets a guest: cpu_fixture's machine with a state description, a guest storage of 1 MiB
 * and the host's tables for it.
 *
 * Guest-absolute 0 … 1 MiB is host logical ORIGIN … (or with GSLS 0 …, see without_limit()) in CR1's space,
 * one segment with a page table that map_page() changes; the page frames are GUEST … of absolute storage, in
 * order. Guest code goes to GUEST_CODE, data to GUEST_DATA, whose next page is GUEST_NEXT. interpret() runs
 * SIE with what the tests put into the state description; afterwards code, old_ia and ilc of the fixture tell
 * of a host interruption, icpt() of an interception. All new PSWs of the guest are disabled waits: a guest's
 * own interruption ends as wait interception with the instruction address NEW_PSW_IA + old-PSW location.
 */
#ifndef SIENNA_TESTS_SIE_FIXTURE_H
#define SIENNA_TESTS_SIE_FIXTURE_H

#include <check.h>

#include "sie/sie.h"
#include "sie/state_descriptor.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

enum {
    SD = 0x30000, SCA = 0x34000, FACILITY_LIST = 0x33000, SEGMENTS = 0x40000, PAGES = 0x44000,
    SATELLITE = 0x50000,
    GUEST = 0x200000, GUEST_BYTES = 0x100000, ORIGIN = 0x100000,
    GUEST_CODE = 0x10000, GUEST_DATA = 0x20000, GUEST_NEXT = GUEST_DATA + 0x1000, GUEST_TABLES = 0x40000,
    NEW_PSW_IA = 0x7000, SIE_ENDS = CODE + 4,
};

static struct fixture f;
/** The state description that sd() and interpret() mean; see select_cpu(). */
static uint64_t present_description = SD;

/* ---- The state description ---- */

static inline uint8_t *sd(unsigned offset) { return at(&f, present_description + offset); }
static inline uint64_t sd64(unsigned offset) { return get_be64(sd(offset)); }
static inline uint32_t sd32(unsigned offset) { return get_be32(sd(offset)); }
static inline uint16_t sd16(unsigned offset) { return get_be16(sd(offset)); }
static inline void set_sd64(unsigned offset, uint64_t value) { put_be64(sd(offset), value); }
static inline void set_sd32(unsigned offset, uint32_t value) { put_be32(sd(offset), value); }
static inline void set_sd16(unsigned offset, uint16_t value) { put_be16(sd(offset), value); }
static inline void or_sd32(unsigned offset, uint32_t bits) { set_sd32(offset, sd32(offset) | bits); }
static inline unsigned icpt(void) { return *sd(SD_ICPTCODE); }
static inline uint64_t guest_ia(void) { return sd64(SD_PSW + 8); }
static inline uint64_t guest_mask(void) { return sd64(SD_PSW); }
static inline void set_guest_psw(uint64_t mask, uint64_t ia)
{
    set_sd64(SD_PSW, mask);
    set_sd64(SD_PSW + 8, ia);
}

/** A 64-bit-mode guest at GUEST_CODE with nothing asked for. `where`: of a state description. */
static inline void describe_at(uint64_t where)
{
    uint8_t *d = at(&f, where);

    memset(d, 0, SD_BYTES);
    put_be32(d + SD_CPUSTAT, CPUSTAT_ZARCH);
    put_be64(d + SD_MSO, ORIGIN);
    put_be64(d + SD_MSL, ORIGIN);
    put_be64(d + SD_PSW, PSW_EA | PSW_BA);
    put_be64(d + SD_PSW + 8, GUEST_CODE);
    put_be64(d + SD_CR, 0xe0 | CR0_AFP | CR0_VECTOR);
    put_be64(d + SD_CLOCK_COMPARATOR, UINT64_MAX);
    put_be64(d + SD_CPU_TIMER, INT64_MAX);
    put_be64(d + SD_GR14, 0x1414);
    put_be64(d + SD_GR15, 0x1515);
}
static inline void describe(void) { describe_at(present_description); }

/* ---- Guest storage ---- */

/** Host address of guest-absolute storage. */
static inline uint8_t *guest(uint64_t address) { return at(&f, GUEST + address); }

/** The host's page-table entry of a guest-absolute page gets flags: 0x400 invalid, 0x200 protected. */
static inline void map_page(uint64_t address, uint64_t flags)
{
    put_be64(at(&f, PAGES + 8 * (address >> 12)), ((GUEST + address) & PAGE_MASK) | flags);
}

/** As map_page(), with the purging that a host's IPTE brings. */
static inline void remap_page(uint64_t address, uint64_t flags)
{
    map_page(address, flags);
    tlb_purge_page(f.machine.cpus, NULL, 1, PAGES, ORIGIN + address);
}

static inline void guest_new_psws(void)
{
    for (unsigned old = 0x120; old <= 0x170; old += 16) {
        put_be64(guest(old + 0x80), PSW_WAIT | PSW_EA | PSW_BA);
        put_be64(guest(old + 0x88), NEW_PSW_IA + old);
    }
}

static inline void guest_code_at(uint64_t address, const char *hex)
{
    uint64_t end = f.end_ia;

    place(&f, GUEST + address, hex);
    f.end_ia = end;
}
static inline void guest_code(const char *hex) { guest_code_at(GUEST_CODE, hex); }

/* ---- Set-up ---- */

static inline void host_tables(void)
{
    for (unsigned i = 0; i < 512; i++)
        put_be64(at(&f, SEGMENTS + 8 * i), 0x20);
    put_be64(at(&f, SEGMENTS + 8 * (ORIGIN >> 20)), PAGES);
    for (uint64_t page = 0; page < GUEST_BYTES; page += PAGE_BYTES)
        map_page(page, 0);
}

static inline void setup_cpus(unsigned cpus)
{
    fixture_init_cpus(&f, cpus);
    f.machine.cpus->sie = &sie_interpretation;
    host_tables();
    for (unsigned i = 0; i < cpus; i++) {
        struct cpu *cpu = f.machine.cpus->cpu[i];

        cpu->psw_mask = PSW_EA | PSW_BA;
        cpu->cr[0] |= CR0_AFP | CR0_VECTOR;
        cpu->cr[1] = SEGMENTS;
        cpu->clock_comparator = UINT64_MAX;
        cpu->cpu_timer_end = INT64_MAX;
    }
    present_description = SD;
    describe();
    guest_new_psws();
}
static inline void setup(void) { setup_cpus(1); }
static inline void teardown(void) { fixture_release(&f); }

/** Guest storage without origin and limit (GSLS): guest-absolute 0 is host logical 0. */
static inline void without_limit(void)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_SM);
    put_be64(at(&f, SEGMENTS), PAGES);
    put_be64(at(&f, SEGMENTS + 8 * (ORIGIN >> 20)), 0x20);
}

/** Go on with another CPU of the host and a state description for it: SD, SD + 4K, SD + 8K. */
static inline void select_cpu(unsigned n)
{
    f.cpu->state = CPU_STOPPED;
    f.cpu = f.machine.cpus->cpu[n];
    present_description = SD + n * 0x1000;
}

/* ---- Running ---- */

/** SIE with the state description at SD; the interception code is zero before. */
static inline void interpret(void)
{
    *sd(SD_ICPTCODE) = 0;
    f.cpu->gr[14].d = present_description;
    run(&f, "b214e000");
}

/** Begin SIE like interpret(), but leave the running and the interception code to the test. */
static inline void begin(void)
{
    place(&f, CODE, "b214e000");
    f.cpu->gr[14].d = present_description;
    f.cpu->ia = CODE;
    f.cpu->state = CPU_OPERATING;
    f.cpu->leave |= LEAVE_MODE;
}

/** The host took an exit that is neither an interception nor the guest's doing. */
static inline void left_in_the_guest(void) { ck_assert_ptr_nonnull(f.cpu->interpreting); }

#define expect_icpt(expected, ia) \
    do { \
        ck_assert_uint_eq(f.code, 0); \
        ck_assert_uint_eq(icpt(), expected); \
        ck_assert_uint_eq(guest_ia(), ia); \
    } while (0)

/** The guest has taken an interruption of its own through the old PSW at `old`. */
#define expect_interrupted(old) expect_icpt(ICPT_WAIT, NEW_PSW_IA + (old))

/** The guest has taken program interruption `pic` with `ilc` and old-PSW address `ia`. */
#define expect_guest_program(pic, length, ia) \
    do { \
        expect_interrupted(0x150); \
        ck_assert_uint_eq(get_be16(guest(0x8e)), pic); \
        ck_assert_uint_eq(get_be16(guest(0x8c)), length); \
        ck_assert_uint_eq(get_be64(guest(0x158)), ia); \
    } while (0)

/** A program interception with `pic`, its ILC and the guest's PSW. */
#define expect_program_icpt(pic, length, ia) \
    do { \
        expect_icpt(ICPT_PROGRAM, ia); \
        ck_assert_uint_eq(sd16(SD_INTERRUPTION + 0xe), pic); \
        ck_assert_uint_eq(sd16(SD_INTERRUPTION + 0xc), length); \
    } while (0)

/** A nullifying fault of the host at host logical `address`: guest at `ia`, host at SIE. */
#define expect_host_fault(pic, address, ia) \
    do { \
        ck_assert_uint_eq(f.code, pic); \
        ck_assert_uint_eq(f.ilc, 4); \
        ck_assert_uint_eq(f.old_ia, CODE); \
        ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & PAGE_MASK, (address) & PAGE_MASK); \
        ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & 3, 0); \
        ck_assert_uint_eq(icpt(), 0); \
        ck_assert_uint_eq(guest_ia(), ia); \
    } while (0)

/** Host protection of host logical `address`: it suppresses, so the host is after SIE. */
#define expect_host_protection(address, ia) \
    do { \
        ck_assert_uint_eq(f.code, PIC_PROTECTION); \
        ck_assert_uint_eq(f.ilc, 4); \
        ck_assert_uint_eq(f.old_ia, SIE_ENDS); \
        ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & (PAGE_MASK | 0xc00), ((address) & PAGE_MASK) | 0x400); \
        ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & 7, 4); \
        ck_assert_uint_eq(icpt(), 0); \
        ck_assert_uint_eq(guest_ia(), ia); \
    } while (0)

/* ---- main() ---- */

static inline TCase *sie_tests(void (*before)(void))
{
    TCase *tc = tcase_create("sie");

    tcase_add_checked_fixture(tc, before, teardown);
    tcase_set_timeout(tc, 60);
    return tc;
}

static inline int run_sie_tests(const char *name, TCase *tc)
{
    Suite *suite = suite_create(name);

    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

#endif
