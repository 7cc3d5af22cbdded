/* SPDX-License-Identifier: MIT */
#include "channel/p9_server.h"

#include <errno.h>
#include <stdlib.h>

#include "channel/p9_internal.h"
#include "machine/machine.h"

static p9_handler *const handlers[128] = {
    [P9_STATFS] = p9_statfs,
    [P9_LOPEN] = p9_lopen,
    [P9_LCREATE] = p9_lcreate,
    [P9_SYMLINK] = p9_symlink,
    [P9_MKNOD] = p9_mknod,
    [P9_RENAME] = p9_rename,
    [P9_READLINK] = p9_readlink,
    [P9_GETATTR] = p9_getattr,
    [P9_SETATTR] = p9_setattr,
    [P9_XATTRWALK] = p9_xattrwalk,
    [P9_XATTRCREATE] = p9_xattrcreate,
    [P9_READDIR] = p9_readdir,
    [P9_FSYNC] = p9_fsync,
    [P9_LOCK] = p9_lock,
    [P9_GETLOCK] = p9_getlock,
    [P9_LINK] = p9_link,
    [P9_MKDIR] = p9_mkdir,
    [P9_RENAMEAT] = p9_renameat,
    [P9_UNLINKAT] = p9_unlinkat,
    [P9_VERSION] = p9_version,
    [P9_AUTH] = p9_auth,
    [P9_ATTACH] = p9_attach,
    [P9_FLUSH] = p9_flush,
    [P9_WALK] = p9_walk,
    [P9_READ] = p9_read,
    [P9_WRITE] = p9_write,
    [P9_CLUNK] = p9_clunk,
    [P9_REMOVE] = p9_remove,
};

struct p9_server *p9_server_create(const char *path, bool read_only)
{
    struct p9_folder *folder = p9_folder_open(path);
    struct p9_server *s;

    if (!folder)
        return NULL;
    s = machine_allocate(sizeof *s);
    s->folder = folder;
    s->read_only = read_only;
    s->message_size = P9_MESSAGE_LARGEST;
    return s;
}

void p9_server_release(struct p9_server *s)
{
    if (!s)
        return;
    p9_fids_clear(&s->fids);
    p9_ids_release(&s->ids);
    p9_folder_close(s->folder);
    free(s);
}

void p9_server_reset(struct p9_server *s)
{
    p9_fids_clear(&s->fids);
    s->message_size = P9_MESSAGE_LARGEST;
}

static size_t finish(struct p9_writer *out, uint8_t type, uint16_t tag)
{
    size_t n = (size_t)(out->at - out->start);
    struct p9_writer header = {out->start, out->start, out->start + P9_HEADER_BYTES, false};

    p9_put32(&header, (uint32_t)n);
    p9_put8(&header, type);
    p9_put16(&header, tag);
    return n;
}

size_t p9_server_request(struct p9_server *s, const uint8_t *request, size_t bytes, uint8_t *reply,
                         size_t room)
{
    struct p9_reader in = {request, request + bytes, false};
    struct p9_writer out = {reply, reply, reply + room, false};
    uint32_t size = p9_get32(&in);
    uint8_t type = p9_get8(&in);
    uint16_t tag = p9_get16(&in);
    int error;

    if (in.bad || room < P9_HEADER_BYTES + 4)
        return 0;
    out.at += P9_HEADER_BYTES;
    if (size < P9_HEADER_BYTES || size > bytes || size > s->message_size) {
        error = EMSGSIZE;
    } else if (type >= 128 || !handlers[type]) {
        error = EOPNOTSUPP;
    } else {
        in.end = request + size;
        error = handlers[type](s, &in, &out);
        if (!error && out.full)
            error = EMSGSIZE;
    }
    if (!error)
        return finish(&out, type + 1, tag);
    out.at = out.start + P9_HEADER_BYTES;
    out.full = false;
    p9_put32(&out, (uint32_t)error);
    return finish(&out, P9_LERROR + 1, tag);
}
