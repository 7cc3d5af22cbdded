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

/** What is interpreted instead of intercepted, and decides at decode. */
enum assist {
    ASSIST_MVPG = 1,           /**< ECA.MVPGI */
    ASSIST_VECTOR = 2,         /**< ECA.VX */
    ASSIST_SIGP = 4,           /**< ECA.SIGPI or ECB.SRSI: the operation decides by order and target */
    ASSIST_PTF = 8,            /**< ECB.PTF */
    ASSIST_PFMF = 16,          /**< ECB2.PFMFI */
    ASSIST_ESSA = 32,          /**< ECB2.CMMA */
    ASSIST_STFLE = 64,         /**< a facility list is designated */
    ASSIST_KEYLESS = 128,      /**< CPUSTAT.KSS: key instructions are intercepted as such */
    ASSIST_INTERLOCK = 256,    /**< ECA.SII: IPTE and its like ask the SCA */
};

/** Controls of the state description that decoding binds; part of the decode context. */
struct interception_profile {
    uint32_t ictl;    /**< interception controls (state description 0x48) */
    uint32_t assists; /**< enum assist */
    uint16_t lctl;    /**< LCTL/LCTLG interception by control register (0x44) */
    uint8_t svcc[4];  /**< SVC controls (0x40) */
};

/** The host while its guest is interpreted; GRs 0–13, ARs, FPRs/VRs are shared with the guest. */
struct host_state {
    uint64_t psw_mask, ia; /**< ia: of the SIE instruction, or of the EXECUTE whose target it is */
    uint8_t length;        /**< of that instruction */
    uint32_t cc;
    uint64_t cr[16];
    uint64_t gr14, gr15;
    uint32_t prefix, todpr;
    uint64_t breaking_event, program_parameter;
    uint64_t clock_comparator, cpu_timer_end;
};

/** Controls that do not concern decoding, as they were at entry. */
struct guest_controls {
    uint32_t eca, ecd;
    uint8_t ecb, ecb2, ecb3;
    bool edat1, edat2, guest_per;   /**< CPUSTAT GED, GED2, P */
    uint8_t epoch_index;            /**< epoch difference, with ECD.MEF */
    uint64_t epoch;                 /**< guest TOD minus host TOD, modulo 2^64 */
    struct absolute facilities;     /**< the guest's facility list, with ASSIST_STFLE */
    struct absolute sca;            /**< system control area, with has_sca */
    bool has_sca, extended_sca;
    struct absolute gisa;           /**< with has_gisa (ECA.AIV) */
    bool has_gisa;
};

/** How interpretation ended last; the rest is in the state description. Not part of the machine's state. */
enum level_exit { EXIT_NONE, EXIT_INTERCEPTION, EXIT_HOST_INTERRUPTION, EXIT_HOST_FAULT };
struct last_exit {
    enum level_exit kind;
    bool issued_sie;        /**< EXIT_INTERCEPTION: of a SIE instruction, which the host carries out */
    uint16_t fault_code;    /**< EXIT_HOST_FAULT: program-interruption code and TEID that the host got */
    uint64_t teid;
    uint64_t entered, left; /**< virtual times */
};

/** Exits by cause, of level 2 and of level 3 (a guest that vSIE of level 1 runs for level 2). */
struct exit_counts {
    uint64_t entries, host_interruptions, host_faults;
    uint64_t code[256];             /**< by interception code */
    uint64_t instruction[INSN_COUNT]; /**< instruction interceptions by row; [0]: of no row */
};

struct virtual_cpu;

struct interpretation {
    struct virtual_cpu *virtual_cpu;  /**< who was entered last, for debuggers (cpu/guests.h); may be NULL */
    struct host_state host;
    struct last_exit last;
    struct absolute descriptor;       /**< the state description */
    struct storage_view host_view, guest_view;
    struct interception_profile profile;
    struct guest_controls controls;
};

#define ECD_MULTIPLE_EPOCH 0x08000000u /**< guest_controls.ecd */

/** Where the storage key of a 4K block of the present level is. */
struct key_place {
    bool resident;  /**< a block of real storage backs it; always at level 1 */
    uint64_t block; /**< its number, when resident */
    uint8_t *pgste; /**< under SIE, with the storage-key facility: the guest's part of the key, else NULL */
};

