/* SPDX-License-Identifier: MIT */
/** Vector floating-point instructions (PoP ch. 24): every row in every format, controls, exceptions. */
#include <check.h>
#include <math.h>
#include <stdio.h>

#include "cpu/bfp/bfp.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;

static void setup(void) { fixture_init(&f); }
static void teardown(void) { fixture_release(&f); }

enum { SHORT = 2, LONG = 3, EXTENDED = 4 };
/* Registers of the operands: beyond 15, so that RXB counts. */
enum { V1 = 1, V2 = 18, V3 = 7, V4 = 28 };

static unsigned elements(unsigned format) { return format == SHORT ? 4 : format == LONG ? 2 : 1; }

static void put_element(unsigned r, unsigned format, unsigned i, double value)
{
    union vector_register *v = &f.cpu->vr[r];
    struct bfp_env env = {.rounding = BFP_NEAREST_EVEN};
    float narrow = (float)value;
    uint64_t wide;
    struct bfp128 extended;

    memcpy(&wide, &value, 8);
    extended = bfp64_to_bfp128(&env, wide);
    if (format == SHORT) {
        memcpy(&VW(v, i), &narrow, 4);
    } else if (format == LONG) {
        VD(v, i) = wide;
    } else {
        v->d[0] = extended.hi;
        v->d[1] = extended.lo;
    }
}

static double element(unsigned r, unsigned format, unsigned i)
{
    union vector_register *v = &f.cpu->vr[r];
    struct bfp_env env = {.rounding = BFP_NEAREST_EVEN};
    struct bfp128 scaled;
    float narrow;
    double value;
    uint64_t wide = VD(v, format == LONG ? i : 0);

    if (format == SHORT) {
        memcpy(&narrow, &VW(v, i), 4);
        return narrow;
    }
    if (format == EXTENDED)
        wide = bfp128_to_bfp64(&env, (struct bfp128){v->d[0], v->d[1]}, &scaled);
    memcpy(&value, &wide, 8);
    return value;
}

/* Codes. Fields are PoP bit positions; RXB is set for V2 and V4. */
static void execute(uint64_t text) { run_insn(&f, text); }
static uint64_t field(unsigned from, uint64_t value) { return value << (60 - from); }
static uint64_t vector_code(unsigned opcode)
{
    return 0xe7ULL << 56 | (uint64_t)opcode << 16 | field(8, V1) | field(12, V2 & 15) | field(36, 4);
}
/** VRR-a: M3, M4, M5. */
static uint64_t vrr_a(unsigned opcode, unsigned m3, unsigned m4, unsigned m5)
{
    return vector_code(opcode) | field(32, m3) | field(28, m4) | field(24, m5);
}
/** VRR-c: M4, M5, M6. */
static uint64_t vrr_c(unsigned opcode, unsigned m4, unsigned m5, unsigned m6)
{
    return vector_code(opcode) | field(16, V3) | field(32, m4) | field(28, m5) | field(24, m6);
}
/** VRR-e: M5, M6. */
static uint64_t vrr_e(unsigned opcode, unsigned m5, unsigned m6)
{
    return vector_code(opcode) | field(16, V3) | field(32, V4 & 15) | field(36, 5) | field(28, m5)
        | field(20, m6);
}

static double add(double a, double b, double c) { return a + b + 0 * c; }
static double subtract(double a, double b, double c) { return a - b + 0 * c; }
static double multiply(double a, double b, double c) { return a * b + 0 * c; }
static double divide(double a, double b, double c) { return a / b + 0 * c; }
static double multiply_add(double a, double b, double c) { return a * b + c; }
static double multiply_subtract(double a, double b, double c) { return a * b - c; }
static double negative_add(double a, double b, double c) { return -(a * b + c); }
static double negative_subtract(double a, double b, double c) { return -(a * b - c); }
static double square_root(double a, double b, double c) { return sqrt(a) + 0 * b * c; }
static double nearest(double a, double b, double c) { return rint(a) + 0 * b * c; }
static double maximum(double a, double b, double c) { return (a > b ? a : b) + 0 * c; }
static double minimum(double a, double b, double c) { return (a < b ? a : b) + 0 * c; }
static double negate(double a, double b, double c) { return -a + 0 * b * c; }
static double negative(double a, double b, double c) { return -fabs(a) + 0 * b * c; }
static double positive(double a, double b, double c) { return fabs(a) + 0 * b * c; }

