/* SPDX-License-Identifier: MIT */
/** What the files of libsienna share. */
#ifndef SIENNA_LIBSIENNA_INTERNAL_H
#define SIENNA_LIBSIENNA_INTERNAL_H

#include "cpu/cpus.h"
#include "machine/console.h"
#include "machine/machine.h"
#include "sienna.h"
#include "sienna_history.h"
#include "storage/storage.h"
#include "storage/version.h"

struct sienna_console {
    struct console console;
    struct sienna *sienna;
    enum sienna_console_kind kind;
    bool open;
};

struct net_user;
struct sienna_stop;
enum { NETWORKS = 8 };

/** How a device was made: type, then keys and values, each ended by a zero byte. */
struct plugged {
    struct plugged *next;
    const struct channel_device *device;
    uint32_t port;  /**< in the input log, of those that have one */
    uint32_t bytes;
    char text[];
};

struct sienna {
    struct machine machine; /**< first: services get a pointer to it */
    struct net_user *networks[NETWORKS]; /**< behind adapter n */
    unsigned network_count, share_count, rng_count, disk_count;
    struct sienna_console consoles[SIENNA_CONSOLE_KINDS];
    /** The loaded program, for re-IPL; strings are copies. */
    char *kernel, *initrd, *command_line;
    char *boot_program;   /**< of devices that hold no channel program (sienna_boot_program()); NULL = none */
    bool no_reboot;
    void (*sie_line)(void *context, const char *text); /**< sienna_observe_sie() */
    void *sie_line_context;
    bool (*stop_wanted)(void *context, const struct sienna_stop *stop); /**< sienna_stop_condition() */
    void *stop_wanted_context;
    struct stop_condition *stop_conditions; /**< sienna_stop_condition_of(): a list */
    bool first_load;      /**< the load asked for is the user's own, no reboot */
    unsigned boot_index;  /**< smallest bootindex plus 1, 0 = no device has one … */
    uint16_t boot_device; /**< … and the device that has it */
    unsigned first_disk;  /**< device number plus 1 of the first disk that was added; 0 = none */
    char end_detail[SIENNA_PROBLEM_BYTES]; /**< why the machine could not be loaded */
    bool started;         /**< sienna_run() has been called: devices come and go through the input log */
    char *action_problem; /**< while the operator acts: where his action complains; else it is logged */
    const struct sienna_recorder *recorder;
    const struct sienna_player *player;
    struct sienna_replay replay;
    struct history *history;      /**< libsienna/history.h; NULL: none is kept */
    bool operator_stopped; /**< the operator's doing when all CPUs are stopped */
    struct loaded_image {
        char *file;
        uint64_t address;
        bool start;
    } images[SIENNA_MAX_IMAGES];
    unsigned image_count;
    struct plugged *plugged;      /**< of all devices there are */
    struct storage_track track;   /**< of checkpoints, with `tracking` */
    bool tracking;
    uint64_t checkpoint_bytes;    /**< of host memory that checkpoints take beside their versions of storage */
};

/** Put one sentence into `problem`; returns false for the caller to return. */
bool problem_set(char problem[SIENNA_PROBLEM_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Stop the networks, after the devices are gone. */
void networks_release(struct sienna *sienna);
/** Forget all conditions of single stops. */
void stop_conditions_release(struct sienna *sienna);
/** Let the number of networks become `count`: those beyond it end. */
void networks_keep(struct sienna *sienna, unsigned count);
/** Load sienna->kernel and friends into storage and set up CPU 0. */
bool program_load(struct sienna *sienna, char problem[SIENNA_PROBLEM_BYTES]);
/** Load sienna->boot_program at the end of storage and start it on CPU 0. */
bool boot_program_load(struct sienna *sienna, char problem[SIENNA_PROBLEM_BYTES]);
/** Start the CPU through the 8-byte PSW at absolute 0, as IPL does. */
void machine_load_short_psw(struct cpu *cpu);

/** Do what machine->configuration.load_request asks for. */
void machine_serve_request(struct sienna *sienna);
/** Resets and loads as the operator wishes them. */
void machine_operator_reset(struct sienna *sienna, bool clear);
bool machine_operator_load(struct sienna *sienna, bool clear, char problem[SIENNA_PROBLEM_BYTES]);
struct stepping;
/** Run until an outcome, or make `steps` (NULL: none). */
enum sienna_outcome machine_run(struct sienna *sienna, struct stepping *steps, uint64_t limit);
/** What the CPUs' outcome means to the user of the library. */
enum sienna_outcome machine_outcome(struct sienna *sienna, enum cpus_outcome outcome);
/** A machine that has ended runs on. */
void machine_revive(struct sienna *sienna);
/** Show a line to the operator, on the first console there is. */
void machine_show_message(struct machine *machine, const char *text);

#endif
