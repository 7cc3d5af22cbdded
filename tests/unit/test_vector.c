/* SPDX-License-Identifier: MIT */
/**
 * Vector instructions (PoP ch. 21-23, 25): the vectors of tests/insn (at least one for every row), mask
 * fields, controls, operands that cannot be accessed.
 */
#include <check.h>
#include <stdio.h>

#include "unit/cpu_fixture.h"
#include "unit/hex.h"
#include "unit/insn_lines.h"
#include "unit/suite.h"

static struct fixture f;

static void setup(void) { fixture_init(&f); }
static void teardown(void) { fixture_release(&f); }

/* The registers of the vectors, and their storage operand: the last 32 bytes of a page. */
enum { V1 = 1, V2 = 18, V3 = 7, V4 = 28, STORAGE = DATA + 0xfe0 };
static const unsigned registers[] = {V1, V2, V3, V4};

static const struct {
    const char *name;
    uint16_t opcode;
    uint32_t checks;
} rows[] = {
#define INSN(NAME, mnemonic, opcode, format, facility, authority, checks, ...) {mnemonic, opcode, checks},
#include "cpu/insn_vector.def"
#include "cpu/insn_vector_decimal.def"
#undef INSN
};
enum { ROWS = sizeof rows / sizeof *rows };

static void execute(uint64_t text) { run_insn(&f, text); }

/* ---- The vectors ------------------------------------------------------------ */

struct vector {
    char text[80], code[16], before[6][72], after[3][72];
    unsigned cc, after_cc;
};

static void parse(const char *line, struct vector *v)
{
    int fields = sscanf(line, "%79s %15s %u | %71s %71s %71s %71s %71s %71s -> %71s %71s %71s %u", v->text,
                    v->code, &v->cc, v->before[0], v->before[1], v->before[2], v->before[3], v->before[4],
                    v->before[5], v->after[0], v->after[1], v->after[2], &v->after_cc);

    ck_assert_msg(fields == 13, "not a vector: %s", line);
}

/* Zeros for `-`. */
static void set_bytes(const char *hex, uint8_t *to, unsigned bytes)
{
    memset(to, 0, bytes);
    if (*hex != '-')
        ck_assert_uint_eq(hex_bytes(hex, to, bytes), bytes);
}

static void set_vector(unsigned r, const char *hex)
{
    uint8_t image[16];

    set_bytes(hex, image, 16);
    f.cpu->vr[r] = (union vector_register){.d = {get_be64(image), get_be64(image + 8)}};
}

static void set_state(const struct vector *v)
{
    for (unsigned i = 0; i < 4; i++)
        set_vector(registers[i], v->before[i]);
    f.cpu->gr[3].d = strtoull(v->before[4], NULL, 16);
    f.cpu->gr[4].d = ~f.cpu->gr[3].d;
    f.cpu->gr[5].d = STORAGE;
    set_bytes(v->before[5], at(&f, STORAGE), 32);
    memset(at(&f, STORAGE + 32), 0, 32);
    f.cpu->cc = v->cc;
    f.cpu->psw_mask = PSW_EA | PSW_BA;
}

/** Vector registers other than V1 never change. */
static bool others_unchanged(const struct vector *v)
{
    for (unsigned i = 1; i < 4; i++) {
        union vector_register now = f.cpu->vr[registers[i]];

        set_vector(registers[i], v->before[i]);
        if (memcmp(&now, &f.cpu->vr[registers[i]], 16))
            return false;
    }
    return true;
}

