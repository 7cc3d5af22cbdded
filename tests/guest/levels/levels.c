/* SPDX-License-Identifier: MIT */
/**
 * A small hypervisor for tests of debuggers. In each round level 1 lets something of each kind happen that a debugger
 * can stop at, then runs a guest at level 2; that issues SIE, and level 1 runs a guest at level 3 for it, as vSIE does.
 * All levels have this program and its storage, at the same addresses; each has its own prefix area. A second CPU
 * counts.
 *
 * The command line says after how many rounds the program ends; without a number it never does.
 */
#include <stdint.h>

#include "../description.h"

enum { INTERCEPTED_SIE = 0xb214, OPERATION_OF_LEVEL_1 = 4, OPERATION_OF_A_GUEST = 5 };
enum { SENSE = 1, STOP = 5, RESTART = 6, SET_PREFIX = 13 }; /* orders */

void level_1(void);
void level_2(void);
void level_3(void);
void second_cpu(void);
void level_2_start(void);
void level_3_start(void);
void second_start(void);
void run_guest(struct description *description, uint64_t *registers);
void divide_by_zero(void);
void wait_for_io(void);
extern const char parameters[];
extern const uint64_t new_psws[10];

static struct description description[2] __attribute__((aligned(4096)));
static uint64_t control_area[2][512] __attribute__((aligned(4096)));
static uint64_t prefix_area[3][1024] __attribute__((aligned(8192)));
static uint64_t segments[2048] __attribute__((aligned(4096)));
static uint64_t pages[16][256] __attribute__((aligned(2048)));
static uint64_t registers[2][14];
uint8_t keyed[4096] __attribute__((aligned(4096)));

/* What debuggers look at. */
volatile uint64_t rounds, second_count, level_2_count, level_3_count, exits;
struct sense_id {
    uint8_t reserved;
    uint16_t control_unit;
    uint8_t control_unit_model;
    uint16_t device;
    uint8_t device_model;
} __attribute__((packed));
volatile struct sense_id identity __attribute__((aligned(4096)));

/* ---- Level 1: events ---- */

static int sigp(unsigned cpu, unsigned order, uint64_t parameter)
{
    register uint64_t r1 __asm__("1") = parameter;
    register uint64_t to __asm__("2") = cpu;
    int code;

    __asm__ volatile("sigp %1,%2,0(%3)\n\tipm %0\n\tsrl %0,28"
                     : "=d"(code), "+d"(r1) : "d"(to), "a"((uint64_t)order) : "cc", "memory");
    return code;
}

static void supervisor_call_42(void)
{
    __asm__ volatile("svc 42" : : : "memory");
}

/* Control register 8 and the key of a block become others each time. */
static void change_control(uint64_t value)
{
    __asm__ volatile("lctlg %%c8,%%c8,%0" : : "Q"(value));
}

static void change_key(uint64_t key)
{
    __asm__ volatile("sske %0,%1" : : "d"(key), "a"(keyed));
}

struct ccw {
    uint8_t command, flags;
    uint16_t bytes;
    uint32_t address;
};
struct orb {
    uint32_t parameter, flags, program, rest[5];
};
static struct ccw sense_id __attribute__((aligned(8)));
static struct orb orb;
static uint32_t subchannel[16], response[24];

/* GR 1 is lost where C calls, so that each of these is set up by itself. */
static void test_subchannel(void)
{
    register uint64_t id __asm__("1") = 0x00010000;

    __asm__ volatile("tsch %0" : "=Q"(response) : "d"(id) : "cc", "memory");
}

/* The first subchannel's device identifies itself; the channel subsystem stores that. False without a device. */
static int identify(void)
{
    register uint64_t id __asm__("1") = 0x00010000;
    int code;

    __asm__ volatile("stsch %1\n\tipm %0\n\tsrl %0,28" : "=d"(code), "=Q"(subchannel) : "d"(id) : "cc");
    if (code || !(subchannel[1] & 0x00010000))
        return 0;
    subchannel[1] |= 0x00800000; /* enabled */
    __asm__ volatile("msch %0" : : "Q"(subchannel), "d"(id) : "cc");
    sense_id = (struct ccw){0xe4, 0x20, sizeof identity, (uint32_t)(uint64_t)&identity};
    orb = (struct orb){.flags = 0x0080ff00, .program = (uint32_t)(uint64_t)&sense_id};
    __asm__ volatile("ssch %0" : : "Q"(orb), "d"(id) : "cc", "memory");
    wait_for_io();
    test_subchannel();
    return 1;
}

