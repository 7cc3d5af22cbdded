/* SPDX-License-Identifier: MIT */
#include "trace/model.h"

const struct chunk_kind trace_kind = {"TRAC", 1, "trace"};

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
