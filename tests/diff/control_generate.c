/* SPDX-License-Identifier: MIT */
/* Random control cases: control_instructions.def says what their operands are. */
#include <string.h>
#include <strings.h>

#include "control.h"
#include "cpu/layout.h"
#include "cpu/psw.h"
#include "values.h"

struct work {
    struct random *r;
    struct control_case *out;
    uint32_t claimed;    /* bit n: the initial value of GR n is needed */
    bool moved;          /* translation may have changed: what is planted may not be found */
    uint64_t place;      /* where the storage operand just made is; 0 = not known */
};

static const struct choice {
    enum insn_id id;
    uint8_t weight;
    const char *name, *operands;
} choices[] = {
#define CONTROL(NAME, weight, operands) {INSN_##NAME, weight, #NAME, operands},
#include "control_instructions.def"
#undef CONTROL
};

/* ---- Addresses ---- */

/* Where interruptions find nothing that they need. */
static uint64_t low_offset(struct random *r)
{
    static const uint16_t from[] = {0x00, 0x800, 0x1000, 0x1800}, bytes[] = {0x60, 0x780, 0x300, 0x780};
    unsigned i = random_below(r, 4);

    return from[i] + random_below(r, bytes[i]);
}

static uint64_t data_offset(struct random *r)
{
    unsigned page = random_below(r, 7) * 0x1000;

    switch (random_below(r, 6)) {
    case 0: /* crosses into the next page */
        return page + 0x1000 - random_below(r, 24);
    case 1:
        return page + random_below(r, 0xf00);
    default:
        return page + random_below(r, 0xf00) / 16 * 16;
    }
}

static uint64_t pick_logical(struct random *r)
{
    unsigned x = random_below(r, 100);

    if (x < 55)
        return DATA_PAGES + data_offset(r);
    if (x < 68)
        return 0x500000 + (DATA_PAGES - REGION) + data_offset(r);
    if (x < 73)
        return 0x80000000 + DATA_PAGES + data_offset(r);
    if (x < 83)
        return low_offset(r);
    if (x < 87)
        return LOWCORE_A + low_offset(r);
    if (x < 93)
        return SPARE_PAGES + 0x1ff0;
    if (x < 96)
        return 0x400000 + data_offset(r);
    return x < 98 ? 0x20000000 + DATA_PAGES + data_offset(r) : 0x407f000000 + DATA_PAGES + data_offset(r);
}

static uint64_t pick_block(struct random *r, bool data)
{
    unsigned x = random_below(r, 100);

    if (x < 80 || data)
        return (x < 8 && data ? 0x7f30c000ULL : DATA_PAGES + random_below(r, 8) * 0x1000) + random_below(r, 0x1000);
    return x < 95 ? low_offset(r) : 0x7f30c000;
}

/* ---- Registers and storage ---- */

static unsigned free_register(struct work *w, bool nonzero)
{
    unsigned n = 0;

    for (unsigned tries = 0; tries < 40; tries++) {
        n = random_below(w->r, 16);
        if ((n || !nonzero) && !(w->claimed >> n & 1))
            break;
    }
    return n;
}

static unsigned claim(struct work *w, uint64_t value, bool nonzero)
{
    unsigned n = free_register(w, nonzero);

    if (!(w->claimed >> n & 1))
        w->out->gr[n] = value;
    w->claimed |= 1u << n;
    return n;
}

static void patch(struct work *w, uint64_t address, uint64_t value)
{
    struct control_case *out = w->out;

    for (unsigned i = 0; i < out->patches; i++)
        if (out->patch[i].address == address)
            return;
    if (out->patches < CIN_PATCHES_MOST)
        out->patch[out->patches++] = (struct control_patch){address, value};
}

/* The absolute address of a data operand, as far as no table is patched; 0 when it is none. */
static uint64_t absolute_place(const struct work *w, uint64_t address)
{
    unsigned space = (unsigned)(w->out->psw[0] >> PSW_AS_SHIFT & 3);

    /* Region tables lead to the primary space's segment table. */
    if ((space == SPACE_SECONDARY && w->out->cr[7] & 0xc) || (space == SPACE_HOME && w->out->cr[13] & 0xc))
        space = SPACE_PRIMARY;
    if ((space == SPACE_SECONDARY && w->out->cr[7] & 0x20) || (space == SPACE_HOME && w->out->cr[13] & 0x20))
        space = SPACE_PRIMARY;
    if (address >= DATA_PAGES && address < SPARE_PAGES)
        return w->out->psw[0] & PSW_DAT && space ? DATA_PAGES + ((address - DATA_PAGES) ^ (space - 1) << 12) : address;
    return 0;
}

