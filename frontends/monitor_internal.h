/* SPDX-License-Identifier: MIT */
/** Shared by the files of the monitor. */
#ifndef SIENNA_FRONTENDS_MONITOR_INTERNAL_H
#define SIENNA_FRONTENDS_MONITOR_INTERNAL_H

#include <string.h>

#include "monitor.h"
#include "sienna_debug.h"

struct monitor {
    struct sienna *sienna;
    struct monitor_host host;
    struct monitor_session *sessions; /**< a list */
    char reason[32], text[256];       /**< why it is stopped */
    struct monitor_bookmark *bookmarks; /**< a list (monitor_history.c) */
    struct monitor_stop *stops;         /**< a list (monitor_stops.c): those that were set here */
    bool quitting;
};

/* ---- Arguments of a call; false with a problem ---- */

/** Put one sentence into the call's problem; returns NULL. */
json_t *monitor_fail(struct monitor_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** The argument's text; NULL when it is absent. */
const char *monitor_text(struct monitor_call *call, const char *name);
bool monitor_given(const struct monitor_call *call, const char *name);
/** A number from `least` to `most`, in C's spelling; unchanged when it is absent. */
bool monitor_number(struct monitor_call *call, const char *name, uint64_t least, uint64_t most,
                    uint64_t *out);
/** A hexadecimal number, 0x permitted. */
bool monitor_hexadecimal(struct monitor_call *call, const char *name, uint64_t *out);
/** The argument "cpu", or the session's CPU. */
bool monitor_cpu(struct monitor_call *call, unsigned *cpu);
/** The index of the argument among its parameter's choices; unchanged when it is absent. */
bool monitor_choice(struct monitor_call *call, const char *name, unsigned *out);
/** The arguments "address" and "space", the latter unchanged when it is given nowhere. */
bool monitor_address(struct monitor_call *call, unsigned cpu, enum sienna_space *space, uint64_t *address);
/** A device number such as fe.0.1234 or 1234. */
bool monitor_device(struct monitor_call *call, const char *name, unsigned *number);
/** A register by name, such as gr15, r15, psw. */
bool monitor_register(const char *name, size_t length, enum sienna_register_class *class, unsigned *number);

#define MONITOR_SPACES "absolute|real|logical|primary|secondary|home"
const char *monitor_space_name(enum sienna_space space);

/* ---- Values ---- */

/** A string of hexadecimal digits, at least `digits` of them. */
json_t *monitor_hex(uint64_t value, int digits);
json_t *monitor_hex_bytes(const uint8_t *bytes, size_t count);
/** A string as printf makes it. */
json_t *monitor_string(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** What a PSW says, in words. */
void monitor_psw_words(uint64_t mask, char *text, size_t room);
/** The instruction at a CPU's PSW, or NULL. */
json_t *monitor_next_instruction(struct monitor *monitor, unsigned cpu);
/** Where a CPU stands: state, PSW, the next instruction. */
json_t *monitor_where(struct monitor *monitor, unsigned cpu);
/** The same of a thread, which may be a virtual CPU. */
json_t *monitor_where_thread(struct monitor *monitor, struct sienna_thread thread);
const char *monitor_member(const json_t *object, const char *name);

/* ---- Showing ---- */

monitor_show monitor_show_value, monitor_show_registers, monitor_show_storage, monitor_show_code,
    monitor_show_help,
    monitor_show_where;

/* ---- Commands, by file ---- */

monitor_function monitor_do_help, monitor_do_status, monitor_do_cpus, monitor_do_cpu, monitor_do_stop,
    monitor_do_cont, monitor_do_step, monitor_do_reset, monitor_do_ipl, monitor_do_restart,
    monitor_do_interrupt,
    monitor_do_store_status, monitor_do_configure, monitor_do_machine_check, monitor_do_quiesce,
    monitor_do_quit;
monitor_function monitor_do_registers, monitor_do_set, monitor_do_pending;
monitor_function monitor_do_storage, monitor_do_write, monitor_do_disassemble, monitor_do_keys,
    monitor_do_set_key,
    monitor_do_walk, monitor_do_tlb;
monitor_function monitor_do_subchannels, monitor_do_devices, monitor_do_events, monitor_do_device_add,
    monitor_do_device_remove, monitor_do_link, monitor_do_balloon;

monitor_function monitor_do_position, monitor_do_go, monitor_do_reverse_step, monitor_do_reverse_continue,
    monitor_do_last_store, monitor_do_bookmark, monitor_do_bookmarks;
void monitor_bookmarks_release(struct monitor *monitor);

monitor_function monitor_do_exits, monitor_do_why_exit, monitor_do_levels, monitor_do_description, monitor_do_kernel;
monitor_function monitor_do_break, monitor_do_watch, monitor_do_catch, monitor_do_delete, monitor_do_stops,
    monitor_do_guests, monitor_do_threads;
void monitor_stops_release(struct monitor *monitor);
/** The argument "guest", a number; without one *guest stays as it is. */
bool monitor_guest(struct monitor_call *call, unsigned *guest);
/** What `catch` knows, in the order of the alphabet. */
#define MONITOR_EVENTS "control|entry|exit|external|io|key|machine-check|program|restart|sigp|svc"
monitor_function monitor_do_savevm, monitor_do_loadvm, monitor_do_delvm, monitor_do_snapshots, monitor_do_commit;

/* ---- The terminal's line editor (monitor_terminal.c) ---- */

struct monitor_terminal;
/** NULL when the host has no pseudo-terminal for it: lines are taken as they come then. */
struct monitor_terminal *monitor_terminal_create(struct monitor_session *session, struct monitor *monitor,
                                                 monitor_write *write, void *context);
void monitor_terminal_release(struct monitor_terminal *terminal);
/** The terminal may have another size now. */
void monitor_terminal_resize(struct monitor_terminal *terminal);
void monitor_terminal_type(struct monitor_terminal *terminal, const uint8_t *bytes, size_t count);
/** Begin a new line: prompt and what has been typed of it. */
void monitor_terminal_prompt(struct monitor_terminal *terminal);

#endif
