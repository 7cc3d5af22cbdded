/* SPDX-License-Identifier: MIT */
/** Results in readable form. */
#ifndef SIENNA_DIFF_REPORT_H
#define SIENNA_DIFF_REPORT_H

#include <stdio.h>

#include "slot.h"

/** How a case ended, in a few words. */
void diff_print_end(FILE *to, const struct diff_result *result);
/** Print what `result` changed against the initial state. */
void diff_print_changes(FILE *to, const struct diff_case *test, const struct diff_result *result);
/** Print where `got` differs from `expected`, one line each; of vector registers the leftmost `vr_bytes[n]` bytes. */
void diff_print_difference(FILE *to, const struct diff_result *expected, const struct diff_result *got,
                           const uint8_t vr_bytes[32]);
/** Print the initial state: registers in `gr_mask` and `vr_mask` (bit n = register n), cc, modes. */
void diff_print_initial(FILE *to, const struct diff_case *test, uint32_t gr_mask, uint32_t vr_mask);
/** Is this one of the no-operations that shrinking a case puts in? They are not printed. */
bool diff_no_operation(const uint8_t *code);
/** Print the command that asks for this case. */
void diff_print_question(FILE *to, const struct diff_case *test);
/** Print the code with s390x objdump's or the table's words; `slot` gives the address. */
void diff_print_code(FILE *to, const struct diff_case *test, unsigned slot);

#endif
