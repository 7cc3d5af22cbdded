/* SPDX-License-Identifier: MIT */
/** Vector packed decimal: binary integers, zoned digits, signs and tests (PoP ch. 25). */
#include "cpu/vector_decimal.h"

#define V1 (&cpu->vr[insn->r1])
#define V2 (&cpu->vr[insn->r2])
#define V3 (&cpu->vr[insn->r3])

/* ---- Binary integers -------------------------------------------------------- */

/* M3 or M4 of the conversions beside POSITIVE_2, POSITIVE_RESULT and SET_CC: the integer is unsigned. */
enum { LOGICAL_TO_BINARY = 2, LOGICAL_TO_DECIMAL = 8 };

/** Condition code: 0, or 3 overflow, which may interrupt unless the left bit of M4 is one. */
static void finish_to_binary(struct cpu *cpu, const struct insn *insn, bool overflow)
{
    if (M_BITS_24 & SET_CC)
        cpu->cc = overflow ? 3 : 0;
    if (overflow && !(M_BITS_28 & 8))
        fixed_point_overflow(cpu);
}
/** The operand, and whether it is too large for an integer of `bits` bits, which it then loses left ones. */
static struct packed begin_to_binary(struct cpu *cpu, const struct insn *insn, unsigned bits, bool *overflow)
{
    unsigned controls = M_BITS_24;
    struct packed value;
    unsigned __int128 limit;

    specification_unless(cpu, !(M_BITS_28 & 8)
                                  || has_facility(cpu, FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT));
    value = decimal_operand(cpu, insn->r2, controls & POSITIVE_2);
    if (controls & LOGICAL_TO_BINARY) {
        value.negative = false;
        limit = (unsigned __int128)1 << bits;
    } else {
        limit = ((unsigned __int128)1 << (bits - 1)) + value.negative;
    }
    *overflow = value.magnitude >= limit;
    return value;
}

DEFINE_OP(VCVB)
{
    bool overflow;
    struct packed value = begin_to_binary(cpu, insn, 32, &overflow);
    uint32_t magnitude = (uint32_t)value.magnitude;

    set_gr32(cpu, insn->r1, value.negative ? 0 - magnitude : magnitude);
    finish_to_binary(cpu, insn, overflow);
}
DEFINE_OP(VCVBG)
{
    bool overflow;
    struct packed value = begin_to_binary(cpu, insn, 64, &overflow);
    uint64_t magnitude = (uint64_t)value.magnitude;

    set_gr64(cpu, insn->r1, value.negative ? 0 - magnitude : magnitude);
    finish_to_binary(cpu, insn, overflow);
}

/** Condition code: 0, or 3 overflow, which may interrupt. The sign is the integer's, even if zeros are left. */
static void to_decimal(struct cpu *cpu, const struct insn *insn, int64_t value)
{
    unsigned immediate = (unsigned)insn->imm, controls = M_BITS_24;
    unsigned digits = result_digits(cpu, immediate);
    bool negative = value < 0 && !(controls & LOGICAL_TO_DECIMAL);
    uint64_t magnitude = negative ? 0 - (uint64_t)value : (uint64_t)value;
    unsigned __int128 limit = power_of_ten(digits);
    uint8_t image[PACKED_BYTES];

    packed_encode(image, PACKED_BYTES, (struct packed){magnitude % limit, negative});
    *V1 = vector_from(image);
    if (controls & POSITIVE_RESULT)
        *V1 = with_sign(*V1, 0xf);
    if (controls & SET_CC)
        cpu->cc = magnitude >= limit ? 3 : 0;
    if (magnitude >= limit)
        decimal_overflow(cpu, immediate & OVERFLOW_MASK);
}
DEFINE_OP(VCVD)
{
    uint32_t value = gr32(cpu, insn->r2);

    to_decimal(cpu, insn, M_BITS_24 & LOGICAL_TO_DECIMAL ? (int64_t)value : (int32_t)value);
}
DEFINE_OP(VCVDG) { to_decimal(cpu, insn, (int64_t)gr64(cpu, insn->r2)); }

/** I2 are four digits, shifted left by the right three bits of I3; its left bit is the sign. */
DEFINE_OP(VLIP)
{
    unsigned control = M_BITS_32;
    union vector_register v = vector_of((unsigned __int128)insn->imm << 4 << 4 * (control & 7));

    if (!digits_valid(&v))
        data_exception(cpu, 0);
    *V1 = with_sign(v, control & 8 ? 0xd : 0xc);
}

