/* SPDX-License-Identifier: MIT */
/**
 * 24- and 31-bit addressing, over the whole instruction table (PoP ch. 3): what stands in base and index
 * registers to the left of the address changes nothing.
 */
#include <check.h>
#include <stdio.h>

#include "unit/insn_fixture.h"
#include "unit/suite.h"

enum { SAMPLES = 2, COMPARED = 0x8000 };

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

static uint64_t put(uint64_t text, const struct operand_layout *o, unsigned storage, uint64_t random)
{
    if (o->kind == 'j')
        return insn_put(text, o->bit, o->width, 0x100);
    if (o->kind != 'b')
        return put_small(text, o, 8 + 2 * (random >> 9 & 3));
    text = insn_put(text, o->bit, 4, random >> 40 & 1 ? 2 : 4);
    text = insn_put_displacement(text, o->bit, o->width, (int64_t)(random >> 8 & 0x70));
    if (o->qualifier == 'x')
        return insn_put(text, o->qualifier_bit, 4, random & 1 ? 6 : 0);
    return o->qualifier ? insn_put(text, o->qualifier_bit, 4, random >> 4 & 15) : text;
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
    bool good;

    prepare(&clean, seed, amode, true);
    run_insn(&clean, text);
    prepare(&other, seed, amode, false);
    run_insn(&other, text);
    good = same(&clean, &other);
    if (!good)
        fprintf(stderr, "%u-bit mode, %s %016llx: interruption %x at %llx, then %x at %llx\n", amode,
                insn_name(id), (unsigned long long)text, clean.code, (unsigned long long)clean.old_ia, other.code,
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

START_TEST(test_left_of_address)
{
    unsigned amode = _i ? 31 : 24, failed = 0;

    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t seed = row_seed(id, amode);

        for (unsigned i = 0; i < SAMPLES && !left_out((enum insn_id)id); i++) {
            uint64_t text = sample_text((enum insn_id)id, &seed, put);

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
