/* SPDX-License-Identifier: MIT */
/**
 * COMPRESSION CALL (PoP ch. 7): strings of characters to and from index symbols of 9 to 13
 * bits, by a dictionary of 8-byte entries at the address in general register 1.
 *
 * The dictionary is a forest: its first 256 entries are the alphabet, a compression entry
 * lists its children's first characters, sibling descriptors list further children. Symbols
 * are the unit of operation: registers are committed after each.
 */
#include "cpu/operands.h"

/* Symbols per execution before cc 3. */
enum { COMPRESS_SYMBOLS = 512 };
/* Longest string of a symbol, most children of an entry, most entries in an expansion. */
enum { SYMBOL_CHARACTERS = 260, MOST_CHILDREN = 260, MOST_EXPANSIONS = 127 };

struct compression {
    struct cpu *cpu;
    unsigned r1, r2;         /**< target and source; the dictionary is in the source's space */
    unsigned bits;           /**< of a symbol */
    bool format_1;           /**< sibling descriptors of 16 bytes */
    bool translate;          /**< symbols go through the symbol-translation table */
    uint64_t dictionary;
    uint64_t translation;    /**< the symbol-translation table */
    uint64_t target, target_length, source, source_length;
    unsigned bit;            /**< compressed-data bit number: of the next symbol in its first byte */
};

static struct compression compression_of(struct cpu *cpu, const struct insn *insn)
{
    uint32_t control = gr32(cpu, 0);
    uint64_t origin = address_in(cpu, 1) & PAGE_MASK;
    unsigned size = control >> 12 & 0xf, r1 = insn->r1, r2 = insn->r2;

    specification_unless(cpu, size >= 1 && size <= 5);
    return (struct compression){
        .cpu = cpu, .r1 = r1, .r2 = r2,
        .bits = 8 + size,
        .format_1 = control & 0x200,
        .translate = control & 0x10000,
        .dictionary = origin,
        .translation = origin + ((gr32(cpu, 1) & 0xff8) << 4),
        .target = address_in(cpu, r1), .target_length = gr_amode(cpu, r1 + 1),
        .source = address_in(cpu, r2), .source_length = gr_amode(cpu, r2 + 1),
        .bit = gr32(cpu, 1) & 7,
    };
}

static void commit(const struct compression *c)
{
    set_gr_address(c->cpu, c->r1, c->target & c->cpu->address_mask);
    set_gr_amode(c->cpu, c->r1 + 1, c->target_length);
    set_gr_address(c->cpu, c->r2, c->source & c->cpu->address_mask);
    set_gr_amode(c->cpu, c->r2 + 1, c->source_length);
    set_gr32(c->cpu, 1, (gr32(c->cpu, 1) & ~7U) | c->bit);
}

static uint64_t dictionary_entry(const struct compression *c, uint64_t index)
{
    return fetch64(c->cpu, (c->dictionary + 8 * index) & c->cpu->address_mask, c->r2);
}

/** Bits `from` … `from + count - 1` of an entry. */
static unsigned bits_of(uint64_t entry, unsigned from, unsigned count)
{
    return (unsigned)(entry << from >> (64 - count));
}

static void data_exception_unless(const struct compression *c, bool condition)
{
    if (!condition)
        data_exception(c->cpu, 0);
}

/* ---- Symbols in the bit stream ------------------------------------------ */

/** Bytes that the next symbol touches, at most 3. */
static unsigned symbol_bytes(const struct compression *c)
{
    return (c->bit + c->bits + 7) / 8;
}

static unsigned fetch_symbol(struct compression *c)
{
    uint8_t image[4] = {0};
    unsigned end = c->bit + c->bits;

    fetch_bytes(c->cpu, c->source & c->cpu->address_mask, c->r2, image, symbol_bytes(c));
    c->source += end / 8;
    c->source_length -= end / 8;
    c->bit = end % 8;
    return get_be32(image) >> (32 - end) & ((1U << c->bits) - 1);
}

