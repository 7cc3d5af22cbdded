/* SPDX-License-Identifier: MIT */
/**
 * Inside the channel subsystem: subchannels, channel programs, interruption requests.
 *
 * Only the files that make up the subsystem include this; devices see
 * channel/device.h. Fields are fixed-width values; the only pointers lead to
 * the owning machine and to the attached device, which say nothing about the
 * guest-visible state. Names follow PoP chapters 13–17.
 */
#ifndef SIENNA_CHANNEL_SUBCHANNEL_H
#define SIENNA_CHANNEL_SUBCHANNEL_H

#include "channel/device.h"
#include "channel/program.h"
#include "machine/event.h"

/** SCSW word 0, bits 0–15. */
enum {
    SCSW_KEY = 0xf000,
    SCSW_SUSPEND_CONTROL = 0x0800,
    SCSW_LOGOUT = 0x0400, /* L: the ESW has format 0 */
    SCSW_DEFERRED_CC = 0x0300,
    SCSW_DEFERRED_CC_1 = 0x0100,
    SCSW_DEFERRED_CC_3 = 0x0300,
    SCSW_FORMAT_1 = 0x0080,
    SCSW_PREFETCH = 0x0040,
    SCSW_INITIAL_STATUS = 0x0020,
    SCSW_ADDRESS_LIMIT = 0x0010,
    SCSW_SUPPRESS_SUSPENDED = 0x0008,
    SCSW_ZERO_CC = 0x0004,
    SCSW_EXTENDED_CONTROL = 0x0002,
    SCSW_PATH_NOT_OPERATIONAL = 0x0001,
};
/** SCSW word 0, bits 16–31: function, activity and status control. */
enum {
    FC_START = 0x4000,
    FC_HALT = 0x2000,
    FC_CLEAR = 0x1000,
    FC_ANY = 0x7000,
    AC_RESUME_PENDING = 0x0800,
    AC_START_PENDING = 0x0400,
    AC_HALT_PENDING = 0x0200,
    AC_CLEAR_PENDING = 0x0100,
    AC_SUBCHANNEL_ACTIVE = 0x0080,
    AC_DEVICE_ACTIVE = 0x0040,
    AC_SUSPENDED = 0x0020,
    SC_ALERT = 0x0010,
    SC_INTERMEDIATE = 0x0008,
    SC_PRIMARY = 0x0004,
    SC_SECONDARY = 0x0002,
    SC_PENDING = 0x0001,
    SC_ANY = 0x001f,
};
/** Subchannel-status byte. */
enum {
    SUBSTATUS_PCI = 0x80,
    SUBSTATUS_INCORRECT_LENGTH = 0x40,
    SUBSTATUS_PROGRAM_CHECK = 0x20,
    SUBSTATUS_PROTECTION_CHECK = 0x10,
    SUBSTATUS_INTERFACE_CONTROL_CHECK = 0x02,
};

struct scsw {
    uint16_t flags;
    uint16_t control;
    uint32_t ccw_address;
    uint8_t device_status, subchannel_status;
    uint16_t count;
};

/** PMCW flags, word 1 bits 0–15. */
enum {
    PMCW_ISC = 0x3800,
    PMCW_RESERVED = 0x0700,
    PMCW_ENABLED = 0x0080,
    PMCW_LIMIT_MODE = 0x0060,
    PMCW_LIMIT_AT_LEAST = 0x0020, /* data addresses must not be below the limit */
    PMCW_LIMIT_BELOW = 0x0040,    /* data addresses must be below it */
    PMCW_MEASURE_BLOCK = 0x0010,
    PMCW_MEASURE_CONNECT = 0x0008,
    PMCW_MULTIPATH = 0x0004,
    PMCW_TIMING = 0x0002,
    PMCW_VALID = 0x0001,
    PMCW_PROGRAM_SETS = PMCW_ISC | PMCW_ENABLED | PMCW_LIMIT_MODE | PMCW_MEASURE_BLOCK
                        | PMCW_MEASURE_CONNECT | PMCW_MULTIPATH,
};
/** PMCW word 6. */
enum {
    PMCW6_MEASURE_FORMAT_1 = 0x4,
    PMCW6_EXTENDED_MEASUREMENT = 0x2,
    PMCW6_CONCURRENT_SENSE = 0x1,
    PMCW6_RESERVED = 0xff1ffff8,
};

/** Path-management-control word; each subchannel has one path, so masks concern bit 0x80. */
struct pmcw {
    uint32_t parameter;
    uint16_t flags;
    uint16_t device_number;
    uint8_t lpm, pnom, lpum, pim, pom, pam;
    uint16_t measurement_index;
    uint8_t chpid;
    uint32_t word6;
    uint64_t measurement_address;
};

