/* SPDX-License-Identifier: MIT */
/**
 * Interpretation levels: under SIE the CPU's own registers are the guest's, and what the
 * host needs again is kept here. There is one interpreter; entering SIE pushes a level,
 * an interception pops it.
 */
#ifndef SIENNA_CPU_LEVEL_H
#define SIENNA_CPU_LEVEL_H

#include "cpu/cpu.h"
#include "storage/dat.h"

/** Controls of the state description that decoding binds; part of the decode context. */
struct interception_profile {
    uint32_t ictl;   /**< interception controls (state description 0x48) */
    uint16_t lctl;   /**< LCTL/LCTLG interception by control register (0x44) */
    uint8_t svcc[4]; /**< SVC controls (0x40) */
};

/** The host while its guest is interpreted; GRs 0–13, ARs, FPRs/VRs are shared with the guest. */
struct host_state {
    uint64_t psw_mask, ia; /**< ia: of the SIE instruction */
    uint32_t cc;
    uint64_t cr[16];
    uint64_t gr14, gr15;
    uint32_t prefix;
    uint64_t breaking_event, program_parameter;
};

struct interpretation {
    struct host_state host;
    struct absolute descriptor;       /**< the state description */
    struct storage_view host_view, guest_view;
    struct interception_profile profile;
};

/** What sie/ does for cpu/; installed by the composer, else SIE is an operation exception. */
struct sie_service {
    /** START INTERPRETIVE EXECUTION with the state description at host real `address`. */
    void (*enter)(struct cpu *cpu, const struct insn *insn, struct real address);
    /** Instruction interception of `insn`, by a handler bound at decode; the level is popped. */
    void (*instruction)(struct cpu *cpu, const struct insn *insn);
    /** A program interruption of the guest: true when it was intercepted and the level popped. */
    bool (*program)(struct cpu *cpu, unsigned code, const struct insn *insn);
    /** A fault of the host level on a guest access: pops the level and delivers it to the host. */
    void (*host_fault)(struct cpu *cpu, const struct fault *fault, const struct insn *insn);
    /** Between blocks: requests, waits and host interruptions; true when the level was popped. */
    bool (*between)(struct cpu *cpu);
};

/** Is the instruction intercepted under these controls? */
bool insn_intercepted(const struct interception_profile *profile, enum insn_id id, const struct insn *insn);

/** Real address of the present level to host absolute; false with *fault when the host's translation fails. */
bool level_absolute(struct cpu *cpu, struct real address, bool store, struct absolute *out, struct fault *fault);

#endif
