/* SPDX-License-Identifier: MIT */
/**
 * Running a machine to its end from a command line: consoles, signals, pacing.
 */
#ifndef SIENNA_FRONTENDS_HOST_RUN_H
#define SIENNA_FRONTENDS_HOST_RUN_H

#include "host_console.h"
#include "host_gdb.h"
#include "host_loop.h"
#include "host_pace.h"
#include "host_snapshots.h"
#include "monitor.h"
#include "sienna.h"

enum { HOST_RUN_CONSOLES = 4, HOST_RUN_MONITORS = 4 };

struct host_run {
    struct sienna *sienna;
    struct host_loop *loop;
    struct pace pace;
    struct host_console *consoles[HOST_RUN_CONSOLES];
    unsigned console_count;
    struct host_snapshots snapshots;
    struct monitor *monitor;
    struct monitor_stream *monitors[HOST_RUN_MONITORS];
    unsigned monitor_count;
    struct host_gdb *gdb;  /**< NULL = none */
    struct host_run_switch { /**< a console that also carries the monitor */
        struct host_run *run;
        struct host_console *console;
        struct monitor_session *session;
        bool selected;
    } switches[HOST_RUN_CONSOLES];
    uint64_t limit;        /**< end at this virtual time (TOD units); 0 = none */
    bool (*answerer)(void *context); /**< may others than consoles answer (network, gdb)? NULL = no */
    void (*devices_changed)(void *context); /**< a device came or went; NULL = nobody minds */
    void *answerer_context; /**< of both */
    int signal;            /**< the signal that ended the run, 0 = none */
    bool replay;           /**< nobody outside can answer: as fast as the host can */
    bool quit;             /**< the user ended it */
    bool open_line;        /**< host_run_release() found standard output in the middle of a line */
};

/** Prepare; signals become events of run->loop: call it before threads are created. False with `problem`. */
bool host_run_init(struct host_run *run, struct sienna *sienna, char problem[HOST_PROBLEM_BYTES]);
/** Put consoles (bits 1 << enum sienna_console_kind) on the stream that `text` names. */
bool host_run_console(struct host_run *run, const char *text, unsigned kinds,
                      char problem[HOST_PROBLEM_BYTES]);
/** Put a monitor on the stream that `text` names (see monitor_stream_open()). With one, a machine that dies
 * stops. */
bool host_run_monitor(struct host_run *run, const char *text, char problem[HOST_PROBLEM_BYTES]);
/** Wait for GDB on the stream that `text` names (see host_gdb_open()). */
bool host_run_gdb(struct host_run *run, const char *text, const char *program, char problem[HOST_PROBLEM_BYTES]);
/** End the machine as the user's wish. */
void host_run_quit(struct host_run *run);
/** Can anybody start a machine that is stopped: is there a monitor, gdb, or a console with escape keys? */
bool host_run_startable(struct host_run *run);
/** Begin stopped: the monitor starts the machine. */
void host_run_stopped(struct host_run *run);
/** Run until the machine ends, the user or a signal ends it, or the limit is reached. */
void host_run(struct host_run *run);
/** Close the consoles; the terminal is as before. */
void host_run_release(struct host_run *run);
/** Exit code: the machine's, 3 when the limit ended it, or 128 + the signal. */
int host_run_exit_code(const struct host_run *run);
/** Why it ended, in words: the machine's (sienna_end_text()), the limit, or the signal. */
void host_run_end_text(const struct host_run *run, char *text, size_t room);

#endif
