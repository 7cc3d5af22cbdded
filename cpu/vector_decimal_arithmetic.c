/* SPDX-License-Identifier: MIT */
/** Vector packed decimal: operands, results, arithmetic, shifting and comparison (PoP ch. 25). */
#include "cpu/vector_decimal.h"

#define I4 ((unsigned)insn->imm)
#define M5 M_BITS_24
#define V3 (&cpu->vr[insn->r3])

/* ---- Operands and results --------------------------------------------------- */

bool digits_valid(const union vector_register *v)
{
    const unsigned __int128 eights = (unsigned __int128)0x8888888888888888ULL << 64 | 0x8888888888888888ULL;
    unsigned __int128 digits = quadword(v) >> 4;

    return (digits & (digits << 1 | digits << 2) & eights) == 0;
}

struct packed decimal_operand(struct cpu *cpu, unsigned r, bool positive)
{
    union vector_register v = cpu->vr[r];
    uint8_t image[PACKED_BYTES];
    struct packed value;

    if (positive)
        v = with_sign(v, 0xc);
    vector_to(image, &v);
    if (!packed_decode(image, PACKED_BYTES, &value))
        data_exception(cpu, 0);
    return value;
}

void check_overflow_mask(struct cpu *cpu, unsigned immediate)
{
    specification_unless(cpu, !(immediate & 0x60)
                                  && (!(immediate & OVERFLOW_MASK)
                                      || has_facility(cpu, FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT)));
}

unsigned result_digits(struct cpu *cpu, unsigned immediate)
{
    check_overflow_mask(cpu, immediate);
    specification_unless(cpu, immediate & DIGITS_FIELD);
    return immediate & DIGITS_FIELD;
}

void decimal_overflow(struct cpu *cpu, bool masked)
{
    if (!masked && cpu->psw_mask & PSW_DECIMAL_OVERFLOW)
        program_interruption(cpu, PIC_DECIMAL_OVERFLOW);
}

void decimal_complete(struct cpu *cpu, unsigned r, struct decimal_result result)
{
    unsigned __int128 limit = power_of_ten(result.digits);
    bool overflow = result.lost || result.value.magnitude >= limit;
    struct packed value = {result.value.magnitude % limit, result.value.negative};
    uint8_t image[PACKED_BYTES];

    if (value.magnitude == 0 || result.controls & POSITIVE_RESULT)
        value.negative = false;
    packed_encode(image, PACKED_BYTES, value);
    if (result.controls & POSITIVE_RESULT)
        image[PACKED_BYTES - 1] |= 0xf;
    cpu->vr[r] = vector_from(image);
    if (result.controls & SET_CC)
        cpu->cc = overflow ? 3 : value.magnitude == 0 ? 0 : value.negative ? 1 : 2;
    if (overflow)
        decimal_overflow(cpu, result.masked);
}

/** The result as I4 and M5 of VRI-f want it. */
static void complete(struct cpu *cpu, const struct insn *insn, unsigned digits, struct packed value,
                     bool lost)
{
    decimal_complete(cpu, insn->r1, (struct decimal_result){value, lost, digits, M5, I4 & OVERFLOW_MASK});
}

/* ---- Addition, multiplication, division ------------------------------------- */

/** Operands 2 and 3 with the signs that M5 says, in that order. */
struct operands {
    struct packed a, b;
};
static struct operands both_operands(struct cpu *cpu, const struct insn *insn)
{
    struct packed a = decimal_operand(cpu, insn->r2, M5 & POSITIVE_2);

    return (struct operands){a, decimal_operand(cpu, insn->r3, M5 & POSITIVE_3)};
}

static struct packed sum(struct packed a, struct packed b)
{
    if (a.negative == b.negative)
        return (struct packed){a.magnitude + b.magnitude, a.negative};
    return a.magnitude >= b.magnitude ? (struct packed){a.magnitude - b.magnitude, a.negative}
                                      : (struct packed){b.magnitude - a.magnitude, b.negative};
}

DEFINE_OP(VAP)
{
    unsigned digits = result_digits(cpu, I4);
    struct operands o = both_operands(cpu, insn);

    complete(cpu, insn, digits, sum(o.a, o.b), false);
}

DEFINE_OP(VSP)
{
    unsigned digits = result_digits(cpu, I4);
    struct operands o = both_operands(cpu, insn);

    o.b.negative = !o.b.negative;
    complete(cpu, insn, digits, sum(o.a, o.b), false);
}

/** 0 equal, 1 low, 2 high; M3 at bits 24-27 makes operands positive. */
DEFINE_OP(VCP)
{
    /* VRR-h has its operands in the r2 and r3 slots. */
    struct operands o = both_operands(cpu, insn);
    struct packed difference;

    o.b.negative = !o.b.negative;
    difference = sum(o.a, o.b);
    cpu->cc = difference.magnitude == 0 ? 0 : difference.negative ? 1 : 2;
}

/** A product or shifted dividend of up to 62 digits: high × 10**31 + low. */
struct wide {
    unsigned __int128 high, low;
};

