/* SPDX-License-Identifier: MIT */
/** Subcommands of sienna-diff; each returns the exit status. */
#ifndef SIENNA_DIFF_COMMANDS_H
#define SIENNA_DIFF_COMMANDS_H


struct harnesses;

int command_ask(int count, char **words, const struct harnesses *harnesses);
int command_run(int count, char **words, const struct harnesses *harnesses);
int command_control(int count, char **words, const struct harnesses *harnesses);

#endif
