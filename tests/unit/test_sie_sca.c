/* SPDX-License-Identifier: MIT */
/** The system control area: external calls and sensing between a guest's CPUs, interlock, topology report. */
#include "unit/sie_fixture.h"
#include "unit/suite.h"

enum { GUEST_CPUS = 3, EXTERNAL_CALL = 2, SENSE_RUNNING = 0x15 };

/* All tests are run with the basic and with the extended area. */
static bool extended;

static uint8_t *area(unsigned offset) { return at(&f, SCA + offset); }
static uint8_t *entry(unsigned cpu) { return area(extended ? 0x100 + cpu * 64 : 0x40 + cpu * 32); }
static uint8_t *mask(unsigned cpu) { return area((extended ? 0x40 : 0x30) + cpu / 64 * 8); }
static uint8_t *description_of(unsigned cpu) { return at(&f, SD + cpu * 0x1000); }

static void make_present(unsigned cpu)
{
    put_be64(mask(cpu), get_be64(mask(cpu)) | BIT64(cpu % 64));
    put_be64(entry(cpu) + 8, SD + cpu % GUEST_CPUS * 0x1000);
}

static void setup_area(bool with_extension)
{
    setup_cpus(GUEST_CPUS);
    extended = with_extension;
    for (unsigned n = 0; n < GUEST_CPUS; n++) {
        select_cpu(n);
        describe();
        set_sd32(SD_SCA_LOW, SCA);
        set_sd32(SD_ECA, ECA_SIGPI | ECA_SII);
        *sd(SD_ECB) = ECB_SRSI | ECB_PTF;
        *sd(SD_ECB2) = extended ? ECB2_ESCA : 0;
        set_sd16(SD_CPU_ADDRESS, (uint16_t)n);
        make_present(n);
    }
    select_cpu(0);
}
static void setup_basic(void) { setup_area(false); }
static void setup_extended(void) { setup_area(true); }

/* Is a call pending for the CPU, and from whom? */
static bool pending(unsigned cpu, unsigned source)
{
    unsigned have = extended ? get_be16(entry(cpu)) : entry(cpu)[1];

    return have == ((extended ? 0x8000u : 0x80u) | source);
}
static bool idle(unsigned cpu) { return extended ? get_be16(entry(cpu)) == 0 : entry(cpu)[1] == 0; }

/* SIGP order,target by the present CPU: sigp 4,2,order; diag. */
static void sigp(unsigned order, unsigned target)
{
    char code[] = "ae420000 83000044";

    code[6] = "0123456789abcdef"[order >> 4];
    code[7] = "0123456789abcdef"[order & 15];
    f.cpu->gr[2].d = target;
    f.cpu->gr[4].d = 0x4444444444444444;
    guest_code(code);
    set_guest_psw(PSW_EA | PSW_BA | 2ULL << PSW_CC_SHIFT, GUEST_CODE);
    interpret();
}

static unsigned guest_cc(void) { return guest_mask() >> PSW_CC_SHIFT & 3; }

static void expect_sigp_icpt(unsigned order)
{
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    ck_assert_uint_eq(sd16(SD_IPA), 0xae42);
    ck_assert_uint_eq(sd32(SD_IPB), order << 16);
}
#define expect_interpreted() expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 8)

START_TEST(test_external_call)
{
    set_sd16(SD_CPU_ADDRESS, 2);
    sigp(EXTERNAL_CALL, 1);
    expect_interpreted();
    ck_assert_uint_eq(guest_cc(), 0);
    ck_assert(pending(1, 2));
    ck_assert(idle(0) && idle(2));
    ck_assert_uint_eq(get_be32(description_of(1) + SD_CPUSTAT), CPUSTAT_ZARCH | CPUSTAT_ECALL_PENDING);
    ck_assert_uint_eq(get_be32(description_of(0) + SD_CPUSTAT), CPUSTAT_ZARCH);
    /* A second one finds it busy: the host answers, and nothing changed. */
    set_sd16(SD_CPU_ADDRESS, 0);
    sigp(EXTERNAL_CALL, 1);
    expect_sigp_icpt(EXTERNAL_CALL);
    ck_assert(pending(1, 2));
}
END_TEST

