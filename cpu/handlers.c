/* SPDX-License-Identifier: MIT */
/**
 * Generic handlers: one around each row's operation, and those with no row: block end,
 * exceptions bound at decode, EXECUTE's return, and the slow handler (PER, tracing).
 */
#include "cpu/cpus.h"
#include "cpu/dispatch.h"
#include "cpu/per.h"
#include "cpu/seen.h"
#include "cpu/stops.h"

#define INSN(NAME, ...) \
    insn_operation op_##NAME; \
    insn_handler run_##NAME;
#include "cpu/insn.def"
#undef INSN

#define INSN(NAME, ...) \
    struct flow run_##NAME(struct cpu *cpu, const struct insn *insn, int64_t budget) \
    { \
        cpu->insn = insn; \
        cpu->budget = budget; \
        op_##NAME(cpu, insn); \
        budget = cpu->budget; \
        if (unlikely(cpu->leave)) \
            SIBLING leave_block(cpu, insn, budget); \
        NEXT; \
    }
#include "cpu/insn.def"
#undef INSN

const struct insn_row insn_rows[INSN_COUNT] = {
    [INSN_NONE] = {.name = "?", .facility = FAC(Z), .cost = COST_CONTROL, .flags = ENDS},
#define INSN(NAME, mnemonic, opcode_, format_, facility_, authority_, checks_, interception_, cost_, flags_) \
    [INSN_##NAME] = {.name = mnemonic, .opcode = opcode_, .format = FORMAT_##format_, .facility = facility_, \
                     .authority = authority_, .checks = checks_, .interception = INTERCEPT_##interception_, \
                     .cost = COST_##cost_, .flags = flags_, .operation = op_##NAME, .run = run_##NAME},
#include "cpu/insn.def"
#undef INSN
};

struct flow to_scheduler(struct cpu *cpu, uint64_t ia, int64_t budget)
{
    cpu->ia = ia;
    return (struct flow){NULL, budget};
}

/* The jump cache does not know the block, but its translation is at hand. */
static __attribute__((noinline)) struct flow enter_unseen_block(struct cpu *cpu, const struct insn *insn,
                                                                int64_t budget)
{
    uint64_t ia = cpu->next_ia;
    const uint8_t *host = (const uint8_t *)(tlb_slot(cpu->code, ia)->addend + (uintptr_t)ia);
    struct absolute at = absolute((uint64_t)(host - cpu->storage->bytes));
    const struct block *block = block_find(cpu, at, cpu->context);

    if (!block || cpu->leave)
        return to_scheduler(cpu, ia, budget);
    *jump_slot(&cpu->all->code, host) = (struct jump_entry){host, cpu->context, block->insns};
    cpu->page_ia = ia & PAGE_MASK;
    insn = block->insns;
    GO(insn, budget);
}

struct flow enter_block(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    uint64_t ia = cpu->next_ia;
    struct tlb_entry *e = tlb_slot(cpu->code, ia);
    const uint8_t *host = (const uint8_t *)(e->addend + (uintptr_t)ia);
    struct jump_entry *j = jump_slot(&cpu->all->code, host);

    if (unlikely(e->execute != (ia & PAGE_MASK) || budget < BLOCK_LIMIT || ia & 1))
        return to_scheduler(cpu, ia, budget);
    if (unlikely(j->host != host || j->context != cpu->context))
        SIBLING enter_unseen_block(cpu, insn, budget);
    TLB_HIT(cpu, cpu->code, ia, ACCESS_EXECUTE);
    cpu->page_ia = ia & PAGE_MASK;
    insn = j->first;
    GO(insn, budget);
}

struct flow leave_block(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    budget -= insn_cycles(insn);
    if (!(cpu->leave & LEAVE_BRANCH))
        cpu->next_ia = insn_next_ia(cpu, insn);
    cpu->leave &= ~(uint32_t)LEAVE_BRANCH;
    if (cpu->leave)
        return to_scheduler(cpu, cpu->next_ia, budget);
    SIBLING enter_block(cpu, insn, budget);
}

static void begin(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    cpu->insn = insn;
    cpu->budget = budget;
}

struct flow handle_operation(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    begin(cpu, insn, budget);
    program_interruption(cpu, PIC_OPERATION);
}

struct flow handle_privileged(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    begin(cpu, insn, budget);
    program_interruption(cpu, PIC_PRIVILEGED);
}

struct flow handle_specification(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    begin(cpu, insn, budget);
    program_interruption(cpu, PIC_SPECIFICATION);
}

struct flow handle_data(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    begin(cpu, insn, budget);
    data_exception(cpu, (uint8_t)insn->imm);
}

struct flow handle_intercept(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    begin(cpu, insn, budget);
    cpu->all->sie->instruction(cpu, insn);
    return leave_block(cpu, insn, cpu->budget);
}

struct flow handle_execute_return(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    insn = cpu->execute_return;
    GO(insn, budget);
}

/* Run the operation of `insn` with the checks that decoding would have bound. */
void run_operation(struct cpu *cpu, const struct insn *insn)
{
    struct decode_context plain = *cpu->context;
    struct insn bound;

    plain.slow = false;
    insn_bind(&plain, insn->text, &bound);
    if (bound.handler == handle_operation)
        program_interruption(cpu, PIC_OPERATION);
    if (bound.handler == handle_privileged)
        program_interruption(cpu, PIC_PRIVILEGED);
    if (bound.handler == handle_specification)
        program_interruption(cpu, PIC_SPECIFICATION);
    if (bound.handler == handle_data)
        data_exception(cpu, (uint8_t)bound.imm);
    if (bound.handler == handle_intercept) {
        cpu->all->sie->instruction(cpu, insn);
        return;
    }
    insn_rows[insn_decode(insn->text)].operation(cpu, insn);
}

/* What is bound where no debugger wants to stop. Fast handlers of branches patch what they are called with. */
static __attribute__((noinline)) insn_handler *unbroken(const struct cpu *cpu, const struct insn *insn)
{
    const struct insn_row *row = &insn_rows[insn_decode(insn->text)];
    struct insn bound;

    if (insn->flags & INSN_COMPANION)
        return seen_handler(cpu->all);
    insn_bind(cpu->context, insn->text, &bound);
    return bound.handler == insn_fast[row - insn_rows] ? row->run : bound.handler;
}

/* At this offset of some page a debugger wants to stop: here, now, in this guest? */
struct flow handle_break(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    int64_t before = budget - (int64_t)insn_cycles(insn) + insn_rows[insn_decode(insn->text)].cost;

    if (stops_before(cpu, insn, before))
        return to_scheduler(cpu, insn_ia(cpu, insn), before);
    SIBLING unbroken(cpu, insn)(cpu, insn, budget);
}

/* PER, tracing, single steps: what the fast binding leaves out, around the ordinary operation. */
struct flow handle_slow(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    begin(cpu, insn, budget);
    cpu->per_code = 0;
    cpu->per_atmid = per_atmid(cpu);
    cpu->instructions++;
    if (cpu->all->trace)
        cpu->all->trace(cpu->all->trace_context, cpu, insn);
    per_note_fetch(cpu, insn_ia(cpu, insn));
    run_operation(cpu, insn);
    if (!(cpu->leave & LEAVE_BRANCH))
        cpu->next_ia = insn_next_ia(cpu, insn);
    cpu->leave |= LEAVE_BRANCH;
    if (cpu->per_code)
        per_event(cpu, insn);
    return leave_block(cpu, insn, cpu->budget);
}
