/* SPDX-License-Identifier: MIT */
/** DIVIDE TO INTEGER (PoP ch. 19): partial and final results, condition codes, exceptions. */
#include <check.h>
#include <stdlib.h>

#include "bfp_random.h"
#include "unit/suite.h"

enum { VECTORS = 20000 };

START_TEST(divide_to_integer_vectors)
{
    static const struct {
        uint32_t a, b;
        uint8_t method, rounding, masks;
        uint32_t quotient, remainder;
        unsigned cc;
        uint8_t conditions;
    } vectors[] = {
        /* 7 / 2: 3 rem 1, nearest even 4 rem −1 */
        {0x40e00000, 0x40000000, BFP_TOWARD_ZERO, 4, 0, 0x40400000, 0x3f800000, 0, 0},
        {0x40e00000, 0x40000000, BFP_NEAREST_EVEN, 4, 0, 0x40800000, 0xbf800000, 0, 0},
        {0x40a00000, 0x40000000, BFP_NEAREST_EVEN, 4, 0, 0x40000000, 0x3f800000, 0, 0}, /* 5/2 = 2 */
        {0x40a00000, 0x40000000, BFP_NEAREST_AWAY, 4, 0, 0x40400000, 0xbf800000, 0, 0},
        {0x40a00000, 0x40000000, BFP_SHORTER, 4, 0, 0x40400000, 0xbf800000, 0, 0},
        /* Zero remainders have the dividend's sign. */
        {0xc0c00000, 0x40400000, BFP_NEAREST_EVEN, 4, 0, 0xc0000000, 0x80000000, 0, 0},
        /* One half of the divisor, and below. */
        {0x3f800000, 0x40000000, BFP_NEAREST_EVEN, 4, 0, 0x00000000, 0x3f800000, 0, 0},
        {0x3f800000, 0xc0000000, BFP_NEAREST_AWAY, 4, 0, 0xbf800000, 0xbf800000, 0, 0},
        {0x00000001, 0xc0000000, BFP_NEAREST_EVEN, 4, 0, 0x80000000, 0x00000001, 0, 0},
        /* A remainder that needs more bits than there are. */
        {0x00800000, 0x40000000, BFP_TOWARD_PLUS, BFP_NEAREST_EVEN, 0, 0x3f800000, 0xc0000000, 0,
         BFP_INEXACT | BFP_INCREMENTED},
        {0x00800000, 0x40000000, BFP_TOWARD_PLUS, BFP_TOWARD_ZERO, 0, 0x3f800000, 0xbfffffff, 0, BFP_INEXACT},
        /* Quotients of 24 bits and one, exact. */
        {0x4c000000, 0x40000000, BFP_NEAREST_EVEN, 4, 0, 0x4b800000, 0x00000000, 0, 0},
        {0x4b7fffff, 0x3f800000, BFP_NEAREST_EVEN, 4, 0, 0x4b7fffff, 0x00000000, 0, 0},
        /* 2^30 / 3 = 357913941.33: truncated to 24 bits 357913920, remainder 64. */
        {0x4e800000, 0x40400000, BFP_NEAREST_EVEN, 4, 0, 0x4daaaaaa, 0x42800000, 2, 0},
        /* Overflowing quotients are scaled, without a condition: 2^100 / 2^−100, then by 3 × 2^−100. */
        {0x71800000, 0x0d800000, BFP_NEAREST_EVEN, 4, 0x20, 0x43800000, 0x00000000, 1, 0},
        {0x71800000, 0x0e400000, BFP_NEAREST_EVEN, 4, 0x20, 0x42aaaaaa, 0x65800000, 3, 0},
        /* Trivial, invalid and NaN. */
        {0xc0000000, 0x7f800000, BFP_TOWARD_MINUS, 4, 0, 0x80000000, 0xc0000000, 0, 0},
        {0x80000000, 0x40000000, BFP_NEAREST_EVEN, 4, 0, 0x80000000, 0x80000000, 0, 0},
        {0x00000001, 0x7f800000, BFP_NEAREST_EVEN, 4, 0xf8, 0x00000000, 0x00000001, 0, 0},
        {0x40000000, 0x80000000, BFP_NEAREST_EVEN, 4, 0, 0x7fc00000, 0x7fc00000, 1, BFP_INVALID},
        {0x7f800000, 0x40000000, BFP_NEAREST_EVEN, 4, 0, 0x7fc00000, 0x7fc00000, 1, BFP_INVALID},
        {0x7fc00001, 0xff800001, BFP_NEAREST_EVEN, 4, 0, 0xffc00001, 0xffc00001, 1, BFP_INVALID},
        {0x7fc00001, 0xffc00002, BFP_NEAREST_EVEN, 4, 0, 0x7fc00001, 0x7fc00001, 1, 0},
        /* A tiny remainder is exact; with the mask on it traps, scaled by 2^192. */
        {0x00000003, 0x00000002, BFP_TOWARD_ZERO, 4, 0, 0x3f800000, 0x00000001, 0, 0},
        {0x00000003, 0x00000002, BFP_TOWARD_ZERO, 4, 0x10, 0x3f800000, 0x55000000, 0, BFP_UNDERFLOW},
    };

    for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct bfp_env env = env_of(vectors[i].rounding, vectors[i].masks);
        uint32_t q, r;
        unsigned cc = bfp32_divide_to_integer(&env, vectors[i].a, vectors[i].b, vectors[i].method, &q, &r);

        ck_assert_msg(q == vectors[i].quotient && r == vectors[i].remainder && cc == vectors[i].cc
                          && env.conditions == vectors[i].conditions,
                      "vector %u: quotient %08x remainder %08x cc %u conditions %02x", i, q, r, cc,
                      env.conditions);
    }
}
END_TEST

