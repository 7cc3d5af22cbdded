/* SPDX-License-Identifier: MIT */
/**
 * Suppression and nullification, over the whole instruction table (PoP ch. 5): an instruction whose storage
 * operand lies in part or wholly where it may not be accessed changes no register, no condition code and no
 * storage.
 */
#include <check.h>
#include <stdio.h>

#include "unit/insn_fixture.h"
#include "unit/suite.h"

enum { KEY_1 = 0x10, KEY_2 = 0x20, FETCH_PROTECTED = 8 };
enum { STORED = 0x40000 }; /* DATA to here is compared, and the pages about the border */

/* Where operands come to an end: the end of storage, a page with another key, an invalid page. */
static const struct border {
    uint64_t at;
    unsigned code;
    uint8_t key; /* of the page behind it */
    unsigned least; /* rows that must have met it */
} borders[] = {
    {FIXTURE_STORAGE, PIC_ADDRESSING, 0, 300},
    {DATA + 0x8000, PIC_PROTECTION, KEY_2, 100},
    {DATA + 0x8000, PIC_PROTECTION, KEY_2 | FETCH_PROTECTED, 300},
    {DATA + 0x8000, PIC_PAGE_TRANSLATION, 0, 270},
};

static struct fixture f;

/* What must not change. */
struct state {
    union general_register gr[17];
    uint64_t cr[16];
    uint32_t ar[16];
    union vector_register vr[32];
    uint32_t fpc, prefix;
    uint8_t storage[STORED - DATA], last[PAGE_BYTES];
};

static void save(struct state *s)
{
    memcpy(s->gr, f.cpu->gr, sizeof(s->gr));
    memcpy(s->cr, f.cpu->cr, sizeof(s->cr));
    memcpy(s->ar, f.cpu->ar, sizeof(s->ar));
    memcpy(s->vr, f.cpu->vr, sizeof(s->vr));
    s->fpc = f.cpu->fpc;
    s->prefix = f.cpu->prefix;
    memcpy(s->storage, at(&f, DATA), sizeof(s->storage));
    memcpy(s->last, at(&f, FIXTURE_STORAGE - PAGE_BYTES), sizeof(s->last));
}

/* DAT on, all addresses real, but for the page behind the border. */
static void translate(const struct border *border)
{
    enum {
        SEGMENT_TABLE = 0x50000,
        PAGE_TABLES = 0x54000,
        TABLE = 256 * 8,
        INVALID = 0x400,
        SEGMENT_INVALID = 0x20
    };

    for (unsigned i = 0; i < 2048; i++)
        put_be64(at(&f, SEGMENT_TABLE + 8 * i),
                 i < FIXTURE_STORAGE >> 20 ? PAGE_TABLES + i * TABLE : SEGMENT_INVALID);
    for (unsigned i = 0; i < FIXTURE_STORAGE / PAGE_BYTES; i++)
        put_be64(at(&f, PAGE_TABLES + 8 * i), i * PAGE_BYTES | (i == border->at / PAGE_BYTES ? INVALID : 0));
    f.cpu->cr[1] = f.cpu->cr[7] = f.cpu->cr[13] =
        SEGMENT_TABLE | 3; /* 2 GB: a segment table of full length */
    f.cpu->psw_mask |= PSW_DAT;
}

/* Register 2 is the base of the operand at the border, 4 of the others; odd ones are small. */
static void prepare(const struct border *border, unsigned before, uint64_t seed)
{
    f.cpu->psw_mask = PSW_EA | PSW_BA | (border->key ? (uint64_t)KEY_1 >> 4 << 52 : 0);
    for (unsigned i = 0; i < 16; i++)
        f.cpu->gr[i].d = i & 1 ? next_random(&seed) >> 60 : DATA + 0x1000 + (next_random(&seed) >> 56) * 16;
    f.cpu->gr[2].d = border->at - before;
    for (unsigned i = 0; i < 32; i++)
        f.cpu->vr[i].d[0] = f.cpu->vr[i].d[1] = next_random(&seed);
    storage_stored(f.machine.storage, absolute(DATA), STORED - DATA, false);
    for (unsigned i = DATA; i < STORED; i += 8)
        put_be64(at(&f, i), i & 8 ? next_random(&seed) : 0x0012345678901c1c);
    for (unsigned i = 0; i < STORED / PAGE_BYTES; i++)
        f.machine.storage->keys[i] = KEY_1;
    if (border->key)
        f.machine.storage->keys[border->at / PAGE_BYTES] = border->key;
    tlb_purge_all(f.cpu); /* keys were changed behind its back */
    f.cpu->cc = (uint32_t)(next_random(&seed) & 3);
    if (border->code == PIC_PAGE_TRANSLATION)
        translate(border);
    f.cpu->leave |= LEAVE_MODE;
}

