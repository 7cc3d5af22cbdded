/* SPDX-License-Identifier: MIT */
/**
 * Agent expressions: the bytecode into which GDB compiles conditions and commands of breakpoints.
 * It is the client's and not trusted: every run is bounded in steps, stack and text.
 */
#ifndef SIENNA_GDBSTUB_AGENT_H
#define SIENNA_GDBSTUB_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What an expression may look at. */
struct agent_machine {
    void *context;
    /** The register with this number in the target description, as a number. */
    bool (*read_register)(void *context, unsigned number, uint64_t *value);
    bool (*read_storage)(void *context, uint64_t address, void *to, size_t bytes);
    void (*print)(void *context, const char *text, size_t bytes);
};

enum { AGENT_STACK = 64, AGENT_STEPS = 10000, AGENT_TEXT = 4096 };

/** Run an expression. *value: top of the stack at its end, 0 when that is empty. NULL, or what was wrong. */
const char *agent_run(const uint8_t *code, size_t bytes, const struct agent_machine *machine, uint64_t *value);

#endif
