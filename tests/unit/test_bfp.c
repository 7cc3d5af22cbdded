/* SPDX-License-Identifier: MIT */
/**
 * What no host can tell about BFP: traps, NaN rules, z/Architecture's own rounding methods and
 * operations (PoP ch. 9, 19, 24). Hand vectors, and identities that hold for every operand.
 */
#include <check.h>
#include <stdlib.h>

#include "bfp_random.h"
#include "unit/suite.h"

enum { VECTORS = 20000 };

static bits lengthen(int f, bits v)
{
    struct bfp_env env = env_of(BFP_NEAREST_EVEN, 0);

    return f == SHORT ? bfp32_to_bfp64(&env, (uint32_t)v) : from_extended(bfp64_to_bfp128(&env, (uint64_t)v));
}

static bits shorten(struct bfp_env *env, int to, bits v)
{
    struct bfp128 unused_extended;
    uint64_t unused;

    return to == SHORT ? bfp64_to_bfp32(env, (uint64_t)v, &unused)
                       : bfp128_to_bfp64(env, extended(v), &unused_extended);
}

/** The next format is longer by far: rounding to it "for shorter precision" first changes nothing. */
START_TEST(rounding_twice)
{
    struct random r = {0x12345678 + (unsigned)_i};
    int f = _i % 2;
    enum operation op = _i / 2;

    for (int n = 0; n < VECTORS; n++) {
        bits v[3] = {random_number(&r, f), random_number(&r, f), random_number(&r, f)};
        bits longer[3] = {lengthen(f, v[0]), lengthen(f, v[1]), lengthen(f, v[2])};
        struct bfp_env direct = env_of(methods[n % METHODS], 0), second = direct;
        struct bfp_env first = env_of(BFP_SHORTER, 0);
        bits result = engine(f, op, &direct, v), want;

        if (is_nan(f, v[0]) || is_nan(f, v[1]) || is_nan(f, v[2]))
            continue;
        want = engine(f + 1, op, &first, longer);
        if (first.rounding == BFP_SHORTER && (want & ~sign_bit(f + 1)) == 0)
            continue; /* the sign of an exact zero depends on the method */
        want = shorten(&second, f, want);
        ck_assert_msg(result == want, "format %d operation %d method %d: " HEX HEX " " HEX HEX, f, op,
                      direct.rounding, HALVES(v[0]), HALVES(v[1]));
        if (second.conditions & BFP_INEXACT)
            ck_assert_uint_eq(direct.conditions, second.conditions);
    }
}
END_TEST

/** Directed methods bound the precise value; "incremented" says on which side the result is. */
START_TEST(incremented)
{
    struct random r = {0xfeedULL + (unsigned)_i};
    int f = _i % 3;
    enum operation op = _i / 3;

    for (int n = 0; n < VECTORS; n++) {
        bits v[3] = {random_number(&r, f), random_number(&r, f), random_number(&r, f)};
        struct bfp_env zero = env_of(BFP_TOWARD_ZERO, 0), other = env_of(methods[n % METHODS], 0);
        bits truncated = engine(f, op, &zero, v), result = engine(f, op, &other, v);

        ck_assert(!(zero.conditions & BFP_INCREMENTED));
        if (!(zero.conditions & BFP_INEXACT))
            continue;
        ck_assert_msg(result == truncated + !!(other.conditions & BFP_INCREMENTED),
                      "format %d operation %d method %d", f, op, other.rounding);
        if (other.rounding == BFP_SHORTER)
            ck_assert_uint_eq(result & 1, 1);
    }
}
END_TEST

/** Multiply by 2^n; the exponent must stay in range. */
static bits scale(int f, bits v, int n)
{
    return v + (bits)((__int128)n << (formats[f].precision - 1));
}