START_TEST(test_external_call_to_a_waiting_cpu)
{
    put_be32(description_of(1) + SD_CPUSTAT, CPUSTAT_ZARCH | CPUSTAT_WAIT);
    sigp(EXTERNAL_CALL, 1);
    expect_icpt(ICPT_PARTIAL, GUEST_CODE + 4);
    ck_assert_uint_eq(sd16(SD_IPA), 0xae42);
    ck_assert_uint_eq(sd32(SD_IPB), EXTERNAL_CALL << 16);
    ck_assert_uint_eq(*sd(SD_ICPTSTATUS), 0x80);
    ck_assert_uint_eq(guest_cc(), 0);
    ck_assert(pending(1, 0));
    ck_assert(get_be32(description_of(1) + SD_CPUSTAT) & CPUSTAT_ECALL_PENDING);
}
END_TEST

/* A CPU that is not there, or of which nothing is known, is the host's to tell of. */
START_TEST(test_absent_targets)
{
    static const unsigned numbers[] = {3, 63, 64, 247, 248, 0xffff, 0x10001};

    put_be64(mask(1), get_be64(mask(1)) & ~BIT64(1));
    sigp(EXTERNAL_CALL, 1);
    expect_sigp_icpt(EXTERNAL_CALL);
    make_present(1);
    put_be64(entry(1) + 8, 0);
    sigp(EXTERNAL_CALL, 1);
    expect_sigp_icpt(EXTERNAL_CALL);
    sigp(SENSE_RUNNING, 1);
    expect_sigp_icpt(SENSE_RUNNING);
    put_be64(entry(1) + 8, FIXTURE_STORAGE); /* no such storage */
    sigp(EXTERNAL_CALL, 1);
    expect_sigp_icpt(EXTERNAL_CALL);
    ck_assert(idle(1));
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sigp(EXTERNAL_CALL, numbers[i]);
        expect_sigp_icpt(EXTERNAL_CALL);
    }
    set_sd32(SD_SCA_LOW, 0);
    sigp(EXTERNAL_CALL, 0);
    expect_sigp_icpt(EXTERNAL_CALL);
}
END_TEST

START_TEST(test_greatest_numbers)
{
    unsigned last = extended ? 247 : 63;

    make_present(last);
    sigp(EXTERNAL_CALL, last);
    expect_interpreted();
    ck_assert(pending(last, 0));
    set_sd16(SD_CPU_ADDRESS, (uint16_t)last);
    sigp(EXTERNAL_CALL, 2);
    expect_interpreted();
    ck_assert(pending(2, last));
}
END_TEST

START_TEST(test_each_assist_by_itself)
{
    set_sd32(SD_ECA, ECA_SII); /* SRSI is left */
    sigp(EXTERNAL_CALL, 1);
    expect_sigp_icpt(EXTERNAL_CALL);
    ck_assert(idle(1));
    sigp(SENSE_RUNNING, 1);
    expect_interpreted();
    set_sd32(SD_ECA, ECA_SIGPI);
    *sd(SD_ECB) = 0;
    sigp(SENSE_RUNNING, 1);
    expect_sigp_icpt(SENSE_RUNNING);
    sigp(EXTERNAL_CALL, 1);
    expect_interpreted();
}
END_TEST

START_TEST(test_all_other_orders_are_the_hosts)
{
    for (unsigned order = 0; order < 0x20; order++)
        if (order != EXTERNAL_CALL && order != SENSE_RUNNING) {
            sigp(order, 1);
            expect_sigp_icpt(order);
            ck_assert_uint_eq(guest_cc(), 2);
        }
}
END_TEST

START_TEST(test_sense_running)
{
    sigp(SENSE_RUNNING, 1);
    expect_interpreted();
    ck_assert_uint_eq(guest_cc(), 1);
    ck_assert_uint_eq(f.cpu->gr[4].d, 0x4444444400000400);
    put_be32(description_of(1) + SD_CPUSTAT, CPUSTAT_ZARCH | CPUSTAT_RUNNING);
    sigp(SENSE_RUNNING, 1);
    expect_interpreted();
    ck_assert_uint_eq(guest_cc(), 0);
    ck_assert_uint_eq(f.cpu->gr[4].d, 0x4444444444444444);
}
END_TEST

