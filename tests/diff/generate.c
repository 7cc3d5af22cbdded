/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cpu/layout.h"
#include "values.h"

enum { STREAM_MOST = 24, POOL = 4 };

/* What a branch or EXECUTE refers to is known when all instructions stand. */
struct fixup {
    char kind;   /* 'j' relative field, 'b' displacement of a storage operand, 'r' register, 'v' in storage */
    bool execute;
    uint8_t insn, bit, width, base;
    uint16_t window; /* 'v': offset of a doubleword in the windows */
};

/* The case being made. */
struct work {
    struct generator *g;
    struct random *r;
    struct diff_case *out;
    uint64_t address;             /* of the first instruction */
    uint64_t text[STREAM_MOST];
    enum insn_id id[STREAM_MOST];
    uint16_t at[STREAM_MOST + 1]; /* offset of each instruction, and of the end */
    unsigned count;
    uint8_t pool[POOL];           /* base registers, values near windows 0, 1, 2 and the fetch-only page */
    uint32_t claimed;             /* bit n: the initial value of GR n is needed */
    uint32_t written;             /* bit n: an earlier instruction may change GR n */
    struct fixup fixup[4 * STREAM_MOST];
    unsigned fixups;
    bool alone;                   /* the stream is one instruction */
    uint8_t end_register;         /* to be set to an address after the next operand */
};

static const struct {
    const char *name, *words;
} traits[] = {
#define TRAIT(NAME, words) {#NAME, words},
#include "traits.def"
#undef TRAIT
};

void generate_init(struct generator *generator, uint64_t seed)
{
    memset(generator, 0, sizeof *generator);
    generator->random.state = seed * 0x2545f4914f6cdd1dULL + 1;
    generator->longest = 8;
    for (unsigned id = 0; id < INSN_COUNT; id++) {
        generator->trait[id] = "";
        for (unsigned i = 0; i < sizeof traits / sizeof *traits; i++)
            if (!strcasecmp(traits[i].name, insn_rows[id].name))
                generator->trait[id] = traits[i].words;
    }
}

bool generate_has(const char *trait, const char *word)
{
    size_t n = strlen(word);

    for (const char *c = trait; (c = strstr(c, word)); c += n)
        if ((c == trait || c[-1] == ' ') && (!c[n] || c[n] == ' '))
            return true;
    return false;
}

/* Does the trait say `kind` of operand `number`? */
static bool says(const char *trait, char kind, unsigned number)
{
    char word[3] = {kind, (char)('0' + number), 0};

    return *trait && generate_has(trait, word);
}


/* ---- Addresses ---- */

/* The address of an operand of about `bytes` bytes. */
static uint64_t pick_address(struct work *w, unsigned bytes)
{
    static const struct {
        uint64_t address;
        unsigned bytes;
    } area[] = {{CASE_WINDOW_0, CASE_WINDOW_0_BYTES}, {CASE_WINDOW_1, CASE_WINDOW_1_BYTES},
                {CASE_WINDOW_2, CASE_WINDOW_2_BYTES}, {CASE_PAGE_R + 0xf00, 256}};
    unsigned x = random_below(w->r, 100), i = x < 58 ? 0 : x < 80 ? 1 : x < 94 ? 2 : 3, room;
    uint64_t address;

    if (random_chance(w->r, 2)) /* reaches into a hole */
        return CASE_WINDOW_1 + CASE_WINDOW_1_BYTES - random_below(w->r, bytes + 1);
    if (i == 0 && random_chance(w->r, 30)) /* crosses the page boundary */
        return CASE_WINDOW_0 + 256 - random_below(w->r, bytes + 1);
    room = area[i].bytes > bytes ? area[i].bytes - bytes : 1;
    address = area[i].address + random_below(w->r, room + 1);
    if (random_chance(w->r, 60))
        address &= ~(uint64_t)(random_below(w->r, 2) ? 15 : 7);
    if (i == 1 && random_chance(w->r, 25)) /* right up to the hole */
        address = area[i].address + room;
    return address;
}

static unsigned free_register(struct work *w, bool even, bool nonzero)
{
    unsigned n = 0;

    for (unsigned tries = 0; tries < 40; tries++) {
        n = random_below(w->r, 16);
        if (even)
            n &= 14;
        if ((n || !nonzero) && !((w->claimed | w->written) >> n & 1) && !(even && (w->claimed | w->written) >> (n + 1) & 1))
            break;
    }
    return n;
}

