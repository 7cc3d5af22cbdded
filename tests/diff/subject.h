/* SPDX-License-Identifier: MIT */
/**
 * The subject: Sienna executing test cases on a machine with storage and one CPU, in problem
 * state with DAT on and only the addresses of case.h mapped.
 */
#ifndef SIENNA_DIFF_SUBJECT_H
#define SIENNA_DIFF_SUBJECT_H

#include <stdbool.h>

#include "machine/machine.h"
#include "slot.h"

struct subject {
    struct machine machine;
    struct cpu *cpu;
};

void subject_open(struct subject *subject);
void subject_close(struct subject *subject);
/** Bring a chunk (CASE_CHUNK_BYTES in input-slot form) into storage. */
void subject_load(struct subject *subject, const uint8_t *chunk);
/** Execute the case that is in slot `slot` of the loaded chunk. */
void subject_run(struct subject *subject, unsigned slot, const struct diff_case *test,
                 struct diff_result *result);

#endif
