/* SPDX-License-Identifier: MIT */
/** Vectors among registers: general registers, masks, replication, merge, permute, select (PoP ch. 21). */
#include "cpu/vector.h"

#define V1 (&cpu->vr[insn->r1])
#define V2 (&cpu->vr[insn->r2])
#define V3 (&cpu->vr[insn->r3])
#define V4 (&cpu->vr[R4])
#define B2_ADDRESS effective_b2(cpu, insn)

DEFINE_OP(VLR) { *V1 = *V2; }

/* ---- General registers --------------------------------------------------- */

/** The element that a second-operand address names. Too large an index is unpredictable: modulo here. */
static unsigned element_index(const struct cpu *cpu, const struct insn *insn, unsigned size)
{
    return (unsigned)B2_ADDRESS & (element_count(size) - 1);
}

DEFINE_OP(VLGV)
{
    unsigned size = M_BITS_32;

    specification_unless(cpu, size <= DOUBLEWORDS);
    set_gr64(cpu, insn->r1, vector_element(V3, size, element_index(cpu, insn, size)));
}

DEFINE_OP(VLVG)
{
    unsigned size = M_BITS_32;

    specification_unless(cpu, size <= DOUBLEWORDS);
    set_vector_element(V1, size, element_index(cpu, insn, size), gr64(cpu, insn->r3));
}

DEFINE_OP(VLVGP) { *V1 = (union vector_register){.d = {gr64(cpu, insn->r2), gr64(cpu, insn->r3)}}; }

/* ---- Masks and replication ----------------------------------------------- */

/** Every bit of I2 becomes a byte. */
DEFINE_OP(VGBM)
{
    for (unsigned i = 0; i < 16; i++)
        VB(V1, i) = insn->imm << i & 0x8000 ? 0xff : 0;
}

/** Ones from bit I2 to bit I3 of every element, wrapping around. */
DEFINE_OP(VGM)
{
    unsigned size = insn->r3, bits, first, last;
    uint64_t from_first, to_last;

    specification_unless(cpu, size <= DOUBLEWORDS);
    bits = element_bits(size);
    first = (unsigned)(insn->imm >> 8) & (bits - 1);
    last = (unsigned)insn->imm & (bits - 1);
    from_first = element_mask(size) >> first;
    to_last = element_mask(size) << (bits - 1 - last);
    *V1 = replicated(size, first <= last ? from_first & to_last : from_first | to_last);
}

DEFINE_OP(VREP)
{
    unsigned size = M_BITS_32;

    specification_unless(cpu, size <= DOUBLEWORDS && insn->imm < element_count(size));
    *V1 = replicated(size, vector_element(V3, size, (unsigned)insn->imm));
}

DEFINE_OP(VREPI)
{
    specification_unless(cpu, insn->r3 <= DOUBLEWORDS);
    *V1 = replicated(insn->r3, (uint64_t)(int16_t)insn->imm);
}

/* ---- Merge --------------------------------------------------------------- */

/** Elements of V2 and V3 from index `from` on, alternating. */
static inline void merge(struct cpu *cpu, const struct insn *insn, unsigned size, unsigned from)
{
    union vector_register out = {{0}};

    for (unsigned i = 0; i < element_count(size) / 2; i++) {
        set_vector_element(&out, size, 2 * i, vector_element(V2, size, from + i));
        set_vector_element(&out, size, 2 * i + 1, vector_element(V3, size, from + i));
    }
    *V1 = out;
}
DEFINE_OP(VMRH) { WITH_SIZE(M_BITS_32, BYTES, DOUBLEWORDS, merge(cpu, insn, SIZE, 0)) }
DEFINE_OP(VMRL) { WITH_SIZE(M_BITS_32, BYTES, DOUBLEWORDS, merge(cpu, insn, SIZE, element_count(SIZE) / 2)) }

/* ---- Pack: elements of V2 and V3 to half their size ------------------------ */

enum pack { TRUNCATE, SATURATE_SIGNED, SATURATE_LOGICAL };

/** A source element as it goes into one of half its size. */
static inline uint64_t packed_element(const union vector_register *v, unsigned size, unsigned i,
                                      enum pack kind)
{
    uint64_t value = vector_element(v, size, i), largest = element_mask(size - 1);
    int64_t limit = (int64_t)(largest >> 1), number = signed_element(v, size, i);

    switch (kind) {
    case TRUNCATE: return value;
    case SATURATE_LOGICAL: return value < largest ? value : largest;
    default: return (uint64_t)(number > limit ? limit : number < -limit - 1 ? -limit - 1 : number);
    }
}

