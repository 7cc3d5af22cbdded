/* SPDX-License-Identifier: MIT */
#include "compare.h"

#include <string.h>

enum { USER = 1 << ORACLE_USER, SYSTEM = 1 << ORACLE_SYSTEM, HERCULES = 1 << ORACLE_HERCULES,
       QEMU = USER | SYSTEM, ALL = QEMU | HERCULES };

static bool in_words(const char *words, const char *name)
{
    size_t n = strlen(name);

    for (const char *c = words; (c = strstr(c, name)); c += n)
        if ((c == words || c[-1] == ' ') && (!c[n] || c[n] == ' '))
            return true;
    return false;
}

const char *compare_excluded(enum insn_id id, enum oracle_kind kind)
{
    static const struct {
        unsigned oracles;
        const char *names, *reason;
    } rows[] = {
#define EXCLUDED(oracles, names, reason) {oracles, names, reason},
#define EXCUSED(...)
#include "exceptions.def"
#undef EXCLUDED
#undef EXCUSED
    };

    if (insn_rows[id].authority != ANY)
        return "control instruction";
    if (kind == ORACLE_HERCULES && insn_rows[id].checks & VECTOR_OP)
        return "not in Hercules";
    for (unsigned i = 0; i < 2; i++)
        if (insn_rows[id].facility[i] == FACILITY_VECTOR_PACKED_DECIMAL ||
            insn_rows[id].facility[i] == FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT ||
            insn_rows[id].facility[i] == FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT_2)
            return "not in QEMU";
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].oracles >> kind & 1 && in_words(rows[i].names, insn_rows[id].name))
            return rows[i].reason;
    return NULL;
}

/* May the operands at the addresses in two registers have bytes in common? */
static bool overlap(const struct diff_case *test, uint64_t r1, uint64_t r2)
{
    uint64_t mask = test->amode == 64 ? UINT64_MAX : test->amode == 31 ? 0x7fffffff : 0xffffff;
    uint64_t a = test->gr[r1] & mask, b = test->gr[r2] & mask;

    return (a > b ? a - b : b - a) < 0x1000;
}

static uint64_t storage_address(const struct diff_case *test, uint64_t base_displacement)
{
    uint64_t base = base_displacement >> 12 & 15;
    uint64_t mask = test->amode == 64 ? UINT64_MAX : test->amode == 31 ? 0x7fffffff : 0xffffff;

    return ((base ? test->gr[base] : 0) + (base_displacement & 0xfff)) & mask;
}

/* Are the two operands of an SS instruction near each other, but not the same? */
static bool near(const struct diff_case *test, uint64_t text)
{
    uint64_t a = storage_address(test, text >> 32), b = storage_address(test, text >> 16);

    return a != b && (a > b ? a - b : b - a) < 256;
}

/* Do they, with 4-bit lengths, end with the same byte? */
static bool same_end_byte(const struct diff_case *test, uint64_t text)
{
    return storage_address(test, text >> 32) + (text >> 52 & 15) ==
           storage_address(test, text >> 16) + (text >> 48 & 15);
}

/* VECTOR STRING SEARCH: the length of the substring, in byte 7 of the fourth operand. */
static unsigned substring_length(const struct diff_case *test, uint64_t text)
{
    return test->vr[(text >> 28 & 15) | (text >> 24 & 1) << 4][7];
}

/* CU12, CU14: may the second operand (R2's pair) have characters from U+0800 to U+0FFF? */
static bool low_three_bytes(const struct diff_case *test, uint64_t text)
{
    unsigned r2 = text >> 32 & 14;
    uint64_t address = test->gr[r2] & (test->amode == 64 ? UINT64_MAX : test->amode == 31 ? 0x7fffffff : 0xffffff);
    uint64_t length = test->amode == 64 ? test->gr[r2 + 1] : (uint32_t)test->gr[r2 + 1];

    for (uint64_t i = 0; i + 1 < length && i < IN_WINDOWS_BYTES; i++) {
        int first = diff_window_offset(address + i), second = diff_window_offset(address + i + 1);

        if (first >= 0 && second >= 0 && test->windows[first] == 0xe0 && (test->windows[second] & 0xe0) == 0xa0)
            return true;
    }
    return false;
}

