/* SPDX-License-Identifier: MIT */
/** Branches: linked directly within a page, through the jump cache across pages. */
#include "cpu/fast.h"

#include "cpu/access.h"
#include "cpu/cpus.h"

/* Absolute address of the logical address `ia` in the page being executed, if its translation is at hand. */
static bool absolute_of(const struct cpu *cpu, uint64_t ia, struct absolute *out)
{
    const struct tlb_entry *e = tlb_slot(cpu->code, ia);

    if (e->execute != (ia & PAGE_MASK))
        return false;
    out->v = (uint64_t)((const uint8_t *)(e->addend + (uintptr_t)ia) - cpu->storage->bytes);
    return true;
}

/* Patch `insn` to lead to the block at `target` in its own page. NULL when that cannot be. */
static const struct insn *link_to(struct cpu *cpu, const struct insn *insn, uint64_t target, insn_handler *linked)
{
    struct insn *patched = (struct insn *)(uintptr_t)insn;
    const struct block *block;
    struct absolute at;

    if ((target ^ cpu->page_ia) & PAGE_MASK || target & 1 || (insn->flags & INSN_EXECUTED) ||
        !absolute_of(cpu, target, &at))
        return NULL;
    block = block_find(cpu, at, cpu->context);
    if (!block || (cpu->leave & LEAVE_CODE))
        return NULL;
    patched->link = block->insns;
    patched->handler = linked;
    patched->flags |= INSN_LINKED;
    return block->insns;
}

/* A branch is taken for the first time: link it, or go through the jump cache. */
struct flow take_unlinked(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    uint64_t target = effective_relative(cpu, insn);

    cpu->breaking_event = insn_ia(cpu, insn);
    budget -= insn_cycles(insn);
    cpu->next_ia = target;
    link_to(cpu, insn, target, insn_linked[insn_decode(insn->text)]);
    SIBLING enter_block(cpu, insn, budget);
}

struct flow end_of_slice(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    return to_scheduler(cpu, cpu->page_ia + insn->offset, budget);
}

/** A relative branch taken when `condition`; `work` is done in either case first. */
#define BRANCH(NAME, work, condition) \
    struct flow fast_##NAME(struct cpu *cpu, const struct insn *insn, int64_t budget); \
    struct flow linked_##NAME(struct cpu *cpu, const struct insn *insn, int64_t budget); \
    struct flow fast_##NAME(struct cpu *cpu, const struct insn *insn, int64_t budget) \
    { \
        work; \
        if (condition) \
            SIBLING take_unlinked(cpu, insn, budget); \
        NEXT; \
    } \
    struct flow linked_##NAME(struct cpu *cpu, const struct insn *insn, int64_t budget) \
    { \
        work; \
        if (condition) \
            GO_LINKED; \
        NEXT; \
    }

#define SELECTED (insn->r1 << cpu->cc & 8)
BRANCH(BRC, , SELECTED)
BRANCH(BRCL, , SELECTED)
BRANCH(BRAS, G(insn->r1) = insn_next_ia(cpu, insn), true)
BRANCH(BRASL, G(insn->r1) = insn_next_ia(cpu, insn), true)
BRANCH(BRCT, GL(insn->r1)--, GL(insn->r1) != 0)
BRANCH(BRCTG, G(insn->r1)--, G(insn->r1) != 0)

/* Compare and branch: M3 selects equal (8), low (4), high (2). */
#define COMPARED(type, a, b) (insn->r3 << CC_COMPARE((type)(a), (type)(b)) & 8)
BRANCH(CRJ, , COMPARED(int32_t, GL(insn->r1), GL(insn->r2)))
BRANCH(CGRJ, , COMPARED(int64_t, G(insn->r1), G(insn->r2)))
BRANCH(CLRJ, , COMPARED(uint32_t, GL(insn->r1), GL(insn->r2)))
BRANCH(CLGRJ, , COMPARED(uint64_t, G(insn->r1), G(insn->r2)))
BRANCH(CIJ, , COMPARED(int32_t, GL(insn->r1), (int8_t)insn->r2))
BRANCH(CGIJ, , COMPARED(int64_t, G(insn->r1), (int8_t)insn->r2))
BRANCH(CLIJ, , COMPARED(uint32_t, GL(insn->r1), insn->r2))
BRANCH(CLGIJ, , COMPARED(uint64_t, G(insn->r1), insn->r2))

/* Branch on index: the sum goes to R1, the comparand is R3 | 1, taken before R1 changes. */
#define INDEX32 \
    int32_t limit = (int32_t)GL(insn->r3 | 1); \
    GL(insn->r1) += GL(insn->r3)
#define INDEX64 \
    int64_t limit = (int64_t)G(insn->r3 | 1); \
    G(insn->r1) += G(insn->r3)
BRANCH(BRXH, INDEX32, (int32_t)GL(insn->r1) > limit)
BRANCH(BRXLE, INDEX32, (int32_t)GL(insn->r1) <= limit)
BRANCH(BRXHG, INDEX64, (int64_t)G(insn->r1) > limit)
BRANCH(BRXLG, INDEX64, (int64_t)G(insn->r1) <= limit)

HANDLER(BC)
{
    if (!SELECTED)
        NEXT;
    cpu->breaking_event = insn_ia(cpu, insn);
    cpu->next_ia = ADDRESS_X2;
    budget -= insn_cycles(insn);
    SIBLING enter_block(cpu, insn, budget);
}

HANDLER(BCR)
{
    if (!SELECTED || insn->r2 == 0)
        NEXT;
    cpu->breaking_event = insn_ia(cpu, insn);
    cpu->next_ia = G(insn->r2);
    budget -= insn_cycles(insn);
    SIBLING enter_block(cpu, insn, budget);
}

HANDLER(BASR)
{
    uint64_t target = G(insn->r2);

    /* Branch tracing (CR12.0) is the generic handler's. */
    if (unlikely(cpu->cr[12] >> 63))
        GENERIC(BASR);
    G(insn->r1) = insn_next_ia(cpu, insn);
    if (insn->r2 == 0)
        NEXT;
    cpu->breaking_event = insn_ia(cpu, insn);
    cpu->next_ia = target;
    budget -= insn_cycles(insn);
    SIBLING enter_block(cpu, insn, budget);
}

static struct flow linked_block_end(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    budget -= insn_cycles(insn);
    insn = insn->link;
    if (unlikely(budget < BLOCK_LIMIT))
        SIBLING end_of_slice(cpu, insn, budget);
    GO(insn, budget);
}

struct flow handle_block_end(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    cpu->next_ia = (cpu->page_ia + insn->offset) & cpu->address_mask;
    budget -= insn_cycles(insn);
    if (insn->offset < PAGE_BYTES && budget >= BLOCK_LIMIT && insn != &cpu->crossing[2])
        link_to(cpu, insn, cpu->next_ia, linked_block_end);
    SIBLING enter_block(cpu, insn, budget);
}
