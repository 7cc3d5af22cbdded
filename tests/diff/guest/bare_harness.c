/* SPDX-License-Identifier: MIT */
/*
 * Bare-metal harness: executes test cases in problem state with DAT on, so that interruption
 * codes are exact. Runs under qemu-system-s390x, which shares its storage with the driver, and
 * under Hercules, which loads the request and saves the results.
 */
#include <stddef.h>
#include <stdint.h>

#include "../case.h"

#define LOWCORE(type, address) (*(volatile type *)(address))
#define CONTROL(offset) LOWCORE(uint32_t, BARE_CONTROL + (offset))

enum {
    PSW_DAT_HIGH = 0x04000000, PSW_EXTERNAL_HIGH = 0x01000000, PSW_WAIT_HIGH = 0x00020000,
    PSW_PROBLEM_HIGH = 0x00010000, PSW_EA_HIGH = 1,
    CASE_PSW = 0x490,
    TIME_FOR_CASE = 100000, /* microseconds */
};

extern uint32_t vectors;
void run_case(const uint8_t *slot, uint8_t *out);
void bare_program(void);
void bare_external(void);
void bare_other(void);
void bare_main(void) __attribute__((noreturn));
void bare_end(long kind, uint8_t *out);

static uint64_t segment_table[512] __attribute__((aligned(4096)));
static uint64_t page_table[16][256] __attribute__((aligned(4096)));

static void put16(uint8_t *at, uint16_t value) { *(uint16_t *)at = value; }
static void put32(uint8_t *at, uint32_t value) { *(uint32_t *)at = value; }
static void put64(uint8_t *at, uint64_t value) { *(uint64_t *)at = value; }

static void set_psw(unsigned long at, uint64_t mask, uint64_t address)
{
    LOWCORE(uint64_t, at) = mask;
    LOWCORE(uint64_t, at + 8) = address;
}

static void map(unsigned long from, unsigned long bytes, uint64_t flags)
{
    for (unsigned long a = from; a < from + bytes; a += 4096)
        page_table[a >> 20][a >> 12 & 255] = a | flags;
}

static void set_up_translation(void)
{
    for (unsigned i = 0; i < 512; i++)
        segment_table[i] = i < 16 ? (uint64_t)page_table[i] : 0x20;
    for (unsigned i = 0; i < 16; i++)
        for (unsigned j = 0; j < 256; j++)
            page_table[i][j] = 0x400;
    map(CASE_EXIT, 0x1000, 0x200);
    map(CASE_PAGES_D, 0x2000, 0);
    map(CASE_PAGE_E, 0x1000, 0);
    map(CASE_PAGE_R, 0x1000, 0x200);
    map(CASE_CHUNK, CASE_CHUNK_BYTES, 0x200);
}

/* CR0: AFP, vector, CPU-timer and clock-comparator subclass masks; CR1, 7, 13: the cases' space. */
static void set_up_controls(void)
{
    uint64_t cr0 = (uint64_t)0x00040000 | (vectors ? 0x00020000 : 0) | 0x0800 | 0x0400, space = (uint64_t)segment_table;

    asm volatile("lctlg %%c0,%%c0,%0" : : "Q"(cr0));
    asm volatile("lctlg %%c1,%%c1,%0" : : "Q"(space));
    asm volatile("lctlg %%c7,%%c7,%0" : : "Q"(space));
    asm volatile("lctlg %%c13,%%c13,%0" : : "Q"(space));
}

static void find_vectors(void)
{
    uint64_t list[3] = {0};
    register long last asm("0") = 2;

    asm volatile("stfle %1" : "+d"(last), "=Q"(list) : : "cc", "memory");
    vectors = list[2] >> 62 & 1;
}

static void set_up(void)
{
    uint8_t *read_only = (uint8_t *)CASE_PAGE_R;

    find_vectors();
    set_up_translation();
    set_up_controls();
    for (unsigned long at = 0x1a0; at <= 0x1f0; at += 16)
        set_psw(at, (uint64_t)PSW_EA_HIGH << 32 | 0x80000000, (uint64_t)bare_other);
    set_psw(0x1b0, (uint64_t)PSW_EA_HIGH << 32 | 0x80000000, (uint64_t)bare_external);
    set_psw(0x1d0, (uint64_t)PSW_EA_HIGH << 32 | 0x80000000, (uint64_t)bare_program);
    for (int i = 0; i < 4096; i++)
        read_only[i] = (uint8_t)(i * 7 + (i >> 8));
}

static void copy(uint8_t *to, const uint8_t *from, unsigned long bytes)
{
    for (unsigned long i = 0; i < bytes; i += 256)
        __builtin_memcpy(to + i, from + i, 256);
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

/* As in user_harness.c. */
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
        for (unsigned long j = 0; j < part[i][1]; j++)
            ((volatile uint8_t *)part[i][0])[j] = 0;
    }
    return result;
}

static void set_cpu_timer(uint64_t microseconds)
{
    uint64_t value = microseconds << 12;

    asm volatile("spt %0" : : "Q"(value));
}

