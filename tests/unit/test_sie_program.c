/* SPDX-License-Identifier: MIT */
/** Program interruptions of a guest: which it takes itself, which its host gets, and what is told of them. */
#include "unit/sie_fixture.h"

#include "cpu/per.h"

#define PLAIN (PSW_EA | PSW_BA)
enum { SEGMENT = 0x80000, PAGE_TABLE = 0x84000, HIGH = 0x100000 };

/* ---- One of each kind ---- */

/** Who sees an exception unless all is asked for. */
enum owner { GUESTS, HOSTS, BY_SPECI, BY_PROTEXCI, BY_PRIVILEGED, BY_OPERATION };

static const struct exception {
    const char *name, *code;
    unsigned pic, length;
    bool nullified;
    enum owner owner;
    uint64_t mask;      /**< of the PSW, besides the addressing mode */
    uint64_t cr0;
    uint64_t gr2;
    uint64_t teid;      /**< or monitor code, without the fetch-store bits */
    unsigned dxc;
} exceptions[] = {
    {"operation", "0000", 0x01, 2, false, BY_OPERATION, 0, 0, 0, 0, 0},
    {"operation of six bytes", "e31020000000", 0x01, 6, false, BY_OPERATION, 0, 0, 0, 0, 0},
    {"privileged operation", "82002000", 0x02, 4, false, BY_PRIVILEGED, PSW_PROBLEM, 0, 0, 0, 0},
    {"execute", "44002000", 0x03, 4, false, GUESTS, 0, 0, GUEST_DATA, 0, 0},
    {"low-address protection", "e36020000024", 0x04, 6, false, BY_PROTEXCI, 0, CR0_LOW_ADDRESS_PROTECTION,
     0x1008, 0x1080, 0},
    {"page protection", "e36020000024", 0x04, 6, false, BY_PROTEXCI, PSW_DAT, 0, 0x31008, 0x31004, 0},
    {"addressing", "e36020000004", 0x05, 6, false, HOSTS, 0, 0, HIGH, 0, 0},
    {"specification", "e3602000008f", 0x06, 6, false, BY_SPECI, 0, 0, GUEST_DATA + 8, 0, 0},
    {"data", "fa1120002000", 0x07, 6, false, GUESTS, 0, 0, GUEST_DATA, 0, 0},
    {"fixed-point overflow", "1a66", 0x08, 2, false, GUESTS, PSW_FIXED_OVERFLOW, 0, 0, 0, 0},
    {"fixed-point divide", "1d84", 0x09, 2, false, GUESTS, 0, 0, 0, 0, 0},
    {"segment translation", "e36020000004", 0x10, 6, true, GUESTS, PSW_DAT, 0, 0x2345678, 0x2345000, 0},
    {"page translation", "e36020000004", 0x11, 6, true, GUESTS, PSW_DAT, 0, 0x30008, 0x30000, 0},
    {"page translation of a store", "e36020000024", 0x11, 6, true, GUESTS, PSW_DAT, 0, 0x30008, 0x30000, 0},
    {"special operation", "80002000", 0x13, 4, false, HOSTS, 0, CR0_SSM_SUPPRESSION, GUEST_DATA, 0, 0},
    {"ASCE type", "e36020000004", 0x38, 6, true, GUESTS, PSW_DAT, 0, 0x81234008, 0x81234000, 0},
    {"monitor event", "af052123", 0x40, 4, false, GUESTS, 0, 0, GUEST_DATA, GUEST_DATA + 0x123, 0},
};
enum { EXCEPTIONS = sizeof exceptions / sizeof exceptions[0] };

/* Guest logical 0 … 1 MiB is guest real, but page 0x30 is invalid and page 0x31 protected. */
static void guest_tables(void)
{
    for (unsigned i = 0; i < 512; i++)
        put_be64(guest(SEGMENT + 8 * i), i ? 0x20 : PAGE_TABLE);
    for (unsigned i = 0; i < 256; i++)
        put_be64(guest(PAGE_TABLE + 8 * i), i * 0x1000 | (i == 0x30 ? 0x400 : i == 0x31 ? 0x200 : 0));
    set_sd64(SD_CR + 8, SEGMENT);
}

static void raise(const struct exception *e, uint32_t ictl, bool assists)
{
    describe();
    guest_tables();
    memset(guest(0x80), 0xaa, 0x40);
    memset(guest(GUEST_DATA), 0, 64);
    put_be32(guest(GUEST_DATA), 0x44002000); /* EXECUTE of an EXECUTE */
    if (e->pic == PIC_DATA)
        put_be64(guest(GUEST_DATA), 0xaaaaaaaaaaaaaaaa); /* no decimal digits */
    set_sd32(SD_ICTL, ictl);
    if (assists) {
        or_sd32(SD_ECA, ECA_PROTEXCI);
        *sd(SD_ECB) = ECB_SPECI;
    }
    set_sd64(SD_CR, 0xe0 | CR0_AFP | e->cr0);
    set_sd64(SD_CR + 8 * 8, 0xffff); /* monitor masks */
    set_guest_psw(PLAIN | e->mask, GUEST_CODE);
    f.cpu->gr[2].d = e->gr2;
    f.cpu->gr[4].d = 0;
    f.cpu->gr[6].d = 0x7fffffff;
    guest_code(e->code);
    interpret();
}

