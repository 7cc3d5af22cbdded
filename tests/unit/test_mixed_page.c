/* SPDX-License-Identifier: MIT */
/** Code and data in one page: stores beside decoded code are quick, stores into it are seen at once. */
#include <check.h>
#include <stdio.h>

#include "unit/cpu_fixture.h"
#include "unit/suite.h"

enum { LOOP = CODE + 0x40, BESIDE = CODE + 0x800 };

/* Stores with base register 5; the source is general, floating-point or vector register 0, or at register 10. */
static const char *const stores[] = {
    "42005000", "40005000", "50005000", "e30050000024", "60005000", "e7005000000e", "92185000",
    "e54c50001827", "e54450001a77", "eb035000007a", "94fe5000", "eb0150000024", "d2035000a000", "e7015000003e",
};

static void forget_all(void *context, const struct cpu *cpu, const struct insn *insn)
{
    code_cache_drop_all(cpu->all);
}

/* Twice beside the code, then three times at `target`: counts in register 7 what was executed. */
static void run_storing(struct fixture *f, const char *store, uint64_t target)
{
    char text[128];
    unsigned length = (unsigned)strlen(store) / 4 + 4 * 2 + 2 * 2;

    snprintf(text, sizeof text, "%s a77a0001 a77a0001 a77a0001 a77a0001 b9040058 b9040089 a737%04x", store,
             (0x10000 - length) & 0xffff);
    place(f, LOOP, text);
    f->cpu->gr[0].d = f->cpu->vr[0].d[0] = f->cpu->vr[0].d[1] = 0xa77a0002a77a0003;
    f->cpu->gr[1].d = f->cpu->vr[1].d[0] = f->cpu->vr[1].d[1] = 0x1a771a77a77a0005;
    f->cpu->gr[3].d = 5;
    f->cpu->gr[5].d = f->cpu->gr[8].d = BESIDE;
    f->cpu->gr[9].d = target;
    f->cpu->gr[10].d = DATA;
    put_be64(at(f, DATA), 0x1a771a77a77a0005);
    f->cpu->ia = LOOP;
    run_on(f);
}

START_TEST(test_seen_by_the_next_instruction)
{
    for (int distance = -20; distance < 60; distance++) {
        struct fixture fast, fresh;

        fixture_init(&fast);
        fixture_init(&fresh);
        fresh.machine.cpus->debug_slow = true;
        fresh.machine.cpus->trace = forget_all;
        run_storing(&fast, stores[_i], (uint64_t)(LOOP + distance));
        run_storing(&fresh, stores[_i], (uint64_t)(LOOP + distance));
        ck_assert_mem_eq(fast.cpu->gr, fresh.cpu->gr, sizeof fast.cpu->gr);
        ck_assert_mem_eq(at(&fast, CODE), at(&fresh, CODE), PAGE_BYTES);
        ck_assert_uint_eq(fast.old_ia, fresh.old_ia);
        ck_assert_uint_eq(fast.code, fresh.code);
        fixture_release(&fast);
        fixture_release(&fresh);
    }
}
END_TEST

static struct fixture f;

static uint64_t drops(void) { return f.machine.cpus->code.dropped; }

/* A loop of 20,000 stores of both kinds of handler, close after and close before the code. */
START_TEST(test_beside_code_drops_nothing)
{
    fixture_init(&f);
    f.cpu->gr[2].d = LOOP + 20;
    f.cpu->gr[3].d = 10000;
    f.cpu->gr[4].d = LOOP - 4;
    place(&f, LOOP, "50302000 d2034000 2000 a737fffb 0000");
    for (f.cpu->ia = LOOP; f.cpu->gr[3].d;)
        run_on(&f);
    ck_assert_uint_eq(get_be32(at(&f, LOOP + 20)), 1);
    ck_assert_uint_eq(get_be32(at(&f, LOOP - 4)), 1);
    ck_assert_uint_le(drops(), 12);
}
END_TEST

/* Code ran in the page once; afterwards it is only stored into, and is an ordinary page again. */
START_TEST(test_a_page_of_data_again)
{
    const struct tlb_entry *entry;

    fixture_init(&f);
    place(&f, DATA, "07fe");
    f.cpu->gr[2].d = DATA;
    f.cpu->gr[3].d = 1000;
    run(&f, "0de2 50302100 a737fffe");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.machine.storage->frames[DATA >> PAGE_SHIFT] & FRAME_CODE, 0);
    entry = tlb_slot(f.cpu->data, DATA);
    ck_assert_uint_eq(entry->store, DATA);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 0x100)), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mixed_page");
    TCase *tc = tcase_create("mixed_page");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_seen_by_the_next_instruction, 0, sizeof stores / sizeof *stores);
    tcase_add_test(tc, test_beside_code_drops_nothing);
    tcase_add_test(tc, test_a_page_of_data_again);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