/** In 64-bit mode many have fast handlers, in 31-bit mode none. */
static bool gives(const struct vector *v, uint64_t mode)
{
    uint8_t image[32];
    bool good;

    set_state(v);
    f.cpu->psw_mask = mode;
    run(&f, v->code);
    good = f.cpu->cc == v->after_cc && f.code == 0 && others_unchanged(v);
    set_bytes(*v->after[0] == '.' ? v->before[0] : v->after[0], image, 16);
    good &= f.cpu->vr[V1].d[0] == get_be64(image) && f.cpu->vr[V1].d[1] == get_be64(image + 8);
    good &= f.cpu->gr[3].d == strtoull(*v->after[1] == '.' ? v->before[4] : v->after[1], NULL, 16);
    set_bytes(*v->after[2] == '.' ? v->before[5] : v->after[2], image, 32);
    return good && !memcmp(image, at(&f, STORAGE), 32);
}

/**
 * When V1 is a result only: the same instruction with a source register in its place. `digit` is the
 * register's number in the instruction, `rxb` its fifth bit.
 */
static bool gives_in_place(const struct vector *v, unsigned operand, char digit, unsigned rxb)
{
    struct vector changed = *v;
    uint8_t image[16];
    unsigned extension = (unsigned)strtoul((char[]){v->code[9], 0}, NULL, 16) | rxb;

    if (strcmp(v->before[0], "-") || !strcmp(v->before[operand], "-") || *v->after[0] == '.')
        return true;
    changed.code[2] = digit;
    changed.code[9] = "0123456789abcdef"[extension];
    set_state(v);
    run(&f, changed.code);
    set_bytes(v->after[0], image, 16);
    return f.code == 0 && f.cpu->cc == v->after_cc && f.cpu->vr[registers[operand]].d[0] == get_be64(image)
        && f.cpu->vr[registers[operand]].d[1] == get_be64(image + 8);
}

static bool gives_everywhere(const struct vector *v)
{
    return gives(v, PSW_EA | PSW_BA) && gives(v, PSW_BA) && gives_in_place(v, 1, '2', 8)
        && gives_in_place(v, 2, '7', 0) && gives_in_place(v, 3, 'c', 8);
}

static void print_failure(const char *line)
{
    fprintf(stderr, "%s  gave v1 %016llx%016llx r3 %llx cc %u interruption %x storage ", line,
            (unsigned long long)f.cpu->vr[V1].d[0], (unsigned long long)f.cpu->vr[V1].d[1],
            (unsigned long long)f.cpu->gr[3].d, f.cpu->cc, f.code);
    for (unsigned i = 0; i < 32; i++)
        fprintf(stderr, "%02x", *at(&f, STORAGE + i));
    fprintf(stderr, "\n");
}

static bool tested[ROWS];

static void mark_tested(const char *code)
{
    unsigned first, last;

    ck_assert_int_eq(sscanf(code, "%2x%*8c%2x", &first, &last), 2);
    for (unsigned i = 0; i < ROWS; i++)
        tested[i] |= rows[i].opcode == (first << 8 | last);
}

static bool passes(const char *line)
{
    struct vector v = {.text = ""};
    bool good;

    parse(line, &v);
    mark_tested(v.code);
    good = gives_everywhere(&v);
    if (!good)
        print_failure(line);
    return good;
}

START_TEST(test_vectors)
{
    memset(tested, 0, sizeof tested);
    ck_assert_uint_eq(failed_lines("vector.vec", passes), 0);
    ck_assert_uint_eq(failed_lines("vector_decimal.vec", passes), 0);
    ck_assert_uint_eq(failed_lines("vector_float.vec", passes), 0);
    for (unsigned i = 0; i < ROWS; i++)
        ck_assert_msg(tested[i], "%s has no vector", rows[i].name);
}
END_TEST

/* ---- Mask fields ------------------------------------------------------------ */

#define FIELD(from, value) ((uint64_t)(value) << (60 - (from)))

