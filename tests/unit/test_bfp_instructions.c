/* SPDX-License-Identifier: MIT */
/** Floating-point support and BFP instructions (PoP ch. 9, 19): every row once, then traps and controls. */
#include <check.h>
#include <stdio.h>

#include "cpu/bfp/bfp.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;

static void setup(void) { fixture_init(&f); }
static void teardown(void) { fixture_release(&f); }

enum { KEPT = 4, JUNK = 0x5a5a5a5a };

/**
 * One execution. Formats of result, first, second and third operand: e d x short, long, extended;
 * E D the same in storage; i g signed, u l unsigned 32- and 64-bit integers; - none. Registers: 1
 * (1 and 3) first operand and result, 4 (4 and 6) second, 8 third; storage at 0(2).
 */
static const struct vector {
    const char *code, *formats;
    double first, second, third, want;
    uint8_t cc; /**< KEPT: not changed */
} vectors[] = {
    /* loads, stores, signs */
    {"3814", "e-e-", 0, 2.5, 0, 2.5, KEPT},
    {"2814", "d-d-", 0, 2.5, 0, 2.5, KEPT},
    {"b3650014", "x-x-", 0, 2.5, 0, 2.5, KEPT},
    {"78102000", "e-E-", 0, -7, 0, -7, KEPT},
    {"68102000", "d-D-", 0, -7, 0, -7, KEPT},
    {"ed1020000064", "e-E-", 0, 7, 0, 7, KEPT},
    {"ed1020000065", "d-D-", 0, 7, 0, 7, KEPT},
    {"70102000", "Ee--", 9, 0, 0, 9, KEPT},
    {"60102000", "Dd--", 9, 0, 0, 9, KEPT},
    {"ed1020000066", "Ee--", 10, 0, 0, 10, KEPT},
    {"ed1020000067", "Dd--", 10, 0, 0, 10, KEPT},
    {"b3740010", "ee--", 5, 0, 0, 0, KEPT},
    {"b3750010", "dd--", 5, 0, 0, 0, KEPT},
    {"b3760010", "xx--", 5, 0, 0, 0, KEPT},
    {"b3700014", "d-d-", 0, -3, 0, 3, KEPT},
    {"b3710014", "d-d-", 0, 3, 0, -3, KEPT},
    {"b3730014", "d-d-", 0, -3, 0, 3, KEPT},
    {"b3728014", "d-dd", 0, 3, -1, -3, KEPT},
    {"b3cd0014", "r-d-", 0, -1.5, 0, -1.5, KEPT},
    {"b3c10014", "d-r-", 0, -1.5, 0, -1.5, KEPT},
    /* addition, subtraction */
    {"b30a0014", "eee-", 1.5, 2.25, 0, 3.75, 2},
    {"b31a0014", "ddd-", 1.5, -2.25, 0, -0.75, 1},
    {"b34a0014", "xxx-", 1.5, -1.5, 0, 0, 0},
    {"ed102000000a", "eeE-", 1.5, 2.25, 0, 3.75, 2},
    {"ed102000001a", "ddD-", 1.5, -2.25, 0, -0.75, 1},
    {"b30b0014", "eee-", 1.5, 2.25, 0, -0.75, 1},
    {"b31b0014", "ddd-", 1.5, -2.25, 0, 3.75, 2},
    {"b34b0014", "xxx-", 1.5, 1.5, 0, 0, 0},
    {"ed102000000b", "eeE-", 1.5, 2.25, 0, -0.75, 1},
    {"ed102000001b", "ddD-", 1.5, 1.5, 0, 0, 0},
    /* multiplication */
    {"b3170014", "eee-", 1.5, -2.25, 0, -3.375, KEPT},
    {"b31c0014", "ddd-", 1.5, 2.25, 0, 3.375, KEPT},
    {"b34c0014", "xxx-", 1.5, 2.25, 0, 3.375, KEPT},
    {"b30c0014", "dee-", 0x1.000002p0, 0x1.000002p0, 0, 0x1.000004000004p0, KEPT},
    {"b3070014", "xdd-", 1.5, 2.25, 0, 3.375, KEPT},
    {"ed1020000017", "eeE-", 1.5, 2.25, 0, 3.375, KEPT},
    {"ed102000001c", "ddD-", 1.5, 2.25, 0, 3.375, KEPT},
    {"ed102000000c", "deE-", 0x1.000002p0, 0x1.000002p0, 0, 0x1.000004000004p0, KEPT},
    {"ed1020000007", "xdD-", 1.5, -2.25, 0, -3.375, KEPT},
    {"b30e1084", "eeee", 10, 3, 4, 22, KEPT},
    {"b31e1084", "dddd", 10, 3, 4, 22, KEPT},
    {"ed802000100e", "eeEe", 10, 3, 4, 22, KEPT},
    {"ed802000101e", "ddDd", 10, 3, 4, 22, KEPT},
    {"b30f1084", "eeee", 10, 3, 4, 2, KEPT},
    {"b31f1084", "dddd", 10, 3, 4, 2, KEPT},
    {"ed802000100f", "eeEe", 10, 3, 4, 2, KEPT},
    {"ed802000101f", "ddDd", 10, 3, 4, 2, KEPT},
    /* division, roots */
    {"b30d0014", "eee-", 7.5, -2.5, 0, -3, KEPT},
    {"b31d0014", "ddd-", 7.5, 2.5, 0, 3, KEPT},
    {"b34d0014", "xxx-", 7.5, 2.5, 0, 3, KEPT},
    {"ed102000000d", "eeE-", 7.5, 2.5, 0, 3, KEPT},
    {"ed102000001d", "ddD-", 7.5, 2.5, 0, 3, KEPT},
    {"b3538514", "eee-", 7.5, 2, 0, 1.5, 0},  /* remainder; the quotient is tested below */
    {"b35b8414", "ddd-", 7.5, 2, 0, -0.5, 0},
    {"b3140014", "e-e-", 0, 6.25, 0, 2.5, KEPT},
    {"b3150014", "d-d-", 0, 6.25, 0, 2.5, KEPT},
    {"b3160014", "x-x-", 0, 6.25, 0, 2.5, KEPT},
    {"ed1020000014", "e-E-", 0, 6.25, 0, 2.5, KEPT},
    {"ed1020000015", "d-D-", 0, 6.25, 0, 2.5, KEPT},
    /* comparison; the first operand is unchanged */
    {"b3090014", "eee-", 1, 1, 0, 1, 0},
    {"b3190014", "ddd-", 1, 2, 0, 1, 1},
    {"b3490014", "xxx-", 2, 1, 0, 2, 2},
    {"ed1020000009", "eeE-", -1, 1, 0, -1, 1},
    {"ed1020000019", "ddD-", 0, -1, 0, 0, 2},
    {"b3080014", "eee-", 1, 1, 0, 1, 0},
    {"b3180014", "ddd-", 1, 2, 0, 1, 1},
    {"b3480014", "xxx-", 2, 1, 0, 2, 2},
    {"ed1020000008", "eeE-", -1, 1, 0, -1, 1},
    {"ed1020000018", "ddD-", 0, -1, 0, 0, 2},
    {"ed1002000010", "ee--", 1, 0, 0, 1, 1},
    {"ed1002000011", "dd--", -1, 0, 0, -1, 0},
    {"ed1001000012", "xx--", -1, 0, 0, -1, 1},
    {"b3020014", "e-e-", 0, -1, 0, -1, 1},
    {"b3120014", "d-d-", 0, 1, 0, 1, 2},
    {"b3420014", "x-x-", 0, 0, 0, 0, 0},
    {"b3030014", "e-e-", 0, -1, 0, 1, 2},
    {"b3130014", "d-d-", 0, 1, 0, -1, 1},
    {"b3430014", "x-x-", 0, 1, 0, -1, 1},
    {"b3000014", "e-e-", 0, -1, 0, 1, 2},
    {"b3100014", "d-d-", 0, -1, 0, 1, 2},
    {"b3400014", "x-x-", 0, -1, 0, 1, 2},
    {"b3010014", "e-e-", 0, 1, 0, -1, 1},
    {"b3110014", "d-d-", 0, -1, 0, -1, 1},
    {"b3410014", "x-x-", 0, 1, 0, -1, 1},
    /* conversion */
    {"b3040014", "d-e-", 0, 1.25, 0, 1.25, KEPT},
    {"b3050014", "x-d-", 0, 1.25, 0, 1.25, KEPT},
    {"b3060014", "x-e-", 0, -1.25, 0, -1.25, KEPT},
    {"ed1020000004", "d-E-", 0, 1.25, 0, 1.25, KEPT},
    {"ed1020000005", "x-D-", 0, 1.25, 0, 1.25, KEPT},
    {"ed1020000006", "x-E-", 0, 1.25, 0, 1.25, KEPT},
    {"b3440014", "e-d-", 0, 0x1.000001p0, 0, 1, KEPT},
    {"b3446014", "e-d-", 0, 0x1.000001p0, 0, 0x1.000002p0, KEPT},
    {"b3450014", "d-x-", 0, 1.25, 0, 1.25, KEPT},
    {"b3463014", "e-x-", 0, 0x1.0000001p0, 0, 0x1.000002p0, KEPT},
    {"b3570014", "e-e-", 0, 2.5, 0, 2, KEPT},
    {"b35f1014", "d-d-", 0, 2.5, 0, 3, KEPT},
    {"b3477014", "x-x-", 0, -2.5, 0, -3, KEPT},
    {"b3940014", "e-i-", 0, -7, 0, -7, KEPT},
    {"b3950014", "d-i-", 0, -7, 0, -7, KEPT},
    {"b3960014", "x-i-", 0, -7, 0, -7, KEPT},
    {"b3a46014", "e-g-", 0, 16777217, 0, 16777218, KEPT},
    {"b3a50014", "d-g-", 0, -1099511627777, 0, -1099511627777, KEPT},
    {"b3a60014", "x-g-", 0, -1099511627777, 0, -1099511627777, KEPT},
    {"b3905014", "e-u-", 0, 4294967295, 0, 4294967040, KEPT},
    {"b3910014", "d-u-", 0, 4294967295, 0, 4294967295, KEPT},
    {"b3920014", "x-u-", 0, 4294967295, 0, 4294967295, KEPT},
    {"b3a00014", "e-l-", 0, 0x1.8p63, 0, 0x1.8p63, KEPT},
    {"b3a10014", "d-l-", 0, 0x1.8p63, 0, 0x1.8p63, KEPT},
    {"b3a20014", "x-l-", 0, 0x1.8p63, 0, 0x1.8p63, KEPT},
    {"b3985014", "i-e-", 0, -2.75, 0, -2, 1},
    {"b3994014", "i-d-", 0, 2.75, 0, 3, 2},
    {"b39a7014", "i-x-", 0, -2.75, 0, -3, 1},
    {"b3a85014", "g-e-", 0, 0, 0, 0, 0},
    {"b3a96014", "g-d-", 0, 0x1p40 + 0.5, 0, 0x1p40 + 1, 2},
    {"b3aa1014", "g-x-", 0, -2.5, 0, -3, 1},
    {"b39c0014", "u-e-", 0, 4294967040, 0, 4294967040, 2},
    {"b39d0014", "u-d-", 0, -1, 0, 0, 3},
    {"b39e0014", "u-x-", 0, 7, 0, 7, 2},
    {"b3ac0014", "l-e-", 0, 0x1.8p63, 0, 0x1.8p63, 2},
    {"b3ad0014", "l-d-", 0, 0x1.8p63, 0, 0x1.8p63, 2},
    {"b3ae5014", "l-x-", 0, -0.5, 0, 0, 1},
};

