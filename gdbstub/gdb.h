/* SPDX-License-Identifier: MIT */
/**
 * GDB's remote protocol: bytes in, bytes out. It knows no sockets and no clock; who owns those calls it
 * between the machine's runs, and runs the machine through it.
 *
 * Level 1 is process 1, guest N of sienna_guest() process N + 1; CPUs are threads, CPU N being thread N + 1.
 * One client at a time. docs/gdb.md is the reference.
 */
#ifndef SIENNA_GDBSTUB_GDB_H
#define SIENNA_GDBSTUB_GDB_H

#include "sienna.h"

struct gdb;

/** What a monitor command's text is given to. */
typedef void gdb_text(void *context, const char *bytes, size_t count);

/** What the stub asks of the loop that runs the machine. */
struct gdb_host {
    void *context;
    /** Takes all bytes. */
    void (*write)(void *context, const void *bytes, size_t count);
    /** Let the machine run (gdb_run() will be called), or stand. Nothing is told back. */
    void (*set_running)(void *context, bool running);
    bool (*running)(const void *context);
    /** Perform a line of the monitor, with CPU `cpu` unless the line says otherwise. */
    void (*monitor)(void *context, unsigned cpu, const char *line, gdb_text *out, void *out_context);
    /** End the machine. */
    void (*quit)(void *context);
    /** The program's file for the client, absolute; NULL when it is nothing that GDB could read. */
    const char *exec_file;
    /** Clients come and go without a word (a terminal): one that begins to agree anew is another one. */
    bool silent;
};

struct gdb *gdb_create(struct sienna *sienna, const struct gdb_host *host);
/** NULL is permitted. */
void gdb_release(struct gdb *gdb);
/**
 * A client came or went. One that went without a farewell is treated as if it had detached: what it had set
 * is removed, and a machine that it had stopped goes on.
 */
void gdb_connected(struct gdb *gdb, bool connected);
/** What one more client is to hear: the answer to its first packet, with which GDB's user is told why. */
const char *gdb_refusal(void);
/** Bytes from the client. */
void gdb_receive(struct gdb *gdb, const void *bytes, size_t count);

/** As sienna_run(), but as the client wants it (single steps). SIENNA_STOPPED: call gdb_met_stop() then. */
enum sienna_outcome gdb_run(struct gdb *gdb, uint64_t limit);
/** The run has met a stop, and the machine stands: tells the client. False when it was nobody's. */
void gdb_met_stop(struct gdb *gdb);
/** The machine stands for another reason, in a sentence: a monitor, or it cannot go on. */
void gdb_stopped(struct gdb *gdb, const char *text);
/** The machine runs on, and not by the client's wish. */
void gdb_went_on(struct gdb *gdb);
/** The machine has ended and will not be seen again. */
void gdb_ended(struct gdb *gdb, int exit_code);

/** Is a client connected? */
bool gdb_is_connected(const struct gdb *gdb);
/** Is one attached to a process, so that it wants to see a machine that cannot go on? */
bool gdb_is_looking(const struct gdb *gdb);
/** In words, where the last stop was: "breakpoint at 0000000000010000 in level 2 CPU 0". */
void gdb_describe_stop(const struct sienna *sienna, char *text, size_t room);

#endif
