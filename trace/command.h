/* SPDX-License-Identifier: MIT */
/** `sienna trace …`: what is done with trace files. */
#ifndef SIENNA_TRACE_COMMAND_H
#define SIENNA_TRACE_COMMAND_H

/** argv[0] is "trace". Exit code 0, 1 (nothing found, or a difference), 2 (wrong use or file). */
int trace_command(int argc, char **argv);

#endif