static uint64_t long_of(double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    return bits;
}
static uint32_t short_of(double v)
{
    float narrow = (float)v;
    uint32_t bits;

    memcpy(&bits, &narrow, sizeof(bits));
    return bits;
}

static void put_operand(char format, unsigned r, double v)
{
    struct bfp_env env = {.rounding = BFP_NEAREST_EVEN};
    struct bfp128 wide;

    f.cpu->vr[r].d[0] = f.cpu->vr[r + 2].d[0] = (uint64_t)JUNK << 32 | JUNK;
    f.cpu->gr[r].d = (uint64_t)JUNK << 32 | JUNK;
    switch (format) {
    case 'e':
        f.cpu->vr[r].d[0] = (uint64_t)short_of(v) << 32 | JUNK;
        break;
    case 'd':
        f.cpu->vr[r].d[0] = long_of(v);
        break;
    case 'x':
        wide = bfp64_to_bfp128(&env, long_of(v));
        f.cpu->vr[r].d[0] = wide.hi;
        f.cpu->vr[r + 2].d[0] = wide.lo;
        break;
    case 'E':
        put_be32(at(&f, DATA), short_of(v));
        break;
    case 'D':
        put_be64(at(&f, DATA), long_of(v));
        break;
    case 'i':
        f.cpu->gr[r].w.low = (uint32_t)(int32_t)v;
        break;
    case 'u':
        f.cpu->gr[r].w.low = (uint32_t)v;
        break;
    case 'g':
        f.cpu->gr[r].d = (uint64_t)(int64_t)v;
        break;
    case 'l':
        f.cpu->gr[r].d = (uint64_t)v;
        break;
    case 'r':
        f.cpu->gr[r].d = long_of(v);
        break;
    default:
        break;
    }
}

