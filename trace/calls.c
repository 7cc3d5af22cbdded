/* SPDX-License-Identifier: MIT */
#include "trace/calls.h"

#include <stdlib.h>
#include <string.h>

#include "trace/print.h"
#include "trace/problem.h"

enum { DEPTH = 512, NODES_MOST = 1 << 20 };

/* A function called from another one. */
struct node {
    uint64_t address;
    bool interruption;           /* the handler of one: */
    unsigned class;
    uint32_t code;
    uint64_t calls, cycles;      /* cycles: its own */
    struct node *parent, *children, *sibling;
};
struct frame {
    struct node *node;
    uint64_t back;               /* where its caller goes on */
};
struct thread {
    unsigned level, guest, cpu;
    struct node root;
    struct frame stack[DEPTH];
    unsigned depth;
    /* The instruction before, of which it is not yet known where it goes. */
    bool pending, ended;
    uint64_t address, next, text;
    struct thread *other;
};
struct calls {
    struct thread *threads;
    struct thread *last;         /* whose instruction it was, at `position` */
    uint64_t position;
    unsigned nodes;
};

struct calls *calls_create(void) { return trace_allocate(sizeof(struct calls)); }

static void release_nodes(struct node *n)
{
    while (n) {
        struct node *next = n->sibling;

        release_nodes(n->children);
        free(n);
        n = next;
    }
}

void calls_release(struct calls *c)
{
    while (c->threads) {
        struct thread *t = c->threads;

        c->threads = t->other;
        release_nodes(t->root.children);
        free(t);
    }
    free(c);
}

static struct thread *thread_of(struct calls *c, const struct trace_item *i)
{
    unsigned cpu = i->level == 1 ? i->cpu : i->guest_cpu;
    struct thread *t;

    for (t = c->threads; t; t = t->other)
        if (t->level == i->level && t->guest == i->guest && t->cpu == cpu)
            return t;
    t = trace_allocate(sizeof *t);
    t->level = i->level;
    t->guest = i->guest;
    t->cpu = cpu;
    t->other = c->threads;
    return c->threads = t;
}

static struct node *top(struct thread *t) { return t->depth ? t->stack[t->depth - 1].node : &t->root; }

static void push(struct calls *c, struct thread *t, const struct node *what, uint64_t back)
{
    struct node *parent = top(t), *n = parent->children;

    while (n && (n->address != what->address || n->interruption != what->interruption || n->class != what->class ||
                 n->code != what->code))
        n = n->sibling;
    if (!n) {
        if (c->nodes == NODES_MOST)
            return;
        c->nodes++;
        n = trace_allocate(sizeof *n);
        *n = *what;
        n->parent = parent;
        n->sibling = parent->children;
        parent->children = n;
    }
    n->calls++;
    if (t->depth == DEPTH) {
        /* Endless recursion, or returns that nobody recognized: the oldest are forgotten. */
        memmove(t->stack, t->stack + DEPTH / 2, DEPTH / 2 * sizeof t->stack[0]);
        t->depth = DEPTH / 2;
    }
    t->stack[t->depth++] = (struct frame){n, back};
}

/* BRASL, BRAS, BASR, BAS, BASSM, BAL, BALR: is the branch that was taken a call? */
static bool is_call(uint64_t text)
{
    unsigned op = (unsigned)(text >> 56), low = text >> 48 & 15;

    switch (op) {
    case 0x0d: case 0x0c: case 0x05: return low != 0;
    case 0x4d: case 0x45: return true;
    case 0xa7: case 0xc0: return low == 5;
    default: return false;
    }
}

static bool ends_interruption(uint64_t text)
{
    return (text >> 48) == 0xb2b2 || (text >> 56) == 0x82 || ((text >> 56) == 0xeb && (text >> 16 & 0xff) == 0x71);
}

static void return_to(struct thread *t, uint64_t address)
{
    for (unsigned d = t->depth; d > 0; d--)
        if (t->stack[d - 1].back == address) {
            t->depth = d - 1;
            return;
        }
}

static void end_interruption(struct thread *t)
{
    for (unsigned d = t->depth; d > 0; d--)
        if (t->stack[d - 1].node->interruption) {
            t->depth = d - 1;
            return;
        }
}

