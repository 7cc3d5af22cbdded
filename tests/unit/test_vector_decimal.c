/* SPDX-License-Identifier: MIT */
/** Vector packed decimal (PoP ch. 25): exceptions and interruptions; results are in tests/insn. */
#include <check.h>
#include <stdio.h>

#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;

static void setup(void) { fixture_init(&f); }
static void teardown(void) { fixture_release(&f); }

enum { V1 = 1, V2 = 2, V3 = 3 };

#define FIELD(from, value) ((uint64_t)(value) << (60 - (from)))
#define BYTE(from, value) ((uint64_t)(value) << (56 - (from)))

/** E6 with V1, V2, V3 in bits 8-19, where VRI-g has no V3 (and VRR-g and -h no V1). */
static uint64_t code(unsigned opcode)
{
    bool vri_g = opcode == 0x59 || opcode == 0x5b;

    return 0xe6ULL << 56 | (uint64_t)opcode << 16 | FIELD(8, V1) | FIELD(12, V2)
        | (vri_g ? 0 : FIELD(16, V3));
}
static void execute(uint64_t text) { run_insn(&f, text); }
static void set(unsigned r, uint64_t left, uint64_t right)
{
    f.cpu->vr[r] = (union vector_register){.d = {left, right}};
}
static void check(uint64_t text, unsigned interruption)
{
    execute(text);
    ck_assert_msg(f.code == interruption, "%012llx: interruption %x, not %x",
                  (unsigned long long)(text >> 16), f.code, interruption);
}

/* Instructions with result digits or a shift (`digits` false) in the byte at bit 28. */
static const struct {
    uint8_t opcode;
    bool digits;
} immediates[] = {
    {0x71, true},  {0x73, true}, {0x78, true}, {0x79, false}, {0x7a, true}, {0x7b, true},
    {0x7e, false}, {0x59, true}, {0x5b, true}, {0x58, true},  {0x5a, true}, {0x70, true},
};
enum { IMMEDIATES = sizeof immediates / sizeof *immediates };

static void valid_operands(void)
{
    set(V2, 0xf0f0f0f0f0f0f0f0ULL, 0xf0f0f0f0f0f0f0c0ULL); /* zoned, for VPKZR */
    set(V3, 0xf0f0f0f0f0f0f0f0ULL, 0xf0f0f0f0f0f0f0c7ULL);
}
static void packed_operands(unsigned opcode)
{
    if (opcode == 0x70) {
        valid_operands();
        return;
    }
    set(V2, 0, 0x5c);
    set(V3, 0, 0x7c);
}

START_TEST(test_immediate)
{
    for (unsigned i = 0; i < IMMEDIATES; i++)
        for (unsigned value = 0; value < 256; value++) {
            bool good = !(value & 0x60) && (value & 0x1f || !immediates[i].digits);

            packed_operands(immediates[i].opcode);
            check(code(immediates[i].opcode) | BYTE(28, value), good ? 0 : PIC_SPECIFICATION);
        }
    /* VSRPR: bit 1 rounds. */
    packed_operands(0x72);
    check(code(0x72) | BYTE(28, 0x41), 0);
    check(code(0x72) | BYTE(28, 0x21), PIC_SPECIFICATION);
    check(code(0x72) | BYTE(28, 0x40), PIC_SPECIFICATION);
}
END_TEST

START_TEST(test_overflow_mask_without_enhancement)
{
    set_facility(&f, FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT, false);
    for (unsigned i = 0; i < IMMEDIATES; i++) {
        packed_operands(immediates[i].opcode);
        check(code(immediates[i].opcode) | BYTE(28, 0x8f), PIC_SPECIFICATION);
        check(code(immediates[i].opcode) | BYTE(28, 0x0f), 0);
    }
    packed_operands(0);
    check(code(0x50) | FIELD(28, 8), PIC_SPECIFICATION);
    check(code(0x50), 0);
    check(code(0x52) | FIELD(28, 8), PIC_SPECIFICATION);
    /* Digits are checked, zeros never negative. */
    set(V2, 0, 0xac);
    check(code(0x5b) | BYTE(16, 0x80) | BYTE(28, 31), PIC_DATA);
    set(V2, 0, 0xd);
    check(code(0x5b) | BYTE(16, 0x40) | BYTE(28, 31), 0);
    ck_assert_uint_eq(f.cpu->vr[V1].d[1], 0xc);
}
END_TEST