static void check_result(const struct vector *v)
{
    struct bfp_env env = {.rounding = BFP_NEAREST_EVEN};
    struct bfp128 wide = bfp64_to_bfp128(&env, long_of(v->want));
    uint64_t junk = (uint64_t)JUNK << 32, r = f.cpu->vr[1].d[0], g = f.cpu->gr[1].d;
    bool right = false;

    switch (v->formats[0]) {
    case 'e':
        right = r == ((uint64_t)short_of(v->want) << 32 | JUNK);
        break;
    case 'd':
        right = r == long_of(v->want);
        break;
    case 'x':
        right = r == wide.hi && f.cpu->vr[3].d[0] == wide.lo;
        break;
    case 'E':
        right = get_be32(at(&f, DATA)) == short_of(v->want);
        break;
    case 'D':
        right = get_be64(at(&f, DATA)) == long_of(v->want);
        break;
    case 'i':
        right = g == (junk | (uint32_t)(int32_t)v->want);
        break;
    case 'u':
        right = g == (junk | (uint32_t)v->want);
        break;
    case 'g':
        right = g == (uint64_t)(int64_t)v->want;
        break;
    case 'l':
        right = g == (uint64_t)v->want;
        break;
    case 'r':
        right = g == long_of(v->want);
        break;
    default:
        break;
    }
    ck_assert_msg(right, "%s: %016llx %016llx", v->code, (unsigned long long)r, (unsigned long long)g);
}

