/* SPDX-License-Identifier: MIT */
/** Says its command line and the first line of its initial RAM disk. */
#include "bare.h"

void test(void)
{
    uint64_t bytes;
    const char *disk = initrd(&bytes);
    char line[80];
    unsigned n = 0;

    say("command line: '");
    say(command_line());
    say("'\ninitial RAM disk: ");
    say_number(bytes);
    say(" bytes\n");
    for (; disk && n < bytes && n < sizeof line - 1 && disk[n] != '\n'; n++)
        line[n] = disk[n];
    line[n] = 0;
    say(line);
    say("\n");
}
