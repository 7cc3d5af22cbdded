/* SPDX-License-Identifier: MIT */
#include "control_compare.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cpu/psw.h"
#include "report.h"

/* What an excuse leaves open (control_exceptions.def), ORed. */
enum {
    OPEN_KEYS = 1,    /* reference and change bits */
    OPEN_PER = 2,     /* PER code, ATMID, address and access identification */
    OPEN_TEID = 4,    /* TEID and exception access identification */
    OPEN_BREAKING = 8,
    OPEN_ALL = 16,
    OPEN_HIGH = 32,   /* bits 0-31 of general registers */
    OPEN_GR0 = 64,
    OPEN_ACCESS = 128, /* whether the TEID tells fetching or storing */
    OPEN_REFERENCE = 256, /* reference bits */
    OPEN_CC = 512,
    OPEN_PAGES = 1024, /* storage, and references and changes */
};

static const uint8_t *low(const struct control_result *result, unsigned address)
{
    return result->lowcore + address - COUT_LOWCORE_FIRST;
}

static unsigned program_code(const struct control_result *result)
{
    return result->kind == KIND_PROGRAM ? get16(low(result, 0x8e)) : 0;
}

static bool named(const char *words, const char *name)
{
    size_t n = strlen(name);

    for (const char *c = words; (c = strstr(c, name)); c += n)
        if ((c == words || c[-1] == ' ') && (!c[n] || c[n] == ' '))
            return true;
    return false;
}

/* Was the case ended by a key that does not match? */
static bool key_protected(const struct control_result *result)
{
    return (program_code(result) & 0x7f) == 4 && (get64(low(result, 0xa8)) & 0x8c) == 8;
}

/* Without that of a PER event beside it. */
static unsigned base_code(const struct control_result *result) { return program_code(result) & 0x7f; }

static bool per_event(const struct control_result *result) { return program_code(result) & 0x80; }

static unsigned condition_code(const struct control_result *result)
{
    return (unsigned)(get64(low(result, 0x150)) >> PSW_CC_SHIFT & 3);
}

static bool access_exception(const struct control_result *result)
{
    unsigned code = base_code(result);

    return code == 0x04 || code == 0x05 || code == 0x10 || code == 0x11 || code == 0x12 || (code >= 0x38 && code <= 0x3b);
}

static bool problem_state(const struct control_case *test) { return test->psw[0] & PSW_PROBLEM; }

static bool contains(const struct control_case *test, const char *names)
{
    for (unsigned i = 0; i < test->count; i++)
        if (named(names, insn_rows[insn_decode(get64(test->code + test->at[i]))].name))
            return true;
    return false;
}

/* MVCOS between places less than a page apart, in any addressing mode, by the registers that the case begins with. */
static bool near_operands(const struct control_case *test)
{
    for (unsigned i = 0; i < test->count; i++) {
        uint64_t text = get64(test->code + test->at[i]);
        uint64_t distance;

        if (!named("mvcos", insn_rows[insn_decode(text)].name))
            continue;
        distance = test->gr[text >> 44 & 15] + (text >> 32 & 0xfff) - test->gr[text >> 28 & 15] - (text >> 16 & 0xfff);
        if (((distance + 4095) & 0xffffff) < 2 * 4095 + 1)
            return true;
    }
    return false;
}

static bool secondary_space(uint64_t psw_mask)
{
    return (psw_mask & PSW_DAT) && (psw_mask >> PSW_AS_SHIFT & 3) == SPACE_SECONDARY;
}

static unsigned excuses(const struct control_case *test, const struct control_result *e, const struct control_result *g)
{
    unsigned set = 0;

#define EXCUSED(names, what, condition, reason) \
    if ((condition) && (!*names || contains(test, names))) \
        set |= what;
#include "control_exceptions.def"
#undef EXCUSED
    return set;
}

static bool same_range(const struct control_result *e, const struct control_result *g, unsigned from, unsigned to)
{
    return !memcmp(low(e, from), low(g, from), to - from);
}