/* ---- Taking the call ---- */

static void call_pending_from(unsigned source)
{
    if (extended)
        put_be16(entry(0), (uint16_t)(0x8000 | source));
    else
        entry(0)[1] = (uint8_t)(0x80 | source);
    or_sd32(SD_CPUSTAT, CPUSTAT_ECALL_PENDING);
}

START_TEST(test_call_is_taken)
{
    call_pending_from(2);
    set_guest_psw(PSW_EA | PSW_BA | PSW_EXTERNAL, GUEST_CODE);
    set_sd64(SD_CR, CR0_EXTERNAL_CALL);
    interpret();
    expect_interrupted(0x130);
    ck_assert_uint_eq(get_be16(guest(0x86)), 0x1202);
    ck_assert_uint_eq(get_be16(guest(0x84)), 2);
    ck_assert_uint_eq(get_be64(guest(0x138)), GUEST_CODE);
    ck_assert(idle(0));
    ck_assert_uint_eq(sd32(SD_CPUSTAT), CPUSTAT_ZARCH);
}
END_TEST

START_TEST(test_call_waits_for_both_masks)
{
    call_pending_from(2);
    f.cpu->gr[2].d = GUEST_DATA;
    *guest(GUEST_DATA) = 1;
    put_be64(guest(GUEST_DATA + 8), CR0_EXTERNAL_CALL);
    guest_code("80002000 eb002008002f 83000044"); /* ssm; lctlg 0,0,8(2) */
    set_sd64(SD_CR, 0);
    interpret();
    expect_interrupted(0x130);
    ck_assert_uint_eq(get_be64(guest(0x138)), GUEST_CODE + 10);
    /* The other way round, and never with one alone. */
    describe();
    set_sd32(SD_SCA_LOW, SCA);
    *sd(SD_ECB2) = extended ? ECB2_ESCA : 0;
    call_pending_from(1);
    guest_code("eb002008002f 80002000 83000044");
    set_sd64(SD_CR, 0);
    interpret();
    expect_interrupted(0x130);
    ck_assert_uint_eq(get_be64(guest(0x138)), GUEST_CODE + 10);
    call_pending_from(1);
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE + 10);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 14);
    ck_assert(pending(0, 1));
}
END_TEST

/* With CEI the host gets what would come again at once, or what stands behind something of its own. */
START_TEST(test_conditional_external_interception)
{
    or_sd32(SD_ECA, ECA_CEI);
    set_sd64(SD_CR, CR0_EXTERNAL_CALL);
    call_pending_from(2);
    set_guest_psw(PSW_EA | PSW_BA | PSW_EXTERNAL, GUEST_CODE);
    interpret();
    expect_interrupted(0x130); /* the new PSW is disabled: the guest's own */
    call_pending_from(2);
    put_be64(guest(0x1b0), PSW_EA | PSW_BA | PSW_EXTERNAL);
    set_guest_psw(PSW_EA | PSW_BA | PSW_EXTERNAL, GUEST_CODE);
    interpret();
    expect_icpt(ICPT_EXTERNAL, GUEST_CODE);
    ck_assert_uint_eq(sd16(SD_EXTERNAL_CODE), 0x1202);
    ck_assert_uint_eq(sd16(SD_EXTERNAL_CPU), 2);
    ck_assert_uint_eq(guest_mask(), PSW_EA | PSW_BA | PSW_EXTERNAL);
}
END_TEST

