/* SPDX-License-Identifier: MIT */
/**
 * What a debugger or monitor alters, through the input log (INPUT_ALTERATION): each alteration takes effect at
 * once, at a place that a replay finds again. Everything that the public interface alters between runs and that
 * is no operator's action goes through here.
 */
#ifndef SIENNA_LIBSIENNA_ALTER_H
#define SIENNA_LIBSIENNA_ALTER_H

#include "libsienna/internal.h"
#include "sienna_debug.h"

/** Ports in the log; the numbers are part of recordings and are never reused. */
enum alteration {
    ALTER_REGISTER = 1, /**< CPU (2 bytes), class (1), number (1), contents (16) */
    ALTER_STORAGE = 2,  /**< the machine's absolute address (8), bytes */
    ALTER_KEY = 3,      /**< the same, key (1) */
    ALTER_REVIVE = 4,   /**< a machine that has ended may run on */
    ALTER_THREAD_REGISTER = 5, /**< guest (2), CPU (2), class (1), number (1), contents (16) */
    ALTERATIONS
};
/** Register the receivers. */
void alter_register_sinks(struct sienna *sienna);
/** May the machine be altered here? It may not in a replay; the past of a live machine then forgets its future. */
bool alter_allowed(struct sienna *sienna, char problem[SIENNA_PROBLEM_BYTES]);
/** Log and do it; the sinks know how. False with a sentence. */
bool alter(struct sienna *sienna, enum alteration kind, const void *data, size_t bytes,
           char problem[SIENNA_PROBLEM_BYTES]);
/** Store into the machine's absolute storage, which exists there. */
bool alter_storage(struct sienna *sienna, struct absolute at, const void *from, size_t bytes);
bool alter_key(struct sienna *sienna, struct absolute at, uint8_t key);

/** The acts themselves, for the sinks (libsienna/inspect_registers.c, inspect_thread_registers.c). */
bool register_write(struct sienna *sienna, unsigned cpu, enum sienna_register_class class, unsigned number,
                    const uint8_t *bytes, char problem[SIENNA_PROBLEM_BYTES]);

bool thread_register_write(struct sienna *s, struct sienna_thread thread, enum sienna_register_class class,
                           unsigned number, const uint8_t *bytes, char problem[SIENNA_PROBLEM_BYTES]);

#endif
