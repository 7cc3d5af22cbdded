/* SPDX-License-Identifier: MIT */
/**
 * Oracles: other implementations that execute test cases. Each runs as a child process that
 * shares the input chunk and the output slots with the driver.
 */
#ifndef SIENNA_DIFF_ORACLE_H
#define SIENNA_DIFF_ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "slot.h"

enum { ORACLE_USER, ORACLE_SYSTEM };

struct oracle {
    int kind;                  /**< ORACLE_USER: qemu-s390x; ORACLE_SYSTEM: qemu-system-s390x */
    const char *harness;       /**< path of the s390x program */
    uint8_t *chunk;            /**< CASE_CHUNK_BYTES of input, written with diff_encode() */
    uint8_t *out;              /**< CASE_SLOTS output slots */
    int chunk_fd, out_fd;
    int to, from;              /**< pipes; -1 = no child */
    pid_t child;
    uint32_t sequence;
    unsigned first, count;     /**< the request under way */
    bool answered;             /**< some case was executed: the program can be started */
    unsigned deaths;           /**< children that ended in the midst of a case */
};

/** Start an oracle; ends the process with a sentence when that is impossible. */
void oracle_open(struct oracle *oracle, int kind, const char *harness);
void oracle_close(struct oracle *oracle);
/** Ask for slots first … first + count - 1 and return at once. */
void oracle_begin(struct oracle *oracle, unsigned first, unsigned count);
/** Wait for the answer. Cases during which the child ended are marked in `died` (one byte per slot). */
void oracle_finish(struct oracle *oracle, uint8_t *died);

#endif
