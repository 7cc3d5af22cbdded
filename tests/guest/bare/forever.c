/* SPDX-License-Identifier: MIT */
/** A program that does not come to an end. */
#include "bare.h"

void test(void)
{
    say("counting\n");
    for (volatile uint64_t n = 0;; n++)
        ;
}