static void claim(struct work *w, unsigned n, uint64_t value)
{
    w->out->gr[n] = value;
    w->claimed |= 1u << n;
}

/* Two even-odd pairs, so that pairs are left for operands. */
static void open_pool(struct work *w)
{
    static const uint64_t origin[POOL] = {CASE_WINDOW_0, CASE_WINDOW_1, CASE_WINDOW_2, CASE_PAGE_R + 0xf00};
    unsigned pair = 0;

    for (unsigned i = 0; i < POOL; i++) {
        unsigned n;

        if (i % 2 == 0)
            pair = free_register(w, true, true);
        n = pair + i % 2;
        w->pool[i] = (uint8_t)n;
        claim(w, n, origin[i] - random_below(w->r, i == 0 ? 1500 : 800));
    }
}

/* Base, displacement and index for a storage operand at `address`; returns the text. */
static uint64_t put_storage(struct work *w, uint64_t text, const struct operand_layout *o, uint64_t address)
{
    unsigned i = address >= CASE_PAGE_R ? 3 : address >= CASE_WINDOW_2 ? 2 : address >= CASE_WINDOW_1 ? 1 : 0;
    unsigned base = w->pool[i];
    int64_t displacement;

    if (w->written >> base & 1 || random_chance(w->r, 10)) {
        base = free_register(w, false, true);
        if (!((w->claimed | w->written) >> base & 1))
            claim(w, base, address - random_below(w->r, 200));
    }
    displacement = (int64_t)(address - w->out->gr[base]);
    if (o->qualifier == 'x' && random_chance(w->r, 25)) {
        unsigned index = free_register(w, false, true);

        if (!((w->claimed | w->written) >> index & 1)) {
            claim(w, index, random_below(w->r, 64));
            text = insn_put(text, o->qualifier_bit, 4, index);
            displacement -= (int64_t)w->out->gr[index];
        }
    }
    text = insn_put(text, o->bit, 4, base);
    return insn_put_displacement(text, o->bit, o->width, displacement);
}

/* ---- Operands ---- */

static unsigned storage_length(const struct operand_layout *o, uint64_t text)
{
    switch (o->qualifier) {
    case 'L':
        return (unsigned)(text << o->qualifier_bit >> 56) + 1;
    case 'l':
        return (unsigned)(text << o->qualifier_bit >> 60) + 1;
    default:
        return 16;
    }
}

static unsigned pick_length(struct random *r, unsigned limit)
{
    unsigned n = random_chance(r, 70) ? random_below(r, 33) : random_below(r, limit);

    return n < limit ? n : limit - 1;
}

static uint64_t put_length(struct work *w, uint64_t text, const struct operand_layout *o, const char *trait)
{
    if (generate_has(trait, "short") && o->qualifier == 'l' && random_chance(w->r, 95))
        return insn_put(text, o->qualifier_bit, 4, o->qualifier_bit == 8 ? 1 + random_below(w->r, 15)
                        : random_below(w->r, (text >> 52 & 15) < 8 ? (unsigned)(text >> 52 & 15) : 8));
    if (o->qualifier == 'L')
        return insn_put(text, o->qualifier_bit, 8, pick_length(w->r, 256));
    if (o->qualifier == 'l')
        return insn_put(text, o->qualifier_bit, 4, random_below(w->r, 16));
    return text;
}

/* Operand data that the instruction understands, when the operand is in a window. */
static void place_data(struct work *w, const char *trait, unsigned number, uint64_t address, unsigned bytes,
                       unsigned lead)
{
    int at = diff_window_offset(address);
    uint8_t data[272];

    if (at < 0 || !*trait || bytes > 256 || diff_window_offset(address + bytes - 1) != at + (int)bytes - 1)
        return;
    if (says(trait, 'p', number))
        value_packed(w->r, data, bytes);
    else if (says(trait, 'z', number))
        value_zoned(w->r, data, bytes);
    else
        return;
    if (number == 1 && generate_has(trait, "lead") && lead < bytes && random_chance(w->r, 95))
        memset(data, 0, lead);
    memcpy(w->out->windows + at, data, bytes);
}