/** The overflow interruption comes with the result and condition code, when neither mask forbids it. */
static void check_overflow(uint64_t text, uint64_t masked, unsigned interruption, uint64_t result)
{
    uint64_t program_mask = interruption == PIC_DECIMAL_OVERFLOW ? PSW_DECIMAL_OVERFLOW : PSW_FIXED_OVERFLOW;

    for (unsigned i = 0; i < 4; i++) {
        bool interrupts = (i & 1) && !(i & 2);

        f.cpu->psw_mask = PSW_EA | PSW_BA | (i & 1 ? program_mask : 0);
        f.cpu->vr[V1].d[1] = ~0ULL;
        f.cpu->gr[1].d = ~0ULL;
        f.cpu->cc = 0;
        check(text | (i & 2 ? masked : 0), interrupts ? interruption : 0);
        if (interrupts)
            ck_assert_uint_eq(f.old_ia, CODE + 6);
        ck_assert_uint_eq(f.cpu->cc, 3);
        ck_assert_uint_eq(interruption == PIC_DECIMAL_OVERFLOW ? f.cpu->vr[V1].d[1] : f.cpu->gr[1].d, result);
    }
}

static void check_decimal_overflow(uint64_t text, uint64_t result)
{
    check_overflow(text | FIELD(24, 1), BYTE(28, 0x80), PIC_DECIMAL_OVERFLOW, result);
}

START_TEST(test_overflow)
{
    const uint64_t set_cc = FIELD(24, 1);

    set(V2, 0, 0x7890c);
    set(V3, 0, 0x321d);
    check_decimal_overflow(code(0x71) | BYTE(28, 2), 0x69c);
    check_decimal_overflow(code(0x73) | BYTE(28, 2), 0x11c);
    check_decimal_overflow(code(0x78) | BYTE(28, 2), 0x90d);
    check_decimal_overflow(code(0x7a) | BYTE(28, 1), 0x4d);
    check_decimal_overflow(code(0x7b) | BYTE(28, 1), 0x6c);
    check_decimal_overflow(code(0x59) | BYTE(16, 1) | BYTE(28, 4), 0x8900c);
    check_decimal_overflow(code(0x5b) | BYTE(28, 3), 0x890c);
    f.cpu->gr[2].d = 1234;
    check_decimal_overflow(code(0x58) | BYTE(28, 3), 0x234c);
    check_decimal_overflow(code(0x5a) | BYTE(28, 3), 0x234c);
    set(V3, 3, 0);
    check_decimal_overflow(code(0x72) | BYTE(28, 4), 0x0000c);
    set(V2, 0x0999999999999999ULL, 0x999999999999999cULL);
    set(V3, 0, 0x100c);
    check_decimal_overflow(code(0x79), 0x999999999999900cULL);
    set(V3, 0, 0x1d);
    check_decimal_overflow(code(0x7e) | BYTE(28, 2), 0x999999999999900dULL);
    valid_operands();
    VB(&f.cpu->vr[V2], 0) = 0xf1;
    check_decimal_overflow(code(0x70) | BYTE(28, 31), 0x7c);
    /* To binary: the fixed-point-overflow mask. */
    set(V2, 0, 0x000005000000000cULL);
    check_overflow(code(0x50) | set_cc, FIELD(28, 8), PIC_FIXED_OVERFLOW,
                   0xffffffff00000000ULL | (uint32_t)5000000000ULL);
    set(V2, 0x12345, 0xc);
    check_overflow(code(0x52) | set_cc, FIELD(28, 8), PIC_FIXED_OVERFLOW, 12345000000000000000ULL);
}
END_TEST

