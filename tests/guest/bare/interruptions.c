/* SPDX-License-Identifier: MIT */
/** A program interruption and one of the clock comparator, each with a handler. */
#include "bare.h"

enum { MILLISECOND = 4096000 };

void test(void)
{
    uint64_t start = clock(), comparator = start + MILLISECOND;

    say("7 / 0: program interruption ");
    say_number((uint64_t)divide(7, 0));
    say("\n7 / 2: ");
    say_number((uint64_t)divide(7, 2));
    __asm__ volatile("sckc %0" : : "Q"(comparator));
    while (wait_external() != EXTERNAL_CLOCK_COMPARATOR)
        ;
    comparator = UINT64_MAX;
    __asm__ volatile("sckc %0" : : "Q"(comparator));
    say(clock() - start >= MILLISECOND ? "\nthe clock comparator waited\n" : "\ntoo early\n");
}