/** Values of a mask field that are no specification exception, one bit each, 0x8000 for 0. */
static const struct {
    uint16_t opcode;
    uint8_t bit;        /**< place of the field */
    uint16_t permitted;
    uint64_t other;     /**< other fields that must be right */
} masks[] = {
    /* Element indexes */
    {0xe700, 32, 0xffff, 0}, {0xe701, 32, 0xff00, 0}, {0xe703, 32, 0xf000, 0}, {0xe702, 32, 0xc000, 0},
    {0xe740, 32, 0xffff, 0}, {0xe741, 32, 0xff00, 0}, {0xe743, 32, 0xf000, 0}, {0xe742, 32, 0xc000, 0},
    {0xe708, 32, 0xffff, 0}, {0xe709, 32, 0xff00, 0}, {0xe70b, 32, 0xf000, 0}, {0xe70a, 32, 0xc000, 0},
    {0xe713, 32, 0xf000, 0}, {0xe712, 32, 0xc000, 0}, {0xe71b, 32, 0xf000, 0}, {0xe71a, 32, 0xc000, 0},
    {0xe601, 32, 0xff00, 0}, {0xe603, 32, 0xf000, 0}, {0xe602, 32, 0xc000, 0},
    {0xe609, 32, 0xff00, 0}, {0xe60b, 32, 0xf000, 0}, {0xe60a, 32, 0xc000, 0},
    /* Alignment hints, block boundaries */
    {0xe706, 32, 0xffff, 0}, {0xe70e, 32, 0xffff, 0}, {0xe736, 32, 0xffff, FIELD(12, V1)},
    {0xe73e, 32, 0xffff, FIELD(12, V1)}, {0xe707, 32, 0xfe00, 0}, {0xe727, 32, 0xfe00, 0},
    /* Element sizes, in support */
    {0xe705, 32, 0xf000, 0}, {0xe704, 32, 0xf200, 0}, {0xe721, 32, 0xf000, 0}, {0xe722, 32, 0xf000, 0},
    {0xe746, 32, 0xf000, 0}, {0xe74d, 32, 0xf000, 0}, {0xe745, 32, 0xf000, 0}, {0xe761, 32, 0xf000, 0},
    {0xe760, 32, 0xf000, 0}, {0xe794, 32, 0x7000, 0}, {0xe797, 32, 0x7000, 0}, {0xe795, 32, 0x7000, 0},
    {0xe75f, 32, 0xe000, 0}, {0xe7d7, 32, 0xe000, 0}, {0xe7d6, 32, 0xe000, 0}, {0xe7d5, 32, 0xe000, 0},
    {0xe7d4, 32, 0xe000, 0}, {0xe604, 32, 0x7200, 0}, {0xe605, 32, 0x7000, 0}, {0xe606, 32, 0x7800, 0},
    {0xe607, 32, 0x7000, 0}, {0xe60e, 32, 0x7800, 0}, {0xe60f, 32, 0x7000, 0},
    /* … of integers */
    {0xe7f3, 32, 0xf800, 0}, {0xe7f1, 32, 0xf800, 0}, {0xe7f7, 32, 0xf800, 0}, {0xe7f5, 32, 0xf800, 0},
    {0xe7bb, 20, 0x0800, 0}, {0xe7b9, 20, 0x0800, 0}, {0xe7bf, 20, 0x0800, 0}, {0xe7bd, 20, 0x0800, 0},
    {0xe7f2, 32, 0xf000, 0}, {0xe7f0, 32, 0xf000, 0}, {0xe7de, 32, 0xf000, 0}, {0xe7df, 32, 0xf000, 0},
    {0xe7ff, 32, 0xf000, 0}, {0xe7fd, 32, 0xf000, 0}, {0xe7fe, 32, 0xf000, 0}, {0xe7fc, 32, 0xf000, 0},
    {0xe764, 32, 0xc000, 0}, {0xe765, 32, 0x6000, 0}, {0xe767, 32, 0x3000, 0}, {0xe753, 32, 0xf000, 0},
    {0xe752, 32, 0xf000, 0}, {0xe750, 32, 0xf000, 0}, {0xe7db, 32, 0xf000, 0}, {0xe7d9, 32, 0xf000, 0},
    {0xe7f8, 32, 0xf000, 0}, {0xe7fb, 32, 0xf000, 0}, {0xe7f9, 32, 0xf000, 0}, {0xe7a2, 32, 0xe000, 0},
    {0xe7a3, 32, 0xe000, 0}, {0xe7a1, 32, 0xe000, 0}, {0xe7a6, 32, 0xe000, 0}, {0xe7a4, 32, 0xe000, 0},
    {0xe7a7, 32, 0xe000, 0}, {0xe7a5, 32, 0xe000, 0}, {0xe7aa, 20, 0xe000, 0}, {0xe7ab, 20, 0xe000, 0},
    {0xe7a9, 20, 0xe000, 0}, {0xe7ae, 20, 0xe000, 0}, {0xe7ac, 20, 0xe000, 0}, {0xe7af, 20, 0xe000, 0},
    {0xe7ad, 20, 0xe000, 0}, {0xe7b8, 20, 0x1000, 0}, {0xe7b4, 32, 0xf000, 0}, {0xe7bc, 20, 0xf000, 0},
    /* … of shifts */
    {0xe733, 32, 0xf000, 0}, {0xe773, 32, 0xf000, 0}, {0xe772, 32, 0xf000, 0}, {0xe730, 32, 0xf000, 0},
    {0xe770, 32, 0xf000, 0}, {0xe73a, 32, 0xf000, 0}, {0xe77a, 32, 0xf000, 0}, {0xe738, 32, 0xf000, 0},
    {0xe778, 32, 0xf000, 0},
    /* Double shifts: both digits of I4 */
    {0xe786, 24, 0x8000, 0}, {0xe786, 28, 0xff00, 0}, {0xe787, 24, 0x8000, 0}, {0xe787, 28, 0xff00, 0},
    /* Strings: element size and controls */
    {0xe782, 32, 0xe000, 0}, {0xe782, 24, 0xffff, 0}, {0xe780, 32, 0xe000, 0}, {0xe780, 24, 0xf000, 0},
    {0xe781, 32, 0xe000, 0}, {0xe781, 24, 0xf000, 0}, {0xe75c, 32, 0xe000, 0}, {0xe75c, 24, 0xc000, 0},
    {0xe78a, 20, 0xe000, 0}, {0xe78a, 24, 0xffff, 0}, {0xe78b, 20, 0xe000, 0}, {0xe78b, 24, 0xa000, 0},
    /* Length minus one of right-aligned loads and stores */
    {0xe635, 8, 0x8000, 0}, {0xe635, 12, 0xffff, 0}, {0xe63d, 8, 0x8000, 0}, {0xe63d, 12, 0xffff, 0},
};

