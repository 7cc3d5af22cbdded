/* SPDX-License-Identifier: MIT */
/** GDB on a stream of the host: connects gdbstub/ with the loop that runs the machine. */
#ifndef SIENNA_FRONTENDS_HOST_GDB_H
#define SIENNA_FRONTENDS_HOST_GDB_H

#include "host_stream.h"
#include "sienna.h"

struct host_run;
struct host_gdb;

/**
 * Wait for clients on the stream that `text` names: tcp:[HOST]:PORT and unix:PATH are servers, one client at a
 * time. `program`: what was loaded, NULL = nothing. NULL with one sentence.
 */
struct host_gdb *host_gdb_open(struct host_run *run, const char *text, const char *program,
                               char problem[HOST_PROBLEM_BYTES]);
void host_gdb_close(struct host_gdb *gdb);
/** As sienna_run(), as the client wants it. */
enum sienna_outcome host_gdb_run(struct host_gdb *gdb, uint64_t limit);
/** A run has ended with SIENNA_STOPPED, and the machine stands. True when a client has been told. */
bool host_gdb_met_stop(struct host_gdb *gdb);
/** The machine stands, in a sentence; or runs on. */
void host_gdb_stopped(struct host_gdb *gdb, const char *text);
void host_gdb_went_on(struct host_gdb *gdb);
void host_gdb_ended(struct host_gdb *gdb, int exit_code);
/** Let requests flow again that waited until answers had been read; call between runs. */
void host_gdb_resume(struct host_gdb *gdb);
bool host_gdb_is_connected(const struct host_gdb *gdb);
/** Does a client look at the machine? */
bool host_gdb_is_looking(const struct host_gdb *gdb);
/** Is a client there, or may one come? */
bool host_gdb_can_answer(const struct host_gdb *gdb);

#endif
