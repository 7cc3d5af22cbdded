/* SPDX-License-Identifier: MIT */
/** Says the lines that are typed, until one is "end". */
#include "bare.h"

void test(void)
{
    char line[80];

    say("listening\n");
    do {
        listen(line, sizeof line);
        say("heard: ");
        say(line);
        say("\n");
    } while (line[0] != 'e' || line[1] != 'n' || line[2] != 'd');
}
