/* SPDX-License-Identifier: MIT */
/**
 * A hypervisor in two hundred lines: level 1 of `sienna demo`. It gives a guest a state description and storage that
 * it fills on demand, runs it with SIE, and says what made it come back.
 */
#include <stdint.h>

#include "../description.h"

enum {
    GUEST_PAGES = 256, PAGE = 4096, PRESENT_PAGES = 16, GUEST_REAL = 0x200000,
    INVALID_PAGE = 0x400, INVALID_SEGMENT = 0x20,
    SAY = 1, END = 2,
};

int run_guest(struct description *description, uint64_t *registers);
void command(const char *text, unsigned long length);
extern const char guest_image[], guest_image_end[];

static struct description description __attribute__((aligned(512)));
static uint64_t segments[2048] __attribute__((aligned(4096)));
static uint64_t pages[512] __attribute__((aligned(4096))); /* the second half is for status, as Linux has it */
static uint64_t registers[14];
static unsigned entries, faults;

/* ---- Saying something ---- */

static char line[200];
static unsigned used;

static void put(const char *text)
{
    while (*text && used < sizeof line)
        line[used++] = *text++;
}

static void put_number(uint64_t value)
{
    char digits[20];
    unsigned n = 0;

    do
        digits[n++] = (char)(0xf0 + value % 10); /* EBCDIC */
    while (value /= 10);
    while (n && used < sizeof line)
        line[used++] = digits[--n];
}

static void begin(const char *text)
{
    used = 0;
    put("MSG * ");
    put(text);
}

static void say(void)
{
    command(line, used);
}

/* ---- The guest's storage ---- */

static void give_page(unsigned page)
{
    pages[page] = GUEST_REAL + (uint64_t)page * PAGE;
}

static void build_storage(void)
{
    uint64_t control;
    char *to = (char *)GUEST_REAL;

    for (unsigned i = 0; i < 2048; i++)
        segments[i] = INVALID_SEGMENT;
    segments[0] = (uint64_t)pages;
    for (unsigned i = 0; i < GUEST_PAGES; i++)
        pages[i] = INVALID_PAGE;
    for (unsigned i = 0; i < PRESENT_PAGES; i++)
        give_page(i);
    for (const char *from = guest_image; from < guest_image_end; from++)
        *to++ = *from;
    control = (uint64_t)segments | 3; /* a segment table of four blocks */
    __asm__ volatile("lctlg %%c1,%%c1,%0" : : "Q"(control));
}

static void describe_guest(void)
{
    description.cpustat = 0x00000880; /* z/Architecture; no limit but the tables */
    description.ecb = 0x08;           /* the guest's specification exceptions are its own */
    description.eca = 0x00002000;     /* its protection exceptions too */
    description.host_cpu = 0xffff;
    description.psw_mask = 0x0000000180000000;
    description.psw_address = 0x2000;
    description.cr[0] = 0xe0;
    description.cr[14] = 0xc2000000;
    description.clock_comparator = UINT64_MAX;
    description.cpu_timer = INT64_MAX;
    description.host_program = 4;
}

/* ---- What brings the guest back ---- */

static void fault(int code)
{
    uint64_t teid;

    __asm__ volatile("lg %0,0xa8" : "=d"(teid) : : "memory"); /* translation-exception identification */
    faults++;
    begin("host: level 2 needs page ");
    put_number(teid / PAGE);
    put(", which it does not have yet (program interruption ");
    put_number((uint64_t)code);
    put("): here it is");
    say();
    give_page(teid / PAGE % GUEST_PAGES);
}

static void guest_says(void)
{
    const char *text = (const char *)(GUEST_REAL + registers[2] % (GUEST_PAGES * PAGE));

    begin("level 2 says: ");
    for (uint64_t i = 0; i < registers[3] && used < sizeof line; i++)
        line[used++] = text[i];
    say();
}

/* A hypercall; returns 0 when it was the last. */
static int hypercall(void)
{
    if (description.ipa != 0x8300 || description.ipb >> 16 != 0x0500) {
        begin("host: level 2 did what this host does not understand");
        say();
        return 0;
    }
    if (registers[1] == SAY) {
        guest_says();
        return 1;
    }
    begin("host: level 2 has ended with ");
    put_number(registers[2]);
    put(" (there are 3245 primes below 30000), after ");
    put_number(entries);
    put(" entries and ");
    put_number(faults);
    put(" host faults");
    say();
    return 0;
}

void hypervisor(void);
void hypervisor(void)
{
    int code;

    begin("host: level 1 has built a state description and enters level 2 with SIE");
    say();
    build_storage();
    describe_guest();
    for (;;) {
        description.icptcode = 0;
        entries++;
        code = run_guest(&description, registers);
        if (code) {
            fault(code);
        } else if (description.icptcode != 4) {
            begin("host: interception ");
            put_number(description.icptcode);
            put(" was not expected");
            say();
            return;
        } else if (!hypercall()) {
            return;
        }
    }
}