/** A trapped overflow or underflow delivers what the operation on suitably scaled operands delivers. */
START_TEST(trapped_results)
{
    static const int scales[] = {192, 1536, 24576};
    struct random r = {0xabcdefULL + (unsigned)_i};
    int f = _i % 3, seen = 0;
    enum operation op = _i / 3 ? DIVIDE : MULTIPLY;

    for (int n = 0; n < VECTORS; n++) {
        bits v[3] = {random_number(&r, f), random_number(&r, f), 0}, result, want;
        struct bfp_env env = env_of(methods[n % METHODS], BFP_OVERFLOW | BFP_UNDERFLOW);
        struct bfp_env wide = env_of(env.rounding, 0);
        int exponent = (int)(v[0] >> (formats[f].precision - 1)) & (2 * formats[f].bias + 1), by;

        result = engine(f, op, &env, v);
        if (!bfp_scaled(&env) || exponent == 0)
            continue;
        by = env.conditions & BFP_OVERFLOW ? -scales[f] : scales[f];
        if (exponent + by < 1 || exponent + by > 2 * formats[f].bias)
            continue;
        v[0] = scale(f, v[0], by);
        want = engine(f, op, &wide, v);
        ck_assert(result == want);
        ck_assert_uint_eq(env.conditions & ~(BFP_OVERFLOW | BFP_UNDERFLOW), wide.conditions);
        ck_assert_uint_eq(bfp_dxc(&env), env.conditions);
        ck_assert_uint_eq(bfp_flags(&env, bfp_dxc(&env)), 0);
        seen++;
    }
    ck_assert_int_gt(seen, 20);
}
END_TEST