static uint64_t storage_operand(struct work *w, uint64_t text, const struct operand_layout *o, const char *trait,
                                unsigned number, bool last)
{
    unsigned bytes = storage_length(o, text);
    uint64_t address;

    if (generate_has(trait, "code")) {
        w->fixup[w->fixups++] = (struct fixup){'b', false, (uint8_t)w->count, o->bit, o->width, 0};
        return text;
    }
    if (last && generate_has(trait, "value")) {
        unsigned base = random_chance(w->r, 50) ? 0 : random_below(w->r, 16);

        /* When the instruction is executed again, its operand registers have changed. */
        text = insn_put(text, o->bit, 4, generate_has(trait, "loop") && (w->claimed >> base & 1) ? 0 : base);
        return insn_put_displacement(text, o->bit, o->width,
                                     (int64_t)(random_chance(w->r, 60) ? random_below(w->r, 70) : random_bits(w->r)));
    }
    if (number == 1 && bytes == 16 && says(trait, 'p', 1) && o->qualifier != 'l')
        bytes = (text >> 56) == 0xe3 && (text >> 16 & 0xff) == 0x0e ? 16 : 8; /* CONVERT TO BINARY */
    address = pick_address(w, bytes);
    for (unsigned tries = 0; tries < 20 && generate_has(trait, "via") && diff_window_offset(address + 7) < 0; tries++)
        address = pick_address(w, bytes);
    if (generate_has(trait, "via") && diff_window_offset(address) >= 0 && diff_window_offset(address + 7) >= 0)
        w->fixup[w->fixups++] = (struct fixup){'v', false, (uint8_t)w->count, 0, 0, 0, (uint16_t)diff_window_offset(address)};
    place_data(w, trait, number, address, bytes, (unsigned)(text >> 48 & 15) + 1);
    return put_storage(w, text, o, address);
}

/* A string ends where general register 0's character is; and a search at an address. */
static void place_character(struct work *w, const char *trait, uint64_t address)
{
    int at = diff_window_offset(address);

    if (generate_has(trait, "0c") && at >= 0 && at < IN_WINDOWS_BYTES - 64)
        w->out->windows[at + random_below(w->r, random_below(w->r, 2) ? 8 : 64)] = (uint8_t)w->out->gr[0];
    if (w->end_register)
        w->out->gr[w->end_register] = address + random_below(w->r, 100);
    w->end_register = 0;
}

static uint64_t register_operand(struct work *w, uint64_t text, const struct operand_layout *o, const char *trait,
                                 unsigned number, bool even)
{
    unsigned n = random_below(w->r, 16);

    if (says(trait, 'a', number)) {
        n = free_register(w, says(trait, 'n', number), random_chance(w->r, 95));
        claim(w, n, generate_has(trait, "page") ? pick_address(w, 16) & ~0xfffULL : pick_address(w, 40));
        if (says(trait, 'n', number) && n < 15)
            claim(w, n + 1, (w->out->gr[n + 1] & random_bits(w->r) & ~0xffffffULL) | pick_length(w->r, 400));
        if (generate_has(trait, "even") && n < 15)
            w->out->gr[n + 1] &= ~1ULL;
        /* In 24- and 31-bit mode QEMU takes 31 bits for a length, where the Principles say 32. */
        if (says(trait, 'n', number) && n < 15 && insn_length((uint8_t)(text >> 56)) > 2)
            w->out->gr[n + 1] &= w->out->amode != 64 ? ~0xfffff000ULL : random_chance(w->r, 97) ? 0xfff : ~0ULL;
        place_character(w, trait, w->out->gr[n]);
    } else if (says(trait, 'e', number)) {
        n = free_register(w, false, true);
        claim(w, n, 0);
        w->end_register = (uint8_t)n;
    } else if (says(trait, 's', number)) {
        n = free_register(w, false, false);
        claim(w, n, random_below(w->r, 20));
    } else if (says(trait, 'c', number)) {
        n = free_register(w, false, random_chance(w->r, 90));
        w->claimed |= 1u << n;
        w->fixup[w->fixups++] = (struct fixup){'r', false, (uint8_t)w->count, 0, 0, (uint8_t)n};
    } else {
        for (unsigned tries = 0; tries < 6 && (w->claimed >> n & 1) && random_chance(w->r, 90); tries++)
            n = random_below(w->r, 16);
        if (even && random_chance(w->r, 97))
            n &= 14;
    }
    return insn_put(text, o->bit, 4, n);
}

