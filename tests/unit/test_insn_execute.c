/* SPDX-License-Identifier: MIT */
/**
 * Every row of the instruction table executed in different ways, which must give the same registers and
 * storage: directly, as target of EXECUTE and EXECUTE RELATIVE LONG (the execute exception for the two
 * themselves), by the generic operation under the slow handler, and fused with a branch on condition that
 * follows.
 */
#include <check.h>
#include <stdio.h>

#include "unit/insn_fixture.h"
#include "unit/suite.h"

enum { EXECUTE = 0x18000, COMPARED = 0x40000, SAMPLES = 1 };

/* Registers: even ones are addresses in DATA, odd ones small numbers. */
static void set_registers(struct fixture *f, uint64_t seed)
{
    for (unsigned i = 0; i < 16; i++) {
        uint64_t random = next_random(&seed);

        f->cpu->gr[i].d = i & 1 ? random >> (random & 32 ? 60 : 54) : DATA + (random >> 52) * 16;
        f->cpu->ar[i] = 0;
    }
    for (unsigned i = 0; i < 32; i++)
        for (unsigned j = 0; j < 2; j++)
            f->cpu->vr[i].d[j] = next_random(&seed);
    for (unsigned i = 0; i < 0x12000; i += 8)
        put_be64(at(f, DATA + i), i & 64 ? next_random(&seed) : 0x0012345678901c2c);
}

/* Operands: registers are even and not 14 (the code), displacements and immediates small, branches go to
 * zeros. */
static uint64_t put(uint64_t text, const struct operand_layout *o, unsigned storage, uint64_t random)
{
    if (o->kind == 'j')
        return insn_put(text, o->bit, o->width, 0x100);
    if (o->kind != 'b')
        return put_small(text, o, 2 * ((random >> 9) % 7));
    text = insn_put(text, o->bit, 4, 2 * ((random >> 60) % 7));
    text = insn_put_displacement(text, o->bit, o->width, (int64_t)(random >> 8 & 0xf8));
    if (!o->qualifier || o->qualifier == 'x')
        return text;
    return insn_put(text, o->qualifier_bit, 4, random >> 4 & 15);
}

/* A way to run a sample: by this EXECUTE (with CODE as target), slowly, with a BRC behind it that has this
 * mask. */
struct way {
    uint64_t execute;
    bool slow;
    int mask; /* -1: no branch */
};
static const struct way directly = {0, false, -1};

/* BRC over LHI 15,1. */
static void append_branch(struct fixture *f, unsigned mask)
{
    char hex[32];

    snprintf(hex, sizeof(hex), "a7%x40004a7f80001", mask);
    place(f, f->end_ia, hex);
}

static void run_sample(struct fixture *f, uint64_t text, const struct way *way, uint64_t seed)
{
    uint64_t execute = way->execute;

    fixture_init(f);
    set_registers(f, seed);
    f->machine.cpus->debug_slow = way->slow;
    f->cpu->gr[14].d = CODE;
    place_insn(f, CODE, text);
    if (way->mask >= 0)
        append_branch(f, (unsigned)way->mask);
    if (execute)
        place_insn(f, EXECUTE, execute);
    f->cpu->ia = execute ? EXECUTE : CODE;
    run_on(f);
}

/* What may differ: instruction addresses in old PSWs and what follows from them; clocks; reference bits. */
static bool address_dependent(enum insn_id id)
{
    switch (id) {
    case INSN_BAL: case INSN_BALR: case INSN_BAS: case INSN_BASR: case INSN_BRAS: case INSN_BRASL:
    case INSN_BASSM: case INSN_BSM: case INSN_PC: case INSN_BAKR: case INSN_BSA: case INSN_BSG:
    case INSN_STCK: case INSN_STCKF: case INSN_STCKE: case INSN_STPT: case INSN_ECTG: case INSN_PTFF:
    case INSN_TRAP2: case INSN_TRAP4: case INSN_TRACE: case INSN_TRACG: case INSN_RRBM: case INSN_IRBM:
        return true;
    default:
        return false;
    }
}

static bool same(struct fixture *direct, struct fixture *executed)
{
    struct cpu *a = direct->cpu, *b = executed->cpu;

    return !memcmp(a->gr, b->gr, sizeof(a->gr)) && !memcmp(a->ar, b->ar, sizeof(a->ar)) &&
           !memcmp(a->cr, b->cr, sizeof(a->cr)) && !memcmp(a->vr, b->vr, sizeof(a->vr)) && a->fpc == b->fpc &&
           a->prefix == b->prefix && a->state == b->state &&
           !memcmp(at(direct, DATA), at(executed, DATA), COMPARED - DATA);
}

