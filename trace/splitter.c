/* SPDX-License-Identifier: MIT */
#include "trace/splitter.h"

void splitter_init(struct splitter *s, const struct trace_options *options, struct encoder *first,
                   struct encoder *second)
{
    *s = (struct splitter){.options = options, .outputs = {first, second}, .state.cycle = 1};
    s->started = options->start == TRIGGER_NONE;
    s->plain = !second && s->started && options->stop == TRIGGER_NONE &&
               ((options->filter.kinds & SIENNA_SAW_INSTRUCTION) ||
                !(options->filter.kinds & (SIENNA_SAW_BRANCH | SIENNA_SAW_FETCH | SIENNA_SAW_STORE)));
}

static bool trigger_met(const struct splitter *s, enum trace_trigger trigger, uint64_t at,
                        const struct sienna_seen *r)
{
    switch (trigger) {
    case TRIGGER_NONE: return false;
    case TRIGGER_ADDRESS: return seen_kind(r) == SIENNA_SEEN_INSTRUCTION && r->address == at;
    case TRIGGER_POSITION: return r->position >= at;
    case TRIGGER_TIME: return trace_time(&s->state, r->position) >= at;
    case TRIGGER_COUNT: break;
    }
    return s->put >= at;
}

/* Is the record one of those that tell of something, and not of where or of what is left of it? */
static bool tells(const struct sienna_seen *r)
{
    switch (seen_kind(r)) {
    case SIENNA_SEEN_SLICE: case SIENNA_SEEN_THREAD:
        return false;
    case SIENNA_SEEN_REGISTER:
        return !(seen_class(r) & SIENNA_SEEN_ELSEWHERE);
    default:
        return true;
    }
}

static bool within(struct splitter *s, const struct sienna_seen *r)
{
    if (s->stopped || !tells(r))
        return false;
    if (!s->started && trigger_met(s, s->options->start, s->options->start_at, r))
        s->started = true;
    if (s->started && trigger_met(s, s->options->stop, s->options->stop_at, r))
        s->stopped = true;
    return s->started && !s->stopped;
}

/* Make the branch that led to this instruction, if one did. */
static bool find_branch(struct splitter *s, const struct sienna_seen *r, struct sienna_seen *branch)
{
    bool taken = false;
    unsigned cpu = s->state.cpu;

    switch (seen_kind(r)) {
    case SIENNA_SEEN_INSTRUCTION:
        /* At its own address again: most often an interruptible instruction that goes on. */
        taken = s->before[cpu].known && r->address != s->before[cpu].next && r->address != s->before[cpu].address;
        *branch = (struct sienna_seen){r->position, s->before[cpu].address, r->address, SIENNA_SEEN_BRANCH};
        s->before[cpu].address = r->address;
        s->before[cpu].next = r->address + seen_length(r->word);
        s->before[cpu].known = true;
        break;
    case SIENNA_SEEN_INTERRUPTION: case SIENNA_SEEN_ENTRY: case SIENNA_SEEN_EXIT:
        s->before[cpu].known = false;
        break;
    }
    return taken;
}

static bool put(struct splitter *s, const struct sienna_seen *r, size_t count, char *problem)
{
    unsigned level = s->state.cpus[s->state.cpu].thread >> 8 & 0xff, which = s->outputs[1] && level > 1;
    struct sienna_seen copy = *r;

    if (s->stale[which]) {
        if (!encoder_catch_up(s->outputs[which], &s->state, problem))
            return false;
        s->stale[which] = false;
        if (seen_kind(r) == SIENNA_SEEN_INSTRUCTION)
            copy.word = (copy.word & ~0x1f00ULL) | NO_REGISTER << 8;
        if (seen_kind(r) == SIENNA_SEEN_REGISTER)
            return true;
        r = count == 1 ? &copy : r;
    }
    s->stale[!which] = true;
    s->put += seen_kind(r) != SIENNA_SEEN_REGISTER && seen_kind(r) != SIENNA_SEEN_TARGET;
    return encoder_put(s->outputs[which], r, count, problem);
}

