/* SPDX-License-Identifier: MIT */
/**
 * Conversions between UTF-8, UTF-16 and UTF-32 (PoP ch. 7): CU12 (CUTFU), CU21 (CUUTF), CU14,
 * CU24, CU41, CU42.
 *
 * One execution stays within the pages that its first character touches and then ends with
 * cc 3, so an access exception is met only before anything was stored.
 */
#include "cpu/string_operands.h"

/** One operand of the conversion: address and length (in bytes) from a register pair. */
struct text {
    unsigned r;
    uint64_t address;
    uint64_t length;
    uint64_t page_end;       /**< first address after the page accessed first */
    uint8_t *host;           /**< of `address`, while within that page */
};

struct conversion {
    struct cpu *cpu;
    struct text to, from;
    bool check;              /**< well-formedness checking (M3 bit 3, ETF3-enhancement) */
    bool started;            /**< a character was converted: page_end and host are valid */
};

/** A character: its code point and whether its source form was one for supplementary characters. */
struct character {
    uint32_t code;
    bool supplementary;
    unsigned bytes;          /**< taken from the source */
};

/** Beside the condition codes: 0 source used up, 1 no room, 2 invalid. */
enum outcome { CONVERTED = 4, LATER = 5 };

/** The first `bytes` bytes of the source; false: not in this execution. */
static bool peek(struct conversion *c, unsigned bytes, uint8_t *out)
{
    struct text *t = &c->from;

    if (!c->started) {
        fetch_bytes(c->cpu, t->address, t->r, out, bytes);
        return true;
    }
    if (t->page_end - t->address < bytes)
        return false;
    memcpy(out, t->host, bytes);
    return true;
}

static void advance(struct text *t, unsigned bytes)
{
    t->host += bytes;
    t->address += bytes;
    t->length -= bytes;
    if (t->address > t->page_end) /* the character lay across pages: the next one is for later */
        t->page_end = t->address;
}

/** Store the encoded character and move on in both operands; false: not in this execution. */
static bool put(struct conversion *c, const uint8_t *bytes, unsigned count, unsigned taken)
{
    struct text *to = &c->to, *from = &c->from;

    if (!c->started) {
        struct span target = span_store(c->cpu, to->address, to->r, count);

        span_write(&target, bytes);
        to->host = target.host[0];
        to->page_end = (to->address & PAGE_MASK) + PAGE_BYTES;
        from->host = span_fetch(c->cpu, from->address, from->r, 1).host[0];
        from->page_end = (from->address & PAGE_MASK) + PAGE_BYTES;
        c->started = true;
    } else if (to->page_end - to->address < count) {
        return false;
    } else {
        memcpy(to->host, bytes, count);
    }
    advance(to, count);
    advance(from, taken);
    return true;
}

/* ---- Decoding ---------------------------------------------------------- */

typedef unsigned decoder(struct conversion *, struct character *);
typedef unsigned encoder(struct character, uint8_t *);

/** Bytes of the UTF-8 character that starts with `first`; 0 = invalid. */
static unsigned utf8_bytes(uint8_t first, bool check)
{
    if (first < 0x80)
        return 1;
    if (first < (check ? 0xc2 : 0xc0))
        return 0;
    if (first < 0xe0)
        return 2;
    if (first < 0xf0)
        return 3;
    return first < (check ? 0xf5 : 0xf8) ? 4 : 0;
}

static bool well_formed(const uint8_t *b, unsigned bytes, uint32_t code)
{
    for (unsigned i = 1; i < bytes; i++)
        if ((b[i] & 0xc0) != 0x80)
            return false;
    if (bytes == 3)
        return code >= 0x800 && (code < 0xd800 || code > 0xdfff);
    return bytes != 4 || (code >= 0x10000 && code <= 0x10ffff);
}

static unsigned decode_utf8(struct conversion *c, struct character *out)
{
    static const uint8_t data_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint8_t b[4];
    unsigned bytes;

    if (!peek(c, 1, b))
        return LATER;
    bytes = utf8_bytes(b[0], c->check);
    if (bytes == 0)
        return 2;
    if (c->from.length < bytes)
        return 0;
    if (!peek(c, bytes, b))
        return LATER;
    *out = (struct character){b[0] & data_bits[bytes], bytes == 4, bytes};
    for (unsigned i = 1; i < bytes; i++)
        out->code = out->code << 6 | (b[i] & 0x3f);
    return c->check && !well_formed(b, bytes, out->code) ? 2 : (unsigned)CONVERTED;
}