static uint64_t text_of(const char *code)
{
    uint64_t text = strtoull(code, NULL, 16);

    return text << (64 - 4 * strlen(code));
}

static bool covered[INSN_COUNT];

static void run_vector(const struct vector *v)
{
    put_operand(v->formats[1], 1, v->first);
    put_operand(v->formats[2], 4, v->second);
    put_operand(v->formats[3], 8, v->third);
    f.cpu->gr[2].d = DATA;
    f.cpu->fpc = 0;
    f.cpu->cc = v->cc == KEPT ? 3 : v->cc ^ 1;
    run(&f, v->code);
    ck_assert_msg(f.code == 0, "%s: program interruption %x", v->code, f.code);
    ck_assert_msg(f.cpu->cc == (v->cc == KEPT ? 3 : v->cc), "%s: cc %u", v->code, f.cpu->cc);
    check_result(v);
}

/** Instructions on the FPC, whose tests stand below. */
static const char *const fpc_codes[] = {"b38c0010", "b3840010", "b3850010", "b29d2000", "b29c2000",
                                        "b2bd2000", "b2990000", "b2b80000", "b2b90000"};

START_TEST(test_every_row)
{
    static const enum insn_id rows[] = {
#define INSN(NAME, ...) INSN_##NAME,
#include "cpu/insn_float.def"
#undef INSN
    };

    for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        run_vector(&vectors[i]);
        covered[insn_decode(text_of(vectors[i].code))] = true;
    }
    for (unsigned i = 0; i < sizeof(fpc_codes) / sizeof(fpc_codes[0]); i++)
        covered[insn_decode(text_of(fpc_codes[i]))] = true;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_msg(covered[rows[i]], "%s has no vector", insn_name(rows[i]));
}
END_TEST