START_TEST(traps)
{
    struct bfp_env env;
    uint64_t scaled;
    struct bfp128 scaled_extended;

    /* Overflow: Nmax + Nmax = 2^129 − 2^105, exact with a wrapped exponent. */
    env = env_of(BFP_NEAREST_EVEN, 0);
    ck_assert_uint_eq(bfp32_add(&env, 0x7f7fffff, 0x7f7fffff), 0x7f800000);
    ck_assert_uint_eq(env.conditions, BFP_OVERFLOW | BFP_INEXACT | BFP_INCREMENTED);
    ck_assert_uint_eq(bfp_flags(&env, bfp_dxc(&env)), 0x28);
    env = env_of(BFP_NEAREST_EVEN, BFP_OVERFLOW);
    ck_assert_uint_eq(bfp32_add(&env, 0x7f7fffff, 0x7f7fffff), 0x1fffffff);
    ck_assert_uint_eq(bfp_dxc(&env), 0x20);
    /* Masked overflow, inexact trap: the default result, overflow flag, DXC by its direction. */
    env = env_of(BFP_TOWARD_ZERO, BFP_INEXACT);
    ck_assert_uint_eq(bfp32_add(&env, 0x7f7fffff, 0x7f7fffff), 0x7f7fffff);
    ck_assert_uint_eq(bfp_dxc(&env), 0x08);
    ck_assert_uint_eq(bfp_flags(&env, 0x08), 0x20);
    env = env_of(BFP_NEAREST_EVEN, BFP_INEXACT);
    bfp32_add(&env, 0x7f7fffff, 0x7f7fffff);
    ck_assert_uint_eq(bfp_dxc(&env), 0x0c);
    /* Tiny and exact: an underflow only for the trap. */
    env = env_of(BFP_NEAREST_EVEN, 0);
    ck_assert_uint_eq(bfp32_multiply(&env, 0x00800000, 0x3f000000), 0x00400000);
    ck_assert_uint_eq(env.conditions, 0);
    env = env_of(BFP_NEAREST_EVEN, BFP_UNDERFLOW);
    ck_assert_uint_eq(bfp32_multiply(&env, 0x00800000, 0x3f000000), 0x60000000);
    ck_assert_uint_eq(bfp_dxc(&env), 0x10);
    env = env_of(BFP_NEAREST_EVEN, BFP_UNDERFLOW);
    ck_assert_uint_eq(bfp32_add(&env, 0, 1), (127 - 149 + 192) << 23);
    ck_assert_uint_eq(bfp_dxc(&env), 0x10);
    /* Tiny before rounding, though it rounds up to the smallest normal number. */
    env = env_of(BFP_TOWARD_PLUS, 0);
    ck_assert_uint_eq(bfp32_multiply(&env, 0x00ffffff, 0x3f000000), 0x00800000);
    ck_assert_uint_eq(env.conditions, BFP_UNDERFLOW | BFP_INEXACT | BFP_INCREMENTED);
    env = env_of(BFP_TOWARD_PLUS, BFP_UNDERFLOW | BFP_INEXACT);
    ck_assert_uint_eq(bfp32_multiply(&env, 0x00ffffff, 0x3f000000), 0x607fffff);
    ck_assert_uint_eq(bfp_dxc(&env), 0x10);
    env = env_of(BFP_TOWARD_ZERO, BFP_UNDERFLOW);
    ck_assert_uint_eq(bfp32_multiply(&env, 0x00800001, 0x3f000001), 0x60000002);
    ck_assert_uint_eq(bfp_dxc(&env), 0x18);
    env = env_of(BFP_TOWARD_PLUS, BFP_UNDERFLOW);
    ck_assert_uint_eq(bfp32_multiply(&env, 0x00800001, 0x3f000001), 0x60000003);
    ck_assert_uint_eq(bfp_dxc(&env), 0x1c);
    /* Invalid and division by zero suppress; one trap at most. */
    env = env_of(BFP_NEAREST_EVEN, 0xf8);
    bfp64_divide(&env, 0x3ff0000000000000ULL, 0);
    ck_assert_uint_eq(bfp_dxc(&env), 0x40);
    ck_assert(bfp_suppresses(0x40) && bfp_suppresses(0x80) && !bfp_suppresses(0x2c));
    env = env_of(BFP_NEAREST_EVEN, 0);
    ck_assert_uint_eq(bfp64_divide(&env, 0xbff0000000000000ULL, 0), 0xfff0000000000000ULL);
    ck_assert_uint_eq(bfp_flags(&env, 0), 0x40);
    /* LOAD ROUNDED delivers in the source's format: 2^200 rounded, over 2^512. */
    env = env_of(BFP_NEAREST_EVEN, BFP_OVERFLOW);
    bfp64_to_bfp32(&env, (1023ULL + 200) << 52 | 0xffffff8000001ULL, &scaled);
    ck_assert_uint_eq(scaled, (1023ULL + 201 - 512) << 52);
    ck_assert_uint_eq(bfp_dxc(&env), 0x2c);
    env = env_of(BFP_TOWARD_ZERO, BFP_UNDERFLOW);
    bfp64_to_bfp32(&env, 1, &scaled);
    ck_assert_uint_eq(scaled, (1023ULL - 1074 + 512) << 52);
    ck_assert_uint_eq(bfp_dxc(&env), 0x10);
    env = env_of(BFP_TOWARD_ZERO, BFP_OVERFLOW);
    bfp128_to_bfp64(&env, (struct bfp128){(16383ULL + 2000) << 48, 1}, &scaled_extended);
    ck_assert_uint_eq(scaled_extended.hi, (16383ULL + 2000 - 8192) << 48);
    ck_assert_uint_eq(scaled_extended.lo, 0);
    ck_assert_uint_eq(bfp_dxc(&env), 0x28);
    env = env_of(BFP_TOWARD_ZERO, BFP_UNDERFLOW);
    bfp128_to_bfp32(&env, (struct bfp128){(16383ULL - 200) << 48, 0}, &scaled_extended);
    ck_assert_uint_eq(scaled_extended.hi, (16383ULL - 200 + 8192) << 48);
    /* XxC hides inexact, but not overflow. */
    env = (struct bfp_env){.rounding = BFP_NEAREST_EVEN, .suppress_inexact = true};
    ck_assert_uint_eq(bfp64_to_bfp32(&env, 0x3ff0000000000001ULL, &scaled), 0x3f800000);
    ck_assert_uint_eq(env.conditions, 0);
    bfp64_to_bfp32(&env, 0x7fe0000000000000ULL, &scaled);
    ck_assert_uint_eq(bfp_flags(&env, 0), 0x20);
}
END_TEST

