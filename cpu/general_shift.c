/* SPDX-License-Identifier: MIT */
/** Shifts and rotates (PoP ch. 7). The amount is the low six bits of the second-operand address. */
#include "cpu/operands.h"

#define AMOUNT ((unsigned)B2_ADDRESS & 63)

static uint64_t pair(const struct cpu *cpu, unsigned r)
{
    return (uint64_t)gr32(cpu, r) << 32 | gr32(cpu, r + 1);
}
static void set_pair(struct cpu *cpu, unsigned r, uint64_t v)
{
    set_gr32(cpu, r, (uint32_t)(v >> 32));
    set_gr32(cpu, r + 1, (uint32_t)v);
}

DEFINE_OP(SLL) { set_gr32(cpu, insn->r1, (uint32_t)((uint64_t)R1_32 << AMOUNT)); }
DEFINE_OP(SLLK) { set_gr32(cpu, insn->r1, (uint32_t)((uint64_t)R3_32 << AMOUNT)); }
DEFINE_OP(SLLG) { set_gr64(cpu, insn->r1, R3_64 << AMOUNT); }
DEFINE_OP(SRL) { set_gr32(cpu, insn->r1, (uint32_t)((uint64_t)R1_32 >> AMOUNT)); }
DEFINE_OP(SRLK) { set_gr32(cpu, insn->r1, (uint32_t)((uint64_t)R3_32 >> AMOUNT)); }
DEFINE_OP(SRLG) { set_gr64(cpu, insn->r1, R3_64 >> AMOUNT); }
DEFINE_OP(SLDL) { set_pair(cpu, insn->r1, pair(cpu, insn->r1) << AMOUNT); }
DEFINE_OP(SRDL) { set_pair(cpu, insn->r1, pair(cpu, insn->r1) >> AMOUNT); }

DEFINE_OP(RLL)
{
    unsigned by = AMOUNT & 31;
    uint32_t v = R3_32;

    set_gr32(cpu, insn->r1, v << by | v >> (-by & 31));
}
DEFINE_OP(RLLG)
{
    unsigned by = AMOUNT;
    uint64_t v = R3_64;

    set_gr64(cpu, insn->r1, v << by | v >> (-by & 63));
}

/* Right: bits shifted out are lost, copies of the sign enter. */
static int64_t shift_right_signed(struct cpu *cpu, int64_t v, unsigned by)
{
    v >>= by;
    cpu->cc = cc_signed(v);
    return v;
}
DEFINE_OP(SRA) { set_gr32(cpu, insn->r1, (uint32_t)shift_right_signed(cpu, R1_S32, AMOUNT)); }
DEFINE_OP(SRAK) { set_gr32(cpu, insn->r1, (uint32_t)shift_right_signed(cpu, R3_S32, AMOUNT)); }
DEFINE_OP(SRAG) { set_gr64(cpu, insn->r1, (uint64_t)shift_right_signed(cpu, (int64_t)R3_64, AMOUNT)); }
DEFINE_OP(SRDA)
{
    set_pair(cpu, insn->r1, (uint64_t)shift_right_signed(cpu, (int64_t)pair(cpu, insn->r1), AMOUNT));
}

/**
 * Left, `v` left-aligned with `width` bits: the sign stays, the others move. A bit unlike the
 * sign shifted out is an overflow: cc 3, and the caller raises the interruption after storing.
 */
static uint64_t shift_left_signed(struct cpu *cpu, int64_t v, unsigned by, unsigned width)
{
    uint64_t sign = (uint64_t)v & BIT64(0);
    bool overflow;
    uint64_t result;

    if (by >= width - 1) {
        /* Beyond that, the zeros that entered from the right are shifted out too. */
        overflow = v != 0 && (by >= width || v != (int64_t)(~0ULL << (64 - width)));
        result = sign;
    } else {
        int64_t shifted = (int64_t)((uint64_t)v << by);

        overflow = shifted >> by != v;
        result = ((uint64_t)shifted & ~BIT64(0)) | sign;
    }
    cpu->cc = overflow ? 3 : cc_signed((int64_t)result);
    return result;
}
static void shift_left_single(struct cpu *cpu, const struct insn *insn, uint32_t v)
{
    uint64_t shifted = shift_left_signed(cpu, (int64_t)((uint64_t)v << 32), AMOUNT, 32);

    set_gr32(cpu, insn->r1, (uint32_t)(shifted >> 32));
    if (cpu->cc == 3)
        fixed_point_overflow(cpu);
}
DEFINE_OP(SLA) { shift_left_single(cpu, insn, R1_32); }
DEFINE_OP(SLAK) { shift_left_single(cpu, insn, R3_32); }
DEFINE_OP(SLAG)
{
    set_gr64(cpu, insn->r1, shift_left_signed(cpu, (int64_t)R3_64, AMOUNT, 64));
    if (cpu->cc == 3)
        fixed_point_overflow(cpu);
}
DEFINE_OP(SLDA)
{
    set_pair(cpu, insn->r1, shift_left_signed(cpu, (int64_t)pair(cpu, insn->r1), AMOUNT, 64));
    if (cpu->cc == 3)
        fixed_point_overflow(cpu);
}