START_TEST(test_mask_fields)
{
    f.cpu->gr[5].d = STORAGE;
    for (unsigned i = 0; i < sizeof masks / sizeof *masks; i++)
        for (unsigned value = 0; value < 16; value++) {
            uint64_t text = (uint64_t)(masks[i].opcode >> 8) << 56 | (uint64_t)(masks[i].opcode & 0xff) << 16;
            uint64_t place = masks[i].bit == 8 || masks[i].bit == 12 ? FIELD(32, V1) : FIELD(8, V1);
            bool based = masks[i].opcode < 0xe740 && masks[i].opcode != 0xe721 && masks[i].opcode != 0xe722;

            memset(f.cpu->vr, 0, sizeof f.cpu->vr);
            execute(text | place | masks[i].other | FIELD(masks[i].bit, value) | (based ? FIELD(16, 5) : 0));
            ck_assert_msg(f.code == (masks[i].permitted << value & 0x8000 ? 0 : PIC_SPECIFICATION),
                          "%04x bit %u value %u: interruption %x", masks[i].opcode, masks[i].bit, value,
                          f.code);
        }
}
END_TEST

START_TEST(test_without_enhancements)
{
    set_facility(&f, FACILITY_VECTOR_ENHANCEMENT_1, false);
    set_facility(&f, FACILITY_VECTOR_ENHANCEMENT_2, false);
    run(&f, "e71200000050"); /* population of bytes */
    ck_assert_uint_eq(f.code, 0);
    run(&f, "e71200001050"); /* … of halfwords */
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->gr[5].d = STORAGE;
    run(&f, "e71050002004"); /* a word right-aligned */
    ck_assert_uint_eq(f.code, 0);
    run(&f, "e71050006004"); /* … left-aligned */
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    run(&f, "e7123000006e"); /* VNN */
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    run(&f, "e61050001006"); /* VLBR */
    ck_assert_uint_eq(f.code, PIC_OPERATION);
}
END_TEST

