/* SPDX-License-Identifier: MIT */
/**
 * Operand values and condition codes, as the families of general instructions need them.
 *
 * The operand macros are expressions inside DEFINE_OP bodies. A name says which operand
 * and how wide: R2_64 all of general register r2, R2_32 its bits 32-63, R2_HIGH bits
 * 0-31; S and U mark a narrower field that is sign- or zero-extended by its C type:
 * X2_S16 is the halfword at index + base + displacement, B2_S16 the one at base +
 * displacement, REL_S16 the one at the relative address.
 */
#ifndef SIENNA_CPU_OPERANDS_H
#define SIENNA_CPU_OPERANDS_H

#include "cpu/access.h"
#include "cpu/cpu.h"

#define R1_32 gr32(cpu, insn->r1)
#define R2_32 gr32(cpu, insn->r2)
#define R3_32 gr32(cpu, insn->r3)
#define R1_64 gr64(cpu, insn->r1)
#define R2_64 gr64(cpu, insn->r2)
#define R3_64 gr64(cpu, insn->r3)
#define R1_HIGH gr_high(cpu, insn->r1)
#define R2_HIGH gr_high(cpu, insn->r2)
#define R3_HIGH gr_high(cpu, insn->r3)
#define R1_S32 ((int32_t)R1_32)
#define R2_S32 ((int32_t)R2_32)
#define R3_S32 ((int32_t)R3_32)
#define R2_S16 ((int16_t)R2_32)
#define R2_U16 ((uint16_t)R2_32)
#define R2_S8 ((int8_t)R2_32)
#define R2_U8 ((uint8_t)R2_32)

#define X2_ADDRESS effective_x2(cpu, insn)
#define X2_64 fetch64(cpu, effective_x2(cpu, insn), insn->b2)
#define X2_32 fetch32(cpu, effective_x2(cpu, insn), insn->b2)
#define X2_S32 ((int32_t)X2_32)
#define X2_U16 fetch16(cpu, effective_x2(cpu, insn), insn->b2)
#define X2_S16 ((int16_t)X2_U16)
#define X2_U8 fetch8(cpu, effective_x2(cpu, insn), insn->b2)
#define X2_S8 ((int8_t)X2_U8)

#define B2_ADDRESS effective_b2(cpu, insn)
#define B2_64 fetch64(cpu, effective_b2(cpu, insn), insn->b2)
#define B2_32 fetch32(cpu, effective_b2(cpu, insn), insn->b2)
#define B2_U16 fetch16(cpu, effective_b2(cpu, insn), insn->b2)
#define B2_S16 ((int16_t)B2_U16)
#define B2_U8 fetch8(cpu, effective_b2(cpu, insn), insn->b2)

#define REL_64 fetch_relative(cpu, insn, 8)
#define REL_32 ((uint32_t)fetch_relative(cpu, insn, 4))
#define REL_S32 ((int32_t)REL_32)
#define REL_U16 ((uint16_t)fetch_relative(cpu, insn, 2))
#define REL_S16 ((int16_t)REL_U16)

/** The immediate of RI, RIL and RIE formats. */
#define I2_S64 (insn->imm)
#define I2_U64 ((uint64_t)insn->imm)
#define I2_S32 ((int32_t)insn->imm)
#define I2_U32 ((uint32_t)insn->imm)
#define I2_U16 ((uint16_t)insn->imm)
/** SIL formats: the halfword at bit 32. */
#define SIL_U16 ((uint16_t)insn_field(insn, 32, 16))
#define SIL_S16 ((int16_t)SIL_U16)
/** SI and SIY formats: the byte at bit 8. */
#define SI_U8 (insn->r1)
#define SI_S8 ((int8_t)insn->r1)

/** Operand of the relative-long instructions: aligned, in the space instructions are fetched from. */
uint64_t fetch_relative(struct cpu *cpu, const struct insn *insn, unsigned bytes);
void store_relative(struct cpu *cpu, const struct insn *insn, unsigned bytes, uint64_t value);

/** Base register fields of the first and second operands of SS formats, for access-register selection. */
#define BASE1 (insn->b2)
#define BASE2 insn_base(insn, 32)

/* ---- Condition codes ------------------------------------------------- */

/** 0 zero, 1 negative, 2 positive. */
static inline unsigned cc_signed(int64_t v)
{
    return (v > 0) * 2u + (v < 0);
}
/** 0 equal, 1 low, 2 high. */
static inline unsigned cc_compare(int64_t a, int64_t b)
{
    return (a > b) * 2u + (a < b);
}
static inline unsigned cc_compare_logical(uint64_t a, uint64_t b)
{
    return (a > b) * 2u + (a < b);
}
/** 0 zero, 1 not zero. */
static inline unsigned cc_nonzero(uint64_t v)
{
    return v != 0;
}
/** Carry and zero of a logical addition (subtraction: carry means no borrow). */
static inline unsigned cc_logical(uint64_t result, bool carry)
{
    return carry * 2u + (result != 0);
}
/** Whether the 4-bit mask selects the present condition code. */
static inline bool cc_selected(const struct cpu *cpu, unsigned mask)
{
    return mask << cpu->cc & 8;
}

/* ---- Arithmetic that sets the condition code ------------------------- */

struct sum32 {
    uint32_t value;
    bool overflow;
};
struct sum64 {
    uint64_t value;
    bool overflow;
};
/** Signed results and their condition code; the caller stores, then calls fixed_point_overflow(). */
static inline struct sum32 signed_add32(struct cpu *cpu, int32_t a, int32_t b)
{
    int32_t v;
    bool overflow = __builtin_add_overflow(a, b, &v);

    cpu->cc = overflow ? 3 : cc_signed(v);
    return (struct sum32){(uint32_t)v, overflow};
}
static inline struct sum32 signed_subtract32(struct cpu *cpu, int32_t a, int32_t b)
{
    int32_t v;
    bool overflow = __builtin_sub_overflow(a, b, &v);

    cpu->cc = overflow ? 3 : cc_signed(v);
    return (struct sum32){(uint32_t)v, overflow};
}
static inline struct sum64 signed_add64(struct cpu *cpu, int64_t a, int64_t b)
{
    int64_t v;
    bool overflow = __builtin_add_overflow(a, b, &v);

    cpu->cc = overflow ? 3 : cc_signed(v);
    return (struct sum64){(uint64_t)v, overflow};
}
static inline struct sum64 signed_subtract64(struct cpu *cpu, int64_t a, int64_t b)
{
    int64_t v;
    bool overflow = __builtin_sub_overflow(a, b, &v);

    cpu->cc = overflow ? 3 : cc_signed(v);
    return (struct sum64){(uint64_t)v, overflow};
}
static inline uint32_t logical_add32(struct cpu *cpu, uint32_t a, uint32_t b)
{
    uint32_t v = a + b;

    cpu->cc = cc_logical(v, v < a);
    return v;
}
static inline uint64_t logical_add64(struct cpu *cpu, uint64_t a, uint64_t b)
{
    uint64_t v = a + b;

    cpu->cc = cc_logical(v, v < a);
    return v;
}
static inline uint32_t logical_subtract32(struct cpu *cpu, uint32_t a, uint32_t b)
{
    uint32_t v = a - b;

    cpu->cc = cc_logical(v, a >= b);
    return v;
}
static inline uint64_t logical_subtract64(struct cpu *cpu, uint64_t a, uint64_t b)
{
    uint64_t v = a - b;

    cpu->cc = cc_logical(v, a >= b);
    return v;
}

#endif
