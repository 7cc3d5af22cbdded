/* SPDX-License-Identifier: MIT */
/** Vectors in storage, and the order of bytes and elements. */
#include "cpu/vector.h"

union vector_register fetch_vector(struct cpu *cpu, uint64_t address, unsigned base)
{
    struct span s = span_fetch(cpu, address, base, 16);
    uint8_t image[16];

    if (likely(!s.bytes[1]))
        return vector_from(s.host[0]);
    span_read(&s, image);
    return vector_from(image);
}

void store_vector(struct cpu *cpu, uint64_t address, unsigned base, const union vector_register *v)
{
    struct span s = span_store(cpu, address, base, 16);
    uint8_t image[16];

    if (likely(!s.bytes[1])) {
        vector_to(s.host[0], v);
        return;
    }
    vector_to(image, v);
    span_write(&s, image);
}

union vector_register fetch_leftmost(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes)
{
    uint8_t image[16] = {0};

    fetch_bytes(cpu, address, base, image, bytes);
    return vector_from(image);
}

void store_leftmost(struct cpu *cpu, uint64_t address, unsigned base, const union vector_register *v,
                    unsigned bytes)
{
    uint8_t image[16];

    vector_to(image, v);
    store_bytes(cpu, address, base, image, bytes);
}

union vector_register fetch_rightmost(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes)
{
    uint8_t image[16] = {0};

    fetch_bytes(cpu, address, base, image + 16 - bytes, bytes);
    return vector_from(image);
}

void store_rightmost(struct cpu *cpu, uint64_t address, unsigned base, const union vector_register *v,
                     unsigned bytes)
{
    uint8_t image[16];

    vector_to(image, v);
    store_bytes(cpu, address, base, image + 16 - bytes, bytes);
}

union vector_register bytes_reversed(const union vector_register *v, unsigned size)
{
    union vector_register out = *v;

    switch (size) {
    case HALFWORDS:
        for (unsigned k = 0; k < 8; k++)
            out.h[k] = __builtin_bswap16(out.h[k]);
        break;
    case WORDS:
        for (unsigned k = 0; k < 4; k++)
            out.w[k] = __builtin_bswap32(out.w[k]);
        break;
    case DOUBLEWORDS:
        out = (union vector_register){.d = {__builtin_bswap64(v->d[0]), __builtin_bswap64(v->d[1])}};
        break;
    case QUADWORDS:
        out = (union vector_register){.d = {__builtin_bswap64(v->d[1]), __builtin_bswap64(v->d[0])}};
        break;
    }
    return out;
}

union vector_register elements_reversed(const union vector_register *v, unsigned size)
{
    union vector_register whole = bytes_reversed(v, QUADWORDS);

    return bytes_reversed(&whole, size);
}
