/* SPDX-License-Identifier: MIT */
/**
 * What an instruction is expected to do, by its text: how the register it changes, the condition code and the next
 * address follow from the registers before it.
 *
 * Writer and reader of a trace ask the same plan, and the file has only what came out differently. So a plan may be
 * wrong; it is to be right often and quick always, since it is asked for each instruction. All additions, logical
 * operations and shifts are one formula without branches:
 *
 *     ((first << left) >> right & mask) + (second ^ invert) + immediate + logical * (first & third)
 *
 * Loads and stores take the sum as the address of a cell (trace/model.h), where what was stored last is found.
 */
#ifndef SIENNA_TRACE_PLAN_H
#define SIENNA_TRACE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

enum { NO_REGISTER = 16 };

enum trace_plan_kind {
    PLAN_NOTHING,            /**< no register changes */
    PLAN_SUM,                /**< the formula without shift, mask and logical */
    PLAN_FORMULA, PLAN_MULTIPLY,
    PLAN_SHIFT,              /**< first by what second and immediate say: an enum trace_plan_shift in `last` */
    PLAN_LOAD, PLAN_STORE, PLAN_LOAD_MANY, PLAN_STORE_MANY
};
enum trace_plan_shift { SHIFT_BY_LEFT, SHIFT_BY_RIGHT, SHIFT_BY_LOW_RIGHT, SHIFT_BY_ROTATE, SHIFT_BY_LOW_ROTATE };
enum trace_plan_keep { KEEP_NOTHING, KEEP_HIGH, KEEP_ALL_BUT_BYTE, KEEP_ALL };
enum trace_plan_branch {
    PLAN_NO_BRANCH,
    PLAN_BRANCH_LEARNED,     /**< to where it went the last time */
    PLAN_BRANCH_CONDITION,   /**< by condition code and mask, to the target */
    PLAN_BRANCH_REGISTER,    /**< the same, to where a register says */
    PLAN_BRANCH_COUNT,       /**< when the result is not zero */
    PLAN_BRANCH_COMPARE,     /**< when first and second compare as the mask says */
};

/** Small, since all that are in use should be in the processor's first cache. */
struct trace_plan {
    uint64_t immediate;
    union {
        uint64_t mask;       /**< PLAN_FORMULA */
        uint64_t bytes;      /**< loads and stores: the operand's bits */
        uint64_t target;     /**< of a branch */
    };
    uint8_t kind, branch;    /**< enum trace_plan_kind, enum trace_plan_branch */
    uint8_t reg;             /**< that it changes, or NO_REGISTER; a store: that it stores */
    uint8_t keep;            /**< enum trace_plan_keep: what stays of the register */
    uint8_t first, second, third, left, right;
    int8_t logical, invert;  /**< invert and the next four: 0 or -1 */
    int8_t merge;            /**< PLAN_FORMULA: what is not in the mask stays */
    int8_t add;              /**< loads: added to the register, instead of replacing it */
    int8_t sign;             /**< loads: with sign */
    int8_t both;             /**< loads: bits that the register has, too */
    int8_t negative;         /**< loads: subtracted from the register */
    int8_t compares;         /**< the condition code tells of what the formula gives, and not of the result */
    uint8_t last;            /**< PLAN_…_MANY: from register `third` to this */
    uint8_t length;          /**< of the instruction; 0 where nothing is known */
    uint8_t branch_mask, branch_shift;
    bool branch_signed;
    bool cc_keep;            /**< the condition code stays, or else it is … */
    uint8_t cc[3];           /**< … of zero, a negative, a positive number … */
    uint8_t cc_shift;        /**< … after this shift to the left */
    bool cc_learned;         /**< cc is what it was the last time */
} __attribute__((packed, aligned(2)));

/** The plan for the instruction `text` (left-justified) at `address`; without `registers` only what needs none. */
void trace_plan_make(struct trace_plan *plan, uint64_t address, uint64_t text, bool registers);
/** The plan where nothing is known of the instruction before. */
void trace_plan_nothing(struct trace_plan *plan);

