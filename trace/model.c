/* SPDX-License-Identifier: MIT */
#include "trace/model.h"

#include <string.h>

_Static_assert(sizeof(struct trace_slot) == 64, "a slot is a line of the cache");

const struct chunk_kind trace_kind = {"TRAC", 2, "trace"};

void trace_model_clear(struct trace_model *m)
{
    memset(m, 0, sizeof *m);
    trace_plan_nothing(&m->nothing.plan);
    m->nothing.reg = NO_REGISTER;
    m->before = &m->nothing;
}

void trace_slot_fill(struct trace_slot *slot, uint64_t address, uint64_t text, bool registers)
{
    *slot = (struct trace_slot){.address = address, .text = text, .cost = 1};
    trace_plan_make(&slot->plan, address, text, registers);
    slot->reg = slot->plan.reg;
}

/* ---- Instructions that load or store several registers ---- */

static unsigned how_many(const struct trace_plan *p) { return ((p->last - p->third) & 15) + 1; }

void trace_store_many(struct trace_model *m, const struct trace_plan *p, const uint64_t gr[17])
{
    uint64_t address = trace_plan_sum(p, gr);

    for (unsigned i = 0; i < how_many(p); i++)
        *trace_cell_of(m, address + 8 * i) = gr[(p->third + i) & 15];
}

bool trace_expect_register(struct trace_model *m, const struct trace_plan *p, const uint64_t gr[17], unsigned *reg,
                           uint64_t *value)
{
    if (p->kind != PLAN_LOAD_MANY)
        return false;
    if (!m->loading) {
        m->loading = true;
        m->many = how_many(p);
        m->many_register = p->third;
        m->many_address = trace_plan_sum(p, gr);
    }
    for (; m->many; m->many--) {
        *reg = m->many_register;
        *value = *trace_cell_of(m, m->many_address);
        if (gr[*reg] != *value)
            return true;
        m->many_register = (m->many_register + 1) & 15;
        m->many_address += 8;
    }
    return false;
}

void trace_many_came_out(struct trace_model *m, unsigned reg, uint64_t value)
{
    unsigned skipped = (reg - m->many_register) & 15;

    if (!m->loading)
        return;
    if (skipped >= m->many) {
        m->many = 0;
        return;
    }
    m->many_address += 8 * skipped;
    *trace_cell_of(m, m->many_address) = value;
    m->many_address += 8;
    m->many_register = (reg + 1) & 15;
    m->many -= skipped + 1;
}

void trace_break(struct trace_model *m, uint64_t position)
{
    m->before = &m->nothing;
    m->position = position;
    m->loading = false;
}

/* ---- Learning ---- */

void trace_learn_register(struct trace_slot *before, unsigned reg)
{
    before->reg = (uint8_t)(reg < NO_REGISTER ? reg : NO_REGISTER);
    if (before->reg != before->plan.reg) {
        before->plan.keep = KEEP_ALL;
        before->plan.merge = 0;
    } else if (before->plan.length) {
        trace_plan_make(&before->plan, before->address, before->text, true);
    }
}

void trace_learn_cc(struct trace_slot *before, unsigned cc)
{
    if (before->plan.cc_learned)
        memset(before->plan.cc, (int)cc, sizeof before->plan.cc);
}

void trace_learn_next(struct trace_slot *before, uint64_t next)
{
    if (before->plan.branch > PLAN_BRANCH_LEARNED)
        return;
    before->plan.branch = PLAN_BRANCH_LEARNED;
    before->plan.target = next;
}

static void follow_register(struct trace_registers *r, const struct sienna_seen *record)
{
    unsigned n = seen_detail(record);

    switch (seen_class(record) & ~(unsigned)SIENNA_SEEN_ELSEWHERE) {
    case SIENNA_SEEN_GR:
        r->gr[n & 15] = record->value;
        break;
    case SIENNA_SEEN_AR:
        r->ar[n & 15] = (uint32_t)record->value;
        break;
    case SIENNA_SEEN_VR:
        r->vr[n & 31][0] = record->address;
        r->vr[n & 31][1] = record->value;
        break;
    case SIENNA_SEEN_FPC:
        r->fpc = (uint32_t)record->value;
        break;
    }
}

void trace_follow(struct trace_state *s, const struct sienna_seen *record)
{
    struct trace_cpu *cpu = &s->cpus[s->cpu];

    switch (seen_kind(record)) {
    case SIENNA_SEEN_SLICE:
        s->cpu = seen_detail(record) % TRACE_CPUS;
        s->slice_position = record->position;
        s->slice_time = record->value;
        s->cycle = record->address;
        s->cpus[s->cpu].told = true;
        break;
    case SIENNA_SEEN_THREAD:
        cpu->modes = record->address;
        cpu->asce = record->value;
        cpu->thread = record->word;
        break;
    case SIENNA_SEEN_REGISTER:
        follow_register(&cpu->registers, record);
        break;
    }
}
