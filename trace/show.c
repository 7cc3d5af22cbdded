/* SPDX-License-Identifier: MIT */
/** show and grep: lines. */
#include <stdlib.h>
#include <string.h>

#include "trace/command_internal.h"
#include "trace/print.h"
#include "trace/problem.h"

int trace_show(struct invocation *v)
{
    char problem[SIENNA_PROBLEM_BYTES];
    struct trace_reader *r = trace_open(v->files[0], problem);
    struct trace_item item;
    int code;

    if (!r)
        return trace_fail(problem);
    query_begin(&v->query, r);
    while (!ferror(v->out) && query_next(&v->query, r, &item))
        print_item(v->out, &item, &v->query.symbols);
    code = trace_finish(r, v->files[0], TRACE_DONE);
    trace_close(r);
    return code;
}

/* ---- grep ---- */

static bool mnemonic_is(uint64_t text, const char *name)
{
    char words[160];
    size_t n = strlen(name);

    print_instruction(text, 0, words, sizeof words);
    return !strncmp(words, name, n) && (words[n] == ' ' || !words[n]);
}

static bool insn_matches(const struct invocation *v, const struct trace_item *item)
{
    return item->kind == SIENNA_SEEN_INSTRUCTION &&
           (mnemonic_is(item->text, v->insn) || (item->executes && mnemonic_is(item->target_text, v->insn)));
}

static bool address_matches(const struct invocation *v, const struct trace_item *item)
{
    if ((item->kind == SIENNA_SEEN_INSTRUCTION || item->kind == SIENNA_SEEN_BRANCH) && item->address >= v->address &&
        item->address <= v->address_end)
        return true;
    for (unsigned i = 0; i < item->accesses; i++)
        if (item->access[i].address <= v->address_end &&
            item->access[i].address + item->access[i].bytes > v->address)
            return true;
    return false;
}

static bool symbol_matches(const struct invocation *v, const struct trace_item *item)
{
    const struct symbol *s = item->kind == SIENNA_SEEN_INSTRUCTION || item->kind == SIENNA_SEEN_BRANCH
                                 ? symbols_find(&v->query.symbols, item->level, item->address) : NULL;

    return s && !strcmp(s->name, v->symbol);
}

/* `v->reg` is "r4=12ab", or "r4" for any value; it has been looked at. */
static bool reg_matches(const struct invocation *v, const struct trace_item *item)
{
    const char *sign = strchr(v->reg, '=');
    size_t n = sign ? (size_t)(sign - v->reg) : strlen(v->reg);
    uint64_t value = sign ? strtoull(sign + 1, NULL, 16) : 0;
    char name[16];

    for (unsigned i = 0; i < item->changes; i++) {
        print_register(&item->change[i], name, sizeof name);
        if (strlen(name) == n && !strncmp(name, v->reg, n) && (!sign || item->change[i].now[1] == value))
            return true;
    }
    return false;
}

static bool words_match(const struct invocation *v, const struct trace_item *item)
{
    char line[TRACE_LINE];

    print_what(item, &v->query.symbols, line, sizeof line);
    if (strstr(line, v->words))
        return true;
    print_effects(item, line, sizeof line);
    return strstr(line, v->words);
}

static bool all_match(const struct invocation *v, const struct trace_item *item)
{
    return (!v->insn || insn_matches(v, item)) && (!v->has_address || address_matches(v, item)) &&
           (!v->symbol || symbol_matches(v, item)) && (!v->reg || reg_matches(v, item)) &&
           (!v->words || words_match(v, item));
}

static bool check_what(const struct invocation *v, char *problem)
{
    uint64_t from, to;

    if (!v->insn && !v->has_address && !v->symbol && !v->reg && !v->words)
        return trace_problem(problem, "trace grep: say what: -insn, -address, -symbol, -reg or -words");
    if (v->symbol && !symbols_named(&v->query.symbols, 0, v->symbol))
        return trace_problem(problem, "trace grep: no -symbols FILE has the symbol '%s'", v->symbol);
    if (v->reg && (!strchr("rav", v->reg[0]) || (strchr(v->reg, '=') && (!trace_range(strchr(v->reg, '=') + 1, &from, &to) ||
                                                                         from != to))) && strncmp(v->reg, "fpc", 3) != 0)
        return trace_problem(problem, "trace grep: -reg %s: say r4=HEX, a4=HEX, v4=HEX (its last 8 bytes) or fpc=HEX",
                             v->reg);
    return true;
}

int trace_grep(struct invocation *v)
{
    char problem[SIENNA_PROBLEM_BYTES];
    struct trace_reader *r;
    struct trace_item item;
    uint64_t found = 0;
    int code;

    if (!check_what(v, problem) || !(r = trace_open(v->files[0], problem)))
        return trace_fail(problem);
    query_begin(&v->query, r);
    while (found < v->query.count && !ferror(v->out) && query_peek(&v->query, r, &item))
        if (all_match(v, &item)) {
            print_item(v->out, &item, &v->query.symbols);
            found++;
        }
    code = trace_finish(r, v->files[0], found ? TRACE_DONE : TRACE_NOTHING);
    trace_close(r);
    return code;
}
