/* SPDX-License-Identifier: MIT */
/**
 * A program with a race: two CPUs add to the same doubleword without locking it. The window is three instructions wide
 * among hundreds, so that it is seldom hit. It dies when an addition was lost.
 */
#include "bare.h"

enum { TIMES = 100, WORK = 400 };
static volatile uint64_t counter;
static int done;

static void work(void)
{
    for (volatile unsigned i = 0; i < WORK; i++)
        ;
}

static void count(void)
{
    for (unsigned i = 0; i < TIMES; i++) {
        work();
        counter = counter + 1;
    }
    __atomic_fetch_add(&done, 1, __ATOMIC_SEQ_CST);
}

void second_test(void)
{
    count();
}

void test(void)
{
    start_second();
    count();
    while (__atomic_load_n(&done, __ATOMIC_SEQ_CST) < 2)
        ;
    if (counter != 2 * TIMES) {
        say("lost ");
        say_number(2 * TIMES - counter);
        say("\n");
        __asm__ volatile(".long 0"); /* nobody handles it */
    }
    say("none was lost\n");
}
