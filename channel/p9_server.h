/* SPDX-License-Identifier: MIT */
/**
 * A 9P2000.L file server for one host folder and one client (Linux' v9fs).
 *
 * Everything the guest sends is checked; whatever it asks for stays within the
 * folder (see p9_folder.h). Advisory locks always succeed: there is one client,
 * and its kernel has settled them among its own processes before it asks.
 */
#ifndef SIENNA_CHANNEL_P9_SERVER_H
#define SIENNA_CHANNEL_P9_SERVER_H

#include "machine/state.h"
#include "machine/types.h"

/** Messages are at most this long, whatever the client proposes. */
enum { P9_MESSAGE_LARGEST = 512 * 1024, P9_MESSAGE_SMALLEST = 4096 };

struct p9_server;

/** Serve the folder at `path`. NULL with errno. */
struct p9_server *p9_server_create(const char *path, bool read_only);
void p9_server_release(struct p9_server *server);
/** Forget the client: all its handles are closed. */
void p9_server_reset(struct p9_server *server);

/**
 * Carry out the request of `bytes` bytes (at least a header) and write the reply, at most `room` bytes.
 * Returns the length of the reply: 0 only when `room` is too small for an error reply.
 */
size_t p9_server_request(struct p9_server *server, const uint8_t *request, size_t bytes, uint8_t *reply,
                         size_t room);

/** Walk over the client's handles; no request is being carried out. Complete walks only: they are the host's. */
void p9_server_state(struct p9_server *server, struct state_walk *walk);

#endif