static uint64_t asce(struct random *r, unsigned space)
{
    unsigned type = random_chance(r, 75) ? 0 : 1 + random_below(r, 3);
    uint64_t table = type ? TABLES + (3 - type) * 0x1000ULL : SEGMENT_TABLES + space * 0x1000ULL;

    table |= (uint64_t)type << 2;
    if (random_chance(r, 10))
        table |= 0x100; /* private space */
    if (random_chance(r, 15))
        table |= 0x80; /* storage-alteration events */
    if (random_chance(r, 4))
        table |= 0x20; /* real space */
    return random_chance(r, 3) ? table | 0xc : table;
}

static uint64_t control_register(struct random *r, unsigned n)
{
    static const uint64_t modes[] = {CR0_SSM_SUPPRESSION, CR0_LOW_ADDRESS_PROTECTION, CR0_EXTRACTION_AUTHORITY,
                                     CR0_SECONDARY_SPACE, CR0_FETCH_PROTECTION_OVERRIDE,
                                     CR0_STORAGE_PROTECTION_OVERRIDE, CR0_EDAT, CR0_IEP, CR0_AFP, CR0_VECTOR};
    uint64_t value = CR0_CPU_TIMER;

    switch (n) {
    case 0:
        for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++)
            value |= random_chance(r, i == 0 ? 20 : 50) ? modes[i] : 0;
        return value;
    case 1:
        return asce(r, 0);
    case 7:
        return asce(r, 1);
    case 13:
        return asce(r, 2);
    case 3: /* key mask and secondary ASN; authorization and primary ASN */
    case 4:
    case 8: /* monitor masks */
        return value_integer(r);
    default: /* events, tracing, linkage, machine checks */
        return 0;
    }
}

/* PER: events about the code; QEMU misses storage-alteration events now and then. */
static void set_up_per(struct work *w)
{
    struct control_case *out = w->out;
    bool code = random_below(w->r, 2);

    out->psw[0] |= PSW_PER;
    out->cr[9] = (random_bits(w->r) & random_bits(w->r)) & 0xc8a00000;
    out->cr[10] = code ? out->code_start + random_below(w->r, 12) : DATA_PAGES + data_offset(w->r);
    out->cr[11] = random_chance(w->r, 20) ? out->cr[10] - 1 : out->cr[10] + random_below(w->r, 0x1000);
    if (random_chance(w->r, 30)) {
        out->cr[10] = 0;
        out->cr[11] = UINT64_MAX;
    }
}

static uint64_t psw_mask(struct random *r)
{
    uint64_t mask = PSW_EXTERNAL | (random_bits(r) & (PSW_CC | 0x7ULL << PSW_PROGRAM_MASK_SHIFT));
    unsigned space = random_below(r, 10);

    mask |= random_chance(r, 80) ? PSW_DAT : 0;
    mask |= random_chance(r, 20) ? PSW_PROBLEM : 0;
    mask |= random_chance(r, 85) ? 0 : (uint64_t)random_below(r, 16) << PSW_KEY_SHIFT;
    mask |= (uint64_t)(space < 6 ? SPACE_PRIMARY : space < 8 ? SPACE_SECONDARY : SPACE_HOME) << PSW_AS_SHIFT;
    mask |= random_chance(r, 80) ? PSW_EA | PSW_BA : random_below(r, 3) ? PSW_BA : 0;
    return mask;
}