static uint64_t old_ia(const struct exception *e) { return GUEST_CODE + (e->nullified ? 0 : e->length); }

static uint64_t without_kind(uint64_t teid) { return teid & ~0xc00ULL; }

static void expect_host(const struct exception *e)
{
    ck_assert_msg(f.code == 0 && icpt() == ICPT_PROGRAM, "%s: interception %02x, host %x", e->name, icpt(),
                  f.code);
    ck_assert_msg(sd16(0xce) == e->pic && sd16(0xcc) == e->length && guest_ia() == old_ia(e),
                  "%s: %x, %u at %llx", e->name, sd16(0xce), sd16(0xcc), (unsigned long long)guest_ia());
    ck_assert_msg(e->pic == PIC_MONITOR_EVENT || (guest_mask() & ~PSW_CC) == (PLAIN | e->mask),
                  "%s: PSW %llx", e->name, (unsigned long long)guest_mask());
    ck_assert_msg(!e->teid || without_kind(sd64(0xe8)) == e->teid, "%s: TEID %llx", e->name,
                  (unsigned long long)sd64(0xe8));
    if (e->pic == PIC_DATA)
        ck_assert_uint_eq(sd32(0xd0), e->dxc);
    if (e->pic == PIC_MONITOR_EVENT)
        ck_assert_uint_eq(sd16(0xd4), 5);
    for (unsigned i = 0x80; i < 0xc0; i++) /* the guest's own storage tells nothing */
        ck_assert_msg(*guest(i) == 0xaa, "%s: guest real %x", e->name, i);
}

static void expect_guest(const struct exception *e)
{
    ck_assert_msg(f.code == 0 && icpt() == ICPT_WAIT && guest_ia() == NEW_PSW_IA + 0x150,
                  "%s: interception %02x, host %x", e->name, icpt(), f.code);
    ck_assert_msg(get_be16(guest(0x8e)) == e->pic && get_be16(guest(0x8c)) == e->length &&
                  get_be64(guest(0x158)) == old_ia(e), "%s: %x", e->name, get_be16(guest(0x8e)));
    ck_assert_uint_eq(get_be64(guest(0x150)) & ~PSW_CC, PLAIN | e->mask);
    if (e->pic == PIC_MONITOR_EVENT) {
        ck_assert_uint_eq(get_be64(guest(0xb0)), e->teid);
        ck_assert_uint_eq(get_be16(guest(0x94)), 5);
    } else {
        ck_assert_msg(!e->teid || without_kind(get_be64(guest(0xa8))) == e->teid, "%s: TEID %llx", e->name,
                      (unsigned long long)get_be64(guest(0xa8)));
    }
    if (e->pic == PIC_DATA)
        ck_assert_uint_eq(get_be32(guest(0x90)), e->dxc);
}

START_TEST(test_without_assists)
{
    const struct exception *e = &exceptions[_i];

    raise(e, 0, false);
    if (e->owner == HOSTS || e->owner == BY_SPECI || e->owner == BY_PROTEXCI)
        expect_host(e);
    else
        expect_guest(e);
}
END_TEST

START_TEST(test_with_assists)
{
    const struct exception *e = &exceptions[_i];

    raise(e, 0, true);
    if (e->owner == HOSTS)
        expect_host(e);
    else
        expect_guest(e);
}
END_TEST

START_TEST(test_all_asked_for)
{
    raise(&exceptions[_i], ICTL_PROGRAM, true);
    expect_host(&exceptions[_i]);
}
END_TEST

START_TEST(test_privileged_operations_asked_for)
{
    const struct exception *e = &exceptions[_i];

    raise(e, ICTL_PRIVILEGED, true);
    if (e->owner == HOSTS || e->owner == BY_PRIVILEGED)
        expect_host(e);
    else
        expect_guest(e);
}
END_TEST

START_TEST(test_operation_exceptions_asked_for)
{
    const struct exception *e = &exceptions[_i];

    raise(e, ICTL_OPERATION | ICTL_PROGRAM, true); /* it has priority over the other */
    if (e->owner != BY_OPERATION) {
        expect_host(e);
        return;
    }
    expect_icpt(ICPT_OPERATION, GUEST_CODE + e->length);
    ck_assert_uint_eq(*sd(SD_ICPTSTATUS), 0x80);
}
END_TEST

