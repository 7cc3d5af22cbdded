/* SPDX-License-Identifier: MIT */
/**
 * The BFP engine against the host's own IEEE arithmetic, in its four rounding modes, values and
 * flags, over seeded operands. The host is an oracle for tests only.
 *
 * Known differences: NaN payloads, and underflow of results that round up to the
 * smallest normal number (z/Architecture detects tininess before rounding).
 */
#include <check.h>
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bfp_random.h"
#include "unit/suite.h"

enum { VECTORS = 40000 };

static const struct {
    int host;
    uint8_t method;
} modes[] = {
    {FE_TONEAREST, BFP_NEAREST_EVEN},
    {FE_TOWARDZERO, BFP_TOWARD_ZERO},
    {FE_UPWARD, BFP_TOWARD_PLUS},
    {FE_DOWNWARD, BFP_TOWARD_MINUS},
};
enum { MODES = sizeof(modes) / sizeof(modes[0]) };

static void host_begin(int mode)
{
    fesetround(modes[mode].host);
    feclearexcept(FE_ALL_EXCEPT);
}

/** Ends a host operation (Check itself needs the default rounding); its conditions. */
static uint8_t host_end(void)
{
    int raised = fetestexcept(FE_ALL_EXCEPT);

    fesetround(FE_TONEAREST);
    return (raised & FE_INVALID ? BFP_INVALID : 0) | (raised & FE_DIVBYZERO ? BFP_DIVISION : 0)
        | (raised & FE_OVERFLOW ? BFP_OVERFLOW : 0) | (raised & FE_UNDERFLOW ? BFP_UNDERFLOW : 0)
        | (raised & FE_INEXACT ? BFP_INEXACT : 0);
}

/* Host operations on bit patterns. Volatile operands keep the compiler from folding them
 * or moving them across the calls that set the rounding mode. */
#define HOST_OF(name, type, carrier, root, fused) \
    static bits name(enum operation op, const bits *v) \
    { \
        volatile type operand[3], result; \
        carrier in[3] = {(carrier)v[0], (carrier)v[1], (carrier)v[2]}, out; \
        memcpy((void *)operand, in, sizeof(in)); \
        switch (op) { \
        case ADD: \
            result = operand[0] + operand[1]; \
            break; \
        case SUBTRACT: \
            result = operand[0] - operand[1]; \
            break; \
        case MULTIPLY: \
            result = operand[0] * operand[1]; \
            break; \
        case DIVIDE: \
            result = operand[0] / operand[1]; \
            break; \
        case ROOT: \
            result = root; \
            break; \
        case MULTIPLY_ADD: \
            result = fused(operand[0], operand[1], operand[2]); \
            break; \
        default: \
            result = fused(operand[0], operand[1], -operand[2]); \
            break; \
        } \
        memcpy(&out, (void *)&result, sizeof(out)); \
        return out; \
    }
HOST_OF(host_short, float, uint32_t, sqrtf(operand[0]), fmaf)
HOST_OF(host_long, double, uint64_t, sqrt(operand[0]), fma)
#ifdef __SIZEOF_FLOAT128__
#define UNUSED(a, b, c) ((a) + (b) + (c))
HOST_OF(host_extended, __float128, bits, operand[0], UNUSED)
#endif

static bits host(int f, enum operation op, const bits *v)
{
#ifdef __SIZEOF_FLOAT128__
    if (f == EXTENDED)
        return host_extended(op, v);
#endif
    return f == SHORT ? host_short(op, v) : host_long(op, v);
}

/** With a third operand that is a NaN, 0 × infinity may or may not be invalid to the host. */
static bool leaves_choice(int f, enum operation op, const bits *v)
{
    return op >= MULTIPLY_ADD && is_nan(f, v[2]);
}

static void check_operation(int f, enum operation op, int mode, const bits *v)
{
    struct bfp_env env = {.rounding = modes[mode].method};
    bits want, result;
    uint8_t conditions, mine;

    host_begin(mode);
    want = host(f, op, v);
    conditions = host_end();
    result = engine(f, op, &env, v);
    ck_assert_msg(is_nan(f, want) ? is_nan(f, result) : want == result,
                  "format %d operation %d mode %d: " HEX HEX " op " HEX HEX " is " HEX HEX " not " HEX HEX, f,
                  op, mode, HALVES(v[0]), HALVES(v[1]), HALVES(result), HALVES(want));
    mine = env.conditions & BFP_FLAGS;
    if ((result & ~sign_bit(f)) == smallest_normal(f) && (mine & BFP_UNDERFLOW))
        conditions |= BFP_UNDERFLOW;
    ck_assert_msg(mine == conditions,
                  "format %d operation %d mode %d " HEX HEX " " HEX HEX ": conditions %02x not %02x", f, op,
                  mode, HALVES(v[0]), HALVES(v[1]), mine, conditions);
}