/* Put what the instruction fetches where it will fetch it. */
static void plant(struct work *w, char letter, unsigned first, unsigned count)
{
    uint64_t place = w->place & ~7ULL, mask = psw_mask(w->r), ia = w->out->code_start + w->out->code_bytes + 4;

    if (!place)
        return;
    if (random_chance(w->r, 10)) /* an unassigned bit, or an address out of range */
        mask |= 1ULL << random_below(w->r, 64) & ~PSW_WAIT;
    switch (letter) {
    case 'q':
        for (unsigned i = 0; i <= count; i++)
            patch(w, place + 8 * i, control_register(w->r, (first + i) & 15));
        break;
    case 'Q':
        patch(w, place, control_register(w->r, first) << 32 | (uint32_t)control_register(w->r, (first + 1) & 15));
        break;
    case 'p':
        patch(w, place, (random_below(w->r, 2) ? LOWCORE_A : LOWCORE_B) * 0x100000001ULL ^
                        (random_chance(w->r, 20) ? 0x8000000080000000 : random_below(w->r, 0x2000) * 0x100000001ULL));
        break;
    case 'w':
        patch(w, place, mask);
        patch(w, place + 8, ia + (random_chance(w->r, 4) ? 1 : 0));
        break;
    case 'h':
        patch(w, place, (mask & ~0xffffffffULL) | (random_chance(w->r, 95) ? PSW_SHORT : 0) | PSW_BA | ia);
        break;
    default: /* system mask */
        patch(w, place, ((mask & 0xff00000000000000) | 0x0100000000000000) | random_bits(w->r) >> 8);
        break;
    }
}

static uint64_t storage_operand(struct work *w, uint64_t text, const struct operand_layout *o, char letter)
{
    uint64_t address = pick_logical(w->r);
    unsigned displacement = random_below(w->r, 200), base;

    if (letter == 'v' || letter == 's')
        return insn_put_displacement(text, o->bit, o->width,
                                     letter == 'v' ? random_below(w->r, 256)
                                     : (unsigned)"\0\1\3\0\1\3\4\x10"[random_below(w->r, 8)] << 8);
    if (letter != 'a' && !random_chance(w->r, 4))
        address &= ~7ULL;
    if (strchr("qQpwhm", letter))
        address = DATA_PAGES + (data_offset(w->r) & ~15ULL);
    w->place = absolute_place(w, address);
    base = claim(w, address - displacement, true);
    displacement = (unsigned)(address - w->out->gr[base]) < 0xfff ? (unsigned)(address - w->out->gr[base]) : displacement;
    if (w->out->gr[base] + displacement != address)
        w->place = 0;
    if (o->qualifier == 'L')
        text = insn_put(text, o->qualifier_bit, 8, random_below(w->r, 32));
    if (o->qualifier == 'R')
        text = insn_put(text, o->qualifier_bit, 4, claim(w, random_below(w->r, 300), false));
    text = insn_put(text, o->bit, 4, base);
    return insn_put_displacement(text, o->bit, o->width, displacement);
}

static unsigned register_operand(struct work *w, char letter, unsigned previous)
{
    struct random *r = w->r;
    uint64_t noise = random_chance(r, 20) ? random_bits(r) : 0;

    switch (letter) {
    case 'A':
        return claim(w, pick_logical(r), true);
    case 'P':
        return claim(w, DATA_PAGES + random_below(r, 8) * 0x1000 + random_below(r, 0x1000), true);
    case 'F':
        return claim(w, pick_block(r, false), true);
    case 'D':
        return claim(w, pick_block(r, true), true);
    case 'K':
        return claim(w, random_below(r, 256) | (noise & ~0xffffffULL) | (random_chance(r, 30) ? random_bits(r) & 0x37000 : 0), false);
    case 'L':
        return claim(w, random_below(r, 300), false);
    case 'N':
        return (unsigned)"\0\0\1\1\7\7\15\3\4\10"[random_below(r, 10)];
    case 'n':
        return (previous + (previous != 8 && previous != 4 && random_chance(r, 30))) & 15;
    case 'T':
        return claim(w, (PAGE_TABLES + random_below(r, 6) * 0x800ULL) | (noise & 0x7ff), false);
    case 'I':
        return claim(w, (random_chance(r, 50) ? asce(r, random_below(r, 3)) & ~0x1a0ULL
                                              : SEGMENT_TABLES + random_below(r, 3) * 0x1000ULL), false);
    case 'C':
        return claim(w, w->out->code_start + w->out->code_bytes + 4, true);
    case 'W':
        return claim(w, (DATA_PAGES + (data_offset(r) & ~15ULL)) | random_below(r, 4), true);
    case '0':
        return 0;
    default:
        return free_register(w, false);
    }
}

