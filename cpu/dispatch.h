/* SPDX-License-Identifier: MIT */
/**
 * How handlers reach the next one. Two bindings of the same source: sibling calls
 * ("tail"), or returning to a loop ("loop": sanitizers, -O0, unknown compilers).
 */
#ifndef SIENNA_CPU_DISPATCH_H
#define SIENNA_CPU_DISPATCH_H

#include "cpu/block.h"
#include "cpu/cpu.h"

#if SIENNA_DISPATCH_TAIL
#if defined(__clang__)
#define SIBLING __attribute__((musttail)) return
#else
#define SIBLING return
#endif
/** Continue with decoded instruction `i`. */
#define GO(i, budget) SIBLING (i)->handler(cpu, (i), (budget))
#else
#define SIBLING return
#define GO(i, budget) return (struct flow){(i), (budget)}
#endif
/** Continue with the next instruction of the block. */
#define NEXT SIENNA_NEXT_(insn + 1)
#define SIENNA_NEXT_(i) GO(i, budget)

/** Enter the block at logical address `ia`, or return to the run loop with cpu->ia set. */
struct flow enter_block(struct cpu *cpu, const struct insn *insn, int64_t budget);

/** Back to the run loop with cpu->ia = ia. */
struct flow to_scheduler(struct cpu *cpu, uint64_t ia, int64_t budget);
/** Charge the block, then go where cpu->leave says (cpu->insn, cpu->budget are set). */
struct flow leave_block(struct cpu *cpu, const struct insn *insn, int64_t budget);

/** Run the operation of `insn` with the checks that decoding would have bound (EXECUTE, slow handler). */
void run_operation(struct cpu *cpu, const struct insn *insn);

#endif