/** Operation-request block, decoded. */
enum {
    ORB_SUSPEND = 0x08000000,
    ORB_FORMAT_1 = 0x00800000,
    ORB_PREFETCH = 0x00400000,
    ORB_INITIAL_STATUS = 0x00200000,
    ORB_ADDRESS_LIMIT = 0x00100000,
    ORB_SUPPRESS_SUSPENDED = 0x00080000,
    ORB_TRANSPORT_MODE = 0x00040000,
    ORB_IDAW_FORMAT_2 = 0x00020000,
    ORB_IDAW_2K = 0x00010000,
    ORB_LENGTH_SUPPRESSION = 0x00000080,
    ORB_MIDAW = 0x00000040,
    ORB_RESERVED = 0x0000003e,
    ORB_EXTENSION = 0x00000001,
};
struct orb {
    uint32_t parameter;
    uint32_t control; /* word 1 */
    uint32_t program; /* channel-program address */
};

/** CCW flag byte. */
enum {
    CCW_CHAIN_DATA = 0x80,
    CCW_CHAIN_COMMAND = 0x40,
    CCW_SUPPRESS_LENGTH = 0x20,
    CCW_SKIP = 0x10,
    CCW_PCI = 0x08,
    CCW_IDA = 0x04,
    CCW_SUSPEND = 0x02,
    CCW_MIDA = 0x01,
};
enum { COMMAND_READ_BACKWARD = 0x0c, COMMAND_TRANSFER_IN_CHANNEL = 0x08 };

/**
 * The data areas of the current CCW: where the next byte goes or comes from.
 * A copy of it can be walked without touching the program (device_peek()).
 */
struct transfer {
    uint64_t address;  /* absolute address of the next byte, in the current area */
    uint32_t area;     /* bytes left in the current area; 0 = take the next (M)IDAW first */
    uint32_t list;     /* address of the next IDAW or MIDAW */
    uint32_t count;    /* CCW count left */
    uint32_t next_ccw; /* address behind the current CCW */
    uint32_t ccw_end;  /* address of the CCW to report plus 8 */
    uint8_t flags;     /* CCW flags */
    bool list_begun;   /* an IDAW or MIDAW of this CCW has been used */
    bool area_skipped; /* the current MIDAW says skip */
    bool list_ended;   /* the current MIDAW was the last */
    uint8_t status;    /* subchannel status of a check that ended the transfer */
};

/** A channel program being executed. */
struct channel_program {
    struct transfer transfer;
    uint8_t command;
    bool first;          /* the next command is the first of the program: a TIC is not allowed */
    bool chained;        /* the next command is reached by command chaining */
    bool accepting;      /* no command accepted since start or resume: initial status is awaited */
    bool executing;      /* a command is at the device */
    bool ending_known;   /* its ending status is fixed and arrives with the ending event */
    uint8_t ending;      /* that status */
    bool awaiting_end;   /* channel end seen, device end awaited … */
    bool chaining;       /* … to chain to the next command */
    bool halting;        /* the command is being ended by the halt signal */
    bool transferred;    /* data transfer took place: not an immediate operation */
    bool long_block;     /* the device wanted more than the count allowed */
    bool implied;        /* IPL: the first CCW is the implied one */
};

/** Status on its way into the SCSW: kept while an accepted interruption awaits TEST SUBCHANNEL. */
struct condition {
    uint16_t control; /* status-control bits; 0 = none waiting */
    uint16_t flags;   /* deferred cc, Z, N */
    uint8_t device_status, subchannel_status;
    uint32_t ccw_address;
    uint16_t count;
    bool sense; /* concurrent sense goes with it */
};

/** Times of the current start function in TOD units, for measurement blocks. */
struct measurement {
    uint64_t started;        /* SSCH accepted */
    uint64_t pending;        /* until the first command was accepted */
    uint64_t command_begun;  /* the current command reached the device */
    uint64_t connected, disconnected;
    bool updated;            /* this start function has been counted */
};

struct subchannel {
    struct machine *machine;
    struct channel_device *device; /* NULL: not valid */
    uint16_t number;
    struct pmcw pmcw;
    struct orb orb;
    struct scsw scsw;
    struct channel_program program;
    struct condition waiting;
    struct measurement measurement;
    uint64_t request;         /* interruption request: its order, 0 = none */
    uint8_t logout_flags;     /* ESW format 0: extended-status flags */
    uint8_t sense[DEVICE_SENSE_BYTES]; /* ECW: concurrent sense */
    uint8_t sense_bytes;
    uint8_t unsolicited;      /* device status that waits to be presented */
    bool alert;               /* an unsolicited alert waits (with or without status) */
    uint16_t connect_interval; /* ESW: device-connect time, 128 us units */
};

enum { CHPIDS = 256, SUBCHANNELS = 65536, REPORTS = 32, ISCS = 8 };