/* Instructions that end in a loop of interruptions when they find something else than what was planted. */
static bool dangerous(const struct choice *choice) { return strpbrk(choice->operands, "qQp"); }

/* Instructions whose results are excused now and then stand alone, since others would work with them. */
static bool alone(const struct choice *choice)
{
    switch (choice->id) {
    case INSN_LRA: case INSN_LRAY: case INSN_LRAG: case INSN_TB: case INSN_TPROT: case INSN_MVPG: case INSN_MVCOS:
    case INSN_EPSW: case INSN_RRBE: case INSN_ISKE: case INSN_CSP: case INSN_CSPG:
        return true;
    default:
        return false;
    }
}

static void append(struct work *w, const struct choice *choice)
{
    struct control_case *out = w->out;
    const struct insn_row *row = &insn_rows[choice->id];
    struct operand_layout o[OPERANDS_MOST];
    unsigned operands = insn_layout(row->format, o), length = insn_format_bytes(row->format), n = 0, first = 0;
    unsigned over = row->flags & BRANCHES ? 1 : 0; /* branches go over a no-operation */
    uint64_t text = insn_text(choice->id);
    uint8_t bytes[8];

    if (choice->id == INSN_MVCOS && !(w->claimed & 1)) { /* operand-access controls, without access registers */
        out->gr[0] = random_bits(w->r) & 0xf0c3f0c3;
        out->gr[0] &= ~(uint64_t)((out->gr[0] & 0xc00000) == 0x400000 ? 0x400000 : 0);
        out->gr[0] &= ~(uint64_t)((out->gr[0] & 0xc0) == 0x40 ? 0x40 : 0);
        w->claimed |= 1;
    }

    if (choice->id == INSN_MVPG && !(w->claimed & 1)) { /* condition codes or exceptions, no key */
        out->gr[0] = random_below(w->r, 2) << 8;
        w->claimed |= 1;
    }
    for (unsigned i = 0; i < operands && choice->operands[i]; i++) {
        char letter = choice->operands[i];
        unsigned before = n;

        switch (o[i].kind) {
        case 'r':
            n = register_operand(w, letter, n);
            text = insn_put(text, o[i].bit, 4, n);
            first = i ? before : n;
            break;
        case 'b':
            text = storage_operand(w, text, &o[i], letter);
            plant(w, letter, first, (n - first) & 15);
            break;
        case 'j':
            text = insn_put(text, o[i].bit, o[i].width, letter == 't' ? length / 2 + over
                            : (DATA_PAGES + (data_offset(w->r) & ~7ULL) - out->code_start - out->code_bytes) >> 1);
            break;
        default:
            text = insn_put(text, o[i].bit, o[i].width, letter == '0' ? 0 : letter == 'm' ? random_bits(w->r) & 0x05
                                                                          : random_bits(w->r));
            break;
        }
    }
    put64(bytes, text);
    memcpy(out->code + out->code_bytes, bytes, length);
    if (dangerous(choice) && !w->place)
        return;
    if (strpbrk(choice->operands, "qQwmsTI") || choice->id == INSN_STNSM || choice->id == INSN_STOSM)
        w->moved = true;
    out->at[out->count++] = (uint16_t)out->code_bytes;
    out->code_bytes += length;
    if (over) {
        put16(out->code + out->code_bytes, 0x0700);
        out->at[out->count++] = (uint16_t)out->code_bytes;
        out->code_bytes += 2;
    }
}

/* ---- Tables and keys ---- */

