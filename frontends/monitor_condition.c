/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "monitor_condition.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor_internal.h"

enum { NODES = 100, DEPTH = 20 };

enum kind {
    NUMBER, REGISTER, PSW_MASK, STORAGE, NOT,
    OR, AND, EQUAL, UNEQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, PLUS, MINUS, BITS_AND, BITS_OR,
};

struct node {
    enum kind kind;
    unsigned left, right;              /**< operands, as places in the array; of NOT and STORAGE the left one */
    uint64_t value;                    /**< of a NUMBER; of STORAGE: how many bytes */
    enum sienna_register_class class;
    unsigned number;
};

struct monitor_condition {
    char *text;
    unsigned nodes, root;
    struct node node[NODES];
};

/* ---- From text: recursive descent ---- */

struct parser {
    struct monitor_condition *c;
    const char *at;
    unsigned depth;
    char *problem; /**< empty as long as all is well */
};

/* The operators of each level, weakest first; longer spellings before their beginnings. */
static const struct operator {
    const char *spelling;
    enum kind kind;
    unsigned level;
} operators[] = {
    {"||", OR, 0}, {"&&", AND, 1}, {"==", EQUAL, 2}, {"!=", UNEQUAL, 2}, {"<=", LESS_EQUAL, 2},
    {">=", GREATER_EQUAL, 2}, {"<", LESS, 2}, {">", GREATER, 2}, {"+", PLUS, 3}, {"-", MINUS, 3}, {"&", BITS_AND, 3},
    {"|", BITS_OR, 3},
};
enum { OPERATORS = sizeof operators / sizeof operators[0], LEVELS = 4 };

static unsigned complain(struct parser *p, const char *what)
{
    if (!*p->problem)
        snprintf(p->problem, HOST_PROBLEM_BYTES, "condition: %s at '%.30s'", what, p->at);
    return 0;
}

static void blanks(struct parser *p)
{
    p->at += strspn(p->at, " \t");
}

static bool word(struct parser *p, const char *spelling)
{
    size_t n = strlen(spelling);

    blanks(p);
    if (strncmp(p->at, spelling, n) != 0)
        return false;
    p->at += n;
    return true;
}

static unsigned add(struct parser *p, struct node node)
{
    if (p->c->nodes == NODES)
        return complain(p, "it is too long");
    p->c->node[p->c->nodes] = node;
    return p->c->nodes++;
}

static unsigned number(struct parser *p)
{
    char *end;
    uint64_t value;

    if (!isxdigit((unsigned char)*p->at))
        return complain(p, "a value is missing");
    value = strtoull(p->at, &end, 16);
    if (strspn(p->at, "0123456789abcdefABCDEF") > 16 || isalnum((unsigned char)*end))
        return complain(p, "this is no hexadecimal number");
    p->at = end;
    return add(p, (struct node){.kind = NUMBER, .value = value});
}

static unsigned register_named(struct parser *p)
{
    struct node n = {.kind = REGISTER};
    size_t length = 0;

    while (isalnum((unsigned char)p->at[length]))
        length++;
    if (length == 4 && !strncmp(p->at, "mask", length))
        n.kind = PSW_MASK;
    else if (!monitor_register(p->at, length, &n.class, &n.number))
        return complain(p, "there is no such register");
    p->at += length;
    return add(p, n);
}

static unsigned level(struct parser *p, unsigned number);

static unsigned enclosed(struct parser *p, const char *end, unsigned bytes)
{
    unsigned inside = level(p, 0);

    if (!*p->problem && !word(p, end))
        return complain(p, *end == ')' ? "a parenthesis is not closed" : "a bracket is not closed");
    return bytes ? add(p, (struct node){.kind = STORAGE, .left = inside, .value = bytes}) : inside;
}

static unsigned primary(struct parser *p)
{
    static const struct { const char *name; unsigned bytes; } sizes[] = {
        {"byte[", 1}, {"half[", 2}, {"word[", 4}, {"[", 8},
    };

    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (word(p, sizes[i].name))
            return enclosed(p, "]", sizes[i].bytes);
    if (word(p, "("))
        return enclosed(p, ")", 0);
    if (word(p, "!"))
        return add(p, (struct node){.kind = NOT, .left = level(p, LEVELS)});
    return word(p, "%") ? register_named(p) : number(p);
}

