/* SPDX-License-Identifier: MIT */
/**
 * Test cases and results in host form, and their slots (case.h).
 */
#ifndef SIENNA_DIFF_SLOT_H
#define SIENNA_DIFF_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "case.h"

/** Initial state and code of one case. */
struct diff_case {
    uint64_t gr[16];
    uint32_t ar[16];
    uint32_t fpc;
    uint8_t cc;           /**< 0–3 */
    uint8_t program_mask; /**< PSW bits 20–23, right-justified */
    uint8_t amode;        /**< 64, 31, 24 */
    uint16_t code_start;  /**< offset of the first instruction in the slot, even */
    uint16_t code_length; /**< bytes */
    uint8_t vr[32][16];   /**< big-endian */
    uint8_t code[IN_CODE_BYTES];
    uint8_t windows[IN_WINDOWS_BYTES]; /**< 0, 1 and 2, one after the other */
};

/** State after a case. */
struct diff_result {
    uint64_t gr[16];
    uint32_t ar[16];
    uint32_t fpc;
    uint8_t cc, program_mask, amode;
    uint16_t code;        /**< program-interruption code; 0 = the exit was reached; 0xffff = see the signal */
    uint16_t ilc;         /**< instruction length at the interruption; 0 = not known */
    uint64_t ia;          /**< instruction address at the interruption */
    uint64_t teid;
    uint64_t stray;
    uint32_t signal, signal_code;
    uint8_t vr[32][16];
    uint8_t windows[IN_WINDOWS_BYTES];
    bool died;            /**< the oracle ended instead of answering */
};

/** Logical address of the first instruction of slot `slot`. */
uint64_t diff_code_address(unsigned slot, const struct diff_case *test);
/** Write a case into input slot number `slot` of a chunk at host address `chunk`. */
void diff_encode(uint8_t *chunk, unsigned slot, const struct diff_case *test);
void diff_decode_case(const uint8_t *chunk, unsigned slot, struct diff_case *test);
/** Read the result from output slot `out`. */
void diff_decode_result(const uint8_t *out, struct diff_result *result);
void diff_encode_result(uint8_t *out, const struct diff_result *result);

/** Offset in diff_case.windows of the byte at logical address `address`, or -1. */
int diff_window_offset(uint64_t address);
/** Logical address of the byte at `offset` of diff_case.windows. */
uint64_t diff_window_address(unsigned offset);

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static inline uint64_t get64(const uint8_t *p) { return (uint64_t)get32(p) << 32 | get32(p + 4); }
static inline void put16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }
static inline void put32(uint8_t *p, uint32_t v) { put16(p, (uint16_t)(v >> 16)); put16(p + 2, (uint16_t)v); }
static inline void put64(uint8_t *p, uint64_t v) { put32(p, (uint32_t)(v >> 32)); put32(p + 4, (uint32_t)v); }

#endif