/* `text`: the instruction left-justified, for conditions of exceptions.def. */
static unsigned excuses_of(enum insn_id id, enum oracle_kind kind, uint64_t text, const struct diff_case *test)
{
    unsigned set = insn_rows[id].checks & BFP ? EXCUSE_EXCEPTION : 0, format = insn_rows[id].format;

    if (format >= FORMAT_SS_a && format <= FORMAT_SSF)
        set |= EXCUSE_ACCESS; /* two storage operands */

#define EXCLUDED(...)
#define EXCUSED(oracles, names, excuses, condition, reason) \
    if ((oracles) >> kind & 1 && (condition) && in_words(names, insn_rows[id].name)) \
        set |= excuses;
#include "exceptions.def"
#undef EXCLUDED
#undef EXCUSED
    return set;
}

bool compare_steady(enum insn_id id, enum oracle_kind kind)
{
    unsigned set = 0;

#define EXCLUDED(...)
#define EXCUSED(oracles, names, excuses, condition, reason) \
    if ((oracles) >> kind & 1 && in_words(names, insn_rows[id].name)) \
        set |= excuses;
#include "exceptions.def"
#undef EXCLUDED
#undef EXCUSED
    return !(set & (EXCUSE_CC | EXCUSE_FPC | EXCUSE_GR | EXCUSE_VR | EXCUSE_STORAGE | EXCUSE_NAN));
}

/* With the single-element control, a vector-floating-point instruction defines element zero of V1 only. */
static void single_element(enum insn_id id, uint64_t text, struct excuses *excuses)
{
    const struct insn_row *row = &insn_rows[id];
    unsigned v1 = (unsigned)(text >> 52 & 15) | (unsigned)(text >> 27 & 1) << 4;
    unsigned format = (unsigned)(text >> (row->format == FORMAT_VRR_e ? 40 : 28) & 15), bytes;
    bool vflr = !strcmp(row->name, "vflr"); /* its odd elements are never defined */

    if (!(row->checks & VECTOR_OP) || (!(text >> 35 & 1) && !vflr) || format < 2 || format > 4 ||
        (row->name[0] != 'w' && row->name[1] != 'f' && row->name[1] != 'c'))
        return;
    bytes = 4u << (format - 2);
    if (vflr)
        bytes /= 2;
    if (bytes < excuses->vr_bytes[v1])
        excuses->vr_bytes[v1] = (uint8_t)bytes;
}

void compare_excuses(const struct diff_case *test, enum oracle_kind kind, struct excuses *excuses)
{
    excuses->set = 0;
    memset(excuses->vr_bytes, 16, sizeof excuses->vr_bytes);
    for (unsigned i = 0; kind == ORACLE_HERCULES && i < 32; i++)
        excuses->vr_bytes[i] = i < 16 ? 8 : 0; /* only the floating-point registers */
    for (unsigned at = 0; at < test->code_length; at += insn_length(test->code[at])) {
        uint64_t text = get64(test->code + at);
        enum insn_id id = insn_decode(text);

        excuses->set |= excuses_of(id, kind, text, test);
        single_element(id, text, excuses);
    }
}

/* What a user program can tell apart. */
enum class { CLASS_END, CLASS_OPERATION, CLASS_OPERAND, CLASS_FLOAT, CLASS_OVERFLOW, CLASS_DIVIDE, CLASS_ACCESS,
             CLASS_OTHER };