/** What sie/ does for cpu/; installed by the composer, else SIE is an operation exception. */
struct sie_service {
    /** Level of the guest being interpreted: 2, or 3 when it is one that vSIE of level 1 runs for level 2. */
    unsigned (*level)(const struct cpu *cpu);
    /** START INTERPRETIVE EXECUTION with the state description at host real `address`. */
    void (*enter)(struct cpu *cpu, const struct insn *insn, struct real address);
    /** Instruction interception of `insn`, by a handler bound at decode or an operation; the level is popped. */
    void (*instruction)(struct cpu *cpu, const struct insn *insn);
    /** A program interruption of the guest: true when it was intercepted and the level popped. */
    bool (*program)(struct cpu *cpu, unsigned code, const struct insn *insn);
    /** A fault of the host level on a guest access: pops the level and delivers it to the host. */
    void (*host_fault)(struct cpu *cpu, const struct fault *fault, const struct insn *insn);
    /** The guest's prefix area cannot be accessed, with the guest at instruction address `ia`. */
    void (*prefix_fault)(struct cpu *cpu, uint64_t ia);
    /** Between blocks: exceptions of the guest's PSW, requests, waits, interruptions of guest and host. */
    void (*between)(struct cpu *cpu);
    /** Is there anything that between() would act on once the guest opens its masks? */
    bool (*attention)(const struct cpu *cpu);
    /** Leave interpretation as for a host interruption (resets and orders by other CPUs). */
    void (*leave)(struct cpu *cpu);
    /** Operations that are interpreted or intercepted depending on what they find. */
    void (*sigp)(struct cpu *cpu, const struct insn *insn);
    void (*ptf)(struct cpu *cpu, const struct insn *insn);
    /**
     * The key of the guest's block at guest absolute `address`: false when the guest has no such block. Leaves
     * the instruction with a fault of the host, or an interception when the key's lock is held.
     */
    bool (*find_key)(struct cpu *cpu, uint64_t address, struct key_place *place);
    /** The guest's view of a key whose PGSTE is known: ACC, F, R and C in ISKE format. */
    uint8_t (*read_key)(struct cpu *cpu, const struct key_place *place);
    void (*write_key)(struct cpu *cpu, const struct key_place *place, uint8_t key);
    void (*reset_reference)(struct cpu *cpu, const struct key_place *place);
    /** EXTRACT AND SET STORAGE ATTRIBUTES of the guest's block at guest absolute `address`. */
    void (*essa)(struct cpu *cpu, const struct insn *insn, uint64_t address);
    /** MOVE PAGE met a page that the host does not have: guest absolute target and source. */
    void (*partial_move)(struct cpu *cpu, const struct insn *insn, uint64_t target, uint64_t source);
    /** Note for debuggers who is being interpreted (cpu/guests.h). */
    void (*remember)(struct cpu *cpu);
    /** Of a restored level: could an entry have left its host's and guest's controls like that? */
    bool (*possible)(const struct cpu *cpu);
    /** Does the host hold the IPTE interlock, and does the guest's description ask to respect it? */
    bool (*interlocked)(const struct cpu *cpu);
};

/** Is the instruction intercepted under these controls? */
bool insn_intercepted(const struct interception_profile *profile, enum insn_id id, const struct insn *insn);
/** Do the controls alone, whatever the operands are, intercept instructions of this kind? */
bool interception_by_control(const struct interception_profile *profile, enum interception kind);
/** Is an operation code without a row here one that a host may carry out for its guest (PCI, AP, …)? */
bool insn_left_to_host(uint64_t text);

/** Leave the present instruction with an instruction interception. */
_Noreturn void intercept_instruction(struct cpu *cpu);

/** Does the machine, or under SIE the host's description for the guest, have it? */
bool level_has_edat1(const struct cpu *cpu);
bool level_has_edat2(const struct cpu *cpu);
bool level_has_iep(const struct cpu *cpu);
/** enum dat_control of the present level: its facilities and CR0. */
uint32_t level_dat_controls(const struct cpu *cpu);
/** How tables of the present level reach storage. */
struct storage_view level_view(const struct cpu *cpu);

/** Real address of the present level to host absolute; false with *fault when the host's translation fails. */
bool level_absolute(struct cpu *cpu, struct real address, bool store, struct absolute *out, struct fault *fault);
/** Leave the present instruction with the fault of the host that a walk met. */
_Noreturn void host_access_exception(struct cpu *cpu, const struct dat_result *result, bool store);
/**
 * The same for an instruction being executed: a fault of the host leaves the instruction. False when
 * there is no such storage at the present level. `bytes` do not cross a 4K block.
 */
bool level_storage(struct cpu *cpu, struct real address, unsigned bytes, bool store, struct absolute *out);
/** A whole 4K block at an absolute address of the present level, to be stored into: likewise. */
bool level_block(struct cpu *cpu, struct absolute at, struct absolute *out);

#endif
