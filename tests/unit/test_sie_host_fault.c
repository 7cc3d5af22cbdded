/* SPDX-License-Identifier: MIT */
/**
 * Faults of the host on every kind of guest access: where host and guest stand afterwards, what is told, that
 * nothing of the instruction was done, and that it ends as if nothing had been once the host has mended the
 * page.
 */
#include <stdio.h>

#include "unit/hex.h"
#include "unit/sie_fixture.h"

/* ---- Operands ---- */

/* GR2 designates operand A with its length in GR3, GR4 operand B with its length in GR5; three pages each. */
enum { A_PAGES = GUEST_DATA, B_PAGES = 0x30000, OPERAND_PAGES = 3 * 4096, LENGTH = 0x40, ELSEWHERE = 0x40 };

/** Access to an operand: 'F' fetch, 'S' store, 'U' a fetch and perhaps a store after it; 0 bytes: none. */
struct operand {
    char kind;
    unsigned bytes, align;
};

struct operation {
    const char *name, *code;
    struct operand a, b;
    const char *content; /**< of operand A instead of the pattern */
    bool interruptible;  /**< progress may be kept */
};

#define NO_B {0, 0, 1}
static const struct operation operations[] = {
    {"lg", "e36020000004", {'F', 8, 1}, NO_B, NULL, false},
    {"stg", "e36020000024", {'S', 8, 1}, NO_B, NULL, false},
    {"l", "58602000", {'F', 4, 1}, NO_B, NULL, false},
    {"sth", "40602000", {'S', 2, 1}, NO_B, NULL, false},
    {"ic", "43602000", {'F', 1, 1}, NO_B, NULL, false},
    {"stc", "42602000", {'S', 1, 1}, NO_B, NULL, false},
    {"stcm", "be6f2000", {'S', 4, 1}, NO_B, NULL, false},
    {"icm", "bf6f2000", {'F', 4, 1}, NO_B, NULL, false},
    {"agsi", "eb052000007a", {'S', 8, 1}, NO_B, NULL, false},
    {"oi", "96802000", {'S', 1, 1}, NO_B, NULL, false},
    {"mvhi", "e54c20001234", {'S', 4, 1}, NO_B, NULL, false},
    {"lm", "986d2000", {'F', 32, 1}, NO_B, NULL, false},
    {"stm", "906d2000", {'S', 32, 1}, NO_B, NULL, false},
    {"lmg", "eb6d20000004", {'F', 64, 1}, NO_B, NULL, false},
    {"stmg", "eb6d20000024", {'S', 64, 1}, NO_B, NULL, false},
    {"lam", "9a082000", {'F', 36, 4}, NO_B, NULL, false},
    {"stam", "9b082000", {'S', 36, 4}, NO_B, NULL, false},
    {"lpq", "e3602000008f", {'F', 16, 16}, NO_B, NULL, false},
    {"stpq", "e3602000008e", {'S', 16, 16}, NO_B, NULL, false},
    {"vl", "e70020000006", {'F', 16, 1}, NO_B, NULL, false},
    {"vst", "e7002000000e", {'S', 16, 1}, NO_B, NULL, false},
    {"vlm", "e70f20000036", {'F', 256, 1}, NO_B, NULL, false},
    {"vstm", "e70f2000003e", {'S', 256, 1}, NO_B, NULL, false},
    {"vll", "e70320000037", {'F', 16, 1}, NO_B, NULL, false},
    {"ld", "68002000", {'F', 8, 1}, NO_B, NULL, false},
    {"std", "60002000", {'S', 8, 1}, NO_B, NULL, false},
    {"lfpc", "b29d2000", {'F', 4, 1}, NO_B, "00000000", false},
    {"cs", "ba672000", {'S', 4, 4}, NO_B, NULL, false},
    {"csg", "eb6720000030", {'S', 8, 8}, NO_B, NULL, false},
    {"cds", "bb682000", {'S', 8, 8}, NO_B, NULL, false},
    {"cdsg", "eb682000003e", {'S', 16, 16}, NO_B, NULL, false},
    {"ts", "93002000", {'S', 1, 1}, NO_B, NULL, false},
    {"laa", "eb67200000f8", {'S', 4, 4}, NO_B, NULL, false},
    {"plo", "ee6020004000", {'U', 4, 4}, NO_B, NULL, false},
    {"csp", "b2500062", {'S', 4, 4}, NO_B, NULL, false},
    {"mvc", "d23f20004000", {'S', 64, 1}, {'F', 64, 1}, NULL, false},
    {"mvcin", "e83f2000403f", {'S', 64, 1}, {'F', 64, 1}, NULL, false},
    {"clc", "d53f20004000", {'F', 64, 1}, {'F', 64, 1}, NULL, false},
    {"xc", "d73f20004000", {'S', 64, 1}, {'F', 64, 1}, NULL, false},
    {"nc", "d43f20004000", {'S', 64, 1}, {'F', 64, 1}, NULL, false},
    {"tr", "dc3f20004000", {'U', 64, 1}, {'F', 256, 1}, NULL, false},
    {"mvn", "d13f20004000", {'S', 64, 1}, {'F', 64, 1}, NULL, false},
    {"mvo", "f1ff20004000", {'S', 16, 1}, {'F', 16, 1}, NULL, false},
    {"pack", "f2ff20004000", {'S', 16, 1}, {'F', 16, 1}, NULL, false},
    {"unpk", "f3ff20004000", {'S', 16, 1}, {'F', 16, 1}, NULL, false},
    {"cvd", "4e602000", {'S', 8, 1}, NO_B, NULL, false},
    {"cvb", "4f602000", {'F', 8, 1}, NO_B, "000000000000123c", false},
    {"mvcdk", "e50f20004000", {'S', 64, 1}, {'F', 64, 1}, NULL, false},
    {"mvcsk", "e50e20004000", {'S', 64, 1}, {'F', 64, 1}, NULL, false},
    {"lurag", "b9050062", {'F', 8, 8}, NO_B, NULL, false},
    {"sturg", "b9250062", {'S', 8, 8}, NO_B, NULL, false},
    {"stck", "b2052000", {'S', 8, 1}, NO_B, NULL, false},
    {"stctg", "eb9b20000025", {'S', 24, 8}, NO_B, NULL, false},
    {"lctlg", "eb9b2000002f", {'F', 24, 8}, NO_B, "000000000000000000000000000000000000000000000000", false},
    {"ssm", "80002000", {'F', 1, 1}, NO_B, "00", false},
    {"stosm", "ad002000", {'S', 1, 1}, NO_B, NULL, false},
    {"lpswe", "b2b22000", {'F', 16, 8}, NO_B, "00000001800000000000000000010040", false},
    {"lpp", "b2802000", {'F', 8, 8}, NO_B, NULL, false},
    {"stckc", "b2072000", {'S', 8, 8}, NO_B, NULL, false},
    {"ex", "44002000", {'F', 4, 2}, NO_B, "41600005", false},
    {"mvcl", "0e24", {'S', LENGTH, 1}, {'F', LENGTH, 1}, NULL, true},
    {"clcl", "0f24", {'F', LENGTH, 1}, {'F', LENGTH, 1}, NULL, true},
    {"mvcle", "a8240000a714fffe", {'S', LENGTH, 1}, {'F', LENGTH, 1}, NULL, true},
    {"clcle", "a9240000a714fffe", {'F', LENGTH, 1}, {'F', LENGTH, 1}, NULL, true},
    {"cksm", "b2410064a714fffe", {'F', 0, 1}, {'F', LENGTH, 1}, NULL, true},
};

