/* SPDX-License-Identifier: MIT */
#include "trace/query.h"

#include <stdio.h>
#include <string.h>

#include "trace/problem.h"

const char query_help[] =
    "  -from POSITION, -to POSITION    where to begin and end: position, or time:1.5s of virtual time\n"
    "  -count N                        so many at most\n"
    "  -filter KINDS                   insn, access, branch, int, sie, io, key, cr, sigp, events, all; joined with '+'\n"
    "  -level LEVELS                   1, 2, 3, host, guest, both; -guest N; -cpu N\n"
    "  -state problem|supervisor       -space primary|ar|secondary|home|real; -asce HEX\n"
    "  -range FIRST-LAST               addresses of instructions; -data FIRST-LAST: of accesses\n"
    "  -symbols [LEVEL:]FILE[,offset=HEX]\n"
    "                                  System.map, a copy of /proc/kallsyms, or an ELF file; may be given several times\n";

void query_init(struct query *q)
{
    char ignored[SIENNA_PROBLEM_BYTES];

    *q = (struct query){.to = UINT64_MAX, .to_time = UINT64_MAX, .count = UINT64_MAX};
    trace_options_parse(&q->options, "-", ignored);
    q->options.filter.kinds |= SIENNA_SAW_BRANCH;
}

void query_release(struct query *q) { symbols_release(&q->symbols); }

static int take_place(const char *option, const char *value, uint64_t *position, uint64_t *time, char *problem)
{
    if (!strncmp(value, "time:", 5) ? trace_time_parse(value + 5, time) : trace_number(value, position))
        return 1;
    trace_problem(problem, "%s %s: say a position, or time:1.5s", option, value);
    return 0;
}

int query_option(struct query *q, const char *option, const char *value, char problem[SIENNA_PROBLEM_BYTES])
{
    static const char *const keys[] = {"filter", "level", "guest", "cpu", "state", "space", "asce", "range", "data"};
    char text[300];

    if (!strcmp(option, "-from"))
        return take_place(option, value, &q->from, &q->from_time, problem);
    if (!strcmp(option, "-to"))
        return take_place(option, value, &q->to, &q->to_time, problem);
    if (!strcmp(option, "-symbols"))
        return symbols_load(&q->symbols, value, problem);
    if (!strcmp(option, "-count")) {
        if (trace_number(value, &q->count))
            return 1;
        trace_problem(problem, "-count %s: say a number", value);
        return 0;
    }
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!strcmp(option + 1, keys[i])) {
            snprintf(text, sizeof text, "%s=%s", keys[i], value);
            return trace_options_key(&q->options, text, problem);
        }
    return -1;
}

void query_begin(struct query *q, struct trace_reader *r)
{
    q->given = 0;
    if (q->from_time)
        trace_seek_time(r, q->from_time);
    else
        trace_seek(r, q->from);
}

static unsigned sight_of(const struct trace_item *item)
{
    static const unsigned sights[SIENNA_SEEN_KINDS] = {
        [SIENNA_SEEN_INSTRUCTION] = SIENNA_SAW_INSTRUCTION, [SIENNA_SEEN_FETCH] = SIENNA_SAW_FETCH,
        [SIENNA_SEEN_STORE] = SIENNA_SAW_STORE, [SIENNA_SEEN_INTERRUPTION] = SIENNA_SAW_INTERRUPTION,
        [SIENNA_SEEN_ENTRY] = SIENNA_SAW_ENTRY, [SIENNA_SEEN_EXIT] = SIENNA_SAW_EXIT, [SIENNA_SEEN_IO] = SIENNA_SAW_IO,
        [SIENNA_SEEN_KEY] = SIENNA_SAW_KEY, [SIENNA_SEEN_CONTROL] = SIENNA_SAW_CONTROL,
        [SIENNA_SEEN_SIGP] = SIENNA_SAW_SIGP, [SIENNA_SEEN_BRANCH] = SIENNA_SAW_BRANCH,
    };

    return sights[item->kind];
}

static bool thread_matches(const struct sienna_filter *f, const struct trace_item *item)
{
    unsigned space = item->modes >> 58 & 1 ? item->modes >> 46 & 3 : 4, state = item->modes >> 48 & 1 ? 1 : 2;

    return (!f->cpus || (f->cpus >> item->cpu & 1)) && (!f->levels || (f->levels >> item->level & 1)) &&
           (f->guest == SIENNA_ANY_GUEST || f->guest == item->guest) && (!f->states || (f->states & state)) &&
           (!f->spaces || (f->spaces >> space & 1)) && (!f->asce || ((f->asce ^ item->asce) & ~0xfffULL) == 0);
}

static bool accesses_match(const struct sienna_filter *f, const struct trace_item *item)
{
    for (unsigned i = 0; i < item->accesses; i++)
        if (item->access[i].address <= f->last_data &&
            item->access[i].address + item->access[i].bytes > f->first_data)
            return true;
    return false;
}

static bool matches(const struct query *q, const struct trace_item *item)
{
    const struct sienna_filter *f = &q->options.filter;
    bool placed = item->kind == SIENNA_SEEN_INSTRUCTION || item->kind == SIENNA_SEEN_BRANCH;

    if (!(f->kinds & sight_of(item)) || !thread_matches(f, item))
        return false;
    if (f->last && (!placed || item->address < f->first || item->address > f->last))
        return false;
    return !f->last_data || accesses_match(f, item);
}

bool query_peek(struct query *q, struct trace_reader *r, struct trace_item *item)
{
    while (trace_next(r, item)) {
        if (item->position > q->to || item->time > q->to_time)
            return false;
        if (matches(q, item))
            return true;
    }
    return false;
}

bool query_next(struct query *q, struct trace_reader *r, struct trace_item *item)
{
    return q->given < q->count && query_peek(q, r, item) && ++q->given;
}
