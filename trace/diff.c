/* SPDX-License-Identifier: MIT */
/** diff: two traces side by side, as far as they are the same. */
#include <stdlib.h>
#include <string.h>

#include "trace/command_internal.h"
#include "trace/print.h"
#include "trace/problem.h"

enum { CONTEXT_MOST = 64 };

/* A line of context, kept as text since items point into their trace. */
struct lines {
    char *text[CONTEXT_MOST];
    unsigned next;
};

static void keep(struct lines *l, const struct trace_item *item, const struct symbols *symbols)
{
    size_t bytes;
    char **slot = &l->text[l->next++ % CONTEXT_MOST];
    FILE *f;

    free(*slot);
    *slot = NULL;
    f = open_memstream(slot, &bytes);
    if (!f)
        return;
    print_item(f, item, symbols);
    fclose(f);
}

static void print_kept(FILE *out, struct lines *l, uint64_t count)
{
    unsigned n = count < CONTEXT_MOST ? (unsigned)count : CONTEXT_MOST;

    for (unsigned i = l->next < n ? 0 : l->next - n; i < l->next; i++)
        if (l->text[i % CONTEXT_MOST])
            fprintf(out, "  %s", l->text[i % CONTEXT_MOST]);
}

static bool reads_a_clock(const struct trace_item *i)
{
    unsigned op = (unsigned)(i->text >> 48);

    return op == 0xb205 || op == 0xb27c || op == 0xb278 || op == 0xb209; /* STCK, STCKF, STCKE, STPT */
}

static bool same_access(const struct trace_access *a, const struct trace_access *b, bool contents)
{
    return a->store == b->store && a->address == b->address && a->absolute == b->absolute && a->bytes == b->bytes &&
           (!contents || !memcmp(a->data, b->data, a->bytes));
}

static bool same_effects(const struct trace_item *a, const struct trace_item *b, bool contents)
{
    if (a->changes != b->changes || a->accesses != b->accesses)
        return false;
    for (unsigned i = 0; i < a->changes && contents; i++)
        if (a->change[i].class != b->change[i].class || a->change[i].number != b->change[i].number ||
            memcmp(a->change[i].now, b->change[i].now, sizeof a->change[i].now) != 0)
            return false;
    for (unsigned i = 0; i < a->accesses; i++)
        if (!same_access(&a->access[i], &b->access[i], contents))
            return false;
    return true;
}

static bool same(const struct trace_item *a, const struct trace_item *b, bool ignore_time)
{
    if (a->kind != b->kind || a->cpu != b->cpu || a->level != b->level || a->guest != b->guest ||
        a->guest_cpu != b->guest_cpu || a->modes != b->modes || a->asce != b->asce || a->address != b->address ||
        a->text != b->text || a->class != b->class || a->detail != b->detail || a->code != b->code ||
        a->cc != b->cc || a->executes != b->executes || (a->executes && a->target_text != b->target_text))
        return false;
    if (!ignore_time && (a->position != b->position || a->time != b->time))
        return false;
    if (a->kind != SIENNA_SEEN_INSTRUCTION && a->value != b->value)
        return false;
    return same_effects(a, b, !(ignore_time && reads_a_clock(a)));
}

struct side {
    const char *path;
    struct trace_reader *reader;
    struct query query;
    struct trace_item item;
    bool there;
};

static void next(struct side *s) { s->there = query_next(&s->query, s->reader, &s->item); }

static int report(struct invocation *v, struct side sides[2], struct lines *context, uint64_t same_count)
{
    if (!sides[0].there && !sides[1].there) {
        fprintf(v->out, "the same: %llu instructions and events\n", (unsigned long long)same_count);
        return TRACE_DONE;
    }
    fprintf(v->out, "the same for %llu instructions and events, then a difference:\n", (unsigned long long)same_count);
    print_kept(v->out, context, v->context);
    for (unsigned i = 0; i < 2; i++) {
        fprintf(v->out, "%c ", "-+"[i]);
        if (sides[i].there)
            print_item(v->out, &sides[i].item, &v->query.symbols);
        else
            fprintf(v->out, "'%s' has ended\n", sides[i].path);
    }
    return TRACE_NOTHING;
}

int trace_diff(struct invocation *v)
{
    struct side *sides = trace_allocate(2 * sizeof *sides);
    struct lines context = {0};
    char problem[SIENNA_PROBLEM_BYTES];
    uint64_t count = 0;
    int code = TRACE_WRONG, finished;

    for (unsigned i = 0; i < 2; i++) {
        sides[i].path = v->files[i];
        sides[i].query = v->query;
        sides[i].reader = trace_open(v->files[i], problem);
        if (!sides[i].reader) {
            trace_fail(problem);
            goto done;
        }
        query_begin(&sides[i].query, sides[i].reader);
    }
    for (;;) {
        next(&sides[0]);
        next(&sides[1]);
        if (!sides[0].there || !sides[1].there || !same(&sides[0].item, &sides[1].item, v->ignore_time))
            break;
        keep(&context, &sides[0].item, &v->query.symbols);
        count++;
    }
    code = report(v, sides, &context, count);
    for (unsigned i = 0; i < 2; i++) {
        finished = trace_finish(sides[i].reader, sides[i].path, code);
        code = finished == TRACE_WRONG ? finished : code;
    }
done:
    for (unsigned i = 0; i < 2; i++)
        trace_close(sides[i].reader);
    for (unsigned i = 0; i < CONTEXT_MOST; i++)
        free(context.text[i]);
    free(sides);
    return code;
}