/* What a guest can see, except for its PSW. */
struct picture {
    uint64_t gr[14];
    uint32_t ar[16];
    union vector_register vr[32];
    uint8_t description[SD_GBEA - SD_GR14];
    uint8_t a[OPERAND_PAGES], b[OPERAND_PAGES];
};

static void take(struct picture *p)
{
    for (unsigned i = 0; i < 14; i++)
        p->gr[i] = f.cpu->gr[i].d;
    memcpy(p->ar, f.cpu->ar, sizeof p->ar);
    memcpy(p->vr, f.cpu->vr, sizeof p->vr);
    memcpy(p->description, sd(SD_GR14), sizeof p->description);
    memset(p->description + 8 * 2, 0, SD_CR - SD_GR14 - 8 * 2); /* interruption parameters */
    memcpy(p->a, guest(A_PAGES), OPERAND_PAGES);
    memcpy(p->b, guest(B_PAGES), OPERAND_PAGES);
}

static void prepare(const struct operation *o, uint64_t a, uint64_t b)
{
    describe();
    or_sd32(SD_ECA, ECA_VX);
    host_tables();
    tlb_purge_all(f.cpu);
    for (unsigned i = 0; i < 14; i++)
        f.cpu->gr[i].d = 0x0101010101010101 * i;
    f.cpu->gr[0].d = !strcmp(o->name, "plo") ? 0 : 0x3f; /* function code; MVCSK, MVCDK: 64 bytes */
    f.cpu->gr[1].d = 0;
    f.cpu->gr[2].d = a;
    f.cpu->gr[4].d = b;
    f.cpu->gr[3].d = f.cpu->gr[5].d = LENGTH;
    for (unsigned i = 0; i < 16; i++)
        f.cpu->ar[i] = i;
    for (unsigned i = 0; i < 32; i++)
        f.cpu->vr[i].d[0] = f.cpu->vr[i].d[1] = i;
    for (unsigned i = 0; i < OPERAND_PAGES; i++) {
        *guest(A_PAGES + i) = *guest(B_PAGES + i) = (uint8_t)(i * 7 + 3);
        *guest(B_PAGES + i) ^= !strncmp(o->name, "clc", 3) ? 0 : 0x55;
    }
    if (o->content)
        hex_bytes(o->content, guest(a), LENGTH);
    if (!strcmp(o->name, "clc") || o->interruptible) /* equal, so that all of both is compared */
        memcpy(guest(b), guest(a), LENGTH);
    guest_code(o->code);
    put_be32(guest(GUEST_CODE + strlen(o->code) / 2), 0x83000044);
    put_be32(guest(GUEST_CODE + ELSEWHERE), 0x83000044);
    storage_stored(f.machine.storage, absolute(GUEST), GUEST_BYTES, false);
}

