/* SPDX-License-Identifier: MIT */
/**
 * What fast handlers are built from. A fast handler touches registers and the TLB's hit
 * path only; whatever else happens (a miss, a fault, an overflow with the mask on) falls
 * into the generic handler run_NAME, which does the whole instruction.
 */
#ifndef SIENNA_CPU_FAST_H
#define SIENNA_CPU_FAST_H

#include "cpu/cpus.h"
#include "cpu/dispatch.h"

#define INSN(NAME, ...) insn_handler run_##NAME;
#include "cpu/insn.def"
#undef INSN

#define HANDLER_AS(FUNCTION) \
    struct flow FUNCTION(struct cpu *cpu, const struct insn *insn, int64_t budget); \
    struct flow FUNCTION(struct cpu *cpu, const struct insn *insn, int64_t budget)
/*
 * The same source is compiled twice: fast_NAME goes on with the next instruction, fused_NAME
 * (SIENNA_FUSED, set by the fast_fused_*.c files) knows that this is BRC and does it at once.
 */
#ifdef SIENNA_FUSED
#define HANDLER(NAME) HANDLER_AS(fused_##NAME)
#undef NEXT
#define NEXT \
    do { \
        insn++; \
        if (!(insn->r1 << cpu->cc & 8)) \
            SIENNA_NEXT_(insn + 1); \
        if (unlikely(!(insn->flags & INSN_LINKED))) \
            SIBLING take_unlinked(cpu, insn, budget); \
        GO_LINKED; \
    } while (0)
#else
#define HANDLER(NAME) HANDLER_AS(fast_##NAME)
#endif

/** A relative branch is taken that is not linked yet. */
struct flow take_unlinked(struct cpu *cpu, const struct insn *insn, int64_t budget);
/** The budget is nearly used up at the start of the block at `insn`. */
struct flow end_of_slice(struct cpu *cpu, const struct insn *insn, int64_t budget);
/** Charge the block up to the taken branch `insn`; returns the first instruction of its target. */
static inline __attribute__((always_inline)) const struct insn *take_linked(struct cpu *cpu, const struct insn *insn,
                                                                              int64_t *budget)
{
    cpu->breaking_event = cpu->page_ia + insn->offset;
    *budget -= insn_cycles(insn);
    return insn->link;
}
/** To the linked block; at the end of the slice to the run loop. */
#define GO_LINKED \
    do { \
        insn = take_linked(cpu, insn, &budget); \
        if (unlikely(budget < BLOCK_LIMIT)) \
            SIBLING end_of_slice(cpu, insn, budget); \
        GO(insn, budget); \
    } while (0)

/** The generic handler takes over; nothing has been changed yet. */
#define GENERIC(NAME) SIBLING run_##NAME(cpu, insn, budget)

#define G(r) cpu->gr[r].d
#define GL(r) cpu->gr[r].w.low
#define GH(r) cpu->gr[r].w.high
#define ADDRESS_X2 (G(insn->r2) + G(insn->b2) + (uint64_t)insn->imm)
#define ADDRESS_B2 (G(insn->b2) + (uint64_t)insn->imm)

#define TAG_KIND_fetch ACCESS_FETCH
#define TAG_KIND_store ACCESS_STORE
/** Host address of [la, la+bytes) by the TLB's `tag`, or out through the generic handler. */
#define PROBE(NAME, host, la, bytes, tag) \
    const struct tlb_entry *e_##host = tlb_slot(cpu->data, la); \
    if (unlikely((((la) + (bytes) - 1) & PAGE_MASK) != e_##host->tag)) \
        GENERIC(NAME); \
    TLB_HIT(cpu, cpu->data, la, TAG_KIND_##tag); \
    uint8_t *host = (uint8_t *)(e_##host->addend + (uintptr_t)(la))

/** Does only the code in its page deny this store of at most 16 bytes, and it lies beside the code? */
static inline __attribute__((always_inline)) bool beside_code(const struct cpu *cpu, const struct tlb_entry *e,
                                                              uint64_t la, unsigned bytes)
{
    uint64_t at = e->addend + la - (uintptr_t)cpu->storage->bytes;

    return (((la + bytes - 1) & PAGE_MASK) | TLB_CODE) == e->store &&
           code_page_beside(cpu->all->code.pages[at >> PAGE_SHIFT], la & (PAGE_BYTES - 1), bytes);
}

/**
 * A handler that stores `bytes` (constant, at most 16) at `la`: `...` does it through `p`. When the page holds
 * decoded code, a second function does the same beside that code, so that the first needs no stack frame.
 */
#define STORING_HANDLER(NAME, address, bytes, ...) \
    static __attribute__((noinline)) struct flow beside_##NAME(struct cpu *cpu, const struct insn *insn, \
                                                               int64_t budget) \
    { \
        uint64_t la = address; \
        const struct tlb_entry *e = tlb_slot(cpu->data, la); \
        if (!beside_code(cpu, e, la, bytes)) \
            GENERIC(NAME); \
        uint8_t *p = (uint8_t *)(e->addend + (uintptr_t)la); \
        __VA_ARGS__; \
        NEXT; \
    } \
    HANDLER(NAME) \
    { \
        uint64_t la = address; \
        const struct tlb_entry *e = tlb_slot(cpu->data, la); \
        if (unlikely(((la + (bytes) - 1) & PAGE_MASK) != e->store)) \
            SIBLING beside_##NAME(cpu, insn, budget); \
        TLB_HIT(cpu, cpu->data, la, ACCESS_STORE); \
        uint8_t *p = (uint8_t *)(e->addend + (uintptr_t)la); \
        __VA_ARGS__; \
        NEXT; \
    }

/* Condition codes, branch-free. */
#define CC_SIGN(v) (((v) > 0) * 2u + ((v) < 0))
#define CC_COMPARE(a, b) (((a) > (b)) * 2u + ((a) < (b)))
#define CC_LOGIC(v) ((v) != 0)
/** Add logical: carry in bit 1, nonzero in bit 0. */
#define CC_ADD_LOGICAL(sum, carry) (((carry) ? 2u : 0u) | ((sum) != 0))
/** Subtract logical: cc 1 borrow, 2 zero, 3 no borrow. */
#define CC_SUBTRACT_LOGICAL(difference, borrow) (((borrow) ? 0u : 2u) | ((difference) != 0))

#endif