/* Where the instruction before has led is known now. */
static void resolve(struct calls *c, struct thread *t, uint64_t address)
{
    if (!t->pending)
        return;
    t->pending = false;
    if (ends_interruption(t->text))
        end_interruption(t);
    else if (address == t->next || address == t->address)
        return;
    else if (is_call(t->text))
        push(c, t, &(struct node){.address = address}, t->next);
    else
        return_to(t, address);
}

void calls_follow(struct calls *c, const struct trace_item *i)
{
    struct thread *t = thread_of(c, i);

    if (c->last && i->position >= c->position)
        top(c->last)->cycles += i->position - c->position;
    c->last = t;
    c->position = i->position;
    if (i->kind == SIENNA_SEEN_INTERRUPTION) {
        t->pending = false;
        push(c, t, &(struct node){.interruption = true, .class = i->class,
                                  .code = i->class == SIENNA_INTERRUPTION_IO ? 0 : i->code}, i->address);
    }
    if (i->kind != SIENNA_SEEN_INSTRUCTION)
        return;
    resolve(c, t, i->address);
    t->pending = true;
    t->address = i->address;
    t->next = i->address + i->length;
    t->text = i->executes ? i->target_text : i->text;
}

/* ---- Printing ---- */

static uint64_t all_cycles(const struct node *n)
{
    uint64_t sum = n->cycles;

    for (const struct node *child = n->children; child; child = child->sibling)
        sum += all_cycles(child);
    return sum;
}

static void print_name(const struct node *n, const struct thread *t, FILE *out, const struct symbols *symbols)
{
    char name[160];

    if (!n->interruption) {
        print_symbol(symbols, t->level, n->address, name, sizeof name);
        if (*name)
            fprintf(out, "%s", name);
        else
            fprintf(out, "%llx", (unsigned long long)n->address);
    } else {
        struct trace_item item = {.kind = SIENNA_SEEN_INTERRUPTION, .class = n->class, .code = n->code};

        print_what(&item, symbols, name, sizeof name);
        name[strcspn(name, ",")] = 0;
        if (strstr(name, " at "))
            *strstr(name, " at ") = 0;
        if (n->class == SIENNA_INTERRUPTION_IO)
            snprintf(name, sizeof name, "I/O interruption");
        fprintf(out, "(%s)", name);
    }
}

struct ranked {
    const struct node *node;
    uint64_t cycles;
};

static int by_cycles(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->cycles != y->cycles)
        return x->cycles > y->cycles ? -1 : 1;
    return x->node->address < y->node->address ? -1 : x->node->address > y->node->address;
}

static void print_children(const struct node *n, const struct thread *t, unsigned depth, uint64_t whole, FILE *out,
                           const struct symbols *symbols, uint64_t *lines)
{
    struct ranked *ranked;
    size_t count = 0;

    for (const struct node *child = n->children; child; child = child->sibling)
        count++;
    ranked = trace_allocate((count + 1) * sizeof *ranked);
    count = 0;
    for (const struct node *child = n->children; child; child = child->sibling)
        ranked[count++] = (struct ranked){child, all_cycles(child)};
    qsort(ranked, count, sizeof *ranked, by_cycles);
    for (size_t i = 0; i < count && *lines && depth < 64; i++) {
        --*lines;
        fprintf(out, "%5.1f %% %12llu %10llu  %*s", whole ? 100.0 * (double)ranked[i].cycles / (double)whole : 0.0,
                (unsigned long long)ranked[i].cycles, (unsigned long long)ranked[i].node->calls, 2 * (int)depth, "");
        print_name(ranked[i].node, t, out, symbols);
        fprintf(out, "\n");
        print_children(ranked[i].node, t, depth + 1, whole, out, symbols, lines);
    }
    free(ranked);
}

void calls_print(const struct calls *c, FILE *out, const struct symbols *symbols, uint64_t lines)
{
    for (const struct thread *t = c->threads; t; t = t->other) {
        uint64_t whole = all_cycles(&t->root), left = lines;

        fprintf(out, "\ncalls of level %u, guest %u, CPU %u (%llu cycles)\n%7s %12s %10s\n", t->level, t->guest, t->cpu,
                (unsigned long long)whole, "", "cycles", "calls");
        print_children(&t->root, t, 0, whole, out, symbols, &left);
    }
}
