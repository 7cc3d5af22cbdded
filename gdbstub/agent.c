/* SPDX-License-Identifier: MIT */
#include "gdbstub/agent.h"

#include <stdio.h>
#include <string.h>

/* Numbers and meanings are those of the appendix on agent expressions in GDB's manual. */
enum {
    OP_ADD = 0x02, OP_SUB, OP_MUL, OP_DIV_SIGNED, OP_DIV_UNSIGNED, OP_REM_SIGNED, OP_REM_UNSIGNED, OP_LSH,
    OP_RSH_SIGNED, OP_RSH_UNSIGNED,
    OP_LOG_NOT = 0x0e, OP_BIT_AND, OP_BIT_OR, OP_BIT_XOR, OP_BIT_NOT, OP_EQUAL, OP_LESS_SIGNED, OP_LESS_UNSIGNED,
    OP_EXT, OP_REF8, OP_REF16, OP_REF32, OP_REF64,
    OP_IF_GOTO = 0x20, OP_GOTO, OP_CONST8, OP_CONST16, OP_CONST32, OP_CONST64, OP_REG, OP_END, OP_DUP, OP_POP,
    OP_ZERO_EXT, OP_SWAP,
    OP_PICK = 0x32, OP_ROT, OP_PRINTF,
};

struct agent {
    const struct agent_machine *machine;
    const uint8_t *code;
    size_t bytes, at;
    uint64_t stack[AGENT_STACK];
    unsigned depth;
    const char *problem;
};

static bool fail(struct agent *a, const char *problem)
{
    if (!a->problem)
        a->problem = problem;
    return false;
}

static uint64_t operand(struct agent *a, unsigned bytes)
{
    uint64_t value = 0;

    if (a->bytes - a->at < bytes) {
        fail(a, "it ends within an operation");
        return 0;
    }
    while (bytes--)
        value = value << 8 | a->code[a->at++];
    return value;
}

static bool push(struct agent *a, uint64_t value)
{
    if (a->depth == AGENT_STACK)
        return fail(a, "its stack overflows");
    a->stack[a->depth++] = value;
    return true;
}

static uint64_t pop(struct agent *a)
{
    if (!a->depth) {
        fail(a, "its stack underflows");
        return 0;
    }
    return a->stack[--a->depth];
}

/* ---- Arithmetic ---- */

static uint64_t divide(struct agent *a, unsigned op, uint64_t x, uint64_t y)
{
    bool remainder = op == OP_REM_SIGNED || op == OP_REM_UNSIGNED;

    if (!y) {
        fail(a, "it divides by zero");
        return 0;
    }
    if (op == OP_DIV_UNSIGNED || op == OP_REM_UNSIGNED)
        return remainder ? x % y : x / y;
    /* The one quotient that does not fit. */
    if (y == UINT64_MAX)
        return remainder ? 0 : 0 - x;
    return (uint64_t)(remainder ? (int64_t)x % (int64_t)y : (int64_t)x / (int64_t)y);
}

static uint64_t shift(unsigned op, uint64_t x, uint64_t y)
{
    unsigned n = y > 63 ? 63 : (unsigned)y;

    if (op == OP_RSH_SIGNED)
        return (uint64_t)((int64_t)x >> n);
    if (y > 63)
        return 0;
    return op == OP_LSH ? x << n : x >> n;
}

static bool binary(struct agent *a, unsigned op)
{
    uint64_t y = pop(a), x = pop(a), value;

    switch (op) {
    case OP_ADD: value = x + y; break;
    case OP_SUB: value = x - y; break;
    case OP_MUL: value = x * y; break;
    case OP_LSH: case OP_RSH_SIGNED: case OP_RSH_UNSIGNED: value = shift(op, x, y); break;
    case OP_BIT_AND: value = x & y; break;
    case OP_BIT_OR: value = x | y; break;
    case OP_BIT_XOR: value = x ^ y; break;
    case OP_EQUAL: value = x == y; break;
    case OP_LESS_SIGNED: value = (int64_t)x < (int64_t)y; break;
    case OP_LESS_UNSIGNED: value = x < y; break;
    default: value = divide(a, op, x, y); break;
    }
    return push(a, value);
}

static bool extend(struct agent *a, bool sign)
{
    unsigned n = (unsigned)operand(a, 1);
    uint64_t value = pop(a);

    if (n && n < 64) {
        value &= ~0ULL >> (64 - n);
        if (sign && value >> (n - 1))
            value |= ~0ULL << n;
    }
    return push(a, value);
}

