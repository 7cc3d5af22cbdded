/* SPDX-License-Identifier: MIT */
/**
 * Level 2 of `sienna demo`. It knows nothing of its host but the hypercall DIAGNOSE 0x500: GR1 = 1 says the EBCDIC text
 * at GR2 with the length in GR3, GR1 = 2 ends with the number in GR2.
 */
#include <stdint.h>

enum { SAY = 1, END = 2, LIMIT = 30000 };
#define TOD_MILLISECOND 4096000UL

void guest(void);
void divide_by_zero(void);
void wait_for_timer(uint64_t comparator);

static void hypercall(uint64_t function, uint64_t a, uint64_t b)
{
    register uint64_t r1 __asm__("1") = function, r2 __asm__("2") = a, r3 __asm__("3") = b;

    __asm__ volatile("diag 0,0,0x500" : : "d"(r1), "d"(r2), "d"(r3) : "memory");
}

static void say(const char *text)
{
    uint64_t n = 0;

    while (text[n])
        n++;
    hypercall(SAY, (uint64_t)text, n);
}

static uint64_t clock(void)
{
    uint64_t tod;

    __asm__ volatile("stckf %0" : "=Q"(tod) : : "cc");
    return tod;
}

static uint64_t count_primes(void)
{
    uint64_t count = 1;

    for (uint64_t n = 3; n < LIMIT; n += 2) {
        uint64_t d = 3;

        while (d * d <= n && n % d)
            d += 2;
        count += d * d > n;
    }
    return count;
}

void guest(void)
{
    volatile uint64_t *far = (volatile uint64_t *)0x80000;

    say("hello");
    *far = *far + 42;
    say("I have used a page that was not there, and noticed nothing");
    divide_by_zero();
    say("an exception of my own came to my own handler; you were not asked");
    wait_for_timer(clock() + TOD_MILLISECOND);
    say("a millisecond has passed; the clock comparator's interruption did not need you either");
    say("now I count primes, at full speed");
    hypercall(END, count_primes(), 0);
}