/* Time passes for clocks and timers: compare all else. */
static void expect_same(const char *name, const char *when, const struct picture *x, const struct picture *y)
{
    ck_assert_msg(!memcmp(x->gr, y->gr, sizeof x->gr), "%s: general registers %s", name, when);
    ck_assert_msg(!memcmp(x->ar, y->ar, sizeof x->ar), "%s: access registers %s", name, when);
    ck_assert_msg(!memcmp(x->vr, y->vr, sizeof x->vr), "%s: vector registers %s", name, when);
    ck_assert_msg(!memcmp(x->description, y->description, sizeof x->description), "%s: control registers %s",
                  name, when);
    if (!strcmp(name, "stck"))
        return;
    ck_assert_msg(!memcmp(x->a, y->a, sizeof x->a), "%s: operand A %s", name, when);
    ck_assert_msg(!memcmp(x->b, y->b, sizeof x->b), "%s: operand B %s", name, when);
}

static void expect_fault(const struct operation *o, const struct operand *operand, uint64_t page,
                         bool protection)
{
    uint64_t teid = get_be64(at(&f, 0xa8)), kind = operand->kind == 'F' ? 0x800 : 0x400;
    unsigned pic = protection ? PIC_PROTECTION : PIC_PAGE_TRANSLATION;

    ck_assert_msg(f.code == pic, "%s: host interruption %x, interception %x", o->name, f.code, icpt());
    ck_assert_msg(f.ilc == 4 && f.old_ia == (protection ? SIE_ENDS : CODE), "%s: host at %llx", o->name,
                  (unsigned long long)f.old_ia);
    ck_assert_msg((teid & PAGE_MASK) == ORIGIN + page && (teid & 3) == 0 &&
                      (teid & 4) == (protection ? 4 : 0),
                  "%s: TEID %llx", o->name, (unsigned long long)teid);
    ck_assert_msg((teid & 0xc00) == kind || (operand->kind == 'U' && !protection && (teid & 0xc00) == 0x800),
                  "%s: TEID %llx", o->name, (unsigned long long)teid);
    ck_assert_msg(icpt() == 0 && guest_ia() == GUEST_CODE &&
                  (guest_mask() & ~(o->interruptible ? PSW_CC : 0)) == (PSW_EA | PSW_BA),
                  "%s: guest at %llx, interception %x", o->name, (unsigned long long)guest_ia(), icpt());
}

