/* SPDX-License-Identifier: MIT */
/**
 * Access-register mode, over the whole instruction table (PoP ch. 5): every operand is in the space that
 * the access register of its base, or of the register that holds its address, designates. Each general
 * register has pages of its own, valid in that space only; results are those of primary-space mode, where
 * all pages are valid.
 */
#include <check.h>
#include <stdio.h>

#include "unit/insn_fixture.h"
#include "unit/suite.h"

enum { OWN = 0x4000, COMPARED = 16 * OWN, SAMPLES = 2 };
enum { PRIMARY_TABLE = 0x100000, SECONDARY_TABLE = 0x120000, SEGMENT_BYTES = 1 << 20, INVALID = 0x400 };

/* Is the page valid in the space whose ALET is `alet`? Only data pages may be missing. */
static bool valid(struct fixture *f, unsigned page, unsigned alet, bool access_registers)
{
    unsigned r = (page * PAGE_BYTES - DATA) / OWN;

    if (!access_registers || page < DATA / PAGE_BYTES || r >= 16)
        return true;
    return (r ? f->cpu->ar[r] : 0) == alet;
}

/* A segment table of full length with real addresses, page tables behind it. */
static uint64_t make_space(struct fixture *f, uint64_t at_table, unsigned alet, bool access_registers)
{
    uint64_t pages = at_table + 2048 * 8;

    for (unsigned i = 0; i < 2048; i++)
        put_be64(at(f, at_table + 8 * i), i < FIXTURE_STORAGE / SEGMENT_BYTES ? pages + i * 2048 : 0x20);
    for (unsigned i = 0; i < FIXTURE_STORAGE / PAGE_BYTES; i++)
        put_be64(at(f, pages + 8 * i), i * PAGE_BYTES | (valid(f, i, alet, access_registers) ? 0 : INVALID));
    return at_table | 3;
}

/* Even registers are addresses in their own pages, odd ones small. */
static void prepare(struct fixture *f, uint64_t seed, bool access_registers)
{
    fixture_init(f);
    for (unsigned i = 0; i < 16; i++) {
        uint64_t random = next_random(&seed);

        f->cpu->gr[i].d = i & 1 ? random >> 59 : DATA + i * OWN + 0x1000 + (random >> 54 & 0x3f0);
        f->cpu->ar[i] = random & 1;
        f->cpu->vr[i].d[0] = random;
        f->cpu->vr[2 * i].d[1] = next_random(&seed);
    }
    for (unsigned i = 0; i < COMPARED; i += 8)
        put_be64(at(f, DATA + i), i & 32 ? next_random(&seed) : 0x0012345678901c2c);
    f->cpu->cr[1] = f->cpu->cr[13] = make_space(f, PRIMARY_TABLE, 0, access_registers);
    f->cpu->cr[7] = make_space(f, SECONDARY_TABLE, 1, access_registers);
    f->cpu->psw_mask |= PSW_DAT | (access_registers ? (uint64_t)SPACE_ACCESS_REGISTER << PSW_AS_SHIFT : 0);
}

static uint64_t put(uint64_t text, const struct operand_layout *o, unsigned storage, uint64_t random)
{
    if (o->kind != 'b')
        return put_small(text, o, 2 * ((random >> 9) % (o->kind == 'r' ? 8 : 7)));
    text = insn_put(text, o->bit, 4, 2 * (1 + (random >> 40) % 7));
    text = insn_put_displacement(text, o->bit, o->width, (int64_t)(random >> 8 & 0x70));
    if (!o->qualifier || o->qualifier == 'x')
        return text;
    return insn_put(text, o->qualifier_bit, 4, random >> 4 & 15);
}

/* What is about the mode itself, or leaves it. */
static bool left_out(enum insn_id id)
{
    switch (id) {
    case INSN_LAE: case INSN_LAEY: case INSN_EPSW: case INSN_IAC: case INSN_SAC: case INSN_SACF:
    case INSN_MVCP: case INSN_MVCS: case INSN_MVCOS: case INSN_STOSM: case INSN_STNSM: case INSN_SSM:
    case INSN_LPSW: case INSN_LPSWE: case INSN_LPSWEY: case INSN_LCTL: case INSN_LCTLG: case INSN_PC:
    case INSN_PR: case INSN_PT: case INSN_PTI: case INSN_SSAR: case INSN_SSAIR: case INSN_BSA:
    case INSN_BSG: case INSN_SPX: case INSN_STCTL: case INSN_STCTG: case INSN_SIE:
        return true;
    default:
        return (insn_rows[id].flags & (BRANCHES | EXECUTES)) != 0;
    }
}

static bool same(struct fixture *a, struct fixture *b)
{
    return a->code == b->code && !memcmp(a->cpu->gr, b->cpu->gr, sizeof(a->cpu->gr)) &&
           !memcmp(a->cpu->ar, b->cpu->ar, sizeof(a->cpu->ar)) && a->cpu->fpc == b->cpu->fpc &&
           !memcmp(a->cpu->vr, b->cpu->vr, sizeof(a->cpu->vr)) && a->cpu->cc == b->cpu->cc &&
           !memcmp(at(a, DATA), at(b, DATA), COMPARED);
}

static bool compare(enum insn_id id, uint64_t text, uint64_t seed)
{
    struct fixture primary, by_register;
    bool good;

    prepare(&primary, seed, false);
    run_insn(&primary, text);
    prepare(&by_register, seed, true);
    run_insn(&by_register, text);
    good = same(&primary, &by_register);
    if (!good)
        fprintf(stderr, "%s %016llx: interruption %x in primary-space, %x in access-register mode\n", insn_name(id),
                (unsigned long long)text, primary.code, by_register.code);
    fixture_release(&primary);
    fixture_release(&by_register);
    return good;
}

START_TEST(test_spaces)
{
    unsigned failed = 0;

    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t seed = row_seed(id, 0xa1e7);

        for (unsigned i = 0; i < SAMPLES && !left_out((enum insn_id)id); i++) {
            uint64_t text = sample_text((enum insn_id)id, &seed, put);

            failed += !compare((enum insn_id)id, text, seed);
        }
    }
    ck_assert_uint_eq(failed, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spaces");
    TCase *tests = tcase_create("spaces");

    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, test_spaces);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