static struct wide wide_product(unsigned __int128 a, unsigned __int128 b)
{
    const unsigned __int128 ten_31 = power_of_ten(31), ten_16 = power_of_ten(16), ten_15 = power_of_ten(15);
    unsigned __int128 right = (a % ten_16) * (b % ten_16), left = (a / ten_16) * (b / ten_16);
    unsigned __int128 middle = (a % ten_16) * (b / ten_16) + (a / ten_16) * (b % ten_16);
    struct wide product = {left * 10 + middle / ten_15 + right / ten_31,
                           middle % ten_15 * ten_16 + right % ten_31};

    product.high += product.low / ten_31;
    product.low %= ten_31;
    return product;
}

DEFINE_OP(VMP)
{
    unsigned digits = result_digits(cpu, I4);
    struct operands o = both_operands(cpu, insn);
    struct wide product = wide_product(o.a.magnitude, o.b.magnitude);

    complete(cpu, insn, digits, (struct packed){product.low, o.a.negative != o.b.negative},
             product.high != 0);
}

/** Multiply, shift right as many digits as I4 says, keep 31. */
DEFINE_OP(VMSP)
{
    unsigned shift = I4 & DIGITS_FIELD;
    unsigned __int128 ten, kept;
    struct operands o;
    struct wide product;

    check_overflow_mask(cpu, I4);
    o = both_operands(cpu, insn);
    product = wide_product(o.a.magnitude, o.b.magnitude);
    ten = power_of_ten(shift);
    kept = product.high % ten * power_of_ten(PACKED_DIGITS - shift) + product.low / ten;
    complete(cpu, insn, PACKED_DIGITS, (struct packed){kept, o.a.negative != o.b.negative},
             product.high / ten != 0);
}

static void divide_exception_unless(struct cpu *cpu, bool condition)
{
    if (!condition)
        program_interruption(cpu, PIC_DECIMAL_DIVIDE);
}

DEFINE_OP(VDP)
{
    unsigned digits = result_digits(cpu, I4);
    struct operands o = both_operands(cpu, insn);

    divide_exception_unless(cpu, o.b.magnitude != 0);
    complete(cpu, insn, digits,
             (struct packed){o.a.magnitude / o.b.magnitude, o.a.negative != o.b.negative}, false);
}

/** The remainder has the dividend's sign. */
DEFINE_OP(VRP)
{
    unsigned digits = result_digits(cpu, I4);
    struct operands o = both_operands(cpu, insn);

    divide_exception_unless(cpu, o.b.magnitude != 0);
    complete(cpu, insn, digits, (struct packed){o.a.magnitude % o.b.magnitude, o.a.negative}, false);
}

/** Shift the dividend left as many digits as I4 says, divide, keep 31 digits. */
DEFINE_OP(VSDP)
{
    unsigned shift = I4 & DIGITS_FIELD;
    unsigned __int128 rest, quotient;
    struct operands o;
    bool lost;

    check_overflow_mask(cpu, I4);
    o = both_operands(cpu, insn);
    divide_exception_unless(cpu, o.b.magnitude != 0);
    quotient = o.a.magnitude / o.b.magnitude;
    rest = o.a.magnitude % o.b.magnitude;
    lost = quotient >= power_of_ten(PACKED_DIGITS - shift);
    quotient %= power_of_ten(PACKED_DIGITS - shift);
    for (; shift > 0; shift--) {
        rest *= 10;
        quotient = quotient * 10 + rest / o.b.magnitude;
        rest %= o.b.magnitude;
    }
    complete(cpu, insn, PACKED_DIGITS, (struct packed){quotient, o.a.negative != o.b.negative}, lost);
}

/* ---- Shift and round -------------------------------------------------------- */

/** Digits shifted by a signed number, to the left when positive; rounded half up when asked. */
static struct decimal_result shifted(struct packed value, int shift, bool round)
{
    struct decimal_result result = {.value = value};

    if (shift >= 0) {
        unsigned left = shift < PACKED_DIGITS ? (unsigned)shift : PACKED_DIGITS;
        unsigned __int128 limit = power_of_ten(PACKED_DIGITS - left);

        result.lost = value.magnitude >= limit;
        result.value.magnitude = value.magnitude % limit * power_of_ten(left);
    } else {
        unsigned right = shift > -32 ? (unsigned)-shift : 32;

        result.value.magnitude = (value.magnitude / power_of_ten(right - 1) + (round ? 5 : 0)) / 10;
    }
    return result;
}

static void shift_and_round(struct cpu *cpu, const struct insn *insn, int shift, bool round,
                            unsigned immediate)
{
    unsigned digits = result_digits(cpu, immediate);
    struct decimal_result result = shifted(decimal_operand(cpu, insn->r2, M5 & POSITIVE_2), shift, round);

    result.digits = digits;
    result.controls = M5;
    result.masked = immediate & OVERFLOW_MASK;
    decimal_complete(cpu, insn->r1, result);
}

/** The amount is signed, in the right seven bits of I4; the left one rounds. */
DEFINE_OP(VSRP)
{
    shift_and_round(cpu, insn, (int8_t)(I4 << 1) >> 1, I4 & 0x80, (unsigned)insn_field(insn, 28, 8));
}

/** The amount is signed, in byte 7 of V3; bit 1 of I4 rounds. */
DEFINE_OP(VSRPR)
{
    shift_and_round(cpu, insn, (int8_t)VB(V3, 7), I4 & 0x40, I4 & ~0x40u);
}
