/* SPDX-License-Identifier: MIT */
/**
 * 9P2000.L on the wire: message numbers, and readers and writers of its
 * little-endian fields that know where the message ends.
 */
#ifndef SIENNA_CHANNEL_P9_WIRE_H
#define SIENNA_CHANNEL_P9_WIRE_H

#include "machine/types.h"

/** Requests; the reply has the next number. An error reply is P9_LERROR + 1. */
enum p9_message {
    P9_LERROR = 6,
    P9_STATFS = 8,
    P9_LOPEN = 12,
    P9_LCREATE = 14,
    P9_SYMLINK = 16,
    P9_MKNOD = 18,
    P9_RENAME = 20,
    P9_READLINK = 22,
    P9_GETATTR = 24,
    P9_SETATTR = 26,
    P9_XATTRWALK = 30,
    P9_XATTRCREATE = 32,
    P9_READDIR = 40,
    P9_FSYNC = 50,
    P9_LOCK = 52,
    P9_GETLOCK = 54,
    P9_LINK = 70,
    P9_MKDIR = 72,
    P9_RENAMEAT = 74,
    P9_UNLINKAT = 76,
    P9_VERSION = 100,
    P9_AUTH = 102,
    P9_ATTACH = 104,
    P9_FLUSH = 108,
    P9_WALK = 110,
    P9_READ = 116,
    P9_WRITE = 118,
    P9_CLUNK = 120,
    P9_REMOVE = 122,
};

enum {
    P9_HEADER_BYTES = 7, /* size[4] type[1] tag[2] */
    P9_QID_BYTES = 13,
    P9_NAMES_LARGEST = 16,  /* in one walk */
    P9_NAME_LARGEST = 4096, /* bytes of any string, with its final zero */
};

struct p9_qid {
    uint8_t type; /* 0x80 directory, 0x02 symbolic link, 0 other */
    uint32_t version;
    uint64_t path;
};

/** A message being read. `bad` once it was too short or held an impossible string. */
struct p9_reader {
    const uint8_t *at, *end;
    bool bad;
};

static inline uint64_t p9_get(struct p9_reader *r, unsigned bytes)
{
    uint64_t v = 0;

    if ((size_t)(r->end - r->at) < bytes) {
        r->bad = true;
        return 0;
    }
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)r->at[i] << 8 * i;
    r->at += bytes;
    return v;
}
static inline uint8_t p9_get8(struct p9_reader *r) { return (uint8_t)p9_get(r, 1); }
static inline uint16_t p9_get16(struct p9_reader *r) { return (uint16_t)p9_get(r, 2); }
static inline uint32_t p9_get32(struct p9_reader *r) { return (uint32_t)p9_get(r, 4); }
static inline uint64_t p9_get64(struct p9_reader *r) { return p9_get(r, 8); }

/** A counted string, made zero-terminated. One with a zero inside, or too long, is bad. */
static inline void p9_get_string(struct p9_reader *r, char to[P9_NAME_LARGEST])
{
    uint16_t n = p9_get16(r);

    to[0] = 0;
    if (r->bad || (size_t)(r->end - r->at) < n || n >= P9_NAME_LARGEST || memchr(r->at, 0, n)) {
        r->bad = true;
        return;
    }
    memcpy(to, r->at, n);
    to[n] = 0;
    r->at += n;
}

/** A reply being written. `full` once it did not fit. */
struct p9_writer {
    uint8_t *start, *at, *end;
    bool full;
};

static inline void p9_put(struct p9_writer *w, uint64_t v, unsigned bytes)
{
    if ((size_t)(w->end - w->at) < bytes) {
        w->full = true;
        return;
    }
    for (unsigned i = 0; i < bytes; i++)
        w->at[i] = (uint8_t)(v >> 8 * i);
    w->at += bytes;
}
static inline void p9_put8(struct p9_writer *w, uint8_t v) { p9_put(w, v, 1); }
static inline void p9_put16(struct p9_writer *w, uint16_t v) { p9_put(w, v, 2); }
static inline void p9_put32(struct p9_writer *w, uint32_t v) { p9_put(w, v, 4); }
static inline void p9_put64(struct p9_writer *w, uint64_t v) { p9_put(w, v, 8); }

static inline void p9_put_bytes(struct p9_writer *w, const void *from, size_t n)
{
    if ((size_t)(w->end - w->at) < n) {
        w->full = true;
        return;
    }
    if (n)
        memcpy(w->at, from, n);
    w->at += n;
}
static inline void p9_put_string(struct p9_writer *w, const char *s)
{
    p9_put16(w, (uint16_t)strlen(s));
    p9_put_bytes(w, s, strlen(s));
}
static inline void p9_put_qid(struct p9_writer *w, const struct p9_qid *q)
{
    p9_put8(w, q->type);
    p9_put32(w, q->version);
    p9_put64(w, q->path);
}

#endif
