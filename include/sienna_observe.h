/* SPDX-License-Identifier: MIT */
/**
 * libsienna: watching what a machine does, for trace tools.
 *
 * An observer is told of each thing of the wanted kinds as it happens, in order, while the machine runs; it must
 * look only. Observing moves nothing: digests are the same with and without. Kinds that nobody wants cost
 * nothing; SIENNA_SAW_INSTRUCTION and SIENNA_SAW_ACCESS take the machine off its fast path.
 */
#ifndef SIENNA_OBSERVE_H
#define SIENNA_OBSERVE_H

#include "sienna_debug.h"

enum sienna_sight {
    SIENNA_SAW_INSTRUCTION = 1 << 0,  /**< about to be executed: address, text, length */
    SIENNA_SAW_FETCH = 1 << 1,        /**< operand fetched: address, absolute, bytes, data */
    SIENNA_SAW_STORE = 1 << 2,        /**< operand stored, told when the instruction has ended: likewise, new data */
    SIENNA_SAW_BRANCH = 1 << 3,       /**< a branch was taken: address = from, value = to */
    SIENNA_SAW_INTERRUPTION = 1 << 4, /**< code = class (enum sienna_interruption), value = its code, address = old */
    SIENNA_SAW_ENTRY = 1 << 5,        /**< SIE entry: absolute = state description; the thread is the guest's */
    SIENNA_SAW_EXIT = 1 << 6,         /**< SIE exit: absolute, value = interception code, -1 = host interruption, -2 = host fault */
    SIENNA_SAW_IO = 1 << 7,           /**< code: 0 start, 1 halt, 2 clear, 3 resume …; value = subsystem id */
    SIENNA_SAW_KEY = 1 << 8,          /**< storage key set: absolute, value = new key */
    SIENNA_SAW_CONTROL = 1 << 9,      /**< control register `code` loaded: value */
    SIENNA_SAW_SIGP = 1 << 10,        /**< code = order, value = target CPU address, address = condition code */
    SIENNA_SAW_PSW = 1 << 11,         /**< address space, key, state or mode of the PSW changed: value = mask */
};
enum sienna_interruption {
    SIENNA_INTERRUPTION_PROGRAM, SIENNA_INTERRUPTION_SVC, SIENNA_INTERRUPTION_EXTERNAL, SIENNA_INTERRUPTION_IO,
    SIENNA_INTERRUPTION_MACHINE_CHECK, SIENNA_INTERRUPTION_RESTART,
};
struct sienna_observation {
    enum sienna_sight kind;
    unsigned machine_cpu;        /**< CPU address of the machine's CPU */
    struct sienna_thread thread; /**< whose doing; the level is that of its guest */
    uint64_t time, position;     /**< virtual time in TOD units, and place in history */
    uint64_t address;            /**< logical */
    uint64_t absolute;           /**< the machine's absolute address */
    uint64_t value;
    uint64_t psw_mask, asce;     /**< of the thread: its PSW's first half, its primary ASCE */
    uint32_t code;
    uint32_t bytes;              /**< of text or data */
    const uint8_t *data;         /**< instruction text, operand contents; up to 4096 bytes; NULL = not given */
};
/** Tell `observer` of each `kinds` (enum sienna_sight, ORed); 0 ends it. One observer at a time. */
void sienna_observe(struct sienna *sienna, unsigned kinds,
                    void (*observer)(void *context, const struct sienna_observation *seen), void *context);

#endif