static uint64_t mask_value(struct work *w, unsigned bit, bool vector)
{
    unsigned x = random_below(w->r, 100);

    if (!vector)
        return random_below(w->r, 16);
    /* Single-element results leave the rest of a register undefined: only where no instruction follows. */
    if (bit == 28 && w->alone)
        return x < 50 ? 0 : random_below(w->r, 16);
    if (bit == 28)
        return x < 60 ? 0 : random_below(w->r, 8);
    if (bit == 32 || bit == 20) /* element size, format */
        return x < 94 ? random_below(w->r, 5) : random_below(w->r, 16);
    return x < 50 ? 0 : x < 90 ? 1u << random_below(w->r, 4) : random_below(w->r, 16);
}

static uint64_t immediate_value(struct work *w)
{
    return random_chance(w->r, 50) ? value_integer(w->r) : random_bits(w->r);
}

static uint64_t relative_operand(struct work *w, uint64_t text, const struct operand_layout *o)
{
    const struct insn_row *row = &insn_rows[w->id[w->count]];
    uint64_t target = pick_address(w, 8) & ~7ULL, from = w->address + w->at[w->count];

    if (row->flags & (BRANCHES | EXECUTES) || o->width < 32) {
        w->fixup[w->fixups++] = (struct fixup){'j', row->flags & EXECUTES, (uint8_t)w->count, o->bit, o->width, 0};
        return text;
    }
    return insn_put(text, o->bit, o->width, (target - from) >> 1);
}

static bool wants_even(uint32_t checks, unsigned bit, enum insn_format format)
{
    /* The operand whose field decoding calls r1, r2, r3 (cpu/format.def). */
    static const struct {
        int16_t r1, r2, r3;
    } fields[FORMAT_COUNT] = {
#define FORMAT(name, bytes, place, r1, r2, r3, ...) {r1, r2, r3},
#include "cpu/format.def"
#undef FORMAT
    };

    return ((checks & R1_EVEN) && fields[format].r1 == (int)bit) ||
           ((checks & R2_EVEN) && fields[format].r2 == (int)bit) ||
           ((checks & R3_EVEN) && fields[format].r3 == (int)bit);
}

static uint64_t operand(struct work *w, uint64_t text, const struct operand_layout *o, unsigned number,
                        unsigned storage_number, bool last)
{
    const char *trait = w->g->trait[w->id[w->count]];
    const struct insn_row *row = &insn_rows[w->id[w->count]];

    switch (o->kind) {
    case 'r':
        text = register_operand(w, text, o, trait, number, wants_even(row->checks, o->bit, row->format));
        if ((row->checks & (R1_PAIR_FP | R2_PAIR_FP | R3_PAIR_FP)) && random_chance(w->r, 96))
            text &= ~(2ULL << (60 - o->bit));
        return text;
    case 'v':
        return insn_put_vr(text, o->bit, random_below(w->r, random_chance(w->r, 80) ? 8 : 32));
    case 'm':
        return insn_put(text, o->bit, 4, mask_value(w, o->bit, row->checks & VECTOR_OP));
    case 'i':
        if (generate_has(trait, "zero"))
            return text;
        text = insn_put(text, o->bit, o->width, immediate_value(w));
        if (generate_has(trait, "i4"))
            text &= ~(15ULL << (60 - o->bit));
        return generate_has(trait, "i7") ? text & ~(1ULL << (63 - o->bit)) : text;
    case 'j':
        return relative_operand(w, text, o);
    default:
        if (o->qualifier == 'v')
            text = insn_put_vr(text, o->qualifier_bit, random_below(w->r, 32));
        return storage_operand(w, text, o, trait, storage_number, last);
    }
}

/* General registers that an instruction may change; coarse, since it only steers choice. */
static uint32_t writes(uint64_t text, const struct operand_layout *o, unsigned count)
{
    uint32_t set = 0;

    for (unsigned i = 0; i < count && i < 2; i++)
        if (o[i].kind == 'r') {
            unsigned n = (unsigned)(text << o[i].bit >> 60);

            set |= 1u << n | 1u << ((n + 1) & 15);
            break;
        }
    return set;
}

static void special_registers(struct work *w, const char *trait)
{
    if (generate_has(trait, "0c"))
        claim(w, 0, random_chance(w->r, 90) ? w->out->windows[random_below(w->r, 512)] : value_integer(w->r));
    if (generate_has(trait, "0s"))
        claim(w, 0, random_below(w->r, 16));
    if (generate_has(trait, "0f"))
        claim(w, 0, random_below(w->r, 3) | random_below(w->r, 5) << 8 | (random_chance(w->r, 10) ? random_below(w->r, 65536) : 0));
    if (generate_has(trait, "1s"))
        claim(w, 1, random_below(w->r, 16));
    if (generate_has(trait, "1a"))
        claim(w, 1, CASE_WINDOW_0 + (random_below(w->r, 256) & ~15u));
}