/* ---- Zoned digits ----------------------------------------------------------- */

enum { ZONED_MOST = 31, ZONE = 0xf0 };

/** Zoned to packed: right digits of the bytes, the left digit of the last as sign; unchecked. */
static union vector_register pack_zoned(const uint8_t *zoned, unsigned bytes)
{
    unsigned __int128 packed = 0;

    for (unsigned i = 0; i < bytes; i++)
        packed = packed << 4 | (zoned[i] & 0xf);
    return vector_of(packed << 4 | zoned[bytes - 1] >> 4);
}

/** Number of zoned bytes of VPKZ and VUPKZ: I3 has one less. */
static unsigned zoned_bytes(struct cpu *cpu, const struct insn *insn)
{
    specification_unless(cpu, insn->r2 < ZONED_MOST);
    return insn->r2 + 1u;
}

DEFINE_OP(VPKZ)
{
    unsigned bytes = zoned_bytes(cpu, insn);
    uint8_t zoned[ZONED_MOST];

    fetch_bytes(cpu, effective_b2(cpu, insn), insn->b2, zoned, bytes);
    *V1 = pack_zoned(zoned, bytes);
}

DEFINE_OP(VUPKZ)
{
    unsigned bytes = zoned_bytes(cpu, insn);
    uint8_t zoned[ZONED_MOST];

    for (unsigned i = 0; i < bytes; i++)
        zoned[i] = ZONE | (uint8_t)nibble(V1, PACKED_DIGITS - bytes + i);
    zoned[bytes - 1] = (uint8_t)(sign_of(V1) << 4 | (zoned[bytes - 1] & 0xf));
    store_bytes(cpu, effective_b2(cpu, insn), insn->b2, zoned, bytes);
}

/* M5 of VPKZR, M3 of VUPKZH, VUPKZL and VCLZDP beside POSITIVE_RESULT and SET_CC: the sign is not checked, or
 * nothing at all. */
enum { NO_SIGN_CHECK = 8, NO_CHECK = 4 };

static void check_validity(struct cpu *cpu, const union vector_register *v, unsigned controls)
{
    if (!(controls & NO_CHECK)
        && (!digits_valid(v) || (!(controls & NO_SIGN_CHECK) && !sign_valid(sign_of(v)))))
        data_exception(cpu, 0);
}

/**
 * The zoned digits of V2 and V3 together, of which the first is too many unless zero. Condition code: 0 zero,
 * 1 negative, 2 positive, 3 overflow, which may interrupt, or a digit or the sign invalid.
 */
DEFINE_OP(VPKZR)
{
    unsigned immediate = (unsigned)insn->imm, controls = M_BITS_24, digits = result_digits(cpu, immediate);
    union vector_register packed;
    bool overflow, valid;
    uint8_t zoned[32];

    vector_to(zoned, V2);
    vector_to(zoned + 16, V3);
    packed = pack_zoned(zoned, 32);
    check_validity(cpu, &packed, controls);
    valid = digits_valid(&packed) && (zoned[0] & 0xf) <= 9 && sign_valid(sign_of(&packed));
    if (!(controls & NO_CHECK) && (zoned[0] & 0xf) > 9)
        data_exception(cpu, 0);
    *V1 = rightmost_digits(&packed, digits);
    overflow = (zoned[0] & 0xf) != 0 || quadword(V1) != quadword(&packed);
    if (controls & POSITIVE_RESULT)
        *V1 = with_sign(*V1, 0xf);
    if (controls & SET_CC)
        cpu->cc = overflow || !valid ? 3 : digits_zero(V1) ? 0 : sign_minus(sign_of(V1)) ? 1 : 2;
    if (overflow)
        decimal_overflow(cpu, immediate & OVERFLOW_MASK);
}

/** Sixteen zoned digits from the packed digit `first` on, -1 being a zero left of all. */
static union vector_register unpack_zoned(const union vector_register *v, int first)
{
    uint8_t zoned[16];

    for (int i = 0; i < 16; i++)
        zoned[i] = ZONE | (uint8_t)(first + i < 0 ? 0 : nibble(v, (unsigned)(first + i)));
    return vector_from(zoned);
}

