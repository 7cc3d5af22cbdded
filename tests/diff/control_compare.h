/* SPDX-License-Identifier: MIT */
/** Do Sienna and the oracle agree about a control case? And words for when they do not. */
#ifndef SIENNA_DIFF_CONTROL_COMPARE_H
#define SIENNA_DIFF_CONTROL_COMPARE_H

#include "control.h"

enum control_verdict { CONTROL_AGREES, CONTROL_EXCUSED, CONTROL_DIFFERS };

enum control_verdict control_compare(const struct control_case *test, const struct control_result *expected,
                                     const struct control_result *got);
/** Make instruction `i` a no-operation. */
void control_blank(struct control_case *test, unsigned i);
/** The only instruction that is not a no-operation; INSN_NONE when there are several or none. */
enum insn_id control_only(const struct control_case *test);
/** Did the case end where its code ends? */
bool control_ended(const struct control_case *test, const struct control_result *result);
void control_print(const struct control_case *test);
void control_print_difference(const struct control_result *expected, const struct control_result *got);

#endif
