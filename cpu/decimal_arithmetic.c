/* SPDX-License-Identifier: MIT */
/** Decimal arithmetic on packed operands in storage (PoP ch. 8). */
#include "cpu/decimal.h"
#include "cpu/operands.h"

/* Operands of SS-b: L1 and L2 are the r1 and r2 fields. */
#define FIRST_BYTES (insn->r1 + 1u)
#define SECOND_BYTES (insn->r2 + 1u)

static struct packed decode(struct cpu *cpu, const struct span *span)
{
    uint8_t image[PACKED_BYTES];
    struct packed value;

    span_read(span, image);
    if (!packed_decode(image, span->bytes[0] + span->bytes[1], &value))
        data_exception(cpu, 0);
    return value;
}

/** Store a result; a zero that lost nothing is positive. False on overflow. */
static bool encode(const struct span *span, struct packed value)
{
    uint8_t image[PACKED_BYTES];
    bool fits;

    if (value.magnitude == 0)
        value.negative = false;
    fits = packed_encode(image, span->bytes[0] + span->bytes[1], value);
    span_write(span, image);
    return fits;
}

/** Store a result and set its condition code: overflow is 3 and a masked interruption. */
static void complete(struct cpu *cpu, const struct span *span, struct packed value)
{
    bool fits = encode(span, value);

    cpu->cc = !fits ? 3 : value.magnitude == 0 ? 0 : value.negative ? 1 : 2;
    if (!fits && cpu->psw_mask & PSW_DECIMAL_OVERFLOW)
        program_interruption(cpu, PIC_DECIMAL_OVERFLOW);
}

static struct packed add(struct packed a, struct packed b)
{
    if (a.negative == b.negative)
        return (struct packed){a.magnitude + b.magnitude, a.negative};
    if (a.magnitude >= b.magnitude)
        return (struct packed){a.magnitude - b.magnitude, a.negative};
    return (struct packed){b.magnitude - a.magnitude, b.negative};
}

/** Values of both operands; returns the first one's storage, to which the result goes. */
static struct span update_operands(struct cpu *cpu, const struct insn *insn, struct packed *a, struct packed *b)
{
    struct span second = span_fetch(cpu, effective_b4(cpu, insn), BASE2, SECOND_BYTES);
    struct span first = span_update(cpu, B2_ADDRESS, BASE1, FIRST_BYTES);

    *b = decode(cpu, &second);
    *a = decode(cpu, &first);
    return first;
}

static void add_or_subtract(struct cpu *cpu, const struct insn *insn, bool subtract)
{
    struct packed a, b;
    struct span first = update_operands(cpu, insn, &a, &b);

    b.negative ^= subtract;
    complete(cpu, &first, add(a, b));
}
DEFINE_OP(AP) { add_or_subtract(cpu, insn, false); }
DEFINE_OP(SP) { add_or_subtract(cpu, insn, true); }

DEFINE_OP(ZAP)
{
    struct span second = span_fetch(cpu, effective_b4(cpu, insn), BASE2, SECOND_BYTES);
    struct span first = span_store(cpu, B2_ADDRESS, BASE1, FIRST_BYTES);

    complete(cpu, &first, decode(cpu, &second));
}

DEFINE_OP(CP)
{
    struct span second = span_fetch(cpu, effective_b4(cpu, insn), BASE2, SECOND_BYTES);
    struct span first = span_fetch(cpu, B2_ADDRESS, BASE1, FIRST_BYTES);
    struct packed b = decode(cpu, &second), a = decode(cpu, &first), difference;

    b.negative = !b.negative;
    difference = add(a, b);
    cpu->cc = difference.magnitude == 0 ? 0 : difference.negative ? 1 : 2;
}

/** The second operand of MP and DP has at most 15 digits and is shorter than the first. */
static void check_lengths(struct cpu *cpu, const struct insn *insn)
{
    specification_unless(cpu, SECOND_BYTES <= 8 && SECOND_BYTES < FIRST_BYTES);
}

/* MP and DP give zeros the sign that the rules of algebra say. */
DEFINE_OP(MP)
{
    struct span first;
    struct packed a, b;
    uint8_t image[PACKED_BYTES];

    check_lengths(cpu, insn);
    first = update_operands(cpu, insn, &a, &b);
    /* As many leftmost bytes of zeros as the multiplier has bytes, so that the product fits. */
    if (a.magnitude >= power_of_ten(packed_digits(FIRST_BYTES) - 2 * SECOND_BYTES))
        data_exception(cpu, 0);
    packed_encode(image, FIRST_BYTES, (struct packed){a.magnitude * b.magnitude, a.negative != b.negative});
    span_write(&first, image);
}

DEFINE_OP(DP)
{
    unsigned quotient_bytes = FIRST_BYTES - SECOND_BYTES;
    struct span first;
    struct packed a, b;
    unsigned __int128 quotient;
    uint8_t image[PACKED_BYTES];

    check_lengths(cpu, insn);
    first = update_operands(cpu, insn, &a, &b);
    if (b.magnitude == 0)
        program_interruption(cpu, PIC_DECIMAL_DIVIDE);
    quotient = a.magnitude / b.magnitude;
    if (quotient >= power_of_ten(packed_digits(quotient_bytes)))
        program_interruption(cpu, PIC_DECIMAL_DIVIDE);
    packed_encode(image, quotient_bytes, (struct packed){quotient, a.negative != b.negative});
    packed_encode(image + quotient_bytes, SECOND_BYTES,
                  (struct packed){a.magnitude % b.magnitude, a.negative});
    span_write(&first, image);
}

/** SHIFT AND ROUND: the count is signed in the low six bits of the address, positive to the left. */
DEFINE_OP(SRP)
{
    unsigned count = (unsigned)effective_b4(cpu, insn) & 63, rounding = insn->r2;
    unsigned digits = packed_digits(FIRST_BYTES);
    struct span first = span_update(cpu, B2_ADDRESS, BASE1, FIRST_BYTES);
    struct packed value = decode(cpu, &first);

    if (rounding > 9)
        data_exception(cpu, 0);
    if (count >= 32) {
        value.magnitude = (value.magnitude / power_of_ten(63 - count) + rounding) / 10;
        complete(cpu, &first, value);
    } else {
        unsigned left = count < digits ? count : digits;
        unsigned __int128 limit = power_of_ten(digits - left);
        bool lost = value.magnitude >= limit;

        value.magnitude = value.magnitude % limit * power_of_ten(left);
        if (lost)
            value.magnitude += power_of_ten(digits); /* one digit too many: complete() sees the overflow */
        complete(cpu, &first, value);
    }
}

/** TEST DECIMAL: 0 valid, 1 sign invalid, 2 a digit invalid, 3 both. */
DEFINE_OP(TP)
{
    unsigned bytes = FIRST_BYTES;
    struct span first = span_fetch(cpu, B2_ADDRESS, BASE1, bytes);
    bool digits = true;

    for (unsigned i = 0; i < bytes; i++) {
        uint8_t byte = *span_byte(&first, i);

        digits &= byte >> 4 <= 9 && (i + 1 == bytes || (byte & 0xf) <= 9);
    }
    cpu->cc = (digits ? 0 : 2) + (sign_valid(*span_byte(&first, bytes - 1) & 0xf) ? 0 : 1);
}
