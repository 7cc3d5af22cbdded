/* SPDX-License-Identifier: MIT */
/**
 * libsienna: a z/Architecture machine as a library.
 *
 * A machine is created, given devices and a program, and driven from one host thread by
 * sienna_run(). There is no global state, no thread of its own that touches the guest, and
 * no terminal: frontends are programs that call this header and nothing below it.
 *
 * Functions that can fail for reasons outside the program take a `problem` buffer of
 * SIENNA_PROBLEM_BYTES and put one sentence there.
 */
#ifndef SIENNA_H
#define SIENNA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIENNA_PROBLEM_BYTES = 512, SIENNA_MAX_CPUS = 64, SIENNA_MAX_CLOCK_SCALE = 100 };
/** TOD units of virtual time in a second. */
#define SIENNA_SECOND 4096000000ULL

struct sienna;
struct sienna_recorder; /* include/sienna_history.h */
struct sienna_player;

/** What a machine is made of. Zero-initialise; zero means the default. */
struct sienna_options {
    uint64_t storage_bytes;     /**< default 1 GiB; multiple of 1 MiB */
    uint64_t standby_bytes;     /**< additional standby storage; multiple of 1 MiB */
    unsigned cpus;              /**< configured CPUs, 1–64; default 1 */
    unsigned max_cpus;          /**< CPUs that exist; default = cpus */
    const char *guest_name;     /**< makes the machine a guest in the eyes of STSI level 3; NULL = LPAR */
    const uint8_t *guest_uuid;  /**< 16 bytes, with guest_name */
    const char *guest_extended_name;   /**< up to 255 bytes of UTF-8; NULL = guest_name */
    const char *guest_control_program; /**< who the guest's host says it is; NULL = "KVM/Linux" */
    uint64_t start_tod;         /**< TOD clock at start (bits 0-63); 0 = the host's date */
    unsigned clock_scale;       /**< TOD units in a cycle, up to SIENNA_MAX_CLOCK_SCALE; 0 = 1, a clock of 4.096 GHz */
    const char *cpu_model;      /**< MODEL[,FEATURE=on|off…], see sienna_cpu_model(); NULL = max */
    /** Another schedule of the CPUs than the usual one, the same each time for the same seed. */
    bool schedule_seeded;
    uint64_t schedule_seed;
    bool schedule_no_exits;     /**< do not make guests under SIE leave without need */
    bool schedule_no_delays;    /**< do not make CPUs miss slices */
    bool no_reboot;             /**< a guest that asks to be loaded again ends the machine */
    const char *loadparm;       /**< at most 8 characters; NULL = blank */
    void (*log)(void *context, int level, const char *text); /**< 0 error … 3 debug; NULL: stderr */
    void *log_context;
    /** For tests of determinism; none of them changes a digest. */
    bool test_single_blocks;    /**< decoded blocks of one instruction */
    bool test_slow_handlers;    /**< every instruction through the slow handler */
    bool test_forgetful;        /**< caches are dropped at pseudo-random slices */
    const struct sienna_recorder *recorder; /**< NULL: nothing is recorded */
    const struct sienna_player *player;     /**< a replay; NULL: no */
    int log_level;              /**< highest level logged: 0 errors … 3 debug */
};

/** Create a machine in the state after power-on reset. NULL with `problem` when that is impossible. */
struct sienna *sienna_create(const struct sienna_options *options, char problem[SIENNA_PROBLEM_BYTES]);
void sienna_release(struct sienna *sienna);
/** The `index`-th CPU model. False past the last. */
bool sienna_cpu_model(unsigned index, const char **name);
/** The `index`-th feature's name, and whether this machine has it. False past the last. */
bool sienna_cpu_feature(unsigned index, const char **name, bool *exists);

/* ---- Programs ---- */

enum { SIENNA_MAX_IMAGES = 16 };
/** A raw image: the bytes of a file at an absolute address. */
struct sienna_image {
    const char *file;
    uint64_t address;
    bool start;               /**< CPU 0 starts at `address` in the 64-bit mode */
};
/** What to load. Paths are host files. Without a kernel and a starting image, CPU 0 starts through
 *  the PSW at absolute 0. */