/** The bits around the symbol stay as they are. */
static void store_symbol(struct compression *c, unsigned symbol)
{
    unsigned end = c->bit + c->bits, bytes = symbol_bytes(c);
    uint32_t mask = ((1U << c->bits) - 1) << (32 - end);
    struct span span;
    uint8_t image[4] = {0};

    if (c->translate)
        symbol = fetch16(c->cpu, (c->translation + 2 * symbol) & c->cpu->address_mask, c->r2);
    span = span_update(c->cpu, c->target & c->cpu->address_mask, c->r1, bytes);
    span_read(&span, image);
    put_be32(image, (get_be32(image) & ~mask) | (symbol << (32 - end) & mask));
    span_write(&span, image);
    c->target += end / 8;
    c->target_length -= end / 8;
    c->bit = end % 8;
}

/* ---- Compression --------------------------------------------------------- */

/** A compression entry. Extension characters must follow in the source for the entry to match. */
struct character_entry {
    unsigned children;         /**< whose characters are in the entry */
    bool more;                 /**< sibling descriptors list further children */
    unsigned first_child;      /**< index */
    unsigned extensions;
    uint8_t extension[4], child[5];
    uint8_t examine;           /**< bit 7: the first child's entry is to be looked at, and so on */
    uint8_t examine_last;      /**< bits 7, 6: for the last two characters of the first sibling descriptor */
};

static struct character_entry character_entry(const struct compression *c, unsigned index)
{
    uint64_t entry = dictionary_entry(c, index);
    struct character_entry e = {.children = bits_of(entry, 0, 3), .first_child = bits_of(entry, 11, 13)};
    uint8_t bytes[8];

    data_exception_unless(c, index < 1U << c->bits);
    put_be64(bytes, entry);
    if (e.children <= 1) {
        e.extensions = bits_of(entry, 8, 3);
        data_exception_unless(c, e.extensions <= 4);
    } else {
        unsigned room;

        e.extensions = bits_of(entry, 10, 1);
        room = 5 - e.extensions;
        data_exception_unless(c, e.children <= room + 1);
        e.more = e.children > room;
        if (e.more)
            e.children = room;
        e.examine_last = bytes[1];
    }
    e.examine = (uint8_t)(bytes[0] << 3);
    memcpy(e.extension, bytes + 3, e.extensions);
    memcpy(e.child, bytes + 3 + e.extensions, e.children);
    return e;
}

/** Children listed by a sibling descriptor, whose entries follow it. */
struct siblings {
    unsigned count;
    bool more;
    uint16_t examine;          /**< bit 15: the first one, and so on */
    uint8_t character[14];
};

static struct siblings siblings(const struct compression *c, unsigned index, unsigned examine_last)
{
    uint64_t entry = dictionary_entry(c, index);
    struct siblings s;
    uint8_t bytes[16];

    put_be64(bytes, entry);
    if (c->format_1) {
        s.count = bits_of(entry, 0, 4);
        data_exception_unless(c, s.count != 0);
        s.more = s.count == 15;
        s.examine = (uint16_t)(bits_of(entry, 4, 12) << 4 | examine_last << 2);
        if (s.more)
            s.count = 14;
        if (s.count > 6) /* the second half stands at the same index of the expansion dictionary */
            put_be64(bytes + 8, dictionary_entry(c, index + (1U << c->bits)));
        memcpy(s.character, bytes + 2, s.count);
    } else {
        s.count = bits_of(entry, 0, 3);
        s.more = s.count == 0;
        s.examine = (uint16_t)(bits_of(entry, 3, 5) << 11 | examine_last << 9);
        if (s.more)
            s.count = 7;
        memcpy(s.character, bytes + 1, s.count);
    }
    return s;
}

/** A search among the children of one entry for the next source character. */
struct search {
    uint8_t wanted;
    bool tested;               /**< a child with this character was found, though it may not have matched */
    bool found;
    bool leaf;                 /**< it has neither children nor extension characters */
    unsigned index;
    struct character_entry entry;
};

static bool extensions_match(const struct compression *c, const struct character_entry *e)
{
    if (c->source_length < 1 + e->extensions)
        return false;
    for (unsigned i = 0; i < e->extensions; i++)
        if (fetch8(c->cpu, (c->source + 1 + i) & c->cpu->address_mask, c->r2) != e->extension[i])
            return false;
    return true;
}

/** True when the search is over: children with the same character stand together. */
static bool try_child(const struct compression *c, struct search *s, uint8_t character, unsigned index,
                      bool examine)
{
    if (character != s->wanted)
        return s->tested;
    s->tested = true;
    s->index = index;
    data_exception_unless(c, index < 1U << c->bits);
    s->leaf = !examine;
    s->found = s->leaf;
    if (examine) {
        s->entry = character_entry(c, index);
        s->found = extensions_match(c, &s->entry);
    }
    return s->found;
}