static const struct {
    char format; /**< of the instruction: a, c, e */
    uint8_t opcode, last; /**< M5 of VRR-a, M6 of VRR-c */
    double (*value)(double, double, double);
    double a, b, c; /**< of element 0 */
    double step;    /**< from element to element, for a only */
} arithmetic[] = {
    {'c', 0xe3, 0, add, 1.5, 2.25, 0, 1},
    {'c', 0xe2, 0, subtract, 1.5, 2.25, 0, 1},
    {'c', 0xe7, 0, multiply, 1.5, -2.25, 0, 1},
    {'c', 0xe5, 0, divide, 1.5, -4, 0, 1},
    {'e', 0x8f, 0, multiply_add, 3, 4, 10, 1},
    {'e', 0x8e, 0, multiply_subtract, 3, 4, 10, 1},
    {'e', 0x9f, 0, negative_add, 3, 4, 10, 1},
    {'e', 0x9e, 0, negative_subtract, 3, 4, 10, 1},
    {'a', 0xce, 0, square_root, 2.25, 0, 0, 0},
    {'a', 0xc7, 0, nearest, 7, 0, 0, 1},
    {'c', 0xef, 4, maximum, -1, 1, 0, 1.5},
    {'c', 0xee, 4, minimum, -1, 1, 0, 1.5},
    {'a', 0xcc, 0, negate, -1, 0, 0, 3},
    {'a', 0xcc, 1, negative, -1, 0, 0, 3},
    {'a', 0xcc, 2, positive, -1, 0, 0, 3},
};

static void check_arithmetic(unsigned n, unsigned format, bool single)
{
    unsigned s = single ? 8 : 0;

    f.cpu->vr[V1] = (union vector_register){.d = {~0ULL, ~0ULL}};
    for (unsigned i = 0; i < elements(format); i++) {
        put_element(V2, format, i, arithmetic[n].a + i * arithmetic[n].step);
        put_element(V3, format, i, arithmetic[n].b);
        put_element(V4, format, i, arithmetic[n].c);
    }
    execute(arithmetic[n].format == 'a'   ? vrr_a(arithmetic[n].opcode, format, s, arithmetic[n].last)
            : arithmetic[n].format == 'c' ? vrr_c(arithmetic[n].opcode, format, s, arithmetic[n].last)
                                          : vrr_e(arithmetic[n].opcode, s, format));
    ck_assert_uint_eq(f.code, 0);
    for (unsigned i = 0; i < elements(format); i++) {
        double a = arithmetic[n].a + i * arithmetic[n].step;
        double want = single && i ? 0 : arithmetic[n].value(a, arithmetic[n].b, arithmetic[n].c);

        ck_assert_msg(element(V1, format, i) == want, "opcode %02x format %u element %u: %g not %g",
                      arithmetic[n].opcode, format, i, element(V1, format, i), want);
    }
    ck_assert_uint_eq(f.cpu->fpc, 0);
}

START_TEST(test_arithmetic)
{
    for (unsigned format = SHORT; format <= EXTENDED; format++) {
        check_arithmetic((unsigned)_i, format, false);
        check_arithmetic((unsigned)_i, format, true);
    }
}
END_TEST

START_TEST(test_negative_forms)
{
    /* The sign of a NaN is not inverted; rounding comes before negation. */
    VD(&f.cpu->vr[V2], 0) = 0x7ff8000000000001ULL;
    VD(&f.cpu->vr[V3], 0) = VD(&f.cpu->vr[V4], 0) = 0x3ff0000000000000ULL;
    execute(vrr_e(0x9f, 8, LONG));
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), 0x7ff8000000000001ULL);
    VD(&f.cpu->vr[V2], 0) = 1;
    f.cpu->fpc = 2; /* toward +∞ */
    execute(vrr_e(0x9f, 8, LONG));
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), 0xbff0000000000001ULL);
    ck_assert_uint_eq(f.cpu->fpc, 0x00080002);
    /* NaNs: third operand before second before fourth. */
    f.cpu->fpc = 0;
    VD(&f.cpu->vr[V2], 0) = 0x7ff8000000000002ULL;
    VD(&f.cpu->vr[V3], 0) = 0x7ff8000000000003ULL;
    VD(&f.cpu->vr[V4], 0) = 0x7ff8000000000004ULL;
    execute(vrr_e(0x8f, 8, LONG));
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), 0x7ff8000000000003ULL);
    VD(&f.cpu->vr[V3], 0) = 0x3ff0000000000000ULL;
    execute(vrr_e(0x8f, 8, LONG));
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), 0x7ff8000000000002ULL);
}
END_TEST

