/* SPDX-License-Identifier: MIT */
/** Branch on condition and EXECUTE (PoP ch. 7): what the dispatcher itself is built around. */
#include "cpu/access.h"
#include "cpu/cpus.h"
#include "cpu/dispatch.h"
#include "cpu/per.h"
#include "cpu/seen.h"

void cpu_branch(struct cpu *cpu, const struct insn *insn, uint64_t target)
{
    cpu->next_ia = target & cpu->address_mask;
    cpu->breaking_event = insn_ia(cpu, insn);
    cpu->leave |= LEAVE_BRANCH;
    if (unlikely(cpu->context->slow))
        per_note_branch(cpu, cpu->next_ia);
}

void cpu_branch_in_mode(struct cpu *cpu, const struct insn *insn, uint64_t mode, uint64_t target)
{
    uint64_t ia = insn_ia(cpu, insn);

    cpu->psw_mask = (cpu->psw_mask & ~(PSW_EA | PSW_BA)) | mode;
    cpu->address_mask = mode & PSW_EA ? UINT64_MAX : mode & PSW_BA ? 0x7fffffff : 0xffffff;
    cpu_branch(cpu, insn, target);
    cpu->breaking_event = ia;
    cpu_mode_changed(cpu);
}

void cpu_redo(struct cpu *cpu, const struct insn *insn)
{
    cpu->next_ia = insn_ia(cpu, insn);
    cpu->leave |= LEAVE_BRANCH | LEAVE_SLICE;
}

static bool selected(const struct cpu *cpu, unsigned mask)
{
    return mask & 8u >> cpu->cc;
}

DEFINE_OP(BC)
{
    if (selected(cpu, insn->r1))
        cpu_branch(cpu, insn, effective_x2(cpu, insn));
}

DEFINE_OP(BCR)
{
    if (insn->r2 && selected(cpu, insn->r1))
        cpu_branch(cpu, insn, address_in(cpu, insn->r2));
}

DEFINE_OP(BRC)
{
    if (selected(cpu, insn->r1))
        cpu_branch(cpu, insn, effective_relative(cpu, insn));
}

DEFINE_OP(BRCL)
{
    if (selected(cpu, insn->r1))
        cpu_branch(cpu, insn, effective_relative(cpu, insn));
}

/* Fetch an instruction at `ia` as instruction fetching does (key, execute protection). */
static uint64_t fetch_text(struct cpu *cpu, uint64_t ia)
{
    uint8_t raw[8] = {0};
    unsigned done = 0, length = 2;

    while (done < length) {
        uint64_t at = (ia + done) & cpu->address_mask;
        unsigned rest = page_rest(at), bytes;
        struct fault fault = {0};
        const uint8_t *host = cpu_fetch_address(cpu, at, &fault);

        if (!host)
            access_exception(cpu, &fault);
        if (done == 0)
            length = insn_length(*host);
        bytes = length - done < rest ? length - done : rest;
        memcpy(raw + done, host, bytes);
        done += bytes;
    }
    return get_be64(raw);
}

/* The decoded target, from the cache: its text is its identity, so nothing ever needs invalidating. */
static struct insn *target_of(struct cpu *cpu, uint64_t text)
{
    uint64_t h = (text ^ (uintptr_t)cpu->context) * 0x9e3779b97f4a7c15ULL;
    struct execute_entry *e = &cpu->all->code.executes[h >> 56 & (EXECUTE_CACHE - 1)];

    if (e->text != text || e->context != cpu->context) {
        insn_bind(cpu->context, text, &e->insns[0]);
        e->insns[1] = (struct insn){.handler = handle_execute_return, .b2 = 16};
        e->insns[0].flags |= INSN_EXECUTED;
        e->text = text;
        e->context = cpu->context;
    }
    return e->insns;
}

static uint64_t modified(const struct cpu *cpu, uint64_t text, unsigned r1)
{
    return r1 ? text | (uint64_t)(uint8_t)gr32(cpu, r1) << 48 : text;
}

/* Leaves the target ready in *cpu; the handler continues with it. */
static const struct insn *prepare(struct cpu *cpu, const struct insn *insn, uint64_t target)
{
    struct insn *t;
    uint64_t text;

    specification_unless(cpu, (target & 1) == 0);
    text = fetch_text(cpu, target);
    if (insn_rows[insn_decode(text)].flags & EXECUTES)
        program_interruption(cpu, PIC_EXECUTE);
    text = modified(cpu, text, insn->r1);
    t = target_of(cpu, text);
    t->offset = insn->offset;
    t->length = insn->length;
    t->text = (text & ~0xffffULL) | insn_cycles(insn);
    cpu->execute_target = target;
    cpu->execute_return = insn + 1;
    if (unlikely(cpu->context->seen))
        seen_target(cpu, insn, t);
    return t;
}

/* EX and EXRL as operations: where fast handlers are not bound, and under handle_slow. */
static void execute(struct cpu *cpu, const struct insn *insn, uint64_t target)
{
    const struct insn *t = prepare(cpu, insn, target);

    cpu->insn = t;
    if (cpu->context->slow)
        per_note_fetch(cpu, target);
    run_operation(cpu, t);
}

DEFINE_OP(EX)
{
    execute(cpu, insn, effective_x2(cpu, insn));
}

DEFINE_OP(EXRL)
{
    execute(cpu, insn, effective_relative(cpu, insn));
}

DEFINE_FAST(EX)
{
    cpu->insn = insn;
    cpu->budget = budget;
    insn = prepare(cpu, insn, effective_x2(cpu, insn));
    GO(insn, budget);
}

DEFINE_FAST(EXRL)
{
    cpu->insn = insn;
    cpu->budget = budget;
    insn = prepare(cpu, insn, effective_relative(cpu, insn));
    GO(insn, budget);
}