static void search_children(const struct compression *c, const struct character_entry *parent,
                            struct search *s)
{
    unsigned index = parent->first_child, searched = parent->children;
    unsigned examine_last = parent->examine_last >> 6;
    bool more = parent->more;

    for (unsigned i = 0; i < parent->children; i++, index++)
        if (try_child(c, s, parent->child[i], index, parent->examine & 0x80 >> i))
            return;
    while (more) {
        struct siblings list = siblings(c, index++, examine_last);

        searched += list.count;
        data_exception_unless(c, searched <= MOST_CHILDREN);
        for (unsigned i = 0; i < list.count; i++, index++)
            if (try_child(c, s, list.character[i], index, list.examine & 0x8000 >> i))
                return;
        examine_last = 3; /* only the first descriptor has these bits; the others' are always examined */
        more = list.more;
    }
}

/** The longest string that the dictionary has; takes it from the source and returns its symbol. */
static unsigned match(struct compression *c)
{
    unsigned symbol = fetch8(c->cpu, c->source & c->cpu->address_mask, c->r2), length = 1;
    struct character_entry entry = character_entry(c, symbol);

    c->source++;
    c->source_length--;
    while (entry.children && c->source_length) {
        struct search s = {.wanted = fetch8(c->cpu, c->source & c->cpu->address_mask, c->r2)};
        unsigned taken;

        search_children(c, &entry, &s);
        if (!s.found)
            break;
        symbol = s.index;
        taken = s.leaf ? 1 : 1 + s.entry.extensions;
        length += taken;
        data_exception_unless(c, length <= SYMBOL_CHARACTERS);
        c->source += taken;
        c->source_length -= taken;
        if (s.leaf)
            break;
        entry = s.entry;
    }
    return symbol;
}

static unsigned compress(struct compression *c)
{
    for (unsigned i = 0; i < COMPRESS_SYMBOLS; i++) {
        if (c->source_length == 0)
            return 0;
        if (c->target_length < symbol_bytes(c))
            return 1;
        store_symbol(c, match(c));
        commit(c);
        cpu_charge(c->cpu, 8);
    }
    return 3;
}

/* ---- Expansion ----------------------------------------------------------- */

/** The characters of a symbol, from its last entry to the first; returns how many. */
static unsigned expansion(const struct compression *c, unsigned symbol, uint8_t *out)
{
    unsigned length = 0;

    if (symbol < 256) {
        *out = (uint8_t)symbol;
        return 1;
    }
    for (unsigned entries = 0; entries < MOST_EXPANSIONS; entries++) {
        uint64_t entry = dictionary_entry(c, symbol);
        unsigned partial = bits_of(entry, 0, 3), complete = bits_of(entry, 5, 3);
        unsigned offset = partial ? bits_of(entry, 56, 8) : 0;
        uint8_t bytes[8];

        put_be64(bytes, entry);
        data_exception_unless(c, partial ? partial <= 5 : complete != 0);
        memcpy(out + offset, bytes + (partial ? 2 : 1), partial ? partial : complete);
        if (length == 0)
            length = offset + (partial ? partial : complete);
        if (!partial)
            return length;
        symbol = bits_of(entry, 3, 13);
        data_exception_unless(c, symbol < 1U << c->bits);
    }
    data_exception(c->cpu, 0);
}

static unsigned expand(struct compression *c)
{
    for (unsigned i = 0; i < COMPRESS_SYMBOLS; i++) {
        uint8_t characters[SYMBOL_CHARACTERS] = {0};
        unsigned length;

        if (c->source_length < symbol_bytes(c))
            return 0;
        if (c->target_length == 0)
            return 1;
        length = expansion(c, fetch_symbol(c), characters);
        if (c->target_length < length)
            return 1; /* the symbol was not committed */
        store_bytes(c->cpu, c->target & c->cpu->address_mask, c->r1, characters, length);
        c->target += length;
        c->target_length -= length;
        commit(c);
        cpu_charge(c->cpu, 8);
    }
    return 3;
}

DEFINE_OP(CMPSC)
{
    struct compression c = compression_of(cpu, insn);

    cpu->cc = gr32(cpu, 0) & 0x100 ? expand(&c) : compress(&c);
}