START_TEST(test_comparisons)
{
    static const struct {
        uint8_t opcode, matches[3]; /**< a < b, a = b, a > b */
    } rows[] = {{0xe8, {0, 1, 0}}, {0xeb, {0, 0, 1}}, {0xea, {0, 1, 1}}};

    for (unsigned n = 0; n < 27; n++) {
        unsigned format = SHORT + n / 9, row = n % 9 / 3, order = n % 3;
        unsigned match = rows[row].matches[order], count = elements(format);

        for (unsigned i = 0; i < count; i++) {
            put_element(V2, format, i, (double)order);
            put_element(V3, format, i, 1);
        }
        f.cpu->cc = 2;
        execute(vrr_c(rows[row].opcode, format, 0, 0));
        ck_assert_uint_eq(f.cpu->cc, 2);
        ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), match ? ~0ULL : 0);
        ck_assert_uint_eq(VD(&f.cpu->vr[V1], 1), match ? ~0ULL : 0);
        execute(vrr_c(rows[row].opcode, format, 4, 1));
        ck_assert_uint_eq(f.cpu->cc, match ? 0 : 3);
        if (count == 1)
            continue;
        /* The last element different: low where the others match, high where they do not. */
        put_element(V2, format, count - 1, match ? -1e30 : 1e30);
        execute(vrr_c(rows[row].opcode, format, 0, 1));
        ck_assert_uint_eq(f.cpu->cc, match || row > 0 ? 1 : 3);
        execute(vrr_c(rows[row].opcode, format, 8, 1)); /* element 0 alone */
        ck_assert_uint_eq(f.cpu->cc, match ? 0 : 3);
    }
}
END_TEST

START_TEST(test_comparisons_of_nans)
{
    for (unsigned i = 0; i < 2; i++) {
        put_element(V2, LONG, i, 1);
        VD(&f.cpu->vr[V3], i) = 0x7ff8000000000000ULL;
    }
    execute(vrr_c(0xea, LONG, 0, 1));
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(f.cpu->fpc, 0);
    execute(vrr_c(0xea, LONG, 4, 1)); /* signal on quiet NaN */
    ck_assert_uint_eq(f.cpu->fpc, 0x00800000);
    f.cpu->fpc = 0x80000000;
    VD(&f.cpu->vr[V3], 0) = 0;
    f.cpu->cc = 2;
    execute(vrr_c(0xea, LONG, 4, 1));
    ck_assert_uint_eq(f.code, PIC_VECTOR_PROCESSING);
    ck_assert_uint_eq(*at(&f, 0x93), 0x11);
    ck_assert_uint_eq(f.cpu->cc, 2);
}
END_TEST

START_TEST(test_scalar_comparisons)
{
    for (unsigned format = SHORT; format <= EXTENDED; format++)
        for (unsigned order = 0; order < 3; order++) {
            put_element(V1, format, 0, (double)order);
            put_element(V2, format, 0, 1);
            f.cpu->fpc = 0;
            execute(vrr_a(order & 1 ? 0xca : 0xcb, format, 0, 0));
            ck_assert_uint_eq(f.cpu->cc, order == 1 ? 0 : order == 0 ? 1 : 2);
            ck_assert(element(V1, format, 0) == (double)order);
        }
    VD(&f.cpu->vr[V2], 0) = 0x7ff8000000000000ULL;
    execute(vrr_a(0xcb, LONG, 0, 0));
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(f.cpu->fpc, 0);
    execute(vrr_a(0xca, LONG, 0, 0));
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(f.cpu->fpc, 0x00800000);
}
END_TEST

START_TEST(test_data_classes)
{
    static const struct {
        unsigned classes, cc;
        uint32_t mask[4];
    } cases[] = {
        {0x200, 1, {~0U, 0, 0, ~0U}}, {0x300, 1, {~0U, ~0U, 0, ~0U}}, {0xb00, 0, {~0U, ~0U, ~0U, ~0U}},
        {0x400, 3, {0, 0, 0, 0}},
    };

    for (unsigned n = 0; n < 4; n++) {
        static const double values[4] = {1, -1, 0, 2};

        for (unsigned i = 0; i < 4; i++)
            put_element(V2, SHORT, i, values[i]);
        execute(vector_code(0x4a) | (uint64_t)cases[n].classes << 36 | field(32, SHORT));
        ck_assert_uint_eq(f.cpu->cc, cases[n].cc);
        for (unsigned i = 0; i < 4; i++)
            ck_assert_uint_eq(VW(&f.cpu->vr[V1], i), cases[n].mask[i]);
    }
    put_element(V2, LONG, 0, 1);
    put_element(V2, LONG, 1, -1);
    execute(vector_code(0x4a) | 0x200ULL << 36 | field(28, 8) | field(32, LONG));
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), ~0ULL);
    put_element(V2, EXTENDED, 0, -1);
    execute(vector_code(0x4a) | 0x200ULL << 36 | field(32, EXTENDED));
    ck_assert_uint_eq(f.cpu->cc, 3);
}
END_TEST

