/* SPDX-License-Identifier: MIT */
/** DIAGNOSE functions and SERVICE CALL, executed as instructions. */
#include <check.h>

#include "machine/ebcdic.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;
static char shown[512];

static void setup(void)
{
    fixture_init(&f);
    shown[0] = 0;
    f.machine.identity.type = 0x3931;
    f.machine.identity.serial = 0x123456;
    strcpy(f.machine.identity.lpar_name, "SIENNA");
}
static void teardown(void) { fixture_release(&f); }

static void show(struct machine *machine, const char *text)
{
    strcat(shown, text);
    strcat(shown, "\n");
}

START_TEST(unknown_and_privileged)
{
    run(&f, "8323000c");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    ck_assert_uint_eq(f.ilc, 4);
    f.cpu->psw_mask |= PSW_PROBLEM;
    run(&f, "83230044");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
    run(&f, "b2200023");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
}
END_TEST

START_TEST(function_code_is_an_address)
{
    f.cpu->gr[4].d = 0x12340000;
    f.cpu->gr[2].d = 0x0400000012345678;
    run(&f, "83204318");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.machine.configuration.control_program_code, 0x0400000012345678);
}
END_TEST

/* Runs CP command `text` with diag 2,4,8 and a response buffer of `room` bytes at DATA + 0x1000. */
static const char *command(const char *text, uint32_t room)
{
    static char response[8192];

    ebcdic_field(EBCDIC_037, at(&f, DATA), strlen(text), text);
    memset(at(&f, DATA + 0x1000), 0, 8192);
    f.cpu->gr[2].d = DATA;
    f.cpu->gr[3].d = DATA + 0x1000;
    f.cpu->gr[4].d = strlen(text) | 0x40000000;
    f.cpu->gr[5].d = room;
    run(&f, "83240008");
    ck_assert_uint_eq(f.code, 0);
    memset(response, 0, sizeof response);
    for (unsigned i = 0; i < 8191 && *at(&f, DATA + 0x1000 + i); i++) {
        uint8_t c = *at(&f, DATA + 0x1000 + i);

        response[i] = c == 0x15 ? '\n' : (char)ebcdic_to_latin1(EBCDIC_037, c);
    }
    return response;
}

START_TEST(cp_commands)
{
    f.machine.configuration.operator_message = show;
    ck_assert_str_eq(command("QUERY CPUS", 4096), "CPU 00  ID  FF12345639318000 (BASE) CP   CPUAFF OFF\n");
    ck_assert_uint_eq(f.cpu->gr[4].d, 0);
    ck_assert_uint_eq(f.cpu->gr[5].d, 52);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_str_eq(command("Q V STOR", 4096), "STORAGE = 4M\n");
    ck_assert_str_eq(command("MESSAGE * HELLO  THERE", 100), "");
    ck_assert_str_eq(shown, "MSG FROM SIENNA: HELLO  THERE\n");
    ck_assert_str_eq(command("XAUTOLOG ME", 100), "HCPCMD001E Unknown CP command: XAUTOLOG\n");
    ck_assert_uint_eq(f.cpu->gr[4].d, 1);
    command("MSG", 100);
    ck_assert_uint_eq(f.cpu->gr[4].d, 20);
    ck_assert_str_eq(command("\x05Q STORAGE\x85Q STORAGE", 100), "STORAGE = 4M\nSTORAGE = 4M\n");
}
END_TEST