START_TEST(test_divide_to_integer)
{
    put_operand('e', 1, 7.5);
    put_operand('e', 4, 2);
    put_operand('e', 8, 0);
    run(&f, "b3538514");
    ck_assert_uint_eq(f.cpu->vr[8].d[0], (uint64_t)short_of(3) << 32 | JUNK);
    put_operand('d', 1, 0x1p60);
    put_operand('d', 4, 3);
    run(&f, "b35b8014");
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(f.cpu->vr[8].d[0], long_of(0x1.5555555555555p58));
    ck_assert_uint_eq(f.cpu->vr[1].d[0], long_of(0x1p6));
    /* r1, r2 and r3 must differ, and the rounding method must exist. */
    static const char *const wrong[] = {"b3538011", "b3531014", "b3534014", "b3538214", "b3538814"};

    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        run(&f, wrong[i]);
        ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    }
}
END_TEST

START_TEST(test_flags)
{
    put_operand('d', 1, 1);
    put_operand('d', 4, 3);
    f.cpu->fpc = 0x00400000;
    run(&f, "b31d0014");
    ck_assert_uint_eq(f.cpu->fpc, 0x00480000);
    put_operand('d', 4, 0);
    run(&f, "b31d0014");
    ck_assert_uint_eq(f.cpu->fpc, 0x00480000);
    ck_assert_uint_eq(f.cpu->vr[1].d[0], 0x7ff0000000000000ULL);
    run(&f, "b31b0011"); /* infinity − infinity */
    ck_assert_uint_eq(f.cpu->fpc, 0x00c80000);
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(f.cpu->vr[1].d[0], 0x7ff8000000000000ULL);
    /* A conversion out of range is invalid and, without XxC, inexact. */
    f.cpu->fpc = 0;
    put_operand('d', 4, 1e30);
    run(&f, "b3990014");
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(f.cpu->gr[1].w.low, INT32_MAX);
    ck_assert_uint_eq(f.cpu->fpc, 0x00880000);
    f.cpu->fpc = 0;
    run(&f, "b3990414");
    ck_assert_uint_eq(f.cpu->fpc, 0x00800000);
}
END_TEST

static void check_data_exception(uint8_t dxc)
{
    ck_assert_uint_eq(f.code, PIC_DATA);
    ck_assert_uint_eq(*at(&f, 0x93), dxc);
    ck_assert_uint_eq(f.cpu->fpc >> 8 & 0xff, dxc);
}

START_TEST(test_suppressing_traps)
{
    put_operand('e', 1, 1);
    put_operand('e', 4, 0);
    f.cpu->fpc = 0x40000000;
    run(&f, "b30d0014");
    check_data_exception(0x40);
    ck_assert_uint_eq(f.cpu->vr[1].d[0], (uint64_t)short_of(1) << 32 | JUNK);
    ck_assert_uint_eq(f.cpu->fpc, 0x40004000);
    ck_assert_uint_eq(f.old_ia, CODE + 4);
    /* A signalling NaN; cc and register stay. */
    f.cpu->vr[4].d[0] = 0x7f80000100000000ULL;
    f.cpu->fpc = 0x80000000;
    f.cpu->cc = 2;
    run(&f, "b3090014");
    check_data_exception(0x80);
    ck_assert_uint_eq(f.cpu->cc, 2);
    /* Quiet NaNs only with the comparing and signalling forms. */
    f.cpu->vr[4].d[0] = 0x7fc0000000000000ULL;
    run(&f, "b3090014");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cc, 3);
    run(&f, "b3080014");
    check_data_exception(0x80);
}
END_TEST

