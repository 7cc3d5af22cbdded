/* SPDX-License-Identifier: MIT */
/**
 * What levels cost: a program without an operating system, made once for each MODE. It ends in a disabled wait whose
 * address is the result: what was counted where the calls or entries led, or the work's checksum. The guest's storage
 * is the host's first megabyte, reached through the host's tables.
 */
#include <stdint.h>

enum { NOTHING, SUPERVISOR_CALLS, ENTRIES, WORK, WORK_IN_GUEST };
enum { WORDS = 0x10000, FIRST_WORD = 0x40000, PAGES = 256, PAGE = 4096 };

uint64_t work(void);
uint64_t run(void);
uint64_t run_guest(void *description, uint64_t count);
uint64_t supervisor_calls(uint64_t count);
extern const char endless_guest[], working_guest[];

__asm__(".section .start, \"ax\"\n"
        ".globl _start\n"
        "_start: lghi %r15, 0x7f00\n"
        "   larl %r1, new_psw\n"
        "   mvc 0x1c0(16,%r0), 0(%r1)\n" /* supervisor-call new PSW */
        "   brasl %r14, run\n"
        "   larl %r1, last_psw\n"
        "   stg %r2, 8(%r1)\n"
        "   lpswe 0(%r1)\n"
        "called: aghi %r3, 1\n"
        "   lpswe 0x140\n" /* supervisor-call old PSW */
        ".text\n"
        "supervisor_calls: lghi %r3, 0\n"
        "0: svc 0\n"
        "   brctg %r2, 0b\n"
        "   lgr %r2, %r3\n"
        "   br %r14\n"
        /* GRs 0 to 13 are the guest's too: it counts in GR 2, or leaves its result there. */
        "run_guest: stmg %r6, %r15, 48(%r15)\n"
        "   lgr %r14, %r2\n"
        "   lghi %r2, 0\n"
        "0: .insn s, 0xb2140000, 0(%r14)\n" /* sie */
        "   brctg %r3, 0b\n"
        "   lmg %r6, %r15, 48(%r15)\n"
        "   br %r14\n"
        "endless_guest: aghi %r2, 1\n"
        "   diag %r0, %r0, 0x44\n"
        "   j endless_guest\n"
        "working_guest: stg %r3, 0x7f80\n"
        "   brasl %r14, work\n"
        "   lg %r3, 0x7f80\n"
        "   diag %r0, %r0, 0x44\n"
        ".data\n"
        ".balign 16\n"
        "new_psw: .quad 0x0000000180000000, called\n"
        "last_psw: .quad 0x0002000180000000, 0\n"
        ".text\n");

/* Shuffles, sorts pieces, and sums: loads, stores, multiplications and branches that depend on data. */
uint64_t work(void)
{
    uint64_t *word = (uint64_t *)FIRST_WORD, seed = 88172645463325252, sum = 0;

    for (unsigned round = 0; round < 240; round++) {
        for (unsigned i = 0; i < WORDS; i++) {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            word[i] = seed >> 13;
        }
        for (unsigned i = 1; i < WORDS; i++) {
            uint64_t moved = word[i];
            unsigned j = i;

            for (; j > (i & ~7U) && word[j - 1] > moved; j--)
                word[j] = word[j - 1];
            word[j] = moved;
        }
        for (unsigned i = 0; i < WORDS; i++)
            sum = (sum << 5 | sum >> 59) ^ word[(i * 40503U) % WORDS];
    }
    return sum & 0x7fffffff;
}

static uint8_t description[512] __attribute__((aligned(512)));
static uint64_t segments[2048] __attribute__((aligned(4096)));
static uint64_t pages[512] __attribute__((aligned(4096)));

static void set(unsigned offset, uint64_t value)
{
    *(uint64_t *)(description + offset) = value;
}

static uint64_t interpret(const char *code, uint64_t count)
{
    uint64_t control = (uint64_t)segments;

    for (unsigned i = 1; i < 2048; i++)
        segments[i] = 0x20;
    segments[0] = (uint64_t)pages;
    for (unsigned i = 0; i < PAGES; i++)
        pages[i] = (uint64_t)i * PAGE;
    __asm__ volatile("lctlg %%c1,%%c1,%0" : : "Q"(control) : "memory");
    set(0x00, 0x0000088000000000);        /* z/Architecture, storage without limit */
    set(0x28, INT64_MAX);                 /* CPU timer */
    set(0x30, UINT64_MAX);                /* clock comparator */
    set(0x50, 0x0000ffff00000000);        /* interpreted on no CPU yet */
    set(0x90, 0x0000000180000000);        /* PSW */
    set(0x98, (uint64_t)code);
    set(0xa8, 0x7000);                    /* GR 15 */
    set(0x100, 0xe0);                     /* CR 0 */
    set(0x170, 0xc2000000);               /* CR 14 */
    return run_guest(description, count);
}

uint64_t run(void)
{
    switch (MODE) {
    case SUPERVISOR_CALLS: return supervisor_calls(COUNT);
    case ENTRIES: return interpret(endless_guest, COUNT);
    case WORK: return work();
    case WORK_IN_GUEST: return interpret(working_guest, 1);
    default: return 1;
    }
}