#define SIGN_2 FIELD(24, 8)
#define SIGN_3 FIELD(24, 4)
/** What instructions check: digits always, the signs of V2 and V3 unless a control is on. */
static const struct {
    uint8_t opcode;
    uint64_t rest;                 /**< of the instruction */
    uint64_t no_sign_2, no_sign_3; /**< that control; 0: none */
    bool third;                    /**< V3 is an operand */
} checked[] = {
    {0x71, BYTE(28, 31), SIGN_2, SIGN_3, true}, {0x73, BYTE(28, 31), SIGN_2, SIGN_3, true},
    {0x78, BYTE(28, 31), SIGN_2, SIGN_3, true}, {0x79, 0, SIGN_2, SIGN_3, true},
    {0x7a, BYTE(28, 31), SIGN_2, SIGN_3, true}, {0x7b, BYTE(28, 31), SIGN_2, SIGN_3, true},
    {0x7e, 0, SIGN_2, SIGN_3, true}, {0x77, 0, SIGN_2, SIGN_3, true},
    {0x59, BYTE(28, 31), SIGN_2, 0, false}, {0x72, BYTE(28, 31), SIGN_2, 0, false},
    {0x50, 0, SIGN_2, 0, false}, {0x52, 0, SIGN_2, 0, false},
    {0x54, 0, SIGN_2, 0, false}, {0x5c, 0, SIGN_2, 0, false},
    {0x5b, BYTE(28, 31) | BYTE(16, 8), 0, 0, false}, /* force positive: the sign does not matter … */
    {0x5b, BYTE(28, 31) | BYTE(16, 4), 0, 0, false}, {0x51, 0, 0, 0, false}, {0x7c, 0, 0, 0, false},
    {0x74, FIELD(32, 3), 0, 0, false}, {0x74, FIELD(32, 4), 0, 0, false},
};

START_TEST(test_data_exceptions)
{
    uint64_t text = code(checked[_i].opcode) | checked[_i].rest;
    bool ignores_sign = checked[_i].opcode == 0x5b && checked[_i].rest & BYTE(16, 8);

    packed_operands(0);
    check(text, 0);
    for (unsigned operand = V2; operand <= (checked[_i].third ? V3 : V2); operand++) {
        uint64_t forced = operand == V2 ? checked[_i].no_sign_2 : checked[_i].no_sign_3;

        for (unsigned digit = 0; digit < 31; digit++) {
            packed_operands(0);
            f.cpu->vr[operand].d[digit / 16] |= 0xaULL << (60 - digit % 16 * 4);
            f.cpu->vr[V1].d[0] = ~0ULL;
            check(text | forced, PIC_DATA);
            ck_assert_uint_eq(*at(&f, 0x93), 0);
            ck_assert_uint_eq(f.cpu->vr[V1].d[0], ~0ULL);
        }
        packed_operands(0);
        f.cpu->vr[operand].d[1] = 0x77;
        check(text, ignores_sign ? 0 : PIC_DATA);
        if (forced)
            check(text | forced, 0);
    }
    /* … unless asked to check it. */
    if (ignores_sign)
        check(text | BYTE(16, 1), PIC_DATA);
}
END_TEST