START_TEST(nans)
{
    enum { S1 = 0x7f800001, S2 = (int)0xff812345, Q1 = 0x7fc00077, Q2 = (int)0xffc00088, ONE = 0x3f800000 };
    static const uint32_t pairs[][3] = {
        /* a, b, result: signalling a, signalling b, quiet a, quiet b */
        {S1, S2, S1 | 0x400000}, {S2, S1, S2 | 0x400000}, {Q1, S2, S2 | 0x400000}, {S1, Q2, S1 | 0x400000},
        {Q1, Q2, Q1}, {Q2, Q1, Q2}, {ONE, Q2, Q2}, {Q1, ONE, Q1}, {ONE, S2, S2 | 0x400000},
    };
    struct bfp_env env = env_of(BFP_NEAREST_EVEN, 0);
    struct bfp128 product;

    for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        const uint32_t *p = pairs[i];
        bool invalid = !(p[0] & 0x400000 && p[1] & 0x400000)
            && ((is_nan(SHORT, p[0]) && !(p[0] & 0x400000)) || (is_nan(SHORT, p[1]) && !(p[1] & 0x400000)));

        for (enum operation op = ADD; op <= DIVIDE; op++) {
            bits v[3] = {p[0], p[1], 0};

            env.conditions = 0;
            ck_assert(engine(SHORT, op, &env, v) == p[2]);
            ck_assert_uint_eq(env.conditions, invalid ? BFP_INVALID : 0);
        }
        env.conditions = 0;
        ck_assert_uint_eq(bfp32_multiply_long(&env, p[0], p[1]),
                          (uint64_t)(p[2] & 0x80000000) << 32 | 0x7ff0000000000000ULL
                              | (uint64_t)(p[2] & 0x7fffff) << 29);
        ck_assert_uint_eq(env.conditions, invalid ? BFP_INVALID : 0);
    }
    product = bfp64_multiply_extended(&env, 0xfff4000000000001ULL, 0x3ff0000000000000ULL);
    ck_assert_uint_eq(product.hi, 0xffffc00000000000ULL);
    ck_assert_uint_eq(product.lo, 1ULL << 60);
    /* Multiply and add: a, b before c, but the default NaN of 0 × infinity before c. */
    env.conditions = 0;
    ck_assert_uint_eq(bfp32_multiply_add(&env, Q1, ONE, Q2, false), Q1);
    ck_assert_uint_eq(bfp32_multiply_add(&env, ONE, ONE, Q2, true), (uint32_t)Q2);
    ck_assert_uint_eq(env.conditions, 0);
    ck_assert_uint_eq(bfp32_multiply_add(&env, Q1, ONE, S2, false), (uint32_t)S2 | 0x400000);
    ck_assert_uint_eq(env.conditions, BFP_INVALID);
    ck_assert_uint_eq(bfp32_multiply_add(&env, Q1, S1, S2, false), S1 | 0x400000);
    env.conditions = 0;
    ck_assert_uint_eq(bfp32_multiply_add(&env, 0, 0x7f800000, Q2, false), 0x7fc00000);
    ck_assert_uint_eq(env.conditions, BFP_INVALID);
    ck_assert_uint_eq(bfp32_multiply_add(&env, 0, 0x7f800000, S2, false), 0x7fc00000);
    env.conditions = 0;
    ck_assert_uint_eq(bfp32_multiply_add(&env, ONE, 0x7f800000, 0x7f800000, true), 0x7fc00000);
    ck_assert_uint_eq(env.conditions, BFP_INVALID);
    /* Default NaNs are positive. */
    ck_assert_uint_eq(bfp32_subtract(&env, 0x7f800000, 0x7f800000), 0x7fc00000);
    ck_assert_uint_eq(bfp64_square_root(&env, 0xbff0000000000000ULL), 0x7ff8000000000000ULL);
    ck_assert_uint_eq(bfp64_square_root(&env, 1ULL << 63), 1ULL << 63);
    /* Lengthening keeps the payload at the left, rounding cuts it at the right. */
    env.conditions = 0;
    ck_assert_uint_eq(bfp32_to_bfp64(&env, S2), 0xfff82468a0000000ULL);
    ck_assert_uint_eq(env.conditions, BFP_INVALID);
    ck_assert_uint_eq(bfp32_quiet(&env, S2), (uint32_t)S2 | 0x400000);
    env.conditions = 0;
    ck_assert_uint_eq(bfp32_quiet(&env, Q2), (uint32_t)Q2);
    ck_assert_uint_eq(env.conditions, 0);
}
END_TEST

START_TEST(nan_payload_is_cut)
{
    struct bfp_env env = env_of(BFP_NEAREST_EVEN, 0);
    uint64_t scaled;
    struct bfp128 scaled_extended;

    ck_assert_uint_eq(bfp64_to_bfp32(&env, 0xfff82468bfffffffULL, &scaled), 0xffc12345);
    ck_assert_uint_eq(env.conditions, 0);
    ck_assert_uint_eq(bfp64_to_bfp32(&env, 0x7ff0000000000001ULL, &scaled), 0x7fc00000);
    ck_assert_uint_eq(env.conditions, BFP_INVALID);
    env.conditions = 0;
    ck_assert_uint_eq(bfp128_to_bfp64(&env, (struct bfp128){0x7fff900000000000ULL, ~0ULL}, &scaled_extended),
                      0x7ff900000000000fULL);
    ck_assert_uint_eq(env.conditions, 0);
}
END_TEST