struct sienna_program {
    const char *kernel;       /**< Linux image, ELF file or .ins list; NULL when images are given */
    const struct sienna_image *images;
    unsigned image_count;     /**< at most SIENNA_MAX_IMAGES */
    const char *initrd;       /**< NULL = none */
    const char *command_line; /**< NULL = as in the kernel */
};
/** Load a program and make CPU 0 ready to start it. Remembered: re-IPL loads it again. */
bool sienna_load(struct sienna *sienna, const struct sienna_program *program, char problem[SIENNA_PROBLEM_BYTES]);

enum { SIENNA_BOOT_DEVICE = -1 };
/**
 * Load from a device by its channel program (IPL) when the machine runs next, instead of sienna_load(): a
 * device number, or SIENNA_BOOT_DEVICE for the device with the smallest `bootindex`, else, with a boot program, the
 * first disk. Devices must have been added. The guest finds the device in its IPL parameter block. Whether the device
 * holds a program shows when the machine runs; whether the boot program can be loaded, now.
 */
bool sienna_ipl(struct sienna *sienna, int devno, char problem[SIENNA_PROBLEM_BYTES]);
/**
 * Name the boot program of virtio devices, which have no channel program: a 64-bit ELF file that can be moved, such as
 * QEMU's s390-ccw.img. IPL from such a device puts it at the end of storage and starts it; it finds the device in the
 * IPL parameter block and does the rest. NULL: there is none.
 */
void sienna_boot_program(struct sienna *sienna, const char *file);
/** Write storage and all CPUs' registers to an ELF core file, as crash and GDB read it. */
bool sienna_dump(struct sienna *sienna, const char *path, char problem[SIENNA_PROBLEM_BYTES]);

/* ---- Consoles ---- */

/** The virtio console needs a virtio-console device, added afterwards. */
enum sienna_console_kind {
    SIENNA_CONSOLE_LINE_MODE,
    SIENNA_CONSOLE_ASCII,
    SIENNA_CONSOLE_VIRTIO,
    SIENNA_CONSOLE_KINDS
};
struct sienna_console;
/** Connect the console; `write` takes all bytes and must not call back into the machine. */
struct sienna_console *sienna_console_open(struct sienna *sienna, enum sienna_console_kind kind, bool terminal,
                                           void (*write)(void *context, const uint8_t *bytes, size_t count),
                                           void *context);
/** Type bytes; they reach the guest at the next sienna_run(). */
void sienna_console_type(struct sienna_console *console, const void *bytes, size_t count);
/** Bytes that may be typed now; 0 = wait for the guest to read. */
size_t sienna_console_room(const struct sienna_console *console);

/* ---- Devices ---- */

/** One `key=value` of a device; keys as sienna_device_type() tells. */
struct sienna_setting {
    const char *key, *value;
};
/**
 * Add a device: before the machine runs, or between two sienna_run() as hot-plug, which the guest learns
 * by a channel report and which enters the input log. `devno` among the settings ("0.0.0815" or
 * hexadecimal digits) chooses the device number. False with one sentence when a setting is wrong or the
 * host cannot give what it names. A network added this way has a new sienna_network_descriptor().
 */
bool sienna_device_add(struct sienna *sienna, const char *type, const struct sienna_setting *settings,
                       unsigned count, char problem[SIENNA_PROBLEM_BYTES]);
/** The `index`-th device type: name, one line about it, its keys. False past the last. */
bool sienna_device_type(unsigned index, const char **name, const char **help, const char **keys);
/** The `index`-th network's descriptor, readable while frames wait for the guest; -1 past the last. */
int sienna_network_descriptor(const struct sienna *sienna, unsigned index);
/** Let waiting frames of all networks enter the input log; call between runs. True when there were any. */
bool sienna_network_collect(struct sienna *sienna);

/* ---- Running ---- */