static void expect_done(const struct operation *o)
{
    ck_assert_msg(f.code == 0 && icpt() == ICPT_INSTRUCTION && sd16(SD_IPA) == 0x8300,
                  "%s: host interruption %x, interception %x, %x", o->name, f.code, icpt(), sd16(SD_IPA));
}

/* With `page` flagged by the host the instruction faults there; without, it ends as it does undisturbed. */
static void check(const struct operation *o, uint64_t a, uint64_t b, const struct operand *operand,
                  uint64_t page, uint64_t flags)
{
    static struct picture before, after, undisturbed, resumed;
    uint64_t mask;

    prepare(o, a, b);
    interpret();
    expect_done(o);
    take(&undisturbed);
    mask = guest_mask();
    prepare(o, a, b);
    take(&before);
    map_page(page, flags);
    interpret();
    expect_fault(o, operand, page, flags == 0x200);
    take(&after);
    if (!o->interruptible)
        expect_same(o->name, "after the fault", &before, &after);
    remap_page(page, 0);
    interpret();
    expect_done(o);
    take(&resumed);
    expect_same(o->name, "after all", &undisturbed, &resumed);
    ck_assert_msg(guest_mask() == mask, "%s: condition code", o->name);
}

static void check_operand(const struct operation *o, bool is_b)
{
    const struct operand *operand = is_b ? &o->b : &o->a;
    uint64_t pages = is_b ? B_PAGES : A_PAGES, inside = 0x100, across;

    if (!operand->bytes)
        return;
    across = (0x1000 - operand->bytes / 2) & ~(uint64_t)(operand->align - 1);
    for (unsigned flags = 0x400; flags >= (operand->kind == 'F' ? 0x400 : 0x200); flags -= 0x200) {
        uint64_t a = A_PAGES + inside, b = B_PAGES + inside;

        if (flags == 0x200 && !strcmp(o->name, "plo")) /* unequal: nothing is stored */
            break;
        check(o, a, b, operand, pages, flags);
        if (operand->bytes == 1 || across + operand->bytes <= 0x1000)
            continue;
        *(is_b ? &b : &a) = pages + across;
        check(o, a, b, operand, pages, flags);
        check(o, a, b, operand, pages + 0x1000, flags);
    }
}

START_TEST(test_operands)
{
    for (unsigned i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        check_operand(&operations[i], false);
        check_operand(&operations[i], true);
    }
}
END_TEST

/* ---- Interruptible instructions over many pages: progress is kept and all arrives ---- */

START_TEST(test_long_move_keeps_its_progress)
{
    enum { PAGES_MOVED = 8, FROM = 0x40000, TO = 0x60000, BYTES = PAGES_MOVED * 4096 };
    unsigned faults = 0;

    for (unsigned i = 0; i < BYTES; i++)
        *guest(FROM + i) = (uint8_t)(i * 13 + (i >> 8));
    for (unsigned i = 0; i < PAGES_MOVED; i++) {
        map_page(FROM + i * 4096, 0x400);
        map_page(TO + i * 4096, 0x200);
    }
    f.cpu->gr[2].d = TO;
    f.cpu->gr[4].d = FROM;
    f.cpu->gr[3].d = f.cpu->gr[5].d = BYTES;
    guest_code("a8240000 a714fffe 83000044"); /* mvcle 2,4,0; jo .-4 */
    for (interpret(); icpt() == 0; interpret()) {
        uint64_t page = (get_be64(at(&f, 0xa8)) & PAGE_MASK) - ORIGIN;

        ck_assert_uint_eq(guest_ia(), GUEST_CODE);
        ck_assert_uint_eq(f.cpu->gr[2].d - TO, f.cpu->gr[4].d - FROM);
        ck_assert_uint_eq(f.cpu->gr[3].d, f.cpu->gr[5].d);
        ck_assert_uint_eq(f.cpu->gr[2].d + f.cpu->gr[3].d, TO + BYTES);
        ck_assert_uint_eq((page - (page >= TO ? TO : FROM)) >> 12, (f.cpu->gr[2].d - TO) >> 12);
        remap_page(page, 0);
        ck_assert_uint_le(++faults, 2 * PAGES_MOVED);
    }
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 12);
    ck_assert_uint_eq(faults, 2 * PAGES_MOVED);
    ck_assert_mem_eq(guest(FROM), guest(TO), BYTES);
}
END_TEST