START_TEST(extended_roots)
{
    struct random r = {0x5eedULL};

    for (int n = 0; n < VECTORS; n++) {
        struct bfp_env env = env_of(BFP_TOWARD_ZERO, 0), exact = env_of(BFP_TOWARD_ZERO, 0);
        struct bfp128 a = extended(random_number(&r, EXTENDED) & ~sign_bit(EXTENDED));
        struct bfp128 root = bfp128_square_root(&env, a), above, difference;

        if (is_nan(EXTENDED, from_extended(a)) || from_extended(a) == infinity_of(EXTENDED)
            || from_extended(a) < (bits)300 << 112)
            continue;
        above = extended(from_extended(root) + 1);
        /* root² ≤ a < (root + 1 in the last place)², by the sign of the exact differences. */
        difference = bfp128_multiply_add(&exact, root, root, a, true);
        ck_assert((difference.hi >> 63) || from_extended(difference) == 0);
        ck_assert_uint_eq(env.conditions, from_extended(difference) ? BFP_INEXACT : 0);
        difference = bfp128_multiply_add(&exact, above, above, a, true);
        ck_assert(!(difference.hi >> 63) && from_extended(difference));
        /* A square has its root back. */
        exact = env_of(BFP_NEAREST_EVEN, 0);
        a = bfp64_multiply_extended(&exact, root.hi & ~0xffffULL, root.hi & ~0xffffULL);
        if (bfp128_class(a) == 0x200) {
            env.conditions = 0;
            root = bfp128_square_root(&env, a);
            ck_assert_uint_eq(env.conditions, 0);
        }
    }
}
END_TEST

/** a × b + c in extended: exact cases by splitting, and the residual of a rounded product. */
START_TEST(extended_multiply_add)
{
    struct random r = {0xfaceULL};

    for (int n = 0; n < VECTORS; n++) {
        struct bfp_env env = env_of(methods[n % METHODS], 0), other = env;
        bits v[3] = {random_number(&r, EXTENDED), random_number(&r, EXTENDED), random_number(&r, EXTENDED)};
        const bits low = ((bits)1 << 57) - 1; /* without these, products of two are exact */
        bits product, sum[3] = {0};

        if (is_nan(EXTENDED, v[0]) || is_nan(EXTENDED, v[1]) || is_nan(EXTENDED, v[2]))
            continue;
        v[0] &= ~low;
        v[1] &= ~low;
        product = engine(EXTENDED, MULTIPLY, &env, v);
        if (env.conditions)
            continue;
        sum[0] = product;
        sum[1] = v[2];
        product = engine(EXTENDED, ADD, &env, sum);
        if (n & 8)
            v[2] ^= sign_bit(EXTENDED);
        ck_assert(engine(EXTENDED, n & 8 ? MULTIPLY_SUBTRACT : MULTIPLY_ADD, &other, v) == product);
        ck_assert_uint_eq(env.conditions, other.conditions);
    }
    for (int n = 0; n < VECTORS; n++) {
        struct bfp_env env = env_of(BFP_NEAREST_EVEN, 0);
        bits half = (bits)0x7fff << 112, v[3], product, residual, parts[2][2], term;

        for (int i = 0; i < 2; i++) {
            v[i] = (random_number(&r, EXTENDED) & ~half) | (bits)(16383 + random64(&r) % 8) << 112;
            parts[i][0] = v[i] & ~(((bits)1 << 57) - 1);
            parts[i][1] = engine(EXTENDED, SUBTRACT, &env, (bits[]){v[i], parts[i][0], 0});
        }
        v[2] = product = engine(EXTENDED, MULTIPLY, &env, v);
        residual = engine(EXTENDED, MULTIPLY_SUBTRACT, &env, v);
        /* ah·bh − p, + ah·bl, + al·bh, + al·bl: each step is exact. */
        env.conditions = 0;
        term = engine(EXTENDED, MULTIPLY_SUBTRACT, &env, (bits[]){parts[0][0], parts[1][0], product});
        term = engine(EXTENDED, MULTIPLY_ADD, &env, (bits[]){parts[0][0], parts[1][1], term});
        term = engine(EXTENDED, MULTIPLY_ADD, &env, (bits[]){parts[0][1], parts[1][0], term});
        term = engine(EXTENDED, MULTIPLY_ADD, &env, (bits[]){parts[0][1], parts[1][1], term});
        ck_assert(env.conditions || term == residual);
    }
}
END_TEST