START_TEST(cp_responses)
{
    ck_assert_str_eq(command("QUERY STORAGE", 7), "STORAGE");
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(f.cpu->gr[5].d, 6);
    f.machine.configuration.operator_message = show;
    ebcdic_field(EBCDIC_037, at(&f, DATA), 7, "Q STOR ");
    f.cpu->gr[3].d = 7;
    f.cpu->gr[2].d = DATA;
    run(&f, "83230008");
    ck_assert_uint_eq(f.cpu->gr[3].d, 0);
    ck_assert_str_eq(shown, "STORAGE = 4M\n");
    f.cpu->gr[3].d = 241;
    run(&f, "83230008");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->gr[3].d = 5;
    f.cpu->gr[2].d = FIXTURE_STORAGE - 4;
    run(&f, "83230008");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    f.cpu->gr[2].d = DATA;
    f.cpu->gr[3].d = 0x40000005;
    run(&f, "83230008");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(lpar_data)
{
    const uint8_t *d = at(&f, DATA);
    uint8_t name[8];

    f.cpu->gr[2].d = 0x10005;
    run(&f, "83420204");
    ck_assert_uint_eq(f.cpu->gr[2].d, 0);
    ck_assert_uint_eq(f.cpu->gr[3].d, 1);
    f.machine.tod_base = 1ULL << 60;
    f.cpu->gr[2].d = 0x10007;
    f.cpu->gr[4].d = DATA;
    run(&f, "83420204");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(d[0], 1);
    ck_assert_uint_eq(d[1], 0x80);
    ck_assert_uint_eq(get_be16(d + 6), 64);
    ck_assert_uint_eq(get_be64(d + 8) >> 60, 1);
    ebcdic_field(EBCDIC_500, name, 8, "SIENNA");
    ck_assert_mem_eq(d + 64 + 8, name, 8);
    ck_assert_uint_eq(d[64 + 2], 1);
    ck_assert_uint_eq(get_be64(d + 64 + 32), 4);
    ck_assert_uint_eq(d[64 + 96 + 5], 0x20);
    ck_assert_uint_eq(get_be16(d + 64 + 96 + 6), 0xffff);
    ck_assert_uint_eq(d[64 + 96 + 96 + 1], 1);
    /* simple format, subcode 4 */
    f.cpu->gr[2].d = 4;
    f.cpu->gr[3].d = 1;
    run(&f, "83420204");
    ck_assert_uint_eq(f.cpu->gr[2].d, 0);
    ck_assert_mem_eq(d + 16 + 8, name, 8);
    ck_assert_uint_eq(d[16 + 1], 1);
    f.cpu->gr[2].d = 9;
    run(&f, "83420204");
    ck_assert_uint_eq(f.cpu->gr[2].d, 4);
    f.cpu->gr[2].d = 0x10007;
    f.cpu->gr[3].d = 0;
    run(&f, "83420204");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    run(&f, "83430204");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(cpu_names)
{
    f.cpu->gr[3].d = DATA;
    run(&f, "83030224");
    ck_assert_uint_eq(*at(&f, DATA), 0);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 16)), 0xc3d74040);
    f.cpu->gr[3].d = DATA + 8;
    run(&f, "83030224");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

static bool identify(struct machine *machine, uint16_t devno, uint8_t id[8])
{
    static const uint8_t disk[8] = {0xff, 0x39, 0x90, 0xc2, 0x33, 0x90, 0x0a, 0};
    static const uint8_t virtio[8] = {0xff, 0x38, 0x32, 0x02, 0, 0, 0, 0};

    memcpy(id, devno == 0x100 ? disk : virtio, 8);
    return devno == 0x100 || devno == 0x200;
}

START_TEST(devices)
{
    f.cpu->gr[2].d = DATA;
    put_be64(at(&f, DATA), 0x010000080000ffff);
    run(&f, "83200210");
    ck_assert_uint_eq(f.cpu->cc, 3);
    f.machine.io.identify = identify;
    run(&f, "83200210");
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(get_be64(at(&f, DATA)), 0x0100000804820000);
    put_be16(at(&f, DATA), 0x200);
    run(&f, "83200210");
    ck_assert_uint_eq(get_be32(at(&f, DATA + 4)), 0x02000000);
    put_be16(at(&f, DATA), 0x300);
    run(&f, "83200210");
    ck_assert_uint_eq(f.cpu->cc, 3);
}
END_TEST

