/* SPDX-License-Identifier: MIT */
#include "compare.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name, *reason;
} excluded[] = {
#define EXCLUDED(NAME, reason) {#NAME, reason},
#define EXCUSED(...)
#include "exceptions.def"
#undef EXCLUDED
#undef EXCUSED
};

const char *compare_excluded(enum insn_id id)
{
    const struct insn_row *row = &insn_rows[id];

    if (row->authority != ANY)
        return "control instruction";
    for (unsigned i = 0; i < sizeof excluded / sizeof *excluded; i++)
        if (!strcasecmp(excluded[i].name, row->name))
            return excluded[i].reason;
    return NULL;
}

/* May the operands at the addresses in two registers have bytes in common? */
static bool overlap(const struct diff_case *test, uint64_t r1, uint64_t r2)
{
    uint64_t mask = test->amode == 64 ? UINT64_MAX : test->amode == 31 ? 0x7fffffff : 0xffffff;
    uint64_t a = test->gr[r1] & mask, b = test->gr[r2] & mask;

    return (a > b ? a - b : b - a) < 0x1000;
}

/* `text`: the instruction left-justified, for conditions of exceptions.def. */
static unsigned excuses_of(const char *name, uint64_t text, const struct diff_case *test)
{
    unsigned set = 0;

#define EXCLUDED(...)
#define EXCUSED(NAME, excuses, condition, reason) \
    if (!strcasecmp(#NAME, name) && (condition)) \
        set |= excuses;
#include "exceptions.def"
#undef EXCLUDED
#undef EXCUSED
    return set;
}

unsigned compare_excuses(const struct diff_case *test)
{
    unsigned excuses = 0;

    for (unsigned at = 0; at < test->code_length; at += insn_length(test->code[at])) {
        uint64_t text = get64(test->code + at);

        excuses |= excuses_of(insn_name(insn_decode(text)), text, test);
    }
    return excuses;
}

/* What a user program can tell apart. */
enum class { CLASS_END, CLASS_OPERATION, CLASS_OPERAND, CLASS_FLOAT, CLASS_OVERFLOW, CLASS_DIVIDE, CLASS_ACCESS,
             CLASS_UNTOLD, CLASS_OTHER };

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
        return CLASS_OVERFLOW;
    case 0x09:
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
    case 0x0a:
    case 0x0b:
    case 0x1b:
    case 0x40:
        return CLASS_UNTOLD; /* qemu-s390x ends instead */
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

static bool same_end(const struct diff_result *e, const struct diff_result *g, bool exact, unsigned excuses)
{
    enum class want, got = class_of_code(g);

    if (e->died)
        return got == CLASS_UNTOLD || (excuses & EXCUSE_DIED);
    if (!exact && g->code == 0x06 && (g->ia & 1)) /* a branch to an odd address, which the oracle follows */
        return true;
    if (exact)
        return e->code == g->code && (e->code == 0 || (e->ia == g->ia && e->ilc == g->ilc));
    want = e->code ? class_of_signal(e) : CLASS_END;
    /* A data exception whose DXC names no IEEE condition arrives like an operand exception. */
    if (want != got && !(want == CLASS_OPERAND && got == CLASS_FLOAT))
        return false;
    return want == CLASS_END || e->ia == comparable_ia(g);
}

static bool same_state(const struct diff_result *e, const struct diff_result *g, unsigned excuses)
{
    return ((excuses & EXCUSE_CC) || e->cc == g->cc) && ((excuses & EXCUSE_FPC) || e->fpc == g->fpc) &&
           ((excuses & EXCUSE_GR) || !memcmp(e->gr, g->gr, sizeof e->gr)) && !memcmp(e->ar, g->ar, sizeof e->ar) &&
           ((excuses & EXCUSE_VR) || !memcmp(e->vr, g->vr, sizeof e->vr)) && e->program_mask == g->program_mask &&
           e->amode == g->amode &&
           ((excuses & EXCUSE_STORAGE) ||
            (e->stray == g->stray && !memcmp(e->windows, g->windows, sizeof e->windows)));
}

bool compare_results(const struct diff_result *expected, const struct diff_result *got, bool exact,
                     unsigned excuses)
{
    if (!same_end(expected, got, exact, excuses))
        return excuses & EXCUSE_END;
    if (expected->died || (expected->code && (excuses & EXCUSE_EXCEPTION)) || (!exact && (got->ia & 1)))
        return true;
    return same_state(expected, got, excuses);
}
