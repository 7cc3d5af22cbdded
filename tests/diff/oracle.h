/* SPDX-License-Identifier: MIT */
/**
 * Oracles: other implementations that execute test cases, each in a child process.
 */
#ifndef SIENNA_DIFF_ORACLE_H
#define SIENNA_DIFF_ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "slot.h"

enum oracle_kind {
    ORACLE_USER,     /**< qemu-s390x: fast, but knows signals only */
    ORACLE_SYSTEM,   /**< qemu-system-s390x with the bare-metal harness: exact interruption codes */
    ORACLE_HERCULES, /**< hercules with the same: exact, decimal arithmetic, no vector registers */
};

/** Where the s390x harness programs are. */
struct harnesses {
    const char *user;   /**< for qemu-s390x */
    const char *bare;   /**< ELF for qemu-system-s390x */
    const char *image;  /**< the same, as bytes from BARE_ORIGIN, entered at its first byte */
    const char *control; /**< ELF of the harness of control cases, for qemu-system-s390x */
};

struct oracle {
    enum oracle_kind kind;
    const struct harnesses *harnesses;
    uint8_t *chunk;            /**< CASE_CHUNK_BYTES of input, written with diff_encode() */
    uint8_t *out;              /**< CASE_SLOTS output slots */
    uint8_t *storage;          /**< system: the machine's absolute storage; chunk and out are in it */
    int chunk_fd, out_fd;      /**< shared memory; system: chunk_fd is that of the storage */
    int to, from;              /**< user: pipes */
    char folder[32];           /**< hercules: of its files */
    pid_t child;
    uint32_t sequence;
    unsigned first, count;     /**< the request under way */
    bool answered;             /**< some case was executed: the program can be started */
    unsigned deaths;           /**< children that ended in the midst of a case */
    unsigned hangs;            /**< cases that did not end */
    unsigned patience;         /**< seconds that a case may last; 0 = 10 */
    unsigned since;            /**< second at which the last case was seen to be answered */
};

/** "user", "system" or "hercules"; ends the process on any other word. */
enum oracle_kind oracle_kind_named(const char *word);
/** The program's name. */
const char *oracle_name(enum oracle_kind kind);
/** Start an oracle; ends the process with a sentence when that is impossible. */
void oracle_open(struct oracle *oracle, enum oracle_kind kind, const struct harnesses *harnesses);
void oracle_close(struct oracle *oracle);
/** Ask for slots first … first + count - 1 and return at once. */
void oracle_begin(struct oracle *oracle, unsigned first, unsigned count);
/** Wait for the answer. Cases during which the child ended are marked in `died` (one byte per slot). */
void oracle_finish(struct oracle *oracle, uint8_t *died);

/** Does it tell program-interruption codes? */
static inline bool oracle_exact(const struct oracle *oracle) { return oracle->kind != ORACLE_USER; }

/* Used by the oracles themselves. */

/** End the process: `what` failed, for errno's reason. */
_Noreturn void oracle_fail(const char *what);
/** Shared memory; its descriptor is kept across exec when `inherit`. */
uint8_t *oracle_share(const char *name, size_t bytes, bool inherit, int *fd);
/** The child ended (wait status) in the request under way: skip what it had answered and the case that ended it. */
void oracle_skip_culprit(struct oracle *oracle, uint8_t *died, int status);
/** Has no case been answered for a while? Ends the process when that is so from the beginning, or again and again. */
bool oracle_hangs(struct oracle *oracle);
/** fork(); the child ends when this process does. Ends the process when it fails. */
pid_t oracle_fork(void);
/** In the child: output to `descriptor` goes nowhere unless SIENNA_DIFF_VERBOSE is set. */
void oracle_silence(int descriptor);

void oracle_user_open(struct oracle *oracle);
void oracle_user_close(struct oracle *oracle);
void oracle_user_begin(struct oracle *oracle);
void oracle_user_finish(struct oracle *oracle, uint8_t *died);
void oracle_system_open(struct oracle *oracle);
void oracle_system_close(struct oracle *oracle);
void oracle_system_begin(struct oracle *oracle);
void oracle_system_finish(struct oracle *oracle, uint8_t *died);
void oracle_hercules_open(struct oracle *oracle);
void oracle_hercules_close(struct oracle *oracle);
void oracle_hercules_begin(struct oracle *oracle);
void oracle_hercules_finish(struct oracle *oracle, uint8_t *died);

#endif
