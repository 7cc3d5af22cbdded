/* SPDX-License-Identifier: MIT */
/**
 * 24- and 31-bit addressing, over the whole instruction table (PoP ch. 3): what stands in base and index
 * registers to the left of the address changes nothing.
 */
#include <check.h>
#include <stdio.h>

#include "cpu/layout.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

enum { SAMPLES = 2, COMPARED = 0x8000 };

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * 0x2545f4914f6cdd1dULL;
}

/* Bases and indexes are registers 2, 4 and 6; the others are operands. */
static void prepare(struct fixture *f, uint64_t seed, unsigned amode, bool clean)
{
    uint64_t address = amode == 31 ? 0x7fffffff : 0xffffff;

    fixture_init(f);
    for (unsigned i = 0; i < 16; i++) {
        uint64_t random = next_random(&seed), left = next_random(&seed) & ~address;

        f->cpu->gr[i].d = i & 1 ? random >> 58 : DATA + 0x1000 + (random >> 52 & 0xff0);
        if (i == 2 || i == 4 || i == 6)
            f->cpu->gr[i].d = (DATA + 0x1000 + (random >> 54 & 0x3f0)) / (i == 6 ? 64 : 1) | (clean ? 0 : left);
        f->cpu->vr[i].d[0] = random;
        f->cpu->vr[2 * i].d[1] = left;
    }
    for (unsigned i = 0; i < COMPARED; i += 8)
        put_be64(at(f, DATA + i), i & 32 ? next_random(&seed) : 0x0012345678901c2c);
    f->cpu->psw_mask = amode == 31 ? PSW_BA : 0;
}

static uint64_t encode(enum insn_id id, uint64_t *seed)
{
    struct operand_layout o[OPERANDS_MOST];
    unsigned operands = insn_layout(insn_rows[id].format, o);
    uint64_t text = insn_text(id);

    for (unsigned i = 0; i < operands; i++) {
        uint64_t random = next_random(seed);

        if (o[i].kind == 'b') {
            text = insn_put(text, o[i].bit, 4, random >> 40 & 1 ? 2 : 4);
            text = insn_put_displacement(text, o[i].bit, o[i].width, (int64_t)(random >> 8 & 0x70));
            if (o[i].qualifier == 'x')
                text = insn_put(text, o[i].qualifier_bit, 4, random & 1 ? 6 : 0);
            else if (o[i].qualifier)
                text = insn_put(text, o[i].qualifier_bit, 4, random >> 4 & 15);
        } else if (o[i].kind == 'j') {
            text = insn_put(text, o[i].bit, o[i].width, 0x100);
        } else {
            text = insn_put(text, o[i].bit, o[i].width > 8 ? 8 : o[i].width, 8 + 2 * (random >> 9 & 3));
        }
    }
    return text;
}

/* Registers 2, 4 and 6 are what differs; whatever an instruction may have done with them is left out. */
static bool same(struct fixture *a, struct fixture *b)
{
    for (unsigned i = 0; i < 16; i++)
        if (i != 2 && i != 4 && i != 6 && a->cpu->gr[i].d != b->cpu->gr[i].d)
            return false;
    return a->code == b->code && a->old_ia == b->old_ia && a->cpu->fpc == b->cpu->fpc &&
           a->cpu->cc == b->cpu->cc && !memcmp(a->cpu->vr, b->cpu->vr, sizeof(a->cpu->vr)) &&
           !memcmp(a->cpu->cr, b->cpu->cr, sizeof(a->cpu->cr)) &&
           !memcmp(at(a, DATA), at(b, DATA), COMPARED);
}

static bool compare(enum insn_id id, uint64_t text, uint64_t seed, unsigned amode)
{
    struct fixture clean, other;
    char hex[17];
    bool good;

    snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)text);
    hex[2 * insn_format_bytes(insn_rows[id].format)] = 0;
    prepare(&clean, seed, amode, true);
    run(&clean, hex);
    prepare(&other, seed, amode, false);
    run(&other, hex);
    good = same(&clean, &other);
    if (!good)
        fprintf(stderr, "%u-bit mode, %s %s: interruption %x at %llx, then %x at %llx\n", amode,
                insn_name(id), hex, clean.code, (unsigned long long)clean.old_ia, other.code,
                (unsigned long long)other.old_ia);
    fixture_release(&clean);
    fixture_release(&other);
    return good;
}

/* What continues in data, and stores of registers up to the bases themselves. */
static bool left_out(enum insn_id id)
{
    return (insn_rows[id].flags & (BRANCHES | EXECUTES)) || id == INSN_STM || id == INSN_STMY || id == INSN_STMG || id == INSN_STMH ||
           id == INSN_SIE;
}

/* Each row has numbers of its own, so that rows which come or go change nothing for the others. */
static uint64_t row_seed(int id, unsigned salt)
{
    return (insn_rows[id].opcode + 1ULL) * 0x9e3779b97f4a7c15ULL + salt;
}

START_TEST(test_left_of_address)
{
    unsigned amode = _i ? 31 : 24, failed = 0;

    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t seed = row_seed(id, amode);

        for (unsigned i = 0; i < SAMPLES && !left_out((enum insn_id)id); i++) {
            uint64_t text = encode((enum insn_id)id, &seed);

            failed += !compare((enum insn_id)id, text, seed, amode);
        }
    }
    ck_assert_uint_eq(failed, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("addressing modes");
    TCase *tests = tcase_create("addressing modes");

    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, test_left_of_address, 0, 2);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