static enum sienna_sight sight_of(const struct sienna_seen *r)
{
    switch (seen_kind(r)) {
    case SIENNA_SEEN_FETCH: return SIENNA_SAW_FETCH;
    case SIENNA_SEEN_STORE: return SIENNA_SAW_STORE;
    case SIENNA_SEEN_INTERRUPTION: return SIENNA_SAW_INTERRUPTION;
    case SIENNA_SEEN_ENTRY: return SIENNA_SAW_ENTRY;
    case SIENNA_SEEN_EXIT: return SIENNA_SAW_EXIT;
    case SIENNA_SEEN_IO: return SIENNA_SAW_IO;
    case SIENNA_SEEN_KEY: return SIENNA_SAW_KEY;
    case SIENNA_SEEN_CONTROL: return SIENNA_SAW_CONTROL;
    case SIENNA_SEEN_SIGP: return SIENNA_SAW_SIGP;
    default: return SIENNA_SAW_INSTRUCTION;
    }
}

static bool put_wanted(struct splitter *s, const struct sienna_seen *r, size_t count, char *problem)
{
    unsigned kinds = s->options->filter.kinds;
    struct sienna_seen branch;

    if (!(kinds & SIENNA_SAW_INSTRUCTION) && (kinds & SIENNA_SAW_BRANCH) && find_branch(s, r, &branch) &&
        !put(s, &branch, 1, problem))
        return false;
    if (kinds & sight_of(r))
        return put(s, r, count, problem);
    s->stale[0] = s->stale[1] = true;
    return true;
}

static void follow(struct splitter *s, const struct sienna_seen *r)
{
    unsigned reg = r->word >> 8 & 0x1f;

    s->state.position = r->position;
    if (seen_kind(r) != SIENNA_SEEN_INSTRUCTION)
        trace_follow(&s->state, r);
    else if (reg != NO_REGISTER)
        s->state.cpus[s->state.cpu].registers.gr[reg & 15] = r->value;
}

static void join(struct splitter *s, const struct sienna_seen *r)
{
    unsigned level = s->state.cpus[s->state.cpu].thread >> 8 & 0xff;

    s->joined = s->outputs[1] && level > 1;
    s->stale[!s->joined] = true;
    s->put += seen_kind(r) != SIENNA_SEEN_REGISTER && seen_kind(r) != SIENNA_SEEN_TARGET;
}

/* Can the record go with those before it, to the same file? */
static bool joins(struct splitter *s, const struct sienna_seen *r, const struct sienna_seen *before)
{
    unsigned level = s->state.cpus[s->state.cpu].thread >> 8 & 0xff, which = s->outputs[1] && level > 1;

    return (s->options->filter.kinds & SIENNA_SAW_INSTRUCTION & sight_of(r)) && !s->stale[which] &&
           (!before || which == s->joined);
}

static bool put_joined(struct splitter *s, const struct sienna_seen *from, const struct sienna_seen *to, char *problem)
{
    return from == to || encoder_put(s->outputs[s->joined], from, (size_t)(to - from), problem);
}

bool splitter_put(struct splitter *s, const struct sienna_seen *records, size_t count,
                  char problem[SIENNA_PROBLEM_BYTES])
{
    const struct sienna_seen *from = NULL; /* those that go on together */
    size_t i = 0;

    if (s->plain)
        return encoder_put(s->outputs[0], records, count, problem);
    for (; i < count; i += 1 + seen_data_records(&records[i])) {
        const struct sienna_seen *r = &records[i];
        bool is_within;

        follow(s, r);
        is_within = within(s, r);
        if (is_within && joins(s, r, from)) {
            join(s, r);
            from = from ? from : r;
            continue;
        }
        if (from && !put_joined(s, from, r, problem))
            return false;
        from = NULL;
        if (!is_within)
            s->stale[0] = s->stale[1] = true;
        else if (!put_wanted(s, r, 1 + seen_data_records(r), problem))
            return false;
    }
    if (from && !put_joined(s, from, records + i, problem))
        return false;
    /* From here on everything is wanted. */
    s->plain = from && s->started && s->options->stop == TRIGGER_NONE && !s->outputs[1];
    return true;
}
