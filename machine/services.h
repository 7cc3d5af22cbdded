/* SPDX-License-Identifier: MIT */
/**
 * What the rooms offer each other without including each other.
 *
 * cpu/ issues I/O instructions and SERVC but may not include channel/; the
 * channel subsystem and SCLP act on CPUs but may not include cpu/. Each side
 * fills its table when the machine is composed.
 */
#ifndef SIENNA_MACHINE_SERVICES_H
#define SIENNA_MACHINE_SERVICES_H

#include "machine/types.h"

struct machine;

/** What an I/O interruption stores at real 184–195 (PoP ch. 6, 16). */
struct io_interruption {
    uint32_t subsystem_id; /**< subsystem-identification word; adapter interruptions: bit 0 of word set */
    uint32_t parameter;
    uint32_t word;         /**< interruption-identification word */
};

/**
 * The channel subsystem, filled by channel/. Functions that implement an
 * instruction return its condition code 0–3, or minus a program-interruption
 * code (then nothing has changed). Blocks (ORB, SCHIB, IRB, CHSC block) are in
 * big-endian guest layout.
 */
struct channel_service {
    int (*start)(struct machine *, uint32_t sid, const uint8_t orb[32]);
    int (*test)(struct machine *, uint32_t sid, uint8_t irb[96], unsigned *irb_bytes);
    int (*modify)(struct machine *, uint32_t sid, const uint8_t schib[52]);
    int (*store)(struct machine *, uint32_t sid, uint8_t schib[52]);
    int (*halt)(struct machine *, uint32_t sid);
    int (*clear)(struct machine *, uint32_t sid);
    int (*resume)(struct machine *, uint32_t sid);
    int (*cancel)(struct machine *, uint32_t sid);
    int (*store_crw)(struct machine *, uint32_t *crw);
    /** STORE CHANNEL PATH STATUS: one bit per channel path, on when it is actively in use. */
    void (*store_path_status)(struct machine *, uint8_t status[32]);
    int (*reset_channel_path)(struct machine *, uint32_t chpid);
    int (*set_address_limit)(struct machine *, uint64_t limit);
    int (*set_channel_monitor)(struct machine *, uint32_t gr1, uint64_t gr2);
    /** CHSC on the 4K block at host address `block` (already access-checked for fetch and store). */
    int (*chsc)(struct machine *, uint8_t *block);
    /**
     * Take the highest-priority pending I/O interruption whose ISC bit (0x80 >> isc) is in
     * `isc_mask`; false if none. Used both by the interruption and by TPI.
     */
    bool (*take_interruption)(struct machine *, uint8_t isc_mask, struct io_interruption *out);
    /** Make an adapter interruption pending on interruption subclass `isc`. */
    void (*adapter_interruption)(struct machine *, uint8_t isc);
    /** Sense-ID data (FF, CU type and model, device type and model, 0) of device `devno`; false: no such device. */
    bool (*identify)(struct machine *, uint16_t devno, uint8_t sense_id[8]);
    /** DIAG 0x500 function 3, virtio-ccw notify: returns the new cookie or a negative error. */
    int64_t (*virtio_notify)(struct machine *, uint32_t sid, uint64_t queue, int64_t cookie);
    /** I/O-system reset (PoP ch. 17), part of subsystem reset. */
    void (*reset)(struct machine *);
    void (*release)(struct machine *);
};

/** What a program asks to be done to the whole configuration; the composer does it between slices. */
enum load_request {
    LOAD_NOTHING,
    LOAD_RESET_CLEAR,  /**< DIAG 0x308 subcode 0: clear reset of all CPUs, subsystem reset, PSW at absolute 0 */
    LOAD_RESET_NORMAL, /**< subcode 1: CPU reset of all, initial reset of the issuer, PSW at absolute 0 */
    LOAD_CLEAR,        /**< subcode 3: load clear with the IPL parameter block */
    LOAD_DUMP,         /**< subcode 4: load normal, keeping storage for a dump program */
    LOAD_NORMAL,       /**< subcode 7: load normal with the IPL parameter block */
    LOAD_WATCHDOG,     /**< the watchdog (DIAG 0x288) ran out: PSW restart */
};

/** What services tell and ask about the configuration; filled by the composer. */
struct configuration_service {
    /** Show one line to the operator (CP MESSAGE and responses); NULL: it is logged. */
    void (*operator_message)(struct machine *, const char *text);
    /** An action to take, and the CPU that asked. The composer resets it to LOAD_NOTHING. */
    enum load_request load_request;
    unsigned load_cpu;
    /** The IPL parameter block that DIAG 0x308 sets and stores, as in storage. */
    bool ipl_block_valid;
    uint8_t ipl_block[PAGE_BYTES];
    /** What the control program says it is (DIAG 0x318); 0 = nothing said. */
    uint64_t control_program_code;
};

/** The service-call processor, filled by channel/. */
struct sclp_service {
    /** SERVC: returns cc 0 accepted, 2 busy, 3 not operational, or minus a program-interruption code. */
    int (*call)(struct machine *, uint32_t command, struct absolute sccb);
    void (*reset)(struct machine *);
    void (*release)(struct machine *);
};

enum cpu_state { CPU_STOPPED, CPU_OPERATING, CPU_CHECK_STOP, CPU_LOAD };

/** What others may ask of the processors, filled by cpu/. */
struct cpu_service {
    unsigned (*count)(const struct machine *);             /**< CPUs that exist (configured or not) */
    bool (*configured)(const struct machine *, unsigned cpu);
    /** Configure or deconfigure (a deconfigured CPU is not operational to SIGP). False when impossible. */
    bool (*configure)(struct machine *, unsigned cpu, bool on);
    enum cpu_state (*state)(const struct machine *, unsigned cpu);
    /** CPU address of the CPU executing an instruction now (valid during a service call). */
    unsigned (*current)(const struct machine *);
    /** Cycles that all CPUs have executed; when the machine stands within a slice, its number in the round. */
    uint64_t (*position)(const struct machine *, unsigned *slice, bool *in_slice);
    /** Stop all CPUs at the next instruction boundary (operator stop). */
    void (*stop_all)(struct machine *);
};

#endif
