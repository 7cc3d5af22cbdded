/* SPDX-License-Identifier: MIT */
/**
 * Vector strings (PoP ch. 23). Elements are bytes, halfwords or words. A set of elements is
 * held as two doublewords with the leftmost bit of every element in it on.
 */
#include "cpu/vector.h"

#define V1 (&cpu->vr[insn->r1])
#define V2 (&cpu->vr[insn->r2])
#define V3 (&cpu->vr[insn->r3])
#define V4 (&cpu->vr[R4])

/* M5 of the searches, M6 of VSTRC: invert, result is a mask, zero search, set the condition code. */
enum { INVERT = 8, RESULT_MASK = 4, ZERO_SEARCH = 2, SET_CC = 1 };
/** The byte index that says none. */
enum { NONE_FOUND = 16 };

static const uint64_t leftmost_bits[] = {0x8080808080808080ULL, 0x8000800080008000ULL, 0x8000000080000000ULL};

/** The set of zero elements of a doubleword. */
static inline uint64_t zeros(uint64_t x, uint64_t leftmost)
{
    return ~(((x & ~leftmost) + ~leftmost) | x) & leftmost;
}

/** Byte index of the first element of a set. */
static inline unsigned first_of(uint64_t left, uint64_t right)
{
    return left    ? (unsigned)__builtin_clzll(left) / 8
           : right ? (unsigned)__builtin_clzll(right) / 8 + 8
                   : NONE_FOUND;
}
static inline unsigned first_zero_of(const union vector_register *v, uint64_t leftmost)
{
    return first_of(zeros(v->d[0], leftmost), zeros(v->d[1], leftmost));
}

static inline void set_index(union vector_register *v, unsigned index)
{
    *v = (union vector_register){.d = {index, 0}};
}

/** 0 a zero first, 1 a match and no zero, 2 a match before a zero, 3 neither. */
static inline unsigned search_cc(unsigned match, unsigned zero)
{
    return zero == NONE_FOUND ? (match == NONE_FOUND ? 3 : 1) : match < zero ? 2 : 0;
}

static inline unsigned smaller(unsigned a, unsigned b) { return a < b ? a : b; }

DEFINE_OP(VFEE)
{
    unsigned size = M_BITS_32, controls = M_BITS_24, match, zero = NONE_FOUND;
    uint64_t leftmost;

    specification_unless(cpu, size <= WORDS && !(controls & ~3u));
    leftmost = leftmost_bits[size];
    match = first_of(zeros(V2->d[0] ^ V3->d[0], leftmost), zeros(V2->d[1] ^ V3->d[1], leftmost));
    if (controls & ZERO_SEARCH)
        zero = first_zero_of(V2, leftmost);
    if (controls & SET_CC)
        cpu->cc = search_cc(match, zero);
    set_index(V1, smaller(match, zero));
}

/** Condition code: 0 a zero first, 1 the second operand low, 2 high, 3 no element different. */
DEFINE_OP(VFENE)
{
    unsigned size = M_BITS_32, controls = M_BITS_24, different, zero = NONE_FOUND;
    uint64_t leftmost, left, right;

    specification_unless(cpu, size <= WORDS && !(controls & ~3u));
    leftmost = leftmost_bits[size];
    left = zeros(V2->d[0] ^ V3->d[0], leftmost) ^ leftmost;
    right = zeros(V2->d[1] ^ V3->d[1], leftmost) ^ leftmost;
    different = first_of(left, right);
    if (controls & ZERO_SEARCH)
        zero = first_zero_of(V2, leftmost);
    if (controls & SET_CC)
        cpu->cc = zero < different           ? 0
                  : different == NONE_FOUND  ? 3
                  : quadword(V2) < quadword(V3) ? 1
                                                : 2;
    set_index(V1, smaller(different, zero));
}

/** What VFAE and VSTRC make of the set of matching elements. */
static void search_result(struct cpu *cpu, const struct insn *insn, unsigned size, unsigned controls,
                          uint64_t left, uint64_t right)
{
    unsigned match = first_of(left, right), zero = NONE_FOUND, last = element_bits(size) - 1;

    if (controls & ZERO_SEARCH)
        zero = first_zero_of(V2, leftmost_bits[size]);
    if (controls & RESULT_MASK)
        *V1 = (union vector_register){.d = {(left >> last) * element_mask(size),
                                            (right >> last) * element_mask(size)}};
    else
        set_index(V1, smaller(match, zero));
    if (controls & SET_CC)
        cpu->cc = search_cc(match, zero);
}