START_TEST(fixed_limits)
{
    static const struct {
        uint64_t a;
        uint8_t method;
        enum bfp_fixed target;
        uint64_t want;
        unsigned cc;
    } vectors[] = {
        {0x41dfffffffe00000ULL, BFP_NEAREST_EVEN, BFP_INT32, 0x7fffffff, 3}, /* 2147483647.5 */
        {0x41dfffffffe00000ULL, BFP_TOWARD_ZERO, BFP_INT32, 0x7fffffff, 2},
        {0x41dfffffffe00000ULL, BFP_TOWARD_PLUS, BFP_INT32, 0x7fffffff, 3},
        {0xc1e0000000100000ULL, BFP_NEAREST_EVEN, BFP_INT32, 0x80000000, 1}, /* −2147483648.5 */
        {0xc1e0000000100000ULL, BFP_NEAREST_AWAY, BFP_INT32, 0x80000000, 3},
        {0xc1e0000000100000ULL, BFP_TOWARD_MINUS, BFP_INT32, 0x80000000, 3},
        {0xc1e0000000100000ULL, BFP_SHORTER, BFP_INT32, 0x80000000, 3}, /* odd: −2147483649 */
        {0x43e0000000000000ULL, BFP_TOWARD_ZERO, BFP_INT64, INT64_MAX, 3},
        {0xc3e0000000000000ULL, BFP_TOWARD_ZERO, BFP_INT64, 1ULL << 63, 1},
        {0x43f0000000000000ULL, BFP_TOWARD_ZERO, BFP_UINT64, UINT64_MAX, 3},
        {0x43efffffffffffffULL, BFP_TOWARD_ZERO, BFP_UINT64, 0xfffffffffffff800ULL, 2},
        {0xbfe0000000000000ULL, BFP_NEAREST_EVEN, BFP_UINT32, 0, 1}, /* −0.5 */
        {0xbfe0000000000000ULL, BFP_NEAREST_AWAY, BFP_UINT32, 0, 3},
        {0xbfe0000000000000ULL, BFP_SHORTER, BFP_INT32, 0xffffffff, 1},
        {0x7ff8000000000000ULL, BFP_NEAREST_EVEN, BFP_INT64, 1ULL << 63, 3},
        {0x7ff0000000000001ULL, BFP_NEAREST_EVEN, BFP_UINT64, 0, 3},
        {0x7ff0000000000000ULL, BFP_NEAREST_EVEN, BFP_UINT32, UINT32_MAX, 3},
        {0xfff0000000000000ULL, BFP_NEAREST_EVEN, BFP_UINT32, 0, 3},
        {0x8000000000000000ULL, BFP_NEAREST_EVEN, BFP_INT64, 0, 0},
        {0x0000000000000001ULL, BFP_NEAREST_EVEN, BFP_INT64, 0, 2},
        {0x0000000000000001ULL, BFP_TOWARD_PLUS, BFP_INT64, 1, 2},
    };

    for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct bfp_env env = env_of(vectors[i].method, 0);
        uint64_t result, from_longer;
        unsigned cc = bfp64_to_fixed(&env, vectors[i].a, vectors[i].target, &result);
        struct bfp128 longer;

        ck_assert_msg(result == vectors[i].want && cc == vectors[i].cc, "vector %u: %016llx cc %u", i,
                      (unsigned long long)result, cc);
        if (cc == 3) {
            ck_assert_uint_eq(env.conditions, BFP_INVALID | BFP_INEXACT);
            env = (struct bfp_env){.rounding = vectors[i].method, .suppress_inexact = true};
            bfp64_to_fixed(&env, vectors[i].a, vectors[i].target, &result);
            ck_assert_uint_eq(env.conditions, BFP_INVALID);
        }
        longer = bfp64_to_bfp128(&env, vectors[i].a);
        ck_assert_uint_eq(bfp128_to_fixed(&env, longer, vectors[i].target, &from_longer), cc);
        ck_assert_uint_eq(from_longer, result);
    }
}
END_TEST