/* ---- Instruction fetching ---- */

START_TEST(test_instruction_page)
{
    guest_code("83000044");
    map_page(GUEST_CODE, 0x400);
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + GUEST_CODE, GUEST_CODE);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & 0xc00, 0x800);
    remap_page(GUEST_CODE, 0x200); /* protection does not matter */
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
}
END_TEST

START_TEST(test_instruction_across_pages)
{
    guest_code_at(0x20ffe, "a7690007 83000044"); /* lghi 6,7 */
    set_guest_psw(PSW_EA | PSW_BA, 0x20ffe);
    map_page(0x21000, 0x400);
    f.cpu->gr[6].d = 1;
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + 0x21000, 0x20ffe);
    ck_assert_uint_eq(f.cpu->gr[6].d, 1);
    remap_page(0x21000, 0);
    map_page(0x20000, 0x400);
    tlb_purge_all(f.cpu);
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + 0x20000, 0x20ffe);
    remap_page(0x20000, 0);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, 0x21006);
    ck_assert_uint_eq(f.cpu->gr[6].d, 7);
}
END_TEST

/* Straight from one page into the next, and by a branch: the guest is at the target, not at the branch. */
START_TEST(test_instruction_flow_into_missing_page)
{
    guest_code_at(0x20ffa, "a7690007 1866 83000044");
    set_guest_psw(PSW_EA | PSW_BA, 0x20ffa);
    map_page(0x21000, 0x400);
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + 0x21000, 0x21000);
    ck_assert_uint_eq(f.cpu->gr[6].d, 7);
    f.cpu->gr[2].d = 0x21000;
    guest_code("07f2");
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + 0x21000, 0x21000);
    ck_assert_uint_eq(sd64(SD_GBEA), GUEST_CODE);
}
END_TEST

/* ---- Other ways for the host's translation to fail ---- */

START_TEST(test_other_host_exceptions)
{
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("e36020000004 83000044");
    put_be64(at(&f, SEGMENTS + 8 * (ORIGIN >> 20)), 0x20);
    interpret();
    expect_host_fault(PIC_SEGMENT_TRANSLATION, ORIGIN + GUEST_CODE, GUEST_CODE);
    put_be64(at(&f, SEGMENTS + 8 * (ORIGIN >> 20)), PAGES);
    tlb_purge_all(f.cpu);
    or_sd32(SD_CPUSTAT, CPUSTAT_SM); /* without a limit: the guest reaches beyond the host's tables */
    put_be64(at(&f, SEGMENTS), PAGES);
    f.cpu->gr[2].d = 0x80000000;
    interpret();
    expect_host_fault(PIC_ASCE_TYPE, 0x80000000, GUEST_CODE);
    f.cpu->gr[2].d = 0x10000000;
    interpret();
    expect_host_fault(PIC_SEGMENT_TRANSLATION, 0x10000000, GUEST_CODE);
    ck_assert_uint_eq(f.cpu->gr[6].d, 0);
}
END_TEST

/* A frame that is not in the host's storage is the host's addressing exception, which suppresses. */
START_TEST(test_host_addressing)
{
    put_be64(at(&f, PAGES + 8 * (GUEST_DATA >> 12)), FIXTURE_STORAGE);
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("e36020000004 83000044");
    interpret();
    ck_assert_uint_ne(icpt(), ICPT_INSTRUCTION);
    ck_assert_uint_eq(f.cpu->gr[6].d, 0);
}
END_TEST

/* ---- Guest tables ---- */

enum { REGION_1 = 0x80000, REGION_2 = 0x84000, REGION_3 = 0x88000, SEGMENT = 0x8c000, PAGE_TABLE = 0x90000 };