static unsigned decode_utf16(struct conversion *c, struct character *out)
{
    uint8_t b[4];
    uint16_t high, low;

    if (c->from.length < 2)
        return 0;
    if (!peek(c, 2, b))
        return LATER;
    high = get_be16(b);
    *out = (struct character){high, false, 2};
    if ((high & 0xfc00) != 0xd800)
        return CONVERTED;
    if (c->from.length < 4)
        return 0;
    if (!peek(c, 4, b))
        return LATER;
    low = get_be16(b + 2);
    if (c->check && (low & 0xfc00) != 0xdc00)
        return 2;
    *out = (struct character){0x10000 + ((high & 0x3ffU) << 10 | (low & 0x3ff)), true, 4};
    return CONVERTED;
}

static unsigned decode_utf32(struct conversion *c, struct character *out)
{
    uint8_t b[4];
    uint32_t code;

    if (c->from.length < 4)
        return 0;
    if (!peek(c, 4, b))
        return LATER;
    code = get_be32(b);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdbff))
        return 2;
    *out = (struct character){code, code > 0xffff, 4};
    return CONVERTED;
}

/* ---- Encoding: returns bytes ------------------------------------------- */

static unsigned encode_utf8(struct character c, uint8_t *b)
{
    unsigned bytes = c.supplementary ? 4 : c.code < 0x80 ? 1 : c.code < 0x800 ? 2 : 3;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (unsigned i = bytes - 1; i > 0; i--) {
        b[i] = 0x80 | (c.code & 0x3f);
        c.code >>= 6;
    }
    b[0] = (uint8_t)(lead[bytes] | c.code);
    return bytes;
}

static unsigned encode_utf16(struct character c, uint8_t *b)
{
    if (!c.supplementary) {
        put_be16(b, (uint16_t)c.code);
        return 2;
    }
    /* Bits 11-15 of the code less one, of which four are kept, even when the source was ill-formed. */
    put_be16(b, (uint16_t)(0xd800 | (((c.code >> 16) - 1) & 0xf) << 6 | (c.code >> 10 & 0x3f)));
    put_be16(b + 2, (uint16_t)(0xdc00 | (c.code & 0x3ff)));
    return 4;
}

static unsigned encode_utf32(struct character c, uint8_t *b)
{
    put_be32(b, c.code);
    return 4;
}

/* ---- The instructions -------------------------------------------------- */

/** Convert one character: CONVERTED, LATER or a condition code. */
static unsigned convert_character(struct conversion *c, decoder *decode, encoder *encode)
{
    struct character character;
    uint8_t encoded[4];
    unsigned outcome, bytes;

    if (c->from.length == 0)
        return 0;
    outcome = decode(c, &character);
    if (outcome != CONVERTED)
        return outcome;
    bytes = encode(character, encoded);
    if (c->to.length < bytes)
        return 1;
    return put(c, encoded, bytes, character.bytes) ? CONVERTED : LATER;
}

static void convert(struct cpu *cpu, const struct insn *insn, decoder *decode, encoder *encode)
{
    unsigned r1 = insn->r1, r2 = insn->r2, outcome, count = 0;
    struct conversion c = {
        .cpu = cpu,
        .to = {.r = r1, .address = address_in(cpu, r1), .length = gr_amode(cpu, r1 + 1)},
        .from = {.r = r2, .address = address_in(cpu, r2), .length = gr_amode(cpu, r2 + 1)},
        .check = insn->r3 & 1 && has_facility(cpu, FACILITY_ETF3_ENHANCEMENT),
    };

    do {
        outcome = convert_character(&c, decode, encode);
        count++;
    } while (outcome == CONVERTED);
    set_gr_address(cpu, r1, c.to.address & cpu->address_mask);
    set_gr_amode(cpu, r1 + 1, c.to.length);
    set_gr_address(cpu, r2, c.from.address & cpu->address_mask);
    set_gr_amode(cpu, r2 + 1, c.from.length);
    cpu_charge(cpu, count);
    cpu->cc = outcome == LATER ? 3 : outcome;
}
DEFINE_OP(CU12) { convert(cpu, insn, decode_utf8, encode_utf16); }
DEFINE_OP(CU14) { convert(cpu, insn, decode_utf8, encode_utf32); }
DEFINE_OP(CU21) { convert(cpu, insn, decode_utf16, encode_utf8); }
DEFINE_OP(CU24) { convert(cpu, insn, decode_utf16, encode_utf32); }
DEFINE_OP(CU41) { convert(cpu, insn, decode_utf32, encode_utf8); }
DEFINE_OP(CU42) { convert(cpu, insn, decode_utf32, encode_utf16); }