START_TEST(test_completing_traps)
{
    f.cpu->fpc = 0x20000000;
    f.cpu->vr[1].d[0] = f.cpu->vr[4].d[0] = 0x7f7fffff00000000ULL;
    run(&f, "b30a0014");
    check_data_exception(0x20);
    ck_assert_uint_eq(f.cpu->vr[1].d[0], 0x1fffffff00000000ULL);
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(f.cpu->fpc, 0x20002000);
    /* Inexact: flags of masked conditions are set, its own is not. */
    f.cpu->fpc = 0x08000000;
    f.cpu->vr[1].d[0] = 0x7f7fffff00000000ULL;
    run(&f, "b30a0014");
    check_data_exception(0x0c);
    ck_assert_uint_eq(f.cpu->vr[1].d[0], 0x7f80000000000000ULL);
    ck_assert_uint_eq(f.cpu->fpc, 0x08200c00);
    /* LOAD ROUNDED: the scaled long result fills the register. */
    f.cpu->fpc = 0x20000000;
    f.cpu->vr[4].d[0] = (1023ULL + 200) << 52;
    run(&f, "b3440014");
    check_data_exception(0x20);
    ck_assert_uint_eq(f.cpu->vr[1].d[0], (1023ULL + 200 - 512) << 52);
    /* and the extended one both registers. */
    f.cpu->fpc = 0x10000000;
    f.cpu->vr[4].d[0] = 1;
    f.cpu->vr[6].d[0] = 0;
    run(&f, "b3450014");
    check_data_exception(0x10);
    ck_assert_uint_eq(f.cpu->vr[1].d[0], (16383ULL - 16382 - 48 + 8192) << 48);
    ck_assert_uint_eq(f.cpu->vr[3].d[0], 0);
    /* CONVERT TO FIXED, invalid masked and inexact trapped. */
    f.cpu->fpc = 0x08000000;
    f.cpu->vr[4].d[0] = 0x7ff0000000000000ULL;
    run(&f, "b3a90014");
    check_data_exception(0x08);
    ck_assert_uint_eq(f.cpu->gr[1].d, INT64_MAX);
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(f.cpu->fpc, 0x08800800);
}
END_TEST

START_TEST(test_rounding_modes)
{
    static const struct {
        uint32_t fpc;
        double want;
    } modes[] = {{0, 2}, {1, 2}, {2, 3}, {3, 2}, {7, 3}};

    put_operand('d', 4, 2.25);
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        f.cpu->fpc = modes[i].fpc;
        run(&f, "b35f0014");
        ck_assert_uint_eq(f.cpu->vr[1].d[0], long_of(modes[i].want));
        ck_assert_uint_eq(f.cpu->fpc, modes[i].fpc | 0x00080000);
        f.cpu->fpc = modes[i].fpc;
        run(&f, "b35f0414"); /* XxC */
        ck_assert_uint_eq(f.cpu->fpc, modes[i].fpc);
    }
    run(&f, "b35f2014");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    run(&f, "b35f8014");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    run(&f, "b3952014"); /* even where nothing is rounded */
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(test_fpc_loads_and_stores)
{
    f.cpu->fpc = 0x40080012;
    put_operand('-', 1, 0);
    run(&f, "b38c0010");
    ck_assert_uint_eq(f.cpu->gr[1].d, (uint64_t)JUNK << 32 | 0x40080012);
    f.cpu->gr[2].d = DATA;
    run(&f, "b29c2004");
    ck_assert_uint_eq(get_be32(at(&f, DATA + 4)), 0x40080012);
    put_be32(at(&f, DATA), 0xfcfcff77);
    run(&f, "b29d2000");
    ck_assert_uint_eq(f.cpu->fpc, 0xfcfcff77);
    f.cpu->gr[1].d = ~0ULL << 32 | 0x00f80003;
    run(&f, "b3840010");
    ck_assert_uint_eq(f.cpu->fpc, 0x00f80003);
    for (unsigned bit = 0; bit < 32; bit++) { /* unsupported bits; rounding mode 4 */
        bool wrong = (0x0303008cU >> bit & 1);

        f.cpu->fpc = 0;
        f.cpu->gr[1].d = 1ULL << bit;
        run(&f, "b3840010");
        ck_assert_uint_eq(f.code, wrong ? PIC_SPECIFICATION : 0);
        ck_assert_uint_eq(f.cpu->fpc, wrong ? 0 : 1U << bit);
    }
}
END_TEST

START_TEST(test_set_rounding_mode)
{
    f.cpu->fpc = 0x00000044;
    run(&f, "b2990ff6"); /* bits 62 and 63 only; bit 29 of the FPC becomes zero */
    ck_assert_uint_eq(f.cpu->fpc, 0x00000042);
    run(&f, "b2b80f07");
    ck_assert_uint_eq(f.cpu->fpc, 0x00000047);
    for (unsigned mode = 4; mode < 256; mode++) {
        char code[16];

        if (mode == 7)
            continue;
        snprintf(code, sizeof(code), "b2b80%03x", mode);
        run(&f, code);
        ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    }
    run(&f, "b2b90ff3");
    ck_assert_uint_eq(f.cpu->fpc, 0x00000037);
}
END_TEST