static bool same_lowcore(const struct control_result *e, const struct control_result *g, unsigned set)
{
    if (!same_range(e, g, 0x80, 0x8f) || !same_range(e, g, 0x90, 0x96) ||
        ((*low(e, 0x8f) ^ *low(g, 0x8f)) & (set & OPEN_PER ? 0x7f : 0xff)) || !same_range(e, g, 0xa2, 0xa8) || !same_range(e, g, 0xb0, 0x110) ||
        !same_range(e, g, 0x118, 0x150) || !same_range(e, g, 0x158, 0x1a0))
        return false;
    if ((get64(low(e, 0x150)) ^ get64(low(g, 0x150))) & ~(set & OPEN_CC ? PSW_CC : 0))
        return false;
    if (!(set & OPEN_PER) && (!same_range(e, g, 0x96, 0xa0) || !same_range(e, g, 0xa1, 0xa2)))
        return false;
    if (!(set & OPEN_TEID) &&
        (!same_range(e, g, 0xa0, 0xa1) ||
         ((get64(low(e, 0xa8)) ^ get64(low(g, 0xa8))) & ~(set & OPEN_ACCESS ? 0xc00ULL : 0))))
        return false;
    /* A case without a branch shows the harness's LPSWE. */
    return set & OPEN_BREAKING || get64(low(e, 0x110)) >> 20 == HANDLERS >> 20 || same_range(e, g, 0x110, 0x118);
}

/* The harness uses the lowcores; qemu does not record that it refers to tables. */
static unsigned key_mask(unsigned page)
{
    return page < 4 ? 0xf8 : page >= (TABLES - REGION) / 4096 ? 0xfa : 0xfe;
}

static bool same_keys(const struct control_result *e, const struct control_result *g, unsigned set)
{
    unsigned mask = set & (OPEN_KEYS | OPEN_PAGES) ? 0xf8 : set & OPEN_REFERENCE ? 0xfa : 0xfe;

    for (unsigned i = 0; i < REGION_PAGES; i++)
        if ((e->keys[i] ^ g->keys[i]) & (key_mask(i) & mask))
            return false;
    return true;
}

static bool same_registers(const struct control_result *e, const struct control_result *g, unsigned set)
{
    uint64_t open = set & OPEN_HIGH ? 0xffffffff00000000 : 0;

    for (unsigned i = set & OPEN_GR0 ? 1 : 0; i < 16; i++)
        if ((e->gr[i] ^ g->gr[i]) & ~open)
            return false;
    return true;
}

static bool same(const struct control_result *e, const struct control_result *g, unsigned set)
{
    if (set & OPEN_ALL)
        return true;
    return e->kind == g->kind && same_registers(e, g, set) && !memcmp(e->cr, g->cr, sizeof e->cr) &&
           !memcmp(e->ar, g->ar, sizeof e->ar) && e->fpc == g->fpc && e->prefix == g->prefix &&
           ((set & OPEN_PAGES) || !memcmp(e->page, g->page, sizeof e->page)) && same_lowcore(e, g, set) && same_keys(e, g, set);
}

enum control_verdict control_compare(const struct control_case *test, const struct control_result *expected,
                                     const struct control_result *got)
{
    if (expected->died || expected->kind == 1 || same(expected, got, 0)) /* 1: its time had passed */
        return CONTROL_AGREES;
    return same(expected, got, excuses(test, expected, got)) ? CONTROL_EXCUSED : CONTROL_DIFFERS;
}

void control_blank(struct control_case *test, unsigned i)
{
    static const uint8_t texts[3][6] = {{0x07, 0x00}, {0x47}, {0xc0, 0x04, 0, 0, 0, 0}};
    unsigned length = test->at[i + 1] - test->at[i];

    memcpy(test->code + test->at[i], texts[length / 2 - 1], length);
}

enum insn_id control_only(const struct control_case *test)
{
    enum insn_id id = INSN_NONE;

