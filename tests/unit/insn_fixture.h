/* SPDX-License-Identifier: MIT */
/** For tests over the whole instruction table: samples of each row with random operands. */
#ifndef SIENNA_TESTS_INSN_FIXTURE_H
#define SIENNA_TESTS_INSN_FIXTURE_H

#include "cpu/layout.h"
#include "unit/cpu_fixture.h"
#include "unit/random.h"

/**
 * Where a row's random numbers begin, `salt` telling the tests apart. Each row has numbers of its own, so that rows
 * which come or go change nothing for the others.
 */
static inline uint64_t row_seed(int id, unsigned salt)
{
    return (insn_rows[id].opcode + 1ULL) * 0x9e3779b97f4a7c15ULL + salt;
}

/** Operands of a row that are in storage at a base and displacement. */
static inline unsigned storage_operands(enum insn_id id)
{
    struct operand_layout o[OPERANDS_MOST];
    unsigned operands = insn_layout(insn_rows[id].format, o), count = 0;

    for (unsigned i = 0; i < operands; i++)
        count += o[i].kind == 'b';
    return count;
}

/** Put an operand into an instruction's text; `storage` counts storage operands, from 1 with the first. */
typedef uint64_t put_operand(uint64_t text, const struct operand_layout *o, unsigned storage, uint64_t random);

/** A left-justified text of the row, whose operands `put` chooses, each by one random number. */
static inline uint64_t sample_text(enum insn_id id, uint64_t *seed, put_operand *put)
{
    struct operand_layout o[OPERANDS_MOST];
    unsigned operands = insn_layout(insn_rows[id].format, o), storage = 0;
    uint64_t text = insn_text(id);

    for (unsigned i = 0; i < operands; i++) {
        uint64_t random = next_random(seed);

        storage += o[i].kind == 'b';
        text = put(text, &o[i], storage, random);
    }
    return text;
}

/** Put a register number, mask or immediate; of a wide field, the leftmost eight bits. */
static inline uint64_t put_small(uint64_t text, const struct operand_layout *o, uint64_t value)
{
    return insn_put(text, o->bit, o->width > 8 ? 8 : o->width, value);
}

#endif