START_TEST(page_reference)
{
    uint8_t *p = at(&f, DATA);

    put_be64(p, 0x0258000000050002);
    put_be64(p + 8, DATA + 64);
    put_be64(p + 16, 1ULL << 48);
    put_be64(p + 24, 1ULL << 48);
    put_be64(p + 32, 1ULL << 63);
    f.cpu->gr[2].d = DATA;
    run(&f, "83230258");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->gr[3].d, 0);
    run(&f, "83230258");
    ck_assert_uint_eq(f.cpu->gr[3].d, 8);
    put_be16(p + 2, 1);
    run(&f, "83230258");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    memset(p + 8, 0, 32);
    run(&f, "83230258");
    ck_assert_uint_eq(f.cpu->gr[3].d, 0);
    run(&f, "83230258");
    ck_assert_uint_eq(f.cpu->gr[3].d, 4);
    put_be16(p + 6, 1);
    run(&f, "83230258");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(storage_extents)
{
    storage_set_online(f.machine.storage, absolute(2 << 20), 1 << 20, false);
    f.cpu->gr[2].d = DATA;
    f.cpu->gr[3].d = 64;
    f.cpu->gr[4].d = 0x10;
    run(&f, "83240260");
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(f.cpu->gr[4].d, 2);
    ck_assert_uint_eq(get_be64(at(&f, DATA)), 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 8)), (2 << 20) - 1);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 16)), 3 << 20);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 24)), (4 << 20) - 1);
    f.cpu->gr[3].d = 16;
    f.cpu->gr[4].d = 0x10;
    memset(at(&f, DATA), 0, 64);
    run(&f, "83240260");
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(f.cpu->gr[4].d, 2);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 24)), 0);
    f.cpu->gr[4].d = 0x11;
    run(&f, "83240260");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->gr[4].d = 0x10;
    f.cpu->gr[2].d = 2 << 20;
    run(&f, "83240260");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
}
END_TEST

static void watchdog(uint64_t function, uint64_t seconds, uint64_t action)
{
    f.cpu->gr[2].d = function;
    f.cpu->gr[3].d = seconds;
    f.cpu->gr[4].d = action;
    run(&f, "83240288");
}

START_TEST(watchdogs)
{
    uint64_t due;

    watchdog(1, 30, 0);
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    watchdog(2, 0, 0);
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    watchdog(0, 14, 0);
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    watchdog(0, 15, 1);
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    watchdog(0, 15, 0);
    ck_assert_uint_eq(f.code, 0);
    due = event_next_time(&f.machine);
    ck_assert_uint_gt(due, 15 * TOD_SECOND);
    ck_assert_uint_lt(due, 15 * TOD_SECOND + 100000);
    watchdog(1, 60, 0);
    ck_assert_uint_gt(event_next_time(&f.machine), 60 * TOD_SECOND);
    watchdog(2, 0, 0);
    ck_assert_uint_eq(event_next_time(&f.machine), EVENT_NEVER);
    f.machine.log_limit = LOG_ERROR;
    watchdog(0, 15, 0);
    cpus_skip_to(&f.machine, event_next_time(&f.machine));
    event_run_due(&f.machine);
    ck_assert_int_eq(f.machine.configuration.load_request, LOAD_WATCHDOG);
}
END_TEST

START_TEST(load_parameters)
{
    uint8_t *block = at(&f, DATA);

    f.cpu->gr[2].d = DATA;
    f.cpu->gr[5].d = 6;
    run(&f, "83250308");
    ck_assert_uint_eq(f.cpu->gr[3].d, 0x102);
    put_be32(block, 200);
    block[7] = 1;
    put_be32(block + 8, 192);
    block[12] = 2;
    put_be16(block + 110, 0xabcd);
    f.cpu->gr[5].d = 5;
    run(&f, "83250308");
    ck_assert_uint_eq(f.cpu->gr[3].d, 1);
    memset(block, 0xee, 4096);
    f.cpu->gr[5].d = 6;
    run(&f, "83250308");
    ck_assert_uint_eq(f.cpu->gr[3].d, 1);
    ck_assert_uint_eq(get_be32(block), 200);
    ck_assert_uint_eq(get_be16(block + 110), 0xabcd);
    ck_assert_uint_eq(block[200], 0xee);
    block[12] = 0;
    f.cpu->gr[5].d = 5;
    run(&f, "83250308");
    ck_assert_uint_eq(f.cpu->gr[3].d, 0x402);
    f.cpu->gr[2].d = DATA + 8;
    run(&f, "83250308");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->gr[2].d = FIXTURE_STORAGE;
    run(&f, "83250308");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    run(&f, "83350308");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->gr[5].d = 8;
    run(&f, "83250308");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->gr[5].d = 2;
    run(&f, "83250308");
    ck_assert_uint_eq(f.cpu->gr[3].d, 1);
}
END_TEST