static void check_format(int f, enum operation op)
{
    struct random r = {0x9e3779b97f4a7c15ULL + 16 * (unsigned)f + op};

    for (int n = 0; n < VECTORS; n++) {
        bits v[3] = {random_number(&r, f), random_number(&r, f), random_number(&r, f)};

        if (!leaves_choice(f, op, v))
            check_operation(f, op, n % MODES, v);
    }
}

START_TEST(short_arithmetic) { check_format(SHORT, _i); }
END_TEST
START_TEST(long_arithmetic) { check_format(LONG, _i); }
END_TEST
#ifdef __SIZEOF_FLOAT128__
START_TEST(extended_arithmetic) { check_format(EXTENDED, _i); }
END_TEST
#endif

START_TEST(conversions_between_formats)
{
    struct random r = {0xbf58476d1ce4e5b9ULL};

    for (int n = 0; n < VECTORS; n++) {
        int mode = n % MODES;
        struct bfp_env env = {.rounding = modes[mode].method};
        volatile double wide;
        volatile float narrow;
        uint64_t in = (uint64_t)random_number(&r, LONG), unused, lengthened;
        uint32_t result, want;
        uint8_t conditions;

        if (n % 4)
            in = (in & ~(0x7ffULL << 52)) | (uint64_t)(1023 - 152 + random64(&r) % 300) << 52;
        memcpy((void *)&wide, &in, 8);
        host_begin(mode);
        narrow = (float)wide;
        conditions = host_end();
        memcpy(&want, (void *)&narrow, 4);
        result = bfp64_to_bfp32(&env, in, &unused);
        ck_assert_msg(is_nan(SHORT, want) ? is_nan(SHORT, result) : want == result,
                      HEX " rounds to %08x not %08x", (unsigned long long)in, result, want);
        if ((result & INT32_MAX) != smallest_normal(SHORT))
            ck_assert_uint_eq(env.conditions & BFP_FLAGS, conditions);
        env.conditions = 0;
        wide = narrow;
        lengthened = bfp32_to_bfp64(&env, result);
        memcpy(&in, (void *)&wide, 8);
        ck_assert(is_nan(LONG, in) ? is_nan(LONG, lengthened) : in == lengthened);
        ck_assert_uint_eq(env.conditions, 0);
    }
}
END_TEST

#ifdef __SIZEOF_FLOAT128__
START_TEST(conversions_of_extended)
{
    struct random r = {0x94d049bb133111ebULL};

    for (int n = 0; n < VECTORS; n++) {
        int mode = n % MODES;
        struct bfp_env env = {.rounding = modes[mode].method};
        struct bfp128 unused;
        bits in = random_number(&r, EXTENDED);
        volatile __float128 wide;
        volatile double middle;
        volatile float narrow;
        uint64_t want_long, result_long;
        uint32_t want, result;
        uint8_t conditions;

        if (n % 8)
            in = (in & ~((bits)0x7fff << 112)) | (bits)(16383 - (n & 1 ? 160 : 1090)
                                                        + random64(&r) % (n & 1 ? 320 : 2180)) << 112;
        memcpy((void *)&wide, &in, 16);
        host_begin(mode);
        narrow = (float)wide;
        conditions = host_end();
        memcpy(&want, (void *)&narrow, 4);
        result = bfp128_to_bfp32(&env, extended(in), &unused);
        ck_assert(is_nan(SHORT, want) ? is_nan(SHORT, result) : want == result);
        if ((result & INT32_MAX) != smallest_normal(SHORT))
            ck_assert_uint_eq(env.conditions & BFP_FLAGS, conditions);
        host_begin(mode);
        middle = (double)wide;
        conditions = host_end();
        memcpy(&want_long, (void *)&middle, 8);
        env.conditions = 0;
        result_long = bfp128_to_bfp64(&env, extended(in), &unused);
        ck_assert(is_nan(LONG, want_long) ? is_nan(LONG, result_long) : want_long == result_long);
        if ((result_long & INT64_MAX) != smallest_normal(LONG))
            ck_assert_uint_eq(env.conditions & BFP_FLAGS, conditions);
        wide = narrow;
        memcpy(&in, (void *)&wide, 16);
        ck_assert(is_nan(SHORT, result) || in == from_extended(bfp32_to_bfp128(&env, result)));
        wide = middle;
        memcpy(&in, (void *)&wide, 16);
        ck_assert(is_nan(LONG, result_long) || in == from_extended(bfp64_to_bfp128(&env, result_long)));
    }
}
END_TEST
#endif