DEFINE_OP(VFAE)
{
    unsigned size = M_BITS_32, controls = M_BITS_24;
    uint64_t leftmost, left = 0, right = 0;

    specification_unless(cpu, size <= WORDS);
    leftmost = leftmost_bits[size];
    for (unsigned i = 0; i < element_count(size); i++) {
        union vector_register wanted = replicated(size, vector_element(V3, size, i));

        left |= zeros(V2->d[0] ^ wanted.d[0], leftmost);
        right |= zeros(V2->d[1] ^ wanted.d[1], leftmost);
    }
    if (controls & INVERT) {
        left ^= leftmost;
        right ^= leftmost;
    }
    search_result(cpu, insn, size, controls, left, right);
}

/** Is the relation of x to the bound among those that the control's left bits allow: equal, low, high? */
static inline bool relation_holds(uint64_t x, uint64_t bound, uint64_t control, unsigned bits)
{
    unsigned relation = x == bound ? 0 : x < bound ? 1 : 2;

    return control >> (bits - 1 - relation) & 1;
}

/** Is x in a range: do both relations of an even-odd pair of bounds hold? */
static bool in_range(uint64_t x, const union vector_register *bounds, const union vector_register *controls,
                     unsigned size)
{
    for (unsigned i = 0; i < element_count(size); i += 2)
        if (relation_holds(x, vector_element(bounds, size, i), vector_element(controls, size, i),
                           element_bits(size)) &&
            relation_holds(x, vector_element(bounds, size, i + 1), vector_element(controls, size, i + 1),
                           element_bits(size)))
            return true;
    return false;
}

DEFINE_OP(VSTRC)
{
    unsigned size = M_BITS_20, controls = M_BITS_24;
    union vector_register set = {{0}};

    specification_unless(cpu, size <= WORDS);
    for (unsigned i = 0; i < element_count(size); i++)
        if (in_range(vector_element(V2, size, i), V3, V4, size) != !!(controls & INVERT))
            set_vector_element(&set, size, i, leftmost_bits[size]);
    search_result(cpu, insn, size, controls, set.d[0], set.d[1]);
}

/** Isolate string: zeros after the first zero. Condition code: 0 there is one, 3 none. */
DEFINE_OP(VISTR)
{
    unsigned size = M_BITS_32, controls = M_BITS_24, zero;
    unsigned __int128 kept = ~(unsigned __int128)0;

    specification_unless(cpu, size <= WORDS && !(controls & ~1u));
    zero = first_zero_of(V2, leftmost_bits[size]);
    if (zero < NONE_FOUND)
        kept = zero ? kept << (128 - 8 * zero) : 0;
    *V1 = vector_of(quadword(V2) & kept);
    if (controls & SET_CC)
        cpu->cc = zero < NONE_FOUND ? 0 : 3;
}

/* ---- Substring search ------------------------------------------------------ */

/** Do bytes 0 … bytes-1 of b equal those of a from `index` on? */
static bool matches_at(const union vector_register *a, unsigned index, const union vector_register *b,
                       unsigned bytes)
{
    unsigned __int128 difference = quadword(a) << (8 * index) ^ quadword(b);

    return bytes == 0 || difference >> (128 - 8 * bytes) == 0;
}

/**
 * V3 is the substring, byte 7 of V4 its length in bytes. Condition code: 0 no match, 1 no match and a zero
 * ends the string, 2 the whole substring found, 3 its beginning at the end of the vector.
 */
DEFINE_OP(VSTRS)
{
    unsigned size = M_BITS_20, controls = M_BITS_24, end = NONE_FOUND, wanted, index;

    specification_unless(cpu, size <= WORDS && !(controls & ~(unsigned)ZERO_SEARCH));
    wanted = smaller((unsigned)(V4->d[0] & 0xff), 16) >> size << size;
    if (controls & ZERO_SEARCH) {
        wanted = smaller(wanted, first_zero_of(V3, leftmost_bits[size]));
        end = first_zero_of(V2, leftmost_bits[size]);
    }
    for (index = 0; index < end; index += 1u << size)
        if (matches_at(V2, index, V3, smaller(wanted, 16 - index)))
            break;
    cpu->cc = 2;
    if (wanted == 0) {
        index = 0;
    } else if (index >= end) {
        cpu->cc = end < NONE_FOUND ? 1 : 0;
        index = NONE_FOUND;
    } else if (index + wanted > 16) {
        cpu->cc = 3;
    }
    set_index(V1, index);
}
