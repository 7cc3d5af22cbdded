/* SPDX-License-Identifier: MIT */
/**
 * What the vector instructions are written with: mask fields, elements, and whole vectors
 * in storage (PoP ch. 21-23).
 *
 * Elements are numbered from the left. Where every element is treated alike the order does
 * not matter, and the arrays of union vector_register are walked as the host has them; the
 * even elements of a pair are then the left halves of the next wider array's elements.
 */
#ifndef SIENNA_CPU_VECTOR_H
#define SIENNA_CPU_VECTOR_H

#include "cpu/access.h"
#include "cpu/cpu.h"

/** Element sizes as the M fields code them. */
enum element_size { BYTES, HALFWORDS, WORDS, DOUBLEWORDS, QUADWORDS };

/* Mask fields by their place in the instruction: which M it is depends on the format. */
#define M_BITS_20 ((unsigned)insn_field(insn, 20, 4))
#define M_BITS_24 ((unsigned)insn_field(insn, 24, 4))
#define M_BITS_28 ((unsigned)insn_field(insn, 28, 4))
#define M_BITS_32 ((unsigned)insn_field(insn, 32, 4))
/** The fourth vector operand of VRR-d and -e. */
#define R4 insn_vr(insn, 32)

static inline unsigned element_bits(unsigned size) { return 8u << size; }
static inline unsigned element_count(unsigned size) { return 16u >> size; }
/** All ones in the rightmost element of a doubleword. */
static inline uint64_t element_mask(unsigned size) { return ~0ULL >> (64 - element_bits(size)); }

/** Element i of BYTES to DOUBLEWORDS, zero-extended. */
static inline uint64_t vector_element(const union vector_register *v, unsigned size, unsigned i)
{
    unsigned in_doubleword = i & ((8u >> size) - 1);

    return v->d[i >> (3 - size)] >> (64 - element_bits(size) * (in_doubleword + 1)) & element_mask(size);
}
static inline void set_vector_element(union vector_register *v, unsigned size, unsigned i, uint64_t value)
{
    unsigned shift = 64 - element_bits(size) * ((i & ((8u >> size) - 1)) + 1);
    uint64_t *d = &v->d[i >> (3 - size)];

    *d = (*d & ~(element_mask(size) << shift)) | (value & element_mask(size)) << shift;
}
static inline int64_t signed_element(const union vector_register *v, unsigned size, unsigned i)
{
    unsigned unused = 64 - element_bits(size);

    return (int64_t)(vector_element(v, size, i) << unused) >> unused;
}

static inline unsigned __int128 quadword(const union vector_register *v)
{
    return (unsigned __int128)v->d[0] << 64 | v->d[1];
}
static inline union vector_register vector_of(unsigned __int128 value)
{
    return (union vector_register){.d = {(uint64_t)(value >> 64), (uint64_t)value}};
}
/** Every element the same. */
static inline union vector_register replicated(unsigned size, uint64_t value)
{
    uint64_t d = (value & element_mask(size)) * (~0ULL / element_mask(size));

    return (union vector_register){.d = {d, d}};
}

/** A vector from the 16 bytes it has in storage, and to them. */
static inline union vector_register vector_from(const uint8_t *bytes)
{
    return (union vector_register){.d = {get_be64(bytes), get_be64(bytes + 8)}};
}
static inline void vector_to(uint8_t *bytes, const union vector_register *v)
{
    put_be64(bytes, v->d[0]);
    put_be64(bytes + 8, v->d[1]);
}
union vector_register fetch_vector(struct cpu *cpu, uint64_t address, unsigned base);
void store_vector(struct cpu *cpu, uint64_t address, unsigned base, const union vector_register *v);
/** 1-16 bytes, left-aligned; zeros on the right. */
union vector_register fetch_leftmost(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes);
void store_leftmost(struct cpu *cpu, uint64_t address, unsigned base, const union vector_register *v,
                    unsigned bytes);
/** 1-16 bytes, right-aligned; zeros on the left. */
union vector_register fetch_rightmost(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes);
void store_rightmost(struct cpu *cpu, uint64_t address, unsigned base, const union vector_register *v,
                     unsigned bytes);

/** Bytes from `address` to the next boundary that M3 code 0 (64 bytes) to 6 (4K bytes) names, at most 16. */
static inline unsigned bytes_to_boundary(uint64_t address, unsigned code)
{
    uint64_t block = 64ULL << code, rest = block - (address & (block - 1));

    return rest < 16 ? (unsigned)rest : 16;
}
/** Number of bytes that a general register with the highest index to be loaded or stored means. */
static inline unsigned bytes_of_index(uint32_t highest)
{
    return highest < 15 ? highest + 1 : 16;
}

/** The bytes of every element in reversed order; of the whole for QUADWORDS. */
union vector_register bytes_reversed(const union vector_register *v, unsigned size);
/** The elements in reversed order. */
union vector_register elements_reversed(const union vector_register *v, unsigned size);

/** Run `call` with SIZE a constant for the compiler, when `size` is `first` … `last`; else a
 *  specification exception. */
#define WITH_SIZE_(n, first, last, call) \
    case n: \
        if ((n) >= (first) && (n) <= (last)) { \
            enum { SIZE = (n) }; \
            call; \
            break; \
        } \
        program_interruption(cpu, PIC_SPECIFICATION)
#define WITH_SIZE(size, first, last, call) \
    switch (size) { \
        WITH_SIZE_(BYTES, first, last, call); \
        WITH_SIZE_(HALFWORDS, first, last, call); \
        WITH_SIZE_(WORDS, first, last, call); \
        WITH_SIZE_(DOUBLEWORDS, first, last, call); \
    default: \
        program_interruption(cpu, PIC_SPECIFICATION); \
    }

/**
 * ELEMENTWISE: the body of an operation on the elements of V2 and V3. Elements of V1 become
 * OPERATION(U, S, x, y): unsigned and signed type of the elements, element of V2, of V3 (both unsigned).
 * Specification exception when `size` is more than DOUBLEWORDS.
 */
#define ALL_OF_(array, U, S, OPERATION) \
    for (unsigned k = 0; k < 16 / sizeof(U); k++) { \
        U x = a->array[k], y = b->array[k]; \
        (void)y; \
        out.array[k] = (U)OPERATION(U, S, x, y); \
    }
#define ELEMENTWISE(size, OPERATION) \
    do { \
        const union vector_register *a = &cpu->vr[insn->r2], *b = &cpu->vr[insn->r3]; \
        union vector_register out; \
        switch (size) { \
        case BYTES: ALL_OF_(b, uint8_t, int8_t, OPERATION) break; \
        case HALFWORDS: ALL_OF_(h, uint16_t, int16_t, OPERATION) break; \
        case WORDS: ALL_OF_(w, uint32_t, int32_t, OPERATION) break; \
        case DOUBLEWORDS: ALL_OF_(d, uint64_t, int64_t, OPERATION) break; \
        default: program_interruption(cpu, PIC_SPECIFICATION); \
        } \
        cpu->vr[insn->r1] = out; \
    } while (0)

#endif