/** Quotient and remainder against division and fused multiplication in extended precision. */
START_TEST(divide_to_integer_identity)
{
    struct random r = {0xd1d5ULL};

    for (int n = 0; n < VECTORS; n++) {
        uint8_t method = methods[n % METHODS], rounding = methods[n / METHODS % METHODS];
        struct bfp_env env = env_of(rounding, 0), other = env_of(BFP_SHORTER, 0);
        uint32_t a = (uint32_t)random_number(&r, SHORT), b = (uint32_t)random_number(&r, SHORT);
        uint32_t quotient, remainder;
        struct bfp128 wide_a = bfp32_to_bfp128(&other, a), wide_b = bfp32_to_bfp128(&other, b);
        struct bfp128 precise, unused;
        unsigned cc = bfp32_divide_to_integer(&env, a, b, method, &quotient, &remainder);
        uint32_t want;

        if (bfp32_class(a) & 0xc3f || bfp32_class(b) & 0xc3f || (cc & 1))
            continue;
        precise = bfp128_divide(&other, wide_a, wide_b);
        other.rounding = cc ? BFP_TOWARD_ZERO : method;
        want = bfp128_to_bfp32(&other, cc ? precise : bfp128_to_integer(&other, precise), &unused);
        ck_assert_msg(quotient == want, "%08x / %08x method %d: %08x not %08x (cc %u)", a, b, method,
                      quotient, want, cc);
        if (cc)
            ck_assert_uint_ge(quotient & INT32_MAX, 0x4b800000);
        other = env_of(BFP_SHORTER, 0);
        precise = bfp32_to_bfp128(&other, quotient ^ 0x80000000);
        precise = bfp128_multiply_add(&other, precise, wide_b, wide_a, false);
        other = env_of(rounding, 0);
        want = bfp128_to_bfp32(&other, precise, &unused);
        if (!(want & INT32_MAX))
            want = a & 0x80000000;
        ck_assert_uint_eq(remainder, want);
        ck_assert_uint_eq(env.conditions & BFP_FLAGS, other.conditions & BFP_INEXACT);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bfp divide to integer");
    TCase *tcase = tcase_create("divide to integer");

    tcase_add_test(tcase, divide_to_integer_vectors);
    tcase_add_test(tcase, divide_to_integer_identity);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
