/* SPDX-License-Identifier: MIT */
/** Two CPUs count in the same doubleword, as one should: none is lost. */
#include "bare.h"

enum { TIMES = 20000 };
static uint64_t counter;
static int done;

static void count(void)
{
    for (unsigned i = 0; i < TIMES; i++)
        __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&done, 1, __ATOMIC_SEQ_CST);
}

void second_test(void)
{
    count();
}

void test(void)
{
    if (!start_second()) {
        say("there is no second CPU\n");
        return;
    }
    count();
    while (__atomic_load_n(&done, __ATOMIC_SEQ_CST) < 2)
        ;
    say("counted to ");
    say_number(counter);
    say("\n");
}