START_TEST(test_no_check)
{
    static const uint8_t opcodes[] = {0x54, 0x5c, 0x51};

    set(V2, ~0ULL, ~0ULL << 4);
    for (unsigned i = 0; i < sizeof opcodes; i++) {
        check(code(opcodes[i]), PIC_DATA);
        check(code(opcodes[i]) | FIELD(24, 4), 0);
    }
    check(code(0x5b) | BYTE(16, 0x80) | BYTE(28, 31), 0);
    /* VPKZR: every right digit, the last left one. */
    for (unsigned i = 0; i < 32; i++) {
        valid_operands();
        VB(&f.cpu->vr[i < 16 ? V2 : V3], i % 16) |= 0xa;
        check(code(0x70) | BYTE(28, 31), PIC_DATA);
        check(code(0x70) | BYTE(28, 0x80 | 31) | FIELD(24, 4), 0);
    }
    valid_operands();
    VB(&f.cpu->vr[V3], 15) = 0x37;
    check(code(0x70) | BYTE(28, 31), PIC_DATA);
    check(code(0x70) | BYTE(28, 31) | FIELD(24, 8), 0);
    VB(&f.cpu->vr[V3], 14) = 0xfc;
    check(code(0x70) | BYTE(28, 31) | FIELD(24, 8), PIC_DATA);
    for (unsigned shift = 0; shift < 64; shift += 16)
        check(0xe6ULL << 56 | FIELD(8, V1) | 0xaULL << (32 + shift / 4) | 0x49 << 16, PIC_DATA);
}
END_TEST

START_TEST(test_divisors)
{
    static const uint8_t opcodes[] = {0x7a, 0x7b, 0x7e};

    for (unsigned i = 0; i < 3; i++) {
        set(V2, 0, 0x5c);
        set(V3, 0, 0x0d);
        check(code(opcodes[i]) | BYTE(28, 31), PIC_DECIMAL_DIVIDE);
        set(V2, 0, 0xac);
        check(code(opcodes[i]) | BYTE(28, 31), PIC_DATA);
        check(code(opcodes[i]) | BYTE(28, 0x40 | 31), PIC_SPECIFICATION);
    }
}
END_TEST

START_TEST(test_other_fields)
{
    for (unsigned value = 0; value < 256; value++) { /* VPKZ, VUPKZ: at most 31 bytes */
        uint64_t text = 0xe6ULL << 56 | BYTE(8, value) | FIELD(16, 5) | FIELD(32, V1);

        f.cpu->gr[5].d = DATA;
        check(text | 0x34 << 16, value <= 30 ? 0 : PIC_SPECIFICATION);
        check(text | 0x3c << 16, value <= 30 ? 0 : PIC_SPECIFICATION);
    }
    for (unsigned value = 0; value < 16; value++) { /* VSCHP: short, long, extended */
        packed_operands(0);
        check(code(0x74) | FIELD(32, value), value >= 2 && value <= 4 ? 0 : PIC_SPECIFICATION);
    }
}
END_TEST

START_TEST(test_without_enhancement_2)
{
    static const uint8_t opcodes[] = {0x51, 0x54, 0x5c, 0x70, 0x72, 0x74, 0x7c, 0x7d};

    set_facility(&f, FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT_2, false);
    for (unsigned i = 0; i < sizeof opcodes; i++)
        check(code(opcodes[i]), PIC_OPERATION);
}
END_TEST

/** Zoned operands are probed whole. */
START_TEST(test_inaccessible)
{
    f.cpu->gr[5].d = FIXTURE_STORAGE - 30;
    memset(at(&f, FIXTURE_STORAGE - 30), 0x11, 30);
    set(V1, 0x22, 0x33);
    check(0xe61e5000103cULL << 16, PIC_ADDRESSING);
    check(0xe61e50001034ULL << 16, PIC_ADDRESSING);
    for (unsigned i = 1; i <= 30; i++)
        ck_assert_uint_eq(*at(&f, FIXTURE_STORAGE - i), 0x11);
    ck_assert_uint_eq(f.cpu->vr[V1].d[0], 0x22);
    check(0xe61d50001034ULL << 16, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vector packed decimal");
    TCase *c = tcase_create("exceptions");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, test_immediate);
    tcase_add_test(c, test_overflow_mask_without_enhancement);
    tcase_add_test(c, test_overflow);
    tcase_add_loop_test(c, test_data_exceptions, 0, sizeof checked / sizeof *checked);
    tcase_add_test(c, test_no_check);
    tcase_add_test(c, test_divisors);
    tcase_add_test(c, test_other_fields);
    tcase_add_test(c, test_without_enhancement_2);
    tcase_add_test(c, test_inaccessible);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