static unsigned append(struct work *w, enum insn_id id)
{
    struct operand_layout o[OPERANDS_MOST];
    unsigned operands = insn_layout(insn_rows[id].format, o), storage = 0, last = 0;
    uint64_t text = insn_text(id);

    w->id[w->count] = id;
    special_registers(w, w->g->trait[id]);
    for (unsigned i = 0; i < operands; i++) {
        last = o[i].kind == 'b' ? i : last;
        text = o[i].kind == 'b' ? put_length(w, text, &o[i], w->g->trait[id]) : text;
    }
    for (unsigned i = 0; i < operands; i++) {
        storage += o[i].kind == 'b';
        text = operand(w, text, &o[i], i + 1, storage, i == last);
    }
    w->written |= writes(text, o, operands);
    w->text[w->count] = text;
    w->at[w->count + 1] = (uint16_t)(w->at[w->count] + insn_format_bytes(insn_rows[id].format));
    return w->count++;
}

/* BRC 1 back to the instruction before: it had not finished. */
static void append_loop(struct work *w)
{
    unsigned length = w->at[w->count] - w->at[w->count - 1];

    w->id[w->count] = INSN_BRC;
    w->text[w->count] = 0xa714ULL << 48 | (uint64_t)(uint16_t)(-(int)(length / 2)) << 32;
    w->at[w->count + 1] = (uint16_t)(w->at[w->count] + 4);
    w->count++;
}

/* ---- Branches and EXECUTE ---- */

/* A modifier in the R1 field that keeps the target what it is. */
static void choose_modifier(struct work *w, unsigned n, unsigned target)
{
    uint64_t text = w->text[target];
    unsigned r1 = (unsigned)(w->text[n] << 8 >> 60);

    if (w->written >> r1 & 1 || insn_decode(text | (w->out->gr[r1] & 0xff) << 48) != w->id[target])
        w->text[n] = insn_put(w->text[n], 8, 4, 0);
}

static void fix(struct work *w, const struct fixup *f)
{
    unsigned n = f->insn, target = n + 1 + random_below(w->r, w->count - n);
    uint64_t address, from = w->address + w->at[n];

    if (f->execute || insn_rows[w->id[n]].flags & EXECUTES) {
        target = n + 1 < w->count ? n + 1 + random_below(w->r, w->count - n - 1) : n;
        if (w->g->no_locked_targets && generate_has(w->g->trait[w->id[target]], "locks"))
            target = n; /* itself: an execute exception */
        choose_modifier(w, n, target);
    }
    address = w->address + w->at[target];
    if (f->kind == 'j') {
        w->text[n] = insn_put(w->text[n], f->bit, f->width, (address - from) >> 1);
    } else if (f->kind == 'b') {
        unsigned base = free_register(w, false, true);
        int64_t displacement = random_below(w->r, 100);

        base = base ? base : 1 + random_below(w->r, 15);
        claim(w, base, address - (uint64_t)displacement);
        w->text[n] = insn_put(w->text[n], f->bit, 4, base);
        w->text[n] = insn_put_displacement(w->text[n], f->bit, f->width, displacement);
    } else if (f->kind == 'v') {
        put64(w->out->windows + f->window, address);
    } else if (f->base) {
        w->out->gr[f->base] = address;
    }
}

/* ---- The case ---- */

static enum flavour flavour_of(struct work *w, enum insn_id id)
{
    const struct insn_row *row = &insn_rows[id];
    const char *trait = w->g->trait[id], *name = row->name;

    if (random_chance(w->r, 8))
        return (enum flavour)random_below(w->r, 6);
    if (row->checks & VECTOR_OP && (name[0] == 'w' || (name[0] == 'v' && strchr("fc", name[1]))))
        return FLAVOUR_SHORT + random_below(w->r, 3);
    if (row->checks & VECTOR_OP && (row->opcode >> 8) == 0xe6)
        return FLAVOUR_DECIMAL;
    if (row->checks & (BFP | AFP_R1 | AFP_R2 | R1_PAIR_FP | R2_PAIR_FP)) {
        if (strchr(name, 'x') && random_chance(w->r, 60))
            return FLAVOUR_EXTENDED;
        return strchr(name, 'd') && random_chance(w->r, 70) ? FLAVOUR_LONG : FLAVOUR_SHORT + random_below(w->r, 3);
    }
    if (strstr(trait, "a1") || strstr(trait, "t1"))
        return random_below(w->r, 2) ? FLAVOUR_TEXT : FLAVOUR_INTEGER;
    if (strstr(trait, "p1") || strstr(trait, "p2"))
        return FLAVOUR_DECIMAL;
    return FLAVOUR_INTEGER;
}

