/* SPDX-License-Identifier: MIT */
/** `sienna demo` as the command line of an ordinary machine. */
#ifndef SIENNA_FRONTENDS_DEMO_H
#define SIENNA_FRONTENDS_DEMO_H

#include <stdbool.h>

enum { DEMO_FIXED = 8, DEMO_ARGUMENTS = 64 };

struct demo {
    int argc;
    char *argv[DEMO_ARGUMENTS + 1], file[32];
};

/** Turn `sienna demo [OPTION...]` into the options that run it. False with a message when the host has no room. */
bool demo_arguments(int argc, char **argv, struct demo *demo);

#endif