struct channel_path {
    bool defined;
    bool standby; /* deconfigured: its subchannels cannot be reached */
    uint8_t type;
};

/** How far an IPL from a device has come. */
enum ipl_progress { IPL_NONE, IPL_RUNNING, IPL_DONE, IPL_FAILED };

struct channel_subsystem {
    struct subchannel **subchannel; /* by number */
    unsigned count;
    struct channel_path path[CHPIDS];
    uint64_t requests;            /* interruption requests made so far: their order */
    uint64_t adapter[ISCS];       /* adapter interruption requests, like subchannel.request */
    uint32_t report[REPORTS];     /* pending channel-report words, oldest first */
    uint32_t reports;
    uint64_t address_limit;
    uint64_t measurement_origin;
    uint8_t measurement_key;
    bool measuring_blocks, measuring_connect;
    enum ipl_progress ipl;
    uint32_t ipl_sid;
};

enum { OPERAND_EXCEPTION = 0x15 };

extern const struct event_class channel_function_event;

/* device.c */
/** Sense-ID data, as far as every device has them. */
void device_identify(const struct channel_device *device, uint8_t data[7]);

/* subsystem.c */
/** The subchannel of a subsystem-identification word, NULL when not provided. */
struct subchannel *subchannel_at(const struct machine *machine, uint32_t sid);
/** Bits 0–15 and those of absent facilities must be as they must: else operand exception. */
static inline bool sid_valid(uint32_t sid)
{
    return sid >> 16 == 1;
}
static inline uint32_t subchannel_sid(const struct subchannel *s)
{
    return 0x10000 | s->number;
}
static inline struct subchannel *device_subchannel(const struct channel_device *device)
{
    return device->machine->channel->subchannel[device->sid & 0xffff];
}
/** Provided, valid and enabled. */
static inline bool subchannel_operational(const struct subchannel *s)
{
    return s && s->device && (s->pmcw.flags & PMCW_ENABLED);
}

/* functions.c: what the instructions do; see struct channel_service. */
int function_start(struct machine *machine, uint32_t sid, const uint8_t orb[32]);
int function_halt(struct machine *machine, uint32_t sid);
int function_clear(struct machine *machine, uint32_t sid);
int function_resume(struct machine *machine, uint32_t sid);
int function_cancel(struct machine *machine, uint32_t sid);
/** Start the program of s->orb (SSCH, IPL). */
void function_begin(struct subchannel *s);
/** End all activity as I/O-system reset does: nothing stays pending. */
void function_abandon(struct subchannel *s);

/* blocks.c: SCHIB and IRB. */
int modify_subchannel(struct machine *machine, uint32_t sid, const uint8_t schib[52]);
int store_subchannel(struct machine *machine, uint32_t sid, uint8_t schib[52]);
int test_subchannel(struct machine *machine, uint32_t sid, uint8_t irb[96], unsigned *irb_bytes);

/** Input: read, read backward, sense; the others are output: write, control. */
static inline bool command_is_input(uint8_t command)
{
    return !(command & 1);
}

/* status.c */
/** Make (or keep) a condition for the program: merges into the SCSW or waits. */
void status_present(struct subchannel *s, const struct condition *condition);
/** Present what waits, if the subchannel can take it now. */
void status_present_waiting(struct subchannel *s);
/** Clear what TEST SUBCHANNEL clears. */
void status_clear(struct subchannel *s);

/* interruption.c */
void interruption_request(struct subchannel *s);
void interruption_withdraw(struct subchannel *s);
/** Tell the processors which ISCs have requests. */
void interruption_update(struct machine *machine);
bool interruption_take(struct machine *machine, uint8_t isc_mask, struct io_interruption *out);

/* report.c */
enum { REPORT_SUBCHANNEL = 3, REPORT_CHANNEL_PATH = 4 };
enum { REPORT_INITIALIZED = 2, REPORT_INSTALLED_INITIALIZED = 4 };
void report_queue(struct machine *machine, uint8_t source, uint8_t error, uint16_t id, bool solicited);
int store_report(struct machine *machine, uint32_t *crw);
void store_path_status(struct machine *machine, uint8_t status[32]);
/** The channel path is reset or lost: what the device does through it ends. */
void subchannel_lose_path(struct subchannel *s);
int reset_channel_path(struct machine *machine, uint32_t chpid);
int set_address_limit(struct machine *machine, uint64_t limit);

/* measurement.c */
int set_channel_monitor(struct machine *machine, uint32_t gr1, uint64_t gr2);
void measurement_started(struct subchannel *s);
/** The start function ends at the subchannel: account for it, once. */
void measurement_ended(struct subchannel *s);

/* chsc.c */
int channel_subsystem_call(struct machine *machine, uint8_t *block);

#endif