/* Two CPUs of the host at the same time: one guest CPU calls, the other is torn out of its loop. */
START_TEST(test_call_between_running_cpus)
{
    select_cpu(1);
    set_guest_psw(PSW_EA | PSW_BA | PSW_EXTERNAL, 0x12000);
    set_sd64(SD_CR, CR0_EXTERNAL_CALL);
    guest_code_at(0x12000, "a7f40000");
    begin();
    select_cpu(0);
    f.machine.cpus->cpu[1]->state = CPU_OPERATING;
    f.cpu->gr[2].d = 1;
    guest_code("a7690fff a7670000 ae420002 a7f40000"); /* lghi 6; brctg 6,.; sigp; j . */
    begin();
    cpus_run(&f.machine, f.machine.now + 60000);
    ck_assert_uint_eq(*(description_of(1) + SD_ICPTCODE), ICPT_WAIT);
    ck_assert_uint_eq(get_be64(description_of(1) + SD_PSW + 8), NEW_PSW_IA + 0x130);
    ck_assert_uint_eq(get_be16(guest(0x86)), 0x1202);
    ck_assert_uint_eq(get_be16(guest(0x84)), 0);
    ck_assert_uint_eq(get_be64(guest(0x138)), 0x12000);
    ck_assert(idle(1));
    ck_assert_ptr_nonnull(f.cpu->interpreting);
}
END_TEST

/* ---- Interlock and topology ---- */

static const char *const invalidations[] = {"b2210023", "b98e0023", "b2500023", "b98a0023", "b98f0023"};
enum { INVALIDATIONS = sizeof invalidations / sizeof invalidations[0] };

static void invalidate(const char *code)
{
    char hex[32];

    strcpy(hex, code);
    strcat(hex, "83000044");
    guest_code(hex);
    f.cpu->gr[2].d = f.cpu->gr[3].d = 0x30000;
    if (!strcmp(code, "b98e0023"))
        f.cpu->gr[3].d = 0x300000; /* bits 44-51 are zeros */
    if (!strcmp(code, "b98f0023")) {
        guest_code("b98f004283000044"); /* crdte 4,2: R2 designates a page table */
        f.cpu->gr[3].d = 0;
    }
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
}

START_TEST(test_interlock)
{
    put_be32(area(0), 0x80000000);
    invalidate(invalidations[_i]);
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    ck_assert_uint_ne(sd16(SD_IPA), 0x8300);
    ck_assert_uint_eq(get_be64(area(0)), 0x8000000000000000);
    put_be64(area(0), 0x0000000500000003); /* others have it shared */
    invalidate(invalidations[_i]);
    expect_interpreted();
    ck_assert_uint_eq(get_be64(area(0)), 0x0000000500000003);
    put_be32(area(0), 0x80000000);
    set_sd32(SD_ECA, 0); /* nobody asks to respect it */
    invalidate(invalidations[_i]);
    expect_interpreted();
}
END_TEST

START_TEST(test_topology_report)
{
    f.cpu->gr[2].d = 2;
    *area(0x38) = 0xc0;
    guest_code("b9a20020 83000044");
    interpret();
    expect_interpreted();
    ck_assert_uint_eq(guest_cc(), 1);
    ck_assert_uint_eq(*area(0x38), 0x40);
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    ck_assert_uint_eq(guest_cc(), 0);
    for (unsigned function = 0; function < 5; function++) {
        f.cpu->gr[2].d = function;
        set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
        interpret();
        expect_icpt(ICPT_INSTRUCTION, function == 2 ? GUEST_CODE + 8 : GUEST_CODE + 4);
    }
}
END_TEST

static TCase *tests(void (*before)(void))
{
    TCase *tc = sie_tests(before);

    tcase_add_test(tc, test_external_call);
    tcase_add_test(tc, test_external_call_to_a_waiting_cpu);
    tcase_add_test(tc, test_absent_targets);
    tcase_add_test(tc, test_greatest_numbers);
    tcase_add_test(tc, test_each_assist_by_itself);
    tcase_add_test(tc, test_all_other_orders_are_the_hosts);
    tcase_add_test(tc, test_sense_running);
    tcase_add_test(tc, test_call_is_taken);
    tcase_add_test(tc, test_call_waits_for_both_masks);
    tcase_add_test(tc, test_conditional_external_interception);
    tcase_add_test(tc, test_call_between_running_cpus);
    tcase_add_loop_test(tc, test_interlock, 0, INVALIDATIONS);
    tcase_add_test(tc, test_topology_report);
    return tc;
}

int main(void)
{
    Suite *suite = suite_create("sie system control area");

    suite_add_tcase(suite, tests(setup_basic));
    suite_add_tcase(suite, tests(setup_extended));
    return run_suite(suite);
}