static bool reference(struct agent *a, unsigned bytes)
{
    uint8_t data[8];
    uint64_t value = 0;

    if (!a->machine->read_storage(a->machine->context, pop(a), data, bytes))
        return fail(a, "it reads storage that is not there");
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | data[i];
    return push(a, value);
}

/* ---- printf ---- */

struct printed {
    char text[AGENT_TEXT];
    size_t count;
};

static void put(struct printed *p, const char *text, size_t count)
{
    if (count > sizeof p->text - p->count)
        count = sizeof p->text - p->count;
    memcpy(p->text + p->count, text, count);
    p->count += count;
}

/* A string in the guest's storage. */
static void put_string(struct agent *a, struct printed *p, uint64_t address)
{
    char c;

    for (unsigned i = 0; i < 1024; i++) {
        if (!a->machine->read_storage(a->machine->context, address + i, &c, 1)) {
            put(p, "(not there)", 11);
            return;
        }
        if (!c)
            return;
        put(p, &c, 1);
    }
}

/* One directive, of which `text` begins with its percent sign; returns its length. */
static size_t directive(struct agent *a, struct printed *p, const char *text, size_t count, const uint64_t *argument,
                        unsigned arguments, unsigned *used)
{
    char format[24] = "%", words[160];
    size_t at = 1, to = 1;
    unsigned longs = 0, halves = 0, digits = 0;
    uint64_t value;
    int n;

    for (; at < count && strchr("-+ #0123456789.", text[at]) && text[at]; at++) {
        digits += text[at] >= '0' && text[at] <= '9';
        if (to < 8 && digits < 4)
            format[to++] = text[at];
    }
    for (; at < count && strchr("hlLzjt", text[at]) && text[at]; at++) {
        longs += text[at] != 'h';
        halves += text[at] == 'h';
    }
    if (at >= count)
        return count;
    if (text[at] == '%') {
        put(p, "%", 1);
        return at + 1;
    }
    value = *used < arguments ? argument[(*used)++] : 0;
    if (text[at] == 's') {
        put_string(a, p, value);
        return at + 1;
    }
    if (text[at] == 'c') {
        words[0] = (char)value;
        put(p, words, 1);
        return at + 1;
    }
    if (!strchr("dioxXup", text[at]) || !text[at]) {
        put(p, "?", 1);
        return at + 1;
    }
    if (text[at] != 'p' && !longs) {
        bool sign = text[at] == 'd' || text[at] == 'i';

        value = halves ? (sign ? (uint64_t)(int16_t)value : (uint16_t)value)
                : sign ? (uint64_t)(int32_t)value : (uint32_t)value;
    }
    if (text[at] == 'p')
        format[to++] = '#';
    format[to++] = 'l';
    format[to++] = 'l';
    format[to++] = text[at] == 'p' ? 'x' : text[at];
    format[to] = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    n = snprintf(words, sizeof words, format, (unsigned long long)value);
#pragma GCC diagnostic pop
    if (n > 0)
        put(p, words, (size_t)n < sizeof words ? (size_t)n : sizeof words - 1);
    return at + 1;
}

/* An escape sequence as C has them, which GDB leaves to us; its length. `text` begins with its backslash. */
static size_t escape(struct printed *p, const char *text, size_t count)
{
    static const char letters[] = "abefnrtv", meant[] = "\a\b\033\f\n\r\t\v";
    const char *letter = count > 1 ? memchr(letters, text[1], sizeof letters - 1) : NULL;
    unsigned value = 0;
    size_t at = 1;

    for (; at < count && at < 4 && text[at] >= '0' && text[at] <= '7'; at++)
        value = 8 * value + (unsigned)(text[at] - '0');
    if (at > 1) {
        put(p, &(char){(char)value}, 1);
        return at;
    }
    put(p, letter ? &meant[letter - letters] : text + (count > 1), 1);
    return count > 1 ? 2 : 1;
}