static unsigned tested; /* which storage operand is at the border; the others are in DATA, without index */

static uint64_t put(uint64_t text, const struct operand_layout *o, unsigned storage, uint64_t random)
{
    if (o->kind != 'b')
        return put_small(text, o, 2 * (1 + (random >> 9) % 6));
    text = insn_put(text, o->bit, 4, storage == tested ? 2 : 4);
    if (!o->qualifier || o->qualifier == 'x')
        return text;
    return insn_put(text, o->qualifier_bit, o->qualifier == 'L' ? 8 : 4, random >> 9 & 7);
}

/* Run one sample; true when the tested operand was not accessible. */
static bool suppressed(enum insn_id id, const struct border *border, unsigned before, uint64_t *seed)
{
    static struct state first, last;
    uint64_t text = sample_text(id, seed, put);
    char hex[17];
    unsigned cc;

    prepare(border, before, *seed);
    cc = f.cpu->cc;
    insn_digits(text, hex);
    save(&first);
    run(&f, hex);
    if (f.code != border->code)
        return false;
    save(&last);
    ck_assert_msg(!memcmp(first.gr, last.gr, sizeof(last.gr)), "%s %s: general registers", insn_name(id),
                  hex);
    ck_assert_msg(!memcmp(first.cr, last.cr, sizeof(last.cr)), "%s %s: control registers", insn_name(id),
                  hex);
    ck_assert_msg(!memcmp(first.ar, last.ar, sizeof(last.ar)), "%s %s: access registers", insn_name(id), hex);
    ck_assert_msg(!memcmp(first.vr, last.vr, sizeof(last.vr)), "%s %s: vector registers", insn_name(id), hex);
    ck_assert_msg(!memcmp(&first, &last, sizeof(last)), "%s %s: storage, FPC or prefix", insn_name(id), hex);
    ck_assert_msg((f.old_mask >> PSW_CC_SHIFT & 3) == cc, "%s %s: condition code", insn_name(id), hex);
    ck_assert_msg(f.old_ia == (border->code == PIC_PAGE_TRANSLATION ? CODE : f.end_ia),
                  "%s %s: old PSW at %llx", insn_name(id), hex, (unsigned long long)f.old_ia);
    return true;
}

/* Continues elsewhere, or may stop the CPU. */
static bool left_out(enum insn_id id)
{
    return (insn_rows[id].flags & (BRANCHES | EXECUTES)) || id == INSN_SIGP || id == INSN_LPSW ||
           id == INSN_LPSWE || id == INSN_LPSWEY || id == INSN_SIE;
}

START_TEST(test_suppression)
{
    static const unsigned befores[] = {0, 1, 2, 3, 4, 7, 8, 12, 16, 24, 40, 60};
    const struct border *border = &borders[_i];
    unsigned rows = 0;

    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t seed = row_seed(id, (unsigned)_i);
        bool any = false;

        if (left_out((enum insn_id)id))
            continue;
        fixture_init(&f);
        for (tested = 1; tested <= storage_operands((enum insn_id)id); tested++)
            for (unsigned i = 0; i < sizeof(befores) / sizeof(befores[0]); i++)
                any |= suppressed((enum insn_id)id, border, befores[i], &seed);
        rows += any;
        fixture_release(&f);
    }
    ck_assert_uint_gt(rows, border->least);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("suppression");
    TCase *tests = tcase_create("suppression");

    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, test_suppression, 0, sizeof(borders) / sizeof(borders[0]));
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