/* ---- Registers that the host has not ---- */

START_TEST(test_floating_point_registers_of_the_host)
{
    static const struct { uint64_t host, guest; bool runs, intercepted; } rows[] = {
        {CR0_AFP, CR0_AFP, true, false}, {CR0_AFP, 0, false, false}, {0, CR0_AFP, false, true},
        {0, 0, false, false},
    };
    /* adbr 0,2: DXC 2; ldr 8,0: DXC 1 */
    static const char *const codes[] = {"b31a0002 83000044", "28800700 83000044"};

    for (unsigned i = 0; i < 8; i++) {
        unsigned row = i / 2, dxc = i & 1 ? 1 : 2, length = i & 1 ? 2 : 4;

        describe();
        memset(guest(0x80), 0, 0x40);
        set_sd64(SD_CR, 0xe0 | rows[row].guest);
        f.cpu->cr[0] = 0xe0 | rows[row].host;
        guest_code(codes[i & 1]);
        interpret();
        if (rows[row].runs) {
            expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 8);
        } else if (rows[row].intercepted) {
            expect_program_icpt(PIC_DATA, length, GUEST_CODE + length);
            ck_assert_uint_eq(sd32(0xd0), dxc);
        } else {
            expect_guest_program(PIC_DATA, length, GUEST_CODE + length);
            ck_assert_uint_eq(get_be32(guest(0x90)), dxc);
        }
    }
}
END_TEST

/* ---- PER ---- */

static void trace(uint8_t events, uint64_t from, uint64_t to)
{
    set_sd64(SD_CR + 8 * 9, (uint64_t)events << 24);
    set_sd64(SD_CR + 8 * 10, from);
    set_sd64(SD_CR + 8 * 11, to);
}

/* Without P the guest's events are the guest's. */
START_TEST(test_guests_own_events)
{
    trace(PER_STORE, GUEST_DATA, GUEST_DATA + 7);
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("e36020080024 e36020000024 83000044");
    interpret(); /* PSW.R is zero */
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 16);
    set_guest_psw(PLAIN | PSW_PER, GUEST_CODE);
    interpret();
    expect_guest_program(0x80, 6, GUEST_CODE + 12);
    ck_assert_uint_eq(*guest(0x96), PER_STORE);
    ck_assert_uint_eq(get_be64(guest(0x98)), GUEST_CODE + 6);
    ck_assert_uint_eq(*guest(0x97), 0xe0);
}
END_TEST

/* With P they are the host's, and the guest's PSW has no say. */
START_TEST(test_hosts_events)
{
    for (unsigned i = 0; i < 2; i++) {
        describe();
        or_sd32(SD_CPUSTAT, CPUSTAT_PER);
        trace(PER_STORE, GUEST_DATA, GUEST_DATA + 7);
        set_guest_psw(PLAIN | (i ? PSW_PER : 0), GUEST_CODE);
        f.cpu->gr[2].d = GUEST_DATA;
        guest_code("e36020080024 e36020000024 83000044");
        interpret();
        expect_program_icpt(0x80, 6, GUEST_CODE + 12);
        ck_assert_uint_eq(*sd(0xd6), PER_STORE);
        ck_assert_uint_eq(*sd(0xd7), 0xe0);
        ck_assert_uint_eq(sd64(0xd8), GUEST_CODE + 6);
        interpret(); /* and on */
        expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 16);
    }
}
END_TEST

/* Single step as a debugger does it: each instruction fetch is an event, each step one interception. */
START_TEST(test_single_steps)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_PER);
    set_sd32(SD_ICTL, ICTL_PROGRAM);
    trace(PER_FETCH, 0, UINT64_MAX);
    guest_code("a7690005 1866 a7f40004 0000 0000 0a11");
    interpret();
    expect_program_icpt(0x80, 4, GUEST_CODE + 4);
    ck_assert_uint_eq(*sd(0xd6), PER_FETCH);
    ck_assert_uint_eq(sd64(0xd8), GUEST_CODE);
    interpret();
    expect_program_icpt(0x80, 2, GUEST_CODE + 6);
    interpret();
    expect_program_icpt(0x80, 4, GUEST_CODE + 14); /* the branch has been taken */
    ck_assert_uint_eq(sd64(0xd8), GUEST_CODE + 6);
    interpret(); /* the SVC has been taken, too */
    ck_assert_uint_eq(icpt(), ICPT_PROGRAM);
    ck_assert_uint_eq(sd16(0xce), 0x80);
    ck_assert_uint_eq(guest_ia(), NEW_PSW_IA + 0x140);
    ck_assert_uint_eq(sd64(0xd8), GUEST_CODE + 14);
    ck_assert_uint_eq(get_be64(guest(0x148)), GUEST_CODE + 16);
}
END_TEST

