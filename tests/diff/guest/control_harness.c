/* SPDX-License-Identifier: MIT */
/* Harness of control cases under qemu-system-s390x, which shares its storage with the driver (control_case.h). */
#include <stdint.h>

#include "../control_case.h"

#define WORD(address) (*(volatile uint32_t *)(address))
#define CONTROL(offset) WORD(BARE_CONTROL + (offset))

enum { PSW_EXTERNAL_HIGH = 0x01000000, TIME_FOR_CASE = 50000 /* microseconds */ };

void run_case(const uint8_t *slot, uint8_t *out);
void control_main(void) __attribute__((noreturn));

static void set_key(unsigned long address, unsigned key)
{
    asm volatile("sske %0,%1" : : "d"((unsigned long)key), "a"(address) : "memory");
}

static unsigned get_key(unsigned long address)
{
    unsigned long key = 0;

    asm volatile("iske %0,%1" : "+d"(key) : "a"(address) : "memory");
    return key & 0xff;
}

static void set_cpu_timer(uint64_t microseconds)
{
    uint64_t value = microseconds << 12;

    asm volatile("spt %0" : : "Q"(value));
}

static void set_clock_comparator(uint64_t value)
{
    asm volatile("sckc %0" : : "Q"(value));
}

/* By doublewords: qemu 7.2 forgets translations of the first byte only of what a MOVE (CHARACTER) stores. */
static void put_code_pages(const uint8_t *in)
{
    const uint64_t *from = (const uint64_t *)(BARE_IMAGE + CODE_PAGES - REGION);
    volatile uint64_t *to = (volatile uint64_t *)CODE_PAGES;
    volatile uint16_t *code = (volatile uint16_t *)(unsigned long)WORD(in + CIN_CODE_START);

    for (unsigned i = 0; i < (DATA_PAGES - CODE_PAGES) / 8; i++)
        if (to[i] != from[i])
            to[i] = from[i];
    for (unsigned i = 0; i < WORD(in + CIN_CODE_BYTES) / 2; i++)
        code[i] = ((const uint16_t *)(in + CIN_CODE))[i];
}

static void put_region(const uint8_t *in)
{
    uint8_t *low = 0;

    asm("" : "+a"(low)); /* absolute zero is no null pointer here */
    for (unsigned i = 0; i < 0x2000; i += 256) /* where prefixing may lead */
        __builtin_memset(low + i, 0, 256);
    for (unsigned i = 0; i < OUTSIDE_BYTES; i += 256) {
        __builtin_memset((uint8_t *)OUTSIDE_A + i, 0, 256);
        __builtin_memset((uint8_t *)OUTSIDE_B + i, 0, 256);
    }
    for (unsigned i = 0; i < REGION_BYTES; i += 256)
        if (i < CODE_PAGES - REGION || i >= DATA_PAGES - REGION)
            __builtin_memcpy((uint8_t *)REGION + i, (const uint8_t *)BARE_IMAGE + i, 256);
    put_code_pages(in);
    for (unsigned i = 0; i < WORD(in + CIN_PATCHES); i++) {
        const uint64_t *patch = (const uint64_t *)(in + CIN_PATCH + 16 * i);

        *(volatile uint64_t *)patch[0] = patch[1];
    }
    for (unsigned i = 0; i < REGION_PAGES; i++)
        set_key(REGION + i * 4096, in[CIN_KEYS + i]);
}

static uint64_t hash_part(uint64_t seed, const uint64_t *at, unsigned bytes)
{
    for (unsigned i = 0; i < bytes / 8; i++)
        seed = (seed ^ at[i]) * 0x9e3779b97f4a7c15UL + (seed >> 29);
    return seed;
}

static uint64_t hash_page(unsigned page)
{
    const uint8_t *at = (const uint8_t *)REGION + page * 4096;

    uint64_t seed = 1;

    if (page != (LOWCORE_A - REGION) / 4096 && page != (LOWCORE_B - REGION) / 4096)
        return hash_part(1, (const uint64_t *)at, 4096);
    seed = hash_part(seed, (const uint64_t *)at, 128);
    seed = hash_part(seed, (const uint64_t *)(at + 512), SAVED - 512);
    return hash_part(seed, (const uint64_t *)(at + SAVED + SAVED_BYTES), 4096 - SAVED - SAVED_BYTES);
}

static void one(unsigned number, uint32_t sequence)
{
    const uint8_t *in = (const uint8_t *)BARE_IN + CASE_CHUNK_FIRST + (unsigned long)number * CASE_SLOT_BYTES;
    uint8_t *out = (uint8_t *)BARE_OUT + (unsigned long)number * CASE_SLOT_BYTES;

    put_region(in);
    set_clock_comparator(~0UL);
    set_cpu_timer(TIME_FOR_CASE);
    run_case(in, out);
    set_cpu_timer(1000000000);
    for (unsigned i = 0; i < REGION_PAGES; i++)
        out[COUT_KEYS + i] = (uint8_t)get_key(REGION + i * 4096);
    for (unsigned i = 0; i < REGION_PAGES; i++)
        *(uint64_t *)(out + COUT_PAGES + 8 * i) = hash_page(i);
    *(volatile uint32_t *)(out + OUT_DONE) = sequence;
}

/* Wait some 100 microseconds, looking at the clock: the driver has no other way to wake this CPU. */
static void pause_a_little(void)
{
    uint64_t begin, now;

    asm volatile("stck %0" : "=Q"(begin) : : "cc");
    do {
        asm volatile("stck %0" : "=Q"(now) : : "cc");
    } while (now - begin < 100UL << 12 && CONTROL(CONTROL_REQUEST) == CONTROL(CONTROL_DONE));
}

_Noreturn void control_main(void)
{
    set_clock_comparator(~0UL);
    set_cpu_timer(1000000000);
    for (;;) {
        uint32_t sequence = CONTROL(CONTROL_REQUEST), first = CONTROL(CONTROL_FIRST), count = CONTROL(CONTROL_COUNT);

        if (sequence == CONTROL(CONTROL_DONE)) {
            pause_a_little();
            continue;
        }
        for (unsigned i = first; i < first + count; i++)
            one(i, sequence);
        asm volatile("" : : : "memory");
        CONTROL(CONTROL_DONE) = sequence;
    }
}
