/* SPDX-License-Identifier: MIT */
/** export: a plain table, or what ui.perfetto.dev shows (trace/perfetto.c). */
#include <errno.h>
#include <string.h>

#include "trace/command_internal.h"
#include "trace/perfetto.h"
#include "trace/print.h"
#include "trace/problem.h"

static void put_row(FILE *out, const struct trace_item *i, const struct symbols *symbols)
{
    char what[400], effects[TRACE_LINE], symbol[160];
    unsigned long long address = i->address;

    print_what(i, symbols, what, sizeof what);
    print_effects(i, effects, sizeof effects);
    print_symbol(symbols, i->level, i->address, symbol, sizeof symbol);
    fprintf(out, "%llu\t%llu\t%u\t%u\t%u\t%u\t%c\t%s\t%llx\t%s\t", (unsigned long long)i->position,
            (unsigned long long)i->time, i->cpu, i->level, i->guest, i->level == 1 ? i->cpu : i->guest_cpu,
            i->modes >> 48 & 1 ? 'p' : 's', print_kind(i->kind), address, symbol);
    if (i->kind == SIENNA_SEEN_INSTRUCTION)
        fprintf(out, "%0*llx", 2 * (int)i->length, (unsigned long long)(i->text >> (64 - 8 * i->length)));
    fprintf(out, "\t%s\t%s\n", what, *effects == ' ' ? effects + 1 : effects);
}

static void put_table(struct invocation *v, struct trace_reader *r, FILE *out)
{
    struct trace_item item;

    fprintf(out, "position\ttime\tcpu\tlevel\tguest\tguest_cpu\tstate\tkind\taddress\tsymbol\ttext\twhat\teffects\n");
    while (!ferror(out) && query_next(&v->query, r, &item))
        put_row(out, &item, &v->query.symbols);
}

static void put_perfetto(struct invocation *v, struct trace_reader *r, FILE *out)
{
    struct perfetto *p = perfetto_begin(out);
    struct trace_item item;

    while (!ferror(out) && query_next(&v->query, r, &item))
        perfetto_put(p, &item);
    perfetto_end(p);
}

int trace_export(struct invocation *v)
{
    const char *path = v->perfetto ? v->perfetto : v->tsv;
    char problem[SIENNA_PROBLEM_BYTES];
    struct trace_reader *r;
    bool bad;
    FILE *out;
    int code;

    if (!path || (v->perfetto && v->tsv))
        return trace_fail("trace export: say -perfetto FILE or -tsv FILE");
    r = trace_open(v->files[0], problem);
    if (!r)
        return trace_fail(problem);
    out = fopen(path, "wb");
    if (!out) {
        trace_problem(problem, "trace export: '%s' cannot be created: %s", path, strerror(errno));
        trace_close(r);
        return trace_fail(problem);
    }
    query_begin(&v->query, r);
    if (v->perfetto)
        put_perfetto(v, r, out);
    else
        put_table(v, r, out);
    bad = ferror(out);
    if (fclose(out) || bad) {
        trace_problem(problem, "trace export: '%s' cannot be written", path);
        code = trace_fail(problem);
    } else {
        code = trace_finish(r, v->files[0], TRACE_DONE);
    }
    trace_close(r);
    return code;
}