/** Returns how many elements were saturated. */
static inline unsigned pack(struct cpu *cpu, const struct insn *insn, unsigned size, enum pack kind)
{
    union vector_register out = {{0}};
    unsigned count = element_count(size), saturated = 0;

    for (unsigned i = 0; i < 2 * count; i++) {
        const union vector_register *from = i < count ? V2 : V3;
        uint64_t value = packed_element(from, size, i % count, kind);

        saturated += kind == SATURATE_SIGNED ? (int64_t)value != signed_element(from, size, i % count)
                                             : value != vector_element(from, size, i % count);
        set_vector_element(&out, size - 1, i, value);
    }
    *V1 = out;
    return saturated;
}

DEFINE_OP(VPK) { WITH_SIZE(M_BITS_32, HALFWORDS, DOUBLEWORDS, pack(cpu, insn, SIZE, TRUNCATE)) }

/** With the rightmost bit of M5: 0 none saturated, 1 some, 3 all. */
static void pack_saturating(struct cpu *cpu, const struct insn *insn, enum pack kind)
{
    unsigned size = M_BITS_32, saturated = 0;

    WITH_SIZE(size, HALFWORDS, DOUBLEWORDS, saturated = pack(cpu, insn, SIZE, kind))
    if (M_BITS_24 & 1)
        cpu->cc = saturated == 0 ? 0 : saturated == 2 * element_count(size) ? 3 : 1;
}
DEFINE_OP(VPKS) { pack_saturating(cpu, insn, SATURATE_SIGNED); }
DEFINE_OP(VPKLS) { pack_saturating(cpu, insn, SATURATE_LOGICAL); }

/* ---- Unpack: half of the elements of V2 to twice their size ---------------- */

static inline void unpack(struct cpu *cpu, const struct insn *insn, unsigned size, bool low, bool logical)
{
    unsigned half = element_count(size) / 2, from = low ? half : 0;
    union vector_register out = {{0}};

    for (unsigned i = 0; i < half; i++)
        set_vector_element(&out, size + 1, i, logical ? vector_element(V2, size, from + i)
                                                      : (uint64_t)signed_element(V2, size, from + i));
    *V1 = out;
}
DEFINE_OP(VUPH) { WITH_SIZE(M_BITS_32, BYTES, WORDS, unpack(cpu, insn, SIZE, false, false)) }
DEFINE_OP(VUPLH) { WITH_SIZE(M_BITS_32, BYTES, WORDS, unpack(cpu, insn, SIZE, false, true)) }
DEFINE_OP(VUPL) { WITH_SIZE(M_BITS_32, BYTES, WORDS, unpack(cpu, insn, SIZE, true, false)) }
DEFINE_OP(VUPLL) { WITH_SIZE(M_BITS_32, BYTES, WORDS, unpack(cpu, insn, SIZE, true, true)) }

/** The rightmost element of each doubleword, sign-extended. */
DEFINE_OP(VSEG)
{
    unsigned size = M_BITS_32, unused = 64 - element_bits(size & 3);

    specification_unless(cpu, size <= WORDS);
    for (unsigned k = 0; k < 2; k++)
        V1->d[k] = (uint64_t)((int64_t)(V2->d[k] << unused) >> unused);
}

/* ---- Permute and select -------------------------------------------------- */

/** Byte i is that byte of V2 and V3 together which byte i of V4 names in its right five bits. */
DEFINE_OP(VPERM)
{
    const union vector_register source[2] = {*V2, *V3}, index = *V4;

    for (unsigned i = 0; i < 16; i++) {
        unsigned n = VB(&index, i);

        VB(V1, i) = VB(&source[n >> 4 & 1], n & 15);
    }
}

DEFINE_OP(VPDI)
{
    unsigned m4 = M_BITS_32;
    uint64_t left = VD(V2, m4 >> 2 & 1), right = VD(V3, m4 & 1);

    *V1 = (union vector_register){.d = {left, right}};
}

/** Sixteen bits of V2, each named by a byte of V3; zero where that is above 127. */
DEFINE_OP(VBPERM)
{
    unsigned __int128 source = quadword(V2);
    uint64_t bits = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned n = VB(V3, i);

        bits = bits << 1 | (n < 128 ? (unsigned)(source >> (127 - n)) & 1 : 0);
    }
    *V1 = (union vector_register){.d = {bits, 0}};
}

DEFINE_OP(VSEL)
{
    for (unsigned k = 0; k < 2; k++)
        V1->d[k] = (V2->d[k] & V4->d[k]) | (V3->d[k] & ~V4->d[k]);
}