START_TEST(test_lengthened_and_rounded)
{
    for (unsigned i = 0; i < 4; i++)
        put_element(V2, SHORT, i, 1.5 + i);
    execute(vrr_a(0xc4, SHORT, 0, 0));
    ck_assert(element(V1, LONG, 0) == 1.5 && element(V1, LONG, 1) == 3.5);
    execute(vrr_a(0xc4, SHORT, 8, 0));
    ck_assert(element(V1, LONG, 0) == 1.5 && element(V1, LONG, 1) == 0);
    put_element(V2, LONG, 0, -7.25);
    execute(vrr_a(0xc4, LONG, 0, 0));
    ck_assert(element(V1, EXTENDED, 0) == -7.25);
    execute(vrr_a(0xc4, EXTENDED, 0, 0));
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);

    put_element(V2, LONG, 0, 0x1.000001p0);
    put_element(V2, LONG, 1, 2.5);
    execute(vrr_a(0xc5, LONG, 4, 6)); /* toward +∞, XxC */
    ck_assert(element(V1, SHORT, 0) == 0x1.000002p0f && element(V1, SHORT, 2) == 2.5);
    ck_assert_uint_eq(VW(&f.cpu->vr[V1], 1) | VW(&f.cpu->vr[V1], 3), 0);
    ck_assert_uint_eq(f.cpu->fpc, 0);
    execute(vrr_a(0xc5, LONG, 8, 5));
    ck_assert(element(V1, SHORT, 0) == 1 && element(V1, SHORT, 2) == 0);
    ck_assert_uint_eq(f.cpu->fpc, 0x00080000);
    put_element(V2, EXTENDED, 0, 1.75);
    execute(vrr_a(0xc5, EXTENDED, 0, 0));
    ck_assert(element(V1, LONG, 0) == 1.75);
    execute(vrr_a(0xc5, SHORT, 0, 0));
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(test_integers)
{
    VD(&f.cpu->vr[V2], 0) = (uint64_t)-5;
    VD(&f.cpu->vr[V2], 1) = 1ULL << 63;
    execute(vrr_a(0xc3, LONG, 0, 0));
    ck_assert(element(V1, LONG, 0) == -5 && element(V1, LONG, 1) == -0x1p63);
    execute(vrr_a(0xc1, LONG, 0, 5));
    ck_assert(element(V1, LONG, 0) == 0x1.fffffffffffffp63 && element(V1, LONG, 1) == 0x1p63);
    ck_assert_uint_eq(f.cpu->fpc, 0x00080000);
    execute(vrr_a(0xc3, SHORT, 0, 0));
    ck_assert(element(V1, SHORT, 0) == -1 && element(V1, SHORT, 1) == -5);
    ck_assert(element(V1, SHORT, 2) == -0x1p31 && element(V1, SHORT, 3) == 0);
    execute(vrr_a(0xc1, SHORT, 8, 5));
    ck_assert(element(V1, SHORT, 0) == 0x1.fffffep31 && element(V1, SHORT, 1) == 0);

    f.cpu->fpc = 0;
    put_element(V2, LONG, 0, -2.5);
    put_element(V2, LONG, 1, 1e30);
    execute(vrr_a(0xc2, LONG, 0, 1));
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), (uint64_t)-3);
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 1), INT64_MAX);
    ck_assert_uint_eq(f.cpu->fpc, 0x00880000);
    f.cpu->fpc = 0;
    execute(vrr_a(0xc0, LONG, 4, 4));
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), 0);
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 1), UINT64_MAX);
    ck_assert_uint_eq(f.cpu->fpc, 0x00800000);
    f.cpu->fpc = 0;
    for (unsigned i = 0; i < 4; i++)
        put_element(V2, SHORT, i, i * 1.5 - 1);
    execute(vrr_a(0xc2, SHORT, 4, 7));
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), 0xffffffff00000000ULL);
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 1), 0x0000000200000003ULL);
    execute(vrr_a(0xc0, SHORT, 12, 7));
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), 0);
    ck_assert_uint_eq(f.cpu->fpc, 0x00800000);
}
END_TEST