START_TEST(classes)
{
    static const struct {
        uint32_t a;
        unsigned class, cc;
    } vectors[] = {
        {0x00000000, 0x800, 0}, {0x80000000, 0x400, 0}, {0x00800000, 0x200, 2}, {0xff7fffff, 0x100, 1},
        {0x007fffff, 0x080, 2}, {0x80000001, 0x040, 1}, {0x7f800000, 0x020, 2}, {0xff800000, 0x010, 1},
        {0x7fc00000, 0x008, 3}, {0xffffffff, 0x004, 3}, {0x7f800001, 0x002, 3}, {0xffbfffff, 0x001, 3},
    };

    for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint32_t a = vectors[i].a;
        uint64_t fraction = a & 0x7fffff, sign = (uint64_t)(a >> 31) << 63;
        bool top = (a & 0x7f800000) == 0x7f800000, normal = a & 0x7f800000;
        uint64_t in_long = sign | (top ? 0x7ffULL : normal) << 52 | fraction << 29;
        struct bfp128 wide = {sign | (top ? 0x7fffULL : normal) << 48 | fraction << 25, 0};

        ck_assert_uint_eq(bfp32_class(a), vectors[i].class);
        ck_assert_uint_eq(bfp32_cc(a), vectors[i].cc);
        ck_assert_uint_eq(bfp64_class(in_long), vectors[i].class);
        ck_assert_uint_eq(bfp64_cc(in_long), vectors[i].cc);
        ck_assert_uint_eq(bfp128_class(wide), vectors[i].class);
        ck_assert_uint_eq(bfp128_cc(wide), vectors[i].cc);
    }
}
END_TEST

START_TEST(signalling_comparison)
{
    struct bfp_env env = env_of(BFP_NEAREST_EVEN, 0);
    struct bfp128 quiet = {0x7fff800000000000ULL, 0}, signalling = {0x7fff000000000000ULL, 1};

    ck_assert_uint_eq(bfp128_compare(&env, quiet, quiet, false), 3);
    ck_assert_uint_eq(env.conditions, 0);
    ck_assert_uint_eq(bfp128_compare(&env, quiet, (struct bfp128){0, 0}, true), 3);
    ck_assert_uint_eq(env.conditions, BFP_INVALID);
    env.conditions = 0;
    ck_assert_uint_eq(bfp128_compare(&env, (struct bfp128){0, 0}, signalling, false), 3);
    ck_assert_uint_eq(env.conditions, BFP_INVALID);
    ck_assert_uint_eq(bfp128_compare(&env, (struct bfp128){0, 0}, (struct bfp128){1ULL << 63, 0}, true), 0);
    ck_assert_uint_eq(bfp128_compare(&env, (struct bfp128){0, 1}, (struct bfp128){0, 2}, true), 1);
    ck_assert_uint_eq(
        bfp128_compare(&env, extended(sign_bit(EXTENDED) | 1), extended(sign_bit(EXTENDED) | 2), true), 2);
    ck_assert_uint_eq(bfp64_compare(&env, 0xbff0000000000000ULL, 0x3ff0000000000000ULL, true), 1);
}
END_TEST

/**
 * Maximum and minimum by class: rows a, columns b of −∞ −F −0 +0 +F ∞ QNaN SNaN. a, b: that
 * operand; A, B: made quiet; m: by value. Lines for NaNs are separate: '!' says invalid.
 */
