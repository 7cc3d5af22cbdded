/* SPDX-License-Identifier: MIT */
#include "cpu/layout.h"

#include <stdlib.h>

static const char *const layouts[FORMAT_COUNT] = {
#define LAYOUT(format, operands) [FORMAT_##format] = operands,
#include "cpu/layout.def"
#undef LAYOUT
};

enum place { PLACE_NONE, PLACE_BYTE1, PLACE_NIBBLE, PLACE_BYTE5 };
static const struct { uint8_t bytes, place; } formats[FORMAT_COUNT] = {
#define FORMAT(name, bytes, place, ...) {bytes, PLACE_##place},
#include "cpu/format.def"
#undef FORMAT
};

static uint8_t default_width(char kind, const char **rest)
{
    char *end;
    unsigned long width;

    if (kind == 'b')
        return 12;
    if (kind == 'B')
        return 20;
    if (**rest != ':')
        return 4;
    width = strtoul(*rest + 1, &end, 10);
    *rest = end;
    return (uint8_t)width;
}

unsigned insn_layout(enum insn_format format, struct operand_layout *out)
{
    unsigned count = 0;

    for (const char *c = layouts[format]; *c;) {
        char kind = *c, *end;
        uint8_t bit = (uint8_t)strtoul(c + 1, &end, 10);

        c = end;
        if (*c == 'b' || *c == 'B') { /* kind and bit were the qualifier's */
            out[count] = (struct operand_layout){.qualifier = kind, .qualifier_bit = bit};
            kind = *c;
            bit = (uint8_t)strtoul(c + 1, &end, 10);
            c = end;
        } else {
            out[count] = (struct operand_layout){0};
        }
        out[count].bit = bit;
        out[count].width = default_width(kind, &c);
        out[count++].kind = kind == 'B' ? 'b' : kind;
        if (*c == ',')
            c++;
    }
    return count;
}

uint64_t insn_put(uint64_t text, unsigned bit, unsigned width, uint64_t value)
{
    uint64_t mask = (width == 64 ? 0 : 1ULL << width) - 1;
    unsigned shift = 64 - bit - width;

    return (text & ~(mask << shift)) | (value & mask) << shift;
}

uint64_t insn_put_vr(uint64_t text, unsigned bit, unsigned number)
{
    unsigned rxb = bit == 32 ? 39 : 36 + (bit - 8) / 4;

    return insn_put(insn_put(text, bit, 4, number), rxb, 1, number >> 4);
}

uint64_t insn_put_displacement(uint64_t text, unsigned bit, unsigned width, int64_t value)
{
    text = insn_put(text, bit + 4, 12, (uint64_t)value);
    return width == 20 ? insn_put(text, bit + 16, 8, (uint64_t)value >> 12) : text;
}

uint64_t insn_text(enum insn_id id)
{
    const struct insn_row *row = &insn_rows[id];
    uint64_t opcode = row->opcode;

    switch (formats[row->format].place) {
    case PLACE_BYTE1:
        return opcode << 48;
    case PLACE_NIBBLE:
        return (opcode >> 4) << 56 | (opcode & 15) << 48;
    case PLACE_BYTE5:
        return (opcode >> 8) << 56 | (opcode & 0xff) << 16;
    default:
        return opcode << 56;
    }
}

unsigned insn_format_bytes(enum insn_format format)
{
    return formats[format].bytes;
}
