/* SPDX-License-Identifier: MIT */
/**
 * A whole machine as libsienna composes it, and the files that it is loaded from, for tests of what is done to
 * whole machines.
 *
 * A test makes a folder for its files, a program in one of them and a machine `s` that has loaded it; it ends with
 * releasing the machine and removing the folder. Whatever is refused fails the test with what `problem` says.
 */
#ifndef SIENNA_TESTS_MACHINE_FIXTURE_H
#define SIENNA_TESTS_MACHINE_FIXTURE_H

#include <check.h>
#include <string.h>

#include "cpu/cpus.h"
#include "libsienna/internal.h"
#include "sienna_inspect.h"
#include "unit/files.h"
#include "unit/suite.h"

/** Absolute address at which raw images are loaded and kernels are entered; of the code in a kernel. */
enum { ENTRY = 0x10000, KERNEL_CODE = ENTRY + 32, KERNEL_BYTES = 0x11000 };

static struct sienna *s;
static char problem[SIENNA_PROBLEM_BYTES];
static char told[512];

/* ---- Kernels ---- */

/** Make KERNEL_BYTES that look like a kernel: at ENTRY a jump over the signature to `code` at KERNEL_CODE. */
static inline void make_kernel(uint8_t *image, const void *code, size_t count)
{
    memset(image, 0, KERNEL_BYTES);
    put_be32(image + ENTRY, 0xa7f40010);
    memcpy(image + ENTRY + 8, "S390EP", 6);
    memcpy(image + KERNEL_CODE, code, count);
}

/** Make a file of make_kernel(). */
static inline void write_kernel(const char *path, const void *code, size_t count)
{
    static uint8_t image[KERNEL_BYTES];

    make_kernel(image, code, count);
    write_file(path, image, sizeof image);
}

/* ---- Machines ---- */

/** For sienna_options.log: keep the last line in `told`. */
static inline void log_line(void *context, int level, const char *text)
{
    snprintf(told, sizeof told, "%s", text);
}

static inline struct sienna *create_machine(const struct sienna_options *options)
{
    struct sienna *m = sienna_create(options, problem);

    ck_assert_msg(m != NULL, "%s", problem);
    return m;
}

/** Load a raw image to ENTRY, where CPU 0 begins in the 64-bit mode. */
static inline void load_image(struct sienna *m, const char *path)
{
    const struct sienna_image image = {path, ENTRY, true};
    const struct sienna_program program = {.images = &image, .image_count = 1};

    ck_assert_msg(sienna_load(m, &program, problem), "%s", problem);
}

/** Load a kernel without parameters. */
static inline void load_kernel(struct sienna *m, const char *path)
{
    const struct sienna_program program = {.kernel = path};

    ck_assert_msg(sienna_load(m, &program, problem), "%s", problem);
}

/** Release `s`; its last digest. */
static inline uint64_t release_machine(void)
{
    uint64_t digest = sienna_digest(s);

    sienna_release(s);
    s = NULL;
    return digest;
}

/** Run for a time, at the end of which some CPU must still be executing. */
static inline void run_for(struct sienna *m, uint64_t microseconds)
{
    ck_assert_int_eq(sienna_run(m, sienna_now(m) + microseconds * TOD_MICROSECOND), SIENNA_RAN);
}

/** Step a CPU (-1: whichever comes next) `count` times or until it executes nothing; how many steps were taken. */
static inline uint64_t step(int number, uint64_t count)
{
    uint64_t left = count;

    sienna_step(s, number, &left, UINT64_MAX);
    return count - left;
}

/** Step `count` times; all of them must be possible. */
static inline void step_all(int number, uint64_t count)
{
    ck_assert_int_eq(sienna_step(s, number, &count, UINT64_MAX), SIENNA_RAN);
    ck_assert_uint_eq(count, 0);
}

/* ---- What is in them: as the interface shows it, and as the core has it ---- */

/** Set the leftmost eight bytes of a register, the others to zero. */
static inline void set_register(unsigned number, enum sienna_register_class class, unsigned n, uint64_t value)
{
    uint8_t raw[SIENNA_REGISTER_BYTES] = {0};

    put_be64(raw, value);
    ck_assert_msg(sienna_register_write(s, number, class, n, raw, problem), "%s", problem);
}

/** The leftmost eight bytes of a register. */
static inline uint64_t get_register(unsigned number, enum sienna_register_class class, unsigned n)
{
    uint8_t raw[SIENNA_REGISTER_BYTES];

    ck_assert(sienna_register_read(s, number, class, n, raw));
    return get_be64(raw);
}

static inline void set_psw(unsigned number, uint64_t mask, uint64_t address)
{
    uint8_t raw[SIENNA_REGISTER_BYTES];

    put_be64(raw, mask);
    put_be64(raw + 8, address);
    ck_assert_msg(sienna_register_write(s, number, SIENNA_PSW, 0, raw, problem), "%s", problem);
}

static inline uint64_t psw_address(unsigned number)
{
    struct sienna_cpu state;

    ck_assert(sienna_cpu(s, number, &state));
    return state.psw_address;
}

/** Start a stopped CPU at ENTRY in the 64-bit mode. */
static inline void start_at_entry(unsigned number)
{
    set_psw(number, PSW_EA | PSW_BA, ENTRY);
    ck_assert_msg(sienna_operate(s, SIENNA_START, number, problem), "%s", problem);
}

/** Store a doubleword at an absolute address. */
static inline void put64(uint64_t address, uint64_t value)
{
    uint8_t raw[8];

    put_be64(raw, value);
    ck_assert(sienna_storage_write(s, 0, SIENNA_ABSOLUTE, address, raw, 8));
}

/** The doubleword at an absolute address. */
static inline uint64_t get64(uint64_t address)
{
    uint8_t raw[8];

    ck_assert_uint_eq(sienna_storage_read(s, 0, SIENNA_ABSOLUTE, address, raw, 8), 8);
    return get_be64(raw);
}

/** The core's CPU, for what the interface does not show. */
static inline struct cpu *cpu(unsigned number) { return s->machine.cpus->cpu[number]; }

/** Host address of absolute storage, to look at and to store data; code that has been executed stays decoded. */
static inline uint8_t *at(uint64_t address) { return storage_at(s->machine.storage, absolute(address)); }

#endif
