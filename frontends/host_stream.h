/* SPDX-License-Identifier: MIT */
/**
 * Byte streams to the host: what a console, a monitor or a gdb connection is on.
 *
 * A stream never blocks. What the host does not take at once is kept; a stream
 * with very much kept is congested, and the machine should wait. A listening
 * stream without a client discards what is written.
 */
#ifndef SIENNA_FRONTENDS_HOST_STREAM_H
#define SIENNA_FRONTENDS_HOST_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host_loop.h"

enum { HOST_PROBLEM_BYTES = 512 };

struct host_stream;

/** The user of a stream; NULL functions are not called. All are called from host_loop_poll(). */
struct host_stream_user {
    void *context;
    /** Bytes arrived; at most as many as room() allowed. */
    void (*received)(void *context, const uint8_t *bytes, size_t count);
    /** How many bytes may arrive; 0: none are read from the host until host_stream_resume(). NULL: any number. */
    size_t (*room)(void *context);
    /** A client came (true) or went, or the input ended. */
    void (*connected)(void *context, bool connected);
    /** What one more client hears before it is turned away; NULL: nothing. */
    const char *refusal;
};

/**
 * Open the stream that `text` names:
 *   stdio | null | none | pty | file:PATH | tcp:[HOST]:PORT[,server][,wait=on|off] |
 *   unix:PATH[,server][,wait=on|off]
 * QEMU's spellings `nowait`, `wait`, `server=on|off`, `nodelay` and its -chardev form
 * (`socket,host=…,port=…,server=on`, `file,path=…`, …; id= and mux= are left to the caller and
 * ignored) are understood too. A server waits for its client unless wait=off is given.
 * NULL with one sentence in `problem`.
 */
struct host_stream *host_stream_open(struct host_loop *loop, const char *text,
                                     char problem[HOST_PROBLEM_BYTES]);
/** Write out what can be written within a second, close, and free. NULL is permitted. */
void host_stream_close(struct host_stream *stream);

void host_stream_use(struct host_stream *stream, const struct host_stream_user *user);
/** Takes all bytes. */
void host_stream_write(struct host_stream *stream, const void *bytes, size_t count);
/** There is room again for what arrives. */
void host_stream_resume(struct host_stream *stream);
/** Is so much kept that the machine should wait? */
bool host_stream_congested(const struct host_stream *stream);
/** Can bytes still arrive: is somebody there, or may somebody come? */
bool host_stream_can_answer(const struct host_stream *stream);
/** Is somebody there now? */
bool host_stream_is_connected(const struct host_stream *stream);
/** Does a person watch: is it a terminal? */
bool host_stream_is_terminal(const struct host_stream *stream);
/** Is it standard input and output? */
bool host_stream_is_standard(const struct host_stream *stream);
/** "tcp 127.0.0.1:4321", "/dev/pts/3" …: where others find it. */
const char *host_stream_name(const struct host_stream *stream);

#endif
