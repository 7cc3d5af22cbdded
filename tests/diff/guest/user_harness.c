/* SPDX-License-Identifier: MIT */
/*
 * User-mode harness: executes test cases under qemu-s390x. Input and output slots are shared
 * mappings of the files INPUT_FD and OUTPUT_FD; requests come on standard input (case.h).
 * Freestanding, since a C library would use registers that belong to the case.
 */
#include <asm/sigcontext.h>
#include <stddef.h>
#include <stdint.h>

#include "../case.h"

enum { SYS_exit = 1, SYS_read = 3, SYS_write = 4, SYS_mmap = 90, SYS_mprotect = 125, SYS_rt_sigaction = 174,
       SYS_sigaltstack = 186 };
enum { PROT_R = 1, PROT_W = 2, PROT_X = 4, SHARED = 1, PRIVATE = 2, FIXED = 0x10, ANONYMOUS = 0x20 };
enum { SIGNAL_ILL = 4, SIGNAL_TRAP = 5, SIGNAL_BUS = 7, SIGNAL_FPE = 8, SIGNAL_SEGV = 11 };
enum { USE_SIGINFO = 4, ON_ALTERNATE_STACK = 0x08000000, NO_DEFER = 0x40000000 };

/* Far from anything a random address of a case may hit. */
#define OUTPUT_ADDRESS 0x35a5a5000000UL
#define STACK_ADDRESS 0x35a4a5000000UL /* of the signal handler; a GR 15 in it counts as being on it */
#define STACK_BYTES 65536UL

long system_call(long number, long a1, long a2, long a3, long a4);
void run_case(const uint8_t *slot, uint8_t *out, const uint8_t *prefix, long amode);
void signal_entry(void);
void harness_main(void) __attribute__((noreturn));
extern void (*signal_handler)(int, const uint8_t *, const uint8_t *);
extern uint8_t *case_out;

struct signal_action {
    void (*handler)(void);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};
struct alternate_stack {
    void *base;
    int flags;
    size_t size;
};
struct mmap_arguments {
    unsigned long address, length, protection, flags, descriptor, offset;
};
/* The kernel's frame for a handler with SA_SIGINFO, as far as it is needed. */
struct user_context {
    unsigned long flags;
    void *link;
    struct alternate_stack stack;
    _s390_regs_common registers;
    uint32_t fpc;
};

_Noreturn static void die(long status)
{
    for (;;)
        system_call(SYS_exit, status, 0, 0, 0);
}

static void map(unsigned long address, unsigned long length, int protection, int flags, long descriptor)
{
    struct mmap_arguments arguments = {address, length, protection, flags | FIXED, descriptor, 0};

    if (system_call(SYS_mmap, (long)&arguments, 0, 0, 0) != (long)address)
        die(10);
}

static void put16(uint8_t *at, uint16_t value) { *(uint16_t *)at = value; }
static void put32(uint8_t *at, uint32_t value) { *(uint32_t *)at = value; }
static void put64(uint8_t *at, uint64_t value) { *(uint64_t *)at = value; }

/* Registers of the case are in the signal frame; the vector registers were stored by signal_entry. */
static void on_signal(int number, const uint8_t *information, const uint8_t *frame)
{
    const struct user_context *context = (const void *)frame;
    uint8_t *out = case_out;
    uint64_t mask = context->registers.psw.mask;

    __builtin_memcpy(out + OUT_GR, context->registers.gprs, 128);
    __builtin_memcpy(out + OUT_AR, context->registers.acrs, 64);
    put32(out + OUT_FPC, context->fpc);
    put32(out + OUT_CC_PM, (uint32_t)(mask >> 16) & 0x3f000000);
    put16(out + OUT_AMODE, mask & 1UL << 32 ? 64 : mask & 1UL << 31 ? 31 : 24);
    put16(out + OUT_CODE, 0xffff);
    put64(out + OUT_IA, context->registers.psw.addr);
    put32(out + OUT_SIGNAL, (uint32_t)number);
    put32(out + OUT_SIGNAL_CODE, *(const uint32_t *)(information + 8));
    put16(out + OUT_ILC, 0);
    put64(out + OUT_TEID, 0);
}

static void handle(int number)
{
    struct signal_action action = {signal_entry, USE_SIGINFO | ON_ALTERNATE_STACK | NO_DEFER, NULL, 0};

    if (system_call(SYS_rt_sigaction, number, (long)&action, 0, 8))
        die(11);
}