static void disturb_table(struct work *w)
{
    static const uint64_t page_flags[] = {0x400, 0x200, 0x200, 0x200, 0x100, 0x100, 0x800, 0x600};
    static const uint64_t segment_flags[] = {0x20, 0x200, 0x200, 0x10, 0x4, 0x8};
    unsigned space = random_below(w->r, 4) ? 0 : random_below(w->r, 3), x = random_below(w->r, 100);
    unsigned page = (DATA_PAGES - REGION) / 4096 + random_below(w->r, 8);
    uint64_t pages = PAGE_TABLES + space * 0x1000, segments = SEGMENT_TABLES + space * 0x1000;

    if (random_chance(w->r, 6))
        page = (CODE_PAGES - REGION) / 4096 + random_below(w->r, 2);
    if (x < 55)
        patch(w, pages + 0x800 + page * 8, (REGION + page * 4096) | page_flags[random_below(w->r, 8)]);
    else if (x < 65)
        patch(w, segments + 3 * 8, (pages + 0x800) | segment_flags[random_below(w->r, 6)]);
    else if (x < 80)
        patch(w, segments + 5 * 8, (pages + 0x800) | segment_flags[random_below(w->r, 6)]);
    else { /* a region-table entry */
        unsigned level = random_below(w->r, 3);
        uint64_t next = level == 2 ? SEGMENT_TABLES : TABLES + (level + 1) * 0x1000, entry = next | (12 - 4 * level) | 3;

        patch(w, TABLES + level * 0x1000 + (level == 2 && random_below(w->r, 2) ? 8 : 0),
              entry ^ 1ULL << "\0\1\2\3\5\5\6\7\x9"[random_below(w->r, 9)]);
    }
}

static void set_keys(struct work *w)
{
    unsigned own = (unsigned)(w->out->psw[0] >> PSW_KEY_SHIFT & 15);

    for (unsigned i = 0; i < REGION_PAGES; i++) {
        unsigned key = random_chance(w->r, 99) ? own : random_below(w->r, 16); /* QEMU knows no such protection */
        uint64_t x = random_bits(w->r);

        w->out->keys[i] = (uint8_t)(key << 4 | (x & 0xe));
        if (i >= (CODE_PAGES - REGION) / 4096 && i < (DATA_PAGES - REGION) / 4096 && random_chance(w->r, 90))
            w->out->keys[i] &= (uint8_t)~8u; /* code that can be fetched */
    }
}

static bool named(const char *list, const char *name)
{
    size_t n = strlen(name);

    for (const char *c = list; *c; c += strcspn(c, ",") + (c[strcspn(c, ",")] == ','))
        if (strcspn(c, ",") == n && !strncasecmp(c, name, n))
            return true;
    return false;
}

static const struct choice *choose(struct control_generator *generator)
{
    const unsigned all = sizeof choices / sizeof *choices;
    unsigned total = 0, x;

    for (unsigned i = 0; i < all; i++)
        total += !generator->only || named(generator->only, choices[i].name) ? choices[i].weight : 0;
    x = random_below(&generator->random, total ? total : 1);
    for (unsigned i = 0; i < all; i++) {
        unsigned weight = !generator->only || named(generator->only, choices[i].name) ? choices[i].weight : 0;

        if (x < weight)
            return &choices[i];
        x -= weight;
    }
    return &choices[0];
}

void control_generate(struct control_generator *generator, struct control_case *out)
{
    struct work w = {.r = &generator->random, .out = out};
    unsigned count = random_below(w.r, 2) ? 1 : 1 + random_below(w.r, generator->longest);

    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < 16; i++) {
        out->gr[i] = value_integer(w.r);
        out->ar[i] = (uint32_t)value_integer(w.r);
        out->cr[i] = control_register(w.r, i);
    }
    out->prefix = random_below(w.r, 2) ? LOWCORE_A : LOWCORE_B;
    out->psw[0] = psw_mask(w.r);
    if (!(out->cr[0] & CR0_AFP) || random_below(w.r, 2))
        out->cr[0] |= CR0_AFP;
    out->code_start = random_chance(w.r, 30) ? CODE_PAGES + 0x1000 - 2 * (1 + random_below(w.r, 8))
                                             : CODE_PAGES + 0x100 + 2 * random_below(w.r, 64);
    out->psw[1] = out->code_start;
    if (random_chance(w.r, 25))
        set_up_per(&w);
    set_keys(&w);
    for (unsigned i = 0; i < count && out->count + 1 < CONTROL_INSNS_MOST; i++) {
        const struct choice *choice = choose(generator);

        if ((count == 1 || !alone(choice)) && (!w.moved || !dangerous(choice)) && !(choice->id == INSN_EXRL && (out->psw[0] & PSW_PER)))
            append(&w, choice);
    }
    out->at[out->count] = (uint16_t)out->code_bytes;
    out->code_bytes += 2; /* an operation exception at the end */
    for (unsigned i = random_chance(w.r, 50) ? 1 + random_below(w.r, 3) : 0; i; i--)
        disturb_table(&w);
}