START_TEST(conversions_from_integers)
{
    struct random r = {0x2545f4914f6cdd1dULL};

    for (int n = 0; n < VECTORS; n++) {
        int mode = n % MODES;
        struct bfp_env env = {.rounding = modes[mode].method};
        volatile int64_t in = (int64_t)random64(&r) >> random64(&r) % 64;
        volatile float narrow;
        volatile double wide;
        uint32_t narrow_bits;
        uint64_t wide_bits;
        uint8_t conditions;

        host_begin(mode);
        narrow = (float)in;
        conditions = host_end();
        memcpy(&narrow_bits, (void *)&narrow, 4);
        ck_assert_uint_eq(bfp32_from_signed(&env, in), narrow_bits);
        ck_assert_uint_eq(env.conditions & BFP_FLAGS, conditions);
        env.conditions = 0;
        host_begin(mode);
        wide = (double)in;
        conditions = host_end();
        memcpy(&wide_bits, (void *)&wide, 8);
        ck_assert_uint_eq(bfp64_from_signed(&env, in), wide_bits);
        ck_assert_uint_eq(env.conditions & BFP_FLAGS, conditions);
        /* 64 bits fit in extended: back again, and through the difference of two logical numbers. */
        env.conditions = 0;
        ck_assert_uint_lt(bfp128_to_fixed(&env, bfp128_from_signed(in), BFP_INT64, &wide_bits), 3);
        ck_assert_uint_eq(wide_bits, (uint64_t)in);
        ck_assert_uint_lt(bfp128_to_fixed(&env, bfp128_from_unsigned((uint64_t)in), BFP_UINT64, &wide_bits),
                          3);
        ck_assert_uint_eq(wide_bits, (uint64_t)in);
        ck_assert_uint_eq(env.conditions, 0);
    }
}
END_TEST

START_TEST(conversions_from_logical)
{
    struct random r = {0xd6e8feb86659fd93ULL};

    for (int n = 0; n < VECTORS; n++) {
        struct bfp_env env = {.rounding = modes[n % MODES].method};
        uint64_t v = random64(&r) >> random64(&r) % 64;
        uint64_t half = v >> 1 | (v & 1);
        uint32_t narrow;

        if (!half)
            continue;
        /* Twice the conversion of the jammed half, which is positive as a signed number. */
        narrow = bfp32_from_unsigned(&env, v);
        ck_assert_uint_eq(narrow, v >> 63 ? bfp32_from_signed(&env, (int64_t)half) + (1u << 23)
                                          : bfp32_from_signed(&env, (int64_t)v));
        ck_assert_uint_eq(bfp64_from_unsigned(&env, v),
                          v >> 63 ? bfp64_from_signed(&env, (int64_t)half) + (1ULL << 52)
                                  : bfp64_from_signed(&env, (int64_t)v));
    }
}
END_TEST

/** Through a pointer: what compilers put in its place assumes round to nearest. */
static double (*volatile host_rint)(double) = rint;

