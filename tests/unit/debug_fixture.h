/* SPDX-License-Identifier: MIT */
/**
 * A machine whose CPUs each interpret a virtual CPU of one guest, for tests of stops, steps and threads.
 *
 * Host: SIE, count exits in GR 5, EXECUTE (across a page's end) of a count in GR 7, again; a clock-comparator
 * interruption every 32,767 cycles. Guest: count in GR 1, store it, EXECUTE of a count in GR 4, DIAGNOSE (which
 * the host gets) each 16th time, again. CPU n has its lowcore at n * 0x4000.
 */
#ifndef SIENNA_TESTS_DEBUG_FIXTURE_H
#define SIENNA_TESTS_DEBUG_FIXTURE_H

#include <check.h>

#include "sie/state_descriptor.h"
#include "sienna_debug.h"

/* Thousands of stops are looked at: only what fails is told to the parent process. */
#undef ck_assert_msg
#define ck_assert_msg(condition, ...) \
    do { \
        if (!(condition)) \
            ck_abort_msg(__VA_ARGS__); \
    } while (0)
#undef ck_assert
#define ck_assert(condition) ck_assert_msg(condition, "'%s' does not hold", #condition)

#include "unit/hex.h"
#include "unit/machine_fixture.h"

enum {
    HOST_SIE = 0x10ff6, HOST_COUNT = 0x10ffa, HOST_EXECUTE = 0x10ffe, HOST_AGAIN = 0x11002, HOST_CLOCK = 0x12000,
    SD = 0x30000, SD_NEXT = 0x1000, SCA = 0x36000, SEGMENTS = 0x40000, PAGES = 0x44000,
    GUEST = 0x200000, ORIGIN = 0x100000,
    GUEST_COUNT = 0x10000, GUEST_STORE = 0x10004, GUEST_EXECUTE = 0x1000a, GUEST_TEST = 0x1000e,
    GUEST_SKIP = 0x10012, GUEST_DIAGNOSE = 0x10016, GUEST_AGAIN = 0x1001a, GUEST_DATA = 0x20000,
};

static inline void put_bytes(uint64_t address, const char *hex)
{
    uint8_t bytes[128];
    size_t count = hex_bytes(hex, bytes, sizeof bytes);

    ck_assert(sienna_storage_write(s, 0, SIENNA_ABSOLUTE, address, bytes, count));
}

static inline uint64_t thread_register(unsigned guest, unsigned cpu, enum sienna_register_class class, unsigned n)
{
    uint8_t raw[SIENNA_REGISTER_BYTES];

    ck_assert(sienna_thread_register_read(s, (struct sienna_thread){guest, cpu}, class, n, raw));
    return get_be64(raw);
}

static inline uint64_t thread_address(unsigned guest, unsigned cpu)
{
    struct sienna_thread_info info;

    ck_assert(sienna_thread(s, (struct sienna_thread){guest, cpu}, &info));
    return info.cpu.psw_address;
}

static inline void describe_guest_cpu(unsigned n)
{
    uint64_t d = SD + n * (uint64_t)SD_NEXT;

    put64(d + SD_CPUSTAT, (uint64_t)CPUSTAT_ZARCH << 32);
    put64(d + SD_SCA_LOW - 4, SCA);
    put64(d + SD_MSO, ORIGIN);
    put64(d + SD_MSL, ORIGIN);
    put64(d + SD_PSW, PSW_EA | PSW_BA);
    put64(d + SD_PSW + 8, GUEST_COUNT);
    put64(d + SD_CR, 0xe0 | CR0_AFP | CR0_VECTOR);
    put64(d + SD_CLOCK_COMPARATOR, UINT64_MAX);
    put64(d + SD_CPU_TIMER, INT64_MAX);
}