/** SFASR and LFAS: old flags stay, and signal where the new masks are on. */
START_TEST(test_set_fpc_and_signal)
{
    static const struct {
        uint32_t before, operand, after;
        uint8_t dxc;
    } cases[] = {
        {0x00080000, 0x00100001, 0x00180001, 0},
        {0x00f80000, 0xf8000000, 0xf8f88300, 0x83},
        {0x00780000, 0xf8000000, 0xf8784300, 0x43},
        {0x00380000, 0xf8000000, 0xf8382b00, 0x2b},
        {0x00380000, 0x20000000, 0x20382300, 0x23},
        {0x00180000, 0xf8000000, 0xf8181b00, 0x1b},
        {0x00180000, 0x90000000, 0x90181300, 0x13},
        {0x00080000, 0x0c000000, 0x0c080b00, 0x0b},
        {0x00040000, 0x04000000, 0x04040700, 0x07},
        {0x00000000, 0xf8f80000, 0xf8f80000, 0},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]) * 2; i++) {
        f.cpu->fpc = cases[i / 2].before;
        f.cpu->gr[1].d = cases[i / 2].operand;
        put_be32(at(&f, DATA), cases[i / 2].operand);
        f.cpu->gr[2].d = DATA;
        run(&f, i & 1 ? "b3850010" : "b2bd2000");
        ck_assert_uint_eq(f.cpu->fpc, cases[i / 2].after);
        ck_assert_uint_eq(f.code, cases[i / 2].dxc ? PIC_DATA : 0);
        if (cases[i / 2].dxc)
            check_data_exception(cases[i / 2].dxc);
    }
    f.cpu->gr[1].d = 4;
    run(&f, "b3850010");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

static void check_denied(const char *code, uint8_t dxc)
{
    f.cpu->fpc = 0;
    run(&f, code);
    ck_assert_msg(f.code == PIC_DATA && *at(&f, 0x93) == dxc && f.cpu->fpc == 0, "%s: %x DXC %x FPC %x", code,
                  f.code, *at(&f, 0x93), f.cpu->fpc);
}

START_TEST(test_afp_register_control)
{
    f.cpu->cr[0] &= ~CR0_AFP;
    f.cpu->gr[2].d = DATA;
    check_denied("2812", 1);
    check_denied("2881", 1);
    check_denied("68702000", 1);
    check_denied("b3cd0018", 1);
    check_denied("b3728024", 1);
    check_denied("b3650014", 1);
    check_denied("b30a0024", 2);
    check_denied("b29d2000", 2);
    check_denied("b2990000", 2);
    check_denied("b2b90000", 3);
    run(&f, "2824 68602000 b3650040 b3750060 b3cd0016");
    ck_assert_uint_eq(f.code, 0);
}
END_TEST

START_TEST(test_register_pairs)
{
    static const char *const wrong[] = {"b34a0024", "b34a0042", "b3650046", "b3760020", "b3450023",
                                        "b3960021", "b39a0013", "ed2020000007", "ed2000000012", "b3430062"};

    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        run(&f, wrong[i]);
        ck_assert_msg(f.code == PIC_SPECIFICATION, "%s: %x", wrong[i], f.code);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bfp instructions");
    TCase *tcase = tcase_create("instructions");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_every_row);
    tcase_add_test(tcase, test_divide_to_integer);
    tcase_add_test(tcase, test_flags);
    tcase_add_test(tcase, test_suppressing_traps);
    tcase_add_test(tcase, test_completing_traps);
    tcase_add_test(tcase, test_rounding_modes);
    tcase_add_test(tcase, test_fpc_loads_and_stores);
    tcase_add_test(tcase, test_set_rounding_mode);
    tcase_add_test(tcase, test_set_fpc_and_signal);
    tcase_add_test(tcase, test_afp_register_control);
    tcase_add_test(tcase, test_register_pairs);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