/* Equal registers and operands are interesting: copy some. */
static void duplicate(struct work *w)
{
    for (unsigned i = random_below(w->r, 4); i; i--) {
        memmove(w->out->vr[random_below(w->r, 32)], w->out->vr[random_below(w->r, 8)], 16);
        w->out->gr[random_below(w->r, 16)] = w->out->gr[random_below(w->r, 16)];
        if (random_below(w->r, 2))
            memmove(w->out->windows + 16 * random_below(w->r, 48), w->out->windows + 16 * random_below(w->r, 48), 64);
    }
}

static void fill_state(struct work *w, enum flavour flavour, bool vector)
{
    struct diff_case *out = w->out;

    for (unsigned i = 0; i < 16; i++) {
        out->gr[i] = value_integer(w->r);
        out->ar[i] = (uint32_t)value_integer(w->r);
    }
    value_fill(w->r, flavour, out->vr[0], sizeof out->vr);
    value_fill(w->r, flavour, out->windows, sizeof out->windows);
    duplicate(w);
    out->fpc = value_fpc(w->r, (!vector || w->g->masks) && random_chance(w->r, 25));
    if (w->g->old_rounding)
        out->fpc &= ~4u;
    out->cc = (uint8_t)random_below(w->r, 4);
    /* QEMU knows no fixed-point-overflow interruption, so its mask bit stays off. */
    out->program_mask = random_chance(w->r, 25) ? (uint8_t)random_below(w->r, 8) : 0;
    out->amode = random_chance(w->r, 85) ? 64 : random_below(w->r, 2) ? 31 : 24;
}

/* Bits above the address are ignored in 24- and 31-bit mode. */
static void dirty_addresses(struct work *w)
{
    uint64_t above = w->out->amode == 31 ? ~0x7fffffffULL : ~0xffffffULL;

    if (w->out->amode == 64)
        return;
    for (unsigned i = 0; i < POOL; i++)
        if (random_chance(w->r, 40))
            w->out->gr[w->pool[i]] |= random_bits(w->r) & above;
}

/* Somewhere in the code area; in every other slot sometimes across its page boundary. */
static uint16_t pick_start(struct random *r, unsigned longest)
{
    unsigned start = IN_CODE + CASE_PREFIX_BYTES;

    if (longest == 1 && random_chance(r, 40))
        start = IN_CODE + 64 - 2 * random_below(r, 4);
    else if (random_chance(r, 50))
        start += 2 * random_below(r, 32);
    return (uint16_t)start;
}

void generate(struct generator *generator, unsigned slot, struct diff_case *out)
{
    struct work w = {.g = generator, .r = &generator->random, .out = out};
    bool alone = generator->longest < 2 || !generator->steadies || random_below(w.r, 2);
    enum insn_id first = alone ? generator->choice[random_below(w.r, generator->choices)]
                               : generator->steady[random_below(w.r, generator->steadies)];
    unsigned count = alone ? 1 : 2 + random_below(w.r, generator->longest - 1);

    memset(out, 0, sizeof *out);
    w.alone = alone;
    out->code_start = pick_start(w.r, count);
    w.address = diff_code_address(slot, out);
    fill_state(&w, flavour_of(&w, first), insn_rows[first].checks & VECTOR_OP);
    open_pool(&w);
    for (unsigned i = 0; i < count && w.at[w.count] < 150 && w.count < STREAM_MOST - 3; i++) {
        enum insn_id id = i ? generator->steady[random_below(w.r, generator->steadies)] : first;
        unsigned n = append(&w, id);

        if (generate_has(generator->trait[id], "loop"))
            append_loop(&w);
        if (insn_rows[w.id[n]].flags & EXECUTES && i + 1 == count)
            count++;
    }
    for (unsigned i = 0; i < w.fixups; i++)
        fix(&w, &w.fixup[i]);
    dirty_addresses(&w);
    out->code_length = w.at[w.count];
    for (unsigned i = 0; i < w.count; i++) {
        uint8_t bytes[8];

        put64(bytes, w.text[i]);
        memcpy(out->code + w.at[i], bytes, w.at[i + 1] - w.at[i]);
    }
}
