/* SPDX-License-Identifier: MIT */
/**
 * The service-call processor (SCLP): what SERVC talks to.
 *
 * It tells the program about the configuration, carries the two system
 * consoles (line mode and ASCII), and reconfigures CPUs, storage and channel
 * paths. Commands complete after a modelled latency with a service-signal
 * external interruption. There is no public manual; behaviour follows what
 * Linux, QEMU and Hercules agree on (drivers/s390/char/sclp.h in Linux).
 */
#ifndef SIENNA_CHANNEL_SCLP_H
#define SIENNA_CHANNEL_SCLP_H

#include "machine/console.h"
#include "machine/machine.h"
#include "machine/state.h"

/**
 * What READ SCP INFO and READ CPU INFO announce besides CPUs and storage.
 * All zero announces nothing; the composer sets what the machine really has.
 */
struct sclp_features {
    char loadparm[9];          /**< ASCII, blank-padded by SCLP */
    uint64_t standby_bytes;    /**< the top of storage that starts as standby */
    bool line_mode_037;        /**< operator text in code page 037 (z/VM) instead of 500 */

    bool extended_length_sccb; /**< facility 140 */
    bool core_type_valid;      /**< byte 84 bit 0x01; all CPUs are type 0 (CP) */
    bool esop;                 /**< enhanced suppression on protection, byte 85 bit 0x02 */
    bool gsls;                 /**< guest-storage-limit suppression, byte 85 bit 0x80 */
    bool tlb_guest;            /**< guest-ASCE form of IPTE and IDTE, byte 91 bit 0x40 */
    bool kss;                  /**< keyless-subset facility, byte 98 bit 0x01 */
    uint8_t host_address_bits; /**< byte 99: largest host address is 2^n - 1; 0 = unlimited */
    bool blocking;             /**< the instruction-blocking control is to be announced, in: */
    uint32_t ibc;              /**< instruction blocking control: lowest << 16 | unblocked */
    uint32_t hmfai;            /**< facility doublewords a hypervisor may present, 2 bits each */
    bool sca_64bit;            /**< 64-bit SCA origin, byte 116 bit 0x80 */
    bool cmma;                 /**< CMMA interpretation, byte 116 bit 0x40 */
    bool esca;                 /**< extended SCA, byte 116 bit 0x08 */
    bool pfmfi;                /**< PFMF interpretation, byte 117 bit 0x40 */
    bool ibs;                  /**< interlock-and-broadcast suppression, byte 117 bit 0x20 */
    bool aisii, aeni, aisi;    /**< adapter interruption interpretation, byte 118 bits 0x40, 0x20, 0x10 */
    bool gisa_format_1;        /**< byte 118 bit 0x08 */
    bool aiv;                  /**< adapter-interruption virtualization: a channel-subsystem characteristic */
    bool diag_318;             /**< byte 134 bit 0x80 */

    bool sief2, skey;               /**< CPU entry byte 2 bits 0x08, 0x04 */
    bool gpere, siif, sigpif;       /**< CPU entry byte 3 bits 0x20, 0x10, 0x08 */
    bool ib, cei;                   /**< CPU entry byte 7 bits 0x20, 0x10 */
};

/** Channel paths as SCLP sees them; announced only when registered. Masks hold 256 bits, CHPID 0 first. */
struct sclp_channel_paths {
    void (*read)(struct machine *machine, uint8_t recognized[32], uint8_t standby[32], uint8_t configured[32]);
    /** Configure or deconfigure; false when the path is not recognized. NULL: not reconfigurable. */
    bool (*configure)(struct machine *machine, unsigned chpid, bool on);
};

/** Who the control program says it is (event type 0x0b); empty strings when it has said nothing. */
struct sclp_control_program {
    char type[9], name[9], sysplex[9];
    uint64_t level;
};

/**
 * Create the machine's SCLP and fill machine->service. machine->storage exists;
 * standby_bytes of it go offline. False (and nothing created) when standby_bytes is no
 * multiple of 1 MiB or leaves no storage online.
 */
bool sclp_create(struct machine *machine, const struct sclp_features *features);

/** Change the announced features later on (storage layout excepted). */
struct sclp_features *sclp_features(struct machine *machine);
/** Connect (or with NULL disconnect) the line-mode console: operator messages and commands. */
void sclp_connect_line_mode(struct machine *machine, struct console *console);
/** Connect (or with NULL disconnect) the ASCII (VT220) console. */
void sclp_connect_ascii(struct machine *machine, struct console *console);
/** Does the program read what is typed at the console (its receive mask is open)? */
bool sclp_line_mode_open(const struct machine *machine);
bool sclp_ascii_open(const struct machine *machine);

void sclp_set_channel_paths(struct machine *machine, const struct sclp_channel_paths *paths);
/** Announce the paths of machine->channel. */
void sclp_use_channel_subsystem(struct machine *machine);

/** Ask the program to shut down. False when it does not listen for the signal. */
bool sclp_signal_quiesce(struct machine *machine);
/** Send an operator's command line (UTF-8). False when there is no line-mode console. */
bool sclp_operator_command(struct machine *machine, const char *text, bool priority);
/** Tell the program that CPUs came or went (the monitor's doing, not its own). */
void sclp_cpus_changed(struct machine *machine);
/** Tell the program that the CPUs' capability changed. */
void sclp_capability_changed(struct machine *machine);

/** The state of the service-call processor, for digests and saved states; consoles walk over their own. */
void sclp_state(struct machine *machine, struct state_walk *walk);

const struct sclp_control_program *sclp_control_program(const struct machine *machine);

/** The end of a command, for whoever restores the event queue by names. */
extern const struct event_class sclp_completion_event;

#endif
