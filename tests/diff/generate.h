/* SPDX-License-Identifier: MIT */
/**
 * Random test cases from Sienna's instruction table: a stream of instructions whose storage
 * operands are (most often) in the windows, and a state that makes them do something.
 */
#ifndef SIENNA_DIFF_GENERATE_H
#define SIENNA_DIFF_GENERATE_H

#include "cpu/insn.h"
#include "random.h"
#include "slot.h"

struct generator {
    struct random random;
    enum insn_id choice[INSN_COUNT]; /**< rows to choose from */
    unsigned choices;
    enum insn_id steady[INSN_COUNT]; /**< those of them that may stand among others */
    unsigned steadies;
    unsigned longest;                /**< most instructions in a stream */
    bool masks;                      /**< IEEE masks may be on for vector instructions too */
    bool old_rounding;               /**< rounding modes 0-3 only, without the floating-point-extension facility */
    bool no_locked_targets;          /**< qemu-s390x never ends an EXECUTE of an unaligned interlocked update */
    const char *trait[INSN_COUNT];   /**< words of traits.def, "" = none */
};

/** No rows to choose from yet; every trait known. */
void generate_init(struct generator *generator, uint64_t seed);
/** Make the case for slot `slot`. */
void generate(struct generator *generator, unsigned slot, struct diff_case *out);
/** Does `trait` contain `word`? */
bool generate_has(const char *trait, const char *word);

#endif
