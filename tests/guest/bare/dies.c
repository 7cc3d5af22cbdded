/* SPDX-License-Identifier: MIT */
/** A program interruption that nobody handles. */
#include "bare.h"

void test(void)
{
    say("dying\n");
    __asm__ volatile("lg %%r1,0(%0)" : : "a"(-8L) : "1"); /* there is no storage */
    say("still there\n");
}