START_TEST(conversions_to_integers)
{
    struct random r = {0xa0761d6478bd642fULL};

    for (int n = 0; n < VECTORS; n++) {
        int mode = n % MODES;
        struct bfp_env env = {.rounding = modes[mode].method};
        uint64_t in = (uint64_t)random_number(&r, LONG), result;
        volatile double host_in, integral;
        uint64_t want;
        uint8_t conditions;
        unsigned cc;

        if (n % 8)
            in = (in & ~(0x7ffULL << 52)) | (uint64_t)(1023 - 3 + random64(&r) % 70) << 52;
        memcpy((void *)&host_in, &in, 8);
        host_begin(mode);
        integral = host_rint(host_in);
        conditions = host_end();
        memcpy(&want, (void *)&integral, 8);
        result = bfp64_to_integer(&env, in);
        ck_assert(is_nan(LONG, want) ? is_nan(LONG, result) : want == result);
        ck_assert_uint_eq(env.conditions & BFP_FLAGS, conditions);
        env.conditions = 0;
        cc = bfp64_to_fixed(&env, in, BFP_INT64, &result);
        if (integral >= -0x1p63 && integral < 0x1p63) {
            ck_assert_uint_eq(result, (uint64_t)(int64_t)integral);
            ck_assert_uint_eq(cc, host_in == 0 ? 0 : host_in < 0 ? 1 : 2);
            ck_assert_uint_eq(env.conditions & BFP_FLAGS, conditions);
        } else {
            ck_assert_uint_eq(result, integral > 0 ? (uint64_t)INT64_MAX : (uint64_t)INT64_MIN);
            ck_assert_uint_eq(cc, 3);
            ck_assert_uint_eq(env.conditions, BFP_INVALID | BFP_INEXACT);
        }
        env.conditions = 0;
        cc = bfp64_to_fixed(&env, in, BFP_UINT32, &result);
        if (integral >= 0 && integral < 0x1p32)
            ck_assert_uint_eq(result, (uint64_t)integral);
        else
            ck_assert_uint_eq(result, integral > 0 ? UINT32_MAX : 0);
        ck_assert_uint_eq(cc == 3, !(integral >= 0 && integral < 0x1p32));
    }
}
END_TEST

START_TEST(lengthening_products)
{
    struct random r = {0x8ebc6af09c88c6e3ULL};

    for (int n = 0; n < VECTORS; n++) {
        struct bfp_env env = {.rounding = BFP_NEAREST_EVEN};
        uint32_t v[2] = {(uint32_t)random_number(&r, SHORT), (uint32_t)random_number(&r, SHORT)};
        volatile float a, b;
        volatile double product;
        uint64_t want, result;

        memcpy((void *)&a, &v[0], 4);
        memcpy((void *)&b, &v[1], 4);
        product = (double)a * b;
        memcpy(&want, (void *)&product, 8);
        result = bfp32_multiply_long(&env, v[0], v[1]);
        ck_assert(is_nan(LONG, want) ? is_nan(LONG, result) : want == result);
        ck_assert_uint_eq(env.conditions & ~BFP_INVALID, 0);
#ifdef __SIZEOF_FLOAT128__
        {
            volatile double x, y;
            volatile __float128 extended_product;
            uint64_t w[2] = {(uint64_t)random_number(&r, LONG), (uint64_t)random_number(&r, LONG)};
            bits expected, got;

            memcpy((void *)&x, &w[0], 8);
            memcpy((void *)&y, &w[1], 8);
            extended_product = (__float128)x * y;
            memcpy(&expected, (void *)&extended_product, 16);
            got = from_extended(bfp64_multiply_extended(&env, w[0], w[1]));
            ck_assert(is_nan(EXTENDED, expected) ? is_nan(EXTENDED, got) : expected == got);
        }
#endif
    }
}
END_TEST

START_TEST(comparisons)
{
    struct random r = {0xe7037ed1a0b428dbULL};

    for (int n = 0; n < VECTORS; n++) {
        struct bfp_env env = {.rounding = BFP_NEAREST_EVEN};
        uint32_t a = (uint32_t)random_number(&r, SHORT), b = n % 3 ? (uint32_t)random_number(&r, SHORT) : a;
        float x, y;

        memcpy(&x, &a, 4);
        memcpy(&y, &b, 4);
        ck_assert_uint_eq(bfp32_compare(&env, a, b, false), x == y ? 0 : x < y ? 1 : x > y ? 2 : 3);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bfp against the host");
    TCase *tcase = tcase_create("host");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, short_arithmetic, 0, OPERATIONS);
    tcase_add_loop_test(tcase, long_arithmetic, 0, OPERATIONS);
#ifdef __SIZEOF_FLOAT128__
    tcase_add_loop_test(tcase, extended_arithmetic, 0, ROOT);
    tcase_add_test(tcase, conversions_of_extended);
#endif
    tcase_add_test(tcase, conversions_between_formats);
    tcase_add_test(tcase, conversions_from_integers);
    tcase_add_test(tcase, conversions_from_logical);
    tcase_add_test(tcase, conversions_to_integers);
    tcase_add_test(tcase, lengthening_products);
    tcase_add_test(tcase, comparisons);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
