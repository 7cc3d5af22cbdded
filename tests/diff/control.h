/* SPDX-License-Identifier: MIT */
/**
 * Control cases: short programs in supervisor state whose control registers, translation tables, storage keys and
 * prefix are random, on qemu-system-s390x and on Sienna (control_case.h).
 */
#ifndef SIENNA_DIFF_CONTROL_H
#define SIENNA_DIFF_CONTROL_H

#include "control_case.h"
#include "cpu/insn.h"
#include "machine/machine.h"
#include "random.h"
#include "slot.h"

enum { CONTROL_INSNS_MOST = 8 };

/** A doubleword of the region that is special in a case. */
struct control_patch {
    uint64_t address, value;
};

struct control_case {
    uint64_t gr[16], cr[16], psw[2];
    uint32_t ar[16], fpc, prefix;
    uint32_t code_start, code_bytes;
    unsigned patches;
    struct control_patch patch[CIN_PATCHES_MOST];
    uint8_t keys[REGION_PAGES];
    uint8_t code[CIN_CODE_MOST];
    unsigned count;                        /**< instructions */
    uint16_t at[CONTROL_INSNS_MOST + 1];   /**< offset of each in the code, and of the end */
};

struct control_result {
    uint64_t gr[16], cr[16];
    uint32_t ar[16], fpc, prefix, kind;
    uint8_t keys[REGION_PAGES];
    uint8_t lowcore[COUT_LOWCORE_BYTES];   /**< from byte COUT_LOWCORE_FIRST of the prefix area */
    uint64_t page[REGION_PAGES];           /**< hashes */
    bool died;
};

struct control_generator {
    struct random random;
    const char *only;                      /**< names to choose from, comma-separated; NULL = all */
    unsigned longest;
};

/** Bytes of the region before patches; the same for all cases. */
void control_image(uint8_t *image);
void control_encode(uint8_t *chunk, unsigned slot, const struct control_case *test);
void control_decode(const uint8_t *out, struct control_result *result);
/** Hash of page `page` of the region at `region`, as the harness makes it. */
uint64_t control_hash(const uint8_t *region, unsigned page);

void control_generate(struct control_generator *generator, struct control_case *out);

/** Sienna with storage and one CPU. */
struct control_subject {
    struct machine machine;
    struct cpu *cpu;
    uint8_t *image;
};
void control_subject_open(struct control_subject *subject);
void control_subject_close(struct control_subject *subject);
void control_subject_run(struct control_subject *subject, const struct control_case *test,
                         struct control_result *result);

#endif