static enum class class_of_code(const struct diff_result *result)
{
    switch (result->code) {
    case 0:
        return CLASS_END;
    case 0x01:
    case 0x02:
        return CLASS_OPERATION;
    case 0x03:
    case 0x06:
    case 0x13:
    case 0x15:
        return CLASS_OPERAND;
    case 0x07:
        return CLASS_FLOAT;
    case 0x08:
    case 0x0a:
        return CLASS_OVERFLOW;
    case 0x09:
    case 0x0b:
        return CLASS_DIVIDE;
    case 0x04:
    case 0x05:
    case 0x10:
    case 0x11:
    case 0x38:
    case 0x39:
    case 0x3a:
    case 0x3b:
        return CLASS_ACCESS;
    default:
        return CLASS_OTHER;
    }
}

static enum class class_of_signal(const struct diff_result *result)
{
    switch (result->signal << 8 | result->signal_code) {
    case 0x401:
        return CLASS_OPERATION;
    case 0x402:
        return CLASS_OPERAND;
    case 0x801:
        return CLASS_DIVIDE;
    case 0x802:
        return CLASS_OVERFLOW;
    default:
        return result->signal == 8 ? CLASS_FLOAT : result->signal == 11 ? CLASS_ACCESS : CLASS_OTHER;
    }
}

/* A signal for an access exception leaves the address at the instruction, whether nullified or suppressed. */
static uint64_t comparable_ia(const struct diff_result *result)
{
    return result->code == 0x04 || result->code == 0x05 ? result->ia - result->ilc : result->ia;
}

static bool same_end(const struct diff_result *e, const struct diff_result *g, enum oracle_kind kind,
                     unsigned excuses)
{
    enum class want, got = class_of_code(g);

    if (e->died || e->code == 0xfffe) /* or its time had passed: that tells nothing; runs count it */
        return true;
    want = class_of_code(e);
    if (kind != ORACLE_HERCULES && g->code == 0x06 && (g->ia & 1)) /* a branch to an odd address: QEMU follows it */
        return true;
    if (kind != ORACLE_USER && (excuses & EXCUSE_DATA) && want != got &&
        (want == CLASS_ACCESS || want == CLASS_FLOAT || want == CLASS_DIVIDE) &&
        (got == CLASS_ACCESS || got == CLASS_FLOAT || got == CLASS_DIVIDE))
        return true;
    if (kind != ORACLE_USER && (excuses & EXCUSE_ACCESS) && got == CLASS_ACCESS)
        return want == CLASS_ACCESS && comparable_ia(e) == comparable_ia(g);
    if (kind == ORACLE_SYSTEM && e->code == 0x1b && g->code == 0x1b) /* QEMU nullifies, the Principles complete */
        return e->ia + e->ilc == g->ia;
    if (kind != ORACLE_USER)
        return e->code == g->code && (e->code == 0 || (e->ia == g->ia && e->ilc == g->ilc));
    want = e->code ? class_of_signal(e) : CLASS_END;
    /* A data exception whose DXC names no IEEE condition arrives like an operand exception. */
    if (want != got && !(want == CLASS_OPERAND && got == CLASS_FLOAT))
        return false;
    return want == CLASS_END || e->ia == comparable_ia(g);
}

/* qemu-s390x and the harness have pages where the subject has none, among them its stack. */
static bool in_harness(const struct diff_result *result, enum oracle_kind kind)
{
    return kind == ORACLE_USER && class_of_code(result) == CLASS_ACCESS &&
           (result->teid >> 12 == CASE_HEADERS >> 12 || result->teid >> 12 == CASE_EXIT >> 12 || result->teid >> 12 == CASE_SCRATCH >> 12 ||
            result->teid >> 32 == 0x40);
}

static bool is_nan(uint64_t d, bool is_long)
{
    return is_long ? (d & 0x7fffffffffffffffULL) > 0x7ff0000000000000ULL
                   : (d & 0x7fffffff) > 0x7f800000;
}