DEFINE_OP(VUPKZH)
{
    check_validity(cpu, V2, M_BITS_24);
    *V1 = unpack_zoned(V2, -1);
}

DEFINE_OP(VUPKZL)
{
    unsigned sign = M_BITS_24 & POSITIVE_RESULT ? 0xf : sign_of(V2);

    check_validity(cpu, V2, M_BITS_24);
    *V1 = unpack_zoned(V2, 15);
    VB(V1, 15) = (uint8_t)(sign << 4 | (VB(V1, 15) & 0xf));
}

/* ---- Signs and tests -------------------------------------------------------- */

/** 0 valid, 1 sign invalid, 2 a digit invalid, 3 both. */
DEFINE_OP(VTP)
{
    cpu->cc = (digits_valid(V2) ? 0 : 2) + (sign_valid(sign_of(V2)) ? 0 : 1);
}

/** Condition code: 0 zero, 1 negative, 2 positive, 3 invalid. M3 says whether a negative zero is negative. */
DEFINE_OP(VCLZDP)
{
    enum { NEGATIVE_ZERO = 2 };
    unsigned controls = M_BITS_24, count;
    bool zero = digits_zero(V2), negative = sign_minus(sign_of(V2));
    bool valid = digits_valid(V2) && sign_valid(sign_of(V2));

    check_validity(cpu, V2, controls & NO_CHECK);
    for (count = 0; count < PACKED_DIGITS && nibble(V2, count) == 0;)
        count++;
    if (controls & SET_CC)
        cpu->cc = !valid ? 3 : zero && !(negative && controls & NEGATIVE_ZERO) ? 0 : negative ? 1 : 2;
    *V1 = (union vector_register){.d = {count, 0}};
}

/* VPSOP. I4: digits are not checked; a zero may be negative; what to do; positive is F (else C); the second
 * operand's sign is checked though it does not matter. */
enum { SIGN_NO_CHECK = 0x80, SIGN_NEGATIVE_ZERO = 0x40, SIGN_POSITIVE_F = 2, SIGN_CHECK = 1 };
enum sign_operation { SIGN_MAINTAIN, SIGN_COMPLEMENT, SIGN_POSITIVE, SIGN_NEGATIVE };

/** The sign of the result; an invalid one, which only MAINTAIN sees, stays. */
static unsigned resulting_sign(unsigned sign, unsigned control, bool zero)
{
    enum sign_operation operation = control >> 2 & 3;
    bool minus = operation == SIGN_MAINTAIN     ? sign_minus(sign)
                 : operation == SIGN_COMPLEMENT ? !sign_minus(sign)
                                                : operation == SIGN_NEGATIVE;

    if (operation == SIGN_MAINTAIN && !sign_valid(sign))
        return sign;
    if (minus && (!zero || control & SIGN_NEGATIVE_ZERO))
        return 0xd;
    return control & SIGN_POSITIVE_F ? 0xf : 0xc;
}

DEFINE_OP(VPSOP)
{
    unsigned control = (unsigned)insn->imm, immediate = (unsigned)insn_field(insn, 28, 8);
    unsigned digits = result_digits(cpu, immediate);
    enum sign_operation operation = control >> 2 & 3;
    bool check_sign, overflow, zero;
    union vector_register v;

    if (!has_facility(cpu, FACILITY_VECTOR_PACKED_DECIMAL_ENHANCEMENT))
        control &= ~(unsigned)(SIGN_NO_CHECK | SIGN_NEGATIVE_ZERO);
    check_sign = operation == SIGN_COMPLEMENT
        || (operation == SIGN_MAINTAIN ? !(control & SIGN_NO_CHECK) : control & SIGN_CHECK);
    if ((!(control & SIGN_NO_CHECK) && !digits_valid(V2)) || (check_sign && !sign_valid(sign_of(V2))))
        data_exception(cpu, 0);
    v = rightmost_digits(V2, digits);
    overflow = quadword(&v) != quadword(V2);
    zero = digits_zero(&v);
    *V1 = with_sign(v, resulting_sign(sign_of(&v), control, zero));
    if (M_BITS_24 & SET_CC)
        cpu->cc = overflow ? 3 : zero ? 0 : sign_minus(sign_of(V1)) ? 1 : 2;
    if (overflow)
        decimal_overflow(cpu, immediate & OVERFLOW_MASK);
}
