/* SPDX-License-Identifier: MIT */
/** Subcommands of sienna-diff; each returns the exit status. */
#ifndef SIENNA_DIFF_COMMANDS_H
#define SIENNA_DIFF_COMMANDS_H

/** Where the s390x harness programs are. */
struct harnesses {
    const char *user;   /**< for qemu-s390x */
    const char *system; /**< for qemu-system-s390x, or NULL */
};

int command_ask(int count, char **words, const struct harnesses *harnesses);
int command_run(int count, char **words, const struct harnesses *harnesses);

#endif
