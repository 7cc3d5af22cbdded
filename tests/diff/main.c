/* SPDX-License-Identifier: MIT */
/* sienna-diff: Sienna against other implementations, instruction by instruction. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "oracle.h"

int main(int count, char **words)
{
    static const struct harnesses harnesses = {HARNESS_FOLDER "/harness-user", HARNESS_FOLDER "/harness-bare",
                                                HARNESS_FOLDER "/harness-bare.image", HARNESS_FOLDER "/harness-control"};

    if (count >= 2 && !strcmp(words[1], "ask"))
        return command_ask(count - 2, words + 2, &harnesses);
    if (count >= 2 && !strcmp(words[1], "run"))
        return command_run(count - 2, words + 2, &harnesses);
    if (count >= 2 && !strcmp(words[1], "control"))
        return command_control(count - 2, words + 2, &harnesses);
    fputs("sienna-diff run …: random cases on an oracle and on Sienna\n"
          "sienna-diff control …: random programs in supervisor state\n"
          "sienna-diff ask …: what an oracle makes of an instruction\n", stderr);
    return 2;
}