/* The secondary space has five levels of tables, each in pages of its own, and maps guest real 1:1. */
static void guest_tables(void)
{
    put_be64(guest(REGION_1), REGION_2 | 0xf);
    put_be64(guest(REGION_2), REGION_3 | 0xb);
    put_be64(guest(REGION_3), SEGMENT | 0x7);
    put_be64(guest(SEGMENT), PAGE_TABLE);
    for (unsigned i = 0; i < 256; i++)
        put_be64(guest(PAGE_TABLE + 8 * i), 4096 * i);
    set_sd64(SD_CR + 8, 0x20); /* primary: real space */
    set_sd64(SD_CR + 8 * 7, REGION_1 | 0xf);
    set_guest_psw(PSW_EA | PSW_BA | PSW_DAT | (uint64_t)SPACE_SECONDARY << PSW_AS_SHIFT, GUEST_CODE);
}

START_TEST(test_guest_table_entries)
{
    static const unsigned tables[] = {REGION_1, REGION_2, REGION_3, SEGMENT, PAGE_TABLE};
    static const char *const codes[] = {"e36020000004 83000044", "e36020000024 83000044",
                                        "d20720004000 83000044", "b1602000 83000044",
                                        "e50120000000 83000044"};

    for (unsigned c = 0; c < sizeof codes / sizeof codes[0]; c++)
        for (unsigned i = 0; i < 5; i++) {
            describe();
            guest_tables();
            f.cpu->gr[2].d = GUEST_DATA;
            f.cpu->gr[4].d = GUEST_DATA + 0x100;
            f.cpu->gr[6].d = 66;
            put_be64(guest(GUEST_DATA), 77);
            guest_code(codes[c]);
            map_page(tables[i], 0x400);
            tlb_purge_all(f.cpu);
            interpret();
            expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + tables[i], GUEST_CODE);
            ck_assert_uint_eq(get_be64(at(&f, 0xa8)) & 0xc00, 0x800);
            ck_assert_uint_eq(f.cpu->gr[6].d, 66);
            ck_assert_uint_eq(get_be64(guest(GUEST_DATA)), 77);
            remap_page(tables[i], 0x200); /* tables are only read */
            interpret();
            ck_assert_uint_eq(f.code, 0);
            ck_assert_uint_eq(icpt(), ICPT_INSTRUCTION);
            remap_page(tables[i], 0);
        }
}
END_TEST

/* Under guest DAT the host's fault names the guest absolute address, whatever the logical one is. */
START_TEST(test_fault_names_guest_absolute)
{
    guest_tables();
    put_be64(guest(PAGE_TABLE + 8 * 0x77), GUEST_DATA);
    map_page(GUEST_DATA, 0x400);
    f.cpu->gr[2].d = 0x77123;
    guest_code("e36020000004 83000044");
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + GUEST_DATA, GUEST_CODE);
    remap_page(GUEST_DATA, 0x200);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 10);
    guest_code("e36020000024 83000044");
    set_guest_psw(guest_mask(), GUEST_CODE);
    interpret();
    expect_host_protection(ORIGIN + GUEST_DATA, GUEST_CODE);
}
END_TEST

/* Prefixing of the guest comes before the host's translation. */
START_TEST(test_fault_names_the_prefixed_address)
{
    set_sd32(SD_PREFIX, 0x60000);
    memcpy(guest(0x60000), guest(0), 0x2000);
    map_page(0x61000, 0x400);
    f.cpu->gr[2].d = 0x1008;
    guest_code("e36020000004 83000044");
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + 0x61000, GUEST_CODE);
    map_page(0x1000, 0x400);
    remap_page(0x61000, 0);
    f.cpu->gr[2].d = 0x61008;
    interpret();
    expect_host_fault(PIC_PAGE_TRANSLATION, ORIGIN + 0x1000, GUEST_CODE);
}
END_TEST

/* The guest's own protection comes before the host's. */
START_TEST(test_guest_protection_first)
{
    guest_tables();
    or_sd32(SD_ECA, ECA_PROTEXCI);
    put_be64(guest(PAGE_TABLE + 8 * (GUEST_DATA >> 12)), GUEST_DATA | 0x200);
    map_page(GUEST_DATA, 0x200);
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("e36020000024 83000044");
    interpret();
    expect_guest_program(PIC_PROTECTION, 6, GUEST_CODE + 6);
    ck_assert_uint_eq(get_be64(guest(0xa8)) & ~0xfc0ULL, GUEST_DATA | 4 | SPACE_SECONDARY);
}
END_TEST