static void check_vxc(unsigned vxc)
{
    ck_assert_uint_eq(f.code, PIC_VECTOR_PROCESSING);
    ck_assert_uint_eq(f.ilc, 6);
    ck_assert_uint_eq(f.old_ia, CODE + 6);
    ck_assert_uint_eq(get_be32(at(&f, 0x90)), vxc);
    ck_assert_uint_eq(f.cpu->fpc & 0x00ffff00, vxc << 8); /* and no flag, of earlier elements neither */
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), 0x1111111111111111ULL);
}

START_TEST(test_vector_processing_exceptions)
{
    static const struct {
        uint32_t masks;
        double a, b;
        uint8_t opcode, code;
    } cases[] = {
        {0xf8000000, INFINITY, INFINITY, 0xe2, 1},
        {0xf8000000, 1, 0, 0xe5, 2},
        {0xf8000000, 3e38, 2, 0xe7, 3},
        {0xf8000000, 0x1p-126, 0.5, 0xe7, 4},
        {0xf8000000, 1, 3, 0xe5, 5},
        {0x08000000, 3e38, 2, 0xe7, 5},
    };

    for (unsigned n = 0; n < 24; n++) {
        unsigned trapping = n / 6;

        f.cpu->vr[V1].d[0] = 0x1111111111111111ULL;
        f.cpu->fpc = cases[n % 6].masks;
        for (unsigned i = 0; i < 4; i++) {
            put_element(V2, SHORT, i, i < trapping ? 1 : cases[n % 6].a);
            put_element(V3, SHORT, i, i < trapping ? 1 : cases[n % 6].b);
        }
        execute(vrr_c(cases[n % 6].opcode, SHORT, 0, 0));
        check_vxc(trapping << 4 | cases[n % 6].code);
    }
    /* Lengthening and rounding index the source. */
    f.cpu->fpc = 0x80000000;
    for (unsigned i = 0; i < 4; i++)
        put_element(V2, SHORT, i, 1);
    VW(&f.cpu->vr[V2], 2) = 0x7f800001;
    execute(vrr_a(0xc4, SHORT, 0, 0));
    check_vxc(0x21);
    f.cpu->fpc = 0x08000000;
    put_element(V2, LONG, 0, 1);
    put_element(V2, LONG, 1, 1.1);
    execute(vrr_a(0xc5, LONG, 0, 0));
    check_vxc(0x15);
    execute(vrr_a(0xc5, LONG, 4, 0));
    ck_assert_uint_eq(f.code, 0);
}
END_TEST

START_TEST(test_flags_of_all_elements)
{
    put_element(V2, LONG, 0, 1);
    put_element(V3, LONG, 0, 0);
    put_element(V2, LONG, 1, 1);
    put_element(V3, LONG, 1, 3);
    f.cpu->fpc = 0x00100000;
    execute(vrr_c(0xe5, LONG, 0, 0));
    ck_assert_uint_eq(f.cpu->fpc, 0x00580000);
    ck_assert_uint_eq(VD(&f.cpu->vr[V1], 0), 0x7ff0000000000000ULL);
}
END_TEST

static void check_specification(uint64_t text)
{
    execute(text);
    ck_assert_msg(f.code == PIC_SPECIFICATION, "%012llx: %x", (unsigned long long)(text >> 16), f.code);
}

START_TEST(test_mask_fields)
{
    static const unsigned formats[] = {0, 1, 5, 15};

    for (unsigned i = 0; i < 4; i++) {
        check_specification(vrr_c(0xe3, formats[i], 0, 0));
        check_specification(vrr_a(0xc7, formats[i], 0, 0));
        check_specification(vrr_e(0x8f, 0, formats[i]));
        check_specification(vrr_a(0xc4, formats[i], 0, 0));
    }
    for (unsigned reserved = 1; reserved <= 4; reserved *= 2) {
        check_specification(vrr_c(0xe3, LONG, reserved, 0));
        check_specification(vrr_e(0x8f, reserved, LONG));
        check_specification(vrr_a(0xcc, LONG, reserved, 0));
        check_specification(vrr_c(0xef, LONG, reserved, 0));
        check_specification(vector_code(0x4a) | field(28, reserved) | field(32, LONG));
        if (reserved == 4)
            break;
        check_specification(vrr_c(0xe8, LONG, reserved, 0));
        check_specification(vrr_a(0xc3, LONG, reserved, 0));
    }
    for (unsigned m = 1; m < 16; m++)
        check_specification(vrr_a(0xcb, LONG, m, 0));
    check_specification(vrr_a(0xc7, LONG, 0, 2)); /* rounding methods */
    check_specification(vrr_a(0xc3, LONG, 0, 8));
    check_specification(vrr_a(0xcc, LONG, 0, 3)); /* sign operations */
    check_specification(vrr_c(0xe8, LONG, 0, 2)); /* condition-code control */
    for (unsigned function = 5; function < 16; function++)
        if (function < 8 || function > 12)
            check_specification(vrr_c(0xee, LONG, 0, function));
    check_specification(vrr_a(0xc3, EXTENDED, 0, 0));
}
END_TEST

