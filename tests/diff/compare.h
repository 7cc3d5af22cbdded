/* SPDX-License-Identifier: MIT */
/** Does the subject's result agree with the oracle's? */
#ifndef SIENNA_DIFF_COMPARE_H
#define SIENNA_DIFF_COMPARE_H

#include "cpu/insn.h"
#include "oracle.h"
#include "slot.h"

/** What of a result an excused instruction leaves open (exceptions.def), ORed. */
enum excuse {
    EXCUSE_CC = 1,
    EXCUSE_FPC = 2,
    EXCUSE_GR = 4,
    EXCUSE_VR = 8,
    EXCUSE_STORAGE = 16,
    EXCUSE_END = 32,       /**< the kind of end, and everything when the ends differ */
    EXCUSE_EXCEPTION = 64, /**< the state after an exception both report */
    EXCUSE_NAN = 128,      /**< which of two NaNs is the result of a floating-point operation */
    EXCUSE_ACCESS = 256,   /**< which of several access exceptions is recognised */
    EXCUSE_DATA = 512,     /**< which of a data and an access exception is recognised */
    EXCUSE_INVALID = 1024, /**< the invalid-operation flag */
    EXCUSE_ALL = 127,
};

/** What is not compared in a case. */
struct excuses {
    unsigned set;          /**< enum excuse */
    uint8_t vr_bytes[32];  /**< leftmost bytes of each vector register that are defined */
};

/** Why this instruction cannot be compared with an oracle of this kind, or NULL. */
const char *compare_excluded(enum insn_id id, enum oracle_kind kind);
/** Excuses of all instructions that the code contains. */
void compare_excuses(const struct diff_case *test, enum oracle_kind kind, struct excuses *excuses);
/** True when `got` is as right as the oracle can tell. */
bool compare_results(const struct diff_result *expected, const struct diff_result *got, enum oracle_kind kind,
                     const struct excuses *excuses);
/** May the instruction stand among others: does no excuse concern values that others could use? */
bool compare_steady(enum insn_id id, enum oracle_kind kind);
/** compare_results() with the excuses of the case, which stands in slot `slot`. */
bool compare_case(const struct diff_case *test, unsigned slot, const struct diff_result *expected, const struct diff_result *got, enum oracle_kind kind);

#endif
