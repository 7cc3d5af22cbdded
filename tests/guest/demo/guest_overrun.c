/* SPDX-License-Identifier: MIT */
/**
 * Level 2 of `sienna demo overrun`: it counts primes while a timer ticks, and has a bug that docs/debugging.md looks
 * for.
 */
#include "hypercall.h"

enum { LIMIT = 30000, TICKS = 16 };
#define TICK_PERIOD (50 * 4096UL) /* 50 microseconds */

void guest(void);
void tick(void);
void open_timer(void);

static struct {
    uint64_t when[TICKS]; /* the clock at each tick */
    uint64_t primes;
} account;
static uint64_t ticks;

static void next_tick_at(uint64_t comparator)
{
    __asm__ volatile("sckc %0" : : "Q"(comparator));
}

/* Called by the timer's interruption: remember when it was, and ask for the next one while there is room. */
void tick(void)
{
    uint64_t now = clock(), *when = account.when;

    when[ticks++] = now;
    next_tick_at(ticks <= TICKS ? now + TICK_PERIOD : UINT64_MAX); /* the bug: one too many */
}

static int is_prime(uint64_t n)
{
    uint64_t d = 3;

    while (d * d <= n && n % d)
        d += 2;
    return d * d > n;
}

static void count_primes(void)
{
    volatile uint64_t *primes = &account.primes; /* a tick may come at any time */

    *primes = 1;
    for (uint64_t n = 3; n < LIMIT; n += 2)
        if (is_prime(n))
            ++*primes;
}

void guest(void)
{
    say("I count primes, while a timer ticks");
    next_tick_at(clock() + TICK_PERIOD);
    open_timer();
    count_primes();
    hypercall(END, account.primes, 0);
}