START_TEST(test_without_enhancements)
{
    set_facility(&f, FACILITY_VECTOR_ENHANCEMENT_2, false);
    check_specification(vrr_a(0xc3, SHORT, 0, 0));
    execute(vrr_a(0xc7, SHORT, 0, 0));
    ck_assert_uint_eq(f.code, 0);
    teardown();
    setup();
    set_facility(&f, FACILITY_VECTOR_ENHANCEMENT_1, false);
    check_specification(vrr_c(0xe3, SHORT, 0, 0));
    check_specification(vrr_c(0xe3, EXTENDED, 0, 0));
    check_specification(vrr_c(0xe8, LONG, 4, 0));
    check_specification(vrr_a(0xc4, LONG, 0, 0));
    check_specification(vrr_a(0xc5, EXTENDED, 0, 0));
    execute(vrr_a(0xc4, SHORT, 0, 0));
    ck_assert_uint_eq(f.code, 0);
    execute(vrr_c(0xef, LONG, 0, 0));
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    execute(vrr_e(0x9f, 0, LONG));
    ck_assert_uint_eq(f.code, PIC_OPERATION);
}
END_TEST

START_TEST(test_vector_control)
{
    f.cpu->cr[0] &= ~CR0_VECTOR;
    execute(vrr_c(0xe3, LONG, 0, 0));
    ck_assert_uint_eq(f.code, PIC_DATA);
    ck_assert_uint_eq(*at(&f, 0x93), 0xfe);
    ck_assert_uint_eq(f.cpu->fpc, 0xfe00);
    f.cpu->cr[0] = (f.cpu->cr[0] | CR0_VECTOR) & ~CR0_AFP;
    f.cpu->fpc = 0;
    execute(vrr_c(0xe3, LONG, 0, 0));
    ck_assert_uint_eq(f.code, PIC_DATA);
    ck_assert_uint_eq(f.cpu->fpc, 0);
}
END_TEST

/** Every row of the table has been executed above. */
START_TEST(test_rows)
{
    static const uint8_t tested[] = {
        0xe3, 0xe2, 0xe7, 0xe5, 0x8f, 0x8e, 0x9f, 0x9e, 0xce, 0xc7, 0xef, 0xee, 0xcc,
        0xe8, 0xeb, 0xea, 0xcb, 0xca, 0x4a, 0xc4, 0xc5, 0xc3, 0xc1, 0xc2, 0xc0,
    };
    static const uint16_t rows[] = {
#define INSN(NAME, mnemonic, opcode, ...) opcode,
#include "cpu/insn_vector_float.def"
#undef INSN
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_msg(memchr(tested, rows[i] & 0xff, sizeof(tested)), "%04x has no test", rows[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vector floating point");
    TCase *tcase = tcase_create("instructions");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_arithmetic, 0, sizeof(arithmetic) / sizeof(arithmetic[0]));
    tcase_add_test(tcase, test_negative_forms);
    tcase_add_test(tcase, test_comparisons);
    tcase_add_test(tcase, test_comparisons_of_nans);
    tcase_add_test(tcase, test_scalar_comparisons);
    tcase_add_test(tcase, test_data_classes);
    tcase_add_test(tcase, test_lengthened_and_rounded);
    tcase_add_test(tcase, test_integers);
    tcase_add_test(tcase, test_vector_processing_exceptions);
    tcase_add_test(tcase, test_flags_of_all_elements);
    tcase_add_test(tcase, test_mask_fields);
    tcase_add_test(tcase, test_without_enhancements);
    tcase_add_test(tcase, test_vector_control);
    tcase_add_test(tcase, test_rows);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