static void compare(enum insn_id id, uint64_t text, const struct way *first, const struct way *second,
                    uint64_t seed)
{
    struct fixture a, b;

    run_sample(&a, text, first, seed);
    run_sample(&b, text, second, seed);
    /* Without an interruption the end of the code is one: an operation exception behind either. */
    ck_assert_msg(a.code == b.code, "%s %016llx: interruption %x or %x", insn_name(id),
                  (unsigned long long)text, a.code, b.code);
    ck_assert_msg(a.old_mask == b.old_mask, "%s %016llx: PSW %016llx or %016llx", insn_name(id),
                  (unsigned long long)text, (unsigned long long)a.old_mask, (unsigned long long)b.old_mask);
    ck_assert_msg((second->execute && address_dependent(id)) || same(&a, &b), "%s %016llx: two results",
                  insn_name(id), (unsigned long long)text);
    fixture_release(&a);
    fixture_release(&b);
}

/* EX 0,0(14); EXRL 0,CODE. */
static const struct way executes[] = {{0x4400e00000000000, false, -1}, {0xc600ffffc0000000, false, -1}};

START_TEST(test_execute)
{
    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t seed = row_seed(id, (unsigned)_i);

        if (insn_rows[id].flags & EXECUTES)
            continue;
        for (unsigned i = 0; i < SAMPLES; i++) {
            uint64_t text = sample_text((enum insn_id)id, &seed, put);

            compare((enum insn_id)id, text, &directly, &executes[_i], seed);
        }
    }
}
END_TEST

START_TEST(test_slow)
{
    static const struct way slowly = {0, true, -1};

    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t seed = row_seed(id, 2);

        for (unsigned i = 0; i < SAMPLES; i++) {
            uint64_t text = sample_text((enum insn_id)id, &seed, put);

            compare((enum insn_id)id, text, &directly, &slowly, seed);
        }
    }
}
END_TEST

START_TEST(test_fused)
{
    unsigned rows = 0;

    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t seed = row_seed(id, 3);

        rows += insn_fused[id] != NULL;
        for (unsigned mask = 0; insn_fused[id] && mask < 16; mask++) {
            struct way fused = {0, false, (int)mask}, slowly = {0, true, (int)mask};
            uint64_t text = sample_text((enum insn_id)id, &seed, put);

            compare((enum insn_id)id, text, &fused, &slowly, seed);
        }
    }
    ck_assert_uint_gt(rows, 0);
}
END_TEST

START_TEST(test_execute_exception)
{
    struct fixture f;

    for (int id = 1; id < INSN_COUNT; id++) {
        if (!(insn_rows[id].flags & EXECUTES))
            continue;
        run_sample(&f, insn_text((enum insn_id)id), &executes[_i], 1);
        ck_assert_uint_eq(f.code, PIC_EXECUTE);
        ck_assert_uint_eq(f.ilc, insn_length((uint8_t)(executes[_i].execute >> 56)));
        ck_assert_uint_eq(f.old_ia, EXECUTE + f.ilc);
        fixture_release(&f);
    }
}
END_TEST

/* Bits 56-63 of the register named by EXECUTE are ORed into the second byte, for this execution only. */
START_TEST(test_modified)
{
    struct fixture f;

    fixture_init(&f);
    place(&f, CODE, "1800"); /* LR 0,0, made LR 3,5 */
    place(&f, EXECUTE, "4410e000");
    f.cpu->gr[1].d = 0xffffffffffffff35;
    f.cpu->gr[5].d = 0x77;
    f.cpu->gr[14].d = CODE;
    f.cpu->ia = EXECUTE;
    run_on(&f);
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->gr[3].d, 0x77);
    ck_assert_uint_eq(get_be16(at(&f, CODE)), 0x1800);
    fixture_release(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("EXECUTE");
    TCase *tests = tcase_create("EXECUTE");

    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, test_execute, 0, 2);
    tcase_add_test(tests, test_slow);
    tcase_add_test(tests, test_fused);
    tcase_add_loop_test(tests, test_execute_exception, 0, 2);
    tcase_add_test(tests, test_modified);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