START_TEST(maximum_minimum)
{
    static const uint32_t values[8] = {0xff800000, 0xc2280000, 0x80000000, 0,
                                       0x42280000, 0x7f800000, 0x7fffffff, 0x7fbfffff};
    static const struct {
        unsigned function;
        const char *zeros;  /**< (−0, +0) and (+0, −0) for the maximum */
        const char *quiet;  /**< (number, QNaN), (QNaN, number), (QNaN, QNaN) */
        const char *signalling; /**< (number, S), (S, number), (QNaN, S), (S, QNaN) */
        bool quiet_invalid;
    } rules[] = {
        {BFP_MINMAX_IEEE, "ba", "aba", "BABA", false},
        {BFP_MINMAX_JAVA, "ba", "baa", "BABA", false},
        {BFP_MINMAX_C_MACRO, "bb", "bbb", "bbbb", true},
        {BFP_MINMAX_CPP, "aa", "aaa", "aaaa", true},
        {BFP_MINMAX_FMAX, "ba", "aba", "abaa", false},
    };

    for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        for (unsigned n = 0; n < 128; n++) {
            unsigned x = n / 8 % 8, y = n % 8;
            uint32_t a = values[x], b = values[y], want;
            bool maximum = n < 64, nan = x >= 6 || y >= 6;
            struct bfp_env env = env_of(BFP_NEAREST_EVEN, 0);
            uint32_t result = bfp32_minmax(&env, a, b, rules[i].function, maximum);
            char rule = 'a';

            if (x == 7 || y == 7)
                rule = rules[i].signalling[x == 7 ? (y >= 6 ? 3 : 1) : x == 6 ? 2 : 0];
            else if (nan)
                rule = rules[i].quiet[x == 6 ? (y == 6 ? 2 : 1) : 0];
            else if (x != y && x / 2 == 1 && y / 2 == 1)
                rule = rules[i].function == BFP_MINMAX_C_MACRO || rules[i].function == BFP_MINMAX_CPP
                    ? rules[i].zeros[0] : rules[i].zeros[(x == 3) == maximum];
            else if (x != y)
                rule = (x > y) == maximum ? 'a' : 'b';
            want = rule == 'a' || rule == 'A' ? a : b;
            if (rule < 'a')
                want |= 0x400000;
            if (x == 7 && y == 7 && rules[i].function <= BFP_MINMAX_JAVA)
                want = a | 0x400000;
            ck_assert_msg(result == want, "function %u %s(%08x, %08x): %08x not %08x", rules[i].function,
                          maximum ? "max" : "min", a, b, result, want);
            ck_assert_uint_eq(env.conditions,
                              x == 7 || y == 7 || (nan && rules[i].quiet_invalid) ? BFP_INVALID : 0);
        }
}
END_TEST

START_TEST(maximum_of_magnitudes)
{
    struct bfp_env env = env_of(BFP_NEAREST_EVEN, 0);
    const unsigned magnitudes = BFP_OF_MAGNITUDES;
    const uint64_t two = 0x4000000000000000ULL, minus = 1ULL << 63, three = 0x4008000000000000ULL;

    /* maxNumMag delivers the operand; the others work on absolute values. */
    ck_assert_uint_eq(bfp64_minmax(&env, two, three | minus, magnitudes, true), three | minus);
    ck_assert_uint_eq(bfp64_minmax(&env, two, three | minus, magnitudes, false), two);
    ck_assert_uint_eq(bfp64_minmax(&env, two | minus, two, magnitudes, true), two);
    ck_assert_uint_eq(bfp64_minmax(&env, two | minus, two, magnitudes, false), two | minus);
    for (unsigned function = BFP_MINMAX_JAVA; function <= BFP_MINMAX_FMAX; function++) {
        ck_assert_uint_eq(bfp64_minmax(&env, two, three | minus, magnitudes | function, true), three);
        ck_assert_uint_eq(bfp64_minmax(&env, two | minus, three, magnitudes | function, false), two);
    }
    ck_assert_uint_eq(env.conditions, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bfp");
    TCase *tcase = tcase_create("bfp");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, rounding_twice, 0, 2 * ROOT + 2);
    tcase_add_loop_test(tcase, incremented, 0, 3 * OPERATIONS);
    tcase_add_loop_test(tcase, trapped_results, 0, 6);
    tcase_add_test(tcase, traps);
    tcase_add_test(tcase, nans);
    tcase_add_test(tcase, nan_payload_is_cut);
    tcase_add_test(tcase, extended_roots);
    tcase_add_test(tcase, extended_multiply_add);
    tcase_add_test(tcase, fixed_limits);
    tcase_add_test(tcase, classes);
    tcase_add_test(tcase, signalling_comparison);
    tcase_add_test(tcase, maximum_minimum);
    tcase_add_test(tcase, maximum_of_magnitudes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
