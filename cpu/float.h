/* SPDX-License-Identifier: MIT */
/**
 * Floating-point registers and the FPC as BFP instructions use them (PoP ch. 9 and 19).
 *
 * An instruction computes under bfp_begin()'s environment, calls bfp_deliver() before it
 * changes anything (invalid and division-by-zero traps suppress) and bfp_complete() after
 * (flags; overflow, underflow and inexact traps complete).
 */
#ifndef SIENNA_CPU_FLOAT_H
#define SIENNA_CPU_FLOAT_H

#include "cpu/bfp/bfp.h"
#include "cpu/operands.h"

/** A short operand: bits 0–31 of the register. */
static inline uint32_t fpr_short(const struct cpu *cpu, unsigned r) { return (uint32_t)(fpr(cpu, r) >> 32); }
/** Bits 32–63 of the register are left unchanged. */
static inline void set_fpr_short(struct cpu *cpu, unsigned r, uint32_t v)
{
    set_fpr(cpu, r, (uint64_t)v << 32 | (uint32_t)fpr(cpu, r));
}
/** An extended operand: registers r and r + 2. */
static inline struct bfp128 fpr_extended(const struct cpu *cpu, unsigned r)
{
    return (struct bfp128){fpr(cpu, r), fpr(cpu, r + 2)};
}
static inline void set_fpr_extended(struct cpu *cpu, unsigned r, struct bfp128 v)
{
    set_fpr(cpu, r, v.hi);
    set_fpr(cpu, r + 2, v.lo);
}

/* FPC fields. */
enum {
    FPC_FLAG_SHIFT = 16,
    FPC_FLAGS = 0x00ff0000,
    FPC_DFP_ROUNDING = 0x70,
    FPC_BFP_ROUNDING = 0x07,
};

/** The environment that the FPC gives: masks and rounding mode. */
static inline struct bfp_env bfp_begin(const struct cpu *cpu)
{
    return (struct bfp_env){.rounding = bfp_fpc_rounding(cpu->fpc), .masks = (uint8_t)(cpu->fpc >> 24)};
}

/** Rounding method of a modifier field; 0 is the FPC's mode. Specification exception when it is none. */
uint8_t bfp_rounding_method(struct cpu *cpu, unsigned modifier);
/** bfp_begin() for instructions with a rounding modifier and, in a field of its own, XxC (bit value 4). */
struct bfp_env bfp_begin_rounding(struct cpu *cpu, unsigned modifier, unsigned controls);

/** Before results are stored: leaves through the data exception when a trap suppresses. */
static inline void bfp_deliver(struct cpu *cpu, const struct bfp_env *env)
{
    if (unlikely(env->conditions & env->masks & (BFP_INVALID | BFP_DIVISION)))
        data_exception(cpu, bfp_dxc(env));
}
/** After results are stored: sets flags, or leaves through the data exception of a trap. */
static inline void bfp_complete(struct cpu *cpu, const struct bfp_env *env)
{
    uint8_t dxc;

    if (likely(!env->conditions))
        return;
    dxc = bfp_dxc(env);
    cpu->fpc |= (uint32_t)bfp_flags(env, dxc) << FPC_FLAG_SHIFT;
    if (unlikely(dxc))
        data_exception(cpu, dxc);
}

/* Operands, as expressions inside DEFINE_OP bodies (like those of cpu/operands.h). */
#define R1_SHORT fpr_short(cpu, insn->r1)
#define R2_SHORT fpr_short(cpu, insn->r2)
#define R3_SHORT fpr_short(cpu, insn->r3)
#define R1_LONG fpr(cpu, insn->r1)
#define R2_LONG fpr(cpu, insn->r2)
#define R3_LONG fpr(cpu, insn->r3)
#define R1_EXTENDED fpr_extended(cpu, insn->r1)
#define R2_EXTENDED fpr_extended(cpu, insn->r2)

/*
 * Operations with one result: `value` is an expression with the environment `env` in sight.
 * The _CC forms set the condition code by the result.
 */
#define BFP_OPERATION(NAME, type, begin, value, store) \
    DEFINE_OP(NAME) \
    { \
        struct bfp_env env = begin; \
        type result = (value); \
        bfp_deliver(cpu, &env); \
        store; \
        bfp_complete(cpu, &env); \
    }
#define BFP_SHORT(NAME, value) \
    BFP_OPERATION(NAME, uint32_t, bfp_begin(cpu), value, set_fpr_short(cpu, insn->r1, result))
#define BFP_LONG(NAME, value) \
    BFP_OPERATION(NAME, uint64_t, bfp_begin(cpu), value, set_fpr(cpu, insn->r1, result))
#define BFP_EXTENDED(NAME, value) \
    BFP_OPERATION(NAME, struct bfp128, bfp_begin(cpu), value, set_fpr_extended(cpu, insn->r1, result))
#define BFP_SHORT_CC(NAME, value) \
    BFP_OPERATION(NAME, uint32_t, bfp_begin(cpu), value, set_fpr_short(cpu, insn->r1, result); \
                  cpu->cc = bfp32_cc(result))
#define BFP_LONG_CC(NAME, value) \
    BFP_OPERATION(NAME, uint64_t, bfp_begin(cpu), value, set_fpr(cpu, insn->r1, result); \
                  cpu->cc = bfp64_cc(result))
#define BFP_EXTENDED_CC(NAME, value) \
    BFP_OPERATION(NAME, struct bfp128, bfp_begin(cpu), value, set_fpr_extended(cpu, insn->r1, result); \
                  cpu->cc = bfp128_cc(result))

#endif