/* An event of an intercepted instruction's fetch is told by the status, not by a program interception. */
START_TEST(test_event_of_an_intercepted_instruction)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_PER);
    trace(PER_FETCH, GUEST_CODE, GUEST_CODE);
    guest_code("83230044");
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    ck_assert_uint_eq(*sd(SD_ICPTSTATUS), 0x82);
    ck_assert_uint_eq(sd16(SD_IPA), 0x8323);
    trace(PER_FETCH, GUEST_CODE + 2, GUEST_CODE + 2);
    set_guest_psw(PLAIN, GUEST_CODE);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    ck_assert_uint_eq(*sd(SD_ICPTSTATUS), 0x80);
}
END_TEST

/* An exception of the same instruction comes with the event: the host gets both. */
START_TEST(test_event_and_exception)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_PER);
    trace(PER_FETCH, GUEST_CODE, GUEST_CODE);
    guest_code("0000");
    interpret();
    expect_program_icpt(0x81, 2, GUEST_CODE + 2);
    ck_assert_uint_eq(*sd(0xd6), PER_FETCH);
    ck_assert_uint_eq(sd64(0xd8), GUEST_CODE);
    /* Without P both are the guest's. */
    describe();
    set_guest_psw(PLAIN | PSW_PER, GUEST_CODE);
    trace(PER_FETCH, GUEST_CODE, GUEST_CODE);
    interpret();
    expect_guest_program(0x81, 2, GUEST_CODE + 2);
    ck_assert_uint_eq(*guest(0x96), PER_FETCH);
}
END_TEST

START_TEST(test_branch_events)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_PER);
    trace(PER_BRANCH, 0, UINT64_MAX);
    guest_code("a7040006 1866 a7f40005 0000 83000044"); /* brc 0: none; j .+10 */
    interpret();
    expect_program_icpt(0x80, 4, GUEST_CODE + 16);
    ck_assert_uint_eq(*sd(0xd6), PER_BRANCH);
    ck_assert_uint_eq(sd64(0xd8), GUEST_CODE + 6);
}
END_TEST

/* A host fault in a traced instruction: no event is told, it comes when all has been done. */
START_TEST(test_event_and_host_fault)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_PER);
    trace(PER_STORE, GUEST_DATA, GUEST_DATA + 7);
    f.cpu->gr[2].d = GUEST_DATA;
    map_page(GUEST_DATA, 0x400);
    guest_code("e36020000024 83000044");
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + GUEST_DATA, GUEST_CODE);
    ck_assert_uint_eq(get_be16(at(&f, 0x8e)), PIC_PAGE_TRANSLATION); /* no PER of the host */
    remap_page(GUEST_DATA, 0);
    interpret();
    expect_program_icpt(0x80, 6, GUEST_CODE + 6);
    ck_assert_uint_eq(*sd(0xd6), PER_STORE);
}
END_TEST

/* The same with an instruction-fetch event, which is recognised before the operand is looked at. */
START_TEST(test_fetch_event_and_host_fault)
{
    or_sd32(SD_CPUSTAT, CPUSTAT_PER);
    trace(PER_FETCH, GUEST_CODE, GUEST_CODE);
    f.cpu->gr[2].d = GUEST_DATA;
    map_page(GUEST_DATA, 0x400);
    guest_code("e36020000024 83000044");
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + GUEST_DATA, GUEST_CODE);
    ck_assert_uint_eq(get_be16(at(&f, 0x8e)), PIC_PAGE_TRANSLATION);
    remap_page(GUEST_DATA, 0);
    interpret();
    expect_program_icpt(0x80, 6, GUEST_CODE + 6);
}
END_TEST

int main(void)
{
    TCase *tc = sie_tests(setup);

    tcase_add_loop_test(tc, test_without_assists, 0, EXCEPTIONS);
    tcase_add_loop_test(tc, test_with_assists, 0, EXCEPTIONS);
    tcase_add_loop_test(tc, test_all_asked_for, 0, EXCEPTIONS);
    tcase_add_loop_test(tc, test_privileged_operations_asked_for, 0, EXCEPTIONS);
    tcase_add_loop_test(tc, test_operation_exceptions_asked_for, 0, EXCEPTIONS);
    tcase_add_test(tc, test_floating_point_registers_of_the_host);
    tcase_add_test(tc, test_guests_own_events);
    tcase_add_test(tc, test_hosts_events);
    tcase_add_test(tc, test_single_steps);
    tcase_add_test(tc, test_event_of_an_intercepted_instruction);
    tcase_add_test(tc, test_event_and_exception);
    tcase_add_test(tc, test_branch_events);
    tcase_add_test(tc, test_event_and_host_fault);
    tcase_add_test(tc, test_fetch_event_and_host_fault);
    return run_sie_tests("sie program interruptions", tc);
}
