/* SPDX-License-Identifier: MIT */
/** The command line: QEMU's spellings where they fit, so that existing harnesses can call it. */
#ifndef SIENNA_FRONTENDS_OPTIONS_H
#define SIENNA_FRONTENDS_OPTIONS_H

#include "sienna.h"

enum { MAX_DEVICES = 64, MAX_SETTINGS = 96, MAX_BACKENDS = 64, MAX_SERIALS = 4, MAX_MONITORS = 4 };

/** `type,key=value,…` split up; strings point into `text`. */
struct option_list {
    char *text;
    const char *head;  /**< the first word without '=', or "" */
    struct sienna_setting settings[MAX_SETTINGS];
    unsigned count;
};

/** A -drive, -netdev, -fsdev or -chardev that a -device names by its id. */
struct backend {
    const char *option; /**< "-drive", … */
    struct option_list list;
    bool used;
};

struct console_choice {
    const char *stream; /**< as host_stream_open() takes it */
    const char *plain;  /**< the same before -mon put a monitor there, too; NULL = it did not */
    unsigned kinds;     /**< bits 1 << enum sienna_console_kind */
};

struct command {
    struct sienna_options machine;
    struct sienna_program program;
    struct sienna_image images[SIENNA_MAX_IMAGES]; /**< -device loader */
    struct option_list devices[MAX_DEVICES];
    unsigned device_count;
    struct backend backends[MAX_BACKENDS];
    unsigned backend_count;
    struct console_choice consoles[MAX_SERIALS];
    unsigned console_count;
    const char *serials[MAX_SERIALS];
    unsigned serial_count;
    const char *monitors[MAX_MONITORS]; /**< streams as monitor_stream_open() takes them */
    unsigned monitor_count;
    const char *gdb;         /**< stream on which gdb is waited for; NULL = none */
    bool stopped;            /**< begin stopped */
    const char *load_state;  /**< -loadvm: file of the state to begin with; NULL = none */
    uint64_t snapshot_every; /**< -snapshot-every: virtual time between snapshots; 0 = none */
    bool no_defaults, digest, snapshot, no_reboot, quiet, help, version;
    const char *list;        /**< "devices", "machines", "cpus", "monitor" or an option of options_list(): print the
                              *   list and exit */
    const char *list_type;   /**< of "devices": the only type that is asked for; NULL = all */
    uint64_t limit;          /**< virtual time to end at, TOD units; 0 = none */
    bool trace_sie;
    const char *trace;       /**< -trace FILE.trc,…: as trace_options_parse() takes it; NULL = none */
    uint64_t idle_limit;     /**< host nanoseconds that a machine nothing can wake is kept; 0 = at once */
    int ipl;                 /**< -ipl: device number to load from, else SIENNA_BOOT_DEVICE */
    const char *bios;        /**< -bios: boot program for disks; NULL = none */
    uint64_t history;        /**< -history: host memory for the past, in bytes; 0 = none is kept */
    const char *record;      /**< -record: the file; NULL = none */
    int argc;                /**< the words of the command line, which a recording keeps */
    char **argv;
    struct recording_reader *replay; /**< of sienna replay; NULL = no replay */
    const char *dump;        /**< file for the storage of a guest that dies; NULL = none */
    struct option_list name;
    char storage[64];
    uint8_t uuid[16];
};

/** Parse `argv`. False with one sentence that names the option. */
bool options_parse(struct command *command, int argc, char **argv, char problem[SIENNA_PROBLEM_BYTES]);
/** Join -device with the backends they name; implicit devices of -drive if=virtio and -nic. */
bool options_resolve(struct command *command, char problem[SIENNA_PROBLEM_BYTES]);
/** Does a device have a bootindex? */
bool options_boot_device(const struct command *command);
void options_release(struct command *command);
/** Does an option of this name take a value? */
bool options_takes_value(const char *name);
/** The options, one line each, for -help. */
void options_help(void);

/** What may stand behind an option, for `-OPTION help`; NULL = no such list. */
const char *options_list(const char *option);

/* Shared by the option files. */

/** Takes the option's value; false with a problem. */
typedef bool option_function(struct command *c, const char *option, const char *value, char *problem);
/* options_harness.c: harnesses' options. */
option_function take_accelerator, take_none, take_nothing, take_action;
/** "kvm:tcg": accelerators that are known. */
bool option_accelerators(const char *option, const char *value, char *problem);
/** Take the levels of a CPU topology off -smp's list; they make `cpus` when none is `given`. `most`: 0 = not said. */
bool option_topology(struct option_list *list, uint64_t *cpus, bool given, uint64_t most, char *problem);
bool options_join_net(struct command *c, char *problem);
bool options_join_monitor(struct command *c, struct backend *b, char *problem);
bool options_join_serial(struct command *c, char *problem);
bool options_check_object(const struct backend *b, char *problem);
/* options_devices.c */
/** The stream of -chardev `id`, to be freed; NULL with a problem. */
char *options_stream(struct command *c, const char *id, char *problem);
/** One more -device. */
bool options_add_device(struct command *c, const char *type, struct option_list **out, char *problem);

/** Split "head,key=value,key"; a key without value is "on". A doubled comma stands for one. */
bool option_list_parse(struct option_list *list, const char *text, const char *option,
                       char problem[SIENNA_PROBLEM_BYTES]);
const char *option_list_get(const struct option_list *list, const char *key);
void option_list_set(struct option_list *list, const char *key, const char *value);
/** Remove `key`; returns its value or NULL. */
const char *option_list_take(struct option_list *list, const char *key);
/** "512", "512M", "2G", "64k" with `unit` for bare numbers. False when it is none. */
bool option_size(const char *text, uint64_t unit, uint64_t *bytes);
bool option_problem(char problem[SIENNA_PROBLEM_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