START_TEST(test_vector_control)
{
    f.cpu->cr[0] &= ~CR0_VECTOR;
    for (unsigned i = 0; i < ROWS; i++) {
        f.cpu->fpc = 0;
        execute((uint64_t)(rows[i].opcode >> 8) << 56 | (uint64_t)(rows[i].opcode & 0xff) << 16);
        if (rows[i].checks & VECTOR_OP) {
            ck_assert_msg(f.code == PIC_DATA, "%s: interruption %x", rows[i].name, f.code);
            ck_assert_uint_eq(*at(&f, 0x93), 0xfe);
            ck_assert_uint_eq(f.cpu->fpc, 0xfe00);
        } else {
            ck_assert_str_eq(rows[i].name, "lcbb");
            ck_assert_uint_eq(f.code, 0);
        }
    }
}
END_TEST

/* ---- Operands --------------------------------------------------------------- */

START_TEST(test_replicated_index)
{
    for (unsigned size = 0; size < 4; size++) {
        uint64_t text = 0xe71700000000ULL << 16 | FIELD(32, size) | 0x4dULL << 16;

        execute(text | (uint64_t)(15 >> size) << 32);
        ck_assert_uint_eq(f.code, 0);
        execute(text | (uint64_t)(16 >> size) << 32);
        ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
        execute(text | 0x8000ULL << 32);
        ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    }
}
END_TEST

START_TEST(test_multiple)
{
    f.cpu->gr[5].d = STORAGE + 3;
    for (unsigned i = 0; i < 256; i++)
        *at(&f, STORAGE + 3 + i) = (uint8_t)(i ^ 0x5a);
    for (unsigned r = 0; r < 32; r++)
        f.cpu->vr[r].d[0] = f.cpu->vr[r].d[1] = r;
    run(&f, "e7c350000436"); /* vlm %v12,%v19,0(%r5) */
    ck_assert_uint_eq(f.code, 0);
    for (unsigned r = 0; r < 32; r++)
        for (unsigned i = 0; i < 16; i++)
            ck_assert_uint_eq(VB(&f.cpu->vr[r], i), r >= 12 && r <= 19 ? (uint8_t)((16 * (r - 12) + i) ^ 0x5a)
                                                    : i % 8 == 7       ? r
                                                                       : 0);
    f.cpu->gr[5].d = STORAGE - 0x401;
    run(&f, "e7c35000043e"); /* vstm */
    ck_assert_uint_eq(f.code, 0);
    ck_assert_int_eq(memcmp(at(&f, STORAGE - 0x401), at(&f, STORAGE + 3), 128), 0);
    ck_assert_uint_eq(*at(&f, STORAGE - 0x401 + 128), 0);
    /* From a register to a lower one, or to more than sixteen. */
    for (unsigned i = 0; i < 2; i++) {
        char bad[16];

        snprintf(bad, sizeof bad, "e721500000%02x", i ? 0x3e : 0x36);
        run(&f, bad);
        ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
        snprintf(bad, sizeof bad, "e700500004%02x", i ? 0x3e : 0x36);
        run(&f, bad);
        ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
        snprintf(bad, sizeof bad, "e70f500000%02x", i ? 0x3e : 0x36);
        run(&f, bad);
        ck_assert_uint_eq(f.code, 0);
    }
}
END_TEST

