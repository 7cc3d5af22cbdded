/* SPDX-License-Identifier: MIT */
/**
 * Level 2 of `sienna demo`. It knows nothing of its host but what is in hypercall.h.
 */
#include "hypercall.h"

enum { LIMIT = 30000 };
#define TOD_MILLISECOND 4096000UL

void guest(void);
void divide_by_zero(void);
void wait_for_timer(uint64_t comparator);

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
