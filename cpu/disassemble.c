/* SPDX-License-Identifier: MIT */
/**
 * Disassembler: text of an instruction as objdump prints it, from the table rows, the operand
 * layouts of their formats (cpu/layout.def) and what differs from these (cpu/syntax.def).
 */
#include "cpu/layout.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Operands of each format as they are written, where that is not simply its layout. */
static const char *const format_operands[FORMAT_COUNT] = {
#define LAYOUT(format, operands) [FORMAT_##format] = operands,
#include "cpu/layout.def"
#undef LAYOUT
};
static const char *const format_syntax[FORMAT_COUNT] = {
#define SYNTAX_OF_FORMAT(format, operands) [FORMAT_##format] = operands,
#define SYNTAX(ROW, operands)
#define EXTENDED(ROW, mnemonic, operands)
#include "cpu/syntax.def"
#undef SYNTAX_OF_FORMAT
#undef SYNTAX
#undef EXTENDED
};
static const char *const row_syntax[INSN_COUNT] = {
#define SYNTAX_OF_FORMAT(format, operands)
#define SYNTAX(ROW, operands) [INSN_##ROW] = operands,
#define EXTENDED(ROW, mnemonic, operands)
#include "cpu/syntax.def"
#undef SYNTAX_OF_FORMAT
#undef SYNTAX
#undef EXTENDED
};
static const struct extended {
    uint16_t row;
    const char *mnemonic, *operands;
} extended[] = {
#define SYNTAX_OF_FORMAT(format, operands)
#define SYNTAX(ROW, operands)
#define EXTENDED(ROW, mnemonic, operands) {INSN_##ROW, mnemonic, operands},
#include "cpu/syntax.def"
#undef SYNTAX_OF_FORMAT
#undef SYNTAX
#undef EXTENDED
};

/* The text being written; `room` counts what is left including the terminating zero. */
struct output {
    char *at;
    size_t room;
};