/* After the interruption that ended a case; general, access, vector registers and FPC are in the slot already. */
void bare_end(long kind, uint8_t *out)
{
    unsigned long old = kind == 0 ? 0x150 : kind == 1 ? 0x130 : 0x140;
    uint64_t mask = LOWCORE(uint64_t, old), ia = LOWCORE(uint64_t, old + 8);
    uint16_t code = kind == 0 ? LOWCORE(uint16_t, 0x8e) & 0xff : kind == 1 ? 0xfffe : 0xfffd;

    put32(out + OUT_CC_PM, (uint32_t)(mask >> 16) & 0x3f000000);
    put16(out + OUT_AMODE, mask >> 32 & PSW_EA_HIGH ? 64 : mask & 0x80000000 ? 31 : 24);
    if (kind == 0 && code == 1 && ia == CASE_EXIT + 2)
        code = 0;
    put16(out + OUT_CODE, code);
    put64(out + OUT_IA, code ? ia : 0);
    put16(out + OUT_ILC, code ? LOWCORE(uint16_t, 0x8c) : 0);
    put64(out + OUT_TEID, code ? LOWCORE(uint64_t, 0xa8) : 0);
}

static void one(unsigned number, uint32_t sequence)
{
    const uint8_t *first = (const uint8_t *)CASE_CHUNK + CASE_CHUNK_FIRST;
    const uint8_t *in = first + (unsigned long)number * CASE_SLOT_BYTES;
    uint8_t *out = (uint8_t *)BARE_OUT + (unsigned long)number * CASE_SLOT_BYTES;
    unsigned amode = *(const uint16_t *)(in + IN_AMODE);
    uint64_t cc_pm = *(const uint32_t *)(in + IN_CC_PM);

    copy((uint8_t *)CASE_WINDOW_0, in + IN_WINDOWS, CASE_WINDOW_0_BYTES);
    copy((uint8_t *)CASE_WINDOW_1, in + IN_WINDOWS + 512, CASE_WINDOW_1_BYTES);
    copy((uint8_t *)CASE_WINDOW_2, in + IN_WINDOWS + 768, CASE_WINDOW_2_BYTES);
    set_psw(CASE_PSW, (uint64_t)(PSW_DAT_HIGH | PSW_EXTERNAL_HIGH | PSW_PROBLEM_HIGH | (amode == 64)) << 32 |
            cc_pm << 16 | (amode >= 31 ? 0x80000000 : 0),
            (uint64_t)first + *(const uint16_t *)(in + IN_CODE_SLOT) * CASE_SLOT_BYTES +
            *(const uint16_t *)(in + IN_CODE_START));
    set_cpu_timer(TIME_FOR_CASE);
    run_case(in, out);
    set_cpu_timer(1000000000);
    put64(out + OUT_STRAY, stray());
    copy(out + OUT_WINDOWS, (uint8_t *)CASE_WINDOW_0, CASE_WINDOW_0_BYTES);
    copy(out + OUT_WINDOWS + 512, (uint8_t *)CASE_WINDOW_1, CASE_WINDOW_1_BYTES);
    copy(out + OUT_WINDOWS + 768, (uint8_t *)CASE_WINDOW_2, CASE_WINDOW_2_BYTES);
    put32(out + OUT_DONE, sequence);
}

static void serve(void)
{
    uint32_t sequence = CONTROL(CONTROL_REQUEST), first = CONTROL(CONTROL_FIRST), count = CONTROL(CONTROL_COUNT);
    unsigned long from = (CASE_CHUNK_FIRST + first * CASE_SLOT_BYTES) & ~255UL;

    /*
     * By doubleword stores: qemu 7.2 forgets translations of the first byte only of what a MOVE (CHARACTER)
     * stores, and would execute the previous cases.
     */
    for (unsigned long i = 0; i < (count + 1) * CASE_SLOT_BYTES; i += 8)
        put64((uint8_t *)CASE_CHUNK + from + i, *(const uint64_t *)(BARE_IN + from + i));
    for (unsigned i = first; i < first + count; i++)
        one(i, sequence);
    asm volatile("" : : : "memory");
    CONTROL(CONTROL_DONE) = sequence;
}

/* Wait some 100 microseconds: the driver has no other way to wake this CPU than time. */
static void pause_a_little(void)
{
    uint64_t tod;

    asm volatile("stck %0" : "=Q"(tod) : : "cc");
    tod += 100UL << 12;
    asm volatile("sckc %0" : : "Q"(tod));
    set_psw(CASE_PSW, (uint64_t)(PSW_EXTERNAL_HIGH | PSW_WAIT_HIGH | PSW_EA_HIGH) << 32 | 0x80000000, 0);
    {
        static const uint8_t nothing[CASE_SLOT_BYTES];
        static uint8_t nowhere[CASE_SLOT_BYTES];

        run_case(nothing, nowhere);
    }
    tod = ~0UL;
    asm volatile("sckc %0" : : "Q"(tod));
}

_Noreturn void bare_main(void)
{
    uint64_t never = ~0UL;

    asm volatile("sckc %0" : : "Q"(never));
    set_cpu_timer(1000000000);
    set_up();
    for (;;) {
        if (CONTROL(CONTROL_REQUEST) != CONTROL(CONTROL_DONE)) {
            serve();
        } else if (CONTROL(CONTROL_ONCE)) {
            set_psw(CASE_PSW, (uint64_t)(PSW_WAIT_HIGH | PSW_EA_HIGH) << 32 | 0x80000000, 0);
            asm volatile("lpswe %0" : : "Q"(*(uint8_t(*)[16])CASE_PSW));
        } else {
            pause_a_little();
        }
    }
}