/** Why sienna_run() returned. */
enum sienna_outcome {
    SIENNA_RAN,    /**< the limit of virtual time was reached */
    SIENNA_IDLE,   /**< every CPU waits; sienna_next_event() tells until when */
    SIENNA_ENDED,  /**< the machine has ended: sienna_end_text(), sienna_exit_code() */
    SIENNA_STOPPED, /**< a stop of include/sienna_debug.h was met, between two instructions */
};
/** Run until virtual time `limit` (TOD units) or an outcome. */
enum sienna_outcome sienna_run(struct sienna *sienna, uint64_t limit);
/** Virtual time in TOD units since the machine was created. */
uint64_t sienna_now(const struct sienna *sienna);
/** Virtual time of the next event, UINT64_MAX = none. */
uint64_t sienna_next_event(const struct sienna *sienna);
/** An idle machine: let virtual time advance to `time` without executing. */
void sienna_skip_to(struct sienna *sienna, uint64_t time);
/** Has input been offered that an idle machine would take now? */
bool sienna_input_waiting(const struct sienna *sienna);
/** How often the guest has called the channel subsystem or a service: while it stays, nothing comes out of the guest. */
uint64_t sienna_service_calls(const struct sienna *sienna);
/** Instructions that all CPUs have begun; counted with test_slow_handlers only, else 0. */
uint64_t sienna_instructions(const struct sienna *sienna);
/** End the machine as the user's wish. */
void sienna_quit(struct sienna *sienna);
/** End a machine that waits and that nothing can wake any more. */
void sienna_give_up(struct sienna *sienna);
/* ---- The operator ---- */

/* All of these are called between two sienna_run(), take effect at once, and enter the input log.
 * False with one sentence in `problem` when it cannot be done. */

/** Ask the guest to shut down (SCLP signal quiesce); false when it does not listen. */
bool sienna_quiesce(struct sienna *sienna);
/** Take the device with this device number away; a channel report tells the guest. What the guest had not
 *  flushed to a disk may be lost, as when a cable is pulled. A network goes on, its frames are dropped. */
bool sienna_device_remove(struct sienna *sienna, unsigned devno, char problem[SIENNA_PROBLEM_BYTES]);
/** Plug or pull the cable of a network adapter. */
bool sienna_network_link(struct sienna *sienna, unsigned devno, bool up, char problem[SIENNA_PROBLEM_BYTES]);
/** Ask the guest to give up `bytes` of storage in all through its balloon. */
bool sienna_balloon_target(struct sienna *sienna, unsigned devno, uint64_t bytes,
                           char problem[SIENNA_PROBLEM_BYTES]);
/** Ask the guest's balloon for fresh statistics. */
bool sienna_balloon_ask(struct sienna *sienna, unsigned devno, char problem[SIENNA_PROBLEM_BYTES]);
/** What the balloon is asked to give up and what it says it has, in bytes; false when it is no balloon. */
bool sienna_balloon_actual(const struct sienna *sienna, unsigned devno, uint64_t *target, uint64_t *actual);
/** The interrupt key: external interruption 0x0040 on one CPU. */
bool sienna_interrupt_key(struct sienna *sienna, unsigned cpu, char problem[SIENNA_PROBLEM_BYTES]);
/** The restart key: restart interruption on one CPU; starts it when it is stopped. */
bool sienna_restart_key(struct sienna *sienna, unsigned cpu, char problem[SIENNA_PROBLEM_BYTES]);
/** Configure a standby CPU, or make a stopped one standby; an SCLP event tells the guest. */
bool sienna_configure_cpu(struct sienna *sienna, unsigned cpu, bool on, char problem[SIENNA_PROBLEM_BYTES]);
enum sienna_machine_check {
    SIENNA_CHECK_WARNING,         /**< power or cooling is about to fail */
    SIENNA_CHECK_DEGRADATION,     /**< the machine has become slower */
    SIENNA_CHECK_RECOVERY,        /**< an error was corrected */
    SIENNA_CHECK_EXTERNAL_DAMAGE, /**< something outside the CPU is damaged */
};
/** A machine-check interruption of this kind, on the first CPU that is enabled for it. */
bool sienna_machine_check(struct sienna *sienna, enum sienna_machine_check check,
                          char problem[SIENNA_PROBLEM_BYTES]);

/** One sentence: how the machine ended, with the PSW and what it means. */
void sienna_end_text(const struct sienna *sienna, char *text, size_t room);
/** A digest of the canonical state (storage, keys, CPUs, channel subsystem, pending events): the same
 *  inputs give the same digest on every host and build. */
uint64_t sienna_digest(struct sienna *sienna);
/** 0 the guest ended itself, 1 it died. */
int sienna_exit_code(const struct sienna *sienna);

#endif
