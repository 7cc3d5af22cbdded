/* SPDX-License-Identifier: MIT */
/**
 * The configuration object: what every room shares, and nothing of theirs.
 *
 * Virtual time: unsigned 64-bit count of TOD units (2^-12 us) since the
 * machine was created. The core never reads the host's clock; `now` advances
 * with executed cycles (design: time is cycles).
 */
#ifndef SIENNA_MACHINE_MACHINE_H
#define SIENNA_MACHINE_MACHINE_H

#include <stdarg.h>

#include "machine/event.h"
#include "machine/services.h"
#include "machine/types.h"

enum { MAX_CPUS = 64 };
/** Set in *running_leave: the running CPU looks at slice_end after the present instruction. */
enum { MACHINE_LEAVE_SLICE = 8 };
/** TOD units in a second and a microsecond. */
#define TOD_SECOND 4096000000ULL
#define TOD_MICROSECOND 4096ULL

/** Floating (not bound to a CPU) interruptions pending; CPUs with open masks take them. */
enum {
    FLOATING_IO = 1,             /**< any I/O interruption: io_iscs tells which subclasses */
    FLOATING_SERVICE_SIGNAL = 2, /**< external 0x2401 with service_parameter */
    FLOATING_CHANNEL_REPORT = 4, /**< machine check: channel report pending */
    FLOATING_WARNING = 8,        /**< machine check: warning */
    FLOATING_DEGRADATION = 16,   /**< machine check: degradation */
    FLOATING_RECOVERY = 32,      /**< machine check: system recovery */
    FLOATING_EXTERNAL_DAMAGE = 64, /**< machine check: external damage */
};
struct floating_interruptions {
    uint32_t pending;
    uint8_t io_iscs;            /**< bit 0x80 >> isc: an I/O interruption of that subclass is pending */
    uint32_t service_parameter; /**< SCCB address with the low flag bits, as stored at real 128 */
};

/** Why the machine stopped running; reported to the user and as exit code. */
enum machine_end {
    MACHINE_RUNNING = 0,
    MACHINE_POWER_OFF,      /**< every CPU stopped by the guest itself */
    MACHINE_DISABLED_WAIT,  /**< no CPU can ever run again: disabled wait */
    MACHINE_CHECK_STOP,
    MACHINE_PROGRAM_LOOP,   /**< program-interruption loop */
    MACHINE_IDLE,           /**< nothing can wake any CPU (and -idle-limit passed) */
    MACHINE_REBOOT,         /**< the guest asked to be loaded again, and that was not wanted */
    MACHINE_QUIT,           /**< the user asked */
    MACHINE_STOPPED,        /**< operator stop (monitor, debugger) */
    MACHINE_LOAD_FAILED,    /**< an IPL from a device failed */
    MACHINE_DUMP,           /**< the guest died and asks for a dump */
    MACHINE_RECORDING_ENDED, /**< a replay has come to the end of its recording, or left it */
};

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct storage;
struct cpus;
struct channel_subsystem;
struct sclp;
struct inputs;

struct machine {
    uint64_t now;          /**< virtual time; during an instruction that calls a service: its time */
    uint64_t slice_end;    /**< the running slice ends here; shortened by machine_end_slice_at() */
    uint64_t tod_base;     /**< TOD clock (bits 0-63 of the 64-bit format) at virtual time 0 */
    uint8_t tod_epoch;     /**< epoch index of the TOD clock at virtual time 0 */
    uint64_t tod_offset;   /**< part of tod_base that the program's settings added: the TOD epoch difference */
    uint64_t tod_user_offset; /**< the part of tod_offset that PTFF-STOU set */
    struct event_queue events;
    struct floating_interruptions floating;
    uint32_t *running_leave; /**< the running CPU's reasons to leave its block, NULL between slices */
    enum machine_end end;

    struct storage *storage;
    struct cpus *cpus;
    struct channel_subsystem *channel;
    struct sclp *sclp;
    struct inputs *inputs; /**< machine/input.h */
    struct channel_service io;
    struct sclp_service service;
    struct cpu_service processors;
    struct configuration_service configuration;
    bool silent;           /**< the past is replayed: nothing goes out to consoles and networks */
    uint64_t service_calls; /**< how often CPUs called io and service: tells a busy guest from an idle one; no state */

    /** Identity: what STSI, STIDP and SCLP tell. Set by the composer before the first CPU runs. */
    struct machine_identity {
        uint16_t type;            /**< machine type as 4 hex digits, e.g. 0x3931 */
        uint32_t serial;          /**< 24-bit CPU identification number */
        char guest_name[9];       /**< "" = LPAR (no STSI level 3) */
        char guest_control_program[17]; /**< control-program identification of level 3 */
        char guest_extended_name[257];
        uint8_t guest_uuid[16];
        char lpar_name[9];
    } identity;

    /** Configuration topology (PTF, STSI 15.1.x). */
    struct machine_topology {
        bool vertical;      /**< polarization: false = horizontal */
        bool changed;       /**< topology-change report pending */
    } topology;

    /** Adapter interruptions for guests under SIE (adapter-interruption virtualization). */
    struct guest_adapters {
        bool available;        /**< CHSC announces it and takes the guest information block */
        uint32_t information;  /**< absolute address of the guest information block; 0 = none */
    } guest_adapters;

    enum log_level log_limit;
    void (*log_sink)(void *context, enum log_level, const char *text);
    void *log_context;
};

/** Initialise a machine with `storage` still NULL; the composer fills the rooms' parts. */
void machine_init(struct machine *machine);
void machine_release(struct machine *machine);

/** Log one line (no newline) if `level` passes the limit. Never changes guest state. */
void machine_log(struct machine *machine, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The running slice must end no later than virtual time `time` (not in the past). */
void machine_end_slice_at(struct machine *machine, uint64_t time);

/**
 * A floating interruption became pending (set its bits in machine->floating first,
 * or use the helpers below): CPUs look at the latest when the present slice ends.
 */
void machine_floating_changed(struct machine *machine);
/** Raise (or merge) the service-signal external interruption; bits are OR-ed into a pending one. */
void machine_service_signal(struct machine *machine, uint32_t parameter);
/** Recompute FLOATING_IO from a new set of ISCs with pending interruptions. */
void machine_io_pending(struct machine *machine, uint8_t iscs);
/** Channel reports are (not) pending. */
void machine_channel_report(struct machine *machine, bool pending);

/** malloc/realloc that never return NULL: the process ends with one sentence instead. */
void *machine_allocate(size_t bytes);
void *machine_reallocate(void *old, size_t bytes);

#endif