/* Are two doublewords the same but for NaNs in the place of NaNs? */
static bool same_but_nans(uint64_t a, uint64_t b)
{
    if (is_nan(a, true) && is_nan(b, true))
        return true;
    return (a >> 32 == b >> 32 || (is_nan(a >> 32, false) && is_nan(b >> 32, false))) &&
           ((uint32_t)a == (uint32_t)b || (is_nan((uint32_t)a, false) && is_nan((uint32_t)b, false)));
}

static bool same_vectors(const struct diff_result *e, const struct diff_result *g, const struct excuses *excuses)
{
    unsigned low_half = 32; /* of an extended NaN */

    for (unsigned i = 0; i < 32; i++) {
        if (i == low_half || !memcmp(e->vr[i], g->vr[i], excuses->vr_bytes[i]))
            continue;
        if (!(excuses->set & EXCUSE_NAN) || !same_but_nans(get64(e->vr[i]), get64(g->vr[i])) ||
            (!is_nan(get64(e->vr[i]), true) && !same_but_nans(get64(e->vr[i] + 8), get64(g->vr[i] + 8))))
            return false;
        low_half = i + 2;
    }
    return true;
}

static bool same_state(const struct diff_result *e, const struct diff_result *g, const struct excuses *excuses)
{
    unsigned set = excuses->set;

    return ((set & EXCUSE_CC) || e->cc == g->cc) &&
           ((set & EXCUSE_FPC) || !((e->fpc ^ g->fpc) & ~(set & EXCUSE_INVALID ? 0x00800000u : 0))) &&
           ((set & EXCUSE_GR) || !memcmp(e->gr, g->gr, sizeof e->gr)) && !memcmp(e->ar, g->ar, sizeof e->ar) &&
           ((set & EXCUSE_VR) || same_vectors(e, g, excuses)) && e->program_mask == g->program_mask &&
           e->amode == g->amode &&
           ((set & EXCUSE_STORAGE) ||
            (e->stray == g->stray && !memcmp(e->windows, g->windows, sizeof e->windows)));
}

bool compare_results(const struct diff_result *expected, const struct diff_result *got, enum oracle_kind kind,
                     const struct excuses *excuses)
{
    if (in_harness(got, kind))
        return true;
    if (!same_end(expected, got, kind, excuses->set))
        return excuses->set & EXCUSE_END;
    if (expected->died || expected->code == 0xfffe || (expected->code && (excuses->set & EXCUSE_EXCEPTION)) ||
        (kind != ORACLE_HERCULES && (got->ia & 1)))
        return true;
    return same_state(expected, got, excuses);
}

/* A branch into data, other cases' code or the branch to the exit executes what is nobody's choice. */
static bool astray(const struct diff_case *test, unsigned slot, const struct diff_result *result)
{
    uint64_t from = diff_code_address(slot, test);

    return result->code && (result->ia < from || result->ia > from + test->code_length);
}

/* Within the prefix begin instructions that nobody chose, such as SRP, which an oracle may lack. */
static bool in_prefix(const struct diff_case *test, unsigned slot, const struct diff_result *result)
{
    uint64_t from = diff_code_address(slot, test);

    return result->code && result->ia < from && result->ia >= from - CASE_PREFIX_BYTES;
}

bool compare_case(const struct diff_case *test, unsigned slot, const struct diff_result *expected,
                  const struct diff_result *got, enum oracle_kind kind)
{
    static const struct excuses none = {0, {16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
                                            16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16}};
    struct excuses excuses;

    /* Excuses cost more than the comparison, and are seldom needed. */
    if (kind != ORACLE_HERCULES && compare_results(expected, got, kind, &none))
        return true;
    if (in_prefix(test, slot, got))
        return true;
    if (!expected->died && expected->code != 0xfffe && astray(test, slot, expected) &&
        (test->amode != 64 || expected->amode != 64 || astray(test, slot, got))) /* qemu branches to addresses wider than the mode */
        return true;
    compare_excuses(test, kind, &excuses);
    return compare_results(expected, got, kind, &excuses);
}