static void set_up(void)
{
    struct alternate_stack stack = {(void *)STACK_ADDRESS, 0, STACK_BYTES};
    uint8_t *read_only = (uint8_t *)CASE_PAGE_R;

    map(CASE_PAGES_D, 0x2000, PROT_R | PROT_W, PRIVATE | ANONYMOUS, -1);
    map(CASE_PAGE_E, 0x1000, PROT_R | PROT_W, PRIVATE | ANONYMOUS, -1);
    map(CASE_PAGE_R, 0x1000, PROT_R | PROT_W, PRIVATE | ANONYMOUS, -1);
    for (int i = 0; i < 4096; i++)
        read_only[i] = (uint8_t)(i * 7 + (i >> 8));
    system_call(SYS_mprotect, CASE_PAGE_R, 0x1000, PROT_R, 0);
    map(OUTPUT_ADDRESS, (unsigned long)CASE_SLOTS * CASE_SLOT_BYTES, PROT_R | PROT_W, SHARED, OUTPUT_FD);

    map(STACK_ADDRESS, STACK_BYTES, PROT_R | PROT_W, PRIVATE | ANONYMOUS, -1);
    system_call(SYS_sigaltstack, (long)&stack, 0, 0, 0);
    signal_handler = on_signal;
    handle(SIGNAL_ILL);
    handle(SIGNAL_TRAP);
    handle(SIGNAL_BUS);
    handle(SIGNAL_FPE);
    handle(SIGNAL_SEGV);
}

static uint64_t any_set(unsigned long address, unsigned long bytes)
{
    const uint64_t *at = (const uint64_t *)address;
    uint64_t all = 0;

    for (unsigned long i = 0; i < bytes / 8; i += 8)
        all |= at[i] | at[i + 1] | at[i + 2] | at[i + 3] | at[i + 4] | at[i + 5] | at[i + 6] | at[i + 7];
    return all;
}

static uint64_t hash(uint64_t seed, unsigned long address, unsigned long bytes)
{
    const uint64_t *at = (const uint64_t *)address;

    for (unsigned long i = 0; i < bytes / 8; i++)
        seed = (seed ^ at[i]) * 0x9e3779b97f4a7c15UL + (seed >> 29);
    return seed;
}

/* The data area outside the windows is zero before and after a case; if not, tell and clear. */
static uint64_t stray(void)
{
    static const unsigned long part[][2] = {
        {CASE_PAGES_D, CASE_WINDOW_0 - CASE_PAGES_D},
        {CASE_WINDOW_0 + CASE_WINDOW_0_BYTES, CASE_WINDOW_1 - CASE_WINDOW_0 - CASE_WINDOW_0_BYTES},
        {CASE_WINDOW_2 + CASE_WINDOW_2_BYTES, 0x1000 - CASE_WINDOW_2_BYTES}};
    uint64_t result = 0;

    for (int i = 0; i < 3; i++)
        result |= any_set(part[i][0], part[i][1]);
    if (!result)
        return 0;
    result = 1;
    for (int i = 0; i < 3; i++) {
        result = hash(result, part[i][0], part[i][1]);
        __builtin_memset((void *)part[i][0], 0, part[i][1]);
    }
    return result;
}

static void one(unsigned number, uint32_t sequence)
{
    const uint8_t *first = (const uint8_t *)CASE_CHUNK + CASE_CHUNK_FIRST;
    const uint8_t *in = first + (unsigned long)number * CASE_SLOT_BYTES;
    uint8_t *out = (uint8_t *)OUTPUT_ADDRESS + (unsigned long)number * CASE_SLOT_BYTES;
    const uint8_t *code = first + *(const uint16_t *)(in + IN_CODE_SLOT) * CASE_SLOT_BYTES
        + *(const uint16_t *)(in + IN_CODE_START);

    __builtin_memcpy((void *)CASE_WINDOW_0, in + IN_WINDOWS, CASE_WINDOW_0_BYTES);
    __builtin_memcpy((void *)CASE_WINDOW_1, in + IN_WINDOWS + 512, CASE_WINDOW_1_BYTES);
    __builtin_memcpy((void *)CASE_WINDOW_2, in + IN_WINDOWS + 768, CASE_WINDOW_2_BYTES);
    run_case(in, out, code - CASE_PREFIX_BYTES, *(const uint16_t *)(in + IN_AMODE));
    put64(out + OUT_STRAY, stray());
    __builtin_memcpy(out + OUT_WINDOWS, (void *)CASE_WINDOW_0, CASE_WINDOW_0_BYTES);
    __builtin_memcpy(out + OUT_WINDOWS + 512, (void *)CASE_WINDOW_1, CASE_WINDOW_1_BYTES);
    __builtin_memcpy(out + OUT_WINDOWS + 768, (void *)CASE_WINDOW_2, CASE_WINDOW_2_BYTES);
    put32(out + OUT_DONE, sequence);
}

void harness_main(void)
{
    uint32_t request[3];

    set_up();
    while (system_call(SYS_read, 0, (long)request, sizeof request, 0) == sizeof request) {
        /* Mapped anew, so that qemu forgets what it translated from the previous contents. */
        map(CASE_CHUNK, CASE_CHUNK_BYTES, PROT_R | PROT_X, SHARED, INPUT_FD);
        for (unsigned i = request[0]; i < request[0] + request[1]; i++)
            one(i, request[2]);
        if (system_call(SYS_write, 1, (long)&request[2], 4, 0) != 4)
            die(12);
    }
    die(0);
}
