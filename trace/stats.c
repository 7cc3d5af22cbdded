/* SPDX-License-Identifier: MIT */
/** stats: how often, where, and who called whom. */
#include <stdlib.h>
#include <string.h>

#include "trace/calls.h"
#include "trace/command_internal.h"
#include "trace/print.h"
#include "trace/tally.h"

struct stats {
    struct tally kinds, exits, interruptions, mnemonics, places;
    struct calls *calls;
    /* The instruction before, whose cycles are what passes until the next item. */
    bool pending;
    unsigned level;
    uint64_t place, text, position;
};

/* The mnemonic, packed into a key. */
static uint64_t packed_name(uint64_t text)
{
    char words[160];
    uint64_t key = 0;

    print_instruction(text, 0, words, sizeof words);
    for (unsigned i = 0; i < 8 && words[i] && words[i] != ' '; i++)
        key |= (uint64_t)(uint8_t)words[i] << 8 * i;
    return key;
}

static void account(struct stats *s, uint64_t until)
{
    struct tally_entry *e;
    uint64_t cycles = until > s->position ? until - s->position : 0;

    if (!s->pending)
        return;
    s->pending = false;
    e = tally_of(&s->places, s->level, s->place);
    e->count++;
    e->cycles += cycles;
}

static void count(struct stats *s, const struct trace_item *i, const struct symbols *symbols)
{
    const struct symbol *symbol;

    account(s, i->position);
    tally_of(&s->kinds, i->level, i->kind)->count++;
    switch (i->kind) {
    case SIENNA_SEEN_INSTRUCTION:
        symbol = symbols_find(symbols, i->level, i->address);
        s->pending = true;
        s->level = i->level;
        s->place = symbol ? symbol->address : i->address;
        s->position = i->position;
        /* The texts are counted first: far fewer than instructions are looked up by name. */
        tally_of(&s->mnemonics, i->level, i->text)->count++;
        break;
    case SIENNA_SEEN_EXIT:
        tally_of(&s->exits, i->class, (uint64_t)i->detail << 32 | i->code)->count++;
        break;
    case SIENNA_SEEN_INTERRUPTION:
        tally_of(&s->interruptions, i->level, (uint64_t)i->class << 32 | i->code)->count++;
        break;
    default:
        break;
    }
    if (s->calls)
        calls_follow(s->calls, i);
}

/* ---- Printing ---- */

static void print_kinds(struct stats *s, FILE *out)
{
    tally_sort(&s->kinds, false);
    fprintf(out, "%-8s %-10s %14s\n", "level", "what", "how many");
    for (size_t i = 0; i < s->kinds.count; i++)
        fprintf(out, "%-8u %-10s %14llu\n", s->kinds.entries[i].level,
                print_kind((enum sienna_seen_kind)s->kinds.entries[i].key),
                (unsigned long long)s->kinds.entries[i].count);
}

static void print_exits(struct stats *s, FILE *out, uint64_t lines)
{
    char words[200];

    tally_sort(&s->exits, false);
    if (s->exits.count)
        fprintf(out, "\nexits from SIE\n");
    for (size_t i = 0; i < s->exits.count && i < lines; i++) {
        const struct tally_entry *e = &s->exits.entries[i];
        struct trace_item item = {.kind = SIENNA_SEEN_EXIT, .detail = (unsigned)(e->key >> 32),
                                  .code = (uint32_t)e->key};

        print_exit(&item, words, sizeof words);
        fprintf(out, "level %-2u %14llu  %s\n", e->level, (unsigned long long)e->count, words);
    }
}

static void print_interruptions(struct stats *s, FILE *out, uint64_t lines)
{
    char words[200];

    tally_sort(&s->interruptions, false);
    if (s->interruptions.count)
        fprintf(out, "\ninterruptions\n");
    for (size_t i = 0; i < s->interruptions.count && i < lines; i++) {
        const struct tally_entry *e = &s->interruptions.entries[i];
        struct trace_item item = {.kind = SIENNA_SEEN_INTERRUPTION, .class = (unsigned)(e->key >> 32),
                                  .code = (uint32_t)e->key};

        print_what(&item, NULL, words, sizeof words);
        words[strcspn(words, ",")] = 0;
        if (strstr(words, " at 0"))
            *strstr(words, " at 0") = 0;
        if (strstr(words, " from CPU"))
            *strstr(words, " from CPU") = 0;
        fprintf(out, "level %-2u %14llu  %s\n", e->level, (unsigned long long)e->count, words);
    }
}

static void print_places(struct stats *s, FILE *out, const struct symbols *symbols, uint64_t lines)
{
    uint64_t whole = 0;
    char name[160];

    tally_sort(&s->places, true);
    for (size_t i = 0; i < s->places.count; i++)
        whole += s->places.entries[i].cycles;
    if (s->places.count)
        fprintf(out, "\nhot spots\n%7s %14s %14s\n", "", "cycles", "instructions");
    for (size_t i = 0; i < s->places.count && i < lines; i++) {
        const struct tally_entry *e = &s->places.entries[i];

        print_symbol(symbols, e->level, e->key, name, sizeof name);
        fprintf(out, "%5.1f %% %14llu %14llu  level %u  %llx%s%s\n",
                whole ? 100.0 * (double)e->cycles / (double)whole : 0.0, (unsigned long long)e->cycles,
                (unsigned long long)e->count, e->level, (unsigned long long)e->key, *name ? " " : "", name);
    }
}

static void print_mnemonics(struct stats *s, FILE *out, uint64_t lines)
{
    struct tally names = {0};

    for (size_t i = 0; i < s->mnemonics.room; i++)
        if (s->mnemonics.entries[i].used)
            tally_of(&names, 0, packed_name(s->mnemonics.entries[i].key))->count += s->mnemonics.entries[i].count;
    tally_sort(&names, false);
    if (names.count)
        fprintf(out, "\ninstructions\n");
    for (size_t i = 0; i < names.count && i < lines; i++) {
        char name[9] = "";

        for (unsigned n = 0; n < 8; n++)
            name[n] = (char)(names.entries[i].key >> 8 * n);
        fprintf(out, "%14llu  %s\n", (unsigned long long)names.entries[i].count, name);
    }
    tally_release(&names);
}

int trace_stats(struct invocation *v)
{
    struct stats s = {.calls = v->calls ? calls_create() : NULL};
    char problem[SIENNA_PROBLEM_BYTES];
    struct trace_reader *r = trace_open(v->files[0], problem);
    struct trace_item item;
    int code;

    if (!r) {
        if (s.calls)
            calls_release(s.calls);
        return trace_fail(problem);
    }
    query_begin(&v->query, r);
    while (query_next(&v->query, r, &item))
        count(&s, &item, &v->query.symbols);
    account(&s, 0);
    print_kinds(&s, v->out);
    print_exits(&s, v->out, v->top);
    print_interruptions(&s, v->out, v->top);
    print_mnemonics(&s, v->out, v->top);
    print_places(&s, v->out, &v->query.symbols, v->top);
    if (s.calls) {
        calls_print(s.calls, v->out, &v->query.symbols, v->top);
        calls_release(s.calls);
    }
    code = trace_finish(r, v->files[0], TRACE_DONE);
    trace_close(r);
    tally_release(&s.kinds);
    tally_release(&s.exits);
    tally_release(&s.interruptions);
    tally_release(&s.mnemonics);
    tally_release(&s.places);
    return code;
}