static inline uint64_t trace_plan_sum(const struct trace_plan *p, const uint64_t gr[17])
{
    return gr[p->first] + (gr[p->second] ^ (uint64_t)p->invert) + p->immediate;
}

static inline uint64_t trace_plan_formula(const struct trace_plan *p, const uint64_t gr[17], uint64_t old)
{
    uint64_t first = gr[p->first];

    return (((uint64_t)((int64_t)(first << p->left) >> p->right) & p->mask) + (gr[p->second] ^ (uint64_t)p->invert) +
            p->immediate + (uint64_t)p->logical * (first & gr[p->third])) |
           (old & ~p->mask & (uint64_t)p->merge);
}

/** `result` where the register is replaced, and `old` where it stays. */
static inline uint64_t trace_plan_kept(const struct trace_plan *p, uint64_t result, uint64_t old)
{
    static const uint64_t kept[] = {0, ~0ULL << 32, ~0xffULL, ~0ULL};

    return result ^ ((result ^ old) & kept[p->keep]);
}

static inline uint64_t trace_plan_shift(const struct trace_plan *p, const uint64_t gr[17])
{
    uint64_t first = gr[p->first], by = (gr[p->second] + p->immediate) & 63, low = first & 0xffffffff;

    switch (p->last) {
    case SHIFT_BY_LEFT: return first << by;
    case SHIFT_BY_RIGHT: return first >> by;
    case SHIFT_BY_LOW_RIGHT: return low >> by;
    case SHIFT_BY_ROTATE: return first << by | first >> (-by & 63);
    default: return low << (by & 31) | low >> (-by & 31);
    }
}

/** What a load gives from what is remembered of its operand. */
static inline uint64_t trace_plan_load(const struct trace_plan *p, uint64_t stored, uint64_t old)
{
    uint64_t sign = (p->bytes ^ p->bytes >> 1) & (uint64_t)p->sign;

    uint64_t loaded = ((stored & p->bytes) ^ sign) - sign, negative = (uint64_t)p->negative;

    return (((loaded ^ negative) - negative) + (old & (uint64_t)p->add)) & (old | ~(uint64_t)p->both);
}

/** The condition code after it. */
static inline unsigned trace_plan_cc(const struct trace_plan *p, uint64_t formula, uint64_t value, unsigned old)
{
    int64_t v;

    if (p->cc_keep)
        return old;
    v = (int64_t)((value | (formula & (uint64_t)p->compares)) << p->cc_shift);
    return p->cc[(v != 0) + (v > 0)];
}

static inline bool trace_plan_compare(const struct trace_plan *p, const uint64_t gr[17])
{
    uint64_t flip = p->branch_signed ? 1ULL << 63 : 0, a = gr[p->first] << p->branch_shift ^ flip;
    uint64_t b = (gr[p->second] + p->immediate) << p->branch_shift ^ flip;

    return p->branch_mask >> (1 + (a == b) * 2 + (a < b)) & 1;
}

/** Where it is thought to go on after a branch; `value`: its result, `cc`: after it. */
static inline uint64_t trace_plan_branch(const struct trace_plan *p, const uint64_t gr[17], uint64_t value, unsigned cc,
                                         uint64_t sequential)
{
    bool condition = p->branch_mask << cc & 8, taken = true;

    switch (p->branch) {
    case PLAN_BRANCH_CONDITION: taken = condition; break;
    case PLAN_BRANCH_COMPARE: taken = trace_plan_compare(p, gr); break;
    case PLAN_BRANCH_COUNT: taken = value << p->branch_shift; break;
    case PLAN_BRANCH_REGISTER: return condition ? gr[p->third] & ~1ULL : sequential;
    default: break;
    }
    /* Without a branch of the host's, which would not foresee that of the guest either. */
    return sequential ^ ((sequential ^ p->target) & -(uint64_t)taken);
}

#endif
