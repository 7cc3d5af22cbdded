/* SPDX-License-Identifier: MIT */
/** Shared by the kinds of host streams. */
#ifndef SIENNA_FRONTENDS_HOST_STREAM_INTERNAL_H
#define SIENNA_FRONTENDS_HOST_STREAM_INTERNAL_H

#include "host_stream.h"

/** Options of a stream, from either spelling; NULL or false when not given. */
struct host_stream_options {
    enum { STREAM_STDIO, STREAM_NULL, STREAM_PTY, STREAM_FILE, STREAM_TCP, STREAM_UNIX } kind;
    char path[256], host[256], port[32];
    bool server, append;
    bool wait; /**< a server waits for its first client */
};

struct host_stream {
    struct host_loop *loop;
    struct host_stream_options options;
    struct host_stream_user user;
    char name[300];
    int in, out;       /**< descriptors, -1 = none; may be equal */
    int listener;      /**< -1 = none */
    int other_end;     /**< pty: our hold on the other end */
    int refused;       /**< a client that was turned away and has not gone yet, or -1 … */
    size_t refused_sent; /**< … and how much it has sent since */
    bool regular;      /**< out is a regular file: writes do not wait */
    bool polled_write; /**< out cannot be made non-blocking on its own: ask before writing */
    bool terminal, input_ended, output_failed;
    uint8_t *kept;     /**< bytes the host has not taken */
    size_t kept_from, kept_to, kept_room;
};

/** Parse `text`; false with `problem`. */
bool host_stream_parse(const char *text, struct host_stream_options *options, char problem[HOST_PROBLEM_BYTES]);

/** Take `fd` for both directions (a client, a pty) or change it; watches it. */
void host_stream_attach(struct host_stream *stream, int in, int out);
/** The peer is gone: close, tell the user, listen again. */
void host_stream_detach(struct host_stream *stream);

/** Be done with the client that was turned away. */
void host_stream_drop_refused(struct host_stream *stream);

/* Each opens its kind; false with `problem`. */
bool host_stream_open_socket(struct host_stream *stream, char problem[HOST_PROBLEM_BYTES]);
bool host_stream_open_pty(struct host_stream *stream, char problem[HOST_PROBLEM_BYTES]);
bool host_stream_open_stdio(struct host_stream *stream, char problem[HOST_PROBLEM_BYTES]);
bool host_stream_open_file(struct host_stream *stream, char problem[HOST_PROBLEM_BYTES]);

/** Put one sentence into `problem`; returns false. */
bool host_problem(char problem[HOST_PROBLEM_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