void events(void);
void events(void)
{
    supervisor_call_42();
    divide_by_zero();
    change_control(rounds);
    change_key(rounds << 4 & 0xf0);
    sigp(1, SENSE, 0);
    identify();
}

/* ---- Level 1: guests ---- */

static void copy_new_psws(unsigned area)
{
    for (unsigned i = 0; i < 10; i++)
        prefix_area[area][0x1b0 / 8 + i] = new_psws[i];
}

/* The guests' absolute storage is the host's, 16 MiB of it. */
static void build_storage(void)
{
    uint64_t control = (uint64_t)segments | 3;

    for (unsigned i = 0; i < 2048; i++)
        segments[i] = i < 16 ? (uint64_t)pages[i] : 0x20;
    for (unsigned i = 0; i < 16 * 256; i++)
        pages[i / 256][i % 256] = (uint64_t)i * 4096;
    __asm__ volatile("lctlg %%c1,%%c1,%0" : : "Q"(control));
}

static void describe_guest(unsigned n, void (*start)(void))
{
    struct description *d = &description[n];

    copy_new_psws(n);
    d->cpustat = 0x00000880; /* z/Architecture; no limit but the tables */
    d->prefix = (uint32_t)(uint64_t)prefix_area[n];
    d->ecb = 0x08;           /* specification exceptions are the guest's own */
    d->sca_low = (uint32_t)(uint64_t)control_area[n];
    d->host_cpu = 0xffff;
    d->psw_mask = 0x0000000180000000;
    d->psw_address = (uint64_t)start;
    d->cr[0] = 0xe0;
    d->cr[14] = 0xc2000000;
    d->clock_comparator = UINT64_MAX;
    d->cpu_timer = INT64_MAX;
    d->host_program = n ? OPERATION_OF_A_GUEST : OPERATION_OF_LEVEL_1;
}

/* Until the guest calls: with SIE it wants its own guest to run, until that calls. */
static void run_level_2(void)
{
    do {
        run_guest(&description[0], registers[0]);
        exits++;
        if (description[0].ipa == INTERCEPTED_SIE) {
            run_guest(&description[1], registers[1]);
            exits++;
        }
    } while (description[0].ipa == INTERCEPTED_SIE);
}

static uint64_t number(const char *text)
{
    uint64_t n = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        n = 10 * n + (uint64_t)(*text - '0');
    return n;
}

static void start_second_cpu(void)
{
    copy_new_psws(2);
    prefix_area[2][0x1a0 / 8] = 0x0000000180000000;
    prefix_area[2][0x1a8 / 8] = (uint64_t)second_start;
    while (sigp(1, SET_PREFIX, (uint64_t)prefix_area[2]) == 2)
        ;
    while (sigp(1, RESTART, 0) == 2)
        ;
}

void level_1(void)
{
    uint64_t last = number(parameters + 0x80);

    build_storage();
    describe_guest(0, level_2_start);
    describe_guest(1, level_3_start);
    start_second_cpu();
    while (!last || rounds < last) {
        rounds++;
        events();
        run_level_2();
    }
    while (sigp(1, STOP, 0) == 2)
        ;
}

void second_cpu(void)
{
    for (;;)
        second_count++;
}

/* ---- The guests ---- */

static void call_host(void)
{
    __asm__ volatile("diag 0,0,0x500" : : : "memory");
}

void level_2_work(void);
void level_2_work(void)
{
    level_2_count++;
    supervisor_call_42();
}

void level_2(void)
{
    for (;;) {
        level_2_work();
        __asm__ volatile(".insn s,0xb2140000,0" : : : "memory"); /* SIE */
        call_host();
    }
}

void level_3_work(void);
void level_3_work(void)
{
    level_3_count++;
    supervisor_call_42();
}

void level_3(void)
{
    for (;;) {
        level_3_work();
        call_host();
    }
}