/* Beyond MSL there is nothing: the guest's addressing exception, always the host's to see. */
START_TEST(test_beyond_the_limit)
{
    f.cpu->gr[2].d = GUEST_BYTES - 8;
    guest_code("e36020000004 e36020000004 e36020080004 83000044");
    interpret();
    expect_program_icpt(PIC_ADDRESSING, 6, GUEST_CODE + 18);
    f.cpu->gr[2].d = GUEST_BYTES - 4; /* across the limit */
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    expect_program_icpt(PIC_ADDRESSING, 6, GUEST_CODE + 6);
    set_guest_psw(PSW_EA | PSW_BA, GUEST_BYTES);
    interpret();
    ck_assert_uint_eq(icpt(), ICPT_PROGRAM);
    ck_assert_uint_eq(sd16(0xce), PIC_ADDRESSING);
}
END_TEST

/* MVPG with the condition-code option: of a page missing in the host the guest must not learn. */
START_TEST(test_move_page_hides_the_host)
{
    or_sd32(SD_ECA, ECA_MVPGI);
    map_page(GUEST_DATA, 0x400);
    f.cpu->gr[0].d = 0x100;
    f.cpu->gr[2].d = GUEST_DATA;
    f.cpu->gr[4].d = 0x30000;
    guest_code("b2540024 83000044"); /* mvpg 2,4 */
    interpret();
    ck_assert_msg(f.code == PIC_PAGE_TRANSLATION || icpt() == ICPT_PARTIAL, "host %x, interception %x",
                  f.code, icpt());
    map_page(GUEST_DATA, 0);
    map_page(0x30000, 0x400);
    tlb_purge_all(f.cpu);
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    ck_assert_msg(f.code == PIC_PAGE_TRANSLATION || icpt() == ICPT_PARTIAL, "host %x, interception %x",
                  f.code, icpt());
    remap_page(0x30000, 0);
    memset(guest(0x30000), 0x5a, 4096);
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 8);
    ck_assert_mem_eq(guest(GUEST_DATA), guest(0x30000), 4096);
    ck_assert_uint_eq(guest_mask(), PSW_EA | PSW_BA);
}
END_TEST

/* A fetch must not leave a right to store behind where the host protects, nor the other way round. */
START_TEST(test_no_right_is_left_behind)
{
    f.cpu->gr[2].d = GUEST_DATA;
    guest_code("e36020000004 e36020000024 83000044");
    map_page(GUEST_DATA, 0x200);
    interpret();
    expect_host_protection(ORIGIN + GUEST_DATA, GUEST_CODE + 6);
    remap_page(GUEST_DATA, 0);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 16);
    remap_page(GUEST_DATA, 0x200); /* write protected again, as dirty logging does */
    set_guest_psw(PSW_EA | PSW_BA, GUEST_CODE);
    interpret();
    expect_host_protection(ORIGIN + GUEST_DATA, GUEST_CODE + 6);
}
END_TEST

int main(void)
{
    TCase *tc = sie_tests(setup);

    tcase_add_test(tc, test_operands);
    tcase_add_test(tc, test_long_move_keeps_its_progress);
    tcase_add_test(tc, test_instruction_page);
    tcase_add_test(tc, test_instruction_across_pages);
    tcase_add_test(tc, test_instruction_flow_into_missing_page);
    tcase_add_test(tc, test_other_host_exceptions);
    tcase_add_test(tc, test_host_addressing);
    tcase_add_test(tc, test_guest_table_entries);
    tcase_add_test(tc, test_fault_names_guest_absolute);
    tcase_add_test(tc, test_fault_names_the_prefixed_address);
    tcase_add_test(tc, test_guest_protection_first);
    tcase_add_test(tc, test_beyond_the_limit);
    tcase_add_test(tc, test_move_page_hides_the_host);
    tcase_add_test(tc, test_no_right_is_left_behind);
    return run_sie_tests("sie host faults", tc);
}
