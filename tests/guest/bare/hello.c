/* SPDX-License-Identifier: MIT */
#include "bare.h"

void test(void)
{
    say("Hello, world\n");
    say("7 * 6 = ");
    say_number(7 * 6);
    say("\n");
}