/** Code at the end of storage: the second part of the operand cannot be accessed. */
static void check_addressing(const char *code, uint64_t address)
{
    f.cpu->gr[5].d = address;
    f.cpu->gr[3].d = 15;
    memset(at(&f, FIXTURE_STORAGE - 16), 0xa5, 16);
    memset(f.cpu->vr, 0x11, sizeof f.cpu->vr);
    run(&f, code);
    ck_assert_msg(f.code == PIC_ADDRESSING, "%s: interruption %x", code, f.code);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(*at(&f, FIXTURE_STORAGE - 16 + i), 0xa5);
    for (unsigned r = 0; r < 32; r++)
        ck_assert_uint_eq(f.cpu->vr[r].d[0] & f.cpu->vr[r].d[1], 0x1111111111111111ULL);
}

START_TEST(test_inaccessible)
{
    static const char *const whole[] = {
        "e71050000006", "e7105000000e", "e70f50000036", "e70f5000003e", "e71350000037",
        "e7135000003f", "e61050001006", "e6105000100e", "e61050001007", "e6105000100f", "e60f50001035",
        "e60f5000103d", "e60350001037", "e6035000103f",
    };
    static const char *const doubleword[] = {"e71050000002", "e7105000000a", "e71050003005", "e71050003004"};

    for (unsigned i = 0; i < sizeof whole / sizeof *whole; i++)
        check_addressing(whole[i], FIXTURE_STORAGE - 15);
    for (unsigned i = 0; i < sizeof doubleword / sizeof *doubleword; i++)
        check_addressing(doubleword[i], FIXTURE_STORAGE - 7);
}
END_TEST

/** What ends before the end of storage is accessed there. */
START_TEST(test_partial)
{
    static const char *const codes[] = {"e71050000007", "e71350000037", "e7135000003f", "e60750001035",
                                        "e6075000103d", "e60350001037", "e6035000103f"};

    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
        f.cpu->gr[5].d = FIXTURE_STORAGE - 8;
        f.cpu->gr[3].d = 7;
        run(&f, codes[i]);
        ck_assert_msg(f.code == 0, "%s: interruption %x", codes[i], f.code);
    }
    check_addressing("e71350000037", FIXTURE_STORAGE - 8);
}
END_TEST

/** Gathering and scattering wrap in the addressing mode; the index is not sign-extended. */
START_TEST(test_gathered_addresses)
{
    put_be32(at(&f, DATA + 4), 0x12345678);
    f.cpu->psw_mask = PSW_BA;
    f.cpu->gr[5].d = 0x7fffffff;
    VW(&f.cpu->vr[V2], 1) = DATA + 1;
    run(&f, "e71250041413"); /* vgef %v1,4(%v18,%r5),1 */
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(VW(&f.cpu->vr[V1], 1), 0x12345678);
    f.cpu->psw_mask = PSW_EA | PSW_BA;
    f.cpu->gr[5].d = 0;
    VW(&f.cpu->vr[V2], 1) = 0xfffffffc;
    run(&f, "e71250081413");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    VD(&f.cpu->vr[V2], 1) = ~0ULL - 3;
    f.cpu->gr[5].d = DATA;
    run(&f, "e7125008141a"); /* vsceg %v1,8(%v18,%r5),1 */
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 4)), VD(&f.cpu->vr[V1], 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vector instructions");
    TCase *c = tcase_create("instructions");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, test_vectors);
    tcase_add_test(c, test_mask_fields);
    tcase_add_test(c, test_without_enhancements);
    tcase_add_test(c, test_vector_control);
    tcase_add_test(c, test_replicated_index);
    tcase_add_test(c, test_multiple);
    tcase_add_test(c, test_inaccessible);
    tcase_add_test(c, test_partial);
    tcase_add_test(c, test_gathered_addresses);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