static inline void start_cpu(unsigned n)
{
    uint64_t prefix = n * 0x4000ULL;

    put64(prefix + 0x1b0, PSW_EA | PSW_BA);
    put64(prefix + 0x1b8, HOST_CLOCK);
    put_bytes(prefix + 0xf00, "a77b0001");                  /* aghi 7,1 */
    set_register(n, SIENNA_PREFIX, 0, prefix << 32);
    set_register(n, SIENNA_CR, 0, 0xe0 | CR0_AFP | CR0_VECTOR | CR0_CLOCK_COMPARATOR);
    set_register(n, SIENNA_CR, 1, SEGMENTS);
    set_register(n, SIENNA_GR, 2, GUEST_DATA + n * 0x100);
    set_register(n, SIENNA_GR, 14, SD + n * (uint64_t)SD_NEXT);
    set_psw(n, PSW_EA | PSW_BA | PSW_EXTERNAL, HOST_SIE);
    describe_guest_cpu(n);
    put_bytes(GUEST + GUEST_DATA + 0x10 + n * 0x100, "a74b0001"); /* aghi 4,1 */
    ck_assert(sienna_operate(s, SIENNA_START, n, problem));
}

static inline void start(unsigned cpus)
{
    struct sienna_options options = {.storage_bytes = 16 << 20, .cpus = cpus, .start_tod = 1ULL << 62};

    s = create_machine(&options);
    put_bytes(HOST_SIE, "b214e000 a75b0001 44000f00 a7f4fffa");
    /* stck 0x810; lg 6,0x810; aghi 6,0x7fff; stg 6,0x818; sckc 0x818; lpswe 0x130 */
    put_bytes(HOST_CLOCK, "b2050810 e36008100004 a76b7fff e36008180024 b2060818 b2b20130");
    put_bytes(GUEST + GUEST_COUNT, "a71b0001 e31020000024 44002010 a711000f a7740004 83120044 a7f4fff3");
    for (unsigned i = 0; i < 512; i++)
        put64(SEGMENTS + 8 * i, i == ORIGIN >> 20 ? PAGES : 0x20);
    for (unsigned i = 0; i < 256; i++)
        put64(PAGES + 8 * i, GUEST + i * 0x1000);
    for (unsigned n = 0; n < cpus; n++)
        start_cpu(n);
}

enum { PROGRAM = 0x14000, PROGRAM_NEW = 0x15000 };

/**
 * Level 1 alone, with code at PROGRAM. Each new PSW has this mask, and PROGRAM_NEW + its location as its address.
 */
static inline void start_program(const char *hex, uint64_t new_mask)
{
    start(1);
    ck_assert(sienna_operate(s, SIENNA_RESET_NORMAL, 0, problem));
    put_bytes(PROGRAM, hex);
    for (unsigned new = 0x1a0; new <= 0x1f0; new += 16) {
        put64(new, new_mask);
        put64(new + 8, PROGRAM_NEW + new);
    }
    set_psw(0, PSW_EA | PSW_BA, PROGRAM);
    ck_assert(sienna_operate(s, SIENNA_START, 0, problem));
}

/** The digest of a machine that nobody stops, at a virtual time. */
static inline uint64_t undisturbed(unsigned cpus, uint64_t limit)
{
    start(cpus);
    ck_assert(sienna_run(s, limit) == SIENNA_RAN);
    return release_machine();
}

/** The stop that is met next. */
static inline struct sienna_stop run_until_stop(void)
{
    struct sienna_stop stop;

    ck_assert(sienna_run(s, sienna_now(s) + 100000) == SIENNA_STOPPED);
    sienna_stop_reason(s, &stop);
    return stop;
}

static inline unsigned stop_at(enum sienna_stop_kind kind, unsigned guest, uint64_t address, int64_t number)
{
    struct sienna_stop_at where = {.kind = kind, .guest = guest, .cpu = SIENNA_ANY_CPU, .address = address,
                                   .bytes = 1, .space = SIENNA_LOGICAL, .number = number};
    unsigned id = sienna_stop_add(s, &where, problem);

    ck_assert_msg(id != 0, "%s", problem);
    return id;
}
static inline unsigned break_at(unsigned guest, uint64_t address)
{
    return stop_at(SIENNA_STOP_INSTRUCTION, guest, address, 0);
}

static inline int run_debug_tests(const char *name, TCase *tests)
{
    Suite *suite = suite_create(name);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 600);
    return run_suite(suite);
}

#endif