START_TEST(load_requests)
{
    static const struct {
        unsigned subcode;
        enum load_request request;
    } cases[] = {{0, LOAD_RESET_CLEAR}, {1, LOAD_RESET_NORMAL}, {3, LOAD_CLEAR}, {4, LOAD_DUMP}, {7, LOAD_NORMAL}};

    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.cpu->gr[5].d = cases[i].subcode;
        f.cpu->gr[7].d = 0;
        /* The instruction behind is not executed. */
        run(&f, "83250308 a7790001");
        ck_assert_int_eq(f.machine.configuration.load_request, cases[i].request);
        ck_assert_uint_eq(f.cpu->gr[7].d, 0);
        f.machine.configuration.load_request = LOAD_NOTHING;
    }
}
END_TEST

static uint64_t notified_queue;
static int64_t notified_cookie;

static int64_t notify(struct machine *machine, uint32_t sid, uint64_t queue, int64_t cookie)
{
    notified_queue = queue;
    notified_cookie = cookie;
    return sid == 0x10001 ? 77 : -22;
}

START_TEST(virtio_notification)
{
    f.cpu->gr[1].d = 3;
    f.cpu->gr[2].d = 0x10001;
    f.cpu->gr[3].d = 5;
    f.cpu->gr[4].d = (uint64_t)-1;
    run(&f, "83240500");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.machine.io.virtio_notify = notify;
    run(&f, "83240500");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->gr[2].d, 77);
    ck_assert_uint_eq(notified_queue, 5);
    ck_assert_int_eq(notified_cookie, -1);
    run(&f, "83240500");
    ck_assert_uint_eq(f.cpu->gr[2].d, (uint64_t)-22);
    f.cpu->gr[1].d = 9;
    run(&f, "83240500");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

/* CPU 0 spins with yields; CPU 1, which stores, is named and so runs before CPU 2. */
START_TEST(directed_yield)
{
    struct cpus *cpus;

    fixture_release(&f);
    fixture_init_cpus(&f, 3);
    cpus = f.machine.cpus;
    f.cpu->gr[2].d = 2;
    place(&f, CODE, "8320009c a7f40000");
    f.cpu->ia = CODE;
    f.cpu->state = CPU_OPERATING;
    cpus_run(&f.machine, f.machine.now + 50);
    ck_assert_uint_eq(cpus->next, 2);
    /* to oneself, and to nobody */
    cpus->next = 3;
    f.cpu->ia = CODE;
    f.cpu->gr[2].d = 0;
    cpus_run(&f.machine, f.machine.now + 200);
    ck_assert_uint_eq(cpus->next, 3);
    f.cpu->ia = CODE;
    f.cpu->gr[2].d = 3;
    cpus_run(&f.machine, f.machine.now + 200);
    ck_assert_uint_eq(cpus->next, 3);
}
END_TEST

static uint32_t called_command;
static struct absolute called_sccb;
static int call_result;

static int call(struct machine *machine, uint32_t word, struct absolute sccb)
{
    called_command = word;
    called_sccb = sccb;
    return call_result;
}

START_TEST(service_call)
{
    f.cpu->gr[2].d = 0xffffffff00120001;
    f.cpu->gr[3].d = DATA;
    run(&f, "b2200023");
    ck_assert_uint_eq(f.cpu->cc, 3);
    f.machine.service.call = call;
    call_result = 2;
    run(&f, "b2200023");
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(called_command, 0x00120001);
    ck_assert_uint_eq(called_sccb.v, DATA);
    call_result = -PIC_ADDRESSING;
    run(&f, "b2200023");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    called_command = 0;
    f.cpu->gr[3].d = DATA + 4;
    run(&f, "b2200023");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->gr[3].d = 0x1ff8;
    run(&f, "b2200023");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->gr[3].d = 0x80000000 + DATA;
    run(&f, "b2200023");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    ck_assert_uint_eq(called_command, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diagnose");
    TCase *tc = tcase_create("diagnose");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, unknown_and_privileged);
    tcase_add_test(tc, function_code_is_an_address);
    tcase_add_test(tc, cp_commands);
    tcase_add_test(tc, cp_responses);
    tcase_add_test(tc, lpar_data);
    tcase_add_test(tc, cpu_names);
    tcase_add_test(tc, devices);
    tcase_add_test(tc, page_reference);
    tcase_add_test(tc, storage_extents);
    tcase_add_test(tc, watchdogs);
    tcase_add_test(tc, load_parameters);
    tcase_add_test(tc, load_requests);
    tcase_add_test(tc, virtio_notification);
    tcase_add_test(tc, directed_yield);
    tcase_add_test(tc, service_call);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