static void __attribute__((format(printf, 2, 3))) put(struct output *out, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(out->at, out->room, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if ((size_t)length >= out->room)
        length = out->room ? (int)out->room - 1 : 0;
    out->at += length;
    out->room -= (size_t)length;
}

static uint64_t field(uint64_t text, unsigned bit, unsigned width)
{
    return text << bit >> (64 - width);
}

static int64_t signed_field(uint64_t text, unsigned bit, unsigned width)
{
    return (int64_t)(text << bit) >> (64 - width);
}

static unsigned vector_register(uint64_t text, unsigned bit)
{
    return (unsigned)(field(text, bit, 4) | field(text, bit == 32 ? 39 : 36 + (bit - 8) / 4, 1) << 4);
}

/* One operand of a syntax string: kind, bit, width, and the qualifier of a storage operand. */
struct syntax {
    bool optional;
    char kind, qualifier;
    unsigned bit, width, qualifier_bit;
};

static unsigned number(const char **at)
{
    char *end;
    unsigned value = (unsigned)strtoul(*at, &end, 10);

    *at = end;
    return value;
}

/* Take one operand off the string. */
static struct syntax parse(const char **at)
{
    struct syntax s = {0};

    if (**at == '?') {
        s.optional = true;
        ++*at;
    }
    s.kind = *(*at)++;
    s.bit = number(at);
    s.width = 4;
    if (**at == 'b' || **at == 'B') {
        s.qualifier = s.kind;
        s.qualifier_bit = s.bit;
        s.kind = *(*at)++;
        s.bit = number(at);
    } else if (**at == ':') {
        ++*at;
        s.width = number(at);
    }
    if (**at == ',')
        ++*at;
    return s;
}

static void put_storage(struct output *out, uint64_t text, const struct syntax *s)
{
    unsigned base = (unsigned)field(text, s->bit, 4), q = s->qualifier_bit;
    int64_t displacement = (int64_t)field(text, s->bit + 4, 12);

    if (s->kind == 'B')
        displacement |= (int64_t)((uint64_t)signed_field(text, s->bit + 16, 8) << 12);
    put(out, "%" PRId64, displacement);
    switch (s->qualifier) {
    case 'x':
        if (field(text, q, 4)) {
            put(out, "(%%r%u,%%r%u)", (unsigned)field(text, q, 4), base);
            return;
        }
        break;
    case 'v':
        if (vector_register(text, q)) {
            put(out, "(%%v%u,%%r%u)", vector_register(text, q), base);
            return;
        }
        break;
    case 'L':
    case 'l':
        put(out, "(%u,%%r%u)", (unsigned)field(text, q, s->qualifier == 'L' ? 8 : 4) + 1, base);
        return;
    case 'R':
        put(out, "(%%r%u,%%r%u)", (unsigned)field(text, q, 4), base);
        return;
    default:
        break;
    }
    if (base)
        put(out, "(%%r%u)", base);
}

static void put_operand(struct output *out, uint64_t text, uint64_t address, const struct syntax *s)
{
    switch (s->kind) {
    case 'r':
    case 'f':
    case 'a':
    case 'c':
        put(out, "%%%c%u", s->kind, (unsigned)field(text, s->bit, 4));
        return;
    case 'v':
        put(out, "%%v%u", vector_register(text, s->bit));
        return;
    case 'h':
        put(out, "%u", (unsigned)field(text, s->bit, 4) & 12);
        return;
    case 's':
        put(out, "%" PRId64, signed_field(text, s->bit, s->width));
        return;
    case 'j':
        put(out, "0x%" PRIx64, address + 2 * (uint64_t)signed_field(text, s->bit, s->width));
        return;
    case 'b':
    case 'B':
        put_storage(out, text, s);
        return;
    default:
        put(out, "%" PRIu64, field(text, s->bit, s->width));
        return;
    }
}

static bool rest_is_zero(uint64_t text, struct syntax s, const char *at)
{
    for (;;) {
        if (!s.optional || field(text, s.bit, s.kind == 'h' ? 2 : s.width))
            return false;
        if (!*at)
            return true;
        s = parse(&at);
    }
}

static void put_operands(struct output *out, uint64_t text, uint64_t address, const char *at)
{
    char separator = '\t';

    while (*at) {
        struct syntax s = parse(&at);

        if (rest_is_zero(text, s, at))
            return;
        put(out, "%c", separator);
        put_operand(out, text, address, &s);
        separator = ',';
    }
}

/*
 * The choice in braces at `at`, "{m8:0=nop,f=}": what stands for the value of the field, copied
 * to `name`; false when nothing does. `at` moves behind the brace.
 */
static bool choose(uint64_t text, const char **at, struct output *name)
{
    const char *end = strchr(*at, '}'), *c = *at + 2, *stop;
    uint64_t value = field(text, number(&c), 4);
    char digit = "0123456789abcdef"[value];

    *at = end + 1;
    for (; c < end; c = stop) {
        c++; /* the colon or comma */
        stop = c + strcspn(c, ",}");
        if (*c == digit) {
            put(name, "%.*s", (int)(stop - c - 2), c + 2);
            return true;
        }
    }
    return false;
}

/* Write an extended mnemonic; false when it is not the one for this text. */
static bool extend(uint64_t text, const char *mnemonic, struct output name)
{
    while (*mnemonic) {
        if (*mnemonic == '{') {
            if (!choose(text, &mnemonic, &name))
                return false;
        } else {
            put(&name, "%c", *mnemonic++);
        }
    }
    return true;
}

static void put_unassigned(struct output *out, uint64_t text, unsigned bytes)
{
    if (bytes == 2)
        put(out, ".short\t0x%04" PRIx64, text >> 48);
    else if (bytes == 4)
        put(out, ".long\t0x%08" PRIx64, text >> 32);
    else
        put(out, ".long\t0x%08" PRIx64 ",0x%04" PRIx64, text >> 32, text >> 16 & 0xffff);
}

/* The extended mnemonic that fits, written to `name`; else the row's own. Returns the operands. */
static const char *mnemonic_of(enum insn_id id, uint64_t text, char *name, size_t room)
{
    for (unsigned i = 0; i < sizeof(extended) / sizeof(extended[0]); i++)
        if (extended[i].row == id && extend(text, extended[i].mnemonic, (struct output){name, room}))
            return extended[i].operands;
    snprintf(name, room, "%s", insn_name(id));
    if (row_syntax[id])
        return row_syntax[id];
    if (format_syntax[insn_rows[id].format])
        return format_syntax[insn_rows[id].format];
    return format_operands[insn_rows[id].format];
}

unsigned insn_disassemble(uint64_t text, uint64_t address, char *out, size_t room)
{
    unsigned bytes = insn_length((uint8_t)(text >> 56));
    enum insn_id id = insn_decode(text);
    struct output output = {out, room};
    const char *operands;
    char name[24];

    if (room)
        *out = 0;
    if (id == INSN_NONE) {
        put_unassigned(&output, text, bytes);
        return bytes;
    }
    operands = mnemonic_of(id, text, name, sizeof(name));
    put(&output, "%s", name);
    put_operands(&output, text, address, operands);
    return bytes;
}