static const struct operator *operator_at(struct parser *p, unsigned level)
{
    blanks(p);
    for (unsigned i = 0; i < OPERATORS; i++)
        if (!strncmp(p->at, operators[i].spelling, strlen(operators[i].spelling)))
            return operators[i].level == level ? &operators[i] : NULL;
    return NULL;
}

/* Operands of the next stronger level, and what is between them. */
static unsigned level(struct parser *p, unsigned l)
{
    const struct operator *operator;
    unsigned left;

    if (p->depth > DEPTH * LEVELS)
        return complain(p, "it is too deep");
    p->depth++;
    left = l == LEVELS ? primary(p) : level(p, l + 1);
    while (!*p->problem && l < LEVELS && (operator = operator_at(p, l)) != NULL) {
        struct node n = {.kind = operator->kind, .left = left};

        p->at += strlen(operator->spelling);
        n.right = level(p, l + 1);
        left = add(p, n);
    }
    p->depth--;
    return left;
}

struct monitor_condition *monitor_condition_parse(const char *text, char problem[HOST_PROBLEM_BYTES])
{
    struct monitor_condition *c = calloc(1, sizeof *c);
    struct parser p = {.c = c, .at = text, .problem = problem};

    if (!c || !(c->text = strdup(text)))
        abort();
    problem[0] = 0;
    c->root = level(&p, 0);
    blanks(&p);
    if (*p.at)
        complain(&p, "an operator is missing");
    if (!*problem)
        return c;
    monitor_condition_free(c);
    return NULL;
}

void monitor_condition_free(struct monitor_condition *c)
{
    if (!c)
        return;
    free(c->text);
    free(c);
}

const char *monitor_condition_text(const struct monitor_condition *c)
{
    return c->text;
}

/* ---- Evaluation ---- */

struct look {
    const struct monitor_condition *c;
    const struct sienna *sienna;
    struct sienna_thread thread;
    bool unknown; /**< something was not to be known */
};

static uint64_t value_of(struct look *l, unsigned place);

static uint64_t big_endian(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;

    for (size_t i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static uint64_t register_value(struct look *l, enum sienna_register_class class, unsigned number, bool mask)
{
    unsigned width = sienna_register_type(class)->bytes;
    uint8_t bytes[SIENNA_REGISTER_BYTES];

    if (!sienna_thread_register_read(l->sienna, l->thread, class, number, bytes)) {
        l->unknown = true;
        return 0;
    }
    return big_endian(class == SIENNA_PSW && !mask ? bytes + 8 : bytes, width < 8 ? width : 8);
}

static uint64_t storage_value(struct look *l, uint64_t address, size_t count)
{
    uint8_t bytes[8];

    if (sienna_thread_storage_read(l->sienna, l->thread, SIENNA_LOGICAL, address, bytes, count) == count)
        return big_endian(bytes, count);
    l->unknown = true;
    return 0;
}

static uint64_t combine(enum kind kind, uint64_t a, uint64_t b)
{
    switch (kind) {
    case EQUAL: return a == b;
    case UNEQUAL: return a != b;
    case LESS: return a < b;
    case LESS_EQUAL: return a <= b;
    case GREATER: return a > b;
    case GREATER_EQUAL: return a >= b;
    case PLUS: return a + b;
    case MINUS: return a - b;
    case BITS_AND: return a & b;
    default: return a | b;
    }
}

static uint64_t value_of(struct look *l, unsigned place)
{
    const struct node *n = &l->c->node[place];

    switch (n->kind) {
    case NUMBER: return n->value;
    case REGISTER: return register_value(l, n->class, n->number, false);
    case PSW_MASK: return register_value(l, SIENNA_PSW, 0, true);
    case STORAGE: return storage_value(l, value_of(l, n->left), (size_t)n->value);
    case NOT: return !value_of(l, n->left);
    case AND: return value_of(l, n->left) && value_of(l, n->right);
    case OR: return value_of(l, n->left) || value_of(l, n->right);
    default: return combine(n->kind, value_of(l, n->left), value_of(l, n->right));
    }
}

bool monitor_condition_holds(const struct monitor_condition *c, const struct sienna *s, struct sienna_thread thread)
{
    struct look l = {c, s, thread, false};
    bool holds = value_of(&l, c->root);

    return holds || l.unknown;
}