    for (unsigned i = 0; i < test->count; i++) {
        const uint8_t *code = test->code + test->at[i];

        if (diff_no_operation(code))
            continue;
        if (id != INSN_NONE)
            return INSN_NONE;
        id = insn_decode(get64(code));
    }
    return id;
}

bool control_ended(const struct control_case *test, const struct control_result *result)
{
    return program_code(result) == 1 && get64(low(result, 0x158)) == test->code_start + test->code_bytes;
}

void control_print(const struct control_case *test)
{
    for (unsigned i = 0; i < test->count; i++) {
        const uint8_t *code = test->code + test->at[i];

        if (diff_no_operation(code))
            continue;
        printf("  %06x  ", test->code_start + test->at[i]);
        for (unsigned j = test->at[i]; j < test->at[i + 1]; j++)
            printf("%02x", test->code[j]);
        printf("  %s\n", insn_name(insn_decode(get64(code))));
    }
    printf("  PSW %016llx %016llx  prefix %x  fpc %08x\n", (unsigned long long)test->psw[0],
           (unsigned long long)test->psw[1], test->prefix, test->fpc);
    for (unsigned i = 0; i < 16; i++)
        printf("  %s%x %016llx%s", "r", i, (unsigned long long)test->gr[i], i % 4 == 3 ? "\n" : "");
    for (unsigned i = 0; i < 16; i++)
        if (test->cr[i])
            printf("  c%x %llx", i, (unsigned long long)test->cr[i]);
    printf("\n  keys");
    for (unsigned i = 0; i < REGION_PAGES; i++)
        printf(" %02x", test->keys[i]);
    printf("\n");
    for (unsigned i = 0; i < test->patches; i++)
        printf("  at %llx %016llx\n", (unsigned long long)test->patch[i].address,
               (unsigned long long)test->patch[i].value);
}

static void print_end(const char *who, const struct control_result *r)
{
    printf("  %s: %s code %x ILC %u  PSW %016llx %016llx  TEID %llx  EAID %x  PER %04x %llx  BEA %llx\n", who,
           r->died ? "gave up" : r->kind == KIND_PROGRAM ? "program" : "other", program_code(r), get16(low(r, 0x8c)),
           (unsigned long long)get64(low(r, 0x150)), (unsigned long long)get64(low(r, 0x158)),
           (unsigned long long)get64(low(r, 0xa8)), *low(r, 0xa0), get16(low(r, 0x96)),
           (unsigned long long)get64(low(r, 0x98)), (unsigned long long)get64(low(r, 0x110)));
}

void control_print_difference(const struct control_result *e, const struct control_result *g)
{
    print_end("expected", e);
    print_end("got     ", g);
    if (e->kind != g->kind)
        printf("  kind  expected %u  got %u\n", e->kind, g->kind);
    if (e->prefix != g->prefix)
        printf("  prefix  expected %x  got %x\n", e->prefix, g->prefix);
    for (unsigned i = 0; i < 16; i++) {
        if (e->gr[i] != g->gr[i])
            printf("  r%u  expected %016llx  got %016llx\n", i, (unsigned long long)e->gr[i],
                   (unsigned long long)g->gr[i]);
        if (e->cr[i] != g->cr[i])
            printf("  c%u  expected %016llx  got %016llx\n", i, (unsigned long long)e->cr[i],
                   (unsigned long long)g->cr[i]);
    }
    for (unsigned i = 0; i < REGION_PAGES; i++)
        if ((e->keys[i] ^ g->keys[i]) & key_mask(i))
            printf("  key of %06x  expected %02x  got %02x\n", REGION + i * 4096, e->keys[i], g->keys[i]);
    for (unsigned a = COUT_LOWCORE_FIRST; a < COUT_LOWCORE_FIRST + COUT_LOWCORE_BYTES; a += 8)
        if (memcmp(low(e, a), low(g, a), 8))
            printf("  lowcore %03x  expected %016llx  got %016llx\n", a, (unsigned long long)get64(low(e, a)),
                   (unsigned long long)get64(low(g, a)));
}
