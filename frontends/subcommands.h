/* SPDX-License-Identifier: MIT */
/** The first word of the command line: `sienna run`, `sienna demo` and so on, one row each in main.c. */
#ifndef SIENNA_FRONTENDS_SUBCOMMANDS_H
#define SIENNA_FRONTENDS_SUBCOMMANDS_H

struct subcommand {
    const char *name, *arguments; /**< as the usage shows them */
    const char *help;             /**< a few words */
    /** argv[0] is the subcommand's name. Returns the exit code. */
    int (*run)(int argc, char **argv);
};
/** The table; ends with a NULL name. Without one of these words, it is `run`. */
extern const struct subcommand subcommands[];

/** `sienna run OPTION...`: one machine to its end. May be called once in a process. */
int run_subcommand(int argc, char **argv);
/** `sienna replay FILE OPTION...`: a recording again. */
int replay_subcommand(int argc, char **argv);
int demo_subcommand(int argc, char **argv);
/** `sienna test SUITE`: many machines, each judged. */
int test_subcommand(int argc, char **argv);
/** `sienna snapshot info FILE`. */
int snapshot_subcommand(int argc, char **argv);

#endif