static bool print(struct agent *a)
{
    unsigned arguments = (unsigned)operand(a, 1), used = 0;
    size_t count = (size_t)operand(a, 2);
    const char *text = (const char *)a->code + a->at;
    uint64_t argument[AGENT_STACK];
    struct printed p = {.count = 0};

    if (a->problem)
        return false;
    if (count > a->bytes - a->at || !count || text[count - 1])
        return fail(a, "its format does not end");
    a->at += count--;
    /* On top are the function and the channel that a program would print with. */
    pop(a);
    pop(a);
    if (arguments > AGENT_STACK)
        return fail(a, "its stack underflows");
    for (unsigned i = 0; i < arguments; i++)
        argument[i] = pop(a);
    if (a->problem)
        return false;
    for (size_t i = 0; i < count;) {
        size_t plain = 0;

        while (i + plain < count && text[i + plain] != '%' && text[i + plain] != '\\')
            plain++;
        put(&p, text + i, plain);
        i += plain;
        if (i < count && text[i] == '\\')
            i += escape(&p, text + i, count - i);
        else if (i < count)
            i += directive(a, &p, text + i, count - i, argument, arguments, &used);
    }
    a->machine->print(a->machine->context, p.text, p.count);
    return true;
}

/* ---- The loop ---- */

static bool jump(struct agent *a, bool wanted)
{
    size_t target = (size_t)operand(a, 2);

    if (a->problem)
        return false;
    if (target > a->bytes)
        return fail(a, "it leaves its code");
    if (wanted)
        a->at = target;
    return true;
}

static bool read_register(struct agent *a)
{
    unsigned number = (unsigned)operand(a, 2);
    uint64_t value = 0;

    if (!a->problem && !a->machine->read_register(a->machine->context, number, &value))
        return fail(a, "it names a register that is not there");
    return push(a, value);
}

static bool pick(struct agent *a)
{
    unsigned n = (unsigned)operand(a, 1);

    if (n >= a->depth)
        return fail(a, "its stack underflows");
    return push(a, a->stack[a->depth - 1 - n]);
}

/* x y z, z on top, become z x y: the two below the top are moved up. */
static bool rotate(struct agent *a)
{
    uint64_t z = pop(a), y = pop(a), x = pop(a);

    return push(a, z) && push(a, x) && push(a, y);
}

static bool perform(struct agent *a, unsigned op)
{
    uint64_t x, y;

    switch (op) {
    case OP_LOG_NOT: return push(a, !pop(a));
    case OP_BIT_NOT: return push(a, ~pop(a));
    case OP_EXT: return extend(a, true);
    case OP_ZERO_EXT: return extend(a, false);
    case OP_REF8: return reference(a, 1);
    case OP_REF16: return reference(a, 2);
    case OP_REF32: return reference(a, 4);
    case OP_REF64: return reference(a, 8);
    case OP_IF_GOTO: return jump(a, pop(a) != 0);
    case OP_GOTO: return jump(a, true);
    case OP_CONST8: return push(a, operand(a, 1));
    case OP_CONST16: return push(a, operand(a, 2));
    case OP_CONST32: return push(a, operand(a, 4));
    case OP_CONST64: return push(a, operand(a, 8));
    case OP_REG: return read_register(a);
    case OP_DUP:
        x = pop(a);
        return push(a, x) && push(a, x);
    case OP_POP:
        pop(a);
        return true;
    case OP_SWAP:
        y = pop(a);
        x = pop(a);
        return push(a, y) && push(a, x);
    case OP_PICK: return pick(a);
    case OP_ROT: return rotate(a);
    case OP_PRINTF: return print(a);
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV_SIGNED: case OP_DIV_UNSIGNED: case OP_REM_SIGNED:
    case OP_REM_UNSIGNED: case OP_LSH: case OP_RSH_SIGNED: case OP_RSH_UNSIGNED: case OP_BIT_AND: case OP_BIT_OR:
    case OP_BIT_XOR: case OP_EQUAL: case OP_LESS_SIGNED: case OP_LESS_UNSIGNED: return binary(a, op);
    default: return fail(a, "it has an operation that is not known here");
    }
}

const char *agent_run(const uint8_t *code, size_t bytes, const struct agent_machine *machine, uint64_t *value)
{
    struct agent a = {.machine = machine, .code = code, .bytes = bytes};

    for (unsigned steps = 0; steps < AGENT_STEPS; steps++) {
        unsigned op = (unsigned)operand(&a, 1);

        if (a.problem)
            return a.problem;
        if (op == OP_END) {
            *value = a.depth ? a.stack[a.depth - 1] : 0;
            return NULL;
        }
        perform(&a, op);
        if (a.problem)
            return a.problem;
    }
    return "it does not end";
}
