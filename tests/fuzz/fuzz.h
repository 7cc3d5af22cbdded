/* SPDX-License-Identifier: MIT */
/** What fuzz targets share. */
#ifndef SIENNA_TESTS_FUZZ_H
#define SIENNA_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/** Optional: put the `n`th well-formed input into `data`; returns its length, 0 when there is no such. */
size_t fuzz_example(unsigned n, uint8_t *data, size_t room) __attribute__((weak));

/** An invariant that must hold for every input. */
#define FUZZ_ASSERT(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

/** The input as a stream; zeros after its end. */
struct fuzz_input {
    const uint8_t *at, *end;
};
static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}
static inline uint16_t fuzz_half(struct fuzz_input *in)
{
    uint16_t high = fuzz_byte(in);

    return (uint16_t)(high << 8 | fuzz_byte(in));
}
static inline uint32_t fuzz_word(struct fuzz_input *in)
{
    uint32_t high = fuzz_half(in);

    return high << 16 | fuzz_half(in);
}

#endif
